#include "manifest/manifest_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "manifest/limits.h"
#include "manifest/version_req.h"
#include "tokens/review.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

static const cJSON *member(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* ---- out of the output of cargo metadata ----------------------------------------------------- */

static const cJSON *root_package(const cJSON *metadata, const char *manifest) {
    const cJSON *package;
    cJSON_ArrayForEach(package, member(metadata, "packages")) {
        const char *path = gb_json_text(package, "manifest_path");
        if (path != NULL && strcmp(path, manifest) == 0) return package;
    }
    return NULL;
}

/* More than what a package tells others about itself? */
static bool is_policy(const cJSON *table) {
    if (table == NULL) return false;
    const cJSON *first = table->child;
    return !cJSON_IsObject(table) || first == NULL || first->next != NULL ||
           strcmp(first->string, "needs") != 0;
}

/* Members say something that only the top manifest can. */
static bool add_unheeded(cJSON *object, const cJSON *metadata, const char *manifest) {
    gb_strings unheeded = {0};
    const cJSON *package;
    cJSON_ArrayForEach(package, member(metadata, "packages")) {
        const char *path = gb_json_text(package, "manifest_path");
        bool top = path != NULL && strcmp(path, manifest) == 0;
        if (path != NULL && !top && is_policy(member(member(package, "metadata"), "glovebox"))) {
            gb_strings_add(&unheeded, path);
        }
    }
    bool ok = gb_strings_ok(&unheeded, NULL) && gb_json_add_texts(object, "unheeded", &unheeded);
    gb_strings_free(&unheeded);
    return ok;
}

bool gb_manifest_policy_extract(const cJSON *metadata, gb_buffer *text, gb_error *err) {
    const char *root = gb_json_text(metadata, "workspace_root");
    char *manifest = gb_path_join(root != NULL ? root : "/", "Cargo.toml");
    if (manifest == NULL) return no_memory(err);
    const cJSON *package = root_package(metadata, manifest);
    const cJSON *of_workspace = member(member(metadata, "metadata"), "glovebox");
    const cJSON *of_package = member(member(package, "metadata"), "glovebox");
    bool single = package != NULL && cJSON_GetArraySize(member(metadata, "packages")) == 1;
    bool by_package = of_workspace == NULL && (is_policy(of_package) || single);
    const cJSON *value = by_package ? of_package : of_workspace;
    cJSON *object = cJSON_CreateObject();
    bool ok = !(of_workspace != NULL && is_policy(of_package)) ||
              gb_fail(err, GB_ERROR_USAGE,
                      "%s has [workspace.metadata.glovebox] and [package.metadata.glovebox]: a "
                      "policy stands in one of them; move all of it to the workspace's",
                      manifest);
    if (ok) {
        ok = object != NULL && cJSON_AddStringToObject(object, "manifest", manifest) != NULL &&
             cJSON_AddStringToObject(object, "table",
                                     by_package ? "package.metadata.glovebox"
                                                : "workspace.metadata.glovebox") != NULL &&
             (value == NULL ||
              cJSON_AddItemToObject(object, "value", cJSON_Duplicate(value, true))) &&
             add_unheeded(object, metadata, manifest) &&
             gb_json_print(text, object, false);
        if (!ok) no_memory(err);
    }
    cJSON_Delete(object);
    free(manifest);
    return ok;
}

/* ---- checking -------------------------------------------------------------------------------- */

typedef enum kind { SWITCH, TEXTS, PATHS, NAMES, CONSTRUCTS, LIMITS, PACKAGES, NEEDS } kind;

typedef struct key {
    const char *name;
    kind kind;
    size_t offset; /* of an entry's keys: in gb_grants */
} key;

static const key policy_keys[] = {
    {"require-kernel-wall", SWITCH, 0}, {"lock", SWITCH, 0},      {"limits", LIMITS, 0},
    {"forbid", CONSTRUCTS, 0},          {"allow", CONSTRUCTS, 0}, {"package", PACKAGES, 0},
};

#define MEMBER(name, kind) {#name, kind, offsetof(gb_grants, name)}
static const key entry_keys[] = {
    MEMBER(read, PATHS),        MEMBER(env, NAMES),        MEMBER(clock, SWITCH),
    MEMBER(random, SWITCH),     MEMBER(run, TEXTS),        MEMBER(native, SWITCH),
    MEMBER(forbid, CONSTRUCTS), MEMBER(allow, CONSTRUCTS), {"limits", LIMITS, 0},
};
#undef MEMBER

/* Where in the manifest: for messages. */
typedef struct place {
    const char *manifest;
    const char *path;
} place;

static bool wrong(const place *at, const char *name, gb_error *err, const char *what) {
    return gb_fail(err, GB_ERROR_USAGE, "%s: `%s.%.100s` %s", at->manifest, at->path, name, what);
}

static bool check_names(const cJSON *item, const place *at, gb_error *err) {
    const cJSON *text;
    cJSON_ArrayForEach(text, item) {
        const char *name = text->valuestring;
        if (*name != '\0' && strchr(name, '=') == NULL) continue;
        return wrong(at, item->string, err, "has a name in it that no variable can have");
    }
    return true;
}

static bool check_paths(const cJSON *item, const place *at, gb_error *err) {
    const cJSON *text;
    gb_error why;
    cJSON_ArrayForEach(text, item) {
        if (gb_grants_check_read(text->valuestring, &why)) continue;
        return gb_fail(err, GB_ERROR_USAGE, "%s: `%s.%s`: `%.200s` grants nothing: %s",
                       at->manifest, at->path, item->string, text->valuestring, why.message);
    }
    return true;
}

static bool check_constructs(const cJSON *item, const place *at, gb_error *err) {
    const cJSON *text;
    gb_construct construct;
    cJSON_ArrayForEach(text, item) {
        const char *name = text->valuestring;
        if (gb_construct_find(name, strlen(name), &construct)) continue;
        gb_buffer known = {0};
        for (int i = 0; i < GB_CONSTRUCT_COUNT; i++) {
            gb_buffer_append_format(&known, "%s%s", i > 0 ? ", " : "",
                                    gb_construct_name((gb_construct)i));
        }
        gb_fail(err, GB_ERROR_USAGE, "%s: `%s.%s`: there is no construct `%.64s`; there are %s",
                at->manifest, at->path, item->string, name, gb_buffer_text(&known));
        gb_buffer_free(&known);
        return false;
    }
    return true;
}

static bool check_texts(const cJSON *item, const place *at, gb_error *err) {
    const cJSON *text;
    bool ok = cJSON_IsArray(item);
    cJSON_ArrayForEach(text, item) ok = ok && cJSON_IsString(text);
    return ok || wrong(at, item->string, err, "must be an array of texts");
}

/* A number stands for itself; a fraction is none. */
static bool limit_value(gb_limit limit, const cJSON *item, uint64_t *value) {
    if (cJSON_IsString(item)) return gb_limit_parse(limit, item->valuestring, value);
    double number = cJSON_IsNumber(item) ? item->valuedouble : -1;
    char text[32];
    if (number < 0 || number > 9007199254740992.0 || number != (double)(uint64_t)number)
        return false;
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return gb_limit_parse(limit, text, value);
}

static bool check_limits(const cJSON *table, const place *at, gb_error *err) {
    const cJSON *item;
    if (!cJSON_IsObject(table)) return wrong(at, table->string, err, "must be a table");
    cJSON_ArrayForEach(item, table) {
        int i = 0;
        uint64_t value;
        while (i < GB_LIMIT_COUNT && strcmp(item->string, gb_limit_name((gb_limit)i)) != 0) i++;
        if (i == GB_LIMIT_COUNT) {
            return gb_fail(
                err, GB_ERROR_USAGE,
                "%s: `%s.limits.%.64s`: there is no such limit; there are time, total-time, memory, fuel",
                at->manifest, at->path, item->string);
        }
        if (!limit_value((gb_limit)i, item, &value)) {
            return gb_fail(err, GB_ERROR_USAGE, "%s: `%s.limits.%s` must be %s", at->manifest,
                           at->path, item->string, gb_limit_form((gb_limit)i));
        }
    }
    return true;
}

static bool check_packages(const cJSON *table, const place *at, gb_error *err);

static bool check_value(const cJSON *item, kind what, const place *at, gb_error *err) {
    switch (what) {
    case SWITCH: return cJSON_IsBool(item) || wrong(at, item->string, err, "must be true or false");
    case TEXTS: return check_texts(item, at, err);
    case NAMES: return check_texts(item, at, err) && check_names(item, at, err);
    case PATHS: return check_texts(item, at, err) && check_paths(item, at, err);
    case CONSTRUCTS: return check_texts(item, at, err) && check_constructs(item, at, err);
    case LIMITS: return check_limits(item, at, err);
    case PACKAGES: return check_packages(item, at, err);
    case NEEDS: return true;
    }
    return false;
}

static bool check_table(const cJSON *table, const key *keys, size_t count, const place *at,
                        gb_error *err) {
    const cJSON *item;
    cJSON_ArrayForEach(item, table) {
        size_t i = 0;
        while (i < count && strcmp(item->string, keys[i].name) != 0) i++;
        if (i < count) {
            if (!check_value(item, keys[i].kind, at, err)) return false;
            continue;
        }
        gb_buffer known = {0};
        for (size_t k = 0; k < count; k++) {
            gb_buffer_append_format(&known, "%s%s", k > 0 ? ", " : "", keys[k].name);
        }
        gb_fail(err, GB_ERROR_USAGE, "%s: `%s.%.100s` is no key of a policy; the keys are %s",
                at->manifest, at->path, item->string, gb_buffer_text(&known));
        gb_buffer_free(&known);
        return false;
    }
    return true;
}

/* "name" or "name@requirement". */
static bool entry_fits_form(const char *text) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t n = strspn(text, allowed);
    return n > 0 && (text[n] == '\0' || (text[n] == '@' && gb_version_req_valid(text + n + 1)));
}

