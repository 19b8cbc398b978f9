#include "engine/x64/x64_lower.h"

/* A constant that an instruction can carry: sign-extended from 32 bits. */
static bool fits(x64_type t, uint64_t bits) {
    return t == X64_I32 || (int64_t)bits == (int32_t)bits;
}

/* op dst, value with an immediate where it fits */
static void op_value(x64_compiler *c, uint32_t op, unsigned group, x64_type t, uint8_t dst,
                     const x64_value *v) {
    if (v->kind == X64_CONST && fits(t, v->bits)) {
        x64_ri(&c->as, group, x64_width_of(t), dst, (int32_t)v->bits);
    } else {
        x64_rv(c, op, x64_width_of(t), dst, v);
    }
}

uint8_t x64_choose(x64_compiler *c, x64_type t, x64_value *a, x64_value *b, bool commutes) {
    uint8_t hint = x64_hint(c);
    if (commutes && a->kind == X64_CONST) x64_swap(a, b);
    if (hint != X64_NO_REG && x64_where(c, b) == hint && x64_where(c, a) != hint) {
        if (commutes && b->kind != X64_CONST && a->kind != X64_CONST) {
            x64_swap(a, b);
        } else {
            hint = X64_NO_REG;
        }
    }
    if (hint == X64_NO_REG && commutes && b->kind == X64_REG && a->kind != X64_REG) x64_swap(a, b);
    return x64_dest(c, t, hint, a);
}

/* The result of `and` is only compared with zero: no need to keep it. */
static bool and_is_test(x64_compiler *c, x64_type t) {
    uint8_t next = c->pc[0];
    if (c->features & GB_X64_FUEL) return false;
    if (t == X64_I64) return next == 0x50;
    return next == 0x45 || next == 0x0D || next == 0x04;
}

static void test_bits(x64_compiler *c, x64_type t, x64_value *a, x64_value *b) {
    if (a->kind == X64_CONST) x64_swap(a, b);
    unsigned cc = X64_NE;
    if (t == X64_I64) {
        c->pc++;
        cc = X64_E;
    }
    x64_fuse fuse = x64_fuse_next(c, &cc);
    uint8_t reg = x64_use(c, a);
    if (b->kind == X64_CONST && fits(t, b->bits)) {
        x64_test_ri(&c->as, x64_width_of(t), reg, (int32_t)b->bits);
    } else {
        x64_rv(c, X64_TEST, x64_width_of(t), reg, b);
    }
    x64_consume_flags(c, cc, fuse);
}

void x64_arith(x64_compiler *c, x64_type t, uint32_t op, unsigned group, bool commutes) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    if (op == X64_AND && and_is_test(c, t)) {
        test_bits(c, t, &a, &b);
        return;
    }
    x64_width w = x64_width_of(t);
    uint8_t dst = x64_choose(c, t, &a, &b, commutes);
    uint8_t left = x64_where(c, &a), right = x64_where(c, &b);
    bool small = b.kind == X64_CONST && fits(t, b.bits);
    if (op == X64_ADD && left != X64_NO_REG && left != dst && (small || right != X64_NO_REG)) {
        x64_rm(&c->as, X64_LEA, w, dst,
               small ? x64_at(left, (int32_t)b.bits)
                     : x64_at_index(left, right, 0, 0));
    } else if (op == X64_SUB && small && left != X64_NO_REG && left != dst &&
               (int32_t)b.bits != INT32_MIN) {
        x64_rm(&c->as, X64_LEA, w, dst, x64_at(left, -(int32_t)b.bits));
    } else if (op == X64_SUB && a.kind == X64_CONST && a.bits == 0 && b.kind != X64_CONST) {
        x64_load_value(c, &b, dst);
        x64_unary(&c->as, X64_G_NEG, w, dst);
    } else {
        x64_load_value(c, &a, dst);
        op_value(c, op, group, t, dst, &b);
    }
    x64_result(c, t, dst);
}

