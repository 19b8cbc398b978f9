/* internal.h: a loaded library, shared by the files of src/macros.
 *
 *   library.c      open, close, what the artifact says of itself
 *   instantiate.c  an instance of it: made when first needed and again after a trap
 *   expand.c       one expansion: messages in and out, the imports of module `glovebox`
 *   host.c         what guests call: their messages proven, their questions put
 *   native.c       a library of machine code in place of module and instance (native.h)
 *
 * Invariant: `store` and all that hangs on it are either all there or all NULL. `spoilt` says that
 * guest code was cut off in the middle, so that its memory may hold broken invariants, held locks
 * and a raised panic count: the instance must not be entered again before it has started over.
 *
 * A macro that trapped once will do so again: its second instance is frozen, and the next ones go back to
 * that image. The first is not: most libraries never need another. */
#ifndef GB_MACROS_INTERNAL_H
#define GB_MACROS_INTERNAL_H

#include <stdatomic.h>

#include "engine/engine.h"
#include "macros/library.h"
#include "macros/records.h"
#include "tokens/check.h"
#include "tokens/review.h"
#include "wasi/wasi.h"

/* What a macro may print in one expansion; what is over is left out, and a line says so. */
enum { GB_OUTPUT_MOST = 1 << 20 };

struct gb_native;

struct glovebox_library {
    /* what does not change */
    gb_module *module;
    struct gb_native *native; /* instead of a module */
    /* Hands the request over and has the macro run; what it said is in `reply` then. */
    bool (*run)(glovebox_library *library, const void *request, size_t length, glovebox_error *error);
    gb_records records;
    char *package, *version, *directory;
    gb_policy *policy;
    bool owns_policy;
    struct gb_broker *broker;
    gb_review *review;
    bool owns_review;
    uint32_t forbidden; /* constructs, a bit each */
    gb_limits limits;
    uint64_t fuel;

    /* the instance */
    gb_store *store;
    gb_wasi *wasi;
    gb_linker *linker;
    gb_instance *instance;
    gb_memory *memory;
    gb_func *alloc;
    gb_func **entries; /* one a record, found when first needed */
    bool spoilt;
    bool frozen;      /* the store has an image */
    bool init_asks;   /* `_initialize` calls host functions */
    uint64_t instances;
    uint64_t memory_peak; /* of instances that are gone */

    /* the expansion */
    bool running;
    gb_exchange exchange;
    gb_buffer reply;
    bool replied, panicked;
    bool reviewed; /* the last expansion has an output */
    glovebox_ask ask;
    void *ask_env;
    const uint8_t *answer; /* waits for glovebox.answer; NULL: none */
    size_t answer_length;
    uint64_t asked_nanoseconds;
    glovebox_failure failure; /* why a host function of ours stopped the guest, when one did, */
    char stopped[GB_ERROR_MAX + 64]; /* and in words */

    gb_buffer refusals;

    /* glovebox_interrupt: from other threads and signal handlers. `target` is the store while guest
     * code runs; `users` counts handlers that may be looking at it. */
    _Atomic(gb_store *) target;
    _Atomic(gb_wasi *) target_wasi;
    atomic_uint users;
    atomic_bool interrupted; /* since guest code was last entered */
};

/* An empty library with options and host set; NULL: *error says why. */
glovebox_library *gb_library_new(const glovebox_options *options, const gb_library_host *host,
                                 glovebox_error *error);
/* A library's `run` for WebAssembly. */
bool gb_library_run(glovebox_library *library, const void *request, size_t length,
                    glovebox_error *error);

/* host.c. Pointers are NULL where the guest's memory has no such range. False: the guest must not go on; why
 * is in `failure` and `stopped`. After gb_host_ask and gb_host_env_get `answer` waits to be taken. */
bool gb_host_ask(glovebox_library *library, const uint8_t *bytes, size_t length);
bool gb_host_answer(glovebox_library *library, uint8_t *to);
bool gb_host_reply(glovebox_library *library, const uint8_t *bytes, size_t length);
bool gb_host_env_get(glovebox_library *library, const uint8_t *name, size_t length, bool *there);
bool gb_host_run(glovebox_library *library, const uint8_t *name, size_t length);
/* Whose fault an unsound message is, unless only memory was short. */
glovebox_failure gb_host_failure(const gb_error *err, glovebox_failure otherwise);
uint64_t gb_host_now(void); /* nanoseconds, monotonic */

/* Makes sure that there is an instance that can be entered; runs `_initialize` in a new one. */
bool gb_library_instantiate(glovebox_library *library, glovebox_error *error);
void gb_library_discard(glovebox_library *library);
/* Runs guest code, open to glovebox_interrupt. On a trap: the library is spoilt, *error is set. */
bool gb_library_call(glovebox_library *library, gb_func *func, const gb_value *args,
                     gb_value *results, glovebox_error *error);
/* Defines module `glovebox` (docs/protocol.md, section 2). */
bool gb_library_define(glovebox_library *library, gb_error *err);

bool gb_library_fail(glovebox_error *error, glovebox_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
