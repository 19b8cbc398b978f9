#include "macros/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

enum { NAMES_TRIED = 1000 };

void gb_stats_text(char *field, size_t size, const char *text) {
    size_t length = text ? strlen(text) : 0;
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
    }
    memset(field, 0, size);
    if (length) memcpy(field, text, length);
}

static int create_file(const char *dir, char *path, size_t size, gb_error *err) {
    for (int n = 0; n < NAMES_TRIED; n++) {
        int length = snprintf(path, size, "%s/worker-%ld-%d.stats", dir, (long)getpid(), n);
        if (length < 0 || (size_t)length >= size) {
            gb_fail(err, GB_ERROR_USAGE, "%s: the name is too long", dir);
            return -1;
        }
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd >= 0) return fd;
        if (errno != EEXIST) break;
    }
    gb_fail_errno(err, "%s", path);
    return -1;
}

gb_stats *gb_stats_create(const char *dir, const char *package, const char *version,
                          gb_error *err) {
    char path[4096];
    int fd = create_file(dir, path, sizeof path, err);
    if (fd < 0) return NULL;
    void *map = MAP_FAILED;
    if (ftruncate(fd, sizeof(gb_stats)) == 0) {
        map = mmap(NULL, sizeof(gb_stats), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (map == MAP_FAILED) {
        gb_fail_errno(err, "%s", path);
        close(fd);
        unlink(path);
        return NULL;
    }
    close(fd);
    gb_stats *stats = map;
    stats->header.version = GB_STATS_VERSION;
    stats->header.pid = (uint32_t)getpid();
    gb_stats_text(stats->header.package, sizeof stats->header.package, package);
    gb_stats_text(stats->header.package_version, sizeof stats->header.package_version, version);
    stats->header.magic = GB_STATS_MAGIC;
    return stats;
}

#define TERMINATED(field) (memchr((field), 0, sizeof(field)) != NULL)

static bool is_sound(const gb_stats *stats) {
    const gb_stats_header *h = &stats->header;
    if (h->magic != GB_STATS_MAGIC || h->version != GB_STATS_VERSION) return false;
    if (h->macro_count > GB_STATS_MACROS || h->reserved != 0) return false;
    if (!TERMINATED(h->package) || !TERMINATED(h->package_version)) return false;
    if (!TERMINATED(h->for_package)) return false;
    for (uint32_t i = 0; i < h->macro_count; i++) {
        if (!TERMINATED(stats->macros[i].name) || stats->macros[i].kind > 2) return false;
    }
    return true;
}

bool gb_stats_read(const char *path, gb_stats *out, gb_error *err) {
    gb_buffer bytes = {0};
    if (!gb_file_read(path, &bytes, err)) return false;
    bool sound = bytes.length == sizeof *out;
    if (sound) {
        memcpy(out, bytes.data, sizeof *out);
        sound = is_sound(out);
    }
    gb_buffer_free(&bytes);
    if (sound) return true;
    return gb_fail(err, GB_ERROR_INVALID, "%s: not the statistics of a worker of this version", path);
}

static bool is_stats_name(const char *name) {
    return gb_text_starts(name, "worker-") && gb_text_ends(name, ".stats");
}

bool gb_stats_read_dir(const char *dir, bool (*each)(void *env, const gb_stats *stats, gb_error *err),
                       void *env, gb_error *err) {
    gb_strings names = {0};
    gb_stats *stats = malloc(sizeof *stats);
    bool ok = stats ? gb_dir_list(dir, &names, err)
                    : gb_fail(err, GB_ERROR_MEMORY, "no memory to read statistics");
    for (size_t i = 0; ok && i < names.count; i++) {
        if (!is_stats_name(names.items[i])) continue;
        char *path = gb_path_join(dir, names.items[i]);
        if (!path) ok = gb_fail(err, GB_ERROR_MEMORY, "no memory to read statistics");
        gb_error ignored;
        if (ok && gb_stats_read(path, stats, &ignored)) ok = each(env, stats, err);
        free(path);
    }
    free(stats);
    gb_strings_free(&names);
    return ok;
}
