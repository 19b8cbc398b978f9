#include "source/rewrite.h"

#include <string.h>

#include "source/lexer.h"
#include "source/quirks.h"

/* ---- the words ------------------------------------------------------------------------------- */

typedef struct word {
    const char *from, *to;
    bool anywhere; /* in macros' arguments too: it means nothing outside macro crates */
} word;

/* docs/protocol.md section 4: the same length, word by word */
static const word words[] = {
    {"proc_macro", "__gbx::fun", true},
    {"proc_macro_derive", "__gbx::derive____", true},
    {"proc_macro_attribute", "__gbx::attribute____", true},
    {"global_allocator", "__gbx::allocator", false},
};
enum { WORDS = sizeof words / sizeof words[0] };

/* Under `#![no_implicit_prelude]` a crate given by --extern has no name until it is declared.
 * Macros stand in a crate's root, so there is where the name is wanted. An attribute keeps the
 * compiler from saying that the declaration is out of fashion. */
static const char declaration[] = "\n#[doc(hidden)] extern crate __gbx;\n";

static bool has(const uint8_t *text, size_t length, const char *what) {
    return length && memmem(text, length, what, strlen(what)) != NULL;
}

/* Where `proc_macro` alone stands as an attribute, a bracket, a comma or a comment stands before
 * it. */
static bool has_plain_word(const uint8_t *text, size_t length) {
    static const char name[] = "proc_macro";
    const uint8_t *at = text, *end = text + length;
    while (at < end && (at = memmem(at, (size_t)(end - at), name, sizeof name - 1)) != NULL) {
        const uint8_t *before = at;
        while (before > text && strchr(" \t\r\n", before[-1]) && before[-1]) before--;
        if (before > text && (before[-1] == '[' || before[-1] == ',' || before[-1] == '/'))
            return true;
        at += sizeof name - 1;
    }
    return false;
}

bool gb_rewrite_wanted(const uint8_t *text, size_t length, const gb_rewrite_rules *rules) {
    return gb_quirks_known(rules->package, rules->version) ||
           has(text, length, "proc_macro_derive") || has(text, length, "proc_macro_attribute") ||
           has(text, length, "global_allocator") || has_plain_word(text, length);
}

void gb_rewrite_restore(uint8_t *text, size_t length) {
    for (size_t i = 0; i < WORDS && length; i++) {
        size_t size = strlen(words[i].to);
        for (uint8_t *at = text, *end = text + length;
             (at = memmem(at, (size_t)(end - at), words[i].to, size)) != NULL; at += size)
            memcpy(at, words[i].from, size);
    }
}

/* ---- attributes ------------------------------------------------------------------------------ */

/* What an open delimiter holds. */
enum { OTHER, ATTRIBUTE, CFG_ATTR_CONDITION, CFG_ATTR_ITEMS };

typedef struct scanner {
    gb_lexer lexer;
    gb_buffer open;   /* a byte for each delimiter that is open */
    bool meta_next;   /* the next token starts an attribute's content */
    int hash;         /* 1 behind `#`, 2 behind `#!` */
    bool cfg_attr;    /* the next `(` opens cfg_attr's arguments */
    const word *held; /* a word that waits for the token behind it, */
    size_t held_at;   /* and where it stands */
    bool call_next;   /* behind `name!` or `macro_rules! name`: what opens next are arguments */
    size_t call;      /* delimiters that are open where a macro's arguments began; 0: outside */
    uint8_t *out;     /* the copy that is edited */
    bool changed;
    bool no_prelude; /* the file says #![no_implicit_prelude] */
} scanner;

static uint8_t innermost(const scanner *s) {
    return s->open.length ? s->open.data[s->open.length - 1] : OTHER;
}

/* `proc_macro::x` is a path, and no attribute of ours. */
static void settle_word(scanner *s, const gb_token *t) {
    if (s->held && s->lexer.text[t->start] != ':') {
        memcpy(s->out + s->held_at, s->held->to, strlen(s->held->to));
        s->changed = true;
    }
    s->held = NULL;
}

static bool open_delimiter(scanner *s, const gb_token *t) {
    uint8_t c = s->lexer.text[t->start];
    uint8_t kind = s->hash && c == '['       ? ATTRIBUTE
                   : s->cfg_attr && c == '(' ? CFG_ATTR_CONDITION
                                             : OTHER;
    s->meta_next = kind == ATTRIBUTE;
    if (!gb_buffer_append(&s->open, &kind, 1)) return false;
    if (s->call_next && !s->call) s->call = s->open.length;
    return true;
}

static void close_delimiter(scanner *s) {
    if (s->open.length) s->open.length--;
    if (s->open.length < s->call) s->call = 0;
    s->meta_next = false;
}

static void identifier(scanner *s, const gb_token *t) {
    if (s->meta_next) {
        for (size_t i = 0; i < WORDS; i++) {
            if (!gb_token_is(&s->lexer, t, words[i].from)) continue;
            if (s->call && !words[i].anywhere) continue;
            s->held = &words[i];
            s->held_at = t->start;
        }
        if (gb_token_is(&s->lexer, t, "no_implicit_prelude")) s->no_prelude = true;
    }
    s->cfg_attr = s->meta_next && gb_token_is(&s->lexer, t, "cfg_attr");
    s->meta_next = false;
}

static void punctuation(scanner *s, const gb_token *t) {
    uint8_t c = s->lexer.text[t->start];
    bool bang = c == '!' && s->hash == 1;
    s->hash = c == '#' ? 1 : bang ? 2 : 0;
    s->call_next = c == '!' && !bang;
    s->meta_next = false;
    if (c != ',') return;
    if (innermost(s) == CFG_ATTR_CONDITION) s->open.data[s->open.length - 1] = CFG_ATTR_ITEMS;
    s->meta_next = innermost(s) == CFG_ATTR_ITEMS;
}

static bool scan_token(scanner *s, const gb_token *t) {
    settle_word(s, t);
    if (t->kind == GB_TOKEN_PUNCT) {
        punctuation(s, t);
        s->cfg_attr = false;
        return true;
    }
    bool ok = true;
    if (t->kind == GB_TOKEN_OPEN) ok = open_delimiter(s, t);
    else if (t->kind == GB_TOKEN_CLOSE) close_delimiter(s);
    if (t->kind == GB_TOKEN_IDENT) {
        identifier(s, t);
    } else {
        s->cfg_attr = false;
        if (t->kind != GB_TOKEN_OPEN) s->meta_next = false;
        s->call_next = false;
    }
    s->hash = 0;
    return ok;
}

bool gb_rewrite_text(const uint8_t *text, size_t length, const gb_rewrite_rules *rules,
                     gb_buffer *out, bool *changed, gb_error *err) {
    size_t start = out->length;
    *changed = false;
    if (!gb_buffer_append(out, text, length))
        return gb_fail(err, GB_ERROR_MEMORY, "out of memory while rewriting a source file");
    scanner s = {.out = out->data + start};
    gb_token t;
    bool ok = true;
    gb_lexer_init(&s.lexer, text, length, rules->edition);
    while (ok && gb_lexer_next_significant(&s.lexer, &t)) ok = scan_token(&s, &t);
    gb_buffer_free(&s.open);
    if (!ok) return gb_fail(err, GB_ERROR_MEMORY, "out of memory while rewriting a source file");
    *changed = gb_quirks_apply(rules->package, rules->version, s.out, length) > 0 || s.changed;
    if (s.changed && s.no_prelude && !gb_buffer_append_text(out, declaration))
        return gb_fail(err, GB_ERROR_MEMORY, "out of memory while rewriting a source file");
    return true;
}
