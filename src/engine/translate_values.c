#include <string.h>

#include "engine/translate.h"

/* ---- comparisons and conditions ---------------------------------------------------------------------- */

/* In the order of the opcode table: eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u. */
static const uint8_t inverse[10] = {1, 0, 8, 9, 6, 7, 4, 5, 2, 3};
static const uint8_t swapped[10] = {0, 1, 4, 5, 2, 3, 8, 9, 6, 7};

static gb_opcode remap(gb_opcode op, const uint8_t *map) {
    gb_opcode first = op >= GB_OP_i64_eq ? GB_OP_i64_eq : GB_OP_i32_eq;
    return first + map[op - first];
}

static void write_compare(gb_emitter *e, gb_opcode op, unsigned form, uint32_t a, uint32_t b) {
    gb_emit(e, gb_iop_of[op] + form);
    if (form == GB_FORM_SS || form == GB_FORM_SI || form == GB_FORM_SS_B || form == GB_FORM_SI_B)
        gb_emit_slot(e, a);
    if (form == GB_FORM_SS || form == GB_FORM_RS || form == GB_FORM_SS_B || form == GB_FORM_RS_B)
        gb_emit_slot(e, b);
}

void gb_tr_compare(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    gb_operand b = gb_pop(e), a = gb_pop(e);
    if (a.where == GB_IS_CONST && b.where != GB_IS_CONST) {
        gb_operand c = a;
        a = b;
        b = c;
        op = remap(op, swapped);
    }
    gb_source y = gb_use(e, &b, true, true);
    gb_source x = gb_use(e, &a, false, y.kind != GB_ACC);
    if (y.kind == GB_ACC) {
        y = x;
        x.kind = GB_ACC;
        op = remap(op, swapped);
    }
    unsigned form = x.kind == GB_ACC ? (y.kind == GB_IMM ? GB_FORM_RI : GB_FORM_RS)
                                     : (y.kind == GB_IMM ? GB_FORM_SI : GB_FORM_SS);
    gb_spill(e, GB_ACC_INT);
    e->compare = (gb_pending_compare){.start = e->length, .op = op, .form = form, .a = x.slot, .b = y.slot,
                                      .imm = (uint32_t)y.bits, .acc_slot = e->acc[GB_ACC_INT].slot};
    gb_claim(e, GB_ACC_INT);
    write_compare(e, op, form, x.slot, y.slot);
    gb_put_result(e, e->compare.start, GB_I32);
    if (y.kind == GB_IMM) gb_emit32(e, (uint32_t)y.bits);
    gb_end_result(e);
    e->compare.end = e->length;
}

/* The value in the integer accumulator is the comparison just written, and nothing else has happened. */
static bool compare_is_fresh(const gb_emitter *e) {
    return e->compare.end == e->length && e->compare.start >= e->barrier &&
           e->acc[GB_ACC_INT].iop == e->compare.start && !e->failed;
}

void gb_tr_eqz(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    const gb_operand *top = &e->stack[e->count - 1];
    if (op == GB_OP_i32_eqz && top->where == GB_IN_ACC && compare_is_fresh(e)) {
        e->compare.op = remap(e->compare.op, inverse);
        e->code[e->compare.start] = (uint16_t)(gb_iop_of[e->compare.op] + e->compare.form);
        return;
    }
    gb_push_const(e, op == GB_OP_i32_eqz ? GB_I32 : GB_I64, 0);
    gb_tr_compare(t, op == GB_OP_i32_eqz ? GB_OP_i32_eq : GB_OP_i64_eq);
}

static void branch_on_zero(gb_emitter *e, bool acc, uint32_t slot, bool sense, uint32_t label) {
    static const uint16_t iops[2][2] = {{GB_I_br_z_s, GB_I_br_nz_s}, {GB_I_br_z_r, GB_I_br_nz_r}};
    uint32_t base = e->length;
    gb_emit(e, iops[acc][sense]);
    if (!acc) gb_emit_slot(e, slot);
    gb_emit_label(e, label, base);
    gb_note_branch(e, base, label, iops[acc][!sense]);
}

