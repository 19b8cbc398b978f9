/* simd.h: what each vector instruction computes: gb_sem_ID for GB_OP_ID (spec 4.3.4). A v128 is its 16 bytes in
 * memory order, so lanes are little-endian on every host; compilers turn the lane loops into vector code. */
#ifndef GB_ENGINE_SIMD_H
#define GB_ENGINE_SIMD_H

#include "engine/semantics.h"

typedef struct gb_v128 {
    uint8_t bytes[16];
} gb_v128;

SEM uint8_t lane_u8(const gb_v128 *v, int i) { return v->bytes[i]; }
SEM uint16_t lane_u16(const gb_v128 *v, int i) { return gb_get16(v->bytes + 2 * i); }
SEM uint32_t lane_u32(const gb_v128 *v, int i) { return gb_get32(v->bytes + 4 * i); }
SEM uint64_t lane_u64(const gb_v128 *v, int i) { return gb_get64(v->bytes + 8 * i); }
SEM int8_t lane_s8(const gb_v128 *v, int i) { return (int8_t)v->bytes[i]; }
SEM int16_t lane_s16(const gb_v128 *v, int i) { return (int16_t)lane_u16(v, i); }
SEM int32_t lane_s32(const gb_v128 *v, int i) { return (int32_t)lane_u32(v, i); }
SEM int64_t lane_s64(const gb_v128 *v, int i) { return (int64_t)lane_u64(v, i); }
SEM float lane_f32(const gb_v128 *v, int i) { return gb_f32_from(lane_u32(v, i)); }
SEM double lane_f64(const gb_v128 *v, int i) { return gb_f64_from(lane_u64(v, i)); }
SEM void set_u8(gb_v128 *v, int i, uint8_t x) { v->bytes[i] = x; }
SEM void set_u16(gb_v128 *v, int i, uint16_t x) { gb_put16(v->bytes + 2 * i, x); }
SEM void set_u32(gb_v128 *v, int i, uint32_t x) { gb_put32(v->bytes + 4 * i, x); }
SEM void set_u64(gb_v128 *v, int i, uint64_t x) { gb_put64(v->bytes + 8 * i, x); }
SEM void set_f32(gb_v128 *v, int i, float x) { set_u32(v, i, gb_f32_bits(x)); }
SEM void set_f64(gb_v128 *v, int i, double x) { set_u64(v, i, gb_f64_bits(x)); }

/* One result lane from the same lane(s) x (and y) of kind `from`. */
#define LANES1(id, n, from, to, cast, expr)                                                        \
    SEM gb_v128 gb_sem_##id(gb_v128 a) {                                                           \
        gb_v128 r = {{0}};                                                                         \
        for (int i = 0; i < (n); i++) {                                                            \
            __typeof__(lane_##from(&a, i)) x = lane_##from(&a, i);                                 \
            set_##to(&r, i, (cast)(expr));                                                         \
        }                                                                                          \
        return r;                                                                                  \
    }
#define LANES2(id, n, from, to, cast, expr)                                                        \
    SEM gb_v128 gb_sem_##id(gb_v128 a, gb_v128 b) {                                                \
        gb_v128 r;                                                                                 \
        for (int i = 0; i < (n); i++) {                                                            \
            __typeof__(lane_##from(&a, i)) x = lane_##from(&a, i), y = lane_##from(&b, i);         \
            set_##to(&r, i, (cast)(expr));                                                         \
        }                                                                                          \
        return r;                                                                                  \
    }

SEM int32_t clamp(int32_t v, int32_t low, int32_t high) { return v < low ? low : v > high ? high : v; }

/* ---- memory ------------------------------------------------------------------------------------ */

SEM gb_v128 gb_sem_v128_load(const uint8_t *p) {
    gb_v128 r;
    memcpy(r.bytes, p, 16);
    return r;
}
SEM void gb_sem_v128_store(uint8_t *p, gb_v128 v) { memcpy(p, v.bytes, 16); }
#define LOAD_WIDER(id, n, from, to, cast)                                                          \
    SEM gb_v128 gb_sem_##id(const uint8_t *p) {                                                    \
        gb_v128 r, a = {{0}};                                                                      \
        memcpy(a.bytes, p, 8);                                                                     \
        for (int i = 0; i < (n); i++) set_##to(&r, i, (cast)lane_##from(&a, i));                   \
        return r;                                                                                  \
    }
