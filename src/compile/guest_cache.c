#include "compile/guest_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "compile/recipe.h"

extern char **environ;

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

void gb_guest_result_free(gb_guest_result *result) {
    gb_strings_free(&result->objects);
    gb_strings_free(&result->sources);
    gb_strings_free(&result->env);
    free(result->messages);
    *result = (gb_guest_result){0};
}

/* ---- paths that mean the same elsewhere ---------------------------------------------------- */

static char *to_portable(const gb_unit *unit, const char *path) {
    const char *rest;
    if (unit->build_out_dir != NULL && (rest = gb_path_under(path, unit->build_out_dir)) != NULL) {
        return gb_text_format("$OUT/%s", rest);
    }
    if (unit->package_dir != NULL && (rest = gb_path_under(path, unit->package_dir)) != NULL) {
        return gb_text_format("$PKG/%s", rest);
    }
    return gb_text_copy(path);
}

/* NULL when the placeholder means nothing for this unit. */
static char *from_portable(const gb_unit *unit, const char *path) {
    const char *rest;
    if ((rest = gb_text_after(path, "$OUT/")) != NULL) {
        return unit->build_out_dir == NULL ? NULL : gb_path_join(unit->build_out_dir, rest);
    }
    if ((rest = gb_text_after(path, "$PKG/")) != NULL) {
        return unit->package_dir == NULL ? NULL : gb_path_join(unit->package_dir, rest);
    }
    return gb_text_copy(path);
}

/* ---- key ---------------------------------------------------------------------------------- */

static void hash_list(gb_hash *hash, const char *name, const gb_strings *list) {
    gb_hash_text(hash, name);
    gb_hash_u64(hash, list->count);
    for (size_t i = 0; i < list->count; i++) gb_hash_text(hash, list->items[i]);
}

/* Codegen options but those that name places or programs of this machine's host side. */
static void hash_codegen(gb_hash *hash, const gb_unit *unit) {
    static const char *const local[] = {"incremental=", "linker="};
    for (size_t i = 0; i < unit->codegen.count; i++) {
        const char *option = unit->codegen.items[i];
        bool skip = false;
        for (size_t k = 0; k < sizeof local / sizeof local[0]; k++) {
            skip = skip || gb_text_starts(option, local[k]);
        }
        if (!skip) gb_hash_text(hash, option);
    }
}

/* "opts:name", and "=" where a path follows: the path's content is in the identities. */
static void hash_externs(gb_hash *hash, const gb_unit *unit) {
    gb_hash_u64(hash, unit->externs.count);
    for (size_t i = 0; i < unit->externs.count; i++) {
        const char *text = unit->externs.items[i];
        const char *equals = strchr(text, '=');
        gb_hash_bytes(hash, text, equals == NULL ? strlen(text) : (size_t)(equals - text) + 1);
        gb_hash_u64(hash, i);
    }
}

/* A macro that runs while this unit is compiled may read these; sources may too, with env!. */
static void hash_package_env(gb_hash *hash) {
    gb_strings names = {0};
    for (char **e = environ; *e != NULL; e++) {
        if (gb_text_starts(*e, "CARGO_PKG_") || gb_text_starts(*e, "CARGO_CRATE_NAME=")) {
            gb_strings_add(&names, *e);
        }
    }
    gb_strings_sort(&names);
    hash_list(hash, "env", &names);
    gb_strings_free(&names);
}

static bool incremental(const gb_unit *unit) {
    for (size_t i = 0; i < unit->codegen.count; i++) {
        if (gb_text_starts(unit->codegen.items[i], "incremental=")) return true;
    }
    return false;
}

static void hash_manifest(gb_hash *hash, const gb_unit *unit) {
    char *path = unit->package_dir == NULL ? NULL : gb_path_join(unit->package_dir, "Cargo.toml");
    if (path == NULL || !gb_hash_file(hash, path, NULL)) gb_hash_text(hash, NULL);
    free(path);
}

