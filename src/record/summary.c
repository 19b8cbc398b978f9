#include "record/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"
#include "manifest/manifest_policy.h"
#include "macros/stats.h"

static int by_name(const void *a, const void *b) {
    const gb_summary_row *x = a, *y = b;
    int order = strcmp(x->package, y->package);
    if (order == 0) order = strcmp(x->version, y->version);
    return order != 0 ? order : strcmp(x->name, y->name);
}

/* The row for a macro, added when it is new; NULL without memory. */
static gb_summary_row *row_for(gb_summary *summary, const gb_stats_header *header,
                               const gb_stats_macro *macro) {
    gb_summary_row key = {.kind = macro->kind};
    memcpy(key.package, header->package, sizeof key.package);
    memcpy(key.version, header->package_version, sizeof key.version);
    memcpy(key.name, macro->name, sizeof key.name);
    for (size_t i = 0; i < summary->count; i++) {
        gb_summary_row *row = &summary->rows[i];
        if (row->kind == key.kind && by_name(row, &key) == 0) return row;
    }
    gb_summary_row *grown = realloc(summary->rows, (summary->count + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    summary->rows = grown;
    grown[summary->count] = key;
    return &grown[summary->count++];
}

static bool add_worker(void *env, const gb_stats *stats, gb_error *err) {
    gb_summary *summary = env;
    if (!gb_stats_is_used(stats)) return true;
    summary->workers++;
    for (uint32_t i = 0; i < stats->header.macro_count; i++) {
        const gb_stats_macro *macro = &stats->macros[i];
        if (macro->expansions == 0 && macro->failures == 0) continue;
        gb_summary_row *row = row_for(summary, &stats->header, macro);
        if (row == NULL) return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
        row->expansions += macro->expansions;
        row->tokens_in += macro->tokens_in;
        row->tokens_out += macro->tokens_out;
        row->nanoseconds += macro->nanoseconds;
        row->failures += macro->failures;
        row->refusals += macro->refusals;
    }
    return true;
}

static void total(gb_summary *summary) {
    for (size_t i = 0; i < summary->count; i++) {
        const gb_summary_row *row = &summary->rows[i];
        summary->expansions += row->expansions;
        summary->tokens_in += row->tokens_in;
        summary->tokens_out += row->tokens_out;
        summary->nanoseconds += row->nanoseconds;
        summary->failures += row->failures;
        summary->refusals += row->refusals;
        if (!row->native) continue;
        summary->native.macros++;
        summary->native.expansions += row->expansions;
    }
}

static void mark_native(gb_summary *summary, const char *policy) {
    for (size_t i = 0; policy != NULL && i < summary->count; i++) {
        gb_summary_row *row = &summary->rows[i];
        row->native = gb_manifest_policy_is_native(policy, row->package, row->version);
    }
}

/* ---- build scripts ------------------------------------------------------------------------ */

/* Cargo makes `<profile>/build/<package>-<hash>/invoked.timestamp` just before it runs a build
 * script. cargo: src/cargo/core/compiler/custom_build.rs */
static uint64_t scripts_in(const char *build, int64_t started) {
    gb_strings names = {0};
    uint64_t count = 0;
    if (gb_dir_exists(build) && gb_dir_list(build, &names, NULL)) {
        for (size_t i = 0; i < names.count; i++) {
            char *path = gb_text_format("%s/%s/invoked.timestamp", build, names.items[i]);
            if (path != NULL && gb_file_mtime(path) >= started) count++;
            free(path);
        }
    }
    gb_strings_free(&names);
    return count;
}

/* `<root>/<profile>/build` for host packages, `<root>/<triple>/<profile>/build` for the target's. */
static uint64_t scripts_below(const char *folder, int depth, int64_t started) {
    gb_strings names = {0};
    uint64_t count = 0;
    if (!gb_dir_list(folder, &names, NULL)) return 0;
    for (size_t i = 0; i < names.count; i++) {
        if (names.items[i][0] == '.') continue;
        char *path = gb_path_join(folder, names.items[i]);
        char *build = path == NULL ? NULL : gb_path_join(path, "build");
        if (build != NULL && gb_dir_exists(build)) count += scripts_in(build, started);
        else if (path != NULL && depth > 0 && gb_dir_exists(path))
            count += scripts_below(path, depth - 1, started);
        free(path);
        free(build);
    }
    gb_strings_free(&names);
    return count;
}

bool gb_summary_read(const char *folder, const char *policy, const char *build_root, int64_t started,
                     gb_summary *summary, gb_error *err) {
    *summary = (gb_summary){0};
    if (!gb_stats_read_dir(folder, NULL, add_worker, summary, err)) {
        gb_summary_free(summary);
        return false;
    }
    if (summary->count > 0) qsort(summary->rows, summary->count, sizeof *summary->rows, by_name);
    mark_native(summary, policy);
    total(summary);
    summary->build_scripts = scripts_below(build_root, 1, started);
    return true;
}

void gb_summary_free(gb_summary *summary) {
    free(summary->rows);
    *summary = (gb_summary){0};
}

static bool add_number(cJSON *object, const char *key, uint64_t value) {
    return cJSON_AddNumberToObject(object, key, (double)value) != NULL;
}

static cJSON *row_json(const gb_summary_row *row) {
    static const char *const kinds[] = {"derive", "attribute", "function"};
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL && cJSON_AddStringToObject(object, "package", row->package) != NULL &&
              cJSON_AddStringToObject(object, "version", row->version) != NULL &&
              cJSON_AddStringToObject(object, "macro", row->name) != NULL &&
              cJSON_AddStringToObject(object, "kind", row->kind < 3 ? kinds[row->kind] : "?") !=
                  NULL &&
              cJSON_AddBoolToObject(object, "native", row->native) != NULL &&
              add_number(object, "expansions", row->expansions) &&
              add_number(object, "tokens_in", row->tokens_in) &&
              add_number(object, "tokens_out", row->tokens_out) &&
              add_number(object, "nanoseconds", row->nanoseconds) &&
              add_number(object, "failures", row->failures) &&
              add_number(object, "refusals", row->refusals);
    if (ok) return object;
    cJSON_Delete(object);
    return NULL;
}

bool gb_summary_json(const gb_summary *summary, gb_buffer *out) {
    cJSON *object = cJSON_CreateObject();
    cJSON *rows = object == NULL ? NULL : cJSON_AddArrayToObject(object, "macros");
    bool ok = rows != NULL;
    for (size_t i = 0; ok && i < summary->count; i++) {
        cJSON *row = row_json(&summary->rows[i]);
        ok = row != NULL && cJSON_AddItemToArray(rows, row);
    }
    ok = ok && add_number(object, "expansions", summary->expansions) &&
         add_number(object, "workers", summary->workers) &&
         add_number(object, "native_expansions", summary->native.expansions) &&
         add_number(object, "native_build_scripts", summary->build_scripts) &&
         gb_json_print(out, object, true);
    cJSON_Delete(object);
    return ok;
}
