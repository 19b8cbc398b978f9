#include "engine/x64/x64_runtime.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "engine/bulk.h"
#include "engine/exception.h"
#include "engine/interp.h"
#include "engine/validate.h"
#include "engine/memory.h"
#include "engine/x64/x64.h"
#include "engine/x64/x64_code.h"
#include "engine/x64/x64_lower.h"
#include "engine/x64/x64_stubs.h"

/* ---- a store's stack ---------------------------------------------------------------------------- */

enum { STACK_DEFAULT = 8 << 20, STACK_LEAST = 64 << 10, PAGE = 4096 };

bool gb_x64_store_init(gb_store *store, gb_error *err) {
    size_t wanted = store->limits.stack_bytes ? store->limits.stack_bytes : STACK_DEFAULT;
    if (wanted < STACK_LEAST) wanted = STACK_LEAST;
    if (wanted > SIZE_MAX / 4) wanted = SIZE_MAX / 4;
    size_t size = ((wanted + X64_STACK_SLACK + PAGE - 1) & ~(size_t)(PAGE - 1)) + PAGE;
    gb_x64_state *st = calloc(1, sizeof *st);
    void *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (!st || mapping == MAP_FAILED || mprotect(mapping, PAGE, PROT_NONE) != 0) {
        if (mapping != MAP_FAILED) munmap(mapping, size);
        free(st);
        return gb_fail(err, GB_ERROR_MEMORY, "no memory for a stack of %zu bytes", wanted);
    }
    st->mapping = mapping;
    st->mapping_size = size;
    st->limit = st->mapping + PAGE + X64_STACK_SLACK;
    st->top = st->guest_sp = st->mapping + size;
    store->exec.x64 = st;
    return true;
}

void gb_x64_store_free(gb_store *store) {
    gb_x64_state *st = store->exec.x64;
    if (!st) return;
    munmap(st->mapping, st->mapping_size);
    free(st);
    store->exec.x64 = NULL;
}

void gb_x64_stack_range(const gb_store *store, const gb_slot **low, const gb_slot **high) {
    const gb_x64_state *st = store->exec.x64;
    *low = st ? (const gb_slot *)(const void *)st->guest_sp : NULL;
    *high = st ? (const gb_slot *)(const void *)st->top : NULL;
}

bool gb_x64_prepare(gb_instance *instance) {
    gb_x64_state *st = instance->exec->x64;
    /* First the limit, then the look at the interruption, which does it the other way round. */
    atomic_store(&instance->stack_limit, (uintptr_t)st->limit);
    if (atomic_load(&instance->exec->interrupt)) atomic_store(&instance->stack_limit, UINTPTR_MAX);
    return gb_x64_space_of(instance) != NULL;
}

void gb_x64_interrupt(gb_store *store, bool stop) {
    gb_x64_state *st = store->exec.x64;
    if (!st) return;
    for (gb_instance *i = atomic_load(&store->instances); i; i = i->next) {
        atomic_store(&i->stack_limit, stop ? UINTPTR_MAX : (uintptr_t)st->limit);
    }
}

void *gb_x64_entry(const gb_func *func) {
    return func->instance ? x64_stub_lazy_func() : x64_stub_bridge_func();
}

/* ---- from C to code -------------------------------------------------------------------------------- */

/* Arguments from slots to registers and the out area, which begins at `out`. */
static void load_arguments(const gb_functype *type, const gb_slot *slots, x64_registers *r, uint8_t *out) {
    x64_layout l;
    x64_layout_init(&l, type);
    for (uint32_t i = 0; i < type->param_count; i++) {
        x64_type t = x64_type_of(type->params[i]);
        uint32_t stack = 0, size = x64_size_of(t);
        unsigned ints = l.ints, floats = l.floats;
        uint64_t value = t == X64_I32 ? (uint32_t)*slots : *slots;
        uint8_t reg = x64_layout_next(&l, t, &stack);
        if (reg == X64_NO_REG) {
            memcpy(out + stack, slots, size);
        } else if (x64_is_int(t)) {
            r->ints[ints] = value;
        } else {
            memcpy(r->floats[floats], slots, size);
        }
        slots += size / 8;
    }
}

static void store_results(const gb_functype *type, gb_slot *slots, const x64_registers *r, const uint8_t *out) {
    if (type->result_count != 1) {
        memcpy(slots, out, (size_t)type->result_slots * 8);
        return;
    }
    x64_type t = x64_type_of(type->results[0]);
    memcpy(slots, x64_is_int(t) ? (const void *)r->ints : (const void *)r->floats[0], x64_size_of(t));
}

