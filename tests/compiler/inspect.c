/* What the compiler makes of a module:
 *
 *     inspect [-n TIMES] FILE.wasm            times, sizes, functions left out
 *     inspect -d FUNCTION FILE.wasm OUTPUT    the machine code of one function, for objdump -b binary
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/module.h"
#include "engine/x64/x64.h"
#include "engine/x64/x64_code.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint8_t *read_file(const char *path, size_t *length) {
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    uint8_t *bytes = malloc((size_t)size + 1);
    *length = bytes ? fread(bytes, 1, (size_t)size, f) : 0;
    fclose(f);
    return bytes;
}

static int dump(const gb_module *m, gb_x64_space *space, uint32_t function, const char *path) {
    for (uint32_t i = 0; i < atomic_load(&space->record_count); i++) {
        const gb_x64_function *r = &space->records[i];
        if (r->index != function) continue;
        char name[256];
        gb_module_function_name(m, function, name, sizeof name);
        printf("%s: %u wasm bytes, %u bytes, frame %u, saved %#x\n", name,
               m->functions[function].end - m->functions[function].code, r->end - r->start, r->frame,
               (unsigned)r->saved);
        FILE *out = fopen(path, "wb");
        if (!out) return perror(path), 1;
        fwrite(space->run + r->start, 1, r->end - r->start, out);
        return fclose(out) == 0 ? 0 : 1;
    }
    fprintf(stderr, "function %u was not compiled\n", function);
    return 1;
}

int main(int argc, char **argv) {
    int times = 5, at = 1;
    const char *wanted = NULL;
    if (argc > at + 1 && strcmp(argv[at], "-n") == 0) times = atoi(argv[at + 1]), at += 2;
    if (argc > at + 1 && strcmp(argv[at], "-d") == 0) wanted = argv[at + 1], at += 2;
    size_t length;
    uint8_t *bytes = at < argc ? read_file(argv[at], &length) : NULL;
    if (!bytes) return fprintf(stderr, "usage: inspect [-n TIMES | -d FUNCTION] FILE.wasm [OUTPUT]\n"), 2;
    double best_decode = 1e9, best_compile = 1e9;
    for (int i = 0; i < times; i++) {
        gb_error err;
        double t0 = now();
        gb_module *m = gb_module_decode(bytes, length, true, &err);
        double t1 = now();
        if (!m) return fprintf(stderr, "%s\n", err.message), 1;
        gb_x64_space *space = gb_x64_module_space(m, GB_X64_GUARDED);
        if (!space) return fprintf(stderr, "no room for code\n"), 1;
        uint32_t refused = gb_x64_compile_all(space);
        double t2 = now();
        if (t1 - t0 < best_decode) best_decode = t1 - t0;
        if (t2 - t1 < best_compile) best_compile = t2 - t1;
        if (wanted) {
            int result = dump(m, space, (uint32_t)atoi(wanted), at + 1 < argc ? argv[at + 1] : "/dev/null");
            gb_module_release(m);
            return result;
        }
        if (i == times - 1) {
            uint64_t code = 0;
            for (uint32_t k = m->imported[GB_EXTERN_FUNC]; k < m->function_count; k++) {
                code += m->functions[k].end - m->functions[k].code;
            }
            printf("%u functions, %u refused, %.0f KB of wasm code -> %.0f KB (%.2f)\n",
                   m->function_count - m->imported[GB_EXTERN_FUNC], refused, (double)code / 1e3,
                   (double)space->used / 1e3, (double)space->used / (double)code);
            printf("decode %.2f ms, compile %.2f ms: %.1f MB/s, both %.1f MB/s\n", best_decode * 1e3,
                   best_compile * 1e3, (double)code / best_compile / 1e6,
                   (double)code / (best_compile + best_decode) / 1e6);
        }
        gb_module_release(m);
    }
    free(bytes);
    return 0;
}
