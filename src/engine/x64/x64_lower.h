/* x64_lower.h: how each group of instructions becomes machine code. Every function here consumes its
 * operands from the abstract stack and pushes its results; `c->pc` stands behind the opcode, and the
 * function reads the immediates. */
#ifndef GB_ENGINE_X64_LOWER_H
#define GB_ENGINE_X64_LOWER_H

#include "engine/x64/x64_values.h"

/* Conditions of floats that need the parity flag too: equal and ordered, not equal or unordered. The
 * lowest bit negates, as in x64_cc. */
enum { X64_FEQ = 16, X64_FNE = 17 };

/* What a comparison's result is used for, when that is seen at once. */
typedef enum x64_fuse { X64_FUSE_NONE, X64_FUSE_BR_IF, X64_FUSE_IF, X64_FUSE_SELECT } x64_fuse;

/* ---- immediates of a validated body --------------------------------------------------------- */

uint32_t x64_read_u32_slow(const uint8_t **pc);
int64_t x64_read_i64(const uint8_t **pc);

static inline uint32_t x64_read_u32(x64_compiler *c) {
    if (*c->pc < 0x80) return *c->pc++;
    return x64_read_u32_slow(&c->pc);
}
static inline int32_t x64_read_i32(x64_compiler *c) {
    if (*c->pc < 0x80) return (int32_t)((uint32_t)*c->pc++ << 25) >> 25;
    return (int32_t)x64_read_i64(&c->pc);
}
/* Moves pc behind the immediates of an opcode (table row); for code that is never reached. */
void x64_skip(const uint8_t **pc, const gb_opcode_info *info);
/* The row of the opcode at pc, which is moved behind it. */
const gb_opcode_info *x64_opcode_at(const uint8_t **pc, uint32_t *op);

static inline void x64_swap(x64_value *a, x64_value *b) {
    x64_value t = *a;
    *a = *b;
    *b = t;
}

/* ---- x64_integer.c -------------------------------------------------------------------------- */

/* Chooses the destination of dst = a op b: a home that is wanted next, a dying operand, or a new
 * register; never b's, except that a commuting operation may get its operands swapped for it. */
uint8_t x64_choose(x64_compiler *c, x64_type t, x64_value *a, x64_value *b, bool commutes);

void x64_arith(x64_compiler *c, x64_type t, uint32_t op, unsigned group, bool commutes);
void x64_multiply(x64_compiler *c, x64_type t);
void x64_divide(x64_compiler *c, x64_type t, bool is_signed, bool remainder);
void x64_shift(x64_compiler *c, x64_type t, unsigned group);
void x64_bits(x64_compiler *c, x64_type t, uint32_t op); /* X64_LZCNT, X64_TZCNT or X64_POPCNT */
void x64_extend(x64_compiler *c, x64_type t, uint32_t op); /* sign extension within t by X64_MOVSX… */
void x64_wrap(x64_compiler *c);
void x64_extend_i32(x64_compiler *c, bool is_signed);
void x64_compare(x64_compiler *c, x64_type t, x64_cc cc);
void x64_eqz(x64_compiler *c, x64_type t);
/* Looks ahead: what consumes the condition (i32.eqz on the way negates it)? */
x64_fuse x64_fuse_next(x64_compiler *c, unsigned *cc);
/* The condition is in the flags, its operands are not needed any more: lets the consumer have it, or
 * makes it a value. */
void x64_consume_flags(x64_compiler *c, unsigned cc, x64_fuse fuse);
void x64_select(x64_compiler *c);
void x64_trap_if(x64_compiler *c, x64_cc cc, gb_trap_kind trap);

/* ---- x64_float.c ---------------------------------------------------------------------------- */

void x64_float_binary(x64_compiler *c, x64_type t, uint32_t op, bool commutes);
void x64_float_minmax(x64_compiler *c, x64_type t, bool is_max);
void x64_float_sqrt(x64_compiler *c, x64_type t);
void x64_float_sign(x64_compiler *c, x64_type t, bool negate); /* neg, or abs */
void x64_float_copysign(x64_compiler *c, x64_type t);
void x64_float_round(x64_compiler *c, x64_type t, unsigned mode);
void x64_float_compare(x64_compiler *c, x64_type t, unsigned code); /* eq ne lt gt le ge: 0… */
void x64_float_convert(x64_compiler *c, bool promote);
void x64_float_from_int(x64_compiler *c, x64_type to, x64_type from, bool is_signed);
void x64_float_to_int(x64_compiler *c, x64_type to, x64_type from, bool is_signed, bool saturate);
void x64_reinterpret(x64_compiler *c, x64_type to);
/* op dst, a, b with three operands where AVX is there, else by a move. dst may be a but not b, unless
 * commutes. */
void x64_op3(x64_compiler *c, uint32_t op, uint8_t dst, uint8_t a, uint8_t b);
void x64_op3_value(x64_compiler *c, uint32_t op, x64_type t, uint8_t dst, uint8_t a, const x64_value *b);

/* ---- x64_memory.c --------------------------------------------------------------------------- */

uint32_t x64_read_memarg(x64_compiler *c); /* the offset */
/* The operand of an access of `size` bytes; checks the bounds when no guard region does. */
x64_mem x64_address_of(x64_compiler *c, const x64_value *index, uint32_t offset, uint32_t size);
void x64_load(x64_compiler *c, x64_type t, uint32_t op, x64_width w, uint32_t size);
void x64_store(x64_compiler *c, x64_type t, uint32_t size);
void x64_memory_size(x64_compiler *c);
/* The address of a global's value. */
void x64_global_get(x64_compiler *c);
void x64_global_set(x64_compiler *c);
/* Notes where the instruction that is about to be emitted may fault. */
static inline bool x64_wants_sites(const x64_compiler *c) { return c->keep_sites; }
void x64_note_site(x64_compiler *c, uint32_t position);

/* ---- x64_control.c -------------------------------------------------------------------------- */

void x64_begin_block(x64_compiler *c, x64_block_kind kind);
void x64_else(x64_compiler *c);
void x64_end(x64_compiler *c);
void x64_br(x64_compiler *c, uint32_t label);
void x64_br_if(x64_compiler *c, unsigned cc);
void x64_br_if_value(x64_compiler *c);
void x64_if(x64_compiler *c, unsigned cc);
void x64_if_value(x64_compiler *c);
void x64_br_table(x64_compiler *c);
void x64_return(x64_compiler *c);
void x64_unreachable(x64_compiler *c);
/* Nothing after this instruction is reached up to the end of the block: skips it. */
void x64_skip_dead(x64_compiler *c);

/* ---- x64_call.c ----------------------------------------------------------------------------- */

void x64_call_function(x64_compiler *c);
void x64_call_indirect(x64_compiler *c);
void x64_return_call(x64_compiler *c);
void x64_return_call_indirect(x64_compiler *c);
/* Calls a helper of the runtime with the top `count` operands as arguments, plus immediates. */

/* ---- x64_simd.c ----------------------------------------------------------------------------- */

void x64_simd(x64_compiler *c);

#endif
