/* semantics.h: what each scalar instruction computes: gb_sem_ID for GB_OP_ID (spec 4.3). Operands and results
 * have the C types of the opcode table's letters: i uint32_t, I uint64_t, f float, F double; a comparison gives 0 or 1.
 * Those that may trap (shapes DIVIDE and TRUNC) return a gb_trap_kind and write the result.
 *
 * Floats: the host's IEEE 754 arithmetic in round-to-nearest mode; x86 must use SSE2. NaNs that come out are quiet, as
 * the specification asks, because the host's are. */
#ifndef GB_ENGINE_SEMANTICS_H
#define GB_ENGINE_SEMANTICS_H

#include <math.h>
#include <stdint.h>

#include "engine/bytes.h"
#include "engine/engine.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SEM static inline __attribute__((always_inline))

/* ---- integers --------------------------------------------------------------------------------- */

#define INTEGERS(p, u, s, bits)                                                                    \
    SEM uint32_t gb_sem_##p##_eqz(u a) { return a == 0; }                                          \
    SEM uint32_t gb_sem_##p##_eq(u a, u b) { return a == b; }                                      \
    SEM uint32_t gb_sem_##p##_ne(u a, u b) { return a != b; }                                      \
    SEM uint32_t gb_sem_##p##_lt_s(u a, u b) { return (s)a < (s)b; }                               \
    SEM uint32_t gb_sem_##p##_lt_u(u a, u b) { return a < b; }                                     \
    SEM uint32_t gb_sem_##p##_gt_s(u a, u b) { return (s)a > (s)b; }                               \
    SEM uint32_t gb_sem_##p##_gt_u(u a, u b) { return a > b; }                                     \
    SEM uint32_t gb_sem_##p##_le_s(u a, u b) { return (s)a <= (s)b; }                              \
    SEM uint32_t gb_sem_##p##_le_u(u a, u b) { return a <= b; }                                    \
    SEM uint32_t gb_sem_##p##_ge_s(u a, u b) { return (s)a >= (s)b; }                              \
    SEM uint32_t gb_sem_##p##_ge_u(u a, u b) { return a >= b; }                                    \
    SEM u gb_sem_##p##_add(u a, u b) { return a + b; }                                             \
    SEM u gb_sem_##p##_sub(u a, u b) { return a - b; }                                             \
    SEM u gb_sem_##p##_mul(u a, u b) { return a * b; }                                             \
    SEM u gb_sem_##p##_and(u a, u b) { return a & b; }                                             \
    SEM u gb_sem_##p##_or(u a, u b) { return a | b; }                                              \
    SEM u gb_sem_##p##_xor(u a, u b) { return a ^ b; }                                             \
    SEM u gb_sem_##p##_shl(u a, u b) { return a << (b & (bits - 1)); }                             \
    SEM u gb_sem_##p##_shr_s(u a, u b) { return (u)((s)a >> (b & (bits - 1))); }                   \
    SEM u gb_sem_##p##_shr_u(u a, u b) { return a >> (b & (bits - 1)); }                           \
    SEM u gb_sem_##p##_rotl(u a, u b) {                                                            \
        return a << (b & (bits - 1)) | a >> ((0 - b) & (bits - 1));                                \
    }                                                                                              \
    SEM u gb_sem_##p##_rotr(u a, u b) {                                                            \
        return a >> (b & (bits - 1)) | a << ((0 - b) & (bits - 1));                                \
    }                                                                                              \
    SEM gb_trap_kind gb_sem_##p##_div_s(u a, u b, u *r) {                                          \
        if (b == 0) return GB_TRAP_INTEGER_DIVIDE_BY_ZERO;                                         \
        if (b == (u)-1 && a == (u)1 << (bits - 1)) return GB_TRAP_INTEGER_OVERFLOW;                \
        *r = (u)((s)a / (s)b);                                                                     \
        return GB_TRAP_NONE;                                                                       \
    }                                                                                              \
    SEM gb_trap_kind gb_sem_##p##_div_u(u a, u b, u *r) {                                          \
        if (b == 0) return GB_TRAP_INTEGER_DIVIDE_BY_ZERO;                                         \
        *r = a / b;                                                                                \
        return GB_TRAP_NONE;                                                                       \
    }                                                                                              \
    SEM gb_trap_kind gb_sem_##p##_rem_s(u a, u b, u *r) {                                          \
        if (b == 0) return GB_TRAP_INTEGER_DIVIDE_BY_ZERO;                                         \
        *r = b == (u)-1 ? 0 : (u)((s)a % (s)b);                                                    \
        return GB_TRAP_NONE;                                                                       \
    }                                                                                              \
    SEM gb_trap_kind gb_sem_##p##_rem_u(u a, u b, u *r) {                                          \
        if (b == 0) return GB_TRAP_INTEGER_DIVIDE_BY_ZERO;                                         \
        *r = a % b;                                                                                \
        return GB_TRAP_NONE;                                                                       \
    }
