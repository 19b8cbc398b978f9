/* iops.h: the interpreter's own instructions, expanded from the opcode table.
 *
 * Code is a sequence of 16-bit units: an iop, then its operands. An operand is a frame slot (one unit), an
 * immediate (two units, sign-extended; four for f64) or a branch offset (two units, signed, in units from the iop
 * itself). All is in host byte order: this code never leaves the process.
 *
 *    ss_R   | iop | a | b | (d) |            acc  = a op b
 *    ss_S   | iop | a | b |  d  |            acc  = a op b; slot d = acc
 *    si_S   | iop | a |  d  | imm    |       the right operand is immediate
 *    is_S   | iop | b |  d  | imm    |       the left operand is
 *    rs_S   | iop | b |  d  |                the left operand is the accumulator
 *    sr_S   | iop | a |  d  |                the right operand is
 *    ri_S   | iop |  d  | imm    |
 *    s_S    | iop | a |  d  |                unary; loads have the memory offset (two units) behind d
 *    k_S    | iop |  d  | address |          a load from a constant address
 *    ss_B   | iop | a | b | offset |         compare and branch if true
 *
 * There are three accumulators, by type: integers and references, f32, f64. The instructions with R and S forms
 * leave their result in the accumulator of its type; S forms also store it. R and S forms have the same length, and
 * the translator turns one into the other when it learns where a value belongs. Calls change all accumulators; no
 * other instruction changes one. */
#ifndef GB_ENGINE_IOPS_H
#define GB_ENGINE_IOPS_H

#include "engine/opcodes.h"

/* V(id, form, …) for each form that opcodes of a shape have; the rest is the opcode's row. */
/* V(form, id, a, b, c, result, aux) for each form that opcodes of a shape have. */
#define GB_FORMS_NONE(V, id, a, b, c, r, x)
#define GB_FORMS_VECTOR(V, id, a, b, c, r, x) V(v, id, a, b, c, r, x)
#define GB_FORMS_UNARY(V, id, a, b, c, r, x)                                                          \
    V(s_R, id, a, b, c, r, x) V(s_S, id, a, b, c, r, x) V(r_R, id, a, b, c, r, x) V(r_S, id, a, b, c, r, x)
#define GB_FORMS_BINARY(V, id, a, b, c, r, x)                                                         \
    V(ss_R, id, a, b, c, r, x) V(ss_S, id, a, b, c, r, x) V(si_R, id, a, b, c, r, x) V(si_S, id, a, b, c, r, x) \
    V(is_R, id, a, b, c, r, x) V(is_S, id, a, b, c, r, x) V(rs_R, id, a, b, c, r, x) V(rs_S, id, a, b, c, r, x) \
    V(sr_R, id, a, b, c, r, x) V(sr_S, id, a, b, c, r, x) V(ri_R, id, a, b, c, r, x) V(ri_S, id, a, b, c, r, x)
#define GB_FORMS_COMPARE(V, id, a, b, c, r, x)                                                        \
    GB_FORMS_BINARY(V, id, a, b, c, r, x)                                                             \
    V(ss_B, id, a, b, c, r, x) V(si_B, id, a, b, c, r, x) V(rs_B, id, a, b, c, r, x) V(ri_B, id, a, b, c, r, x)
#define GB_FORMS_LOAD(V, id, a, b, c, r, x)                                                        \
    GB_FORMS_UNARY(V, id, a, b, c, r, x) V(k_R, id, a, b, c, r, x) V(k_S, id, a, b, c, r, x)
#define GB_FORMS_STORE(V, id, a, b, c, r, x)                                                       \
    V(ss, id, a, b, c, r, x) V(si, id, a, b, c, r, x) V(rs, id, a, b, c, r, x)                     \
    V(sr, id, a, b, c, r, x) V(ri, id, a, b, c, r, x) V(ks, id, a, b, c, r, x)                     \
    V(kr, id, a, b, c, r, x) V(ki, id, a, b, c, r, x)
#define GB_FORMS_SPECIAL GB_FORMS_NONE
#define GB_FORMS_FIXED GB_FORMS_NONE
#define GB_FORMS_CONST GB_FORMS_NONE
#define GB_FORMS_V_CONST GB_FORMS_NONE
#define GB_FORMS_TRUNC GB_FORMS_UNARY
#define GB_FORMS_DIVIDE GB_FORMS_BINARY
#define GB_FORMS_COMPARE_F GB_FORMS_BINARY
#define GB_FORMS_V_LOAD GB_FORMS_VECTOR
#define GB_FORMS_V_STORE GB_FORMS_VECTOR
#define GB_FORMS_V_LOAD_LANE GB_FORMS_VECTOR
#define GB_FORMS_V_STORE_LANE GB_FORMS_VECTOR
#define GB_FORMS_V_UNARY GB_FORMS_VECTOR
#define GB_FORMS_V_BINARY GB_FORMS_VECTOR
#define GB_FORMS_V_TERNARY GB_FORMS_VECTOR
#define GB_FORMS_V_SHIFT GB_FORMS_VECTOR
#define GB_FORMS_V_TEST GB_FORMS_VECTOR
#define GB_FORMS_V_SPLAT GB_FORMS_VECTOR
#define GB_FORMS_V_EXTRACT GB_FORMS_VECTOR
#define GB_FORMS_V_REPLACE GB_FORMS_VECTOR
#define GB_FORMS_V_SHUFFLE GB_FORMS_VECTOR

