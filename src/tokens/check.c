#include "tokens/check.h"

#include <stdlib.h>
#include <string.h>

void gb_exchange_reset(gb_exchange *x) {
    gb_buffer weights = x->weights, nesting = x->nesting;
    uint32_t macro_count = x->macro_count;
    gb_buffer_clear(&weights);
    gb_buffer_clear(&nesting);
    *x = (gb_exchange){.macro_count = macro_count, .weights = weights, .nesting = nesting};
}

void gb_exchange_free(gb_exchange *x) {
    gb_buffer_free(&x->weights);
    gb_buffer_free(&x->nesting);
    *x = (gb_exchange){0};
}

/* ---- the walk ------------------------------------------------------------------------------- */

typedef struct walk {
    const gb_message *m;
    gb_exchange *x;
    const gb_listener *listener;
    uint32_t at;       /* next word */
    bool from_shim;    /* may introduce spans and origins; may not send recipes, STREAM, SAME */
    uint64_t tokens;   /* trees seen in the streams of this message */
    gb_error *err;
} walk;

static bool bad(walk *w, uint32_t word, const char *what) {
    return gb_fail(w->err, GB_ERROR_MALFORMED, "message %s: word %u: %s",
                   gb_operation_name(w->m->operation), word, what);
}

static bool out_of_memory(walk *w) {
    return gb_fail(w->err, GB_ERROR_MEMORY, "no memory to check a message");
}

static void tell(walk *w, gb_event_kind kind, const char *name, uint32_t value, uint32_t at) {
    if (!w->listener) return;
    gb_event event = {.kind = kind, .name = name, .value = value, .at = at};
    w->listener->event(w->listener->env, w->m, &event);
}

static bool word(walk *w, uint32_t *out) {
    *out = 0;
    if (w->at >= w->m->words) return bad(w, w->at, "the body ends here");
    *out = gb_message_word(w->m, w->at++);
    return true;
}

/* A plain number, at most `most`. */
static bool number(walk *w, const char *name, uint32_t most, uint32_t *out) {
    if (!word(w, out)) return false;
    if (*out > most) return bad(w, w->at - 1, "the number is too large");
    tell(w, GB_EVENT_WORD, name, *out, w->at - 1);
    return true;
}

static bool text_ok(walk *w, uint32_t index, bool may_be_none, uint32_t at) {
    if (index < w->m->text_count || (may_be_none && index == GB_MESSAGE_NONE)) return true;
    return bad(w, at, "there is no such text");
}

static bool text(walk *w, const char *name, bool may_be_none) {
    uint32_t index;
    if (!word(w, &index) || !text_ok(w, index, may_be_none, w->at - 1)) return false;
    tell(w, GB_EVENT_TEXT, name, index, w->at - 1);
    return true;
}

/* The shim numbers spans in the order of their first appearance. */
static bool span_ok(walk *w, uint32_t span, uint32_t at) {
    gb_exchange *x = w->x;
    if (span < x->spans) return true;
    if (w->from_shim) {
        if (span != x->spans || span >= GB_SPAN_DERIVED) return bad(w, at, "the span is out of order");
        x->spans++;
        return true;
    }
    if (span >= GB_SPAN_DERIVED && span - GB_SPAN_DERIVED < x->recipes) return true;
    return bad(w, at, "there is no such span");
}

static bool span(walk *w, const char *name) {
    uint32_t value;
    if (!word(w, &value) || !span_ok(w, value, w->at - 1)) return false;
    tell(w, GB_EVENT_SPAN, name, value, w->at - 1);
    return true;
}

static bool recipes(walk *w) {
    uint32_t count;
    if (!word(w, &count)) return false;
    if (count > (w->m->words - w->at) / 3) return bad(w, w->at - 1, "more recipes than words");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = gb_message_word(w->m, w->at);
        if (kind < 1 || kind > 5) return bad(w, w->at, "there is no such recipe");
        if (w->x->recipes == GB_SPAN_DERIVED - 1) return bad(w, w->at, "too many recipes");
        if (!span_ok(w, gb_message_word(w->m, w->at + 1), w->at + 1)) return false;
        uint32_t other = gb_message_word(w->m, w->at + 2);
        if (kind <= 2 && !span_ok(w, other, w->at + 2)) return false;
        tell(w, GB_EVENT_RECIPE, "recipe", w->x->recipes, w->at);
        w->x->recipes++;
        w->at += 3;
    }
    return true;
}

