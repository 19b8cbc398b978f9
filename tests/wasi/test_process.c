/* Arguments, environment, clocks, random bytes, the end of the program: the same on every run
 * unless the policy grants the real thing. */
#include <stdlib.h>
#include <time.h>

#include "harness.h"

static gb_policy *policy_of(const char *name, const char *value, bool real) {
    gb_error err;
    gb_policy *p = gb_policy_new(&(gb_subject){.name = "test"}, &err);
    if (name) gb_policy_grant_env(p, name, value, &err);
    if (real) gb_policy_grant(p, GB_POWER_CLOCK);
    if (real) gb_policy_grant(p, GB_POWER_RANDOM);
    return p;
}

static void arguments_and_environment(void) {
    static const char *const args[] = {"program", "", "two words"};
    struct world w;
    world_open(&w, &(struct setup){.no_preopen = true,
                                   .args = args,
                                   .arg_count = 3,
                                   .policy = policy_of("NAME", "a=b", false)});
    gb_error err;
    gb_policy_note_env(w.policy, "HOME", 4, &err);
    CHECK_EQ(CALL(&w, args_sizes_get, 0, 4), WASI_OK);
    CHECK_EQ(guest_u32(&w, 0), 3);
    CHECK_EQ(guest_u32(&w, 4), 8 + 1 + 10);
    CHECK_EQ(CALL(&w, args_get, 0, BUFFER), WASI_OK);
    CHECK_EQ(guest_u32(&w, 0), BUFFER);
    CHECK_EQ(guest_u32(&w, 8), BUFFER + 9);
    CHECK(memcmp(w.memory.bytes + BUFFER, "program\0\0two words", 19) == 0);
    CHECK_EQ(CALL(&w, args_get, 0, MEMORY - 18), WASI_EFAULT);
    CHECK_EQ(CALL(&w, args_get, MEMORY - 11, BUFFER), WASI_EFAULT);
    CHECK_EQ(CALL(&w, args_get, 0, 0xfffffffe), WASI_EFAULT);
    CHECK_EQ(CALL(&w, args_sizes_get, 0, MEMORY - 3), WASI_EFAULT);
    CHECK_EQ(CALL(&w, environ_sizes_get, 0, 4), WASI_OK);
    CHECK_EQ(guest_u32(&w, 0), 1);
    CHECK_EQ(guest_u32(&w, 4), 9);
    CHECK_EQ(CALL(&w, environ_get, 0, BUFFER), WASI_OK);
    CHECK(memcmp(w.memory.bytes + BUFFER, "NAME=a=b", 9) == 0);
    CHECK_EQ(asked(&w, GB_POWER_ENV, GB_GRANTED, "*"), 1);
    world_close(&w);
}

static uint64_t clock_of(struct world *w, uint32_t id) {
    CHECK_EQ(CALL(w, clock_time_get, id, 0, BUFFER), WASI_OK);
    return guest_u64(w, BUFFER);
}

static void the_fixed_clock_ticks(void) {
    for (int run = 0; run < 2; run++) {
        struct world w;
        world_open(&w, &(struct setup){.no_preopen = true, .policy = policy_of(NULL, NULL, false)});
        CHECK_EQ(clock_of(&w, WASI_CLOCK_REALTIME), GB_WASI_EPOCH + GB_WASI_TICK);
        CHECK_EQ(clock_of(&w, WASI_CLOCK_MONOTONIC), 2 * GB_WASI_TICK);
        CHECK_EQ(clock_of(&w, WASI_CLOCK_PROCESS_CPUTIME), 3 * GB_WASI_TICK);
        CHECK_EQ(CALL(&w, clock_res_get, 0, BUFFER), WASI_OK);
        CHECK_EQ(guest_u64(&w, BUFFER), GB_WASI_TICK);
        CHECK_EQ(CALL(&w, clock_time_get, 4, 0, BUFFER), WASI_EINVAL);
        CHECK_EQ(CALL(&w, clock_res_get, 4, BUFFER), WASI_EINVAL);
        CHECK(asked(&w, GB_POWER_CLOCK, GB_SUBSTITUTED, "") > 0);
        world_close(&w);
    }
}

static void the_real_clock_is_granted(void) {
    struct world w;
    world_open(&w, &(struct setup){.no_preopen = true, .policy = policy_of(NULL, NULL, true)});
    uint64_t now = (uint64_t)time(NULL) * 1000000000u, seen = clock_of(&w, WASI_CLOCK_REALTIME);
    CHECK(seen >= now - 1000000000u && seen <= now + 60000000000u);
    uint64_t a = clock_of(&w, WASI_CLOCK_MONOTONIC), b = clock_of(&w, WASI_CLOCK_MONOTONIC);
    CHECK(b >= a && a != 2 * GB_WASI_TICK);
    world_close(&w);
}

static void random_of(bool real, uint8_t out[64]) {
    struct world w;
    world_open(&w, &(struct setup){.no_preopen = true, .policy = policy_of(NULL, NULL, real)});
    CHECK_EQ(CALL(&w, random_get, BUFFER, 33), WASI_OK);
    CHECK_EQ(w.memory.bytes[BUFFER + 33], 0); /* not a byte more */
    CHECK_EQ(CALL(&w, random_get, BUFFER + 33, 31), WASI_OK);
    CHECK_EQ(CALL(&w, random_get, MEMORY, 0), WASI_OK);
    CHECK_EQ(CALL(&w, random_get, MEMORY - 1, 2), WASI_EFAULT);
    memcpy(out, w.memory.bytes + BUFFER, 64);
    CHECK_EQ(asked(&w, GB_POWER_RANDOM, real ? GB_GRANTED : GB_SUBSTITUTED, ""), 3);
    world_close(&w);
}

static void random_bytes_repeat_unless_granted(void) {
    uint8_t a[64], b[64], c[64], zero[64] = {0};
    random_of(false, a);
    random_of(false, b);
    random_of(true, c);
    CHECK(memcmp(a, b, 64) == 0);
    CHECK(memcmp(a, zero, 32) != 0 && memcmp(a, a + 32, 32) != 0);
    CHECK(memcmp(a, c, 64) != 0);
}

static void leaving(void) {
    struct world w;
    world_open(&w, NULL);
    CALL(&w, proc_exit, 42);
    CHECK(w.wasi->exiting);
    CHECK_EQ(w.wasi->exit_code, 42);
    w.wasi->exiting = false;
    CHECK_EQ(CALL(&w, proc_raise, 17), WASI_OK); /* SIGCONT: ignored */
    CHECK_EQ(CALL(&w, proc_raise, 18), WASI_ENOTSUP);
    CHECK_EQ(CALL(&w, proc_raise, 31), WASI_EINVAL);
    CHECK(!w.wasi->exiting);
    CHECK_EQ(CALL(&w, proc_raise, 6), WASI_OK);
    CHECK(w.wasi->exiting);
    CHECK_EQ(w.wasi->exit_code, 134);
    CHECK_EQ(CALL(&w, sched_yield, 0), WASI_OK);
    world_close(&w);
}

void test_process(void) {
    arguments_and_environment();
    the_fixed_clock_ticks();
    the_real_clock_is_granted();
    random_bytes_repeat_unless_granted();
    leaving();
}
