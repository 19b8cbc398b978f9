#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/strings.h"
#include "base/utf8.h"
#include "policy/pattern.h"

/* A name of the environment. value: NULL when it is set but not granted, or granted but not set. */
struct variable {
    char *name;
    char *value;
};

/* A granted directory; with patterns, only what they match in it. */
struct root {
    char *path;
    size_t length;
    unsigned flags;
    gb_pattern **patterns;
    size_t pattern_count;
};

struct record {
    char *name; /* NUL-terminated for convenience; the guest's bytes may hold NULs themselves */
    size_t length;
    uint64_t count;
    gb_power power;
    gb_answer answer;
    bool opened; /* read: and not only looked at */
};

/* Records are found through a table of indices, open addressing, never more than half full. */
enum { SLOTS = 2 * GB_POLICY_RECORDS };

struct gb_policy {
    gb_subject subject;
    bool macro; /* Cargo's variables are granted by pattern, set or not */
    bool powers[GB_POWER_COUNT];
    struct root *roots;
    size_t root_count;
    struct variable *variables;
    size_t variable_count, variable_capacity;
    gb_strings variable_patterns;
    struct record *records;
    size_t record_count, record_capacity;
    struct record *last; /* the question asked last; NULL: it is not listed */
    uint64_t unlisted;
    void (*asked)(void *env, size_t index);
    void *asked_env;
    uint16_t slots[SLOTS]; /* index + 1; 0: free */
};
_Static_assert(GB_POLICY_RECORDS < UINT16_MAX, "slots hold index + 1");

const char *gb_power_name(gb_power power) {
    static const char *const names[GB_POWER_COUNT] = {
        "read", "list", "write", "env", "clock", "random", "stdin", "stdout", "stderr", "run", "expand",
    };
    return names[power];
}

const char *gb_answer_name(gb_answer answer) {
    static const char *const names[] = {"granted", "refused", "hidden", "substituted", "absent"};
    return names[answer];
}

static bool out_of_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory while building a policy");
}

/* ---- making one ---------------------------------------------------------------------------- */

gb_policy *gb_policy_new(const gb_subject *subject, gb_error *err) {
    gb_policy *policy = calloc(1, sizeof *policy);
    if (policy) {
        policy->subject.name = strdup(subject->name);
        if (subject->version) policy->subject.version = strdup(subject->version);
    }
    if (!policy || !policy->subject.name || (subject->version && !policy->subject.version)) {
        gb_policy_free(policy);
        out_of_memory(err);
        return NULL;
    }
    return policy;
}

static void free_root(struct root *root) {
    for (size_t i = 0; i < root->pattern_count; i++) gb_pattern_free(root->patterns[i]);
    free(root->patterns);
    free(root->path);
}

void gb_policy_free(gb_policy *policy) {
    if (!policy) return;
    for (size_t i = 0; i < policy->root_count; i++) free_root(&policy->roots[i]);
    for (size_t i = 0; i < policy->variable_count; i++) {
        free(policy->variables[i].name);
        free(policy->variables[i].value);
    }
    for (size_t i = 0; i < policy->record_count; i++) free(policy->records[i].name);
    gb_strings_free(&policy->variable_patterns);
    free(policy->roots);
    free(policy->variables);
    free(policy->records);
    free((char *)policy->subject.name);
    free((char *)policy->subject.version);
    free(policy);
}

const gb_subject *gb_policy_subject(const gb_policy *policy) {
    return &policy->subject;
}

void gb_policy_grant(gb_policy *policy, gb_power power) {
    policy->powers[power] = true;
}

bool gb_policy_grant_path(gb_policy *policy, const char *path, unsigned flags, gb_error *err) {
    if (path[0] != '/') {
        return gb_fail(err, GB_ERROR_USAGE, "cannot grant `%s`: the path is not absolute", path);
    }
    gb_buffer normal = {0};
    if (!gb_path_normalize(&normal, "/", path, strlen(path))) {
        gb_buffer_free(&normal);
        return out_of_memory(err);
    }
    struct root *roots = realloc(policy->roots, (policy->root_count + 1) * sizeof *roots);
    if (!roots) {
        gb_buffer_free(&normal);
        return out_of_memory(err);
    }
    policy->roots = roots;
    roots[policy->root_count++] =
        (struct root){.path = (char *)normal.data, .length = normal.length, .flags = flags};
    return true;
}