static void hash_searches(gb_hash *hash, const gb_unit *unit) {
    for (size_t i = 0; i < unit->search.count; i++) {
        const char *text = unit->search.items[i];
        if (gb_text_starts(text, "dependency=") || gb_text_starts(text, "crate=")) continue;
        const char *equals = strchr(text, '=');
        char *path = to_portable(unit, equals == NULL ? text : equals + 1);
        gb_hash_bytes(hash, text, equals == NULL ? 0 : (size_t)(equals - text));
        gb_hash_text(hash, path);
        free(path);
    }
}

/* All that Cargo says about the unit, in its place. False: memory. */
static bool hash_command(gb_hash *hash, const gb_unit *unit, bool unstable) {
    char *input = gb_path_absolute(unit->cwd, unit->input);
    char *portable = input == NULL ? NULL : to_portable(unit, input);
    gb_hash_u64(hash, unstable);
    gb_hash_text(hash, unit->crate_name);
    gb_hash_text(hash, unit->edition);
    gb_hash_text(hash, portable);
    gb_hash_text(hash, unit->opt_level);
    gb_hash_u64(hash, (uint64_t)(unit->debug_assertions + 1));
    gb_hash_u64(hash, (uint64_t)(unit->overflow_checks + 1));
    hash_list(hash, "crate-type", &unit->crate_types);
    hash_list(hash, "emit", &unit->emit);
    hash_externs(hash, unit);
    hash_list(hash, "cfg", &unit->cfgs);
    hash_list(hash, "check-cfg", &unit->check_cfgs);
    hash_searches(hash, unit);
    hash_list(hash, "lib", &unit->libs);
    hash_codegen(hash, unit);
    hash_list(hash, "lint", &unit->lints);
    hash_list(hash, "unstable", &unit->unstable);
    hash_list(hash, "other", &unit->others);
    hash_package_env(hash);
    free(input);
    free(portable);
    return portable != NULL;
}

bool gb_guest_key(const gb_unit *unit, const char *toolchain_id, bool unstable,
                  const gb_strings *identities, gb_digest *key) {
    if (incremental(unit) || unit->input == NULL || identities->failed) return false;
    gb_hash hash;
    gb_hash_init(&hash);
    gb_hash_text(&hash, "glovebox guest unit 2");
    gb_hash_text(&hash, gb_guest_recipe());
    gb_hash_text(&hash, toolchain_id);
    bool ok = hash_command(&hash, unit, unstable);
    hash_list(&hash, "identities", identities);
    hash_manifest(&hash, unit);
    gb_hash_final(&hash, key);
    return ok;
}

bool gb_guest_settings(const gb_unit *unit, bool unstable, const gb_strings *identities,
                       char settings[GB_GUEST_SETTINGS]) {
    gb_hash hash;
    gb_digest digest;
    char text[GB_DIGEST_TEXT];
    gb_hash_init(&hash);
    gb_hash_text(&hash, "glovebox guest settings 1");
    bool ok = hash_command(&hash, unit, unstable);
    for (size_t i = 0; i < identities->count; i++) {
        const char *dot = strrchr(identities->items[i], '.');
        gb_hash_text(&hash, dot);
    }
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
    memcpy(settings, text, GB_GUEST_SETTINGS - 1);
    settings[GB_GUEST_SETTINGS - 1] = '\0';
    return ok;
}

char *gb_guest_identity(const gb_digest *key, const char *settings, const char *metadata) {
    gb_hash hash;
    gb_digest digest;
    char text[GB_DIGEST_TEXT];
    gb_hash_init(&hash);
    gb_hash_bytes(&hash, key->bytes, GB_DIGEST_BYTES);
    if (!gb_hash_file(&hash, metadata, NULL)) return NULL;
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
    return gb_text_format("%s.%s", text, settings);
}

/* ---- dep-info ----------------------------------------------------------------------------- */

/* One path of a dep-info line: up to a blank that has no backslash before it. rustc writes blanks as
 * "\ " and leaves all else alone (rustc_interface passes.rs escape_dep_filename). */
