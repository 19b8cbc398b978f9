#include "cargo/cmdline.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"

/* Options that take a value, long name and short letter. A flag that is not here takes none; rustc
 * refuses what it does not know, so an unknown option with a separate value does not occur. */
static const struct option_spec {
    const char *name;
    const char *alias;
} with_value[] = {
    {"-L", NULL},
    {"-l", NULL},
    {"-o", NULL},
    {"-C", "--codegen"},
    {"-A", "--allow"},
    {"-W", "--warn"},
    {"-D", "--deny"},
    {"-F", "--forbid"},
    {"-Z", NULL},
    {"--cfg", NULL},
    {"--check-cfg", NULL},
    {"--crate-type", NULL},
    {"--crate-name", NULL},
    {"--crate-version", NULL},
    {"--edition", NULL},
    {"--emit", NULL},
    {"--print", NULL},
    {"--out-dir", NULL},
    {"--explain", NULL},
    {"--target", NULL},
    {"--force-warn", NULL},
    {"--cap-lints", NULL},
    {"--extern", NULL},
    {"--sysroot", NULL},
    {"--error-format", NULL},
    {"--json", NULL},
    {"--color", NULL},
    {"--diagnostic-width", NULL},
    {"--remap-path-prefix", NULL},
    {"--remap-path-scope", NULL},
    {"--env-set", NULL},
    {"--pretty", NULL},
    /* rustdoc */
    {"--test-args", NULL},
    {"--test-run-directory", NULL},
    {"--test-runtool", NULL},
    {"--test-runtool-arg", NULL},
    {"--test-builder", NULL},
    {"--test-builder-wrapper", NULL},
    {"--passes", NULL},
    {"--html-in-header", NULL},
    {"--html-before-content", NULL},
    {"--html-after-content", NULL},
    {"--markdown-css", NULL},
    {"--markdown-playground-url", NULL},
    {"--index-page", NULL},
    {"--theme", NULL},
    {"--resource-suffix", NULL},
    {"--extern-html-root-url", NULL},
    {"--output-format", NULL},
    {"--scrape-examples-output-path", NULL},
    {"--scrape-examples-target-crate", NULL},
    {"--with-examples", NULL},
    {"--persist-doctests", NULL},
    {"--parts-out-dir", NULL},
    {"--include-parts-dir", NULL},
    {"--merge", NULL},
};

enum { SPEC_COUNT = sizeof with_value / sizeof with_value[0] };

/* The option as spelled, when it takes a value: its name's length in `arg` is *length. */
static const struct option_spec *find_spec(const char *arg, size_t *length) {
    for (size_t i = 0; i < SPEC_COUNT; i++) {
        const char *names[2] = {with_value[i].name, with_value[i].alias};
        for (int k = 0; k < 2; k++) {
            if (names[k] == NULL || !gb_text_starts(arg, names[k])) continue;
            size_t n = strlen(names[k]);
            bool is_short = names[k][1] != '-';
            if (arg[n] == '\0' || arg[n] == '=' || is_short) {
                *length = n;
                return &with_value[i];
            }
        }
    }
    return NULL;
}

static bool same_option(const char *written, const char *name) {
    if (strcmp(written, name) == 0) return true;
    for (size_t i = 0; i < SPEC_COUNT; i++) {
        const struct option_spec *s = &with_value[i];
        if (s->alias == NULL) continue;
        bool a = strcmp(written, s->name) == 0 || strcmp(written, s->alias) == 0;
        bool b = strcmp(name, s->name) == 0 || strcmp(name, s->alias) == 0;
        if (a && b) return true;
    }
    return false;
}

static bool add_arg(gb_command *c, const char *name, size_t name_length, const char *value,
                    gb_error *err) {
    gb_arg *grown = realloc(c->args, (c->count + 1) * sizeof *grown);
    if (grown == NULL) return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    c->args = grown;
    gb_arg *arg = &grown[c->count];
    arg->name = gb_text_copy_n(name, name_length);
    arg->value = value == NULL ? NULL : gb_text_copy(value);
    c->count++;
    if (arg->name == NULL || (value != NULL && arg->value == NULL)) {
        return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    }
    return true;
}

/* Adds the words of argv to `words`, @FILE replaced by the file's lines. rustc does not look into such
 * a file for another one. */