/* Takes the comparison back and writes it as a branch. */
static void branch_on_compare(gb_emitter *e, bool sense, uint32_t label) {
    static const unsigned branch_forms[] = {[GB_FORM_SS] = GB_FORM_SS_B, [GB_FORM_SI] = GB_FORM_SI_B,
                                            [GB_FORM_RS] = GB_FORM_RS_B, [GB_FORM_RI] = GB_FORM_RI_B};
    gb_pending_compare c = e->compare;
    e->length = c.start;
    e->acc[GB_ACC_INT].slot = c.acc_slot;
    e->compare.end = e->result_end = GB_NONE;
    gb_opcode op = sense ? c.op : remap(c.op, inverse);
    if (gb_fuse_count_branch(e, &c, op, label)) return;
    bool imm = c.form == GB_FORM_SI || c.form == GB_FORM_RI;
    if (imm && c.imm == 0 && (op == GB_OP_i32_eq || op == GB_OP_i32_ne)) {
        if (gb_fuse_and_compare_branch(e, &c, op == GB_OP_i32_ne, label)) return;
        branch_on_zero(e, c.form == GB_FORM_RI, c.a, op == GB_OP_i32_ne, label);
        return;
    }
    write_compare(e, op, branch_forms[c.form], c.a, c.b);
    if (imm) gb_emit32(e, c.imm);
    gb_emit_label(e, label, c.start);
    gb_note_branch(e, c.start, label, gb_iop_of[remap(op, inverse)] + branch_forms[c.form]);
}

/* Goes to the label when the condition (popped already) is true, or when it is false. */
void gb_tr_branch_if(translator *t, const gb_operand *condition, bool sense, uint32_t label) {
    gb_emitter *e = &t->e;
    if (condition->where == GB_IN_ACC && compare_is_fresh(e)) {
        branch_on_compare(e, sense, label);
        return;
    }
    if (gb_fuse_and_branch(e, condition, sense, label)) return;
    gb_source c = gb_use(e, condition, false, true);
    branch_on_zero(e, c.kind == GB_ACC, c.slot, sense, label);
}

void gb_tr_branch(gb_emitter *e, uint32_t label) {
    if (e->labels[label].position != GB_NONE && gb_fuse_loop_branch(e, label)) return;
    uint32_t base = e->length;
    gb_emit(e, GB_I_br);
    gb_emit_label(e, label, base);
}

/* ---- scalar instructions by shape -------------------------------------------------------------------- */

static void put_immediate(gb_emitter *e, gb_valtype type, uint64_t bits) {
    if (type == GB_F64)
        gb_emit64(e, bits);
    else
        gb_emit32(e, (uint32_t)bits);
}

void gb_tr_unary(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    gb_operand a = gb_pop(e);
    gb_valtype type = gb_opcode_infos[op].result;
    gb_source x = gb_use(e, &a, false, true);
    gb_claim(e, gb_acc_of(type));
    uint32_t iop = e->length;
    gb_emit(e, gb_iop_of[op] + (x.kind == GB_ACC ? 0U + GB_FORM_R : GB_FORM_S));
    if (x.kind == GB_SLOT) gb_emit_slot(e, x.slot);
    gb_put_result(e, iop, type);
    gb_end_result(e);
}

/* The value stays where it is and is seen as another type of the same low bits. False: it has to be computed. */
bool gb_tr_reinterpret(translator *t, gb_opcode op) {
    gb_operand *top = &t->e.stack[t->e.count - 1];
    gb_valtype type = gb_opcode_infos[op].result;
    if (top->where == GB_IN_ACC && gb_acc_of(top->type) != gb_acc_of(type)) return false;
    top->type = type;
    if (top->where == GB_IS_CONST && type == GB_I32) top->bits = (uint64_t)(int32_t)(uint32_t)top->bits;
    return true;
}

