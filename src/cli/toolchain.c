/* glovebox toolchain [prepare] [--toolchain NAME] [--json] */
#include "compile/toolchain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/toolchain.h"

static const char usage[] =
    "Examples:\n"
    "  glovebox toolchain                      show the compiler that makes macros into WebAssembly\n"
    "  glovebox toolchain prepare              build what it needs, once (about half a minute)\n"
    "  glovebox toolchain --toolchain 1.96.0   look at, or prepare, another one\n"
    "\n"
    "Usage: glovebox toolchain [prepare] [--toolchain NAME]\n"
    "\n"
    "NAME is a rustup toolchain, a folder with bin/rustc, or the path of a rustc. Without it: the\n"
    "variable GLOVEBOX_GUEST_TOOLCHAIN, the active toolchain when it has std for " GB_GUEST_TARGET
    "\n"
    "and rust-src, Debian's packages, the active toolchain without rust-src (panics abort).\n";

void gb_cli_progress_step(void *env, const char *what, double seconds, bool done) {
    (void)env;
    bool terminal = isatty(STDERR_FILENO);
    if (terminal) fprintf(stderr, "\r\033[K");
    if (done) fprintf(stderr, "    Glovebox %s took %.1f s\n", what, seconds);
    else if (terminal) fprintf(stderr, "    Glovebox %s: %.0f s", what, seconds);
    else if (seconds < 0.5) fprintf(stderr, "    Glovebox %s\n", what);
    fflush(stderr);
}

static void show(const gb_toolchain *tc) {
    printf("compiler   %s\n           %s (%s)\n", tc->version, tc->rustc, tc->origin);
    printf("linker     %s\n", tc->linker);
    printf("wasi-libc  %s\n", tc->wasi_libc);
    if (tc->unwinds) printf("std        built from %s; panics unwind\n", tc->rust_src);
    else
        printf(
            "std        the compiler's own; panics abort (`rustup component add rust-src` makes them "
            "unwind)\n");
    printf("folder     %s\n", tc->folder);
}

static int fail(const gb_error *err) {
    fprintf(stderr, "error: %s\n", err->message);
    return 1;
}

int gb_cli_toolchain(int argc, char **argv) {
    gb_toolchain_wish wish = {0};
    bool prepare = false;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i], *name = gb_text_after(arg, "--toolchain=");
        if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) return fputs(usage, stdout) < 0;
        if (strcmp(arg, "prepare") == 0) {
            prepare = true;
        } else if (name) {
            wish.named = name;
        } else if (strcmp(arg, "--toolchain") == 0 && i + 1 < argc) {
            wish.named = argv[++i];
        } else {
            fprintf(stderr, "error: `glovebox toolchain` does not know `%s`\n\n%s", arg, usage);
            return 2;
        }
    }
    gb_error err = {0};
    gb_progress progress = {gb_cli_progress_step, NULL};
    char *warning = NULL;
    gb_toolchain *tc = gb_toolchain_find(&wish, &err);
    if (!tc) return fail(&err);
    bool ok = !prepare || gb_toolchain_prepare(tc, &progress, &warning, &err);
    if (warning) fprintf(stderr, "warning: %s\n", warning);
    free(warning);
    if (ok) show(tc);
    char *json = ok ? gb_text_format("%s/toolchain.json", tc->folder) : NULL;
    if (json)
        printf("state      %s\n", access(json, R_OK) == 0 ? "ready"
                                                          : "not prepared: run `glovebox toolchain "
                                                            "prepare`");
    free(json);
    gb_toolchain_free(tc);
    return ok ? 0 : fail(&err);
}
