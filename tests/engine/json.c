#include "json.h"

#include <stdlib.h>
#include <string.h>

typedef struct parser {
    const char *at, *end;
} parser;

static void skip_space(parser *p) {
    while (p->at < p->end && strchr(" \t\r\n", *p->at)) p->at++;
}

static bool take(parser *p, char c) {
    skip_space(p);
    if (p->at == p->end || *p->at != c) return false;
    p->at++;
    return true;
}

static unsigned hex4(const char *s) {
    char digits[5] = {s[0], s[1], s[2], s[3], 0};
    return (unsigned)strtoul(digits, NULL, 16);
}

static size_t put_utf8(char *out, unsigned c) {
    if (c < 0x80) return out[0] = (char)c, (size_t)1;
    if (c < 0x800) return out[0] = (char)(0xC0 | c >> 6), out[1] = (char)(0x80 | (c & 0x3F)), (size_t)2;
    out[0] = (char)(0xE0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3F));
    out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
}

/* A surrogate pair becomes one code point of four bytes. */
static size_t put_escape(parser *p, char *out) {
    unsigned c = hex4(p->at);
    p->at += 4;
    if (c < 0xD800 || c > 0xDBFF || p->end - p->at < 6 || p->at[0] != '\\') return put_utf8(out, c);
    c = 0x10000 + ((c - 0xD800) << 10) + (hex4(p->at + 2) - 0xDC00);
    p->at += 6;
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static char *parse_string(parser *p, size_t *length) {
    if (!take(p, '"')) return NULL;
    const char *close = p->at;
    while (close < p->end && *close != '"') close += *close == '\\' ? 2 : 1;
    if (close >= p->end) return NULL;
    char *text = malloc((size_t)(close - p->at) + 1), *out = text;
    while (text && p->at < close) {
        char c = *p->at++;
        if (c == '\\') {
            c = *p->at++;
            if (c == 'u' && close - p->at >= 4) {
                out += put_escape(p, out);
                continue;
            }
            const char *from = "nrtbf", *to = "\n\r\t\b\f", *known = strchr(from, c);
            if (known) c = to[known - from];
        }
        *out++ = c;
    }
    if (!text) return NULL;
    *out = 0;
    *length = (size_t)(out - text);
    p->at = close + 1;
    return text;
}

static json *parse_value(parser *p, int depth);

static bool parse_members(parser *p, json *value, char close, int depth) {
    json **link = &value->first;
    if (take(p, close)) return true;
    do {
        char *key = NULL;
        size_t length;
        if (close == '}' && (!(key = parse_string(p, &length)) || !take(p, ':'))) {
            free(key);
            return false;
        }
        *link = parse_value(p, depth + 1);
        if (!*link) {
            free(key);
            return false;
        }
        (*link)->key = key;
        link = &(*link)->next;
    } while (take(p, ','));
    return take(p, close);
}

static bool parse_word(parser *p, json *value) {
    const char *start = p->at;
    while (p->at < p->end && !strchr(",]} \t\r\n", *p->at)) p->at++;
    value->length = (size_t)(p->at - start);
    value->text = strndup(start, value->length);
    if (!value->text || value->length == 0) return false;
    value->kind = strcmp(value->text, "null") == 0                    ? JSON_NULL
                  : *value->text == 't' || *value->text == 'f' ? JSON_BOOL
                                                               : JSON_NUMBER;
    return true;
}

static json *parse_value(parser *p, int depth) {
    json *value = calloc(1, sizeof *value);
    if (!value || depth > 100) {
        free(value);
        return NULL;
    }
    skip_space(p);
    bool ok;
    if (take(p, '{')) {
        value->kind = JSON_OBJECT;
        ok = parse_members(p, value, '}', depth);
    } else if (take(p, '[')) {
        value->kind = JSON_ARRAY;
        ok = parse_members(p, value, ']', depth);
    } else if (p->at < p->end && *p->at == '"') {
        value->kind = JSON_STRING;
        value->text = parse_string(p, &value->length);
        ok = value->text != NULL;
    } else {
        ok = parse_word(p, value);
    }
    if (ok) return value;
    json_free(value);
    return NULL;
}

json *json_parse(const char *text, size_t length) {
    parser p = {.at = text, .end = text + length};
    return parse_value(&p, 0);
}

void json_free(json *value) {
    while (value) {
        json *next = value->next;
        json_free(value->first);
        free(value->key);
        free(value->text);
        free(value);
        value = next;
    }
}

const json *json_get(const json *object, const char *key) {
    for (const json *m = object ? object->first : NULL; m; m = m->next)
        if (m->key && strcmp(m->key, key) == 0) return m;
    return NULL;
}

const char *json_text(const json *object, const char *key) {
    const json *m = json_get(object, key);
    return m && m->text ? m->text : "";
}