LOAD_WIDER(v128_load8x8_s, 8, s8, u16, uint16_t)
LOAD_WIDER(v128_load8x8_u, 8, u8, u16, uint16_t)
LOAD_WIDER(v128_load16x4_s, 4, s16, u32, uint32_t)
LOAD_WIDER(v128_load16x4_u, 4, u16, u32, uint32_t)
LOAD_WIDER(v128_load32x2_s, 2, s32, u64, uint64_t)
LOAD_WIDER(v128_load32x2_u, 2, u32, u64, uint64_t)
#undef LOAD_WIDER

#define SPLAT(id, t, n, width)                                                                     \
    SEM gb_v128 gb_sem_##id(t v) {                                                                 \
        gb_v128 r;                                                                                 \
        for (int i = 0; i < (n); i++) set_u##width(&r, i, (uint##width##_t)v);                     \
        return r;                                                                                  \
    }
SPLAT(i8x16_splat, uint32_t, 16, 8)
SPLAT(i16x8_splat, uint32_t, 8, 16)
SPLAT(i32x4_splat, uint32_t, 4, 32)
SPLAT(i64x2_splat, uint64_t, 2, 64)
#undef SPLAT
SEM gb_v128 gb_sem_f32x4_splat(float v) { return gb_sem_i32x4_splat(gb_f32_bits(v)); }
SEM gb_v128 gb_sem_f64x2_splat(double v) { return gb_sem_i64x2_splat(gb_f64_bits(v)); }
SEM gb_v128 gb_sem_v128_load8_splat(const uint8_t *p) { return gb_sem_i8x16_splat(*p); }
SEM gb_v128 gb_sem_v128_load16_splat(const uint8_t *p) { return gb_sem_i16x8_splat(gb_get16(p)); }
SEM gb_v128 gb_sem_v128_load32_splat(const uint8_t *p) { return gb_sem_i32x4_splat(gb_get32(p)); }
SEM gb_v128 gb_sem_v128_load64_splat(const uint8_t *p) { return gb_sem_i64x2_splat(gb_get64(p)); }
SEM gb_v128 gb_sem_v128_load32_zero(const uint8_t *p) {
    gb_v128 r = {{0}};
    memcpy(r.bytes, p, 4);
    return r;
}
SEM gb_v128 gb_sem_v128_load64_zero(const uint8_t *p) {
    gb_v128 r = {{0}};
    memcpy(r.bytes, p, 8);
    return r;
}
#define LANE_ACCESS(width)                                                                         \
    SEM gb_v128 gb_sem_v128_load##width##_lane(const uint8_t *p, gb_v128 v, int lane) {            \
        set_u##width(&v, lane, gb_get##width(p));                                                  \
        return v;                                                                                  \
    }                                                                                              \
    SEM void gb_sem_v128_store##width##_lane(uint8_t *p, gb_v128 v, int lane) {                    \
        gb_put##width(p, lane_u##width(&v, lane));                                                 \
    }
LANE_ACCESS(8)
LANE_ACCESS(16)
LANE_ACCESS(32)
LANE_ACCESS(64)
#undef LANE_ACCESS

/* ---- lanes -------------------------------------------------------------------------------------- */

SEM gb_v128 gb_sem_i8x16_shuffle(gb_v128 a, gb_v128 b, const uint8_t *lanes) {
    gb_v128 r;
    for (int i = 0; i < 16; i++)
        r.bytes[i] = lanes[i] < 16 ? a.bytes[lanes[i] & 15] : b.bytes[lanes[i] & 15];
    return r;
}
SEM gb_v128 gb_sem_i8x16_swizzle(gb_v128 a, gb_v128 b) {
    gb_v128 r;
    for (int i = 0; i < 16; i++) r.bytes[i] = b.bytes[i] < 16 ? a.bytes[b.bytes[i] & 15] : 0;
    return r;
}
SEM uint32_t gb_sem_i8x16_extract_lane_s(gb_v128 a, int i) { return (uint32_t)lane_s8(&a, i); }
SEM uint32_t gb_sem_i8x16_extract_lane_u(gb_v128 a, int i) { return lane_u8(&a, i); }
SEM uint32_t gb_sem_i16x8_extract_lane_s(gb_v128 a, int i) { return (uint32_t)lane_s16(&a, i); }
SEM uint32_t gb_sem_i16x8_extract_lane_u(gb_v128 a, int i) { return lane_u16(&a, i); }
SEM uint32_t gb_sem_i32x4_extract_lane(gb_v128 a, int i) { return lane_u32(&a, i); }
SEM uint64_t gb_sem_i64x2_extract_lane(gb_v128 a, int i) { return lane_u64(&a, i); }
SEM float gb_sem_f32x4_extract_lane(gb_v128 a, int i) { return lane_f32(&a, i); }
SEM double gb_sem_f64x2_extract_lane(gb_v128 a, int i) { return lane_f64(&a, i); }
#define REPLACE(id, t, to, cast)                                                                   \
    SEM gb_v128 gb_sem_##id##_replace_lane(gb_v128 a, t v, int i) {                                \
        set_##to(&a, i, (cast)v);                                                                  \
        return a;                                                                                  \
    }
