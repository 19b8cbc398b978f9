/* cargo glovebox [+TOOLCHAIN] VERB …: Cargo with the macros in the sandbox. */
#include "cli/cargo_verbs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/release.h"
#include "cargo/cargo_run.h"
#include "cli/status.h"
#include "cli/toolchain.h"

static const char usage[] =
    "Examples:\n"
    "  cargo glovebox build                build, every procedural macro in the sandbox\n"
    "  cargo glovebox test --release       any Cargo command and its options, unchanged\n"
    "  cargo glovebox expand Config        what the macros made of `Config`\n"
    "\n"
    "Usage: cargo glovebox [+TOOLCHAIN] [OPTIONS] COMMAND [ARGS]\n"
    "\n"
    "Cargo's commands:   build check test run clippy doc bench rustc rustdoc fix install\n"
    "Glovebox's own:     allow    grant a macro package something, in the manifest\n"
    "                    audit    what each macro did, asked for and generated\n"
    "                    expand   show what macros generated\n"
    "                    store    what is kept of compiled macros\n"
    "\n"
    "Options, besides Cargo's:\n"
    "  --summary WHEN     line (default), table (a row for each macro) or none\n"
    "  --report FILE      write what each macro did as JSON\n"
    "  -V, --version      print the version\n"
    "\n"
    "Artifacts go to <target>/glovebox. See `man cargo-glovebox`.\n";

typedef struct own_options {
    const char *summary;
    const char *report;
} own_options;

/* Takes Glovebox's own options out of the words before `--`. False: a value is missing or wrong. */
static bool take_own_options(int *argc, char **argv, own_options *own) {
    static const struct {
        const char *name;
        size_t offset;
    } known[] = {{"--summary", offsetof(own_options, summary)},
                 {"--report", offsetof(own_options, report)}};
    int out = 0;
    bool open = true;
    for (int i = 0; i < *argc; i++) {
        bool taken = false;
        if (strcmp(argv[i], "--") == 0) open = false;
        for (size_t k = 0; open && !taken && k < 2; k++) {
            const char *rest = gb_text_after(argv[i], known[k].name);
            if (rest == NULL || (*rest != '=' && *rest != '\0')) continue;
            if (*rest == '\0' && i + 1 == *argc) return false;
            const char *value = *rest == '=' ? rest + 1 : argv[++i];
            *(const char **)((char *)own + known[k].offset) = value;
            taken = true;
        }
        if (!taken) argv[out++] = argv[i];
    }
    argv[out] = NULL;
    *argc = out;
    return own->summary == NULL || strcmp(own->summary, "line") == 0 ||
           strcmp(own->summary, "table") == 0 || strcmp(own->summary, "none") == 0;
}

static bool write_report(const char *path, const gb_summary *summary, gb_error *err) {
    gb_buffer text = {0};
    bool ok = (gb_summary_json(summary, &text) && gb_buffer_append_text(&text, "\n")) ||
              gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    ok = ok && gb_file_write(path, text.data, text.length, 0644, err);
    gb_buffer_free(&text);
    return ok;
}

/* Ends as Cargo ended: by the same signal, if it was one. */
static int end_like_cargo(const gb_cargo_outcome *outcome) {
    if (outcome->signal != 0) {
        signal(outcome->signal, SIG_DFL);
        raise(outcome->signal);
    }
    return outcome->code;
}

static int run(const gb_cargo_line *line, const own_options *own) {
    gb_error err = {0};
    gb_progress progress = {gb_cli_progress_step, NULL};
    gb_cargo_call call = {.line = line, .progress = &progress, .warn = gb_status_warning};
    gb_cargo_outcome outcome;
    if (!gb_cargo_run(&call, &outcome, &err)) {
        gb_status_error(&err);
        return 101; /* Cargo's own for what is not a failed program */
    }
    bool table = own->summary != NULL && strcmp(own->summary, "table") == 0;
    bool none = own->summary != NULL && strcmp(own->summary, "none") == 0;
    if (!none && (!line->quiet || table)) gb_status_summary(&outcome.summary, table);
    if (own->report != NULL && !write_report(own->report, &outcome.summary, &err)) {
        gb_status_error(&err);
        if (outcome.code == 0) outcome.code = 1;
    }
    int code = end_like_cargo(&outcome);
    gb_cargo_outcome_free(&outcome);
    return code;
}

int gb_cli_cargo(int argc, char **argv) {
    own_options own = {0};
    gb_cargo_line line;
    gb_error err = {0};
    if (!take_own_options(&argc, argv, &own)) {
        fprintf(stderr, "error: --summary wants line, table or none, and --report a file; see "
                        "`cargo glovebox --help`\n");
        return 2;
    }
    if (!gb_cargo_line_parse(argc, argv, &line, &err)) {
        gb_status_error(&err);
        return 101;
    }
    gb_status_set_colour(line.colour);
    int code;
    if (line.verb == NULL || strcmp(line.verb, "help") == 0) {
        bool asked = line.verb != NULL || gb_strings_has(&line.options, "--help") ||
                     gb_strings_has(&line.options, "-h");
        bool version = gb_strings_has(&line.options, "-V") ||
                       gb_strings_has(&line.options, "--version");
        if (version) printf("cargo-glovebox %s\n", GB_RELEASE);
        else fputs(usage, asked ? stdout : stderr);
        code = asked || version ? 0 : 2;
    } else {
        code = run(&line, &own);
    }
    gb_cargo_line_free(&line);
    return code;
}