static gb_outcome run(gb_func *func, void *entry, gb_slot *slots) {
    gb_instance *instance = func->instance;
    gb_exec *x = instance->exec;
    gb_x64_state *st = x->x64;
    if (x->frames_end - x->top < 3 || x->top + 1 >= atomic_load_explicit(&x->frame_limit, memory_order_relaxed)) {
        return gb_interp_refuse_call(x);
    }
    const gb_functype *type = gb_module_functype(instance->module, func->index);
    uint32_t bytes = (x64_out_bytes(type) + 15) & ~15u;
    uint8_t *sp = (uint8_t *)((uintptr_t)st->guest_sp & ~(uintptr_t)15);
    if (sp - st->limit < (ptrdiff_t)bytes) return gb_exec_trap(x, GB_TRAP_STACK_OVERFLOW);
    sp -= bytes;
    x64_registers registers = {0};
    load_arguments(type, slots, &registers, sp);
    gb_frame *top = x->top;
    gb_x64_activation activation = {st->activation, top + 1, st->guest_sp, st->host_sp, st->frame};
    gb_instance *outer = x->instance;
    *++x->top = (gb_frame){.fp = x->sp};
    x->instance = instance;
    st->activation = &activation;
    x64_status status = x64_enter(instance, entry, &registers, sp);
    st->activation = activation.outer;
    st->guest_sp = activation.guest_sp;
    st->host_sp = activation.host_sp;
    st->frame = activation.frame;
    x->instance = outer;
    x->top = top;
    if (status != X64_RETURN) return st->outcome;
    store_results(type, slots, &registers, sp);
    return GB_RETURNED;
}

gb_outcome gb_x64_call(gb_func *func, gb_slot *slots) {
    gb_x64_space *space = gb_x64_space_of(func->instance);
    void *entry = space ? gb_x64_space_entry(space, func->index) : NULL;
    return entry ? run(func, entry, slots) : gb_interp_run(func, slots);
}

/* ---- from code to C -------------------------------------------------------------------------------- */

static x64_answer leave(gb_exec *x, gb_outcome outcome) {
    x->x64->outcome = outcome;
    return (x64_answer){0, X64_LEAVE};
}

static x64_answer trap(gb_instance *instance, gb_trap_kind kind) {
    gb_exec *x = instance->exec;
    x->instance = instance;
    return leave(x, gb_exec_trap(x, kind));
}

static x64_answer answer(uint64_t value) { return (x64_answer){value, X64_RETURN}; }
static x64_answer done_or(gb_instance *instance, gb_trap_kind kind) {
    return kind == GB_TRAP_NONE ? answer(0) : trap(instance, kind);
}

x64_answer x64_on_trap(gb_instance *instance, uint64_t kind) { return trap(instance, (gb_trap_kind)kind); }

x64_answer x64_on_look(gb_instance *instance) {
    gb_exec *x = instance->exec;
    gb_x64_state *st = x->x64;
    if (atomic_load_explicit(&x->interrupt, memory_order_relaxed)) return trap(instance, GB_TRAP_INTERRUPTED);
    gb_x64_space *space;
    const gb_x64_function *f = gb_x64_find(*st->frame - 1, &space);
    uint32_t offset = f ? (uint32_t)(*st->frame - (uintptr_t)space->run - f->start) : 0;
    if (!f || offset != f->stack_stub) return answer(0); /* a loop: somebody had interrupted, and thought again */
    if ((uint8_t *)st->frame - st->limit < (ptrdiff_t)f->frame) return trap(instance, GB_TRAP_STACK_OVERFLOW);
    return answer(0);
}

/* The index of the function whose slot the call instruction that ends at `ret` reads: FF 15 disp32. */
static uint32_t called_slot(const uint8_t *ret, gb_x64_space **space) {
    const gb_x64_function *caller = gb_x64_find((uintptr_t)ret - 1, space);
    assert(caller && ret[-6] == 0xFF && ret[-5] == 0x15);
    (void)caller;
    int32_t displacement;
    memcpy(&displacement, ret - 4, 4);
    const void *slot = ret + displacement;
    uint32_t index = (uint32_t)((_Atomic(void *) *)(uintptr_t)slot - (*space)->slots);
    return index - X64_SLOT_FUNCTIONS + (*space)->module->imported[GB_EXTERN_FUNC];
}

