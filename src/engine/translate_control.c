#include <stdlib.h>
#include <string.h>

#include "engine/translate.h"

/* ---- calls and returns --------------------------------------------------------------------------------- */

/* Arguments go home, everything leaves the accumulators. Returns the slot of the first argument. */
static uint32_t settle_arguments(gb_emitter *e, const gb_functype *type) {
    gb_settle(e, type->param_count);
    gb_forget_accs(e);
    uint32_t base = e->next_slot;
    if (type->param_count && e->count >= type->param_count) base = e->stack[e->count - type->param_count].home;
    return base;
}

static void push_results(gb_emitter *e, const gb_functype *type) {
    for (uint32_t i = 0; i < type->param_count; i++) gb_pop(e);
    for (uint32_t i = 0; i < type->result_count; i++) gb_push(e, type->results[i], GB_AT_HOME);
    if (type->result_count != 1) return;
    unsigned acc = gb_acc_of(type->results[0]);
    if (acc != GB_ACC_NONE && e->count > 0) e->acc[acc].slot = e->stack[e->count - 1].home;
}

void gb_tr_call(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    uint32_t index = gb_tr_read_u32(t);
    const gb_functype *type = gb_module_functype(t->m, index);
    uint32_t base = settle_arguments(e, type);
    if (op == GB_OP_return_call)
        gb_emit(e, GB_I_tail_call);
    else if (!gb_fuse_call(e))
        gb_emit(e, GB_I_call);
    gb_emit32(e, index);
    gb_emit32(e, base);
    if (op == GB_OP_return_call) {
        gb_emit(e, type->param_slots);
        t->dead = true;
    } else {
        push_results(e, type);
    }
}

void gb_tr_call_indirect(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    uint32_t canonical = t->m->type_map[gb_tr_read_u32(t)];
    uint32_t table_index = gb_tr_read_u32(t);
    const gb_functype *type = &t->m->types.types[canonical];
    gb_operand callee = gb_pop(e);
    uint32_t slot = gb_use_slot(e, &callee); /* above the arguments, so their moves leave it alone */
    uint32_t base = settle_arguments(e, type);
    gb_emit(e, op == GB_OP_call_indirect ? GB_I_call_indirect : GB_I_tail_call_indirect);
    gb_emit_slot(e, slot);
    gb_emit32(e, table_index);
    gb_emit32(e, canonical);
    gb_emit32(e, base);
    if (op == GB_OP_return_call_indirect) {
        gb_emit(e, type->param_slots);
        t->dead = true;
    } else {
        push_results(e, type);
    }
}

/* Before a branch that may not be taken: several values are brought home on both ways, so that the taken way need not
 * change what is known about them. */
static void prepare_values(gb_emitter *e, const gb_valtype *types, uint32_t n) {
    if (n > 1 || (n == 1 && types[0] == GB_V128)) gb_settle(e, n);
}

static uint32_t slots_of(const gb_valtype *types, uint32_t n) {
    uint32_t slots = 0;
    for (uint32_t i = 0; i < n; i++) slots += gb_valtype_slots(types[i]);
    return slots;
}

static void return_one(gb_emitter *e, const gb_operand *o) {
    static const uint16_t from_slot[] = {GB_I_return_s, GB_I_return_f32_s, GB_I_return_f64_s};
    static const uint16_t from_acc[] = {GB_I_return_r, GB_I_return_f32_r, GB_I_return_f64_r};
    unsigned acc = gb_acc_of(o->type);
    bool in_acc = o->where == GB_IN_ACC;
    if (!in_acc) {
        gb_source s = gb_use(e, o, false, true);
        in_acc = s.kind == GB_ACC;
        if (!in_acc) {
            gb_emit(e, from_slot[acc]);
            gb_emit_slot(e, s.slot);
            return;
        }
    }
    gb_emit(e, from_acc[acc]);
}

/* The topmost operands are the results; prepare_values has seen them. They stay on the stack. */
static void return_values(translator *t) {
    gb_emitter *e = &t->e;
    const gb_functype *type = t->type;
    if (type->result_count == 0) {
        gb_emit(e, GB_I_return);
    } else if (type->result_count == 1 && type->results[0] != GB_V128) {
        return_one(e, &e->stack[e->count - 1]);
    } else {
        gb_emit(e, GB_I_return_n);
        gb_emit32(e, e->stack[e->count - type->result_count].home);
        gb_emit(e, type->result_slots);
    }
}

