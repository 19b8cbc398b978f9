#include "source/lexer.h"

#include <string.h>

/* rustc's lexer knows Unicode's identifier tables. Here every non-ASCII character that is not white
 * space counts as part of an identifier: where the two differ, the text is one that rustc refuses.
 */

/* ---- characters ------------------------------------------------------------------------------ */

enum { NOT_UTF8 = 0x110000 };

/* The character at `at` and its length in bytes; 0 and length 0 at the end. A byte that begins no
 * UTF-8 sequence is a character of its own, NOT_UTF8. */
static uint32_t char_at(const gb_lexer *lx, size_t at, size_t *bytes) {
    if (at >= lx->length) {
        *bytes = 0;
        return 0;
    }
    const uint8_t *p = lx->text + at;
    size_t left = lx->length - at, want = *p < 0x80   ? 1
                                          : *p < 0xC2 ? 0
                                          : *p < 0xE0 ? 2
                                          : *p < 0xF0 ? 3
                                          : *p < 0xF5 ? 4
                                                      : 0;
    *bytes = 1;
    if (want == 1) return *p;
    if (want == 0 || want > left) return NOT_UTF8;
    uint32_t c = *p & (0x7Fu >> want);
    for (size_t i = 1; i < want; i++) {
        if ((p[i] & 0xC0) != 0x80) return NOT_UTF8;
        c = c << 6 | (p[i] & 0x3F);
    }
    *bytes = want;
    return c;
}

static uint32_t peek(const gb_lexer *lx) {
    size_t bytes;
    return char_at(lx, lx->at, &bytes);
}

/* The n-th byte from here; 0 past the end, as NUL is of no meaning anywhere. */
static uint8_t byte_at(const gb_lexer *lx, size_t n) {
    return n < lx->length - lx->at ? lx->text[lx->at + n] : 0;
}

static void bump(gb_lexer *lx) {
    size_t bytes;
    char_at(lx, lx->at, &bytes);
    lx->at += bytes;
}

/* Pattern_White_Space, and the byte order mark that rustc takes off a file. */
static bool is_space(uint32_t c) {
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0x200E || c == 0x200F ||
           c == 0x2028 || c == 0x2029;
}

static bool is_digit(uint32_t c) {
    return c >= '0' && c <= '9';
}

static bool is_ident_start(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c >= 0x80 && c < NOT_UTF8 && !is_space(c));
}

static bool is_ident_continue(uint32_t c) {
    return is_ident_start(c) || is_digit(c);
}

static void eat_spaces(gb_lexer *lx) {
    while (is_space(peek(lx))) bump(lx);
}

static void eat_ident_rest(gb_lexer *lx) {
    while (is_ident_continue(peek(lx))) bump(lx);
}

/* To the byte, or to the end. */
static void eat_until(gb_lexer *lx, uint8_t byte) {
    const uint8_t *found =
        lx->at < lx->length ? memchr(lx->text + lx->at, byte, lx->length - lx->at) : NULL;
    lx->at = found ? (size_t)(found - lx->text) : lx->length;
}

/* ---- comments, shebang, frontmatter ---------------------------------------------------------- */

/* Called behind `//`. */
static void line_comment(gb_lexer *lx, gb_token *t) {
    t->kind = GB_TOKEN_LINE_COMMENT;
    t->inner = byte_at(lx, 0) == '!';
    t->doc = t->inner || (byte_at(lx, 0) == '/' && byte_at(lx, 1) != '/');
    eat_until(lx, '\n');
}

/* Called behind the opening. Comments nest. */
static void block_comment(gb_lexer *lx, gb_token *t) {
    t->kind = GB_TOKEN_BLOCK_COMMENT;
    t->inner = byte_at(lx, 0) == '!';
    t->doc = t->inner || (byte_at(lx, 0) == '*' && byte_at(lx, 1) != '*' && byte_at(lx, 1) != '/');
    size_t depth = 1;
    while (lx->at < lx->length && depth) {
        uint8_t a = byte_at(lx, 0), b = byte_at(lx, 1);
        lx->at++;
        if (a == '/' && b == '*') depth++, lx->at++;
        if (a == '*' && b == '/') depth--, lx->at++;
    }
    t->terminated = depth == 0;
}

/* At the first byte of the text. `#![…]` is an attribute, comments between allowed; any other line
 * that starts with `#!` is for the operating system. */
