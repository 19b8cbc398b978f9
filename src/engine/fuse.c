#include "engine/fuse.h"

#include <string.h>

static uint32_t unit32(const gb_emitter *e, uint32_t at) {
    uint32_t value;
    memcpy(&value, &e->code[at], sizeof value);
    return value;
}

/* The last instruction gave the popped operand, in its accumulator, and nothing was written since. */
static bool is_fresh(const gb_emitter *e) {
    return !e->failed && e->result_end == e->length && e->result_start != GB_NONE && e->result_start >= e->barrier;
}

/* The instruction before the last one with a result ends where that begins. */
static bool previous_is_adjacent(const gb_emitter *e) {
    return e->previous_end == e->result_start && e->previous_start != GB_NONE && e->previous_start >= e->barrier;
}

static void take_back(gb_emitter *e, uint32_t to) {
    e->length = to;
    e->result_end = e->previous_end = e->compare.end = GB_NONE;
}

/* i32.add and i32.sub with an immediate as a sum. False: another instruction. */
static bool is_sum(unsigned iop, unsigned form, unsigned *stores, bool *negative) {
    unsigned add = (unsigned)gb_iop_of[GB_OP_i32_add] + form, sub = (unsigned)gb_iop_of[GB_OP_i32_sub] + form;
    *negative = iop == sub || iop == sub + 1;
    *stores = iop == add + 1 || iop == sub + 1;
    return *negative || iop == add || iop == add + 1;
}

/* global.get, i32.sub with an immediate, (local.tee,) global.set of the same global. */
static bool fuse_prologue(gb_emitter *e, uint32_t global) {
    uint32_t sum = e->result_start, get = e->previous_start;
    unsigned stores;
    bool negative;
    if (!is_sum(e->code[sum], GB_FORM_RI, &stores, &negative) || !previous_is_adjacent(e)) return false;
    if (e->code[get] != GB_I_global_get_R || unit32(e, get + 2) != global) return false;
    uint32_t to = e->code[sum + 1], value = unit32(e, sum + 2);
    take_back(e, get);
    gb_emit(e, stores ? GB_I_global_add_S : GB_I_global_add_R);
    gb_emit(e, to);
    gb_emit32(e, global);
    gb_emit32(e, negative ? 0 - value : value);
    return true;
}

/* i32.add with an immediate, global.set. */
static bool fuse_epilogue(gb_emitter *e, const gb_operand *value, uint32_t global) {
    uint32_t sum = e->result_start;
    unsigned stores;
    bool negative;
    if (value->where != GB_IN_ACC || !is_sum(e->code[sum], GB_FORM_SI, &stores, &negative) || stores) return false;
    uint32_t from = e->code[sum + 1], imm = unit32(e, sum + 3);
    take_back(e, sum);
    gb_emit(e, GB_I_global_set_add);
    gb_emit(e, from);
    gb_emit32(e, global);
    gb_emit32(e, negative ? 0 - imm : imm);
    return true;
}

bool gb_fuse_global_set(gb_emitter *e, const gb_operand *value, uint32_t global) {
    if (value->type != GB_I32 || !is_fresh(e)) return false;
    /* The value is what the last instruction gave: pending, or in the local that it was stored to. */
    bool stored = value->where == GB_IN_LOCAL && e->acc[GB_ACC_INT].slot == value->local &&
                  e->code[e->result_field] == (uint16_t)value->local && e->acc[GB_ACC_INT].iop == e->result_start;
    if (value->where != GB_IN_ACC && !stored) return false;
    return fuse_prologue(e, global) || fuse_epilogue(e, value, global);
}

bool gb_fuse_shift_add(gb_emitter *e, const gb_operand *shifted, uint32_t base) {
    uint32_t shift = e->result_start;
    if (shifted->where != GB_IN_ACC || !is_fresh(e)) return false;
    unsigned from_slot = (unsigned)gb_iop_of[GB_OP_i32_shl] + GB_FORM_SI;
    unsigned from_acc = (unsigned)gb_iop_of[GB_OP_i32_shl] + GB_FORM_RI;
    bool is_slot = e->code[shift] == from_slot;
    if (!is_slot && e->code[shift] != from_acc) return false;
    uint32_t a = e->code[shift + 1], count = unit32(e, shift + (is_slot ? 3 : 2)) & 31;
    take_back(e, shift);
    gb_emit(e, is_slot ? GB_I_i32_shl_add_s_R : GB_I_i32_shl_add_r_R);
    if (is_slot) gb_emit_slot(e, a);
    gb_emit_slot(e, base);
    gb_put_result(e, shift, GB_I32);
    gb_emit(e, count);
    gb_end_result(e);
    return true;
}