/* ---- branches --------------------------------------------------------------------------------------------- */

control *gb_tr_frame_at(translator *t, uint32_t depth) { return &t->frames[t->frame_count - 1 - depth]; }
static bool is_function(const translator *t, const control *c) { return c == t->frames; }

static uint32_t label_types(const control *c, const gb_valtype **types) {
    return c->opcode == GB_OP_loop ? gb_blocktype_params(&c->type, types)
                                   : gb_blocktype_results(&c->type, types);
}

/* The label's values are where the label wants them already. */
static bool values_in_place(const gb_emitter *e, const control *c, const gb_valtype *types, uint32_t n) {
    (void)types;
    if (n == 0) return true;
    return e->stack[e->count - n].home == c->base && (n > 1 || e->stack[e->count - 1].where == GB_AT_HOME);
}

/* prepare_values has seen them. */
static void move_values(gb_emitter *e, const control *c, const gb_valtype *types, uint32_t n) {
    if (values_in_place(e, c, types, n)) return;
    if (n == 1) {
        gb_move(e, &e->stack[e->count - 1], c->base);
        return;
    }
    gb_emit(e, GB_I_copy_n);
    gb_emit32(e, c->base);
    gb_emit32(e, e->stack[e->count - n].home);
    gb_emit32(e, slots_of(types, n));
    for (int i = 0; i < GB_ACC_COUNT; i++) e->acc[i].slot = GB_NONE;
}

static void go_to(translator *t, control *c) {
    const gb_valtype *types;
    if (is_function(t, c)) {
        return_values(t);
        return;
    }
    uint32_t n = label_types(c, &types);
    move_values(&t->e, c, types, n);
    gb_tr_branch(&t->e, c->label);
    gb_assigned_branch(&t->assigned, &c->assigned);
    c->used = true;
}

void gb_tr_br(translator *t, control *c) {
    const gb_valtype *types;
    uint32_t n = label_types(c, &types);
    prepare_values(&t->e, types, n);
    go_to(t, c);
    t->dead = true;
}

void gb_tr_br_if(translator *t) {
    gb_emitter *e = &t->e;
    control *c = gb_tr_frame_at(t, gb_tr_read_u32(t));
    const gb_valtype *types;
    gb_operand condition = gb_pop(e);
    uint32_t n = label_types(c, &types);
    prepare_values(e, types, n);
    /* A single value that has only to go home is brought there on both ways. */
    if (n == 1 && !is_function(t, c) && e->stack[e->count - 1].home == c->base) gb_settle(e, 1);
    if (!is_function(t, c) && values_in_place(e, c, types, n)) {
        gb_tr_branch_if(t, &condition, true, c->label);
        gb_assigned_branch(&t->assigned, &c->assigned);
        c->used = true;
        return;
    }
    uint32_t skip = gb_label_new(e);
    gb_tr_branch_if(t, &condition, false, skip);
    go_to(t, c);
    gb_label_bind(e, skip);
}

/* Where the br_table goes for a label: to it, or to a piece of code behind the table that moves the values there. One
 * piece serves all entries with that label, so a million entries make no million pieces. */
static uint32_t table_target(translator *t, control *c) {
    const gb_valtype *types;
    uint32_t n = label_types(c, &types);
    if (!is_function(t, c) && values_in_place(&t->e, c, types, n)) {
        gb_assigned_branch(&t->assigned, &c->assigned);
        c->used = true;
        return c->label;
    }
    if (c->stub_turn == t->turn) return c->stub;
    c->stub_turn = t->turn;
    c->stub = gb_label_new(&t->e);
    if (gb_tr_grow(t, &t->stubs, &t->stub_capacity, sizeof *t->stubs, t->stub_count))
        t->stubs[t->stub_count++] = (uint32_t)(c - t->frames);
    return c->stub;
}

