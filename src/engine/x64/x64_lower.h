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

/* The two top operands in the other order, to be popped at once. */
static inline void x64_swap_top(x64_compiler *c) {
    x64_swap(&c->stack[c->height - 2], &c->stack[c->height - 1]);
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

void x64_float_binary(x64_compiler *c, x64_type t, uint32_t op);
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
/* memory.copy, where the length is a small constant; else false, and nothing is done. */
bool x64_copy_inline(x64_compiler *c);
void x64_memory_size(x64_compiler *c);
void x64_global_get(x64_compiler *c);
void x64_global_set(x64_compiler *c);
/* The instruction at this code offset, or the call before it, is the wasm instruction at `position`. */
void x64_note_site(x64_compiler *c, uint32_t code, uint32_t position);
/* The next instruction may fault: noted one byte behind its start, as no call ends there. */
static inline void x64_note_access(x64_compiler *c) {
    if (c->keep_sites) x64_note_site(c, x64_offset(&c->as) + 1, x64_position(c));
}

/* ---- x64_control.c -------------------------------------------------------------------------- */

x64_block *x64_begin_block(x64_compiler *c, x64_block_kind kind);
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
/* Jumps when the condition, X64_FEQ and X64_FNE included, holds. */
void x64_jump_if(x64_compiler *c, unsigned cc, x64_label *label);
/* A branch to the block's label leaves from here. */
void x64_note_branch(x64_compiler *c, x64_block *b);
/* A block of the fuel count begins here (docs/engine.md, Fuel). */
void x64_fuel_block(x64_compiler *c);
void x64_fuel_settle(x64_compiler *c);

/* ---- x64_call.c ----------------------------------------------------------------------------- */

/* Where a function type's arguments go, one after the other: initialise, then next for each. */
typedef struct x64_layout {
    uint32_t ints, floats;
    uint32_t result_bytes; /* at the bottom of the out area, when there are several */
    uint32_t bytes;        /* of the out area so far */
} x64_layout;
void x64_layout_init(x64_layout *l, const gb_functype *type);
/* The register, or X64_NO_REG and *stack, the offset in the out area. */
uint8_t x64_layout_next(x64_layout *l, x64_type t, uint32_t *stack);
uint32_t x64_out_bytes(const gb_functype *type);

/* Register moves that happen at once. */
typedef struct x64_move {
    uint8_t type, dst, src;
} x64_move;
typedef struct x64_moves {
    unsigned count;
    x64_move list[X64_REG_COUNT];
} x64_moves;
void x64_moves_add(x64_moves *m, x64_type t, uint8_t dst, uint8_t src);
void x64_moves_emit(x64_compiler *c, x64_moves *m);

void x64_call_function(x64_compiler *c);
void x64_call_indirect(x64_compiler *c);
/* Calls a helper with the top `count` operands and then immediates read from the code; result: its
 * x64_type, or -1. */
void x64_helper(x64_compiler *c, uint32_t slot, uint32_t count, uint32_t immediate_count, int result);
void x64_call_helper(x64_compiler *c, uint32_t slot, uint32_t count, const uint32_t *immediates,
                     uint32_t immediate_count);
void x64_call_slot(x64_compiler *c, uint32_t slot);
void x64_table_size(x64_compiler *c);
void x64_reload_homes(x64_compiler *c);
/* The displacement that was just emitted counts from the top of the frame: completed at the end. */
void x64_patch_frame(x64_compiler *c);
void x64_trap_here(x64_compiler *c, gb_trap_kind trap);
void x64_note_call(x64_compiler *c);
void x64_note_call_at(x64_compiler *c, uint32_t position, uint32_t handler);
void x64_foreign_stub(x64_compiler *c, const x64_stub *stub);
void x64_float_stub(x64_compiler *c, x64_stub *stub);
void x64_try_table(x64_compiler *c);
void x64_emit_landings(x64_compiler *c, const x64_block *b);
void x64_throw(x64_compiler *c);
void x64_throw_ref(x64_compiler *c);

/* ---- x64_simd.c ----------------------------------------------------------------------------- */

/* The instruction with code `code` after the prefix FD. */
void x64_simd(x64_compiler *c, uint32_t code);

#endif