static bool expand_files(int argc, char *const *argv, gb_strings *words, gb_error *err) {
    for (int i = 0; i < argc; i++) {
        if (argv[i][0] != '@') {
            gb_strings_add(words, argv[i]);
            continue;
        }
        gb_buffer text = {0};
        if (!gb_file_read(argv[i] + 1, &text, err)) return false;
        const char *at = gb_buffer_text(&text);
        while (*at != '\0') {
            size_t n = strcspn(at, "\n");
            size_t trimmed = n > 0 && at[n - 1] == '\r' ? n - 1 : n;
            gb_strings_add_n(words, at, trimmed);
            at += n + (at[n] == '\n');
        }
        gb_buffer_free(&text);
    }
    return gb_strings_ok(words, err);
}

static bool parse_words(const gb_strings *words, gb_command *c, gb_error *err) {
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        size_t n = 0;
        if (word[0] != '-' || word[1] == '\0') {
            if (!add_arg(c, "", 0, word, err)) return false;
        } else if (find_spec(word, &n) == NULL) {
            if (!add_arg(c, word, strlen(word), NULL, err)) return false;
        } else if (word[n] != '\0') {
            const char *value = word + n + (word[n] == '=');
            if (!add_arg(c, word, n, value, err)) return false;
        } else {
            const char *value = i + 1 < words->count ? words->items[++i] : NULL;
            if (!add_arg(c, word, n, value, err)) return false;
        }
    }
    return true;
}

/* `wrapper clippy-driver /path/rustc ARGS`: the second word is a program, not an input, when it
 * is named like the compiler or may be run. Cargo puts the input after options, never first. */
static bool names_compiler(const char *word) {
    const char *name = gb_path_name(word);
    if (word[0] == '-' || gb_text_ends(word, ".rs")) return false;
    return strcmp(name, "rustc") == 0 || strcmp(name, "rustc.exe") == 0 ||
           (strchr(word, '/') != NULL && gb_file_executable(word));
}

bool gb_command_parse(int argc, char *const *argv, gb_command *c, gb_error *err) {
    *c = (gb_command){0};
    if (argc < 1) {
        return gb_fail(err, GB_ERROR_USAGE, "the compiler wrapper was called without a compiler");
    }
    int programs = argc > 1 && names_compiler(argv[1]) ? 2 : 1;
    gb_strings words = {0};
    for (int i = 0; i < programs; i++) gb_strings_add(&c->programs, argv[i]);
    bool ok = gb_strings_ok(&c->programs, err) &&
              expand_files(argc - programs, argv + programs, &words, err) &&
              parse_words(&words, c, err);
    gb_strings_free(&words);
    if (!ok) gb_command_free(c);
    return ok;
}

void gb_command_free(gb_command *c) {
    for (size_t i = 0; i < c->count; i++) {
        free(c->args[i].name);
        free(c->args[i].value);
    }
    free(c->args);
    gb_strings_free(&c->programs);
    *c = (gb_command){0};
}

bool gb_command_copy(const gb_command *from, gb_command *to, gb_error *err) {
    *to = (gb_command){0};
    gb_strings_add_all(&to->programs, &from->programs);
    bool ok = gb_strings_ok(&to->programs, err);
    for (size_t i = 0; ok && i < from->count; i++) {
        ok = add_arg(to, from->args[i].name, strlen(from->args[i].name), from->args[i].value, err);
    }
    if (!ok) gb_command_free(to);
    return ok;
}

const char *gb_command_value(const gb_command *c, const char *name) {
    for (size_t i = c->count; i-- > 0;) {
        if (same_option(c->args[i].name, name)) return c->args[i].value;
    }
    return NULL;
}

bool gb_command_has(const gb_command *c, const char *name) {
    for (size_t i = 0; i < c->count; i++) {
        if (same_option(c->args[i].name, name)) return true;
    }
    return false;
}

/* "value" of "key=value" when the text has that key, "" for a bare key, else NULL. */
static const char *key_value(const char *text, const char *key) {
    const char *rest = gb_text_after(text, key);
    if (rest == NULL) return NULL;
    if (*rest == '=') return rest + 1;
    return *rest == '\0' ? rest : NULL;
}