void gb_tr_br_table(translator *t) {
    gb_emitter *e = &t->e;
    uint32_t n = gb_tr_read_u32(t);
    gb_reader labels = t->r;
    gb_operand index = gb_pop(e);
    t->turn++;
    t->stub_count = 0;
    /* All labels carry equally many values; the last one's types serve to bring them home. */
    uint32_t depth = 0, last = 0;
    while (last < n && gb_read_u32(&t->r, &depth)) last++;
    depth = gb_tr_read_u32(t);
    const gb_valtype *types;
    uint32_t arity = label_types(gb_tr_frame_at(t, depth), &types);
    gb_settle(e, arity);
    gb_source x = gb_use(e, &index, false, true);
    uint32_t base = e->length;
    gb_emit(e, x.kind == GB_ACC ? GB_I_br_table_r : GB_I_br_table_s);
    if (x.kind == GB_SLOT) gb_emit_slot(e, x.slot);
    gb_emit32(e, n);
    for (uint32_t i = 0; i <= n && gb_read_u32(&labels, &depth); i++)
        gb_emit_label(e, table_target(t, gb_tr_frame_at(t, depth)), base);
    for (uint32_t i = 0; i < t->stub_count && !e->failed; i++) {
        gb_label_bind(e, t->frames[t->stubs[i]].stub);
        go_to(t, &t->frames[t->stubs[i]]);
    }
    t->dead = true;
}

/* ---- blocks ------------------------------------------------------------------------------------------------- */

control *gb_tr_push_frame(translator *t, gb_opcode op, gb_blocktype type) {
    gb_emitter *e = &t->e;
    const gb_valtype *params;
    uint32_t n = gb_blocktype_params(&type, &params);
    gb_tr_grow(t, &t->frames, &t->frame_capacity, sizeof *t->frames, t->frame_count);
    if (e->failed) return NULL;
    control *c = &t->frames[t->frame_count++];
    *c = (control){.type = type, .opcode = (uint16_t)op, .else_label = GB_NONE, .label = gb_label_new(e)};
    c->height = e->count - n;
    c->base = n ? e->stack[c->height].home : e->next_slot;
    gb_assigned_open(&t->assigned, &c->assigned);
    return c;
}

void gb_tr_block(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    gb_blocktype type = gb_tr_read_blocktype(t);
    const gb_valtype *params;
    uint32_t n = gb_blocktype_params(&type, &params);
    gb_operand condition = {0};
    if (op == GB_OP_if) condition = gb_pop(e);
    gb_settle(e, n);
    gb_settle_all(e);
    control *c = gb_tr_push_frame(t, op, type);
    if (!c) return;
    if (op == GB_OP_if) {
        c->else_label = gb_label_new(e);
        gb_assigned_branch(&t->assigned, &c->assigned); /* nothing that only one arm sets is certain */
        gb_tr_branch_if(t, &condition, false, c->else_label);
    } else if (op == GB_OP_loop) {
        gb_label_bind(e, c->label);
    }
}

static void read_clauses(translator *t, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        uint8_t kind = 0;
        gb_read_u8(&t->r, &kind);
        uint32_t tag = kind <= GB_CATCH_REF ? gb_tr_read_u32(t) : GB_NONE;
        control *target = gb_tr_frame_at(t, gb_tr_read_u32(t));
        if (!gb_tr_grow(t, &t->catches, &t->catch_capacity, sizeof *t->catches, t->catch_count) ||
            !gb_tr_grow(t, &t->handlers, &t->handler_capacity, sizeof *t->handlers, t->handler_count))
            return;
        gb_assigned_branch(&t->assigned, &target->assigned);
        target->used = true;
        t->handlers[t->handler_count++] =
            (handler){.label = is_function(t, target) ? GB_NONE : target->label,
                      .base = target->base,
                      .catch_index = t->catch_count,
                      .kind = kind};
        t->catches[t->catch_count++] = (gb_catch){.tag = tag};
    }
}

void gb_tr_try_table(translator *t) {
    gb_emitter *e = &t->e;
    gb_blocktype type = gb_tr_read_blocktype(t);
    const gb_valtype *params;
    uint32_t param_count = gb_blocktype_params(&type, &params), n = gb_tr_read_u32(t);
    gb_settle(e, param_count);
    gb_settle_all(e);
    uint32_t first = t->catch_count;
    read_clauses(t, n);
    control *c = gb_tr_push_frame(t, GB_OP_try_table, type);
    if (!c) return;
    c->first_catch = first;
    c->catch_count = n;
    c->region_start = e->length;
}