static bool shebang(gb_lexer *lx, gb_token *t) {
    if (byte_at(lx, 0) != '#' || byte_at(lx, 1) != '!') return false;
    gb_lexer ahead = *lx;
    gb_token next;
    ahead.at += 2;
    if (gb_lexer_next_significant(&ahead, &next) && lx->text[next.start] == '[' && !next.doc)
        return false;
    t->kind = GB_TOKEN_SHEBANG;
    eat_until(lx, '\n');
    return true;
}

/* A fence of three or more dashes at the start of a line before all else, closed by as many.
 * Without a closing fence the dashes are plain punctuation: rustc refuses such a file. */
static bool frontmatter(gb_lexer *lx, gb_token *t) {
    size_t dashes = 0, at;
    while (byte_at(lx, dashes) == '-') dashes++;
    if (dashes < 3 || (lx->at && lx->text[lx->at - 1] != '\n')) return false;
    for (at = lx->at; at < lx->length; at++) {
        const uint8_t *line = memchr(lx->text + at, '\n', lx->length - at);
        if (!line) return false;
        at = (size_t)(line - lx->text);
        size_t run = 0;
        while (at + 1 + run < lx->length && lx->text[at + 1 + run] == '-') run++;
        if (run < dashes) continue;
        t->kind = GB_TOKEN_FRONTMATTER;
        lx->at = at + 1 + run;
        eat_until(lx, '\n');
        return true;
    }
    return false;
}

/* ---- literals -------------------------------------------------------------------------------- */

static void literal(gb_lexer *lx, gb_token *t, gb_token_kind kind, bool terminated) {
    t->kind = kind;
    t->terminated = terminated;
    t->suffix = lx->at;
    if (terminated && is_ident_start(peek(lx))) eat_ident_rest(lx);
}

/* Called behind the opening quote. */
static bool double_quoted(gb_lexer *lx) {
    while (lx->at < lx->length) {
        uint8_t c = lx->text[lx->at++];
        if (c == '"') return true;
        if (c == '\\' && (byte_at(lx, 0) == '\\' || byte_at(lx, 0) == '"')) lx->at++;
    }
    return false;
}

/* Called behind the opening quote. */
static bool single_quoted(gb_lexer *lx) {
    size_t first;
    uint32_t c = char_at(lx, lx->at, &first);
    if (c != '\\' && byte_at(lx, first) == '\'' && first) {
        lx->at += first + 1;
        return true;
    }
    while (lx->at < lx->length) {
        c = byte_at(lx, 0);
        if (c == '/' || (c == '\n' && byte_at(lx, 1) != '\'')) return false;
        bump(lx);
        if (c == '\'') return true;
        if (c == '\\') bump(lx);
    }
    return false;
}

/* Called behind the `r`. */
static void raw_string(gb_lexer *lx, gb_token *t, gb_token_kind kind) {
    size_t hashes = 0, found = 0;
    for (; byte_at(lx, 0) == '#'; lx->at++) hashes++;
    t->hashes = hashes > UINT32_MAX ? UINT32_MAX : (uint32_t)hashes;
    bool started = byte_at(lx, 0) == '"';
    bump(lx);
    while (started && lx->at < lx->length) {
        eat_until(lx, '"');
        if (lx->at == lx->length) break;
        lx->at++;
        for (found = 0; found < hashes && byte_at(lx, 0) == '#'; lx->at++) found++;
        if (found == hashes) {
            literal(lx, t, kind, hashes <= 255);
            return;
        }
    }
    literal(lx, t, kind, false);
}

