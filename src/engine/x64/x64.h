/* x64.h: what the rest of the engine asks of the compiler. Present only where GB_X64 is 1; elsewhere, and
 * where the processor or the kernel will not have it, the interpreter serves.
 *
 * A store that compiles calls gb_x64_store_init once; from then on every gb_func made in it gets its
 * `entry` from gb_x64_entry, and gb_x64_call runs those of its instances. */
#ifndef GB_ENGINE_X64_H
#define GB_ENGINE_X64_H

#if defined(__x86_64__) && defined(__LP64__) && defined(__linux__)
#define GB_X64 1
#else
#define GB_X64 0
#endif

#if GB_X64
#include "engine/instance.h"

/* Whether code can be compiled and run here: SSE4.1, and executable mappings. The reason why not is a static
 * string, or NULL. Decided once. */
bool gb_x64_available(const char **why_not);

/* Maps room for the code of modules of so many bytes together, and never again anything executable. False: without
 * room everything is interpreted. */
bool gb_x64_seal(size_t wasm_bytes);
/* Makes the stack on which compiled code of this store runs. */
bool gb_x64_store_init(gb_store *store, gb_error *err);
void gb_x64_store_free(gb_store *store);
/* The machine-code address by which compiled code calls this function, whatever it is. */
void *gb_x64_entry(const gb_func *func);
/* Makes room for the module's code, so that later compiling needs no system call. False: no room; the
 * module's functions are then interpreted. */
bool gb_x64_prepare(gb_instance *instance);
/* Runs a function of an instance: compiled now if need be, else by the interpreter. */
gb_outcome gb_x64_call(gb_func *func, gb_slot *slots);
/* Stops compiled code of the store soon, or lets it go on. Async-signal-safe. */
void gb_x64_interrupt(gb_store *store, bool stop);
/* The part of the stack of compiled code that is in use while C runs. */
void gb_x64_stack_range(const gb_store *store, const gb_slot **low, const gb_slot **high);
/* The compiled frames for which `entry` of the execution's frames stands, innermost first; their number. */
typedef struct gb_x64_place {
    const gb_module *module;
    uint32_t function, offset;
} gb_x64_place;
uint32_t gb_x64_frames(const gb_exec *x, const gb_frame *entry, gb_x64_place *places, uint32_t most);
/* For tests: options GB_X64_STRESS_… and features to do without, of all compiling from now on. */
void gb_x64_test_options(uint32_t set, uint32_t without);
#endif

#endif
