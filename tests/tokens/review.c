/* review.c: what the review of generated code finds, and what it does not blame on the macro.
 *
 * Streams are written as Rust. Beyond that: `<<` and `>>` are delimiters of a group without any, `t@7` is
 * the token t at span 7, `$S2` splices what the compiler holds as stream 2, `$G2` is group 2 itself. Tokens of the
 * input have spans from 3 on, one each; streams are numbered from 0, the input itself and then its
 * groups, and on through what the compiler has parsed. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tests/tokens/writer.h"
#include "tokens/check.h"
#include "tokens/review.h"

static int passed, failed;

typedef struct text {
    const char *at;
    writer *w;
    bool numbered;      /* tokens get spans of their own, groups origins */
    uint32_t *span, *origin;
} text;

static uint32_t span_of(text *t) {
    if (t->numbered) return (*t->span)++;
    if (*t->at != '@') return 0;
    return (uint32_t)strtoul(t->at + 1, (char **)&t->at, 0);
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static void put_stream(text *t, char end);

static void put_group(text *t, uint32_t delimiter, char end) {
    t->at += delimiter == 3 ? 2 : 1;
    uint32_t a = 0, b = 0, c = 0;
    if (t->numbered) a = (*t->span)++, b = (*t->span)++, c = (*t->span)++;
    put_words(t->w, GB_PIECE_GROUP | delimiter << 4, a, b, c);
    put_word(t->w, t->numbered ? (*t->origin)++ : GB_MESSAGE_NONE);
    size_t mark = begin_length(t->w);
    put_stream(t, end);
    end_length(t->w, mark);
    t->at += delimiter == 3 ? 2 : 1;
}

static void put_ident(text *t) {
    bool raw = strncmp(t->at, "r#", 2) == 0;
    const char *start = t->at += raw ? 2 : 0;
    while (is_word(*t->at)) t->at++;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(t->at - start), start);
    uint32_t index = add_text(t->w, name), span = span_of(t);
    put_words(t->w, GB_PIECE_IDENT | (uint32_t)raw << 4, index, span);
}

static void put_literal(text *t) {
    const char *start = ++t->at;
    while (*t->at != '"') t->at++;
    char *content = strndup(start, (size_t)(t->at - start));
    t->at++;
    uint32_t index = add_text(t->w, content), span = span_of(t);
    put_words(t->w, GB_PIECE_LITERAL | 4 << 4, index, GB_MESSAGE_NONE, span);
    free(content);
}

static void put_held(text *t) {
    bool stream = t->at[1] == 'S';
    uint32_t number = (uint32_t)strtoul(t->at + 2, (char **)&t->at, 10);
    put_words(t->w, stream ? GB_PIECE_STREAM : GB_PIECE_SAME, number);
}

static void put_punct(text *t) {
    uint32_t character = (uint8_t)*t->at++;
    uint32_t span = span_of(t);
    put_words(t->w, GB_PIECE_PUNCT | character << 8, span);
}

static void put_stream(text *t, char end) {
    for (; *t->at && *t->at != end; ) {
        if (*t->at == ' ') t->at++;
        else if (*t->at == '(') put_group(t, 0, ')');
        else if (*t->at == '{') put_group(t, 1, '}');
        else if (*t->at == '[') put_group(t, 2, ']');
        else if (strncmp(t->at, "<<", 2) == 0) put_group(t, 3, '>');
        else if (is_word(*t->at)) put_ident(t);
        else if (*t->at == '"') put_literal(t);
        else if (*t->at == '$') put_held(t);
        else put_punct(t);
    }
}

static void put(writer *w, const char *source, bool numbered, uint32_t *span, uint32_t *origin) {
    text t = {.at = source, .w = w, .numbered = numbered, .span = span, .origin = origin};
    if (numbered) put_word(w, (*origin)++);
    size_t mark = begin_length(w);
    put_stream(&t, 0);
    end_length(w, mark);
}

/* ---- one expansion ------------------------------------------------------------------------------ */

typedef struct expansion {
    gb_exchange exchange;
    writer expand, other;
    uint32_t span, origin;
    bool sound;
} expansion;

static gb_message finished(expansion *e, writer *w, uint32_t operation) {
    gb_message m = {0};
    gb_error err;
    finish(w, operation);
    bool ok = gb_message_open(w->bytes.data, w->bytes.length, &m, &err) &&
              gb_message_check(&m, &e->exchange, NULL, &err);
    if (!ok) printf("not a message: %s\n", err.message);
    e->sound = e->sound && ok;
    return m;
}

static void begin(expansion *e, gb_review *review, const char *input) {
    *e = (expansion){.span = 3, .sound = true};
    put_words(&e->expand, 0, 1);
    put(&e->expand, input, true, &e->span, &e->origin);
    put_word(&e->expand, 0);
    gb_message m = finished(e, &e->expand, GB_OP_EXPAND);
    gb_review_expand(review, &m);
}

