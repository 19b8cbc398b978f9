/* The lexer: cases by hand, then whole trees of Rust source named on the command line.
 *
 *   lexer [FOLDER…]          tests
 *   lexer --dump EDITION FILE…   tokens, for comparing with rustc's own (lexer_oracle) */
#include "source/lexer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tests/check.h"

static const char *letter(const gb_token *t) {
    static const char *const names[] = {
        [GB_TOKEN_END] = "END",
        [GB_TOKEN_SHEBANG] = "S",
        [GB_TOKEN_FRONTMATTER] = "FM",
        [GB_TOKEN_WHITESPACE] = "W",
        [GB_TOKEN_LINE_COMMENT] = "LC",
        [GB_TOKEN_BLOCK_COMMENT] = "BC",
        [GB_TOKEN_IDENT] = "I",
        [GB_TOKEN_RAW_IDENT] = "RI",
        [GB_TOKEN_LIFETIME] = "L",
        [GB_TOKEN_UNKNOWN_PREFIX] = "UP",
        [GB_TOKEN_INTEGER] = "int",
        [GB_TOKEN_FLOAT] = "float",
        [GB_TOKEN_CHAR] = "char",
        [GB_TOKEN_BYTE] = "byte",
        [GB_TOKEN_STR] = "str",
        [GB_TOKEN_BYTE_STR] = "bstr",
        [GB_TOKEN_C_STR] = "cstr",
        [GB_TOKEN_RAW_STR] = "rstr",
        [GB_TOKEN_RAW_BYTE_STR] = "rbstr",
        [GB_TOKEN_RAW_C_STR] = "rcstr",
        [GB_TOKEN_GUARDED_STR] = "guarded",
        [GB_TOKEN_PUNCT] = "P",
        [GB_TOKEN_OPEN] = "O",
        [GB_TOKEN_CLOSE] = "C",
        [GB_TOKEN_UNKNOWN] = "?",
    };
    return names[t->kind];
}

static bool is_comment(const gb_token *t) {
    return t->kind == GB_TOKEN_LINE_COMMENT || t->kind == GB_TOKEN_BLOCK_COMMENT;
}

static bool is_literal(const gb_token *t) {
    return t->kind >= GB_TOKEN_INTEGER && t->kind <= GB_TOKEN_GUARDED_STR;
}

/* "kind:text kind:text …" of everything but white space. */
static void describe(const char *text, size_t length, int edition, gb_buffer *out) {
    gb_lexer lx;
    gb_token t;
    gb_buffer_clear(out);
    gb_lexer_init(&lx, (const uint8_t *)text, length, edition);
    while (gb_lexer_next(&lx, &t)) {
        if (t.kind == GB_TOKEN_WHITESPACE) continue;
        gb_buffer_append_format(out, "%s%s%s%s:%.*s", out->length ? " " : "", letter(&t),
                                is_comment(&t) && t.doc ? (t.inner ? "!" : "d") : "",
                                t.terminated ? "" : "~", (int)(t.end - t.start), text + t.start);
        if (is_literal(&t) && t.suffix < t.end)
            gb_buffer_append_format(out, "|%.*s", (int)(t.end - t.suffix), text + t.suffix);
    }
}

static void expect(int edition, const char *text, const char *wanted) {
    gb_buffer got = {0};
    describe(text, strlen(text), edition, &got);
    bool ok = strcmp(gb_buffer_text(&got), wanted) == 0;
    char detail[512];
    snprintf(detail, sizeof detail, "edition %d\n  wanted %s\n  got    %s", edition, wanted,
             gb_buffer_text(&got));
    check_detail(ok, text, detail);
    gb_buffer_free(&got);
}

