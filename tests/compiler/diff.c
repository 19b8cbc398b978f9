/* The tiers against each other on random modules.
 *
 *     diff [-s SEED] [-n COUNT] [-f FEATURES] [-o DIR]
 *                                             own generator, seeds SEED…; -o keeps modules and transcripts for diff.js
 *     diff [-o DIR] FILE.wasm…                modules of others
 *
 * Each module is instantiated in the interpreter and in several configurations of the compiler; every exported function is
 * called with arguments of interest; results, traps with their backtraces, memory and exported globals must be the same. Prints
 * what differs, and last `diff: N passed, N failed`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "engine/instance.h"
#include "engine/x64/x64.h"
#include "engine/x64/x64_code.h"
#include "generate.h"

typedef struct configuration {
    const char *name;
    gb_limits limits;
    uint32_t set, without;
    unsigned every; /* only one module in so many */
} configuration;

enum { STACK = 256 << 10, FUEL = 2000000 };
#define LIMITS .stack_bytes = STACK, .call_depth = 2000, .memory_bytes = 64 << 20

static const configuration configurations[] = {
    {"interpreter", {.engine = GB_ENGINE_INTERPRETER, LIMITS}, 0, 0, 1},
    {"compiler", {.engine = GB_ENGINE_COMPILER, LIMITS}, 0, 0, 1},
    {"spilled", {.engine = GB_ENGINE_COMPILER, LIMITS}, GB_X64_STRESS_SPILL, 0, 2},
    {"old processor, no guard", {.engine = GB_ENGINE_COMPILER, .no_guard_regions = true, LIMITS}, 0, GB_X64_FEATURES & ~GB_X64_SSE41, 2},
    {"small buffer", {.engine = GB_ENGINE_COMPILER, LIMITS}, GB_X64_STRESS_ROOM, 0, 8},
};
static const configuration fuelled[] = {
    {"interpreter, fuel", {.engine = GB_ENGINE_INTERPRETER, .fuel = FUEL, LIMITS}, 0, 0, 1},
    {"compiler, fuel", {.engine = GB_ENGINE_COMPILER, .fuel = FUEL, LIMITS}, 0, 0, 1},
};

/* ---- one run --------------------------------------------------------------------------------------- */

static uint64_t hash(uint64_t h, const void *bytes, size_t length) {
    const uint8_t *p = bytes;
    for (size_t i = 0; i < length; i++) h = (h ^ p[i]) * 0x100000001B3u;
    return h;
}

/* A sum that JavaScript computes as well (diff.js): 32-bit words, each turned and multiplied. */
static uint32_t sum(const uint8_t *bytes, uint64_t length) {
    uint32_t h = 0;
    for (uint64_t i = 0; i + 4 <= length; i += 4) h = (h << 5 | h >> 27) ^ gb_load_u32(bytes + i), h = h * 0x9E3779B1u;
    return h;
}

typedef struct log_env {
    uint64_t calls;
    char type;
} log_env;

static bool log_value(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    log_env *log = env;
    (void)caller, (void)results;
    log->calls = hash(log->calls, &args[0], log->type == 'v' ? 16 : log->type == 'I' || log->type == 'F' ? 8 : 4);
    return true;
}

static const struct {
    const char *name, *type;
} logs[] = {{"log-i32", "i:"}, {"log-i64", "I:"}, {"log-f32", "f:"}, {"log-f64", "F:"}, {"log-v128", "v:"}};

static uint64_t argument(gb_valtype type, unsigned seed) {
    static const uint64_t ints[] = {0, 1, UINT64_MAX, 2, 7, 0x80000000, 0x7FFFFFFF, 0x8000000000000000, 65535, 1000, 31};
    static const double floats[] = {0, 1, -1, 0.5, 1e10, -2147483649.0, 3e38, 1e300, 123.25};
    uint64_t bits = ints[seed % 11];
    if (type == GB_F64) memcpy(&bits, &floats[seed % 9], 8);
    if (type == GB_F32) {
        float f = (float)floats[seed % 9];
        bits = 0;
        memcpy(&bits, &f, 4);
    }
    return bits;
}

static bool is_nan(gb_valtype type, uint64_t bits) {
    return type == GB_F32 ? (bits & 0x7FFFFFFF) > 0x7F800000 : type == GB_F64 && (bits << 1) > 0xFFE0000000000000;
}

