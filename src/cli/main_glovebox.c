/* glovebox: runs WebAssembly, and looks after what `cargo glovebox` keeps and uses. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/release.h"
#include "cli/suggest.h"
#include "cli/verbs.h"

static void list_verbs(FILE *out) {
    fputs(
        "Examples:\n"
        "  glovebox run tool.wasm --dir .:ro -- input.txt   run a program that may read here\n"
        "  glovebox toolchain                               show the compiler that macros need\n"
        "  cargo glovebox build                             build a project, its macros confined\n"
        "\n"
        "Usage: glovebox VERB [OPTIONS]\n"
        "\n"
        "Verbs:\n",
        out);
    for (size_t i = 0; i < gb_verb_count; i++) {
        fprintf(out, "  %-12s%s\n", gb_verbs[i].name, gb_verbs[i].summary);
    }
    fputs("\n`glovebox VERB --help` says more. `glovebox --version` prints the version.\n", out);
}

static int unknown(const char *word) {
    const char *near = gb_cli_nearest(word, &gb_verbs[0].name, gb_verb_count, sizeof *gb_verbs);
    fprintf(stderr, "error: there is no verb `%s`\n", word);
    if (near) fprintf(stderr, "help: did you mean `glovebox %s`?\n", near);
    else fputs("help: `glovebox --help` lists the verbs\n", stderr);
    return 2;
}

static const gb_verb *find(const char *name) {
    for (size_t i = 0; i < gb_verb_count; i++) {
        if (strcmp(gb_verbs[i].name, name) == 0) return &gb_verbs[i];
    }
    return NULL;
}

int main(int argc, char **argv) {
    const char *word = argc > 1 ? argv[1] : NULL;
    if (!word) {
        list_verbs(stderr);
        return 2;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        return puts("glovebox " GB_RELEASE) < 0;
    }
    bool help = strcmp(word, "help") == 0;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (help && argc == 2)) {
        list_verbs(stdout);
        return 0;
    }
    const gb_verb *verb = find(help ? argv[2] : word);
    if (!verb) return unknown(help ? argv[2] : word);
    if (help) {
        char option[] = "--help";
        return verb->run(2, (char *[]){argv[2], option, NULL});
    }
    return verb->run(argc - 1, argv + 1);
}
