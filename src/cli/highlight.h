/* highlight.h: Rust source with colours for a terminal. */
#ifndef GB_CLI_HIGHLIGHT_H
#define GB_CLI_HIGHLIGHT_H

#include <stdbool.h>

#include "base/buffer.h"

/* Appends the text, coloured. False: memory. */
bool gb_highlight_rust(const char *text, gb_buffer *out);

#endif
