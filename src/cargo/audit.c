#include "cargo/audit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "cargo/documents.h"
#include "manifest/manifest_policy.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

void gb_audit_free(gb_audit *audit) {
    gb_activity_free(&audit->activity);
    *audit = (gb_audit){0};
}

/* ---- Cargo's names ------------------------------------------------------------------------------ */

/* https://doc.rust-lang.org/cargo/reference/pkgid-spec.html */
bool gb_package_id_parse(const char *id, char **name, char **version) {
    const char *hash = strrchr(id, '#'), *at = hash ? strchr(hash, '@') : NULL;
    const char *space = strchr(id, ' ');
    *name = *version = NULL;
    if (at) {
        *name = gb_text_copy_n(hash + 1, (size_t)(at - hash - 1));
        *version = gb_text_copy(at + 1);
    } else if (hash && !space) {
        const char *start = hash;
        while (start > id && start[-1] != '/') start--;
        *name = gb_text_copy_n(start, strcspn(start, "#?"));
        *version = gb_text_copy(hash + 1);
    } else if (space) {
        *name = gb_text_copy_n(id, (size_t)(space - id));
        *version = gb_text_copy_n(space + 1, strcspn(space + 1, " "));
    }
    if (*name && *version) return true;
    free(*name);
    free(*version);
    return false;
}

/* `deps/libapp-HASH.rmeta`, `deps/app-HASH`, and `build/app-HASH/build-script-build`, whose crate is
 * named for its file. */
void gb_labels_of_file(const char *path, gb_strings *labels) {
    const char *name = gb_path_name(path), *plain = gb_text_after(name, "lib");
    size_t length = strcspn(name, ".");
    if (gb_text_starts(name, "build-script-")) {
        char *folder = gb_path_parent(path);
        const char *dash = folder ? strrchr(gb_path_name(folder), '-') : NULL;
        char *label = dash ? gb_text_format("%.*s%s", (int)length, name, dash) : NULL;
        for (char *c = label; c && c < label + length; c++) {
            if (*c == '-') *c = '_';
        }
        if (label) gb_strings_add(labels, label);
        free(label);
        free(folder);
        return;
    }
    gb_strings_add_n(labels, name, length);
    if (plain && length > 3) gb_strings_add_n(labels, plain, length - 3);
}

/* ---- the units of the build ---------------------------------------------------------------------- */

static bool makes_macros(const cJSON *target) {
    const cJSON *kind;
    cJSON_ArrayForEach(kind, cJSON_GetObjectItemCaseSensitive(target, "kind")) {
        if (cJSON_IsString(kind) && strcmp(kind->valuestring, "proc-macro") == 0) return true;
    }
    return false;
}

static bool add_macro_crate(gb_audit *audit, const cJSON *event) {
    char *name, *version;
    const char *id = gb_json_text(event, "package_id");
    if (!id || !gb_package_id_parse(id, &name, &version)) return true;
    bool ok = gb_activity_crate_of(&audit->activity, name, version) != NULL;
    free(name);
    free(version);
    return ok;
}

/* `doc/app/index.html`, and the doc tests of the package, which have no file. */
static void add_documents(const cJSON *event, const char *page, gb_strings *labels) {
    char *crate_folder = gb_path_parent(page), *pages = crate_folder ? gb_path_parent(crate_folder) : NULL;
    const char *manifest = gb_json_text(event, "manifest_path");
    char *package = manifest ? gb_path_parent(manifest) : NULL;
    const char *crate = crate_folder ? gb_path_name(crate_folder) : "";
    if (pages) gb_strings_take(labels, gb_document_label(crate, pages));
    if (package) gb_strings_take(labels, gb_doctest_label(crate, package));
    free(crate_folder);
    free(pages);
    free(package);
}

static bool take_event(gb_audit *audit, const cJSON *event, gb_strings *labels) {
    const char *reason = gb_json_text(event, "reason");
    if (!reason || strcmp(reason, "compiler-artifact") != 0) return true;
    gb_strings files = {0};
    gb_json_texts(event, "filenames", &files);
    for (size_t i = 0; i < files.count; i++) {
        if (gb_text_ends(files.items[i], "/index.html")) add_documents(event, files.items[i], labels);
        else gb_labels_of_file(files.items[i], labels);
    }
    bool ok = gb_strings_ok(&files, NULL);
    gb_strings_free(&files);
    if (!makes_macros(cJSON_GetObjectItemCaseSensitive(event, "target"))) return ok;
    return ok && add_macro_crate(audit, event);
}

/* One object a line. What else stands on Cargo's standard output is none of ours. */
static bool read_events(gb_audit *audit, const char *path, gb_strings *labels, gb_error *err) {
    gb_buffer text = {0};
    bool ok = gb_file_read(path, &text, err);
    for (const char *at = gb_buffer_text(&text); ok && *at;) {
        size_t length = strcspn(at, "\n");
        cJSON *event = *at == '{' ? cJSON_ParseWithLength(at, length) : NULL;
        if (event) ok = take_event(audit, event, labels) || no_memory(err);
        cJSON_Delete(event);
        at += length + (at[length] == '\n');
    }
    gb_buffer_free(&text);
    return ok && gb_strings_ok(labels, err);
}

