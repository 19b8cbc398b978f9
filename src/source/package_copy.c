/* The copy of a package that rewrite.h promises: folders are real, changed files are files, all
 * else is links to the originals. Two passes: find what changes, then bring the copy up to date. */
#include "source/rewrite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strings.h"

/* A package with more than this is not one that a macro needs looked into. */
enum { DEPTH_MAX = 32, FILES_MAX = 50000, UPS_MAX = 8 };

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- finding what changes -------------------------------------------------------------------- */

typedef struct survey {
    const char *root;
    const gb_rewrite_rules *rules;
    gb_strings folders; /* relative; those with Rust sources in them or below */
    gb_strings changed; /* relative; files that must be rewritten */
    size_t files;
    size_t ups;      /* folders above the package that sources name */
    bool is_package; /* links and packages inside are not looked into */
} survey;

static bool is_source(const char *name) {
    return gb_text_ends(name, ".rs") || gb_text_ends(name, ".in") || gb_text_ends(name, ".inc");
}

/* How many folders above the package a literal like "../../README.md" in a file `depth` folders
 * below it names. */
static size_t ups_in(const uint8_t *text, size_t length, size_t depth) {
    static const char start[] = "\"../";
    const uint8_t *at = text, *end = text + length;
    size_t most = 0;
    while (at < end && (at = memmem(at, (size_t)(end - at), start, sizeof start - 1)) != NULL) {
        size_t ups = 0;
        for (at++; end - at >= 3 && memcmp(at, "../", 3) == 0; at += 3) ups++;
        if (ups > depth && ups - depth > most) most = ups - depth;
    }
    return most < UPS_MAX ? most : UPS_MAX;
}

static bool survey_file(survey *s, const char *path, const char *relative, size_t depth,
                        gb_error *err) {
    gb_mapped_file file;
    /* A file that cannot be read is linked, and the compiler says what is wrong if it wants it. */
    if (!gb_file_map(path, &file, NULL)) return true;
    bool ok = true, changed = false;
    size_t ups = ups_in(file.bytes, file.length, depth);
    if (ups > s->ups) s->ups = ups;
    if (gb_rewrite_wanted(file.bytes, file.length, s->rules)) {
        gb_buffer text = {0};
        ok = gb_rewrite_text(file.bytes, file.length, s->rules, &text, &changed, err);
        gb_buffer_free(&text);
    }
    if (changed) gb_strings_add(&s->changed, relative);
    gb_file_unmap(&file);
    return ok;
}

static bool has_entry(const char *folder, const char *name) {
    char *path = gb_path_join(folder, name);
    bool there = path && gb_file_exists(path);
    free(path);
    return there;
}

static bool looked_into(const survey *s, const char *path, const char *name,
                        const struct stat *st) {
    if (!S_ISDIR(st->st_mode) || name[0] == '.' || has_entry(path, "CACHEDIR.TAG")) return false;
    return !s->is_package || !has_entry(path, "Cargo.toml");
}

static bool survey_folder(survey *s, const char *relative, size_t depth, bool *has_sources,
                          gb_error *err);

static bool survey_entry(survey *s, const char *path, const char *relative, size_t depth,
                         bool *has_sources, gb_error *err) {
    struct stat st;
    const char *name = gb_path_name(relative);
    if (lstat(path, &st) != 0) return true;
    if (looked_into(s, path, name, &st)) {
        bool inner = false;
        if (depth < DEPTH_MAX && !survey_folder(s, relative, depth + 1, &inner, err)) return false;
        *has_sources |= inner;
        return true;
    }
    if (S_ISDIR(st.st_mode) || !is_source(name)) return true;
    if (++s->files > FILES_MAX)
        return gb_fail(err, GB_ERROR_USAGE, "%s holds more than %d source files", s->root,
                       FILES_MAX);
    *has_sources = true;
    return survey_file(s, path, relative, depth, err);
}