/* A result as text: bits, all NaNs alike. References only by being null. */
static void print_result(gb_buffer *out, gb_valtype type, const gb_value *v) {
    uint64_t bits = type == GB_I32 || type == GB_F32 ? v->u32 : v->u64;
    if (is_nan(type, bits)) {
        gb_buffer_append_text(out, " nan");
    } else if (type == GB_V128) {
        gb_buffer_append_format(out, " v128:%" PRIx64, hash(0, v->v128, 16));
    } else if (gb_valtype_is_ref(type)) {
        gb_buffer_append_text(out, v->ref ? " ref" : " null");
    } else {
        gb_buffer_append_format(out, " %" PRIx64, bits);
    }
}

/* False: the module cannot be compared further (a stack overflow happens where it happens). */
static bool call(gb_instance *instance, const gb_export *export, unsigned round, gb_buffer *out, bool frames) {
    gb_func *func = instance->funcs[export->index];
    const gb_functype *type = gb_module_functype(instance->module, export->index);
    gb_value args[1000], results[1000];
    memset(args, 0, sizeof args[0] * (type->param_count + 1u));
    memset(results, 0, sizeof results[0] * (type->result_count + 1u));
    for (uint32_t i = 0; i < type->param_count; i++) {
        if (type->params[i] == GB_V128) {
            memset(args[i].v128, (int)(round * 37 + i), 16);
        } else if (!gb_valtype_is_ref(type->params[i])) {
            args[i].u64 = argument(type->params[i], round * 5 + i * 3 + export->index);
        }
    }
    gb_buffer_append_format(out, "%s:", export->name.text);
    gb_trap trap;
    if (gb_call(func, args, results, &trap)) {
        for (uint32_t i = 0; i < type->result_count; i++) print_result(out, type->results[i], &results[i]);
        gb_buffer_append_text(out, "\n");
        return true;
    }
    gb_buffer_append_format(out, " trap %d\n", (int)trap.kind);
    if (trap.kind == GB_TRAP_STACK_OVERFLOW || trap.kind == GB_TRAP_MEMORY_LIMIT) return false;
    if (frames) gb_buffer_append_format(out, "# %s\n# %s\n", trap.message, trap.backtrace);
    return true;
}

static void print_state(gb_instance *instance, gb_buffer *out) {
    const gb_module *m = instance->module;
    if (m->memory_count) {
        const gb_memory *memory = instance->memories[0];
        gb_buffer_append_format(out, "memory %" PRIu64 " %08x\n", memory->size, sum(memory->base, memory->size));
    }
    for (uint32_t i = 0; i < m->export_count; i++) {
        const gb_export *e = &m->exports[i];
        if (e->kind != GB_EXTERN_GLOBAL) continue;
        gb_value v;
        gb_value_from_slots(&v, m->globals[e->index].type, instance->globals[e->index]->slot);
        gb_buffer_append_format(out, "%s =", e->name.text);
        print_result(out, m->globals[e->index].type, &v);
        gb_buffer_append_text(out, "\n");
    }
}

static void run_exports(gb_instance *instance, gb_buffer *out, log_env *env, bool frames) {
    const gb_module *m = instance->module;
    gb_func *refill = gb_instance_func(instance, "hangLimitInitializer");
    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < m->export_count; i++) {
            if (m->exports[i].kind != GB_EXTERN_FUNC) continue;
            if (refill) gb_call(refill, NULL, NULL, NULL);
            const gb_export *fuel = gb_module_find_export(m, "fuel", 4);
            if (fuel && fuel->kind == GB_EXTERN_GLOBAL) instance->globals[fuel->index]->slot[0] = 3000;
            if (!call(instance, &m->exports[i], round, out, frames)) {
                gb_buffer_append_text(out, "stopped\n");
                return;
            }
            if (instance->exec->fuel_counted) {
                gb_buffer_append_format(out, "fuel %" PRIu64 "\n", gb_store_fuel(instance->store));
                gb_store_fuel_set(instance->store, FUEL);
            }
        }
    }
    uint64_t logged = 0;
    for (unsigned i = 0; i < 5; i++) logged = hash(logged, &env[i].calls, 8);
    gb_buffer_append_format(out, "# logged %" PRIx64 "\n", logged);
    print_state(instance, out);
}

