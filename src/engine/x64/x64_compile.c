#include "engine/x64/x64_lower.h"

#include <stdlib.h>

#include "base/sort.h"
#include "engine/validate.h"

/* ---- reading ---------------------------------------------------------------------------------- */

uint32_t x64_read_u32_slow(const uint8_t **pc) {
    uint32_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *(*pc)++;
        value |= (uint32_t)(byte & 0x7F) << shift;
        shift += 7;
    } while (byte & 0x80);
    return value;
}

int64_t x64_read_i64(const uint8_t **pc) {
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *(*pc)++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && (byte & 0x40)) value |= UINT64_MAX << shift;
    return (int64_t)value;
}

const gb_opcode_info *x64_opcode_at(const uint8_t **pc, uint32_t *op) {
    uint32_t code = *(*pc)++;
    if (code == 0xFC) {
        code = GB_OPCODE_FC + x64_read_u32_slow(pc);
    } else if (code == 0xFD) {
        code = GB_OPCODE_FD + x64_read_u32_slow(pc);
    }
    *op = gb_opcode_map[code];
    return &gb_opcode_infos[*op];
}

static void skip_leb(const uint8_t **pc) {
    while (*(*pc)++ & 0x80) {}
}

static void skip_block_type(const uint8_t **pc) {
    bool reference = **pc == GB_REF || **pc == GB_REF_NULL;
    skip_leb(pc);
    if (reference) skip_leb(pc);
}

static void skip_clauses(const uint8_t **pc) {
    uint32_t count = x64_read_u32_slow(pc);
    while (count--) {
        uint8_t kind = *(*pc)++;
        if (kind <= GB_CATCH_REF) skip_leb(pc);
        skip_leb(pc);
    }
}

void x64_skip(const uint8_t **pc, const gb_opcode_info *info) {
    switch ((gb_immediate)info->immediate) {
    case GB_IMM_NONE: break;
    case GB_IMM_BLOCK: skip_block_type(pc); break;
    case GB_IMM_TRY:
        skip_block_type(pc);
        skip_clauses(pc);
        break;
    case GB_IMM_LABELS:
        for (uint32_t n = x64_read_u32_slow(pc) + 1; n; n--) skip_leb(pc);
        break;
    case GB_IMM_SELECT:
        for (uint32_t n = x64_read_u32_slow(pc); n; n--) skip_block_type(pc);
        break;
    case GB_IMM_TYPE_TABLE:
    case GB_IMM_TABLE_TABLE:
    case GB_IMM_ELEM_TABLE:
    case GB_IMM_DATA_MEMORY:
    case GB_IMM_MEMORY_MEMORY:
    case GB_IMM_MEMARG: skip_leb(pc); /* fall through */
    case GB_IMM_LABEL:
    case GB_IMM_FUNC:
    case GB_IMM_TAG:
    case GB_IMM_LOCAL:
    case GB_IMM_GLOBAL:
    case GB_IMM_TABLE:
    case GB_IMM_ELEM:
    case GB_IMM_DATA:
    case GB_IMM_MEMORY:
    case GB_IMM_HEAPTYPE:
    case GB_IMM_I32:
    case GB_IMM_I64: skip_leb(pc); break;
    case GB_IMM_MEMARG_LANE:
        skip_leb(pc);
        skip_leb(pc); /* fall through */
    case GB_IMM_LANE: ++*pc; break;
    case GB_IMM_F32: *pc += 4; break;
    case GB_IMM_F64: *pc += 8; break;
    case GB_IMM_SHUFFLE:
    case GB_IMM_V128: *pc += 16; break;
    }
}

/* ---- one instruction ---------------------------------------------------------------------------- */

typedef struct access {
    uint32_t op;
    uint8_t width, size, type;
} access;

static const access loads[] = {
    {X64_MOV, X64_W32, 4, X64_I32},     {X64_MOV, X64_W64, 8, X64_I64},
    {X64_MOVSS, X64_W32, 4, X64_F32},   {X64_MOVSD, X64_W32, 8, X64_F64},
    {X64_MOVSX8, X64_W32, 1, X64_I32},  {X64_MOVZX8, X64_W32, 1, X64_I32},
    {X64_MOVSX16, X64_W32, 2, X64_I32}, {X64_MOVZX16, X64_W32, 2, X64_I32},
    {X64_MOVSX8, X64_W64, 1, X64_I64},  {X64_MOVZX8, X64_W32, 1, X64_I64},
    {X64_MOVSX16, X64_W64, 2, X64_I64}, {X64_MOVZX16, X64_W32, 2, X64_I64},
    {X64_MOVSXD, X64_W64, 4, X64_I64},  {X64_MOV, X64_W32, 4, X64_I64},
};
static const access stores[] = {
    {0, 0, 4, X64_I32}, {0, 0, 8, X64_I64}, {0, 0, 4, X64_F32}, {0, 0, 8, X64_F64}, {0, 0, 1, X64_I32},
    {0, 0, 2, X64_I32}, {0, 0, 1, X64_I64}, {0, 0, 2, X64_I64}, {0, 0, 4, X64_I64},
};
/* eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u */
static const uint8_t compares[] = {X64_E, X64_NE, X64_L,  X64_B,  X64_G,
                                   X64_A, X64_LE, X64_BE, X64_GE, X64_AE};