/* A local changed by a constant, compared and branched on, as at the end of a loop: for each comparison of i32, in the order of the
 * opcode table. */
#define GB_COUNTING_IOPS(X)                                                                        \
    X(count_eq_s) X(count_eq_i) X(count_ne_s) X(count_ne_i) X(count_lt_s_s) X(count_lt_s_i)        \
    X(count_lt_u_s) X(count_lt_u_i) X(count_gt_s_s) X(count_gt_s_i) X(count_gt_u_s)                \
    X(count_gt_u_i) X(count_le_s_s) X(count_le_s_i) X(count_le_u_s) X(count_le_u_i)                \
    X(count_ge_s_s) X(count_ge_s_i) X(count_ge_u_s) X(count_ge_u_i)

/* Instructions that no opcode's shape gives: X(name). Operands as written in interp_ops.h. */
#define GB_SPECIAL_IOPS(X)                                                                         \
    X(exit) X(lazy) X(import) X(fuel) X(zero) X(unreachable)                                       \
    X(br) X(br_nz_s) X(br_nz_r) X(br_z_s) X(br_z_r) X(br_table_s) X(br_table_r)                    \
    X(return) X(return_s) X(return_r) X(return_f32_s) X(return_f32_r) X(return_f64_s)              \
    X(return_f64_r) X(return_n) X(call) X(call_copy) X(call_copy2) X(call_const) X(call_const2)    \
    X(call_indirect) X(tail_call) X(tail_call_indirect)                                            \
    X(throw) X(throw_ref) X(catch)                                                                 \
    X(copy) X(copy2) X(const2) X(copy_far) X(copy_v) X(copy_v_far) X(copy_n)                                 \
    X(const) X(const64) X(const_v) X(const_far)                                                    \
    X(put_r) X(put_f32_r) X(put_f64_r)                                                             \
    X(select_sss_R) X(select_sss_S) X(select_ssi_R) X(select_ssi_S) X(select_sis_R)                \
    X(select_sis_S) X(select_sii_R) X(select_sii_S) X(select_rss_R) X(select_rss_S)                \
    X(select_rsi_R) X(select_rsi_S) X(select_ris_R) X(select_ris_S) X(select_rii_R)                \
    X(select_rii_S) X(select_w) X(select_v)                                                        \
    X(i32_shl_add_s_R) X(i32_shl_add_s_S) X(i32_shl_add_r_R) X(i32_shl_add_r_S)                    \
    X(br_and_nz_s) X(br_and_nz_r) X(br_and_z_s) X(br_and_z_r)                                      \
    GB_COUNTING_IOPS(X)                                                                            \
    X(global_add_R) X(global_add_S) X(global_set_add)                                              \
    X(global_get_R) X(global_get_S) X(global_get_w) X(global_get_v)                                \
    X(global_set_s) X(global_set_r) X(global_set_v)                                                \
    X(table_get) X(table_set) X(table_size) X(table_grow) X(table_fill) X(table_copy)              \
    X(table_init) X(elem_drop) X(memory_size) X(memory_grow) X(memory_fill) X(memory_copy)         \
    X(memory_init) X(data_drop) X(ref_func) X(ref_is_null)

typedef enum gb_iop {
#define X(name) GB_I_##name,
    GB_SPECIAL_IOPS(X)
#undef X
#define V(form, id, a, b, c, r, x) GB_I_##id##_##form,
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape) GB_FORMS_##shape(V, id, a, b, c, result, aux)
        GB_OPCODES(X)
#undef X
#undef V
            GB_IOP_COUNT
} gb_iop;

/* Offsets of forms from the first of an opcode's; S is R + 1. */
enum {
    GB_FORM_SS = 0, GB_FORM_SI = 2, GB_FORM_IS = 4, GB_FORM_RS = 6, GB_FORM_SR = 8, GB_FORM_RI = 10,
    GB_FORM_SS_B = 12, GB_FORM_SI_B = 13, GB_FORM_RS_B = 14, GB_FORM_RI_B = 15,
    GB_FORM_S = 0, GB_FORM_R = 2, GB_FORM_K = 4,
    GB_STORE_SS = 0, GB_STORE_SI = 1, GB_STORE_RS = 2, GB_STORE_SR = 3, GB_STORE_RI = 4,
    GB_STORE_KS = 5, GB_STORE_KR = 6, GB_STORE_KI = 7,
};

/* First iop of an opcode with forms, 0 of the others. */
extern const uint16_t gb_iop_of[GB_OP_COUNT];
extern const char *const gb_iop_names[GB_IOP_COUNT];

#endif