/* A key as TOML would have it. */
static char *below(const char *path, const char *name) {
    bool bare = strpbrk(name, "@.=<>~^*, ") == NULL;
    return gb_text_format(bare ? "%s.%s" : "%s.\"%s\"", path, name);
}

static bool check_packages(const cJSON *table, const place *at, gb_error *err) {
    const cJSON *entry;
    if (!cJSON_IsObject(table)) return wrong(at, table->string, err, "must be a table of packages");
    cJSON_ArrayForEach(entry, table) {
        if (!entry_fits_form(entry->string)) {
            return gb_fail(err, GB_ERROR_USAGE,
                           "%s: `%s.package`: `%.100s` names no package: it takes \"name\" or "
                           "\"name@requirement\", as in \"serde_derive@1.0\"",
                           at->manifest, at->path, entry->string);
        }
        char *packages = below(at->path, "package");
        char *path = packages != NULL ? below(packages, entry->string) : NULL;
        place inner = {at->manifest, path};
        bool ok = path != NULL || no_memory(err);
        if (ok && !cJSON_IsObject(entry)) {
            ok = gb_fail(err, GB_ERROR_USAGE, "%s: `%s` must be a table", at->manifest, path);
        }
        ok = ok &&
             check_table(entry, entry_keys, sizeof entry_keys / sizeof entry_keys[0], &inner, err);
        free(packages);
        free(path);
        if (!ok) return false;
    }
    return true;
}

