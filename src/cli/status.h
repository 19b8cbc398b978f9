/* status.h: lines for people on standard error, in the manner of Cargo's own. */
#ifndef GB_CLI_STATUS_H
#define GB_CLI_STATUS_H

#include <stdbool.h>

#include "base/error.h"
#include "record/summary.h"

/* choice: Cargo's --color ("auto", "always", "never") or NULL; then CARGO_TERM_COLOR, NO_COLOR and
 * the terminal decide. Call once, first. */
void gb_status_set_colour(const char *choice);
bool gb_status_colour(void);

/* "    Glovebox TEXT", "warning: TEXT", "error: TEXT". */
void gb_status_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void gb_status_warning(const char *text);
void gb_status_error(const gb_error *err);

/* 12345 -> "12,345". */
const char *gb_status_count(uint64_t value, char text[32]);

/* One line, or a table with a row a macro as well. */
void gb_status_summary(const gb_summary *summary, bool table);

#endif
