/* lexer.h: Rust source text to tokens, as rustc's own lexer cuts it.
 *
 * Every byte belongs to exactly one token, so tokens laid end to end are the file. Never fails:
 * what no Rust compiler accepts becomes GB_TOKEN_UNKNOWN, or a token with `terminated` false.
 * Linear time, no allocation. Text need not be UTF-8. rustc: compiler/rustc_lexer/src/lib.rs;
 * reference: "Lexical structure". */
#ifndef GB_SOURCE_LEXER_H
#define GB_SOURCE_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum gb_token_kind {
    GB_TOKEN_END = 0,
    GB_TOKEN_SHEBANG,     /* first line `#!…` that is not an attribute */
    GB_TOKEN_FRONTMATTER, /* `---` … `---` at the top */
    GB_TOKEN_WHITESPACE,
    GB_TOKEN_LINE_COMMENT,
    GB_TOKEN_BLOCK_COMMENT,
    GB_TOKEN_IDENT,          /* keywords too */
    GB_TOKEN_RAW_IDENT,      /* r#name */
    GB_TOKEN_LIFETIME,       /* 'name and 'r#name */
    GB_TOKEN_UNKNOWN_PREFIX, /* 2021 on: an identifier glued to `"`, `'` or `#` */
    GB_TOKEN_INTEGER,        /* suffix included, as in all literals */
    GB_TOKEN_FLOAT,
    GB_TOKEN_CHAR,
    GB_TOKEN_BYTE,
    GB_TOKEN_STR,
    GB_TOKEN_BYTE_STR,
    GB_TOKEN_C_STR,
    GB_TOKEN_RAW_STR,
    GB_TOKEN_RAW_BYTE_STR,
    GB_TOKEN_RAW_C_STR,
    GB_TOKEN_GUARDED_STR, /* 2024 on: #"…"#, reserved */
    GB_TOKEN_PUNCT,       /* one character of ; , . @ # ~ ? : $ = ! < > - & | + * / ^ % */
    GB_TOKEN_OPEN,        /* ( [ { */
    GB_TOKEN_CLOSE,       /* ) ] } */
    GB_TOKEN_UNKNOWN,
} gb_token_kind;

typedef struct gb_token {
    gb_token_kind kind;
    bool doc;        /* comment: a doc comment */
    bool inner;      /* doc comment: //! or the block form */
    bool terminated; /* quoted literal, block comment, frontmatter: its end was found */
    uint32_t hashes; /* raw literals */
    size_t start, end;
    size_t suffix; /* literals: where the suffix starts; == end when there is none */
} gb_token;

typedef struct gb_lexer {
    const uint8_t *text;
    size_t length;
    size_t at;
    int edition; /* 2015, 2018, 2021, 2024 */
    /* the lexer's own */
    bool at_top;         /* nothing but white space so far */
    size_t mark;         /* bytes of a byte order mark at the start */
    size_t plain_hashes; /* up to here, `#` is known not to open a guarded string */
} gb_lexer;

void gb_lexer_init(gb_lexer *lexer, const uint8_t *text, size_t length, int edition);
/* The next token; false (and GB_TOKEN_END) at the end of the text. */
bool gb_lexer_next(gb_lexer *lexer, gb_token *token);
/* The same, passing over white space and comments that are not documentation. */
bool gb_lexer_next_significant(gb_lexer *lexer, gb_token *token);
/* True when the token's text is `word`. */
bool gb_token_is(const gb_lexer *lexer, const gb_token *token, const char *word);

#endif
