/* tokens.c: the promises of src/tokens. With --write-corpus DIR it writes the fuzzer's seeds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "tests/tokens/writer.h"
#include "tokens/print.h"
#include "tests/check.h"

/* ---- samples: an expansion with every operation ------------------------------------------------ */

typedef struct sample {
    const char *name;
    gb_buffer bytes;
} sample;

enum { SAMPLES_MOST = 64 };
static sample samples[SAMPLES_MOST];
static size_t sample_count;

static void add_sample(writer *w, const char *name, uint32_t operation) {
    finish(w, operation);
    sample *s = &samples[sample_count++];
    s->name = name;
    gb_buffer_append(&s->bytes, w->bytes.data, w->bytes.length);
}

static void put_expand(writer *w) {
    uint32_t a = add_text(w, "größe"), five = add_text(w, "5"), u8_ = add_text(w, "u8");
    put_words(w, 1, 2); /* macro 1, two streams */
    put_word(w, 0);
    size_t attribute = begin_length(w);
    put_words(w, GB_PIECE_IDENT | 1 << 4, a, 3);
    end_length(w, attribute);
    put_word(w, 1);
    size_t input = begin_length(w);
    put_words(w, GB_PIECE_PUNCT | 1 << 4 | ':' << 8, 4);
    put_words(w, GB_PIECE_LITERAL | 2 << 4, five, u8_, 5);
    put_words(w, GB_PIECE_GROUP | 1 << 4, 6, 7, 8, 2);
    size_t group = begin_length(w);
    put_words(w, GB_PIECE_LITERAL | 5 << 4 | 255 << 16, a, GB_MESSAGE_NONE, 5);
    put_words(w, GB_PIECE_GROUP | 3 << 4, 0, 0, 0, 3);
    size_t empty = begin_length(w);
    end_length(w, empty);
    end_length(w, group);
    put_words(w, GB_PIECE_PUNCT | ';' << 8, 9);
    end_length(w, input);
    put_word(w, 3); /* flags */
}

static void ask(writer *w, const char *name, uint32_t operation) {
    add_sample(w, name, operation);
}

static void questions_with_text(writer *w) {
    put_words(w, 0, add_text(w, "a + b"));
    ask(w, "parse", GB_OP_PARSE);
    put_words(w, 1, 4);
    size_t parsed = begin_length(w);
    put_words(w, GB_PIECE_IDENT, add_text(w, "a"), 0);
    end_length(w, parsed);
    add_sample(w, "parse-answer", GB_OP_ANSWER);
    put_words(w, 0, add_text(w, "("));
    ask(w, "parse-bad", GB_OP_PARSE);
    put_words(w, 0, add_text(w, "unclosed"));
    add_sample(w, "parse-bad-answer", GB_OP_ANSWER);
    put_words(w, 0, add_text(w, "("));
    ask(w, "parse-raised", GB_OP_PARSE);
    put_words(w, GB_MESSAGE_NONE);
    add_sample(w, "raised", GB_OP_RAISED);
    put_words(w, 0, add_text(w, "1u8"));
    ask(w, "literal", GB_OP_LITERAL);
    put_words(w, 1, GB_PIECE_LITERAL | 2 << 4, add_text(w, "1"), add_text(w, "u8"), 0);
    add_sample(w, "literal-answer", GB_OP_ANSWER);
    put_words(w, 0, add_text(w, "ﬁ"));
    ask(w, "ident", GB_OP_IDENT);
    put_words(w, 1, add_text(w, "fi"));
    add_sample(w, "ident-answer", GB_OP_ANSWER);
}