REPLACE(i8x16, uint32_t, u8, uint8_t)
REPLACE(i16x8, uint32_t, u16, uint16_t)
REPLACE(i32x4, uint32_t, u32, uint32_t)
REPLACE(i64x2, uint64_t, u64, uint64_t)
REPLACE(f32x4, float, f32, float)
REPLACE(f64x2, double, f64, double)
#undef REPLACE

/* ---- bits --------------------------------------------------------------------------------------- */

LANES1(v128_not, 2, u64, u64, uint64_t, ~x)
LANES2(v128_and, 2, u64, u64, uint64_t, x &y)
LANES2(v128_andnot, 2, u64, u64, uint64_t, x & ~y)
LANES2(v128_or, 2, u64, u64, uint64_t, x | y)
LANES2(v128_xor, 2, u64, u64, uint64_t, x ^ y)
SEM gb_v128 gb_sem_v128_bitselect(gb_v128 a, gb_v128 b, gb_v128 c) {
    gb_v128 r;
    for (int i = 0; i < 16; i++)
        r.bytes[i] = (uint8_t)((a.bytes[i] & c.bytes[i]) | (b.bytes[i] & ~c.bytes[i]));
    return r;
}
SEM uint32_t gb_sem_v128_any_true(gb_v128 a) { return (lane_u64(&a, 0) | lane_u64(&a, 1)) != 0; }
#define TESTS(id, n, width)                                                                        \
    SEM uint32_t gb_sem_##id##_all_true(gb_v128 a) {                                               \
        uint32_t all = 1;                                                                          \
        for (int i = 0; i < (n); i++) all &= lane_u##width(&a, i) != 0;                            \
        return all;                                                                                \
    }                                                                                              \
    SEM uint32_t gb_sem_##id##_bitmask(gb_v128 a) {                                                \
        uint32_t mask = 0;                                                                         \
        for (int i = 0; i < (n); i++) mask |= (uint32_t)(lane_s##width(&a, i) < 0) << i;           \
        return mask;                                                                               \
    }
TESTS(i8x16, 16, 8)
TESTS(i16x8, 8, 16)
TESTS(i32x4, 4, 32)
TESTS(i64x2, 2, 64)
#undef TESTS

/* ---- integer lanes -------------------------------------------------------------------------------- */

