/* Our engine behind the line protocol of bench/README.md: bench-driver compiler|interpreter. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/engine.h"

static gb_store *store;
static gb_instance *instance;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static uint8_t *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *bytes = size > 0 ? malloc((size_t)size) : NULL;
    if (bytes && fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    *length = (size_t)size;
    return bytes;
}

static bool load(const char *path, gb_engine_kind engine, gb_error *err) {
    size_t length = 0;
    uint8_t *bytes = read_file(path, &length);
    if (!bytes) return gb_fail(err, GB_ERROR_IO, "cannot read %s", path);
    uint64_t start = now();
    gb_limits limits = {.engine = engine};
    gb_module *module = gb_module_decode(bytes, length, false, err);
    gb_linker *linker = gb_linker_new(err);
    store = gb_store_new(&limits, err);
    gb_trap trap;
    if (module && linker && store) instance = gb_instance_new(store, module, linker, &trap, err);
    if (instance) printf("ok %" PRIu64 " 0\n", now() - start);
    if (linker) gb_linker_free(linker);
    if (module) gb_module_release(module);
    free(bytes);
    return instance != NULL;
}

static bool call(const char *name, uint32_t n, gb_error *err) {
    gb_func *func = instance ? gb_instance_func(instance, name) : NULL;
    if (!func || !gb_func_has_type(func, "i:I")) return gb_fail(err, GB_ERROR_USAGE, "no program %s", name);
    gb_value argument = {.u32 = n}, result;
    gb_trap trap;
    uint64_t start = now();
    if (!gb_call(func, &argument, &result, &trap)) return gb_fail(err, GB_ERROR_TRAP, "%s", trap.message);
    printf("ok %" PRIu64 " %" PRIu64 "\n", now() - start, result.u64);
    return true;
}

int main(int argc, char **argv) {
    gb_engine_kind engine = argc > 1 && strcmp(argv[1], "interpreter") == 0 ? GB_ENGINE_INTERPRETER
                                                                            : GB_ENGINE_COMPILER;
    char line[4096], word[4000];
    unsigned n;
    while (fgets(line, sizeof line, stdin)) {
        gb_error err = {.message = "expected `load FILE` or `call NAME N`"};
        bool ok = false;
        if (sscanf(line, "call %3999s %u", word, &n) == 2) ok = call(word, n, &err);
        else if (sscanf(line, "load %3999s", word) == 1) ok = load(word, engine, &err);
        if (!ok) printf("error %s\n", err.message);
        fflush(stdout);
    }
    gb_store_free(store);
    return 0;
}
