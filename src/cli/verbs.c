#include "cli/verbs.h"

#include "cli/cargo_verbs.h"
#include "cli/toolchain.h"

const gb_verb gb_verbs[] = {
    {"run", "run a WebAssembly program with what the command line grants it", gb_cli_run},
    {"store", "show or clean what is kept of compiled macros", gb_cli_store},
    {"toolchain", "show or prepare the compiler that makes macros into WebAssembly",
     gb_cli_toolchain},
};
const size_t gb_verb_count = sizeof gb_verbs / sizeof *gb_verbs;