static uint64_t read_bits(x64_compiler *c, unsigned bytes) {
    uint64_t bits = 0;
    memcpy(&bits, c->pc, bytes);
    c->pc += bytes;
    return bits;
}

/* Instructions of i32 and of i64, numbered alike from their own clz on. */
static void lower_int(x64_compiler *c, x64_type t, unsigned which) {
    switch (which) {
    case 0: x64_bits(c, t, X64_LZCNT); break;
    case 1: x64_bits(c, t, X64_TZCNT); break;
    case 2: x64_bits(c, t, X64_POPCNT); break;
    case 3: x64_arith(c, t, X64_ADD, X64_G_ADD, true); break;
    case 4: x64_arith(c, t, X64_SUB, X64_G_SUB, false); break;
    case 5: x64_multiply(c, t); break;
    case 6: x64_divide(c, t, true, false); break;
    case 7: x64_divide(c, t, false, false); break;
    case 8: x64_divide(c, t, true, true); break;
    case 9: x64_divide(c, t, false, true); break;
    case 10: x64_arith(c, t, X64_AND, X64_G_AND, true); break;
    case 11: x64_arith(c, t, X64_OR, X64_G_OR, true); break;
    case 12: x64_arith(c, t, X64_XOR, X64_G_XOR, true); break;
    case 13: x64_shift(c, t, X64_G_SHL); break;
    case 14: x64_shift(c, t, X64_G_SAR); break;
    case 15: x64_shift(c, t, X64_G_SHR); break;
    case 16: x64_shift(c, t, X64_G_ROL); break;
    default: x64_shift(c, t, X64_G_ROR); break;
    }
}

/* The same of f32 and of f64 from abs on. */
static void lower_float(x64_compiler *c, x64_type t, unsigned which) {
    bool d = t == X64_F64;
    switch (which) {
    case 0: x64_float_sign(c, t, false); break;
    case 1: x64_float_sign(c, t, true); break;
    case 2: x64_float_round(c, t, 2); break;
    case 3: x64_float_round(c, t, 1); break;
    case 4: x64_float_round(c, t, 3); break;
    case 5: x64_float_round(c, t, 0); break;
    case 6: x64_float_sqrt(c, t); break;
    case 7: x64_float_binary(c, t, d ? X64_ADDSD : X64_ADDSS); break;
    case 8: x64_float_binary(c, t, d ? X64_SUBSD : X64_SUBSS); break;
    case 9: x64_float_binary(c, t, d ? X64_MULSD : X64_MULSS); break;
    case 10: x64_float_binary(c, t, d ? X64_DIVSD : X64_DIVSS); break;
    case 11: x64_float_minmax(c, t, false); break;
    case 12: x64_float_minmax(c, t, true); break;
    default: x64_float_copysign(c, t); break;
    }
}

static void lower_conversion(x64_compiler *c, uint32_t op) {
    switch (op) {
    case GB_OP_i32_wrap_i64: x64_wrap(c); break;
    case GB_OP_i32_trunc_f32_s: x64_float_to_int(c, X64_I32, X64_F32, true, false); break;
    case GB_OP_i32_trunc_f32_u: x64_float_to_int(c, X64_I32, X64_F32, false, false); break;
    case GB_OP_i32_trunc_f64_s: x64_float_to_int(c, X64_I32, X64_F64, true, false); break;
    case GB_OP_i32_trunc_f64_u: x64_float_to_int(c, X64_I32, X64_F64, false, false); break;
    case GB_OP_i64_extend_i32_s: x64_extend_i32(c, true); break;
    case GB_OP_i64_extend_i32_u: x64_extend_i32(c, false); break;
    case GB_OP_i64_trunc_f32_s: x64_float_to_int(c, X64_I64, X64_F32, true, false); break;
    case GB_OP_i64_trunc_f32_u: x64_float_to_int(c, X64_I64, X64_F32, false, false); break;
    case GB_OP_i64_trunc_f64_s: x64_float_to_int(c, X64_I64, X64_F64, true, false); break;
    case GB_OP_i64_trunc_f64_u: x64_float_to_int(c, X64_I64, X64_F64, false, false); break;
    case GB_OP_f32_convert_i32_s: x64_float_from_int(c, X64_F32, X64_I32, true); break;
    case GB_OP_f32_convert_i32_u: x64_float_from_int(c, X64_F32, X64_I32, false); break;
    case GB_OP_f32_convert_i64_s: x64_float_from_int(c, X64_F32, X64_I64, true); break;
    case GB_OP_f32_convert_i64_u: x64_float_from_int(c, X64_F32, X64_I64, false); break;
    case GB_OP_f32_demote_f64: x64_float_convert(c, false); break;
    case GB_OP_f64_convert_i32_s: x64_float_from_int(c, X64_F64, X64_I32, true); break;
    case GB_OP_f64_convert_i32_u: x64_float_from_int(c, X64_F64, X64_I32, false); break;
    case GB_OP_f64_convert_i64_s: x64_float_from_int(c, X64_F64, X64_I64, true); break;
    case GB_OP_f64_convert_i64_u: x64_float_from_int(c, X64_F64, X64_I64, false); break;
    case GB_OP_f64_promote_f32: x64_float_convert(c, true); break;
    case GB_OP_i32_reinterpret_f32: x64_reinterpret(c, X64_I32); break;
    case GB_OP_i64_reinterpret_f64: x64_reinterpret(c, X64_I64); break;
    case GB_OP_f32_reinterpret_i32: x64_reinterpret(c, X64_F32); break;
    case GB_OP_f64_reinterpret_i64: x64_reinterpret(c, X64_F64); break;
    case GB_OP_i32_extend8_s: x64_extend(c, X64_I32, X64_MOVSX8); break;
    case GB_OP_i32_extend16_s: x64_extend(c, X64_I32, X64_MOVSX16); break;
    case GB_OP_i64_extend8_s: x64_extend(c, X64_I64, X64_MOVSX8); break;
    case GB_OP_i64_extend16_s: x64_extend(c, X64_I64, X64_MOVSX16); break;
    default: x64_extend(c, X64_I64, X64_MOVSXD); break;
    }
}