void x64_multiply(x64_compiler *c, x64_type t) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    x64_width w = x64_width_of(t);
    uint8_t dst = x64_choose(c, t, &a, &b, true);
    if (b.kind == X64_CONST && fits(t, b.bits)) {
        x64_imul_rri(&c->as, w, dst, x64_use(c, &a), (int32_t)b.bits);
    } else {
        x64_load_value(c, &a, dst);
        x64_rv(c, X64_IMUL, w, dst, &b);
    }
    x64_result(c, t, dst);
}

/* x64_stub is reached by a forward jump; the code resumes nowhere: each trap site has a stub. */
void x64_trap_if(x64_compiler *c, x64_cc cc, gb_trap_kind trap) {
    x64_stub *stub = x64_new_stub(c, X64_STUB_TRAP);
    stub->trap = (uint8_t)trap;
    x64_jcc(&c->as, cc, &stub->entry);
}

/* Signed division by -1 overflows for the least integer and would fault; its remainder is 0. */
static void divide_by_minus_one(x64_compiler *c, x64_width w, uint8_t divisor, bool remainder,
                                uint8_t **done) {
    x64_asm *as = &c->as;
    x64_ri(as, X64_G_CMP, w, divisor, -1);
    uint8_t *other = x64_jcc_short(as, X64_NE);
    if (remainder) {
        x64_rr(as, X64_XOR, X64_W32, RDX, RDX);
    } else {
        x64_unary(as, X64_G_NEG, w, RAX);
        x64_trap_if(c, X64_O, GB_TRAP_INTEGER_OVERFLOW);
    }
    *done = x64_jmp_short(as);
    x64_land(as, other);
}

static void divide_core(x64_compiler *c, x64_width w, uint8_t divisor, bool is_signed) {
    if (is_signed) {
        x64_cdq(&c->as, w);
        x64_unary(&c->as, X64_G_IDIV, w, divisor);
    } else {
        x64_rr(&c->as, X64_XOR, X64_W32, RDX, RDX);
        x64_unary(&c->as, X64_G_DIV, w, divisor);
    }
}

void x64_divide(x64_compiler *c, x64_type t, bool is_signed, bool remainder) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    x64_width w = x64_width_of(t);
    bool constant = b.kind == X64_CONST;
    uint8_t divisor = x64_where(c, &b);
    if (divisor == X64_NO_REG || divisor == RAX || divisor == RDX) {
        x64_load_value(c, &b, X64_SCRATCH);
        divisor = X64_SCRATCH;
    }
    uint8_t dividend = x64_where(c, &a);
    /* The operands were popped: taking their registers moves nothing of theirs. */
    x64_take(c, RAX);
    if (dividend == RDX) x64_move_reg(c, t, RAX, RDX), dividend = RAX;
    x64_take(c, RDX);
    if (dividend != X64_NO_REG) {
        x64_move_reg(c, t, RAX, dividend);
    } else {
        x64_load_value(c, &a, RAX);
    }
    if (!constant || b.bits == 0) {
        x64_rr(&c->as, X64_TEST, w, divisor, divisor);
        x64_trap_if(c, X64_E, GB_TRAP_INTEGER_DIVIDE_BY_ZERO);
    }
    uint8_t *done = NULL;
    uint64_t minus_one = t == X64_I32 ? UINT32_MAX : UINT64_MAX;
    if (is_signed && (!constant || b.bits == minus_one)) {
        divide_by_minus_one(c, w, divisor, remainder, &done);
    }
    divide_core(c, w, divisor, is_signed);
    if (done) x64_land(&c->as, done);
    x64_push_reg(c, t, remainder ? RDX : RAX);
}