void gb_tr_binary(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    gb_valtype type = gb_opcode_infos[op].result;
    gb_operand b = gb_pop(e), a = gb_pop(e);
    bool commutes = op == GB_OP_i32_add || op == GB_OP_i32_mul || op == GB_OP_i32_and || op == GB_OP_i32_or ||
                    op == GB_OP_i32_xor || op == GB_OP_i64_add || op == GB_OP_i64_mul || op == GB_OP_i64_and ||
                    op == GB_OP_i64_or || op == GB_OP_i64_xor;
    if (commutes && a.where == GB_IS_CONST) {
        gb_operand c = a;
        a = b;
        b = c;
    }
    gb_source y = gb_use(e, &b, true, true);
    gb_source x = gb_use(e, &a, y.kind == GB_SLOT, y.kind != GB_ACC);
    if (op == GB_OP_i32_add && y.kind == GB_ACC && x.kind == GB_SLOT && gb_fuse_shift_add(e, &b, x.slot)) return;
    if (op == GB_OP_i32_add && x.kind == GB_ACC && y.kind == GB_SLOT && gb_fuse_shift_add(e, &a, y.slot)) return;
    static const unsigned forms[3][3] = {
        [GB_SLOT] = {[GB_SLOT] = GB_FORM_SS, [GB_IMM] = GB_FORM_SI, [GB_ACC] = GB_FORM_SR},
        [GB_IMM] = {[GB_SLOT] = GB_FORM_IS},
        [GB_ACC] = {[GB_SLOT] = GB_FORM_RS, [GB_IMM] = GB_FORM_RI},
    };
    gb_claim(e, gb_acc_of(type));
    uint32_t iop = e->length;
    gb_emit(e, gb_iop_of[op] + forms[x.kind][y.kind]);
    if (x.kind == GB_SLOT) gb_emit_slot(e, x.slot);
    if (y.kind == GB_SLOT) gb_emit_slot(e, y.slot);
    gb_put_result(e, iop, type);
    if (x.kind == GB_IMM) put_immediate(e, a.type, x.bits);
    if (y.kind == GB_IMM) put_immediate(e, b.type, y.bits);
    gb_end_result(e);
}

static uint32_t read_memarg(translator *t) {
    gb_tr_read_u32(t);
    return gb_tr_read_u32(t);
}

/* A constant address with its offset, if 32 bits hold it; else it is out of bounds, which the ordinary way finds out. */
static bool fixed_address(const gb_operand *a, uint32_t offset, uint32_t *address) {
    *address = (uint32_t)a->bits + offset;
    return a->where == GB_IS_CONST && *address >= offset;
}

void gb_tr_load(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    uint32_t offset = read_memarg(t);
    gb_valtype type = gb_opcode_infos[op].result;
    gb_operand a = gb_pop(e);
    uint32_t fixed;
    bool is_fixed = fixed_address(&a, offset, &fixed);
    gb_source x = {.kind = GB_IMM};
    if (!is_fixed) x = gb_use(e, &a, false, true);
    gb_claim(e, gb_acc_of(type));
    uint32_t iop = e->length;
    gb_emit(e, gb_iop_of[op] + (is_fixed ? 0U + GB_FORM_K : x.kind == GB_ACC ? 0U + GB_FORM_R : GB_FORM_S));
    if (x.kind == GB_SLOT) gb_emit_slot(e, x.slot);
    gb_put_result(e, iop, type);
    gb_emit32(e, is_fixed ? fixed : offset);
    gb_end_result(e);
}

void gb_tr_store(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    uint32_t offset = read_memarg(t);
    gb_operand b = gb_pop(e), a = gb_pop(e);
    gb_source y = gb_use(e, &b, true, true);
    uint32_t fixed;
    if (fixed_address(&a, offset, &fixed)) {
        gb_emit(e, gb_iop_of[op] + (y.kind == GB_IMM   ? 0U + GB_STORE_KI
                                    : y.kind == GB_ACC ? 0U + GB_STORE_KR
                                                       : GB_STORE_KS));
        if (y.kind == GB_SLOT) gb_emit_slot(e, y.slot);
        gb_emit32(e, fixed);
    } else {
        gb_source x = gb_use(e, &a, false, y.kind != GB_ACC);
        gb_emit(e, gb_iop_of[op] + (x.kind == GB_ACC   ? (y.kind == GB_IMM ? 0U + GB_STORE_RI : GB_STORE_RS)
                                    : y.kind == GB_IMM ? 0U + GB_STORE_SI
                                    : y.kind == GB_ACC ? 0U + GB_STORE_SR
                                                       : GB_STORE_SS));
        if (x.kind == GB_SLOT) gb_emit_slot(e, x.slot);
        if (y.kind == GB_SLOT) gb_emit_slot(e, y.slot);
        gb_emit32(e, offset);
    }
    if (y.kind == GB_IMM) put_immediate(e, b.type, y.bits);
}

void gb_tr_constant(translator *t, gb_opcode op) {
    int32_t i32 = 0;
    int64_t i64 = 0;
    const uint8_t *bytes = NULL;
    switch (op) {
    case GB_OP_i32_const:
        gb_read_i32(&t->r, &i32);
        gb_push_const(&t->e, GB_I32, (uint64_t)(int64_t)i32);
        return;
    case GB_OP_i64_const:
        gb_read_i64(&t->r, &i64);
        gb_push_const(&t->e, GB_I64, (uint64_t)i64);
        return;
    case GB_OP_f32_const:
        gb_read_bytes(&t->r, 4, &bytes);
        gb_push_const(&t->e, GB_F32, gb_get32(bytes));
        return;
    default:
        gb_read_bytes(&t->r, 8, &bytes);
        gb_push_const(&t->e, GB_F64, gb_get64(bytes));
        return;
    }
}