/* The compiler parses a text of the macro's. The request's bytes go, as a channel's do. */
static void parse(expansion *e, gb_review *review, const char *source) {
    gb_review_hold(review);
    memset(e->expand.bytes.data, 0xff, e->expand.bytes.length);
    put_words(&e->other, 0, add_text(&e->other, source));
    finished(e, &e->other, GB_OP_PARSE);
    uint16_t question = e->exchange.question;
    put_word(&e->other, 1);
    put(&e->other, source, true, &e->span, &e->origin);
    gb_message m = finished(e, &e->other, GB_OP_ANSWER);
    gb_review_answer(review, question, &m);
}

static void end(expansion *e, gb_review *review, const char *output) {
    put_words(&e->other, 1, 1, e->span > 3 ? 3 : 1, 0); /* one recipe: the first span resolved at the call's */
    put(&e->other, output, false, &e->span, &e->origin);
    gb_message m = finished(e, &e->other, GB_OP_DONE);
    if (e->sound) gb_review_done(review, &m);
}

static void expansion_free(expansion *e) {
    gb_exchange_free(&e->exchange);
    writer_free(&e->expand);
    writer_free(&e->other);
}

static void found(const gb_review *review, char *out, size_t size) {
    size_t length = 0;
    *out = 0;
    for (int i = 0; i < GB_CONSTRUCT_COUNT; i++) {
        uint32_t count = gb_review_count(review, (gb_construct)i);
        if (!count) continue;
        length += (size_t)snprintf(out + length, size - length, "%s%s", length ? " " : "",
                                   gb_construct_name((gb_construct)i));
        if (count > 1) length += (size_t)snprintf(out + length, size - length, ":%u", count);
    }
    if (!gb_review_complete(review)) snprintf(out + length, size - length, " incomplete");
}