static bool and_branch(gb_emitter *e, uint32_t start, bool sense, uint32_t label) {
    bool is_slot = e->code[start] == (unsigned)gb_iop_of[GB_OP_i32_and] + GB_FORM_SI;
    if (!is_slot && e->code[start] != (unsigned)gb_iop_of[GB_OP_i32_and] + GB_FORM_RI) return false;
    uint32_t a = e->code[start + 1], mask = unit32(e, start + (is_slot ? 3 : 2));
    static const uint16_t iops[2][2] = {{GB_I_br_and_z_r, GB_I_br_and_nz_r}, {GB_I_br_and_z_s, GB_I_br_and_nz_s}};
    take_back(e, start);
    gb_emit(e, iops[is_slot][sense]);
    if (is_slot) gb_emit_slot(e, a);
    gb_emit32(e, mask);
    gb_emit_label(e, label, start);
    gb_note_branch(e, start, label, iops[is_slot][!sense]);
    return true;
}

bool gb_fuse_and_branch(gb_emitter *e, const gb_operand *condition, bool sense, uint32_t label) {
    return condition->where == GB_IN_ACC && condition->type == GB_I32 && is_fresh(e) &&
           and_branch(e, e->result_start, sense, label);
}

bool gb_fuse_and_compare_branch(gb_emitter *e, const gb_pending_compare *c, bool sense, uint32_t label) {
    return !e->failed && c->form == GB_FORM_RI && e->previous_end == c->start && e->previous_start != GB_NONE &&
           e->previous_start >= e->barrier && and_branch(e, e->previous_start, sense, label);
}

bool gb_fuse_count_branch(gb_emitter *e, const gb_pending_compare *c, gb_opcode op, uint32_t label) {
    uint32_t sum = e->previous_start;
    unsigned stores;
    bool negative, imm = c->form == GB_FORM_RI;
    if (e->failed || op < GB_OP_i32_eq || op > GB_OP_i32_ge_u || (!imm && c->form != GB_FORM_RS)) return false;
    if (e->previous_end != c->start || sum == GB_NONE || sum < e->barrier) return false;
    if (!is_sum(e->code[sum], GB_FORM_SI, &stores, &negative) || !stores) return false;
    uint32_t a = e->code[sum + 1], to = e->code[sum + 2], value = unit32(e, sum + 3);
    if (!imm && c->b == to) return false;
    take_back(e, sum);
    unsigned iop = GB_I_count_eq_s + 2 * (op - GB_OP_i32_eq) + imm;
    gb_emit(e, iop);
    gb_emit_slot(e, a);
    gb_emit_slot(e, to);
    gb_emit32(e, negative ? 0 - value : value);
    if (imm)
        gb_emit32(e, c->imm);
    else
        gb_emit_slot(e, c->b);
    gb_emit_label(e, label, sum);
    return true;
}

bool gb_fuse_call(gb_emitter *e) {
    static const uint16_t iops[] = {GB_I_call_copy, GB_I_call_copy2, GB_I_call_const, GB_I_call_const2};
    static const uint8_t lengths[] = {3, 5, 4, 7};
    const uint32_t ends[] = {e->copy_end, e->copy2_end, e->const_end, e->const2_end};
    for (size_t i = 0; i < sizeof iops / sizeof *iops; i++) {
        if (ends[i] != e->length || e->length < e->barrier + lengths[i] || e->failed) continue;
        e->code[e->length - lengths[i]] = iops[i];
        return true;
    }
    return false;
}

void gb_note_branch(gb_emitter *e, uint32_t start, uint32_t label, unsigned opposite) {
    bool ahead = e->labels[label].position == GB_NONE;
    e->branch_start = start;
    e->branch_end = ahead ? e->length : GB_NONE;
    e->branch_label = label;
    e->branch_opposite = opposite;
}

bool gb_fuse_loop_branch(gb_emitter *e, uint32_t label) {
    uint32_t start = e->branch_start, out = e->branch_label;
    if (e->failed || e->branch_end != e->length || start < e->barrier) return false;
    /* The label's field is the last that waits for it; it now belongs to the jump behind. */
    gb_label *l = &e->labels[out];
    if (l->fixups != e->fixup_count - 1) return false;
    l->fixups = e->fixups[--e->fixup_count].next;
    e->code[start] = (uint16_t)e->branch_opposite;
    e->length -= 2;
    gb_emit_label(e, label, start);
    uint32_t base = e->length;
    gb_emit(e, GB_I_br);
    gb_emit_label(e, out, base);
    e->branch_end = GB_NONE;
    return true;
}