/* ---- everything that works on slots alone: operands, result, then immediates --------------------------- */

/* Pops n operands into slots, deepest first. */
static void use_slots(gb_emitter *e, unsigned n, uint32_t *slots) {
    gb_operand operands[3];
    for (unsigned i = n; i-- > 0;) operands[i] = gb_pop(e);
    for (unsigned i = 0; i < n; i++) slots[i] = gb_use_slot(e, &operands[i]);
}

static void write_slots(gb_emitter *e, unsigned iop, unsigned n, const uint32_t *slots, gb_valtype result) {
    gb_emit(e, iop);
    for (unsigned i = 0; i < n; i++) gb_emit_slot(e, slots[i]);
    if (result != GB_NOTYPE) gb_put_home(e, result);
}

void gb_tr_vector(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    const gb_opcode_info *info = &gb_opcode_infos[op];
    uint32_t slots[3], offset = 0;
    uint8_t lane = 0;
    const uint8_t *lanes = NULL;
    bool memory = info->immediate == GB_IMM_MEMARG || info->immediate == GB_IMM_MEMARG_LANE;
    bool has_lane = info->immediate == GB_IMM_LANE || info->immediate == GB_IMM_MEMARG_LANE;
    if (memory) offset = read_memarg(t);
    if (has_lane) gb_read_u8(&t->r, &lane);
    if (info->immediate == GB_IMM_SHUFFLE) gb_read_bytes(&t->r, 16, &lanes);
    use_slots(e, info->pops, slots);
    write_slots(e, gb_iop_of[op], info->pops, slots, info->result);
    if (memory) gb_emit32(e, offset);
    if (has_lane) gb_emit(e, lane);
    for (int i = 0; lanes && i < 16; i += 2) {
        uint16_t unit;
        memcpy(&unit, lanes + i, 2);
        gb_emit(e, unit);
    }
    if (info->result) gb_end_result(e);
}

/* Bulk and table instructions: slots, result, then up to two indices. */
void gb_tr_indexed(translator *t, unsigned iop, unsigned pops, gb_valtype result, unsigned indices,
                    const uint32_t *index) {
    gb_emitter *e = &t->e;
    uint32_t slots[3];
    use_slots(e, pops, slots);
    write_slots(e, iop, pops, slots, result);
    for (unsigned i = 0; i < indices; i++) gb_emit32(e, index[i]);
    if (result != GB_NOTYPE) gb_end_result(e);
}

void gb_tr_fixed(translator *t, gb_opcode op) {
    uint32_t index[2] = {0};
    uint8_t zero;
    switch (op) {
    case GB_OP_memory_size:
        gb_read_u8(&t->r, &zero);
        gb_tr_indexed(t, GB_I_memory_size, 0, GB_I32, 0, index);
        return;
    case GB_OP_memory_grow:
        gb_read_u8(&t->r, &zero);
        gb_tr_indexed(t, GB_I_memory_grow, 1, GB_I32, 0, index);
        return;
    case GB_OP_memory_fill:
        gb_read_u8(&t->r, &zero);
        gb_tr_indexed(t, GB_I_memory_fill, 3, GB_NOTYPE, 0, index);
        return;
    case GB_OP_memory_copy:
        gb_read_u8(&t->r, &zero);
        gb_read_u8(&t->r, &zero);
        gb_tr_indexed(t, GB_I_memory_copy, 3, GB_NOTYPE, 0, index);
        return;
    case GB_OP_memory_init:
        index[0] = gb_tr_read_u32(t);
        gb_read_u8(&t->r, &zero);
        gb_tr_indexed(t, GB_I_memory_init, 3, GB_NOTYPE, 1, index);
        return;
    default: break;
    }
    index[0] = gb_tr_read_u32(t);
    switch (op) {
    case GB_OP_data_drop: gb_tr_indexed(t, GB_I_data_drop, 0, GB_NOTYPE, 1, index); return;
    case GB_OP_elem_drop: gb_tr_indexed(t, GB_I_elem_drop, 0, GB_NOTYPE, 1, index); return;
    case GB_OP_table_size: gb_tr_indexed(t, GB_I_table_size, 0, GB_I32, 1, index); return;
    case GB_OP_table_copy:
    case GB_OP_table_init:
        index[1] = gb_tr_read_u32(t);
        gb_tr_indexed(t, op == GB_OP_table_copy ? GB_I_table_copy : GB_I_table_init, 3, GB_NOTYPE, 2, index);
        return;
    default: return;
    }
}

