/* interp_ops.h: what each iop does; included by interp.c within the dispatch it has chosen. No include guard. Layouts:
 * iops.h. No handler may take the address of a variable of its own: the jump to the next one would become a call.
 * Here S_t(n) reads the slot that unit n names as type t, P_t(n) the immediate at unit n, R_t the accumulator;
 * W_t(v) sets it, D_t(n) stores it to the slot that unit n names. H(name, body) is one handler; a body ends in NEXT(units),
 * GO, TRAP(kind) or LEAVE(outcome). */

/* ---- by shape ---------------------------------------------------------------------------------- */

#define UNARY_s_R(id, a, r) H(id##_s_R, W_##r(gb_sem_##id(S_##a(1))); NEXT(3))
#define UNARY_s_S(id, a, r) H(id##_s_S, W_##r(gb_sem_##id(S_##a(1))); D_##r(2); NEXT(3))
#define UNARY_r_R(id, a, r) H(id##_r_R, W_##r(gb_sem_##id(R_##a)); NEXT(2))
#define UNARY_r_S(id, a, r) H(id##_r_S, W_##r(gb_sem_##id(R_##a)); D_##r(1); NEXT(2))
#define OP_UNARY(form, id, a, b, c, r, aux) UNARY_##form(id, a, r)

/* May trap: the value goes through a local, the accumulator stays as it was. */
#define TRY1(id, a, r)                                                                             \
    T_##r v;                                                                                       \
    gb_trap_kind kind = gb_sem_##id(a, &v);                                                        \
    if (UNLIKELY(kind != GB_TRAP_NONE)) TRAP(kind);                                                \
    W_##r(v)
#define TRUNC_s_R(id, a, r) H(id##_s_R, TRY1(id, S_##a(1), r); NEXT(3))
#define TRUNC_s_S(id, a, r) H(id##_s_S, TRY1(id, S_##a(1), r); D_##r(2); NEXT(3))
#define TRUNC_r_R(id, a, r) H(id##_r_R, TRY1(id, R_##a, r); NEXT(2))
#define TRUNC_r_S(id, a, r) H(id##_r_S, TRY1(id, R_##a, r); D_##r(1); NEXT(2))
#define OP_TRUNC(form, id, a, b, c, r, aux) TRUNC_##form(id, a, r)

#define BIN_ss_R(F, id, a, b, r) H(id##_ss_R, F(id, S_##a(1), S_##b(2), r); NEXT(4))
#define BIN_ss_S(F, id, a, b, r) H(id##_ss_S, F(id, S_##a(1), S_##b(2), r); D_##r(3); NEXT(4))
#define BIN_si_R(F, id, a, b, r) H(id##_si_R, F(id, S_##a(1), P_##b(3), r); NEXT(3 + L_##b))
#define BIN_si_S(F, id, a, b, r) H(id##_si_S, F(id, S_##a(1), P_##b(3), r); D_##r(2); NEXT(3 + L_##b))
#define BIN_is_R(F, id, a, b, r) H(id##_is_R, F(id, P_##a(3), S_##b(1), r); NEXT(3 + L_##a))
#define BIN_is_S(F, id, a, b, r) H(id##_is_S, F(id, P_##a(3), S_##b(1), r); D_##r(2); NEXT(3 + L_##a))
#define BIN_rs_R(F, id, a, b, r) H(id##_rs_R, F(id, R_##a, S_##b(1), r); NEXT(3))
#define BIN_rs_S(F, id, a, b, r) H(id##_rs_S, F(id, R_##a, S_##b(1), r); D_##r(2); NEXT(3))
#define BIN_sr_R(F, id, a, b, r) H(id##_sr_R, F(id, S_##a(1), R_##b, r); NEXT(3))
#define BIN_sr_S(F, id, a, b, r) H(id##_sr_S, F(id, S_##a(1), R_##b, r); D_##r(2); NEXT(3))
#define BIN_ri_R(F, id, a, b, r) H(id##_ri_R, F(id, R_##a, P_##b(2), r); NEXT(2 + L_##b))
#define BIN_ri_S(F, id, a, b, r) H(id##_ri_S, F(id, R_##a, P_##b(2), r); D_##r(1); NEXT(2 + L_##b))
#define PURE2(id, a, b, r) W_##r(gb_sem_##id(a, b))
#define TRY2(id, a, b, r)                                                                          \
    T_##r v;                                                                                       \
    gb_trap_kind kind = gb_sem_##id(a, b, &v);                                                     \
    if (UNLIKELY(kind != GB_TRAP_NONE)) TRAP(kind);                                                \
    W_##r(v)
