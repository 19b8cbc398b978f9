#include "engine/x64/x64_lower.h"

#include <stdlib.h>

/* ---- labels and what is known at them -------------------------------------------------------- */

static x64_block *block_at(x64_compiler *c, uint32_t label) { return &c->blocks[c->depth - 1 - label]; }

static void forget_all(x64_compiler *c) {
    x64_forget(c, UINT32_MAX);
    c->dirty = c->volatile_homes;
}

/* A branch to the end of the block leaves from here: what all branches share survives. */
void x64_note_branch(x64_compiler *c, x64_block *b) {
    if (b->kind == X64_LOOP) return;
    if (!b->cache_known) {
        b->cached = c->caches;
        if (c->caches) memcpy(b->cache, c->cache, sizeof b->cache);
        b->cache_known = true;
        return;
    }
    b->cached &= c->caches;
    for (uint32_t s = b->cached; s; s &= s - 1) {
        unsigned reg = x64_first(s);
        if (b->cache[reg] != c->cache[reg]) b->cached &= ~X64_BIT(reg);
    }
}

/* The cached copies are now those. */
static void set_caches(x64_compiler *c, uint32_t cached, const uint16_t *cache) {
    forget_all(c);
    for (uint32_t s = cached; s; s &= s - 1) {
        unsigned reg = x64_first(s);
        c->cache[reg] = cache[reg];
        c->locals[cache[reg]].cached = (uint8_t)reg;
    }
    c->caches = cached;
}

static uint32_t next_slot(const x64_compiler *c) {
    const x64_value *top = &c->stack[c->height] - 1;
    return top->slot + x64_size_of((x64_type)top->type);
}

static void truncate(x64_compiler *c, uint32_t height) {
    while (c->height > height) {
        const x64_value *v = &c->stack[--c->height];
        if (v->kind == X64_REG) {
            c->free |= X64_BIT(v->reg);
        } else if (v->kind == X64_LOCAL) {
            c->locals[v->local].refs--;
        }
    }
}

/* ---- values that branches carry --------------------------------------------------------------- */

static uint32_t label_arity(const x64_block *b) {
    return b->kind == X64_LOOP ? b->param_count : b->result_count;
}
static bool in_register(const x64_block *b) { return b->kind != X64_LOOP && b->result_count == 1; }
static uint8_t result_reg(x64_type t) { return x64_is_int(t) ? X64_RESULT : X64_FRESULT; }

/* The top values to the slots where the label wants them. Each goes to its own slot or a lower one, in
 * ascending order: none is overwritten before it is read. The stack itself is left as it was. */
static void store_results(x64_compiler *c, const x64_block *b) {
    uint32_t arity = label_arity(b), slot = b->slot;
    if (!x64_ensure(c, (size_t)arity * 24)) return;
    for (uint32_t i = 0; i < arity; i++) {
        const x64_value *v = &c->stack[c->height - arity + i];
        x64_store_value(c, v, x64_frame(slot));
        slot += x64_size_of((x64_type)v->type);
    }
    if (slot > c->frame_top) c->frame_top = slot;
}

/* Before a jump that is always taken, or falling into the end. */
static void carry(x64_compiler *c, x64_block *b) {
    if (in_register(b)) {
        const x64_value *v = x64_top(c);
        uint8_t reg = result_reg((x64_type)v->type);
        if (v->kind != X64_REG || v->reg != reg) {
            x64_load_value(c, v, reg);
            x64_drop_cache(c, reg);
        }
    } else if (label_arity(b)) {
        store_results(c, b);
    }
    x64_note_branch(c, b);
}

static void push_results(x64_compiler *c, const x64_block *b) {
    if (b->result_count == 1) {
        x64_type t = x64_type_of(b->results[0]);
        x64_drop_cache(c, result_reg(t));
        x64_push_reg(c, t, result_reg(t));
        return;
    }
    for (uint32_t i = 0; i < b->result_count; i++) x64_push(c, X64_SLOT, x64_type_of(b->results[i]));
}

