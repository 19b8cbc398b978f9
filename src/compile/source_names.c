#include "compile/source_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

#define SOURCES "/glovebox/src/"

static const char *or_unknown(const char *text) {
    return text && *text ? text : "unknown";
}

char *gb_source_names_package(const gb_unit *unit) {
    return gb_text_format(SOURCES "%s-%s", or_unknown(unit->package_name),
                          or_unknown(unit->package_version));
}

static void add_remap(gb_source_names *names, const char *from, const char *to) {
    gb_strings_add_format(&names->remap, "--remap-path-prefix=%s=%s", from, to);
}

static void add_restore(gb_source_names *names, const char *from, const char *to) {
    gb_strings_add(&names->from, from);
    gb_strings_add(&names->to, to);
}

/* What Cargo would have shown: relative to its folder when it gave the root file so. */
static const char *shown(const gb_unit *unit, const char *path) {
    const char *inside =
        unit->input && unit->input[0] != '/' ? gb_path_under(path, unit->cwd) : NULL;
    return inside ? inside : path;
}

bool gb_source_names_make(const gb_unit *unit, const gb_package_view *view, gb_source_names *names,
                          gb_error *err) {
    *names = (gb_source_names){0};
    char *package = gb_source_names_package(unit);
    char *out = gb_text_format("/glovebox/out/%s-%s", or_unknown(unit->package_name),
                               or_unknown(unit->package_version));
    names->neighbours = unit->package_dir ? gb_path_parent(unit->package_dir) : gb_text_copy(".");
    bool ok = package && out && names->neighbours;
    /* rustc takes the last one that fits, so what lies inside comes behind what it lies in. */
    if (ok) {
        add_remap(names, unit->cwd, "/glovebox/cwd");
        add_restore(names, "/glovebox/cwd", shown(unit, unit->cwd));
    }
    if (ok && unit->package_dir) {
        add_remap(names, unit->package_dir, package);
        add_restore(names, package, shown(unit, unit->package_dir));
    }
    if (ok && unit->package_dir && view->copied) {
        add_remap(names, view->package_dir, package);
        add_restore(names, view->package_dir, shown(unit, unit->package_dir));
    }
    if (ok && unit->build_out_dir) {
        add_remap(names, unit->build_out_dir, out);
        add_restore(names, out, unit->build_out_dir);
    }
    if (ok && unit->build_out_dir && view->out_dir) {
        add_remap(names, view->out_dir, out);
        add_restore(names, view->out_dir, unit->build_out_dir);
    }
    free(package);
    free(out);
    if (!ok) return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    return gb_strings_ok(&names->remap, err) && gb_strings_ok(&names->from, err) &&
           gb_strings_ok(&names->to, err);
}

void gb_source_names_free(gb_source_names *names) {
    gb_strings_free(&names->remap);
    gb_strings_free(&names->from);
    gb_strings_free(&names->to);
    free(names->neighbours);
    *names = (gb_source_names){0};
}

/* ---- putting back ---------------------------------------------------------------------------- */

static bool add_path(gb_buffer *out, const char *path, bool json) {
    if (!json) return gb_buffer_append_text(out, path);
    gb_buffer quoted = {0};
    bool ok = gb_json_quote(&quoted, path) && quoted.length >= 2 &&
              gb_buffer_append(out, quoted.data + 1, quoted.length - 2);
    gb_buffer_free(&quoted);
    return ok;
}

/* Another package's name, `<name>-<version>`: beside ours, or in one of Cargo's registries. NULL
 * when it is nowhere. Only messages about dependencies ask. */
static char *find_package(const gb_source_names *names, const char *name, size_t length) {
    char *folder = gb_text_copy_n(name, length);
    char *path = folder ? gb_path_join(names->neighbours, folder) : NULL;
    const char *cargo_home = getenv("CARGO_HOME"), *home = getenv("HOME");
    char *registry = path && gb_dir_exists(path) ? NULL
                     : cargo_home                ? gb_text_format("%s/registry/src", cargo_home)
                     : home                      ? gb_text_format("%s/.cargo/registry/src", home)
                                                 : NULL;
    gb_strings indexes = {0};
    if (registry) gb_dir_list(registry, &indexes, NULL);
    for (size_t i = 0; i < indexes.count && path && !gb_dir_exists(path); i++) {
        free(path);
        path = folder ? gb_text_format("%s/%s/%s", registry, indexes.items[i], folder) : NULL;
    }
    if (path && !gb_dir_exists(path)) {
        free(path);
        path = NULL;
    }
    gb_strings_free(&indexes);
    free(registry);
    free(folder);
    return path;
}

