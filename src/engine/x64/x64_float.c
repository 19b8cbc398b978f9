#include "engine/x64/x64_lower.h"

static bool is_double(x64_type t) { return t == X64_F64; }
static uint32_t pick(x64_type t, uint32_t single, uint32_t dbl) { return is_double(t) ? dbl : single; }
static uint64_t sign_bits(x64_type t) { return is_double(t) ? 1ull << 63 : 0x8000000080000000; }

void x64_op3(x64_compiler *c, uint32_t op, uint8_t dst, uint8_t a, uint8_t b) {
    x64_asm *as = &c->as;
    if (dst == a) {
        x64_rr(as, op, X64_W32, dst, b);
    } else if (c->features & GB_X64_AVX) {
        x64_vrrr(as, op, dst, a, b);
    } else if (dst == b) {
        x64_rr(as, op, X64_W32, dst, a);
    } else {
        x64_rr(as, X64_MOVAPS, X64_W32, dst, a);
        x64_rr(as, op, X64_W32, dst, b);
    }
}

void x64_op3_value(x64_compiler *c, uint32_t op, x64_type t, uint8_t dst, uint8_t a, const x64_value *b) {
    uint8_t reg = x64_where(c, b);
    if (reg != X64_NO_REG) {
        x64_op3(c, op, dst, a, reg);
    } else if (t == X64_V128 || (b->kind == X64_CONST && b->bits == 0)) {
        x64_load_value(c, b, X64_FSCRATCH); /* a slot is not aligned to 16 bytes */
        x64_op3(c, op, dst, a, X64_FSCRATCH);
    } else {
        if (dst != a) x64_rr(&c->as, X64_MOVAPS, X64_W32, dst, a);
        if (b->kind == X64_CONST) {
            x64_r_pool(c, op, X64_W32, dst, b->bits, 0);
        } else {
            x64_rm(&c->as, op, X64_W32, dst, x64_where_memory(c, b));
        }
    }
}

/* Never swapped, although some commute: of two NaNs the first one's payload is kept, in all tiers. */
void x64_float_binary(x64_compiler *c, x64_type t, uint32_t op) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    uint8_t dst = x64_choose(c, t, &a, &b, false);
    uint8_t left = x64_where(c, &a);
    if (left == X64_NO_REG) {
        x64_load_value(c, &a, dst);
        left = dst;
    }
    x64_op3_value(c, op, t, dst, left, &b);
    x64_result(c, t, dst);
}

/* minss alone is neither symmetric in zeros nor in NaNs (spec 4.3.3 fmin). */
void x64_float_minmax(x64_compiler *c, x64_type t, bool is_max) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    x64_asm *as = &c->as;
    uint8_t right = x64_use(c, &b);
    uint8_t dst = x64_choose(c, t, &a, &b, false);
    x64_load_value(c, &a, dst);
    x64_rr(as, pick(t, X64_UCOMISS, X64_UCOMISD), X64_W32, dst, right);
    uint8_t *different = x64_jcc_short(as, X64_NE);
    uint8_t *nan = x64_jcc_short(as, X64_P);
    x64_rr(as, is_max ? X64_ANDPS : X64_ORPS, X64_W32, dst, right); /* equal: only zeros' signs differ */
    uint8_t *done = x64_jmp_short(as);
    x64_land(as, nan);
    x64_rr(as, pick(t, X64_ADDSS, X64_ADDSD), X64_W32, dst, right);
    uint8_t *done_too = x64_jmp_short(as);
    x64_land(as, different);
    x64_rr(as, is_max ? pick(t, X64_MAXSS, X64_MAXSD) : pick(t, X64_MINSS, X64_MINSD), X64_W32, dst, right);
    x64_land(as, done);
    x64_land(as, done_too);
    x64_result(c, t, dst);
}

/* dst = op(src) for instructions that merge into dst's upper part: a fresh start, or a dependency on
 * the old contents would bind iterations of a loop together. */
static void merge_op(x64_compiler *c, uint32_t op, uint8_t dst, const x64_value *a) {
    uint8_t src = x64_use(c, a);
    if (c->features & GB_X64_AVX) {
        x64_vrrr(&c->as, op, dst, src, src);
        return;
    }
    if (dst != src) x64_rr(&c->as, X64_XORPS, X64_W32, dst, dst);
    x64_rr(&c->as, op, X64_W32, dst, src);
}