static void shift_const(x64_compiler *c, x64_type t, unsigned group, const x64_value *a, unsigned count) {
    x64_width w = x64_width_of(t);
    count &= t == X64_I32 ? 31 : 63;
    uint8_t dst = x64_dest(c, t, x64_hint(c), a);
    uint8_t src = x64_where(c, a);
    bool rotate = group == X64_G_ROL || group == X64_G_ROR;
    if (count == 0) {
        x64_load_value(c, a, dst);
    } else if (group == X64_G_SHL && count <= 3 && src != X64_NO_REG && src != dst) {
        if (count == 1) {
            x64_rm(&c->as, X64_LEA, w, dst, x64_at_index(src, src, 0, 0));
        } else {
            x64_move_reg(c, t, dst, src);
            x64_shift_ri(&c->as, group, w, dst, count);
        }
    } else if (rotate && src != X64_NO_REG && src != dst && (c->features & GB_X64_BMI)) {
        unsigned bits = t == X64_I32 ? 32 : 64;
        x64_vwrrr(&c->as, X64_RORX, w, dst, 0, src);
        x64_u8(&c->as, group == X64_G_ROR ? count : bits - count);
    } else {
        x64_load_value(c, a, dst);
        x64_shift_ri(&c->as, group, w, dst, count);
    }
    x64_result(c, t, dst);
}

static void shift_bmi(x64_compiler *c, x64_type t, uint32_t op, const x64_value *a, const x64_value *b) {
    x64_width w = x64_width_of(t);
    uint8_t count = x64_use(c, b);
    uint8_t hint = x64_hint(c);
    uint8_t dst = x64_dest(c, t, hint, a->kind == X64_REG ? a : b);
    uint8_t src = x64_where(c, a);
    if (src != X64_NO_REG) {
        x64_vwrrr(&c->as, op, w, dst, count, src);
    } else if (a->kind == X64_CONST) {
        x64_vwrrr(&c->as, op, w, dst, count, x64_use(c, a));
    } else {
        x64_vwrrm(&c->as, op, w, dst, count, x64_where_memory(c, a));
    }
    x64_result(c, t, dst);
}

/* The count must be in cl. */
static void shift_by_cl(x64_compiler *c, x64_type t, unsigned group, const x64_value *a, const x64_value *b) {
    x64_width w = x64_width_of(t);
    uint8_t hint = x64_hint(c);
    uint8_t count = x64_where(c, b);
    if (hint != X64_NO_REG && count == hint && x64_where(c, a) != hint) hint = X64_NO_REG;
    uint8_t dst = x64_where(c, a) == RCX || a->kind != X64_REG || hint != X64_NO_REG
                      ? X64_NO_REG
                      : a->reg;
    if (hint != X64_NO_REG) dst = hint;
    if (count != RCX) {
        /* a may be in rcx: it leaves first. */
        x64_value at = *a;
        if (x64_where(c, a) == RCX) {
            x64_move_reg(c, t, X64_SCRATCH, RCX);
            at.kind = X64_REG;
            at.reg = X64_SCRATCH;
        }
        x64_take(c, RCX);
        x64_load_value(c, b, RCX);
        if (count != X64_NO_REG && count != x64_where(c, &at)) c->locked &= ~X64_BIT(count); /* may be all there is */
        if (dst == X64_NO_REG) dst = x64_alloc(c, X64_SET_INT & ~X64_BIT(RCX));
        x64_load_value(c, &at, dst);
    } else {
        if (dst == X64_NO_REG) dst = x64_alloc(c, X64_SET_INT & ~X64_BIT(RCX));
        x64_load_value(c, a, dst);
    }
    x64_shift_cl(&c->as, group, w, dst);
    x64_result(c, t, dst);
}

void x64_shift(x64_compiler *c, x64_type t, unsigned group) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    if (b.kind == X64_CONST) {
        shift_const(c, t, group, &a, (unsigned)b.bits & 63);
    } else if ((c->features & GB_X64_BMI) && group >= X64_G_SHL) {
        uint32_t op = group == X64_G_SHL ? X64_SHLX : group == X64_G_SHR ? X64_SHRX : X64_SARX;
        shift_bmi(c, t, op, &a, &b);
    } else {
        shift_by_cl(c, t, group, &a, &b);
    }
}

