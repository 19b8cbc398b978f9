/* x64_stubs.h: the machine code between compiled functions and C, one set a process. See x64_runtime.h. */
#ifndef GB_ENGINE_X64_STUBS_H
#define GB_ENGINE_X64_STUBS_H

#include "engine/x64/x64_runtime.h"

/* Makes them, once; false: not possible, and why. */
bool x64_stubs_init(const char **why_not);
/* What belongs into a slot of a space below X64_SLOT_FUNCTIONS; X64_SLOT_LAZY and X64_SLOT_BRIDGE are for
 * the slots of functions. */
void *x64_stub_entry(unsigned slot);
/* What belongs into gb_func.entry: of a function not compiled yet, and of one that never will be. */
void *x64_stub_lazy_func(void);
void *x64_stub_bridge_func(void);
/* Where a memory fault goes on, its program counter pushed. */
void *x64_stub_fault(void);
/* The address behind the call in `enter`: the outermost return address of every activation. */
uint64_t x64_stub_return(void);

/* Runs code with the given registers on the guest stack below `sp` (16-byte aligned), and leaves results in
 * the registers. */
x64_status x64_enter(gb_instance *instance, const void *code, x64_registers *registers, uint8_t *sp);

#endif