static void lower_fc(x64_compiler *c) {
    uint32_t code = x64_read_u32(c);
    if (code < 8) {
        x64_type from = code & 2 ? X64_F64 : X64_F32;
        x64_float_to_int(c, code & 4 ? X64_I64 : X64_I32, from, !(code & 1), true);
        return;
    }
    switch (gb_opcode_map[GB_OPCODE_FC + code]) {
    case GB_OP_memory_init: {
        uint32_t segment = x64_read_u32(c);
        c->pc++;
        x64_call_helper(c, X64_HELPER_memory_init, 3, &segment, 1);
        break;
    }
    case GB_OP_data_drop: x64_helper(c, X64_HELPER_data_drop, 0, 1, -1); break;
    case GB_OP_memory_copy:
        c->pc += 2;
        if (!x64_copy_inline(c)) x64_helper(c, X64_HELPER_memory_copy, 3, 0, -1);
        break;
    case GB_OP_memory_fill:
        c->pc++;
        x64_helper(c, X64_HELPER_memory_fill, 3, 0, -1);
        break;
    case GB_OP_table_init: x64_helper(c, X64_HELPER_table_init, 3, 2, -1); break;
    case GB_OP_elem_drop: x64_helper(c, X64_HELPER_elem_drop, 0, 1, -1); break;
    case GB_OP_table_copy: x64_helper(c, X64_HELPER_table_copy, 3, 2, -1); break;
    case GB_OP_table_grow: x64_helper(c, X64_HELPER_table_grow, 2, 1, X64_I32); break;
    case GB_OP_table_fill: x64_helper(c, X64_HELPER_table_fill, 3, 1, -1); break;
    default: x64_table_size(c); break;
    }
}

static void ref_func(x64_compiler *c) {
    uint32_t function = x64_read_u32(c);
    uint8_t dst = x64_dest(c, X64_I64, x64_hint(c), NULL);
    x64_rm(&c->as, X64_MOV, X64_W64, dst, X64_INSTANCE(funcs));
    x64_rm(&c->as, X64_MOV, X64_W64, dst, x64_at(dst, (int32_t)(function * 8)));
    x64_result(c, X64_I64, dst);
}

void x64_table_size(x64_compiler *c) {
    uint32_t table = x64_read_u32(c);
    uint8_t dst = x64_dest(c, X64_I32, x64_hint(c), NULL);
    x64_rm(&c->as, X64_MOV, X64_W64, dst, X64_INSTANCE(tables));
    x64_rm(&c->as, X64_MOV, X64_W64, dst, x64_at(dst, (int32_t)(table * 8)));
    x64_rm(&c->as, X64_MOV, X64_W32, dst, x64_at(dst, offsetof(gb_table, size)));
    x64_result(c, X64_I32, dst);
}

static void lower_control(x64_compiler *c, uint32_t op) {
    switch (op) {
    case GB_OP_unreachable: x64_unreachable(c); break;
    case GB_OP_nop: break;
    case GB_OP_block: x64_begin_block(c, X64_BLOCK); break;
    case GB_OP_loop: x64_begin_block(c, X64_LOOP); break;
    case GB_OP_if: x64_if_value(c); break;
    case GB_OP_else: x64_else(c); break;
    case GB_OP_end: x64_end(c); break;
    case GB_OP_try_table: x64_try_table(c); break;
    case GB_OP_throw: x64_throw(c); break;
    case GB_OP_throw_ref: x64_throw_ref(c); break;
    case GB_OP_br: x64_br(c, x64_read_u32(c)); break;
    case GB_OP_br_if: x64_br_if_value(c); break;
    case GB_OP_br_table: x64_br_table(c); break;
    case GB_OP_return: x64_return(c); break;
    case GB_OP_call: x64_call_function(c); break;
    case GB_OP_call_indirect: x64_call_indirect(c); break;
    case GB_OP_drop: x64_pop(c); break;
    case GB_OP_select_t:
        x64_skip(&c->pc, &gb_opcode_infos[op]);
        x64_select(c);
        break;
    default: x64_select(c); break;
    }
}

