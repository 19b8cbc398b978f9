/* x64_code.h: where compiled code lies, and what is known of it.
 *
 * All code of one module for one configuration is one *space*, a run of addresses
 *
 *     run - data_size              run                    run + used         run + size
 *     | slots (RW) | perhaps more  | code (RX)            | room             |
 *
 * Code refers to itself, to the slots in front of it and to the instance in r15, never to an address: so
 * it works wherever it is mapped, and can be mapped from a file. The slots hold the addresses of the runtime's
 * entries and, behind those, one entry a function: its code once it is compiled, the lazy stub before.
 *
 * W^X: the code pages are executable and never writable; the compiler writes through a second mapping of
 * the same memory (`write`). A space may be shared by stores in several threads: compiling takes its lock,
 * a function's record is complete before its slot is set, and nothing of it changes afterwards.
 *
 * Every function has a record, by which any address in the code is traced to function and frame. The
 * wasm position of an address is found by compiling the function again with positions kept. */
#ifndef GB_ENGINE_X64_CODE_H
#define GB_ENGINE_X64_CODE_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/instance.h"

/* Processor features beyond SSE4.1, and ways to compile that only tests ask for. */
enum {
    GB_X64_SSE41 = 1,
    GB_X64_AVX = 2,
    GB_X64_BMI = 4, /* BMI1 and BMI2 */
    GB_X64_LZCNT = 8,
    GB_X64_POPCNT = 16,
    GB_X64_SSE42 = 32,
    GB_X64_FEATURES = 63,
    GB_X64_GUARDED = 1 << 8,     /* memory 0 is behind a guard region */
    GB_X64_FUEL = 1 << 9,        /* count fuel */
    GB_X64_STRESS_SPILL = 1 << 10, /* no homes, everything spilled after each instruction */
    GB_X64_STRESS_ROOM = 1 << 11,  /* a code buffer that is soon full */
};

/* What the processor has. */
uint32_t gb_x64_features(void);

/* Entries of the runtime, by slot. Helpers are called like C functions with the instance first, and
 * return with an x64_answer (x64_runtime.h). */
#define GB_X64_HELPERS(X)                                                                          \
    X(memory_grow) X(memory_copy) X(memory_fill) X(memory_init) X(data_drop)                       \
    X(table_get) X(table_set) X(table_grow) X(table_fill) X(table_copy) X(table_init) X(elem_drop) \
    X(throw) X(throw_ref)

enum {
    X64_SLOT_TRAP = 0, /* + gb_trap_kind */
    X64_SLOT_LAZY = 24,    /* compile what the calling instruction's slot stands for */
    X64_SLOT_BRIDGE,       /* the same for a function that is left to the interpreter */
    X64_SLOT_LOOK,         /* rsp is below stack_limit: interrupt, overflow or nothing */
    X64_SLOT_HELPERS,
#define X(name) X64_HELPER_##name,
    X64_SLOT_BEFORE_HELPERS = X64_SLOT_HELPERS - 1,
    GB_X64_HELPERS(X)
#undef X
    X64_SLOT_FUNCTIONS, /* + index among the functions that are not imported */
};

typedef struct gb_x64_function {
    uint32_t start, end;        /* in the code; it is entered at its start */
    uint32_t frame;             /* bytes between rsp and the saved registers */
    uint32_t index;             /* in the module */
    uint32_t handlers;          /* offset in the code of its handler table, 0: none */
    uint32_t stack_stub;   /* return offset of the call made before the frame is set up, 0: none */
    uint32_t context_slot; /* where the frame keeps its instance, when it has handlers */
    uint8_t saved;              /* bit i: x64_saved[i] was pushed */
} gb_x64_function;

/* The table at `handlers`, offsets from the function's start, u32 all:
 *     call count, handler count, clause count
 *     calls     { return offset, handler }                   by ascending offset
 *     handlers  { first clause, clauses, outer handler + 1 }
 *     clauses   { kind, tag, landing }
 * At the landing, rax holds the exception; rsp and the preserved registers are the frame's own. */

typedef struct x64_compiler x64_compiler;

typedef struct gb_x64_space {
    gb_module *module;
    uint32_t features;  /* GB_X64_… of all code in it */
    uint32_t data_size; /* from the slots to the code */
    uint32_t slot_bytes;
    uint8_t *run;       /* first byte of code */
    uint8_t *write;     /* the same bytes, writable */
    uint32_t write_from; /* `write` is of this offset; before it lies code that was kept in a file */
    const struct gb_x64_kept *kept; /* that, or NULL (x64_keep.h) */
    uint32_t size, used;
    uint32_t room;      /* of size, that may be used */
    _Atomic(void *) *slots;
    gb_x64_function *records; /* by ascending address, of what was compiled here */
    atomic_uint record_count;
    uint32_t refused; /* functions that were left to the interpreter */
    pthread_mutex_t lock;
    x64_compiler *compiler;
} gb_x64_space;

/* The space of a module's code for a configuration (GB_X64_GUARDED, GB_X64_FUEL), and for an instance's; NULL: it
 * cannot be made. */
gb_x64_space *gb_x64_module_space(gb_module *m, uint32_t configuration);
gb_x64_space *gb_x64_space_of(const gb_instance *instance);
/* The same, only if there is one already. */
gb_x64_space *gb_x64_space_peek(const gb_instance *instance);
/* The entry of a function, compiled now if it is not yet; NULL: it is left to the interpreter. */
void *gb_x64_space_entry(gb_x64_space *space, uint32_t function);
/* Compiles all functions that are not compiled yet; the number of those that could not be. */
uint32_t gb_x64_compile_all(gb_x64_space *space);
/* Space and record of an address in code; NULL outside of functions. Async-signal-safe. */
const gb_x64_function *gb_x64_find(uintptr_t pc, gb_x64_space **space);
bool gb_x64_is_code(uintptr_t pc);
/* The wasm position that `pc` belongs to: of a faulting instruction, or behind a call. 0: none. */
uint32_t gb_x64_position(gb_x64_space *space, const gb_x64_function *record, uintptr_t pc);
/* Reserves the addresses for code, once. */
bool gb_x64_arena_init(const char **why_not);
/* Executable memory outside of modules, for stubs. */
uint8_t *gb_x64_arena_page(uint8_t **write, size_t size);

#endif
