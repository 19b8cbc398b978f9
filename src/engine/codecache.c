#include "engine/codecache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/build_id.h"
#include "engine/x64/x64.h"

#if GB_X64
#include "engine/x64/x64_keep.h"

enum { PATH_MOST = 4096, BESIDE_MOST = PATH_MOST + 16, STALE_SECONDS = 120, YOUNG_SECONDS = 3600 };

static bool path_of(char *path, const char *folder, const char *name, gb_error *err) {
    uint64_t key = gb_x64_sum(gb_build_id(), strlen(gb_build_id()), gb_x64_features() & GB_X64_FEATURES);
    int n = snprintf(path, PATH_MOST, "%s/%s-%016" PRIx64 ".code", folder, name, key);
    return (n > 0 && n < PATH_MOST && !strchr(name, '/')) ||
           gb_fail(err, GB_ERROR_USAGE, "%s is no name for kept machine code", name);
}

bool gb_code_find(const char *folder, const char *name, gb_code_note *note, gb_error *err) {
    char path[PATH_MOST];
    if (note) *note = (gb_code_note){{0}};
    if (!path_of(path, folder, name, err)) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return gb_fail_errno(err, "%s", path);
    bool ok = gb_x64_keep_map(fd, note, err);
    struct stat st;
    /* Young again; an hour is fine enough, and no write at every start. On a read-only file system it fails, which is no matter. */
    if (ok && fstat(fd, &st) == 0 && time(NULL) - st.st_mtime > YOUNG_SECONDS) futimens(fd, NULL);
    close(fd);
    return ok || gb_error_context(err, "%s", path);
}

/* One writer a name: whoever holds the lock of the file beside, which ends with its last descriptor. */
static bool path_beside(char *beside, const char *folder, const char *name, gb_error *err) {
    char path[PATH_MOST];
    if (!path_of(path, folder, name, err)) return false;
    snprintf(beside, BESIDE_MOST, "%s.incoming", path);
    return true;
}

static bool is_at(int fd, const char *path) {
    struct stat here, there;
    return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

int gb_code_begin(const char *folder, const char *name, gb_error *err) {
    char beside[BESIDE_MOST];
    if (!path_beside(beside, folder, name, err)) return -1;
    int fd = open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        gb_fail_errno(err, "%s", beside);
        return -1;
    }
    /* Who has just ended may have renamed what we opened. What a killed one left is overwritten. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || !is_at(fd, beside)) {
        gb_fail(err, GB_OK, "%s is being written", beside);
    } else if (ftruncate(fd, 0) != 0) {
        gb_fail_errno(err, "%s", beside);
    } else {
        return fd;
    }
    close(fd);
    return -1;
}

bool gb_code_write(gb_module *module, int fd, const gb_code_note *note, gb_error *err) {
    gb_x64_space *space = gb_x64_module_space(module, GB_X64_GUARDED);
    if (!space) return gb_fail(err, GB_ERROR_USAGE, "no machine code can be made here");
    return gb_x64_keep_write(space, fd, note, err);
}

bool gb_code_end(const char *folder, const char *name, bool complete, uint64_t most_bytes, gb_error *err) {
    char path[PATH_MOST], beside[BESIDE_MOST];
    if (!path_of(path, folder, name, err) || !path_beside(beside, folder, name, err)) return false;
    if (complete && rename(beside, path) != 0) complete = gb_fail_errno(err, "%s", path);
    if (complete) {
        gb_codecache_evict(folder, most_bytes);
    } else {
        unlink(beside);
    }
    return complete;
}

bool gb_code_keep(gb_module *module, const char *folder, const char *name, uint64_t most_bytes, gb_error *err) {
    int fd = gb_code_begin(folder, name, err);
    if (fd < 0) return err->kind == GB_OK; /* somebody else keeps it */
    bool ok = gb_code_write(module, fd, NULL, err);
    ok = gb_code_end(folder, name, ok, most_bytes, err) && ok;
    close(fd); /* and with it the lock */
    return ok;
}

/* ---- eviction ------------------------------------------------------------------------------------- */

typedef struct entry {
    char *name;
    uint64_t size;
    time_t used;
} entry;

static bool ends_with(const char *name, const char *suffix) {
    size_t a = strlen(name), b = strlen(suffix);
    return a > b && strcmp(name + a - b, suffix) == 0;
}

static int by_use(const void *a, const void *b) {
    const entry *x = a, *y = b;
    return (x->used > y->used) - (x->used < y->used);
}

static void remove_unless_written(int dir, const char *name) {
    int fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) unlinkat(dir, name, 0);
    close(fd);
}

static size_t list(DIR *dir, entry **out, uint64_t *total) {
    entry *entries = NULL;
    size_t count = 0, capacity = 0;
    struct dirent *d;
    while ((d = readdir(dir))) {
        struct stat st;
        bool incoming = ends_with(d->d_name, ".incoming");
        if ((!incoming && !ends_with(d->d_name, ".code")) || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (incoming) {
            if (time(NULL) - st.st_mtime > STALE_SECONDS) remove_unless_written(dirfd(dir), d->d_name);
            continue;
        }
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            entry *grown = realloc(entries, capacity * sizeof *grown);
            if (!grown) break;
            entries = grown;
        }
        entries[count] = (entry){strdup(d->d_name), (uint64_t)st.st_size, st.st_mtime};
        if (entries[count].name) *total += entries[count++].size;
    }
    *out = entries;
    return count;
}

void gb_codecache_evict(const char *folder, uint64_t most_bytes) {
    DIR *dir = opendir(folder);
    if (!dir) return;
    entry *entries;
    uint64_t total = 0;
    size_t count = list(dir, &entries, &total);
    if (count) qsort(entries, count, sizeof *entries, by_use);
    for (size_t i = 0; i < count; i++) {
        if (total > most_bytes && unlinkat(dirfd(dir), entries[i].name, 0) == 0) total -= entries[i].size;
        free(entries[i].name);
    }
    free(entries);
    closedir(dir);
}

#else

bool gb_code_find(const char *folder, const char *name, gb_code_note *note, gb_error *err) {
    (void)folder;
    if (note) *note = (gb_code_note){{0}};
    return gb_fail(err, GB_ERROR_USAGE, "%s: no machine code is made here", name);
}

bool gb_code_keep(gb_module *module, const char *folder, const char *name, uint64_t most_bytes, gb_error *err) {
    (void)module, (void)most_bytes;
    return gb_code_find(folder, name, NULL, err);
}

int gb_code_begin(const char *folder, const char *name, gb_error *err) {
    gb_code_find(folder, name, NULL, err);
    return -1;
}

bool gb_code_write(gb_module *module, int fd, const gb_code_note *note, gb_error *err) {
    (void)module, (void)fd, (void)note;
    return gb_code_find(NULL, "", NULL, err);
}

bool gb_code_end(const char *folder, const char *name, bool complete, uint64_t most_bytes, gb_error *err) {
    (void)complete, (void)most_bytes;
    return gb_code_find(folder, name, NULL, err);
}

void gb_codecache_evict(const char *folder, uint64_t most_bytes) { (void)folder, (void)most_bytes; }

#endif
