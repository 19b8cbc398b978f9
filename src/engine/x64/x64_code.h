/* x64_code.h: where compiled code lies, and what is known of it.
 *
 * All code of one module for one configuration is one *space*, a run of addresses
 *
 *     run - data_size        run                    run + used         run + size
 *     | slots (RW)           | code (RX)            | room             |
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
 * return with x64_helper_result (x64_runtime.c). */
#define GB_X64_HELPERS(X)                                                                          \
    X(memory_grow) X(memory_copy) X(memory_fill) X(memory_init) X(data_drop)                       \
    X(table_get) X(table_set) X(table_grow) X(table_fill) X(table_copy) X(table_init) X(elem_drop) \
    X(throw) X(throw_ref) X(take_fuel)

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
    uint32_t start, entry, end; /* in the code; start is of the gap before the entry */
    uint32_t frame;             /* bytes between rsp and the saved registers */
    uint32_t index;             /* in the module */
    uint32_t handlers;          /* offset in the code of its handler table, 0: none */
    uint32_t stack_stub;        /* offset of the overflow stub: called before the frame is set up */
    uint8_t saved;              /* bit i: x64_saved[i] was pushed */
} gb_x64_function;

/* The table at `handlers`: counts, then calls by ascending offset, then clauses.
 *     u32 call_count, u32 clause_count
 *     call_count   x { u32 return offset - start, u32 first clause }
 *     clause_count x { u32 kind, u32 tag, u32 landing offset - start, u32 next clause + 1 (0: none) } */

typedef struct gb_x64_space gb_x64_space;

#endif
