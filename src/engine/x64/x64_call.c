#include "engine/x64/x64_lower.h"

#include <stdlib.h>

#include "engine/validate.h"

/* ---- where arguments go ------------------------------------------------------------------------ */

void x64_layout_init(x64_layout *l, const gb_functype *type) {
    *l = (x64_layout){0};
    if (type->result_count > 1) {
        for (uint32_t i = 0; i < type->result_count; i++) {
            l->result_bytes += x64_size_of(x64_type_of(type->results[i]));
        }
    }
    l->bytes = l->result_bytes;
}

uint8_t x64_layout_next(x64_layout *l, x64_type t, uint32_t *stack) {
    if (x64_is_int(t)) {
        if (l->ints < X64_INT_ARGS) return x64_int_args[l->ints++];
    } else if (l->floats < X64_FLOAT_ARGS) {
        return (uint8_t)(X64_XMM + l->floats++);
    }
    *stack = l->bytes;
    l->bytes += x64_size_of(t);
    return X64_NO_REG;
}

uint32_t x64_out_bytes(const gb_functype *type) {
    if (type->param_count <= X64_INT_ARGS && type->result_count <= 1) return 0;
    x64_layout l;
    uint32_t stack;
    x64_layout_init(&l, type);
    for (uint32_t i = 0; i < type->param_count; i++) x64_layout_next(&l, x64_type_of(type->params[i]), &stack);
    return l.bytes;
}

/* ---- moving several registers at once ----------------------------------------------------------- */

void x64_moves_add(x64_moves *m, x64_type t, uint8_t dst, uint8_t src) {
    if (dst == src) return;
    m->list[m->count++] = (x64_move){(uint8_t)t, dst, src};
}

void x64_moves_emit(x64_compiler *c, x64_moves *m) {
    while (m->count) {
        uint32_t sources = 0;
        for (unsigned i = 0; i < m->count; i++) sources |= X64_BIT(m->list[i].src);
        bool progress = false;
        for (unsigned i = 0; i < m->count;) {
            x64_move *move = &m->list[i];
            if (sources & X64_BIT(move->dst)) {
                i++;
                continue;
            }
            x64_move_reg(c, (x64_type)move->type, move->dst, move->src);
            *move = m->list[--m->count];
            progress = true;
        }
        if (progress || !m->count) continue;
        /* Only cycles are left: put one register aside. All its readers take the copy. */
        x64_move *first = &m->list[0];
        uint8_t from = first->src;
        uint8_t aside = from < X64_XMM ? X64_SCRATCH : X64_FSCRATCH;
        x64_type widest = from < X64_XMM ? X64_I64 : X64_V128;
        x64_move_reg(c, widest, aside, from);
        for (unsigned i = 0; i < m->count; i++) {
            if (m->list[i].src == from) m->list[i].src = aside;
        }
    }
}

/* ---- around a call ------------------------------------------------------------------------------ */

/* What a call destroys goes to memory: temporaries of the values below its arguments, and homes that are
 * not preserved. */
static void save_for_call(x64_compiler *c, uint32_t height) {
    for (uint32_t i = 0; i < height; i++) {
        x64_value *v = &c->stack[i];
        if (v->kind != X64_REG) continue;
        uint32_t end = v->slot + x64_size_of((x64_type)v->type);
        if (end > c->frame_top) c->frame_top = end;
        x64_store_slot(c, (x64_type)v->type, x64_frame(v->slot), v->reg);
        c->free |= X64_BIT(v->reg);
        v->kind = X64_SLOT;
    }
    for (uint32_t s = c->dirty; s; s &= s - 1) {
        unsigned reg = x64_first(s);
        x64_local *l = &c->locals[c->home_local[reg]];
        x64_store_slot(c, (x64_type)l->type, x64_frame(l->slot), (uint8_t)reg);
    }
    c->dirty = 0;
}

void x64_reload_homes(x64_compiler *c) {
    for (uint32_t s = c->volatile_homes; s; s &= s - 1) {
        unsigned reg = x64_first(s);
        x64_local *l = &c->locals[c->home_local[reg]];
        x64_load_slot(c, (x64_type)l->type, (uint8_t)reg, x64_frame(l->slot));
    }
}