const char *gb_command_codegen(const gb_command *c, const char *key) {
    for (size_t i = c->count; i-- > 0;) {
        if (c->args[i].value == NULL || !same_option(c->args[i].name, "-C")) continue;
        const char *value = key_value(c->args[i].value, key);
        if (value != NULL) return value;
    }
    return NULL;
}

const char *gb_command_input(const gb_command *c) {
    return gb_command_value(c, "");
}

const char *gb_command_rustc(const gb_command *c) {
    return c->programs.items[c->programs.count - 1];
}

bool gb_command_set(gb_command *c, size_t index, const char *value) {
    char *copy = gb_text_copy(value);
    if (copy == NULL) return false;
    free(c->args[index].value);
    c->args[index].value = copy;
    return true;
}

void gb_command_remove(gb_command *c, size_t index) {
    free(c->args[index].name);
    free(c->args[index].value);
    memmove(&c->args[index], &c->args[index + 1], (c->count - index - 1) * sizeof *c->args);
    c->count--;
}

bool gb_command_append(gb_command *c, const char *name, const char *value) {
    return add_arg(c, name, strlen(name), value, NULL);
}

/* Short options and the long ones that rustc's own help writes apart keep their value as a word of its
 * own: both spellings are accepted for every option. */
void gb_command_argv(const gb_command *c, gb_strings *out) {
    gb_strings_add_all(out, &c->programs);
    for (size_t i = 0; i < c->count; i++) {
        const gb_arg *arg = &c->args[i];
        if (arg->name[0] == '\0') {
            gb_strings_add(out, arg->value);
        } else if (arg->value == NULL) {
            gb_strings_add(out, arg->name);
        } else if (arg->name[1] == '-') {
            gb_strings_add_format(out, "%s=%s", arg->name, arg->value);
        } else {
            gb_strings_add(out, arg->name);
            gb_strings_add(out, arg->value);
        }
    }
}

/* rustc: parse_externs: `[options:]name[=path]`; a colon counts only before the first '='. */
bool gb_extern_parse(const char *value, gb_extern *out) {
    *out = (gb_extern){0};
    const char *equals = strchr(value, '=');
    size_t head = equals != NULL ? (size_t)(equals - value) : strlen(value);
    const char *colon = memchr(value, ':', head);
    const char *name = colon != NULL ? colon + 1 : value;
    bool ok = true;
    if (colon != NULL) {
        out->options = gb_text_copy_n(value, (size_t)(colon - value));
        ok = out->options != NULL;
    }
    out->name = gb_text_copy_n(name, head - (size_t)(name - value));
    ok = ok && out->name != NULL;
    if (equals != NULL) {
        out->path = gb_text_copy(equals + 1);
        ok = ok && out->path != NULL;
    }
    if (!ok) gb_extern_free(out);
    return ok;
}

void gb_extern_free(gb_extern *e) {
    free(e->options);
    free(e->name);
    free(e->path);
    *e = (gb_extern){0};
}

char *gb_extern_text(const gb_extern *e) {
    return gb_text_format("%s%s%s%s%s", e->options != NULL ? e->options : "",
                          e->options != NULL ? ":" : "", e->name, e->path != NULL ? "=" : "",
                          e->path != NULL ? e->path : "");
}

/* ---- unit --------------------------------------------------------------------------------- */

static void set_text(char **place, const char *text) {
    free(*place);
    *place = text == NULL ? NULL : gb_text_copy(text);
}

/* rustc: y, yes, on, true, or nothing at all are true. */
static int switch_value(const char *value) {
    static const char *const no[] = {"n", "no", "off", "false"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        if (strcmp(value, no[i]) == 0) return 0;
    }
    return 1;
}

static void add_codegen(gb_unit *unit, const char *value) {
    const char *v = NULL;
    if ((v = key_value(value, "metadata")) != NULL) {
        set_text(&unit->metadata, v);
    } else if ((v = key_value(value, "extra-filename")) != NULL) {
        set_text(&unit->extra_filename, v);
    } else if ((v = key_value(value, "opt-level")) != NULL) {
        set_text(&unit->opt_level, v);
    } else if ((v = key_value(value, "debug-assertions")) != NULL) {
        unit->debug_assertions = switch_value(v);
    } else if ((v = key_value(value, "overflow-checks")) != NULL) {
        unit->overflow_checks = switch_value(v);
    } else {
        gb_strings_add(&unit->codegen, value);
    }
}