static void lower(x64_compiler *c) {
    uint8_t code = *c->pc++;
    uint32_t op = gb_opcode_map[code];
    switch (op) {
    case GB_OP_local_get: x64_push_local(c, x64_read_u32(c)); return;
    case GB_OP_local_set: x64_set_local(c, x64_read_u32(c), false); return;
    case GB_OP_local_tee: x64_set_local(c, x64_read_u32(c), true); return;
    case GB_OP_i32_const: x64_push_const(c, X64_I32, (uint32_t)x64_read_i32(c)); return;
    case GB_OP_i64_const: x64_push_const(c, X64_I64, (uint64_t)x64_read_i64(&c->pc)); return;
    case GB_OP_f32_const: x64_push_const(c, X64_F32, read_bits(c, 4)); return;
    case GB_OP_f64_const: x64_push_const(c, X64_F64, read_bits(c, 8)); return;
    case GB_OP_global_get: x64_global_get(c); return;
    case GB_OP_global_set: x64_global_set(c); return;
    case GB_OP_memory_size: x64_memory_size(c); return;
    case GB_OP_memory_grow:
        c->pc++;
        x64_helper(c, X64_HELPER_memory_grow, 1, 0, X64_I32);
        return;
    case GB_OP_i32_eqz: x64_eqz(c, X64_I32); return;
    case GB_OP_i64_eqz: x64_eqz(c, X64_I64); return;
    case GB_OP_table_get: x64_helper(c, X64_HELPER_table_get, 1, 1, X64_I64); return;
    case GB_OP_table_set: x64_helper(c, X64_HELPER_table_set, 2, 1, -1); return;
    case GB_OP_ref_null:
        x64_read_i64(&c->pc);
        x64_push_const(c, X64_I64, 0);
        return;
    case GB_OP_ref_is_null: x64_eqz(c, X64_I64); return;
    case GB_OP_ref_func: ref_func(c); return;
    default: break;
    }
    if (code <= 0x1F) {
        lower_control(c, op);
    } else if (code <= 0x35) {
        const access *a = &loads[code - 0x28];
        x64_load(c, (x64_type)a->type, a->op, (x64_width)a->width, a->size);
    } else if (code <= 0x3E) {
        const access *a = &stores[code - 0x36];
        x64_store(c, (x64_type)a->type, a->size);
    } else if (code <= 0x4F) {
        x64_compare(c, X64_I32, (x64_cc)compares[code - 0x46]);
    } else if (code <= 0x5A) {
        x64_compare(c, X64_I64, (x64_cc)compares[code - 0x51]);
    } else if (code <= 0x60) {
        x64_float_compare(c, X64_F32, code - 0x5Bu);
    } else if (code <= 0x66) {
        x64_float_compare(c, X64_F64, code - 0x61u);
    } else if (code <= 0x78) {
        lower_int(c, X64_I32, code - 0x67u);
    } else if (code <= 0x8A) {
        lower_int(c, X64_I64, code - 0x79u);
    } else if (code <= 0x98) {
        lower_float(c, X64_F32, code - 0x8Bu);
    } else if (code <= 0xA6) {
        lower_float(c, X64_F64, code - 0x99u);
    } else if (code <= 0xC4) {
        lower_conversion(c, op);
    } else if (code == 0xFC) {
        lower_fc(c);
    } else {
        x64_simd(c, x64_read_u32(c));
    }
}

/* ---- fuel ----------------------------------------------------------------------------------------- */

void x64_fuel_settle(x64_compiler *c) {
    if (!c->fuel_field) return;
    x64_patch32(c->as.start + c->fuel_field - 1, c->fuel_cost);
    c->stubs[c->fuel_stub].value = c->fuel_cost;
    c->fuel_field = c->fuel_cost = 0;
}

void x64_fuel_block(x64_compiler *c) {
    x64_asm *as = &c->as;
    x64_fuel_settle(c);
    /* A trap here is one of the first instruction that the block pays for, not of what ended the last. */
    for (c->at = c->pc; *c->at == 0x01;) c->at++;
    x64_rm(as, X64_MOV, X64_W64, X64_SCRATCH, X64_INSTANCE(exec));
    x64_mi(as, X64_G_SUB, X64_W64, x64_at(X64_SCRATCH, offsetof(gb_exec, fuel)), INT32_MAX);
    c->fuel_field = x64_offset(as) - 4 + 1;
    c->fuel_cost = 0;
    c->fuel_stub = c->stub_count;
    x64_stub *stub = x64_new_stub(c, X64_STUB_FUEL);
    stub->trap = GB_TRAP_FUEL;
    x64_jcc(as, X64_B, &stub->entry);
}

