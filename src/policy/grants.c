#include "policy/grants.h"

#include <stdlib.h>
#include <string.h>

#include "policy/pattern.h"

/* ---- the members ----------------------------------------------------------------------------- */

typedef enum member_kind { TEXT, TEXTS, SWITCH } member_kind;

static const struct member {
    const char *key;
    member_kind kind;
    size_t offset;
} members[] = {
    {"package", TEXT, offsetof(gb_grants, package)},
    {"package_version", TEXT, offsetof(gb_grants, version)},
    {"manifest", TEXT, offsetof(gb_grants, manifest)},
    {"table", TEXT, offsetof(gb_grants, table)},
    {"root", TEXT, offsetof(gb_grants, root)},
    {"read", TEXTS, offsetof(gb_grants, read)},
    {"env", TEXTS, offsetof(gb_grants, env)},
    {"run", TEXTS, offsetof(gb_grants, run)},
    {"clock", SWITCH, offsetof(gb_grants, clock)},
    {"random", SWITCH, offsetof(gb_grants, random)},
    {"native", SWITCH, offsetof(gb_grants, native)},
    {"forbid", TEXTS, offsetof(gb_grants, forbid)},
    {"allow", TEXTS, offsetof(gb_grants, allow)},
};
enum { MEMBER_COUNT = sizeof members / sizeof members[0] };

static void *place_of(gb_grants *grants, const struct member *m) {
    return (char *)grants + m->offset;
}

static const void *place_in(const gb_grants *grants, const struct member *m) {
    return (const char *)grants + m->offset;
}

void gb_grants_free(gb_grants *grants) {
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        void *place = place_of(grants, &members[i]);
        if (members[i].kind == TEXT) free(*(char **)place);
        if (members[i].kind == TEXTS) gb_strings_free(place);
    }
    *grants = (gb_grants){0};
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char first_line[] = "glovebox policy 1\n";

static bool malformed(gb_error *err, const char *what, const char *key, const char *how) {
    return gb_fail(err, GB_ERROR_MALFORMED, "%s: `%.64s` %s", what, key, how);
}

/* A value without its escapes, in place. False: it has one that there is not. */
static bool unescape(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        char c = *from;
        if (c == '\\') {
            c = *++from == 't' ? '\t' : *from == 'n' ? '\n' : *from == '\\' ? '\\' : '\0';
            if (!c) return false;
        }
        *to++ = c;
    }
    *to = '\0';
    return true;
}

/* `value` is NULL where the line has none; what is kept of it is a copy. */
static bool take(gb_grants *grants, const struct member *m, bool again, const char *value, const char *what,
                 gb_error *err) {
    void *place = place_of(grants, m);
    if (again && m->kind != TEXTS) return malformed(err, what, m->key, "stands there twice");
    if (m->kind == SWITCH) {
        *(bool *)place = true;
        return !value || malformed(err, what, m->key, "takes no value");
    }
    if (!value) return malformed(err, what, m->key, "has no value");
    if (m->kind == TEXTS) {
        gb_strings_add(place, value);
        return gb_strings_ok(place, err);
    }
    *(char **)place = gb_text_copy(value);
    return *(char **)place != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

static bool take_line(gb_grants *grants, char *line, unsigned *seen, const char *what, gb_error *err) {
    char *tab = strchr(line, '\t'), *value = tab ? tab + 1 : NULL;
    size_t i = 0;
    if (tab) *tab = '\0';
    while (i < MEMBER_COUNT && strcmp(line, members[i].key) != 0) i++;
    if (i == MEMBER_COUNT) return malformed(err, what, line, "is not known");
    if (value && !unescape(value)) return malformed(err, what, line, "has a value that is cut short");
    bool again = *seen >> i & 1;
    *seen |= 1u << i;
    return take(grants, &members[i], again, value, what, err);
}

/* `text` may be changed. */
static bool take_all(gb_grants *grants, char *text, const char *what, gb_error *err) {
    unsigned seen = 0;
    for (char *line = text, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        if (!end) return malformed(err, what, line, "is cut short");
        *end = '\0';
        if (!take_line(grants, line, &seen, what, err)) return false;
    }
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (members[i].kind == TEXT && (seen >> i & 1) == 0) {
            return malformed(err, what, members[i].key, "is missing");
        }
    }
    return true;
}

static bool check(const gb_grants *grants, const char *what, gb_error *err) {
    if (grants->root[0] != '/') return malformed(err, what, "root", "is not absolute");
    for (size_t i = 0; i < grants->read.count; i++) {
        if (!gb_grants_check_read(grants->read.items[i], err)) {
            return gb_error_context(err, "%s: `read`: `%.200s`", what, grants->read.items[i]);
        }
    }
    return true;
}

