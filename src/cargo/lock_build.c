#include "cargo/lock_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "record/lockfile.h"
#include "manifest/manifest_policy.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

bool gb_lock_find(const char *policy_text, char **path, gb_error *err) {
    gb_manifest_policy policy;
    *path = NULL;
    if (!policy_text) return true;
    if (!gb_manifest_policy_parse(policy_text, &policy, err)) return false;
    char *root = gb_path_parent(policy.manifest);
    char *found = root ? gb_path_join(root, "glovebox.lock") : NULL;
    bool ok = found || no_memory(err);
    if (ok && (policy.lock || gb_file_exists(found))) *path = found;
    else free(found);
    free(root);
    gb_manifest_policy_free(&policy);
    return ok;
}

static bool read_lock(const char *path, gb_lockfile *lock, gb_error *err) {
    gb_buffer text = {0};
    *lock = (gb_lockfile){0};
    bool ok = !gb_file_exists(path) ||
              (gb_file_read(path, &text, err) &&
               gb_lockfile_parse(gb_buffer_text(&text), text.length, lock, err));
    gb_buffer_free(&text);
    return ok;
}

/* ---- keeping it --------------------------------------------------------------------------------------- */

static bool take_unit(gb_lockfile *lock, const char *root, const char *path, gb_error *err) {
    gb_buffer text = {0};
    gb_activity activity = {0};
    gb_lockfile now = {0};
    bool ok = gb_file_read(path, &text, err) &&
              gb_activity_add_record(&activity, gb_buffer_text(&text), text.length, path, err) &&
              gb_lockfile_of(&activity, root, &now, err) &&
              (gb_lockfile_merge(lock, &now) || no_memory(err));
    gb_lockfile_free(&now);
    gb_activity_free(&activity);
    gb_buffer_free(&text);
    return ok;
}

/* The clock of files may be a few milliseconds behind. */
enum { CLOCK_GRAIN = 20000000 };

static bool take_units(gb_lockfile *lock, const gb_session *session, const char *root, int64_t since,
                       gb_error *err) {
    char *folder = gb_path_join(session->state, "records");
    gb_strings names = {0};
    bool ok = folder || no_memory(err);
    if (ok && gb_dir_exists(folder)) ok = gb_dir_list(folder, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        char *path = gb_text_ends(names.items[i], ".json") ? gb_path_join(folder, names.items[i]) : NULL;
        if (path && gb_file_mtime(path) >= since - CLOCK_GRAIN) ok = take_unit(lock, root, path, err);
        free(path);
    }
    gb_strings_free(&names);
    free(folder);
    return ok;
}

static bool write_lock(gb_lockfile *lock, const char *root, const char *path, gb_error *err) {
    char *cargo_lock = gb_path_join(root, "Cargo.lock");
    gb_buffer cargos = {0}, text = {0};
    bool ok = cargo_lock || no_memory(err);
    if (ok && gb_file_exists(cargo_lock) && gb_file_read(cargo_lock, &cargos, NULL)) {
        gb_lockfile_prune(lock, gb_buffer_text(&cargos));
    }
    ok = ok && (gb_lockfile_print(lock, &text) || no_memory(err)) &&
         gb_file_write_if_changed(path, text.data, text.length, err);
    gb_buffer_free(&cargos);
    gb_buffer_free(&text);
    free(cargo_lock);
    return ok;
}

bool gb_lock_update(const gb_session *session, const char *path, int64_t since, gb_error *err) {
    gb_lockfile lock;
    char *root = gb_path_parent(path);
    bool ok = (root || no_memory(err)) && read_lock(path, &lock, err);
    if (ok && !gb_file_exists(path)) since = 0; /* what was compiled before there was one counts, too */
    if (ok) {
        ok = take_units(&lock, session, root, since, err) && write_lock(&lock, root, path, err);
        gb_lockfile_free(&lock);
    }
    free(root);
    return ok;
}

/* ---- holding to it -------------------------------------------------------------------------------------- */

static bool refuse(const char *path, const gb_buffer *news, gb_error *err) {
    const char *what = gb_file_exists(path) ? "macros do what glovebox.lock does not have"
                                            : "there is no glovebox.lock, and macros do";
    int room = GB_ERROR_MAX - 260;
    bool cut = news->length > (size_t)room;
    return gb_fail(err, GB_ERROR_REFUSED,
                   "%s:\n%.*s%shelp: look at it with `cargo glovebox audit`; a build without `--locked` "
                   "accepts it",
                   what, room, gb_buffer_text(news), cut ? "…\n" : "");
}

bool gb_lock_check(const gb_session *session, const gb_activity *activity, gb_error *err) {
    gb_lockfile lock = {0}, now = {0};
    gb_buffer news = {0};
    if (!session->lock) return true;
    char *root = gb_path_parent(session->lock);
    bool ok = (root || no_memory(err)) && read_lock(session->lock, &lock, err) &&
              gb_lockfile_of(activity, root, &now, err);
    if (ok && gb_lockfile_news(&lock, &now, &news)) ok = refuse(session->lock, &news, err);
    gb_buffer_free(&news);
    gb_lockfile_free(&lock);
    gb_lockfile_free(&now);
    free(root);
    return ok;
}