/* ---- streams -------------------------------------------------------------------------------- */

static uint64_t weight_of(const gb_exchange *x, uint32_t origin) {
    return gb_load_u64(x->weights.data + (size_t)origin * 8);
}

/* Opens the next origin; its weight so far is the count of trees before it, until it closes. */
static bool origin_open(walk *w, uint32_t origin, uint32_t at) {
    if (origin != w->x->origins) return bad(w, at, "the origin is out of order");
    uint8_t before[8];
    gb_store_u64(before, w->tokens);
    if (!gb_buffer_append(&w->x->weights, before, sizeof before)) return out_of_memory(w);
    w->x->origins++;
    return true;
}

static void origin_close(walk *w, uint32_t origin) {
    uint8_t *slot = w->x->weights.data + (size_t)origin * 8;
    gb_store_u64(slot, w->tokens - gb_load_u64(slot));
}

/* Fixed words of each piece, by tag; a group's length is one of them. */
static const uint8_t piece_words[] = {3, 2, 4, 6, 2, 2};

/* =<>!~+-*%^&|@.,;:#$?' and the slash, by their bits: half of all tokens are one of these. */
static inline bool is_punctuation(uint32_t character) {
#define IN(word, c) ((c) >> 6 == (word) ? UINT64_C(1) << ((c) & 63) : 0)
#define SET(w)                                                                                     \
    (IN(w, '=') | IN(w, '<') | IN(w, '>') | IN(w, '!') | IN(w, '~') | IN(w, '+') | IN(w, '-') |    \
     IN(w, '*') | IN(w, '/') | IN(w, '%') | IN(w, '^') | IN(w, '&') | IN(w, '|') | IN(w, '@') |    \
     IN(w, '.') | IN(w, ',') | IN(w, ';') | IN(w, ':') | IN(w, '#') | IN(w, '$') | IN(w, '?') |    \
     IN(w, '\''))
    static const uint64_t set[2] = {SET(0), SET(1)};
    return character < 128 && (set[character >> 6] >> (character & 63) & 1);
#undef SET
#undef IN
}

/* Kinds of literals that are raw: StrRaw, ByteStrRaw, CStrRaw. */
static bool is_raw(uint32_t kind) {
    return kind == 5 || kind == 7 || kind == 9;
}

static bool literal_ok(uint32_t head, uint32_t suffix, uint32_t texts) {
    uint32_t kind = head >> 4 & 0xfff, hashes = head >> 16;
    return kind <= 10 && hashes <= 255 && (!hashes || is_raw(kind)) && (suffix < texts || suffix == GB_MESSAGE_NONE);
}

static bool leaf_ok(walk *w, uint32_t head, uint32_t at) {
    const gb_message *m = w->m;
    switch (head & 15) {
    case GB_PIECE_IDENT:
        if (head >> 5) return bad(w, at, "reserved bits are set");
        return text_ok(w, gb_message_word(m, at + 1), false, at + 1) &&
               span_ok(w, gb_message_word(m, at + 2), at + 2);
    case GB_PIECE_PUNCT:
        if (head >> 16 || (head & 0xe0)) return bad(w, at, "reserved bits are set");
        if (!is_punctuation(head >> 8)) return bad(w, at, "that is no punctuation");
        return span_ok(w, gb_message_word(m, at + 1), at + 1);
    default: {
        uint32_t kind = head >> 4 & 0xfff, hashes = head >> 16;
        if (kind > 10 || hashes > 255) return bad(w, at, "there is no such literal");
        if (hashes && !is_raw(kind)) return bad(w, at, "only raw literals have hashes");
        return text_ok(w, gb_message_word(m, at + 1), false, at + 1) &&
               text_ok(w, gb_message_word(m, at + 2), true, at + 2) &&
               span_ok(w, gb_message_word(m, at + 3), at + 3);
    }
    }
}

static bool held_ok(walk *w, uint32_t head, uint32_t at) {
    if (head >> 4) return bad(w, at, "reserved bits are set");
    if (w->from_shim) return bad(w, at, "only a guest sends what the shim holds");
    uint32_t origin = gb_message_word(w->m, at + 1);
    if (origin >= w->x->origins) return bad(w, at + 1, "there is no such origin");
    w->tokens += weight_of(w->x, origin) + ((head & 15) == GB_PIECE_SAME);
    return true;
}