static bool costs_fuel(uint8_t code) {
    return code != 0x01 && code != 0x02 && code != 0x03 && code != 0x05 && code != 0x0B && code != 0x1F;
}
/* These end a block of the count; so does what cannot be fallen out of. */
static bool ends_fuel_block(uint8_t code) {
    return (code >= 0x02 && code <= 0x0F && code != 0x06 && code != 0x07) || code == 0x1F || code == 0;
}

static void body(x64_compiler *c) {
    bool fuel = c->features & GB_X64_FUEL, stress = c->features & GB_X64_STRESS_SPILL;
    if (fuel) x64_fuel_block(c);
    while (c->depth && x64_ensure(c, 0)) {
        c->at = c->pc;
        c->locked = 0;
        uint8_t code = *c->pc;
        if (fuel && costs_fuel(code)) c->fuel_cost++;
        lower(c);
        if (fuel && ends_fuel_block(code) && c->depth) x64_fuel_block(c);
        if (stress && c->depth) {
            x64_flush(c, c->height);
            x64_forget(c, UINT32_MAX);
        }
    }
    if (fuel) x64_fuel_settle(c);
}

/* ---- the function around its body ------------------------------------------------------------------ */

static unsigned saved_count(const x64_compiler *c) {
    unsigned n = 0;
    for (unsigned i = 0; i < X64_SAVED_COUNT; i++) n += c->used_homes >> x64_saved[i] & 1;
    return n;
}

/* Slots for the locals that need memory. */
static void lay_out_locals(x64_compiler *c) {
    uint32_t slot = c->context_slot ? c->context_slot + 8 : c->out_bytes;
    for (uint32_t i = 0; i < c->local_count; i++) {
        x64_local *l = &c->locals[i];
        if (l->home != X64_NO_REG && !(c->volatile_homes & X64_BIT(l->home))) continue;
        l->slot = slot;
        slot += x64_size_of((x64_type)l->type);
    }
    c->locals_end = c->frame_top = slot;
}

/* An upper bound of the frame, known before the body is compiled. */
static uint64_t frame_bound(const x64_compiler *c) {
    return (uint64_t)c->locals_end + (uint64_t)c->function->operand_slots * 8 + 64;
}

enum {
    X64_SMALL_FRAME = 2048, /* the runtime keeps more than this below stack_limit */
    /* So that the usual stack of 8 MiB ends near the usual depth of 100,000 calls, as it does for the interpreter: recursion
     * is to exhaust the call stack, not the guest's own stack in its memory, behind which its data may lie. */
    X64_LEAST_FRAME = 96,
    X64_PATCHED = 0x40000000, /* stands for the frame's size in displacements until that is known */
};

static void check_stack(x64_compiler *c) {
    x64_asm *as = &c->as;
    uint64_t bound = frame_bound(c);
    if (!c->has_calls && bound <= X64_SMALL_FRAME) return;
    if (bound <= X64_SMALL_FRAME) {
        x64_rm(as, X64_CMP, X64_W64, RSP, X64_INSTANCE(stack_limit));
    } else {
        x64_rm(as, X64_LEA, X64_W64, X64_SCRATCH, x64_at(RSP, -(int32_t)bound));
        x64_rm(as, X64_CMP, X64_W64, X64_SCRATCH, X64_INSTANCE(stack_limit));
    }
    x64_stub *stub = x64_new_stub(c, X64_STUB_STACK);
    x64_jcc(as, X64_B, &stub->entry);
    x64_bind(as, &stub->back);
}

/* Parameters from where they arrive to where they live. The copies left in argument registers are
 * remembered. */
static void take_parameters(x64_compiler *c) {
    x64_layout l;
    x64_layout_init(&l, c->type);
    x64_moves moves = {0};
    uint32_t above = saved_count(c) * 8 + 8;
    for (unsigned pass = 0; pass < 2; pass++) { /* registers first: the others may be loaded over them */
        x64_layout_init(&l, c->type);
        for (uint32_t i = 0; i < c->param_count; i++) {
            x64_local *p = &c->locals[i];
            x64_type t = (x64_type)p->type;
            uint32_t stack = 0;
            uint8_t reg = x64_layout_next(&l, t, &stack);
            if ((reg == X64_NO_REG) != pass) continue;
            if (reg != X64_NO_REG && p->home == X64_NO_REG) {
                if (p->weight) x64_store_slot(c, t, x64_frame(p->slot), reg);
            } else if (reg != X64_NO_REG) {
                x64_moves_add(&moves, t, p->home, reg);
            } else if (p->weight) {
                uint8_t via = p->home != X64_NO_REG ? p->home : t == X64_V128 ? X64_FSCRATCH : X64_SCRATCH;
                x64_type moved = p->home != X64_NO_REG || t == X64_V128 ? t : X64_I64;
                x64_load_slot(c, moved, via, x64_at(RSP, (int32_t)(X64_PATCHED + above + stack)));
                x64_patch_frame(c);
                if (p->home == X64_NO_REG) x64_store_slot(c, moved, x64_frame(p->slot), via);
            }
        }
        x64_moves_emit(c, &moves);
    }
}

