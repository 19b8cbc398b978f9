#include "worker/native_load.h"

#include <stdio.h>

/* Weak: src/worker/native/load.c goes first where it is linked. */
__attribute__((weak)) glovebox_library *
gb_worker_native_load(const char *path, const void *bytes, size_t length,
                      const glovebox_options *options, const gb_library_host *host,
                      glovebox_error *error) {
    (void)path, (void)bytes, (void)length, (void)options, (void)host;
    error->failure = GLOVEBOX_BAD_REQUEST;
    snprintf(error->message, sizeof error->message,
             "native macros are for glovebox-worker-native, and this worker is another");
    return NULL;
}
