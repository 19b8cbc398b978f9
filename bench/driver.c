/* Our engine behind the line protocol of bench/README.md: bench-driver compiler|interpreter. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/linker.h"
#include "engine/module.h"
#include "engine/x64/x64.h"
#include "engine/x64/x64_code.h"

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

/* ---- compiling everything, on this thread -------------------------------------------------------- */

static uint64_t processor_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* Validated and compiled: answers with the processor time and the bytes of code. */
static bool compile(const char *path, gb_error *err) {
    size_t length = 0;
    uint8_t *bytes = read_file(path, &length);
    if (!bytes) return gb_fail(err, GB_ERROR_IO, "cannot read %s", path);
    uint64_t start = processor_time(), code = 0;
    gb_module *m = gb_module_decode(bytes, length, true, err);
    gb_x64_space *space = m ? gb_x64_module_space(m, GB_X64_GUARDED) : NULL;
    uint32_t refused = space ? gb_x64_compile_all(space) : 1;
    uint64_t took = processor_time() - start;
    if (refused == 0) {
        for (uint32_t i = m->imported[GB_EXTERN_FUNC]; i < m->function_count; i++)
            code += m->functions[i].end - m->functions[i].body;
        printf("ok %" PRIu64 " %" PRIu64 "\n", took, code);
    } else if (m) {
        gb_fail(err, GB_ERROR_USAGE, "%u functions could not be compiled", refused);
    }
    gb_module_release(m);
    free(bytes);
    return refused == 0;
}

/* ---- fresh instances from an image --------------------------------------------------------------- */

static bool never(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)env, (void)args, (void)results;
    return gb_caller_trap(caller, "the host was called");
}

static char letter(gb_valtype type) {
    return type == GB_I32 ? 'i' : type == GB_I64 ? 'I' : type == GB_F32 ? 'f' : type == GB_F64 ? 'F' : 'e';
}

static bool define_imports(const gb_module *m, gb_linker *linker, gb_error *err) {
    for (uint32_t i = 0; i < m->import_count; i++) {
        char text[GB_PARAMS_MAX + GB_RESULTS_MAX + 2], *to = text;
        const gb_functype *type = gb_module_functype(m, m->imports[i].index);
        for (uint32_t k = 0; k < type->param_count; k++) *to++ = letter(type->params[k]);
        *to++ = ':';
        for (uint32_t k = 0; k < type->result_count; k++) *to++ = letter(type->results[k]);
        *to = 0;
        if (!gb_linker_define(linker, m->imports[i].module.text, m->imports[i].field.text, text, never, NULL, err)) return false;
    }
    return true;
}

/* Processor time of n times: a fresh instance, entered by a call that allocates. */
static bool renew(gb_store *s, gb_instance *fresh, uint32_t n, gb_error *err) {
    gb_func *initialize = gb_instance_func(fresh, "_initialize"), *alloc = gb_instance_func(fresh, "__gbx_alloc");
    gb_value size = {.u32 = 4096}, room;
    gb_trap trap;
    if (!alloc || (initialize && !gb_call(initialize, NULL, NULL, &trap)))
        return gb_fail(err, GB_ERROR_USAGE, "this is no macro library");
    if (!gb_store_freeze(s, err) || !gb_call(alloc, &size, &room, &trap)) return false;
    uint64_t start = processor_time();
    for (uint32_t i = 0; i < n; i++) {
        if (!gb_store_restore(s, err)) return false;
        if (!gb_call(alloc, &size, &room, &trap)) return gb_fail(err, GB_ERROR_TRAP, "%s", trap.message);
    }
    printf("ok %" PRIu64 " %u\n", processor_time() - start, n);
    return true;
}

static bool instantiate(const char *path, uint32_t n, gb_engine_kind engine, gb_error *err) {
    size_t length = 0;
    uint8_t *bytes = read_file(path, &length);
    if (!bytes) return gb_fail(err, GB_ERROR_IO, "cannot read %s", path);
    gb_limits limits = {.engine = engine};
    gb_module *m = gb_module_decode_lazily(bytes, length, true, err);
    gb_linker *linker = m ? gb_linker_new(err) : NULL;
    gb_store *s = linker && define_imports(m, linker, err) ? gb_store_new(&limits, err) : NULL;
    gb_trap trap;
    gb_instance *fresh = s ? gb_instance_new(s, m, linker, &trap, err) : NULL;
    bool ok = fresh && renew(s, fresh, n, err);
    gb_store_free(s);
    if (linker) gb_linker_free(linker);
    gb_module_release(m);
    free(bytes);
    return ok;
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
        else if (sscanf(line, "compile %3999s", word) == 1) ok = compile(word, &err);
        else if (sscanf(line, "instantiate %3999s %u", word, &n) == 2) ok = instantiate(word, n, engine, &err);
        if (!ok) printf("error %s\n", err.message);
        fflush(stdout);
    }
    gb_store_free(store);
    return 0;
}
