#include "cargo/lock_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compile/artifact_origin.h"
#include "manifest/manifest_policy.h"
#include "record/lock_artifact.h"
#include "record/lockfile.h"
#include "store/objects.h"

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

/* ---- artifacts ------------------------------------------------------------------------------------------ */

/* Who made the artifact of that digest, from the store, which is the one that ran; what is not there any more
 * stays a digest. NULL: memory. */
static char *describe(gb_objects *objects, const char *text) {
    gb_digest digest;
    gb_artifact_origin o;
    char *path = gb_digest_parse(text, &digest) && gb_objects_check(objects, &digest)
                     ? gb_objects_path(objects, &digest)
                     : NULL;
    bool known = path && gb_artifact_origin_read(path, &o, NULL);
    free(path);
    if (!known) return gb_text_copy(text);
    char *described =
        gb_lock_artifact_text(text, &(gb_lock_made_by){o.compiler, o.toolchain, o.glovebox, o.recipe,
                                                       o.features, o.settings});
    gb_artifact_origin_free(&o);
    return described;
}

static bool describe_all(const gb_session *session, gb_strings *artifacts, gb_error *err) {
    gb_objects *objects = artifacts->count ? gb_objects_open(session->home, err) : NULL;
    gb_strings described = {0};
    if (!artifacts->count) return true;
    if (!objects) return false;
    for (size_t i = 0; i < artifacts->count; i++) {
        gb_strings_take(&described, describe(objects, artifacts->items[i]));
    }
    gb_strings_free(artifacts);
    *artifacts = described;
    gb_objects_close(objects);
    return gb_strings_ok(artifacts, err);
}

/* Cargo.lock beside it, or nothing where it cannot be read. */
static bool read_cargos(const char *root, gb_buffer *text, gb_error *err) {
    char *path = gb_path_join(root, "Cargo.lock");
    if (path && gb_file_exists(path)) gb_file_read(path, text, NULL);
    free(path);
    return path != NULL || no_memory(err);
}

/* What an activity amounts to, in this workspace. */
static bool lock_of(const gb_session *session, const gb_activity *activity, const char *root,
                    gb_lockfile *out, gb_error *err) {
    gb_buffer cargos = {0};
    if (!gb_lockfile_of(activity, root, out, err)) return false;
    bool ok = read_cargos(root, &cargos, err);
    if (ok) gb_lockfile_forget_own(out, gb_buffer_text(&cargos));
    for (size_t i = 0; ok && i < out->count; i++) {
        ok = describe_all(session, &out->packages[i].artifacts, err);
    }
    if (!ok) gb_lockfile_free(out);
    gb_buffer_free(&cargos);
    return ok;
}

/* ---- keeping it --------------------------------------------------------------------------------------- */

static bool take_unit(gb_lockfile *lock, const gb_session *session, const char *root, const char *path,
                      gb_error *err) {
    gb_buffer text = {0};
    gb_activity activity = {0};
    gb_lockfile now = {0};
    bool ok = gb_file_read(path, &text, err) &&
              gb_activity_add_record(&activity, gb_buffer_text(&text), text.length, path, err) &&
              lock_of(session, &activity, root, &now, err) &&
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
        if (path && gb_file_mtime(path) >= since - CLOCK_GRAIN) ok = take_unit(lock, session, root, path, err);
        free(path);
    }
    gb_strings_free(&names);
    free(folder);
    return ok;
}

static bool write_lock(gb_lockfile *lock, const char *root, const char *path, gb_error *err) {
    gb_buffer cargos = {0}, text = {0};
    bool ok = read_cargos(root, &cargos, err);
    if (ok && cargos.length) gb_lockfile_prune(lock, gb_buffer_text(&cargos));
    ok = ok && (gb_lockfile_print(lock, &text) || no_memory(err)) &&
         gb_file_write_if_changed(path, text.data, text.length, err);
    gb_buffer_free(&cargos);
    gb_buffer_free(&text);
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
              lock_of(session, activity, root, &now, err);
    if (ok && gb_lockfile_news(&lock, &now, &news)) ok = refuse(session->lock, &news, err);
    gb_buffer_free(&news);
    gb_lockfile_free(&lock);
    gb_lockfile_free(&now);
    free(root);
    return ok;
}

bool gb_lock_warn(const gb_session *session, int64_t since, gb_strings *warnings, gb_error *err) {
    gb_lockfile lock = {0}, now = {0};
    char *root = gb_path_parent(session->lock);
    bool ok = (root || no_memory(err)) && read_lock(session->lock, &lock, err) &&
              take_units(&now, session, root, since, err);
    if (ok) gb_lockfile_uncompared(&lock, &now, warnings);
    gb_lockfile_free(&lock);
    gb_lockfile_free(&now);
    free(root);
    return ok && gb_strings_ok(warnings, err);
}
