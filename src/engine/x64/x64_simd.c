/* Vector instructions: SSE4.1 throughout; AVX only saves moves (x64_op3). Where one machine instruction does
 * it, a table says which; the others have a sequence each. */
#include "engine/x64/x64_lower.h"

enum { T1 = X64_FSCRATCH, T2 = X64_FSCRATCH2 };

/* ---- small parts -------------------------------------------------------------------------------- */

static void op(x64_compiler *c, uint32_t code, unsigned dst, unsigned src) {
    x64_rr(&c->as, code, X64_W32, dst, src);
}
static void op_imm(x64_compiler *c, uint32_t code, unsigned dst, unsigned src, unsigned imm) {
    x64_rri8(&c->as, code, X64_W32, dst, src, imm);
}
static void move(x64_compiler *c, unsigned dst, unsigned src) {
    if (dst != src) op(c, X64_MOVAPS, dst, src);
}
static void ones(x64_compiler *c, unsigned dst) { op(c, X64_PCMPEQD, dst, dst); }
static void zero(x64_compiler *c, unsigned dst) { op(c, X64_PXOR, dst, dst); }
static void shift_w(x64_compiler *c, unsigned g, unsigned dst, unsigned n) { x64_pshift_i(&c->as, 0x71, g, dst, n); }
static void shift_d(x64_compiler *c, unsigned g, unsigned dst, unsigned n) { x64_pshift_i(&c->as, 0x72, g, dst, n); }
static void shift_q(x64_compiler *c, unsigned g, unsigned dst, unsigned n) { x64_pshift_i(&c->as, 0x73, g, dst, n); }
enum { SRL = 2, SRA = 4, SLL = 6 };

/* code dst, constant: the same 64 bits in both halves */
static void op_const(x64_compiler *c, uint32_t code, unsigned dst, uint64_t bits) {
    x64_r_pool(c, code, X64_W32, (uint8_t)dst, bits, bits);
}

/* One operand, to be overwritten: a register that holds it and is the result's. */
static uint8_t take_one(x64_compiler *c) {
    x64_value a = x64_pop(c);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), &a);
    x64_load_value(c, &a, dst);
    return dst;
}
/* Two: the first to be overwritten, the second only read. */
static uint8_t take_two(x64_compiler *c, uint8_t *right) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    *right = x64_use(c, &b);
    uint8_t dst = x64_choose(c, X64_V128, &a, &b, false);
    x64_load_value(c, &a, dst);
    return dst;
}
static void give(x64_compiler *c, uint8_t dst) { x64_result(c, X64_V128, dst); }

/* ---- one machine instruction ------------------------------------------------------------------------ */

static const uint32_t binaries[GB_OP_COUNT] = {
    [GB_OP_i8x16_eq] = X64_PCMPEQB, [GB_OP_i16x8_eq] = X64_PCMPEQW,
    [GB_OP_i32x4_eq] = X64_PCMPEQD, [GB_OP_i64x2_eq] = X64_PCMPEQQ,
    [GB_OP_i8x16_gt_s] = X64_PCMPGTB, [GB_OP_i16x8_gt_s] = X64_PCMPGTW,
    [GB_OP_i32x4_gt_s] = X64_PCMPGTD,
    [GB_OP_v128_and] = X64_PAND, [GB_OP_v128_or] = X64_POR, [GB_OP_v128_xor] = X64_PXOR,
    [GB_OP_i8x16_narrow_i16x8_s] = X64_PACKSSWB, [GB_OP_i8x16_narrow_i16x8_u] = X64_PACKUSWB,
    [GB_OP_i16x8_narrow_i32x4_s] = X64_PACKSSDW, [GB_OP_i16x8_narrow_i32x4_u] = X64_PACKUSDW,
    [GB_OP_i8x16_add] = X64_PADDB, [GB_OP_i8x16_add_sat_s] = X64_PADDSB, [GB_OP_i8x16_add_sat_u] = X64_PADDUSB,
    [GB_OP_i8x16_sub] = X64_PSUBB, [GB_OP_i8x16_sub_sat_s] = X64_PSUBSB, [GB_OP_i8x16_sub_sat_u] = X64_PSUBUSB,
    [GB_OP_i8x16_min_s] = X64_PMINSB, [GB_OP_i8x16_min_u] = X64_PMINUB,
    [GB_OP_i8x16_max_s] = X64_PMAXSB, [GB_OP_i8x16_max_u] = X64_PMAXUB, [GB_OP_i8x16_avgr_u] = X64_PAVGB,
    [GB_OP_i16x8_add] = X64_PADDW, [GB_OP_i16x8_add_sat_s] = X64_PADDSW, [GB_OP_i16x8_add_sat_u] = X64_PADDUSW,
    [GB_OP_i16x8_sub] = X64_PSUBW, [GB_OP_i16x8_sub_sat_s] = X64_PSUBSW, [GB_OP_i16x8_sub_sat_u] = X64_PSUBUSW,
    [GB_OP_i16x8_mul] = X64_PMULLW, [GB_OP_i16x8_min_s] = X64_PMINSW, [GB_OP_i16x8_min_u] = X64_PMINUW,
    [GB_OP_i16x8_max_s] = X64_PMAXSW, [GB_OP_i16x8_max_u] = X64_PMAXUW, [GB_OP_i16x8_avgr_u] = X64_PAVGW,
    [GB_OP_i32x4_add] = X64_PADDD, [GB_OP_i32x4_sub] = X64_PSUBD, [GB_OP_i32x4_mul] = X64_PMULLD,
    [GB_OP_i32x4_min_s] = X64_PMINSD, [GB_OP_i32x4_min_u] = X64_PMINUD,
    [GB_OP_i32x4_max_s] = X64_PMAXSD, [GB_OP_i32x4_max_u] = X64_PMAXUD, [GB_OP_i32x4_dot_i16x8_s] = X64_PMADDWD,
    [GB_OP_i64x2_add] = X64_PADDQ, [GB_OP_i64x2_sub] = X64_PSUBQ,
    [GB_OP_f32x4_add] = X64_ADDPS, [GB_OP_f32x4_sub] = X64_SUBPS,
    [GB_OP_f32x4_mul] = X64_MULPS, [GB_OP_f32x4_div] = X64_DIVPS,
    [GB_OP_f64x2_add] = X64_ADDPD, [GB_OP_f64x2_sub] = X64_SUBPD,
    [GB_OP_f64x2_mul] = X64_MULPD, [GB_OP_f64x2_div] = X64_DIVPD,
};

