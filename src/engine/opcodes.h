/* opcodes.h: every WebAssembly instruction the engine knows, once. The decoder, the validator, the
 * disassembler, the interpreter's translator and handlers, and any further tier are expanded from this
 * table; an instruction is added here and its meaning in semantics.h or simd.h.
 *
 *   X(id, prefix, code, text, immediates, a, b, c, result, aux, shape)
 *
 * id          gb_opcode GB_OP_<id>
 * prefix,code binary form: one byte when prefix is 0, else the prefix byte and a LEB128 code
 * immediates  gb_immediate GB_IMM_<immediates>: what follows the code
 * a, b, c     types of the operands, the last one on top: i=i32 I=i64 f=f32 F=f64 v=v128, _=none
 * result      type of the result
 * aux         memory access: log2 of its width in bytes, also the largest alignment; else number of lanes
 * shape       how a tier expands it: all of one shape differ only in what they compute
 *
 * Source: WebAssembly core specification 3.0, appendix "Index of Instructions", without garbage
 * collection, typed function references, relaxed SIMD and 64-bit memories. */
#ifndef GB_ENGINE_OPCODES_H
#define GB_ENGINE_OPCODES_H

#include <stdint.h>

/* clang-format off */
#define GB_OPCODES(X) \
    /* control */                                                                                  \
    X(unreachable, 0x00, 0x00, "unreachable", NONE, _, _, _, _, 0, SPECIAL)                        \
    X(nop, 0x00, 0x01, "nop", NONE, _, _, _, _, 0, SPECIAL)                                        \
    X(block, 0x00, 0x02, "block", BLOCK, _, _, _, _, 0, SPECIAL)                                   \
    X(loop, 0x00, 0x03, "loop", BLOCK, _, _, _, _, 0, SPECIAL)                                     \
    X(if, 0x00, 0x04, "if", BLOCK, _, _, _, _, 0, SPECIAL)                                         \
    X(else, 0x00, 0x05, "else", NONE, _, _, _, _, 0, SPECIAL)                                      \
    X(throw, 0x00, 0x08, "throw", TAG, _, _, _, _, 0, SPECIAL)                                     \
    X(throw_ref, 0x00, 0x0a, "throw_ref", NONE, _, _, _, _, 0, SPECIAL)                            \
    X(end, 0x00, 0x0b, "end", NONE, _, _, _, _, 0, SPECIAL)                                        \
    X(br, 0x00, 0x0c, "br", LABEL, _, _, _, _, 0, SPECIAL)                                         \
    X(br_if, 0x00, 0x0d, "br_if", LABEL, _, _, _, _, 0, SPECIAL)                                   \
    X(br_table, 0x00, 0x0e, "br_table", LABELS, _, _, _, _, 0, SPECIAL)                            \
    X(return, 0x00, 0x0f, "return", NONE, _, _, _, _, 0, SPECIAL)                                  \
    X(call, 0x00, 0x10, "call", FUNC, _, _, _, _, 0, SPECIAL)                                      \
    X(call_indirect, 0x00, 0x11, "call_indirect", TYPE_TABLE, _, _, _, _, 0, SPECIAL)              \
    X(return_call, 0x00, 0x12, "return_call", FUNC, _, _, _, _, 0, SPECIAL)                        \
    X(return_call_indirect, 0x00, 0x13, "return_call_indirect", TYPE_TABLE, _, _, _, _, 0, SPECIAL) \
    X(drop, 0x00, 0x1a, "drop", NONE, _, _, _, _, 0, SPECIAL)                                      \
    X(select, 0x00, 0x1b, "select", NONE, _, _, _, _, 0, SPECIAL)                                  \
    X(select_t, 0x00, 0x1c, "select", SELECT, _, _, _, _, 0, SPECIAL)                              \
    X(try_table, 0x00, 0x1f, "try_table", TRY, _, _, _, _, 0, SPECIAL)                             \
    /* variables, tables, references */                                                            \
    X(local_get, 0x00, 0x20, "local.get", LOCAL, _, _, _, _, 0, SPECIAL)                           \
    X(local_set, 0x00, 0x21, "local.set", LOCAL, _, _, _, _, 0, SPECIAL)                           \
    X(local_tee, 0x00, 0x22, "local.tee", LOCAL, _, _, _, _, 0, SPECIAL)                           \
    X(global_get, 0x00, 0x23, "global.get", GLOBAL, _, _, _, _, 0, SPECIAL)                        \
    X(global_set, 0x00, 0x24, "global.set", GLOBAL, _, _, _, _, 0, SPECIAL)                        \
    X(table_get, 0x00, 0x25, "table.get", TABLE, _, _, _, _, 0, SPECIAL)                           \
    X(table_set, 0x00, 0x26, "table.set", TABLE, _, _, _, _, 0, SPECIAL)                           \
    X(ref_null, 0x00, 0xd0, "ref.null", HEAPTYPE, _, _, _, _, 0, SPECIAL)                          \
    X(ref_is_null, 0x00, 0xd1, "ref.is_null", NONE, _, _, _, _, 0, SPECIAL)                        \
    X(ref_func, 0x00, 0xd2, "ref.func", FUNC, _, _, _, _, 0, SPECIAL)                              \
    /* memory */                                                                                   \
    X(i32_load, 0x00, 0x28, "i32.load", MEMARG, i, _, _, i, 2, LOAD)                               \
    X(i64_load, 0x00, 0x29, "i64.load", MEMARG, i, _, _, I, 3, LOAD)                               \
    X(f32_load, 0x00, 0x2a, "f32.load", MEMARG, i, _, _, f, 2, LOAD)                               \
    X(f64_load, 0x00, 0x2b, "f64.load", MEMARG, i, _, _, F, 3, LOAD)                               \
    X(i32_load8_s, 0x00, 0x2c, "i32.load8_s", MEMARG, i, _, _, i, 0, LOAD)                         \
    X(i32_load8_u, 0x00, 0x2d, "i32.load8_u", MEMARG, i, _, _, i, 0, LOAD)                         \
    X(i32_load16_s, 0x00, 0x2e, "i32.load16_s", MEMARG, i, _, _, i, 1, LOAD)                       \
    X(i32_load16_u, 0x00, 0x2f, "i32.load16_u", MEMARG, i, _, _, i, 1, LOAD)                       \
    X(i64_load8_s, 0x00, 0x30, "i64.load8_s", MEMARG, i, _, _, I, 0, LOAD)                         \
    X(i64_load8_u, 0x00, 0x31, "i64.load8_u", MEMARG, i, _, _, I, 0, LOAD)                         \
    X(i64_load16_s, 0x00, 0x32, "i64.load16_s", MEMARG, i, _, _, I, 1, LOAD)                       \
    X(i64_load16_u, 0x00, 0x33, "i64.load16_u", MEMARG, i, _, _, I, 1, LOAD)                       \
    X(i64_load32_s, 0x00, 0x34, "i64.load32_s", MEMARG, i, _, _, I, 2, LOAD)                       \
    X(i64_load32_u, 0x00, 0x35, "i64.load32_u", MEMARG, i, _, _, I, 2, LOAD)                       \
    X(i32_store, 0x00, 0x36, "i32.store", MEMARG, i, i, _, _, 2, STORE)                            \
    X(i64_store, 0x00, 0x37, "i64.store", MEMARG, i, I, _, _, 3, STORE)                            \
    X(f32_store, 0x00, 0x38, "f32.store", MEMARG, i, f, _, _, 2, STORE)                            \
    X(f64_store, 0x00, 0x39, "f64.store", MEMARG, i, F, _, _, 3, STORE)                            \
    X(i32_store8, 0x00, 0x3a, "i32.store8", MEMARG, i, i, _, _, 0, STORE)                          \
    X(i32_store16, 0x00, 0x3b, "i32.store16", MEMARG, i, i, _, _, 1, STORE)                        \
    X(i64_store8, 0x00, 0x3c, "i64.store8", MEMARG, i, I, _, _, 0, STORE)                          \
    X(i64_store16, 0x00, 0x3d, "i64.store16", MEMARG, i, I, _, _, 1, STORE)                        \
    X(i64_store32, 0x00, 0x3e, "i64.store32", MEMARG, i, I, _, _, 2, STORE)                        \
    X(memory_size, 0x00, 0x3f, "memory.size", MEMORY, _, _, _, i, 0, FIXED)                        \
    X(memory_grow, 0x00, 0x40, "memory.grow", MEMORY, i, _, _, i, 0, FIXED)                        \
    /* constants */                                                                                \
    X(i32_const, 0x00, 0x41, "i32.const", I32, _, _, _, i, 0, CONST)                               \
    X(i64_const, 0x00, 0x42, "i64.const", I64, _, _, _, I, 0, CONST)                               \
    X(f32_const, 0x00, 0x43, "f32.const", F32, _, _, _, f, 0, CONST)                               \
    X(f64_const, 0x00, 0x44, "f64.const", F64, _, _, _, F, 0, CONST)                               \
    /* comparisons */                                                                              \
    X(i32_eqz, 0x00, 0x45, "i32.eqz", NONE, i, _, _, i, 0, UNARY)                                  \
    X(i32_eq, 0x00, 0x46, "i32.eq", NONE, i, i, _, i, 0, COMPARE)                                  \
    X(i32_ne, 0x00, 0x47, "i32.ne", NONE, i, i, _, i, 0, COMPARE)                                  \
    X(i32_lt_s, 0x00, 0x48, "i32.lt_s", NONE, i, i, _, i, 0, COMPARE)                              \
    X(i32_lt_u, 0x00, 0x49, "i32.lt_u", NONE, i, i, _, i, 0, COMPARE)                              \
    X(i32_gt_s, 0x00, 0x4a, "i32.gt_s", NONE, i, i, _, i, 0, COMPARE)                              \
    X(i32_gt_u, 0x00, 0x4b, "i32.gt_u", NONE, i, i, _, i, 0, COMPARE)                              \
    X(i32_le_s, 0x00, 0x4c, "i32.le_s", NONE, i, i, _, i, 0, COMPARE)                              \
    X(i32_le_u, 0x00, 0x4d, "i32.le_u", NONE, i, i, _, i, 0, COMPARE)                              \
    X(i32_ge_s, 0x00, 0x4e, "i32.ge_s", NONE, i, i, _, i, 0, COMPARE)                              \
    X(i32_ge_u, 0x00, 0x4f, "i32.ge_u", NONE, i, i, _, i, 0, COMPARE)                              \
    X(i64_eqz, 0x00, 0x50, "i64.eqz", NONE, I, _, _, i, 0, UNARY)                                  \
    X(i64_eq, 0x00, 0x51, "i64.eq", NONE, I, I, _, i, 0, COMPARE)                                  \
    X(i64_ne, 0x00, 0x52, "i64.ne", NONE, I, I, _, i, 0, COMPARE)                                  \
    X(i64_lt_s, 0x00, 0x53, "i64.lt_s", NONE, I, I, _, i, 0, COMPARE)                              \
    X(i64_lt_u, 0x00, 0x54, "i64.lt_u", NONE, I, I, _, i, 0, COMPARE)                              \
    X(i64_gt_s, 0x00, 0x55, "i64.gt_s", NONE, I, I, _, i, 0, COMPARE)                              \
    X(i64_gt_u, 0x00, 0x56, "i64.gt_u", NONE, I, I, _, i, 0, COMPARE)                              \
    X(i64_le_s, 0x00, 0x57, "i64.le_s", NONE, I, I, _, i, 0, COMPARE)                              \
    X(i64_le_u, 0x00, 0x58, "i64.le_u", NONE, I, I, _, i, 0, COMPARE)                              \
    X(i64_ge_s, 0x00, 0x59, "i64.ge_s", NONE, I, I, _, i, 0, COMPARE)                              \
    X(i64_ge_u, 0x00, 0x5a, "i64.ge_u", NONE, I, I, _, i, 0, COMPARE)                              \
    X(f32_eq, 0x00, 0x5b, "f32.eq", NONE, f, f, _, i, 0, COMPARE_F)                                \
    X(f32_ne, 0x00, 0x5c, "f32.ne", NONE, f, f, _, i, 0, COMPARE_F)                                \
    X(f32_lt, 0x00, 0x5d, "f32.lt", NONE, f, f, _, i, 0, COMPARE_F)                                \
    X(f32_gt, 0x00, 0x5e, "f32.gt", NONE, f, f, _, i, 0, COMPARE_F)                                \
    X(f32_le, 0x00, 0x5f, "f32.le", NONE, f, f, _, i, 0, COMPARE_F)                                \
    X(f32_ge, 0x00, 0x60, "f32.ge", NONE, f, f, _, i, 0, COMPARE_F)                                \
    X(f64_eq, 0x00, 0x61, "f64.eq", NONE, F, F, _, i, 0, COMPARE_F)                                \
    X(f64_ne, 0x00, 0x62, "f64.ne", NONE, F, F, _, i, 0, COMPARE_F)                                \
    X(f64_lt, 0x00, 0x63, "f64.lt", NONE, F, F, _, i, 0, COMPARE_F)                                \
    X(f64_gt, 0x00, 0x64, "f64.gt", NONE, F, F, _, i, 0, COMPARE_F)                                \
    X(f64_le, 0x00, 0x65, "f64.le", NONE, F, F, _, i, 0, COMPARE_F)                                \
    X(f64_ge, 0x00, 0x66, "f64.ge", NONE, F, F, _, i, 0, COMPARE_F)                                \
    /* arithmetic */                                                                               \
    X(i32_clz, 0x00, 0x67, "i32.clz", NONE, i, _, _, i, 0, UNARY)                                  \
    X(i32_ctz, 0x00, 0x68, "i32.ctz", NONE, i, _, _, i, 0, UNARY)                                  \
    X(i32_popcnt, 0x00, 0x69, "i32.popcnt", NONE, i, _, _, i, 0, UNARY)                            \
    X(i32_add, 0x00, 0x6a, "i32.add", NONE, i, i, _, i, 0, BINARY)                                 \
    X(i32_sub, 0x00, 0x6b, "i32.sub", NONE, i, i, _, i, 0, BINARY)                                 \
    X(i32_mul, 0x00, 0x6c, "i32.mul", NONE, i, i, _, i, 0, BINARY)                                 \
    X(i32_div_s, 0x00, 0x6d, "i32.div_s", NONE, i, i, _, i, 0, DIVIDE)                             \
    X(i32_div_u, 0x00, 0x6e, "i32.div_u", NONE, i, i, _, i, 0, DIVIDE)                             \
    X(i32_rem_s, 0x00, 0x6f, "i32.rem_s", NONE, i, i, _, i, 0, DIVIDE)                             \
    X(i32_rem_u, 0x00, 0x70, "i32.rem_u", NONE, i, i, _, i, 0, DIVIDE)                             \
    X(i32_and, 0x00, 0x71, "i32.and", NONE, i, i, _, i, 0, BINARY)                                 \
    X(i32_or, 0x00, 0x72, "i32.or", NONE, i, i, _, i, 0, BINARY)                                   \
    X(i32_xor, 0x00, 0x73, "i32.xor", NONE, i, i, _, i, 0, BINARY)                                 \
    X(i32_shl, 0x00, 0x74, "i32.shl", NONE, i, i, _, i, 0, BINARY)                                 \
    X(i32_shr_s, 0x00, 0x75, "i32.shr_s", NONE, i, i, _, i, 0, BINARY)                             \
    X(i32_shr_u, 0x00, 0x76, "i32.shr_u", NONE, i, i, _, i, 0, BINARY)                             \
    X(i32_rotl, 0x00, 0x77, "i32.rotl", NONE, i, i, _, i, 0, BINARY)                               \
    X(i32_rotr, 0x00, 0x78, "i32.rotr", NONE, i, i, _, i, 0, BINARY)                               \
    X(i64_clz, 0x00, 0x79, "i64.clz", NONE, I, _, _, I, 0, UNARY)                                  \
    X(i64_ctz, 0x00, 0x7a, "i64.ctz", NONE, I, _, _, I, 0, UNARY)                                  \
    X(i64_popcnt, 0x00, 0x7b, "i64.popcnt", NONE, I, _, _, I, 0, UNARY)                            \
    X(i64_add, 0x00, 0x7c, "i64.add", NONE, I, I, _, I, 0, BINARY)                                 \
    X(i64_sub, 0x00, 0x7d, "i64.sub", NONE, I, I, _, I, 0, BINARY)                                 \
    X(i64_mul, 0x00, 0x7e, "i64.mul", NONE, I, I, _, I, 0, BINARY)                                 \
    X(i64_div_s, 0x00, 0x7f, "i64.div_s", NONE, I, I, _, I, 0, DIVIDE)                             \
    X(i64_div_u, 0x00, 0x80, "i64.div_u", NONE, I, I, _, I, 0, DIVIDE)                             \
    X(i64_rem_s, 0x00, 0x81, "i64.rem_s", NONE, I, I, _, I, 0, DIVIDE)                             \
    X(i64_rem_u, 0x00, 0x82, "i64.rem_u", NONE, I, I, _, I, 0, DIVIDE)                             \
    X(i64_and, 0x00, 0x83, "i64.and", NONE, I, I, _, I, 0, BINARY)                                 \
    X(i64_or, 0x00, 0x84, "i64.or", NONE, I, I, _, I, 0, BINARY)                                   \
    X(i64_xor, 0x00, 0x85, "i64.xor", NONE, I, I, _, I, 0, BINARY)                                 \
    X(i64_shl, 0x00, 0x86, "i64.shl", NONE, I, I, _, I, 0, BINARY)                                 \
    X(i64_shr_s, 0x00, 0x87, "i64.shr_s", NONE, I, I, _, I, 0, BINARY)                             \
    X(i64_shr_u, 0x00, 0x88, "i64.shr_u", NONE, I, I, _, I, 0, BINARY)                             \
    X(i64_rotl, 0x00, 0x89, "i64.rotl", NONE, I, I, _, I, 0, BINARY)                               \
    X(i64_rotr, 0x00, 0x8a, "i64.rotr", NONE, I, I, _, I, 0, BINARY)                               \
    X(f32_abs, 0x00, 0x8b, "f32.abs", NONE, f, _, _, f, 0, UNARY)                                  \
    X(f32_neg, 0x00, 0x8c, "f32.neg", NONE, f, _, _, f, 0, UNARY)                                  \
    X(f32_ceil, 0x00, 0x8d, "f32.ceil", NONE, f, _, _, f, 0, UNARY)                                \
    X(f32_floor, 0x00, 0x8e, "f32.floor", NONE, f, _, _, f, 0, UNARY)                              \
    X(f32_trunc, 0x00, 0x8f, "f32.trunc", NONE, f, _, _, f, 0, UNARY)                              \
    X(f32_nearest, 0x00, 0x90, "f32.nearest", NONE, f, _, _, f, 0, UNARY)                          \
    X(f32_sqrt, 0x00, 0x91, "f32.sqrt", NONE, f, _, _, f, 0, UNARY)                                \
    X(f32_add, 0x00, 0x92, "f32.add", NONE, f, f, _, f, 0, BINARY)                                 \
    X(f32_sub, 0x00, 0x93, "f32.sub", NONE, f, f, _, f, 0, BINARY)                                 \
    X(f32_mul, 0x00, 0x94, "f32.mul", NONE, f, f, _, f, 0, BINARY)                                 \
    X(f32_div, 0x00, 0x95, "f32.div", NONE, f, f, _, f, 0, BINARY)                                 \
    X(f32_min, 0x00, 0x96, "f32.min", NONE, f, f, _, f, 0, BINARY)                                 \
    X(f32_max, 0x00, 0x97, "f32.max", NONE, f, f, _, f, 0, BINARY)                                 \
    X(f32_copysign, 0x00, 0x98, "f32.copysign", NONE, f, f, _, f, 0, BINARY)                       \
    X(f64_abs, 0x00, 0x99, "f64.abs", NONE, F, _, _, F, 0, UNARY)                                  \
    X(f64_neg, 0x00, 0x9a, "f64.neg", NONE, F, _, _, F, 0, UNARY)                                  \
    X(f64_ceil, 0x00, 0x9b, "f64.ceil", NONE, F, _, _, F, 0, UNARY)                                \
    X(f64_floor, 0x00, 0x9c, "f64.floor", NONE, F, _, _, F, 0, UNARY)                              \
    X(f64_trunc, 0x00, 0x9d, "f64.trunc", NONE, F, _, _, F, 0, UNARY)                              \
    X(f64_nearest, 0x00, 0x9e, "f64.nearest", NONE, F, _, _, F, 0, UNARY)                          \
    X(f64_sqrt, 0x00, 0x9f, "f64.sqrt", NONE, F, _, _, F, 0, UNARY)                                \
    X(f64_add, 0x00, 0xa0, "f64.add", NONE, F, F, _, F, 0, BINARY)                                 \
    X(f64_sub, 0x00, 0xa1, "f64.sub", NONE, F, F, _, F, 0, BINARY)                                 \
    X(f64_mul, 0x00, 0xa2, "f64.mul", NONE, F, F, _, F, 0, BINARY)                                 \
    X(f64_div, 0x00, 0xa3, "f64.div", NONE, F, F, _, F, 0, BINARY)                                 \
    X(f64_min, 0x00, 0xa4, "f64.min", NONE, F, F, _, F, 0, BINARY)                                 \
    X(f64_max, 0x00, 0xa5, "f64.max", NONE, F, F, _, F, 0, BINARY)                                 \
    X(f64_copysign, 0x00, 0xa6, "f64.copysign", NONE, F, F, _, F, 0, BINARY)                       \
    /* conversions */                                                                              \
    X(i32_wrap_i64, 0x00, 0xa7, "i32.wrap_i64", NONE, I, _, _, i, 0, UNARY)                        \
    X(i32_trunc_f32_s, 0x00, 0xa8, "i32.trunc_f32_s", NONE, f, _, _, i, 0, TRUNC)                  \
    X(i32_trunc_f32_u, 0x00, 0xa9, "i32.trunc_f32_u", NONE, f, _, _, i, 0, TRUNC)                  \
    X(i32_trunc_f64_s, 0x00, 0xaa, "i32.trunc_f64_s", NONE, F, _, _, i, 0, TRUNC)                  \
    X(i32_trunc_f64_u, 0x00, 0xab, "i32.trunc_f64_u", NONE, F, _, _, i, 0, TRUNC)                  \
    X(i64_extend_i32_s, 0x00, 0xac, "i64.extend_i32_s", NONE, i, _, _, I, 0, UNARY)                \
    X(i64_extend_i32_u, 0x00, 0xad, "i64.extend_i32_u", NONE, i, _, _, I, 0, UNARY)                \
    X(i64_trunc_f32_s, 0x00, 0xae, "i64.trunc_f32_s", NONE, f, _, _, I, 0, TRUNC)                  \
    X(i64_trunc_f32_u, 0x00, 0xaf, "i64.trunc_f32_u", NONE, f, _, _, I, 0, TRUNC)                  \
    X(i64_trunc_f64_s, 0x00, 0xb0, "i64.trunc_f64_s", NONE, F, _, _, I, 0, TRUNC)                  \
    X(i64_trunc_f64_u, 0x00, 0xb1, "i64.trunc_f64_u", NONE, F, _, _, I, 0, TRUNC)                  \
    X(f32_convert_i32_s, 0x00, 0xb2, "f32.convert_i32_s", NONE, i, _, _, f, 0, UNARY)              \
    X(f32_convert_i32_u, 0x00, 0xb3, "f32.convert_i32_u", NONE, i, _, _, f, 0, UNARY)              \
    X(f32_convert_i64_s, 0x00, 0xb4, "f32.convert_i64_s", NONE, I, _, _, f, 0, UNARY)              \
    X(f32_convert_i64_u, 0x00, 0xb5, "f32.convert_i64_u", NONE, I, _, _, f, 0, UNARY)              \
    X(f32_demote_f64, 0x00, 0xb6, "f32.demote_f64", NONE, F, _, _, f, 0, UNARY)                    \
    X(f64_convert_i32_s, 0x00, 0xb7, "f64.convert_i32_s", NONE, i, _, _, F, 0, UNARY)              \
    X(f64_convert_i32_u, 0x00, 0xb8, "f64.convert_i32_u", NONE, i, _, _, F, 0, UNARY)              \
    X(f64_convert_i64_s, 0x00, 0xb9, "f64.convert_i64_s", NONE, I, _, _, F, 0, UNARY)              \
    X(f64_convert_i64_u, 0x00, 0xba, "f64.convert_i64_u", NONE, I, _, _, F, 0, UNARY)              \
    X(f64_promote_f32, 0x00, 0xbb, "f64.promote_f32", NONE, f, _, _, F, 0, UNARY)                  \
    X(i32_reinterpret_f32, 0x00, 0xbc, "i32.reinterpret_f32", NONE, f, _, _, i, 0, UNARY)          \
    X(i64_reinterpret_f64, 0x00, 0xbd, "i64.reinterpret_f64", NONE, F, _, _, I, 0, UNARY)          \
    X(f32_reinterpret_i32, 0x00, 0xbe, "f32.reinterpret_i32", NONE, i, _, _, f, 0, UNARY)          \
    X(f64_reinterpret_i64, 0x00, 0xbf, "f64.reinterpret_i64", NONE, I, _, _, F, 0, UNARY)          \
    X(i32_extend8_s, 0x00, 0xc0, "i32.extend8_s", NONE, i, _, _, i, 0, UNARY)                      \
    X(i32_extend16_s, 0x00, 0xc1, "i32.extend16_s", NONE, i, _, _, i, 0, UNARY)                    \
    X(i64_extend8_s, 0x00, 0xc2, "i64.extend8_s", NONE, I, _, _, I, 0, UNARY)                      \
    X(i64_extend16_s, 0x00, 0xc3, "i64.extend16_s", NONE, I, _, _, I, 0, UNARY)                    \
    X(i64_extend32_s, 0x00, 0xc4, "i64.extend32_s", NONE, I, _, _, I, 0, UNARY)                    \
    X(i32_trunc_sat_f32_s, 0xfc, 0x00, "i32.trunc_sat_f32_s", NONE, f, _, _, i, 0, UNARY)          \
    X(i32_trunc_sat_f32_u, 0xfc, 0x01, "i32.trunc_sat_f32_u", NONE, f, _, _, i, 0, UNARY)          \
    X(i32_trunc_sat_f64_s, 0xfc, 0x02, "i32.trunc_sat_f64_s", NONE, F, _, _, i, 0, UNARY)          \
    X(i32_trunc_sat_f64_u, 0xfc, 0x03, "i32.trunc_sat_f64_u", NONE, F, _, _, i, 0, UNARY)          \
    X(i64_trunc_sat_f32_s, 0xfc, 0x04, "i64.trunc_sat_f32_s", NONE, f, _, _, I, 0, UNARY)          \
    X(i64_trunc_sat_f32_u, 0xfc, 0x05, "i64.trunc_sat_f32_u", NONE, f, _, _, I, 0, UNARY)          \
    X(i64_trunc_sat_f64_s, 0xfc, 0x06, "i64.trunc_sat_f64_s", NONE, F, _, _, I, 0, UNARY)          \
    X(i64_trunc_sat_f64_u, 0xfc, 0x07, "i64.trunc_sat_f64_u", NONE, F, _, _, I, 0, UNARY)          \
    /* bulk memory and tables */                                                                   \
    X(memory_init, 0xfc, 0x08, "memory.init", DATA_MEMORY, i, i, i, _, 0, FIXED)                   \
    X(data_drop, 0xfc, 0x09, "data.drop", DATA, _, _, _, _, 0, FIXED)                              \
    X(memory_copy, 0xfc, 0x0a, "memory.copy", MEMORY_MEMORY, i, i, i, _, 0, FIXED)                 \
    X(memory_fill, 0xfc, 0x0b, "memory.fill", MEMORY, i, i, i, _, 0, FIXED)                        \
    X(table_init, 0xfc, 0x0c, "table.init", ELEM_TABLE, i, i, i, _, 0, FIXED)                      \
    X(elem_drop, 0xfc, 0x0d, "elem.drop", ELEM, _, _, _, _, 0, FIXED)                              \
    X(table_copy, 0xfc, 0x0e, "table.copy", TABLE_TABLE, i, i, i, _, 0, FIXED)                     \
    X(table_grow, 0xfc, 0x0f, "table.grow", TABLE, _, _, _, _, 0, SPECIAL)                         \
    X(table_size, 0xfc, 0x10, "table.size", TABLE, _, _, _, i, 0, FIXED)                           \
    X(table_fill, 0xfc, 0x11, "table.fill", TABLE, _, _, _, _, 0, SPECIAL)                         \
    /* vectors: memory, constants, lanes */                                                        \
    X(v128_load, 0xfd, 0x00, "v128.load", MEMARG, i, _, _, v, 4, V_LOAD)                           \
    X(v128_load8x8_s, 0xfd, 0x01, "v128.load8x8_s", MEMARG, i, _, _, v, 3, V_LOAD)                 \
    X(v128_load8x8_u, 0xfd, 0x02, "v128.load8x8_u", MEMARG, i, _, _, v, 3, V_LOAD)                 \
    X(v128_load16x4_s, 0xfd, 0x03, "v128.load16x4_s", MEMARG, i, _, _, v, 3, V_LOAD)               \
    X(v128_load16x4_u, 0xfd, 0x04, "v128.load16x4_u", MEMARG, i, _, _, v, 3, V_LOAD)               \
    X(v128_load32x2_s, 0xfd, 0x05, "v128.load32x2_s", MEMARG, i, _, _, v, 3, V_LOAD)               \
    X(v128_load32x2_u, 0xfd, 0x06, "v128.load32x2_u", MEMARG, i, _, _, v, 3, V_LOAD)               \
    X(v128_load8_splat, 0xfd, 0x07, "v128.load8_splat", MEMARG, i, _, _, v, 0, V_LOAD)             \
    X(v128_load16_splat, 0xfd, 0x08, "v128.load16_splat", MEMARG, i, _, _, v, 1, V_LOAD)           \
    X(v128_load32_splat, 0xfd, 0x09, "v128.load32_splat", MEMARG, i, _, _, v, 2, V_LOAD)           \
    X(v128_load64_splat, 0xfd, 0x0a, "v128.load64_splat", MEMARG, i, _, _, v, 3, V_LOAD)           \
    X(v128_store, 0xfd, 0x0b, "v128.store", MEMARG, i, v, _, _, 4, V_STORE)                        \
    X(v128_const, 0xfd, 0x0c, "v128.const", V128, _, _, _, v, 0, V_CONST)                          \
    X(i8x16_shuffle, 0xfd, 0x0d, "i8x16.shuffle", SHUFFLE, v, v, _, v, 32, V_SHUFFLE)              \
    X(i8x16_swizzle, 0xfd, 0x0e, "i8x16.swizzle", NONE, v, v, _, v, 0, V_BINARY)                   \
    X(i8x16_splat, 0xfd, 0x0f, "i8x16.splat", NONE, i, _, _, v, 0, V_SPLAT)                        \
    X(i16x8_splat, 0xfd, 0x10, "i16x8.splat", NONE, i, _, _, v, 0, V_SPLAT)                        \
    X(i32x4_splat, 0xfd, 0x11, "i32x4.splat", NONE, i, _, _, v, 0, V_SPLAT)                        \
    X(i64x2_splat, 0xfd, 0x12, "i64x2.splat", NONE, I, _, _, v, 0, V_SPLAT)                        \
    X(f32x4_splat, 0xfd, 0x13, "f32x4.splat", NONE, f, _, _, v, 0, V_SPLAT)                        \
    X(f64x2_splat, 0xfd, 0x14, "f64x2.splat", NONE, F, _, _, v, 0, V_SPLAT)                        \
    X(i8x16_extract_lane_s, 0xfd, 0x15, "i8x16.extract_lane_s", LANE, v, _, _, i, 16, V_EXTRACT)   \
    X(i8x16_extract_lane_u, 0xfd, 0x16, "i8x16.extract_lane_u", LANE, v, _, _, i, 16, V_EXTRACT)   \
    X(i8x16_replace_lane, 0xfd, 0x17, "i8x16.replace_lane", LANE, v, i, _, v, 16, V_REPLACE)       \
    X(i16x8_extract_lane_s, 0xfd, 0x18, "i16x8.extract_lane_s", LANE, v, _, _, i, 8, V_EXTRACT)    \
    X(i16x8_extract_lane_u, 0xfd, 0x19, "i16x8.extract_lane_u", LANE, v, _, _, i, 8, V_EXTRACT)    \
    X(i16x8_replace_lane, 0xfd, 0x1a, "i16x8.replace_lane", LANE, v, i, _, v, 8, V_REPLACE)        \
    X(i32x4_extract_lane, 0xfd, 0x1b, "i32x4.extract_lane", LANE, v, _, _, i, 4, V_EXTRACT)        \
    X(i32x4_replace_lane, 0xfd, 0x1c, "i32x4.replace_lane", LANE, v, i, _, v, 4, V_REPLACE)        \
    X(i64x2_extract_lane, 0xfd, 0x1d, "i64x2.extract_lane", LANE, v, _, _, I, 2, V_EXTRACT)        \
    X(i64x2_replace_lane, 0xfd, 0x1e, "i64x2.replace_lane", LANE, v, I, _, v, 2, V_REPLACE)        \
    X(f32x4_extract_lane, 0xfd, 0x1f, "f32x4.extract_lane", LANE, v, _, _, f, 4, V_EXTRACT)        \
    X(f32x4_replace_lane, 0xfd, 0x20, "f32x4.replace_lane", LANE, v, f, _, v, 4, V_REPLACE)        \
    X(f64x2_extract_lane, 0xfd, 0x21, "f64x2.extract_lane", LANE, v, _, _, F, 2, V_EXTRACT)        \
    X(f64x2_replace_lane, 0xfd, 0x22, "f64x2.replace_lane", LANE, v, F, _, v, 2, V_REPLACE)        \
    /* vectors: comparisons and bits */                                                            \
    X(i8x16_eq, 0xfd, 0x23, "i8x16.eq", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(i8x16_ne, 0xfd, 0x24, "i8x16.ne", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(i8x16_lt_s, 0xfd, 0x25, "i8x16.lt_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i8x16_lt_u, 0xfd, 0x26, "i8x16.lt_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i8x16_gt_s, 0xfd, 0x27, "i8x16.gt_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i8x16_gt_u, 0xfd, 0x28, "i8x16.gt_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i8x16_le_s, 0xfd, 0x29, "i8x16.le_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i8x16_le_u, 0xfd, 0x2a, "i8x16.le_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i8x16_ge_s, 0xfd, 0x2b, "i8x16.ge_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i8x16_ge_u, 0xfd, 0x2c, "i8x16.ge_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i16x8_eq, 0xfd, 0x2d, "i16x8.eq", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(i16x8_ne, 0xfd, 0x2e, "i16x8.ne", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(i16x8_lt_s, 0xfd, 0x2f, "i16x8.lt_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i16x8_lt_u, 0xfd, 0x30, "i16x8.lt_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i16x8_gt_s, 0xfd, 0x31, "i16x8.gt_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i16x8_gt_u, 0xfd, 0x32, "i16x8.gt_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i16x8_le_s, 0xfd, 0x33, "i16x8.le_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i16x8_le_u, 0xfd, 0x34, "i16x8.le_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i16x8_ge_s, 0xfd, 0x35, "i16x8.ge_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i16x8_ge_u, 0xfd, 0x36, "i16x8.ge_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_eq, 0xfd, 0x37, "i32x4.eq", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(i32x4_ne, 0xfd, 0x38, "i32x4.ne", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(i32x4_lt_s, 0xfd, 0x39, "i32x4.lt_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_lt_u, 0xfd, 0x3a, "i32x4.lt_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_gt_s, 0xfd, 0x3b, "i32x4.gt_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_gt_u, 0xfd, 0x3c, "i32x4.gt_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_le_s, 0xfd, 0x3d, "i32x4.le_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_le_u, 0xfd, 0x3e, "i32x4.le_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_ge_s, 0xfd, 0x3f, "i32x4.ge_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_ge_u, 0xfd, 0x40, "i32x4.ge_u", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(f32x4_eq, 0xfd, 0x41, "f32x4.eq", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f32x4_ne, 0xfd, 0x42, "f32x4.ne", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f32x4_lt, 0xfd, 0x43, "f32x4.lt", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f32x4_gt, 0xfd, 0x44, "f32x4.gt", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f32x4_le, 0xfd, 0x45, "f32x4.le", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f32x4_ge, 0xfd, 0x46, "f32x4.ge", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f64x2_eq, 0xfd, 0x47, "f64x2.eq", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f64x2_ne, 0xfd, 0x48, "f64x2.ne", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f64x2_lt, 0xfd, 0x49, "f64x2.lt", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f64x2_gt, 0xfd, 0x4a, "f64x2.gt", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f64x2_le, 0xfd, 0x4b, "f64x2.le", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(f64x2_ge, 0xfd, 0x4c, "f64x2.ge", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(v128_not, 0xfd, 0x4d, "v128.not", NONE, v, _, _, v, 0, V_UNARY)                              \
    X(v128_and, 0xfd, 0x4e, "v128.and", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(v128_andnot, 0xfd, 0x4f, "v128.andnot", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(v128_or, 0xfd, 0x50, "v128.or", NONE, v, v, _, v, 0, V_BINARY)                               \
    X(v128_xor, 0xfd, 0x51, "v128.xor", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(v128_bitselect, 0xfd, 0x52, "v128.bitselect", NONE, v, v, v, v, 0, V_TERNARY)                \
    X(v128_any_true, 0xfd, 0x53, "v128.any_true", NONE, v, _, _, i, 0, V_TEST)                     \
    X(v128_load8_lane, 0xfd, 0x54, "v128.load8_lane", MEMARG_LANE, i, v, _, v, 0, V_LOAD_LANE)     \
    X(v128_load16_lane, 0xfd, 0x55, "v128.load16_lane", MEMARG_LANE, i, v, _, v, 1, V_LOAD_LANE)   \
    X(v128_load32_lane, 0xfd, 0x56, "v128.load32_lane", MEMARG_LANE, i, v, _, v, 2, V_LOAD_LANE)   \
    X(v128_load64_lane, 0xfd, 0x57, "v128.load64_lane", MEMARG_LANE, i, v, _, v, 3, V_LOAD_LANE)   \
    X(v128_store8_lane, 0xfd, 0x58, "v128.store8_lane", MEMARG_LANE, i, v, _, _, 0, V_STORE_LANE)  \
    X(v128_store16_lane, 0xfd, 0x59, "v128.store16_lane", MEMARG_LANE, i, v, _, _, 1, V_STORE_LANE) \
    X(v128_store32_lane, 0xfd, 0x5a, "v128.store32_lane", MEMARG_LANE, i, v, _, _, 2, V_STORE_LANE) \
    X(v128_store64_lane, 0xfd, 0x5b, "v128.store64_lane", MEMARG_LANE, i, v, _, _, 3, V_STORE_LANE) \
    X(v128_load32_zero, 0xfd, 0x5c, "v128.load32_zero", MEMARG, i, _, _, v, 2, V_LOAD)             \
    X(v128_load64_zero, 0xfd, 0x5d, "v128.load64_zero", MEMARG, i, _, _, v, 3, V_LOAD)             \
    X(f32x4_demote_f64x2_zero, 0xfd, 0x5e, "f32x4.demote_f64x2_zero", NONE, v, _, _, v, 0, V_UNARY) \
    X(f64x2_promote_low_f32x4, 0xfd, 0x5f, "f64x2.promote_low_f32x4", NONE, v, _, _, v, 0, V_UNARY) \
    /* vectors: arithmetic */                                                                      \
    X(i8x16_abs, 0xfd, 0x60, "i8x16.abs", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(i8x16_neg, 0xfd, 0x61, "i8x16.neg", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(i8x16_popcnt, 0xfd, 0x62, "i8x16.popcnt", NONE, v, _, _, v, 0, V_UNARY)                      \
    X(i8x16_all_true, 0xfd, 0x63, "i8x16.all_true", NONE, v, _, _, i, 0, V_TEST)                   \
    X(i8x16_bitmask, 0xfd, 0x64, "i8x16.bitmask", NONE, v, _, _, i, 0, V_TEST)                     \
    X(i8x16_narrow_i16x8_s, 0xfd, 0x65, "i8x16.narrow_i16x8_s", NONE, v, v, _, v, 0, V_BINARY)     \
    X(i8x16_narrow_i16x8_u, 0xfd, 0x66, "i8x16.narrow_i16x8_u", NONE, v, v, _, v, 0, V_BINARY)     \
    X(f32x4_ceil, 0xfd, 0x67, "f32x4.ceil", NONE, v, _, _, v, 0, V_UNARY)                          \
    X(f32x4_floor, 0xfd, 0x68, "f32x4.floor", NONE, v, _, _, v, 0, V_UNARY)                        \
    X(f32x4_trunc, 0xfd, 0x69, "f32x4.trunc", NONE, v, _, _, v, 0, V_UNARY)                        \
    X(f32x4_nearest, 0xfd, 0x6a, "f32x4.nearest", NONE, v, _, _, v, 0, V_UNARY)                    \
    X(i8x16_shl, 0xfd, 0x6b, "i8x16.shl", NONE, v, i, _, v, 0, V_SHIFT)                            \
    X(i8x16_shr_s, 0xfd, 0x6c, "i8x16.shr_s", NONE, v, i, _, v, 0, V_SHIFT)                        \
    X(i8x16_shr_u, 0xfd, 0x6d, "i8x16.shr_u", NONE, v, i, _, v, 0, V_SHIFT)                        \
    X(i8x16_add, 0xfd, 0x6e, "i8x16.add", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i8x16_add_sat_s, 0xfd, 0x6f, "i8x16.add_sat_s", NONE, v, v, _, v, 0, V_BINARY)               \
    X(i8x16_add_sat_u, 0xfd, 0x70, "i8x16.add_sat_u", NONE, v, v, _, v, 0, V_BINARY)               \
    X(i8x16_sub, 0xfd, 0x71, "i8x16.sub", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i8x16_sub_sat_s, 0xfd, 0x72, "i8x16.sub_sat_s", NONE, v, v, _, v, 0, V_BINARY)               \
    X(i8x16_sub_sat_u, 0xfd, 0x73, "i8x16.sub_sat_u", NONE, v, v, _, v, 0, V_BINARY)               \
    X(f64x2_ceil, 0xfd, 0x74, "f64x2.ceil", NONE, v, _, _, v, 0, V_UNARY)                          \
    X(f64x2_floor, 0xfd, 0x75, "f64x2.floor", NONE, v, _, _, v, 0, V_UNARY)                        \
    X(i8x16_min_s, 0xfd, 0x76, "i8x16.min_s", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i8x16_min_u, 0xfd, 0x77, "i8x16.min_u", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i8x16_max_s, 0xfd, 0x78, "i8x16.max_s", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i8x16_max_u, 0xfd, 0x79, "i8x16.max_u", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(f64x2_trunc, 0xfd, 0x7a, "f64x2.trunc", NONE, v, _, _, v, 0, V_UNARY)                        \
    X(i8x16_avgr_u, 0xfd, 0x7b, "i8x16.avgr_u", NONE, v, v, _, v, 0, V_BINARY)                     \
    X(i16x8_extadd_pairwise_i8x16_s, 0xfd, 0x7c, "i16x8.extadd_pairwise_i8x16_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i16x8_extadd_pairwise_i8x16_u, 0xfd, 0x7d, "i16x8.extadd_pairwise_i8x16_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(i32x4_extadd_pairwise_i16x8_s, 0xfd, 0x7e, "i32x4.extadd_pairwise_i16x8_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i32x4_extadd_pairwise_i16x8_u, 0xfd, 0x7f, "i32x4.extadd_pairwise_i16x8_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(i16x8_abs, 0xfd, 0x80, "i16x8.abs", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(i16x8_neg, 0xfd, 0x81, "i16x8.neg", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(i16x8_q15mulr_sat_s, 0xfd, 0x82, "i16x8.q15mulr_sat_s", NONE, v, v, _, v, 0, V_BINARY)       \
    X(i16x8_all_true, 0xfd, 0x83, "i16x8.all_true", NONE, v, _, _, i, 0, V_TEST)                   \
    X(i16x8_bitmask, 0xfd, 0x84, "i16x8.bitmask", NONE, v, _, _, i, 0, V_TEST)                     \
    X(i16x8_narrow_i32x4_s, 0xfd, 0x85, "i16x8.narrow_i32x4_s", NONE, v, v, _, v, 0, V_BINARY)     \
    X(i16x8_narrow_i32x4_u, 0xfd, 0x86, "i16x8.narrow_i32x4_u", NONE, v, v, _, v, 0, V_BINARY)     \
    X(i16x8_extend_low_i8x16_s, 0xfd, 0x87, "i16x8.extend_low_i8x16_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i16x8_extend_high_i8x16_s, 0xfd, 0x88, "i16x8.extend_high_i8x16_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i16x8_extend_low_i8x16_u, 0xfd, 0x89, "i16x8.extend_low_i8x16_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(i16x8_extend_high_i8x16_u, 0xfd, 0x8a, "i16x8.extend_high_i8x16_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(i16x8_shl, 0xfd, 0x8b, "i16x8.shl", NONE, v, i, _, v, 0, V_SHIFT)                            \
    X(i16x8_shr_s, 0xfd, 0x8c, "i16x8.shr_s", NONE, v, i, _, v, 0, V_SHIFT)                        \
    X(i16x8_shr_u, 0xfd, 0x8d, "i16x8.shr_u", NONE, v, i, _, v, 0, V_SHIFT)                        \
    X(i16x8_add, 0xfd, 0x8e, "i16x8.add", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i16x8_add_sat_s, 0xfd, 0x8f, "i16x8.add_sat_s", NONE, v, v, _, v, 0, V_BINARY)               \
    X(i16x8_add_sat_u, 0xfd, 0x90, "i16x8.add_sat_u", NONE, v, v, _, v, 0, V_BINARY)               \
    X(i16x8_sub, 0xfd, 0x91, "i16x8.sub", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i16x8_sub_sat_s, 0xfd, 0x92, "i16x8.sub_sat_s", NONE, v, v, _, v, 0, V_BINARY)               \
    X(i16x8_sub_sat_u, 0xfd, 0x93, "i16x8.sub_sat_u", NONE, v, v, _, v, 0, V_BINARY)               \
    X(f64x2_nearest, 0xfd, 0x94, "f64x2.nearest", NONE, v, _, _, v, 0, V_UNARY)                    \
    X(i16x8_mul, 0xfd, 0x95, "i16x8.mul", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i16x8_min_s, 0xfd, 0x96, "i16x8.min_s", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i16x8_min_u, 0xfd, 0x97, "i16x8.min_u", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i16x8_max_s, 0xfd, 0x98, "i16x8.max_s", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i16x8_max_u, 0xfd, 0x99, "i16x8.max_u", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i16x8_avgr_u, 0xfd, 0x9b, "i16x8.avgr_u", NONE, v, v, _, v, 0, V_BINARY)                     \
    X(i16x8_extmul_low_i8x16_s, 0xfd, 0x9c, "i16x8.extmul_low_i8x16_s", NONE, v, v, _, v, 0, V_BINARY) \
    X(i16x8_extmul_high_i8x16_s, 0xfd, 0x9d, "i16x8.extmul_high_i8x16_s", NONE, v, v, _, v, 0, V_BINARY) \
    X(i16x8_extmul_low_i8x16_u, 0xfd, 0x9e, "i16x8.extmul_low_i8x16_u", NONE, v, v, _, v, 0, V_BINARY) \
    X(i16x8_extmul_high_i8x16_u, 0xfd, 0x9f, "i16x8.extmul_high_i8x16_u", NONE, v, v, _, v, 0, V_BINARY) \
    X(i32x4_abs, 0xfd, 0xa0, "i32x4.abs", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(i32x4_neg, 0xfd, 0xa1, "i32x4.neg", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(i32x4_all_true, 0xfd, 0xa3, "i32x4.all_true", NONE, v, _, _, i, 0, V_TEST)                   \
    X(i32x4_bitmask, 0xfd, 0xa4, "i32x4.bitmask", NONE, v, _, _, i, 0, V_TEST)                     \
    X(i32x4_extend_low_i16x8_s, 0xfd, 0xa7, "i32x4.extend_low_i16x8_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i32x4_extend_high_i16x8_s, 0xfd, 0xa8, "i32x4.extend_high_i16x8_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i32x4_extend_low_i16x8_u, 0xfd, 0xa9, "i32x4.extend_low_i16x8_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(i32x4_extend_high_i16x8_u, 0xfd, 0xaa, "i32x4.extend_high_i16x8_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(i32x4_shl, 0xfd, 0xab, "i32x4.shl", NONE, v, i, _, v, 0, V_SHIFT)                            \
    X(i32x4_shr_s, 0xfd, 0xac, "i32x4.shr_s", NONE, v, i, _, v, 0, V_SHIFT)                        \
    X(i32x4_shr_u, 0xfd, 0xad, "i32x4.shr_u", NONE, v, i, _, v, 0, V_SHIFT)                        \
    X(i32x4_add, 0xfd, 0xae, "i32x4.add", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i32x4_sub, 0xfd, 0xb1, "i32x4.sub", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i32x4_mul, 0xfd, 0xb5, "i32x4.mul", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i32x4_min_s, 0xfd, 0xb6, "i32x4.min_s", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i32x4_min_u, 0xfd, 0xb7, "i32x4.min_u", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i32x4_max_s, 0xfd, 0xb8, "i32x4.max_s", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i32x4_max_u, 0xfd, 0xb9, "i32x4.max_u", NONE, v, v, _, v, 0, V_BINARY)                       \
    X(i32x4_dot_i16x8_s, 0xfd, 0xba, "i32x4.dot_i16x8_s", NONE, v, v, _, v, 0, V_BINARY)           \
    X(i32x4_extmul_low_i16x8_s, 0xfd, 0xbc, "i32x4.extmul_low_i16x8_s", NONE, v, v, _, v, 0, V_BINARY) \
    X(i32x4_extmul_high_i16x8_s, 0xfd, 0xbd, "i32x4.extmul_high_i16x8_s", NONE, v, v, _, v, 0, V_BINARY) \
    X(i32x4_extmul_low_i16x8_u, 0xfd, 0xbe, "i32x4.extmul_low_i16x8_u", NONE, v, v, _, v, 0, V_BINARY) \
    X(i32x4_extmul_high_i16x8_u, 0xfd, 0xbf, "i32x4.extmul_high_i16x8_u", NONE, v, v, _, v, 0, V_BINARY) \
    X(i64x2_abs, 0xfd, 0xc0, "i64x2.abs", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(i64x2_neg, 0xfd, 0xc1, "i64x2.neg", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(i64x2_all_true, 0xfd, 0xc3, "i64x2.all_true", NONE, v, _, _, i, 0, V_TEST)                   \
    X(i64x2_bitmask, 0xfd, 0xc4, "i64x2.bitmask", NONE, v, _, _, i, 0, V_TEST)                     \
    X(i64x2_extend_low_i32x4_s, 0xfd, 0xc7, "i64x2.extend_low_i32x4_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i64x2_extend_high_i32x4_s, 0xfd, 0xc8, "i64x2.extend_high_i32x4_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i64x2_extend_low_i32x4_u, 0xfd, 0xc9, "i64x2.extend_low_i32x4_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(i64x2_extend_high_i32x4_u, 0xfd, 0xca, "i64x2.extend_high_i32x4_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(i64x2_shl, 0xfd, 0xcb, "i64x2.shl", NONE, v, i, _, v, 0, V_SHIFT)                            \
    X(i64x2_shr_s, 0xfd, 0xcc, "i64x2.shr_s", NONE, v, i, _, v, 0, V_SHIFT)                        \
    X(i64x2_shr_u, 0xfd, 0xcd, "i64x2.shr_u", NONE, v, i, _, v, 0, V_SHIFT)                        \
    X(i64x2_add, 0xfd, 0xce, "i64x2.add", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i64x2_sub, 0xfd, 0xd1, "i64x2.sub", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i64x2_mul, 0xfd, 0xd5, "i64x2.mul", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(i64x2_eq, 0xfd, 0xd6, "i64x2.eq", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(i64x2_ne, 0xfd, 0xd7, "i64x2.ne", NONE, v, v, _, v, 0, V_BINARY)                             \
    X(i64x2_lt_s, 0xfd, 0xd8, "i64x2.lt_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i64x2_gt_s, 0xfd, 0xd9, "i64x2.gt_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i64x2_le_s, 0xfd, 0xda, "i64x2.le_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i64x2_ge_s, 0xfd, 0xdb, "i64x2.ge_s", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i64x2_extmul_low_i32x4_s, 0xfd, 0xdc, "i64x2.extmul_low_i32x4_s", NONE, v, v, _, v, 0, V_BINARY) \
    X(i64x2_extmul_high_i32x4_s, 0xfd, 0xdd, "i64x2.extmul_high_i32x4_s", NONE, v, v, _, v, 0, V_BINARY) \
    X(i64x2_extmul_low_i32x4_u, 0xfd, 0xde, "i64x2.extmul_low_i32x4_u", NONE, v, v, _, v, 0, V_BINARY) \
    X(i64x2_extmul_high_i32x4_u, 0xfd, 0xdf, "i64x2.extmul_high_i32x4_u", NONE, v, v, _, v, 0, V_BINARY) \
    X(f32x4_abs, 0xfd, 0xe0, "f32x4.abs", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(f32x4_neg, 0xfd, 0xe1, "f32x4.neg", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(f32x4_sqrt, 0xfd, 0xe3, "f32x4.sqrt", NONE, v, _, _, v, 0, V_UNARY)                          \
    X(f32x4_add, 0xfd, 0xe4, "f32x4.add", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f32x4_sub, 0xfd, 0xe5, "f32x4.sub", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f32x4_mul, 0xfd, 0xe6, "f32x4.mul", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f32x4_div, 0xfd, 0xe7, "f32x4.div", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f32x4_min, 0xfd, 0xe8, "f32x4.min", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f32x4_max, 0xfd, 0xe9, "f32x4.max", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f32x4_pmin, 0xfd, 0xea, "f32x4.pmin", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(f32x4_pmax, 0xfd, 0xeb, "f32x4.pmax", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(f64x2_abs, 0xfd, 0xec, "f64x2.abs", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(f64x2_neg, 0xfd, 0xed, "f64x2.neg", NONE, v, _, _, v, 0, V_UNARY)                            \
    X(f64x2_sqrt, 0xfd, 0xef, "f64x2.sqrt", NONE, v, _, _, v, 0, V_UNARY)                          \
    X(f64x2_add, 0xfd, 0xf0, "f64x2.add", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f64x2_sub, 0xfd, 0xf1, "f64x2.sub", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f64x2_mul, 0xfd, 0xf2, "f64x2.mul", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f64x2_div, 0xfd, 0xf3, "f64x2.div", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f64x2_min, 0xfd, 0xf4, "f64x2.min", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f64x2_max, 0xfd, 0xf5, "f64x2.max", NONE, v, v, _, v, 0, V_BINARY)                           \
    X(f64x2_pmin, 0xfd, 0xf6, "f64x2.pmin", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(f64x2_pmax, 0xfd, 0xf7, "f64x2.pmax", NONE, v, v, _, v, 0, V_BINARY)                         \
    X(i32x4_trunc_sat_f32x4_s, 0xfd, 0xf8, "i32x4.trunc_sat_f32x4_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(i32x4_trunc_sat_f32x4_u, 0xfd, 0xf9, "i32x4.trunc_sat_f32x4_u", NONE, v, _, _, v, 0, V_UNARY) \
    X(f32x4_convert_i32x4_s, 0xfd, 0xfa, "f32x4.convert_i32x4_s", NONE, v, _, _, v, 0, V_UNARY)    \
    X(f32x4_convert_i32x4_u, 0xfd, 0xfb, "f32x4.convert_i32x4_u", NONE, v, _, _, v, 0, V_UNARY)    \
    X(i32x4_trunc_sat_f64x2_s_zero, 0xfd, 0xfc, "i32x4.trunc_sat_f64x2_s_zero", NONE, v, _, _, v, 0, V_UNARY) \
    X(i32x4_trunc_sat_f64x2_u_zero, 0xfd, 0xfd, "i32x4.trunc_sat_f64x2_u_zero", NONE, v, _, _, v, 0, V_UNARY) \
    X(f64x2_convert_low_i32x4_s, 0xfd, 0xfe, "f64x2.convert_low_i32x4_s", NONE, v, _, _, v, 0, V_UNARY) \
    X(f64x2_convert_low_i32x4_u, 0xfd, 0xff, "f64x2.convert_low_i32x4_u", NONE, v, _, _, v, 0, V_UNARY)

/* clang-format on */

typedef enum gb_opcode {
    GB_OP_NONE, /* no instruction has this code */
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape) GB_OP_##id,
    GB_OPCODES(X)
#undef X
        GB_OP_COUNT
} gb_opcode;

typedef enum gb_immediate {
    GB_IMM_NONE,
    GB_IMM_BLOCK,         /* block type */
    GB_IMM_LABEL,         /* label */
    GB_IMM_LABELS,        /* vector of labels, default label */
    GB_IMM_FUNC,          /* function index */
    GB_IMM_TYPE_TABLE,    /* type index, table index */
    GB_IMM_SELECT,        /* vector of value types */
    GB_IMM_TRY,           /* block type, vector of catch clauses */
    GB_IMM_TAG,           /* tag index */
    GB_IMM_LOCAL,         /* local index */
    GB_IMM_GLOBAL,        /* global index */
    GB_IMM_TABLE,         /* table index */
    GB_IMM_TABLE_TABLE,   /* destination and source table index */
    GB_IMM_ELEM,          /* element segment index */
    GB_IMM_ELEM_TABLE,    /* element segment index, table index */
    GB_IMM_DATA,          /* data segment index */
    GB_IMM_DATA_MEMORY,   /* data segment index, zero byte */
    GB_IMM_MEMORY,        /* zero byte */
    GB_IMM_MEMORY_MEMORY, /* two zero bytes */
    GB_IMM_MEMARG,        /* alignment, offset */
    GB_IMM_MEMARG_LANE,   /* alignment, offset, lane byte */
    GB_IMM_LANE,          /* lane byte */
    GB_IMM_SHUFFLE,       /* 16 lane bytes */
    GB_IMM_HEAPTYPE,      /* heap type */
    GB_IMM_I32,           /* signed LEB128 */
    GB_IMM_I64,           /* signed LEB128 */
    GB_IMM_F32,           /* 4 bytes */
    GB_IMM_F64,           /* 8 bytes */
    GB_IMM_V128,          /* 16 bytes */
} gb_immediate;

typedef enum gb_shape {
    GB_SHAPE_SPECIAL,   /* types depend on the context; each its own */
    GB_SHAPE_FIXED,     /* fixed types; each its own */
    GB_SHAPE_CONST,     /* -> value */
    GB_SHAPE_UNARY,     /* a -> pure value */
    GB_SHAPE_TRUNC,     /* a -> value, or a trap */
    GB_SHAPE_BINARY,    /* a b -> pure value */
    GB_SHAPE_DIVIDE,    /* a b -> value, or a trap */
    GB_SHAPE_COMPARE,   /* integers a b -> 0 or 1; fused with a branch */
    GB_SHAPE_COMPARE_F, /* floats a b -> 0 or 1 */
    GB_SHAPE_LOAD,
    GB_SHAPE_STORE,
    GB_SHAPE_V_CONST,
    GB_SHAPE_V_LOAD,
    GB_SHAPE_V_STORE,
    GB_SHAPE_V_LOAD_LANE,
    GB_SHAPE_V_STORE_LANE,
    GB_SHAPE_V_UNARY,
    GB_SHAPE_V_BINARY,
    GB_SHAPE_V_TERNARY,
    GB_SHAPE_V_SHIFT,
    GB_SHAPE_V_TEST,
    GB_SHAPE_V_SPLAT,
    GB_SHAPE_V_EXTRACT,
    GB_SHAPE_V_REPLACE,
    GB_SHAPE_V_SHUFFLE,
} gb_shape;

/* One instruction's row; the letters are value types here (types.h). */
typedef struct gb_opcode_info {
    uint8_t immediate; /* gb_immediate */
    uint8_t shape;     /* gb_shape */
    uint8_t aux;
    uint8_t pops;       /* operands of those that are not GB_SHAPE_SPECIAL */
    uint8_t operand[3];
    uint8_t result; /* 0: none */
} gb_opcode_info;

extern const gb_opcode_info gb_opcode_infos[GB_OP_COUNT];
/* Its name in the text format. */
const char *gb_opcode_text(gb_opcode op);

/* Binary code to gb_opcode: one-byte codes from 0, those behind 0xFC from 256, behind 0xFD from 288. */
enum { GB_OPCODE_FC = 256, GB_OPCODE_FD = 288, GB_OPCODE_SLOTS = 544 };
extern const uint16_t gb_opcode_map[GB_OPCODE_SLOTS];

#endif
