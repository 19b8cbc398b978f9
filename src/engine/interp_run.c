/* interp_run.c: functions of the interpreter that are not handlers: entry from C, calls that leave the instance, exceptions. */
#include <stdlib.h>
#include <string.h>

#include "engine/exception.h"
#include "engine/interp.h"
#include "engine/validate.h"

/* ---- code of a module ----------------------------------------------------------------------------------- */

/* A stub has room for its one instruction. */
enum { STUB_UNITS = 4, STUB_BYTES = sizeof(gb_icode) + STUB_UNITS * sizeof(uint16_t) };

static gb_icode *stub_of(const gb_interp_code *code, uint32_t function) {
    return (gb_icode *)(void *)((char *)code->stubs + (size_t)function * STUB_BYTES);
}

void gb_interp_code_free(gb_interp_code *code) {
    if (!code) return;
    for (uint32_t i = 0; code->functions && code->stubs && i < code->module->function_count; i++) {
        const gb_icode *c = atomic_load_explicit(&code->functions[i], memory_order_relaxed);
        if (c != stub_of(code, i)) free((void *)(uintptr_t)c);
    }
    free(code->functions);
    free(code->stubs);
    free(code);
}

/* An imported function's stub has room in its frame for arguments and results. */
static void write_stub(const gb_interp_code *code, uint32_t function) {
    const gb_module *m = code->module;
    gb_icode *stub = stub_of(code, function);
    bool imported = function < m->imported[GB_EXTERN_FUNC];
    const gb_functype *type = gb_module_functype(m, function);
    uint32_t slots = type->param_slots > type->result_slots ? type->param_slots : type->result_slots;
    *stub = (gb_icode){.module = m, .frame_slots = imported ? slots : 0, .function = function, .length = 1};
    stub->code[0] = imported ? GB_I_import : GB_I_lazy;
    atomic_init(&code->functions[function], stub);
}

gb_interp_code *gb_interp_code_of(gb_module *m, bool fuel, gb_error *err) {
    gb_interp_code *code = atomic_load_explicit(&m->interp[fuel], memory_order_acquire);
    if (code) return code;
    code = calloc(1, sizeof *code);
    if (code) {
        code->module = m;
        code->fuel = fuel;
        code->functions = calloc((size_t)m->function_count + 1, sizeof *code->functions);
        code->stubs = calloc((size_t)m->function_count + 1, STUB_BYTES);
    }
    if (!code || !code->functions || !code->stubs) {
        gb_interp_code_free(code);
        gb_fail(err, GB_ERROR_MEMORY, "out of memory for the functions of a module");
        return NULL;
    }
    for (uint32_t i = 0; i < m->function_count; i++) write_stub(code, i);
    gb_interp_code *expected = NULL; /* another thread may have been faster */
    if (atomic_compare_exchange_strong(&m->interp[fuel], &expected, code)) return code;
    gb_interp_code_free(code);
    return expected;
}

const gb_icode *gb_interp_prepare(gb_exec *x, gb_slot *fp) {
    gb_interp_code *set = x->instance->code;
    uint32_t function = x->top->code->function;
    _Atomic(const gb_icode *) *slot = &set->functions[function];
    const gb_icode *expected = stub_of(set, function);
    const gb_icode *code = atomic_load_explicit(slot, memory_order_acquire);
    if (code == expected) {
        gb_error err;
        if (!gb_module_validate_body(set->module, function, &err)) {
            gb_trap_kind kind = err.kind == GB_ERROR_MEMORY ? GB_TRAP_MEMORY_LIMIT : GB_TRAP_INVALID_FUNCTION;
            gb_exec_trap_text(x, kind, err.message);
            return NULL;
        }
        gb_icode *fresh = gb_translate(set->module, function, set->fuel);
        code = fresh;
        if (!fresh) {
            gb_exec_trap(x, GB_TRAP_MEMORY_LIMIT);
            return NULL;
        }
        if (!atomic_compare_exchange_strong(slot, &expected, code)) {
            free(fresh);
            code = expected;
        }
    }
    x->top->code = code;
    x->top->pc = code->code + 1;
    if (code->frame_slots <= (size_t)(x->stack_end - fp)) return code;
    gb_exec_trap(x, GB_TRAP_STACK_OVERFLOW);
    return NULL;
}

/* ---- calls ------------------------------------------------------------------------------------------------ */

gb_outcome gb_interp_refuse_call(gb_exec *x) {
    bool interrupted = atomic_load_explicit(&x->interrupt, memory_order_relaxed);
    return gb_exec_trap(x, interrupted ? GB_TRAP_INTERRUPTED : GB_TRAP_STACK_OVERFLOW);
}

static const uint16_t exit_code[] = {GB_I_exit};

