#include "manifest/allow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "manifest/manifest_policy.h"
#include "manifest/toml_edit.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

void gb_allow_free(gb_allow *allow) {
    gb_strings *lists[] = {&allow->read, &allow->env, &allow->run, &allow->output};
    for (size_t i = 0; i < 4; i++) gb_strings_free(lists[i]);
}

void gb_allowed_free(gb_allowed *out) {
    free(out->manifest);
    free(out->lines);
    gb_strings_free(&out->known);
    *out = (gb_allowed){0};
}

/* ---- what is to be granted, as keys and values ----------------------------------------------- */

enum { TEXTS = 4, SWITCHES = 3 };

typedef struct grant {
    gb_strings table; /* its keys from the top */
    gb_strings read;  /* as the manifest has it: relative */
    struct {
        const char *key;
        const gb_strings *values;
    } texts[TEXTS];
    struct {
        const char *key;
        bool on;
    } switches[SWITCHES];
} grant;

static void grant_free(grant *g) {
    gb_strings_free(&g->table);
    gb_strings_free(&g->read);
}

/* A path of this machine becomes one of the workspace. */
static bool add_path(const char *path, const char *root, gb_strings *list, gb_error *err) {
    if (path[0] != '/') {
        while (gb_text_starts(path, "./")) path += 2;
        gb_strings_add(list, path);
        return true;
    }
    char *normal = gb_path_absolute(NULL, path);
    const char *below = normal == NULL ? NULL : gb_path_under(normal, root);
    bool ok = below != NULL ||
              gb_fail(err, GB_ERROR_USAGE,
                      "%s lies outside of the workspace %s, where no grant reaches", path, root);
    if (ok) gb_strings_add(list, *below == '\0' ? "**" : below);
    free(normal);
    return ok;
}

static bool make_grant(const gb_allow *allow, const gb_manifest_policy *policy, grant *g,
                       gb_error *err) {
    *g = (grant){.texts = {{"read", &g->read},
                           {"env", &allow->env},
                           {"run", &allow->run},
                           {"allow", &allow->output}},
                 .switches = {{"clock", allow->clock},
                              {"random", allow->random},
                              {"native", allow->native}}};
    char *root = gb_path_parent(policy->manifest);
    bool ok = root != NULL || no_memory(err);
    for (size_t i = 0; ok && i < allow->read.count; i++) {
        ok = add_path(allow->read.items[i], root, &g->read, err);
    }
    free(root);
    gb_text_split(&g->table, policy->table, '.');
    gb_strings_add_each(&g->table, "package", allow->package, NULL);
    return ok && gb_strings_ok(&g->read, err) && gb_strings_ok(&g->table, err);
}

/* ---- as text --------------------------------------------------------------------------------- */

static bool edit(const grant *g, gb_buffer *text, gb_error *err) {
    bool ok = true;
    for (int i = 0; ok && i < TEXTS; i++) {
        gb_toml_key key = {&g->table, g->texts[i].key};
        ok = g->texts[i].values->count == 0 ||
             gb_toml_add_texts(text, &key, g->texts[i].values, err);
    }
    for (int i = 0; ok && i < SWITCHES; i++) {
        gb_toml_key key = {&g->table, g->switches[i].key};
        ok = !g->switches[i].on || gb_toml_set_true(text, &key, err);
    }
    return ok;
}

/* ---- as Cargo's metadata will have it -------------------------------------------------------- */

static cJSON *member_table(cJSON *object, const char *key) {
    cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (cJSON_IsObject(item)) return item;
    if (item != NULL) cJSON_DeleteItemFromObjectCaseSensitive(object, key); /* null */
    return cJSON_AddObjectToObject(object, key);
}

static cJSON *root_package(const cJSON *metadata, const char *manifest) {
    cJSON *package;
    cJSON_ArrayForEach(package, cJSON_GetObjectItemCaseSensitive(metadata, "packages")) {
        const char *path = gb_json_text(package, "manifest_path");
        if (path != NULL && strcmp(path, manifest) == 0) return package;
    }
    return NULL;
}

