/* wrapper.h: what Cargo runs in place of rustc and rustdoc in a session of `cargo glovebox`.
 *
 * unit.h says what kinds of calls there are. For questions this process becomes the compiler (exec); a
 * unit's compiler it waits for, to keep what its macros did (unit_activity.h), and ends as that ended. */
#ifndef GB_CARGO_WRAPPER_H
#define GB_CARGO_WRAPPER_H

/* RUSTC_WRAPPER: argv[0] is the compiler's path (or a second wrapper's), as Cargo wrote it. Returns
 * the exit code, or does not return. */
int gb_wrapper_rustc(int argc, char **argv);

/* RUSTDOC: argv are rustdoc's arguments alone. */
int gb_wrapper_rustdoc(int argc, char **argv);

#endif
