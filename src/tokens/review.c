#include "tokens/review.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The last few tokens of the level that is being read, oldest first: what paths are made of. */
enum { WINDOW = 4 };

typedef struct token {
    uint32_t tag;       /* GB_PIECE_… */
    uint32_t character; /* of punctuation; delimiter of groups */
    const char *text;   /* of identifiers and literals: borrowed from the message */
    uint32_t length;
    bool blamed;        /* the macro wrote it */
} token;

typedef struct level {
    token window[WINDOW];
    bool attribute; /* inside #[…] or #![…], at any depth */
    bool std_list;  /* directly inside `std::{…}` */
} level;

struct gb_review {
    uint32_t counts[GB_CONSTRUCT_COUNT];
    uint64_t *inputs; /* open-addressed set of hashes of (span, text); 0: empty */
    size_t input_count, input_room;
    level *levels;
    size_t depth, level_room; /* levels[depth] is the current one */
    bool failed;
};

static const char *const names[GB_CONSTRUCT_COUNT] = {
    "unsafe",      "extern", "asm",     "link",    "export", "include", "env",  "macro",
    "std-process", "std-fs", "std-net", "std-env", "std-os", "literal", "bidi",
};

const char *gb_construct_name(gb_construct construct) {
    return (unsigned)construct < GB_CONSTRUCT_COUNT ? names[construct] : NULL;
}

bool gb_construct_find(const char *name, size_t length, gb_construct *out) {
    for (int i = 0; i < GB_CONSTRUCT_COUNT; i++) {
        if (strlen(names[i]) != length || memcmp(names[i], name, length) != 0) continue;
        *out = (gb_construct)i;
        return true;
    }
    return false;
}

gb_review *gb_review_new(gb_error *err) {
    gb_review *review = calloc(1, sizeof *review);
    if (!review) gb_fail(err, GB_ERROR_MEMORY, "out of memory for the review of generated code");
    return review;
}

void gb_review_free(gb_review *review) {
    if (!review) return;
    free(review->inputs);
    free(review->levels);
    free(review);
}

void gb_review_reset(gb_review *review) {
    memset(review->counts, 0, sizeof review->counts);
    if (review->input_count) memset(review->inputs, 0, review->input_room * sizeof *review->inputs);
    review->input_count = 0;
    review->depth = 0;
    review->failed = false;
}

uint32_t gb_review_count(const gb_review *review, gb_construct construct) {
    return review->counts[construct];
}

bool gb_review_complete(const gb_review *review) {
    return !review->failed;
}

/* ---- the tokens that the macro was handed ----------------------------------------------------- */

/* FNV-1a over the span and the text: 64 bits, where a chance collision merely excuses one token. */
static uint64_t fingerprint(uint32_t span, const char *text, uint32_t length) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 4; i++) hash = (hash ^ (span >> 8 * i & 0xff)) * 0x100000001b3u;
    for (uint32_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
    return hash ? hash : 1;
}

static size_t slot_of(const gb_review *review, uint64_t hash) {
    size_t mask = review->input_room - 1, slot = (size_t)(hash ^ hash >> 32) & mask;
    while (review->inputs[slot] && review->inputs[slot] != hash) slot = (slot + 1) & mask;
    return slot;
}

static bool input_grow(gb_review *review) {
    size_t old_room = review->input_room, room = old_room ? 2 * old_room : 1024;
    uint64_t *old = review->inputs, *inputs = calloc(room, sizeof *inputs);
    if (!inputs) return false;
    review->inputs = inputs;
    review->input_room = room;
    for (size_t i = 0; i < old_room; i++)
        if (old[i]) inputs[slot_of(review, old[i])] = old[i];
    free(old);
    return true;
}

static void input_add(gb_review *review, uint64_t hash) {
    if (2 * review->input_count >= review->input_room && !input_grow(review)) {
        review->failed = true;
        return;
    }
    size_t slot = slot_of(review, hash);
    if (!review->inputs[slot]) review->input_count++;
    review->inputs[slot] = hash;
}

static bool input_has(const gb_review *review, uint64_t hash) {
    return review->input_count && review->inputs[slot_of(review, hash)] == hash;
}

/* ---- spellings ------------------------------------------------------------------------------ */

