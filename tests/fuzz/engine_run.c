/* Any bytes: a module among them is instantiated, its imported functions being ours, and each exported function is called
 * once, within bounds. Interpreter or compiler, guard regions or not must make no difference: same outcomes, results and fuel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/instance.h"

enum { FUEL = 20000, EXPORTS = 50, VALUES = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool host(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)env, (void)args, (void)results; /* results come zeroed */
    return gb_store_fuel(gb_caller_store(caller)) % 7 != 0 || gb_caller_trap(caller, "no");
}

static char letter(gb_valtype type) {
    switch (type) {
    case GB_I32: return 'i';
    case GB_I64: return 'I';
    case GB_F32: return 'f';
    case GB_F64: return 'F';
    case GB_V128: return 'v';
    default: return type == GB_FUNCREF ? 'r' : 'e';
    }
}

static void define_imports(gb_linker *linker, const gb_module *m) {
    gb_error err;
    for (uint32_t i = 0; i < m->import_count; i++) {
        if (m->imports[i].kind != GB_EXTERN_FUNC) continue;
        const gb_functype *type = gb_module_functype(m, m->imports[i].index);
        char letters[2 * VALUES + 2], *c = letters;
        if (type->param_count > VALUES || type->result_count > VALUES) continue;
        for (uint32_t k = 0; k < type->param_count; k++) *c++ = letter(type->params[k]);
        *c++ = ':';
        for (uint32_t k = 0; k < type->result_count; k++) *c++ = letter(type->results[k]);
        *c = 0;
        if (!gb_linker_define(linker, m->imports[i].module.text, m->imports[i].field.text, letters, host, NULL, &err))
            abort();
    }
}

static uint64_t mix(uint64_t hash, uint64_t value) { return (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15) >> 7; }

static bool is_nan(gb_valtype type, const gb_value *v) {
    return type == GB_F32 ? v->f32 != v->f32 : type == GB_F64 && v->f64 != v->f64;
}

/* What a module did. How deep calls can go depends on the tier: behind an overflow nothing is compared. */
typedef struct outcome {
    uint64_t hash;
    bool overflowed;
} outcome;

static void add_result(outcome *o, gb_valtype type, const gb_value *v) {
    if (is_nan(type, v)) {
        o->hash = mix(o->hash, 1); /* its bits are open */
    } else if (type == GB_I32 || type == GB_F32) {
        o->hash = mix(o->hash, v->u32);
    } else if (type == GB_I64 || type == GB_F64) {
        o->hash = mix(o->hash, v->u64);
    }
}

static void call_exports(gb_instance *instance, outcome *o) {
    const gb_module *m = instance->module;
    gb_trap trap;
    for (uint32_t i = 0; i < m->export_count && i < EXPORTS; i++) {
        if (m->exports[i].kind != GB_EXTERN_FUNC) continue;
        gb_func *func = instance->funcs[m->exports[i].index];
        const gb_functype *type = gb_module_functype(m, m->exports[i].index);
        gb_value args[VALUES] = {{0}}, results[VALUES] = {{0}};
        if (type->param_count > VALUES || type->result_count > VALUES) continue;
        for (uint32_t k = 0; k < type->param_count; k++)
            if (!gb_valtype_is_ref(type->params[k])) args[k].u64 = i * 37 + k;
        if (gb_call(func, args, results, &trap)) {
            for (uint32_t k = 0; k < type->result_count; k++) add_result(o, type->results[k], &results[k]);
        } else {
            o->hash = mix(o->hash, trap.kind);
            o->overflowed |= trap.kind == GB_TRAP_STACK_OVERFLOW;
        }
    }
}

static outcome run(gb_module *m, gb_engine_kind engine, bool no_guard_regions) {
    gb_error err;
    gb_trap trap = {0};
    gb_limits limits = {.fuel = FUEL, .memory_bytes = 16 << 20, .table_entries = 10000, .stack_bytes = 256 << 10,
                        .call_depth = 500, .engine = engine, .no_guard_regions = no_guard_regions};
    gb_store *store = gb_store_new(&limits, &err);
    gb_linker *linker = gb_linker_new(&err);
    if (!store || !linker) abort();
    define_imports(linker, m);
    gb_instance *instance = gb_instance_new(store, m, linker, &trap, &err);
    outcome o = {.hash = instance ? 1 : (uint64_t)err.kind, .overflowed = trap.kind == GB_TRAP_STACK_OVERFLOW};
    if (instance) call_exports(instance, &o);
    o.hash = mix(o.hash, gb_store_fuel(store));
    gb_store_free(store);
    gb_linker_free(linker);
    return o;
}

static void compare(outcome a, outcome b, const char *what) {
    if (a.overflowed || b.overflowed || a.hash == b.hash) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    gb_error err;
    gb_module *m = gb_module_decode(data, size, true, &err);
    if (!m) return 0;
    outcome expected = run(m, GB_ENGINE_INTERPRETER, false);
    compare(expected, run(m, GB_ENGINE_INTERPRETER, true), "guard regions make a difference");
    compare(expected, run(m, GB_ENGINE_AUTO, false), "compiling makes a difference");
    compare(expected, run(m, GB_ENGINE_AUTO, true), "compiling with explicit checks makes a difference");
    gb_module_release(m);
    return 0;
}
