/* fuse.h: several instructions made one while code is written. Each function is asked before an instruction is written; it returns
 * true when it has changed the last one or two so that they do all of it. Only straight code is changed, never across a label. */
#ifndef GB_ENGINE_FUSE_H
#define GB_ENGINE_FUSE_H

#include "engine/emit.h"

/* global.set of an i32 that was computed just now: the stack pointer, moved at the start and the end of functions. `value`
 * has been popped. */
bool gb_fuse_global_set(gb_emitter *e, const gb_operand *value, uint32_t global);
/* i32.add of `base` and of what a shift by a constant gave just now: the address of an array's element. `shifted` has been popped, `base` is
 * in this slot. Pushes the result. */
bool gb_fuse_shift_add(gb_emitter *e, const gb_operand *shifted, uint32_t base);
/* A branch on the value that i32.and with a constant gave just now; popped. */
bool gb_fuse_and_branch(gb_emitter *e, const gb_operand *condition, bool sense, uint32_t label);
/* The same when it was compared with zero in between; the comparison has been taken back. */
bool gb_fuse_and_compare_branch(gb_emitter *e, const gb_pending_compare *compare, bool sense, uint32_t label);
/* A branch on a comparison with the sum of a local and a constant, which was written just before the comparison. The comparison
 * has been taken back; op is as it decides the branch. */
bool gb_fuse_count_branch(gb_emitter *e, const gb_pending_compare *compare, gb_opcode op, uint32_t label);

/* A call behind the moves of its last arguments: writes an iop for both without the call's operands, or none. */
bool gb_fuse_call(gb_emitter *e);
/* A conditional branch was written, from `start` to now, with its label last. */
void gb_note_branch(gb_emitter *e, uint32_t start, uint32_t label, unsigned opposite);
/* A jump back to a loop, right behind a conditional branch out of it: the opposite condition jumps back, and the way out is what follows. */
bool gb_fuse_loop_branch(gb_emitter *e, uint32_t label);

#endif
