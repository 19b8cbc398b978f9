/* engine.h: the public face of the engine. Upper floors include this header and no other of
 * src/engine. The engine turns WebAssembly bytes into calls and knows nothing of Rust or WASI.
 *
 *   bytes --gb_module_decode--> gb_module   immutable, validated, may be shared by stores and threads
 *   gb_store                                owns everything at run time; one thread at a time
 *   gb_linker                               names -> host functions and extern items
 *   module + linker --gb_instance_new--> gb_instance, owned by its store
 *   gb_instance_func -> gb_func --gb_call--> results or a gb_trap
 */
#ifndef GB_ENGINE_ENGINE_H
#define GB_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct gb_module gb_module;
typedef struct gb_store gb_store;
typedef struct gb_linker gb_linker;
typedef struct gb_instance gb_instance;
typedef struct gb_func gb_func;
typedef struct gb_memory gb_memory;
typedef struct gb_caller gb_caller; /* what a host function learns of the guest that called it */

/* A WebAssembly value. v128 bytes are in memory (little-endian lane) order. References are opaque:
 * NULL is ref.null. */
typedef union gb_value {
    int32_t i32;
    int64_t i64;
    uint32_t u32;
    uint64_t u64;
    float f32;
    double f64;
    uint8_t v128[16];
    void *ref;
} gb_value;

typedef enum gb_trap_kind {
    GB_TRAP_NONE = 0,
    GB_TRAP_UNREACHABLE,
    GB_TRAP_OUT_OF_BOUNDS_MEMORY,
    GB_TRAP_OUT_OF_BOUNDS_TABLE,
    GB_TRAP_INDIRECT_CALL_NULL,     /* "uninitialized element" */
    GB_TRAP_INDIRECT_CALL_TYPE,     /* "indirect call type mismatch" */
    GB_TRAP_UNDEFINED_ELEMENT,
    GB_TRAP_INTEGER_OVERFLOW,
    GB_TRAP_INTEGER_DIVIDE_BY_ZERO,
    GB_TRAP_INVALID_CONVERSION,
    GB_TRAP_STACK_OVERFLOW,         /* "call stack exhausted" */
    GB_TRAP_UNCAUGHT_EXCEPTION,
    GB_TRAP_NULL_REFERENCE,
    GB_TRAP_INTERRUPTED,            /* gb_store_interrupt was called: time limit, Ctrl-C */
    GB_TRAP_FUEL,                   /* the fuel of gb_limits ran out */
    GB_TRAP_MEMORY_LIMIT,
    GB_TRAP_EXIT,                   /* a host function asked to leave; exit_code is valid */
    GB_TRAP_HOST,                   /* a host function failed; message is its own */
    GB_TRAP_INVALID_FUNCTION,       /* of a module decoded lazily */
} gb_trap_kind;

/* message: the official suite's wording for the kind, then where: "… in FUNCTION (wasm offset 0x…)".
 * backtrace: one line a frame, innermost first, at most GB_BACKTRACE_FRAMES, functions by the names
 * of the name section (Rust's demangled as far as the plain `_ZN`/`_R` rules are cheap) or `func[N]`. */
enum { GB_BACKTRACE_FRAMES = 32 };
typedef struct gb_trap {
    gb_trap_kind kind;
    int32_t exit_code;
    char message[512];
    char backtrace[4096];
} gb_trap;

/* ---- module ------------------------------------------------------------------------------- */

/* Decodes and validates all of `bytes`. The module keeps no pointer into `bytes` unless
 * `borrow` is true; then the bytes must outlive it (a mapped file). NULL on failure: GB_ERROR_MALFORMED
 * or GB_ERROR_INVALID with the byte offset, the section and, in code, the function. */
gb_module *gb_module_decode(const uint8_t *bytes, size_t length, bool borrow, gb_error *err);
/* The same, but a function's body is validated before it is first run, for a quick start with a module that was decoded whole
 * when it was made. Running an invalid function then is GB_TRAP_INVALID_FUNCTION, with what gb_module_decode would have said. */
