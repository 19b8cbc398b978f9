#include "cargo/documents.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "cargo/unit_activity.h"
#include "compile/guest_cache.h"

static const char page_remark[] = "# page ";

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- names -------------------------------------------------------------------------------------------- */

static char *label_of(const char *kind, const char *crate, const char *folder) {
    gb_digest digest = gb_digest_of((const uint8_t *)folder, strlen(folder));
    char text[GB_DIGEST_TEXT];
    gb_digest_text(&digest, text);
    return gb_text_format("%s-%s-%.16s", kind, crate, text);
}

char *gb_document_label(const char *crate, const char *pages) {
    return label_of("doc", crate, pages);
}

char *gb_doctest_label(const char *crate, const char *package_dir) {
    return label_of("doctest", crate, package_dir);
}

/* ---- keeping ------------------------------------------------------------------------------------------- */

static bool write_watch(const char *watch, const char *page, const gb_strings *sources,
                        const gb_strings *env, gb_error *err) {
    gb_strings outputs = {0};
    gb_buffer rule = {0}, text = {0};
    gb_guest_result inputs = {0};
    gb_strings_add_all(&inputs.sources, sources);
    gb_strings_add_all(&inputs.env, env);
    bool ok = gb_strings_ok(&inputs.sources, err) && gb_strings_ok(&inputs.env, err) &&
              gb_guest_result_dep_info(&inputs, watch, &outputs, err) && gb_file_read(watch, &rule, err);
    ok = ok && ((gb_buffer_append_format(&text, "%s%s\n", page_remark, page) &&
                 gb_buffer_append(&text, rule.data, rule.length)) ||
                no_memory(err));
    ok = ok && gb_file_write(watch, text.data, text.length, 0644, err);
    gb_strings_free(&inputs.sources);
    gb_strings_free(&inputs.env);
    gb_buffer_free(&rule);
    gb_buffer_free(&text);
    return ok;
}

static bool watch_inputs(const gb_session *session, const gb_unit *unit, const char *label,
                         const char *pages, const gb_strings *sources, const gb_strings *env,
                         gb_error *err) {
    char *folder = gb_path_join(session->state, "doc");
    char *watch = gb_text_format("%s/doc/%s.d", session->state, label);
    char *page = gb_text_format("%s/%s/index.html", pages, unit->crate_name);
    bool ok = (folder && watch && page) || no_memory(err);
    if (ok && sources->count + env->count == 0) unlink(watch);
    else ok = ok && gb_dir_make(folder, err) && write_watch(watch, page, sources, env, err);
    free(folder);
    free(watch);
    free(page);
    return ok;
}

bool gb_document_keep(const gb_session *session, const gb_unit *unit, const char *label, const char *pages,
                      gb_error *err) {
    gb_strings sources = {0}, env = {0};
    bool ok = gb_unit_activity_of(session, unit, label, &sources, &env, err);
    if (ok && pages) ok = watch_inputs(session, unit, label, pages, &sources, &env, err);
    gb_strings_free(&sources);
    gb_strings_free(&env);
    return ok;
}

/* ---- before Cargo ---------------------------------------------------------------------------------------- */

static bool variable_changed(const char *entry) {
    const char *equals = strchr(entry, '=');
    char *name = equals ? gb_text_copy_n(entry, (size_t)(equals - entry)) : gb_text_copy(entry);
    const char *value = name ? getenv(name) : NULL;
    bool changed = !name || (equals ? !value || strcmp(value, equals + 1) != 0 : value != NULL);
    free(name);
    return changed;
}

/* Since the watch was written. What cannot be read counts as changed. */
static bool changed(const char *watch) {
    gb_strings sources = {0}, env = {0};
    int64_t made = gb_file_mtime(watch);
    bool yes = !gb_dep_info_read(watch, "/", &sources, &env, NULL);
    for (size_t i = 0; !yes && i < sources.count; i++) {
        int64_t mtime = gb_file_mtime(sources.items[i]);
        yes = mtime < 0 || mtime > made;
    }
    for (size_t i = 0; !yes && i < env.count; i++) yes = variable_changed(env.items[i]);
    gb_strings_free(&sources);
    gb_strings_free(&env);
    return yes;
}

static size_t heal(const char *watch) {
    gb_buffer text = {0};
    size_t removed = 0;
    if (!changed(watch) || !gb_file_read(watch, &text, NULL)) return 0;
    const char *page = gb_text_after(gb_buffer_text(&text), page_remark);
    char *path = page ? gb_text_copy_n(page, strcspn(page, "\n")) : NULL;
    if (path && gb_text_ends(path, "/index.html")) removed = unlink(path) == 0;
    unlink(watch);
    free(path);
    gb_buffer_free(&text);
    return removed;
}

size_t gb_documents_heal(const gb_session *session) {
    char *folder = gb_path_join(session->state, "doc");
    gb_strings names = {0};
    size_t removed = 0;
    if (folder && gb_dir_exists(folder)) gb_dir_list(folder, &names, NULL);
    for (size_t i = 0; i < names.count; i++) {
        char *watch = gb_path_join(folder, names.items[i]);
        if (watch && gb_text_ends(watch, ".d")) removed += heal(watch);
        free(watch);
    }
    gb_strings_free(&names);
    free(folder);
    return removed;
}
