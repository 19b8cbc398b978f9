#include "tokens/review.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

/* Words of the source language that tell something, alone or beside others. */
typedef enum word {
    WORD_NONE,
    WORD_AS,
    WORD_CFG_ATTR,
    WORD_CRATE,
    WORD_SELF,
    WORD_USE,
    WORD_HARMLESS, /* macros of the compiler's that read nothing */
    WORD_TELLING, /* from here on a single one is reason enough to walk the tokens */
    WORD_STD = WORD_TELLING,
    WORD_UNSAFE,
    WORD_EXTERN,
    WORD_ASM,
    WORD_LINK,
    WORD_EXPORT,
    WORD_INCLUDE,
    WORD_PATH,
    WORD_OPTION_ENV,
    WORD_MACRO,
    WORD_MACRO_RULES,
    WORD_PROCESS,
    WORD_FS,
    WORD_NET,
    WORD_ENV,
    WORD_OS,
} word;

enum { WINDOW = 3, LITERAL_LEAST = 64 };

/* A message that has streams, and where they are from. */
typedef struct source {
    gb_message message;
    uint8_t *owned;  /* the copy that `message` looks at; NULL: borrowed */
    bool users;      /* EXPAND */
    bool parsed;     /* the compiler's answer to a text of the macro's */
    bool telling;
    uint8_t *words;  /* of each text, what word it is; NULL: to be looked up */
} source;

/* Who wrote it is only found out when it matters: hence where it is. */
typedef struct token {
    const source *from;
    uint32_t at;
    uint8_t tag; /* GB_PIECE_…; NOTHING before the first */
    uint8_t character; /* of punctuation */
    uint8_t word;
} token;

enum { NOTHING = 0xff };

/* A level of the output: what stands between two delimiters. */
typedef struct level {
    token window[WINDOW]; /* the last tokens, oldest first */
    token maker;          /* of the token that makes it one of these: */
    bool attribute;       /* attributes stand here: `#[…]`, `cfg_attr(…)`, `unsafe(…)` */
    bool std_list;        /* `std::{…}` */
} level;

/* What STREAM and SAME refer to: a stream, whose length stands at `at`, or a group, which begins there. */
typedef struct origin {
    uint32_t source, at;
    bool group;
} origin;

typedef struct frame {
    const source *from;
    uint32_t at, end; /* words of from->message */
    bool transparent; /* no delimiters: the level goes on in the frame below */
    level level;
} frame;

struct gb_review {
    uint32_t counts[GB_CONSTRUCT_COUNT];
    source *sources; /* [0] is EXPAND */
    size_t source_count, source_room;
    origin *origins;
    size_t origin_count, origin_room;
    uint64_t *inputs; /* open-addressed set of fingerprints of EXPAND's tokens; 0: empty */
    size_t input_count, input_room;
    bool inputs_known, origins_known;
    frame *frames;
    size_t depth, frame_room;
    uint8_t *words; /* of DONE's texts */
    size_t word_room;
    bool asking;    /* EXPAND_EXPR is looked at, not DONE */
    bool calls;     /* and it has the compiler run a macro of the macro's choice, */
    gb_buffer call; /* the first of which is this */
    uint64_t work; /* pieces that may still be looked at */
    bool failed;
};