static void questions_about_spans(writer *w) {
    put_words(w, 2, 1, 3, 4, 3, GB_SPAN_DERIVED, 0, GB_SPAN_DERIVED | 1);
    ask(w, "span-text", GB_OP_SPAN_TEXT);
    put_word(w, 0);
    add_sample(w, "span-text-answer", GB_OP_ANSWER);
    put_words(w, 0, 3);
    ask(w, "span-info", GB_OP_SPAN_INFO);
    put_words(w, 1, 2, 3, 4, 5, 6, add_text(w, "src/lib.rs"), GB_MESSAGE_NONE);
    add_sample(w, "span-info-answer", GB_OP_ANSWER);
    put_words(w, 0, 3, 4);
    ask(w, "span-join", GB_OP_SPAN_JOIN);
    put_words(w, 1, 10);
    add_sample(w, "span-join-answer", GB_OP_ANSWER);
    put_words(w, 0, 3);
    ask(w, "span-parent", GB_OP_SPAN_PARENT);
    put_words(w, 0);
    add_sample(w, "span-parent-answer", GB_OP_ANSWER);
    put_words(w, 0, 3);
    ask(w, "span-debug", GB_OP_SPAN_DEBUG);
    put_words(w, add_text(w, "#0 bytes(1..2)"));
    add_sample(w, "span-debug-answer", GB_OP_ANSWER);
    put_words(w, 0, 3, 4);
    ask(w, "span-eq", GB_OP_SPAN_EQ);
    put_word(w, 1);
    add_sample(w, "span-eq-answer", GB_OP_ANSWER);
    put_words(w, 0, GB_PIECE_LITERAL | 4 << 4, add_text(w, "abc"), GB_MESSAGE_NONE, 3, 1, 1, 2, 2);
    ask(w, "span-subspan", GB_OP_SPAN_SUBSPAN);
    put_words(w, 1, 11);
    add_sample(w, "span-subspan-answer", GB_OP_ANSWER);
}

static void questions_with_trees(writer *w) {
    uint32_t message = add_text(w, "mistake");
    put_words(w, 0, 0, message, 2, 3, 4, 2);   /* an error with two spans and two children */
    put_words(w, 2, message, 0, 1, 3, message, 0, 0); /* a note with a help */
    put_words(w, 1, message, 1, 0, 0);
    ask(w, "diagnostic", GB_OP_DIAGNOSTIC);
    add_sample(w, "diagnostic-answer", GB_OP_ANSWER);
    put_word(w, 0);
    size_t shown = begin_length(w);
    put_words(w, GB_PIECE_STREAM, 1, GB_PIECE_SAME, 2);
    end_length(w, shown);
    ask(w, "display", GB_OP_DISPLAY);
    put_word(w, add_text(w, "5u8 {}"));
    add_sample(w, "display-answer", GB_OP_ANSWER);
    put_words(w, 0, 0);
    ask(w, "expand-expr", GB_OP_EXPAND_EXPR);
    put_words(w, 1, 5, 0);
    add_sample(w, "expand-expr-answer", GB_OP_ANSWER);
    put_words(w, 0, add_text(w, "HOME"), GB_MESSAGE_NONE);
    ask(w, "track-env", GB_OP_TRACK_ENV);
    add_sample(w, "track-env-answer", GB_OP_ANSWER);
    put_words(w, 0, add_text(w, "a.sql"));
    ask(w, "track-path", GB_OP_TRACK_PATH);
    add_sample(w, "track-path-answer", GB_OP_ANSWER);
}

static void make_samples(void) {
    writer w = {0};
    put_expand(&w);
    add_sample(&w, "expand", GB_OP_EXPAND);
    questions_with_text(&w);
    questions_about_spans(&w);
    questions_with_trees(&w);
    put_word(&w, 0);
    size_t output = begin_length(&w);
    put_words(&w, GB_PIECE_IDENT, add_text(&w, "x"), GB_SPAN_DERIVED | 1);
    put_words(&w, GB_PIECE_SAME, 2, GB_PIECE_STREAM, 1);
    put_words(&w, GB_PIECE_GROUP, 2, 2, 2, GB_MESSAGE_NONE, 0);
    end_length(&w, output);
    add_sample(&w, "done", GB_OP_DONE);
    writer_free(&w);
}