/* The fixed words of a group; *end is where its content ends. */
static bool group_ok(walk *w, uint32_t head, uint32_t at, uint32_t limit, uint32_t *end) {
    const gb_message *m = w->m;
    if (head >> 6) return bad(w, at, "reserved bits are set");
    for (uint32_t i = 1; i <= 3; i++) {
        if (!span_ok(w, gb_message_word(m, at + i), at + i)) return false;
    }
    uint32_t origin = gb_message_word(m, at + 4), length = gb_message_word(m, at + 5);
    if (length > limit - (at + 6)) return bad(w, at + 5, "the group is longer than what it is in");
    *end = at + 6 + length;
    if (origin == GB_MESSAGE_NONE) {
        /* A group with places of its own for its delimiters is one that the shim holds. */
        if (!w->from_shim && (gb_message_word(m, at + 1) != gb_message_word(m, at + 2) ||
                              gb_message_word(m, at + 1) != gb_message_word(m, at + 3))) {
            return bad(w, at + 2, "the spans of the group differ");
        }
        return true;
    }
    if (!w->from_shim) return bad(w, at + 4, "a guest's group has no origin");
    return origin_open(w, origin, at + 4);
}

typedef struct level {
    uint32_t end;    /* word behind the content */
    uint32_t origin; /* that closes there, or GB_MESSAGE_NONE */
} level;

static bool push(walk *w, level l) {
    gb_buffer *nesting = &w->x->nesting;
    if (nesting->length / sizeof l >= GB_MESSAGE_DEPTH) return bad(w, w->at, "nested too deeply");
    if (nesting->capacity - nesting->length <= sizeof l && !gb_buffer_reserve(nesting, sizeof l)) return out_of_memory(w);
    memcpy(nesting->data + nesting->length, &l, sizeof l);
    nesting->length += sizeof l;
    return true;
}

static level pop(walk *w) {
    level l;
    w->x->nesting.length -= sizeof l;
    memcpy(&l, w->x->nesting.data + w->x->nesting.length, sizeof l);
    return l;
}

/* One piece that begins at w->at and ends before `limit`. A group becomes the new innermost level. */
static bool piece(walk *w, level *inner) {
    uint32_t at = w->at, limit = inner->end;
    uint32_t head = gb_message_word(w->m, at), tag = head & 15;
    if (tag >= sizeof piece_words) return bad(w, at, "there is no such piece");
    if (piece_words[tag] > limit - at) return bad(w, at, "the piece is longer than its stream");
    w->at = at + piece_words[tag];
    if (tag == GB_PIECE_GROUP) {
        level group = {.origin = GB_MESSAGE_NONE};
        w->tokens++;
        if (!group_ok(w, head, at, limit, &group.end)) return false;
        group.origin = gb_message_word(w->m, at + 4);
        if (!push(w, *inner)) return false;
        *inner = group;
    } else if (tag == GB_PIECE_STREAM || tag == GB_PIECE_SAME) {
        if (!held_ok(w, head, at)) return false;
    } else {
        w->tokens++;
        if (!leaf_ok(w, head, at)) return false;
    }
    tell(w, GB_EVENT_PIECE, "piece", tag, at);
    return true;
}

/* Passes over sound identifiers, punctuation and literals: nine of ten pieces. What is anything else is left to `piece`, which
 * knows what is wrong with it. */
static void pass_leaves(walk *w, uint32_t end) {
    const uint8_t *body = w->m->body;
    uint32_t at = w->at, texts = w->m->text_count, spans = w->x->spans, recipes_known = w->x->recipes;
    uint64_t tokens = 0;
    while (end - at >= 2) {
        const uint8_t *p = body + (size_t)at * 4;
        uint32_t head = gb_load_u32(p), tag = head & 15, length = piece_words[tag < sizeof piece_words ? tag : 0];
        if (tag > GB_PIECE_LITERAL || length > end - at) break;
        if (tag == GB_PIECE_PUNCT) {
            if (head >> 16 || (head & 0xe0) || !is_punctuation(head >> 8)) break;
        } else {
            if (gb_load_u32(p + 4) >= texts) break;
            if (tag == GB_PIECE_IDENT ? head >> 5 != 0 : !literal_ok(head, gb_load_u32(p + 8), texts)) break;
        }
        uint32_t place = gb_load_u32(p + ((size_t)length - 1) * 4);
        if (place >= spans) {
            if (w->from_shim) {
                if (place != spans || place >= GB_SPAN_DERIVED) break;
                spans++;
            } else if (place < GB_SPAN_DERIVED || place - GB_SPAN_DERIVED >= recipes_known) {
                break;
            }
        }
        tokens++;
        at += length;
    }
    w->at = at;
    w->tokens += tokens;
    w->x->spans = spans;
}