/* The directory's patterns, made when there are none yet. */
static struct root *pattern_root(gb_policy *policy, const char *path, gb_error *err) {
    for (size_t i = 0; i < policy->root_count; i++) {
        struct root *root = &policy->roots[i];
        if (root->patterns && strcmp(root->path, path) == 0) return root;
    }
    gb_pattern **patterns = calloc(1, sizeof *patterns);
    if (!patterns || !gb_policy_grant_path(policy, path, GB_PATH_SKIP_HIDDEN, err)) {
        free(patterns);
        if (!patterns) out_of_memory(err);
        return NULL;
    }
    struct root *root = &policy->roots[policy->root_count - 1];
    root->patterns = patterns;
    return root;
}

static bool add_pattern(gb_policy *policy, const char *path, const char *text, gb_error *err) {
    gb_pattern *pattern = gb_pattern_new(text, err);
    struct root *root = pattern ? pattern_root(policy, path, err) : NULL;
    size_t room = root ? (root->pattern_count + 1) * sizeof *root->patterns : 0;
    gb_pattern **grown = root ? realloc(root->patterns, room) : NULL;
    if (!grown) {
        gb_pattern_free(pattern);
        return root ? out_of_memory(err) : false;
    }
    root->patterns = grown;
    grown[root->pattern_count++] = pattern;
    return true;
}

bool gb_policy_grant_pattern(gb_policy *policy, const char *path, const char *pattern,
                             gb_error *err) {
    gb_buffer normal = {0};
    if (path[0] != '/') {
        return gb_fail(err, GB_ERROR_USAGE, "cannot grant `%s`: the path is not absolute", path);
    }
    bool ok = gb_path_normalize(&normal, "/", path, strlen(path)) || out_of_memory(err);
    const char *given = gb_buffer_text(&normal);
    char *real = realpath(path, NULL);
    ok = ok && add_pattern(policy, given, pattern, err) &&
         (!real || strcmp(real, given) == 0 || add_pattern(policy, real, pattern, err));
    free(real);
    gb_buffer_free(&normal);
    return ok;
}

static struct variable *find_variable(const gb_policy *policy, const char *name, size_t length) {
    for (size_t i = 0; i < policy->variable_count; i++) {
        struct variable *v = &policy->variables[i];
        if (strlen(v->name) == length && memcmp(v->name, name, length) == 0) return v;
    }
    return NULL;
}

static bool set_variable(gb_policy *policy, const char *name, size_t length, const char *value,
                         gb_error *err) {
    char *copy = value ? strdup(value) : NULL;
    if (value && !copy) return out_of_memory(err);
    struct variable *old = find_variable(policy, name, length);
    if (old) {
        if (value) {
            free(old->value);
            old->value = copy;
        }
        return true;
    }
    if (policy->variable_count == policy->variable_capacity) {
        size_t capacity = policy->variable_capacity ? 2 * policy->variable_capacity : 64;
        struct variable *grown = realloc(policy->variables, capacity * sizeof *grown);
        if (!grown) {
            free(copy);
            return out_of_memory(err);
        }
        policy->variables = grown;
        policy->variable_capacity = capacity;
    }
    char *own_name = strndup(name, length);
    if (!own_name) {
        free(copy);
        return out_of_memory(err);
    }
    policy->variables[policy->variable_count++] = (struct variable){own_name, copy};
    return true;
}

bool gb_policy_grant_env(gb_policy *policy, const char *name, const char *value, gb_error *err) {
    return set_variable(policy, name, strlen(name), value, err);
}

bool gb_policy_note_env(gb_policy *policy, const char *name, size_t length, gb_error *err) {
    return set_variable(policy, name, length, NULL, err);
}

static bool variable_matches(const char *pattern, const char *name, size_t length) {
    if (gb_pattern_is_wild(pattern) && gb_env_is_secret(name, length)) return false;
    return gb_pattern_name(pattern, strlen(pattern), name, length);
}

bool gb_policy_grant_variables(gb_policy *policy, const char *pattern,
                               const char *const *environment, gb_error *err) {
    gb_strings_add(&policy->variable_patterns, pattern);
    if (!gb_strings_ok(&policy->variable_patterns, err)) return false;
    for (; environment && *environment; environment++) {
        const char *equals = strchr(*environment, '=');
        size_t length = equals ? (size_t)(equals - *environment) : 0;
        if (length && variable_matches(pattern, *environment, length) &&
            !set_variable(policy, *environment, length, equals + 1, err)) {
            return false;
        }
    }
    return true;
}

/* ---- what a macro gets --------------------------------------------------------------------- */

