/* replay.c: runs a libFuzzer target over files, so that ordinary tests cover what a fuzzer found. */
#include <stdio.h>

#include "base/buffer.h"
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        gb_buffer bytes = {0};
        gb_error err;
        if (!gb_file_read(argv[i], &bytes, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        LLVMFuzzerTestOneInput(bytes.data, bytes.length);
        gb_buffer_free(&bytes);
    }
    return argc > 1 ? 0 : 1;
}