static bool eat_digits(gb_lexer *lx, bool hexadecimal) {
    bool any = false;
    for (;; lx->at++) {
        uint8_t c = byte_at(lx, 0);
        bool digit =
            is_digit(c) || (hexadecimal && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
        if (!digit && c != '_') return any;
        any |= digit;
    }
}

static void eat_exponent(gb_lexer *lx) {
    lx->at++;
    if (byte_at(lx, 0) == '-' || byte_at(lx, 0) == '+') lx->at++;
    eat_digits(lx, false);
}

static gb_token_kind fraction(gb_lexer *lx) {
    uint8_t c = byte_at(lx, 0);
    if (c == 'e' || c == 'E') {
        eat_exponent(lx);
        return GB_TOKEN_FLOAT;
    }
    if (c != '.' || byte_at(lx, 1) == '.') return GB_TOKEN_INTEGER;
    /* `12.foo()`: a method of an integer */
    size_t bytes;
    if (is_ident_start(char_at(lx, lx->at + 1, &bytes))) return GB_TOKEN_INTEGER;
    lx->at++;
    if (is_digit(byte_at(lx, 0))) {
        eat_digits(lx, false);
        if (byte_at(lx, 0) == 'e' || byte_at(lx, 0) == 'E') eat_exponent(lx);
    }
    return GB_TOKEN_FLOAT;
}

/* At the first digit. */
static void number(gb_lexer *lx, gb_token *t) {
    uint8_t first = byte_at(lx, 0), c = byte_at(lx, 1);
    lx->at++;
    bool based = first == '0' && (c == 'b' || c == 'o' || c == 'x');
    gb_token_kind kind = GB_TOKEN_INTEGER;
    if (based) {
        lx->at++;
        if (eat_digits(lx, c == 'x')) kind = fraction(lx);
    } else if (first != '0' || is_digit(c) || c == '_') {
        eat_digits(lx, false);
        kind = fraction(lx);
    } else {
        kind = fraction(lx);
    }
    literal(lx, t, kind, true);
}

/* ---- identifiers and what starts like one ---------------------------------------------------- */

/* At an identifier's first character. */
static void ident(gb_lexer *lx, gb_token *t) {
    eat_ident_rest(lx);
    uint8_t next = byte_at(lx, 0);
    bool glued = lx->edition >= 2021 && (next == '#' || next == '"' || next == '\'');
    t->kind = glued ? GB_TOKEN_UNKNOWN_PREFIX : GB_TOKEN_IDENT;
}

static void starts_with_r(gb_lexer *lx, gb_token *t) {
    size_t bytes;
    uint8_t next = byte_at(lx, 1);
    if (next == '#' && is_ident_start(char_at(lx, lx->at + 2, &bytes))) {
        lx->at += 2;
        eat_ident_rest(lx);
        t->kind = GB_TOKEN_RAW_IDENT;
    } else if (next == '#' || next == '"') {
        lx->at++;
        raw_string(lx, t, GB_TOKEN_RAW_STR);
    } else {
        ident(lx, t);
    }
}

/* b'…' b"…" br"…", and c"…" cr"…" since 2021. */
static void starts_with_b_or_c(gb_lexer *lx, gb_token *t, bool byte) {
    uint8_t one = byte_at(lx, 1), two = byte_at(lx, 2);
    if (!byte && lx->edition < 2021) {
        ident(lx, t);
    } else if (byte && one == '\'') {
        lx->at += 2;
        bool terminated = single_quoted(lx);
        literal(lx, t, GB_TOKEN_BYTE, terminated);
    } else if (one == '"') {
        lx->at += 2;
        bool terminated = double_quoted(lx);
        literal(lx, t, byte ? GB_TOKEN_BYTE_STR : GB_TOKEN_C_STR, terminated);
    } else if (one == 'r' && (two == '"' || two == '#')) {
        lx->at += 2;
        raw_string(lx, t, byte ? GB_TOKEN_RAW_BYTE_STR : GB_TOKEN_RAW_C_STR);
    } else {
        ident(lx, t);
    }
}

/* At the quote. rustc: Cursor::lifetime_or_char */
static void lifetime_or_char(gb_lexer *lx, gb_token *t) {
    size_t first, third;
    lx->at++;
    uint32_t c = char_at(lx, lx->at, &first);
    bool closed = first && byte_at(lx, first) == '\'';
    if (closed || !is_ident_continue(c)) {
        bool terminated = single_quoted(lx);
        literal(lx, t, GB_TOKEN_CHAR, terminated);
        return;
    }
    if (c == 'r' && byte_at(lx, 1) == '#' && lx->edition >= 2021 &&
        is_ident_start(char_at(lx, lx->at + 2, &third))) {
        lx->at += 2;
        eat_ident_rest(lx);
        t->kind = GB_TOKEN_LIFETIME;
        return;
    }
    eat_ident_rest(lx);
    if (byte_at(lx, 0) == '\'') {
        /* Too long for a character, but that is how rustc cuts it, without a suffix. */
        lx->at++;
        t->kind = GB_TOKEN_CHAR;
        t->terminated = true;
        t->suffix = lx->at;
        return;
    }
    bool glued = lx->edition >= 2021 && byte_at(lx, 0) == '#' && !is_digit(c);
    t->kind = glued ? GB_TOKEN_UNKNOWN_PREFIX : GB_TOKEN_LIFETIME;
}

/* At `#`. Since 2024 `#"…"#` is one reserved token. */
static void hash(gb_lexer *lx, gb_token *t) {
    t->kind = GB_TOKEN_PUNCT;
    if (lx->edition < 2024 || lx->at < lx->plain_hashes) {
        lx->at++;
        return;
    }
    size_t hashes = 0, found = 0;
    while (byte_at(lx, hashes) == '#') hashes++;
    if (byte_at(lx, hashes) != '"') {
        /* Remembered, so that a long run of them is looked through once. */
        lx->plain_hashes = lx->at + hashes;
        lx->at++;
        return;
    }
    lx->at += hashes + 1;
    t->hashes = hashes > UINT32_MAX ? UINT32_MAX : (uint32_t)hashes;
    bool terminated = double_quoted(lx);
    for (; terminated && found < hashes && byte_at(lx, 0) == '#'; lx->at++) found++;
    literal(lx, t, GB_TOKEN_GUARDED_STR, terminated);
}

/* ---- the lexer ------------------------------------------------------------------------------- */

void gb_lexer_init(gb_lexer *lexer, const uint8_t *text, size_t length, int edition) {
    *lexer = (gb_lexer){.text = text, .length = length, .edition = edition, .at_top = true};
    /* rustc takes the byte order mark off before it looks at anything. */
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) lexer->mark = 3;
}

