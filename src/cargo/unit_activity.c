#include "cargo/unit_activity.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "record/activity.h"
#include "compile/guest_cache.h"
#include "cargo/lock_build.h"
#include "manifest/manifest_policy.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

char *gb_unit_label(const gb_unit *unit) {
    const char *name = unit->crate_name, *extra = unit->extra_filename;
    if (extra && *extra) return gb_text_format("%s%s", name, extra);
    gb_hash hash;
    gb_digest digest;
    char text[GB_DIGEST_TEXT];
    gb_hash_init(&hash);
    gb_hash_text(&hash, unit->out_dir);
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
    return gb_text_format("%s-%.16s", name, text);
}

/* ---- from the workers -------------------------------------------------------------------------- */

typedef struct gathered {
    const char *label;
    gb_activity activity;
    gb_strings folders;      /* that every macro may read here */
    gb_strings read, listed; /* paths that were granted */
    gb_strings variables;    /* names that were granted */
} gathered;

/* What can stand in dep-info: no NUL, no end of line. */
static bool is_plain(const char *name, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '\0' || name[i] == '\n' || name[i] == '\r') return false;
    }
    return length > 0;
}

static void add_input(gathered *g, const gb_stats_question *q, const char *name) {
    gb_strings *list = q->power == GB_POWER_READ   ? &g->read
                       : q->power == GB_POWER_LIST ? &g->listed
                       : q->power == GB_POWER_ENV  ? &g->variables
                                                   : NULL;
    if (!list || q->answer != GB_GRANTED || !is_plain(name, q->length)) return;
    bool path = list != &g->variables;
    if (path ? name[0] != '/' : memchr(name, '=', q->length) != NULL) return;
    gb_strings_add_n(list, name, q->length);
}

static bool add_worker(void *env, const gb_stats *stats, gb_error *err) {
    gathered *g = env;
    size_t at = 0;
    const char *name;
    for (const gb_stats_question *q; (q = gb_stats_next_question(stats, &at, &name));) {
        add_input(g, q, name);
    }
    return gb_activity_add_worker(&g->activity, stats, &g->folders, err);
}

static bool gathered_ok(const gathered *g, gb_error *err) {
    return gb_strings_ok(&g->folders, err) && gb_strings_ok(&g->read, err) && gb_strings_ok(&g->listed, err) &&
           gb_strings_ok(&g->variables, err);
}

static void gathered_free(gathered *g) {
    gb_activity_free(&g->activity);
    gb_strings_free(&g->folders);
    gb_strings_free(&g->read);
    gb_strings_free(&g->listed);
    gb_strings_free(&g->variables);
}

/* ---- the record -------------------------------------------------------------------------------- */

static char *record_path(const gb_session *session, const char *label) {
    return gb_text_format("%s/records/%s.json", session->state, label);
}

static bool print_record(const gathered *g, const gb_unit *unit, gb_buffer *text) {
    cJSON *record = cJSON_CreateObject(), *crates = gb_activity_json(&g->activity);
    bool ok = record && crates && cJSON_AddNumberToObject(record, "version", 1) &&
              cJSON_AddStringToObject(record, "unit", g->label) &&
              cJSON_AddStringToObject(record, "crate", unit->crate_name) &&
              cJSON_AddItemToObject(record, "crates", crates);
    if (!ok) cJSON_Delete(crates);
    ok = ok && gb_json_print(text, record, false) && gb_buffer_append_text(text, "\n");
    cJSON_Delete(record);
    return ok;
}

static bool write_record(const gb_session *session, const char *label, const void *bytes,
                         size_t length, gb_error *err) {
    char *path = record_path(session, label), *folder = path ? gb_path_parent(path) : NULL;
    bool ok = (folder || no_memory(err)) && gb_dir_make(folder, err) &&
              gb_file_write(path, bytes, length, 0644, err);
    free(folder);
    free(path);
    return ok;
}

/* The manifest says it, not the worker: that one ran what it would tell about. */
static void mark_native(const gb_session *session, gb_activity *activity) {
    for (size_t i = 0; i < activity->count; i++) {
        gb_activity_crate *crate = &activity->crates[i];
        crate->native = gb_manifest_policy_is_native(session->policy, crate->package, crate->version);
    }
}

static bool keep_record(const gb_session *session, gathered *g, const gb_unit *unit, gb_error *err) {
    if (g->activity.count == 0) {
        char *path = record_path(session, g->label);
        if (path) unlink(path);
        free(path);
        return true;
    }
    gb_buffer text = {0};
    mark_native(session, &g->activity);
    gb_activity_sort(&g->activity);
    bool ok = (print_record(g, unit, &text) || no_memory(err)) &&
              write_record(session, g->label, text.data, text.length, err);
    gb_buffer_free(&text);
    return ok;
}