void x64_jump_if(x64_compiler *c, unsigned cc, x64_label *label) {
    x64_asm *as = &c->as;
    if (cc == X64_FEQ) {
        uint8_t *over = x64_jcc_short(as, X64_P);
        x64_jcc(as, X64_E, label);
        x64_land(as, over);
    } else if (cc == X64_FNE) {
        x64_jcc(as, X64_NE, label);
        x64_jcc(as, X64_P, label);
    } else {
        x64_jcc(as, (x64_cc)cc, label);
    }
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* Reads a block type (spec 5.4.1). Only the machine class of a reference matters. */
static void read_block_type(x64_compiler *c, x64_block *b) {
    static const gb_valtype singles[] = {GB_V128, GB_F64, GB_F32, GB_I64, GB_I32};
    uint8_t first = c->pc[0];
    b->param_count = b->result_count = 0;
    b->params = b->results = NULL;
    if (first == 0x40) {
        c->pc++;
        return;
    }
    if ((first & 0xC0) == 0x40) { /* one value type, negative as a signed LEB128 */
        c->pc++;
        b->result_count = 1;
        b->results = &singles[first >= GB_V128 ? first - GB_V128 : 3];
        if (first == GB_REF || first == GB_REF_NULL) x64_read_i64(&c->pc);
        return;
    }
    uint32_t index = c->module->type_map[x64_read_i64(&c->pc)];
    const gb_functype *type = &c->module->types.types[index];
    b->param_count = type->param_count;
    b->result_count = type->result_count;
    b->params = type->params;
    b->results = type->results;
}

static x64_block *open_block(x64_compiler *c, x64_block_kind kind) {
    x64_block *b = &c->blocks[c->depth++];
    b->kind = (uint8_t)kind;
    b->cache_known = false;
    b->label = b->other = (x64_label){0};
    read_block_type(c, b);
    b->height = c->height - b->param_count;
    /* Parameters that more than one way will read must not stay constants; constants below must: this block may
     * itself be on one of two ways, and the other would not have stored them. */
    x64_flush(c, kind == X64_BLOCK ? c->height : b->height);
    b->slot = b->param_count ? c->stack[b->height].slot : next_slot(c);
    b->handler = c->handler;
    return b;
}

static void poll(x64_compiler *c) {
    x64_stub *stub = x64_new_stub(c, X64_STUB_POLL);
    x64_rm(&c->as, X64_CMP, X64_W64, RSP, X64_INSTANCE(stack_limit));
    x64_jcc(&c->as, X64_B, &stub->entry);
    x64_bind(&c->as, &stub->back);
}

x64_block *x64_begin_block(x64_compiler *c, x64_block_kind kind) {
    x64_block *b = open_block(c, kind);
    if (kind != X64_LOOP) return b;
    forget_all(c);
    x64_bind(&c->as, &b->label);
    poll(c);
    return b;
}

void x64_if(x64_compiler *c, unsigned cc) {
    x64_block *b = open_block(c, X64_IF);
    b->other_cached = c->caches;
    if (c->caches) memcpy(b->other_cache, c->cache, sizeof b->other_cache);
    x64_jump_if(c, cc ^ 1, &b->other);
}

static void test_value(x64_compiler *c) {
    x64_value v = x64_pop(c);
    uint8_t reg = x64_where(c, &v);
    if (reg == X64_NO_REG && v.kind != X64_CONST) {
        x64_mi(&c->as, X64_G_CMP, X64_W32, x64_where_memory(c, &v), 0);
    } else {
        if (reg == X64_NO_REG) reg = x64_use(c, &v);
        x64_rr(&c->as, X64_TEST, X64_W32, reg, reg);
    }
    c->locked = 0;
}

void x64_if_value(x64_compiler *c) {
    test_value(c);
    x64_if(c, X64_NE);
}

/* The parameters of the block again, as they were when it began: in their slots. */
static void restart(x64_compiler *c, const x64_block *b) {
    truncate(c, b->height);
    for (uint32_t i = 0; i < b->param_count; i++) x64_push(c, X64_SLOT, x64_type_of(b->params[i]));
    set_caches(c, b->other_cached, b->other_cache);
}

static void begin_else(x64_compiler *c, x64_block *b) {
    x64_bind(&c->as, &b->other);
    b->kind = X64_ELSE;
    restart(c, b);
}

void x64_else(x64_compiler *c) {
    x64_block *b = block_at(c, 0);
    carry(c, b);
    x64_jmp(&c->as, &b->label);
    begin_else(c, b);
}

/* All ways to the end meet here; each has noted what it knows. */
static void close_block(x64_compiler *c, x64_block *b) {
    x64_bind(&c->as, &b->label);
    if (b->cache_known) {
        set_caches(c, b->cached, b->cache);
    } else {
        forget_all(c);
    }
    truncate(c, b->height);
    c->handler = b->handler;
    c->depth--;
    push_results(c, b);
}

void x64_end(x64_compiler *c) {
    x64_block *b = block_at(c, 0);
    if (b->kind == X64_IF) {
        if (b->param_count) {
            x64_else(c); /* an empty else part passes its parameters on */
        } else {
            carry(c, b);
            set_caches(c, b->other_cached, b->other_cache); /* the way that the condition was false */
            x64_note_branch(c, b);
            x64_bind(&c->as, &b->other);
            close_block(c, b);
            return;
        }
    }
    if (b->kind == X64_TRY) {
        c->handler = b->handler;
        carry(c, b);
        x64_jmp(&c->as, &b->label);
        x64_emit_landings(c, b);
        close_block(c, b);
        return;
    }
    if (b->kind == X64_LOOP || (!x64_label_used(&b->label) && b->kind != X64_FUNCTION)) {
        /* Nothing joins here: values stay where they are. */
        c->handler = b->handler;
        c->depth--;
        return;
    }
    carry(c, b);
    close_block(c, b);
}

/* The end of a block whose last instruction is never reached. False: nor is what follows. */
static bool end_dead(x64_compiler *c) {
    x64_block *b = block_at(c, 0);
    if (b->kind == X64_IF) {
        begin_else(c, b);
        x64_end(c);
        return true;
    }
    truncate(c, b->height);
    c->handler = b->handler;
    if (b->kind == X64_TRY) x64_emit_landings(c, b);
    if (b->kind != X64_FUNCTION && (b->kind == X64_LOOP || !x64_label_used(&b->label))) {
        c->depth--;
        return false;
    }
    close_block(c, b);
    return true;
}

void x64_skip_dead(x64_compiler *c) {
    truncate(c, block_at(c, 0)->height);
    for (uint32_t nested = 0;;) {
        uint8_t code = c->pc[0];
        uint32_t op;
        const gb_opcode_info *info = x64_opcode_at(&c->pc, &op);
        if (info->immediate == GB_IMM_BLOCK || info->immediate == GB_IMM_TRY) {
            nested++;
            x64_skip(&c->pc, info);
        } else if (code == 0x0B) {
            if (nested) {
                nested--;
            } else if (end_dead(c) || c->depth == 0) {
                return;
            }
        } else if (code == 0x05) {
            if (!nested) {
                begin_else(c, block_at(c, 0));
                return;
            }
        } else {
            x64_skip(&c->pc, info);
        }
    }
}

/* ---- branches -------------------------------------------------------------------------------- */

static void branch(x64_compiler *c, x64_block *b) {
    carry(c, b);
    x64_jmp(&c->as, &b->label);
    x64_skip_dead(c);
}

void x64_br(x64_compiler *c, uint32_t label) { branch(c, block_at(c, label)); }
void x64_return(x64_compiler *c) { branch(c, &c->blocks[0]); }

/* The top value moves to the register where the label wants it, and stays on the stack. */
static void move_top_to_result(x64_compiler *c) {
    x64_value *v = x64_top(c);
    uint8_t reg = result_reg((x64_type)v->type);
    if (v->kind == X64_REG && v->reg == reg) return;
    if (v->kind == X64_REG) c->locked |= X64_BIT(v->reg);
    x64_take(c, reg);
    v = x64_top(c);
    x64_load_value(c, v, reg);
    if (v->kind == X64_REG) c->free |= X64_BIT(v->reg);
    if (v->kind == X64_LOCAL) c->locals[v->local].refs--;
    v->kind = X64_REG;
    v->reg = reg;
    c->free &= ~X64_BIT(reg);
}

void x64_br_if(x64_compiler *c, unsigned cc) {
    x64_block *b = block_at(c, x64_read_u32(c));
    if (in_register(b)) move_top_to_result(c);
    if (!in_register(b) && label_arity(b)) {
        x64_label over = {0};
        x64_jump_if(c, cc ^ 1, &over);
        store_results(c, b);
        x64_note_branch(c, b);
        x64_jmp(&c->as, &b->label);
        x64_bind(&c->as, &over);
        return;
    }
    x64_note_branch(c, b);
    x64_jump_if(c, cc, &b->label);
}

void x64_br_if_value(x64_compiler *c) {
    test_value(c);
    x64_br_if(c, X64_NE);
}

/* A jump through a table of offsets, each relative to the end of its own entry, like any other jump's
 * displacement: so entries chain up as label references do. */
static void table_jump(x64_compiler *c, uint8_t index, uint32_t carried) {
    x64_asm *as = &c->as;
    x64_label table = {0};
    c->locked = X64_BIT(index) | carried; /* what else the instruction had is where it belongs */
    uint8_t at = x64_is_home(c, index) || (c->caches >> index & 1) ? x64_alloc(c, X64_SET_INT) : index;
    x64_lea_label(as, X64_SCRATCH, &table);
    x64_rm(as, X64_LEA, X64_W64, at, x64_at_index(X64_SCRATCH, index, 2, 0));
    x64_rm(as, X64_MOVSXD, X64_W64, X64_SCRATCH, x64_at(at, 0));
    x64_rm(as, X64_LEA, X64_W64, X64_SCRATCH, x64_at_index(X64_SCRATCH, at, 0, 4));
    x64_jmp_r(as, X64_SCRATCH);
    while (x64_offset(as) & 3) x64_u8(as, 0xCC);
    x64_bind(as, &table);
}

/* Targets that want several values, or a loop's parameters: each gets a piece that stores them. */
static void table_with_values(x64_compiler *c, uint8_t index, uint32_t count) {
    x64_asm *as = &c->as;
    x64_label *labels = calloc((size_t)count + 1, sizeof *labels);
    if (!labels) {
        c->failed = c->out_of_memory = true;
        return;
    }
    x64_ri(as, X64_G_CMP, X64_W32, index, (int32_t)count);
    x64_jcc(as, X64_AE, &labels[count]);
    table_jump(c, index, 0);
    for (uint32_t i = 0; i < count; i++) x64_label_rel32(as, &labels[i]);
    for (uint32_t i = 0; i <= count && x64_ensure(c, 64); i++) {
        x64_block *b = block_at(c, x64_read_u32(c));
        x64_bind(as, &labels[i]);
        carry(c, b);
        x64_jmp(as, &b->label);
    }
    free(labels);
}

/* Nothing has to be moved but perhaps one value, which is where it belongs. */
static void table_of_labels(x64_compiler *c, uint8_t index, uint32_t carried, uint32_t count) {
    x64_asm *as = &c->as;
    const uint8_t *targets = c->pc;
    for (uint32_t i = 0; i < count; i++) x64_read_u32(c);
    x64_block *fallback = block_at(c, x64_read_u32(c));
    const uint8_t *behind = c->pc;
    x64_note_branch(c, fallback);
    if (count) {
        x64_ri(as, X64_G_CMP, X64_W32, index, (int32_t)count);
        x64_jcc(as, X64_AE, &fallback->label);
        table_jump(c, index, carried);
        c->pc = targets;
        for (uint32_t i = 0; i < count; i++) {
            x64_block *b = block_at(c, x64_read_u32(c));
            x64_note_branch(c, b);
            x64_label_rel32(as, &b->label);
        }
    } else {
        x64_jmp(as, &fallback->label);
    }
    c->pc = behind;
}

void x64_br_table(x64_compiler *c) {
    uint32_t count = x64_read_u32(c);
    const uint8_t *targets = c->pc;
    bool simple = true;
    uint32_t arity = 0;
    for (uint32_t i = 0; i <= count; i++) {
        const x64_block *b = block_at(c, x64_read_u32(c));
        arity = label_arity(b);
        if (arity && !in_register(b)) simple = false;
    }
    c->pc = targets;
    if (!x64_ensure(c, (size_t)count * 4 + 64)) return;
    x64_value v = x64_pop(c);
    uint8_t index = x64_use(c, &v);
    if (!simple) {
        table_with_values(c, index, count);
    } else {
        uint32_t carried = 0;
        if (arity) {
            if (index == X64_RESULT) { /* the carried value goes there */
                index = x64_alloc(c, X64_SET_INT & ~X64_BIT(X64_RESULT));
                x64_move_reg(c, X64_I32, index, X64_RESULT);
            }
            move_top_to_result(c);
            carried = X64_BIT(x64_top(c)->reg);
        }
        table_of_labels(c, index, carried, count);
    }
    x64_skip_dead(c);
}

void x64_unreachable(x64_compiler *c) {
    x64_trap_here(c, GB_TRAP_UNREACHABLE);
    x64_skip_dead(c);
}