/* Population count by halving sums, for processors without the instruction. */
static void popcnt_slow(x64_compiler *c, x64_type t, uint8_t dst) {
    static const uint64_t masks[] = {0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F};
    x64_asm *as = &c->as;
    x64_width w = x64_width_of(t);
    uint8_t tmp = x64_alloc(c, X64_SET_INT);
    for (unsigned i = 0; i < 3; i++) {
        x64_mov_ri(as, w, X64_SCRATCH, t == X64_I32 ? (uint32_t)masks[i] : masks[i]);
        x64_rr(as, X64_MOV, w, tmp, dst);
        x64_shift_ri(as, X64_G_SHR, w, tmp, 1u << i);
        x64_rr(as, X64_AND, w, tmp, X64_SCRATCH);
        x64_rr(as, X64_AND, w, dst, X64_SCRATCH);
        x64_rr(as, X64_ADD, w, dst, tmp);
    }
    x64_mov_ri(as, w, X64_SCRATCH, t == X64_I32 ? 0x01010101 : 0x0101010101010101);
    x64_rr(as, X64_IMUL, w, dst, X64_SCRATCH);
    x64_shift_ri(as, X64_G_SHR, w, dst, t == X64_I32 ? 24 : 56);
}

/* bsr and bsf leave the destination undefined for 0, and set the zero flag. */
static void scan_slow(x64_compiler *c, x64_type t, uint32_t op, uint8_t dst, const x64_value *a) {
    x64_asm *as = &c->as;
    x64_width w = x64_width_of(t);
    uint32_t bits = t == X64_I32 ? 32 : 64;
    bool leading = op == X64_LZCNT;
    x64_mov_ri(as, X64_W32, X64_SCRATCH, leading ? 2 * bits - 1 : bits);
    x64_rv(c, leading ? X64_BSR : X64_BSF, w, dst, a);
    x64_rr(as, X64_CMOV + X64_E, w, dst, X64_SCRATCH);
    if (leading) x64_ri(as, X64_G_XOR, w, dst, (int32_t)bits - 1);
}

void x64_bits(x64_compiler *c, x64_type t, uint32_t op) {
    x64_value a = x64_pop(c);
    uint32_t needed = op == X64_POPCNT ? GB_X64_POPCNT : op == X64_LZCNT ? GB_X64_LZCNT : GB_X64_BMI;
    uint8_t dst = x64_dest(c, t, x64_hint(c), &a);
    if (c->features & needed) {
        /* The instruction depends falsely on its destination on some processors. */
        if (x64_where(c, &a) != dst) x64_rr(&c->as, X64_XOR, X64_W32, dst, dst);
        x64_rv(c, op, x64_width_of(t), dst, &a);
    } else if (op == X64_POPCNT) {
        x64_load_value(c, &a, dst);
        popcnt_slow(c, t, dst);
    } else {
        scan_slow(c, t, op, dst, &a);
    }
    x64_result(c, t, dst);
}

void x64_extend(x64_compiler *c, x64_type t, uint32_t op) {
    x64_value a = x64_pop(c);
    uint8_t dst = x64_dest(c, t, x64_hint(c), &a);
    x64_rv(c, op, x64_width_of(t), dst, &a);
    x64_result(c, t, dst);
}

void x64_wrap(x64_compiler *c) {
    x64_value a = x64_pop(c);
    if (a.kind == X64_CONST) {
        x64_push_const(c, X64_I32, (uint32_t)a.bits);
        return;
    }
    uint8_t dst = x64_dest(c, X64_I32, x64_hint(c), &a);
    x64_rv(c, X64_MOV, X64_W32, dst, &a); /* clears the upper half, also when dst is the source */
    x64_result(c, X64_I32, dst);
}