static void remember_arguments(x64_compiler *c) {
    x64_layout l;
    x64_layout_init(&l, c->type);
    for (uint32_t i = 0; i < c->param_count; i++) {
        uint32_t stack;
        uint8_t reg = x64_layout_next(&l, (x64_type)c->locals[i].type, &stack);
        if (reg == X64_NO_REG || c->locals[i].home != X64_NO_REG) continue;
        if (!c->locals[i].weight || !(c->allocatable & X64_BIT(reg))) continue;
        c->locals[i].cached = reg;
        c->cache[reg] = (uint16_t)i;
        c->caches |= X64_BIT(reg);
    }
}

static void clear_locals(x64_compiler *c) {
    enum { INLINE = 12 };
    x64_asm *as = &c->as;
    uint32_t count = 0, first = UINT32_MAX, end = 0;
    for (uint32_t i = c->param_count; i < c->local_count; i++) {
        x64_local *l = &c->locals[i];
        if (!l->zero) continue;
        if (l->home == X64_NO_REG) {
            count++;
            if (l->slot < first) first = l->slot;
            end = l->slot + x64_size_of((x64_type)l->type);
        } else if (l->home < X64_XMM) {
            x64_rr(as, X64_XOR, X64_W32, l->home, l->home);
        } else {
            x64_rr(as, X64_XORPS, X64_W32, l->home, l->home);
        }
    }
    if (count > INLINE) { /* the whole range, by 8 bytes from its end down */
        x64_mov_ri(as, X64_W32, X64_SCRATCH, (end - first) / 8);
        uint32_t again = x64_offset(as);
        x64_mov_mi(as, X64_W64, x64_at_index(RSP, X64_SCRATCH, 3, (int32_t)first - 8), 0);
        x64_ri(as, X64_G_SUB, X64_W32, X64_SCRATCH, 1);
        x64_label back = {.at = again + 1};
        x64_jcc(as, X64_NE, &back);
        return;
    }
    for (uint32_t i = c->param_count; count && i < c->local_count; i++) {
        x64_local *l = &c->locals[i];
        if (!l->zero || l->home != X64_NO_REG) continue;
        x64_mov_mi(as, X64_W64, x64_frame(l->slot), 0);
        if (l->type == X64_V128) x64_mov_mi(as, X64_W64, x64_frame(l->slot + 8), 0);
    }
}

/* sub rsp, imm32: the size is filled in at the end. */
static void prologue(x64_compiler *c) {
    x64_asm *as = &c->as;
    if (!x64_ensure(c, (size_t)c->param_count * 32)) return;
    check_stack(c);
    for (unsigned i = 0; i < X64_SAVED_COUNT; i++) {
        if (c->used_homes >> x64_saved[i] & 1) x64_push_r(as, x64_saved[i]);
    }
    c->frame_field = x64_offset(as);
    x64_ri(as, X64_G_SUB, X64_W64, RSP, X64_PATCHED);
    if (c->function->flags & GB_FUNCTION_TRY) {
        x64_rm(as, X64_STORE, X64_W64, X64_CTX, x64_frame(c->context_slot));
    }
    take_parameters(c);
    clear_locals(c);
}

void x64_patch_frame(x64_compiler *c) {
    if (c->patch_count == c->patch_capacity) {
        uint32_t capacity = c->patch_capacity ? c->patch_capacity * 2 : 32;
        uint32_t *grown = realloc(c->patches, capacity * sizeof *grown);
        if (!grown) {
            c->failed = c->out_of_memory = true;
            return;
        }
        c->patches = grown;
        c->patch_capacity = capacity;
    }
    c->patches[c->patch_count++] = x64_offset(&c->as) - 4;
}

static uint32_t settle_frame(x64_compiler *c) {
    uint32_t pushes = saved_count(c) * 8 + 8;
    uint32_t frame = ((c->frame_top + pushes + 15) & ~15u) - pushes;
    if (c->has_calls && frame + pushes < X64_LEAST_FRAME) frame = X64_LEAST_FRAME - pushes;
    if (!c->has_calls && c->frame_top == 0) frame = 0;
    uint8_t *field = c->as.start + c->frame_field;
    if (frame) {
        x64_patch32(field + 3, frame);
    } else {
        static const uint8_t nop[7] = {0x0F, 0x1F, 0x80, 0, 0, 0, 0};
        memcpy(field, nop, sizeof nop);
    }
    for (uint32_t i = 0; i < c->patch_count; i++) {
        uint32_t displacement;
        memcpy(&displacement, c->as.start + c->patches[i], 4);
        x64_patch32(c->as.start + c->patches[i], displacement - X64_PATCHED + frame);
    }
    return frame;
}

