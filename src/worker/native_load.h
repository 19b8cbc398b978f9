/* native_load.h: loading a native macro library (macros/native.h), which takes a dynamic linker.
 *
 * `glovebox-worker` is linked statically and has none: here the function says so. `glovebox-worker-native` is the
 * same program linked dynamically, with src/worker/native/ in it, where the function loads and the library finds what
 * it imports. Shims of native macros name that one (`cargo glovebox` writes them). */
#ifndef GB_WORKER_NATIVE_LOAD_H
#define GB_WORKER_NATIVE_LOAD_H

#include "macros/library.h"

/* As gb_native_open. */
glovebox_library *gb_worker_native_load(const char *path, const void *bytes, size_t length,
                                        const glovebox_options *options,
                                        const gb_library_host *host, glovebox_error *error);

#endif