void x64_extend_i32(x64_compiler *c, bool is_signed) {
    x64_value a = x64_pop(c);
    if (a.kind == X64_CONST) {
        x64_push_const(c, X64_I64, is_signed ? (uint64_t)(int32_t)a.bits : (uint32_t)a.bits);
        return;
    }
    if (!is_signed && a.kind == X64_REG) { /* the upper half is zero already */
        x64_push_reg(c, X64_I64, a.reg);
        return;
    }
    uint8_t dst = x64_dest(c, X64_I64, x64_hint(c), &a);
    x64_rv(c, is_signed ? X64_MOVSXD : X64_MOV, is_signed ? X64_W64 : X64_W32, dst, &a);
    x64_result(c, X64_I64, dst);
}

/* ---- comparisons ---------------------------------------------------------------------------- */

static const uint8_t mirrored[16] = {
    [X64_E] = X64_E, [X64_NE] = X64_NE, [X64_L] = X64_G,  [X64_G] = X64_L,  [X64_LE] = X64_GE,
    [X64_GE] = X64_LE, [X64_B] = X64_A, [X64_A] = X64_B, [X64_BE] = X64_AE, [X64_AE] = X64_BE,
};

x64_fuse x64_fuse_next(x64_compiler *c, unsigned *cc) {
    if (c->features & GB_X64_FUEL) return X64_FUSE_NONE; /* every instruction is counted by itself */
    while (c->pc[0] == 0x45) { /* i32.eqz */
        c->pc++;
        *cc ^= 1;
    }
    switch (c->pc[0]) {
    case 0x0D: return X64_FUSE_BR_IF;
    case 0x04: return X64_FUSE_IF;
    case 0x1B: return X64_FUSE_SELECT;
    default: return X64_FUSE_NONE;
    }
}

/* The flags as 0 or 1 in dst. */
static void materialise(x64_compiler *c, unsigned cc, uint8_t dst) {
    x64_asm *as = &c->as;
    if (cc >= X64_FEQ) {
        x64_setcc(as, cc == X64_FEQ ? X64_E : X64_NE, dst);
        x64_setcc(as, cc == X64_FEQ ? X64_NP : X64_P, X64_SCRATCH);
        x64_rr(as, cc == X64_FEQ ? X64_AND : X64_OR, X64_W32, dst, X64_SCRATCH);
    } else {
        x64_setcc(as, (x64_cc)cc, dst);
    }
    x64_rr(as, X64_MOVZX8, X64_W32, dst, dst);
}

/* dst = cc ? a : b for integers and references. */
static void select_int(x64_compiler *c, unsigned cc, x64_value *a, x64_value *b) {
    x64_type t = (x64_type)a->type;
    x64_width w = x64_width_of(t);
    uint8_t hint = x64_hint(c);
    if (hint != X64_NO_REG && x64_where(c, b) == hint && x64_where(c, a) != hint) hint = X64_NO_REG;
    uint8_t dst = x64_dest(c, t, hint, a);
    x64_load_value(c, a, dst);
    uint8_t other = b->kind == X64_CONST ? x64_use(c, b) : X64_NO_REG;
    for (unsigned i = 0; i < (cc >= X64_FEQ ? 2u : 1u); i++) {
        /* b is taken when the condition is false. Of two: equal is false by NE or by P, … */
        x64_cc when = cc < X64_FEQ ? (x64_cc)(cc ^ 1) : i == 0 ? X64_NE : X64_P;
        if (other != X64_NO_REG) {
            x64_rr(&c->as, X64_CMOV + when, w, dst, other);
        } else {
            x64_rv(c, X64_CMOV + when, w, dst, b);
        }
    }
    x64_result(c, t, dst);
}