/* One character that starts a token of its own kind. */
static void other(gb_lexer *lx, gb_token *t, uint32_t c) {
    bool ascii = c && c < 0x80;
    t->kind = ascii && strchr("([{", (int)c)                    ? GB_TOKEN_OPEN
              : ascii && strchr(")]}", (int)c)                  ? GB_TOKEN_CLOSE
              : ascii && strchr(";,.@~?:$=!<>-&|+*/^%", (int)c) ? GB_TOKEN_PUNCT
                                                                : GB_TOKEN_UNKNOWN;
    bump(lx);
}

static void scan(gb_lexer *lx, gb_token *t) {
    uint32_t c = peek(lx);
    if (is_space(c)) {
        t->kind = GB_TOKEN_WHITESPACE;
        eat_spaces(lx);
    } else if (c == '/' && byte_at(lx, 1) == '/') {
        lx->at += 2;
        line_comment(lx, t);
    } else if (c == '/' && byte_at(lx, 1) == '*') {
        lx->at += 2;
        block_comment(lx, t);
    } else if (c == 'r') {
        starts_with_r(lx, t);
    } else if (c == 'b' || c == 'c') {
        starts_with_b_or_c(lx, t, c == 'b');
    } else if (is_ident_start(c)) {
        ident(lx, t);
    } else if (is_digit(c)) {
        number(lx, t);
    } else if (c == '\'') {
        lifetime_or_char(lx, t);
    } else if (c == '"') {
        lx->at++;
        bool terminated = double_quoted(lx);
        literal(lx, t, GB_TOKEN_STR, terminated);
    } else if (c == '#') {
        hash(lx, t);
    } else {
        other(lx, t, c);
    }
}

bool gb_lexer_next(gb_lexer *lexer, gb_token *token) {
    *token = (gb_token){.start = lexer->at, .terminated = true};
    bool top = lexer->at_top;
    if (lexer->at >= lexer->length) {
        token->end = token->suffix = lexer->at;
        return false;
    }
    if (lexer->at < lexer->mark) {
        token->kind = GB_TOKEN_WHITESPACE;
        lexer->at = lexer->mark;
    } else if (lexer->at == lexer->mark && top && shebang(lexer, token)) {
        /* frontmatter may follow */
    } else if (!top || !frontmatter(lexer, token)) {
        scan(lexer, token);
        lexer->at_top = top && token->kind == GB_TOKEN_WHITESPACE;
    } else {
        lexer->at_top = false;
    }
    token->end = lexer->at;
    if (!token->suffix) token->suffix = token->end;
    return true;
}

bool gb_lexer_next_significant(gb_lexer *lexer, gb_token *token) {
    while (gb_lexer_next(lexer, token)) {
        bool comment =
            token->kind == GB_TOKEN_LINE_COMMENT || token->kind == GB_TOKEN_BLOCK_COMMENT;
        bool passed = token->kind == GB_TOKEN_WHITESPACE || token->kind == GB_TOKEN_SHEBANG ||
                      token->kind == GB_TOKEN_FRONTMATTER || (comment && !token->doc);
        if (!passed) return true;
    }
    return false;
}

bool gb_token_is(const gb_lexer *lexer, const gb_token *token, const char *word) {
    size_t length = strlen(word);
    return token->end - token->start == length &&
           memcmp(lexer->text + token->start, word, length) == 0;
}
