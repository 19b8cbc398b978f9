/* suggest.h: "did you mean …?" for words that people mistype. */
#ifndef GB_CLI_SUGGEST_H
#define GB_CLI_SUGGEST_H

#include <stddef.h>

/* The one of `count` words that `word` most looks like (fewest letters added, removed, changed or
 * swapped with a neighbour), or NULL when none is near enough to be meant. `stride` is the distance
 * in bytes from one `const char *` to the next, so that a table's column can be searched. */
const char *gb_cli_nearest(const char *word, const char *const *words, size_t count, size_t stride);

#endif
