#include "cli/highlight.h"

#include <ctype.h>
#include <string.h>

#include "source/lexer.h"

static const char *const keywords[] = {
    "as",    "async", "await", "break", "const", "continue", "crate",  "dyn",    "else", "enum",
    "extern", "false", "fn",   "for",   "if",    "impl",     "in",     "let",    "loop", "match",
    "mod",   "move",  "mut",   "pub",   "ref",   "return",   "self",   "static", "struct", "super",
    "trait", "true",  "type",  "union", "unsafe", "use",     "where",  "while",
};

static bool is_keyword(const gb_lexer *lexer, const gb_token *token) {
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (gb_token_is(lexer, token, keywords[i])) return true;
    }
    return false;
}

static const char *colour_of(const gb_lexer *lexer, const gb_token *token, const char *text) {
    switch (token->kind) {
    case GB_TOKEN_LINE_COMMENT:
    case GB_TOKEN_BLOCK_COMMENT: return "\033[90m";
    case GB_TOKEN_STR:
    case GB_TOKEN_BYTE_STR:
    case GB_TOKEN_C_STR:
    case GB_TOKEN_RAW_STR:
    case GB_TOKEN_RAW_BYTE_STR:
    case GB_TOKEN_RAW_C_STR:
    case GB_TOKEN_CHAR:
    case GB_TOKEN_BYTE: return "\033[32m";
    case GB_TOKEN_INTEGER:
    case GB_TOKEN_FLOAT: return "\033[33m";
    case GB_TOKEN_LIFETIME: return "\033[36m";
    case GB_TOKEN_IDENT:
        if (is_keyword(lexer, token)) return "\033[35m";
        return isupper((unsigned char)text[token->start]) ? "\033[34m" : NULL;
    default: return NULL;
    }
}

bool gb_highlight_rust(const char *text, gb_buffer *out) {
    gb_lexer lexer;
    gb_token token;
    bool ok = true;
    gb_lexer_init(&lexer, (const uint8_t *)text, strlen(text), 2021);
    while (ok && gb_lexer_next(&lexer, &token)) {
        const char *colour = colour_of(&lexer, &token, text);
        ok = (colour == NULL || gb_buffer_append_text(out, colour)) &&
             gb_buffer_append(out, text + token.start, token.end - token.start) &&
             (colour == NULL || gb_buffer_append_text(out, "\033[0m"));
    }
    return ok;
}