/* ---- promises ------------------------------------------------------------------------------- */

/* Feeds samples [0, count) as they are. */
static bool feed(gb_exchange *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        gb_message m;
        gb_error err;
        if (!gb_message_open(samples[i].bytes.data, samples[i].bytes.length, &m, &err) ||
            !gb_message_check(&m, x, NULL, &err)) {
            printf("%s: %s\n", samples[i].name, err.message);
            return false;
        }
    }
    return true;
}

static void a_whole_expansion_is_accepted_and_counted(void) {
    gb_exchange x = {.macro_count = 2};
    check(feed(&x, sample_count), "every sample passes in order");
    check(x.ended && !x.question, "the expansion has ended");
    check(x.tokens_in == 7 + 1, "seven trees in, and one parsed");
    check(x.tokens_out == 1 + 3 + 6 + 1, "held streams count with what they hold");
    check(x.spans == 12 && x.recipes == 2 && x.origins == 6, "spans, recipes and origins");
    gb_exchange_free(&x);
}

/* After samples [0, index), is this message accepted in place of sample `index`? */
static bool accepts(size_t index, const uint8_t *bytes, size_t length) {
    gb_exchange x = {.macro_count = 2};
    gb_buffer text = {0};
    gb_message m;
    gb_error err = {.kind = GB_OK};
    bool ok = feed(&x, index) && gb_message_open(bytes, length, &m, &err) &&
              gb_message_print(&m, &x, &text, &err);
    if (!ok) check(err.kind == GB_ERROR_MALFORMED && err.message[0], "a refusal says why");
    gb_buffer_free(&text);
    gb_exchange_free(&x);
    return ok;
}

static void every_truncation_is_refused(void) {
    bool refused = true;
    for (size_t i = 0; i < sample_count; i++) {
        for (size_t length = 0; length < samples[i].bytes.length; length++) {
            uint8_t *copy = malloc(length + 1);
            memcpy(copy, samples[i].bytes.data, length);
            if (accepts(i, copy, length)) refused = false;
            free(copy);
        }
    }
    check(refused, "every truncation is refused");
}

/* Any word replaced by any of these is refused, or read as another message: a sanitizer sees to it
 * that nothing else happens. */
static void no_word_can_mislead_the_checker(void) {
    static const uint32_t evil[] = {0,  1,    2,          3,          4,          5,          6,
                                    15, 0x10, 0x73,       0x40000000, 0x7fffffff, 0x80000000, 0x80000001,
                                    9,  12,   0xfffffffe, 0xffffffff};
    int refused = 0, read = 0;
    for (size_t i = 0; i < sample_count; i++) {
        size_t length = samples[i].bytes.length;
        for (size_t at = 0; at < length; at += 4) {
            for (size_t e = 0; e < sizeof evil / sizeof *evil; e++) {
                uint8_t *copy = malloc(length);
                memcpy(copy, samples[i].bytes.data, length);
                gb_store_u32(copy + at, evil[e]);
                accepts(i, copy, length) ? read++ : refused++;
                free(copy);
            }
        }
    }
    check(refused > 2000 && read > 500, "both outcomes occur");
}

