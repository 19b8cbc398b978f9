/* strings.h: owned lists of strings (argument vectors, environments, names) and small helpers.
 *
 * A gb_strings owns copies of what was added. Invariant: `items` is NULL or has items[count] ==
 * NULL, so it can be handed to execve as it is. Zero-initialise to start; gb_strings_free returns
 * it to that state. Adding never fails visibly: when memory runs out `failed` becomes true, stays
 * true, and the additions are dropped. Ask once, at the end, with gb_strings_ok. */
#ifndef GB_BASE_STRINGS_H
#define GB_BASE_STRINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct gb_strings {
    char **items;
    size_t count;
    size_t capacity;
    bool failed;
} gb_strings;

void gb_strings_add(gb_strings *list, const char *text);
void gb_strings_add_n(gb_strings *list, const char *text, size_t length);
void gb_strings_add_format(gb_strings *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void gb_strings_add_all(gb_strings *list, const gb_strings *from);
/* Up to a NULL argument: gb_strings_add_each(&l, "-C", "opt-level=3", NULL). */
void gb_strings_add_each(gb_strings *list, ...) __attribute__((sentinel));
/* Takes ownership of a malloc'ed string; NULL counts as a failed allocation. */
void gb_strings_take(gb_strings *list, char *text);
/* True when no addition was lost; else GB_ERROR_MEMORY. */
bool gb_strings_ok(const gb_strings *list, gb_error *err);
bool gb_strings_has(const gb_strings *list, const char *text);
void gb_strings_sort(gb_strings *list); /* by bytes */
void gb_strings_remove(gb_strings *list, size_t index);
void gb_strings_clear(gb_strings *list); /* empties, keeps the room, forgets `failed` */
void gb_strings_free(gb_strings *list);

bool gb_text_starts(const char *text, const char *prefix);
bool gb_text_ends(const char *text, const char *suffix);
/* The text after the prefix, or NULL when text does not start with it. */
const char *gb_text_after(const char *text, const char *prefix);
/* malloc'ed copies; NULL when memory runs out. gb_text_format is asprintf as a value. */
char *gb_text_copy(const char *text);
char *gb_text_copy_n(const char *text, size_t length);
char *gb_text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Splits at every `separator` (empty pieces kept) and adds the pieces to list. */
void gb_text_split(gb_strings *list, const char *text, char separator);

#endif
