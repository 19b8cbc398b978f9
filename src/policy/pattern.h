/* pattern.h: which paths below a folder a grant of reading means.
 *
 *   migrations       the file or folder, and all below it
 *   sql/v?-*.sql     `*` and `?` stand for any characters, one character, of a single name
 *   **               alone between slashes, stands for any folders, or none
 *
 * A pattern whose last name has no wildcard takes in what is below; any other matches just what it
 * spells. No wildcard stands for a name that begins with a dot, nor is one below taken in: hidden
 * files are meant only by a pattern that writes their name out (`.sqlx`, `.cargo/config.toml`).
 *
 * A pattern is relative, has no `.` or `..` and so never leads out of its folder. Matching judges
 * spelling alone; its time is the product of the two lengths. */
#ifndef GB_POLICY_PATTERN_H
#define GB_POLICY_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct gb_pattern gb_pattern;

enum { GB_PATTERN_NAMES = 60 }; /* most names in a pattern */

/* NULL: GB_ERROR_USAGE says what is wrong with the text ("it leads out with `..`"), or
 * GB_ERROR_MEMORY. */
gb_pattern *gb_pattern_new(const char *text, gb_error *err);
void gb_pattern_free(gb_pattern *pattern);

typedef enum gb_pattern_match {
    GB_PATTERN_NO,
    GB_PATTERN_WAY, /* a folder of this name would lead to a match, by names that are written out */
    GB_PATTERN_LISTED, /* … and its entries must be seen to find out: a wildcard comes next */
    GB_PATTERN_YES,
} gb_pattern_match;

/* `path` is relative to the pattern's folder and normal; empty is the folder itself. */
gb_pattern_match gb_pattern_matches(const gb_pattern *pattern, const char *path, size_t length);

/* A name against one with `*` and `?`, nothing else special. Names of variables are matched so,
 * too. */
bool gb_pattern_name(const char *pattern, size_t pattern_length, const char *name, size_t length);
bool gb_pattern_is_wild(const char *text);

#endif