gb_outcome gb_interp_run(gb_func *func, gb_slot *slots) {
    gb_instance *instance = func->instance;
    gb_exec *x = &instance->store->exec;
    gb_frame *saved_top = x->top;
    gb_instance *saved_instance = x->instance;
    if (x->frames_end - saved_top < 3 ||
        saved_top + 2 >= atomic_load_explicit(&x->frame_limit, memory_order_relaxed))
        return gb_interp_refuse_call(x);
    const gb_icode *code = atomic_load_explicit(&instance->code->functions[func->index], memory_order_acquire);
    if (code->frame_slots > (size_t)(x->stack_end - slots)) return gb_exec_trap(x, GB_TRAP_STACK_OVERFLOW);
    x->instance = instance;
    x->functions = instance->code->functions;
    saved_top[1] = (gb_frame){.pc = exit_code, .fp = slots, .code = NULL};
    saved_top[2] = (gb_frame){.pc = code->code, .fp = slots, .code = code};
    x->top = saved_top + 2;
    gb_outcome outcome = gb_interp_loop(x, code->code, slots);
    x->top = saved_top;
    x->instance = saved_instance;
    x->functions = saved_instance ? saved_instance->code->functions : NULL;
    return outcome;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

gb_outcome gb_interp_call_other(gb_exec *x, gb_func *func, gb_slot *slots) {
    const gb_functype *type = &x->store->types.types[func->type_id];
    uint32_t room = larger(type->param_slots, type->result_slots);
    if (room > (size_t)(x->stack_end - slots)) return gb_exec_trap(x, GB_TRAP_STACK_OVERFLOW);
    gb_slot *saved = x->sp;
    x->sp = slots + room;
    gb_outcome outcome = gb_func_call_slots(func, slots);
    x->sp = saved;
    return outcome;
}

gb_outcome gb_interp_import(gb_exec *x, gb_slot *fp) {
    uint32_t function = x->top->code->function;
    x->top->pc = x->top->code->code + 1;
    return gb_interp_call_other(x, x->instance->funcs[function], fp);
}

void gb_interp_results(const gb_func *func, gb_slot *to, const gb_slot *from) {
    const gb_functype *type = &func->store->types.types[func->type_id];
    memmove(to, from, type->result_slots * sizeof *to);
}

gb_func *gb_interp_resolve(gb_exec *x, uint32_t table, uint32_t index, uint32_t type) {
    const gb_instance *instance = x->instance;
    const gb_table *t = instance->tables[table];
    x->refusal = GB_TRAP_UNDEFINED_ELEMENT;
    if (index >= t->size) return NULL;
    gb_func *func = t->elements[index];
    x->refusal = func ? GB_TRAP_INDIRECT_CALL_TYPE : GB_TRAP_INDIRECT_CALL_NULL;
    return func && func->type_id == instance->type_ids[type] ? func : NULL;
}

const gb_icode *gb_interp_tail(gb_exec *x, const gb_func *func, uint32_t function, gb_slot *fp,
                               const gb_slot *arguments, size_t count) {
    (void)func;
    const gb_icode *code = atomic_load_explicit(&x->functions[function], memory_order_acquire);
    if (atomic_load_explicit(&x->interrupt, memory_order_relaxed)) {
        gb_exec_trap(x, GB_TRAP_INTERRUPTED);
        return NULL;
    }
    memmove(fp, arguments, count * sizeof *fp);
    x->top->code = code;
    x->top->pc = code->code + 1;
    if (code->frame_slots <= (size_t)(x->stack_end - fp)) return code;
    gb_exec_trap(x, GB_TRAP_STACK_OVERFLOW);
    return NULL;
}

/* ---- exceptions --------------------------------------------------------------------------------------------- */

bool gb_interp_throw(gb_exec *x, uint32_t tag, const gb_slot *payload) {
    const gb_tag *t = x->instance->tags[tag];
    gb_exception *exception = gb_exception_new(x->store, t, payload);
    if (!exception) {
        gb_exec_trap(x, GB_TRAP_MEMORY_LIMIT);
        return false;
    }
    x->exception = exception;
    return true;
}

static const uint16_t *find_handler(const gb_exec *x, const gb_frame *frame) {
    const gb_icode *code = frame->code;
    uint32_t at = (uint32_t)(frame->pc - code->code);
    for (uint32_t i = 0; i < code->region_count; i++) {
        const gb_try_region *region = &code->regions[i];
        if (at <= region->start || at > region->end) continue;
        for (uint32_t k = region->first; k < region->first + region->count; k++) {
            const gb_catch *clause = &code->catches[k];
            if (clause->tag == UINT32_MAX || x->instance->tags[clause->tag] == x->exception->tag)
                return code->code + clause->handler;
        }
    }
    return NULL;
}

const uint16_t *gb_interp_unwind(gb_exec *x) {
    for (; x->top->code; x->top--) {
        const uint16_t *handler = find_handler(x, x->top);
        if (handler) return handler;
    }
    return NULL;
}

void gb_interp_catch(gb_exec *x, unsigned kind, gb_slot *slots) {
    gb_exception *exception = x->exception;
    if (kind == GB_CATCH || kind == GB_CATCH_REF) {
        memcpy(slots, exception->payload, exception->slot_count * sizeof *slots);
        slots += exception->slot_count;
    }
    if (kind == GB_CATCH_REF || kind == GB_CATCH_ALL_REF) *slots = (uintptr_t)exception;
    x->exception = NULL;
}