static const uint32_t unaries[GB_OP_COUNT] = {
    [GB_OP_i8x16_abs] = X64_PABSB, [GB_OP_i16x8_abs] = X64_PABSW, [GB_OP_i32x4_abs] = X64_PABSD,
    [GB_OP_f32x4_sqrt] = X64_SQRTPS, [GB_OP_f64x2_sqrt] = X64_SQRTPD,
    [GB_OP_i16x8_extend_low_i8x16_s] = X64_PMOVSXBW, [GB_OP_i16x8_extend_low_i8x16_u] = X64_PMOVZXBW,
    [GB_OP_i32x4_extend_low_i16x8_s] = X64_PMOVSXWD, [GB_OP_i32x4_extend_low_i16x8_u] = X64_PMOVZXWD,
    [GB_OP_i64x2_extend_low_i32x4_s] = X64_PMOVSXDQ, [GB_OP_i64x2_extend_low_i32x4_u] = X64_PMOVZXDQ,
    [GB_OP_f32x4_convert_i32x4_s] = X64_CVTDQ2PS, [GB_OP_f64x2_convert_low_i32x4_s] = X64_CVTDQ2PD,
    [GB_OP_f32x4_demote_f64x2_zero] = X64_CVTPD2PS, [GB_OP_f64x2_promote_low_f32x4] = X64_CVTPS2PD,
};

static void unary(x64_compiler *c, uint32_t code) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), &a);
    op(c, code, dst, src);
    give(c, dst);
}

/* ---- comparisons --------------------------------------------------------------------------------------- */

static void invert(x64_compiler *c, uint8_t dst) {
    ones(c, T1);
    op(c, X64_PXOR, dst, T1);
}

/* a > b of 64-bit lanes: without SSE4.2, high halves decide unless they are equal, then the borrow does. */
static void greater_q(x64_compiler *c, uint8_t dst, uint8_t b) {
    if (c->features & GB_X64_SSE42) {
        op(c, X64_PCMPGTQ, dst, b);
        return;
    }
    move(c, T1, b);
    op(c, X64_PSUBQ, T1, dst);
    move(c, T2, dst);
    op(c, X64_PCMPEQD, T2, b);
    op(c, X64_PAND, T1, T2);
    op(c, X64_PCMPGTD, dst, b);
    op(c, X64_POR, dst, T1);
    op_imm(c, X64_PSHUFD, dst, dst, 0xF5);
    shift_d(c, SRA, dst, 31);
}

static void compare_ne(x64_compiler *c, uint32_t equal) {
    uint8_t b, dst = take_two(c, &b);
    op(c, equal, dst, b);
    invert(c, dst);
    give(c, dst);
}

/* gt by `greater` (0: of 64-bit lanes), with operands mirrored, or the result inverted. */
static void compare_signed(x64_compiler *c, uint32_t greater, bool mirror, bool inverse) {
    if (mirror) x64_swap_top(c);
    uint8_t b, dst = take_two(c, &b);
    if (greater) {
        op(c, greater, dst, b);
    } else {
        greater_q(c, dst, b);
    }
    if (inverse) invert(c, dst);
    give(c, dst);
}

/* a >= b is max(a, b) == a, and a <= b is min(a, b) == a. */
static void compare_unsigned(x64_compiler *c, uint32_t bound, uint32_t equal, bool inverse) {
    uint8_t b, dst = take_two(c, &b);
    move(c, T1, dst);
    op(c, bound, T1, b);
    op(c, equal, dst, T1);
    if (inverse) invert(c, dst);
    give(c, dst);
}

static void compare_float(x64_compiler *c, uint32_t code, unsigned predicate, bool mirror) {
    if (mirror) x64_swap_top(c);
    uint8_t b, dst = take_two(c, &b);
    op_imm(c, code, dst, b, predicate);
    give(c, dst);
}

/* i8x16, i16x8, i32x4 in the order eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u from code 0x23 on, then
 * f32x4 and f64x2 eq ne lt gt le ge. */
static void compare(x64_compiler *c, uint32_t code) {
    static const uint32_t equal[] = {X64_PCMPEQB, X64_PCMPEQW, X64_PCMPEQD};
    static const uint32_t greater[] = {X64_PCMPGTB, X64_PCMPGTW, X64_PCMPGTD};
    static const uint32_t least[] = {X64_PMINUB, X64_PMINUW, X64_PMINUD};
    static const uint32_t most[] = {X64_PMAXUB, X64_PMAXUW, X64_PMAXUD};
    if (code >= 0x41) {
        static const uint8_t predicates[] = {0, 4, 1, 1, 2, 2};
        unsigned i = code - 0x41;
        bool is_double = i >= 6;
        i %= 6;
        compare_float(c, is_double ? X64_CMPPD : X64_CMPPS, predicates[i], i == 3 || i == 5);
        return;
    }
    unsigned lane = (code - 0x23) / 10;
    switch ((code - 0x23) % 10) {
    case 1: compare_ne(c, equal[lane]); break;
    case 2: compare_signed(c, greater[lane], true, false); break;
    case 3: compare_unsigned(c, most[lane], equal[lane], true); break;
    case 5: compare_unsigned(c, least[lane], equal[lane], true); break;
    case 6: compare_signed(c, greater[lane], false, true); break;
    case 7: compare_unsigned(c, least[lane], equal[lane], false); break;
    case 8: compare_signed(c, greater[lane], true, true); break;
    default: compare_unsigned(c, most[lane], equal[lane], false); break;
    }
}

/* ---- shifts ----------------------------------------------------------------------------------------------- */