static void after_call(x64_compiler *c) {
    x64_forget(c, UINT32_MAX);
    x64_reload_homes(c);
    /* Memory 0 may have moved. */
    if (!(c->features & GB_X64_GUARDED)) x64_rm(&c->as, X64_MOV, X64_W64, X64_MEM, X64_INSTANCE(memory_base));
}

static void drop_arguments(x64_compiler *c, uint32_t count) {
    while (count--) x64_pop(c);
    c->locked = 0;
}

/* Values that registers take: those in registers move first, all at once, the others are loaded after. */
typedef struct late_loads {
    const x64_value *values[X64_INT_ARGS + X64_FLOAT_ARGS + 1];
    uint8_t regs[X64_INT_ARGS + X64_FLOAT_ARGS + 1];
    unsigned count;
} late_loads;

static void pass_in_register(x64_compiler *c, x64_moves *moves, late_loads *late, const x64_value *v,
                             uint8_t dst) {
    uint8_t src = x64_where(c, v);
    if (src != X64_NO_REG) {
        x64_moves_add(moves, (x64_type)v->type, dst, src);
    } else {
        late->values[late->count] = v;
        late->regs[late->count++] = dst;
    }
}

static void finish_passing(x64_compiler *c, x64_moves *moves, const late_loads *late) {
    x64_moves_emit(c, moves);
    for (unsigned i = 0; i < late->count; i++) x64_load_value(c, late->values[i], late->regs[i]);
}

/* Arguments of a wasm call: the top values go to registers and to the out area; `callee` (NULL: none), which
 * was popped before, to rax. */
static void pass_arguments(x64_compiler *c, const gb_functype *type, const x64_value *callee) {
    uint32_t count = type->param_count;
    if (!x64_ensure(c, ((size_t)count + c->height) * 24)) return;
    save_for_call(c, c->height - count);
    x64_layout l;
    x64_layout_init(&l, type);
    x64_moves moves = {0};
    late_loads late = {0};
    for (uint32_t i = 0; i < count; i++) {
        const x64_value *v = &c->stack[c->height - count + i];
        uint32_t stack = 0;
        uint8_t dst = x64_layout_next(&l, (x64_type)v->type, &stack);
        if (dst == X64_NO_REG) {
            x64_store_value(c, v, x64_frame(stack));
        } else {
            pass_in_register(c, &moves, &late, v, dst);
        }
    }
    if (callee) pass_in_register(c, &moves, &late, callee, RAX);
    finish_passing(c, &moves, &late);
    drop_arguments(c, count);
}

static void push_call_results(x64_compiler *c, const gb_functype *type) {
    if (type->result_count == 1) {
        x64_type t = x64_type_of(type->results[0]);
        x64_push_reg(c, t, x64_is_int(t) ? X64_RESULT : X64_FRESULT);
        return;
    }
    if (!x64_ensure(c, (size_t)type->result_count * 24)) return;
    uint32_t from = 0;
    for (uint32_t i = 0; i < type->result_count; i++) {
        x64_type t = x64_type_of(type->results[i]);
        x64_value *v = x64_push(c, X64_SLOT, t);
        x64_value out = {.kind = X64_SLOT, .type = (uint8_t)t, .slot = from};
        uint32_t end = v->slot + x64_size_of(t);
        if (end > c->frame_top) c->frame_top = end;
        x64_store_value(c, &out, x64_frame(v->slot));
        from += x64_size_of(t);
    }
}

/* The memory operand of slot i of the space, from an instruction that is `length` bytes long. */
static x64_mem slot_operand(const x64_compiler *c, uint32_t slot, uint32_t length) {
    int64_t from = (int64_t)c->code_offset + x64_offset(&c->as) + length;
    return x64_at(X64_RIP, (int32_t)((int64_t)slot * 8 - (int64_t)c->data_size - from));
}

void x64_call_slot(x64_compiler *c, uint32_t slot) { x64_call_m(&c->as, slot_operand(c, slot, 6)); }

void x64_trap_here(x64_compiler *c, gb_trap_kind trap) {
    x64_call_slot(c, X64_SLOT_TRAP + (uint32_t)trap);
    x64_note_site(c, x64_offset(&c->as), x64_position(c));
}

/* ---- calls of functions --------------------------------------------------------------------------- */

/* Calls the function that r11 points to. A function of this instance is called at once; the others, out
 * of line, with their instance in r15. */