static void rules(void) {
    writer w = {0};
    struct rule {
        const char *what;
        size_t after; /* samples before it */
        uint32_t operation;
        uint32_t words[8];
        size_t count;
    } table[] = {
        {"a guest may not open an expansion twice", 1, GB_OP_EXPAND, {0, 1, 0, 0, 0}, 5},
        {"a macro that is not there", 0, GB_OP_EXPAND, {2, 1, 0, 0, 0}, 5},
        {"an expansion without input", 0, GB_OP_EXPAND, {0, 0, 0}, 3},
        {"unknown flags", 0, GB_OP_EXPAND, {0, 1, 0, 0, 4}, 5},
        {"an origin out of order", 0, GB_OP_EXPAND, {0, 1, 1, 0, 0}, 5},
        {"an answer to nothing", 1, GB_OP_ANSWER, {0}, 1},
        {"a reply before the expansion", 0, GB_OP_DONE, {0, 0}, 2},
        {"a reply while a question waits", 2, GB_OP_DONE, {0, 0}, 2},
        {"a span that is not there", 1, GB_OP_DONE, {0, 2, 1 | ';' << 8, 10}, 4},
        {"a derived span that is not there", 1, GB_OP_DONE, {0, 2, 1 | ';' << 8, 0x80000000}, 4},
        {"a recipe that refers to itself", 1, GB_OP_DONE, {1, 1, 0x80000000, 0, 0}, 5},
        {"no such recipe", 1, GB_OP_DONE, {1, 6, 0, 0, 0}, 5},
        {"an origin that is not there", 1, GB_OP_DONE, {0, 2, GB_PIECE_SAME, 4}, 4},
        {"a group that lies about its end", 1, GB_OP_DONE, {0, 6, 3, 0, 0, 0, 0xffffffff, 1}, 8},
        {"a guest's group with an origin", 1, GB_OP_DONE, {0, 6, 3, 0, 0, 0, 1, 0}, 8},
        {"a guest's group with several spans", 1, GB_OP_DONE, {0, 6, 3, 0, 1, 0, 0xffffffff, 0}, 8},
        {"a letter as punctuation", 1, GB_OP_DONE, {0, 2, 1 | 'a' << 8, 0}, 4},
        {"a text that is not there", 1, GB_OP_DONE, {0, 3, 0, 0, 0}, 5},
        {"hashes on a plain string", 1, GB_OP_DONE, {0, 4, 2 | 4 << 4 | 1 << 16, 0, 0xffffffff, 0}, 6},
        {"a piece that is not there", 1, GB_OP_DONE, {0, 2, 6, 0}, 4},
        {"words left over", 1, GB_OP_DONE, {0, 0, 0}, 3},
        {"an operation that is not there", 1, 47, {0, 0}, 2},
        {"a second question before the answer", 2, GB_OP_PARSE, {0, 0}, 2},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        for (size_t k = 0; k < table[i].count; k++) put_word(&w, table[i].words[k]);
        if (strstr(table[i].what, "hashes")) add_text(&w, "x");
        finish(&w, table[i].operation);
        check(!accepts(table[i].after, w.bytes.data, w.bytes.length), table[i].what);
    }
    put_words(&w, 0, 4, 2 | 5 << 4 | 1 << 16, add_text(&w, "x"), GB_MESSAGE_NONE, 0);
    finish(&w, GB_OP_DONE);
    check(accepts(1, w.bytes.data, w.bytes.length), "hashes on a raw string");
    writer_free(&w);
}

static bool nests(uint32_t depth) {
    writer w = {0};
    put_words(&w, 0, 6 * depth);
    for (uint32_t i = depth; i > 0; i--) {
        put_words(&w, GB_PIECE_GROUP, 0, 0, 0, GB_MESSAGE_NONE, 6 * (i - 1));
    }
    finish(&w, GB_OP_DONE);
    bool ok = accepts(1, w.bytes.data, w.bytes.length);
    writer_free(&w);
    return ok;
}

static void texts_are_proven(void) {
    writer w = {0};
    add_text(&w, "ä");
    add_text(&w, "b");
    finish(&w, GB_OP_ANSWER);
    gb_message m;
    check(gb_message_open(w.bytes.data, w.bytes.length, &m, NULL), "two texts");
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{16, 1}, {16, 4}, {20, 1}, {20, 9}, {24, 0xff}, {25, 'x'}, {2, 2}, {12, 2}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t old = w.bytes.data[wrong[i].at];
        w.bytes.data[wrong[i].at] = wrong[i].value;
        check(!gb_message_open(w.bytes.data, w.bytes.length, &m, NULL), "a text out of place");
        w.bytes.data[wrong[i].at] = old;
    }
    writer_free(&w);
    static const char *const good[] = {"", "ascii of more than eight", "é€😀", "a\xed\x9f\xbf",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const evil[] = {"\xc0\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80", "12345678\x80", "\xe2\x82", "\xff"};
    for (size_t i = 0; i < 5; i++) check(gb_utf8_valid(good[i], strlen(good[i])), "good UTF-8");
    for (size_t i = 0; i < 8; i++) check(!gb_utf8_valid(evil[i], strlen(evil[i])), "evil UTF-8");
}