static bool starts_with(const char *name, size_t length, const char *prefix) {
    size_t n = strlen(prefix);
    return length >= n && memcmp(name, prefix, n) == 0;
}

static bool is_word(const char *word, size_t length, const char *wanted) {
    return strlen(wanted) == length && memcmp(word, wanted, length) == 0;
}

bool gb_env_is_secret(const char *name, size_t length) {
    /* cargo: environment-variables.html and config.html. Registries, proxies and sources are
     * addressed by URLs, which may hold a password. */
    /* clang-format off */
    static const char *const prefixes[] = {
        "CARGO_REGISTRY_", "CARGO_REGISTRIES_",  "CARGO_HTTP_",
        "CARGO_NET_",      "CARGO_CREDENTIAL",   "CARGO_SOURCE_",
    };
    static const char *const words[] = {
        "TOKEN",    "TOKENS",     "PASSWORD",    "PASSWD", "PASSPHRASE", "SECRET",
        "SECRETS",  "CREDENTIAL", "CREDENTIALS", "KEY",    "APIKEY",     "AUTH",
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (starts_with(name, length, prefixes[i])) return true;
    }
    for (size_t start = 0; start < length;) {
        const char *underscore = memchr(name + start, '_', length - start);
        size_t end = underscore ? (size_t)(underscore - name) : length;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (is_word(name + start, end - start, words[i])) return true;
        }
        start = end + 1;
    }
    return false;
}

/* Granted by a pattern, and so even when it is not set. */
static bool granted_by_pattern(const gb_policy *policy, const char *name, size_t length) {
    for (size_t i = 0; i < policy->variable_patterns.count; i++) {
        if (variable_matches(policy->variable_patterns.items[i], name, length)) return true;
    }
    return false;
}

static bool macro_may_know(const char *name, size_t length) {
    if (is_word(name, length, "OUT_DIR") || is_word(name, length, "CARGO")) return true;
    return starts_with(name, length, "CARGO_") && !gb_env_is_secret(name, length);
}

/* Grants reading a directory under the spelling that Cargo gave and, where that goes through a
 * symbolic link, under its real one, which is what links inside it may use. "/" would be everything
 * there is: nobody's package. */
static bool grant_reading(gb_policy *policy, const char *path, unsigned flags, gb_error *err) {
    if (!path || path[0] != '/') return true;
    char *real = realpath(path, NULL);
    bool ok = true;
    if (!real) {
        ok = gb_policy_grant_path(policy, path, flags, err);
    } else if (strcmp(real, "/") != 0) {
        ok = gb_policy_grant_path(policy, path, flags, err);
        const struct root *given = &policy->roots[policy->root_count - 1];
        if (ok && strcmp(given->path, real) != 0) {
            ok = gb_policy_grant_path(policy, real, flags, err);
        }
    }
    free(real);
    return ok;
}

gb_policy *gb_policy_new_macro(const gb_subject *subject, const char *const *environment,
                               gb_error *err) {
    gb_policy *policy = gb_policy_new(subject, err);
    if (!policy) return NULL;
    policy->macro = true;
    policy->powers[GB_POWER_STDOUT] = true;
    policy->powers[GB_POWER_STDERR] = true;
    for (; environment && *environment; environment++) {
        const char *equals = strchr(*environment, '=');
        if (!equals) continue;
        size_t length = (size_t)(equals - *environment);
        bool known = macro_may_know(*environment, length);
        if (!set_variable(policy, *environment, length, known ? equals + 1 : NULL, err)) goto fail;
    }
    const struct variable *package = find_variable(policy, "CARGO_MANIFEST_DIR", 18);
    const struct variable *out = find_variable(policy, "OUT_DIR", 7);
    if (package && !grant_reading(policy, package->value, GB_PATH_SKIP_HIDDEN, err)) goto fail;
    if (out && !grant_reading(policy, out->value, 0, err)) goto fail;
    return policy;
fail:
    gb_policy_free(policy);
    return NULL;
}

/* ---- paths --------------------------------------------------------------------------------- */

static bool has_hidden_component(const char *path, size_t length) {
    for (size_t i = 0; i + 1 < length; i++) {
        if (path[i] == '/' && path[i + 1] == '.') return true;
    }
    return false;
}

/* Does `path` lie at or below the directory `above`? Both normal; "/" is above all. */
static bool is_below(const char *path, size_t length, const char *above, size_t above_length) {
    if (above_length == 1) return true;
    return length >= above_length && memcmp(path, above, above_length) == 0 &&
           (length == above_length || path[above_length] == '/');
}

