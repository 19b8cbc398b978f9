#include "cargo/expansions.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/process.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

static void expansion_free(gb_expansion *e) {
    char **texts[] = {&e->macro, &e->kind, &e->crate,  &e->version,
                      &e->file,  &e->item, &e->output, &e->code};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) free(*texts[i]);
}

void gb_expansions_free(gb_expansions *expansions) {
    for (size_t i = 0; i < expansions->count; i++) expansion_free(&expansions->items[i]);
    free(expansions->items);
    *expansions = (gb_expansions){0};
}

/* ---- records ------------------------------------------------------------------------------- */

static bool fill(const cJSON *record, gb_expansion *e) {
    const char *keys[] = {"macro", "kind", "crate", "version", "file", "output"};
    char **places[] = {&e->macro, &e->kind, &e->crate, &e->version, &e->file, &e->output};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *text = gb_json_text(record, keys[i]);
        *places[i] = text == NULL ? NULL : gb_text_copy(text);
        if (*places[i] == NULL) return false;
    }
    const char *item = gb_json_text(record, "item");
    double line = gb_json_number(record, "line", 0), column = gb_json_number(record, "column", 0);
    e->line = line > 0 && line < 1e9 ? (size_t)line : 0;
    e->column = column > 0 && column < 1e9 ? (size_t)column : 0;
    if (item != NULL) e->item = gb_text_copy(item);
    e->code = gb_text_copy(e->output);
    return e->code != NULL;
}

static bool add_line(const char *line, size_t length, const char *path, gb_expansions *out,
                     gb_error *err) {
    if (length == 0) return true;
    cJSON *record = gb_json_parse(line, length, path, err);
    if (record == NULL) return false;
    gb_expansion *grown = realloc(out->items, (out->count + 1) * sizeof *grown);
    bool ok = grown != NULL || no_memory(err);
    if (ok) {
        out->items = grown;
        grown[out->count] = (gb_expansion){0};
        out->count++;
        ok = fill(record, &grown[out->count - 1]) ||
             gb_fail(err, GB_ERROR_MALFORMED, "%s: a record lacks a member", path);
    }
    cJSON_Delete(record);
    return ok;
}

static bool read_file(const char *path, gb_expansions *out, gb_error *err) {
    gb_buffer text = {0};
    bool ok = gb_file_read(path, &text, err);
    for (const char *at = gb_buffer_text(&text); ok && *at != '\0';) {
        size_t n = strcspn(at, "\n");
        /* A compiler that was killed may have left half a line at the end. */
        if (at[n] == '\0') break;
        ok = add_line(at, n, path, out, err);
        at += n + 1;
    }
    gb_buffer_free(&text);
    return ok;
}

static int by_place(const void *a, const void *b) {
    const gb_expansion *x = a, *y = b;
    int order = strcmp(x->file, y->file);
    if (order != 0) return order;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    order = strcmp(x->macro, y->macro);
    return order != 0 ? order : strcmp(x->output, y->output);
}

bool gb_expansions_read(const char *folder, gb_expansions *out, gb_error *err) {
    *out = (gb_expansions){0};
    gb_strings names = {0};
    bool ok = gb_dir_list(folder, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        if (!gb_text_ends(names.items[i], ".jsonl")) continue;
        char *path = gb_path_join(folder, names.items[i]);
        ok = (path != NULL || no_memory(err)) && read_file(path, out, err);
        free(path);
    }
    gb_strings_free(&names);
    if (!ok) gb_expansions_free(out);
    else if (out->count > 0) qsort(out->items, out->count, sizeof *out->items, by_place);
    return ok;
}

void gb_expansions_filter(gb_expansions *expansions, const char *macro, const char *item) {
    size_t kept = 0;
    const char *last = item == NULL ? NULL : strrchr(item, ':');
    const char *name = last != NULL ? last + 1 : item;
    for (size_t i = 0; i < expansions->count; i++) {
        gb_expansion *e = &expansions->items[i];
        bool keep = (macro == NULL || strcmp(e->macro, macro) == 0) &&
                    (name == NULL || (e->item != NULL && strcmp(e->item, name) == 0));
        if (keep) expansions->items[kept++] = *e;
        else expansion_free(e);
    }
    expansions->count = kept;
}