/* The count, reduced, plus `bias`, to T1. */
static void load_count(x64_compiler *c, const x64_value *count, unsigned mask, unsigned bias) {
    x64_load_value(c, count, X64_SCRATCH);
    x64_ri(&c->as, X64_G_AND, X64_W32, X64_SCRATCH, (int32_t)mask);
    if (bias) x64_ri(&c->as, X64_G_ADD, X64_W32, X64_SCRATCH, (int32_t)bias);
    op(c, X64_MOVD, T1, X64_SCRATCH);
}

/* By register or, when that is a constant, immediate. g: SRL, SRA, SLL; lane: 0 words, 1 doublewords, 2 quadwords. */
static void shift_lanes(x64_compiler *c, unsigned g, unsigned lane, unsigned dst, const x64_value *count, unsigned n) {
    static const uint32_t left[] = {X64_PSLLW, X64_PSLLD, X64_PSLLQ};
    static const uint32_t right[] = {X64_PSRLW, X64_PSRLD, X64_PSRLQ};
    static const uint32_t arithmetic[] = {X64_PSRAW, X64_PSRAD};
    if (count->kind == X64_CONST) {
        x64_pshift_i(&c->as, 0x71 + lane, g, dst, n);
    } else {
        op(c, g == SLL ? left[lane] : g == SRL ? right[lane] : arithmetic[lane], dst, T1);
    }
}

/* Bytes are shifted as the upper halves of words; T1 holds the count plus 8. */
static void shift_bytes_right(x64_compiler *c, unsigned g, uint8_t dst, const x64_value *count, unsigned n) {
    move(c, T2, dst);
    op(c, X64_PUNPCKHBW, T2, T2);
    op(c, X64_PUNPCKLBW, dst, dst);
    shift_lanes(c, g, 0, T2, count, n + 8);
    shift_lanes(c, g, 0, dst, count, n + 8);
    op(c, g == SRA ? X64_PACKSSWB : X64_PACKUSWB, dst, T2);
}

/* Words are shifted; the mask that clears what came from the lower neighbour is 0xFF shifted alike. */
static void shift_bytes_left(x64_compiler *c, uint8_t dst, const x64_value *count, unsigned n) {
    shift_lanes(c, SLL, 0, dst, count, n);
    if (count->kind == X64_CONST) {
        op_const(c, X64_PAND, dst, (0xFFu << n & 0xFF) * UINT64_C(0x0101010101010101));
        return;
    }
    ones(c, T2);
    shift_w(c, SRL, T2, 8);
    op(c, X64_PSLLW, T2, T1);
    shift_w(c, SLL, T2, 8);
    move(c, T1, T2);
    shift_w(c, SRL, T1, 8);
    op(c, X64_POR, T2, T1);
    op(c, X64_PAND, dst, T2);
}

static void shift(x64_compiler *c, unsigned lane_bits, unsigned g) {
    x64_value count = x64_pop(c);
    uint8_t dst = take_one(c);
    unsigned mask = lane_bits - 1, n = (unsigned)count.bits & mask;
    bool wide_bytes = lane_bits == 8 && g != SLL;
    if (count.kind != X64_CONST) load_count(c, &count, mask, wide_bytes ? 8 : 0);
    unsigned lane = lane_bits == 16 ? 0 : lane_bits == 32 ? 1 : 2;
    if (lane_bits == 8) {
        if (g == SLL) {
            shift_bytes_left(c, dst, &count, n);
        } else {
            shift_bytes_right(c, g, dst, &count, n);
        }
    } else if (lane_bits == 64 && g == SRA) {
        /* No such instruction: shift in zeros, then extend the sign, which is now further right. */
        op_const(c, X64_MOVAPS, T2, 1ull << 63);
        shift_lanes(c, SRL, 2, T2, &count, n);
        shift_lanes(c, SRL, 2, dst, &count, n);
        op(c, X64_PXOR, dst, T2);
        op(c, X64_PSUBQ, dst, T2);
    } else {
        shift_lanes(c, g, lane, dst, &count, n);
    }
    give(c, dst);
}

/* ---- integer arithmetic -------------------------------------------------------------------------------------- */

static void negate(x64_compiler *c, uint32_t subtract) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    move(c, T1, src);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), &a);
    zero(c, dst);
    op(c, subtract, dst, T1);
    give(c, dst);
}

static void abs_q(x64_compiler *c) {
    uint8_t dst = take_one(c);
    op_imm(c, X64_PSHUFD, T1, dst, 0xF5);
    shift_d(c, SRA, T1, 31);
    op(c, X64_PXOR, dst, T1);
    op(c, X64_PSUBQ, dst, T1);
    give(c, dst);
}

static void popcnt(x64_compiler *c) {
    uint8_t dst = take_one(c);
    move(c, T1, dst);
    op_const(c, X64_PAND, dst, 0x0F0F0F0F0F0F0F0F);
    shift_w(c, SRL, T1, 4);
    op_const(c, X64_PAND, T1, 0x0F0F0F0F0F0F0F0F);
    x64_r_pool(c, X64_MOVAPS, X64_W32, T2, 0x0302020102010100, 0x0403030203020201); /* bits of 0…15 */
    uint8_t low = x64_alloc(c, X64_SET_FLOAT);
    move(c, low, T2);
    op(c, X64_PSHUFB, low, dst);
    op(c, X64_PSHUFB, T2, T1);
    op(c, X64_PADDB, low, T2);
    move(c, dst, low);
    give(c, dst);
}

/* Cross products of the halves, shifted, plus the product of the low halves. */
static void multiply_q(x64_compiler *c) {
    uint8_t b, dst = take_two(c, &b);
    move(c, T1, dst);
    shift_q(c, SRL, T1, 32);
    op(c, X64_PMULUDQ, T1, b);
    move(c, T2, b);
    shift_q(c, SRL, T2, 32);
    op(c, X64_PMULUDQ, T2, dst);
    op(c, X64_PADDQ, T1, T2);
    shift_q(c, SLL, T1, 32);
    op(c, X64_PMULUDQ, dst, b);
    op(c, X64_PADDQ, dst, T1);
    give(c, dst);
}

