#include "macros/native.h"
#include "worker/native_load.h"

glovebox_library *gb_worker_native_load(const char *path, const void *bytes, size_t length,
                                        const glovebox_options *options,
                                        const gb_library_host *host, glovebox_error *error) {
    return gb_native_open(path, bytes, length, options, host, error);
}
