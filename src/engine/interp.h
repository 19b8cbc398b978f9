/* interp.h: what the interpreter's handlers leave to ordinary functions: everything that is not worth being
 * copied into them. */
#ifndef GB_ENGINE_INTERP_H
#define GB_ENGINE_INTERP_H

#include "engine/icode.h"

/* Runs code from `pc` in frame `fp` until the entry's frame returns. */
gb_outcome gb_interp_loop(gb_exec *x, const uint16_t *pc, gb_slot *fp);

/* A call found no room, or the store is interrupted: sets the trap. */
gb_outcome gb_interp_refuse_call(gb_exec *x);
/* The stub in the top frame becomes its function's code, which has room. NULL: the trap is set. */
const gb_icode *gb_interp_prepare(gb_exec *x, gb_slot *fp);
/* Calls the imported function that the stub in the top frame stands for; arguments and results at fp. */
gb_outcome gb_interp_import(gb_exec *x, gb_slot *fp);
/* The function an indirect call means; NULL: x->refusal says why not. */
gb_func *gb_interp_resolve(gb_exec *x, uint32_t table, uint32_t index, uint32_t type);
/* Calls a function of another instance or the host; the caller's return position is set. */
gb_outcome gb_interp_call_other(gb_exec *x, gb_func *func, gb_slot *slots);
/* Moves results of a function from one place in a frame to another. */
void gb_interp_results(const gb_func *func, gb_slot *to, const gb_slot *from);
/* The top frame becomes the function's, its arguments (`count` slots) are moved to its start. */
const gb_icode *gb_interp_tail(gb_exec *x, const gb_func *func, uint32_t function, gb_slot *fp,
                               const gb_slot *arguments, size_t count);

/* Makes the exception; false: out of memory, the trap is set. */
bool gb_interp_throw(gb_exec *x, uint32_t tag, const gb_slot *payload);
/* Finds the handler of x->exception, innermost first, and makes its frame the top one. NULL: none down to the entry,
 * whose frame is the top one then. */
const uint16_t *gb_interp_unwind(gb_exec *x);
/* Unpacks x->exception for a catch clause of this kind. */
void gb_interp_catch(gb_exec *x, unsigned kind, gb_slot *slots);

#endif