static bool is_lint(const char *name) {
    static const char *const lints[] = {"-A", "-W", "-D", "-F", "--force-warn", "--cap-lints"};
    for (size_t i = 0; i < sizeof lints / sizeof lints[0]; i++) {
        if (same_option(name, lints[i])) return true;
    }
    return false;
}

static bool is_message(const char *name) {
    return strcmp(name, "--error-format") == 0 || strcmp(name, "--json") == 0 ||
           strcmp(name, "--color") == 0 || strcmp(name, "--diagnostic-width") == 0;
}

static void add_other(gb_unit *unit, const gb_arg *arg) {
    gb_strings_add(&unit->others, arg->name);
    if (arg->value != NULL) gb_strings_add(&unit->others, arg->value);
}

static void add_to_unit(gb_unit *unit, const gb_arg *arg) {
    const char *name = arg->name, *value = arg->value;
    if (value == NULL) {
        if (strcmp(name, "--test") == 0) {
            unit->test = true;
        } else if (strcmp(name, "-O") == 0) {
            set_text(&unit->opt_level, "3");
        } else if (strcmp(name, "-g") == 0) {
            gb_strings_add(&unit->codegen, "debuginfo=2");
        } else {
            add_other(unit, arg);
        }
        return;
    }
    if (name[0] == '\0') set_text(&unit->input, value);
    else if (strcmp(name, "--crate-name") == 0) set_text(&unit->crate_name, value);
    else if (strcmp(name, "--edition") == 0) set_text(&unit->edition, value);
    else if (strcmp(name, "--out-dir") == 0) set_text(&unit->out_dir, value);
    else if (strcmp(name, "--crate-type") == 0) gb_text_split(&unit->crate_types, value, ',');
    else if (strcmp(name, "--emit") == 0) gb_text_split(&unit->emit, value, ',');
    else if (strcmp(name, "--extern") == 0) gb_strings_add(&unit->externs, value);
    else if (strcmp(name, "--cfg") == 0) gb_strings_add(&unit->cfgs, value);
    else if (strcmp(name, "--check-cfg") == 0) gb_strings_add(&unit->check_cfgs, value);
    else if (strcmp(name, "-L") == 0) gb_strings_add(&unit->search, value);
    else if (strcmp(name, "-l") == 0) gb_strings_add(&unit->libs, value);
    else if (strcmp(name, "-Z") == 0) gb_strings_add(&unit->unstable, value);
    else if (same_option(name, "-C")) add_codegen(unit, value);
    else if (is_message(name)) gb_strings_add_format(&unit->messages, "%s=%s", name, value);
    else if (is_lint(name)) gb_strings_add_each(&unit->lints, name, value, NULL);
    else add_other(unit, arg);
}

static bool lists_ok(const gb_unit *unit, gb_error *err) {
    const gb_strings *lists[] = {&unit->crate_types, &unit->emit,     &unit->externs,
                                 &unit->cfgs,        &unit->check_cfgs, &unit->search,
                                 &unit->libs,        &unit->codegen,  &unit->lints,
                                 &unit->messages,    &unit->unstable, &unit->others};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (!gb_strings_ok(lists[i], err)) return false;
    }
    return true;
}

bool gb_command_unit(const gb_command *c, const char *cwd, gb_unit *unit, gb_error *err) {
    *unit = (gb_unit){.debug_assertions = -1, .overflow_checks = -1};
    for (size_t i = 0; i < c->count; i++) add_to_unit(unit, &c->args[i]);
    set_text(&unit->cwd, cwd);
    set_text(&unit->package_name, getenv("CARGO_PKG_NAME"));
    set_text(&unit->package_version, getenv("CARGO_PKG_VERSION"));
    set_text(&unit->package_dir, getenv("CARGO_MANIFEST_DIR"));
    set_text(&unit->build_out_dir, getenv("OUT_DIR"));
    if (unit->cwd == NULL) {
        gb_unit_free(unit);
        return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    }
    if (lists_ok(unit, err)) return true;
    gb_unit_free(unit);
    return false;
}
