/* limits.h: limits as people write them, and as words of the worker's command line
 * (worker/options.h).
 *
 *   time    "10s", "500ms", "2m"; a bare number is seconds; 0 is no limit
 *   total-time   the same, of all expansions of a package in one compiler process together
 *   memory  "512M", "1G", "65536K"; a bare number is bytes
 *   fuel    instructions of an expansion, a whole number
 *
 * A package's words come from the manifest; the user's variables GLOVEBOX_TIME_LIMIT and
 * GLOVEBOX_MEMORY_LIMIT stand behind them, and later words win. */
#ifndef GB_MANIFEST_LIMITS_H
#define GB_MANIFEST_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strings.h"

typedef enum gb_limit {
    GB_LIMIT_TIME,
    GB_LIMIT_TOTAL_TIME,
    GB_LIMIT_MEMORY,
    GB_LIMIT_FUEL,
    GB_LIMIT_COUNT
} gb_limit;

/* "time", …: the key in the manifest. Static. */
const char *gb_limit_name(gb_limit limit);
/* What it takes, for messages: "a time such as \"10s\"". Static. */
const char *gb_limit_form(gb_limit limit);
/* The value in milliseconds, bytes or instructions; false when the text is none or over 2^53. Zero
 * means no limit of time; it is no value for the others. */
bool gb_limit_parse(gb_limit limit, const char *text, uint64_t *value);
/* Adds the worker's word. */
void gb_limit_word(gb_limit limit, uint64_t value, gb_strings *words);

/* Adds the words for what the user's variables say. `wall`: "on", or "require" when the manifest
 * wants it; GLOVEBOX_KERNEL_WALL may say more, never less. GB_ERROR_USAGE names the variable. */
bool gb_limits_from_env(const char *wall, gb_strings *words, gb_error *err);

#endif