static gb_buffer run(const configuration *c, const uint8_t *bytes, size_t length, bool frames) {
    gb_buffer out = {0};
    gb_error err = {.message = ""};
    gb_trap trap;
    log_env env[5] = {{0}};
    gb_x64_test_options(c->set, c->without);
    gb_module *m = c->set ? gb_module_decode_lazily(bytes, length, true, &err)
                          : gb_module_decode(bytes, length, true, &err);
    gb_linker *linker = gb_linker_new(&err);
    for (unsigned i = 0; i < 5; i++) {
        env[i].type = logs[i].type[0];
        gb_linker_define(linker, "fuzzing-support", logs[i].name, logs[i].type, log_value, &env[i], &err);
    }
    gb_store *store = m ? gb_store_new(&c->limits, &err) : NULL;
    gb_instance *instance = store ? gb_instance_new(store, m, linker, &trap, &err) : NULL;
    if (instance) {
        run_exports(instance, &out, env, frames);
    } else {
        gb_buffer_append_format(&out, "# not instantiated: %s\n", err.message);
    }
    gb_store_free(store);
    gb_linker_free(linker);
    if (m) gb_module_release(m);
    return out;
}

/* ---- comparing ---------------------------------------------------------------------------------------- */

static const char *directory;
static unsigned passed, failed;

static bool write_file(const char *name, const char *extension, const void *bytes, size_t length) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s%s", directory, name, extension);
    FILE *f = fopen(path, "wb");
    if (!f) return perror(path), false;
    bool ok = fwrite(bytes, 1, length, f) == length;
    return fclose(f) == 0 && ok;
}

static void show_difference(const char *name, const char *what, const char *a, const char *b) {
    printf("%s: %s differs\n", name, what);
    while (*a && *b) {
        size_t x = strcspn(a, "\n"), y = strcspn(b, "\n");
        if (x != y || memcmp(a, b, x) != 0) {
            printf("  expected %.*s\n  got      %.*s\n", (int)x, a, (int)y, b);
            return;
        }
        a += x + (a[x] == '\n');
        b += y + (b[y] == '\n');
    }
    printf("  expected %.80s\n  got      %.80s\n", *a ? a : "(end)", *b ? b : "(end)");
}

static bool compare(const char *name, const configuration *all, size_t count, const uint8_t *bytes, size_t length,
                    unsigned turn, bool frames, bool keep) {
    gb_buffer expected = run(&all[0], bytes, length, frames);
    bool same = true;
    for (size_t i = 1; i < count; i++) {
        if (turn % all[i].every) continue;
        gb_buffer got = run(&all[i], bytes, length, frames);
        if (strcmp(gb_buffer_text(&expected), gb_buffer_text(&got)) != 0) {
            show_difference(name, all[i].name, gb_buffer_text(&expected), gb_buffer_text(&got));
            same = false;
        }
        gb_buffer_free(&got);
    }
    if (keep && directory) {
        same &= write_file(name, ".wasm", bytes, length);
        same &= write_file(name, ".txt", expected.data, expected.length);
    }
    gb_buffer_free(&expected);
    return same;
}

static void check(const char *name, const uint8_t *bytes, size_t length, unsigned turn) {
    /* Backtraces compile a function again for each frame: not every time. */
    bool frames = turn % 16 == 0 && !directory;
    bool same = compare(name, configurations, sizeof configurations / sizeof *configurations, bytes, length, turn, frames, true);
    if (turn % 4 == 0) same &= compare(name, fuelled, 2, bytes, length, turn, false, false);
    if (same) {
        passed++;
    } else {
        failed++;
    }
}

static void check_file(const char *path, unsigned turn) {
    FILE *f = fopen(path, "rb");
    static uint8_t bytes[1 << 22];
    size_t length = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f) fclose(f);
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    if (length) check(name, bytes, length, turn);
}

int main(int argc, char **argv) {
    uint64_t seed = 1;
    unsigned count = 0;
    int at = 1, forced = -1;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (argv[at][1] == 's') seed = strtoull(argv[at + 1], NULL, 0);
        if (argv[at][1] == 'n') count = (unsigned)atoi(argv[at + 1]);
        if (argv[at][1] == 'o') directory = argv[at + 1];
        if (argv[at][1] == 'f') forced = atoi(argv[at + 1]);
    }
    for (unsigned i = 0; at < argc; at++) check_file(argv[at], i++);
    for (unsigned i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "seed-%" PRIu64, seed + i);
        /* V8 knows the exceptions of the standard only under a flag: modules kept for it have none. */
        unsigned features = forced >= 0 ? (unsigned)forced : directory ? GENERATE_SIMD : i % 3 == 0 ? GENERATE_ALL : i % 3 == 1 ? GENERATE_SIMD : 0;
        gb_buffer module = generate_module(seed + i, features);
        check(name, module.data, module.length, i);
        gb_buffer_free(&module);
    }
    if (count) printf("seeds %" PRIu64 " to %" PRIu64 "\n", seed, seed + count - 1);
    printf("diff: %u passed, %u failed\n", passed, failed);
    return failed != 0;
}
