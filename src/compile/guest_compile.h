/* guest_compile.h: compile a host unit for the guest.
 *
 * A unit is one rustc call of Cargo's, taken apart (by the wrapper). A host library becomes a wasm
 * .rlib/.rmeta under the very names Cargo expects; a macro crate becomes an artifact (a wasm
 * reactor). Panics, warnings and errors of the guest compiler go to Cargo as they are, with paths
 * put back to what Cargo would have shown. With a confined toolchain, machine code is made of the same units in the
 * same way, and what build scripts built is linked. What is made depends on the sources, the flags and the
 * toolchain id only, not on where the package, the target folder or the home lie. */
#ifndef GB_COMPILE_GUEST_COMPILE_H
#define GB_COMPILE_GUEST_COMPILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strings.h"
#include "compile/toolchain.h"

/* One rustc command line. Strings are owned (gb_unit_free); NULL where the option was not given.
 * Lists keep the order of the command line. */
typedef struct gb_unit {
    char *crate_name;       /* --crate-name */
    char *edition;          /* --edition; NULL means 2015 */
    char *input;            /* the root source file as given */
    char *cwd;              /* folder rustc runs in, absolute */
    char *out_dir;          /* --out-dir */
    char *extra_filename;   /* -C extra-filename */
    char *metadata;         /* -C metadata */
    char *opt_level;        /* -C opt-level, or -O as "3" */
    int debug_assertions;   /* -C debug-assertions: 1, 0, or -1 when not given */
    int overflow_checks;    /* -C overflow-checks: 1, 0, or -1 when not given */
    bool test;              /* --test: never for the guest */
    gb_strings crate_types; /* --crate-type, split at commas */
    gb_strings emit;        /* --emit, split at commas: "link", "dep-info=FILE", … */
    gb_strings externs;     /* --extern, each as given: "name", "name=path", "opts:name=path" */
    gb_strings cfgs;        /* --cfg */
    gb_strings check_cfgs;  /* --check-cfg */
    gb_strings search;      /* -L, each as given: "dependency=…", "native=…" */
    gb_strings libs;        /* -l, each as given: "static=z" */
    gb_strings codegen;     /* every other -C, as "key" or "key=value" */
    gb_strings lints; /* lint options as words in order: "--cap-lints" "allow" "-D" "warnings" */
    gb_strings messages; /* "--error-format=…", "--json=…", "--color=…", "--diagnostic-width=…" */
    gb_strings unstable; /* -Z, as "key=value" */
    gb_strings others;   /* anything else, as words in order */
    /* what Cargo says in the environment */
    char *package_name;    /* CARGO_PKG_NAME */
    char *package_version; /* CARGO_PKG_VERSION */
    char *package_dir;     /* CARGO_MANIFEST_DIR, absolute */
    char *build_out_dir;   /* OUT_DIR, or NULL */
    gb_strings env;        /* "NAME=value" to set for rustc on top of this process's (a replay) */
} gb_unit;

void gb_unit_free(gb_unit *unit);
/* True for the crate type. */
bool gb_unit_makes(const gb_unit *unit, const char *crate_type);
/* <out_dir>/<crate_name><extra_filename> with `prefix` and `suffix` around the name, or what --emit
 * KIND=PATH said. */
char *gb_unit_output(const gb_unit *unit, const char *kind, const char *prefix, const char *suffix);

typedef struct gb_guest_options {
    const gb_toolchain *toolchain; /* prepared */
    /* What the compiler is to call the unit in place of Cargo's -C metadata and -C extra-filename,
     * which change with the host's compiler: 16 hexadecimal digits. Files keep Cargo's names, but
     * who depends on a library of a library finds it as lib<crate>-<name>. NULL: as Cargo has it. */
    const char *name;
    /* Scratch for this unit alone, e.g. <target>/glovebox/unit/<name><extra>: the package copy, if
     * one is needed, stays there for incremental use. Made when missing. */
    const char *work_dir;
    /* Folder with the shims built for the guest compiler, under the same file names as Cargo's
     * macro libraries. An --extern that names a macro library is taken from here. NULL: none. */
    const char *macro_dir;
    /* The host's compiler takes unstable features (gb_rustc.unstable): what a crate's build script
     * found out by trying must hold for the guest compiler too. */
    bool unstable;
    /* Each line of rustc's standard error after paths were put back, without newline. NULL: written
     * to our standard error. */
    bool (*message)(void *env, const char *line, size_t length, gb_error *err);
    void *env;
    /* Extra "key=value" lines for the artifact's origin (artifact_origin.h); may be NULL. */
    const gb_strings *origin;
} gb_guest_options;

/* Compiles a library unit (lib, rlib; metadata only for a check unit, macro crates included) with
 * Cargo's --emit and --json kept, dep-info naming the original files. True: *status is rustc's exit
 * code, and its messages were passed on. False: Glovebox's own failure. */
bool gb_guest_compile_library(const gb_unit *unit, const gb_guest_options *options, int *status,
                              gb_error *err);
/* Compiles a macro unit to `artifact`, wasm or what the toolchain makes (written beside, then renamed) and, when the unit
 * asks for dep-info, writes it where Cargo expects, as if the native library had been built.
 * Artifact notifications are not passed on: gb_shim_compile sends those. On a link failure that
 * comes from native code the last message passed on names crate and reason. */
bool gb_guest_compile_macro(const gb_unit *unit, const gb_guest_options *options,
                            const char *artifact, int *status, gb_error *err);

/* Copies dep-info `from` to `to` with every path that starts with from_prefix[i] given to_prefix[i]
 * instead. Nothing else changes. */
bool gb_dep_info_rewrite(const char *from, const char *to, const gb_strings *from_prefix,
                         const gb_strings *to_prefix, gb_error *err);

#endif