static void cases(void) {
    /* raw strings: any number of hashes, quotes and fewer hashes inside */
    expect(2021, "r\"a\"", "rstr:r\"a\"");
    expect(2021, "r##\"a\"# b\"##;", "rstr:r##\"a\"# b\"## P:;");
    expect(2021, "br#\"a\"# cr#\"b\"#", "rbstr:br#\"a\"# rcstr:cr#\"b\"#");
    expect(2021, "r#\"never", "rstr~:r#\"never");
    expect(2021, "r#fn r#\"x\"#y", "RI:r#fn rstr:r#\"x\"#y|y");
    expect(2021, "r##x", "rstr~:r##x");
    /* C strings and unknown prefixes are identifiers before 2021 */
    expect(2021, "c\"x\"", "cstr:c\"x\"");
    expect(2018, "c\"x\"", "I:c str:\"x\"");
    expect(2018, "cr\"\\\"", "I:cr str~:\"\\\"");
    expect(2018, "z\"x\" k#y", "I:z str:\"x\" I:k P:# I:y");
    expect(2021, "z\"x\" k#y", "UP:z str:\"x\" UP:k P:# I:y");
    expect(2018, "'a#b", "L:'a P:# I:b");
    expect(2021, "'a#b", "UP:'a P:# I:b");
    expect(2018, "'r#b", "L:'r P:# I:b");
    expect(2021, "'r#b", "L:'r#b");
    /* characters and lifetimes */
    expect(2021, "'a' 'a 'ab '\\'' '\\u{1F}' b'x' b'\\''",
           "char:'a' L:'a L:'ab char:'\\'' "
           "char:'\\u{1F}' byte:b'x' byte:b'\\''");
    expect(2021, "'\xC3\xA9' '\xC3\xA9 '''", "char:'\xC3\xA9' L:'\xC3\xA9 char:'''");
    expect(2021, "<'a,'b>", "P:< L:'a P:, L:'b P:>");
    expect(2021, "'static 'ab'", "L:'static char:'ab'");
    expect(2021, "'(' '", "char:'(' char~:'");
    /* strings */
    expect(2021, "\"a\\\"b\\\\\" \"//\"", "str:\"a\\\"b\\\\\" str:\"//\"");
    expect(2021, "\"open", "str~:\"open");
    expect(2021, "b\"x\"suffix", "bstr:b\"x\"suffix|suffix");
    /* numbers */
    expect(2021, "1..2 1.0 1. 1.foo() 1e5 1E-3 0x1fu8",
           "int:1 P:. P:. int:2 float:1.0 float:1. int:1 "
           "P:. I:foo O:( C:) float:1e5 float:1E-3 int:0x1fu8|u8");
    expect(2021, "0b12 0o7_7 1_000u64", "int:0b12 int:0o7_7 int:1_000u64|u64");
    expect(2021, "1f32 2.5f64", "int:1f32|f32 float:2.5f64|f64");
    /* comments */
    expect(2021, "/* /* */ */ x", "BC:/* /* */ */ I:x");
    expect(2021, "/** d */ /*! i */ /***/ /**/", "BCd:/** d */ BC!:/*! i */ BC:/***/ BC:/**/");
    expect(2021, "/// d\n//! i\n//// n\n// n", "LCd:/// d LC!://! i LC://// n LC:// n");
    expect(2021, "/* open", "BC~:/* open");
    /* shebang, frontmatter, byte order mark */
    expect(2021, "#!/bin/x\nfn", "S:#!/bin/x I:fn");
    expect(2021, "#![x]", "P:# P:! O:[ I:x C:]");
    expect(2021, "#! // c\n [x]", "P:# P:! LC:// c O:[ I:x C:]");
    expect(2021, "---cargo\n[a]\n---\nfn", "FM:---cargo\n[a]\n--- I:fn");
    expect(2021, "#!x\n---\n\n---\nfn", "S:#!x FM:---\n\n--- I:fn");
    expect(2021, "---\nfn", "P:- P:- P:- I:fn");
    expect(2021, "\xEF\xBB\xBF#!x\nfn", "S:#!x I:fn");
    /* guarded strings */
    expect(2024, "#\"a\"# ##x", "guarded:#\"a\"# P:# P:# I:x");
    expect(2021, "#\"a\"#", "P:# str:\"a\" P:#");
    /* what nobody accepts */
    expect(2021, "\\ \x01", "?:\\ ?:\x01");
    expect(2021,
           "a\xFF"
           "b",
           "I:a ?:\xFF I:b");
    expect(2021, "na\xC3\xAFve", "I:na\xC3\xAFve");
}

