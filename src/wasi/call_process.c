/* What a program knows of itself: arguments, environment, clocks, random bytes, its end. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/buffer.h"
#include "wasi/internal.h"

/* ---- arguments and environment ------------------------------------------------------------- */

/* The index-th string: an argument, or NAME=VALUE. False past the end or when memory is short. */
typedef bool (*string_at)(gb_wasi *wasi, size_t index, gb_buffer *out);

static bool argument_at(gb_wasi *wasi, size_t index, gb_buffer *out) {
    return index < wasi->arg_count && gb_buffer_append_text(out, wasi->args[index]);
}

static bool variable_at(gb_wasi *wasi, size_t index, gb_buffer *out) {
    const char *name, *value;
    return gb_policy_env_at(wasi->policy, index, &name, &value) &&
           gb_buffer_append_text(out, name) && gb_buffer_append(out, "=", 1) &&
           gb_buffer_append_text(out, value);
}

static wasi_errno put_sizes(struct wasi_call *c, string_at at) {
    gb_buffer one = {0};
    uint64_t count = 0, bytes = 0;
    for (; at(c->wasi, count, &one); gb_buffer_clear(&one)) {
        count++;
        bytes += one.length + 1;
    }
    gb_buffer_free(&one);
    if (bytes > UINT32_MAX) return WASI_EOVERFLOW;
    wasi_errno error = wasi_put_u32(c, c->args[0].u32, (uint32_t)count);
    return error ? error : wasi_put_u32(c, c->args[1].u32, (uint32_t)bytes);
}

static wasi_errno put_strings(struct wasi_call *c, string_at at) {
    uint64_t pointers = c->args[0].u32, bytes = c->args[1].u32;
    gb_buffer one = {0};
    wasi_errno error = WASI_OK;
    for (size_t i = 0; !error && at(c->wasi, i, &one); gb_buffer_clear(&one)) {
        bool fits = pointers <= UINT32_MAX && bytes <= UINT32_MAX;
        uint8_t *to = fits ? wasi_mem(c, (uint32_t)bytes, one.length + 1) : NULL;
        if (!to || wasi_put_u32(c, (uint32_t)pointers, (uint32_t)bytes) != WASI_OK) {
            error = WASI_EFAULT;
        } else {
            memcpy(to, one.data, one.length + 1);
        }
        pointers += 4;
        bytes += one.length + 1;
        i++;
    }
    gb_buffer_free(&one);
    return error;
}

wasi_errno wasi_args_get(struct wasi_call *c) {
    return put_strings(c, argument_at);
}

wasi_errno wasi_args_sizes_get(struct wasi_call *c) {
    return put_sizes(c, argument_at);
}

wasi_errno wasi_environ_get(struct wasi_call *c) {
    gb_policy_ask(c->wasi->policy, GB_POWER_ENV, "*", 1);
    return put_strings(c, variable_at);
}

wasi_errno wasi_environ_sizes_get(struct wasi_call *c) {
    return put_sizes(c, variable_at);
}

/* ---- clocks -------------------------------------------------------------------------------- */

static const clockid_t host_clocks[WASI_CLOCK_COUNT] = {
    [WASI_CLOCK_REALTIME] = CLOCK_REALTIME,
    [WASI_CLOCK_MONOTONIC] = CLOCK_MONOTONIC,
    [WASI_CLOCK_PROCESS_CPUTIME] = CLOCK_PROCESS_CPUTIME_ID,
    [WASI_CLOCK_THREAD_CPUTIME] = CLOCK_THREAD_CPUTIME_ID,
};

