/* instance.h: what exists at run time, and how the tiers find it.
 *
 *   gb_store ── gb_exec      stacks, fuel, the trap and the exception in flight
 *      │  └──── types        canonical function types of everything in the store
 *      ├─ gb_instance ─┬─ memory_base, memory_size   memory 0, at offsets 0 and 8, always current
 *      │               ├─ funcs[i]    -> gb_func     {entry, instance, type_id, index}
 *      │               ├─ globals[i]  -> gb_cell     16 bytes
 *      │               ├─ tables[i]   -> gb_table    {elements, size}
 *      │               └─ type_ids[t]                canonical module type -> store type
 *      └─ gb_func, gb_table, gb_memory, gb_cell, gb_tag   shared by pointer among instances
 *
 * Everything is the store's and dies with it; pointers among these never dangle. A store is used by one
 * thread at a time; only gb_store_interrupt may come from elsewhere.
 *
 * Values. A frame, an argument list between tiers and a global keep values in 8-byte slots in the host's
 * byte order: i32 and f32 in the low 32 bits (the high ones are unspecified), i64 and f64 whole, references as
 * pointers, v128 as two slots holding its 16 bytes in memory order.
 *
 * One signature check: `func->type_id == instance->type_ids[t]`, one integer compare. */
#ifndef GB_ENGINE_INSTANCE_H
#define GB_ENGINE_INSTANCE_H

#include <stdatomic.h>
#include <string.h>

#include "engine/module.h"

typedef uint64_t gb_slot;

typedef struct gb_cell {
    gb_slot slot[2];
} gb_cell;

typedef struct gb_tag {
    uint32_t type_id;
} gb_tag;

typedef struct gb_table {
    void **elements; /* gb_func *, host pointers or gb_exception *; NULL is null */
    uint32_t size;   /* entries in use */
    uint32_t max;    /* never more than this */
    uint32_t capacity;
    gb_valtype type; /* over the store's types */
    gb_limits_type limits;
} gb_table;

struct gb_memory {
    uint8_t *base; /* moves only when !reserved */
    uint64_t size; /* bytes */
    uint64_t reserved; /* bytes of address space from base, guard included; 0: none */
    bool guarded;  /* any 32-bit address plus any 32-bit offset faults or is inside */
    uint32_t max_pages;
    gb_limits_type limits;
    gb_store *store;
    gb_instance **views; /* instances whose memory 0 this is: their copies are kept current */
    size_t view_count;
};

/* A function as tables, exports and ref.func see it. */
struct gb_func {
    void *entry;           /* machine code of the function, for the tier that makes it; else its bridge */
    gb_instance *instance; /* NULL: a host function */
    uint32_t type_id;      /* store type */
    uint32_t index;        /* in the instance's module */
    gb_store *store;
    gb_host_fn host;
    void *env;
};

/* An exception in flight or held by an exnref. Payload slots as in a frame. Collected (exception.h). */
typedef struct gb_exception {
    struct gb_exception *next; /* all of the store */
    const gb_tag *tag;
    uint32_t slot_count;
    bool marked;
    gb_slot payload[];
} gb_exception;

struct gb_instance {
    uint8_t *memory_base; /* offset 0: memory 0 */
    uint64_t memory_size; /* offset 8: its bytes */
    atomic_uintptr_t stack_limit; /* compiled code looks closer when rsp is below it; all ones while interrupted */
    struct gb_exec *exec;
    gb_func **funcs;
    gb_cell **globals;
    gb_table **tables;
    const uint32_t *type_ids;
    gb_memory **memories;
    gb_tag **tags;
    uint32_t *data_lengths; /* 0 once dropped */
    uint32_t *elem_lengths; /* 0 once dropped */
    gb_module *module;
    gb_store *store;
    struct gb_interp_code *code; /* the interpreter's, shared by all instances of the module */
    gb_func *own_funcs;          /* those that are not imported, in one block */
    gb_instance *next;
    gb_cell own_globals[]; /* here, so that compiled code reaches them in one step */
};

/* One activation of an interpreted function. `pc` is where to go on once its callee has returned. */
typedef struct gb_frame {
    const uint16_t *pc;
    gb_slot *fp;
    const struct gb_icode *code; /* NULL: an entry from C; the frames below belong to another gb_interp_run */
} gb_frame;