static void epilogue(x64_compiler *c, uint32_t frame) {
    x64_asm *as = &c->as;
    const x64_block *b = &c->blocks[0];
    if (b->result_count > 1) {
        if (!x64_ensure(c, (size_t)b->result_count * 32)) return;
        uint32_t to = frame + saved_count(c) * 8 + 8, from = b->slot;
        for (uint32_t i = 0; i < b->result_count; i++) {
            x64_value v = {.kind = X64_SLOT, .type = (uint8_t)x64_type_of(b->results[i]), .slot = from};
            x64_store_value(c, &v, x64_frame(to));
            to += x64_size_of((x64_type)v.type);
            from += x64_size_of((x64_type)v.type);
        }
    }
    if (frame) x64_ri(as, X64_G_ADD, X64_W64, RSP, (int32_t)frame);
    for (unsigned i = X64_SAVED_COUNT; i--;) {
        if (c->used_homes >> x64_saved[i] & 1) x64_pop_r(as, x64_saved[i]);
    }
    x64_ret(as);
}

/* ---- behind the body ------------------------------------------------------------------------------- */

static void emit_stub(x64_compiler *c, x64_stub *stub, gb_x64_function *record) {
    x64_asm *as = &c->as;
    switch ((x64_stub_kind)stub->kind) {
    case X64_STUB_TRAP:
        x64_call_slot(c, X64_SLOT_TRAP + stub->trap);
        x64_note_site(c, x64_offset(as), stub->position);
        break;
    case X64_STUB_FUEL:
        x64_mi(as, X64_G_ADD, X64_W64, x64_at(X64_SCRATCH, offsetof(gb_exec, fuel)), (int32_t)stub->value);
        x64_call_slot(c, X64_SLOT_TRAP + stub->trap);
        x64_note_site(c, x64_offset(as), stub->position);
        break;
    case X64_STUB_STACK:
    case X64_STUB_POLL:
        x64_call_slot(c, X64_SLOT_LOOK);
        x64_note_site(c, x64_offset(as), stub->position);
        if (stub->kind == X64_STUB_STACK) record->stack_stub = x64_offset(as);
        x64_jmp(as, &stub->back);
        break;
    case X64_STUB_FOREIGN: x64_foreign_stub(c, stub); break;
    case X64_STUB_FLOAT_TO_INT: x64_float_stub(c, stub); break;
    }
}

/* Stubs may ask for further stubs. */
static void emit_stubs(x64_compiler *c, gb_x64_function *record) {
    for (uint32_t i = 0; i < c->stub_count && x64_ensure(c, 0); i++) {
        x64_bind(&c->as, &c->stubs[i].entry);
        x64_stub copy = c->stubs[i];
        c->at = c->module->bytes + copy.position;
        emit_stub(c, &copy, record);
    }
}

static void align(x64_compiler *c, uint32_t to) {
    while (x64_offset(&c->as) & (to - 1)) x64_u8(&c->as, 0xCC);
}

static void emit_pool(x64_compiler *c) {
    if (!c->pool_count || !x64_ensure(c, (size_t)c->pool_count * 16)) return;
    align(c, 16);
    for (uint32_t i = 0; i < c->pool_count; i++) {
        x64_bind(&c->as, &c->pool[i].label);
        x64_u64(&c->as, c->pool[i].low);
        x64_u64(&c->as, c->pool[i].high);
    }
}

/* See x64_code.h for the table's form. Calls were noted out of order where stubs make them. */
static int by_code(const void *a, const void *b) {
    const x64_protected_call *x = a, *y = b;
    return (x->code > y->code) - (x->code < y->code);
}
static void emit_handlers(x64_compiler *c, gb_x64_function *record) {
    record->handlers = 0;
    if (!c->call_count) return;
    x64_asm *as = &c->as;
    if (!x64_ensure(c, 12 + (size_t)c->call_count * 8 + (size_t)c->handler_count * 12 +
                           (size_t)c->clause_count * 12)) {
        return;
    }
    gb_sort(c->calls, c->call_count, sizeof *c->calls, by_code);
    align(c, 4);
    record->handlers = x64_offset(as);
    x64_u32(as, c->call_count);
    x64_u32(as, c->handler_count);
    x64_u32(as, c->clause_count);
    for (uint32_t i = 0; i < c->call_count; i++) {
        x64_u32(as, c->calls[i].code);
        x64_u32(as, c->calls[i].handler);
    }
    for (uint32_t i = 0; i < c->handler_count; i++) {
        x64_u32(as, c->handlers[i].first);
        x64_u32(as, c->handlers[i].count);
        x64_u32(as, c->handlers[i].outer);
    }
    for (uint32_t i = 0; i < c->clause_count; i++) {
        x64_u32(as, c->clauses[i].kind);
        x64_u32(as, c->clauses[i].tag);
        x64_u32(as, c->clauses[i].landing);
    }
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static bool grow(void **array, uint32_t *capacity, uint32_t needed, size_t size) {
    if (needed <= *capacity) return true;
    uint32_t larger = needed < 64 ? 64 : needed + needed / 2;
    free(*array);
    *array = malloc(larger * size);
    *capacity = *array ? larger : 0;
    return *array != NULL;
}

static bool reserve(x64_compiler *c) {
    const gb_function *f = c->function;
    void *stack = c->stack ? c->stack - 1 : NULL;
    bool ok = grow(&stack, &c->stack_capacity, f->operand_slots + 8, sizeof *c->stack);
    c->stack = ok ? (x64_value *)stack + 1 : NULL;
    uint32_t undo_capacity = c->local_capacity;
    ok = ok && grow((void **)&c->locals, &c->local_capacity, c->local_count, sizeof *c->locals);
    ok = ok && grow((void **)&c->undo, &undo_capacity, c->local_count, sizeof *c->undo);
    uint32_t scan_capacity = c->block_capacity;
    ok = ok && grow((void **)&c->blocks, &c->block_capacity, f->label_depth + 2, sizeof *c->blocks);
    ok = ok && grow((void **)&c->scan_blocks, &scan_capacity, f->label_depth + 2, sizeof *c->scan_blocks);
    if (!c->stubs && (c->stubs = malloc(64 * sizeof *c->stubs))) c->stub_capacity = 64;
    if (!c->pool && (c->pool = malloc(64 * sizeof *c->pool))) c->pool_capacity = 64;
    if (!ok) c->local_capacity = c->block_capacity = 0; /* they count two arrays each, of which one may be gone */
    return ok && c->stubs && c->pool;
}

static void add_locals(x64_compiler *c, uint32_t *at, uint32_t count, gb_valtype type) {
    x64_local fresh = {.type = (uint8_t)x64_type_of(type), .home = X64_NO_REG, .cached = X64_NO_REG};
    for (uint32_t i = 0; i < count; i++) c->locals[(*at)++] = fresh;
}

/* Parameters and declared locals, from the runs in which they are encoded. */
static void read_locals(x64_compiler *c) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < c->param_count; i++) add_locals(c, &at, 1, c->type->params[i]);
    c->pc = c->module->bytes + c->function->body;
    for (uint32_t runs = x64_read_u32(c); runs; runs--) {
        uint32_t count = x64_read_u32(c);
        uint8_t first = *c->pc;
        skip_block_type(&c->pc);
        add_locals(c, &at, count, first < GB_V128 ? GB_FUNCREF : first);
    }
    assert(at == c->local_count && c->pc == c->module->bytes + c->function->code);
}