static void call_object(x64_compiler *c) {
    x64_asm *as = &c->as;
    x64_stub *stub = x64_new_stub(c, X64_STUB_FOREIGN);
    x64_rm(as, X64_CMP, X64_W64, X64_CTX, x64_at(X64_SCRATCH, offsetof(gb_func, instance)));
    x64_jcc(as, X64_NE, &stub->entry);
    x64_call_m(as, x64_at(X64_SCRATCH, offsetof(gb_func, entry)));
    x64_note_call(c);
    stub->value = c->handler;
    x64_bind(as, &stub->back);
}

/* rax is free here: it carries no argument. A host function runs under its caller's instance. */
void x64_foreign_stub(x64_compiler *c, const x64_stub *stub) {
    x64_asm *as = &c->as;
    x64_label back = stub->back;
    x64_rm(as, X64_MOV, X64_W64, RAX, x64_at(X64_SCRATCH, offsetof(gb_func, instance)));
    x64_rr(as, X64_TEST, X64_W64, RAX, RAX);
    uint8_t *host = x64_jcc_short(as, X64_E);
    x64_rm(as, X64_STORE, X64_W64, X64_CTX, x64_frame(c->context_slot));
    x64_rr(as, X64_MOV, X64_W64, X64_CTX, RAX);
    x64_rm(as, X64_MOV, X64_W64, X64_MEM, X64_INSTANCE(memory_base));
    x64_call_m(as, x64_at(X64_SCRATCH, offsetof(gb_func, entry)));
    x64_note_call_at(c, stub->position, stub->value);
    x64_rm(as, X64_MOV, X64_W64, X64_CTX, x64_frame(c->context_slot));
    x64_rm(as, X64_MOV, X64_W64, X64_MEM, X64_INSTANCE(memory_base));
    x64_jmp(as, &back);
    x64_land(as, host);
    x64_call_m(as, x64_at(X64_SCRATCH, offsetof(gb_func, entry)));
    x64_note_call_at(c, stub->position, stub->value);
    x64_jmp(as, &back);
}

void x64_call_function(x64_compiler *c) {
    uint32_t function = x64_read_u32(c);
    const gb_functype *type = gb_module_functype(c->module, function);
    pass_arguments(c, type, NULL);
    uint32_t imported = c->module->imported[GB_EXTERN_FUNC];
    if (function >= imported) {
        x64_call_slot(c, X64_SLOT_FUNCTIONS + (function - imported));
        x64_note_call(c);
    } else {
        x64_rm(&c->as, X64_MOV, X64_W64, X64_SCRATCH, X64_INSTANCE(funcs));
        x64_rm(&c->as, X64_MOV, X64_W64, X64_SCRATCH, x64_at(X64_SCRATCH, (int32_t)(function * 8)));
        call_object(c);
    }
    after_call(c);
    push_call_results(c, type);
}

/* The gb_func at table[rax] to r11, after all checks. */
static void look_up(x64_compiler *c, uint32_t type, uint32_t table) {
    x64_asm *as = &c->as;
    x64_rm(as, X64_MOV, X64_W64, X64_SCRATCH, X64_INSTANCE(tables));
    x64_rm(as, X64_MOV, X64_W64, X64_SCRATCH, x64_at(X64_SCRATCH, (int32_t)(table * 8)));
    x64_rm(as, X64_CMP, X64_W32, RAX, x64_at(X64_SCRATCH, offsetof(gb_table, size)));
    x64_trap_if(c, X64_AE, GB_TRAP_UNDEFINED_ELEMENT);
    x64_rm(as, X64_MOV, X64_W64, X64_SCRATCH, x64_at(X64_SCRATCH, offsetof(gb_table, elements)));
    x64_rm(as, X64_MOV, X64_W64, X64_SCRATCH, x64_at_index(X64_SCRATCH, RAX, 3, 0));
    x64_rr(as, X64_TEST, X64_W64, X64_SCRATCH, X64_SCRATCH);
    x64_trap_if(c, X64_E, GB_TRAP_INDIRECT_CALL_NULL);
    x64_rm(as, X64_MOV, X64_W64, RAX, X64_INSTANCE(type_ids));
    x64_rm(as, X64_MOV, X64_W32, RAX, x64_at(RAX, (int32_t)(type * 4)));
    x64_rm(as, X64_CMP, X64_W32, RAX, x64_at(X64_SCRATCH, offsetof(gb_func, type_id)));
    x64_trap_if(c, X64_NE, GB_TRAP_INDIRECT_CALL_TYPE);
}