static void q15_multiply(x64_compiler *c) {
    uint8_t b, dst = take_two(c, &b);
    op(c, X64_PMULHRSW, dst, b);
    op_const(c, X64_MOVAPS, T1, 0x8000800080008000); /* -1 times -1 must saturate */
    op(c, X64_PCMPEQW, T1, dst);
    op(c, X64_PXOR, dst, T1);
    give(c, dst);
}

static void extend_high(x64_compiler *c, uint32_t widen) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), &a);
    op_imm(c, X64_PSHUFD, dst, src, 0xEE);
    op(c, widen, dst, dst);
    give(c, dst);
}

static void extended_multiply(x64_compiler *c, uint32_t widen, uint32_t multiply, bool high) {
    uint8_t b, dst = take_two(c, &b);
    if (high) {
        op_imm(c, X64_PSHUFD, T1, b, 0xEE);
        op(c, widen, T1, T1);
        op_imm(c, X64_PSHUFD, dst, dst, 0xEE);
    } else {
        op(c, widen, T1, b);
    }
    op(c, widen, dst, dst);
    op(c, multiply, dst, T1);
    give(c, dst);
}

static void extended_multiply_q(x64_compiler *c, uint32_t multiply, bool high) {
    uint8_t b, dst = take_two(c, &b);
    unsigned lanes = high ? 0xFA : 0x50;
    op_imm(c, X64_PSHUFD, T1, b, lanes);
    op_imm(c, X64_PSHUFD, dst, dst, lanes);
    op(c, multiply, dst, T1);
    give(c, dst);
}

static void pairwise(x64_compiler *c, uint32_t which) {
    uint8_t dst = take_one(c);
    switch (which) {
    case GB_OP_i16x8_extadd_pairwise_i8x16_s: /* pmaddubsw: the destination is the unsigned side */
        op_const(c, X64_MOVAPS, T1, 0x0101010101010101);
        op(c, X64_PMADDUBSW, T1, dst);
        move(c, dst, T1);
        break;
    case GB_OP_i16x8_extadd_pairwise_i8x16_u: op_const(c, X64_PMADDUBSW, dst, 0x0101010101010101); break;
    case GB_OP_i32x4_extadd_pairwise_i16x8_s: op_const(c, X64_PMADDWD, dst, 0x0001000100010001); break;
    default: /* as signed numbers less 32768 each, put back after */
        op_const(c, X64_PXOR, dst, 0x8000800080008000);
        op_const(c, X64_PMADDWD, dst, 0x0001000100010001);
        op_const(c, X64_PADDD, dst, 0x0001000000010000);
        break;
    }
    give(c, dst);
}

/* ---- floats ------------------------------------------------------------------------------------------------------ */

static void float_sign(x64_compiler *c, uint64_t sign, bool neg) {
    uint8_t dst = take_one(c);
    op_const(c, neg ? X64_PXOR : X64_PAND, dst, neg ? sign : ~sign);
    give(c, dst);
}

static void round_lanes(x64_compiler *c, uint32_t code, unsigned mode) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), &a);
    op_imm(c, code, dst, src, mode | 8);
    give(c, dst);
}

/* minps in both orders differs where a zero's sign or a NaN decides: join the bits, then quiet NaNs by cutting
 * their payload. */
static void float_min(x64_compiler *c, bool is_double) {
    uint8_t b, dst = take_two(c, &b);
    uint32_t min = is_double ? X64_MINPD : X64_MINPS;
    move(c, T1, dst);
    op(c, min, T1, b);
    move(c, T2, b);
    op(c, min, T2, dst);
    op(c, X64_ORPS, T1, T2);
    op_imm(c, is_double ? X64_CMPPD : X64_CMPPS, T2, T1, 3);
    op(c, X64_ORPS, T1, T2);
    if (is_double) {
        shift_q(c, SRL, T2, 13);
    } else {
        shift_d(c, SRL, T2, 10);
    }
    op(c, X64_ANDNPS, T2, T1);
    move(c, dst, T2);
    give(c, dst);
}

static void float_max(x64_compiler *c, bool is_double) {
    uint8_t b, dst = take_two(c, &b);
    uint32_t max = is_double ? X64_MAXPD : X64_MAXPS;
    move(c, T1, dst);
    op(c, max, T1, b);
    move(c, T2, b);
    op(c, max, T2, dst);
    op(c, X64_XORPS, T2, T1); /* where the two differ */
    op(c, X64_ORPS, T1, T2);
    op(c, is_double ? X64_SUBPD : X64_SUBPS, T1, T2); /* -0 less -0 is +0 */
    op_imm(c, is_double ? X64_CMPPD : X64_CMPPS, T2, T1, 3);
    if (is_double) {
        shift_q(c, SRL, T2, 13);
    } else {
        shift_d(c, SRL, T2, 10);
    }
    op(c, X64_ANDNPS, T2, T1);
    move(c, dst, T2);
    give(c, dst);
}

/* pmin(a, b) is b < a ? b : a, which is what minps(b, a) does. */
static void pseudo(x64_compiler *c, uint32_t code) {
    x64_swap_top(c);
    uint8_t a, dst = take_two(c, &a);
    op(c, code, dst, a);
    give(c, dst);
}

/* ---- conversions ----------------------------------------------------------------------------------------------------- */

/* The lower 16 bits and the rest convert exactly. */
static void convert_u32(x64_compiler *c) {
    uint8_t dst = take_one(c);
    zero(c, T1);
    op_imm(c, X64_PBLENDW, T1, dst, 0x55);
    op(c, X64_PSUBD, dst, T1);
    op(c, X64_CVTDQ2PS, T1, T1);
    shift_d(c, SRL, dst, 1); /* even, so exact; as a signed number not negative */
    op(c, X64_CVTDQ2PS, dst, dst);
    op(c, X64_ADDPS, dst, dst);
    op(c, X64_ADDPS, dst, T1);
    give(c, dst);
}

/* As the fraction of 2^52 + n, then less 2^52. */
static void convert_low_u32(x64_compiler *c) {
    uint8_t dst = take_one(c);
    op_const(c, X64_UNPCKLPS, dst, 0x4330000043300000);
    op_const(c, X64_SUBPD, dst, 0x4330000000000000);
    give(c, dst);
}

