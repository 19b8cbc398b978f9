#include "policy/grants.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "policy/pattern.h"

enum { VERSION = 1 };

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

static bool malformed(gb_error *err, const char *what, const char *key, const char *how) {
    return gb_fail(err, GB_ERROR_MALFORMED, "%s: `%.64s` %s", what, key, how);
}

static bool take_texts(const cJSON *item, gb_strings *list) {
    const cJSON *text;
    if (!cJSON_IsArray(item)) return false;
    cJSON_ArrayForEach(text, item) {
        if (!cJSON_IsString(text)) return false;
        gb_strings_add(list, text->valuestring);
    }
    return true;
}

static bool take(gb_grants *grants, const struct member *m, const cJSON *item, const char *what,
                 gb_error *err) {
    void *place = place_of(grants, m);
    switch (m->kind) {
    case TEXT:
        if (!cJSON_IsString(item)) return malformed(err, what, m->key, "is no text");
        *(char **)place = gb_text_copy(item->valuestring);
        return *(char **)place != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    case TEXTS:
        if (!take_texts(item, place)) return malformed(err, what, m->key, "is no array of texts");
        return gb_strings_ok(place, err);
    case SWITCH:
        if (!cJSON_IsBool(item)) return malformed(err, what, m->key, "is neither true nor false");
        *(bool *)place = cJSON_IsTrue(item);
        return true;
    }
    return false;
}

static bool take_all(gb_grants *grants, const cJSON *object, const char *what, gb_error *err) {
    unsigned seen = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        size_t i = 0;
        if (strcmp(item->string, "version") == 0) continue;
        while (i < MEMBER_COUNT && strcmp(item->string, members[i].key) != 0) i++;
        if (i == MEMBER_COUNT) return malformed(err, what, item->string, "is not known");
        if (seen >> i & 1) return malformed(err, what, item->string, "stands there twice");
        seen |= 1u << i;
        if (!take(grants, &members[i], item, what, err)) return false;
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
    cJSON *object = gb_json_parse(text, length, what, err);
    if (object == NULL) return false;
    bool ok = cJSON_IsObject(object) ||
              gb_fail(err, GB_ERROR_MALFORMED, "%s is no policy: it is not a JSON object", what);
    ok = ok && (gb_json_number(object, "version", 0) == VERSION ||
                malformed(err, what, "version", "is not one that this Glovebox knows"));
    ok = ok && take_all(out, object, what, err) && check(out, what, err);
    cJSON_Delete(object);
    if (!ok) gb_grants_free(out);
    return ok;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool give(cJSON *object, const struct member *m, const gb_grants *grants) {
    const void *place = place_in(grants, m);
    switch (m->kind) {
    case TEXT: {
        const char *text = *(char *const *)place;
        return cJSON_AddStringToObject(object, m->key, text != NULL ? text : "") != NULL;
    }
    case TEXTS: {
        const gb_strings *list = place;
        return list->count == 0 || gb_json_add_texts(object, m->key, list);
    }
    case SWITCH: return !*(const bool *)place || cJSON_AddTrueToObject(object, m->key) != NULL;
    }
    return false;
}

bool gb_grants_print(const gb_grants *grants, gb_buffer *out) {
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL && cJSON_AddNumberToObject(object, "version", VERSION) != NULL;
    for (size_t i = 0; ok && i < MEMBER_COUNT; i++) ok = give(object, &members[i], grants);
    ok = ok && gb_json_print(out, object, true) && gb_buffer_append_text(out, "\n");
    cJSON_Delete(object);
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
