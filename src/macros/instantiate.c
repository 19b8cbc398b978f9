#include <stdio.h>
#include <string.h>

#include "macros/internal.h"

void gb_library_discard(glovebox_library *library) {
    library->memory_peak = glovebox_memory_peak(library);
    if (library->store) gb_store_free(library->store);
    if (library->linker) gb_linker_free(library->linker);
    if (library->wasi) gb_wasi_free(library->wasi);
    library->store = NULL;
    library->linker = NULL;
    library->wasi = NULL;
    library->instance = NULL;
    library->memory = NULL;
    library->alloc = NULL;
    if (library->entries) {
        memset(library->entries, 0, library->records.count * sizeof *library->entries);
    }
    library->spoilt = false;
    library->frozen = false;
}

/* ---- running guest code ----------------------------------------------------------------------- */

void glovebox_interrupt(glovebox_library *library) {
    atomic_fetch_add(&library->users, 1);
    gb_store *store = atomic_load(&library->target);
    gb_wasi *wasi = atomic_load(&library->target_wasi);
    if (store) {
        atomic_store(&library->interrupted, true);
        gb_store_interrupt(store);
        if (wasi) gb_wasi_interrupt(wasi);
    }
    atomic_fetch_sub(&library->users, 1);
}

/* From here on glovebox_interrupt reaches nothing; one that is under way on another thread is
 * waited for. One on this thread (a signal handler) is over before we go on. */
static void close_to_interrupts(glovebox_library *library) {
    atomic_store(&library->target, NULL);
    atomic_store(&library->target_wasi, NULL);
    while (atomic_load(&library->users) != 0) continue;
    if (!atomic_exchange(&library->interrupted, false)) return; /* clearing is a system call */
    gb_store_interrupt_clear(library->store);
    gb_wasi_interrupt_clear(library->wasi);
}

/* Rust aborts when memory.grow is denied; what is left of that is a trap in the handler. */
static bool is_out_of_memory(const glovebox_library *library, const gb_trap *trap) {
    if (trap->kind == GB_TRAP_MEMORY_LIMIT) return true;
    return trap->kind == GB_TRAP_UNREACHABLE && gb_store_memory_refused(library->store);
}

static bool fail_trap(const glovebox_library *library, const gb_trap *trap, glovebox_error *error) {
    if (library->failure != GLOVEBOX_OK) {
        return gb_library_fail(error, library->failure, "%s", trap->message);
    }
    if (is_out_of_memory(library, trap)) {
        return gb_library_fail(error, GLOVEBOX_OUT_OF_MEMORY,
                               "it ran out of memory (limit: %llu MiB)\n%s",
                               (unsigned long long)(library->limits.memory_bytes >> 20),
                               trap->backtrace);
    }
    switch (trap->kind) {
    case GB_TRAP_INTERRUPTED:
        return gb_library_fail(error, GLOVEBOX_INTERRUPTED, "it was interrupted\n%s",
                               trap->backtrace);
    case GB_TRAP_FUEL:
        return gb_library_fail(error, GLOVEBOX_INTERRUPTED, "it used up its fuel of %llu\n%s",
                               (unsigned long long)library->fuel, trap->backtrace);
    case GB_TRAP_STACK_OVERFLOW:
        return gb_library_fail(error, GLOVEBOX_OUT_OF_STACK, "it recursed too deeply: %s\n%s",
                               trap->message, trap->backtrace);
    case GB_TRAP_EXIT:
        return gb_library_fail(error, GLOVEBOX_TRAPPED, "it ended the process with exit code %d",
                               trap->exit_code);
    default:
        return gb_library_fail(error, GLOVEBOX_TRAPPED, "it trapped: %s\n%s", trap->message,
                               trap->backtrace);
    }
}

bool gb_library_call(glovebox_library *library, gb_func *func, const gb_value *args,
                     gb_value *results, glovebox_error *error) {
    gb_trap trap;
    library->failure = GLOVEBOX_OK;
    atomic_store(&library->target_wasi, library->wasi);
    atomic_store(&library->target, library->store);
    bool ok = gb_call(func, args, results, &trap);
    close_to_interrupts(library);
    if (ok) return true;
    library->spoilt = true;
    return fail_trap(library, &trap, error);
}

