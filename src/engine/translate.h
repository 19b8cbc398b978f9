/* translate.h: a function on its way from WebAssembly to the interpreter's code, as the files of the translator share it.
 *
 *   translate.c          functions, fuel, and which of the others an instruction is for
 *   translate_values.c   what computes: comparisons, scalars, vectors, loads and stores, locals and globals
 *   translate_control.c  what goes elsewhere: calls, branches, blocks, exceptions
 *
 * What is known of operands is in emit.h. Allocations that fail set e.failed; everything goes on harmlessly and the function is given
 * up at its end. */
#ifndef GB_ENGINE_TRANSLATE_H
#define GB_ENGINE_TRANSLATE_H

#include "engine/assigned.h"
#include "engine/bytes.h"
#include "engine/emit.h"
#include "engine/fuse.h"
#include "engine/validate.h"

typedef struct control {
    gb_blocktype type;
    uint16_t opcode;
    bool used;      /* something branches to the label */
    uint32_t height; /* operands below the block's parameters */
    uint32_t base;   /* slot of its first parameter or result */
    uint32_t label, else_label;
    uint32_t region_start, first_catch, catch_count; /* of a try_table */
    gb_assigned_block assigned;
    uint32_t stub, stub_turn; /* the piece of code by which the br_table of this turn reaches the label */
} control;

/* A catch clause's code, written behind the function: unpack the exception, go to the label. */
typedef struct handler {
    uint32_t label; /* GB_NONE: return from the function */
    uint32_t base;
    uint32_t catch_index;
    uint8_t kind;
} handler;

typedef struct translator {
    gb_emitter e;
    gb_reader r;
    const gb_module *m;
    const gb_function *f;
    const gb_functype *type;
    gb_valtype *local_types;
    uint32_t *local_slots;
    gb_assigned assigned;
    uint32_t prologue; /* units of the instruction that zeroes locals, in front */

    control *frames;
    uint32_t frame_count, frame_capacity;
    bool dead;           /* what follows cannot be reached */
    uint32_t dead_depth; /* blocks opened since */
    uint32_t turn;       /* br_tables so far */
    uint32_t *stubs;     /* frames that the current one reaches by a piece of code */
    uint32_t stub_count, stub_capacity;

    gb_try_region *regions;
    uint32_t region_count, region_capacity;
    gb_catch *catches;
    uint32_t catch_count, catch_capacity;
    handler *handlers;
    uint32_t handler_count, handler_capacity;

    bool fuel;
    uint32_t fuel_field, fuel_cost; /* position of the block's charge; GB_NONE before its first instruction */
} translator;

/* ---- translate.c */

bool gb_tr_grow(translator *t, void *array, uint32_t *capacity, size_t size, uint32_t count);
uint32_t gb_tr_read_u32(translator *t);
gb_blocktype gb_tr_read_blocktype(translator *t);

/* ---- translate_values.c */

void gb_tr_compare(translator *t, gb_opcode op);
void gb_tr_eqz(translator *t, gb_opcode op);
void gb_tr_branch_if(translator *t, const gb_operand *condition, bool sense, uint32_t label);
void gb_tr_branch(gb_emitter *e, uint32_t label);
void gb_tr_unary(translator *t, gb_opcode op);
bool gb_tr_reinterpret(translator *t, gb_opcode op);
void gb_tr_binary(translator *t, gb_opcode op);
void gb_tr_load(translator *t, gb_opcode op);
void gb_tr_store(translator *t, gb_opcode op);
void gb_tr_constant(translator *t, gb_opcode op);
void gb_tr_vector(translator *t, gb_opcode op);
void gb_tr_indexed(translator *t, unsigned iop, unsigned pops, gb_valtype result, unsigned indices, const uint32_t *index);
void gb_tr_fixed(translator *t, gb_opcode op);
void gb_tr_table(translator *t, gb_opcode op);
void gb_tr_select_value(translator *t, gb_opcode op);
void gb_tr_global_get(translator *t);
void gb_tr_global_set(translator *t);
void gb_tr_local(translator *t, gb_opcode op);

/* ---- translate_control.c */

void gb_tr_call(translator *t, gb_opcode op);
void gb_tr_call_indirect(translator *t, gb_opcode op);
control *gb_tr_frame_at(translator *t, uint32_t depth);
void gb_tr_br(translator *t, control *c);
void gb_tr_br_if(translator *t);
void gb_tr_br_table(translator *t);
control *gb_tr_push_frame(translator *t, gb_opcode op, gb_blocktype type);
void gb_tr_block(translator *t, gb_opcode op);
void gb_tr_try_table(translator *t);
void gb_tr_else_branch(translator *t);
void gb_tr_end(translator *t);
void gb_tr_throw_tag(translator *t);
void gb_tr_throw_ref(translator *t);
void gb_tr_write_handlers(translator *t);

#endif
