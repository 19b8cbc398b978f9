/* interp.c: the dispatch of the interpreter's instructions; what they do is in interp_ops.h. Each handler is a function.
 *
 * Where compilers turn a call in tail position into a jump (optimised gcc and clang for 64-bit targets with enough argument
 * registers), handlers jump from one to the next, and the registers of the machine that runs the code are their arguments: the
 * position, the frame, memory's base and size, the execution state and the three accumulators stay in processor registers.
 * Elsewhere, and in sanitizer builds, that state is a struct and a loop calls one handler after the other. */
#include "engine/interp.h"

#include <string.h>

#include "engine/bulk.h"
#include "engine/memory.h"
#include "engine/simd.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* ---- operands --------------------------------------------------------------------------------------- */

static inline uint32_t unit32(const uint16_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline uint64_t unit64(const uint16_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline float slot_f32(const gb_slot *s) { return gb_f32_from((uint32_t)*s); }
static inline double slot_f64(const gb_slot *s) { return gb_f64_from(*s); }
static inline gb_v128 slot_v128(const gb_slot *s) {
    gb_v128 v;
    memcpy(v.bytes, s, 16);
    return v;
}

#define U32(n) unit32(pc + (n))
#define U64(n) unit64(pc + (n))

#define T_i uint32_t
#define T_I uint64_t
#define T_f float
#define T_F double
#define S_i(n) ((uint32_t)fp[pc[n]])
#define S_I(n) (fp[pc[n]])
#define S_f(n) slot_f32(fp + pc[n])
#define S_F(n) slot_f64(fp + pc[n])
#define S_v(n) slot_v128(fp + pc[n])
#define P_i(n) U32(n)
#define P_I(n) ((uint64_t)(int64_t)(int32_t)U32(n))
#define P_f(n) gb_f32_from(U32(n))
#define P_F(n) gb_f64_from(U64(n))
#define L_i 2
#define L_I 2
#define L_f 2
#define L_F 4
#define R_i ((uint32_t)acc)
#define R_I acc
#define R_f sacc
#define R_F dacc
#define W_i(v) acc = (v)
#define W_I(v) acc = (v)
#define W_f(v) sacc = (v)
#define W_F(v) dacc = (v)
#define D_i(n) fp[pc[n]] = acc
#define D_I(n) fp[pc[n]] = acc
#define D_f(n) fp[pc[n]] = gb_f32_bits(sacc)
#define D_F(n) fp[pc[n]] = gb_f64_bits(dacc)
#define O_i(n, v) fp[pc[n]] = (v)
#define O_I(n, v) fp[pc[n]] = (v)
#define O_f(n, v) fp[pc[n]] = gb_f32_bits(v)
#define O_F(n, v) fp[pc[n]] = gb_f64_bits(v)
#define O_v(n, v)                                                                                  \
    do {                                                                                           \
        gb_v128 vector_ = (v);                                                                     \
        memcpy(fp + pc[n], vector_.bytes, 16);                                                     \
    } while (0)

/* ---- control ------------------------------------------------------------------------------------------ */

#define BRANCH(k)                                                                                  \
    do {                                                                                           \
        if (UNLIKELY(atomic_load_explicit(&x->interrupt, memory_order_relaxed)))                   \
            TRAP(GB_TRAP_INTERRUPTED);                                                             \
        pc += (int32_t)unit32(pc + (k));                                                           \
        GO;                                                                                        \
    } while (0)
#define NEXT(n)                                                                                    \
    do {                                                                                           \
        pc += (n);                                                                                 \
        GO;                                                                                        \
    } while (0)
#define RELOAD                                                                                     \
    do {                                                                                           \
        mem = x->instance->memory_base;                                                            \
        mem_size = x->instance->memory_size;                                                       \
    } while (0)
#define TRAP(kind) LEAVE(trap(x, pc, kind))
#if defined(__GNUC__)
#define KEEP_LOOP(p) __asm__ volatile("" : "+r"(p))
#else
#define KEEP_LOOP(p) ((void)(p))
#endif

static __attribute__((noinline, cold)) gb_outcome trap(gb_exec *x, const uint16_t *pc, gb_trap_kind kind) {
    x->top->pc = pc + 1;
    return gb_exec_trap(x, kind);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#define UNUSED __attribute__((unused))

#if !defined(GB_INTERP_LOOP) && !defined(SANITIZED) && defined(__OPTIMIZE__) &&                     \
    (defined(__x86_64__) || defined(__aarch64__)) && defined(__GNUC__)

#if defined(__clang__)
#define MUSTTAIL __attribute__((musttail))
#else
#define MUSTTAIL
#endif
#define PARAMETERS                                                                                 \
    const uint16_t *pc UNUSED, gb_slot *fp UNUSED, uint8_t *mem UNUSED, uint64_t mem_size UNUSED,  \
        gb_exec *x UNUSED, uint64_t acc UNUSED, double dacc UNUSED, float sacc UNUSED
typedef gb_outcome (*handler)(PARAMETERS);
static const handler handlers[GB_IOP_COUNT];

#define GO MUSTTAIL return handlers[*pc](pc, fp, mem, mem_size, x, acc, dacc, sacc)
#define LEAVE(outcome) return (outcome)
#define H(name, ...)                                                                               \
    static gb_outcome op_##name(PARAMETERS) { __VA_ARGS__; }

#else

#define GB_LOOP 1
typedef struct machine {
    const uint16_t *pc;
    gb_slot *fp;
    uint8_t *mem;
    uint64_t mem_size;
    gb_exec *x;
    uint64_t acc;
    double dacc;
    float sacc;
    gb_outcome outcome;
} machine;
typedef bool (*handler)(machine *s);

#define GO                                                                                         \
    do {                                                                                           \
        *s = (machine){pc, fp, mem, mem_size, x, acc, dacc, sacc, GB_RETURNED};                    \
        return true;                                                                               \
    } while (0)
#define LEAVE(how)                                                                                 \
    do {                                                                                           \
        s->outcome = (how);                                                                        \
        return false;                                                                              \
    } while (0)
#define H(name, ...)                                                                               \
    static bool op_##name(machine *s) {                                                            \
        const uint16_t *pc UNUSED = s->pc;                                                         \
        gb_slot *fp UNUSED = s->fp;                                                                \
        uint8_t *mem UNUSED = s->mem;                                                              \
        uint64_t mem_size UNUSED = s->mem_size, acc UNUSED = s->acc;                               \
        gb_exec *x UNUSED = s->x;                                                                  \
        double dacc UNUSED = s->dacc;                                                              \
        float sacc UNUSED = s->sacc;                                                               \
        __VA_ARGS__;                                                                               \
    }

#endif

#include "engine/interp_ops.h"

static const handler handlers[GB_IOP_COUNT] = {
#define X(name) op_##name,
    GB_SPECIAL_IOPS(X)
#undef X
#define V(form, id, a, b, c, r, aux) op_##id##_##form,
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape)                                \
    GB_FORMS_##shape(V, id, a, b, c, result, aux)
        GB_OPCODES(X)
#undef X
#undef V
};

gb_outcome gb_interp_loop(gb_exec *x, const uint16_t *pc, gb_slot *fp) {
#ifdef GB_LOOP
    machine s = {pc, fp, x->instance->memory_base, x->instance->memory_size, x, 0, 0, 0, GB_RETURNED};
    while (handlers[*s.pc](&s)) {}
    return s.outcome;
#else
    return handlers[*pc](pc, fp, x->instance->memory_base, x->instance->memory_size, x, 0, 0, 0);
#endif
}