static bool add_texts(cJSON *table, const char *key, const gb_strings *values) {
    cJSON *array = cJSON_GetObjectItemCaseSensitive(table, key);
    if (array == NULL) array = cJSON_AddArrayToObject(table, key);
    bool ok = array != NULL;
    for (size_t i = 0; ok && i < values->count; i++) {
        const cJSON *item;
        bool there = false;
        cJSON_ArrayForEach(item, array) {
            there = there || strcmp(cJSON_GetStringValue(item), values->items[i]) == 0;
        }
        ok = there || cJSON_AddItemToArray(array, cJSON_CreateString(values->items[i]));
    }
    return ok;
}

/* The first key of a table's path is where Cargo's output has it; the rest is as it is written. */
static bool apply(const grant *g, const char *manifest, cJSON *metadata, gb_error *err) {
    bool of_package = strcmp(g->table.items[0], "package") == 0;
    cJSON *table = of_package ? root_package(metadata, manifest) : metadata;
    for (size_t i = 1; table != NULL && i < g->table.count; i++) {
        table = member_table(table, g->table.items[i]);
    }
    bool ok = table != NULL;
    for (int i = 0; ok && i < TEXTS; i++) {
        ok =
            g->texts[i].values->count == 0 || add_texts(table, g->texts[i].key, g->texts[i].values);
    }
    for (int i = 0; ok && i < SWITCHES; i++) {
        if (!g->switches[i].on) continue;
        cJSON_DeleteItemFromObjectCaseSensitive(table, g->switches[i].key);
        ok = cJSON_AddTrueToObject(table, g->switches[i].key) != NULL;
    }
    return ok || no_memory(err);
}

/* ---- asking Cargo ---------------------------------------------------------------------------- */

/* NULL: err; with an empty message Cargo has said why, or was not to. */
static cJSON *ask_cargo(const char *manifest_path, bool quiet, gb_error *err) {
    const char *cargo = getenv("CARGO");
    gb_strings args = {0};
    gb_buffer out = {0};
    gb_strings_add_each(&args, cargo != NULL && *cargo != '\0' ? cargo : "cargo", "metadata",
                        "--no-deps", "--offline", "--format-version", "1", NULL);
    if (manifest_path != NULL) gb_strings_add_each(&args, "--manifest-path", manifest_path, NULL);
    gb_process p = {.args = &args, .out = {.kind = GB_OUT_CAPTURE, .buffer = &out}};
    if (quiet) p.err.kind = GB_OUT_NULL;
    gb_exit exit;
    bool ok = gb_strings_ok(&args, err) && gb_process_run(&p, &exit, err);
    if (ok && exit.code != 0) ok = gb_fail(err, GB_ERROR_USAGE, "%s", "");
    cJSON *metadata =
        ok ? gb_json_parse(gb_buffer_text(&out), out.length, "the output of cargo metadata", err)
           : NULL;
    gb_strings_free(&args);
    gb_buffer_free(&out);
    return metadata;
}

static bool read_policy(const cJSON *metadata, gb_manifest_policy *policy, gb_error *err) {
    gb_buffer text = {0};
    bool ok = gb_manifest_policy_extract(metadata, &text, err) &&
              gb_manifest_policy_parse(gb_buffer_text(&text), policy, err);
    gb_buffer_free(&text);
    return ok;
}

/* ---- exchanging the file --------------------------------------------------------------------- */

/* Does Cargo read what it should? */
static bool verify(const cJSON *wanted, const char *manifest, gb_error *err) {
    cJSON *now = ask_cargo(manifest, true, err);
    gb_manifest_policy policy = {0};
    bool ok = now != NULL && cJSON_Compare(now, wanted, true);
    if (ok) ok = read_policy(now, &policy, err); /* a grant that is none is not written either */
    else gb_fail(err, GB_ERROR_INVALID, "Cargo would read something else in it");
    gb_manifest_policy_free(&policy);
    cJSON_Delete(now);
    return ok;
}

/* Cargo takes a manifest only by its own name, so the new one is put there for the look; the old
 * one waits beside it under a name of its own, and comes back by one rename. */