void gb_unit_activity_expect(const gb_session *session, const gb_unit *unit) {
    gb_activity activity = {0};
    gb_buffer text = {0}, digests = {0};
    char *label = gb_unit_label(unit), *path = label ? record_path(session, label) : NULL;
    bool known = path && gb_file_exists(path) && gb_file_read(path, &text, NULL) &&
                 gb_activity_add_record(&activity, gb_buffer_text(&text), text.length, path, NULL);
    for (size_t i = 0; known && i < activity.count; i++) {
        const gb_strings *list = &activity.crates[i].digests;
        for (size_t k = 0; known && k < list->count; k++)
            known = gb_buffer_append_format(&digests, "%s%s", digests.length ? " " : "", list->items[k]);
    }
    if (!known || setenv(GB_EXPECTED_ENV, gb_buffer_text(&digests), 1) != 0) unsetenv(GB_EXPECTED_ENV);
    gb_activity_free(&activity);
    gb_buffer_free(&text);
    gb_buffer_free(&digests);
    free(path);
    free(label);
}

/* ---- the store -------------------------------------------------------------------------------- */

/* Under one key there may be several results, of different sources. */
static gb_digest activity_key(const gb_digest *key, const gb_guest_result *result) {
    gb_hash hash;
    gb_digest digest;
    gb_hash_init(&hash);
    gb_hash_text(&hash, "glovebox activity 1");
    gb_hash_bytes(&hash, key->bytes, sizeof key->bytes);
    for (size_t i = 0; i < result->objects.count; i++) gb_hash_text(&hash, result->objects.items[i]);
    gb_hash_final(&hash, &digest);
    return digest;
}

void gb_unit_activity_to_store(const gb_session *session, const gb_unit *unit, gb_objects *objects,
                               const gb_digest *key, const gb_guest_result *result) {
    char *label = gb_unit_label(unit), *path = label ? record_path(session, label) : NULL;
    gb_buffer text = {0};
    gb_digest digest = activity_key(key, result);
    if (path && gb_file_exists(path) && gb_file_read(path, &text, NULL)) {
        gb_objects_put_record(objects, &digest, gb_buffer_text(&text), NULL);
    }
    gb_buffer_free(&text);
    free(path);
    free(label);
}

typedef struct restoring {
    const gb_session *session;
    const char *label;
    gb_activity activity;
} restoring;

static bool restore(void *env, const char *text) {
    restoring *r = env;
    if (gb_activity_add_record(&r->activity, text, strlen(text), "a record", NULL) &&
        write_record(r->session, r->label, text, strlen(text), NULL)) {
        return true;
    }
    gb_activity_free(&r->activity);
    return false;
}

bool gb_unit_activity_from_store(const gb_session *session, const gb_unit *unit, gb_objects *objects,
                                 const gb_digest *key, const gb_guest_result *result, gb_error *err) {
    gb_digest digest = activity_key(key, result);
    restoring r = {.session = session};
    char *label = gb_unit_label(unit);
    r.label = label;
    if (label) gb_objects_find_record(objects, &digest, restore, &r);
    bool ok = gb_lock_check(session, &r.activity, err);
    gb_activity_free(&r.activity);
    free(label);
    return ok;
}

/* ---- inputs ------------------------------------------------------------------------------------- */

/* The folder that changes when this file appears. */
static char *nearest_folder(const char *path) {
    char *folder = gb_path_parent(path);
    while (folder && !gb_dir_exists(folder) && strcmp(folder, "/") != 0) {
        char *above = gb_path_parent(folder);
        free(folder);
        folder = above;
    }
    return folder;
}

static void add_new(gb_strings *more, const gb_strings *known, const char *text) {
    if (!gb_strings_has(known, text) && !gb_strings_has(more, text)) gb_strings_add(more, text);
}

/* Looking at a folder says nothing of what is in it; listing it does. */
static void new_sources(const gathered *g, const gb_strings *known, gb_strings *more) {
    for (size_t i = 0; i < g->read.count; i++) {
        const char *path = g->read.items[i];
        if (gb_file_exists(path)) {
            add_new(more, known, path);
        } else if (!gb_dir_exists(path)) {
            char *folder = nearest_folder(path);
            if (folder && strcmp(folder, "/") != 0) add_new(more, known, folder);
            free(folder);
        }
    }
    for (size_t i = 0; i < g->listed.count; i++) {
        if (gb_dir_exists(g->listed.items[i])) add_new(more, known, g->listed.items[i]);
    }
}

static bool has_name(const gb_strings *entries, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < entries->count; i++) {
        const char *entry = entries->items[i];
        if (strncmp(entry, name, length) == 0 && (entry[length] == '=' || entry[length] == '\0')) {
            return true;
        }
    }
    return false;
}

