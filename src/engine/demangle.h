/* demangle.h: Rust symbols for messages. */
#ifndef GB_ENGINE_DEMANGLE_H
#define GB_ENGINE_DEMANGLE_H

#include <stddef.h>

/* Writes a readable form of a symbol, cut to fit and NUL-terminated: legacy `_ZN…17h…E` whole; of v0 `_R…` the
 * path, without generic arguments where they would need back references; anything else as it is, control
 * characters as '?'. */
void gb_demangle(const char *symbol, size_t length, char *text, size_t size);

#endif
