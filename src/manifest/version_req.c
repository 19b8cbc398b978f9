#include "manifest/version_req.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "manifest/version.h"

typedef enum operator{
    CARET,
    TILDE,
    EXACT,
    GREATER,
    GREATER_EQUAL,
    LESS,
    LESS_EQUAL,
    ANY
}
operator;

/* One to three numbers, perhaps with a pre-release part. */
typedef struct comparator {
    operator op;
    unsigned long long numbers[3];
    int count;
    char pre[64]; /* without '-' */
} comparator;

static const char *skip_blanks(const char *text) {
    return text + strspn(text, " ");
}

static bool is_wildcard(char c) {
    return c == '*' || c == 'x' || c == 'X';
}

static const char *read_operator(const char *text, comparator *c) {
    static const struct {
        const char *text;
        operator op;
    } operators[] = {{">=", GREATER_EQUAL}, {"<=", LESS_EQUAL}, {">", GREATER}, {"<", LESS},
                     {"=", EXACT},          {"~", TILDE},       {"^", CARET}};
    c->op = CARET;
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        size_t n = strlen(operators[i].text);
        if (strncmp(text, operators[i].text, n) == 0) {
            c->op = operators[i].op;
            return skip_blanks(text + n);
        }
    }
    return text;
}

static const char *read_number(const char *text, unsigned long long *number) {
    const char *start = text;
    *number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (*number > 1000000000000000000u) return NULL;
        *number = *number * 10 + (unsigned)(*text - '0');
    }
    return text == start ? NULL : text;
}

static const char *read_pre(const char *text, comparator *c) {
    static const char allowed[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
    if (*text == '-') {
        size_t n = strspn(++text, allowed);
        if (n == 0 || n >= sizeof c->pre || c->count < 3) return NULL;
        snprintf(c->pre, sizeof c->pre, "%.*s", (int)n, text);
        text += n;
    }
    if (*text == '+') text += 1 + strspn(text + 1, allowed); /* does not count */
    return text;
}

/* NULL when it is none. In "1.*" the numbers that are there must be equal. */
static const char *read_comparator(const char *text, comparator *c) {
    *c = (comparator){0};
    bool plain = *text >= '0' && *text <= '9';
    text = read_operator(text, c);
    if (is_wildcard(*text)) {
        c->op = ANY;
        return text + 1;
    }
    for (bool more = true; more;) {
        text = read_number(text, &c->numbers[c->count]);
        if (text == NULL) return NULL;
        c->count++;
        more = *text == '.' && c->count < 3;
        if (!more) break;
        if (is_wildcard(text[1])) {
            if (plain) c->op = EXACT;
            text += 2;
            while (*text == '.' && is_wildcard(text[1])) text += 2;
            return text;
        }
        text++;
    }
    return read_pre(text, c);
}

/* ---- comparing ------------------------------------------------------------------------------- */

typedef struct version {
    unsigned long long numbers[3];
    const char *pre; /* "" for none; with what follows */
    const char *text;
} version;

static bool read_version(const char *text, version *v) {
    *v = (version){.text = text};
    for (int i = 0; i < 3; i++) {
        text = read_number(text, &v->numbers[i]);
        if (text == NULL || (i < 2 && *text++ != '.')) return false;
    }
    v->pre = *text == '-' ? text + 1 : "";
    return true;
}

/* Numbers the comparator has, then the whole of it. */
static int compare(const version *v, const comparator *c) {
    for (int i = 0; i < c->count; i++) {
        if (v->numbers[i] != c->numbers[i]) return v->numbers[i] < c->numbers[i] ? -1 : 1;
    }
    if (c->count < 3) return 0;
    char whole[160];
    snprintf(whole, sizeof whole, "%llu.%llu.%llu%s%s", c->numbers[0], c->numbers[1], c->numbers[2],
             c->pre[0] != '\0' ? "-" : "", c->pre);
    return gb_version_compare(v->text, whole);
}

/* The first `count` numbers are those of the comparator. */
static bool same(const version *v, const comparator *c, int count) {
    for (int i = 0; i < count; i++) {
        if (v->numbers[i] != c->numbers[i]) return false;
    }
    return true;
}

/* How many leading numbers may not change under `^`: up to the first that is not zero. */
static int caret_fixed(const comparator *c) {
    int i = 0;
    while (i < c->count && c->numbers[i] == 0) i++;
    return i < c->count ? i + 1 : c->count;
}

static bool in_range(const version *v, const comparator *c) {
    int order = c->op == ANY ? 0 : compare(v, c);
    switch (c->op) {
    case ANY: return true;
    case EXACT: return order == 0;
    case GREATER: return order > 0;
    case GREATER_EQUAL: return order >= 0;
    case LESS: return order < 0;
    case LESS_EQUAL: return order <= 0;
    case TILDE: return order >= 0 && same(v, c, c->count < 2 ? c->count : 2);
    case CARET: return order >= 0 && same(v, c, caret_fixed(c));
    }
    return false;
}

/* Calls for each comparator; false when one is malformed. */
static bool judge(const char *requirement, const version *v, bool *all) {
    bool pre_named = false;
    const char *text = skip_blanks(requirement);
    *all = true;
    for (;;) {
        comparator c;
        text = read_comparator(text, &c);
        if (text == NULL) return false;
        if (v != NULL) {
            *all = *all && in_range(v, &c);
            pre_named = pre_named || (c.pre[0] != '\0' && same(v, &c, 3));
        }
        text = skip_blanks(text);
        if (*text == '\0') break;
        if (*text != ',') return false;
        text = skip_blanks(text + 1);
    }
    if (v != NULL && v->pre[0] != '\0' && !pre_named) *all = false;
    return true;
}

bool gb_version_req_valid(const char *requirement) {
    bool all;
    return judge(requirement, NULL, &all);
}

bool gb_version_req_matches(const char *requirement, const char *text) {
    version v;
    bool all;
    return read_version(text, &v) && judge(requirement, &v, &all) && all;
}
