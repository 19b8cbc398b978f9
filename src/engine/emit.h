/* emit.h: the interpreter's code under construction: the operand stack as the translator sees it, where each
 * operand is, and the instructions written so far.
 *
 * An operand is not moved before it must: a constant stays a number, local.get stays the name of a slot, the last result
 * stays in its accumulator. Each operand has a *home*, the slot that its height in the stack gives it, where
 * it goes when control flow meets, when a call takes it, or when what holds it is about to change.
 *
 *     frame:  | parameters | (scratch) | locals | homes of operands … |
 *
 * Operands name slots in 16 bits. A function with more slots than that (`far`) goes through eight scratch slots. */
#ifndef GB_ENGINE_EMIT_H
#define GB_ENGINE_EMIT_H

#include "engine/icode.h"

#define GB_NONE UINT32_MAX
enum { GB_SCRATCH_SLOTS = 8 };
#ifndef GB_NEAR_SLOTS /* tests make it small */
#define GB_NEAR_SLOTS 65500
#endif

typedef enum gb_where { GB_AT_HOME, GB_IN_LOCAL, GB_IS_CONST, GB_IN_ACC } gb_where;

typedef struct gb_operand {
    gb_valtype type;
    uint8_t where;  /* gb_where */
    uint32_t home;  /* slot */
    uint32_t local; /* slot of the local */
    uint32_t alias; /* next operand down the stack that names the same local */
    uint64_t bits;  /* the constant; of v128 its byte offset in the module */
} gb_operand;

enum { GB_ACC_INT, GB_ACC_F32, GB_ACC_F64, GB_ACC_COUNT, GB_ACC_NONE = GB_ACC_COUNT };

typedef struct gb_acc {
    uint32_t operand; /* the operand that is only here, by index */
    uint32_t slot;    /* else a slot of the same value */
    uint32_t iop;     /* position of the instruction that made it, */
    uint32_t result;  /* and of its result slot */
} gb_acc;

typedef struct gb_label {
    uint32_t position; /* GB_NONE until bound */
    uint32_t fixups;   /* first in the list of those who wait for it */
} gb_label;

typedef struct gb_fixup {
    uint32_t field, base, next;
} gb_fixup;

/* The comparison just written, which a branch may still swallow. */
typedef struct gb_pending_compare {
    uint32_t start, end; /* positions; end GB_NONE: there is none */
    gb_opcode op;
    unsigned form; /* GB_FORM_… */
    uint32_t a, b; /* slots */
    uint32_t imm;
    uint32_t acc_slot; /* what the accumulator was good for before it */
} gb_pending_compare;

typedef struct gb_emitter {
    const gb_module *m;
    bool failed; /* out of memory: everything goes on harmlessly, checked at the end */
    bool far;

    uint16_t *code;
    uint32_t length, capacity;
    uint32_t barrier; /* code before this may be jumped over: not to be changed any more */

    gb_operand *stack;
    uint32_t count, stack_capacity;
    uint32_t settled; /* operands below this are at home or constant */
    uint32_t next_slot, most_slots;

    uint32_t *aliases; /* per local slot: topmost operand that names it */
    uint32_t local_slots, scratch;
    unsigned scratch_turn;

    gb_acc acc[GB_ACC_COUNT];
    gb_pending_compare compare;
    /* A copy, two copies, a constant, two constants end here: another one or a call can join them. */
    uint32_t copy_end, copy2_end, const_end, const2_end;
    /* A conditional branch to a label that is still ahead begins and ends here; the iop of the opposite condition. */
    uint32_t branch_start, branch_end, branch_label;
    unsigned branch_opposite;
    /* The last instruction with a result, which was the top operand: where it begins (GB_NONE: it has no accumulator), where its
     * result slot stands, where it ends; and the one before it. */
    uint32_t result_start, result_field, result_end;
    uint32_t previous_start, previous_end;
    uint32_t far_result;   /* a far slot that the current instruction's result must reach */

    gb_label *labels;
    uint32_t label_count, label_capacity;
    gb_fixup *fixups;
    uint32_t fixup_count, fixup_capacity;
} gb_emitter;

/* Where an instruction finds an operand. */
typedef struct gb_source {
    enum { GB_SLOT, GB_IMM, GB_ACC } kind;
    uint32_t slot;
    uint64_t bits;
} gb_source;

bool gb_emit_init(gb_emitter *e, const gb_module *m, const gb_function *f);
void gb_emit_free(gb_emitter *e);

void gb_emit(gb_emitter *e, unsigned unit);
void gb_emit32(gb_emitter *e, uint32_t value);
void gb_emit64(gb_emitter *e, uint64_t value);
/* A slot as an operand of the instruction being written. */
void gb_emit_slot(gb_emitter *e, uint32_t slot);
unsigned gb_acc_of(gb_valtype type);

/* ---- operand stack ---- */
gb_operand *gb_push(gb_emitter *e, gb_valtype type, gb_where where);
void gb_push_const(gb_emitter *e, gb_valtype type, uint64_t bits);
void gb_push_local(gb_emitter *e, gb_valtype type, uint32_t slot);
gb_operand gb_pop(gb_emitter *e);
/* Moves the topmost n operands home; all of them with what is in accumulators. */
void gb_settle(gb_emitter *e, uint32_t n);
void gb_settle_all(gb_emitter *e);
/* Operands that name this local are moved home: it is about to change. */
void gb_unalias(gb_emitter *e, uint32_t slot);
/* Accumulators hold nothing known from here on (a label, a call). Operands in them go home first. */
void gb_forget_accs(gb_emitter *e);

/* ---- instructions ---- */
/* The operand where an instruction can take it: as immediate (if it fits), accumulator, or slot. May emit. A far slot
 * is brought near. */
gb_source gb_use(gb_emitter *e, const gb_operand *o, bool imm, bool acc);
/* The slot that holds the operand; may emit. */
uint32_t gb_use_slot(gb_emitter *e, const gb_operand *o);
/* The operand that is only in this accumulator goes home; the accumulator keeps its value. */
void gb_spill(gb_emitter *e, unsigned acc);
/* Room in an accumulator for the result of the instruction about to be written. */
void gb_claim(gb_emitter *e, unsigned acc);
/* Writes the result slot of an R form and pushes the operand. `iop` is the position of the instruction. Immediates
 * behind it are the caller's to write. */
void gb_put_result(gb_emitter *e, uint32_t iop, gb_valtype type);
/* Pushes the operand at its home and writes that slot; for instructions without accumulator. Call gb_end_result
 * when the instruction is complete. */
void gb_put_home(gb_emitter *e, gb_valtype type);
void gb_end_result(gb_emitter *e);
/* Slot `to` takes the operand's value (the operand has been popped); for local.set and for labels. */
void gb_move(gb_emitter *e, const gb_operand *o, uint32_t to);
/* The popped top operand becomes the value of a local. */
void gb_set_local(gb_emitter *e, const gb_operand *o, uint32_t slot);
void gb_copy(gb_emitter *e, gb_valtype type, uint32_t to, uint32_t from);
/* A slot changed otherwise than through this module's functions. */
void gb_wrote(gb_emitter *e, uint32_t slot);

/* ---- labels ---- */
uint32_t gb_label_new(gb_emitter *e);
/* The label is here; forgets accumulators, which must have been settled. */
void gb_label_bind(gb_emitter *e, uint32_t label);
/* A 32-bit offset field that will lead from `base` to the label. */
void gb_emit_label(gb_emitter *e, uint32_t label, uint32_t base);

#endif