INTEGERS(i32, uint32_t, int32_t, 32)
INTEGERS(i64, uint64_t, int64_t, 64)
#undef INTEGERS

SEM uint32_t gb_sem_i32_clz(uint32_t a) { return a ? (uint32_t)__builtin_clz(a) : 32; }
SEM uint32_t gb_sem_i32_ctz(uint32_t a) { return a ? (uint32_t)__builtin_ctz(a) : 32; }
SEM uint64_t gb_sem_i64_clz(uint64_t a) { return a ? (uint64_t)__builtin_clzll(a) : 64; }
SEM uint64_t gb_sem_i64_ctz(uint64_t a) { return a ? (uint64_t)__builtin_ctzll(a) : 64; }
SEM uint64_t gb_sem_i64_popcnt(uint64_t a) {
    a -= a >> 1 & UINT64_C(0x5555555555555555);
    a = (a & UINT64_C(0x3333333333333333)) + (a >> 2 & UINT64_C(0x3333333333333333));
    a = (a + (a >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return a * UINT64_C(0x0101010101010101) >> 56;
}
SEM uint32_t gb_sem_i32_popcnt(uint32_t a) { return (uint32_t)gb_sem_i64_popcnt(a); }

SEM uint32_t gb_sem_i32_extend8_s(uint32_t a) { return (uint32_t)(int8_t)a; }
SEM uint32_t gb_sem_i32_extend16_s(uint32_t a) { return (uint32_t)(int16_t)a; }
SEM uint64_t gb_sem_i64_extend8_s(uint64_t a) { return (uint64_t)(int8_t)a; }
SEM uint64_t gb_sem_i64_extend16_s(uint64_t a) { return (uint64_t)(int16_t)a; }
SEM uint64_t gb_sem_i64_extend32_s(uint64_t a) { return (uint64_t)(int32_t)a; }
SEM uint32_t gb_sem_i32_wrap_i64(uint64_t a) { return (uint32_t)a; }
SEM uint64_t gb_sem_i64_extend_i32_s(uint32_t a) { return (uint64_t)(int32_t)a; }
SEM uint64_t gb_sem_i64_extend_i32_u(uint32_t a) { return a; }

/* ---- floats ----------------------------------------------------------------------------------- */

SEM float gb_sqrt_f32(float a) {
#ifdef __SSE2__
    return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(a)));
#else
    return sqrtf(a);
#endif
}
SEM double gb_sqrt_f64(double a) {
#ifdef __SSE2__
    return _mm_cvtsd_f64(_mm_sqrt_pd(_mm_set1_pd(a)));
#else
    return sqrt(a);
#endif
}

/* Rounding without libm: a magnitude below 2^(mantissa bits) is rounded by adding and taking away that
 * power, which the hardware does to nearest even; the rest is integral already. NaN + 0 is quiet. */
#define ROUNDING(p, t, limit, fabs_, copysign_)                                                    \
    SEM t gb_sem_##p##_nearest(t a) {                                                              \
        t m = fabs_(a);                                                                            \
        if (!(m < limit)) return a + 0;                                                            \
        volatile t sum = m + limit; /* not to be simplified away */                                \
        return copysign_(sum - limit, a);                                                          \
    }                                                                                              \
    SEM t gb_sem_##p##_floor(t a) {                                                                \
        t n = gb_sem_##p##_nearest(a);                                                             \
        return n > a ? copysign_(n - 1, a) : n;                                                    \
    }                                                                                              \
    SEM t gb_sem_##p##_ceil(t a) {                                                                 \
        t n = gb_sem_##p##_nearest(a);                                                             \
        return n < a ? copysign_(n + 1, a) : n;                                                    \
    }                                                                                              \
    SEM t gb_sem_##p##_trunc(t a) {                                                                \
        t n = gb_sem_##p##_nearest(fabs_(a));                                                      \
        if (n > fabs_(a)) n -= 1;                                                                  \
        return n != n ? a + 0 : copysign_(n, a);                                                   \
    }
ROUNDING(f32, float, 8388608.0f, __builtin_fabsf, __builtin_copysignf)
ROUNDING(f64, double, 4503599627370496.0, __builtin_fabs, __builtin_copysign)
#undef ROUNDING

