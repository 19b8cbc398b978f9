/* toml_edit.h: adding to a TOML file what a person would add by hand, where they would: nothing
 * that stands there is moved, reformatted or lost; the result is the old text with something put
 * in.
 *
 * This is no TOML reader: it finds keys, tables, arrays and inline tables (toml.io, 1.0) so far as
 * to know where to write. Whoever uses it has Cargo read the result, and compares. */
#ifndef GB_MANIFEST_TOML_EDIT_H
#define GB_MANIFEST_TOML_EDIT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/strings.h"

/* The place of a value: the keys of its table from the top, then its own. */
typedef struct gb_toml_key {
    const gb_strings *table;
    const char *name;
} gb_toml_key;

/* Adds to the array of that name those texts that it does not have; makes it, and its table, where
 * they are not there. GB_ERROR_MALFORMED: the text is no TOML that this understands, or the value
 * is no array. On failure `text` is as it was. */
bool gb_toml_add_texts(gb_buffer *text, const gb_toml_key *key, const gb_strings *values,
                       gb_error *err);
/* Makes the value true. Errors as above. */
bool gb_toml_set_true(gb_buffer *text, const gb_toml_key *key, gb_error *err);

/* Appends the text as a TOML string, or the key as it may be written in a path. */
bool gb_toml_quote(gb_buffer *out, const char *text);
bool gb_toml_write_key(gb_buffer *out, const char *key);

#endif