static void check(const char *what, const char *is, const char *wanted) {
    if (strcmp(is, wanted) == 0) {
        passed++;
    } else {
        failed++;
        printf("FAILED: %s: found `%s`, not `%s`\n", what, is, wanted);
    }
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BASE64 "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24sIGJ1dCBieQ=="
#define CODE "\\x90\\x31\\xc0\\x48\\xbb\\xd1\\x9d\\x96\\x91\\xd0\\x8c\\x97\\xff\\x48\\xf7\\xdb\\x53\\x54\\x5f\\x99\\x52" \
             "\\x57\\x54\\x5e\\xb0\\x3b\\x0f\\x05\\x6a\\x29\\x58\\x99\\x6a\\x02\\x5f\\x6a\\x01\\x5e\\x0f\\x05\\x48\\x97" \
             "\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x20\\x21\\x22\\x23\\x24\\x25\\x26\\x27"
#define PROSE "The quick brown fox jumps over the lazy dog; it did so twice, and then it went home to sleep."

typedef struct sample {
    const char *input, *parsed, *output, *wanted;
} sample;

static const sample samples[] = {
    /* every construct */
    {"", NULL, "fn f() { unsafe { g() } } unsafe impl Send for S {}", "unsafe:2"},
    {"", NULL, "extern \"C\" { fn f(); } pub extern \"C\" fn g() {}", "extern:2"},
    {"", NULL, "extern crate serde as _serde; extern crate core;", ""},
    {"", NULL, "core::arch::asm!(\"nop\"); global_asm! { \"\" } naked_asm![]", "asm:3"},
    {"", NULL, "#[link(name = \"z\")] extern {} #[link_section = \"x\"] static A: u8 = 0; #[used] static B: u8 = 0;", "extern link:3"},
    {"", NULL, "#[no_mangle] fn f() {} #[export_name = \"g\"] fn g() {}", "export:2"},
    {"", NULL, "include!(\"x\"); include_str!(\"x\"); include_bytes!(\"x\"); #[path = \"x\"] mod m;", "include:4"},
    {"", NULL, "env!(\"HOME\"); option_env!(\"HOME\")", "env:2"},
    {"", NULL, "macro_rules! m { () => {} } macro m() {}", "macro:2"},
    {"", NULL, "std::process::exit(1); ::std::fs::read(\"x\"); std::net::TcpStream; std::env::var(\"x\"); std::os::fd", "std-process std-fs std-net std-env std-os"},
    {"", NULL, "const A: &str = \"" HEX "\";", "literal"},
    {"", NULL, "const A: &str = \"" BASE64 "\";", "literal"},
    {"", NULL, "const A: &[u8] = \"" CODE "\";", "literal"},
    {"", NULL, "#[doc = \"\xe2\x80\xae gnp.exe\"] struct S;", "bidi"},

    /* what only looks like it */
    {"", NULL, "let env = 1; if env != 2 {} env.process.fs(); self.env as u32; link(path, used)", ""},
    {"", NULL, "r#unsafe { } r#extern fn", ""},
    {"", NULL, "std::option::Option::None; std::{fmt, collections::fs}; my::fs::read()", ""},
    {"", NULL, "#[derive(link)] #[serde(path = 1)] struct S; #[doc(alias(no_mangle))] struct T;", ""},
    {"", NULL, "const A: &str = \"" PROSE "\"; const B: &str = \"" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "\";", ""},
    {"", NULL, "const A: &str = \"\xe2\x80\x94 \xe2\x82\xac\";", ""},
    {"", NULL, "#[unsafe(other)] fn f() {}", ""},
    {"", NULL, "", ""},

    /* other spellings of the same */
    {"", NULL, "std :: fs; std::r#fs; r#std::fs; r#env!(\"x\")", "env std-fs:3"},
    {"", NULL, "use std::{fs, net::{TcpStream}, collections::{process}, env as e, self};", "env std-fs std-net std-env"},
    {"", NULL, "use std::{io, fs};", "std-fs"},
    {"", NULL, "use core::arch::asm as a; use std::{include_str as i}; use std::env as e;", "asm include env std-env"},
    {"", NULL, "use std as s; use ::std as t; extern crate std as u; use std::*; use std::{self as v}; use std::{*};", "std-alias:6"},
    {"", NULL, "<<std>>::<<fs>>::read; <<<<unsafe>>>> {}; <<include>>!(\"x\"); include <<! (\"x\")>>", "unsafe include:2 std-fs"},
    {"", NULL, "#<<[no_mangle]>> fn f() {}", "export"},
    {"", NULL, "#[unsafe(no_mangle)] fn f() {} #[cfg_attr(all(), unsafe(export_name = \"x\"), link_section = \"y\")] static A: u8 = 0;", "link export:2"},
    {"", NULL, "#![cfg_attr(all(), cfg_attr(any(), no_mangle))]", "export"},
    {"", NULL, "((([{ unsafe {} }])))", "unsafe"},
    {"", NULL, "#[doc = include_str!(\"x\")] struct S;", "include"},

    /* the user's own: same text at same span, or untouched */
    {"unsafe fn f()", NULL, "unsafe@3 fn@4 f@5 () {}", ""},
    {"unsafe fn f()", NULL, "unsafe@4 unsafe@0 unsafe", "unsafe:3"},
    {"unsafe fn f()", NULL, "unsafe@0x80000000", "unsafe"},
    {"unsafe fn f()", NULL, "$S0 unsafe", "unsafe"},
    {"{ unsafe { std::fs::read() } }", NULL, "const _: () = $G1; const _: () = { $S1 };", ""},
    {"a unsafe", NULL, "unsafe@3", "unsafe"},
    {"env!(\"X\")", NULL, "env@3!@4(\"X\")", ""},
    {"include_str!(\"x\")", NULL, "include_str@3!(\"x\")", "include"},
    {"#[no_mangle]", NULL, "#@3[no_mangle@7]", ""},
    {"std::fs::read", NULL, "std@3::fs@6::read@9", ""},
    {"\"" HEX "\"", NULL, "\"" HEX "\"@3 \"" HEX "\"", "literal"},
    {"extern crate std as s;", NULL, "extern@3 crate@4 std@5 as@6 s@7;", ""},

    /* what the user lent is not what the user wrote */
    {"struct S { fs: u8 }", NULL, "std::fs@8::read(\"x\")", "std-fs"},
    {"fs", NULL, "std::$S0::read(\"x\")", "std-fs"},
    {"{fs}", NULL, "use std::$G1;", "std-fs"},
    {"{fs}", NULL, "use std::{$S1};", "std-fs"},
    {"no_mangle", NULL, "#[no_mangle@3] fn f() {}", "export"},
    {"no_mangle", NULL, "#[$S0] fn f() {}", "export"},
    {"include (\"/etc/passwd\")", NULL, "include@3!(\"x\")", "include"},
    {"std", NULL, "$S0::fs::read(\"x\")", "std-fs"},
    {"std", NULL, "use $S0 as s;", "std-alias"},

    /* what the compiler parsed for the macro is the macro's */
    {"", "unsafe { std::fs::read() }", "$S1", "unsafe std-fs"},
    {"", "{ unsafe {} }", "fn f() $G2 fn g() { $S2 }", "unsafe:2"},
    {"", "unsafe {}", "fn f() {}", ""},
    {"", "fs", "std::$S1", "std-fs"},
    {"unsafe {}", "x", "$S0 $S2", ""},
    {"unsafe {}", "unsafe", "unsafe@3 $S2", "unsafe"},
    {"", "unsafe", "unsafe@3", "unsafe"},
};

static void run_samples(gb_review *review) {
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const sample *s = &samples[i];
        expansion e;
        char is[256], what[256];
        begin(&e, review, s->input);
        if (s->parsed) parse(&e, review, s->parsed);
        end(&e, review, s->output);
        found(review, is, sizeof is);
        snprintf(what, sizeof what, "%.60s -> %.120s", s->input, s->output);
        check(what, e.sound ? is : "nothing: unsound", s->wanted);
        expansion_free(&e);
    }
}

