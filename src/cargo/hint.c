#include "cargo/hint.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "manifest/manifest_policy.h"

/* One package and what it depends on in the ordinary way (not for its build script, not for tests). */
typedef struct node {
    const char *id;
    const cJSON *package; /* of "packages" */
    const cJSON *deps;    /* of "resolve.nodes" */
    bool reached;   /* from a macro crate */
    bool confined;  /* from native ones alone */
} node;

static int by_id(const void *a, const void *b) {
    return strcmp(((const node *)a)->id, ((const node *)b)->id);
}

static node *find_node(node *nodes, size_t count, const char *id) {
    node key = {.id = id};
    return id == NULL ? NULL : bsearch(&key, nodes, count, sizeof *nodes, by_id);
}

static bool is_macro_crate(const cJSON *package) {
    const cJSON *target, *kind;
    cJSON_ArrayForEach(target, cJSON_GetObjectItemCaseSensitive(package, "targets")) {
        cJSON_ArrayForEach(kind, cJSON_GetObjectItemCaseSensitive(target, "kind")) {
            if (cJSON_IsString(kind) && strcmp(kind->valuestring, "proc-macro") == 0) return true;
        }
    }
    return false;
}

static bool is_native(const cJSON *package, const char *policy) {
    const char *name = gb_json_text(package, "name"), *version = gb_json_text(package, "version");
    return name != NULL && version != NULL && gb_manifest_policy_is_native(policy, name, version);
}

static bool is_ordinary(const cJSON *dep) {
    const cJSON *kind;
    cJSON_ArrayForEach(kind, cJSON_GetObjectItemCaseSensitive(dep, "dep_kinds")) {
        if (gb_json_text(kind, "kind") == NULL) return true; /* null: a normal dependency */
    }
    return false;
}

/* From all that macro crates of one kind reach and nobody before. Depth first with a stack of its own: a graph can
 * be deep. Each node is pushed at most once. */
static void reach_from(node *nodes, size_t count, node **stack, const char *policy, bool native) {
    size_t depth = 0;
    for (size_t i = 0; i < count; i++) {
        if (!nodes[i].reached && is_macro_crate(nodes[i].package) &&
            is_native(nodes[i].package, policy) == native) {
            nodes[i].reached = true;
            nodes[i].confined = native;
            stack[depth++] = &nodes[i];
        }
        while (depth > 0) {
            const cJSON *dep, *deps = stack[--depth]->deps;
            cJSON_ArrayForEach(dep, deps) {
                node *to = is_ordinary(dep)
                               ? find_node(nodes, count, gb_json_text(dep, "pkg"))
                               : NULL;
                if (to == NULL || to->reached) continue;
                to->reached = true;
                to->confined = native;
                stack[depth++] = to;
            }
        }
    }
}

static bool reach(node *nodes, size_t count, const char *policy, gb_error *err) {
    node **stack = calloc(count + 1, sizeof(node *));
    if (stack == NULL) return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    reach_from(nodes, count, stack, policy, false);
    reach_from(nodes, count, stack, policy, true);
    free(stack);
    return true;
}

static bool fill(const cJSON *graph, const char *policy, node *nodes, size_t *count, gb_error *err) {
    const cJSON *package, *entry;
    cJSON_ArrayForEach(package, cJSON_GetObjectItemCaseSensitive(graph, "packages")) {
        const char *id = gb_json_text(package, "id");
        if (id != NULL) nodes[(*count)++] = (node){.id = id, .package = package};
    }
    qsort(nodes, *count, sizeof *nodes, by_id);
    const cJSON *resolve = cJSON_GetObjectItemCaseSensitive(graph, "resolve");
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(resolve, "nodes")) {
        node *n = find_node(nodes, *count, gb_json_text(entry, "id"));
        if (n != NULL) n->deps = cJSON_GetObjectItemCaseSensitive(entry, "deps");
    }
    return reach(nodes, *count, policy, err);
}

bool gb_hint_list(const char *json, size_t length, const char *policy, gb_strings *list, gb_error *err) {
    cJSON *graph = gb_json_parse(json, length, "the output of cargo metadata", err);
    if (graph == NULL) return false;
    int packages = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(graph, "packages"));
    node *nodes = calloc((size_t)packages + 1, sizeof *nodes);
    size_t count = 0;
    bool ok = nodes != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    ok = ok && fill(graph, policy, nodes, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        const char *name = gb_json_text(nodes[i].package, "name");
        const char *version = gb_json_text(nodes[i].package, "version");
        bool guest = nodes[i].reached && !nodes[i].confined;
        if (guest || nodes[i].deps == NULL || name == NULL || version == NULL) continue;
        gb_strings_add_format(list, "%s %s%s", name, version, nodes[i].confined ? " confined" : "");
    }
    free(nodes);
    cJSON_Delete(graph);
    return ok && gb_strings_ok(list, err);
}

/* ---- once a session ----------------------------------------------------------------------- */

