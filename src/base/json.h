/* json.h: thin helpers over libcjson, for reading what cargo and rustc print and for small files of
 * our own. The tree is libcjson's: free it with cJSON_Delete. */
#ifndef GB_BASE_JSON_H
#define GB_BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/strings.h"

/* NULL: GB_ERROR_MALFORMED with `what` (what the text is) and the offset, or GB_ERROR_MEMORY.
 * Nothing but white space may follow the value. */
cJSON *gb_json_parse(const char *text, size_t length, const char *what, gb_error *err);
/* The member's string, or NULL when there is none or it is of another kind. Owned by the tree. */
const char *gb_json_text(const cJSON *object, const char *key);
double gb_json_number(const cJSON *object, const char *key, double otherwise);
bool gb_json_bool(const cJSON *object, const char *key, bool otherwise);
/* Adds every string of the member array to list. */
void gb_json_texts(const cJSON *object, const char *key, gb_strings *list);
/* A member that is an array of the list's strings. False: memory. */
bool gb_json_add_texts(cJSON *object, const char *key, const gb_strings *list);
/* Appends text as a JSON string with its quotes. False: memory. */
bool gb_json_quote(gb_buffer *out, const char *text);
/* Appends the value, compact or indented. False: memory. */
bool gb_json_print(gb_buffer *out, const cJSON *value, bool indented);

#endif
