/* translate.c: a validated body to the interpreter's code, in one pass. What is known of operands while it goes is in
 * emit.h; here is what each WebAssembly instruction becomes. */
#include <stdlib.h>
#include <string.h>

#include "engine/assigned.h"
#include "engine/bytes.h"
#include "engine/emit.h"
#include "engine/fuse.h"
#include "engine/validate.h"

const uint16_t gb_iop_of[GB_OP_COUNT] = {
#define FIRST_NONE(id)
#define FIRST_FORM(id, form) [GB_OP_##id] = GB_I_##id##_##form,
#define FIRST_SPECIAL FIRST_NONE
#define FIRST_FIXED FIRST_NONE
#define FIRST_CONST FIRST_NONE
#define FIRST_V_CONST FIRST_NONE
#define FIRST_UNARY(id) FIRST_FORM(id, s_R)
#define FIRST_TRUNC(id) FIRST_FORM(id, s_R)
#define FIRST_LOAD(id) FIRST_FORM(id, s_R)
#define FIRST_BINARY(id) FIRST_FORM(id, ss_R)
#define FIRST_DIVIDE(id) FIRST_FORM(id, ss_R)
#define FIRST_COMPARE(id) FIRST_FORM(id, ss_R)
#define FIRST_COMPARE_F(id) FIRST_FORM(id, ss_R)
#define FIRST_STORE(id) FIRST_FORM(id, ss)
#define FIRST_V_LOAD(id) FIRST_FORM(id, v)
#define FIRST_V_STORE(id) FIRST_FORM(id, v)
#define FIRST_V_LOAD_LANE(id) FIRST_FORM(id, v)
#define FIRST_V_STORE_LANE(id) FIRST_FORM(id, v)
#define FIRST_V_UNARY(id) FIRST_FORM(id, v)
#define FIRST_V_BINARY(id) FIRST_FORM(id, v)
#define FIRST_V_TERNARY(id) FIRST_FORM(id, v)
#define FIRST_V_SHIFT(id) FIRST_FORM(id, v)
#define FIRST_V_TEST(id) FIRST_FORM(id, v)
#define FIRST_V_SPLAT(id) FIRST_FORM(id, v)
#define FIRST_V_EXTRACT(id) FIRST_FORM(id, v)
#define FIRST_V_REPLACE(id) FIRST_FORM(id, v)
#define FIRST_V_SHUFFLE(id) FIRST_FORM(id, v)
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape) FIRST_##shape(id)
    GB_OPCODES(X)
#undef X
};

typedef struct control {
    gb_blocktype type;
    uint16_t opcode;
    bool used;      /* something branches to the label */
    uint32_t height; /* operands below the block's parameters */
    uint32_t base;   /* slot of its first parameter or result */
    uint32_t label, else_label;
    uint32_t region_start, first_catch, catch_count; /* of a try_table */
    gb_assigned_block assigned;
    uint32_t stub, stub_turn; /* the piece of code by which the br_table of this turn reaches the label */
} control;

/* A catch clause's code, written behind the function: unpack the exception, go to the label. */
typedef struct handler {
    uint32_t label; /* GB_NONE: return from the function */
    uint32_t base;
    uint32_t catch_index;
    uint8_t kind;
} handler;

typedef struct translator {
    gb_emitter e;
    gb_reader r;
    const gb_module *m;
    const gb_function *f;
    const gb_functype *type;
    gb_valtype *local_types;
    uint32_t *local_slots;
    gb_assigned assigned;
    uint32_t prologue; /* units of the instruction that zeroes locals, in front */

    control *frames;
    uint32_t frame_count, frame_capacity;
    bool dead;           /* what follows cannot be reached */
    uint32_t dead_depth; /* blocks opened since */
    uint32_t turn;       /* br_tables so far */
    uint32_t *stubs;     /* frames that the current one reaches by a piece of code */
    uint32_t stub_count, stub_capacity;

    gb_try_region *regions;
    uint32_t region_count, region_capacity;
    gb_catch *catches;
    uint32_t catch_count, catch_capacity;
    handler *handlers;
    uint32_t handler_count, handler_capacity;

    bool fuel;
    uint32_t fuel_field, fuel_cost; /* position of the block's charge; GB_NONE before its first instruction */
} translator;

