/* quirks.h: crates that need a word changed to be compiled for the guest, in one table.
 *
 * Every edit is of the same length, so that positions stay. A crate belongs here when it asks about
 * the target to guess whether the compiler's proc_macro is there: inside the guest it is. Or when its build
 * script, which runs for the host, has it call native code that it can do without. */
#ifndef GB_SOURCE_QUIRKS_H
#define GB_SOURCE_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when some quirk is known for this package and version; either may be NULL. */
bool gb_quirks_known(const char *package, const char *version);
/* Applies the package's quirks to the text of one file, in place. Returns how many edits it made.
 */
size_t gb_quirks_apply(const char *package, const char *version, uint8_t *text, size_t length);
/* True for a package that has `wasi` as a dependency where the target is WASI: for the host, Cargo passes
 * none. */
bool gb_quirks_want_wasi(const char *package, const char *version);

#endif
