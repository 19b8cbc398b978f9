/* review.h: what generated code contains that deserves a look.
 *
 * A sandboxed macro can still write any code into the program. A review is shown the messages of one
 * expansion after gb_message_check has proven them, and counts the constructs below in the output:
 *
 *   unsafe        `unsafe`                        extern     `extern`, but for `extern crate`
 *   asm           asm! global_asm! naked_asm!     link       #[link…] #[used]
 *   export        #[no_mangle] #[export_name]     include    include…!, #[path = …]
 *   env           env! option_env!                macro      macro_rules!, `macro`
 *   std-process, std-fs, std-net, std-env, std-os std::process … in paths and in `std::{…}`
 *   std-alias     `std as …`, `std::*`: after which paths no longer say what they reach
 *   literal       64 bytes or more that look like data, not text: see is_data in review.c
 *   bidi          characters that reorder displayed text (Unicode: Bidi_Control)
 *
 * A construct is the macro's when one of the tokens that make it is. The user's are: what went back as
 * it lay in the input (SAME, STREAM), and a token that has the text of one in EXPAND at that one's span.
 * So a macro may move and repeat what the user wrote without being blamed; what it had the compiler
 * parse from text of its own is its own.
 *
 * It judges spelling, not meaning: `unsafe` in an argument of another macro counts as well, and what
 * another crate re-exports of std goes by another name. Groups without delimiters are looked through, as the
 * compiler does; r#unsafe is a name, and r#fs is `fs`.
 *
 * Cost: one pass over the texts of input and output. Only where a telling word is among them are the
 * tokens walked, and the input only when a construct has to be attributed. Work is bounded by the
 * messages' length however often a stream is spliced; no recursion. */
#ifndef GB_TOKENS_REVIEW_H
#define GB_TOKENS_REVIEW_H

#include "base/error.h"
#include "tokens/message.h"

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
    GB_CONSTRUCT_STD_ALIAS,
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

/* The messages of an expansion, each after gb_message_check took it. EXPAND begins a new one; its bytes
 * must stay until DONE, or until gb_review_hold has copied them. Of answers those with streams are
 * copied; others may be passed, too. DONE is counted at once. */
void gb_review_expand(gb_review *review, const gb_message *message);
void gb_review_hold(gb_review *review);
void gb_review_answer(gb_review *review, uint16_t question, const gb_message *message);
void gb_review_done(gb_review *review, const gb_message *message);

/* Is it all the same whether the compiler expands this expression (EXPAND_EXPR) and hands over the result? Not where
 * the macro has it call a macro of its own choice: include_str! would read for it what the policy
 * does not grant, and a macro of another name may expand to that. What the user wrote may be expanded,
 * and so may calls of concat!, stringify!, cfg!, line!, column!, file! and module_path!. */
bool gb_review_may_expand(gb_review *review, const gb_message *question);
/* After a no: what stands in the way, "include_str!" or a construct; good until the next question. */
const char *gb_review_obstacle(const gb_review *review, size_t *length);

/* How often the construct stands in the output of this expansion. */
uint32_t gb_review_count(const gb_review *review, gb_construct construct);
/* The same of all constructs: bit i is set where construct i was found. */
uint32_t gb_review_found(const gb_review *review);
/* False when memory or the bound on work ran out on the way: the counts may then be too low, and the
 * caller must say so. */
bool gb_review_complete(const gb_review *review);

#endif