/* Length and pieces of a stream; `origin` is already open, or GB_MESSAGE_NONE. */
static bool stream_body(walk *w, const char *name, uint32_t origin) {
    uint32_t length;
    if (!word(w, &length)) return false;
    if (length > w->m->words - w->at) return bad(w, w->at - 1, "the stream is longer than the body");
    tell(w, GB_EVENT_STREAM, name, origin, w->at - 1);
    gb_buffer_clear(&w->x->nesting);
    level inner = {.end = w->at + length, .origin = origin};
    for (;;) {
        while (w->at < inner.end) {
            if (!w->listener) pass_leaves(w, inner.end);
            if (w->at < inner.end && !piece(w, &inner)) return false;
        }
        if (inner.origin != GB_MESSAGE_NONE) origin_close(w, inner.origin);
        if (w->x->nesting.length == 0) break;
        tell(w, GB_EVENT_GROUP_END, "group", 0, w->at);
        inner = pop(w);
    }
    tell(w, GB_EVENT_STREAM_END, name, origin, w->at);
    return true;
}

static bool stream(walk *w, const char *name) {
    return stream_body(w, name, GB_MESSAGE_NONE);
}

static bool held_stream(walk *w, const char *name) {
    uint32_t origin;
    return word(w, &origin) && origin_open(w, origin, w->at - 1) && stream_body(w, name, origin);
}

/* A LITERAL that is no part of a stream. */
static bool literal(walk *w) {
    uint32_t at = w->at;
    if (w->m->words - at < piece_words[GB_PIECE_LITERAL]) return bad(w, at, "the body ends here");
    uint32_t head = gb_message_word(w->m, at);
    if ((head & 15) != GB_PIECE_LITERAL) return bad(w, at, "that is no literal");
    if (!leaf_ok(w, head, at)) return false;
    w->at = at + piece_words[GB_PIECE_LITERAL];
    tell(w, GB_EVENT_PIECE, "literal", GB_PIECE_LITERAL, at);
    return true;
}

/* level, text, n, n spans, m, m trees: pre-order, so counting what is still to come is enough. */
static bool diagnostic(walk *w) {
    for (uint64_t waiting = 1; waiting > 0; waiting--) {
        uint32_t unused, spans, children;
        if (!number(w, "level", 3, &unused) || !text(w, "message", false)) return false;
        if (!number(w, "spans", UINT32_MAX, &spans)) return false;
        for (uint32_t i = 0; i < spans; i++) {
            if (!span(w, "span")) return false;
        }
        if (!number(w, "children", UINT32_MAX, &children)) return false;
        waiting += children;
    }
    return true;
}

static bool bound(walk *w, const char *name) {
    uint32_t unused;
    return number(w, name, 2, &unused) && number(w, "value", UINT32_MAX, &unused);
}

/* ---- operations ----------------------------------------------------------------------------- */

static bool expand(walk *w) {
    gb_exchange *x = w->x;
    if (x->begun) return bad(w, 0, "the expansion has begun already");
    x->begun = true;
    uint32_t most = x->macro_count ? x->macro_count - 1 : UINT32_MAX, streams, flags;
    if (!number(w, "macro", most, &x->macro_index) || !number(w, "streams", 2, &streams)) {
        return false;
    }
    if (streams == 0) return bad(w, w->at - 1, "an expansion without input");
    if (streams == 2 && !held_stream(w, "attribute")) return false;
    if (!held_stream(w, "input")) return false;
    x->tokens_in += w->tokens;
    return number(w, "flags", 3, &flags);
}

/* Answers that begin with 1, or with 0 for "none": `some` reads on after the 1. */
static bool answer_some(walk *w, bool (*some)(walk *, const char *), const char *name,
                        bool error_text) {
    uint32_t found;
    if (!number(w, "found", 1, &found)) return false;
    if (found) return some(w, name);
    return !error_text || text(w, "error", false);
}

static bool some_text(walk *w, const char *name) {
    return text(w, name, false);
}

