/* json.h: reads the JSON that wast2json and wasm-tools write. Strings keep their length: names of exports may hold any
 * character, NUL too. Only for test programs. */
#ifndef GB_TESTS_JSON_H
#define GB_TESTS_JSON_H

#include <stdbool.h>
#include <stddef.h>

typedef enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

/* One tree node. Members of arrays and objects are a list. */
typedef struct json {
    json_kind kind;
    char *key; /* in an object */
    char *text; /* of strings and numbers; NUL behind it */
    size_t length;
    struct json *first, *next;
} json;

/* NULL: not JSON, or out of memory. */
json *json_parse(const char *text, size_t length);
void json_free(json *value);
/* The member; NULL when there is none. */
const json *json_get(const json *object, const char *key);
/* The member's text, or "" when there is none. */
const char *json_text(const json *object, const char *key);

#endif