static bool check(gb_manifest_policy *policy, gb_error *err) {
    key keys[sizeof policy_keys / sizeof policy_keys[0] + 1];
    size_t count = sizeof policy_keys / sizeof policy_keys[0];
    place at = {policy->manifest, policy->table};
    memcpy(keys, policy_keys, sizeof policy_keys);
    if (gb_text_starts(policy->table, "package.")) keys[count++] = (key){"needs", NEEDS, 0};
    if (!cJSON_IsObject(policy->value)) {
        return gb_fail(err, GB_ERROR_USAGE, "%s: `%s` must be a table", at.manifest, at.path);
    }
    return check_table(policy->value, keys, count, &at, err);
}

static bool fail_fuel(const gb_manifest_policy *policy, const char *package, gb_error *err) {
    return gb_fail(err, GB_ERROR_USAGE,
                   "%s gives `%s` both `native = true` and a limit of fuel, but instructions of native code "
                   "cannot be counted: limit its `time`, or let it be compiled to WebAssembly",
                   policy->manifest, package);
}

static bool has_fuel(const cJSON *table) {
    return member(member(table, "limits"), gb_limit_name(GB_LIMIT_FUEL)) != NULL;
}

/* As far as no versions have to be known; gb_manifest_policy_for has the rest. */
static bool check_native(const gb_manifest_policy *policy, gb_error *err) {
    const cJSON *packages = member(policy->value, "package"), *entry;
    cJSON_ArrayForEach(entry, packages) {
        if (!cJSON_IsTrue(member(entry, "native"))) continue;
        char *name = gb_text_copy_n(entry->string, strcspn(entry->string, "@"));
        bool ok = name != NULL || no_memory(err);
        if (ok && (has_fuel(policy->value) || has_fuel(entry) || has_fuel(member(packages, name))))
            ok = fail_fuel(policy, name, err);
        free(name);
        if (!ok) return false;
    }
    return true;
}

