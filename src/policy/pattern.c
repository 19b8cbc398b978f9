#include "policy/pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* One name of the pattern. */
struct part {
    enum { LITERAL, WILD, FOLDERS } kind;
    const char *text;
    size_t length;
};

struct gb_pattern {
    char *text;                              /* what the parts point into */
    struct part parts[GB_PATTERN_NAMES + 1]; /* one more for what is below a literal end */
    size_t count;
};

/* A set of positions, as bits: position i is before parts[i], position `count` is the end. */
typedef uint64_t positions;
_Static_assert(GB_PATTERN_NAMES + 2 <= 64, "one bit each");

static bool is_wild(const char *text, size_t length) {
    return memchr(text, '*', length) != NULL || memchr(text, '?', length) != NULL;
}

bool gb_pattern_is_wild(const char *text) {
    return is_wild(text, strlen(text));
}

static bool is_text(const struct part *part, const char *text) {
    return part->length == strlen(text) && memcmp(part->text, text, part->length) == 0;
}

static const char *fault_of(const struct part *part) {
    if (part->length == 0) return "it has an empty name in it";
    if (is_text(part, "..")) return "it leads out with `..`";
    if (is_text(part, ".")) return "`.` is no name; for the whole folder write `**`";
    if (part->kind != FOLDERS && part->length > 1) {
        for (size_t i = 0; i + 1 < part->length; i++) {
            if (part->text[i] == '*' && part->text[i + 1] == '*') {
                return "`**` must stand alone between slashes";
            }
        }
    }
    return NULL;
}

static const char *split(gb_pattern *pattern) {
    const char *at = pattern->text, *fault = NULL;
    size_t length = strlen(at);
    if (length == 0) return "it is empty";
    if (*at == '/') return "it is absolute: paths are relative to the workspace";
    if (length > 1 && at[length - 1] == '/') length--;
    for (const char *end = at + length; fault == NULL && at <= end;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t n = (size_t)((slash != NULL ? slash : end) - at);
        struct part part = {.text = at, .length = n};
        part.kind = is_text(&part, "**") ? FOLDERS : is_wild(at, n) ? WILD : LITERAL;
        if (pattern->count == GB_PATTERN_NAMES) return "it has too many names";
        pattern->parts[pattern->count++] = part;
        fault = fault_of(&part);
        at += n + 1;
    }
    if (fault == NULL && pattern->parts[pattern->count - 1].kind == LITERAL) {
        pattern->parts[pattern->count++] =
            (struct part){.kind = FOLDERS, .text = "**", .length = 2};
    }
    return fault;
}

gb_pattern *gb_pattern_new(const char *text, gb_error *err) {
    gb_pattern *pattern = calloc(1, sizeof *pattern);
    if (pattern != NULL) pattern->text = strdup(text);
    if (pattern == NULL || pattern->text == NULL) {
        gb_pattern_free(pattern);
        gb_fail(err, GB_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    const char *fault = split(pattern);
    if (fault == NULL) return pattern;
    gb_pattern_free(pattern);
    gb_fail(err, GB_ERROR_USAGE, "%s", fault);
    return NULL;
}

void gb_pattern_free(gb_pattern *pattern) {
    if (pattern != NULL) free(pattern->text);
    free(pattern);
}

/* The last `*` takes one character more whenever what follows it does not fit: no other choice can
 * do better, so one place to come back to is enough. */
bool gb_pattern_name(const char *pattern, size_t pattern_length, const char *name, size_t length) {
    size_t p = 0, n = 0, star = SIZE_MAX, taken = 0;
    while (n < length) {
        if (p < pattern_length && pattern[p] == '*') {
            star = p++;
            taken = n;
        } else if (p < pattern_length && (pattern[p] == '?' || pattern[p] == name[n])) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern_length && pattern[p] == '*') p++;
    return p == pattern_length;
}

static bool part_takes(const struct part *part, const char *name, size_t length) {
    bool hidden = name[0] == '.';
    switch (part->kind) {
    case LITERAL: return part->length == length && memcmp(part->text, name, length) == 0;
    case WILD: return !hidden && gb_pattern_name(part->text, part->length, name, length);
    case FOLDERS: return !hidden;
    }
    return false;
}

/* Adds the positions that are reached without a name: `**` may stand for no folder. */
static positions closure(const gb_pattern *pattern, positions set) {
    for (size_t i = 0; i < pattern->count; i++) {
        if (set >> i & 1 && pattern->parts[i].kind == FOLDERS) set |= (positions)1 << (i + 1);
    }
    return set;
}

static positions step(const gb_pattern *pattern, positions set, const char *name, size_t length) {
    positions next = 0;
    for (size_t i = 0; i < pattern->count; i++) {
        if ((set >> i & 1) == 0 || !part_takes(&pattern->parts[i], name, length)) continue;
        next |= (positions)1 << (pattern->parts[i].kind == FOLDERS ? i : i + 1);
    }
    return closure(pattern, next);
}

gb_pattern_match gb_pattern_matches(const gb_pattern *pattern, const char *path, size_t length) {
    positions set = closure(pattern, 1);
    for (size_t at = 0; at < length && set != 0;) {
        const char *slash = memchr(path + at, '/', length - at);
        size_t end = slash != NULL ? (size_t)(slash - path) : length;
        set = end > at ? step(pattern, set, path + at, end - at) : 0;
        at = end + 1;
    }
    if (set == 0) return GB_PATTERN_NO;
    if (set >> pattern->count & 1) return GB_PATTERN_YES;
    for (size_t i = 0; i < pattern->count; i++) {
        if (set >> i & 1 && pattern->parts[i].kind != LITERAL) return GB_PATTERN_LISTED;
    }
    return GB_PATTERN_WAY;
}