static bool survey_folder(survey *s, const char *relative, size_t depth, bool *has_sources,
                          gb_error *err) {
    gb_strings names = {0};
    char *folder = *relative ? gb_path_join(s->root, relative) : gb_text_copy(s->root);
    bool ok = folder ? gb_dir_list(folder, &names, err) : no_memory(err);
    *has_sources = false;
    for (size_t i = 0; ok && i < names.count; i++) {
        char *path = gb_path_join(folder, names.items[i]);
        char *inner =
            *relative ? gb_path_join(relative, names.items[i]) : gb_text_copy(names.items[i]);
        ok = path && inner ? survey_entry(s, path, inner, depth, has_sources, err) : no_memory(err);
        free(path);
        free(inner);
    }
    if (*has_sources || !*relative) gb_strings_add(&s->folders, relative);
    gb_strings_free(&names);
    free(folder);
    return ok && gb_strings_ok(&s->folders, err) && gb_strings_ok(&s->changed, err);
}

static void survey_free(survey *s) {
    gb_strings_free(&s->folders);
    gb_strings_free(&s->changed);
}

/* ---- bringing the copy up to date -------------------------------------------------------------
 */

static bool write_rewritten(const survey *s, const char *from, const char *to, gb_error *err) {
    gb_mapped_file file;
    gb_buffer text = {0};
    bool changed = false;
    if (!gb_file_map(from, &file, err)) return false;
    bool ok =
        gb_rewrite_text(file.bytes, file.length, s->rules, &text, &changed, err) &&
        gb_file_write_if_changed(to, text.data ? text.data : (const uint8_t *)"", text.length, err);
    gb_file_unmap(&file);
    gb_buffer_free(&text);
    return ok;
}

/* Makes `to` the link to `from`, unless it is just that. */
static bool link_to(const char *from, const char *to, gb_error *err) {
    char target[4096];
    ssize_t n = readlink(to, target, sizeof target - 1);
    if (n > 0) {
        target[n] = '\0';
        if (strcmp(target, from) == 0) return true;
    }
    struct stat st;
    if (lstat(to, &st) == 0 && S_ISDIR(st.st_mode) && !gb_path_remove(to, err)) return false;
    return gb_file_symlink(from, to, err);
}

/* A real folder at `path`, not a link to one. */
static bool real_folder(const char *path, gb_error *err) {
    struct stat st;
    if (lstat(path, &st) == 0 && !S_ISDIR(st.st_mode) && !gb_path_remove(path, err)) return false;
    return gb_dir_make(path, err);
}

static bool remove_strangers(const char *folder, const gb_strings *wanted, gb_error *err) {
    gb_strings names = {0};
    bool ok = gb_dir_list(folder, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        if (gb_strings_has(wanted, names.items[i])) continue;
        char *path = gb_path_join(folder, names.items[i]);
        ok = path ? gb_path_remove(path, err) : no_memory(err);
        free(path);
    }
    gb_strings_free(&names);
    return ok;
}

/* One folder: what is inside `from` appears inside `to`. */
static bool copy_folder(const survey *s, const char *relative, const char *to_root, gb_error *err) {
    gb_strings names = {0};
    char *from = *relative ? gb_path_join(s->root, relative) : gb_text_copy(s->root);
    char *to = *relative ? gb_path_join(to_root, relative) : gb_text_copy(to_root);
    bool ok = from && to ? real_folder(to, err) && gb_dir_list(from, &names, err) : no_memory(err);
    for (size_t i = 0; ok && i < names.count; i++) {
        char *a = gb_path_join(from, names.items[i]), *b = gb_path_join(to, names.items[i]);
        char *inner =
            *relative ? gb_path_join(relative, names.items[i]) : gb_text_copy(names.items[i]);
        if (!a || !b || !inner) ok = no_memory(err);
        else if (gb_strings_has(&s->folders, inner)) ok = true; /* its turn comes */
        else if (gb_strings_has(&s->changed, inner)) ok = write_rewritten(s, a, b, err);
        else ok = link_to(a, b, err);
        free(a);
        free(b);
        free(inner);
    }
    if (ok) ok = remove_strangers(to, &names, err);
    gb_strings_free(&names);
    free(from);
    free(to);
    return ok;
}

static bool copy_all(survey *s, const char *to_root, gb_error *err) {
    gb_strings_sort(&s->folders); /* parents before children */
    for (size_t i = 0; i < s->folders.count; i++)
        if (!copy_folder(s, s->folders.items[i], to_root, err)) return false;
    return true;
}