x64_answer x64_on_lazy(gb_instance *instance, const uint8_t *ret) {
    (void)instance;
    gb_x64_space *space;
    uint32_t function = called_slot(ret, &space);
    void *entry = gb_x64_space_entry(space, function);
    return answer((uintptr_t)(entry ? entry : x64_stub_entry(X64_SLOT_BRIDGE)));
}

x64_answer x64_on_lazy_func(gb_instance *instance, gb_func *func) {
    (void)instance;
    gb_x64_space *space = gb_x64_space_of(func->instance);
    void *entry = space ? gb_x64_space_entry(space, func->index) : NULL;
    func->entry = entry ? entry : x64_stub_bridge_func();
    return answer((uintptr_t)func->entry);
}

x64_answer x64_on_slot_func(gb_instance *instance, const uint8_t *ret) {
    gb_x64_space *space;
    return answer((uintptr_t)instance->funcs[called_slot(ret, &space)]);
}

/* The inverse of load_arguments. */
static void unload_arguments(const gb_functype *type, gb_slot *slots, const x64_registers *r, const uint8_t *out) {
    x64_layout l;
    x64_layout_init(&l, type);
    for (uint32_t i = 0; i < type->param_count; i++) {
        x64_type t = x64_type_of(type->params[i]);
        uint32_t stack = 0, size = x64_size_of(t);
        unsigned ints = l.ints, floats = l.floats;
        uint8_t reg = x64_layout_next(&l, t, &stack);
        const void *from = reg == X64_NO_REG ? (const void *)(out + stack)
                           : x64_is_int(t)   ? (const void *)&r->ints[ints]
                                             : (const void *)r->floats[floats];
        memcpy(slots, from, size);
        slots += size / 8;
    }
}

static void return_results(const gb_functype *type, const gb_slot *slots, x64_registers *r, uint8_t *out) {
    if (type->result_count != 1) {
        memcpy(out, slots, (size_t)type->result_slots * 8);
        return;
    }
    x64_type t = x64_type_of(type->results[0]);
    r->ints[0] = t == X64_I32 ? (uint32_t)*slots : *slots; /* the upper half of a slot is anything */
    memcpy(r->floats[0], slots, x64_size_of(t));
}

x64_answer x64_on_bridge(gb_instance *instance, gb_func *func, x64_registers *registers, uint8_t *stack) {
    gb_exec *x = instance->exec;
    const gb_functype *type = &x->store->types.types[func->type_id];
    size_t room = type->param_slots > type->result_slots ? type->param_slots : type->result_slots;
    if (room > (size_t)(x->stack_end - x->sp)) return trap(instance, GB_TRAP_STACK_OVERFLOW);
    gb_slot *slots = x->sp;
    unload_arguments(type, slots, registers, stack);
    x->sp += room;
    x->instance = instance;
    gb_outcome outcome = gb_func_call_slots(func, slots);
    x->sp -= room;
    if (outcome == GB_TRAPPED) return leave(x, outcome);
    if (outcome == GB_THREW) return x64_unwind(instance);
    return_results(type, slots, registers, stack);
    return answer(0);
}

/* ---- helpers ------------------------------------------------------------------------------------------- */