bool gb_policy_grant_workspace(gb_policy *policy, const char *directory, gb_error *err) {
    const struct variable *package = find_variable(policy, "CARGO_MANIFEST_DIR", 18);
    if (!directory || directory[0] != '/' || !package || !package->value) return true;
    size_t length = strlen(directory);
    char *real = realpath(package->value, NULL);
    const char *path = real ? real : package->value;
    bool inside = strlen(path) > length && is_below(path, strlen(path), directory, length);
    free(real);
    /* "/" would be everything there is: nobody's workspace. */
    return !inside || length == 1 || gb_policy_grant_pattern(policy, directory, "Cargo.toml", err);
}

static gb_pattern_match match_in_root(const struct root *root, const char *path, size_t length) {
    gb_pattern_match best = GB_PATTERN_NO;
    size_t skip = root->length == 1 ? 1 : length > root->length ? root->length + 1 : length;
    for (size_t i = 0; i < root->pattern_count; i++) {
        gb_pattern_match here = gb_pattern_matches(root->patterns[i], path + skip, length - skip);
        if (here > best) best = here;
    }
    return best;
}

static gb_path_place place_by_pattern(const struct root *root, const char *path, size_t length) {
    switch (match_in_root(root, path, length)) {
    case GB_PATTERN_NO: break;
    case GB_PATTERN_WAY:
    case GB_PATTERN_LISTED: return GB_PATH_WAY;
    case GB_PATTERN_YES: return GB_PATH_INSIDE;
    }
    return GB_PATH_OUTSIDE;
}

static gb_path_place place_by_root(const struct root *root, const char *path, size_t length) {
    if (is_below(path, length, root->path, root->length)) {
        if (length == root->length) return GB_PATH_ROOT;
        if (root->patterns) return place_by_pattern(root, path, length);
        size_t start = root->length == 1 ? 0 : root->length;
        bool hidden =
            root->flags & GB_PATH_SKIP_HIDDEN && has_hidden_component(path + start, length - start);
        return hidden ? GB_PATH_UNSEEN : GB_PATH_INSIDE;
    }
    return is_below(root->path, root->length, path, length) ? GB_PATH_ABOVE : GB_PATH_OUTSIDE;
}

/* When several roots have something to say, the one that gives most is right: being a root, being
 * inside, being on the way to a match, leading to a root, being hidden. */
gb_path_place gb_policy_place(const gb_policy *policy, const char *path, size_t length,
                              size_t *root) {
    static const int rank[] = {[GB_PATH_OUTSIDE] = 0,
                               [GB_PATH_UNSEEN] = 1,
                               [GB_PATH_ABOVE] = 2,
                               [GB_PATH_WAY] = 3,
                               [GB_PATH_INSIDE] = 4,
                               [GB_PATH_ROOT] = 5};
    gb_path_place best = GB_PATH_OUTSIDE;
    for (size_t i = 0; i < policy->root_count; i++) {
        gb_path_place here = place_by_root(&policy->roots[i], path, length);
        if (rank[here] > rank[best]) {
            best = here;
            *root = i;
        }
    }
    return best;
}

const char *gb_policy_root(const gb_policy *policy, size_t index) {
    return index < policy->root_count ? policy->roots[index].path : NULL;
}

/* A file that does not match is not seen among those that do; folders are, where a wildcard has to
 * look into them. */
static gb_answer judge_by_pattern(const struct root *root, const char *path, size_t length,
                                  bool directory) {
    switch (match_in_root(root, path, length)) {
    case GB_PATTERN_NO:
    case GB_PATTERN_WAY: break;
    case GB_PATTERN_LISTED: return directory ? GB_GRANTED : GB_HIDDEN;
    case GB_PATTERN_YES: return GB_GRANTED;
    }
    return GB_REFUSED;
}

static gb_answer judge_by_root(const struct root *root, gb_power power, const char *path,
                               size_t length, bool directory) {
    gb_path_place here = place_by_root(root, path, length);
    if (here == GB_PATH_UNSEEN) return GB_HIDDEN;
    if (power == GB_POWER_WRITE && !(root->flags & GB_PATH_WRITABLE)) return GB_REFUSED;
    if (here == GB_PATH_OUTSIDE || here == GB_PATH_ABOVE) return GB_REFUSED;
    return root->patterns ? judge_by_pattern(root, path, length, directory) : GB_GRANTED;
}