/* ---- rustfmt ------------------------------------------------------------------------------- */

static bool run_rustfmt(const char *rustfmt, const gb_buffer *in, gb_buffer *out) {
    gb_strings args = {0};
    gb_strings_add_each(&args, rustfmt, "--edition", "2021", "--emit", "stdout", NULL);
    gb_process p = {.args = &args,
                    .input = in->data,
                    .input_length = in->length,
                    .out = {.kind = GB_OUT_CAPTURE, .buffer = out},
                    .err = {.kind = GB_OUT_NULL}};
    gb_exit exit;
    bool ok = gb_strings_ok(&args, NULL) && gb_process_run(&p, &exit, NULL) && exit.code == 0;
    gb_strings_free(&args);
    return ok;
}

/* rustfmt keeps comments: one before each expansion takes them all through one process. */
#define MARK "// glovebox expansion "

static bool is_items(const gb_expansion *e) {
    return strcmp(e->kind, "function") != 0;
}

static void set_code(gb_expansion *e, const char *text, size_t length) {
    while (length > 0 && (*text == '\n' || *text == ' ')) text++, length--;
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' ')) length--;
    char *code = gb_text_copy_n(text, length);
    if (code == NULL) return;
    free(e->code);
    e->code = code;
}

static bool format_together(gb_expansions *all, const char *rustfmt) {
    gb_buffer in = {0}, out = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < all->count; i++) {
        if (!is_items(&all->items[i])) continue;
        ok = gb_buffer_append_format(&in, "\n" MARK "%zu\n", i) &&
             gb_buffer_append_text(&in, all->items[i].output);
    }
    ok = ok && in.length > 0 && run_rustfmt(rustfmt, &in, &out);
    const char *at = ok ? strstr(gb_buffer_text(&out), MARK) : NULL;
    while (at != NULL) {
        size_t index = strtoul(at + strlen(MARK), NULL, 10);
        const char *body = at + strcspn(at, "\n"), *next = strstr(body, MARK);
        size_t length = next != NULL ? (size_t)(next - body) : strlen(body);
        if (index < all->count) set_code(&all->items[index], body, length);
        at = next;
    }
    gb_buffer_free(&in);
    gb_buffer_free(&out);
    return ok;
}

/* Takes the lines between the braces of a function out again, four blanks to the left. */
static void unwrap(gb_expansion *e, const char *text) {
    gb_buffer out = {0};
    const char *at = strchr(text, '\n'), *end = strrchr(text, '}');
    bool ok = at != NULL && end != NULL && at < end;
    for (at = ok ? at + 1 : NULL; ok && at < end;) {
        size_t n = strcspn(at, "\n"), skip = strspn(at, " ");
        skip = skip > 4 ? 4 : skip;
        ok = gb_buffer_append(&out, at + skip, n - (skip > n ? n : skip)) &&
             gb_buffer_append_text(&out, "\n");
        at += n + 1;
    }
    if (ok) set_code(e, gb_buffer_text(&out), out.length);
    gb_buffer_free(&out);
}

/* As items, or as what can stand in a function: an expression, statements. */
static void format_alone(gb_expansion *e, const char *rustfmt) {
    gb_buffer in = {0}, out = {0};
    if (gb_buffer_append_text(&in, e->output) && run_rustfmt(rustfmt, &in, &out)) {
        set_code(e, gb_buffer_text(&out), out.length);
    } else {
        gb_buffer_clear(&in);
        gb_buffer_clear(&out);
        if (gb_buffer_append_format(&in, "fn f() {\n%s\n}\n", e->output) &&
            run_rustfmt(rustfmt, &in, &out)) {
            unwrap(e, gb_buffer_text(&out));
        }
    }
    gb_buffer_free(&in);
    gb_buffer_free(&out);
}

bool gb_expansions_format(gb_expansions *expansions, const char *rustfmt) {
    if (!gb_file_executable(rustfmt)) return false;
    bool together = format_together(expansions, rustfmt);
    for (size_t i = 0; i < expansions->count; i++) {
        gb_expansion *e = &expansions->items[i];
        if (!together || !is_items(e)) format_alone(e, rustfmt);
    }
    return true;
}