void x64_float_sqrt(x64_compiler *c, x64_type t) {
    x64_value a = x64_pop(c);
    uint8_t dst = x64_dest(c, t, x64_hint(c), &a);
    merge_op(c, pick(t, X64_SQRTSS, X64_SQRTSD), dst, &a);
    x64_result(c, t, dst);
}

void x64_float_sign(x64_compiler *c, x64_type t, bool negate) {
    x64_value a = x64_pop(c);
    uint8_t dst = x64_dest(c, t, x64_hint(c), &a);
    uint64_t sign = sign_bits(t), mask = negate ? sign : ~sign;
    x64_load_value(c, &a, dst);
    x64_r_pool(c, negate ? X64_XORPS : X64_ANDPS, X64_W32, dst, mask, mask);
    x64_result(c, t, dst);
}

void x64_float_copysign(x64_compiler *c, x64_type t) {
    x64_value b = x64_pop(c), a = x64_pop(c);
    uint64_t sign = sign_bits(t);
    x64_load_value(c, &b, X64_FSCRATCH);
    x64_r_pool(c, X64_ANDPS, X64_W32, X64_FSCRATCH, sign, sign);
    uint8_t dst = x64_dest(c, t, x64_hint(c), &a);
    x64_load_value(c, &a, dst);
    x64_r_pool(c, X64_ANDPS, X64_W32, dst, ~sign, ~sign);
    x64_rr(&c->as, X64_ORPS, X64_W32, dst, X64_FSCRATCH);
    x64_result(c, t, dst);
}

/* mode: 0 nearest, 1 floor, 2 ceil, 3 trunc; 8 keeps the inexact flag down. */
void x64_float_round(x64_compiler *c, x64_type t, unsigned mode) {
    x64_value a = x64_pop(c);
    uint8_t dst = x64_dest(c, t, x64_hint(c), &a);
    uint8_t src = x64_use(c, &a);
    uint32_t op = pick(t, X64_ROUNDSS, X64_ROUNDSD);
    if (c->features & GB_X64_AVX) {
        x64_vrrr(&c->as, op, dst, src, src);
    } else {
        if (dst != src) x64_rr(&c->as, X64_XORPS, X64_W32, dst, dst);
        x64_rr(&c->as, op, X64_W32, dst, src);
    }
    x64_u8(&c->as, mode | 8);
    x64_result(c, t, dst);
}

void x64_float_compare(x64_compiler *c, x64_type t, unsigned code) {
    /* eq ne lt gt le ge. `above` is false for unordered operands; less is greater, mirrored. */
    static const uint8_t conditions[] = {X64_FEQ, X64_FNE, X64_A, X64_A, X64_AE, X64_AE};
    x64_value b = x64_pop(c), a = x64_pop(c);
    if (code == 2 || code == 4) x64_swap(&a, &b);
    unsigned cc = conditions[code];
    x64_fuse fuse = x64_fuse_next(c, &cc);
    uint8_t left = x64_use(c, &a);
    x64_rv(c, pick(t, X64_UCOMISS, X64_UCOMISD), X64_W32, left, &b);
    x64_consume_flags(c, cc, fuse);
}

void x64_float_convert(x64_compiler *c, bool promote) {
    x64_value a = x64_pop(c);
    x64_type t = promote ? X64_F64 : X64_F32;
    uint8_t dst = x64_dest(c, t, x64_hint(c), &a);
    merge_op(c, promote ? X64_CVTSS2SD : X64_CVTSD2SS, dst, &a);
    x64_result(c, t, dst);
}

/* Unsigned 64-bit integers with the top bit set: halve, rounding to odd, convert, double. */
static void from_u64(x64_compiler *c, x64_type to, uint8_t dst, uint8_t src) {
    x64_asm *as = &c->as;
    uint32_t op = pick(to, X64_CVTSI2SS, X64_CVTSI2SD);
    uint8_t half = x64_alloc(c, X64_SET_INT); /* on both ways: it may cost another value its register */
    x64_rr(as, X64_TEST, X64_W64, src, src);
    uint8_t *large = x64_jcc_short(as, X64_S);
    x64_rr(as, op, X64_W64, dst, src);
    uint8_t *done = x64_jmp_short(as);
    x64_land(as, large);
    x64_rr(as, X64_MOV, X64_W64, half, src);
    x64_rr(as, X64_MOV, X64_W32, X64_SCRATCH, src);
    x64_shift_ri(as, X64_G_SHR, X64_W64, half, 1);
    x64_ri(as, X64_G_AND, X64_W32, X64_SCRATCH, 1);
    x64_rr(as, X64_OR, X64_W64, half, X64_SCRATCH);
    x64_rr(as, op, X64_W64, dst, half);
    x64_rr(as, pick(to, X64_ADDSS, X64_ADDSD), X64_W32, dst, dst);
    x64_land(as, done);
}

