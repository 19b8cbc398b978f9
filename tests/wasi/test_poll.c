/* poll_oneoff. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

enum { IN = 0, OUT = 8192 };

static void put_clock(struct world *w, uint32_t i, uint32_t clock, uint64_t timeout,
                      uint32_t flags) {
    uint32_t at = IN + i * WASI_SUBSCRIPTION_SIZE;
    memset(w->memory.bytes + at, 0, WASI_SUBSCRIPTION_SIZE);
    guest_put_u64(w, at, 100 + i);
    w->memory.bytes[at + 8] = WASI_EVENT_CLOCK;
    guest_put_u32(w, at + 16, clock);
    guest_put_u64(w, at + 24, timeout);
    guest_put_u32(w, at + 40, flags);
}

static void put_fd(struct world *w, uint32_t i, uint8_t type, uint32_t fd) {
    uint32_t at = IN + i * WASI_SUBSCRIPTION_SIZE;
    memset(w->memory.bytes + at, 0, WASI_SUBSCRIPTION_SIZE);
    guest_put_u64(w, at, 100 + i);
    w->memory.bytes[at + 8] = type;
    guest_put_u32(w, at + 16, fd);
}

/* The number of events, or the negative error. */
static int poll_all(struct world *w, uint32_t count) {
    wasi_errno error = CALL(w, poll_oneoff, IN, OUT, count, RESULT + 8192 * 2);
    return error ? -(int)error : (int)guest_u32(w, RESULT + 8192 * 2);
}

static uint64_t event_user(const struct world *w, uint32_t i) {
    return guest_u64(w, OUT + i * WASI_EVENT_SIZE);
}

static wasi_errno event_error(const struct world *w, uint32_t i) {
    return gb_load_u16(w->memory.bytes + OUT + i * WASI_EVENT_SIZE + 8);
}

static gb_policy *policy_of(bool clock) {
    gb_error err;
    gb_policy *p = gb_policy_new(&(gb_subject){.name = "test"}, &err);
    gb_policy_grant(p, GB_POWER_STDIN);
    gb_policy_grant(p, GB_POWER_STDOUT);
    if (clock) gb_policy_grant(p, GB_POWER_CLOCK);
    return p;
}

static void fixed_time_passes_at_once(void) {
    struct world w;
    world_open(&w, &(struct setup){.no_preopen = true, .policy = policy_of(false)});
    put_clock(&w, 0, WASI_CLOCK_MONOTONIC, 3600000000000u, 0); /* an hour */
    put_clock(&w, 1, WASI_CLOCK_MONOTONIC, 7200000000000u, 0);
    CHECK_EQ(poll_all(&w, 2), 1);
    CHECK_EQ(event_user(&w, 0), 100);
    CHECK_EQ(CALL(&w, clock_time_get, 1, 0, BUFFER), WASI_OK);
    CHECK_EQ(guest_u64(&w, BUFFER), 3600000000000u + GB_WASI_TICK);
    put_clock(&w, 0, WASI_CLOCK_REALTIME, GB_WASI_EPOCH, WASI_SUBCLOCK_ABSTIME); /* past already */
    CHECK_EQ(poll_all(&w, 1), 1);
    put_clock(&w, 0, WASI_CLOCK_MONOTONIC, UINT64_MAX, 0); /* the end of time: no overflow */
    CHECK_EQ(poll_all(&w, 1), 1);
    world_close(&w);
}

static void real_time_is_waited_for(void) {
    struct world w;
    world_open(&w, &(struct setup){.no_preopen = true, .policy = policy_of(true)});
    CHECK_EQ(CALL(&w, clock_time_get, 1, 0, BUFFER), WASI_OK);
    uint64_t start = guest_u64(&w, BUFFER);
    put_clock(&w, 0, WASI_CLOCK_MONOTONIC, 20000000, 0);
    CHECK_EQ(poll_all(&w, 1), 1);
    CHECK_EQ(CALL(&w, clock_time_get, 1, 0, BUFFER), WASI_OK);
    CHECK(guest_u64(&w, BUFFER) >= start + 20000000);
    world_close(&w);
}

