/* review.h: what generated code contains that deserves a look.
 *
 * A sandboxed macro can still write any code into the program. A review reads the messages of one
 * expansion as they are checked (it is a gb_listener of gb_message_check) and counts the constructs
 * below in DONE, unless the macro was handed the very token: one with the same text at the same span
 * stood in EXPAND. Span and text together cannot be borrowed for something that the user did not
 * write there. Streams and groups that go back unopened are the user's by definition.
 *
 * It judges spelling, not meaning: `unsafe` in an argument of another macro counts as well.
 *
 *   unsafe        `unsafe`                        extern     `extern`, but for `extern crate`
 *   asm           asm! global_asm! naked_asm!     link       #[link…] #[link_section] …
 *   export        #[no_mangle] #[export_name]     include    include! include_str! include_bytes!
 *   env           env! option_env!                macro      macro_rules!
 *   std-process, std-fs, std-net, std-env, std-os std::process … in paths and in `std::{…}`
 *   literal       of 64 bytes or more, at least 4.5 bits of entropy a byte
 *   bidi          characters that reorder displayed text (Unicode: Bidi_Control) */
#ifndef GB_TOKENS_REVIEW_H
#define GB_TOKENS_REVIEW_H

#include "tokens/check.h"

typedef enum gb_construct {
    GB_CONSTRUCT_UNSAFE,
    GB_CONSTRUCT_EXTERN,
    GB_CONSTRUCT_ASM,
    GB_CONSTRUCT_LINK,
    GB_CONSTRUCT_EXPORT,
    GB_CONSTRUCT_INCLUDE,
    GB_CONSTRUCT_ENV,
    GB_CONSTRUCT_MACRO,
    GB_CONSTRUCT_STD_PROCESS,
    GB_CONSTRUCT_STD_FS,
    GB_CONSTRUCT_STD_NET,
    GB_CONSTRUCT_STD_ENV,
    GB_CONSTRUCT_STD_OS,
    GB_CONSTRUCT_LITERAL,
    GB_CONSTRUCT_BIDI,
    GB_CONSTRUCT_COUNT
} gb_construct;

/* "unsafe", "std-fs", …; static. NULL past the end. */
const char *gb_construct_name(gb_construct construct);
/* The construct of that name; false when there is none. */
bool gb_construct_find(const char *name, size_t length, gb_construct *out);

typedef struct gb_review gb_review;

gb_review *gb_review_new(gb_error *err);
void gb_review_free(gb_review *review);
/* Before each EXPAND. Counts of the expansion before are forgotten. */
void gb_review_reset(gb_review *review);
/* For gb_message_check. Attend to EXPAND and DONE; other messages may be passed too. */
gb_listener gb_review_listener(gb_review *review);

/* How often the construct stands in the output of this expansion. */
uint32_t gb_review_count(const gb_review *review, gb_construct construct);
/* False when memory ran out on the way: the counts are then too low, and the caller must say so. */
bool gb_review_complete(const gb_review *review);

#endif