#define OP_BINARY(form, id, a, b, c, r, aux) BIN_##form(PURE2, id, a, b, r)
#define OP_COMPARE_F(form, id, a, b, c, r, aux) BIN_##form(PURE2, id, a, b, r)
#define OP_DIVIDE(form, id, a, b, c, r, aux) BIN_##form(TRY2, id, a, b, r)

/* At unit k stands the offset of a branch that is taken if `condition` holds, else NEXT(n). */
#define BRANCH_IF(condition, k, n)                                                                 \
    if (condition) BRANCH(k);                                                                      \
    NEXT(n)
#define BIN_ss_B(F, id, a, b, r) H(id##_ss_B, BRANCH_IF(gb_sem_##id(S_##a(1), S_##b(2)), 3, 5))
#define BIN_si_B(F, id, a, b, r) H(id##_si_B, BRANCH_IF(gb_sem_##id(S_##a(1), P_##b(2)), 4, 6))
#define BIN_rs_B(F, id, a, b, r) H(id##_rs_B, BRANCH_IF(gb_sem_##id(R_##a, S_##b(1)), 2, 4))
#define BIN_ri_B(F, id, a, b, r) H(id##_ri_B, BRANCH_IF(gb_sem_##id(R_##a, P_##b(1)), 3, 5))
#define OP_COMPARE(form, id, a, b, c, r, aux) BIN_##form(PURE2, id, a, b, r)

/* The address in memory of `width` bytes at base + offset, checked. 33 bits cannot overflow. */
#define ADDRESS(base, offset, width)                                                               \
    uint64_t ea = (uint64_t)(base) + (offset);                                                     \
    if (UNLIKELY(ea + (width) > mem_size)) TRAP(GB_TRAP_OUT_OF_BOUNDS_MEMORY)