/* If one of our prefixes stands at `text`, appends what it means and returns how many bytes it
 * took; else 0. */
static size_t restore_at(const gb_source_names *names, const char *text, size_t length, bool json,
                         gb_buffer *out, bool *ok) {
    for (size_t i = 0; i < names->from.count; i++) {
        size_t size = strlen(names->from.items[i]);
        if (size > length || memcmp(text, names->from.items[i], size) != 0) continue;
        bool inside = size < length && text[size] == '/';
        /* Part of a longer name otherwise. */
        if (!inside && size < length && !strchr(":\" \\`'\n", text[size])) continue;
        *ok = add_path(out, names->to.items[i], json);
        /* Nothing before the slash means no slash either. */
        return inside && !names->to.items[i][0] ? size + 1 : size;
    }
    size_t start = sizeof SOURCES - 1;
    if (length <= start || memcmp(text, SOURCES, start) != 0) return 0;
    const char *end = memchr(text + start, '/', length - start);
    char *path = end ? find_package(names, text + start, (size_t)(end - text) - start) : NULL;
    if (!path) return 0;
    *ok = add_path(out, path, json);
    free(path);
    return (size_t)(end - text);
}

bool gb_source_names_restore(const gb_source_names *names, const char *line, size_t length,
                             gb_buffer *out) {
    bool json = length && *line == '{', ok = true;
    size_t copied = 0, at = 0;
    while (ok && at < length) {
        const char *slash = memchr(line + at, '/', length - at);
        if (!slash) break;
        at = (size_t)(slash - line);
        /* Flushed first, as the replacement goes behind it; nothing is lost when there is none. */
        ok = gb_buffer_append(out, line + copied, at - copied);
        copied = at;
        size_t taken = ok ? restore_at(names, line + at, length - at, json, out, &ok) : 0;
        copied += taken;
        at += taken ? taken : 1;
    }
    return ok && gb_buffer_append(out, line + copied, length - copied);
}

/* ---- dep-info -------------------------------------------------------------------------------- */

/* In dep-info, as make reads it, a space in a path is `\ `. */
static bool add_escaped(gb_buffer *out, const char *path) {
    bool ok = true;
    for (; ok && *path; path++)
        ok = (*path != ' ' || gb_buffer_append_text(out, "\\")) && gb_buffer_append(out, path, 1);
    return ok;
}

static bool escape_all(const gb_strings *from, gb_strings *to) {
    for (size_t i = 0; i < from->count; i++) {
        gb_buffer text = {0};
        bool ok = add_escaped(&text, from->items[i]);
        if (ok) gb_strings_add(to, gb_buffer_text(&text));
        gb_buffer_free(&text);
        if (!ok) return false;
    }
    return !to->failed;
}

bool gb_dep_info_rewrite(const char *from, const char *to, const gb_strings *from_prefix,
                         const gb_strings *to_prefix, gb_error *err) {
    gb_buffer text = {0}, out = {0};
    gb_source_names names = {0};
    names.neighbours = gb_text_copy("/");
    bool ok = gb_file_read(from, &text, err);
    if (ok) {
        ok = names.neighbours && escape_all(from_prefix, &names.from) &&
             escape_all(to_prefix, &names.to) && from_prefix->count == to_prefix->count &&
             gb_source_names_restore(&names, gb_buffer_text(&text), text.length, &out);
        if (!ok) gb_fail(err, GB_ERROR_MEMORY, "out of memory while rewriting %s", from);
    }
    ok = ok && gb_file_write(to, gb_buffer_text(&out), out.length, 0644, err);
    gb_source_names_free(&names);
    gb_buffer_free(&text);
    gb_buffer_free(&out);
    return ok;
}
