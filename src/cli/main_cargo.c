/* cargo-glovebox: Cargo's subcommand, and what Cargo then runs in place of rustc and rustdoc. */
#include <stdlib.h>
#include <string.h>

#include "cargo/session.h"
#include "cargo/wrapper.h"
#include "cli/cargo_verbs.h"

int main(int argc, char **argv) {
    /* `cargo glovebox X` runs `cargo-glovebox glovebox X`; nobody else calls us with that word. */
    bool by_cargo = argc > 1 && strcmp(argv[1], "glovebox") == 0;
    if (!by_cargo && argc > 1 && getenv(GB_SESSION_ENV) != NULL) {
        /* Inside a session Cargo calls `RUSTC_WRAPPER rustc …` and `RUSTDOC --…`. */
        if (argv[1][0] == '-') return gb_wrapper_rustdoc(argc - 1, argv + 1);
        return gb_wrapper_rustc(argc - 1, argv + 1);
    }
    argc -= 1 + by_cargo;
    argv += 1 + by_cargo;
    if (argc > 0 && strcmp(argv[0], "allow") == 0) return gb_cli_allow(argc, argv);
    if (argc > 0 && strcmp(argv[0], "audit") == 0) return gb_cli_audit(argc, argv);
    if (argc > 0 && strcmp(argv[0], "expand") == 0) return gb_cli_expand(argc, argv);
    if (argc > 0 && strcmp(argv[0], "store") == 0) return gb_cli_store(argc, argv);
    return gb_cli_cargo(argc, argv);
}
