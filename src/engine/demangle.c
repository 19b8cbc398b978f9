#include "engine/demangle.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct output {
    char *text;
    size_t size, used;
} output;

static void put(output *o, char c) {
    if (o->used + 1 < o->size) o->text[o->used++] = (unsigned char)c < 0x20 || c == 0x7F ? '?' : c;
}

static void put_text(output *o, const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) put(o, s[i]);
}

/* `$LT$` and its like: rustc_demangle, legacy.rs. */
static const struct {
    const char *from;
    char to;
} escapes[] = {{"$SP$", '@'}, {"$BP$", '*'}, {"$RF$", '&'}, {"$LT$", '<'}, {"$GT$", '>'},
               {"$LP$", '('}, {"$RP$", ')'}, {"$C$", ','},  {"$u20$", ' '}, {"$u27$", '\''},
               {"$u5b$", '['}, {"$u5d$", ']'}, {"$u7b$", '{'}, {"$u7d$", '}'}, {"$u3b$", ';'},
               {"$u2b$", '+'}, {"$u22$", '"'}, {"$u3d$", '='}};

static size_t put_escape(output *o, const char *s, size_t n) {
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        size_t length = strlen(escapes[i].from);
        if (n < length || memcmp(s, escapes[i].from, length) != 0) continue;
        put(o, escapes[i].to);
        return length;
    }
    return 0;
}

static void put_legacy_element(output *o, const char *s, size_t n) {
    size_t i = n > 1 && s[0] == '_' && s[1] == '$' ? 1 : 0;
    while (i < n) {
        size_t used = s[i] == '$' ? put_escape(o, s + i, n - i) : 0;
        if (used) {
            i += used;
        } else if (s[i] == '.' && i + 1 < n && s[i + 1] == '.') {
            put_text(o, "::", 2);
            i += 2;
        } else {
            put(o, s[i++]);
        }
    }
}

static bool read_number(const char **s, const char *end, size_t *value) {
    const char *p = *s;
    size_t n = 0;
    while (p < end && *p >= '0' && *p <= '9' && n < 100000) n = n * 10 + (size_t)(*p++ - '0');
    if (p == *s) return false;
    *s = p;
    *value = n;
    return true;
}

/* The hash that closes a legacy symbol: 'h' and 16 hexadecimal digits. */
static bool is_hash(const char *s, size_t n) {
    if (n != 17 || s[0] != 'h') return false;
    for (size_t i = 1; i < n; i++)
        if (!memchr("0123456789abcdef", s[i], 16)) return false;
    return true;
}

static bool demangle_legacy(const char *s, const char *end, output *o) {
    bool first = true;
    size_t n;
    while (s < end && *s != 'E') {
        if (!read_number(&s, end, &n) || n > (size_t)(end - s)) return false;
        bool last = s + n < end && s[n] == 'E';
        if (!(last && is_hash(s, n))) {
            if (!first) put_text(o, "::", 2);
            put_legacy_element(o, s, n);
            first = false;
        }
        s += n;
    }
    return s < end && !first;
}

/* v0 (RFC 2603): only plain nested paths; the caller falls back to the raw symbol for the rest. */
static bool v0_identifier(const char **s, const char *end, output *o) {
    size_t n;
    if (*s < end && **s == 's') { /* disambiguator */
        const char *close = memchr(*s, '_', (size_t)(end - *s));
        if (!close) return false;
        *s = close + 1;
    }
    if (*s < end && **s == 'u') return false; /* punycode */
    if (!read_number(s, end, &n)) return false;
    if (*s < end && **s == '_') ++*s;
    if (n > (size_t)(end - *s)) return false;
    put_text(o, *s, n);
    *s += n;
    return true;
}

static bool v0_path(const char **s, const char *end, output *o, int depth) {
    if (*s >= end || depth > 50) return false;
    char c = *(*s)++;
    if (c == 'C') return v0_identifier(s, end, o);
    if (c == 'I') return v0_path(s, end, o, depth + 1); /* generic arguments are left out */
    if (c != 'N' || *s >= end) return false;
    char space = *(*s)++;
    if (!v0_path(s, end, o, depth + 1)) return false;
    put_text(o, "::", 2);
    if (space == 'C') put_text(o, "{closure}", 9);
    return v0_identifier(s, end, o);
}

void gb_demangle(const char *symbol, size_t length, char *text, size_t size) {
    const char *end = symbol + length;
    output o = {.text = text, .size = size};
    bool done = false;
    if (size == 0) return;
    if (length > 3 && memcmp(symbol, "_ZN", 3) == 0) {
        done = demangle_legacy(symbol + 3, end, &o);
    } else if (length > 2 && memcmp(symbol, "_R", 2) == 0) {
        const char *s = symbol + 2;
        done = v0_path(&s, end, &o, 0);
    }
    if (!done) {
        o.used = 0;
        put_text(&o, symbol, length);
    }
    text[o.used] = 0;
}
