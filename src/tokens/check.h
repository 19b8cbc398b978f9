/* check.h: proves a message's body, word by word, against what has been said before in the same
 * expansion; and walks it for whoever wants to look (print.h).
 *
 * A gb_exchange is one expansion's state: how many spans, recipes and origins exist, and which
 * question waits for its answer. Feed it every message of both directions in order. A message that
 * passes can be read without further checks: all indices, tags, lengths and kinds are in range,
 * reserved bits are zero, nothing is left over, groups nest at most GB_MESSAGE_DEPTH deep. What only
 * a compiler can judge (is this text an identifier?) is left to the shim.
 *
 * No recursion: depth costs heap, four bytes a level. */
#ifndef GB_TOKENS_CHECK_H
#define GB_TOKENS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "tokens/message.h"

typedef struct gb_exchange {
    uint32_t macro_count;  /* EXPAND must name one of them; 0: not checked */
    uint32_t macro_index;  /* of the EXPAND that began it */
    uint32_t spans;        /* numbers below are the shim's or fixed */
    uint32_t recipes;      /* derived spans so far */
    uint32_t origins;      /* streams that the shim holds */
    uint16_t question;     /* operation that waits for its ANSWER; 0: none */
    bool begun, ended;     /* EXPAND was seen; DONE or PANIC was seen */
    uint64_t tokens_in;    /* trees in EXPAND and in answers */
    uint64_t tokens_out;   /* trees in DONE, held ones included */
    gb_buffer weights;     /* one u64 an origin: the trees within */
    gb_buffer nesting;     /* scratch: where the open groups end */
} gb_exchange;

/* Back to the state before an EXPAND; keeps the room. Zero-initialise the first time. */
void gb_exchange_reset(gb_exchange *exchange);
void gb_exchange_free(gb_exchange *exchange);

typedef enum gb_event_kind {
    GB_EVENT_WORD,      /* a plain number, `name` says which */
    GB_EVENT_TEXT,      /* `text` is an index, or GB_MESSAGE_NONE */
    GB_EVENT_SPAN,      /* `span` */
    GB_EVENT_RECIPE,    /* words[0..3] */
    GB_EVENT_STREAM,    /* a stream begins; `origin` or GB_MESSAGE_NONE */
    GB_EVENT_STREAM_END,
    GB_EVENT_PIECE,     /* a piece; `words` are its own. A group's content follows */
    GB_EVENT_GROUP_END,
} gb_event_kind;

typedef struct gb_event {
    gb_event_kind kind;
    const char *name; /* what this part of the body is */
    uint32_t value;   /* number, text, span or origin */
    uint32_t at;      /* first word; gb_message_word reads on from here */
} gb_event;

/* Sees the body in order, as far as it has been proven. */
typedef struct gb_listener {
    void (*event)(void *env, const gb_message *message, const gb_event *event);
    void *env;
} gb_listener;

/* GB_ERROR_MALFORMED: which operation, which word, what is wrong there. The exchange is then of no
 * further use but to be reset. GB_ERROR_MEMORY: no room for nesting or origins. `listener` may be
 * NULL. */
bool gb_message_check(const gb_message *message, gb_exchange *exchange, const gb_listener *listener,
                      gb_error *err);

#endif