static void select_float(x64_compiler *c, unsigned cc, x64_value *a, x64_value *b) {
    x64_type t = (x64_type)a->type;
    uint8_t hint = x64_hint(c);
    if (hint != X64_NO_REG && x64_where(c, b) == hint && x64_where(c, a) != hint) hint = X64_NO_REG;
    uint8_t dst = x64_dest(c, t, hint, a);
    x64_load_value(c, a, dst);
    uint8_t *unordered = cc >= X64_FEQ ? x64_jcc_short(&c->as, X64_P) : NULL;
    uint8_t *keep = x64_jcc_short(&c->as, cc >= X64_FEQ ? X64_E : (x64_cc)cc);
    if (unordered) x64_land(&c->as, unordered);
    x64_load_value(c, b, dst);
    x64_land(&c->as, keep);
    x64_result(c, t, dst);
}

static void select_on(x64_compiler *c, unsigned cc) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    if (cc == X64_FNE) { /* a if not equal: b if equal */
        x64_swap(&a, &b);
        cc = X64_FEQ;
    }
    if (x64_is_int((x64_type)a.type)) {
        select_int(c, cc, &a, &b);
    } else {
        select_float(c, cc, &a, &b);
    }
}

void x64_consume_flags(x64_compiler *c, unsigned cc, x64_fuse fuse) {
    c->locked = 0; /* the operands have been compared */
    switch (fuse) {
    case X64_FUSE_BR_IF:
        c->pc++;
        x64_br_if(c, cc);
        return;
    case X64_FUSE_IF:
        c->pc++;
        x64_if(c, cc);
        return;
    case X64_FUSE_SELECT:
        c->pc++;
        select_on(c, cc);
        return;
    case X64_FUSE_NONE: break;
    }
    uint8_t dst = x64_dest(c, X64_I32, x64_hint(c), NULL);
    materialise(c, cc, dst);
    x64_result(c, X64_I32, dst);
}

static void compare_values(x64_compiler *c, x64_type t, const x64_value *a, const x64_value *b) {
    x64_width w = x64_width_of(t);
    uint8_t left = x64_where(c, a);
    if (b->kind == X64_CONST && fits(t, b->bits)) {
        if (left == X64_NO_REG && a->kind != X64_CONST) {
            x64_mi(&c->as, X64_G_CMP, w, x64_where_memory(c, a), (int32_t)b->bits);
            return;
        }
        if (left == X64_NO_REG) left = x64_use(c, a);
        if (b->bits == 0) {
            x64_rr(&c->as, X64_TEST, w, left, left);
        } else {
            x64_ri(&c->as, X64_G_CMP, w, left, (int32_t)b->bits);
        }
        return;
    }
    if (left == X64_NO_REG) left = x64_use(c, a);
    x64_rv(c, X64_CMP, w, left, b);
}

void x64_compare(x64_compiler *c, x64_type t, x64_cc cc) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    unsigned condition = cc;
    if (a.kind == X64_CONST && b.kind != X64_CONST) {
        x64_swap(&a, &b);
        condition = mirrored[cc];
    }
    x64_fuse fuse = x64_fuse_next(c, &condition);
    compare_values(c, t, &a, &b);
    x64_consume_flags(c, condition, fuse);
}

void x64_eqz(x64_compiler *c, x64_type t) {
    x64_value a = x64_pop(c);
    if (a.kind == X64_CONST) {
        x64_push_const(c, X64_I32, a.bits == 0);
        return;
    }
    x64_value zero = {.kind = X64_CONST, .type = (uint8_t)t};
    unsigned condition = X64_E;
    x64_fuse fuse = x64_fuse_next(c, &condition);
    compare_values(c, t, &a, &zero);
    x64_consume_flags(c, condition, fuse);
}

void x64_select(x64_compiler *c) {
    x64_value condition = x64_pop(c);
    x64_value zero = {.kind = X64_CONST, .type = X64_I32};
    compare_values(c, X64_I32, &condition, &zero);
    c->locked = 0;
    select_on(c, X64_NE);
}