static bool exchange(const char *path, const gb_buffer *text, const cJSON *wanted,
                     const char *manifest, gb_error *err) {
    struct stat st;
    char *folder = gb_path_parent(path);
    char *old = folder == NULL
                    ? NULL
                    : gb_text_format("%s/.%s.old-%ld", folder, gb_path_name(path), (long)getpid());
    free(folder);
    if (old == NULL) return no_memory(err);
    bool ok = stat(path, &st) == 0 && link(path, old) == 0;
    if (!ok) gb_fail_errno(err, "cannot keep a copy of %s beside it", path);
    if (ok) {
        ok = gb_file_write(path, text->data, text->length, st.st_mode & 07777, err) &&
             verify(wanted, manifest, err);
        if (ok) unlink(old);
        else rename(old, path);
    }
    free(old);
    return ok;
}

/* Not to be stopped between the two renames. */
static bool exchange_undisturbed(const char *path, const gb_buffer *text, const cJSON *wanted,
                                 const char *manifest, gb_error *err) {
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, &before);
    bool ok = exchange(path, text, wanted, manifest, err);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ok;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* False when there is a lock file and the package is not in it. */
static bool is_in_build(const gb_allow *allow, const char *manifest, gb_allowed *out,
                        gb_error *err) {
    char *folder = gb_path_parent(manifest);
    char *lock = folder == NULL ? NULL : gb_path_join(folder, "Cargo.lock");
    gb_buffer text = {0};
    bool found = true;
    if (lock != NULL && gb_file_exists(lock) && gb_file_read(lock, &text, NULL)) {
        found = gb_lock_file_has(gb_buffer_text(&text), allow->package);
        if (!found) gb_lock_file_names(gb_buffer_text(&text), &out->known);
    }
    free(folder);
    free(lock);
    gb_buffer_free(&text);
    return found ||
           gb_fail(err, GB_ERROR_USAGE, "no package `%s` is in this build", allow->package);
}

static bool write_grant(const grant *g, const gb_manifest_policy *policy, cJSON *metadata,
                        gb_allowed *out, gb_error *err) {
    gb_buffer text = {0}, before = {0};
    char *path = gb_path_real(policy->manifest, err); /* it may be a link */
    gb_error why = {0};
    bool ok = path != NULL && gb_file_read(path, &before, err) &&
              apply(g, policy->manifest, metadata, err) &&
              (gb_buffer_append(&text, before.data, before.length) || no_memory(err));
    if (ok) {
        ok = edit(g, &text, &why);
        out->changed = ok && (text.length != before.length ||
                              memcmp(text.data, before.data, text.length) != 0);
        ok = ok &&
             (!out->changed || exchange_undisturbed(path, &text, metadata, policy->manifest, &why));
        if (!ok) {
            gb_fail(err, why.kind, "%s was left as it is: %.400s\nhelp: add by hand:\n%.400s",
                    policy->manifest, why.message, out->lines);
        }
    }
    free(path);
    gb_buffer_free(&text);
    gb_buffer_free(&before);
    return ok;
}

static bool write_with(const gb_allow *allow, const gb_manifest_policy *policy, cJSON *metadata,
                       gb_allowed *out, gb_error *err) {
    grant g;
    gb_buffer lines = {0};
    bool ok = is_in_build(allow, policy->manifest, out, err) && make_grant(allow, policy, &g, err);
    if (!ok) return false;
    ok = edit(&g, &lines, err); /* into nothing: the lines alone */
    out->manifest = gb_text_copy(policy->manifest);
    out->lines = gb_text_copy(gb_buffer_text(&lines));
    ok = ok && ((out->manifest != NULL && out->lines != NULL) || no_memory(err)) &&
         write_grant(&g, policy, metadata, out, err);
    gb_buffer_free(&lines);
    grant_free(&g);
    return ok;
}

bool gb_allow_write(const gb_allow *allow, gb_allowed *out, gb_error *err) {
    gb_manifest_policy policy = {0};
    *out = (gb_allowed){0};
    cJSON *metadata = ask_cargo(allow->manifest_path, false, err);
    bool ok = metadata != NULL && read_policy(metadata, &policy, err) &&
              write_with(allow, &policy, metadata, out, err);
    gb_manifest_policy_free(&policy);
    cJSON_Delete(metadata);
    return ok;
}
