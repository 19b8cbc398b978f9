#include "cargo/heal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/hash.h"
#include "compile/guest_cache.h"
#include "cargo/package_policy.h"
#include "cargo/unit.h"

/* The stamp's text: generation, digest, path, a line each. */
static bool artifact_is_good(const char *text, bool digests) {
    gb_strings lines = {0};
    gb_digest expected, found;
    gb_mapped_file file;
    gb_text_split(&lines, text, '\n');
    bool good = lines.count >= 3 && gb_file_exists(lines.items[2]);
    if (good && digests && gb_digest_parse(lines.items[1], &expected) &&
        gb_file_map(lines.items[2], &file, NULL)) {
        found = gb_digest_of(file.bytes, file.length);
        gb_file_unmap(&file);
        good = gb_digest_equal(&found, &expected);
        if (!good) unlink(lines.items[2]);
    }
    gb_strings_free(&lines);
    return good;
}

/* `folder` is <state>/unit/<rel>/<name>; Cargo's files are <build_root>/<rel>/lib<name>.*. */
static size_t take_away(const gb_session *session, const char *folder, const char *units) {
    static const char *const suffixes[] = {".so", ".rlib", ".rmeta"};
    char *parent = gb_path_parent(folder);
    const char *rel = parent == NULL ? NULL : gb_path_under(parent, units);
    size_t removed = 0;
    for (size_t i = 0; rel != NULL && i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char *file = gb_text_format("%s/%s/lib%s%s", session->build_root, rel, gb_path_name(folder),
                                    suffixes[i]);
        if (file != NULL && unlink(file) == 0) removed++;
        free(file);
    }
    free(parent);
    return removed > 0;
}

static size_t heal_artifact(const gb_session *session, const char *folder, const char *units,
                            bool digests) {
    gb_buffer text = {0};
    size_t healed = 0;
    char *stamp = gb_path_join(folder, "guest.artifact");
    if (stamp != NULL && gb_file_exists(stamp) && gb_file_read(stamp, &text, NULL) &&
        !artifact_is_good(gb_buffer_text(&text), digests)) {
        healed = take_away(session, folder, units);
        unlink(stamp);
    }
    gb_buffer_free(&text);
    free(stamp);
    return healed;
}

/* True when a source named by the dep-info was changed after `made`, or is gone. */
static bool changed_since(const char *dep_info, const char *cwd, int64_t made) {
    gb_strings sources = {0}, env = {0};
    bool changed = !gb_dep_info_read(dep_info, cwd, &sources, &env, NULL);
    for (size_t i = 0; !changed && i < sources.count; i++) {
        int64_t mtime = gb_file_mtime(sources.items[i]);
        changed = mtime < 0 || mtime > made;
    }
    gb_strings_free(&sources);
    gb_strings_free(&env);
    return changed;
}

static size_t heal_watched(const gb_session *session, const char *folder, const char *units,
                           gb_side side) {
    gb_buffer text = {0};
    size_t healed = 0;
    char *watch = gb_text_format("%s/%s.watch", folder, gb_side_name(side));
    char *done = gb_text_format("%s/%s.done", folder, gb_side_name(side));
    if (watch != NULL && done != NULL && gb_file_exists(watch) &&
        gb_file_read(watch, &text, NULL)) {
        gb_strings lines = {0}; /* generation, dep-info, folder that rustc ran in */
        gb_text_split(&lines, gb_buffer_text(&text), '\n');
        if (lines.count < 3 ||
            changed_since(lines.items[1], lines.items[2], gb_file_mtime(done))) {
            healed = take_away(session, folder, units);
            unlink(watch);
        }
        gb_strings_free(&lines);
    }
    gb_buffer_free(&text);
    free(watch);
    free(done);
    return healed;
}

static size_t heal_policy(const gb_session *session, const char *folder, const char *units) {
    return gb_shim_policy_changed(session, folder) ? take_away(session, folder, units) : 0;
}

static size_t heal_unit(const gb_session *session, const char *folder, const char *units,
                        bool digests) {
    size_t healed = heal_artifact(session, folder, units, digests) + heal_policy(session, folder, units);
    for (int side = 0; side < GB_SIDES; side++) {
        healed += heal_watched(session, folder, units, (gb_side)side);
    }
    return healed;
}

/* Unit folders are those with a record; Cargo's out-dirs lie at most a few levels deep. */
static size_t heal_below(const gb_session *session, const char *folder, const char *units,
                         int depth, bool digests) {
    gb_strings names = {0};
    size_t healed = 0;
    if (depth == 0 || !gb_dir_list(folder, &names, NULL)) return 0;
    for (size_t i = 0; i < names.count; i++) {
        char *path = gb_path_join(folder, names.items[i]);
        char *record = path == NULL ? NULL : gb_path_join(path, "record.json");
        if (record != NULL && gb_file_exists(record)) {
            healed += heal_unit(session, path, units, digests);
        } else if (path != NULL && gb_dir_exists(path)) {
            healed += heal_below(session, path, units, depth - 1, digests);
        }
        free(path);
        free(record);
    }
    gb_strings_free(&names);
    return healed;
}

size_t gb_heal(const gb_session *session, bool digests) {
    char *units = gb_path_join(session->state, "unit");
    size_t healed = units != NULL && gb_dir_exists(units)
                        ? heal_below(session, units, units, 8, digests)
                        : 0;
    free(units);
    return healed;
}