static bool ask_cargo(const gb_session *session, gb_buffer *out) {
    gb_strings args = {0}, extra = {0}, env = {0};
    gb_strings_add_each(&args, session->cargo, "metadata", "--format-version", "1", "--offline",
                        NULL);
    gb_strings_add_all(&args, &session->metadata);
    /* Else Cargo would make the project's plain target folder for its note about rustc. */
    gb_strings_add_format(&extra, "CARGO_TARGET_DIR=%s", session->build_root);
    bool ok = gb_session_env_for(session, &extra, &env, NULL);
    gb_process p = {.args = &args,
                    .set = &env,
                    .clear_env = true,
                    .cwd = session->cwd,
                    .out = {.kind = GB_OUT_CAPTURE, .buffer = out},
                    .err = {.kind = GB_OUT_NULL}};
    gb_exit exit;
    ok = ok && gb_strings_ok(&args, NULL) && gb_strings_ok(&extra, NULL) &&
         gb_process_run(&p, &exit, NULL) && exit.code == 0;
    gb_strings_free(&args);
    gb_strings_free(&extra);
    gb_strings_free(&env);
    return ok;
}

/* "NAME VERSION\tTEXT", a line for each package that says what it needs. */
static bool list_needs(const cJSON *graph, gb_buffer *out) {
    const cJSON *package;
    bool ok = gb_buffer_append_text(out, "\n");
    cJSON_ArrayForEach(package, cJSON_GetObjectItemCaseSensitive(graph, "packages")) {
        const char *name = gb_json_text(package, "name");
        const char *version = gb_json_text(package, "version");
        gb_buffer needs = {0};
        gb_manifest_needs(cJSON_GetObjectItemCaseSensitive(package, "metadata"), &needs);
        if (needs.length > 0 && name != NULL && version != NULL) {
            ok = ok && gb_buffer_append_format(out, "%s %s\t%s\n", name, version,
                                               gb_buffer_text(&needs));
        }
        gb_buffer_free(&needs);
    }
    return ok;
}

static void write_needs(const gb_session *session, const gb_buffer *json) {
    gb_buffer text = {0};
    char *path = gb_path_join(session->folder, "needs");
    cJSON *graph = gb_json_parse(gb_buffer_text(json), json->length, "cargo metadata", NULL);
    if (path != NULL && graph != NULL && list_needs(graph, &text)) {
        gb_file_write_text(path, gb_buffer_text(&text), NULL);
    }
    cJSON_Delete(graph);
    gb_buffer_free(&text);
    free(path);
}

/* Writes the session's files of packages that are not for the guest first, and of needs. A Cargo that cannot answer leaves them
 * empty: then every library is made for the guest first. */
static void make_hint(const gb_session *session, const char *path) {
    gb_buffer json = {0}, text = {0};
    gb_strings list = {0};
    if (ask_cargo(session, &json)) {
        gb_hint_list(gb_buffer_text(&json), json.length, session->policy, &list, NULL);
        write_needs(session, &json);
    }
    bool ok = gb_buffer_append_text(&text, "\n");
    for (size_t i = 0; ok && i < list.count; i++) {
        ok = gb_buffer_append_format(&text, "%s\n", list.items[i]);
    }
    if (ok) gb_file_write_text(path, gb_buffer_text(&text), NULL);
    gb_strings_free(&list);
    gb_buffer_free(&json);
    gb_buffer_free(&text);
}

static bool listed(const gb_buffer *text, const char *package, const char *version, const char *what) {
    char *line = gb_text_format("\n%s %s%s\n", package, version, what);
    bool found = line != NULL && strstr(gb_buffer_text(text), line) != NULL;
    free(line);
    return found;
}

/* Makes the files unless another process has; the path of the first, malloc'ed, or NULL. */
static char *hint_file(const gb_session *session) {
    char *path = gb_path_join(session->folder, "hint");
    char *lock_path = gb_path_join(session->folder, "hint.lock");
    if (path != NULL && lock_path != NULL && !gb_file_exists(path)) {
        int lock = gb_lock_take(lock_path, false, NULL, NULL, NULL);
        if (!gb_file_exists(path)) make_hint(session, path);
        if (lock >= 0) gb_lock_release(lock);
    }
    free(lock_path);
    return path;
}

gb_side gb_hint_side(const gb_session *session, const char *package, const char *version) {
    if (package == NULL || version == NULL) return GB_SIDE_GUEST;
    char *path = hint_file(session);
    gb_buffer text = {0};
    gb_side side = GB_SIDE_GUEST;
    if (path != NULL && gb_file_read(path, &text, NULL)) {
        if (listed(&text, package, version, "")) side = GB_SIDE_NATIVE;
        else if (listed(&text, package, version, " confined")) side = GB_SIDE_CONFINED;
    }
    gb_buffer_free(&text);
    free(path);
    return side;
}

char *gb_hint_needs(const gb_session *session, const char *package, const char *version) {
    gb_buffer text = {0};
    free(hint_file(session));
    char *path = gb_path_join(session->folder, "needs"), *found = NULL;
    char *start = gb_text_format("\n%s %s\t", package, version);
    if (path != NULL && start != NULL && gb_file_exists(path) && gb_file_read(path, &text, NULL)) {
        const char *line = strstr(gb_buffer_text(&text), start);
        if (line != NULL) {
            line += strlen(start);
            found = gb_text_copy_n(line, strcspn(line, "\n"));
        }
    }
    gb_buffer_free(&text);
    free(path);
    free(start);
    return found;
}