/* NaN becomes 0; cvttps2dq gives the least integer for all that does not fit: inverted where it was positive. */
static void truncate_s(x64_compiler *c) {
    uint8_t dst = take_one(c);
    move(c, T1, dst);
    op_imm(c, X64_CMPPS, T1, T1, 0);
    op(c, X64_PAND, dst, T1);
    op(c, X64_PXOR, T1, dst);
    op(c, X64_CVTTPS2DQ, dst, dst);
    op(c, X64_PAND, T1, dst);
    shift_d(c, SRA, T1, 31);
    op(c, X64_PXOR, dst, T1);
    give(c, dst);
}

/* The part above 2^31 is converted apart and added. */
static void truncate_u(x64_compiler *c) {
    uint8_t dst = take_one(c);
    zero(c, T1);
    op(c, X64_MAXPS, dst, T1); /* NaN and negative: 0 */
    op_const(c, X64_MOVAPS, T1, 0x4F0000004F000000); /* 2^31 */
    move(c, T2, dst);
    op(c, X64_SUBPS, T2, T1);
    op_imm(c, X64_CMPPS, T1, T2, 2); /* 2^32 and above: all ones */
    op(c, X64_CVTTPS2DQ, T2, T2);
    op(c, X64_PXOR, T2, T1);
    zero(c, T1);
    op(c, X64_PMAXSD, T2, T1);
    op(c, X64_CVTTPS2DQ, dst, dst);
    op(c, X64_PADDD, dst, T2);
    give(c, dst);
}

static void truncate_double_s(x64_compiler *c) {
    uint8_t dst = take_one(c);
    move(c, T1, dst);
    op_imm(c, X64_CMPPD, T1, T1, 0);
    op_const(c, X64_PAND, T1, 0x41DFFFFFFFC00000); /* 2147483647, or 0 for NaN */
    op(c, X64_MINPD, dst, T1);
    op(c, X64_CVTTPD2DQ, dst, dst);
    give(c, dst);
}

static void truncate_double_u(x64_compiler *c) {
    uint8_t dst = take_one(c);
    zero(c, T1);
    op(c, X64_MAXPD, dst, T1);
    op_const(c, X64_MINPD, dst, 0x41EFFFFFFFE00000); /* 4294967295 */
    op_imm(c, X64_ROUNDPD, dst, dst, 3 | 8);
    op_const(c, X64_ADDPD, dst, 0x4330000000000000); /* 2^52: the integer is in the low bits */
    op_imm(c, X64_SHUFPS, dst, T1, 0x88);
    give(c, dst);
}

/* ---- tests -------------------------------------------------------------------------------------------------------------- */

static void any_true(x64_compiler *c) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    unsigned cc = X64_NE;
    x64_fuse fuse = x64_fuse_next(c, &cc);
    op(c, X64_PTEST, src, src);
    x64_consume_flags(c, cc, fuse);
}

static void all_true(x64_compiler *c, uint32_t equal) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    unsigned cc = X64_E;
    x64_fuse fuse = x64_fuse_next(c, &cc);
    zero(c, T1);
    op(c, equal, T1, src);
    op(c, X64_PTEST, T1, T1);
    x64_consume_flags(c, cc, fuse);
}

static void bitmask(x64_compiler *c, uint32_t code, bool words) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    if (words) {
        move(c, T1, src);
        zero(c, T2);
        op(c, X64_PACKSSWB, T1, T2);
        src = T1;
    }
    uint8_t dst = x64_dest(c, X64_I32, x64_hint(c), NULL);
    op(c, code, dst, src);
    x64_result(c, X64_I32, dst);
}

/* ---- lanes --------------------------------------------------------------------------------------------------------------- */

static void splat_reg(x64_compiler *c, uint8_t dst, unsigned lane_bytes) {
    switch (lane_bytes) {
    case 1:
        zero(c, T1);
        op(c, X64_PSHUFB, dst, T1);
        break;
    case 2:
        op_imm(c, X64_PSHUFLW, dst, dst, 0);
        op_imm(c, X64_PSHUFD, dst, dst, 0);
        break;
    case 4: op_imm(c, X64_PSHUFD, dst, dst, 0); break;
    default: op_imm(c, X64_PSHUFD, dst, dst, 0x44); break;
    }
}

static void splat_int(x64_compiler *c, unsigned lane_bytes) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), NULL);
    x64_rr(&c->as, X64_MOVD, lane_bytes == 8, dst, src);
    splat_reg(c, dst, lane_bytes);
    give(c, dst);
}

static void splat_float(x64_compiler *c, unsigned lane_bytes) {
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), NULL);
    op_imm(c, X64_PSHUFD, dst, src, lane_bytes == 4 ? 0 : 0x44);
    give(c, dst);
}

static void extract_int(x64_compiler *c, unsigned lane_bytes, bool is_signed) {
    unsigned lane = *c->pc++;
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    x64_type t = lane_bytes == 8 ? X64_I64 : X64_I32;
    uint8_t dst = x64_dest(c, t, x64_hint(c), NULL);
    uint32_t code = lane_bytes == 1 ? X64_PEXTRB : lane_bytes == 2 ? X64_PEXTRW : X64_PEXTRD;
    x64_rri8(&c->as, code, lane_bytes == 8, src, dst, lane);
    if (is_signed) op(c, lane_bytes == 1 ? X64_MOVSX8 : X64_MOVSX16, dst, dst);
    x64_result(c, t, dst);
}

static void extract_float(x64_compiler *c, x64_type t) {
    unsigned lane = *c->pc++;
    x64_value a = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    uint8_t dst = x64_dest(c, t, x64_hint(c), NULL);
    if (lane == 0) {
        move(c, dst, src);
    } else {
        op_imm(c, X64_PSHUFD, dst, src, t == X64_F32 ? lane : 0xEE);
    }
    x64_result(c, t, dst);
}

