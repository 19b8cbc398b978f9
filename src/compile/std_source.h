/* std_source.h: the source that the guests' std is built from: Rust's, but for a few lines.
 *
 * Macros run natively on a 64-bit Linux, whose std shows other numbers of errors than WASI's, and
 * hashes lengths as eight bytes. What they print and generate shows it. The lines are in one table
 * (std_source.c); all other files are links to the originals. Where a std is new and says a line
 * differently, it stays as it is: the guests work, and differ in this. */
#ifndef GB_COMPILE_STD_SOURCE_H
#define GB_COMPILE_STD_SOURCE_H

#include <stddef.h>

#include "base/error.h"

/* Makes the folder `to`, a view of `from`: the `library` folder of Rust's source. *missed: how many
 * lines were not found, for whoever tells the user. */
bool gb_std_source_make(const char *from, const char *to, size_t *missed, gb_error *err);
/* Names what is changed and how, for the identity of a std. */
const char *gb_std_source_recipe(void);

#endif