static gb_answer judge_path(const gb_policy *policy, gb_power power, const char *path,
                            size_t length, bool directory) {
    gb_answer answer = GB_REFUSED;
    for (size_t i = 0; i < policy->root_count; i++) {
        gb_answer here = judge_by_root(&policy->roots[i], power, path, length, directory);
        if (here == GB_GRANTED) return here;
        if (here == GB_HIDDEN) answer = here;
    }
    return answer;
}

bool gb_path_normalize(gb_buffer *out, const char *base, const char *path, size_t length) {
    size_t start = out->length;
    bool absolute = length && path[0] == '/';
    if (!absolute && strcmp(base, "/") != 0 && !gb_buffer_append_text(out, base)) return false;
    for (size_t at = 0; at < length;) {
        const char *slash = memchr(path + at, '/', length - at);
        size_t end = slash ? (size_t)(slash - path) : length;
        size_t n = end - at;
        const char *component = path + at;
        at = end + 1;
        if (n == 0 || (n == 1 && component[0] == '.')) continue;
        if (n == 2 && component[0] == '.' && component[1] == '.') {
            while (out->length > start && out->data[--out->length] != '/') {}
            if (out->data) out->data[out->length] = 0;
            continue;
        }
        if (!gb_buffer_append(out, "/", 1) || !gb_buffer_append(out, component, n)) return false;
    }
    return out->length > start || gb_buffer_append(out, "/", 1);
}

/* ---- asking -------------------------------------------------------------------------------- */

