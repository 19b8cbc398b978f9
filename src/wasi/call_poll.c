/* poll_oneoff: waiting for clocks and descriptors. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "wasi/internal.h"

enum { MOST_SUBSCRIPTIONS = 4 * GB_WASI_FDS };

struct subscription {
    uint64_t userdata;
    uint8_t type;
    wasi_errno error; /* known beforehand: the event is its only outcome */
    bool ready;
    uint32_t clock;    /* WASI_EVENT_CLOCK */
    uint64_t deadline; /* on that clock */
    const struct wasi_fd *fd;
    short revents;
};

struct waiting {
    gb_wasi *wasi;
    struct subscription *subs;
    struct pollfd *fds; /* one a subscription (negative: not waited for), and the wake-up behind */
    uint32_t count;
    bool real_time;
};

/* ---- reading subscriptions ----------------------------------------------------------------- */

static void read_clock(struct waiting *w, struct subscription *s, const uint8_t *p) {
    s->clock = gb_load_u32(p + 16);
    uint64_t timeout = gb_load_u64(p + 24), now = 0;
    uint16_t flags = gb_load_u16(p + 40);
    s->error = flags & ~(unsigned)WASI_SUBCLOCK_ABSTIME ? WASI_EINVAL
                                                        : wasi_clock_now(w->wasi, s->clock, &now);
    s->deadline = timeout;
    if (!(flags & WASI_SUBCLOCK_ABSTIME)) {
        s->deadline = timeout > UINT64_MAX - now ? UINT64_MAX : now + timeout;
    }
}

static void read_fd(struct waiting *w, struct subscription *s, const uint8_t *p,
                    struct pollfd *pfd) {
    bool reads = s->type == WASI_EVENT_FD_READ;
    wasi_rights needed =
        WASI_RIGHT_POLL_FD_READWRITE | (reads ? WASI_RIGHT_FD_READ : WASI_RIGHT_FD_WRITE);
    struct wasi_fd *f = wasi_fd_get(w->wasi, gb_load_u32(p + 16), needed, &s->error);
    if (!f) return;
    wasi_fd_first_use(w->wasi, f);
    s->fd = f;
    s->ready = f->kind != WASI_FD_HOST;
    if (!s->ready) *pfd = (struct pollfd){.fd = f->host, .events = reads ? POLLIN : POLLOUT};
}

static void read_subscription(struct waiting *w, uint32_t i, const uint8_t *p) {
    struct subscription *s = &w->subs[i];
    *s = (struct subscription){.userdata = gb_load_u64(p), .type = p[8]};
    w->fds[i] = (struct pollfd){.fd = -1};
    switch (s->type) {
    case WASI_EVENT_CLOCK: read_clock(w, s, p); break;
    case WASI_EVENT_FD_READ:
    case WASI_EVENT_FD_WRITE: read_fd(w, s, p, &w->fds[i]); break;
    default: s->error = WASI_EINVAL;
    }
}

/* ---- waiting ------------------------------------------------------------------------------- */

static bool any_ready(struct waiting *w) {
    bool any = false;
    for (uint32_t i = 0; i < w->count; i++) {
        struct subscription *s = &w->subs[i];
        if (w->fds[i].revents) {
            s->revents = w->fds[i].revents;
            s->ready = true;
        }
        any |= s->ready || s->error;
    }
    return any;
}

/* Marks the clocks whose time has come; *left is how long the first of the others has to wait, and
 * false is returned when there are none. */
static bool check_clocks(struct waiting *w, uint64_t *left) {
    bool waits = false;
    *left = UINT64_MAX;
    for (uint32_t i = 0; i < w->count; i++) {
        struct subscription *s = &w->subs[i];
        uint64_t now;
        if (s->type != WASI_EVENT_CLOCK || s->error) continue;
        s->error = wasi_clock_now(w->wasi, s->clock, &now);
        if (s->error) continue;
        s->ready = s->deadline <= now;
        if (s->ready) continue;
        waits = true;
        if (s->deadline - now < *left) *left = s->deadline - now;
    }
    return waits;
}