/* ---- making an instance ----------------------------------------------------------------------- */

static gb_wasi *make_wasi(glovebox_library *library, gb_error *err) {
    const char *const args[] = {library->package};
    gb_wasi_config config = {
        .policy = library->policy,
        .args = args,
        .arg_count = 1,
        .stdio = {-1, 1, 2},
        .broker = library->broker,
    };
    gb_wasi *wasi = gb_wasi_new(&config, err);
    if (wasi) gb_wasi_limit_output(wasi, GB_OUTPUT_MOST, library->package); /* until an expansion begins */
    if (wasi && gb_wasi_preopen_granted(wasi, library->directory, err)) return wasi;
    gb_wasi_free(wasi);
    return NULL;
}

static bool make(glovebox_library *library, gb_error *err) {
    gb_trap trap;
    library->store = gb_store_new(&library->limits, err);
    library->linker = library->store ? gb_linker_new(err) : NULL;
    library->wasi = library->linker ? make_wasi(library, err) : NULL;
    if (!library->wasi) return false;
    if (!gb_wasi_define(library->wasi, library->linker, err)) return false;
    if (!gb_library_define(library, err)) return false;
    library->instance =
        gb_instance_new(library->store, library->module, library->linker, &trap, err);
    if (!library->instance) return false;
    library->memory = gb_instance_memory(library->instance, "memory");
    library->alloc = gb_instance_func(library->instance, "__gbx_alloc");
    if (!library->memory || !library->alloc || !gb_func_has_type(library->alloc, "i:i")) {
        return gb_fail(err, GB_ERROR_UNLINKABLE, "it does not export `memory` and `__gbx_alloc`");
    }
    library->instances++;
    return true;
}

static bool initialize(glovebox_library *library, glovebox_error *error) {
    gb_func *func = gb_instance_func(library->instance, "_initialize");
    if (!func) return true;
    if (!gb_func_has_type(func, ":")) {
        return gb_library_fail(error, GLOVEBOX_BAD_ARTIFACT, "`_initialize` is of another type");
    }
    uint64_t before = gb_store_host_calls(library->store);
    if (!gb_library_call(library, func, NULL, NULL, error)) return false;
    library->init_asks = gb_store_host_calls(library->store) != before;
    return true;
}

/* A store that holds an exception in a global has no image; then every instance is made anew. */
static bool freeze(glovebox_library *library, gb_error *err) {
    library->frozen = library->instances > 1 && gb_store_freeze(library->store, err);
    return library->frozen || library->instances == 1 || err->kind != GB_ERROR_MEMORY;
}

static bool start_over(glovebox_library *library, gb_error *err) {
    gb_wasi *fresh = make_wasi(library, err);
    if (!fresh) return false;
    gb_wasi_replace(library->wasi, fresh);
    if (!gb_store_restore(library->store, err)) return false;
    
    library->spoilt = false;
    library->instances++;
    return true;
}

static bool fail_to_make(glovebox_library *library, const gb_error *err, glovebox_error *error) {
    gb_library_discard(library);
    glovebox_failure failure =
        err->kind == GB_ERROR_MEMORY ? GLOVEBOX_OUT_OF_MEMORY : GLOVEBOX_BAD_ARTIFACT;
    return gb_library_fail(error, failure, "%s", err->message);
}

/* The image is of the state behind `_initialize`, unless that asks the host, whose answers it must hear
 * anew. */
bool gb_library_instantiate(glovebox_library *library, glovebox_error *error) {
    if (library->store && !library->spoilt) return true;
    gb_error err;
    if (library->frozen) {
        if (!start_over(library, &err)) return fail_to_make(library, &err, error);
        return !library->init_asks || initialize(library, error);
    }
    bool asks = library->init_asks; /* as far as the first instance showed */
    gb_library_discard(library);
    if (!make(library, &err) || (asks && !freeze(library, &err)))
        return fail_to_make(library, &err, error);
    if (!initialize(library, error)) {
        if (!library->spoilt) gb_library_discard(library);
        return false;
    }
    if (!library->frozen && !library->init_asks && !freeze(library, &err))
        return fail_to_make(library, &err, error);
    return true;
}
