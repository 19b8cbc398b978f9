/* cmdline.h: a rustc or rustdoc command line, taken apart and put together again.
 *
 * Cargo's wrapper is called as `wrapper rustc ARGS…` or, with a second wrapper such as clippy-driver,
 * `wrapper clippy-driver rustc ARGS…`. ARGS are cut into options so that one can be looked up, or its
 * value replaced, without losing the order or the spelling of the rest. `@FILE` (one argument a
 * line) is replaced by what the file says.
 * rustc: compiler/rustc_session/src/config.rs rustc_optgroups; compiler/rustc_driver args.rs. */
#ifndef GB_CARGO_CMDLINE_H
#define GB_CARGO_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strings.h"
#include "compile/guest_compile.h"

/* One option, or one free argument (the input file): then `name` is "". `name` is the long or short
 * option as it was written ("--extern", "-C"); `value` is NULL for a flag. */
typedef struct gb_arg {
    char *name;
    char *value;
} gb_arg;

typedef struct gb_command {
    gb_strings programs; /* rustc alone, or the second wrapper and rustc */
    gb_arg *args;
    size_t count;
} gb_command;

/* Takes argv (without the wrapper itself: argv[0] is rustc or the second wrapper) apart. False:
 * GB_ERROR_IO when an @FILE cannot be read, GB_ERROR_MEMORY. */
bool gb_command_parse(int argc, char *const *argv, gb_command *command, gb_error *err);
void gb_command_free(gb_command *command);
bool gb_command_copy(const gb_command *from, gb_command *to, gb_error *err);

/* Value of the last option of that name ("--target", "-o"), or NULL. Short and long spellings of an
 * option are one name: "-C" stands for "--codegen" and so on. */
const char *gb_command_value(const gb_command *command, const char *name);
bool gb_command_has(const gb_command *command, const char *name);
/* The value of the last `-C key=value` ("" for a bare key), or NULL. */
const char *gb_command_codegen(const gb_command *command, const char *key);
/* The free argument, or NULL. */
const char *gb_command_input(const gb_command *command);
/* The compiler: the last of the programs. */
const char *gb_command_rustc(const gb_command *command);

/* Replaces the value of one option (by index). False: memory. */
bool gb_command_set(gb_command *command, size_t index, const char *value);
void gb_command_remove(gb_command *command, size_t index);
/* Puts one more option at the end; value may be NULL. */
bool gb_command_append(gb_command *command, const char *name, const char *value);

/* Programs and arguments as Cargo would write them, added to `out`. */
void gb_command_argv(const gb_command *command, gb_strings *out);

/* What an --extern says. name: in Rust code; path: NULL when only a name was given. All malloc'ed. */
typedef struct gb_extern {
    char *options; /* "priv,noprelude", or NULL */
    char *name;
    char *path;
} gb_extern;
bool gb_extern_parse(const char *value, gb_extern *out);
void gb_extern_free(gb_extern *e);
/* "options:name=path", malloc'ed. */
char *gb_extern_text(const gb_extern *e);

/* Fills a unit from the command, the folder and this process's environment (CARGO_PKG_NAME,
 * CARGO_PKG_VERSION, CARGO_MANIFEST_DIR, OUT_DIR). False: GB_ERROR_MEMORY. */
bool gb_command_unit(const gb_command *command, const char *cwd, gb_unit *unit, gb_error *err);

#endif
