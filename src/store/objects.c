#include "store/objects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/strings.h"

struct gb_objects {
    char *folder;
};

/* More versions of one unit than this are of no use: the youngest answer first. */
enum { RECORDS_TRIED = 16 };

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

gb_objects *gb_objects_open(const char *home, gb_error *err) {
    gb_objects *objects = calloc(1, sizeof *objects);
    if (objects != NULL) objects->folder = gb_path_join(home, "store");
    if (objects != NULL && objects->folder != NULL) return objects;
    free(objects);
    no_memory(err);
    return NULL;
}

void gb_objects_close(gb_objects *objects) {
    if (objects == NULL) return;
    free(objects->folder);
    free(objects);
}

const char *gb_objects_folder(const gb_objects *objects) {
    return objects->folder;
}

char *gb_objects_path(const gb_objects *objects, const gb_digest *digest) {
    char text[GB_DIGEST_TEXT];
    gb_digest_text(digest, text);
    return gb_text_format("%s/objects/%.2s/%s", objects->folder, text, text + 2);
}

static char *records_folder(const gb_objects *objects, const gb_digest *key) {
    char text[GB_DIGEST_TEXT];
    gb_digest_text(key, text);
    return gb_text_format("%s/records/%.2s/%s", objects->folder, text, text + 2);
}

/* ---- contents ----------------------------------------------------------------------------- */

static bool digest_of_file(const char *path, gb_digest *digest, gb_error *err) {
    gb_mapped_file file;
    if (!gb_file_map(path, &file, err)) return false;
    *digest = gb_digest_of(file.bytes, file.length);
    gb_file_unmap(&file);
    return true;
}

/* "Used now", once a day at most: clean goes by it. */
static void touch(const char *path) {
    int64_t mtime = gb_file_mtime(path);
    if (mtime >= 0 && (int64_t)time(NULL) - mtime / 1000000000 > 86400) {
        utimensat(AT_FDCWD, path, NULL, 0); /* a read-only store keeps its old time */
    }
}

/* The folder of `path` and the one for incoming files. */
static bool make_folders(const gb_objects *objects, const char *path, gb_error *err) {
    char *parent = gb_path_parent(path), *incoming = gb_path_join(objects->folder, "incoming");
    bool ok = (parent != NULL && incoming != NULL) || no_memory(err);
    ok = ok && gb_dir_make(parent, err) && gb_dir_make(incoming, err);
    free(parent);
    free(incoming);
    return ok;
}

/* Hands a finished file over: its name must be true before others can see it. */
static bool admit(const gb_objects *objects, const char *incoming, gb_digest *digest,
                  gb_error *err) {
    if (!digest_of_file(incoming, digest, err)) return false;
    char *path = gb_objects_path(objects, digest);
    bool ok = (path != NULL || no_memory(err)) && make_folders(objects, path, err);
    if (ok && (chmod(incoming, 0444) != 0 || rename(incoming, path) != 0)) {
        ok = gb_fail_errno(err, "cannot move a file to %s", path);
    }
    free(path);
    return ok;
}

static char *incoming_name(const gb_objects *objects) {
    static unsigned counter;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return gb_text_format("%s/incoming/%ld-%ld-%u", objects->folder, (long)getpid(),
                          now.tv_nsec, counter++);
}

bool gb_objects_add(gb_objects *objects, const char *path, gb_digest *digest, gb_error *err) {
    if (!digest_of_file(path, digest, err)) return false;
    if (gb_objects_check(objects, digest)) return true;
    char *incoming = incoming_name(objects);
    bool ok = (incoming != NULL || no_memory(err)) && make_folders(objects, incoming, err) &&
              gb_file_copy(path, incoming, err);
    ok = ok && admit(objects, incoming, digest, err);
    if (!ok && incoming != NULL) unlink(incoming);
    free(incoming);
    return ok;
}

bool gb_objects_add_bytes(gb_objects *objects, const void *bytes, size_t length, gb_digest *digest,
                          gb_error *err) {
    *digest = gb_digest_of(bytes, length);
    if (gb_objects_check(objects, digest)) return true;
    char *path = gb_objects_path(objects, digest);
    bool ok = (path != NULL || no_memory(err)) && make_folders(objects, path, err) &&
              gb_file_write(path, bytes, length, 0444, err);
    free(path);
    return ok;
}

bool gb_objects_check(gb_objects *objects, const gb_digest *digest) {
    gb_digest found;
    char *path = gb_objects_path(objects, digest);
    bool ok = path != NULL && gb_file_exists(path) && digest_of_file(path, &found, NULL);
    if (ok && !gb_digest_equal(&found, digest)) {
        unlink(path);
        ok = false;
    }
    if (ok) touch(path);
    free(path);
    return ok;
}

bool gb_objects_get(gb_objects *objects, const gb_digest *digest, const char *to, gb_error *err) {
    gb_digest found;
    char *path = gb_objects_path(objects, digest);
    if (path == NULL) return no_memory(err);
    bool ok = gb_file_exists(path) ||
              gb_fail(err, GB_ERROR_INVALID, "%s is not in the store", path);
    ok = ok && gb_file_copy(path, to, err) && digest_of_file(to, &found, err);
    if (ok && !gb_digest_equal(&found, digest)) {
        unlink(to);
        unlink(path);
        ok = gb_fail(err, GB_ERROR_INVALID, "%s did not match its name and was removed", path);
    }
    if (ok) {
        chmod(to, 0644); /* the copy is the caller's to write; failing that, rustc renames over it */
        touch(path);
    }
    free(path);
    return ok;
}