static void the_printer_shows_it_all(void) {
    static const char expect[] =
        "EXPAND\n"
        "  macro 1\n"
        "  streams 2\n"
        "  attribute: stream, origin 0\n"
        "    ident raw `größe` @3\n"
        "  input: stream, origin 1\n"
        "    punct `:` joint @4\n"
        "    literal Integer `5` suffix `u8` @5\n"
        "    group {} @6 @7 @8, origin 2\n"
        "      literal StrRaw#255 `größe` @5\n"
        "      group none @call_site @call_site @call_site, origin 3\n"
        "    punct `;` @9\n"
        "  flags 3\n";
    gb_exchange x = {0};
    gb_buffer text = {0};
    gb_message m;
    gb_error err;
    bool ok = gb_message_open(samples[0].bytes.data, samples[0].bytes.length, &m, &err) &&
              gb_message_print(&m, &x, &text, &err);
    check(ok && strcmp(gb_buffer_text(&text), expect) == 0, "EXPAND is printed");
    if (!ok || strcmp(gb_buffer_text(&text), expect) != 0) printf("%s", gb_buffer_text(&text));
    gb_buffer_free(&text);
    gb_exchange_free(&x);
}

/* One seed with the whole expansion, and one for each question with what comes before it. */
static int write_corpus(const char *dir) {
    gb_buffer all = {0};
    for (size_t i = 0; i < sample_count; i++) {
        gb_buffer_append_u32(&all, (uint32_t)samples[i].bytes.length);
        gb_buffer_append(&all, samples[i].bytes.data, samples[i].bytes.length);
        char path[512];
        snprintf(path, sizeof path, "%s/%02zu-%s", dir, i, samples[i].name);
        gb_error err;
        gb_buffer one = {0};
        gb_buffer_append_u32(&one, (uint32_t)samples[0].bytes.length);
        gb_buffer_append(&one, samples[0].bytes.data, samples[0].bytes.length);
        size_t from = i > 1 && samples[i].bytes.data[0] < GB_OP_DONE ? i - 1 : i;
        for (size_t k = from ? from : 1; k <= i; k++) {
            gb_buffer_append_u32(&one, (uint32_t)samples[k].bytes.length);
            gb_buffer_append(&one, samples[k].bytes.data, samples[k].bytes.length);
        }
        bool ok = gb_file_write(path, one.data, one.length, 0644, &err);
        gb_buffer_free(&one);
        if (!ok) return fprintf(stderr, "%s\n", err.message), 1;
    }
    char path[512];
    snprintf(path, sizeof path, "%s/whole", dir);
    bool ok = gb_file_write(path, all.data, all.length, 0644, NULL);
    gb_buffer_free(&all);
    return ok ? 0 : 1;
}

int main(int argc, char **argv) {
    make_samples();
    if (argc == 3 && strcmp(argv[1], "--write-corpus") == 0) return write_corpus(argv[2]);
    a_whole_expansion_is_accepted_and_counted();
    every_truncation_is_refused();
    no_word_can_mislead_the_checker();
    rules();
    check(nests(GB_MESSAGE_DEPTH), "a million groups may nest");
    check(!nests(GB_MESSAGE_DEPTH + 1), "and no more");
    texts_are_proven();
    the_printer_shows_it_all();
    for (size_t i = 0; i < sample_count; i++) gb_buffer_free(&samples[i].bytes);
    printf("tokens: %d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