static void end_try(translator *t, const control *c) {
    if (!gb_tr_grow(t, &t->regions, &t->region_capacity, sizeof *t->regions, t->region_count)) return;
    t->regions[t->region_count++] = (gb_try_region){
        .start = c->region_start, .end = t->e.length, .first = c->first_catch, .count = c->catch_count};
}

/* The block's operands give way to what its label stands for. */
static void reset_stack(translator *t, const control *c, const gb_valtype *types, uint32_t n) {
    gb_emitter *e = &t->e;
    while (e->count > c->height) gb_pop(e);
    e->next_slot = c->base;
    for (uint32_t i = 0; i < n; i++) gb_push(e, types[i], GB_AT_HOME);
}

void gb_tr_else_branch(translator *t) {
    gb_emitter *e = &t->e;
    control *c = gb_tr_frame_at(t, 0);
    const gb_valtype *types;
    if (!t->dead) {
        gb_settle(e, gb_blocktype_results(&c->type, &types));
        gb_tr_branch(e, c->label);
        c->used = true;
    }
    gb_assigned_else(&t->assigned, &c->assigned, !t->dead);
    t->dead = false;
    gb_forget_accs(e);
    uint32_t n = gb_blocktype_params(&c->type, &types);
    reset_stack(t, c, types, n);
    gb_label_bind(e, c->else_label);
    c->else_label = GB_NONE;
    c->opcode = GB_OP_else;
}

void gb_tr_end(translator *t) {
    gb_emitter *e = &t->e;
    control *c = gb_tr_frame_at(t, 0);
    const gb_valtype *types;
    uint32_t n = gb_blocktype_results(&c->type, &types);
    if (is_function(t, c)) {
        if (!t->dead) {
            prepare_values(e, types, n);
            return_values(t);
        }
        t->frame_count--;
        return;
    }
    if (!t->dead) gb_settle(e, n);
    if (c->opcode == GB_OP_try_table) end_try(t, c);
    gb_forget_accs(e);
    bool joined = c->opcode != GB_OP_loop && (c->used || c->else_label != GB_NONE);
    bool is_if = c->opcode == GB_OP_if || c->opcode == GB_OP_else;
    gb_assigned_end(&t->assigned, &c->assigned, &c[-1].assigned, !t->dead, joined || is_if);
    if (c->else_label != GB_NONE) gb_label_bind(e, c->else_label);
    if (c->opcode != GB_OP_loop && c->used) gb_label_bind(e, c->label);
    if (joined) t->dead = false;
    reset_stack(t, c, types, n);
    t->frame_count--;
}

/* ---- exceptions ---------------------------------------------------------------------------------------------- */

void gb_tr_throw_tag(translator *t) {
    gb_emitter *e = &t->e;
    uint32_t tag = gb_tr_read_u32(t);
    const gb_functype *type = &t->m->types.types[t->m->tags[tag]];
    uint32_t base = settle_arguments(e, type);
    gb_emit(e, GB_I_throw);
    gb_emit32(e, tag);
    gb_emit32(e, base);
    t->dead = true;
}

void gb_tr_throw_ref(translator *t) {
    gb_operand o = gb_pop(&t->e);
    uint32_t slot = gb_use_slot(&t->e, &o);
    gb_emit(&t->e, GB_I_throw_ref);
    gb_emit_slot(&t->e, slot);
    t->dead = true;
}

/* Behind the last instruction. Labels are bound by now. */
void gb_tr_write_handlers(translator *t) {
    gb_emitter *e = &t->e;
    for (uint32_t i = 0; i < t->handler_count && !e->failed; i++) {
        const handler *h = &t->handlers[i];
        t->catches[h->catch_index].handler = e->length;
        gb_emit(e, GB_I_catch);
        gb_emit(e, h->kind);
        gb_emit32(e, h->base);
        if (h->label != GB_NONE) {
            gb_tr_branch(e, h->label);
        } else {
            gb_emit(e, GB_I_return_n);
            gb_emit32(e, h->base);
            gb_emit(e, t->type->result_slots);
            if (h->base + t->type->result_slots > e->most_slots)
                e->most_slots = h->base + t->type->result_slots;
        }
    }
}