void gb_tr_table(translator *t, gb_opcode op) {
    uint32_t index = gb_tr_read_u32(t);
    gb_valtype element = t->m->tables[index].element;
    switch (op) {
    case GB_OP_table_get: gb_tr_indexed(t, GB_I_table_get, 1, element, 1, &index); return;
    case GB_OP_table_set: gb_tr_indexed(t, GB_I_table_set, 2, GB_NOTYPE, 1, &index); return;
    case GB_OP_table_grow: gb_tr_indexed(t, GB_I_table_grow, 2, GB_I32, 1, &index); return;
    default: gb_tr_indexed(t, GB_I_table_fill, 3, GB_NOTYPE, 1, &index); return;
    }
}

static void put_choice(gb_emitter *e, gb_source s) {
    if (s.kind == GB_IMM)
        gb_emit32(e, (uint32_t)s.bits);
    else
        gb_emit_slot(e, s.slot);
}

void gb_tr_select_value(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    if (op == GB_OP_select_t) gb_skip_immediates(&t->r, op);
    gb_operand c = gb_pop(e), b = gb_pop(e), a = gb_pop(e);
    gb_valtype type = a.type;
    bool is_int = gb_acc_of(type) == GB_ACC_INT;
    gb_source condition = gb_use(e, &c, false, is_int);
    gb_source y = gb_use(e, &b, is_int, false), x = gb_use(e, &a, is_int, false);
    if (!is_int) {
        uint32_t slots[3] = {condition.slot, x.slot, y.slot};
        write_slots(e, type == GB_V128 ? GB_I_select_v : GB_I_select_w, 3, slots, type);
        gb_end_result(e);
        return;
    }
    gb_claim(e, GB_ACC_INT);
    uint32_t iop = e->length;
    unsigned form = (x.kind == GB_IMM ? 4U : 0) + (y.kind == GB_IMM ? 2U : 0);
    gb_emit(e, (condition.kind == GB_ACC ? 0U + GB_I_select_rss_R : GB_I_select_sss_R) + form);
    if (condition.kind == GB_SLOT) gb_emit_slot(e, condition.slot);
    put_choice(e, x);
    put_choice(e, y);
    gb_put_result(e, iop, type);
    gb_end_result(e);
}

void gb_tr_global_get(translator *t) {
    gb_emitter *e = &t->e;
    uint32_t index = gb_tr_read_u32(t);
    gb_valtype type = t->m->globals[index].type;
    if (gb_acc_of(type) != GB_ACC_INT) {
        gb_tr_indexed(t, type == GB_V128 ? GB_I_global_get_v : GB_I_global_get_w, 0, type, 1, &index);
        return;
    }
    gb_claim(e, GB_ACC_INT);
    uint32_t iop = e->length;
    gb_emit(e, GB_I_global_get_R);
    gb_put_result(e, iop, type);
    gb_emit32(e, index);
    gb_end_result(e);
}

void gb_tr_global_set(translator *t) {
    gb_emitter *e = &t->e;
    uint32_t index = gb_tr_read_u32(t);
    gb_operand a = gb_pop(e);
    if (gb_fuse_global_set(e, &a, index)) return;
    gb_source x = gb_use(e, &a, false, gb_acc_of(a.type) == GB_ACC_INT);
    if (x.kind == GB_ACC) {
        gb_emit(e, GB_I_global_set_r);
    } else {
        gb_emit(e, a.type == GB_V128 ? GB_I_global_set_v : GB_I_global_set_s);
        gb_emit_slot(e, x.slot);
    }
    gb_emit32(e, index);
}

void gb_tr_local(translator *t, gb_opcode op) {
    uint32_t index = gb_tr_read_u32(t);
    gb_valtype type = t->local_types[index];
    uint32_t slot = t->local_slots[index];
    if (op != GB_OP_local_get) {
        gb_operand o = gb_pop(&t->e);
        gb_set_local(&t->e, &o, slot);
        gb_assigned_set(&t->assigned, index);
    } else {
        gb_assigned_read(&t->assigned, index, slot, gb_valtype_slots(type));
    }
    if (op != GB_OP_local_set) gb_push_local(&t->e, type, slot);
}