static const char *take_path(const char *at, gb_buffer *path) {
    gb_buffer_clear(path);
    while (*at != '\0' && *at != ' ') {
        if (at[0] == '\\' && at[1] == ' ') at++;
        if (!gb_buffer_append(path, at, 1)) return NULL;
        at++;
    }
    return at;
}

/* rustc: escape_dep_env: newline, carriage return and backslash are escaped. */
static bool take_env(const char *at, gb_strings *env) {
    gb_buffer text = {0};
    bool ok = gb_buffer_append_text(&text, "");
    for (; ok && *at != '\0'; at++) {
        char c = *at;
        if (c == '\\' && at[1] != '\0') {
            at++;
            c = *at == 'n' ? '\n' : *at == 'r' ? '\r' : *at;
        }
        ok = gb_buffer_append(&text, &c, 1);
    }
    if (ok) gb_strings_add(env, gb_buffer_text(&text));
    gb_buffer_free(&text);
    return ok;
}

static bool read_rule(const char *line, const char *cwd, gb_strings *sources) {
    gb_buffer path = {0};
    const char *at = strstr(line, ": ");
    bool ok = true;
    for (at = at == NULL ? "" : at + 2; ok && *at != '\0';) {
        if (*at == ' ') {
            at++;
            continue;
        }
        at = take_path(at, &path);
        ok = at != NULL;
        if (ok) gb_strings_take(sources, gb_path_absolute(cwd, gb_buffer_text(&path)));
    }
    gb_buffer_free(&path);
    return ok;
}

bool gb_dep_info_read(const char *path, const char *cwd, gb_strings *sources, gb_strings *env,
                      gb_error *err) {
    gb_buffer text = {0};
    gb_strings lines = {0};
    bool ok = gb_file_read(path, &text, err), have_rule = false;
    if (ok) gb_text_split(&lines, gb_buffer_text(&text), '\n');
    for (size_t i = 0; ok && i < lines.count; i++) {
        const char *value = gb_text_after(lines.items[i], "# env-dep:");
        if (value != NULL) {
            ok = take_env(value, env) || no_memory(err);
        } else if (!have_rule && lines.items[i][0] != '#' && strstr(lines.items[i], ": ") != NULL) {
            have_rule = true; /* every output has the same sources: the first rule says it all */
            ok = read_rule(lines.items[i], cwd, sources) || no_memory(err);
        }
    }
    ok = ok && gb_strings_ok(sources, err) && gb_strings_ok(env, err) && gb_strings_ok(&lines, err);
    gb_strings_free(&lines);
    gb_buffer_free(&text);
    return ok;
}

static bool append_escaped(gb_buffer *out, const char *path) {
    bool ok = true;
    for (; ok && *path != '\0'; path++) {
        ok = (*path != ' ' || gb_buffer_append_text(out, "\\")) && gb_buffer_append(out, path, 1);
    }
    return ok;
}

static bool append_env(gb_buffer *out, const char *entry) {
    bool ok = gb_buffer_append_text(out, "# env-dep:");
    for (; ok && *entry != '\0'; entry++) {
        if (*entry == '\n') ok = gb_buffer_append_text(out, "\\n");
        else if (*entry == '\r') ok = gb_buffer_append_text(out, "\\r");
        else if (*entry == '\\') ok = gb_buffer_append_text(out, "\\\\");
        else ok = gb_buffer_append(out, entry, 1);
    }
    return ok && gb_buffer_append_text(out, "\n");
}

static bool append_rule(gb_buffer *out, const char *output, const gb_strings *sources) {
    bool ok = append_escaped(out, output) && gb_buffer_append_text(out, ":");
    for (size_t i = 0; ok && i < sources->count; i++) {
        ok = gb_buffer_append_text(out, " ") && append_escaped(out, sources->items[i]);
    }
    return ok && gb_buffer_append_text(out, "\n\n");
}

