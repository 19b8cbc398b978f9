/* print.h: a message as text, for people and tests. One fact a line, two spaces a level:
 *
 *   EXPAND
 *     macro 0
 *     streams 1
 *     input: stream, origin 0
 *       ident `struct` @3
 *       group {} @5 @6 @7, origin 1
 *         punct `:` joint @8
 *         literal Str `a` suffix `u8` @9
 *     flags 0
 */
#ifndef GB_TOKENS_PRINT_H
#define GB_TOKENS_PRINT_H

#include "tokens/check.h"

/* Checks the message against the exchange (gb_message_check) and appends its text to `out`. On failure
 * the text goes as far as the message was sound. Control characters, '`' and '\' in texts are escaped as
 * \u{…}. Indentation stops growing at 100 levels. */
bool gb_message_print(const gb_message *message, gb_exchange *exchange, gb_buffer *out,
                      gb_error *err);

#endif