static size_t hash(gb_power power, gb_answer answer, const char *name, size_t length) {
    uint64_t h = 14695981039346656037u ^ ((uint64_t)power << 8 | (uint64_t)answer); /* FNV-1a */
    for (size_t i = 0; i < length; i++) h = (h ^ (uint8_t)name[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 32) % SLOTS;
}

static bool add_record(gb_policy *policy, size_t slot, gb_power power, gb_answer answer,
                       const char *name, size_t length) {
    if (policy->record_count == GB_POLICY_RECORDS) return false;
    if (policy->record_count == policy->record_capacity) {
        size_t capacity = policy->record_capacity ? 2 * policy->record_capacity : 16;
        struct record *grown = realloc(policy->records, capacity * sizeof *grown);
        if (!grown) return false;
        policy->records = grown;
        policy->record_capacity = capacity;
    }
    char *copy = malloc(length + 1);
    if (!copy) return false;
    if (length) memcpy(copy, name, length);
    copy[length] = 0;
    policy->records[policy->record_count] = (struct record){
        .name = copy, .length = length, .count = 1, .power = power, .answer = answer};
    policy->slots[slot] = (uint16_t)++policy->record_count;
    return true;
}

static void tell(const gb_policy *policy, size_t index) {
    if (policy->asked) policy->asked(policy->asked_env, index);
}

static gb_answer remember(gb_policy *policy, gb_power power, gb_answer answer, const char *name,
                          size_t length) {
    if (length > GB_POLICY_NAME_MAX) length = GB_POLICY_NAME_MAX;
    size_t slot = hash(power, answer, name, length);
    for (; policy->slots[slot]; slot = (slot + 1) % SLOTS) {
        size_t index = policy->slots[slot] - 1u;
        struct record *r = &policy->records[index];
        if (r->power == power && r->answer == answer && r->length == length &&
            (length == 0 || memcmp(r->name, name, length) == 0)) {
            r->count++;
            policy->last = r;
            tell(policy, index);
            return answer;
        }
    }
    bool added = add_record(policy, slot, power, answer, name, length);
    if (!added) policy->unlisted++;
    policy->last = added ? &policy->records[policy->record_count - 1] : NULL;
    tell(policy, added ? policy->record_count - 1 : GB_POLICY_RECORDS);
    return answer;
}

void gb_policy_watch(gb_policy *policy, void (*asked)(void *env, size_t index), void *env) {
    policy->asked = asked;
    policy->asked_env = env;
}

gb_answer gb_policy_ask(gb_policy *policy, gb_power power, const char *name, size_t length) {
    gb_answer answer = GB_REFUSED;
    switch (power) {
    case GB_POWER_READ:
    case GB_POWER_LIST:
    case GB_POWER_WRITE:
        answer = judge_path(policy, power, name, length, power == GB_POWER_LIST);
        break;
    case GB_POWER_ENV: /* the list: whatever is on it is granted */
    case GB_POWER_STDOUT:
    case GB_POWER_STDERR:
        answer = power == GB_POWER_ENV || policy->powers[power] ? GB_GRANTED : GB_SUBSTITUTED;
        break;
    case GB_POWER_CLOCK:
    case GB_POWER_RANDOM:
    case GB_POWER_STDIN: answer = policy->powers[power] ? GB_GRANTED : GB_SUBSTITUTED; break;
    case GB_POWER_RUN:
    case GB_POWER_EXPAND:
    case GB_POWER_COUNT: break;
    }
    return remember(policy, power, answer, name, length);
}

gb_answer gb_policy_ask_directory(gb_policy *policy, gb_power power, const char *path,
                                  size_t length) {
    return remember(policy, power, judge_path(policy, power, path, length, true), path, length);
}

void gb_policy_note_open(gb_policy *policy) {
    if (policy->last) policy->last->opened = true;
}

gb_answer gb_policy_env(gb_policy *policy, const char *name, size_t length, const char **value) {
    const struct variable *v = find_variable(policy, name, length);
    *value = v ? v->value : NULL;
    gb_answer answer = GB_ABSENT;
    if (*value || (policy->macro && macro_may_know(name, length)) ||
        granted_by_pattern(policy, name, length)) {
        answer = GB_GRANTED;
    } else if (v) {
        answer = GB_REFUSED;
    }
    return remember(policy, GB_POWER_ENV, answer, name, length);
}

bool gb_policy_env_at(const gb_policy *policy, size_t index, const char **name,
                      const char **value) {
    for (size_t i = 0; i < policy->variable_count; i++) {
        const struct variable *v = &policy->variables[i];
        if (v->value && index-- == 0) {
            *name = v->name;
            *value = v->value;
            return true;
        }
    }
    return false;
}

/* ---- what was asked ------------------------------------------------------------------------ */

bool gb_policy_record_at(const gb_policy *policy, size_t index, gb_policy_record *record) {
    if (index >= policy->record_count) return false;
    const struct record *r = &policy->records[index];
    *record = (gb_policy_record){.power = r->power,
                                 .answer = r->answer,
                                 .name = r->name,
                                 .length = r->length,
                                 .count = r->count};
    return true;
}

uint64_t gb_policy_unlisted(const gb_policy *policy) {
    return policy->unlisted;
}

static void append_escaped(gb_buffer *out, const char *name, size_t length) {
    for (size_t i = 0; i < length;) {
        /* It stands in backticks. */
        size_t n = name[i] == '`' ? 0 : gb_utf8_shown(name + i, length - i);
        if (n) gb_buffer_append(out, name + i, n);
        else gb_buffer_append_format(out, "\\x%02x", (unsigned char)name[i]);
        i += n ? n : 1;
    }
}

void gb_policy_show_name(const gb_policy_record *record, gb_buffer *out) {
    append_escaped(out, record->name, record->length);
}

size_t gb_policy_refusals(const gb_policy *policy, size_t most, gb_buffer *out) {
    size_t found = 0;
    for (size_t i = 0; i < policy->record_count; i++) {
        const struct record *r = &policy->records[i];
        if (r->answer != GB_REFUSED && r->answer != GB_HIDDEN) continue;
        if (++found > most) continue;
        gb_buffer_append_format(out, "%s%s `", found > 1 ? ", " : "", gb_power_name(r->power));
        append_escaped(out, r->name, r->length);
        gb_buffer_append_text(out, "`");
        if (r->count > 1) {
            gb_buffer_append_format(out, " (%llu times)", (unsigned long long)r->count);
        }
    }
    if (found > most) gb_buffer_append_format(out, " and %zu more", found - most);
    return found;
}

/* Not found is what std says of a hidden file, and of a refused one when it is only asked whether it
 * is there. */
static bool would_be_absent(const struct record *r) {
    bool look = r->power == GB_POWER_READ && !r->opened;
    bool file = r->power == GB_POWER_READ || r->power == GB_POWER_LIST;
    return r->length < GB_POLICY_NAME_MAX && strlen(r->name) == r->length &&
           ((file && r->answer == GB_HIDDEN) || look);
}

bool gb_policy_absences(const gb_policy *policy, size_t most, gb_buffer *out) {
    size_t found = 0;
    if (policy->unlisted) return false;
    for (size_t i = 0; i < policy->record_count; i++) {
        const struct record *r = &policy->records[i];
        if (r->answer != GB_REFUSED && r->answer != GB_HIDDEN) continue;
        if (!would_be_absent(r) || ++found > most) return false;
        if (!gb_buffer_append(out, "", 1) || !gb_buffer_append(out, r->name, r->length)) return false;
    }
    return found > 0;
}