static bool some_literal(walk *w, const char *name) {
    (void)name;
    return literal(w);
}

static bool answer_span_info(walk *w) {
    static const char *const names[] = {"line",       "column",     "end line",
                                        "end column", "byte start", "byte end"};
    uint32_t unused;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!number(w, names[i], UINT32_MAX, &unused)) return false;
    }
    return text(w, "file", false) && text(w, "local file", true);
}

static bool answer_body(walk *w, uint16_t question) {
    uint32_t unused;
    switch (question) {
    case GB_OP_PARSE: return answer_some(w, held_stream, "parsed", true);
    case GB_OP_DISPLAY: return text(w, "text", false);
    case GB_OP_LITERAL: return answer_some(w, some_literal, "literal", true);
    case GB_OP_IDENT: return answer_some(w, some_text, "text", false);
    case GB_OP_SPAN_TEXT: return answer_some(w, some_text, "source", false);
    case GB_OP_SPAN_INFO: return answer_span_info(w);
    case GB_OP_SPAN_JOIN:
    case GB_OP_SPAN_PARENT:
    case GB_OP_SPAN_SUBSPAN: return answer_some(w, span, "span", false);
    case GB_OP_SPAN_DEBUG: return text(w, "text", false);
    case GB_OP_SPAN_EQ: return number(w, "equal", 1, &unused);
    case GB_OP_EXPAND_EXPR: return answer_some(w, held_stream, "expanded", false);
    default: return true; /* DIAGNOSTIC, TRACK_ENV, TRACK_PATH: empty */
    }
}

static bool answer(walk *w) {
    uint16_t question = w->x->question;
    if (!question) return bad(w, 0, "nothing was asked");
    w->x->question = 0;
    if (w->m->operation == GB_OP_RAISED) return text(w, "payload", true);
    bool ok = answer_body(w, question);
    w->x->tokens_in += w->tokens;
    return ok;
}

static bool question_body(walk *w) {
    switch (w->m->operation) {
    case GB_OP_PARSE:
    case GB_OP_LITERAL:
    case GB_OP_IDENT:
    case GB_OP_TRACK_PATH: return text(w, "text", false);
    case GB_OP_DISPLAY:
    case GB_OP_EXPAND_EXPR: return stream(w, "stream");
    case GB_OP_SPAN_TEXT:
    case GB_OP_SPAN_INFO:
    case GB_OP_SPAN_PARENT:
    case GB_OP_SPAN_DEBUG: return span(w, "span");
    case GB_OP_SPAN_JOIN:
    case GB_OP_SPAN_EQ: return span(w, "span") && span(w, "other");
    case GB_OP_SPAN_SUBSPAN: return literal(w) && bound(w, "lower") && bound(w, "upper");
    case GB_OP_DIAGNOSTIC: return diagnostic(w);
    default: return text(w, "name", false) && text(w, "value", true); /* TRACK_ENV */
    }
}

static bool from_guest(walk *w) {
    gb_exchange *x = w->x;
    if (!x->begun || x->ended) return bad(w, 0, "no expansion is going on");
    if (x->question) return bad(w, 0, "a question waits for its answer");
    if (!recipes(w)) return false;
    if (w->m->operation == GB_OP_DONE) {
        x->ended = true;
        if (!stream(w, "output")) return false;
        x->tokens_out = w->tokens;
        return true;
    }
    if (w->m->operation == GB_OP_PANIC) {
        x->ended = true;
        return text(w, "payload", true);
    }
    x->question = w->m->operation;
    return question_body(w);
}

bool gb_message_check(const gb_message *message, gb_exchange *exchange, const gb_listener *listener,
                      gb_error *err) {
    if (!gb_operation_name(message->operation)) {
        return gb_fail(err, GB_ERROR_MALFORMED, "message: there is no operation %u",
                       message->operation);
    }
    if (exchange->spans < GB_SPAN_FIRST) exchange->spans = GB_SPAN_FIRST;
    walk w = {.m = message, .x = exchange, .listener = listener, .err = err};
    w.from_shim = message->operation < GB_OP_DONE;
    bool ok;
    if (message->operation == GB_OP_EXPAND) {
        ok = expand(&w);
    } else if (w.from_shim) {
        ok = answer(&w);
    } else {
        ok = from_guest(&w);
    }
    if (!ok) return false;
    return w.at == message->words || bad(&w, w.at, "words are left over");
}