/* A folder above the package: links to everything in it, but for `except`, which is made real. */
static bool mirror_above(const char *from, const char *to, const char *except, gb_error *err) {
    gb_strings names = {0};
    bool ok = real_folder(to, err) && gb_dir_list(from, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        if (strcmp(names.items[i], except) == 0) continue;
        char *a = gb_path_join(from, names.items[i]), *b = gb_path_join(to, names.items[i]);
        ok = a && b ? link_to(a, b, err) : no_memory(err);
        free(a);
        free(b);
    }
    if (ok) ok = remove_strangers(to, &names, err);
    gb_strings_free(&names);
    return ok;
}

/* Mirrors `ups` folders above the package in `top`. On return *to is where the package itself goes.
 */
static bool mirror_ups(const char *package_dir, size_t ups, const char *top, char **to,
                       gb_error *err) {
    gb_strings parts = {0};
    char *at = gb_text_copy(package_dir);
    for (size_t i = 0; at && i < ups && strcmp(at, "/") != 0; i++) {
        gb_strings_add(&parts, gb_path_name(at));
        char *parent = gb_path_parent(at);
        free(at);
        at = parent;
    }
    char *from = at;
    *to = gb_text_copy(top);
    bool ok = (from && *to && gb_strings_ok(&parts, NULL)) || no_memory(err);
    for (size_t i = parts.count; ok && i-- > 0;) {
        ok = mirror_above(from, *to, parts.items[i], err);
        char *next_from = gb_path_join(from, parts.items[i]);
        char *next_to = gb_path_join(*to, parts.items[i]);
        free(from);
        free(*to);
        from = next_from;
        *to = next_to;
        if (ok && (!from || !*to)) ok = no_memory(err);
    }
    free(from);
    gb_strings_free(&parts);
    return ok;
}

static bool copy_package(survey *s, const char *work_dir, gb_package_view *view, gb_error *err) {
    char *to = NULL;
    view->copied = true;
    char *top = gb_text_format("%s/src-%zu", work_dir, s->ups);
    bool ok = top ? gb_dir_make(top, err) : no_memory(err);
    ok = ok && mirror_ups(s->root, s->ups, top, &to, err) && copy_all(s, to, err);
    view->package_dir = to;
    free(top);
    return ok;
}

/* Sources that a build script made. They say the words rarely; then OUT_DIR is copied as well. */
static bool rewrite_out_dir(const char *out_dir, const char *work_dir,
                            const gb_rewrite_rules *rules, gb_package_view *view, gb_error *err) {
    survey s = {.root = out_dir, .rules = rules};
    bool has_sources;
    bool ok = survey_folder(&s, "", 0, &has_sources, err);
    if (ok && s.changed.count) {
        view->out_dir = gb_path_join(work_dir, "out");
        ok = view->out_dir ? gb_dir_make(view->out_dir, err) && copy_all(&s, view->out_dir, err)
                           : no_memory(err);
    }
    survey_free(&s);
    return ok;
}

bool gb_rewrite_package(const char *package_dir, const char *out_dir, const char *work_dir,
                        const gb_rewrite_rules *rules, gb_package_view *view, gb_error *err) {
    *view = (gb_package_view){0};
    survey s = {.root = package_dir, .rules = rules, .is_package = true};
    bool has_sources;
    bool ok = survey_folder(&s, "", 0, &has_sources, err);
    if (ok && s.changed.count) {
        ok = copy_package(&s, work_dir, view, err);
    } else if (ok) {
        view->package_dir = gb_text_copy(package_dir);
        ok = view->package_dir || no_memory(err);
    }
    /* A build script's folder may not be there: Cargo names it before it is made. */
    if (ok && out_dir && gb_dir_exists(out_dir))
        ok = rewrite_out_dir(out_dir, work_dir, rules, view, err);
    survey_free(&s);
    if (!ok) gb_package_view_free(view);
    return ok;
}

void gb_package_view_free(gb_package_view *view) {
    free(view->package_dir);
    free(view->out_dir);
    *view = (gb_package_view){0};
}