static void replace_int(x64_compiler *c, unsigned lane_bytes) {
    unsigned lane = *c->pc++;
    x64_value b = x64_pop(c);
    uint8_t src = x64_use(c, &b);
    uint8_t dst = take_one(c);
    uint32_t code = lane_bytes == 1 ? X64_PINSRB : lane_bytes == 2 ? X64_PINSRW : X64_PINSRD;
    x64_rri8(&c->as, code, lane_bytes == 8, dst, src, lane);
    give(c, dst);
}

static void replace_float(x64_compiler *c, x64_type t) {
    unsigned lane = *c->pc++;
    x64_value b = x64_pop(c), a = x64_pop(c);
    uint8_t src = x64_use(c, &b);
    uint8_t dst = x64_choose(c, X64_V128, &a, &b, false);
    x64_load_value(c, &a, dst);
    if (t == X64_F32) {
        op_imm(c, X64_INSERTPS, dst, src, lane << 4);
    } else {
        op(c, lane ? X64_MOVLHPS : X64_MOVSD, dst, src); /* movsd between registers keeps the upper half */
    }
    give(c, dst);
}

/* ---- shuffles -------------------------------------------------------------------------------------------------------------- */

static uint64_t pack(const uint8_t *bytes) {
    uint64_t v;
    memcpy(&v, bytes, 8);
    return v;
}

static void shuffle(x64_compiler *c) {
    uint8_t first[16], second[16];
    bool any_first = false, any_second = false;
    for (unsigned i = 0; i < 16; i++) {
        uint8_t lane = c->pc[i];
        first[i] = lane < 16 ? lane : 0x80; /* pshufb: 0x80 gives 0 */
        second[i] = lane < 16 ? 0x80 : (uint8_t)(lane - 16);
        any_first |= lane < 16;
        any_second |= lane >= 16;
    }
    c->pc += 16;
    uint8_t b, dst = take_two(c, &b);
    if (any_second) {
        move(c, T1, b);
        x64_r_pool(c, X64_PSHUFB, X64_W32, T1, pack(second), pack(second + 8));
    }
    if (any_first) {
        x64_r_pool(c, X64_PSHUFB, X64_W32, dst, pack(first), pack(first + 8));
        if (any_second) op(c, X64_POR, dst, T1);
    } else {
        move(c, dst, T1);
    }
    give(c, dst);
}

static void swizzle(x64_compiler *c) {
    uint8_t b, dst = take_two(c, &b);
    move(c, T1, b);
    op_const(c, X64_PADDUSB, T1, 0x7070707070707070); /* 16 and above get their top bit */
    op(c, X64_PSHUFB, dst, T1);
    give(c, dst);
}

static void and_not(x64_compiler *c) { /* a & ~b */
    x64_swap_top(c);
    uint8_t a, dst = take_two(c, &a);
    op(c, X64_PANDN, dst, a);
    give(c, dst);
}

static void bit_not(x64_compiler *c) {
    uint8_t dst = take_one(c);
    invert(c, dst);
    give(c, dst);
}

static void bit_select(x64_compiler *c) { /* a where the mask is 1, else b */
    x64_value mask = x64_pop(c);
    x64_load_value(c, &mask, T1);
    uint8_t b, dst = take_two(c, &b);
    move(c, T2, T1);
    op(c, X64_PANDN, T2, b);
    op(c, X64_PAND, dst, T1);
    op(c, X64_POR, dst, T2);
    give(c, dst);
}

/* ---- memory ------------------------------------------------------------------------------------------------------------------ */

static x64_mem address(x64_compiler *c, const x64_value *index, uint32_t offset, uint32_t size) {
    x64_mem m = x64_address_of(c, index, offset, size);
    x64_note_access(c);
    return m;
}

static void load(x64_compiler *c, uint32_t code, uint32_t size) {
    uint32_t offset = x64_read_memarg(c);
    x64_value index = x64_pop(c);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), NULL);
    x64_rm(&c->as, code, X64_W32, dst, address(c, &index, offset, size));
    give(c, dst);
}

static void load_splat(x64_compiler *c, unsigned size) {
    uint32_t offset = x64_read_memarg(c);
    x64_value index = x64_pop(c);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), NULL);
    x64_mem m = address(c, &index, offset, size);
    if (size <= 2) {
        x64_rm(&c->as, size == 1 ? X64_MOVZX8 : X64_MOVZX16, X64_W32, X64_SCRATCH, m);
        op(c, X64_MOVD, dst, X64_SCRATCH);
    } else {
        x64_rm(&c->as, size == 4 ? X64_MOVD : X64_MOVQ, X64_W32, dst, m);
    }
    splat_reg(c, dst, size);
    give(c, dst);
}

static void load_lane(x64_compiler *c, unsigned size) {
    uint32_t offset = x64_read_memarg(c);
    unsigned lane = *c->pc++;
    x64_value a = x64_pop(c), index = x64_pop(c);
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), &a);
    x64_load_value(c, &a, dst);
    uint32_t code = size == 1 ? X64_PINSRB : size == 2 ? X64_PINSRW : X64_PINSRD;
    x64_rmi8(&c->as, code, size == 8, dst, address(c, &index, offset, size), lane);
    give(c, dst);
}

static void store_lane(x64_compiler *c, unsigned size) {
    uint32_t offset = x64_read_memarg(c);
    unsigned lane = *c->pc++;
    x64_value a = x64_pop(c), index = x64_pop(c);
    uint8_t src = x64_use(c, &a);
    uint32_t code = size == 1 ? X64_PEXTRB : size == 2 ? X64_PEXTRW : X64_PEXTRD;
    x64_rmi8(&c->as, code, size == 8, src, address(c, &index, offset, size), lane);
}

/* Codes up to 0x0B. */
static void memory(x64_compiler *c, uint32_t code) {
    static const uint32_t widening[] = {X64_PMOVSXBW, X64_PMOVZXBW, X64_PMOVSXWD,
                                        X64_PMOVZXWD, X64_PMOVSXDQ, X64_PMOVZXDQ};
    if (code == 0) {
        load(c, X64_MOVUPS, 16);
    } else if (code <= 6) {
        load(c, widening[code - 1], 8);
    } else if (code <= 0x0A) {
        load_splat(c, 1u << (code - 7));
    } else {
        x64_store(c, X64_V128, 16);
    }
}