#define LOAD_s_R(id, r, w) H(id##_s_R, ADDRESS(S_i(1), U32(3), w); W_##r(gb_sem_##id(mem + ea)); NEXT(5))
#define LOAD_s_S(id, r, w)                                                                         \
    H(id##_s_S, ADDRESS(S_i(1), U32(3), w); W_##r(gb_sem_##id(mem + ea)); D_##r(2); NEXT(5))
#define LOAD_r_R(id, r, w) H(id##_r_R, ADDRESS(R_i, U32(2), w); W_##r(gb_sem_##id(mem + ea)); NEXT(4))
#define LOAD_r_S(id, r, w)                                                                         \
    H(id##_r_S, ADDRESS(R_i, U32(2), w); W_##r(gb_sem_##id(mem + ea)); D_##r(1); NEXT(4))
#define LOAD_k_R(id, r, w) H(id##_k_R, ADDRESS(0U, U32(2), w); W_##r(gb_sem_##id(mem + ea)); NEXT(4))
#define LOAD_k_S(id, r, w) H(id##_k_S, ADDRESS(0U, U32(2), w); W_##r(gb_sem_##id(mem + ea)); D_##r(1); NEXT(4))
#define OP_LOAD(form, id, a, b, c, r, aux) LOAD_##form(id, r, 1U << aux)

#define STORE_ss(id, b, w) H(id##_ss, ADDRESS(S_i(1), U32(3), w); gb_sem_##id(mem + ea, S_##b(2)); NEXT(5))
#define STORE_si(id, b, w) H(id##_si, ADDRESS(S_i(1), U32(2), w); gb_sem_##id(mem + ea, P_##b(4)); NEXT(4 + L_##b))
#define STORE_rs(id, b, w) H(id##_rs, ADDRESS(R_i, U32(2), w); gb_sem_##id(mem + ea, S_##b(1)); NEXT(4))
#define STORE_sr(id, b, w) H(id##_sr, ADDRESS(S_i(1), U32(2), w); gb_sem_##id(mem + ea, R_##b); NEXT(4))
#define STORE_ri(id, b, w) H(id##_ri, ADDRESS(R_i, U32(1), w); gb_sem_##id(mem + ea, P_##b(3)); NEXT(3 + L_##b))
#define STORE_ks(id, b, w) H(id##_ks, ADDRESS(0U, U32(2), w); gb_sem_##id(mem + ea, S_##b(1)); NEXT(4))
#define STORE_kr(id, b, w) H(id##_kr, ADDRESS(0U, U32(1), w); gb_sem_##id(mem + ea, R_##b); NEXT(3))
#define STORE_ki(id, b, w) H(id##_ki, ADDRESS(0U, U32(1), w); gb_sem_##id(mem + ea, P_##b(3)); NEXT(3 + L_##b))
#define OP_STORE(form, id, a, b, c, r, aux) STORE_##form(id, b, 1U << aux)

/* Vectors: operand slots, result slot, immediates. */
#define OP_V_UNARY(form, id, a, b, c, r, aux) H(id##_v, O_##r(2, gb_sem_##id(S_##a(1))); NEXT(3))
#define OP_V_TEST OP_V_UNARY
#define OP_V_SPLAT OP_V_UNARY
#define OP_V_BINARY(form, id, a, b, c, r, aux)                                                     \
    H(id##_v, O_##r(3, gb_sem_##id(S_##a(1), S_##b(2))); NEXT(4))
#define OP_V_SHIFT OP_V_BINARY
#define OP_V_TERNARY(form, id, a, b, c, r, aux)                                                    \
    H(id##_v, O_##r(4, gb_sem_##id(S_##a(1), S_##b(2), S_##c(3))); NEXT(5))
#define OP_V_EXTRACT(form, id, a, b, c, r, aux)                                                    \
    H(id##_v, O_##r(2, gb_sem_##id(S_##a(1), pc[3])); NEXT(4))
#define OP_V_REPLACE(form, id, a, b, c, r, aux)                                                    \
    H(id##_v, O_##r(3, gb_sem_##id(S_##a(1), S_##b(2), pc[4])); NEXT(5))
#define OP_V_SHUFFLE(form, id, a, b, c, r, aux)                                                    \
    H(id##_v, O_##r(3, gb_sem_##id(S_##a(1), S_##b(2), (const uint8_t *)(pc + 4))); NEXT(12))
#define OP_V_LOAD(form, id, a, b, c, r, aux)                                                       \
    H(id##_v, ADDRESS(S_i(1), U32(3), 1U << aux); O_v(2, gb_sem_##id(mem + ea)); NEXT(5))
#define OP_V_STORE(form, id, a, b, c, r, aux)                                                      \
    H(id##_v, ADDRESS(S_i(1), U32(3), 1U << aux); gb_sem_##id(mem + ea, S_v(2)); NEXT(5))
#define OP_V_LOAD_LANE(form, id, a, b, c, r, aux)                                                  \
    H(id##_v, ADDRESS(S_i(1), U32(4), 1U << aux); O_v(3, gb_sem_##id(mem + ea, S_v(2), pc[6])); NEXT(7))
#define OP_V_STORE_LANE(form, id, a, b, c, r, aux)                                                 \
    H(id##_v, ADDRESS(S_i(1), U32(3), 1U << aux); gb_sem_##id(mem + ea, S_v(2), pc[5]); NEXT(6))

#define OP_SPECIAL(form, id, a, b, c, r, aux)
#define OP_FIXED(form, id, a, b, c, r, aux)
#define OP_CONST(form, id, a, b, c, r, aux)
#define OP_V_CONST(form, id, a, b, c, r, aux)

#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape)                                \
    GB_FORMS_##shape(OP_##shape, id, a, b, c, result, aux)
GB_OPCODES(X)
#undef X

/* ---- moves -------------------------------------------------------------------------------------- */

H(copy, fp[pc[1]] = fp[pc[2]]; NEXT(3))                                   /* to, from */
H(copy2, fp[pc[1]] = fp[pc[2]]; fp[pc[3]] = fp[pc[4]]; NEXT(5))           /* to, from, to, from */
H(copy_far, fp[U32(1)] = fp[U32(3)]; NEXT(5))                             /* to32, from32 */
H(copy_v, O_v(1, S_v(2)); NEXT(3))                                        /* to, from */
H(copy_v_far, memmove(fp + U32(1), fp + U32(3), 16); NEXT(5))             /* to32, from32 */
H(copy_n, memmove(fp + U32(1), fp + U32(3), (size_t)U32(5) * sizeof *fp); NEXT(7)) /* to32, from32, slots32 */
H(const, fp[pc[1]] = P_I(2); NEXT(4))                                     /* to, value */
H(const2, fp[pc[1]] = P_I(2); fp[pc[4]] = P_I(5); NEXT(7))                /* to, value, to, value */
H(const64, fp[pc[1]] = U64(2); NEXT(6))                                   /* to, value64 */
H(const_far, fp[U32(1)] = U64(3); NEXT(7))                                /* to32, value64 */
H(const_v, memcpy(fp + pc[1], pc + 2, 16); NEXT(10))                      /* to, 16 bytes */
H(put_r, fp[pc[1]] = acc; NEXT(2))                                        /* to */
H(put_f32_r, D_f(1); NEXT(2))
H(put_f64_r, D_F(1); NEXT(2))
/* condition, a, b, (to); an immediate takes two units. Without a branch: what is chosen is hard to foresee in sorting and searching. */
#define CHOOSE(condition, a, b)                                                                    \
    uint64_t mask = 0 - (uint64_t)((condition) != 0), left = (a), right = (b);                     \
    W_I(right ^ ((left ^ right) & mask))
#define SELECT(form, condition, a, b, n)                                                           \
    H(select_##form##_R, CHOOSE(condition, a, b); NEXT((n) + 1))                                   \
    H(select_##form##_S, CHOOSE(condition, a, b); D_I(n); NEXT((n) + 1))
SELECT(sss, S_i(1), S_I(2), S_I(3), 4)
SELECT(ssi, S_i(1), S_I(2), P_I(3), 5)
SELECT(sis, S_i(1), P_I(2), S_I(4), 5)
SELECT(sii, S_i(1), P_I(2), P_I(4), 6)
SELECT(rss, R_i, S_I(1), S_I(2), 3)
SELECT(rsi, R_i, S_I(1), P_I(2), 4)
SELECT(ris, R_i, P_I(1), S_I(3), 4)
SELECT(rii, R_i, P_I(1), P_I(3), 5)
/* (a << count) + b: a, b, (to), count */
H(i32_shl_add_s_R, W_i((S_i(1) << pc[4]) + S_i(2)); NEXT(5))
H(i32_shl_add_s_S, W_i((S_i(1) << pc[4]) + S_i(2)); D_i(3); NEXT(5))
H(i32_shl_add_r_R, W_i((R_i << pc[3]) + S_i(1)); NEXT(4))
H(i32_shl_add_r_S, W_i((R_i << pc[3]) + S_i(1)); D_i(2); NEXT(4))
H(select_w, fp[pc[4]] = S_i(1) ? fp[pc[2]] : fp[pc[3]]; NEXT(5))          /* condition, a, b, to */
H(select_v, O_v(4, S_i(1) ? S_v(2) : S_v(3)); NEXT(5))
H(global_get_R, acc = x->instance->globals[U32(2)]->slot[0]; NEXT(4))     /* (to), global */
H(global_get_S, acc = x->instance->globals[U32(2)]->slot[0]; D_I(1); NEXT(4))
H(global_get_w, fp[pc[1]] = x->instance->globals[U32(2)]->slot[0]; NEXT(4))
H(global_get_v, memcpy(fp + pc[1], x->instance->globals[U32(2)]->slot, 16); NEXT(4))
H(global_set_s, x->instance->globals[U32(2)]->slot[0] = fp[pc[1]]; NEXT(4)) /* from, global */
H(global_set_r, x->instance->globals[U32(1)]->slot[0] = acc; NEXT(3))
H(global_set_v, memcpy(x->instance->globals[U32(2)]->slot, fp + pc[1], 16); NEXT(4))
#define GLOBAL_ADD                                                                                 \
    gb_slot *cell = x->instance->globals[U32(2)]->slot;                                            \
    *cell = acc = (uint32_t)*cell + U32(4)
H(global_add_R, GLOBAL_ADD; NEXT(6))                                      /* (to), global, value */
H(global_add_S, GLOBAL_ADD; D_I(1); NEXT(6))
H(global_set_add, x->instance->globals[U32(2)]->slot[0] = S_i(1) + U32(4); NEXT(6)) /* from, global, value */
H(ref_func, fp[pc[1]] = (uintptr_t)x->instance->funcs[U32(2)]; NEXT(4))   /* to, function */
H(ref_is_null, fp[pc[2]] = fp[pc[1]] == 0; NEXT(3))                       /* from, to */

/* ---- branches ------------------------------------------------------------------------------------ */

H(br, BRANCH(1))                                                          /* offset */
H(br_nz_s, BRANCH_IF(S_i(1) != 0, 2, 4))                                  /* condition, offset */
H(br_nz_r, BRANCH_IF(R_i != 0, 1, 3))
H(br_z_s, BRANCH_IF(S_i(1) == 0, 2, 4))
H(br_z_r, BRANCH_IF(R_i == 0, 1, 3))
/* condition, mask, offset */
H(br_and_nz_s, BRANCH_IF((S_i(1) & U32(2)) != 0, 4, 6))
H(br_and_nz_r, BRANCH_IF((R_i & U32(1)) != 0, 3, 5))
H(br_and_z_s, BRANCH_IF((S_i(1) & U32(2)) == 0, 4, 6))
H(br_and_z_r, BRANCH_IF((R_i & U32(1)) == 0, 3, 5))
/* a, to, value, b, offset: slot `to` = a + value; branch if the comparison with b holds */
#define COUNT(compare)                                                                             \
    H(count_##compare##_s, W_i(S_i(1) + U32(3)); D_i(2); BRANCH_IF(gb_sem_i32_##compare(R_i, S_i(5)), 6, 8)) \
    H(count_##compare##_i, W_i(S_i(1) + U32(3)); D_i(2); BRANCH_IF(gb_sem_i32_##compare(R_i, U32(5)), 7, 9))
COUNT(eq)
COUNT(ne)
COUNT(lt_s)
COUNT(lt_u)
COUNT(gt_s)
COUNT(gt_u)
COUNT(le_s)
COUNT(le_u)
COUNT(ge_s)
COUNT(ge_u)
/* index, n, then n + 1 offsets; the last one is the default */
H(br_table_s, uint32_t i = S_i(1); uint32_t n = U32(2); BRANCH(4 + 2 * (size_t)(i < n ? i : n)))
H(br_table_r, uint32_t i = R_i; uint32_t n = U32(1); BRANCH(3 + 2 * (size_t)(i < n ? i : n)))
H(unreachable, TRAP(GB_TRAP_UNREACHABLE))
/* first32, slots32 */
H(zero, for (gb_slot *s_ = fp + U32(1), *end = s_ + U32(3); s_ < end; s_++) {
    *s_ = 0;
    KEEP_LOOP(s_); /* mostly two or three: no call of memset */
  } NEXT(5))
/* cost32 */
H(fuel, if (UNLIKELY(x->fuel < U32(1))) TRAP(GB_TRAP_FUEL); x->fuel -= U32(1); NEXT(3))

/* ---- calls ------------------------------------------------------------------------------------------ */

/* Enters `callee` in a new frame at slot `base`; the caller goes on `n` units further. The accumulators mean nothing in a new frame: giving
 * one some other value spares the compiler to keep it. */
#define ENTER(callee, base, n)                                                                     \
    const gb_icode *code = (callee);                                                               \
    gb_slot *frame = fp + (base);                                                                  \
    gb_frame *top = x->top;                                                                        \
    acc = (uintptr_t)frame;                                                                        \
    top->pc = pc + (n);                                                                            \
    if (UNLIKELY(++top >= atomic_load_explicit(&x->frame_limit, memory_order_relaxed) ||           \
                 code->frame_slots > (size_t)(x->stack_end - frame)))                              \
        LEAVE(gb_interp_refuse_call(x));                                                           \
    top->code = code;                                                                              \
    top->fp = fp = frame;                                                                          \
    x->top = top;                                                                                  \
    pc = code->code;                                                                               \
    GO
/* Back to the caller's frame. */
#define RETURN                                                                                     \
    gb_frame *top = --x->top;                                                                      \
    pc = top->pc;                                                                                  \
    fp = top->fp;                                                                                  \
    GO
/* After something that may have run other code: an exception looks for its handler, a trap ends all. */
#define AFTER(outcome)                                                                             \
    gb_outcome how = (outcome);                                                                    \
    if (UNLIKELY(how != GB_RETURNED)) {                                                            \
        if (how == GB_TRAPPED) LEAVE(how);                                                         \
        THROW;                                                                                     \
    }                                                                                              \
    RELOAD
#define THROW                                                                                      \
    pc = gb_interp_unwind(x);                                                                      \
    if (!pc) LEAVE(GB_THREW);                                                                      \
    fp = x->top->fp;                                                                               \
    RELOAD;                                                                                        \
    GO

H(exit, LEAVE(GB_RETURNED))
/* A stub's only instruction: its function is translated, or called where it belongs. */
H(lazy, const gb_icode *code = gb_interp_prepare(x, fp); if (!code) LEAVE(GB_TRAPPED); pc = code->code; GO)
H(import, AFTER(gb_interp_import(x, fp)); acc = fp[0]; dacc = slot_f64(fp); sacc = slot_f32(fp); RETURN)
/* function32, base32 */
#define CALL(k) ENTER(atomic_load_explicit(&x->functions[U32(k)], memory_order_acquire), U32((k) + 2), (k) + 4)
H(call, CALL(1))
/* to, from, (to, from,) or to, value, (to, value,) then as above: the last arguments are moved on the way */
H(call_copy, fp[pc[1]] = fp[pc[2]]; CALL(3))
H(call_copy2, fp[pc[1]] = fp[pc[2]]; fp[pc[3]] = fp[pc[4]]; CALL(5))
H(call_const, fp[pc[1]] = P_I(2); CALL(4))
H(call_const2, fp[pc[1]] = P_I(2); fp[pc[4]] = P_I(5); CALL(7))
/* index, table32, type32, base32 */
H(call_indirect, gb_func *f = gb_interp_resolve(x, U32(2), S_i(1), U32(4));
  if (UNLIKELY(!f)) TRAP(x->refusal);
  if (LIKELY(f->instance == x->instance)) {
      ENTER(atomic_load_explicit(&x->functions[f->index], memory_order_acquire), U32(6), 8);
  }
  x->top->pc = pc + 8;
  gb_slot *slots = fp + U32(6);
  AFTER(gb_interp_call_other(x, f, slots));
  acc = slots[0]; dacc = slot_f64(slots); sacc = slot_f32(slots);
  NEXT(8))
/* function32, base32, slots */
H(tail_call, const gb_icode *code = gb_interp_tail(x, NULL, U32(1), fp, fp + U32(3), pc[5]);
  if (!code) LEAVE(GB_TRAPPED);
  pc = code->code; GO)
/* index, table32, type32, base32, slots. Another instance's function is called and its results returned. */
H(tail_call_indirect, gb_func *f = gb_interp_resolve(x, U32(2), S_i(1), U32(4));
  if (UNLIKELY(!f)) TRAP(x->refusal);
  x->top->pc = pc + 9;
  if (f->instance == x->instance) {
      const gb_icode *code = gb_interp_tail(x, f, f->index, fp, fp + U32(6), pc[8]);
      if (!code) LEAVE(GB_TRAPPED);
      pc = code->code;
      GO;
  }
  gb_slot *slots = fp + U32(6);
  AFTER(gb_interp_call_other(x, f, slots));
  gb_interp_results(f, fp, slots);
  acc = fp[0]; dacc = slot_f64(fp); sacc = slot_f32(fp);
  RETURN)
H(return, RETURN)
H(return_s, fp[0] = acc = fp[pc[1]]; RETURN)
H(return_r, fp[0] = acc; RETURN)
H(return_f32_s, sacc = S_f(1); fp[0] = gb_f32_bits(sacc); RETURN)
H(return_f32_r, fp[0] = gb_f32_bits(sacc); RETURN)
H(return_f64_s, dacc = S_F(1); fp[0] = gb_f64_bits(dacc); RETURN)
H(return_f64_r, fp[0] = gb_f64_bits(dacc); RETURN)
/* from32, slots */
H(return_n, memmove(fp, fp + U32(1), pc[3] * sizeof *fp); acc = fp[0]; dacc = slot_f64(fp); sacc = slot_f32(fp); RETURN)

/* ---- exceptions -------------------------------------------------------------------------------------- */

/* tag32, base32 */
H(throw, x->top->pc = pc + 1; if (!gb_interp_throw(x, U32(1), fp + U32(3))) LEAVE(GB_TRAPPED); THROW)
/* from */
H(throw_ref, if (fp[pc[1]] == 0) TRAP(GB_TRAP_NULL_REFERENCE);
  x->top->pc = pc + 1; x->exception = (gb_exception *)(uintptr_t)fp[pc[1]]; THROW)
/* kind, base32 */
H(catch, gb_interp_catch(x, pc[1], fp + U32(2)); NEXT(4))

/* ---- memory and tables: operand slots, result slot, indices ------------------------------------------- */

#define OR_TRAP(call)                                                                              \
    gb_trap_kind kind = (call);                                                                    \
    if (UNLIKELY(kind != GB_TRAP_NONE)) TRAP(kind)
H(memory_size, fp[pc[1]] = mem_size / GB_PAGE_SIZE; NEXT(2))
H(memory_grow, fp[pc[2]] = gb_memory_grow(x->instance->memories[0], S_i(1)); RELOAD; NEXT(3))
H(memory_fill, OR_TRAP(gb_bulk_memory_fill(x, S_i(1), S_i(2), S_i(3))); NEXT(4))
H(memory_copy, OR_TRAP(gb_bulk_memory_copy(x, S_i(1), S_i(2), S_i(3))); NEXT(4))
H(memory_init, OR_TRAP(gb_bulk_memory_init(x, U32(4), S_i(1), S_i(2), S_i(3))); NEXT(6))
H(data_drop, x->instance->data_lengths[U32(1)] = 0; NEXT(3))
H(elem_drop, x->instance->elem_lengths[U32(1)] = 0; NEXT(3))
H(table_get, const gb_table *t = x->instance->tables[U32(3)]; if (S_i(1) >= t->size) TRAP(GB_TRAP_OUT_OF_BOUNDS_TABLE);
  fp[pc[2]] = (uintptr_t)t->elements[S_i(1)]; NEXT(5))
H(table_set, gb_table *t = x->instance->tables[U32(3)]; if (S_i(1) >= t->size) TRAP(GB_TRAP_OUT_OF_BOUNDS_TABLE);
  t->elements[S_i(1)] = (void *)(uintptr_t)fp[pc[2]]; NEXT(5))
H(table_size, fp[pc[1]] = x->instance->tables[U32(2)]->size; NEXT(4))
H(table_grow, gb_table *t = x->instance->tables[U32(4)];
  fp[pc[3]] = gb_table_grow(x->store, t, S_i(2), (void *)(uintptr_t)fp[pc[1]]); NEXT(6))
H(table_fill, OR_TRAP(gb_bulk_table_fill(x, U32(4), S_i(1), (void *)(uintptr_t)fp[pc[2]], S_i(3))); NEXT(6))
H(table_copy, OR_TRAP(gb_bulk_table_copy(x, U32(4), U32(6), S_i(1), S_i(2), S_i(3))); NEXT(8))
H(table_init, OR_TRAP(gb_bulk_table_init(x, U32(4), U32(6), S_i(1), S_i(2), S_i(3))); NEXT(8))