/* A record that cannot be read is one that the next compile makes anew. */
static bool add_record(gb_audit *audit, const char *state, const char *label, gb_error *err) {
    char *path = gb_text_format("%s/records/%s.json", state, label);
    gb_buffer text = {0};
    bool ok = path != NULL || no_memory(err);
    if (ok && gb_file_exists(path)) {
        ok = gb_file_read(path, &text, err) &&
             gb_activity_add_record(&audit->activity, gb_buffer_text(&text), text.length, path, err);
    }
    gb_buffer_free(&text);
    free(path);
    return ok;
}

static bool add_records(gb_audit *audit, const char *state, gb_strings *labels, gb_error *err) {
    bool ok = true;
    gb_strings_sort(labels);
    for (size_t i = 0; ok && i < labels->count; i++) {
        if (i > 0 && strcmp(labels->items[i], labels->items[i - 1]) == 0) continue;
        ok = add_record(audit, state, labels->items[i], err);
    }
    return ok;
}

/* A unit that did not compile is on no list of Cargo's, but what its macros did was written down. */
static bool add_failed(const char *state, int64_t since, gb_strings *labels, gb_error *err) {
    char *folder = gb_path_join(state, "records");
    gb_strings names = {0};
    bool ok = folder != NULL || no_memory(err);
    if (ok && gb_dir_exists(folder)) ok = gb_dir_list(folder, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        size_t length = strlen(names.items[i]);
        char *path = gb_text_ends(names.items[i], ".json") ? gb_path_join(folder, names.items[i]) : NULL;
        if (path && gb_file_mtime(path) >= since) gb_strings_add_n(labels, names.items[i], length - 5);
        free(path);
    }
    gb_strings_free(&names);
    free(folder);
    return ok && gb_strings_ok(labels, err);
}

/* ---- what packages need --------------------------------------------------------------------------- */

static void set_needs(gb_audit *audit, const cJSON *package) {
    const char *name = gb_json_text(package, "name"), *version = gb_json_text(package, "version");
    for (size_t i = 0; name && version && i < audit->activity.count; i++) {
        gb_activity_crate *crate = &audit->activity.crates[i];
        if (strcmp(crate->package, name) != 0 || strcmp(crate->version, version) != 0) continue;
        gb_buffer text = {0};
        gb_manifest_needs(cJSON_GetObjectItemCaseSensitive(package, "metadata"), &text);
        if (text.length && !crate->needs) crate->needs = gb_text_copy(gb_buffer_text(&text));
        gb_buffer_free(&text);
    }
}

static bool add_needs(gb_audit *audit, const gb_cargo_line *line, gb_error *err) {
    gb_strings args = {0};
    gb_buffer out = {0};
    const char *cargo = getenv("CARGO");
    gb_strings_add_each(&args, cargo ? cargo : "cargo", "metadata", "--format-version", "1", NULL);
    gb_strings_add_all(&args, &line->about);
    bool ok = gb_strings_ok(&args, err) && gb_process_output(&args, &out, err);
    cJSON *metadata = ok ? gb_json_parse(gb_buffer_text(&out), out.length,
                                         "the output of cargo metadata", err)
                         : NULL;
    const cJSON *package;
    cJSON_ArrayForEach(package, cJSON_GetObjectItemCaseSensitive(metadata, "packages")) {
        set_needs(audit, package);
    }
    ok = metadata != NULL;
    cJSON_Delete(metadata);
    gb_buffer_free(&out);
    gb_strings_free(&args);
    return ok;
}

/* The clock of files may be a few milliseconds behind. */
enum { CLOCK_GRAIN = 20000000 };

static int64_t now_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- all of it -------------------------------------------------------------------------------------- */

static bool run_check(gb_audit_request *request, gb_audit *audit, gb_cargo_line *line,
                      const char *output, gb_error *err) {
    gb_cargo_outcome outcome;
    gb_strings labels = {0};
    request->call.line = line;
    request->call.output = output;
    int64_t started = now_nanoseconds() - CLOCK_GRAIN;
    bool ran = gb_cargo_run(&request->call, &outcome, err), ok = ran;
    if (ran) {
        audit->code = outcome.code;
        ok = read_events(audit, output, &labels, err) &&
             (outcome.code == 0 || add_failed(outcome.state, started, &labels, err)) &&
             add_records(audit, outcome.state, &labels, err) && add_needs(audit, line, err);
        gb_cargo_outcome_free(&outcome);
    }
    request->call.line = NULL;
    request->call.output = NULL;
    gb_strings_free(&labels);
    return ok;
}

bool gb_audit_make(gb_audit_request *request, gb_audit *out, gb_error *err) {
    *out = (gb_audit){0};
    gb_strings words = {0};
    gb_cargo_line line = {0};
    const char *tmp = getenv("TMPDIR");
    char *folder = gb_dir_make_temporary(tmp && *tmp ? tmp : "/tmp", "glovebox-audit-", err);
    char *output = folder ? gb_path_join(folder, "events") : NULL;
    if (request->documents) gb_strings_add_each(&words, "doc", "--no-deps", NULL);
    else gb_strings_add(&words, "check");
    gb_strings_add(&words, "--message-format=json-render-diagnostics");
    gb_strings_add_all(&words, &request->args);
    bool ok = output && gb_strings_ok(&words, err) &&
              gb_cargo_line_parse((int)words.count, words.items, &line, err);
    if (ok) ok = run_check(request, out, &line, output, err);
    gb_cargo_line_free(&line);
    if (folder) gb_path_remove(folder, NULL);
    free(folder);
    free(output);
    gb_strings_free(&words);
    gb_activity_sort(&out->activity);
    if (!ok) gb_audit_free(out);
    return ok;
}
