#include "worker/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MOST_MS = 1000, IDLE_TICKS = 2 };
static const uint64_t GRACE = UINT64_C(5000000000); /* for an interrupted guest to come back */
static const uint64_t STALL = UINT64_C(500000000);

static int the_socket;
static timer_t the_timer;
static uint64_t the_limit, the_total; /* nanoseconds; 0: none */
static uint64_t total_left, allowed;  /* of the total; to the running expansion, 0: any time */
static _Atomic(glovebox_library *) the_library;
/* Read by the handler: when the running expansion must be over; 0: none is running. */
static _Atomic uint64_t deadline;
static uint64_t left; /* of the limit, while the clock stands still */
static volatile sig_atomic_t ticking, idle_ticks, passed;
static uint64_t tick_period, last_tick;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Of two limits, of which 0 is none. */
static uint64_t stricter(uint64_t a, uint64_t b) {
    return !a ? b : !b ? a : least(a, b);
}

static void set_timer(bool on) {
    uint64_t period = least(stricter(the_limit, the_total) / 4, TICK_MOST_MS * UINT64_C(1000000));
    tick_period = period;
    last_tick = now();
    struct timespec tick = {.tv_sec = (time_t)(period / 1000000000u),
                            .tv_nsec = (long)(period % 1000000000u)};
    struct itimerspec spec = {.it_interval = tick, .it_value = tick};
    if (!on) memset(&spec, 0, sizeof spec);
    ticking = on;
    idle_ticks = 0;
    timer_settime(the_timer, 0, &spec, NULL);
}

static void end_if_alone(void) {
    struct pollfd p = {.fd = the_socket, .events = POLLRDHUP};
    if (poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR))) {
        _exit(GB_WORKER_EXIT_OK);
    }
}

static void on_socket(int signal) {
    (void)signal;
    int number = errno;
    end_if_alone();
    errno = number;
}

static void on_tick(int signal) {
    (void)signal;
    int number = errno;
    uint64_t time = now(), due = atomic_load(&deadline), since = time - last_tick;
    last_tick = time;
    /* A tick this late: the process, or all of them, stood still. That time is nobody's. */
    if (due && since > 2 * tick_period + STALL) {
        due += since - tick_period;
        atomic_store(&deadline, due);
    }
    if (!due) {
        if (++idle_ticks >= IDLE_TICKS) set_timer(false);
    } else if (time >= due) {
        passed = true;
        glovebox_library *library = atomic_load(&the_library);
        if (library) glovebox_interrupt(library);
        if (!library || time >= due + GRACE) _exit(GB_WORKER_EXIT_STUCK);
    }
    errno = number;
}

static bool install(int signal, void (*handler)(int), gb_error *err) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, NULL) == 0 || gb_fail_errno(err, "a signal cannot be caught");
}

bool gb_watch_start(int socket, uint32_t limit_ms, uint32_t total_ms, gb_error *err) {
    the_socket = socket;
    the_limit = (uint64_t)limit_ms * 1000000u;
    the_total = total_left = (uint64_t)total_ms * 1000000u;
    /* Rust gives its children the signal mask of the thread that starts them. */
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGIO);
    sigaddset(&ours, SIGALRM);
    if (sigprocmask(SIG_UNBLOCK, &ours, NULL) != 0) return gb_fail_errno(err, "sigprocmask");
    if (!install(SIGIO, on_socket, err) || !install(SIGALRM, on_tick, err)) return false;
    int flags = fcntl(socket, F_GETFL);
    if (fcntl(socket, F_SETOWN, getpid()) != 0 || flags < 0 ||
        fcntl(socket, F_SETFL, flags | O_ASYNC) != 0) {
        return gb_fail_errno(err, "the socket cannot be watched");
    }
    end_if_alone(); /* what happened before it was watched */
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    if (timer_create(CLOCK_MONOTONIC, &event, &the_timer) != 0) {
        return gb_fail_errno(err, "no timer can be had");
    }
    return true;
}

void gb_watch_library(glovebox_library *library) {
    atomic_store(&the_library, library);
}

bool gb_watch_begin(void) {
    passed = false;
    if (the_total && !total_left) return false;
    left = allowed = stricter(the_limit, total_left);
    gb_watch_resume();
    return true;
}

/* Stops the clock; what is left. */
static uint64_t stop(void) {
    uint64_t due = atomic_exchange(&deadline, 0), time = now();
    return due > time ? due - time : 0;
}

void gb_watch_pause(void) {
    left = stop();
    if (!left) left = 1;
}

void gb_watch_resume(void) {
    if (!allowed) return;
    atomic_store(&deadline, now() + left);
    if (!ticking) set_timer(true);
}

gb_watch_passed gb_watch_end(void) {
    left = stop();
    bool all = the_total && allowed == total_left;
    /* Stillness moves the deadline, so more may be left than there was. */
    if (the_total) total_left -= allowed - least(left, allowed);
    if (!passed) return GB_WATCH_IN_TIME;
    if (all) total_left = 0;
    return all ? GB_WATCH_TOTAL : GB_WATCH_EXPANSION;
}
