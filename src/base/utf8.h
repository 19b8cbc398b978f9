/* utf8.h: is this UTF-8? */
#ifndef GB_BASE_UTF8_H
#define GB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True when the bytes are well-formed UTF-8 as Unicode and Rust's `str` have it: shortest forms only, no
 * surrogates, nothing above U+10FFFF. NUL is a character like any other. */
bool gb_utf8_valid(const void *bytes, size_t length);

#endif