static wasi_errno poll_once(struct waiting *w, const uint64_t *nanoseconds) {
    struct timespec t, *timeout = NULL;
    if (nanoseconds) {
        t = (struct timespec){.tv_sec = (time_t)(*nanoseconds / 1000000000u),
                              .tv_nsec = (long)(*nanoseconds % 1000000000u)};
        timeout = &t;
    }
    w->fds[w->count] = (struct pollfd){.fd = w->wasi->wake, .events = POLLIN};
    int n = ppoll(w->fds, w->count + 1, timeout, NULL);
    if (n < 0 && errno != EINTR) return wasi_errno_of(errno);
    if (n > 0 && w->fds[w->count].revents) return WASI_EINTR;
    return WASI_OK;
}

/* The fixed clock does not wait: what has no time to come ready in time has not, and time is
 * over. */
static wasi_errno wait_in_fixed_time(struct waiting *w, bool waits, uint64_t left) {
    const uint64_t none = 0;
    wasi_errno error = poll_once(w, waits ? &none : NULL);
    if (!error && !any_ready(w) && waits) w->wasi->fixed_now += left;
    return error;
}

static wasi_errno wait_until_ready(struct waiting *w) {
    const uint64_t none = 0;
    for (;;) {
        uint64_t left;
        bool waits = check_clocks(w, &left);
        wasi_errno error = WASI_OK;
        if (any_ready(w)) { /* at once; but whatever else is ready now is reported with it */
            error = poll_once(w, &none);
            any_ready(w);
            return error;
        }
        error =
            w->real_time ? poll_once(w, waits ? &left : NULL) : wait_in_fixed_time(w, waits, left);
        if (error) return error;
    }
}

/* ---- writing events ------------------------------------------------------------------------ */

static uint64_t bytes_ready(const struct subscription *s) {
    if (s->type != WASI_EVENT_FD_READ || s->fd->kind != WASI_FD_HOST) return 0;
    if (s->fd->type == WASI_FILETYPE_REGULAR_FILE) {
        struct stat st;
        off_t at = lseek(s->fd->host, 0, SEEK_CUR);
        return wasi_fstat(s->fd->host, &st) == 0 && at < st.st_size ? (uint64_t)(st.st_size - at)
                                                                    : 0;
    }
    int n = 0;
    return ioctl(s->fd->host, FIONREAD, &n) == 0 && n > 0 ? (uint64_t)n : 0;
}

static uint32_t write_events(const struct waiting *w, uint8_t *out) {
    uint32_t events = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        const struct subscription *s = &w->subs[i];
        if (!s->ready && !s->error) continue;
        uint8_t event[WASI_EVENT_SIZE] = {0};
        gb_store_u64(event, s->userdata);
        event[8] = (uint8_t)s->error;
        event[10] = s->type;
        if (!s->error && s->type != WASI_EVENT_CLOCK) {
            gb_store_u64(event + 16, bytes_ready(s));
            if (s->revents & POLLHUP) event[24] = WASI_EVENTRW_HANGUP;
        }
        memcpy(out + (size_t)events++ * WASI_EVENT_SIZE, event, sizeof event);
    }
    return events;
}

wasi_errno wasi_poll_oneoff(struct wasi_call *c) {
    uint32_t count = c->args[2].u32, result = c->args[3].u32;
    if (count == 0 || count > MOST_SUBSCRIPTIONS) return WASI_EINVAL;
    const uint8_t *in = wasi_mem(c, c->args[0].u32, (uint64_t)count * WASI_SUBSCRIPTION_SIZE);
    uint8_t *out = wasi_mem(c, c->args[1].u32, (uint64_t)count * WASI_EVENT_SIZE);
    if (!in || !out || !wasi_mem(c, result, 4)) return WASI_EFAULT;
    struct waiting w = {.wasi = c->wasi, .count = count};
    w.subs = calloc(count, sizeof *w.subs);
    w.fds = calloc(count + 1, sizeof *w.fds);
    wasi_errno error = w.subs && w.fds ? WASI_OK : WASI_ENOMEM;
    if (!error) {
        for (uint32_t i = 0; i < count; i++) {
            read_subscription(&w, i, in + (size_t)i * WASI_SUBSCRIPTION_SIZE);
            if (w.subs[i].type == WASI_EVENT_CLOCK) w.real_time = wasi_clock_is_real(c->wasi);
        }
        error = wait_until_ready(&w);
    }
    if (!error) error = wasi_put_u32(c, result, write_events(&w, out));
    free(w.subs);
    free(w.fds);
    return error;
}