static uint64_t nanoseconds(struct timespec t) {
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool wasi_clock_is_real(gb_wasi *wasi) {
    return gb_policy_ask(wasi->policy, GB_POWER_CLOCK, "", 0) == GB_GRANTED;
}

wasi_errno wasi_clock_now(gb_wasi *wasi, uint32_t clock, uint64_t *now) {
    if (clock >= WASI_CLOCK_COUNT) return WASI_EINVAL;
    if (!wasi_clock_is_real(wasi)) {
        *now = wasi->fixed_now + (clock == WASI_CLOCK_REALTIME ? GB_WASI_EPOCH : 0);
        return WASI_OK;
    }
    struct timespec t;
    if (clock_gettime(host_clocks[clock], &t) != 0) return wasi_errno_of(errno);
    *now = nanoseconds(t);
    return WASI_OK;
}

wasi_errno wasi_clock_time_get(struct wasi_call *c) {
    uint64_t now;
    c->wasi->fixed_now += GB_WASI_TICK;
    wasi_errno error = wasi_clock_now(c->wasi, c->args[0].u32, &now);
    return error ? error : wasi_put_u64(c, c->args[2].u32, now);
}

wasi_errno wasi_clock_res_get(struct wasi_call *c) {
    uint32_t clock = c->args[0].u32;
    if (clock >= WASI_CLOCK_COUNT) return WASI_EINVAL;
    if (!wasi_clock_is_real(c->wasi)) return wasi_put_u64(c, c->args[1].u32, GB_WASI_TICK);
    struct timespec t;
    if (clock_getres(host_clocks[clock], &t) != 0) return wasi_errno_of(errno);
    return wasi_put_u64(c, c->args[1].u32, nanoseconds(t));
}

/* ---- random bytes -------------------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014): short, and the same everywhere. Nothing secret hangs on
 * it. */
static uint64_t next_fixed(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void gb_wasi_fixed_bytes(uint64_t *state, uint8_t *to, size_t length) {
    for (size_t i = 0; i < length; i += 8) {
        uint8_t bytes[8];
        gb_store_u64(bytes, next_fixed(state));
        memcpy(to + i, bytes, length - i < 8 ? length - i : 8);
    }
}

wasi_errno wasi_random_get(struct wasi_call *c) {
    uint32_t length = c->args[1].u32;
    uint8_t *to = wasi_mem(c, c->args[0].u32, length);
    if (!to) return WASI_EFAULT;
    if (gb_policy_ask(c->wasi->policy, GB_POWER_RANDOM, "", 0) != GB_GRANTED) {
        gb_wasi_fixed_bytes(&c->wasi->fixed_random, to, length);
        return WASI_OK;
    }
    for (uint32_t done = 0; done < length;) {
        ssize_t n = getrandom(to + done, length - done, 0);
        if (n < 0 && errno != EINTR) return wasi_errno_of(errno);
        if (n > 0) done += (uint32_t)n;
    }
    return WASI_OK;
}

/* ---- the end ------------------------------------------------------------------------------- */

wasi_errno wasi_proc_exit(struct wasi_call *c) {
    c->wasi->exiting = true;
    c->wasi->exit_code = c->args[0].i32;
    return WASI_OK;
}

/* A signal whose default action is to end the program ends it, with the code a shell would report;
 * those that are ignored by default are ignored; stopping a guest has no meaning. */
wasi_errno wasi_proc_raise(struct wasi_call *c) {
    enum { NONE = 0, CHLD = 16, CONT = 17, STOP = 18, TTOU = 21, URG = 22, WINCH = 27, SYS = 30 };
    uint32_t signal = c->args[0].u32;
    if (signal > SYS) return WASI_EINVAL;
    if (signal >= STOP && signal <= TTOU) return WASI_ENOTSUP;
    bool ignored =
        signal == NONE || signal == CHLD || signal == CONT || signal == URG || signal == WINCH;
    if (ignored) return WASI_OK;
    c->wasi->exiting = true;
    c->wasi->exit_code = 128 + (int32_t)signal;
    return WASI_OK;
}

wasi_errno wasi_sched_yield(struct wasi_call *c) {
    (void)c;
    sched_yield();
    return WASI_OK;
}