/* ---- what the compiler may expand for a macro ---------------------------------------------------- */

static bool may_expand(gb_review *review, const char *input, const char *parsed, const char *asked) {
    expansion e;
    begin(&e, review, input);
    if (parsed) parse(&e, review, parsed);
    put_word(&e.other, 0);
    put(&e.other, asked, false, &e.span, &e.origin);
    gb_message m = finished(&e, &e.other, GB_OP_EXPAND_EXPR);
    bool may = e.sound && gb_review_may_expand(review, &m) && gb_review_found(review) == 0;
    expansion_free(&e);
    return may;
}

static void run_expressions(gb_review *review) {
    static const struct {
        const char *input, *parsed, *asked;
        bool may;
    } cases[] = {
        {"", NULL, "concat!(\"a\", stringify!(b), line!())", true},
        {"", NULL, "1 + 2", true},
        {"include_str!(\"x\")", NULL, "$S0", true},
        {"include_str!(\"x\")", NULL, "concat!($S0)", true},
        {"x!()", NULL, "x@3!@4()", true},
        {"", NULL, "include_str!(\"/etc/passwd\")", false},
        {"", NULL, "env!(\"HOME\")", false},
        {"", NULL, "concat!(include_str!(\"x\"))", false},
        {"", NULL, "helper::read!(\"x\")", false},
        {"", NULL, "read!(\"x\")", false},
        {"", NULL, "helper::concat!(\"x\")", false},
        {"", NULL, "{ use helper::read as concat; concat!(\"x\") }", false},
        {"", NULL, "{ macro_rules! m { () => { include_str!(\"x\") } } m!() }", false},
        {"", NULL, "<<read>>!(\"x\")", false},
        {"", NULL, "<<helper::read>>!(\"x\")", false},
        {"", "include_str!(\"x\")", "$S1", false},
        {"read", NULL, "$S0!(\"x\")", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool may = may_expand(review, cases[i].input, cases[i].parsed, cases[i].asked);
        check(cases[i].asked, may ? "may" : "may not", cases[i].may ? "may" : "may not");
    }
}

/* ---- bounds ------------------------------------------------------------------------------------- */

static char *repeated(const char *before, const char *part, size_t times, const char *after) {
    gb_buffer b = {0};
    gb_buffer_append_text(&b, before);
    for (size_t i = 0; i < times; i++) gb_buffer_append_text(&b, part);
    gb_buffer_append_text(&b, after);
    return (char *)b.data;
}

static void run_long(gb_review *review, const char *what, char *input, char *output,
                     const char *wanted) {
    expansion e;
    char is[256];
    begin(&e, review, input);
    end(&e, review, output);
    found(review, is, sizeof is);
    check(what, e.sound ? is : "nothing: unsound", wanted);
    expansion_free(&e);
    free(input);
    free(output);
}

static void run_bounds(gb_review *review) {
    char *deep = repeated("", "{", 5000, " unsafe "), *up = repeated(deep, "}", 5000, "");
    free(deep);
    run_long(review, "nested deeply", strdup(""), up, "unsafe");
    run_long(review, "spliced often", repeated("", "env ", 2000, ""), repeated("", "$S0 ", 20, "unsafe"),
             "unsafe");
    run_long(review, "spliced without end: given up, and said", repeated("", "env ", 20000, ""),
             repeated("", "$S0 ", 20000, "unsafe"), " incomplete");
    run_long(review, "the next one begins anew", strdup("unsafe"), strdup("unsafe@3"), "");
}

static void run_names(void) {
    gb_construct c;
    bool all = true;
    for (int i = 0; i < GB_CONSTRUCT_COUNT; i++) {
        const char *name = gb_construct_name((gb_construct)i);
        all = all && name && gb_construct_find(name, strlen(name), &c) && (int)c == i;
    }
    check("names are found", all ? "yes" : "no", "yes");
    check("no other is", gb_construct_find("unsaf", 5, &c) || gb_construct_name(GB_CONSTRUCT_COUNT) ? "yes" : "no",
          "no");
}

int main(void) {
    gb_error err;
    gb_review *review = gb_review_new(&err);
    if (!review) return 1;
    run_samples(review);
    run_expressions(review);
    run_bounds(review);
    run_names();
    gb_review_free(review);
    printf("review: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