/* How running code ends. */
typedef enum gb_outcome { GB_RETURNED, GB_TRAPPED, GB_THREW } gb_outcome;

/* The state of execution in a store, common to all tiers. */
typedef struct gb_exec {
    atomic_uint interrupt;        /* offset 0: nonzero makes loops and bulk operations trap */
    _Atomic(gb_frame *) frame_limit; /* calls at or beyond it look closer; NULL while interrupted */
    gb_frame *top;                /* innermost frame */
    gb_slot *stack_end;
    gb_slot *sp;                  /* first free slot while the host runs */
    uint64_t fuel;
    gb_instance *instance;        /* whose code runs, NULL while none does, */
    _Atomic(const struct gb_icode *) *functions; /* and its functions for the interpreter */
    gb_exception *exception;      /* in flight when the outcome is GB_THREW */
    gb_trap_kind refusal;         /* why gb_interp_resolve found no function */
    gb_slot *stack;
    gb_frame *frames, *frames_end;
    size_t stack_length;
    const char *native_base;      /* host stack where the outermost call came in; NULL: none */
    uint32_t depth;               /* host functions and cross-instance calls nested now */
    bool fuel_counted;
    struct gb_x64_state *x64; /* compiled code's stack and what goes with it (x64/x64_runtime.h) */
    gb_store *store;
    gb_trap trap;                 /* valid when the outcome is GB_TRAPPED */
} gb_exec;

struct gb_store {
    gb_exec exec;
    gb_limits limits;
    gb_typetable types;
    _Atomic(gb_instance *) instances; /* newest first; only ever grows: an interruption may walk it at any time */
    uint64_t memory_bytes, memory_peak;
    bool memory_refused; /* a memory.grow was denied by the limit or the system */
    uint64_t table_entries;
    uint64_t host_calls;
    struct gb_image *image; /* image.h; NULL until the store is frozen */
    struct gb_owned *owned; /* tables, memories, tags, host functions: freed with the store */
    gb_exception *exceptions;
    size_t exception_count, exception_threshold;
};

/* Calls between tiers, the bridge: `slots` holds the arguments and receives the results (a frame's start).
 * It must lie in the store's stack or be as long as the larger of both. Runs a function of any kind: host, interpreted,
 * another instance's. */
gb_outcome gb_func_call_slots(gb_func *func, gb_slot *slots);

/* Sets the trap: the suite's wording for its kind, then the function and backtrace from the frames as they are
 * now. For the latter the top frame's pc must lie behind the first unit of the instruction that traps. Returns GB_TRAPPED. */
gb_outcome gb_exec_trap(gb_exec *x, gb_trap_kind kind);
gb_outcome gb_exec_trap_text(gb_exec *x, gb_trap_kind kind, const char *message);
const char *gb_trap_text(gb_trap_kind kind);

/* gb_engine_seal was called: a wall of system calls may stand around the process, and files are not to be had. */
bool gb_engine_is_sealed(void);

/* An allocation that dies with the store, `release` (or NULL) called on it first. Zeroed; NULL when memory is short. */
void *gb_store_own(gb_store *store, size_t size, void (*release)(void *));

gb_table *gb_table_new(gb_store *store, gb_valtype type, gb_limits_type limits);
/* Entries before, UINT32_MAX when it may not grow. */
uint32_t gb_table_grow(gb_store *store, gb_table *table, uint32_t delta, void *value);

/* The store's number for a function type in the letters of gb_linker_define; UINT32_MAX on failure. */
uint32_t gb_store_type(gb_store *store, const char *letters, gb_error *err);
/* A module's value type over the store's types. */
static inline gb_valtype gb_valtype_in_store(gb_valtype type, const uint32_t *type_ids) {
    uint32_t heap = gb_valtype_heap(type);
    if (!gb_valtype_is_ref(type) || !gb_heap_is_concrete(heap)) return type;
    return GB_REFTYPE(gb_valtype_is_nullable(type), type_ids[heap]);
}

/* A value in slots, and back. */
void gb_slots_from_value(gb_slot *slots, gb_valtype type, const gb_value *value);
void gb_value_from_slots(gb_value *value, gb_valtype type, const gb_slot *slots);


#endif