#define FLOATS(p, t, u, sign, from, bits)                                                          \
    SEM uint32_t gb_sem_##p##_eq(t a, t b) { return a == b; }                                      \
    SEM uint32_t gb_sem_##p##_ne(t a, t b) { return a != b; }                                      \
    SEM uint32_t gb_sem_##p##_lt(t a, t b) { return a < b; }                                       \
    SEM uint32_t gb_sem_##p##_gt(t a, t b) { return a > b; }                                       \
    SEM uint32_t gb_sem_##p##_le(t a, t b) { return a <= b; }                                      \
    SEM uint32_t gb_sem_##p##_ge(t a, t b) { return a >= b; }                                      \
    SEM t gb_sem_##p##_abs(t a) { return from(bits(a) & ~(sign)); }                                \
    SEM t gb_sem_##p##_neg(t a) { return from(bits(a) ^ (sign)); }                                 \
    SEM t gb_sem_##p##_sqrt(t a) { return gb_sqrt_##p(a); }                                        \
    SEM t gb_sem_##p##_add(t a, t b) { return a + b; }                                             \
    SEM t gb_sem_##p##_sub(t a, t b) { return a - b; }                                             \
    SEM t gb_sem_##p##_mul(t a, t b) { return a * b; }                                             \
    SEM t gb_sem_##p##_div(t a, t b) { return a / b; }                                             \
    SEM t gb_sem_##p##_min(t a, t b) {                                                             \
        if (a < b) return a;                                                                       \
        if (b < a) return b;                                                                       \
        return a == b ? from(bits(a) | bits(b)) : a + b; /* zeros differ in sign; or a NaN */      \
    }                                                                                              \
    SEM t gb_sem_##p##_max(t a, t b) {                                                             \
        if (a > b) return a;                                                                       \
        if (b > a) return b;                                                                       \
        return a == b ? from(bits(a) & bits(b)) : a + b;                                           \
    }                                                                                              \
    SEM t gb_sem_##p##_copysign(t a, t b) {                                                        \
        return from((bits(a) & ~(sign)) | (bits(b) & (sign)));                                     \
    }
FLOATS(f32, float, uint32_t, UINT32_C(0x80000000), gb_f32_from, gb_f32_bits)
FLOATS(f64, double, uint64_t, UINT64_C(0x8000000000000000), gb_f64_from, gb_f64_bits)
#undef FLOATS

/* ---- conversions ------------------------------------------------------------------------------- */

/* low and high are exact in the source type: the value must lie strictly between them, low included when
 * `from_low` says >=. */
#define TRUNCATE(name, t, u, s, above_low, high, min, max)                                         \
    SEM gb_trap_kind gb_sem_##name(t a, u *r) {                                                    \
        if (a != a) return GB_TRAP_INVALID_CONVERSION;                                             \
        if (!(above_low) || !(a < (high))) return GB_TRAP_INTEGER_OVERFLOW;                        \
        *r = (u)(s)a;                                                                              \
        return GB_TRAP_NONE;                                                                       \
    }
#define SATURATE(name, t, u, s, above_low, high, min, max)                                         \
    SEM u gb_sem_##name(t a) {                                                                     \
        if (a != a) return 0;                                                                      \
        if (!(above_low)) return (u)(min);                                                         \
        return a < (high) ? (u)(s)a : (u)(max);                                                    \
    }
