/* x64_runtime.h: compiled code and the C around it.
 *
 * Compiled code runs on a stack of its own, one a store; C runs on the thread's. `enter` (x64_stubs.c) goes
 * from C to code; every way out, to a helper, another tier or a trap, goes through a stub that notes where
 * the code stopped, changes stacks, and calls C. C answers with a status; anything but 0 unwinds: the
 * stub leaves the activation, or goes on at a handler. So no C frame is ever skipped.
 *
 * An *activation* is the run of compiled frames that one `enter` started. Host functions may enter again:
 * activations nest, the inner one lower on the same stack. */
#ifndef GB_ENGINE_X64_RUNTIME_H
#define GB_ENGINE_X64_RUNTIME_H

#include "engine/instance.h"
#include "engine/x64/x64_abi.h"

typedef struct gb_x64_activation {
    struct gb_x64_activation *outer;
    const gb_frame *entry; /* stands for its frames among those of the execution */
    /* Of the outer activation, put back at the end. */
    uint8_t *guest_sp, *host_sp;
    uint64_t *frame;
} gb_x64_activation;

/* Offsets of the first members are known to the stubs. */
typedef struct gb_x64_state {
    uint8_t *guest_sp; /* where the code stopped, while C runs */
    uint8_t *host_sp;  /* of the innermost activation's `enter` */
    uint64_t *frame;   /* where the return address into the code that stopped lies, on the guest stack */
    /* Where to go on, with status X64_RESUME. */
    uint64_t resume_rsp, resume_pc, resume_rax;
    uint64_t saved[X64_SAVED_COUNT]; /* in the order of x64_saved */
    /* Not known to the stubs. */
    gb_x64_activation *activation;
    gb_outcome outcome; /* with status X64_LEAVE */
    uint8_t *mapping;
    size_t mapping_size;
    uint8_t *limit; /* what instance->stack_limit is when nobody interrupts */
    uint8_t *top;
} gb_x64_state;

typedef enum x64_status { X64_RETURN, X64_LEAVE, X64_RESUME } x64_status;

/* What C gives back to a stub, in rax and rdx. */
typedef struct x64_answer {
    uint64_t value;
    uint64_t status; /* x64_status */
} x64_answer;

/* Argument and result registers, as stubs lay them out: rsi rdi r8 r9 rdx rcx, xmm0-7. Results: rax in
 * ints[0], xmm0 in floats[0]. */
typedef struct x64_registers {
    uint64_t ints[X64_INT_ARGS];
    uint8_t floats[X64_FLOAT_ARGS][16];
} x64_registers;

enum {
    X64_STACK_SLACK = 128 << 10, /* below the limit: small frames unchecked, signal handlers */
};

/* ---- called by stubs --------------------------------------------------------------------------- */

x64_answer x64_on_trap(gb_instance *instance, uint64_t kind);
x64_answer x64_on_look(gb_instance *instance);
/* The code to go on at, for a call through a slot that ends at `ret`, or of `func`. */
x64_answer x64_on_lazy(gb_instance *instance, const uint8_t *ret);
x64_answer x64_on_lazy_func(gb_instance *instance, gb_func *func);
/* Calls any function but a compiled one: arguments from registers and `stack`; results likewise. */
x64_answer x64_on_bridge(gb_instance *instance, gb_func *func, x64_registers *registers, uint8_t *stack);
/* The gb_func of the slot that the call ending at `ret` went through. */
x64_answer x64_on_slot_func(gb_instance *instance, const uint8_t *ret);

/* The C function behind X64_HELPER_…. */
const void *x64_helper_address(unsigned slot);

/* A memory fault (engine/memory.h): makes the thread go on in a trap if it was in compiled code. */
bool x64_on_fault(void *context, void *address);
/* The exception of the execution leaves the call that stopped: to a handler, or out. */
x64_answer x64_unwind(gb_instance *instance);

#endif