void x64_call_indirect(x64_compiler *c) {
    uint32_t type_index = c->module->type_map[x64_read_u32(c)];
    uint32_t table = x64_read_u32(c);
    const gb_functype *type = &c->module->types.types[type_index];
    x64_value callee = x64_pop(c);
    pass_arguments(c, type, &callee);
    look_up(c, type_index, table);
    call_object(c);
    after_call(c);
    push_call_results(c, type);
}

/* ---- helpers of the runtime ------------------------------------------------------------------------ */

void x64_call_helper(x64_compiler *c, uint32_t slot, uint32_t count, const uint32_t *immediates,
                     uint32_t immediate_count) {
    static const uint8_t regs[] = {RSI, RDX, RCX, R8, R9}; /* rdi: the instance */
    assert(count + immediate_count <= 5);
    if (!x64_ensure(c, (size_t)c->height * 24)) return;
    save_for_call(c, c->height - count);
    x64_moves moves = {0};
    late_loads late = {0};
    for (uint32_t i = 0; i < count; i++) {
        pass_in_register(c, &moves, &late, &c->stack[c->height - count + i], regs[i]);
    }
    finish_passing(c, &moves, &late);
    for (uint32_t i = 0; i < immediate_count; i++) {
        x64_mov_ri(&c->as, X64_W32, regs[count + i], immediates[i]);
    }
    drop_arguments(c, count);
    x64_call_slot(c, slot);
    x64_note_call(c);
    after_call(c);
}

void x64_helper(x64_compiler *c, uint32_t slot, uint32_t count, uint32_t immediate_count, int result) {
    uint32_t immediates[2] = {0};
    for (uint32_t i = 0; i < immediate_count; i++) immediates[i] = x64_read_u32(c);
    x64_call_helper(c, slot, count, immediates, immediate_count);
    if (result >= 0) x64_push_reg(c, (x64_type)result, X64_RESULT);
}

/* ---- exceptions ------------------------------------------------------------------------------------- */

static uint32_t add_handler(x64_compiler *c, uint32_t clauses) {
    if (c->handler_count == c->handler_capacity) {
        uint32_t capacity = c->handler_capacity ? c->handler_capacity * 2 : 16;
        x64_handler *grown = realloc(c->handlers, capacity * sizeof *grown);
        if (!grown) goto fail;
        c->handlers = grown;
        c->handler_capacity = capacity;
    }
    while (c->clause_count + clauses > c->clause_capacity) {
        uint32_t capacity = c->clause_capacity ? c->clause_capacity * 2 : 64;
        x64_clause *grown = realloc(c->clauses, capacity * sizeof *grown);
        if (!grown) goto fail;
        c->clauses = grown;
        c->clause_capacity = capacity;
    }
    c->handlers[c->handler_count] = (x64_handler){c->clause_count, clauses, c->handler + 1};
    return c->handler_count++;
fail:
    c->failed = c->out_of_memory = true;
    return 0;
}

void x64_try_table(x64_compiler *c) {
    x64_block *b = x64_begin_block(c, X64_TRY);
    uint32_t count = x64_read_u32(c);
    uint32_t handler = add_handler(c, count);
    if (c->failed) return;
    for (uint32_t i = 0; i < count; i++) {
        x64_clause *clause = &c->clauses[c->clause_count++];
        clause->kind = *c->pc++;
        clause->tag = clause->kind <= GB_CATCH_REF ? x64_read_u32(c) : 0;
        clause->label = x64_read_u32(c) + 1; /* counted from outside the block */
        clause->landing = 0;
    }
    b->own_handler = handler;
    c->handler = handler;
}