static bool is(const token *t, const char *text) {
    return t->tag == GB_PIECE_IDENT && t->text && strlen(text) == t->length &&
           memcmp(t->text, text, t->length) == 0;
}

static bool is_one_of(const token *t, const char *const *texts) {
    for (; *texts; texts++)
        if (is(t, *texts)) return true;
    return false;
}

static bool is_punct(const token *t, char character) {
    return t->tag == GB_PIECE_PUNCT && t->character == (uint8_t)character;
}

static void count(gb_review *review, gb_construct construct) {
    if (review->counts[construct] < UINT32_MAX) review->counts[construct]++;
}

/* `name` of std::name. */
static void see_std(gb_review *review, const token *name) {
    static const struct {
        const char *module;
        gb_construct construct;
    } powers[] = {{"process", GB_CONSTRUCT_STD_PROCESS}, {"fs", GB_CONSTRUCT_STD_FS},
                  {"net", GB_CONSTRUCT_STD_NET},         {"env", GB_CONSTRUCT_STD_ENV},
                  {"os", GB_CONSTRUCT_STD_OS}};
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
        if (is(name, powers[i].module)) count(review, powers[i].construct);
}

static void see_macro_call(gb_review *review, const token *name) {
    static const char *const assembly[] = {"asm", "global_asm", "naked_asm", NULL};
    static const char *const inclusion[] = {"include", "include_str", "include_bytes", NULL};
    static const char *const environment[] = {"env", "option_env", NULL};
    if (is_one_of(name, assembly)) count(review, GB_CONSTRUCT_ASM);
    if (is_one_of(name, inclusion)) count(review, GB_CONSTRUCT_INCLUDE);
    if (is_one_of(name, environment)) count(review, GB_CONSTRUCT_ENV);
    if (is(name, "macro_rules")) count(review, GB_CONSTRUCT_MACRO);
}

static void see_in_attribute(gb_review *review, const token *t) {
    static const char *const exports[] = {"no_mangle", "export_name", NULL};
    static const char *const links[] = {"link", "link_section", "link_name", "link_ordinal", "used", NULL};
    if (is_one_of(t, exports)) count(review, GB_CONSTRUCT_EXPORT);
    if (is_one_of(t, links)) count(review, GB_CONSTRUCT_LINK);
}

/* U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, as UTF-8. */
static bool has_bidi(const char *text, uint32_t length) {
    const uint8_t *p = (const uint8_t *)text;
    for (uint32_t i = 0; i + 1 < length; i++) {
        if (p[i] == 0xd8 && p[i + 1] == 0x9c) return true;
        if (p[i] != 0xe2 || i + 2 >= length) continue;
        if (p[i + 1] == 0x80 && (p[i + 2] == 0x8e || p[i + 2] == 0x8f)) return true;
        if (p[i + 1] == 0x80 && p[i + 2] >= 0xaa && p[i + 2] <= 0xae) return true;
        if (p[i + 1] == 0x81 && p[i + 2] >= 0xa6 && p[i + 2] <= 0xa9) return true;
    }
    return false;
}

static bool is_dense(const char *text, uint32_t length) {
    if (length < 64) return false;
    uint32_t histogram[256] = {0};
    for (uint32_t i = 0; i < length; i++) histogram[(uint8_t)text[i]]++;
    double bits = 0;
    for (int i = 0; i < 256; i++)
        if (histogram[i]) bits -= histogram[i] * log2((double)histogram[i] / length);
    return bits / length >= 4.5;
}

/* ---- the output, token by token ---------------------------------------------------------------- */

/* A token that was just put into the level's window. A construct is counted at its last token, except
 * `unsafe`, `extern` and those in attributes; it is the macro's when its telling token is. */
