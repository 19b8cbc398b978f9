/* icode.h: functions translated for the interpreter, on first call. */
#ifndef GB_ENGINE_ICODE_H
#define GB_ENGINE_ICODE_H

#include "engine/instance.h"
#include "engine/iops.h"

/* A try_table's body in the code and where to go when it throws. Regions of one function are ordered so that
 * an inner one comes before those around it. All positions in units from the start of the code. */
typedef struct gb_catch {
    uint32_t tag;     /* UINT32_MAX: any */
    uint32_t handler; /* an iop `catch`, which unpacks the exception */
} gb_catch;
typedef struct gb_try_region {
    uint32_t start, end; /* of return positions: start < pc <= end */
    uint32_t first, count; /* into catches */
} gb_try_region;

/* One translated function. Allocated in one piece, freed with free(). */
typedef struct gb_icode {
    const gb_module *module;
    uint32_t frame_slots; /* slots of the frame, callees' arguments included */
    uint32_t function;    /* index in the module */
    uint32_t length;      /* units */
    uint32_t skipped;     /* units of the translation that were left out in front */
    uint32_t region_count;
    const gb_try_region *regions;
    const gb_catch *catches;
    uint16_t code[];
} gb_icode;

/* A module's functions for the interpreter: each slot holds a stub that translates until it has been
 * translated. Two sets: with and without counting fuel. */
typedef struct gb_interp_code {
    _Atomic(const gb_icode *) *functions; /* over all functions, imports too */
    gb_icode *stubs;                      /* one block */
    gb_module *module;
    bool fuel;
} gb_interp_code;

/* The module's set, made on first use. Owned by the module. */
gb_interp_code *gb_interp_code_of(gb_module *m, bool fuel, gb_error *err);
void gb_interp_code_free(gb_interp_code *code);

/* Stacks hold raw pointers to it: it is never freed before the module. */

/* Translates a validated body. NULL: out of memory. */
gb_icode *gb_translate(const gb_module *m, uint32_t function, bool fuel);

/* Byte offset in the module of the instruction whose code ends at or spans `pc`: a return position, or one
 * unit into a trapping iop. Finds it by translating again, so that no table need be kept. */
uint32_t gb_icode_offset(gb_module *m, const gb_icode *code, bool fuel, const uint16_t *pc);

/* Runs an interpreted function whose arguments lie at slots; results replace them. slots must have room for
 * both; the callee's frame is `slots` itself, so it must lie in the store's stack. */
gb_outcome gb_interp_run(gb_func *func, gb_slot *slots);

#endif