static void constant(x64_compiler *c) {
    uint64_t low = pack(c->pc), high = pack(c->pc + 8);
    c->pc += 16;
    uint8_t dst = x64_dest(c, X64_V128, x64_hint(c), NULL);
    if (low | high) {
        x64_r_pool(c, X64_MOVAPS, X64_W32, dst, low, high);
    } else {
        op(c, X64_XORPS, dst, dst);
    }
    give(c, dst);
}

/* ---- which is which ------------------------------------------------------------------------------------------------------------ */

static void lanes(x64_compiler *c, uint32_t which) {
    switch (which) {
    case GB_OP_i8x16_splat: splat_int(c, 1); break;
    case GB_OP_i16x8_splat: splat_int(c, 2); break;
    case GB_OP_i32x4_splat: splat_int(c, 4); break;
    case GB_OP_i64x2_splat: splat_int(c, 8); break;
    case GB_OP_f32x4_splat: splat_float(c, 4); break;
    case GB_OP_f64x2_splat: splat_float(c, 8); break;
    case GB_OP_i8x16_extract_lane_s: extract_int(c, 1, true); break;
    case GB_OP_i8x16_extract_lane_u: extract_int(c, 1, false); break;
    case GB_OP_i16x8_extract_lane_s: extract_int(c, 2, true); break;
    case GB_OP_i16x8_extract_lane_u: extract_int(c, 2, false); break;
    case GB_OP_i32x4_extract_lane: extract_int(c, 4, false); break;
    case GB_OP_i64x2_extract_lane: extract_int(c, 8, false); break;
    case GB_OP_f32x4_extract_lane: extract_float(c, X64_F32); break;
    case GB_OP_f64x2_extract_lane: extract_float(c, X64_F64); break;
    case GB_OP_i8x16_replace_lane: replace_int(c, 1); break;
    case GB_OP_i16x8_replace_lane: replace_int(c, 2); break;
    case GB_OP_i32x4_replace_lane: replace_int(c, 4); break;
    case GB_OP_i64x2_replace_lane: replace_int(c, 8); break;
    case GB_OP_f32x4_replace_lane: replace_float(c, X64_F32); break;
    default: replace_float(c, X64_F64); break;
    }
}

