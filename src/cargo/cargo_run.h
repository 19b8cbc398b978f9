/* cargo_run.h: one run of Cargo with every macro in the sandbox.
 *
 * What is added to the user's command line: `--target HOST` when no target was chosen, which makes
 * Cargo compile macros and build scripts apart from the rest, and `--target-dir <target>/glovebox`,
 * since host artifacts would else have the names of a plain build's. In the environment: RUSTC_WRAPPER
 * and RUSTDOC name this program, GLOVEBOX_SESSION the session's folder. */
#ifndef GB_CARGO_CARGO_RUN_H
#define GB_CARGO_CARGO_RUN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strings.h"
#include "record/summary.h"
#include "compile/toolchain.h"

/* A command line `[+TOOLCHAIN] [OPTIONS] VERB [ARGS]`, taken apart. */
typedef struct gb_cargo_line {
    char *toolchain;     /* without '+', or NULL */
    gb_strings options;  /* before the verb */
    char *verb;          /* NULL when there is none */
    gb_strings args;     /* after the verb, as they are */
    gb_strings about;    /* options of either that bear on where and what: --config, -Z, … */
    char *target_dir;    /* --target-dir, or NULL */
    bool target_given;
    bool path_given;     /* --path (install) */
    bool quiet;
    int verbose;
    char *colour;        /* --color, or NULL */
} gb_cargo_line;

bool gb_cargo_line_parse(int argc, char *const *argv, gb_cargo_line *line, gb_error *err);
void gb_cargo_line_free(gb_cargo_line *line);
/* True for Cargo's own verbs that compile, by name or short alias. */
bool gb_cargo_verb_compiles(const char *verb);

typedef struct gb_cargo_call {
    const gb_cargo_line *line;
    const gb_progress *progress; /* of preparing the guest toolchain, the first time */
    void (*warn)(const char *text);
    const gb_strings *set_env;   /* "NAME=value" for Cargo and all it starts; may be NULL */
    const char *output;          /* file for Cargo's standard output; NULL: ours */
} gb_cargo_call;

typedef struct gb_cargo_outcome {
    int code;           /* Cargo's exit code; 128 + signal when a signal ended it */
    int signal;
    gb_summary summary;
    char *state;        /* the session's (session.h), which outlives it */
} gb_cargo_outcome;

/* Runs Cargo to its end. True: Cargo ran, see *outcome. False: it was not started; an empty message
 * means that Cargo has said why. */
bool gb_cargo_run(const gb_cargo_call *call, gb_cargo_outcome *outcome, gb_error *err);
void gb_cargo_outcome_free(gb_cargo_outcome *outcome);

#endif
