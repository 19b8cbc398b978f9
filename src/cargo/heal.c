#include "cargo/heal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/hash.h"

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

/* `folder` is <state>/unit/<rel>/<name>; its shim is <build_root>/<rel>/lib<name>.so. */
static bool remove_shim(const gb_session *session, const char *folder, const char *units) {
    char *parent = gb_path_parent(folder);
    const char *rel = parent == NULL ? NULL : gb_path_under(parent, units);
    char *shim = rel == NULL ? NULL
                             : gb_text_format("%s/%s/lib%s.so", session->build_root, rel,
                                              gb_path_name(folder));
    bool removed = shim != NULL && unlink(shim) == 0;
    free(parent);
    free(shim);
    return removed;
}

static size_t heal_unit(const gb_session *session, const char *folder, const char *stamp,
                        const char *units, bool digests) {
    gb_buffer text = {0};
    size_t healed = 0;
    if (gb_file_read(stamp, &text, NULL) && !artifact_is_good(gb_buffer_text(&text), digests)) {
        healed = remove_shim(session, folder, units);
        unlink(stamp);
    }
    gb_buffer_free(&text);
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
        char *stamp = path == NULL ? NULL : gb_path_join(path, "guest.artifact");
        if (record != NULL && stamp != NULL && gb_file_exists(record)) {
            if (gb_file_exists(stamp)) healed += heal_unit(session, path, stamp, units, digests);
        } else if (path != NULL && gb_dir_exists(path)) {
            healed += heal_below(session, path, units, depth - 1, digests);
        }
        free(path);
        free(record);
        free(stamp);
    }
    gb_strings_free(&names);
    return healed;
}

size_t gb_heal_artifacts(const gb_session *session, bool digests) {
    char *units = gb_path_join(session->state, "unit");
    size_t healed = units != NULL && gb_dir_exists(units)
                        ? heal_below(session, units, units, 8, digests)
                        : 0;
    free(units);
    return healed;
}