static x64_answer on_memory_grow(gb_instance *i, uint64_t delta) {
    return answer(gb_memory_grow(i->memories[0], (uint32_t)delta));
}
static x64_answer on_memory_copy(gb_instance *i, uint64_t to, uint64_t from, uint64_t length) {
    i->exec->instance = i;
    return done_or(i, gb_bulk_memory_copy(i->exec, (uint32_t)to, (uint32_t)from, (uint32_t)length));
}
static x64_answer on_memory_fill(gb_instance *i, uint64_t to, uint64_t value, uint64_t length) {
    i->exec->instance = i;
    return done_or(i, gb_bulk_memory_fill(i->exec, (uint32_t)to, (uint32_t)value, (uint32_t)length));
}
static x64_answer on_memory_init(gb_instance *i, uint64_t to, uint64_t from, uint64_t length, uint64_t data) {
    i->exec->instance = i;
    return done_or(i, gb_bulk_memory_init(i->exec, (uint32_t)data, (uint32_t)to, (uint32_t)from, (uint32_t)length));
}
static x64_answer on_data_drop(gb_instance *i, uint64_t data) {
    i->data_lengths[data] = 0;
    return answer(0);
}
static x64_answer on_table_get(gb_instance *i, uint64_t at, uint64_t table) {
    const gb_table *t = i->tables[table];
    if ((uint32_t)at >= t->size) return trap(i, GB_TRAP_OUT_OF_BOUNDS_TABLE);
    return answer((uintptr_t)t->elements[(uint32_t)at]);
}
static x64_answer on_table_set(gb_instance *i, uint64_t at, uint64_t value, uint64_t table) {
    gb_table *t = i->tables[table];
    if ((uint32_t)at >= t->size) return trap(i, GB_TRAP_OUT_OF_BOUNDS_TABLE);
    t->elements[(uint32_t)at] = (void *)(uintptr_t)value;
    return answer(0);
}
static x64_answer on_table_grow(gb_instance *i, uint64_t value, uint64_t delta, uint64_t table) {
    return answer(gb_table_grow(i->store, i->tables[table], (uint32_t)delta, (void *)(uintptr_t)value));
}
static x64_answer on_table_fill(gb_instance *i, uint64_t at, uint64_t value, uint64_t length, uint64_t table) {
    i->exec->instance = i;
    return done_or(i, gb_bulk_table_fill(i->exec, (uint32_t)table, (uint32_t)at, (void *)(uintptr_t)value,
                                         (uint32_t)length));
}
static x64_answer on_table_copy(gb_instance *i, uint64_t to, uint64_t from, uint64_t length, uint64_t to_table,
                                uint64_t from_table) {
    i->exec->instance = i;
    return done_or(i, gb_bulk_table_copy(i->exec, (uint32_t)to_table, (uint32_t)from_table, (uint32_t)to,
                                         (uint32_t)from, (uint32_t)length));
}
static x64_answer on_table_init(gb_instance *i, uint64_t to, uint64_t from, uint64_t length, uint64_t elem,
                                uint64_t table) {
    i->exec->instance = i;
    return done_or(i, gb_bulk_table_init(i->exec, (uint32_t)elem, (uint32_t)table, (uint32_t)to, (uint32_t)from,
                                         (uint32_t)length));
}
static x64_answer on_elem_drop(gb_instance *i, uint64_t elem) {
    i->elem_lengths[elem] = 0;
    return answer(0);
}
static x64_answer on_throw(gb_instance *i, uint64_t tag, const gb_slot *payload) {
    gb_exec *x = i->exec;
    x->instance = i;
    x->exception = gb_exception_new(x->store, i->tags[tag], payload);
    return x->exception ? x64_unwind(i) : trap(i, GB_TRAP_MEMORY_LIMIT);
}
static x64_answer on_throw_ref(gb_instance *i, gb_exception *exception) {
    if (!exception) return trap(i, GB_TRAP_NULL_REFERENCE);
    i->exec->exception = exception;
    return x64_unwind(i);
}

const void *x64_helper_address(unsigned slot) {
    switch (slot) {
#define X(name)                                                                                    \
    case X64_HELPER_##name: return (const void *)(uintptr_t)on_##name;
        GB_X64_HELPERS(X)
#undef X
    default: return NULL;
    }
}

/* ---- exceptions ---------------------------------------------------------------------------------------- */

/* A frame, as the search climbs: its rsp, where it goes on, and the preserved registers as it left them. */
typedef struct x64_cursor {
    uint8_t *sp;
    uintptr_t pc;
    uint64_t saved[X64_SAVED_COUNT];
} x64_cursor;

static void climb(x64_cursor *at, const gb_x64_function *f) {
    uint64_t *p = (uint64_t *)(void *)(at->sp + f->frame);
    for (unsigned i = X64_SAVED_COUNT; i--;) {
        if (f->saved >> i & 1) at->saved[i] = *p++;
    }
    at->pc = *p++;
    at->sp = (uint8_t *)p;
}

static uint32_t word(const uint32_t *table, uint32_t i) { return table[i]; }

/* The landing for the exception at this return offset, 0: none. */
static uint32_t find_landing(const uint32_t *table, uint32_t offset, const gb_instance *instance,
                             const gb_exception *exception) {
    uint32_t calls = word(table, 0), handlers = word(table, 1);
    const uint32_t *call = table + 3, *handler = call + 2 * calls, *clause = handler + 3 * handlers;
    uint32_t low = 0, high = calls;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (call[2 * middle] < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == calls || call[2 * low] != offset) return 0;
    for (uint32_t h = call[2 * low + 1] + 1; h; h = handler[3 * (h - 1) + 2]) {
        uint32_t first = handler[3 * (h - 1)], count = handler[3 * (h - 1) + 1];
        for (uint32_t i = first; i < first + count; i++) {
            uint32_t kind = clause[3 * i], tag = clause[3 * i + 1];
            bool any = kind == GB_CATCH_ALL || kind == GB_CATCH_ALL_REF;
            if (any || instance->tags[tag] == exception->tag) return clause[3 * i + 2];
        }
    }
    return 0;
}