/* ---- records ------------------------------------------------------------------------------ */

bool gb_objects_put_record(gb_objects *objects, const gb_digest *key, const char *text,
                           gb_error *err) {
    char name[GB_DIGEST_TEXT];
    gb_digest digest = gb_digest_of(text, strlen(text));
    gb_digest_text(&digest, name);
    char *folder = records_folder(objects, key);
    char *path = folder == NULL ? NULL : gb_path_join(folder, name);
    bool ok = (path != NULL || no_memory(err)) && gb_dir_make(folder, err) &&
              gb_file_write(path, text, strlen(text), 0644, err);
    free(folder);
    free(path);
    return ok;
}

typedef struct aged_name {
    const char *name;
    int64_t mtime;
} aged_name;

static int younger_first(const void *a, const void *b) {
    const aged_name *x = a, *y = b;
    if (x->mtime != y->mtime) return x->mtime < y->mtime ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* Reads one record and passes it on if its name is true. */
static bool try_record(const char *folder, const char *name, bool (*each)(void *, const char *),
                       void *env) {
    gb_digest expected, found;
    gb_buffer text = {0};
    char *path = gb_path_join(folder, name);
    bool accepted = false;
    if (path != NULL && gb_digest_parse(name, &expected) && gb_file_read(path, &text, NULL)) {
        found = gb_digest_of(text.data, text.length);
        if (!gb_digest_equal(&found, &expected)) {
            unlink(path);
        } else {
            accepted = each(env, gb_buffer_text(&text));
            if (accepted) touch(path);
        }
    }
    gb_buffer_free(&text);
    free(path);
    return accepted;
}

bool gb_objects_find_record(gb_objects *objects, const gb_digest *key,
                            bool (*each)(void *env, const char *text), void *env) {
    gb_strings names = {0};
    char *folder = records_folder(objects, key);
    bool found = false;
    if (folder != NULL && gb_dir_exists(folder) && gb_dir_list(folder, &names, NULL)) {
        aged_name *aged = calloc(names.count + 1, sizeof *aged);
        for (size_t i = 0; aged != NULL && i < names.count; i++) {
            char *path = gb_path_join(folder, names.items[i]);
            aged[i] = (aged_name){names.items[i], path == NULL ? -1 : gb_file_mtime(path)};
            free(path);
        }
        if (aged != NULL) qsort(aged, names.count, sizeof *aged, younger_first);
        for (size_t i = 0; aged != NULL && i < names.count && i < RECORDS_TRIED && !found; i++) {
            found = try_record(folder, aged[i].name, each, env);
        }
        free(aged);
    }
    gb_strings_free(&names);
    free(folder);
    return found;
}

/* ---- housekeeping ------------------------------------------------------------------------- */

/* Visits every file below the folder `depth` levels down; removes those not used since `before`. */
typedef struct sweep {
    int64_t before; /* nanoseconds; INT64_MIN: only count */
    uint64_t files, bytes;
} sweep;

static bool sweep_folder(const char *folder, int depth, sweep *s, gb_error *err) {
    gb_strings names = {0};
    if (!gb_dir_exists(folder)) return true;
    if (!gb_dir_list(folder, &names, err)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < names.count; i++) {
        struct stat st;
        char *path = gb_path_join(folder, names.items[i]);
        if (path == NULL) {
            ok = no_memory(err);
        } else if (depth > 0) {
            ok = sweep_folder(path, depth - 1, s, err);
            if (s->before != INT64_MIN) rmdir(path); /* when it is empty now */
        } else if (lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            if (s->before == INT64_MIN || gb_file_mtime(path) < s->before) {
                s->files++;
                s->bytes += (uint64_t)st.st_size;
                if (s->before != INT64_MIN && unlink(path) != 0 && errno != ENOENT) {
                    ok = gb_fail_errno(err, "cannot remove %s", path);
                }
            }
        }
        free(path);
    }
    gb_strings_free(&names);
    return ok;
}

static bool sweep_part(const gb_objects *objects, const char *part, int depth, int64_t before,
                       uint64_t *files, uint64_t *bytes, gb_error *err) {
    sweep s = {.before = before};
    char *folder = gb_path_join(objects->folder, part);
    bool ok = (folder != NULL || no_memory(err)) && sweep_folder(folder, depth, &s, err);
    free(folder);
    *files += s.files;
    *bytes += s.bytes;
    return ok;
}

static bool sweep_all(const gb_objects *objects, int64_t before, gb_objects_usage *usage,
                      gb_error *err) {
    *usage = (gb_objects_usage){0};
    return sweep_part(objects, "records", 2, before, &usage->records, &usage->record_bytes, err) &&
           sweep_part(objects, "objects", 1, before, &usage->objects, &usage->object_bytes, err) &&
           sweep_part(objects, "incoming", 0, before, &usage->objects, &usage->object_bytes, err);
}

bool gb_objects_measure(gb_objects *objects, gb_objects_usage *usage, gb_error *err) {
    return sweep_all(objects, INT64_MIN, usage, err);
}

bool gb_objects_clean(gb_objects *objects, int64_t seconds, gb_objects_usage *removed,
                      gb_error *err) {
    int64_t now = (int64_t)time(NULL);
    int64_t before = seconds == 0 ? INT64_MAX : (now - seconds) * 1000000000;
    return sweep_all(objects, before, removed, err);
}
