/* Compiles one host unit as the wrapper would, without Cargo, store or session:
 *
 *   guest-unit WORK ARTIFACT WORKER RUSTC ARGS…
 *
 * A library goes to its --out-dir; a macro crate becomes ARTIFACT and, in its --out-dir, a shim. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "cargo/cmdline.h"
#include "compile/guest_compile.h"
#include "cargo/shimgen.h"

static int fail(const gb_error *err) {
    fprintf(stderr, "error: %s\n", err->message);
    return 101;
}

static bool digest_of_file(const char *path, char text[GB_DIGEST_TEXT], gb_error *err) {
    gb_mapped_file file;
    if (!gb_file_map(path, &file, err)) return false;
    gb_digest digest = gb_digest_of(file.bytes, file.length);
    gb_digest_text(&digest, text);
    gb_file_unmap(&file);
    return true;
}

static bool make_shim(const gb_unit *unit, const gb_toolchain *tc, char *const *argv,
                      gb_error *err) {
    char digest[GB_DIGEST_TEXT];
    gb_rustc rustc;
    if (!digest_of_file(argv[2], digest, err) || !gb_rustc_probe(argv[4], &rustc, err))
        return false;
    gb_shim_options options = {.rustc = &rustc,
                               .home = tc->home,
                               .work_dir = argv[1],
                               .artifact = argv[2],
                               .digest = digest,
                               .worker = argv[3]};
    bool ok = gb_shim_compile(unit, &options, err);
    gb_rustc_free(&rustc);
    return ok;
}

static bool compile(const gb_unit *unit, const gb_toolchain *tc, char *const *argv, int *status,
                    gb_error *err) {
    gb_guest_options options = {.toolchain = tc, .work_dir = argv[1]};
    bool links = gb_strings_has(&unit->emit, "link");
    if (!links || !gb_unit_makes(unit, "proc-macro"))
        return gb_guest_compile_library(unit, &options, status, err);
    return gb_guest_compile_macro(unit, &options, argv[2], status, err) &&
           (*status != 0 || make_shim(unit, tc, argv, err));
}

int main(int argc, char **argv) {
    gb_error err = {0};
    gb_toolchain_wish wish = {0};
    gb_command command;
    gb_unit unit = {0};
    int status = 1;
    if (argc < 5) return 2;
    char *cwd = getcwd(NULL, 0);
    gb_toolchain *tc = gb_toolchain_find(&wish, &err);
    if (!tc || !gb_toolchain_prepare(tc, NULL, NULL, &err)) return fail(&err);
    if (!gb_command_parse(argc - 4, argv + 4, &command, &err)) return fail(&err);
    bool ok =
        gb_command_unit(&command, cwd, &unit, &err) && compile(&unit, tc, argv, &status, &err);
    gb_unit_free(&unit);
    gb_command_free(&command);
    gb_toolchain_free(tc);
    free(cwd);
    return ok ? status : fail(&err);
}