void x64_float_from_int(x64_compiler *c, x64_type to, x64_type from, bool is_signed) {
    x64_value a = x64_pop(c);
    uint8_t dst = x64_dest(c, to, x64_hint(c), NULL);
    x64_rr(&c->as, X64_XORPS, X64_W32, dst, dst);
    uint32_t op = pick(to, X64_CVTSI2SS, X64_CVTSI2SD);
    if (!is_signed && from == X64_I64) {
        from_u64(c, to, dst, x64_use(c, &a));
    } else if (is_signed) {
        x64_rv(c, op, x64_width_of(from), dst, &a);
    } else { /* the upper half is zero: as a 64-bit integer it is not negative */
        x64_rr(&c->as, op, X64_W64, dst, x64_use(c, &a));
    }
    x64_result(c, to, dst);
}

/* Fast path inline; what cvtt cannot say is decided out of line (x64_float_stub). */
void x64_float_to_int(x64_compiler *c, x64_type to, x64_type from, bool is_signed, bool saturate) {
    x64_value a = x64_pop(c);
    x64_asm *as = &c->as;
    uint8_t src = x64_use(c, &a);
    uint8_t dst = x64_dest(c, to, x64_hint(c), NULL);
    bool wide = to == X64_I64 || !is_signed;
    x64_rr(as, pick(from, X64_CVTTSS2SI, X64_CVTTSD2SI), wide ? X64_W64 : X64_W32, dst, src);
    x64_cc odd = X64_O;
    if (is_signed) {
        x64_ri(as, X64_G_CMP, x64_width_of(to), dst, 1); /* overflows for the least integer only */
    } else if (to == X64_I64) {
        x64_rr(as, X64_TEST, X64_W64, dst, dst);
        odd = X64_S;
    } else {
        x64_rr(as, X64_MOV, X64_W32, X64_SCRATCH, dst);
        x64_rr(as, X64_CMP, X64_W64, X64_SCRATCH, dst);
        odd = X64_NE;
    }
    x64_stub *stub = x64_new_stub(c, X64_STUB_FLOAT_TO_INT);
    stub->reg = dst;
    stub->reg2 = src;
    stub->value = (uint32_t)to | (uint32_t)from << 4 | (uint32_t)is_signed << 8 | (uint32_t)saturate << 9;
    x64_jcc(as, odd, &stub->entry);
    x64_bind(as, &stub->back);
    x64_result(c, to, dst);
}

typedef struct stub_code {
    x64_compiler *c;
    x64_stub *stub; /* a copy */
    x64_type to, from;
    bool saturate;
    x64_label give; /* saturated result is in dst: go back */
} stub_code;

/* The condition holds: the conversion has no result but `bound`. */
static void out_of_range(stub_code *s, x64_cc cc, gb_trap_kind trap, uint64_t bound) {
    x64_asm *as = &s->c->as;
    if (!s->saturate) {
        x64_trap_if(s->c, cc, trap);
        return;
    }
    uint8_t *not = x64_jcc_short(as, (x64_cc)(cc ^ 1));
    x64_mov_ri(as, x64_width_of(s->to), s->stub->reg, bound);
    x64_jmp(as, &s->stub->back);
    x64_land(as, not);
}

static uint64_t float_bits(x64_type t, double value) {
    uint64_t bits = 0;
    if (is_double(t)) {
        memcpy(&bits, &value, 8);
    } else {
        float f = (float)value;
        memcpy(&bits, &f, 4);
    }
    return bits;
}