/* ---- whole files ----------------------------------------------------------------------------- */

static bool covers(const uint8_t *text, size_t length, int edition, size_t *tokens) {
    gb_lexer lx;
    gb_token t;
    size_t at = 0;
    gb_lexer_init(&lx, text, length, edition);
    while (gb_lexer_next(&lx, &t)) {
        if (t.start != at || t.end <= t.start || t.end > length) return false;
        if (t.suffix < t.start || t.suffix > t.end) return false;
        at = t.end;
        ++*tokens;
    }
    return at == length;
}

/* Cut off anywhere, or with bytes changed, a file is still covered. */
static bool survives_damage(const uint8_t *text, size_t length) {
    uint8_t *copy = malloc(length + 1);
    size_t tokens = 0, state = length;
    bool ok = copy != NULL;
    for (int round = 0; ok && round < 8 && length; round++) {
        memcpy(copy, text, length);
        for (int i = 0; i < 16; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            copy[(state >> 20) % length] = (uint8_t)(state >> 50);
        }
        ok = covers(copy, (state >> 8) % (length + 1), 2024, &tokens);
    }
    free(copy);
    return ok;
}

static size_t files, total_tokens;

static void lex_tree(const char *path) {
    gb_strings names = {0};
    if (!gb_dir_list(path, &names, NULL)) return;
    for (size_t i = 0; i < names.count; i++) {
        char *inner = gb_path_join(path, names.items[i]);
        gb_mapped_file file;
        if (gb_dir_exists(inner)) {
            lex_tree(inner);
        } else if (gb_text_ends(inner, ".rs") && gb_file_map(inner, &file, NULL)) {
            bool ok = covers(file.bytes, file.length, 2015, &total_tokens) &&
                      covers(file.bytes, file.length, 2024, &total_tokens);
            check_detail(ok, "tokens laid end to end are the file", inner);
            if (files++ % 16 == 0)
                check_detail(survives_damage(file.bytes, file.length), "damaged", inner);
            gb_file_unmap(&file);
        }
        free(inner);
    }
    gb_strings_free(&names);
}

static void long_runs(void) {
    /* Would take minutes if any of them were quadratic. */
    static const char *const pieces[] = {"#",     "'",    "\"",       "r#",  "/*",
                                         "---\n", "\n",   "b'",       "1.",  "c\"\\",
                                         "#!",    "\xFF", "\xE2\x80", "r\"", "#\""};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t one = strlen(pieces[i]), times = 1000000, tokens = 0;
        uint8_t *text = malloc(one * times);
        for (size_t n = 0; n < times; n++) memcpy(text + n * one, pieces[i], one);
        check_detail(covers(text, one * times, 2024, &tokens), "a million times", pieces[i]);
        free(text);
    }
}

static int dump(int argc, char **argv) {
    for (int i = 3; i < argc; i++) {
        gb_mapped_file file;
        if (!gb_file_map(argv[i], &file, NULL)) continue;
        gb_lexer lx;
        gb_token t;
        printf("F %s\n", argv[i]);
        gb_lexer_init(&lx, file.bytes, file.length, atoi(argv[2]));
        while (gb_lexer_next(&lx, &t)) {
            printf("%zu %zu %s", t.start, t.end, letter(&t));
            if (is_comment(&t)) printf("%d", t.doc);
            if (is_literal(&t)) printf(" %zu", t.suffix);
            printf("\n");
        }
        gb_file_unmap(&file);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "--dump") == 0) return dump(argc, argv);
    cases();
    long_runs();
    for (int i = 1; i < argc; i++) lex_tree(argv[i]);
    if (argc > 1) printf("%zu files, %zu tokens\n", files, total_tokens);
    return check_end("lexer");
}
