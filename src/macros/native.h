/* native.h: a macro crate as a library of the machine's own code, for a macro that cannot be
 * WebAssembly (it links C, say) and whose user said `native = true`.
 *
 * The library is what `cargo glovebox` makes of the crate and its dependencies with the same guest
 * crates and the same rewriting as for WebAssembly (docs/protocol.md, section 2): it exports what an
 * artifact exports, under the same names, has the records in a section of the same name, and calls
 * five functions of ours, which the program that loads it exports (worker/native/exports.c):
 *
 *   __gbx_ask  __gbx_answer  __gbx_reply  __gbx_env_get  __gbx_run
 *
 * From there on all is as for WebAssembly: one message in, questions, one message out, each proven.
 *
 * What it is not: a sandbox. From gb_native_open on the process runs the author's code, constructors
 * first, and nothing that the process says of itself can be believed any more. So whoever opens one is a
 * process that has the kernel's wall around it and stays behind it (worker/confine.h), and only
 * one library is opened in it, ever. It cannot start over: a library that was stopped
 * in the middle, for a message that cannot be, say, fails from then on, and its process is to end. */
#ifndef GB_MACROS_NATIVE_H
#define GB_MACROS_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "macros/library.h"

/* Loads the library whose bytes these are, and which can be opened under `path`: its constructors run.
 * As gb_library_open otherwise; of the options, limits of memory, stack and fuel mean nothing here. */
glovebox_library *gb_native_open(const char *path, const void *bytes, size_t length,
                                 const glovebox_options *options, const gb_library_host *host,
                                 glovebox_error *error);

/* What the program's exports of these names are to do. Called by the library alone. A question or reply
 * that cannot be does not come back: the expansion has failed then; in a constructor, the process. */
size_t gb_native_ask(const uint8_t *question, size_t length); /* bytes of the answer */
void gb_native_answer(uint8_t *to);
void gb_native_reply(const uint8_t *reply, size_t length);
intptr_t gb_native_env_get(const uint8_t *name, size_t length); /* bytes of the value, or -1 */
void gb_native_run(const uint8_t *name, size_t length);

#endif