static void sequence(x64_compiler *c, uint32_t which) {
    const uint64_t sign32 = 0x8000000080000000, sign64 = 1ull << 63;
    switch (which) {
    case GB_OP_i8x16_shuffle: shuffle(c); break;
    case GB_OP_i8x16_swizzle: swizzle(c); break;
    case GB_OP_v128_not: bit_not(c); break;
    case GB_OP_v128_andnot: and_not(c); break;
    case GB_OP_v128_bitselect: bit_select(c); break;
    case GB_OP_v128_any_true: any_true(c); break;
    case GB_OP_i8x16_all_true: all_true(c, X64_PCMPEQB); break;
    case GB_OP_i16x8_all_true: all_true(c, X64_PCMPEQW); break;
    case GB_OP_i32x4_all_true: all_true(c, X64_PCMPEQD); break;
    case GB_OP_i64x2_all_true: all_true(c, X64_PCMPEQQ); break;
    case GB_OP_i8x16_bitmask: bitmask(c, X64_PMOVMSKB, false); break;
    case GB_OP_i16x8_bitmask: bitmask(c, X64_PMOVMSKB, true); break;
    case GB_OP_i32x4_bitmask: bitmask(c, X64_MOVMSKPS, false); break;
    case GB_OP_i64x2_bitmask: bitmask(c, X64_MOVMSKPD, false); break;
    case GB_OP_v128_load8_lane: load_lane(c, 1); break;
    case GB_OP_v128_load16_lane: load_lane(c, 2); break;
    case GB_OP_v128_load32_lane: load_lane(c, 4); break;
    case GB_OP_v128_load64_lane: load_lane(c, 8); break;
    case GB_OP_v128_store8_lane: store_lane(c, 1); break;
    case GB_OP_v128_store16_lane: store_lane(c, 2); break;
    case GB_OP_v128_store32_lane: store_lane(c, 4); break;
    case GB_OP_v128_store64_lane: store_lane(c, 8); break;
    case GB_OP_v128_load32_zero: load(c, X64_MOVD, 4); break;
    case GB_OP_v128_load64_zero: load(c, X64_MOVQ, 8); break;
    case GB_OP_i8x16_neg: negate(c, X64_PSUBB); break;
    case GB_OP_i16x8_neg: negate(c, X64_PSUBW); break;
    case GB_OP_i32x4_neg: negate(c, X64_PSUBD); break;
    case GB_OP_i64x2_neg: negate(c, X64_PSUBQ); break;
    case GB_OP_i64x2_abs: abs_q(c); break;
    case GB_OP_i8x16_popcnt: popcnt(c); break;
    case GB_OP_i8x16_shl: shift(c, 8, SLL); break;
    case GB_OP_i8x16_shr_s: shift(c, 8, SRA); break;
    case GB_OP_i8x16_shr_u: shift(c, 8, SRL); break;
    case GB_OP_i16x8_shl: shift(c, 16, SLL); break;
    case GB_OP_i16x8_shr_s: shift(c, 16, SRA); break;
    case GB_OP_i16x8_shr_u: shift(c, 16, SRL); break;
    case GB_OP_i32x4_shl: shift(c, 32, SLL); break;
    case GB_OP_i32x4_shr_s: shift(c, 32, SRA); break;
    case GB_OP_i32x4_shr_u: shift(c, 32, SRL); break;
    case GB_OP_i64x2_shl: shift(c, 64, SLL); break;
    case GB_OP_i64x2_shr_s: shift(c, 64, SRA); break;
    case GB_OP_i64x2_shr_u: shift(c, 64, SRL); break;
    case GB_OP_i64x2_mul: multiply_q(c); break;
    case GB_OP_i16x8_q15mulr_sat_s: q15_multiply(c); break;
    case GB_OP_i64x2_ne: compare_ne(c, X64_PCMPEQQ); break;
    case GB_OP_i64x2_lt_s: compare_signed(c, 0, true, false); break;
    case GB_OP_i64x2_gt_s: compare_signed(c, 0, false, false); break;
    case GB_OP_i64x2_le_s: compare_signed(c, 0, false, true); break;
    case GB_OP_i64x2_ge_s: compare_signed(c, 0, true, true); break;
    case GB_OP_i16x8_extend_high_i8x16_s: extend_high(c, X64_PMOVSXBW); break;
    case GB_OP_i16x8_extend_high_i8x16_u: extend_high(c, X64_PMOVZXBW); break;
    case GB_OP_i32x4_extend_high_i16x8_s: extend_high(c, X64_PMOVSXWD); break;
    case GB_OP_i32x4_extend_high_i16x8_u: extend_high(c, X64_PMOVZXWD); break;
    case GB_OP_i64x2_extend_high_i32x4_s: extend_high(c, X64_PMOVSXDQ); break;
    case GB_OP_i64x2_extend_high_i32x4_u: extend_high(c, X64_PMOVZXDQ); break;
    case GB_OP_i16x8_extmul_low_i8x16_s: extended_multiply(c, X64_PMOVSXBW, X64_PMULLW, false); break;
    case GB_OP_i16x8_extmul_high_i8x16_s: extended_multiply(c, X64_PMOVSXBW, X64_PMULLW, true); break;
    case GB_OP_i16x8_extmul_low_i8x16_u: extended_multiply(c, X64_PMOVZXBW, X64_PMULLW, false); break;
    case GB_OP_i16x8_extmul_high_i8x16_u: extended_multiply(c, X64_PMOVZXBW, X64_PMULLW, true); break;
    case GB_OP_i32x4_extmul_low_i16x8_s: extended_multiply(c, X64_PMOVSXWD, X64_PMULLD, false); break;
    case GB_OP_i32x4_extmul_high_i16x8_s: extended_multiply(c, X64_PMOVSXWD, X64_PMULLD, true); break;
    case GB_OP_i32x4_extmul_low_i16x8_u: extended_multiply(c, X64_PMOVZXWD, X64_PMULLD, false); break;
    case GB_OP_i32x4_extmul_high_i16x8_u: extended_multiply(c, X64_PMOVZXWD, X64_PMULLD, true); break;
    case GB_OP_i64x2_extmul_low_i32x4_s: extended_multiply_q(c, X64_PMULDQ, false); break;
    case GB_OP_i64x2_extmul_high_i32x4_s: extended_multiply_q(c, X64_PMULDQ, true); break;
    case GB_OP_i64x2_extmul_low_i32x4_u: extended_multiply_q(c, X64_PMULUDQ, false); break;
    case GB_OP_i64x2_extmul_high_i32x4_u: extended_multiply_q(c, X64_PMULUDQ, true); break;
    case GB_OP_i16x8_extadd_pairwise_i8x16_s:
    case GB_OP_i16x8_extadd_pairwise_i8x16_u:
    case GB_OP_i32x4_extadd_pairwise_i16x8_s:
    case GB_OP_i32x4_extadd_pairwise_i16x8_u: pairwise(c, which); break;
    case GB_OP_f32x4_abs: float_sign(c, sign32, false); break;
    case GB_OP_f32x4_neg: float_sign(c, sign32, true); break;
    case GB_OP_f64x2_abs: float_sign(c, sign64, false); break;
    case GB_OP_f64x2_neg: float_sign(c, sign64, true); break;
    case GB_OP_f32x4_nearest: round_lanes(c, X64_ROUNDPS, 0); break;
    case GB_OP_f32x4_floor: round_lanes(c, X64_ROUNDPS, 1); break;
    case GB_OP_f32x4_ceil: round_lanes(c, X64_ROUNDPS, 2); break;
    case GB_OP_f32x4_trunc: round_lanes(c, X64_ROUNDPS, 3); break;
    case GB_OP_f64x2_nearest: round_lanes(c, X64_ROUNDPD, 0); break;
    case GB_OP_f64x2_floor: round_lanes(c, X64_ROUNDPD, 1); break;
    case GB_OP_f64x2_ceil: round_lanes(c, X64_ROUNDPD, 2); break;
    case GB_OP_f64x2_trunc: round_lanes(c, X64_ROUNDPD, 3); break;
    case GB_OP_f32x4_min: float_min(c, false); break;
    case GB_OP_f64x2_min: float_min(c, true); break;
    case GB_OP_f32x4_max: float_max(c, false); break;
    case GB_OP_f64x2_max: float_max(c, true); break;
    case GB_OP_f32x4_pmin: pseudo(c, X64_MINPS); break;
    case GB_OP_f64x2_pmin: pseudo(c, X64_MINPD); break;
    case GB_OP_f32x4_pmax: pseudo(c, X64_MAXPS); break;
    case GB_OP_f64x2_pmax: pseudo(c, X64_MAXPD); break;
    case GB_OP_f32x4_convert_i32x4_u: convert_u32(c); break;
    case GB_OP_f64x2_convert_low_i32x4_u: convert_low_u32(c); break;
    case GB_OP_i32x4_trunc_sat_f32x4_s: truncate_s(c); break;
    case GB_OP_i32x4_trunc_sat_f32x4_u: truncate_u(c); break;
    case GB_OP_i32x4_trunc_sat_f64x2_s_zero: truncate_double_s(c); break;
    case GB_OP_i32x4_trunc_sat_f64x2_u_zero: truncate_double_u(c); break;
    default: c->failed = true; break;
    }
}

void x64_simd(x64_compiler *c, uint32_t code) {
    uint32_t which = gb_opcode_map[GB_OPCODE_FD + code];
    if (code <= 0x0B) {
        memory(c, code);
    } else if (code == 0x0C) {
        constant(c);
    } else if (binaries[which]) {
        x64_float_binary(c, X64_V128, binaries[which]);
    } else if (unaries[which]) {
        unary(c, unaries[which]);
    } else if (code >= 0x0F && code <= 0x22) {
        lanes(c, which);
    } else if (code >= 0x23 && code <= 0x4C) {
        compare(c, code);
    } else {
        sequence(c, which);
    }
}