static void see(gb_review *review, level *l) {
    const token *t = &l->window[WINDOW - 1], *before = &l->window[WINDOW - 2];
    bool path = is_punct(before, ':') && is_punct(&l->window[WINDOW - 3], ':') &&
                is(&l->window[WINDOW - 4], "std");
    if (t->tag == GB_PIECE_PUNCT && t->character == '!' && before->blamed) see_macro_call(review, before);
    if (is(t, "crate") && is(before, "extern") && before->blamed) review->counts[GB_CONSTRUCT_EXTERN]--;
    if (!t->blamed || !t->text) return;
    if (has_bidi(t->text, t->length)) count(review, GB_CONSTRUCT_BIDI);
    if (t->tag == GB_PIECE_LITERAL && is_dense(t->text, t->length)) count(review, GB_CONSTRUCT_LITERAL);
    if (is(t, "unsafe") && !l->attribute) count(review, GB_CONSTRUCT_UNSAFE);
    if (is(t, "extern")) count(review, GB_CONSTRUCT_EXTERN);
    if (l->attribute) see_in_attribute(review, t);
    if (path || l->std_list) see_std(review, t);
}

static void push_token(gb_review *review, token t) {
    level *l = &review->levels[review->depth];
    memmove(l->window, l->window + 1, (WINDOW - 1) * sizeof *l->window);
    l->window[WINDOW - 1] = t;
    see(review, l);
}

static bool level_room(gb_review *review) {
    if (review->depth < review->level_room) return true;
    size_t room = review->level_room ? 2 * review->level_room : 64;
    level *levels = realloc(review->levels, room * sizeof *levels);
    if (!levels) return false;
    review->levels = levels;
    review->level_room = room;
    return true;
}

static void enter(gb_review *review, uint32_t delimiter) {
    const level *outer = &review->levels[review->depth];
    const token *last = &outer->window[WINDOW - 1];
    bool after_path = is_punct(last, ':') && is_punct(last - 1, ':') && is(last - 2, "std");
    bool after_hash = is_punct(last, '#') || (is_punct(last, '!') && is_punct(last - 1, '#'));
    level inner = {.attribute = outer->attribute || (delimiter == 2 && after_hash),
                   .std_list = delimiter == 1 && after_path};
    push_token(review, (token){.tag = GB_PIECE_GROUP, .character = delimiter, .blamed = true});
    review->depth++;
    if (!level_room(review)) {
        review->failed = true;
        review->depth--;
        return;
    }
    review->levels[review->depth] = inner;
}

static token read_token(const gb_review *review, const gb_message *m, uint32_t tag, uint32_t at) {
    uint32_t head = gb_message_word(m, at);
    token t = {.tag = tag, .blamed = true};
    if (tag == GB_PIECE_PUNCT) t.character = head >> 8;
    if (tag != GB_PIECE_IDENT && tag != GB_PIECE_LITERAL) return t;
    t.text = gb_message_text(m, gb_message_word(m, at + 1), &t.length);
    uint32_t span = gb_message_word(m, at + (tag == GB_PIECE_IDENT ? 2 : 3));
    t.blamed = !input_has(review, fingerprint(span, t.text, t.length));
    return t;
}

static void see_output(gb_review *review, const gb_message *m, const gb_event *event) {
    if (!level_room(review)) {
        review->failed = true;
        return;
    }
    switch (event->kind) {
    case GB_EVENT_STREAM:
        if (review->depth == 0) review->levels[0] = (level){0};
        break;
    case GB_EVENT_GROUP_END:
        if (review->depth) review->depth--;
        break;
    case GB_EVENT_PIECE: {
        uint32_t head = gb_message_word(m, event->at), tag = head & 15;
        if (tag == GB_PIECE_GROUP) enter(review, head >> 4);
        else push_token(review, read_token(review, m, tag, event->at));
        break;
    }
    default: break;
    }
}

static void see_input(gb_review *review, const gb_message *m, const gb_event *event) {
    if (event->kind != GB_EVENT_PIECE) return;
    uint32_t tag = gb_message_word(m, event->at) & 15, length;
    if (tag != GB_PIECE_IDENT && tag != GB_PIECE_LITERAL) return;
    const char *text = gb_message_text(m, gb_message_word(m, event->at + 1), &length);
    uint32_t span = gb_message_word(m, event->at + (tag == GB_PIECE_IDENT ? 2 : 3));
    input_add(review, fingerprint(span, text, length));
}

static void on_event(void *env, const gb_message *message, const gb_event *event) {
    gb_review *review = env;
    if (message->operation == GB_OP_EXPAND) see_input(review, message, event);
    else if (message->operation == GB_OP_DONE) see_output(review, message, event);
}

gb_listener gb_review_listener(gb_review *review) {
    return (gb_listener){.event = on_event, .env = review};
}