static bool grow(translator *t, void *array, uint32_t *capacity, size_t size, uint32_t count) {
    if (count < *capacity) return true;
    uint32_t wanted = *capacity * 2 + 16;
    void **slot = array;
    void *grown = realloc(*slot, (size_t)wanted * size);
    if (!grown) {
        t->e.failed = true;
        return false;
    }
    *slot = grown;
    *capacity = wanted;
    return true;
}

static uint32_t read_u32(translator *t) {
    uint32_t value = 0;
    gb_read_u32(&t->r, &value);
    return value;
}

static gb_blocktype read_blocktype(translator *t) {
    gb_blocktype type = {0};
    gb_error_kind kind;
    gb_read_blocktype(&t->r, t->m, &type, &kind);
    return type;
}

/* ---- fuel: docs/engine.md says what a block is and what it costs ------------------------------------ */

static void charge(translator *t, gb_opcode op) {
    if (!t->fuel) return;
    switch (op) {
    case GB_OP_block:
    case GB_OP_loop:
    case GB_OP_else:
    case GB_OP_end:
    case GB_OP_try_table:
    case GB_OP_nop: return;
    default: break;
    }
    if (t->fuel_field == GB_NONE) {
        gb_emit(&t->e, GB_I_fuel);
        t->fuel_field = t->e.length;
        t->fuel_cost = 0;
        gb_emit32(&t->e, 0);
    }
    t->fuel_cost++;
    if (!t->e.failed) memcpy(&t->e.code[t->fuel_field], &t->fuel_cost, sizeof t->fuel_cost);
}

static void begin_fuel_block(translator *t) { t->fuel_field = GB_NONE; }

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