bool gb_guest_result_dep_info(const gb_guest_result *result, const char *path,
                              const gb_strings *outputs, gb_error *err) {
    gb_buffer text = {0};
    static const gb_strings nothing = {0};
    bool ok = append_rule(&text, path, &result->sources);
    for (size_t i = 0; ok && i < outputs->count; i++) {
        ok = append_rule(&text, outputs->items[i], &result->sources);
    }
    for (size_t i = 0; ok && i < result->sources.count; i++) {
        ok = append_rule(&text, result->sources.items[i], &nothing);
    }
    for (size_t i = 0; ok && i < result->env.count; i++) {
        ok = append_env(&text, result->env.items[i]);
    }
    ok = ok || no_memory(err);
    ok = ok && gb_file_write(path, text.data, text.length, 0644, err);
    gb_buffer_free(&text);
    return ok;
}

/* ---- records ------------------------------------------------------------------------------ */

/* {"objects": ["SUFFIX=DIGEST", …], "sources": ["PATH", "DIGEST", …], "env": ["NAME=value", …],
 *  "messages": "…", "form": ["--error-format=json", …]} */

/* How messages look, width aside: kept ones serve only a call that wants them so. */
static void message_form(const gb_unit *unit, gb_strings *form) {
    for (size_t i = 0; i < unit->messages.count; i++) {
        if (gb_text_starts(unit->messages.items[i], "--diagnostic-width")) continue;
        gb_strings_add(form, unit->messages.items[i]);
    }
}

static bool same_form(const gb_unit *unit, const cJSON *object) {
    gb_strings kept = {0}, wanted = {0};
    gb_json_texts(object, "form", &kept);
    message_form(unit, &wanted);
    bool same = kept.count == wanted.count && !kept.failed && !wanted.failed;
    for (size_t i = 0; same && i < kept.count; i++) {
        same = strcmp(kept.items[i], wanted.items[i]) == 0;
    }
    gb_strings_free(&kept);
    gb_strings_free(&wanted);
    return same;
}

static bool digest_of_source(const char *path, char text[GB_DIGEST_TEXT]) {
    gb_hash hash;
    gb_digest digest;
    gb_hash_init(&hash);
    if (!gb_hash_file(&hash, path, NULL)) return false;
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
    return true;
}

static bool print_record(const gb_unit *unit, const gb_guest_result *result, gb_buffer *out) {
    gb_strings sources = {0}, form = {0};
    char digest[GB_DIGEST_TEXT];
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL;
    message_form(unit, &form);
    for (size_t i = 0; ok && i < result->sources.count; i++) {
        gb_strings_take(&sources, to_portable(unit, result->sources.items[i]));
        ok = digest_of_source(result->sources.items[i], digest);
        if (ok) gb_strings_add(&sources, digest);
    }
    ok = ok && gb_strings_ok(&sources, NULL) &&
         gb_json_add_texts(object, "objects", &result->objects) &&
         gb_json_add_texts(object, "sources", &sources) &&
         gb_json_add_texts(object, "env", &result->env) &&
         cJSON_AddStringToObject(object, "messages", result->messages) != NULL &&
         gb_json_add_texts(object, "form", &form) && gb_json_print(out, object, false);
    gb_strings_free(&sources);
    gb_strings_free(&form);
    cJSON_Delete(object);
    return ok;
}

static bool env_is_as_it_was(const gb_strings *env) {
    for (size_t i = 0; i < env->count; i++) {
        const char *entry = env->items[i], *equals = strchr(entry, '=');
        char *name = gb_text_copy_n(entry, strcspn(entry, "="));
        const char *now = name == NULL ? NULL : getenv(name);
        bool same = equals == NULL ? now == NULL : now != NULL && strcmp(now, equals + 1) == 0;
        free(name);
        if (!same) return false;
    }
    return true;
}

/* Fills result->sources from PATH, DIGEST pairs as long as the files say what they said. */
static bool sources_are_as_they_were(const gb_unit *unit, const gb_strings *pairs,
                                     gb_guest_result *result) {
    char digest[GB_DIGEST_TEXT];
    for (size_t i = 0; i + 1 < pairs->count; i += 2) {
        char *path = from_portable(unit, pairs->items[i]);
        bool same = path != NULL && gb_file_exists(path) && digest_of_source(path, digest) &&
                    strcmp(digest, pairs->items[i + 1]) == 0;
        if (same) gb_strings_add(&result->sources, path);
        free(path);
        if (!same) return false;
    }
    return pairs->count > 0 && pairs->count % 2 == 0 && gb_strings_ok(&result->sources, NULL);
}