x64_answer x64_unwind(gb_instance *instance) {
    gb_exec *x = instance->exec;
    gb_x64_state *st = x->x64;
    x64_cursor at = {.sp = (uint8_t *)(st->frame + 1), .pc = *st->frame};
    for (unsigned i = 0; i < X64_SAVED_COUNT; i++) at.saved[i] = *(st->frame - 1 - i); /* push_saved */
    while (at.pc != x64_stub_return()) {
        gb_x64_space *space;
        const gb_x64_function *f = gb_x64_find(at.pc - 1, &space);
        assert(f);
        if (f->handlers) {
            const uint8_t *start = space->run + f->start;
            gb_instance *frame_instance;
            memcpy(&frame_instance, at.sp + f->context_slot, sizeof frame_instance);
            uint32_t landing = find_landing((const uint32_t *)(const void *)(start + f->handlers),
                                            (uint32_t)(at.pc - (uintptr_t)start), frame_instance, x->exception);
            if (landing) {
                memcpy(st->saved, at.saved, sizeof st->saved);
                st->resume_pc = (uintptr_t)start + landing;
                st->resume_rsp = (uintptr_t)at.sp;
                st->resume_rax = (uintptr_t)x->exception;
                x->exception = NULL;
                return (x64_answer){0, X64_RESUME};
            }
        }
        climb(&at, f);
    }
    return leave(x, GB_THREW);
}

/* ---- backtraces and faults ------------------------------------------------------------------------------- */

/* A call stopped in a host function counts as a frame of the imported function. */
static bool calls_import(const gb_module *m, uint32_t position, uint32_t *function) {
    const uint8_t *pc = m->bytes + position;
    if (!position || *pc++ != 0x10) return false;
    *function = x64_read_u32_slow(&pc);
    return *function < m->imported[GB_EXTERN_FUNC];
}

static uint32_t describe(const uint64_t *frame, gb_x64_place *places, uint32_t most) {
    x64_cursor at = {.sp = (uint8_t *)(uintptr_t)(frame + 1), .pc = *frame};
    uint32_t count = 0;
    for (bool first = true; count < most && at.pc != x64_stub_return(); first = false) {
        gb_x64_space *space;
        const gb_x64_function *f = gb_x64_find(at.pc - 1, &space);
        if (!f) break;
        uint32_t offset = gb_x64_position(space, f, at.pc), imported;
        if (first && calls_import(space->module, offset, &imported)) {
            places[count++] = (gb_x64_place){space->module, imported, 0};
            if (count == most) break;
        }
        places[count++] = (gb_x64_place){space->module, f->index, offset};
        if (at.pc - (uintptr_t)space->run - f->start == f->stack_stub) { /* its frame was not made yet */
            memcpy(&at.pc, at.sp, sizeof at.pc);
            at.sp += 8;
        } else {
            climb(&at, f);
        }
    }
    return count;
}

uint32_t gb_x64_frames(const gb_exec *x, const gb_frame *entry, gb_x64_place *places, uint32_t most) {
    const gb_x64_state *st = x->x64;
    const uint64_t *frame = st ? st->frame : NULL;
    for (const gb_x64_activation *a = st ? st->activation : NULL; a; frame = a->frame, a = a->outer) {
        if (a->entry == entry) return describe(frame, places, most);
    }
    return 0;
}

/* The faulting address is taken as the return address of a call one byte into the instruction: no call's own
 * can be there. */
bool x64_on_fault(void *context, void *address) {
    (void)address;
    ucontext_t *uc = context;
    greg_t *regs = uc->uc_mcontext.gregs;
    gb_x64_space *space;
    uintptr_t pc = (uintptr_t)regs[REG_RIP];
    if (!gb_x64_find(pc, &space)) return false;
    uint64_t *sp = (uint64_t *)regs[REG_RSP];
    *--sp = pc + 1;
    regs[REG_RSP] = (greg_t)(uintptr_t)sp;
    regs[REG_RIP] = (greg_t)(uintptr_t)x64_stub_fault();
    return true;
}
