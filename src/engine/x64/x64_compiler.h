/* x64_compiler.h: the state of compiling one function, and what its parts share.
 *
 * One pass over the bytes of a validated body emits the code. Operands live on an abstract stack of
 * *values*: constants, locals not yet read, registers, or the value's own spill slot. Rules that hold
 * between two instructions:
 *
 *  - A register of the allocatable set is either free or owned by exactly one REG value of the stack.
 *  - A local lives in its home register if it has one, else in its slot in the frame; the slot is always
 *    current (stores are written through), and a free temporary may hold a copy (`cached`).
 *  - A LOCAL value stands for the local's value *now*: before the local is set, such values are copied.
 *  - At a label nothing is known of temporaries but the cached copies that all ways to it share: at the
 *    start of a block every value below is in its slot (constants excepted); a block's single result is in
 *    rax or xmm0 at its end, several are in their slots.
 *  - Popping a value locks its register until the instruction ends, so that allocation spares it. */
#ifndef GB_ENGINE_X64_COMPILER_H
#define GB_ENGINE_X64_COMPILER_H

#include "engine/module.h"
#include "engine/x64/x64_abi.h"
#include "engine/x64/x64_code.h"

/* Machine classes of value types; references are 64-bit integers. */
typedef enum x64_type { X64_I32, X64_I64, X64_F32, X64_F64, X64_V128 } x64_type;

static inline x64_type x64_type_of(gb_valtype t) {
    return t == GB_I32    ? X64_I32
           : t == GB_F32  ? X64_F32
           : t == GB_F64  ? X64_F64
           : t == GB_V128 ? X64_V128
                          : X64_I64;
}
static inline bool x64_is_int(x64_type t) { return t <= X64_I64; }
static inline x64_width x64_width_of(x64_type t) { return t == X64_I32 ? X64_W32 : X64_W64; }
static inline uint32_t x64_size_of(x64_type t) { return t == X64_V128 ? 16 : 8; }

typedef enum x64_kind { X64_CONST, X64_LOCAL, X64_REG, X64_SLOT } x64_kind;

typedef struct x64_value {
    uint8_t kind; /* x64_kind */
    uint8_t type; /* x64_type */
    uint8_t reg;  /* REG */
    uint32_t local; /* LOCAL */
    uint32_t slot;  /* where it is spilled: offset from rsp */
    uint64_t bits;  /* CONST; floats as bit patterns */
} x64_value;

typedef struct x64_local {
    uint8_t type;   /* x64_type */
    uint8_t home;   /* register, or X64_NO_REG: lives in its slot */
    uint8_t cached; /* temporary with a copy of the slot, or X64_NO_REG */
    uint8_t zero;   /* may be read before it is set: the prologue clears it */
    uint32_t refs;  /* LOCAL values on the stack */
    uint32_t slot;
    uint32_t weight; /* uses, those in loops counting more */
} x64_local;

typedef enum x64_block_kind {
    X64_FUNCTION, X64_BLOCK, X64_LOOP, X64_IF, X64_ELSE, X64_TRY
} x64_block_kind;

typedef struct x64_block {
    uint8_t kind;
    bool cache_known;   /* some branch to the end was met; `cached` and `cache` hold what they share */
    uint32_t height;    /* of the value stack below the parameters */
    uint32_t slot;      /* first free spill slot there */
    uint32_t param_count, result_count;
    const gb_valtype *params, *results;
    x64_label label;  /* what a branch goes to: the start of a loop, else the end */
    x64_label other;  /* IF: the else part */
    uint32_t handler; /* the try_table whose clauses are in force outside */
    uint32_t own_handler; /* TRY */
    uint32_t cached; /* registers with copies of locals */
    uint32_t other_cached;
    uint16_t cache[X64_REG_COUNT];       /* which local, where `cached` says there is one */
    uint16_t other_cache[X64_REG_COUNT]; /* IF: the same where the else part begins */
} x64_block;

#define X64_NO_HANDLER UINT32_MAX

/* An out-of-line piece, emitted behind the function's code. */
typedef enum x64_stub_kind {
    X64_STUB_TRAP,         /* trap */
    X64_STUB_POLL,         /* calls the runtime, returns to `back` */
    X64_STUB_STACK,        /* the same, before the frame is set up */
    X64_STUB_FOREIGN,      /* call of a function of another instance or the host; value: handler */
    X64_STUB_FLOAT_TO_INT, /* reg: destination, reg2: source, value: see x64_float.c */
    X64_STUB_FUEL,         /* value: what the block costs */
} x64_stub_kind;

typedef struct x64_stub {
    uint8_t kind; /* x64_stub_kind */
    uint8_t trap; /* gb_trap_kind */
    uint8_t reg, reg2;
    x64_label entry;
    x64_label back;
    uint32_t position; /* byte offset of the instruction in the module */
    uint32_t value;
} x64_stub;

/* A constant that the code reads from memory, 16 bytes, behind the function. */
typedef struct x64_pooled {
    uint64_t low, high;
    x64_label label;
} x64_pooled;