typedef struct search {
    const gb_unit *unit;
    gb_guest_result *result;
} search;

static bool record_serves(void *env, const char *text) {
    search *s = env;
    gb_guest_result *result = s->result;
    cJSON *object = gb_json_parse(text, strlen(text), "store record", NULL);
    if (object == NULL) return false;
    gb_strings pairs = {0};
    const char *messages = gb_json_text(object, "messages");
    gb_json_texts(object, "env", &result->env);
    gb_json_texts(object, "objects", &result->objects);
    gb_json_texts(object, "sources", &pairs);
    result->messages = gb_text_copy(messages == NULL ? "" : messages);
    bool ok = result->messages != NULL && gb_strings_ok(&pairs, NULL) &&
              (*result->messages == '\0' || same_form(s->unit, object)) &&
              env_is_as_it_was(&result->env) &&
              sources_are_as_they_were(s->unit, &pairs, result);
    gb_strings_free(&pairs);
    cJSON_Delete(object);
    if (!ok) gb_guest_result_free(result);
    return ok;
}

bool gb_guest_cache_find(gb_objects *objects, const gb_digest *key, const gb_unit *unit,
                         gb_guest_result *result) {
    *result = (gb_guest_result){0};
    search s = {unit, result};
    return gb_objects_find_record(objects, key, record_serves, &s);
}

/* A source edited while the compiler ran may not be what it read. */
static bool older_than(const gb_strings *sources, int64_t started) {
    for (size_t i = 0; i < sources->count; i++) {
        if (gb_file_mtime(sources->items[i]) >= started) return false;
    }
    return true;
}

static bool add_files(gb_objects *objects, const gb_strings *files, gb_guest_result *result,
                      gb_error *err) {
    for (size_t i = 0; i < files->count; i++) {
        gb_digest digest;
        char text[GB_DIGEST_TEXT];
        const char *equals = strchr(files->items[i], '=');
        if (!gb_objects_add(objects, equals + 1, &digest, err)) return false;
        gb_digest_text(&digest, text);
        gb_strings_add_format(&result->objects, "%.*s=%s", (int)(equals - files->items[i]),
                              files->items[i], text);
    }
    return gb_strings_ok(&result->objects, err);
}

bool gb_guest_cache_keep(gb_objects *objects, const gb_digest *key, const gb_unit *unit,
                         const gb_strings *files, const char *dep_info, const char *messages,
                         int64_t started, gb_guest_result *result, gb_error *err) {
    *result = (gb_guest_result){.messages = gb_text_copy(messages)};
    gb_buffer text = {0};
    bool ok = (result->messages != NULL || no_memory(err)) &&
              gb_dep_info_read(dep_info, unit->cwd, &result->sources, &result->env, err) &&
              (older_than(&result->sources, started) ||
               gb_fail(err, GB_ERROR_USAGE, "the sources of %s are being edited", unit->input)) &&
              add_files(objects, files, result, err);
    if (ok && !print_record(unit, result, &text)) {
        ok = gb_fail(err, GB_ERROR_IO, "cannot describe what was compiled from %s", unit->input);
    }
    ok = ok && gb_objects_put_record(objects, key, gb_buffer_text(&text), err);
    gb_buffer_free(&text);
    if (!ok) gb_guest_result_free(result);
    return ok;
}

bool gb_guest_result_object(const gb_guest_result *result, const char *suffix, gb_digest *digest) {
    for (size_t i = 0; i < result->objects.count; i++) {
        const char *rest = gb_text_after(result->objects.items[i], suffix);
        if (rest != NULL && *rest == '=') return gb_digest_parse(rest + 1, digest);
    }
    return false;
}