/* The exception is in rax. Its values, and the reference itself when asked for, become what the label wants. */
static void land(x64_compiler *c, const x64_clause *clause) {
    x64_asm *as = &c->as;
    bool with_ref = clause->kind == GB_CATCH_REF || clause->kind == GB_CATCH_ALL_REF;
    const gb_functype *type =
        clause->kind <= GB_CATCH_REF ? &c->module->types.types[c->module->tags[clause->tag]] : NULL;
    uint32_t params = type ? type->param_count : 0;
    if (!x64_ensure(c, (size_t)params * 32)) return;
    x64_rm(as, X64_MOV, X64_W64, X64_CTX, x64_frame(c->context_slot));
    x64_rm(as, X64_MOV, X64_W64, X64_MEM, X64_INSTANCE(memory_base));
    x64_reload_homes(c);
    x64_block *b = &c->blocks[c->depth - 1 - clause->label];
    uint32_t from = offsetof(gb_exception, payload);
    if (b->kind != X64_LOOP && b->result_count == 1) {
        x64_type t = x64_type_of(b->results[0]);
        if (params) x64_load_slot(c, t, x64_is_int(t) ? X64_RESULT : X64_FRESULT, x64_at(RAX, (int32_t)from));
    } else {
        uint32_t slot = b->slot;
        for (uint32_t i = 0; i < params; i++) {
            x64_type t = x64_type_of(type->params[i]);
            x64_type via = t == X64_V128 ? X64_V128 : X64_I64;
            uint8_t reg = t == X64_V128 ? X64_FSCRATCH : X64_SCRATCH;
            x64_load_slot(c, via, reg, x64_at(RAX, (int32_t)from));
            x64_store_slot(c, via, x64_frame(slot), reg);
            from += x64_size_of(t);
            slot += x64_size_of(t);
        }
        if (with_ref) {
            x64_store_slot(c, X64_I64, x64_frame(slot), RAX);
            slot += 8;
        }
        if (slot > c->frame_top) c->frame_top = slot;
    }
    x64_note_branch(c, b);
    x64_jmp(as, &b->label);
}

void x64_emit_landings(x64_compiler *c, const x64_block *b) {
    const x64_handler *handler = &c->handlers[b->own_handler];
    x64_forget(c, UINT32_MAX);
    for (uint32_t i = 0; i < handler->count && x64_ensure(c, 64); i++) {
        x64_clause *clause = &c->clauses[handler->first + i];
        clause->landing = x64_offset(&c->as);
        land(c, clause);
    }
}

/* The payload goes to the out area, in slots as in gb_exception. */
void x64_throw(x64_compiler *c) {
    uint32_t tag = x64_read_u32(c);
    const gb_functype *type = &c->module->types.types[c->module->tags[tag]];
    uint32_t at = 0;
    if (!x64_ensure(c, ((size_t)type->param_count + c->height) * 24)) return;
    for (uint32_t i = 0; i < type->param_count; i++) {
        const x64_value *v = &c->stack[c->height - type->param_count + i];
        x64_store_value(c, v, x64_frame(at));
        at += x64_size_of((x64_type)v->type);
    }
    drop_arguments(c, type->param_count);
    save_for_call(c, 0); /* operands die, locals may be wanted by a handler here */
    x64_rr(&c->as, X64_MOV, X64_W64, RDX, RSP);
    x64_mov_ri(&c->as, X64_W32, RSI, tag);
    x64_call_slot(c, X64_HELPER_throw);
    x64_note_call(c);
    x64_skip_dead(c);
}

void x64_throw_ref(x64_compiler *c) {
    x64_call_helper(c, X64_HELPER_throw_ref, 1, NULL, 0);
    x64_skip_dead(c);
}

static void add_call(x64_compiler *c, uint32_t code, uint32_t handler) {
    if (c->call_count == c->call_capacity) {
        uint32_t capacity = c->call_capacity ? c->call_capacity * 2 : 64;
        x64_protected_call *grown = realloc(c->calls, capacity * sizeof *grown);
        if (!grown) {
            c->failed = c->out_of_memory = true;
            return;
        }
        c->calls = grown;
        c->call_capacity = capacity;
    }
    c->calls[c->call_count++] = (x64_protected_call){code, handler};
}

void x64_note_call_at(x64_compiler *c, uint32_t position, uint32_t handler) {
    uint32_t code = x64_offset(&c->as);
    x64_note_site(c, code, position);
    if (handler != X64_NO_HANDLER) add_call(c, code, handler);
}
void x64_note_call(x64_compiler *c) { x64_note_call_at(c, x64_position(c), c->handler); }