#define BOTH(i, f, sign, t, u, s, above_low, high, min, max)                                       \
    TRUNCATE(i##_trunc_##f##_##sign, t, u, s, above_low, high, min, max)                           \
    SATURATE(i##_trunc_sat_##f##_##sign, t, u, s, above_low, high, min, max)
BOTH(i32, f32, s, float, uint32_t, int32_t, a >= -2147483648.0f, 2147483648.0f, INT32_MIN, INT32_MAX)
BOTH(i32, f32, u, float, uint32_t, uint32_t, a > -1.0f, 4294967296.0f, 0, UINT32_MAX)
BOTH(i32, f64, s, double, uint32_t, int32_t, a > -2147483649.0, 2147483648.0, INT32_MIN, INT32_MAX)
BOTH(i32, f64, u, double, uint32_t, uint32_t, a > -1.0, 4294967296.0, 0, UINT32_MAX)
BOTH(i64, f32, s, float, uint64_t, int64_t, a >= -9223372036854775808.0f, 9223372036854775808.0f,
     INT64_MIN, INT64_MAX)
BOTH(i64, f32, u, float, uint64_t, uint64_t, a > -1.0f, 18446744073709551616.0f, 0, UINT64_MAX)
BOTH(i64, f64, s, double, uint64_t, int64_t, a >= -9223372036854775808.0, 9223372036854775808.0,
     INT64_MIN, INT64_MAX)
BOTH(i64, f64, u, double, uint64_t, uint64_t, a > -1.0, 18446744073709551616.0, 0, UINT64_MAX)
#undef TRUNCATE
#undef SATURATE
#undef BOTH

SEM float gb_sem_f32_convert_i32_s(uint32_t a) { return (float)(int32_t)a; }
SEM float gb_sem_f32_convert_i32_u(uint32_t a) { return (float)a; }
SEM float gb_sem_f32_convert_i64_s(uint64_t a) { return (float)(int64_t)a; }
SEM float gb_sem_f32_convert_i64_u(uint64_t a) { return (float)a; }
SEM float gb_sem_f32_demote_f64(double a) { return (float)a; }
SEM double gb_sem_f64_convert_i32_s(uint32_t a) { return (double)(int32_t)a; }
SEM double gb_sem_f64_convert_i32_u(uint32_t a) { return (double)a; }
SEM double gb_sem_f64_convert_i64_s(uint64_t a) { return (double)(int64_t)a; }
SEM double gb_sem_f64_convert_i64_u(uint64_t a) { return (double)a; }
SEM double gb_sem_f64_promote_f32(float a) { return (double)a; }
SEM uint32_t gb_sem_i32_reinterpret_f32(float a) { return gb_f32_bits(a); }
SEM uint64_t gb_sem_i64_reinterpret_f64(double a) { return gb_f64_bits(a); }
SEM float gb_sem_f32_reinterpret_i32(uint32_t a) { return gb_f32_from(a); }
SEM double gb_sem_f64_reinterpret_i64(uint64_t a) { return gb_f64_from(a); }

/* ---- memory: from and to an address that has been checked ---------------------------------------- */

SEM uint32_t gb_sem_i32_load(const uint8_t *p) { return gb_get32(p); }
SEM uint64_t gb_sem_i64_load(const uint8_t *p) { return gb_get64(p); }
SEM float gb_sem_f32_load(const uint8_t *p) { return gb_f32_from(gb_get32(p)); }
SEM double gb_sem_f64_load(const uint8_t *p) { return gb_f64_from(gb_get64(p)); }
SEM uint32_t gb_sem_i32_load8_s(const uint8_t *p) { return (uint32_t)(int8_t)*p; }
SEM uint32_t gb_sem_i32_load8_u(const uint8_t *p) { return *p; }
SEM uint32_t gb_sem_i32_load16_s(const uint8_t *p) { return (uint32_t)(int16_t)gb_get16(p); }
SEM uint32_t gb_sem_i32_load16_u(const uint8_t *p) { return gb_get16(p); }
SEM uint64_t gb_sem_i64_load8_s(const uint8_t *p) { return (uint64_t)(int8_t)*p; }
SEM uint64_t gb_sem_i64_load8_u(const uint8_t *p) { return *p; }
SEM uint64_t gb_sem_i64_load16_s(const uint8_t *p) { return (uint64_t)(int16_t)gb_get16(p); }
SEM uint64_t gb_sem_i64_load16_u(const uint8_t *p) { return gb_get16(p); }
SEM uint64_t gb_sem_i64_load32_s(const uint8_t *p) { return (uint64_t)(int32_t)gb_get32(p); }
SEM uint64_t gb_sem_i64_load32_u(const uint8_t *p) { return gb_get32(p); }
SEM void gb_sem_i32_store(uint8_t *p, uint32_t v) { gb_put32(p, v); }
SEM void gb_sem_i64_store(uint8_t *p, uint64_t v) { gb_put64(p, v); }
SEM void gb_sem_f32_store(uint8_t *p, float v) { gb_put32(p, gb_f32_bits(v)); }
SEM void gb_sem_f64_store(uint8_t *p, double v) { gb_put64(p, gb_f64_bits(v)); }
SEM void gb_sem_i32_store8(uint8_t *p, uint32_t v) { *p = (uint8_t)v; }
SEM void gb_sem_i32_store16(uint8_t *p, uint32_t v) { gb_put16(p, (uint16_t)v); }
SEM void gb_sem_i64_store8(uint8_t *p, uint64_t v) { *p = (uint8_t)v; }
SEM void gb_sem_i64_store16(uint8_t *p, uint64_t v) { gb_put16(p, (uint16_t)v); }
SEM void gb_sem_i64_store32(uint8_t *p, uint64_t v) { gb_put32(p, (uint32_t)v); }

#endif
