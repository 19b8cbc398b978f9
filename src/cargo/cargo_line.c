/* Cargo's command line as far as Glovebox must understand it. */
#include "cargo/cargo_run.h"

#include <stdlib.h>
#include <string.h>

/* Cargo options with a value that may stand apart: needed to tell values from words.
 * cargo: src/cargo/util/command_prelude.rs and src/bin/cargo/commands. */
static const char *const with_value[] = {
    "--package",     "--exclude",       "--bin",         "--example",       "--test",
    "--bench",       "--features",      "--jobs",        "--profile",       "--target",
    "--target-dir",  "--manifest-path", "--lockfile-path", "--message-format", "--color",
    "--config",      "--artifact-dir",  "--out-dir",     "--path",          "--git",
    "--branch",      "--tag",           "--rev",         "--root",          "--index",
    "--registry",    "--version",       "--crate-type",  "--print",         "-p",
    "-F",            "-j",              "-Z",            "-C",
};

/* The verbs that take both --target and --target-dir. */
static const char *const compiling[] = {
    "build", "b", "check", "c",   "test",    "t",       "run", "r",
    "bench", "doc", "d",   "rustc", "rustdoc", "clippy", "fix", "install",
};

bool gb_cargo_verb_compiles(const char *verb) {
    for (size_t i = 0; i < sizeof compiling / sizeof compiling[0]; i++) {
        if (strcmp(verb, compiling[i]) == 0) return true;
    }
    return false;
}

void gb_cargo_line_free(gb_cargo_line *line) {
    free(line->toolchain);
    free(line->verb);
    free(line->target_dir);
    free(line->colour);
    gb_strings_free(&line->options);
    gb_strings_free(&line->args);
    gb_strings_free(&line->about);
    *line = (gb_cargo_line){0};
}

static bool takes_value(const char *word) {
    for (size_t i = 0; i < sizeof with_value / sizeof with_value[0]; i++) {
        if (strcmp(word, with_value[i]) == 0) return true;
    }
    return false;
}

/* The value of option `name` at words[i], joined or in the next word; NULL when it is another option. */
static const char *option_value(int argc, char *const *words, int i, const char *name) {
    const char *rest = gb_text_after(words[i], name);
    if (rest == NULL) return NULL;
    if (*rest == '=') return rest + 1;
    if (*rest != '\0') return name[1] != '-' ? rest : NULL; /* -Zname */
    return i + 1 < argc ? words[i + 1] : NULL;
}

static void replace(char **place, const char *text) {
    free(*place);
    *place = gb_text_copy(text);
}

/* Takes note of one option, wherever it stands. */
static void note_option(int argc, char *const *words, int i, gb_cargo_line *line) {
    static const char *const about[] = {"--manifest-path", "--config", "-Z", "-C",
                                        "--lockfile-path"};
    const char *word = words[i], *value;
    for (size_t k = 0; k < sizeof about / sizeof about[0]; k++) {
        if ((value = option_value(argc, words, i, about[k])) == NULL) continue;
        if (about[k][1] == '-') gb_strings_add_format(&line->about, "%s=%s", about[k], value);
        else gb_strings_add_each(&line->about, about[k], value, NULL);
    }
    if ((value = option_value(argc, words, i, "--target-dir")) != NULL) {
        replace(&line->target_dir, value);
    } else if (option_value(argc, words, i, "--target") != NULL) {
        line->target_given = true;
    } else if (option_value(argc, words, i, "--path") != NULL) {
        line->path_given = true;
    } else if ((value = option_value(argc, words, i, "--color")) != NULL) {
        replace(&line->colour, value);
    } else if (strcmp(word, "--quiet") == 0 || strcmp(word, "-q") == 0) {
        line->quiet = true;
    } else if (strcmp(word, "--verbose") == 0 || strcmp(word, "-v") == 0) {
        line->verbose++;
    } else if (strcmp(word, "-vv") == 0) {
        line->verbose += 2;
    }
}

/* `cargo run [OPTIONS] [ARGS]…`: from the first word on all is the program's. */
static bool is_run(const char *verb) {
    return strcmp(verb, "run") == 0 || strcmp(verb, "r") == 0;
}

static void parse_args(int argc, char *const *argv, gb_cargo_line *line) {
    bool ours = true;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0 || (word[0] != '-' && is_run(line->verb))) ours = false;
        bool apart = ours && takes_value(word) && i + 1 < argc;
        if (ours) note_option(argc, argv, i, line);
        bool target_dir = ours && (strcmp(word, "--target-dir") == 0 ||
                                   gb_text_starts(word, "--target-dir="));
        if (!target_dir) gb_strings_add(&line->args, word);
        if (apart) {
            i++;
            if (!target_dir) gb_strings_add(&line->args, argv[i]);
        }
    }
}

bool gb_cargo_line_parse(int argc, char *const *argv, gb_cargo_line *line, gb_error *err) {
    *line = (gb_cargo_line){0};
    int i = 0;
    if (i < argc && argv[i][0] == '+') line->toolchain = gb_text_copy(argv[i++] + 1);
    for (; i < argc && argv[i][0] == '-'; i++) {
        note_option(argc, argv, i, line);
        gb_strings_add(&line->options, argv[i]);
        if (takes_value(argv[i]) && i + 1 < argc) gb_strings_add(&line->options, argv[++i]);
    }
    if (i < argc) {
        line->verb = gb_text_copy(argv[i++]);
        if (line->verb != NULL) parse_args(argc - i, argv + i, line);
    }
    bool ok = gb_strings_ok(&line->options, err) && gb_strings_ok(&line->args, err) &&
              gb_strings_ok(&line->about, err);
    if (!ok) gb_cargo_line_free(line);
    return ok;
}