static void descriptors_come_ready(void) {
    int p[2];
    CHECK_EQ(pipe(p), 0);
    struct world w;
    world_open(&w, &(struct setup){.stdio = (int[]){p[0], p[1], -1},
                                   .policy = policy_of(false),
                                   .no_preopen = true});
    put_fd(&w, 0, WASI_EVENT_FD_READ, 0);
    put_clock(&w, 1, WASI_CLOCK_MONOTONIC, 1000, 0);
    CHECK_EQ(poll_all(&w, 2), 1); /* nothing to read: the clock */
    CHECK_EQ(event_user(&w, 0), 101);
    CHECK_EQ(write_fd(&w, 1, "hello"), WASI_OK);
    put_fd(&w, 0, WASI_EVENT_FD_READ, 0);
    put_fd(&w, 1, WASI_EVENT_FD_WRITE, 1);
    put_fd(&w, 2, WASI_EVENT_FD_WRITE, 0); /* no right */
    put_fd(&w, 3, WASI_EVENT_FD_READ, 55);
    put_clock(&w, 4, 9, 0, 0);
    put_fd(&w, 5, 77, 0);
    put_clock(&w, 6, WASI_CLOCK_MONOTONIC, 3600000000000u, 0);
    CHECK_EQ(poll_all(&w, 7), 6);
    CHECK_EQ(event_user(&w, 0), 100);
    CHECK_EQ(event_error(&w, 0), WASI_OK);
    CHECK_EQ(guest_u64(&w, OUT + 16), 5);
    CHECK_EQ(event_error(&w, 1), WASI_OK);
    CHECK_EQ(event_error(&w, 2), WASI_ENOTCAPABLE);
    CHECK_EQ(event_error(&w, 3), WASI_EBADF);
    CHECK_EQ(event_error(&w, 4), WASI_EINVAL);
    CHECK_EQ(event_error(&w, 5), WASI_EINVAL);
    CHECK_TEXT(read_fd(&w, 0), "hello");
    close(p[1]);
    put_fd(&w, 0, WASI_EVENT_FD_READ, 0);
    CHECK_EQ(poll_all(&w, 1), 1);
    CHECK_EQ(w.memory.bytes[OUT + 24], WASI_EVENTRW_HANGUP);
    world_close(&w);
    close(p[0]);
}

static void files_and_nothing_are_always_ready(void) {
    struct world w;
    world_open(&w, NULL);
    make_file(&w, "in/file", "12345");
    int fd = open_at(&w, 3, "file", 0, READ_RIGHTS | WASI_RIGHT_POLL_FD_READWRITE);
    put_fd(&w, 0, WASI_EVENT_FD_READ, (uint32_t)fd);
    put_fd(&w, 1, WASI_EVENT_FD_READ, 0);
    CHECK_EQ(poll_all(&w, 2), 2);
    CHECK_EQ(guest_u64(&w, OUT + 16), 5);
    world_close(&w);
}

static void bad_requests_are_refused(void) {
    struct world w;
    world_open(&w, NULL);
    CHECK_EQ(CALL(&w, poll_oneoff, IN, OUT, 0, RESULT), WASI_EINVAL);
    CHECK_EQ(CALL(&w, poll_oneoff, IN, OUT, 0xffffffff, RESULT), WASI_EINVAL);
    CHECK_EQ(CALL(&w, poll_oneoff, MEMORY - 47, OUT, 1, RESULT), WASI_EFAULT);
    CHECK_EQ(CALL(&w, poll_oneoff, IN, MEMORY - 31, 1, RESULT), WASI_EFAULT);
    CHECK_EQ(CALL(&w, poll_oneoff, IN, OUT, 1, MEMORY - 3), WASI_EFAULT);
    put_clock(&w, 0, 0, 0, 2);
    CHECK_EQ(poll_all(&w, 1), 1);
    CHECK_EQ(event_error(&w, 0), WASI_EINVAL);
    /* Events may be written over the subscriptions that caused them. */
    put_clock(&w, 0, 1, 0, 0);
    put_clock(&w, 1, 1, 0, 0);
    CHECK_EQ(CALL(&w, poll_oneoff, IN, IN, 2, RESULT + 8192), WASI_OK);
    CHECK_EQ(guest_u64(&w, IN), 100);
    CHECK_EQ(guest_u64(&w, IN + WASI_EVENT_SIZE), 101);
    world_close(&w);
}

static void *interrupt_soon(void *env) {
    usleep(20000);
    gb_wasi_interrupt(env);
    return NULL;
}

static void an_interruption_ends_waiting(void) {
    int p[2];
    CHECK_EQ(pipe(p), 0);
    struct world w;
    world_open(&w, &(struct setup){.stdio = (int[]){p[0], -1, -1},
                                   .policy = policy_of(true),
                                   .no_preopen = true});
    pthread_t thread;
    pthread_create(&thread, NULL, interrupt_soon, w.wasi);
    put_clock(&w, 0, WASI_CLOCK_MONOTONIC, 3600000000000u, 0);
    CHECK_EQ(poll_all(&w, 1), -WASI_EINTR);
    pthread_join(thread, NULL);
    guest_put_u32(&w, 0, BUFFER);
    guest_put_u32(&w, 4, 1);
    CHECK_EQ(CALL(&w, fd_read, 0, 0, 1, RESULT), WASI_EINTR); /* it stays set */
    gb_wasi_interrupt_clear(w.wasi);
    put_clock(&w, 0, WASI_CLOCK_MONOTONIC, 0, 0);
    CHECK_EQ(poll_all(&w, 1), 1);
    world_close(&w);
    close(p[0]), close(p[1]);
}

void test_poll(void) {
    fixed_time_passes_at_once();
    real_time_is_waited_for();
    descriptors_come_ready();
    files_and_nothing_are_always_ready();
    bad_requests_are_refused();
    an_interruption_ends_waiting();
}
