/* utf8.h: is this UTF-8? */
#ifndef GB_BASE_UTF8_H
#define GB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True when the bytes are well-formed UTF-8 as Unicode and Rust's `str` have it: shortest forms only, no
 * surrogates, nothing above U+10FFFF. NUL is a character like any other. */
bool gb_utf8_valid(const void *bytes, size_t length);

/* Length of the character at `bytes` when it only shows something; 0 for what a stranger's name must
 * not do to a terminal or to its reader: bytes that are no UTF-8, control characters, those that turn
 * the direction of text or have no width. `length` is at least 1. */
size_t gb_utf8_shown(const void *bytes, size_t length);
/* Puts `?` for each character that gb_utf8_shown refuses, in place. */
void gb_utf8_make_shown(char *text);

#endif