static void signed_stub(stub_code *s) {
    x64_compiler *c = s->c;
    uint32_t compare = pick(s->from, X64_UCOMISS, X64_UCOMISD);
    bool narrow = s->to == X64_I32;
    uint64_t least = narrow ? 0x80000000 : 1ull << 63, most = least - 1;
    x64_rr(&c->as, X64_XORPS, X64_W32, X64_FSCRATCH, X64_FSCRATCH);
    x64_rr(&c->as, compare, X64_W32, s->stub->reg2, X64_FSCRATCH);
    out_of_range(s, X64_AE, GB_TRAP_INTEGER_OVERFLOW, most); /* positive, and cvtt refused it */
    /* Negative: the least integer is right from just above least - 1 on, which a double can tell from
     * the 32-bit least. */
    bool between = narrow && is_double(s->from);
    double bound = narrow ? (between ? -2147483649.0 : -2147483648.0) : -9223372036854775808.0;
    x64_r_pool(c, compare, X64_W32, s->stub->reg2, float_bits(s->from, bound), 0);
    out_of_range(s, between ? X64_BE : X64_B, GB_TRAP_INTEGER_OVERFLOW, least);
    x64_jmp(&c->as, &s->stub->back);
}

static void unsigned_stub(stub_code *s) {
    x64_compiler *c = s->c;
    x64_asm *as = &c->as;
    uint8_t dst = s->stub->reg, src = s->stub->reg2;
    uint32_t compare = pick(s->from, X64_UCOMISS, X64_UCOMISD);
    uint64_t most = s->to == X64_I32 ? UINT32_MAX : UINT64_MAX;
    x64_rr(as, X64_XORPS, X64_W32, X64_FSCRATCH, X64_FSCRATCH);
    x64_rr(as, compare, X64_W32, src, X64_FSCRATCH);
    out_of_range(s, X64_B, GB_TRAP_INTEGER_OVERFLOW, 0); /* -1 or less: else cvtt had given 0 */
    if (s->to == X64_I32) {
        x64_rr(as, X64_CMP, X64_W32, dst, dst);
        out_of_range(s, X64_E, GB_TRAP_INTEGER_OVERFLOW, most); /* always */
        return;
    }
    /* 2^63 and above: convert the rest, put the bit back. */
    x64_load_value(c, &(x64_value){.kind = X64_REG, .type = (uint8_t)s->from, .reg = src}, X64_FSCRATCH);
    x64_r_pool(c, pick(s->from, X64_SUBSS, X64_SUBSD), X64_W32, X64_FSCRATCH,
               float_bits(s->from, 9223372036854775808.0), 0);
    x64_rr(as, pick(s->from, X64_CVTTSS2SI, X64_CVTTSD2SI), X64_W64, dst, X64_FSCRATCH);
    x64_rr(as, X64_TEST, X64_W64, dst, dst);
    out_of_range(s, X64_S, GB_TRAP_INTEGER_OVERFLOW, most);
    x64_mov_ri(as, X64_W64, X64_SCRATCH, 1ull << 63);
    x64_rr(as, X64_OR, X64_W64, dst, X64_SCRATCH);
    x64_jmp(as, &s->stub->back);
}

void x64_float_stub(x64_compiler *c, x64_stub *stub) {
    stub_code s = {
        .c = c,
        .stub = stub,
        .to = (x64_type)(stub->value & 15),
        .from = (x64_type)(stub->value >> 4 & 15),
        .saturate = stub->value >> 9 & 1,
    };
    uint32_t compare = pick(s.from, X64_UCOMISS, X64_UCOMISD);
    x64_rr(&c->as, compare, X64_W32, stub->reg2, stub->reg2);
    out_of_range(&s, X64_P, GB_TRAP_INVALID_CONVERSION, 0);
    if (stub->value >> 8 & 1) {
        signed_stub(&s);
    } else {
        unsigned_stub(&s);
    }
}

void x64_reinterpret(x64_compiler *c, x64_type to) {
    x64_value a = x64_pop(c);
    if (a.kind == X64_CONST) {
        x64_push_const(c, to, a.bits);
        return;
    }
    uint8_t dst = x64_dest(c, to, x64_hint(c), NULL);
    uint8_t src = x64_where(c, &a);
    x64_width w = to == X64_I64 || to == X64_F64 ? X64_W64 : X64_W32;
    if (src == X64_NO_REG) {
        x64_load_slot(c, to, dst, x64_where_memory(c, &a));
    } else if (x64_is_int(to)) {
        x64_rr(&c->as, X64_MOVD_STORE, w, src, dst);
    } else {
        x64_rr(&c->as, X64_MOVD, w, dst, src);
    }
    x64_result(c, to, dst);
}
