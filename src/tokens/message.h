/* message.h: one message between shim and guest (docs/protocol.md, section 1): its frame.
 *
 *   +----------------+--------+--------+--------+----------+-----------+-----------------+
 *   | operation      | W      | T      | B      | body     | text ends | text pool       |
 *   | | version << 16| words  | texts  | bytes  | W words  | T words   | B bytes, padded |
 *   +----------------+--------+--------+--------+----------+-----------+-----------------+
 *   0                4        8        12       16         16+4W       16+4(W+T)
 *
 * All words are 32 bits, little-endian, at any alignment. A gb_message borrows the bytes it was opened
 * from, and is only a view: gb_message_open proves the frame (sizes, and texts: in order, UTF-8,
 * cut between characters); what the body says is proven by gb_message_check (check.h). */
#ifndef GB_TOKENS_MESSAGE_H
#define GB_TOKENS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

#define GB_MESSAGE_MAX ((size_t)1 << 30)
#define GB_MESSAGE_NONE UINT32_C(0xffffffff) /* "no text", "no origin" */
enum {
    GB_MESSAGE_VERSION = 1,
    GB_MESSAGE_HEADER = 16,      /* bytes */
    GB_MESSAGE_DEPTH = 1000000,  /* groups within groups */
};

typedef enum gb_operation {
    /* shim to guest */
    GB_OP_EXPAND = 1,
    GB_OP_ANSWER = 2,
    GB_OP_RAISED = 3,
    /* guest to shim, last of an expansion */
    GB_OP_DONE = 16,
    GB_OP_PANIC = 17,
    /* guest to shim, questions */
    GB_OP_PARSE = 32,
    GB_OP_DISPLAY = 33,
    GB_OP_LITERAL = 34,
    GB_OP_IDENT = 35,
    GB_OP_SPAN_TEXT = 36,
    GB_OP_SPAN_INFO = 37,
    GB_OP_SPAN_JOIN = 38,
    GB_OP_SPAN_PARENT = 39,
    GB_OP_SPAN_DEBUG = 40,
    GB_OP_SPAN_EQ = 41,
    GB_OP_SPAN_SUBSPAN = 42,
    GB_OP_DIAGNOSTIC = 43,
    GB_OP_EXPAND_EXPR = 44,
    GB_OP_TRACK_ENV = 45,
    GB_OP_TRACK_PATH = 46,
} gb_operation;

/* Spans with a meaning of their own; the shim's numbers start at GB_SPAN_FIRST. */
#define GB_SPAN_DERIVED UINT32_C(0x80000000)
enum { GB_SPAN_CALL_SITE = 0, GB_SPAN_MIXED_SITE = 1, GB_SPAN_DEF_SITE = 2, GB_SPAN_FIRST = 3 };

enum {
    GB_PIECE_IDENT = 0,
    GB_PIECE_PUNCT = 1,
    GB_PIECE_LITERAL = 2,
    GB_PIECE_GROUP = 3,
    GB_PIECE_STREAM = 4,
    GB_PIECE_SAME = 5,
};

typedef struct gb_message {
    uint16_t operation;
    uint32_t words;      /* of the body */
    uint32_t text_count;
    uint32_t pool_length;
    const uint8_t *body;
    const uint8_t *ends;
    const uint8_t *pool;
} gb_message;

/* GB_ERROR_MALFORMED says what is wrong with the frame. */
bool gb_message_open(const void *bytes, size_t length, gb_message *out, gb_error *err);

/* Word `index` of the body; index < words. */
static inline uint32_t gb_message_word(const gb_message *m, uint32_t index) {
    return gb_load_u32(m->body + (size_t)index * 4);
}
/* Text `index` < text_count; not NUL-terminated. */
static inline const char *gb_message_text(const gb_message *m, uint32_t index, uint32_t *length) {
    uint32_t start = index ? gb_load_u32(m->ends + (size_t)index * 4 - 4) : 0;
    *length = gb_load_u32(m->ends + (size_t)index * 4) - start;
    return (const char *)m->pool + start;
}

/* "PARSE", or NULL for a number that is no operation. */
const char *gb_operation_name(uint32_t operation);

#endif