static void compare(translator *t, gb_opcode op) {
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

static void eqz(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    const gb_operand *top = &e->stack[e->count - 1];
    if (op == GB_OP_i32_eqz && top->where == GB_IN_ACC && compare_is_fresh(e)) {
        e->compare.op = remap(e->compare.op, inverse);
        e->code[e->compare.start] = (uint16_t)(gb_iop_of[e->compare.op] + e->compare.form);
        return;
    }
    gb_push_const(e, op == GB_OP_i32_eqz ? GB_I32 : GB_I64, 0);
    compare(t, op == GB_OP_i32_eqz ? GB_OP_i32_eq : GB_OP_i64_eq);
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
static void branch_if(translator *t, const gb_operand *condition, bool sense, uint32_t label) {
    gb_emitter *e = &t->e;
    if (condition->where == GB_IN_ACC && compare_is_fresh(e)) {
        branch_on_compare(e, sense, label);
        return;
    }
    if (gb_fuse_and_branch(e, condition, sense, label)) return;
    gb_source c = gb_use(e, condition, false, true);
    branch_on_zero(e, c.kind == GB_ACC, c.slot, sense, label);
}

static void branch(gb_emitter *e, uint32_t label) {
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

static void unary(translator *t, gb_opcode op) {
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
static bool reinterpret(translator *t, gb_opcode op) {
    gb_operand *top = &t->e.stack[t->e.count - 1];
    gb_valtype type = gb_opcode_infos[op].result;
    if (top->where == GB_IN_ACC && gb_acc_of(top->type) != gb_acc_of(type)) return false;
    top->type = type;
    if (top->where == GB_IS_CONST && type == GB_I32) top->bits = (uint64_t)(int32_t)(uint32_t)top->bits;
    return true;
}

static void binary(translator *t, gb_opcode op) {
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
    read_u32(t);
    return read_u32(t);
}

/* A constant address with its offset, if 32 bits hold it; else it is out of bounds, which the ordinary way finds out. */
static bool fixed_address(const gb_operand *a, uint32_t offset, uint32_t *address) {
    *address = (uint32_t)a->bits + offset;
    return a->where == GB_IS_CONST && *address >= offset;
}

static void load(translator *t, gb_opcode op) {
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

static void store(translator *t, gb_opcode op) {
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

static void constant(translator *t, gb_opcode op) {
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

static void vector(translator *t, gb_opcode op) {
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
static void indexed(translator *t, unsigned iop, unsigned pops, gb_valtype result, unsigned indices,
                    const uint32_t *index) {
    gb_emitter *e = &t->e;
    uint32_t slots[3];
    use_slots(e, pops, slots);
    write_slots(e, iop, pops, slots, result);
    for (unsigned i = 0; i < indices; i++) gb_emit32(e, index[i]);
    if (result != GB_NOTYPE) gb_end_result(e);
}

static void fixed(translator *t, gb_opcode op) {
    uint32_t index[2] = {0};
    uint8_t zero;
    switch (op) {
    case GB_OP_memory_size:
        gb_read_u8(&t->r, &zero);
        indexed(t, GB_I_memory_size, 0, GB_I32, 0, index);
        return;
    case GB_OP_memory_grow:
        gb_read_u8(&t->r, &zero);
        indexed(t, GB_I_memory_grow, 1, GB_I32, 0, index);
        return;
    case GB_OP_memory_fill:
        gb_read_u8(&t->r, &zero);
        indexed(t, GB_I_memory_fill, 3, GB_NOTYPE, 0, index);
        return;
    case GB_OP_memory_copy:
        gb_read_u8(&t->r, &zero);
        gb_read_u8(&t->r, &zero);
        indexed(t, GB_I_memory_copy, 3, GB_NOTYPE, 0, index);
        return;
    case GB_OP_memory_init:
        index[0] = read_u32(t);
        gb_read_u8(&t->r, &zero);
        indexed(t, GB_I_memory_init, 3, GB_NOTYPE, 1, index);
        return;
    default: break;
    }
    index[0] = read_u32(t);
    switch (op) {
    case GB_OP_data_drop: indexed(t, GB_I_data_drop, 0, GB_NOTYPE, 1, index); return;
    case GB_OP_elem_drop: indexed(t, GB_I_elem_drop, 0, GB_NOTYPE, 1, index); return;
    case GB_OP_table_size: indexed(t, GB_I_table_size, 0, GB_I32, 1, index); return;
    case GB_OP_table_copy:
    case GB_OP_table_init:
        index[1] = read_u32(t);
        indexed(t, op == GB_OP_table_copy ? GB_I_table_copy : GB_I_table_init, 3, GB_NOTYPE, 2, index);
        return;
    default: return;
    }
}

static void table(translator *t, gb_opcode op) {
    uint32_t index = read_u32(t);
    gb_valtype element = t->m->tables[index].element;
    switch (op) {
    case GB_OP_table_get: indexed(t, GB_I_table_get, 1, element, 1, &index); return;
    case GB_OP_table_set: indexed(t, GB_I_table_set, 2, GB_NOTYPE, 1, &index); return;
    case GB_OP_table_grow: indexed(t, GB_I_table_grow, 2, GB_I32, 1, &index); return;
    default: indexed(t, GB_I_table_fill, 3, GB_NOTYPE, 1, &index); return;
    }
}

static void put_choice(gb_emitter *e, gb_source s) {
    if (s.kind == GB_IMM)
        gb_emit32(e, (uint32_t)s.bits);
    else
        gb_emit_slot(e, s.slot);
}

static void select_value(translator *t, gb_opcode op) {
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

static void global_get(translator *t) {
    gb_emitter *e = &t->e;
    uint32_t index = read_u32(t);
    gb_valtype type = t->m->globals[index].type;
    if (gb_acc_of(type) != GB_ACC_INT) {
        indexed(t, type == GB_V128 ? GB_I_global_get_v : GB_I_global_get_w, 0, type, 1, &index);
        return;
    }
    gb_claim(e, GB_ACC_INT);
    uint32_t iop = e->length;
    gb_emit(e, GB_I_global_get_R);
    gb_put_result(e, iop, type);
    gb_emit32(e, index);
    gb_end_result(e);
}

static void global_set(translator *t) {
    gb_emitter *e = &t->e;
    uint32_t index = read_u32(t);
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

static void local(translator *t, gb_opcode op) {
    uint32_t index = read_u32(t);
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

static void call(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    uint32_t index = read_u32(t);
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

static void call_indirect(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    uint32_t canonical = t->m->type_map[read_u32(t)];
    uint32_t table_index = read_u32(t);
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

static control *frame_at(translator *t, uint32_t depth) { return &t->frames[t->frame_count - 1 - depth]; }
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
    branch(&t->e, c->label);
    gb_assigned_branch(&t->assigned, &c->assigned);
    c->used = true;
}

static void br(translator *t, control *c) {
    const gb_valtype *types;
    uint32_t n = label_types(c, &types);
    prepare_values(&t->e, types, n);
    go_to(t, c);
    t->dead = true;
}

static void br_if(translator *t) {
    gb_emitter *e = &t->e;
    control *c = frame_at(t, read_u32(t));
    const gb_valtype *types;
    gb_operand condition = gb_pop(e);
    uint32_t n = label_types(c, &types);
    prepare_values(e, types, n);
    /* A single value that has only to go home is brought there on both ways. */
    if (n == 1 && !is_function(t, c) && e->stack[e->count - 1].home == c->base) gb_settle(e, 1);
    if (!is_function(t, c) && values_in_place(e, c, types, n)) {
        branch_if(t, &condition, true, c->label);
        gb_assigned_branch(&t->assigned, &c->assigned);
        c->used = true;
        return;
    }
    uint32_t skip = gb_label_new(e);
    branch_if(t, &condition, false, skip);
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
    if (grow(t, &t->stubs, &t->stub_capacity, sizeof *t->stubs, t->stub_count))
        t->stubs[t->stub_count++] = (uint32_t)(c - t->frames);
    return c->stub;
}

static void br_table(translator *t) {
    gb_emitter *e = &t->e;
    uint32_t n = read_u32(t);
    gb_reader labels = t->r;
    gb_operand index = gb_pop(e);
    t->turn++;
    t->stub_count = 0;
    /* All labels carry equally many values; the last one's types serve to bring them home. */
    uint32_t depth = 0, last = 0;
    while (last < n && gb_read_u32(&t->r, &depth)) last++;
    depth = read_u32(t);
    const gb_valtype *types;
    uint32_t arity = label_types(frame_at(t, depth), &types);
    gb_settle(e, arity);
    gb_source x = gb_use(e, &index, false, true);
    uint32_t base = e->length;
    gb_emit(e, x.kind == GB_ACC ? GB_I_br_table_r : GB_I_br_table_s);
    if (x.kind == GB_SLOT) gb_emit_slot(e, x.slot);
    gb_emit32(e, n);
    for (uint32_t i = 0; i <= n && gb_read_u32(&labels, &depth); i++)
        gb_emit_label(e, table_target(t, frame_at(t, depth)), base);
    for (uint32_t i = 0; i < t->stub_count && !e->failed; i++) {
        gb_label_bind(e, t->frames[t->stubs[i]].stub);
        go_to(t, &t->frames[t->stubs[i]]);
    }
    t->dead = true;
}

/* ---- blocks ------------------------------------------------------------------------------------------------- */

static control *push_frame(translator *t, gb_opcode op, gb_blocktype type) {
    gb_emitter *e = &t->e;
    const gb_valtype *params;
    uint32_t n = gb_blocktype_params(&type, &params);
    grow(t, &t->frames, &t->frame_capacity, sizeof *t->frames, t->frame_count);
    if (e->failed) return NULL;
    control *c = &t->frames[t->frame_count++];
    *c = (control){.type = type, .opcode = (uint16_t)op, .else_label = GB_NONE, .label = gb_label_new(e)};
    c->height = e->count - n;
    c->base = n ? e->stack[c->height].home : e->next_slot;
    gb_assigned_open(&t->assigned, &c->assigned);
    return c;
}

static void block(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    gb_blocktype type = read_blocktype(t);
    const gb_valtype *params;
    uint32_t n = gb_blocktype_params(&type, &params);
    gb_operand condition = {0};
    if (op == GB_OP_if) condition = gb_pop(e);
    gb_settle(e, n);
    gb_settle_all(e);
    control *c = push_frame(t, op, type);
    if (!c) return;
    if (op == GB_OP_if) {
        c->else_label = gb_label_new(e);
        gb_assigned_branch(&t->assigned, &c->assigned); /* nothing that only one arm sets is certain */
        branch_if(t, &condition, false, c->else_label);
    } else if (op == GB_OP_loop) {
        gb_label_bind(e, c->label);
    }
}

static void read_clauses(translator *t, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        uint8_t kind = 0;
        gb_read_u8(&t->r, &kind);
        uint32_t tag = kind <= GB_CATCH_REF ? read_u32(t) : GB_NONE;
        control *target = frame_at(t, read_u32(t));
        if (!grow(t, &t->catches, &t->catch_capacity, sizeof *t->catches, t->catch_count) ||
            !grow(t, &t->handlers, &t->handler_capacity, sizeof *t->handlers, t->handler_count))
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

static void try_table(translator *t) {
    gb_emitter *e = &t->e;
    gb_blocktype type = read_blocktype(t);
    const gb_valtype *params;
    uint32_t param_count = gb_blocktype_params(&type, &params), n = read_u32(t);
    gb_settle(e, param_count);
    gb_settle_all(e);
    uint32_t first = t->catch_count;
    read_clauses(t, n);
    control *c = push_frame(t, GB_OP_try_table, type);
    if (!c) return;
    c->first_catch = first;
    c->catch_count = n;
    c->region_start = e->length;
}

static void end_try(translator *t, const control *c) {
    if (!grow(t, &t->regions, &t->region_capacity, sizeof *t->regions, t->region_count)) return;
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

static void else_branch(translator *t) {
    gb_emitter *e = &t->e;
    control *c = frame_at(t, 0);
    const gb_valtype *types;
    if (!t->dead) {
        gb_settle(e, gb_blocktype_results(&c->type, &types));
        branch(e, c->label);
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

static void end(translator *t) {
    gb_emitter *e = &t->e;
    control *c = frame_at(t, 0);
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

static void throw_tag(translator *t) {
    gb_emitter *e = &t->e;
    uint32_t tag = read_u32(t);
    const gb_functype *type = &t->m->types.types[t->m->tags[tag]];
    uint32_t base = settle_arguments(e, type);
    gb_emit(e, GB_I_throw);
    gb_emit32(e, tag);
    gb_emit32(e, base);
    t->dead = true;
}

static void throw_ref(translator *t) {
    gb_operand o = gb_pop(&t->e);
    uint32_t slot = gb_use_slot(&t->e, &o);
    gb_emit(&t->e, GB_I_throw_ref);
    gb_emit_slot(&t->e, slot);
    t->dead = true;
}

/* Behind the last instruction. Labels are bound by now. */
static void write_handlers(translator *t) {
    gb_emitter *e = &t->e;
    for (uint32_t i = 0; i < t->handler_count && !e->failed; i++) {
        const handler *h = &t->handlers[i];
        t->catches[h->catch_index].handler = e->length;
        gb_emit(e, GB_I_catch);
        gb_emit(e, h->kind);
        gb_emit32(e, h->base);
        if (h->label != GB_NONE) {
            branch(e, h->label);
        } else {
            gb_emit(e, GB_I_return_n);
            gb_emit32(e, h->base);
            gb_emit(e, t->type->result_slots);
            if (h->base + t->type->result_slots > e->most_slots)
                e->most_slots = h->base + t->type->result_slots;
        }
    }
}

/* ---- one instruction ------------------------------------------------------------------------------------------- */

static void reference(translator *t, gb_opcode op) {
    gb_error_kind kind;
    uint32_t index = 0;
    if (op == GB_OP_ref_null) {
        gb_read_heaptype(&t->r, t->m, &index, &kind);
        gb_push_const(&t->e, GB_REFTYPE(true, index), 0);
    } else if (op == GB_OP_ref_func) {
        index = read_u32(t);
        indexed(t, GB_I_ref_func, 0, GB_REFTYPE(false, t->m->functions[index].type), 1, &index);
    } else {
        indexed(t, GB_I_ref_is_null, 1, GB_I32, 0, &index);
    }
}

static void special(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    switch (op) {
    case GB_OP_unreachable:
        gb_emit(e, GB_I_unreachable);
        t->dead = true;
        return;
    case GB_OP_block:
    case GB_OP_loop:
    case GB_OP_if: block(t, op); return;
    case GB_OP_try_table: try_table(t); return;
    case GB_OP_else: else_branch(t); return;
    case GB_OP_end: end(t); return;
    case GB_OP_br: br(t, frame_at(t, read_u32(t))); return;
    case GB_OP_br_if: br_if(t); return;
    case GB_OP_br_table: br_table(t); return;
    case GB_OP_return: br(t, t->frames); return;
    case GB_OP_call:
    case GB_OP_return_call: call(t, op); return;
    case GB_OP_call_indirect:
    case GB_OP_return_call_indirect: call_indirect(t, op); return;
    case GB_OP_throw: throw_tag(t); return;
    case GB_OP_throw_ref: throw_ref(t); return;
    case GB_OP_drop: gb_pop(e); return;
    case GB_OP_select:
    case GB_OP_select_t: select_value(t, op); return;
    case GB_OP_local_get:
    case GB_OP_local_set:
    case GB_OP_local_tee: local(t, op); return;
    case GB_OP_global_get: global_get(t); return;
    case GB_OP_global_set: global_set(t); return;
    case GB_OP_table_get:
    case GB_OP_table_set:
    case GB_OP_table_grow:
    case GB_OP_table_fill: table(t, op); return;
    case GB_OP_ref_null:
    case GB_OP_ref_func:
    case GB_OP_ref_is_null: reference(t, op); return;
    default: return; /* nop */
    }
}

static void instruction(translator *t, gb_opcode op) {
    switch ((gb_shape)gb_opcode_infos[op].shape) {
    case GB_SHAPE_SPECIAL: special(t, op); return;
    case GB_SHAPE_FIXED: fixed(t, op); return;
    case GB_SHAPE_CONST: constant(t, op); return;
    case GB_SHAPE_V_CONST: {
        const uint8_t *bytes = NULL;
        gb_read_bytes(&t->r, 16, &bytes);
        gb_push_const(&t->e, GB_V128, (uint64_t)(bytes - t->m->bytes));
        return;
    }
    case GB_SHAPE_UNARY:
        if (op == GB_OP_i32_eqz || op == GB_OP_i64_eqz) {
            eqz(t, op);
            return;
        }
        if (op == GB_OP_i32_wrap_i64 || (op >= GB_OP_i32_reinterpret_f32 && op <= GB_OP_f64_reinterpret_i64))
            if (reinterpret(t, op)) return;
        unary(t, op);
        return;
    case GB_SHAPE_TRUNC: unary(t, op); return;
    case GB_SHAPE_COMPARE: compare(t, op); return;
    case GB_SHAPE_BINARY:
    case GB_SHAPE_DIVIDE:
    case GB_SHAPE_COMPARE_F: binary(t, op); return;
    case GB_SHAPE_LOAD: load(t, op); return;
    case GB_SHAPE_STORE: store(t, op); return;
    default: vector(t, op); return;
    }
}

/* Instructions that cannot be reached are stepped over, to the end of the block that they are in. */
static void dead_instruction(translator *t, gb_opcode op) {
    if (op == GB_OP_block || op == GB_OP_loop || op == GB_OP_if || op == GB_OP_try_table) {
        t->dead_depth++;
    } else if (op == GB_OP_end && t->dead_depth > 0) {
        t->dead_depth--;
        return;
    } else if (t->dead_depth == 0 && (op == GB_OP_end || op == GB_OP_else)) {
        special(t, op);
        return;
    }
    gb_skip_immediates(&t->r, op);
}

static bool ends_fuel_block(gb_opcode op) {
    switch (op) {
    case GB_OP_block:
    case GB_OP_loop:
    case GB_OP_if:
    case GB_OP_else:
    case GB_OP_end:
    case GB_OP_try_table:
    case GB_OP_br_if: return true;
    default: return false;
    }
}

/* ---- functions ---------------------------------------------------------------------------------------------------- */

static bool read_locals(translator *t) {
    uint32_t params = t->type->param_count, total = params + t->f->local_count;
    t->local_types = malloc(((size_t)total + 1) * sizeof *t->local_types);
    t->local_slots = malloc(((size_t)total + 1) * sizeof *t->local_slots);
    if (!t->local_types || !t->local_slots) return false;
    uint32_t slot = 0, at = 0;
    for (; at < params; at++) {
        t->local_types[at] = t->type->params[at];
        t->local_slots[at] = slot;
        slot += gb_valtype_slots(t->type->params[at]);
    }
    if (t->e.far) slot += GB_SCRATCH_SLOTS;
    for (uint32_t runs = read_u32(t); runs > 0; runs--) {
        uint32_t n = read_u32(t);
        gb_valtype type = GB_I32;
        gb_error_kind kind;
        gb_read_valtype(&t->r, t->m, &type, &kind);
        for (; n > 0; n--, at++) {
            t->local_types[at] = type;
            t->local_slots[at] = slot;
            slot += gb_valtype_slots(type);
        }
    }
    return true;
}

/* Which locals need their zero is known only when all is translated (finish). */
static void write_prologue(translator *t) {
    gb_emitter *e = &t->e;
    gb_emit(e, GB_I_zero);
    gb_emit32(e, 0);
    gb_emit32(e, 0);
    e->barrier = t->prologue = e->length;
}

/* Translates the body. For gb_icode_offset it returns the byte offset of the instruction that wrote unit `until`, and stops
 * when the code is so much longer that it is not taken back any more: a comparison is, for a branch that follows. */
static uint32_t translate_body(translator *t, uint32_t until) {
    enum { TAKEN_BACK = 64 }; /* units, more than any instruction takes back */
    gb_emitter *e = &t->e;
    gb_functype results_only = *t->type;
    results_only.param_count = 0;
    write_prologue(t);
    uint32_t found = t->f->code;
    if (!push_frame(t, GB_OP_block, (gb_blocktype){.type = &results_only})) return found;
    t->fuel_field = GB_NONE;
    while (t->frame_count > 0 && !e->failed) {
        uint32_t at = (uint32_t)(t->r.at - t->m->bytes), before = e->length;
        gb_opcode op = gb_read_opcode(&t->r);
        if (t->dead) {
            dead_instruction(t, op);
        } else {
            charge(t, op);
            instruction(t, op);
        }
        if (t->dead || ends_fuel_block(op)) begin_fuel_block(t);
        if (before <= until && e->length > until) found = at;
        if (e->length > (uint64_t)until + TAKEN_BACK) return found;
    }
    write_handlers(t);
    return found;
}

static void free_translator(translator *t) {
    gb_emit_free(&t->e);
    free(t->local_types);
    free(t->local_slots);
    gb_assigned_free(&t->assigned);
    free(t->frames);
    free(t->stubs);
    free(t->regions);
    free(t->catches);
    free(t->handlers);
    free(t);
}

static translator *start(const gb_module *m, uint32_t function, bool fuel) {
    translator *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->m = m;
    t->f = &m->functions[function];
    t->type = gb_module_functype(m, function);
    t->fuel = fuel;
    t->r = (gb_reader){.at = m->bytes + t->f->body, .end = m->bytes + t->f->end};
    uint32_t params = t->type->param_count;
    if (gb_emit_init(&t->e, m, t->f) && gb_assigned_init(&t->assigned, params + t->f->local_count, params) &&
        read_locals(t))
        return t;
    free_translator(t);
    return NULL;
}

/* The locals to be zeroed are filled in, or the prologue is left out. */
static uint32_t finish_prologue(translator *t) {
    uint32_t first = t->assigned.low, count = t->assigned.high - t->assigned.low;
    if (t->assigned.low >= t->assigned.high) return t->prologue;
    if (t->e.failed) return 0;
    memcpy(&t->e.code[1], &first, sizeof first);
    memcpy(&t->e.code[3], &count, sizeof count);
    return 0;
}

static gb_icode *finish(translator *t, uint32_t function) {
    const gb_emitter *e = &t->e;
    uint32_t skipped = finish_prologue(t), length = e->length - skipped;
    size_t units = (size_t)length * sizeof *e->code;
    size_t tables_at = (sizeof(gb_icode) + units + 7) & ~(size_t)7;
    size_t regions = t->region_count * sizeof *t->regions, catches = t->catch_count * sizeof *t->catches;
    gb_icode *code = e->failed ? NULL : malloc(tables_at + regions + catches);
    if (!code) return NULL;
    uint32_t frame = e->most_slots > t->type->result_slots ? e->most_slots : t->type->result_slots;
    *code = (gb_icode){.module = t->m,
                       .frame_slots = frame,
                       .function = function,
                       .length = length,
                       .skipped = skipped,
                       .region_count = t->region_count};
    memcpy(code->code, e->code + skipped, units);
    for (uint32_t i = 0; i < t->region_count; i++) {
        t->regions[i].start -= skipped;
        t->regions[i].end -= skipped;
    }
    for (uint32_t i = 0; i < t->catch_count; i++) t->catches[i].handler -= skipped;
    char *tables = (char *)code + tables_at;
    if (regions) memcpy(tables, t->regions, regions);
    if (catches) memcpy(tables + regions, t->catches, catches);
    code->regions = (const gb_try_region *)(void *)tables;
    code->catches = (const gb_catch *)(void *)(tables + regions);
    return code;
}

gb_icode *gb_translate(const gb_module *m, uint32_t function, bool fuel) {
    translator *t = start(m, function, fuel);
    if (!t) return NULL;
    translate_body(t, UINT32_MAX);
    gb_icode *code = finish(t, function);
    free_translator(t);
    return code;
}

uint32_t gb_icode_offset(gb_module *m, const gb_icode *code, bool fuel, const uint16_t *pc) {
    /* It may be a stub's frame that asks, whose body nobody has looked at yet. */
    bool valid = gb_module_validate_body(m, code->function, NULL);
    translator *t = valid ? start(m, code->function, fuel) : NULL;
    if (!t) return m->functions[code->function].body;
    uint32_t offset = translate_body(t, (uint32_t)(pc - code->code) - 1 + code->skipped);
    free_translator(t);
    return offset;
}