/* ---- making them --------------------------------------------------------------------------- */

static bool run_verb(gb_expand_request *request, const char *verb, const gb_strings *args,
                     const gb_strings *env, int *code, gb_error *err) {
    gb_strings words = {0};
    gb_cargo_line line;
    gb_cargo_outcome outcome;
    gb_strings_add(&words, verb);
    gb_strings_add_all(&words, args);
    if (!gb_strings_ok(&words, err) ||
        !gb_cargo_line_parse((int)words.count, words.items, &line, err)) {
        gb_strings_free(&words);
        return false;
    }
    request->call.line = &line;
    request->call.set_env = env;
    bool ok = gb_cargo_run(&request->call, &outcome, err);
    if (ok) {
        *code = outcome.code;
        gb_cargo_outcome_free(&outcome);
    }
    request->call.line = NULL;
    gb_cargo_line_free(&line);
    gb_strings_free(&words);
    return ok;
}

static void add_packages(const gb_expand_request *request, gb_strings *args) {
    for (size_t i = 0; i < request->packages.count; i++) {
        gb_strings_add_each(args, "-p", request->packages.items[i], NULL);
    }
}

/* The package of the folder, which `cargo clean` wants by name. */
static bool find_package(gb_expand_request *request, gb_error *err) {
    gb_strings args = {0};
    gb_buffer out = {0};
    gb_exit exit;
    const char *cargo = getenv("CARGO");
    gb_strings_add_each(&args, cargo != NULL ? cargo : "cargo", "pkgid", NULL);
    gb_process p = {.args = &args, .out = {.kind = GB_OUT_CAPTURE, .buffer = &out}};
    bool ok = gb_strings_ok(&args, err) && gb_process_run(&p, &exit, err);
    if (ok && exit.code != 0) {
        ok = gb_fail(err, GB_ERROR_USAGE,
                     "name the package to look at: `cargo glovebox expand -p PACKAGE`");
    }
    const char *text = gb_buffer_text(&out);
    if (ok) gb_strings_add_n(&request->packages, text, strcspn(text, "\r\n"));
    gb_strings_free(&args);
    gb_buffer_free(&out);
    return ok && gb_strings_ok(&request->packages, err);
}

/* First everything, so that what is recorded afterwards is the package's own; then it alone, anew. */
static bool compile(gb_expand_request *request, const char *folder, int *code, gb_error *err) {
    gb_strings args = {0}, clean = {0}, env = {0};
    add_packages(request, &args);
    add_packages(request, &clean);
    gb_strings_add(&clean, "--quiet");
    gb_strings_add_all(&args, &request->args);
    gb_strings_add_format(&env, "GLOVEBOX_EXPAND=%s", folder);
    int cleaned = 0;
    bool ok = gb_strings_ok(&args, err) && gb_strings_ok(&clean, err) && gb_strings_ok(&env, err) &&
              run_verb(request, "check", &args, NULL, code, err) &&
              run_verb(request, "clean", &clean, NULL, &cleaned, err);
    gb_strings_add(&args, "--quiet");
    ok = ok && gb_strings_ok(&args, err) && run_verb(request, "check", &args, &env, code, err);
    gb_strings_free(&args);
    gb_strings_free(&clean);
    gb_strings_free(&env);
    return ok;
}

bool gb_expansions_make(gb_expand_request *request, gb_expansions *out, int *code, gb_error *err) {
    *out = (gb_expansions){0};
    *code = 0;
    if (request->packages.count == 0 && !find_package(request, err)) return false;
    const char *tmp = getenv("TMPDIR");
    char *folder = gb_dir_make_temporary(tmp != NULL && *tmp != '\0' ? tmp : "/tmp",
                                         "glovebox-expand-", err);
    if (folder == NULL) return false;
    bool ok = compile(request, folder, code, err) && gb_expansions_read(folder, out, err);
    gb_path_remove(folder, NULL);
    free(folder);
    return ok;
}
