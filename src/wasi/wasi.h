/* wasi.h: WASI preview 1 for a guest. All 46 functions of wasi_snapshot_preview1; every request
 * asks the policy, and what is not granted is refused, hidden or answered with something fixed.
 *
 *   gb_wasi_new -> gb_wasi_preopen / gb_wasi_preopen_granted -> gb_wasi_define -> gb_instance_new
 *
 * A context serves one instance at a time and must outlive the linker's last call into it.
 *
 * Two ways to give files:
 *   - a plain preopen is a directory of the host under a name of the guest's choosing, for reading
 *     and, where the policy grants it, writing. Nothing escapes it: paths are resolved by the
 * kernel (openat2, RESOLVE_BENEATH) or, where it cannot, component by component (beneath.h);
 *   - the granted view serves macros: they use the host's own absolute paths, or paths relative to
 *     the compiler's directory, and see of them only what the policy grants, read-only (view.h).
 *
 * Determinism. Where the policy does not grant the clock, time starts at 2020-01-01T00:00:00Z and
 * every look at it moves it on by GB_WASI_TICK nanoseconds; sleeping moves it on by the time slept,
 * at once. Where it does not grant random bytes they come from a fixed sequence. Input that is not
 * granted is empty. The same module with the same arguments and files then does the same thing on
 * every run.
 *
 * The process should ignore SIGPIPE: writing to a closed pipe is then an error of the guest
 * alone. */
#ifndef GB_WASI_WASI_H
#define GB_WASI_WASI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/engine.h"
#include "policy/policy.h"

typedef struct gb_wasi gb_wasi;
struct gb_broker;

#define GB_WASI_EPOCH 1577836800000000000u /* 2020-01-01T00:00:00Z, in nanoseconds */
enum { GB_WASI_TICK = 1000000, GB_WASI_FDS = 1024 };

/* Bytes the guest wrote to its standard output (stream 1) or error (2). False: the write fails. */
typedef bool (*gb_wasi_output)(void *env, int stream, const uint8_t *bytes, size_t length);

typedef struct gb_wasi_config {
    gb_policy *policy;       /* borrowed; outlives the context */
    const char *const *args; /* copied; arguments of the guest, its name first */
    size_t arg_count;
    /* Descriptors behind the guest's 0, 1 and 2; borrowed, never closed, their flags never changed.
     * -1: nothing there (reads end, writes vanish). The policy is asked at first use. */
    int stdio[3];
    gb_wasi_output
        output; /* when set, takes standard output and error instead of stdio[1] and [2] */
    void *output_env;
    uint64_t seed;   /* of the fixed random sequence */
    bool no_openat2; /* resolve paths by hand, as on kernels before 5.6 */
    struct gb_broker
        *broker; /* who opens files of the granted view (broker.h); NULL: this process */
} gb_wasi_config;

/* NULL: GB_ERROR_MEMORY, GB_ERROR_IO. */
gb_wasi *gb_wasi_new(const gb_wasi_config *config, gb_error *err);
void gb_wasi_free(gb_wasi *wasi);
/* `wasi` becomes what `fresh` is, which is freed: for an instance that starts over (gb_store_restore) behind the host
 * functions that were defined for `wasi`. Not while guest code runs, nor gb_wasi_interrupt. */
void gb_wasi_replace(gb_wasi *wasi, gb_wasi *fresh);

/* Gives the host's directory to the guest as `guest`. The policy decides what may be done in it by
 * the host's paths. False: GB_ERROR_IO (cannot be opened), GB_ERROR_MEMORY. */
bool gb_wasi_preopen(gb_wasi *wasi, const char *host, const char *guest, gb_error *err);
/* Gives what the policy grants, under the host's names: one preopen for each granted directory, and
 * one named "." that stands for `directory` (absolute: the compiler's current one). */
bool gb_wasi_preopen_granted(gb_wasi *wasi, const char *directory, gb_error *err);
/* Gives an open descriptor (a listening socket, say) the next free number; owned from then on, even
 * when this fails. Returns the guest's number, or -1. */
int gb_wasi_give_fd(gb_wasi *wasi, int host, gb_error *err);

/* The fixed sequence, from *state (0 to begin with) on. */
void gb_wasi_fixed_bytes(uint64_t *state, uint8_t *to, size_t length);

/* Defines all functions in the linker, under "wasi_snapshot_preview1". */
bool gb_wasi_define(gb_wasi *wasi, gb_linker *linker, gb_error *err);
/* From now on standard output and error together take `bytes` more, and then a line that says that the macro `name` printed
 * more; the rest of it is taken and shown nowhere. `name` must outlive the next call. Without one there is no
 * limit. */
void gb_wasi_limit_output(gb_wasi *wasi, size_t bytes, const char *name);

/* Wakes a guest that waits (poll_oneoff, a read from a terminal): the call ends with EINTR. Goes
 * with gb_store_interrupt. Async-signal-safe, from any thread; stays set until cleared. */
void gb_wasi_interrupt(gb_wasi *wasi);
void gb_wasi_interrupt_clear(gb_wasi *wasi);

#endif
