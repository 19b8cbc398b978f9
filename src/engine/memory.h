/* memory.h: linear memories.
 *
 * On a 64-bit host a memory reserves as much address space as a 32-bit address plus a 32-bit offset plus the widest access can
 * reach; pages that the guest does not have cannot be touched. Code may then leave out bounds checks (gb_memory.guarded) if it is
 * registered here, so that its faults become traps. Elsewhere, or with gb_limits.no_guard_regions, code checks. Pages come zeroed
 * from the operating system when they are first touched. */
#ifndef GB_ENGINE_MEMORY_H
#define GB_ENGINE_MEMORY_H

#include "engine/instance.h"

/* NULL: out of address space or over the store's limit; err says which. */
gb_memory *gb_memory_new(gb_store *store, gb_limits_type limits, gb_error *err);
/* Pages before, UINT32_MAX when it may not grow. */
uint32_t gb_memory_grow(gb_memory *memory, uint32_t delta);
/* Takes away all beyond `size` bytes. The pages should have been dropped (madvise): a guarded memory only closes them. */
bool gb_memory_shrink(gb_memory *memory, uint64_t size);
/* An instance's memory 0 is this one: its copies of base and size are kept current. False: out of memory. */
bool gb_memory_add_view(gb_memory *memory, gb_instance *instance);

/* A fault at `address` in some memory's reservation, raised by code in [start, end) that was registered: the
 * handler may change the machine context (a ucontext_t) so that execution goes on elsewhere, and returns true if it did. Async-signal-safe. */
typedef bool (*gb_fault_handler)(void *context, void *address);
/* Registers machine code; the first registration installs a SIGSEGV and SIGBUS handler, which passes on
 * what is not ours to the handler that was there before. */
bool gb_fault_register(const void *start, const void *end, gb_fault_handler handler, gb_error *err);
void gb_fault_unregister(const void *start);

#endif
