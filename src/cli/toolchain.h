/* toolchain.h: the verb `glovebox toolchain`, and the progress lines that other verbs use too. */
#ifndef GB_CLI_TOOLCHAIN_H
#define GB_CLI_TOOLCHAIN_H

#include <stdbool.h>

/* argv[0] is "toolchain". Returns the exit code. */
int gb_cli_toolchain(int argc, char **argv);

/* For gb_progress: a line on standard error for each step, redrawn on a terminal. */
void gb_cli_progress_step(void *env, const char *what, double seconds, bool done);

#endif