/* Cargo knows what it sets itself. */
static bool new_variables(const gb_session *session, const gathered *g, const gb_strings *known,
                          gb_strings *more, gb_error *err) {
    gb_strings cargos = {0};
    if (g->variables.count == 0) return true;
    if (!gb_session_unit_env(session, &cargos, err)) return false;
    for (size_t i = 0; i < g->variables.count; i++) {
        const char *name = g->variables.items[i], *value = getenv(name);
        if (strcmp(name, "*") == 0 || has_name(&cargos, name) || has_name(known, name) ||
            has_name(more, name)) {
            continue;
        }
        if (value) gb_strings_add_format(more, "%s=%s", name, value);
        else gb_strings_add(more, name);
    }
    gb_strings_free(&cargos);
    return true;
}

/* Puts our rule, which has rustc's sources as well, in front of what rustc wrote. */
static bool write_inputs(const char *dep_info, const gb_strings *sources, const gb_strings *more,
                         const gb_strings *env, gb_error *err) {
    gb_buffer rustcs = {0}, ours = {0}, text = {0};
    gb_guest_result rule = {0};
    static const gb_strings none = {0};
    gb_strings_add_all(&rule.sources, sources);
    gb_strings_add_all(&rule.sources, more);
    gb_strings_add_all(&rule.env, env);
    bool ok = gb_file_read(dep_info, &rustcs, err) && gb_strings_ok(&rule.sources, err) &&
              gb_strings_ok(&rule.env, err) &&
              gb_guest_result_dep_info(&rule, dep_info, &none, err) &&
              gb_file_read(dep_info, &ours, err);
    ok = ok && ((gb_buffer_append_text(&text, "# glovebox begin\n") &&
                 gb_buffer_append(&text, ours.data, ours.length) &&
                 gb_buffer_append_text(&text, "# glovebox end\n") &&
                 gb_buffer_append(&text, rustcs.data, rustcs.length)) ||
                no_memory(err));
    ok = ok && gb_file_write(dep_info, text.data, text.length, 0644, err);
    gb_strings_free(&rule.sources);
    gb_strings_free(&rule.env);
    gb_buffer_free(&rustcs);
    gb_buffer_free(&ours);
    gb_buffer_free(&text);
    return ok;
}

static bool add_inputs(const gb_session *session, const gathered *g, const char *cwd,
                       const char *dep_info, gb_error *err) {
    gb_strings sources = {0}, env = {0}, more_sources = {0}, more_env = {0};
    bool ok = gb_dep_info_read(dep_info, cwd, &sources, &env, err);
    if (ok) new_sources(g, &sources, &more_sources);
    ok = ok && new_variables(session, g, &env, &more_env, err) &&
         gb_strings_ok(&more_sources, err) && gb_strings_ok(&more_env, err);
    if (ok && more_sources.count + more_env.count > 0) {
        gb_strings_sort(&more_sources);
        gb_strings_sort(&more_env);
        ok = write_inputs(dep_info, &sources, &more_sources, &more_env, err);
    }
    gb_strings_free(&sources);
    gb_strings_free(&env);
    gb_strings_free(&more_sources);
    gb_strings_free(&more_env);
    return ok;
}

static void add_folder(gb_strings *folders, const char *path) {
    char *real = path ? gb_path_real(path, NULL) : NULL;
    if (path) gb_strings_add(folders, path);
    if (real) gb_strings_add(folders, real);
    free(real);
}

/* What the workers of `label` did, into its record. */
static bool gather(const gb_session *session, const gb_unit *unit, const char *label, gathered *g,
                   gb_error *err) {
    *g = (gathered){.label = label};
    add_folder(&g->folders, unit->package_dir);
    add_folder(&g->folders, unit->build_out_dir);
    return gb_stats_read_dir(session->folder, label, add_worker, g, err) && gathered_ok(g, err) &&
           keep_record(session, g, unit, err);
}

bool gb_unit_activity_keep(const gb_session *session, const gb_unit *unit, const char *dep_info,
                           gb_error *err) {
    gathered g = {0};
    char *label = gb_unit_label(unit);
    bool ok = (label || no_memory(err)) && gather(session, unit, label, &g, err);
    bool inputs = g.read.count + g.listed.count + g.variables.count > 0;
    if (ok && inputs && gb_file_exists(dep_info)) {
        ok = add_inputs(session, &g, unit->cwd, dep_info, err);
    }
    ok = ok && gb_lock_check(session, &g.activity, err);
    gathered_free(&g);
    free(label);
    return ok;
}

bool gb_unit_activity_of(const gb_session *session, const gb_unit *unit, const char *label,
                         gb_strings *sources, gb_strings *env, gb_error *err) {
    static const gb_strings none = {0};
    gathered g;
    bool ok = gather(session, unit, label, &g, err);
    if (ok) new_sources(&g, &none, sources);
    ok = ok && new_variables(session, &g, &none, env, err) && gb_strings_ok(sources, err) &&
         gb_strings_ok(env, err) && gb_lock_check(session, &g.activity, err);
    gathered_free(&g);
    return ok;
}