bool gb_manifest_policy_parse(const char *text, gb_manifest_policy *policy, gb_error *err) {
    *policy = (gb_manifest_policy){0};
    cJSON *object = gb_json_parse(text, strlen(text), "the manifest's policy", err);
    if (object == NULL) return false;
    const char *manifest = gb_json_text(object, "manifest"), *table = gb_json_text(object, "table");
    policy->manifest = gb_text_copy(manifest != NULL ? manifest : "");
    policy->table = gb_text_copy(table != NULL ? table : "");
    gb_json_texts(object, "unheeded", &policy->unheeded);
    policy->value = cJSON_DetachItemFromObjectCaseSensitive(object, "value");
    cJSON_Delete(object);
    bool ok = (policy->manifest != NULL && policy->table != NULL) || no_memory(err);
    ok = ok && gb_strings_ok(&policy->unheeded, err);
    ok = ok && (policy->value == NULL || (check(policy, err) && check_native(policy, err)));
    if (ok) {
        policy->require_kernel_wall = gb_json_bool(policy->value, "require-kernel-wall", false);
        policy->lock = gb_json_bool(policy->value, "lock", false);
    } else {
        gb_manifest_policy_free(policy);
    }
    return ok;
}

void gb_manifest_policy_free(gb_manifest_policy *policy) {
    free(policy->manifest);
    free(policy->table);
    gb_strings_free(&policy->unheeded);
    cJSON_Delete(policy->value);
    *policy = (gb_manifest_policy){0};
}

/* ---- for one package ------------------------------------------------------------------------- */

static bool entry_is_for(const char *text, const char *package, const char *version) {
    size_t n = strcspn(text, "@");
    if (strlen(package) != n || strncmp(text, package, n) != 0) return false;
    return text[n] == '\0' || gb_version_req_matches(text + n + 1, version);
}

static void add_missing(gb_strings *list, const cJSON *array) {
    const cJSON *text;
    cJSON_ArrayForEach(text, array) {
        if (!gb_strings_has(list, text->valuestring)) gb_strings_add(list, text->valuestring);
    }
}