static const char *const names[GB_CONSTRUCT_COUNT] = {
    "unsafe", "extern",  "asm",     "link",    "export", "include",   "env",     "macro",
    "std-process", "std-fs", "std-net", "std-env", "std-os", "std-alias", "literal", "bidi",
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

uint32_t gb_review_count(const gb_review *review, gb_construct construct) {
    return review->counts[construct];
}

uint32_t gb_review_found(const gb_review *review) {
    uint32_t found = 0;
    for (int i = 0; i < GB_CONSTRUCT_COUNT; i++) found |= (uint32_t)(review->counts[i] != 0) << i;
    return found;
}

bool gb_review_complete(const gb_review *review) {
    return !review->failed;
}

/* ---- words --------------------------------------------------------------------------------- */

enum { WORD_LONGEST = 13 };

/* Looked up by length, then by first letter. */
static word word_of(const char *text, uint32_t length) {
    static const struct {
        const char *text;
        word word;
    } known[WORD_LONGEST + 1][6] = {
        [2] = {{"as", WORD_AS}, {"fs", WORD_FS}, {"os", WORD_OS}},
        [3] = {{"std", WORD_STD}, {"env", WORD_ENV}, {"net", WORD_NET}, {"asm", WORD_ASM}, {"cfg", WORD_HARMLESS}, {"use", WORD_USE}},
        [4] = {{"self", WORD_SELF},
               {"link", WORD_LINK},
               {"used", WORD_LINK},
               {"path", WORD_PATH},
               {"line", WORD_HARMLESS},
               {"file", WORD_HARMLESS}},
        [5] = {{"crate", WORD_CRATE}, {"macro", WORD_MACRO}},
        [6] = {{"unsafe", WORD_UNSAFE},
               {"extern", WORD_EXTERN},
               {"concat", WORD_HARMLESS},
               {"column", WORD_HARMLESS}},
        [7] = {{"process", WORD_PROCESS}, {"include", WORD_INCLUDE}, {"linkage", WORD_LINK}},
        [8] = {{"cfg_attr", WORD_CFG_ATTR}},
        [9] = {{"no_mangle", WORD_EXPORT},
               {"link_name", WORD_LINK},
               {"naked_asm", WORD_ASM},
               {"stringify", WORD_HARMLESS}},
        [10] = {{"option_env", WORD_OPTION_ENV}, {"global_asm", WORD_ASM}},
        [11] = {{"macro_rules", WORD_MACRO_RULES},
                {"include_str", WORD_INCLUDE},
                {"export_name", WORD_EXPORT},
                {"module_path", WORD_HARMLESS}},
        [12] = {{"link_section", WORD_LINK}, {"link_ordinal", WORD_LINK}},
        [13] = {{"include_bytes", WORD_INCLUDE}},
    };
    if (length > WORD_LONGEST) return WORD_NONE;
    for (int i = 0; i < 6 && known[length][i].text; i++) {
        const char *candidate = known[length][i].text;
        if (*candidate == *text && memcmp(candidate, text, length) == 0) return known[length][i].word;
    }
    return WORD_NONE;
}

/* `path` is what everybody calls things; it tells only in an attribute. */
static bool tells(word w) {
    return w >= WORD_TELLING && w != WORD_PATH;
}

/* ---- literals ------------------------------------------------------------------------------ */

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

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_encoded(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
           c == '/' || c == '=' || c == '-' || c == '_';
}

static double bits_a_byte(const uint32_t histogram[256], uint32_t length) {
    double bits = 0;
    for (int i = 0; i < 256; i++)
        if (histogram[i]) bits -= histogram[i] * log2((double)histogram[i] / length);
    return bits / length;
}

/* A long row of what hexadecimal and base64 are written with; a row of one letter says nothing. */
static bool is_encoded_data(const char *text, uint32_t length) {
    uint32_t histogram[256] = {0};
    if (length < LITERAL_LEAST) return false;
    for (uint32_t i = 0; i < length; i++) histogram[(uint8_t)text[i]]++;
    return bits_a_byte(histogram, length) >= 3.5;
}

/* Data rather than text: 64 bytes or more that have five bits of entropy each (prose has little more than
 * four; `\xNN` counts as the byte that it stands for), or as many in a row that are encoded data. */
static bool is_data(const char *text, uint32_t length) {
    if (length < LITERAL_LEAST) return false;
    uint32_t histogram[256] = {0}, bytes = 0, run = 0, kinds = 0;
    for (uint32_t i = 0; i < length; i++, bytes++) {
        uint8_t byte = (uint8_t)text[i];
        bool escaped = byte == '\\' && length - i > 3 && text[i + 1] == 'x' &&
                       hex(text[i + 2]) >= 0 && hex(text[i + 3]) >= 0;
        if (!escaped && is_encoded(text[i])) {
            run++;
        } else {
            if (is_encoded_data(text + i - run, run)) return true;
            run = 0;
        }
        if (escaped) {
            byte = (uint8_t)(hex(text[i + 2]) << 4 | hex(text[i + 3]));
            i += 3;
        }
        kinds += histogram[byte]++ == 0;
    }
    if (is_encoded_data(text + length - run, run)) return true;
    /* Fewer than 32 different bytes cannot have five bits each. */
    return kinds >= 32 && bytes >= LITERAL_LEAST && bits_a_byte(histogram, bytes) >= 5;
}

/* ---- is there anything to look for? ----------------------------------------------------------- */

/* Among the user's texts only words matter, since what is the user's is never counted. `words`, when not
 * NULL, gets what word each text is. */
static bool is_telling(const gb_message *m, bool users, uint8_t *words) {
    uint32_t start = 0;
    bool telling = false;
    for (uint32_t i = 0; i < m->text_count; i++) {
        uint32_t end = gb_load_u32(m->ends + (size_t)i * 4), length = end - start;
        const char *text = (const char *)m->pool + start;
        word w = length <= WORD_LONGEST ? word_of(text, length) : WORD_NONE;
        start = end;
        if (words) words[i] = (uint8_t)w;
        if (tells(w) || (!users && length >= LITERAL_LEAST && is_data(text, length))) telling = true;
    }
    if (users || telling || !m->pool_length) return telling;
    return (memchr(m->pool, 0xe2, m->pool_length) || memchr(m->pool, 0xd8, m->pool_length)) &&
           has_bidi((const char *)m->pool, m->pool_length);
}

/* ---- the messages ----------------------------------------------------------------------------- */

gb_review *gb_review_new(gb_error *err) {
    gb_review *review = calloc(1, sizeof *review);
    if (!review) gb_fail(err, GB_ERROR_MEMORY, "out of memory for the review of generated code");
    return review;
}

static void forget(gb_review *review) {
    for (size_t i = 0; i < review->source_count; i++) free(review->sources[i].owned);
    review->source_count = 0;
    review->origin_count = 0;
    review->depth = 0;
    review->origins_known = review->inputs_known = review->failed = false;
    memset(review->counts, 0, sizeof review->counts);
}

void gb_review_free(gb_review *review) {
    if (!review) return;
    forget(review);
    free(review->sources);
    free(review->origins);
    free(review->inputs);
    free(review->frames);
    free(review->words);
    gb_buffer_free(&review->call);
    free(review);
}

/* Room for one more in a growing array; NULL and `failed` without memory. */
static void *room(gb_review *review, void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    size_t wanted = *capacity ? 2 * *capacity : 16;
    void *grown = realloc(items, wanted * size);
    if (grown) *capacity = wanted;
    else review->failed = true;
    return grown;
}

static source *add_source(gb_review *review) {
    source *grown = room(review, review->sources, review->source_count, &review->source_room,
                         sizeof *grown);
    if (!grown) return NULL;
    review->sources = grown;
    return &grown[review->source_count++];
}

void gb_review_expand(gb_review *review, const gb_message *message) {
    forget(review);
    source *s = add_source(review);
    if (s) *s = (source){.message = *message, .users = true, .telling = is_telling(message, true, NULL)};
}

/* The bytes of a message lie together: body, ends, pool. */
static bool copy_message(source *s, const gb_message *m) {
    size_t body = (size_t)m->words * 4, ends = (size_t)m->text_count * 4;
    gb_message copy = *m; /* may be s->message itself */
    s->owned = malloc(body + ends + m->pool_length + 1);
    if (!s->owned) return false;
    if (body) memcpy(s->owned, copy.body, body);
    if (ends) memcpy(s->owned + body, copy.ends, ends);
    if (copy.pool_length) memcpy(s->owned + body + ends, copy.pool, copy.pool_length);
    s->message = copy;
    s->message.body = s->owned;
    s->message.ends = s->owned + body;
    s->message.pool = s->owned + body + ends;
    return true;
}

void gb_review_answer(gb_review *review, uint16_t question, const gb_message *message) {
    bool held = question == GB_OP_PARSE || question == GB_OP_EXPAND_EXPR;
    if (!held || message->operation != GB_OP_ANSWER || gb_message_word(message, 0) != 1) return;
    source *s = add_source(review);
    if (!s) return;
    *s = (source){.parsed = true, .telling = is_telling(message, false, NULL)};
    if (copy_message(s, message)) return;
    review->source_count--;
    review->failed = true;
}

void gb_review_hold(gb_review *review) {
    source *s = review->source_count ? &review->sources[0] : NULL;
    if (!s || s->owned || copy_message(s, &s->message)) return;
    review->source_count = 0; /* what is to go cannot be looked at later */
    review->failed = true;
}

/* ---- walking the proven body of a message -------------------------------------------------------- */

/* Fixed words of each piece, by tag; a group's content follows, so pieces can be read in a row. */
static const uint8_t piece_words[] = {3, 2, 4, 6, 2, 2};

/* Calls `each` for all pieces of a held stream, which begins with its origin; returns its end. */
static uint32_t scan_stream(gb_review *review, uint32_t index, uint32_t at,
                            void (*each)(gb_review *review, uint32_t index, uint32_t at)) {
    const gb_message *m = &review->sources[index].message;
    uint32_t end = at + 2 + gb_message_word(m, at + 1);
    for (at += 2; at < end; at += piece_words[gb_message_word(m, at) & 15]) each(review, index, at);
    return end;
}

static void add_origin(gb_review *review, uint32_t index, uint32_t at, bool group) {
    origin *grown = room(review, review->origins, review->origin_count, &review->origin_room,
                         sizeof *grown);
    if (!grown) return;
    review->origins = grown;
    grown[review->origin_count++] = (origin){index, at, group};
}

static void group_origin(gb_review *review, uint32_t index, uint32_t at) {
    const gb_message *m = &review->sources[index].message;
    if ((gb_message_word(m, at) & 15) == GB_PIECE_GROUP) add_origin(review, index, at, true);
}

/* Origins are numbered in the order in which they are opened (docs/protocol.md), and so they are found. */
static void know_origins(gb_review *review) {
    if (review->origins_known) return;
    review->origins_known = true;
    for (uint32_t i = 0; i < review->source_count; i++) {
        const gb_message *m = &review->sources[i].message;
        uint32_t streams = review->sources[i].users ? gb_message_word(m, 1) : 1;
        uint32_t at = review->sources[i].users ? 2 : 1;
        for (; streams > 0; streams--) {
            add_origin(review, i, at + 1, false);
            at = scan_stream(review, i, at, group_origin);
        }
    }
}

/* ---- the tokens that the macro was handed ----------------------------------------------------- */

/* FNV-1a over span, tag and text: 64 bits, where a chance collision merely excuses one token. */
static uint64_t fingerprint(uint32_t span, uint32_t tag, const char *text, uint32_t length) {
    uint64_t hash = 0xcbf29ce484222325u ^ tag;
    for (int i = 0; i < 4; i++) hash = (hash ^ (span >> 8 * i & 0xff)) * 0x100000001b3u;
    for (uint32_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
    return hash ? hash : 1;
}

static uint64_t fingerprint_at(const gb_message *m, uint32_t at) {
    uint32_t head = gb_message_word(m, at), tag = head & 15, length = 1;
    char character = (char)(head >> 8 & 0xff);
    const char *text = &character;
    if (tag != GB_PIECE_PUNCT) text = gb_message_text(m, gb_message_word(m, at + 1), &length);
    uint32_t span = gb_message_word(m, at + piece_words[tag] - 1);
    return fingerprint(span, tag, text, length);
}

static size_t slot_of(const gb_review *review, uint64_t hash) {
    size_t mask = review->input_room - 1, slot = (size_t)(hash ^ hash >> 32) & mask;
    while (review->inputs[slot] && review->inputs[slot] != hash) slot = (slot + 1) & mask;
    return slot;
}

static bool input_grow(gb_review *review) {
    size_t old_room = review->input_room, wanted = old_room ? 2 * old_room : 1024;
    uint64_t *old = review->inputs, *inputs = calloc(wanted, sizeof *inputs);
    if (!inputs) return false;
    review->inputs = inputs;
    review->input_room = wanted;
    for (size_t i = 0; i < old_room; i++)
        if (old[i]) inputs[slot_of(review, old[i])] = old[i];
    free(old);
    return true;
}

static void add_input(gb_review *review, uint32_t index, uint32_t at) {
    const gb_message *m = &review->sources[index].message;
    if ((gb_message_word(m, at) & 15) > GB_PIECE_LITERAL) return;
    if (2 * review->input_count >= review->input_room && !input_grow(review)) {
        review->failed = true;
        return;
    }
    uint64_t hash = fingerprint_at(m, at);
    size_t slot = slot_of(review, hash);
    if (!review->inputs[slot]) review->input_count++;
    review->inputs[slot] = hash;
}

static void know_inputs(gb_review *review) {
    if (review->inputs_known) return;
    review->inputs_known = true;
    if (review->input_count) memset(review->inputs, 0, review->input_room * sizeof *review->inputs);
    review->input_count = 0;
    if (!review->source_count || !review->sources[0].users) return;
    uint32_t streams = gb_message_word(&review->sources[0].message, 1), at = 2;
    for (; streams > 0; streams--) at = scan_stream(review, 0, at, add_input);
}

static bool is_blamed(gb_review *review, const token *t) {
    const source *from = t->from;
    if (!from || from->users || from->parsed) return from && from->parsed;
    const gb_message *m = &from->message;
    uint32_t span = gb_message_word(m, t->at + piece_words[t->tag] - 1);
    if (span >= GB_SPAN_DERIVED) return true;
    know_inputs(review);
    return !review->input_count || !review->inputs[slot_of(review, fingerprint_at(m, t->at))];
}

/* ---- the output, token by token ---------------------------------------------------------------- */

/* A construct made by one or two tokens; `other` may be NULL. */
static void count(gb_review *review, gb_construct construct, const token *t, const token *other) {
    if (review->counts[construct] == UINT32_MAX) return;
    if (is_blamed(review, t) || (other && is_blamed(review, other))) review->counts[construct]++;
}

static bool is_punct(const token *t, char character) {
    return t->tag == GB_PIECE_PUNCT && t->character == (uint8_t)character;
}

/* At the start of an element of a list: of attributes, of what `use` names. */
static bool starts_element(const level *l) {
    const token *before = &l->window[WINDOW - 1];
    return before->tag == NOTHING || is_punct(before, ',');
}

/* Do the last tokens spell `std::`? */
static bool after_std(const level *l) {
    const token *w = l->window;
    return is_punct(&w[2], ':') && is_punct(&w[1], ':') && w[0].word == WORD_STD;
}

static bool std_power(word w, gb_construct *construct) {
    switch (w) {
    case WORD_PROCESS: *construct = GB_CONSTRUCT_STD_PROCESS; return true;
    case WORD_FS: *construct = GB_CONSTRUCT_STD_FS; return true;
    case WORD_NET: *construct = GB_CONSTRUCT_STD_NET; return true;
    case WORD_ENV: *construct = GB_CONSTRUCT_STD_ENV; return true;
    case WORD_OS: *construct = GB_CONSTRUCT_STD_OS; return true;
    default: return false;
    }
}

static bool macro_power(word w, gb_construct *construct) {
    switch (w) {
    case WORD_ASM: *construct = GB_CONSTRUCT_ASM; return true;
    case WORD_INCLUDE: *construct = GB_CONSTRUCT_INCLUDE; return true;
    case WORD_ENV:
    case WORD_OPTION_ENV: *construct = GB_CONSTRUCT_ENV; return true;
    default: return false;
    }
}

static void see_attribute(gb_review *review, const level *l, const token *t) {
    if (!starts_element(l)) return;
    if (t->word == WORD_EXPORT) count(review, GB_CONSTRUCT_EXPORT, t, &l->maker);
    if (t->word == WORD_LINK) count(review, GB_CONSTRUCT_LINK, t, &l->maker);
    if (t->word == WORD_PATH) count(review, GB_CONSTRUCT_INCLUDE, t, &l->maker);
}

/* It has the compiler run a macro of the macro's choice. What that is called stays when there is no memory for it. */
static void see_choice(gb_review *review, const token *name, const char *suffix) {
    uint32_t length = 0;
    const char *text = "";
    if (review->calls) return;
    review->calls = true;
    if (name->tag == GB_PIECE_IDENT) {
        text = gb_message_text(&name->from->message, gb_message_word(&name->from->message, name->at + 1), &length);
    }
    if (gb_buffer_append(&review->call, text, length)) gb_buffer_append_text(&review->call, suffix);
}

/* `… as name`: std itself, or a macro whose calls would then not be known as such. */
static void see_rename(gb_review *review, const level *l, const token *as) {
    const token *what = &l->window[WINDOW - 1], *before = &l->window[WINDOW - 2];
    gb_construct construct;
    bool in_use = is_punct(before, ':') || l->std_list;
    if (what->word == WORD_STD) count(review, GB_CONSTRUCT_STD_ALIAS, as, what);
    if (what->word == WORD_SELF && l->std_list) count(review, GB_CONSTRUCT_STD_ALIAS, as, &l->maker);
    if (in_use && macro_power((word)what->word, &construct)) count(review, construct, as, what);
}

/* `extern crate` brings in what Cargo knows of: the construct is taken back. */
static void see_crate(gb_review *review, const level *l) {
    const token *before = &l->window[WINDOW - 1];
    if (before->word == WORD_EXTERN && is_blamed(review, before)) review->counts[GB_CONSTRUCT_EXTERN]--;
}

static void see_word(gb_review *review, const level *l, const token *t) {
    gb_construct construct;
    switch (t->word) {
    case WORD_UNSAFE:
        if (!l->attribute) count(review, GB_CONSTRUCT_UNSAFE, t, NULL);
        return;
    case WORD_EXTERN: count(review, GB_CONSTRUCT_EXTERN, t, NULL); return;
    case WORD_MACRO: count(review, GB_CONSTRUCT_MACRO, t, NULL); return;
    case WORD_CRATE: see_crate(review, l); return;
    case WORD_USE: /* gives a macro another's name */
        if (review->asking && is_blamed(review, t)) see_choice(review, t, "");
        return;
    case WORD_AS: see_rename(review, l, t); return;
    default: break;
    }
    if (!std_power((word)t->word, &construct)) return;
    if (after_std(l)) count(review, construct, t, &l->window[0]);
    else if (l->std_list && starts_element(l)) count(review, construct, t, &l->maker);
}

static void see_star(gb_review *review, const level *l, const token *t) {
    if (after_std(l)) count(review, GB_CONSTRUCT_STD_ALIAS, t, &l->window[0]);
    else if (l->std_list && starts_element(l)) count(review, GB_CONSTRUCT_STD_ALIAS, t, &l->maker);
}

/* What follows `name!`: the argument of a call, or the name of `macro_rules! name`. */
static void see_call(gb_review *review, const level *l, bool group) {
    const token *name = &l->window[WINDOW - 2], *bang = &l->window[WINDOW - 1];
    gb_construct construct;
    if (review->asking && group && (name->word != WORD_HARMLESS || is_punct(&l->window[0], ':'))) {
        if (name->tag != GB_PIECE_IDENT || is_blamed(review, name) || is_blamed(review, bang)) {
            see_choice(review, name, "!");
        }
    }
    if (name->word == WORD_MACRO_RULES && !group) count(review, GB_CONSTRUCT_MACRO, name, bang);
    if (group && macro_power((word)name->word, &construct)) count(review, construct, name, bang);
}

static void see_literal(gb_review *review, const token *t) {
    uint32_t length;
    const gb_message *m = &t->from->message;
    const char *text = gb_message_text(m, gb_message_word(m, t->at + 1), &length);
    if (has_bidi(text, length)) count(review, GB_CONSTRUCT_BIDI, t, NULL);
    if (is_data(text, length)) count(review, GB_CONSTRUCT_LITERAL, t, NULL);
}

static void shift(level *l, const token *t) {
    l->window[0] = l->window[1];
    l->window[1] = l->window[2];
    l->window[2] = *t;
}

static void see(gb_review *review, level *l, const token *t) {
    bool named = t->tag == GB_PIECE_IDENT || t->tag == GB_PIECE_GROUP;
    if (named && is_punct(&l->window[WINDOW - 1], '!')) see_call(review, l, t->tag == GB_PIECE_GROUP);
    if (t->word) {
        if (l->attribute) see_attribute(review, l, t);
        see_word(review, l, t);
    }
    if (t->character == '*') see_star(review, l, t);
    if (t->tag == GB_PIECE_LITERAL) see_literal(review, t);
    shift(l, t);
}

static uint8_t look_up(const gb_message *m, uint32_t index) {
    uint32_t length;
    const char *text = gb_message_text(m, index, &length);
    return (uint8_t)word_of(text, length);
}

static inline uint8_t word_at(const source *from, uint32_t head, uint32_t at) {
    uint32_t index = gb_message_word(&from->message, at + 1);
    uint8_t w = from->words ? from->words[index] : look_up(&from->message, index);
    bool raw = (head >> 4 & 1) != 0; /* then it is no keyword, but a path all the same */
    if (raw && (w == WORD_UNSAFE || w == WORD_EXTERN || w == WORD_MACRO)) w = WORD_NONE;
    return w;
}

/* ---- levels ----------------------------------------------------------------------------------- */

static const level outermost = {.window = {{.tag = NOTHING}, {.tag = NOTHING}, {.tag = NOTHING}}};

static void push(gb_review *review, const source *from, uint32_t at, uint32_t end, bool transparent,
                 level l) {
    frame *grown = room(review, review->frames, review->depth, &review->frame_room, sizeof *grown);
    if (!grown) return;
    review->frames = grown;
    grown[review->depth++] =
        (frame){.from = from, .at = at, .end = end, .transparent = transparent, .level = l};
}

static void pop(gb_review *review) {
    frame *top = &review->frames[--review->depth];
    if (top->transparent && review->depth) top[-1].level = top->level;
}

static level level_inside(const level *outer, uint32_t delimiter) {
    const token *w = outer->window;
    level inner = outermost;
    const token *hash = is_punct(&w[2], '!') ? &w[1] : &w[2];
    if (delimiter == 2 && is_punct(hash, '#')) {
        inner.attribute = true;
        inner.maker = *hash;
    } else if (delimiter == 0 && outer->attribute) {
        inner.attribute = w[2].word == WORD_CFG_ATTR || w[2].word == WORD_UNSAFE;
        inner.maker = outer->maker;
    } else if (delimiter == 1 && after_std(outer)) {
        inner.std_list = true;
        inner.maker = w[0];
    }
    return inner;
}

static void enter_group(gb_review *review, const source *from, uint32_t at) {
    level *outer = &review->frames[review->depth - 1].level;
    uint32_t delimiter = gb_message_word(&from->message, at) >> 4;
    uint32_t begin = at + 6, end = begin + gb_message_word(&from->message, at + 5);
    bool transparent = delimiter == 3;
    level inner = transparent ? *outer : level_inside(outer, delimiter);
    if (!transparent) see(review, outer, &(token){.tag = GB_PIECE_GROUP});
    push(review, from, begin, end, transparent, inner);
}

/* A stream or group that the compiler holds: read where it was shown. */
static void enter_origin(gb_review *review, uint32_t number, bool as_group) {
    know_origins(review);
    if (number >= review->origin_count) {
        review->failed = true;
        return;
    }
    const origin *o = &review->origins[number];
    const source *from = &review->sources[o->source];
    if (as_group && o->group) {
        enter_group(review, from, o->at);
        return;
    }
    uint32_t length_at = o->group ? o->at + 5 : o->at;
    uint32_t begin = length_at + 1, end = begin + gb_message_word(&from->message, length_at);
    push(review, from, begin, end, true, review->frames[review->depth - 1].level);
}

/* Passes over tokens that are plain, up to another or a group; the window is kept at hand meanwhile. */
static void pass_plain(gb_review *review, frame *f) {
    const source *from = f->from;
    const gb_message *m = &from->message;
    token a = f->level.window[0], b = f->level.window[1], c = f->level.window[2];
    uint32_t at = f->at, end = f->end;
    uint64_t work = review->work;
    while (at < end && work > 0) {
        uint32_t head = gb_message_word(m, at), tag = head & 15;
        token t = {.from = from, .at = at, .tag = (uint8_t)tag};
        if (tag == GB_PIECE_PUNCT) {
            t.character = (uint8_t)(head >> 8);
            if (t.character == '*') break;
        } else {
            if (tag != GB_PIECE_IDENT || c.character == '!' || word_at(from, head, at)) break;
        }
        at += piece_words[tag];
        work--;
        a = b;
        b = c;
        c = t;
    }
    f->level.window[0] = a;
    f->level.window[1] = b;
    f->level.window[2] = c;
    f->at = at;
    review->work = work;
}

/* Reads on in the innermost frame, to its end or to what opens another one. */
static void read_on(gb_review *review) {
    frame *f = &review->frames[review->depth - 1];
    const source *from = f->from;
    const gb_message *m = &from->message;
    for (pass_plain(review, f); f->at < f->end; pass_plain(review, f)) {
        uint32_t at = f->at, head = gb_message_word(m, at), tag = head & 15;
        f->at = at + piece_words[tag];
        if (review->work == 0) {
            review->failed = true;
            return;
        }
        review->work--;
        if (tag == GB_PIECE_GROUP) {
            f->at += gb_message_word(m, at + 5);
            enter_group(review, from, at);
            return;
        }
        if (tag == GB_PIECE_STREAM || tag == GB_PIECE_SAME) {
            enter_origin(review, gb_message_word(m, at + 1), tag == GB_PIECE_SAME);
            return;
        }
        token t = {.from = from, .at = at, .tag = (uint8_t)tag};
        if (tag == GB_PIECE_IDENT) t.word = word_at(from, head, at);
        if (tag == GB_PIECE_PUNCT) t.character = (uint8_t)(head >> 8);
        see(review, &f->level, &t);
    }
    pop(review);
}

/* Splicing the same stream again and again makes little of much: past a multiple of what was sent, and of
 * a second's work, it is given up. */
static uint64_t work_for(const gb_review *review, const gb_message *done) {
    uint64_t words = done->words, most = UINT64_C(1) << 28;
    for (size_t i = 0; i < review->source_count; i++) words += review->sources[i].message.words;
    uint64_t work = 64 * words + 65536;
    return work < most ? work : most;
}

/* Room for what word each text is; where there is none, they are looked up. */
static uint8_t *words_of(gb_review *review, const gb_message *message) {
    if (message->text_count > review->word_room) {
        uint8_t *grown = realloc(review->words, message->text_count);
        if (!grown) return NULL;
        review->words = grown;
        review->word_room = message->text_count;
    }
    return review->words;
}

/* Walks the stream that follows the recipes of a guest's message. */
static void walk_output(gb_review *review, const source *from) {
    const gb_message *m = &from->message;
    uint32_t at = 1 + 3 * gb_message_word(m, 0); /* behind the recipes */
    uint32_t end = at + 1 + gb_message_word(m, at);
    review->work = work_for(review, m);
    review->depth = 0;
    push(review, from, at + 1, end, false, outermost);
    while (review->depth && !review->failed) read_on(review);
    enum { FRAMES_KEPT = 4096 }; /* deep nesting is no habit: the room is not kept */
    if (review->frame_room <= FRAMES_KEPT) return;
    free(review->frames);
    review->frames = NULL;
    review->frame_room = 0;
}

void gb_review_done(gb_review *review, const gb_message *message) {
    if (message->operation != GB_OP_DONE) return;
    source done = {.message = *message, .words = words_of(review, message)};
    bool telling = is_telling(message, false, done.words);
    for (size_t i = 0; i < review->source_count; i++) telling = telling || review->sources[i].telling;
    if (telling) walk_output(review, &done);
}

bool gb_review_may_expand(gb_review *review, const gb_message *question) {
    if (question->operation != GB_OP_EXPAND_EXPR) return true;
    source asked = {.message = *question};
    uint32_t counts[GB_CONSTRUCT_COUNT];
    memcpy(counts, review->counts, sizeof counts);
    memset(review->counts, 0, sizeof review->counts);
    review->asking = true;
    review->calls = false;
    gb_buffer_clear(&review->call);
    walk_output(review, &asked);
    bool may = !review->calls && !review->failed && gb_review_found(review) == 0;
    for (int c = 0; !may && !review->call.length && c < GB_CONSTRUCT_COUNT; c++) {
        if (review->counts[c]) gb_buffer_append_text(&review->call, gb_construct_name((gb_construct)c));
    }
    review->asking = false;
    memcpy(review->counts, counts, sizeof counts);
    review->origins_known = false; /* the answer opens more */
    review->origin_count = 0;
    return may;
}

const char *gb_review_obstacle(const gb_review *review, size_t *length) {
    *length = review->call.length;
    return gb_buffer_text(&review->call);
}