/* Kept only when a trap asks for it: see x64_code.h. */
typedef struct x64_site {
    uint32_t code;     /* offset of the faulting instruction, or behind the call */
    uint32_t position; /* in the module */
} x64_site;

/* A try_table and its clauses; a call within one. */
typedef struct x64_handler {
    uint32_t first, count; /* clauses */
    uint32_t outer;        /* handler + 1 in force outside, 0: none */
} x64_handler;
typedef struct x64_clause {
    uint32_t kind, tag;
    uint32_t landing; /* offset */
    uint32_t label;   /* from inside the block */
} x64_clause;
typedef struct x64_protected_call {
    uint32_t code; /* offset behind the call */
    uint32_t handler;
} x64_protected_call;

/* A block that is open during the scan. */
typedef struct x64_scan_block {
    uint32_t undo_count; /* locals set when it began */
    uint32_t weight;     /* of a use outside it */
} x64_scan_block;

/* A function being compiled. Its arrays are kept from one function to the next. */
struct x64_compiler {
    x64_asm as;
    const uint8_t *pc; /* next byte to read */
    const uint8_t *at; /* first byte of the instruction at hand */
    uint32_t free;     /* allocatable registers that no value of the stack owns */
    uint32_t locked;   /* registers that the instruction at hand uses */
    uint32_t caches;   /* registers that cache a local */
    uint32_t allocatable;
    uint32_t height;
    x64_value *stack; /* stack[-1] is a sentinel below the first slot */
    x64_local *locals;
    uint32_t local_count;
    uint32_t param_count;
    x64_block *blocks;
    uint32_t depth;          /* open blocks; blocks[depth - 1] is the innermost */
    uint32_t used_homes;     /* every register that is some local's home */
    uint32_t volatile_homes; /* homes that calls destroy: saved and reloaded around each */
    uint32_t dirty;          /* those of them whose slot is not current */
    uint16_t home_local[X64_REG_COUNT];
    uint16_t cache[X64_REG_COUNT]; /* local in each register of `caches` */
    uint8_t clock; /* for choosing which cached copy to give up */
    uint32_t features; /* GB_X64_… */

    const gb_module *module;
    const gb_function *function;
    const gb_functype *type;
    uint32_t index;        /* of the function */
    uint32_t code_offset;  /* of as.start in the space */
    uint32_t data_size;    /* of the space: slots in front of the code */
    uint32_t out_bytes;    /* bottom of the frame */
    uint32_t context_slot; /* 0: none */
    uint32_t locals_end;
    uint32_t frame_top;    /* end of the highest slot in use */
    uint32_t handler;      /* innermost try_table whose clauses are in force, or X64_NO_HANDLER */
    uint32_t call_weight;  /* calls, those in loops counting more */
    uint32_t fuel_cost;    /* of the block so far */
    uint32_t fuel_field;   /* offset + 1 of the immediate that waits for it */
    uint32_t fuel_stub;
    uint32_t frame_field;  /* offset of the instruction that makes the frame */
    bool has_calls;
    bool failed; /* out of room or memory, or not supported: left to the interpreter */
    bool out_of_memory;
    bool keep_sites;

    x64_stub *stubs;
    uint32_t stub_count, stub_capacity;
    x64_pooled *pool;
    uint32_t pool_count, pool_capacity;
    x64_site *sites;
    uint32_t site_count, site_capacity;
    x64_handler *handlers;
    uint32_t handler_count, handler_capacity;
    x64_clause *clauses;
    uint32_t clause_count, clause_capacity;
    x64_protected_call *calls;
    uint32_t call_count, call_capacity;
    uint32_t *patches; /* displacements that count from the other end of the frame */
    uint32_t patch_count, patch_capacity;
    uint32_t stack_capacity, local_capacity, block_capacity;
    uint32_t *undo; /* scan: locals set so far, to be forgotten at the end of their block */
    x64_scan_block *scan_blocks;
};

#define X64_INSTANCE(field) x64_at(X64_CTX, offsetof(gb_instance, field))

static inline uint32_t x64_position(const x64_compiler *c) { return (uint32_t)(c->at - c->module->bytes); }
/* Room for an instruction of unusual length; false: the function is given up. */
static inline bool x64_ensure(x64_compiler *c, size_t bytes) {
    if (!x64_has_room(&c->as, bytes)) c->failed = true;
    return !c->failed;
}

/* x64_compile.c: compiles function `index` to `write`, at most `room` bytes, as code that will run at offset
 * `code_offset` of its space. False: too large, too odd, or out of memory; nothing is kept. */
bool x64_compile(x64_compiler *c, const gb_module *m, uint32_t index, uint32_t features, uint8_t *write,
                 size_t room, uint32_t code_offset, uint32_t data_size, gb_x64_function *record);
void x64_compiler_free(x64_compiler *c);

/* x64_scan.c: reads the body once, ahead: weighs locals and calls, finds which locals must be cleared
 * and how large the out area is. Then gives the heaviest locals registers for the whole function. */
bool x64_scan(x64_compiler *c);
void x64_choose_homes(x64_compiler *c);

#endif
