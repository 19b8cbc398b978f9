/* store.c: stores, calls into them, and what a host function may ask. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/exception.h"
#include "engine/icode.h"
#include "engine/image.h"
#include "engine/x64/x64.h"

enum {
    DEFAULT_CALL_DEPTH = 100000,
    DEFAULT_STACK_BYTES = 8 << 20,
    MAX_NESTING = 1000,           /* host functions and other instances, one within another */
    MAX_NATIVE_BYTES = 512 << 10, /* of the host's stack that they may use */
};

struct gb_caller {
    gb_store *store;
    gb_instance *instance;
};

typedef struct gb_owned {
    struct gb_owned *next;
    void (*release)(void *);
    max_align_t object[];
} gb_owned;

/* ---- stores ---------------------------------------------------------------------------------------- */

static void *map(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void apply_defaults(gb_limits *limits) {
    if (limits->memory_bytes == 0) limits->memory_bytes = UINT64_C(4) << 30;
    if (limits->table_entries == 0) limits->table_entries = GB_TABLE_ENTRIES_MAX;
    if (limits->stack_bytes == 0) limits->stack_bytes = DEFAULT_STACK_BYTES;
    if (limits->call_depth == 0) limits->call_depth = DEFAULT_CALL_DEPTH;
}

/* The last frames stay free: an entry from C takes two. */
static gb_frame *frame_limit(const gb_exec *x) { return x->frames_end - 2; }

static atomic_bool sealed;
bool gb_engine_is_sealed(void) { return atomic_load(&sealed); }

void gb_engine_seal(size_t wasm_bytes) {
    atomic_store(&sealed, true);
#if GB_X64
    gb_x64_seal(wasm_bytes);
#else
    (void)wasm_bytes;
#endif
}

bool gb_engine_compiles(const char **why) {
#if GB_X64
    return gb_x64_available(why);
#else
    *why = "machine code is made for 64-bit x86 Linux only";
    return false;
#endif
}

/* AUTO compiles where that is possible. */
static bool choose_tier(gb_store *store, gb_error *err) {
    const char *why;
    if (store->limits.engine == GB_ENGINE_INTERPRETER) return true;
#if GB_X64
    if (gb_engine_compiles(&why)) return gb_x64_store_init(store, err);
#else
    gb_engine_compiles(&why);
#endif
    if (store->limits.engine == GB_ENGINE_AUTO) return true;
    return gb_fail(err, GB_ERROR_USAGE, "the compiler cannot be used here: %s", why);
}

gb_store *gb_store_new(const gb_limits *limits, gb_error *err) {
    gb_store *store = calloc(1, sizeof *store);
    if (!store || !gb_typetable_init(&store->types)) goto fail;
    if (limits) store->limits = *limits;
    apply_defaults(&store->limits);
    gb_exec *x = &store->exec;
    x->store = store;
    x->fuel = store->limits.fuel;
    x->fuel_counted = store->limits.fuel != 0;
    x->stack_length = store->limits.stack_bytes / sizeof(gb_slot);
    size_t frames = (size_t)store->limits.call_depth + 4;
    x->stack = map(store->limits.stack_bytes);
    x->frames = map(frames * sizeof *x->frames);
    if (!x->stack || !x->frames) goto fail;
    x->stack_end = x->stack + x->stack_length;
    x->sp = x->stack;
    x->frames_end = x->frames + frames;
    x->top = x->frames;
    atomic_init(&x->frame_limit, frame_limit(x));
    if (choose_tier(store, err)) return store;
    gb_store_free(store);
    return NULL;
fail:
    gb_store_free(store);
    gb_fail(err, GB_ERROR_MEMORY, "out of memory for a store");
    return NULL;
}

void gb_store_free(gb_store *store) {
    if (!store) return;
    gb_image_free(store->image);
    while (store->owned) {
        gb_owned *next = store->owned->next;
        if (store->owned->release) store->owned->release(store->owned->object);
        free(store->owned);
        store->owned = next;
    }
    gb_exceptions_free(store);
    gb_typetable_free(&store->types);
    gb_exec *x = &store->exec;
#if GB_X64
    gb_x64_store_free(store);
#endif
    if (x->stack) munmap(x->stack, store->limits.stack_bytes);
    if (x->frames) munmap(x->frames, (size_t)(x->frames_end - x->frames) * sizeof *x->frames);
    free(store);
}

void *gb_store_own(gb_store *store, size_t size, void (*release)(void *)) {
    if (size > SIZE_MAX - sizeof(gb_owned)) return NULL;
    gb_owned *owned = calloc(1, sizeof *owned + size);
    if (!owned) return NULL;
    owned->release = release;
    owned->next = store->owned;
    store->owned = owned;
    return owned->object;
}

void gb_store_interrupt(gb_store *store) {
    atomic_store(&store->exec.interrupt, 1);
    atomic_store(&store->exec.frame_limit, NULL);
#if GB_X64
    gb_x64_interrupt(store, true);
#endif
}

void gb_store_interrupt_clear(gb_store *store) {
    atomic_store(&store->exec.interrupt, 0);
    atomic_store(&store->exec.frame_limit, frame_limit(&store->exec));
#if GB_X64
    gb_x64_interrupt(store, false);
#endif
}

uint64_t gb_store_memory_peak(const gb_store *store) { return store->memory_peak; }
bool gb_store_memory_refused(const gb_store *store) { return store->memory_refused; }
uint64_t gb_store_host_calls(const gb_store *store) { return store->host_calls; }
uint64_t gb_store_fuel(const gb_store *store) { return store->exec.fuel; }
void gb_store_fuel_set(gb_store *store, uint64_t fuel) { store->exec.fuel = fuel; }

/* ---- types by letters --------------------------------------------------------------------------------- */

static gb_valtype letter_type(char c) {
    switch (c) {
    case 'i': return GB_I32;
    case 'I': return GB_I64;
    case 'f': return GB_F32;
    case 'F': return GB_F64;
    case 'v': return GB_V128;
    case 'r': return GB_FUNCREF;
    case 'e': return GB_EXTERNREF;
    default: return GB_NOTYPE;
    }
}

uint32_t gb_store_type(gb_store *store, const char *letters, gb_error *err) {
    gb_valtype types[GB_PARAMS_MAX + GB_RESULTS_MAX];
    gb_functype type = {.params = types};
    uint32_t n = 0;
    const char *colon = strchr(letters, ':');
    if (!colon || strlen(letters) > GB_PARAMS_MAX) goto bad;
    for (const char *c = letters; *c; c++) {
        if (c == colon) continue;
        types[n] = letter_type(*c);
        if (types[n++] == GB_NOTYPE) goto bad;
    }
    type.param_count = (uint16_t)(colon - letters);
    type.result_count = (uint16_t)(n - type.param_count);
    type.results = types + type.param_count;
    uint32_t id = gb_typetable_intern(&store->types, &type, 1, store->types.count);
    if (id == UINT32_MAX) gb_fail(err, GB_ERROR_MEMORY, "out of memory for a function type");
    return id;
bad:
    gb_fail(err, GB_ERROR_USAGE, "\"%.100s\" is no function type: letters of iIfFvre, a colon, letters", letters);
    return UINT32_MAX;
}

bool gb_func_has_type(const gb_func *func, const char *letters) {
    return gb_store_type(func->store, letters, NULL) == func->type_id;
}

/* ---- values ---------------------------------------------------------------------------------------------- */

void gb_slots_from_value(gb_slot *slots, gb_valtype type, const gb_value *value) {
    switch (type) {
    case GB_I32:
    case GB_F32: slots[0] = value->u32; break;
    case GB_I64:
    case GB_F64: slots[0] = value->u64; break;
    case GB_V128: memcpy(slots, value->v128, 16); break;
    default: slots[0] = (uintptr_t)value->ref; break;
    }
}

void gb_value_from_slots(gb_value *value, gb_valtype type, const gb_slot *slots) {
    switch (type) {
    case GB_I32:
    case GB_F32: value->u32 = (uint32_t)slots[0]; break;
    case GB_I64:
    case GB_F64: value->u64 = slots[0]; break;
    case GB_V128: memcpy(value->v128, slots, 16); break;
    default: value->ref = (void *)(uintptr_t)slots[0]; break;
    }
}

static void slots_from_values(gb_slot *slots, const gb_valtype *types, uint32_t count, const gb_value *values) {
    for (uint32_t i = 0; i < count; i++) {
        gb_slots_from_value(slots, types[i], &values[i]);
        slots += gb_valtype_slots(types[i]);
    }
}

static void values_from_slots(gb_value *values, const gb_valtype *types, uint32_t count, const gb_slot *slots) {
    for (uint32_t i = 0; i < count; i++) {
        gb_value_from_slots(&values[i], types[i], slots);
        slots += gb_valtype_slots(types[i]);
    }
}

/* ---- calls -------------------------------------------------------------------------------------------------- */

static gb_outcome call_host(gb_exec *x, gb_func *func, gb_slot *slots) {
    /* The type is copied: the host function may instantiate, which can move the store's types. */
    const gb_functype type = x->store->types.types[func->type_id];
    size_t value_slots = sizeof(gb_value) / sizeof(gb_slot);
    size_t room = ((size_t)type.param_count + type.result_count) * value_slots;
    if (room > (size_t)(x->stack_end - x->sp)) return gb_exec_trap(x, GB_TRAP_STACK_OVERFLOW);
    gb_value *args = (gb_value *)(void *)x->sp, *results = args + type.param_count;
    gb_slot *saved = x->sp;
    x->sp += room;
    values_from_slots(args, type.params, type.param_count, slots);
    memset(results, 0, type.result_count * sizeof *results);
    gb_caller caller = {.store = x->store, .instance = x->instance};
    x->trap.kind = GB_TRAP_NONE;
    x->store->host_calls++;
    bool ok = func->host(&caller, func->env, args, results);
    if (ok) slots_from_values(slots, type.results, type.result_count, results);
    x->sp = saved;
    /* A function that waited may have been woken for this; the guest need not come past a loop or a call of
     * its own before it does the next thing. */
    bool interrupted = atomic_load_explicit(&x->interrupt, memory_order_relaxed) != 0;
    if (ok && interrupted) return gb_exec_trap(x, GB_TRAP_INTERRUPTED);
    if (ok) return GB_RETURNED;
    if (x->trap.kind == GB_TRAP_NONE) gb_exec_trap(x, GB_TRAP_HOST);
    return GB_TRAPPED;
}

static bool native_stack_is_low(const gb_exec *x) {
    const char *here = __builtin_frame_address(0);
    size_t used = (size_t)(here > x->native_base ? here - x->native_base : x->native_base - here);
    return x->depth >= MAX_NESTING || used > MAX_NATIVE_BYTES;
}

static gb_outcome call_guest(gb_exec *x, gb_func *func, gb_slot *slots) {
#if GB_X64
    if (x->x64) return gb_x64_call(func, slots);
#endif
    (void)x;
    return gb_interp_run(func, slots);
}

gb_outcome gb_func_call_slots(gb_func *func, gb_slot *slots) {
    gb_exec *x = &func->store->exec;
    if (x->depth == 0) x->native_base = __builtin_frame_address(0);
    if (native_stack_is_low(x)) return gb_exec_trap(x, GB_TRAP_STACK_OVERFLOW);
    x->depth++;
    gb_outcome outcome = func->instance ? call_guest(x, func, slots) : call_host(x, func, slots);
    x->depth--;
    return outcome;
}

bool gb_call(gb_func *func, const gb_value *args, gb_value *results, gb_trap *trap) {
    gb_exec *x = &func->store->exec;
    const gb_functype type = func->store->types.types[func->type_id];
    gb_slot *slots = x->sp;
    uint32_t room = type.param_slots > type.result_slots ? type.param_slots : type.result_slots;
    gb_outcome outcome;
    if (room > (size_t)(x->stack_end - slots)) {
        outcome = gb_exec_trap(x, GB_TRAP_STACK_OVERFLOW);
    } else {
        slots_from_values(slots, type.params, type.param_count, args);
        x->sp = slots + room;
        outcome = gb_func_call_slots(func, slots);
        x->sp = slots;
    }
    if (outcome == GB_RETURNED) {
        values_from_slots(results, type.results, type.result_count, slots);
        return true;
    }
    if (outcome == GB_THREW) {
        x->exception = NULL;
        gb_exec_trap(x, GB_TRAP_UNCAUGHT_EXCEPTION);
    }
    if (trap) *trap = x->trap;
    return false;
}

/* ---- for host functions --------------------------------------------------------------------------------------- */

gb_store *gb_caller_store(gb_caller *caller) { return caller->store; }
gb_instance *gb_caller_instance(gb_caller *caller) { return caller->instance; }

gb_memory *gb_caller_memory(gb_caller *caller) {
    return caller->instance ? gb_instance_memory(caller->instance, "memory") : NULL;
}

bool gb_caller_trap(gb_caller *caller, const char *format, ...) {
    char message[sizeof((gb_trap *)NULL)->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    gb_exec_trap_text(&caller->store->exec, GB_TRAP_HOST, message);
    return false;
}

bool gb_caller_exit(gb_caller *caller, int32_t code) {
    gb_exec_trap(&caller->store->exec, GB_TRAP_EXIT);
    caller->store->exec.trap.exit_code = code;
    return false;
}