static void add_entry(gb_grants *grants, const cJSON *entry) {
    for (size_t i = 0; i < sizeof entry_keys / sizeof entry_keys[0]; i++) {
        const cJSON *item = member(entry, entry_keys[i].name);
        void *to = (char *)grants + entry_keys[i].offset;
        if (entry_keys[i].kind == SWITCH) *(bool *)to = *(bool *)to || cJSON_IsTrue(item);
        else if (entry_keys[i].kind != LIMITS) add_missing(to, item);
    }
}

static void add_limits(uint64_t values[GB_LIMIT_COUNT], const cJSON *table) {
    const cJSON *limits = member(table, "limits");
    for (int i = 0; i < GB_LIMIT_COUNT; i++) {
        const cJSON *item = member(limits, gb_limit_name((gb_limit)i));
        if (item != NULL) limit_value((gb_limit)i, item, &values[i]);
    }
}

/* The workspace's, but for what the package may do all the same. */
static void add_forbidden(gb_grants *grants, const cJSON *value) {
    const cJSON *text;
    cJSON_ArrayForEach(text, member(value, "forbid")) {
        const char *name = text->valuestring;
        if (!gb_strings_has(&grants->allow, name) && !gb_strings_has(&grants->forbid, name)) {
            gb_strings_add(&grants->forbid, name);
        }
    }
    add_missing(&grants->allow, member(value, "allow"));
}

static bool has_any(const gb_grants *g) {
    return g->read.count + g->env.count + g->run.count + g->forbid.count + g->allow.count > 0 ||
           g->clock || g->random || g->native;
}

static bool set_texts(const gb_manifest_policy *policy, const char *package, const char *version,
                      gb_grants *grants, gb_error *err) {
    grants->package = gb_text_copy(package);
    grants->version = gb_text_copy(version);
    grants->manifest = gb_text_copy(policy->manifest);
    grants->table = gb_text_copy(policy->table);
    grants->root = gb_path_parent(policy->manifest);
    return (grants->package && grants->version && grants->manifest && grants->table &&
            grants->root) ||
           no_memory(err);
}

bool gb_manifest_policy_for(const gb_manifest_policy *policy, const char *package,
                            const char *version, gb_package_policy *out, gb_error *err) {
    static const uint64_t none = UINT64_MAX;
    uint64_t limits[GB_LIMIT_COUNT];
    gb_grants *grants = &out->grants;
    *out = (gb_package_policy){0};
    for (int i = 0; i < GB_LIMIT_COUNT; i++) limits[i] = none;
    bool ok = set_texts(policy, package, version, grants, err);
    add_limits(limits, policy->value);
    /* First what holds for every version: the limits of the others win. */
    for (int with_version = 0; ok && with_version < 2; with_version++) {
        const cJSON *entry;
        cJSON_ArrayForEach(entry, member(policy->value, "package")) {
            bool has_version = strchr(entry->string, '@') != NULL;
            if (has_version != with_version || !entry_is_for(entry->string, package, version)) {
                continue;
            }
            add_entry(grants, entry);
            add_limits(limits, entry);
        }
    }
    add_forbidden(grants, policy->value);
    for (int i = 0; i < GB_LIMIT_COUNT; i++) {
        if (limits[i] != none) gb_limit_word((gb_limit)i, limits[i], &out->words);
    }
    out->any = has_any(grants);
    if (ok && grants->native && limits[GB_LIMIT_FUEL] != none) {
        ok = fail_fuel(policy, package, err);
    }
    const gb_strings *lists[] = {&grants->read,   &grants->env,   &grants->run,
                                 &grants->forbid, &grants->allow, &out->words};
    for (size_t i = 0; ok && i < sizeof lists / sizeof lists[0]; i++)
        ok = gb_strings_ok(lists[i], err);
    if (!ok) gb_package_policy_free(out);
    return ok;
}

void gb_package_policy_free(gb_package_policy *policy) {
    gb_grants_free(&policy->grants);
    gb_strings_free(&policy->words);
    policy->any = false;
}

