#include "macros/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "policy/policy.h"

enum { NAMES_TRIED = 1000, UNIT_MOST = 200 };

void gb_stats_text(char *field, size_t size, const char *text) {
    size_t length = text ? strlen(text) : 0;
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
    }
    memset(field, 0, size);
    if (length) memcpy(field, text, length);
}

/* Cargo's crate names and hashes are; whatever else somebody set is left out of the name. */
static bool fits_name(const char *unit) {
    size_t length = unit ? strlen(unit) : 0;
    return length > 0 && length <= UNIT_MOST &&
           strspn(unit, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
}

static int create_file(const char *dir, const char *unit, char *path, size_t size, gb_error *err) {
    const char *dot = fits_name(unit) ? "." : "";
    for (int n = 0; n < NAMES_TRIED; n++) {
        int length = snprintf(path, size, "%s/worker-%ld-%d%s%s.stats", dir, (long)getpid(), n, dot,
                              *dot ? unit : "");
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

gb_stats *gb_stats_create(const char *dir, const char *unit, const char *package,
                          const char *version, gb_error *err) {
    char path[4096];
    int fd = create_file(dir, unit, path, sizeof path, err);
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
    gb_stats_text(stats->header.unit, sizeof stats->header.unit, unit);
    gb_stats_text(stats->header.package, sizeof stats->header.package, package);
    gb_stats_text(stats->header.package_version, sizeof stats->header.package_version, version);
    stats->header.magic = GB_STATS_MAGIC;
    return stats;
}

/* ---- the writer's side ------------------------------------------------------------------------ */

static gb_stats_place *find_place(gb_stats *stats, const gb_stats_place *key) {
    for (uint32_t i = 0; i < stats->header.place_count; i++) {
        gb_stats_place *place = &stats->places[i];
        if (place->macro == key->macro && place->construct == key->construct &&
            place->line == key->line && place->column == key->column &&
            strcmp(place->file, key->file) == 0) {
            return place;
        }
    }
    return NULL;
}

bool gb_stats_wants_place(const gb_stats *stats, uint32_t macro, uint32_t construct) {
    uint32_t known = 0, count = stats->header.place_count;
    for (uint32_t i = 0; i < count; i++) {
        known += stats->places[i].macro == macro && stats->places[i].construct == construct;
    }
    return count < GB_STATS_PLACES && known < GB_STATS_PLACES_EACH;
}

/* The end of a path says more than its beginning. */
static void set_file(char *field, size_t size, const char *file, size_t length) {
    size_t skip = length >= size ? length - (size - 1) : 0;
    while (skip < length && ((unsigned char)file[skip] & 0xc0) == 0x80) skip++;
    memset(field, 0, size);
    memcpy(field, file + skip, length - skip);
}

void gb_stats_add_place(gb_stats *stats, uint32_t macro, uint32_t construct, const char *file,
                        size_t file_length, uint32_t line, uint32_t column, uint32_t count) {
    gb_stats_place key = {.macro = macro, .construct = construct, .line = line, .column = column};
    set_file(key.file, sizeof key.file, file, file_length);
    gb_stats_place *place = find_place(stats, &key);
    if (!place && gb_stats_wants_place(stats, macro, construct)) {
        place = &stats->places[stats->header.place_count];
        *place = key;
        stats->header.place_count++;
    }
    if (place) place->count += count;
}

static size_t question_size(size_t length) {
    return sizeof(gb_stats_question) + ((length + 7) & ~(size_t)7);
}

size_t gb_stats_add_question(gb_stats *stats, unsigned power, unsigned answer, const char *name,
                             size_t length) {
    size_t at = (size_t)stats->header.question_bytes;
    if (length > UINT16_MAX || question_size(length) > GB_STATS_QUESTION_BYTES - at) {
        stats->header.unlisted++;
        return GB_STATS_QUESTION_BYTES;
    }
    gb_stats_question question = {
        .length = (uint16_t)length, .power = (uint8_t)power, .answer = (uint8_t)answer};
    memcpy(stats->questions + at, &question, sizeof question);
    if (length) memcpy(stats->questions + at + sizeof question, name, length);
    stats->header.question_bytes += question_size(length);
    return at;
}

/* ---- the reader's ------------------------------------------------------------------------------ */

#define TERMINATED(field) (memchr((field), 0, sizeof(field)) != NULL)

static bool is_sound_header(const gb_stats_header *h) {
    if (h->magic != GB_STATS_MAGIC || h->version != GB_STATS_VERSION) return false;
    if (h->macro_count > GB_STATS_MACROS || h->place_count > GB_STATS_PLACES) return false;
    if (h->question_bytes > GB_STATS_QUESTION_BYTES) return false;
    return TERMINATED(h->package) && TERMINATED(h->package_version) && TERMINATED(h->digest) &&
           TERMINATED(h->for_package) && TERMINATED(h->unit);
}

static bool is_sound_body(const gb_stats *stats) {
    for (uint32_t i = 0; i < stats->header.macro_count; i++) {
        if (!TERMINATED(stats->macros[i].name) || stats->macros[i].kind > 2) return false;
    }
    for (uint32_t i = 0; i < stats->header.place_count; i++) {
        const gb_stats_place *place = &stats->places[i];
        if (place->macro >= stats->header.macro_count || place->construct >= GB_STATS_CONSTRUCTS ||
            !TERMINATED(place->file)) {
            return false;
        }
    }
    size_t at = 0;
    const char *name;
    while (gb_stats_next_question(stats, &at, &name)) continue;
    return at == stats->header.question_bytes;
}

const gb_stats_question *gb_stats_next_question(const gb_stats *stats, size_t *at,
                                                const char **name) {
    size_t left = (size_t)stats->header.question_bytes - *at;
    if (left < sizeof(gb_stats_question)) return NULL;
    const gb_stats_question *question = (const void *)(stats->questions + *at);
    if (question_size(question->length) > left || question->power >= GB_POWER_COUNT ||
        question->answer > GB_ABSENT) {
        return NULL;
    }
    *name = (const char *)(question + 1);
    *at += question_size(question->length);
    return question;
}

static bool read_part(int fd, void *to, size_t length, size_t at) {
    return length == 0 || pread(fd, to, length, (off_t)at) == (ssize_t)length;
}

/* The worker may still be writing, so what counts how much there is is read first, and once. */
static bool read_parts(int fd, gb_stats *out) {
    const gb_stats_header *h = &out->header;
    return read_part(fd, &out->header, sizeof out->header, 0) && is_sound_header(h) &&
           read_part(fd, out->macros, h->macro_count * sizeof *out->macros,
                     offsetof(gb_stats, macros)) &&
           read_part(fd, out->places, h->place_count * sizeof *out->places,
                     offsetof(gb_stats, places)) &&
           read_part(fd, out->questions, (size_t)h->question_bytes, offsetof(gb_stats, questions)) &&
           is_sound_body(out);
}

bool gb_stats_read(const char *path, gb_stats *out, gb_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return gb_fail_errno(err, "%s", path);
    struct stat st;
    bool sound = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == (off_t)sizeof *out &&
                 read_parts(fd, out);
    close(fd);
    if (sound) return true;
    return gb_fail(err, GB_ERROR_INVALID, "%s: not the statistics of a worker of this version", path);
}

static bool is_stats_name(const char *name, const char *unit) {
    if (!gb_text_starts(name, "worker-") || !gb_text_ends(name, ".stats")) return false;
    if (!unit || !fits_name(unit)) return true;
    const char *dot = strchr(name, '.');
    size_t length = strlen(unit);
    return strncmp(dot + 1, unit, length) == 0 && strcmp(dot + 1 + length, ".stats") == 0;
}

bool gb_stats_is_used(const gb_stats *stats) {
    for (uint32_t i = 0; i < stats->header.macro_count; i++) {
        if (stats->macros[i].expansions) return true;
    }
    return stats->header.question_bytes > 0;
}

/* The file may lie about its unit, but not to be taken for another's. */
static bool take_file(const char *path, gb_stats *stats, const char *unit,
                      bool (*each)(void *env, const gb_stats *stats, gb_error *err), void *env,
                      gb_error *err) {
    gb_error ignored;
    if (!gb_stats_read(path, stats, &ignored)) return true;
    return (unit && strcmp(stats->header.unit, unit) != 0) || each(env, stats, err);
}

bool gb_stats_read_dir(const char *dir, const char *unit,
                       bool (*each)(void *env, const gb_stats *stats, gb_error *err), void *env,
                       gb_error *err) {
    gb_strings names = {0};
    gb_stats *stats = malloc(sizeof *stats);
    bool ok = stats ? gb_dir_list(dir, &names, err)
                    : gb_fail(err, GB_ERROR_MEMORY, "no memory to read statistics");
    for (size_t i = 0; ok && i < names.count; i++) {
        if (!is_stats_name(names.items[i], unit)) continue;
        char *path = gb_path_join(dir, names.items[i]);
        ok = path ? take_file(path, stats, unit, each, env, err)
                  : gb_fail(err, GB_ERROR_MEMORY, "no memory to read statistics");
        free(path);
    }
    free(stats);
    gb_strings_free(&names);
    return ok;
}