gb_module *gb_module_decode_lazily(const uint8_t *bytes, size_t length, bool borrow, gb_error *err);
/* References are counted: a store holds one for each instance. */
void gb_module_retain(gb_module *module);
void gb_module_release(gb_module *module);
/* The index-th custom section called `name`; false when there is none. Points into the module. */
bool gb_module_custom_section(const gb_module *module, const char *name, size_t index,
                              const uint8_t **bytes, size_t *length);
/* Index-th import (for error messages and for listing what a module wants): false past the end. */
bool gb_module_import(const gb_module *module, size_t index, const char **module_name,
                      const char **field, const char **kind);

/* ---- machine code --------------------------------------------------------------------------- */

/* Whether modules are compiled on this machine. False: they are interpreted, and *why says why: the processor, or a kernel that refuses
 * executable memory. */
bool gb_engine_compiles(const char **why);

/* For a process that is about to give up the right to make executable mappings: makes room for the machine code of modules
 * of `wasm_bytes` bytes together, and asks for nothing executable ever after. What finds no room is interpreted. */
void gb_engine_seal(size_t wasm_bytes);

/* What a caller writes into a file of machine code to find it there again; zeros say nothing. */
typedef struct gb_code_note {
    uint64_t words[5];
} gb_code_note;

/* Compiles the whole module and keeps the code in the folder under `name`, which must stand for the module's bytes (a
 * digest), for this build of the engine and this processor; then removes what was not used for longest, to at most `most_bytes`.
 * False when nothing was kept (the disk is full, …): nothing is lost but time. */
bool gb_code_keep(gb_module *module, const char *folder, const char *name, uint64_t most_bytes, gb_error *err);
/* The same in three steps, for a process that may write but not name files. Begin: a descriptor of a new file, -1 when there is none to
 * be had or another process is at it (err->kind is GB_OK then). End: puts the file in its place, or takes it away when it is not
 * `complete`. */
int gb_code_begin(const char *folder, const char *name, gb_error *err);
bool gb_code_write(gb_module *module, int fd, const gb_code_note *note, gb_error *err);
bool gb_code_end(const char *folder, const char *name, bool complete, uint64_t most_bytes, gb_error *err);
/* Maps kept code for the next module that it fits: before gb_engine_seal, and before that module is first instantiated. Code is checked
 * function by function when it is first run, against itself and the module; what does not fit is compiled as ever. False: there is
 * none that could be used. note, when not NULL: what stands in the file; zeros when there is none. */
bool gb_code_find(const char *folder, const char *name, gb_code_note *note, gb_error *err);

/* ---- store -------------------------------------------------------------------------------- */

typedef enum gb_engine_kind { GB_ENGINE_AUTO, GB_ENGINE_COMPILER, GB_ENGINE_INTERPRETER } gb_engine_kind;

/* Zero means the default in brackets. */
typedef struct gb_limits {
    uint64_t memory_bytes;  /* all linear memories of the store together [4 GiB] */
    uint64_t table_entries; /* all tables together [10 million] */
    size_t stack_bytes;     /* guest stack, interpreter frames included [8 MiB of values] */
    uint32_t call_depth;    /* nested calls [100,000], as far as stack_bytes allows; compiled code knows only the latter */
    uint64_t fuel;          /* deterministic instruction budget; 0: not counted */
    gb_engine_kind engine;
    bool no_guard_regions;  /* force explicit bounds checks */
} gb_limits;

gb_store *gb_store_new(const gb_limits *limits, gb_error *err);
void gb_store_free(gb_store *store);
/* Makes running guest code trap with GB_TRAP_INTERRUPTED soon (loop back edges, calls, bulk
 * operations). Async-signal-safe and callable from any thread. Stays set until cleared. */
void gb_store_interrupt(gb_store *store);
void gb_store_interrupt_clear(gb_store *store);
/* Peak bytes of linear memory so far, and fuel left. */
uint64_t gb_store_memory_peak(const gb_store *store);
uint64_t gb_store_fuel(const gb_store *store);
/* True once a memory.grow was denied by limits.memory_bytes or by the system, not by the module's own
 * maximum: what tells "out of memory" from other aborts of a guest. */