#define COMPARE_SIGNED(id, n, w)                                                                   \
    LANES2(id##_eq, n, u##w, u##w, uint##w##_t, x == y ? -1 : 0)                                   \
    LANES2(id##_ne, n, u##w, u##w, uint##w##_t, x != y ? -1 : 0)                                   \
    LANES2(id##_lt_s, n, s##w, u##w, uint##w##_t, x < y ? -1 : 0)                                  \
    LANES2(id##_gt_s, n, s##w, u##w, uint##w##_t, x > y ? -1 : 0)                                  \
    LANES2(id##_le_s, n, s##w, u##w, uint##w##_t, x <= y ? -1 : 0)                                 \
    LANES2(id##_ge_s, n, s##w, u##w, uint##w##_t, x >= y ? -1 : 0)
#define COMPARE_UNSIGNED(id, n, w)                                                                 \
    LANES2(id##_lt_u, n, u##w, u##w, uint##w##_t, x < y ? -1 : 0)                                  \
    LANES2(id##_gt_u, n, u##w, u##w, uint##w##_t, x > y ? -1 : 0)                                  \
    LANES2(id##_le_u, n, u##w, u##w, uint##w##_t, x <= y ? -1 : 0)                                 \
    LANES2(id##_ge_u, n, u##w, u##w, uint##w##_t, x >= y ? -1 : 0)
/* Unsigned 64-bit arithmetic throughout, so that nothing overflows on the way; then cut to the lane. */
#define ARITHMETIC(id, n, w)                                                                       \
    LANES1(id##_abs, n, s##w, u##w, uint##w##_t, x < 0 ? 0 - (uint64_t)x : (uint64_t)x)            \
    LANES1(id##_neg, n, u##w, u##w, uint##w##_t, 0 - (uint64_t)x)                                  \
    LANES2(id##_add, n, u##w, u##w, uint##w##_t, (uint64_t)x + y)                                  \
    LANES2(id##_sub, n, u##w, u##w, uint##w##_t, (uint64_t)x - y)
#define MULTIPLY(id, n, w) LANES2(id##_mul, n, u##w, u##w, uint##w##_t, (uint64_t)x *y)
#define MIN_MAX(id, n, w)                                                                          \
    LANES2(id##_min_s, n, s##w, u##w, uint##w##_t, x < y ? x : y)                                  \
    LANES2(id##_min_u, n, u##w, u##w, uint##w##_t, x < y ? x : y)                                  \
    LANES2(id##_max_s, n, s##w, u##w, uint##w##_t, x > y ? x : y)                                  \
    LANES2(id##_max_u, n, u##w, u##w, uint##w##_t, x > y ? x : y)
#define SATURATING(id, n, w, low, high, top)                                                       \
    LANES2(id##_add_sat_s, n, s##w, u##w, uint##w##_t, clamp((int32_t)x + y, low, high))           \
    LANES2(id##_add_sat_u, n, u##w, u##w, uint##w##_t, clamp((int32_t)x + y, 0, top))              \
    LANES2(id##_sub_sat_s, n, s##w, u##w, uint##w##_t, clamp((int32_t)x - y, low, high))           \
    LANES2(id##_sub_sat_u, n, u##w, u##w, uint##w##_t, clamp((int32_t)x - y, 0, top))              \
    LANES2(id##_avgr_u, n, u##w, u##w, uint##w##_t, ((uint32_t)x + y + 1) / 2)
#define SHIFT(id, name, n, from, w, op)                                                            \
    SEM gb_v128 gb_sem_##id##_##name(gb_v128 a, uint32_t count) {                                  \
        gb_v128 r;                                                                                 \
        for (int i = 0; i < (n); i++)                                                              \
            set_u##w(&r, i, (uint##w##_t)(lane_##from##w(&a, i) op(count &(w - 1))));              \
        return r;                                                                                  \
    }
#define SHIFTS(id, n, w) SHIFT(id, shl, n, u, w, <<) SHIFT(id, shr_s, n, s, w, >>) SHIFT(id, shr_u, n, u, w, >>)

COMPARE_SIGNED(i8x16, 16, 8) COMPARE_UNSIGNED(i8x16, 16, 8)
COMPARE_SIGNED(i16x8, 8, 16) COMPARE_UNSIGNED(i16x8, 8, 16)
COMPARE_SIGNED(i32x4, 4, 32) COMPARE_UNSIGNED(i32x4, 4, 32)
COMPARE_SIGNED(i64x2, 2, 64)
ARITHMETIC(i8x16, 16, 8) ARITHMETIC(i16x8, 8, 16) ARITHMETIC(i32x4, 4, 32) ARITHMETIC(i64x2, 2, 64)
MULTIPLY(i16x8, 8, 16) MULTIPLY(i32x4, 4, 32) MULTIPLY(i64x2, 2, 64)
MIN_MAX(i8x16, 16, 8) MIN_MAX(i16x8, 8, 16) MIN_MAX(i32x4, 4, 32)
SATURATING(i8x16, 16, 8, INT8_MIN, INT8_MAX, UINT8_MAX)
SATURATING(i16x8, 8, 16, INT16_MIN, INT16_MAX, UINT16_MAX)
SHIFTS(i8x16, 16, 8) SHIFTS(i16x8, 8, 16) SHIFTS(i32x4, 4, 32) SHIFTS(i64x2, 2, 64)
LANES1(i8x16_popcnt, 16, u8, u8, uint8_t, gb_sem_i32_popcnt(x))
LANES2(i16x8_q15mulr_sat_s, 8, s16, u16, uint16_t, clamp(((int32_t)x * y + 0x4000) >> 15, INT16_MIN, INT16_MAX))
#undef COMPARE_SIGNED
#undef COMPARE_UNSIGNED
#undef ARITHMETIC
#undef MULTIPLY
#undef MIN_MAX
#undef SATURATING
#undef SHIFT
#undef SHIFTS

/* Lanes of twice the width from one half, or from neighbours. */
#define WIDEN(id, narrow, n, nw, w)                                                                \
    WIDEN1(id##_extend_low_##narrow##_s, n, s##nw, w, i)                                           \
    WIDEN1(id##_extend_high_##narrow##_s, n, s##nw, w, i + (n))                                    \
    WIDEN1(id##_extend_low_##narrow##_u, n, u##nw, w, i)                                           \
    WIDEN1(id##_extend_high_##narrow##_u, n, u##nw, w, i + (n))                                    \
    WIDEN2(id##_extmul_low_##narrow##_s, n, s##nw, w, i)                                           \
    WIDEN2(id##_extmul_high_##narrow##_s, n, s##nw, w, i + (n))                                    \
    WIDEN2(id##_extmul_low_##narrow##_u, n, u##nw, w, i)                                           \
    WIDEN2(id##_extmul_high_##narrow##_u, n, u##nw, w, i + (n))
#define WIDEN1(id, n, from, w, at)                                                                 \
    SEM gb_v128 gb_sem_##id(gb_v128 a) {                                                           \
        gb_v128 r;                                                                                 \
        for (int i = 0; i < (n); i++) set_u##w(&r, i, (uint##w##_t)lane_##from(&a, at));           \
        return r;                                                                                  \
    }
#define WIDEN2(id, n, from, w, at)                                                                 \
    SEM gb_v128 gb_sem_##id(gb_v128 a, gb_v128 b) {                                                \
        gb_v128 r;                                                                                 \
        for (int i = 0; i < (n); i++)                                                              \
            set_u##w(&r, i, (uint##w##_t)((uint64_t)lane_##from(&a, at) * (uint64_t)lane_##from(&b, at))); \
        return r;                                                                                  \
    }
WIDEN(i16x8, i8x16, 8, 8, 16)
WIDEN(i32x4, i16x8, 4, 16, 32)
WIDEN(i64x2, i32x4, 2, 32, 64)
#undef WIDEN
#undef WIDEN1
#undef WIDEN2
#define PAIRWISE(id, n, from, w)                                                                   \
    SEM gb_v128 gb_sem_##id(gb_v128 a) {                                                           \
        gb_v128 r;                                                                                 \
        for (int i = 0; i < (n); i++)                                                              \
            set_u##w(&r, i, (uint##w##_t)(lane_##from(&a, 2 * i) + lane_##from(&a, 2 * i + 1)));   \
        return r;                                                                                  \
    }
PAIRWISE(i16x8_extadd_pairwise_i8x16_s, 8, s8, 16)
PAIRWISE(i16x8_extadd_pairwise_i8x16_u, 8, u8, 16)
PAIRWISE(i32x4_extadd_pairwise_i16x8_s, 4, s16, 32)
PAIRWISE(i32x4_extadd_pairwise_i16x8_u, 4, u16, 32)
#undef PAIRWISE
#define NARROW(id, n, from, w, low, high)                                                          \
    SEM gb_v128 gb_sem_##id(gb_v128 a, gb_v128 b) {                                                \
        gb_v128 r;                                                                                 \
        for (int i = 0; i < (n); i++) {                                                            \
            set_u##w(&r, i, (uint##w##_t)clamp(lane_##from(&a, i), low, high));                    \
            set_u##w(&r, i + (n), (uint##w##_t)clamp(lane_##from(&b, i), low, high));              \
        }                                                                                          \
        return r;                                                                                  \
    }
NARROW(i8x16_narrow_i16x8_s, 8, s16, 8, INT8_MIN, INT8_MAX)
NARROW(i8x16_narrow_i16x8_u, 8, s16, 8, 0, UINT8_MAX)
NARROW(i16x8_narrow_i32x4_s, 4, s32, 16, INT16_MIN, INT16_MAX)
NARROW(i16x8_narrow_i32x4_u, 4, s32, 16, 0, UINT16_MAX)
#undef NARROW
SEM gb_v128 gb_sem_i32x4_dot_i16x8_s(gb_v128 a, gb_v128 b) {
    gb_v128 r;
    for (int i = 0; i < 4; i++)
        set_u32(&r, i, (uint32_t)(lane_s16(&a, 2 * i) * lane_s16(&b, 2 * i)) +
                           (uint32_t)(lane_s16(&a, 2 * i + 1) * lane_s16(&b, 2 * i + 1)));
    return r;
}

/* ---- float lanes ----------------------------------------------------------------------------------- */

/* The NaN of lane-wise min and max: of those that the standard allows the one that x64/x64_simd.c comes to. */
static inline float gb_quiet_f32(int sign) { return gb_f32_from(sign < 0 ? 0xFFC00000u : 0x7FC00000u); }
static inline double gb_quiet_f64(int sign) { return gb_f64_from((sign < 0 ? UINT64_C(0xFFF8) : UINT64_C(0x7FF8)) << 48); }

#define FLOAT_LANES(id, n, f, w)                                                                   \
    LANES2(id##_eq, n, f, u##w, uint##w##_t, x == y ? -1 : 0)                                      \
    LANES2(id##_ne, n, f, u##w, uint##w##_t, x != y ? -1 : 0)                                      \
    LANES2(id##_lt, n, f, u##w, uint##w##_t, x < y ? -1 : 0)                                       \
    LANES2(id##_gt, n, f, u##w, uint##w##_t, x > y ? -1 : 0)                                       \
    LANES2(id##_le, n, f, u##w, uint##w##_t, x <= y ? -1 : 0)                                      \
    LANES2(id##_ge, n, f, u##w, uint##w##_t, x >= y ? -1 : 0)                                      \
    LANES1(id##_ceil, n, f, f, __typeof__(x), gb_sem_##f##_ceil(x))                                \
    LANES1(id##_floor, n, f, f, __typeof__(x), gb_sem_##f##_floor(x))                              \
    LANES1(id##_trunc, n, f, f, __typeof__(x), gb_sem_##f##_trunc(x))                              \
    LANES1(id##_nearest, n, f, f, __typeof__(x), gb_sem_##f##_nearest(x))                          \
    LANES1(id##_abs, n, f, f, __typeof__(x), gb_sem_##f##_abs(x))                                  \
    LANES1(id##_neg, n, f, f, __typeof__(x), gb_sem_##f##_neg(x))                                  \
    LANES1(id##_sqrt, n, f, f, __typeof__(x), gb_sem_##f##_sqrt(x))                                \
    LANES2(id##_add, n, f, f, __typeof__(x), x + y)                                                \
    LANES2(id##_sub, n, f, f, __typeof__(x), x - y)                                                \
    LANES2(id##_mul, n, f, f, __typeof__(x), x *y)                                                 \
    LANES2(id##_div, n, f, f, __typeof__(x), x / y)                                                \
    LANES2(id##_min, n, f, f, __typeof__(x), x != x || y != y ? gb_quiet_##f(-1) : gb_sem_##f##_min(x, y)) \
    LANES2(id##_max, n, f, f, __typeof__(x), x != x || y != y ? gb_quiet_##f(signbit(x) || signbit(y) ? -1 : 1) \
                                                              : gb_sem_##f##_max(x, y))            \
    LANES2(id##_pmin, n, f, f, __typeof__(x), y < x ? y : x)                                       \
    LANES2(id##_pmax, n, f, f, __typeof__(x), x < y ? y : x)
FLOAT_LANES(f32x4, 4, f32, 32)
FLOAT_LANES(f64x2, 2, f64, 64)
#undef FLOAT_LANES

LANES1(i32x4_trunc_sat_f32x4_s, 4, f32, u32, uint32_t, gb_sem_i32_trunc_sat_f32_s(x))
LANES1(i32x4_trunc_sat_f32x4_u, 4, f32, u32, uint32_t, gb_sem_i32_trunc_sat_f32_u(x))
LANES1(f32x4_convert_i32x4_s, 4, s32, f32, float, x)
LANES1(f32x4_convert_i32x4_u, 4, u32, f32, float, x)
LANES1(i32x4_trunc_sat_f64x2_s_zero, 2, f64, u32, uint32_t, gb_sem_i32_trunc_sat_f64_s(x))
LANES1(i32x4_trunc_sat_f64x2_u_zero, 2, f64, u32, uint32_t, gb_sem_i32_trunc_sat_f64_u(x))
LANES1(f64x2_convert_low_i32x4_s, 2, s32, f64, double, x)
LANES1(f64x2_convert_low_i32x4_u, 2, u32, f64, double, x)
LANES1(f32x4_demote_f64x2_zero, 2, f64, f32, float, x)
LANES1(f64x2_promote_low_f32x4, 2, f32, f64, double, x)

#undef LANES1
#undef LANES2

#endif