bool gb_manifest_policy_is_native(const char *text, const char *package, const char *version) {
    gb_manifest_policy manifest = {0};
    gb_package_policy policy = {0};
    if (text == NULL || !gb_manifest_policy_parse(text, &manifest, NULL)) return false;
    bool native = gb_manifest_policy_for(&manifest, package, version, &policy, NULL) && policy.grants.native;
    gb_package_policy_free(&policy);
    gb_manifest_policy_free(&manifest);
    return native;
}

/* ---- entries for nothing --------------------------------------------------------------------- */

/* The text between the quotes of `KEY = "…"` at the start of the line. */
static char *lock_value(const char *line, const char *name) {
    const char *text = gb_text_after(line, name);
    text = text == NULL ? NULL : gb_text_after(text, " = \"");
    return text == NULL ? NULL : gb_text_copy_n(text, strcspn(text, "\"\n"));
}

bool gb_lock_file_has(const char *lock_file, const char *entry) {
    char *name = NULL;
    bool found = false;
    for (const char *line = lock_file; line != NULL && *line != '\0' && !found;) {
        char *value = lock_value(line, "name");
        if (value != NULL) {
            free(name);
            name = value;
        } else if (name != NULL && (value = lock_value(line, "version")) != NULL) {
            found = entry_is_for(entry, name, value);
            free(value);
        }
        line = strchr(line, '\n');
        if (line != NULL) line++;
    }
    free(name);
    return found;
}

void gb_lock_file_names(const char *lock_file, gb_strings *names) {
    for (const char *line = lock_file; line != NULL && *line != '\0';) {
        char *name = lock_value(line, "name");
        if (name != NULL) gb_strings_take(names, name);
        line = strchr(line, '\n');
        if (line != NULL) line++;
    }
}

void gb_manifest_policy_unused(const gb_manifest_policy *policy, const char *lock_file,
                               gb_strings *unused) {
    const cJSON *entry;
    cJSON_ArrayForEach(entry, member(policy->value, "package")) {
        if (!gb_lock_file_has(lock_file, entry->string)) gb_strings_add(unused, entry->string);
    }
}

/* ---- needs ----------------------------------------------------------------------------------- */

/* A stranger's text: without what could break a line or pretend to be another message. */
static void add_shown(gb_buffer *out, const char *text) {
    gb_policy_record record = {.name = text, .length = strnlen(text, 200)};
    gb_policy_show_name(&record, out);
}

static void add_need(gb_buffer *out, const char *power, const char *name, size_t *count) {
    enum { MOST = 12 };
    if ((*count)++ >= MOST) return;
    gb_buffer_append_format(out, "%s%s", *count > 1 ? ", " : "", power);
    if (name == NULL) return;
    gb_buffer_append_text(out, " `");
    add_shown(out, name);
    gb_buffer_append_text(out, "`");
}

/* Only keys that an entry may have are shown: a key is a stranger's text, too. */
static bool is_power(const char *name) {
    static const char *const powers[] = {"read", "env", "clock", "random", "run", "native"};
    for (size_t i = 0; name != NULL && i < sizeof powers / sizeof powers[0]; i++) {
        if (strcmp(name, powers[i]) == 0) return true;
    }
    return false;
}

void gb_manifest_needs(const cJSON *package_metadata, gb_buffer *out) {
    const cJSON *needs = member(member(package_metadata, "glovebox"), "needs"), *item, *text;
    size_t count = 0;
    if (!cJSON_IsObject(needs)) return;
    cJSON_ArrayForEach(item, needs) {
        if (!is_power(item->string)) continue;
        if (cJSON_IsTrue(item)) add_need(out, item->string, NULL, &count);
        if (!cJSON_IsArray(item)) continue;
        cJSON_ArrayForEach(text, item) {
            if (cJSON_IsString(text)) add_need(out, item->string, text->valuestring, &count);
        }
    }
    const char *reason = gb_json_text(needs, "reason");
    if (count == 0 || reason == NULL) return;
    gb_buffer_append_text(out, " (");
    add_shown(out, reason);
    gb_buffer_append_text(out, ")");
}