bool gb_store_memory_refused(const gb_store *store);
void gb_store_fuel_set(gb_store *store, uint64_t fuel);

/* ---- images: a fresh instance in microseconds ------------------------------------------------ */

/* Freeze remembers the state of everything in the store: memories, tables, globals, dropped segments, fuel. Restore goes back
 * to it, as often as one likes, after traps too: the same instances, functions and memories by the same pointers, as they were, and nothing of
 * what the guest did since is left. Memory comes back page by page, copied when it is written to.
 *
 * Host functions and their `env` are not the store's: what they remember of the guest is the caller's to forget. So freeze behind
 * `_initialize` only when that asked nothing of the host, or when the answers stay the same.
 * Pointers from gb_memory_range are void after both.
 *
 * Freeze, once a store, before gb_engine_seal or after: false is GB_ERROR_USAGE (code is running; an exnref is held in a global or
 * table; an instantiation failed) with the store as it was, or GB_ERROR_MEMORY, and the store can only be freed then. Restore: false
 * is GB_ERROR_USAGE (not frozen, code is running, something was instantiated since) or GB_ERROR_MEMORY, likewise. */
bool gb_store_freeze(gb_store *store, gb_error *err);
bool gb_store_restore(gb_store *store, gb_error *err);
/* Calls of host functions so far. */
uint64_t gb_store_host_calls(const gb_store *store);

/* ---- host functions and linking ------------------------------------------------------------ */

/* Arguments and results are arrays in the order of the type. Returns true, or false after it set
 * the trap through gb_caller_trap or gb_caller_exit. */
typedef bool (*gb_host_fn)(gb_caller *caller, void *env, const gb_value *args, gb_value *results);

gb_linker *gb_linker_new(gb_error *err);
void gb_linker_free(gb_linker *linker);
/* `type` reads like "iiI:i": parameters, colon, results; i=i32 I=i64 f=f32 F=f64 v=v128 r=funcref
 * e=externref. The strings are copied. */
bool gb_linker_define(gb_linker *linker, const char *module, const char *field, const char *type,
                      gb_host_fn fn, void *env, gb_error *err);
/* All exports of an instance under a module name. */
bool gb_linker_define_instance(gb_linker *linker, const char *module, gb_instance *instance,
                               gb_error *err);

/* NULL when an import is missing or of another type (GB_ERROR_UNLINKABLE, names it), memory is short
 * (GB_ERROR_MEMORY) or the start function or a segment trapped (GB_ERROR_TRAP; *trap says which). */
gb_instance *gb_instance_new(gb_store *store, gb_module *module, const gb_linker *linker,
                             gb_trap *trap, gb_error *err);
/* Exported items; NULL when there is none of that name and kind. Owned by the store. */
gb_func *gb_instance_func(gb_instance *instance, const char *name);
gb_memory *gb_instance_memory(gb_instance *instance, const char *name);

/* Checks that func has exactly this type (same letters as gb_linker_define). */
bool gb_func_has_type(const gb_func *func, const char *type);
/* Runs func to its end. `args` and `results` have the lengths of its type. False: *trap is set.
 * May be called from within a host function (re-entry). */
bool gb_call(gb_func *func, const gb_value *args, gb_value *results, gb_trap *trap);

/* ---- memory ------------------------------------------------------------------------------- */

uint64_t gb_memory_size(const gb_memory *memory); /* bytes */
/* The guest's bytes [address, address+length), or NULL when they are not all inside. The pointer is
 * good until the guest runs again or the memory grows. length 0 gives a non-NULL pointer if
 * address <= size. */
uint8_t *gb_memory_range(gb_memory *memory, uint64_t address, uint64_t length);

/* ---- inside a host function ----------------------------------------------------------------- */

gb_store *gb_caller_store(gb_caller *caller);
gb_instance *gb_caller_instance(gb_caller *caller);
gb_memory *gb_caller_memory(gb_caller *caller); /* the export named "memory", or NULL */
/* Both return false, for `return gb_caller_trap(…)`. */
bool gb_caller_trap(gb_caller *caller, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool gb_caller_exit(gb_caller *caller, int32_t code);

#endif