bool gb_grants_parse(const char *text, size_t length, const char *what, gb_grants *out,
                     gb_error *err) {
    *out = (gb_grants){0};
    if (length > GB_GRANTS_BYTES) {
        return gb_fail(err, GB_ERROR_MALFORMED, "%s is too long for a policy", what);
    }
    char *copy = gb_text_copy_n(text, length);
    if (!copy) return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    bool ok = (strlen(copy) == length && gb_text_starts(copy, first_line)) ||
              gb_fail(err, GB_ERROR_MALFORMED, "%s is no policy that this Glovebox knows", what);
    ok = ok && take_all(out, copy + sizeof first_line - 1, what, err) && check(out, what, err);
    free(copy);
    if (!ok) gb_grants_free(out);
    return ok;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool give_text(gb_buffer *out, const char *key, const char *text) {
    bool ok = gb_buffer_append_format(out, "%s\t", key);
    for (; ok && *text; text++) {
        ok = *text == '\t'   ? gb_buffer_append(out, "\\t", 2)
             : *text == '\n' ? gb_buffer_append(out, "\\n", 2)
             : *text == '\\' ? gb_buffer_append(out, "\\\\", 2)
                             : gb_buffer_append(out, text, 1);
    }
    return ok && gb_buffer_append(out, "\n", 1);
}

static bool give(gb_buffer *out, const struct member *m, const gb_grants *grants) {
    const void *place = place_in(grants, m);
    const gb_strings *list = place;
    switch (m->kind) {
    case TEXT: {
        const char *text = *(char *const *)place;
        return give_text(out, m->key, text != NULL ? text : "");
    }
    case TEXTS:
        for (size_t i = 0; i < list->count; i++) {
            if (!give_text(out, m->key, list->items[i])) return false;
        }
        return true;
    case SWITCH: return !*(const bool *)place || gb_buffer_append_format(out, "%s\n", m->key);
    }
    return false;
}

bool gb_grants_print(const gb_grants *grants, gb_buffer *out) {
    bool ok = gb_buffer_append_text(out, first_line);
    for (size_t i = 0; ok && i < MEMBER_COUNT; i++) ok = give(out, &members[i], grants);
    return ok;
}

/* ---- what it means --------------------------------------------------------------------------- */

/* The pattern below a named root and the variable's name, or NULL when it starts with none. */
static const char *named_root(const char *text, const char **variable) {
    static const char *const names[] = {"OUT_DIR", "CARGO_MANIFEST_DIR"};
    if (text[0] != '$') return NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *rest = gb_text_after(text + 1, names[i]);
        if (rest == NULL || (*rest != '\0' && *rest != '/')) continue;
        *variable = names[i];
        return *rest == '/' ? rest + 1 : "**";
    }
    return NULL;
}

bool gb_grants_check_read(const char *text, gb_error *err) {
    const char *variable, *below = named_root(text, &variable);
    if (text[0] == '$' && below == NULL) {
        return gb_fail(
            err, GB_ERROR_USAGE,
            "there is no such root: $OUT_DIR and $CARGO_MANIFEST_DIR are the named ones");
    }
    gb_pattern *pattern = gb_pattern_new(below != NULL ? below : text, err);
    gb_pattern_free(pattern);
    return pattern != NULL;
}

static const char *value_of(const char *const *environment, const char *name) {
    for (; environment != NULL && *environment != NULL; environment++) {
        const char *rest = gb_text_after(*environment, name);
        if (rest != NULL && *rest == '=') return rest + 1;
    }
    return NULL;
}

static bool apply_read(const gb_grants *grants, const char *text, const char *const *environment,
                       gb_policy *policy, gb_error *err) {
    const char *variable, *below = named_root(text, &variable);
    if (below == NULL) return gb_policy_grant_pattern(policy, grants->root, text, err);
    const char *root = value_of(environment, variable);
    /* "/" would be everything there is: nobody's package. */
    if (root == NULL || root[0] != '/' || root[strspn(root, "/")] == '\0') return true;
    return gb_policy_grant_pattern(policy, root, below, err);
}

bool gb_grants_apply(const gb_grants *grants, const char *const *environment, gb_policy *policy,
                     gb_error *err) {
    if (grants->clock) gb_policy_grant(policy, GB_POWER_CLOCK);
    if (grants->random) gb_policy_grant(policy, GB_POWER_RANDOM);
    bool ok = true;
    for (size_t i = 0; ok && i < grants->read.count; i++) {
        ok = apply_read(grants, grants->read.items[i], environment, policy, err);
    }
    for (size_t i = 0; ok && i < grants->env.count; i++) {
        ok = gb_policy_grant_variables(policy, grants->env.items[i], environment, err);
    }
    return ok;
}