static bool begin(x64_compiler *c) {
    c->local_count = c->type->param_count + c->function->local_count;
    c->param_count = c->type->param_count;
    if (!reserve(c)) {
        c->out_of_memory = true;
        return false;
    }
    c->height = c->depth = c->caches = c->locked = c->dirty = c->call_weight = 0;
    c->stub_count = c->pool_count = c->site_count = c->patch_count = 0;
    c->handler_count = c->clause_count = c->call_count = 0;
    c->fuel_cost = c->fuel_field = 0;
    c->handler = X64_NO_HANDLER;
    c->has_calls = c->failed = c->out_of_memory = false;
    read_locals(c);
    if (!x64_scan(c)) return false;
    x64_choose_homes(c);
    lay_out_locals(c);
    c->allocatable = (X64_SET_INT | X64_SET_FLOAT) & ~c->used_homes;
    c->free = c->allocatable;
    c->dirty = c->volatile_homes;
    c->stack[-1] = (x64_value){.kind = X64_SLOT, .type = X64_I64, .slot = c->locals_end - 8};
    x64_block *b = &c->blocks[c->depth++];
    *b = (x64_block){.kind = X64_FUNCTION, .slot = c->locals_end, .handler = X64_NO_HANDLER};
    b->result_count = c->type->result_count;
    b->results = c->type->results;
    return true;
}

bool x64_compile(x64_compiler *c, const gb_module *m, uint32_t index, uint32_t features, uint8_t *write,
                 size_t room, uint32_t code_offset, uint32_t data_size, gb_x64_function *record) {
    c->module = m;
    c->index = index;
    c->function = &m->functions[index];
    c->type = gb_module_functype(m, index);
    c->features = features;
    c->code_offset = code_offset;
    c->data_size = data_size;
    c->as = (x64_asm){write, write, write + room};
    c->at = m->bytes + c->function->code;
    if (!begin(c) || !x64_ensure(c, 0)) return false;
    *record = (gb_x64_function){.start = code_offset, .index = index};
    prologue(c);
    remember_arguments(c);
    body(c);
    if (c->failed || !x64_ensure(c, 0)) return false;
    c->at = m->bytes + c->function->end - 1;
    uint32_t frame = settle_frame(c);
    epilogue(c, frame);
    emit_stubs(c, record);
    emit_pool(c);
    emit_handlers(c, record);
    if (c->failed) return false;
    record->end = code_offset + x64_offset(&c->as);
    record->frame = frame;
    record->context_slot = c->context_slot;
    for (unsigned i = 0; i < X64_SAVED_COUNT; i++) {
        if (c->used_homes >> x64_saved[i] & 1) record->saved |= (uint8_t)(1u << i);
    }
    return true;
}

void x64_compiler_free(x64_compiler *c) {
    if (c->stack) free(c->stack - 1);
    free(c->locals);
    free(c->undo);
    free(c->blocks);
    free(c->scan_blocks);
    free(c->stubs);
    free(c->pool);
    free(c->sites);
    free(c->handlers);
    free(c->clauses);
    free(c->calls);
    free(c->patches);
    *c = (x64_compiler){0};
}
