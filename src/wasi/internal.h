/* internal.h: what the files of src/wasi share. */
#ifndef GB_WASI_INTERNAL_H
#define GB_WASI_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "wasi/abi.h"
#include "wasi/broker.h"
#include "wasi/calls.h"
#include "wasi/view.h"
#include "wasi/wasi.h"

/* ---- descriptors (fdtable.c) --------------------------------------------------------------- */

enum wasi_fd_kind {
    WASI_FD_FREE,
    WASI_FD_HOST,   /* backed by `host` */
    WASI_FD_EMPTY,  /* reads end, writes vanish */
    WASI_FD_OUTPUT, /* writes go to the context's output function, as stream `stream` */
};

/* One open descriptor of the guest. Rights only ever shrink. */
struct wasi_fd {
    enum wasi_fd_kind kind;
    wasi_filetype type;
    uint16_t flags; /* WASI_FDFLAG_* */
    wasi_rights rights, inheriting;
    int host;        /* -1 in EMPTY, OUTPUT and preopens of the view that were not used yet */
    bool borrowed;   /* standard streams: never closed, flags never changed */
    bool in_view;    /* a directory of the granted view: names are resolved from `path` by view.h */
    bool libc_root;  /* the preopen "." of the view (view.h) */
    bool list_asked; /* the policy was asked for GB_POWER_LIST */
    bool use_asked;  /* standard streams: the policy was asked */
    int stream;      /* 0, 1, 2: which standard stream it is; else -1 */
    char *path;      /* what was opened by a name: the host's path, absolute, normal; else NULL */
    char *preopen;   /* preopens: the guest's name */
};

struct gb_wasi {
    gb_policy *policy;
    struct wasi_fd *fds;
    size_t fd_count;
    char **args;
    size_t arg_count;
    gb_wasi_output output;
    void *output_env;
    bool by_hand; /* no openat2 */
    struct wasi_view view;
    gb_broker *broker;
    uint64_t fixed_now;    /* of the fixed clock, nanoseconds since GB_WASI_EPOCH */
    uint64_t fixed_random; /* state of the fixed sequence */
    const char *printer;   /* who may print only output_left bytes more; NULL: no limit */
    size_t output_left, output_most;
    bool output_cut;       /* and the line has said so */
    int wake;              /* eventfd that gb_wasi_interrupt writes to */
    bool exiting;          /* the guest asked to leave, with exit_code */
    int32_t exit_code;
    struct wasi_binding *bindings; /* environments of the host functions (wasi.c) */
};

/* One call of the guest: its arguments, where its memory is. */
struct wasi_call {
    gb_wasi *wasi;
    gb_memory *memory;
    const gb_value *args;
};

/* The functions, each in its call_*.c. They return the error of preview 1, 0 on success. */
#define X(name, type) wasi_errno wasi_##name(struct wasi_call *c);
WASI_CALLS(X)
#undef X

/* Runs one call as the linker would. */
wasi_errno wasi_dispatch(gb_wasi *wasi, gb_memory *memory, enum wasi_function function,
                         const gb_value *args);

/* The descriptor when it is open and has all of `needed`. NULL: *error is EBADF or ENOTCAPABLE.
 * The pointer is good until the table changes. */
struct wasi_fd *wasi_fd_get(gb_wasi *wasi, uint32_t fd, wasi_rights needed, wasi_errno *error);
/* The lowest free number takes over *entry (strings and descriptor included, which are released on
 * failure). -1: the table is full or memory is short. */
int64_t wasi_fd_add(gb_wasi *wasi, struct wasi_fd *entry);
void wasi_fd_release(struct wasi_fd *entry);
wasi_filetype wasi_filetype_of(mode_t mode);
/* fstat by the system call of that name: libc's may be newfstatat, which takes paths too and is
 * therefore closed to a worker behind its wall. */
int wasi_fstat(int host, struct stat *st);
/* An entry for a host descriptor: its type, and all rights that the type has. */
struct wasi_fd wasi_fd_of_host(int host, const struct stat *st);
/* Asks the policy for a standard stream at its first use; a stream that is not granted becomes
 * EMPTY. */
void wasi_fd_first_use(gb_wasi *wasi, struct wasi_fd *entry);
/* Opens a preopen of the view that has not been opened yet. */
wasi_errno wasi_fd_open_dir(gb_wasi *wasi, struct wasi_fd *entry);
/* wasi_view_look, in the broker when there is one. */
void wasi_look(gb_wasi *wasi, const char *path, bool follow, bool open, struct wasi_seen *seen);
/* Waits until a pipe, terminal or socket can be read (POLLIN) or written (POLLOUT): EINTR when
 * gb_wasi_interrupt was called, EAGAIN when the descriptor does not block. */
wasi_errno wasi_fd_wait(gb_wasi *wasi, const struct wasi_fd *entry, short events);

/* ---- guest memory (guestmem.c) ------------------------------------------------------------- */

/* NULL when the range is not inside: WASI_EFAULT. */
static inline uint8_t *wasi_mem(const struct wasi_call *c, uint32_t address, uint64_t length) {
    return c->memory ? gb_memory_range(c->memory, address, length) : NULL;
}
wasi_errno wasi_put_u32(const struct wasi_call *c, uint32_t address, uint32_t value);
wasi_errno wasi_put_u64(const struct wasi_call *c, uint32_t address, uint64_t value);
/* Copies a path out: EFAULT, ENAMETOOLONG, or EINVAL for a NUL in it. */
wasi_errno wasi_get_path(const struct wasi_call *c, uint32_t address, uint32_t length,
                         char out[PATH_MAX]);

/* Buffers of the guest, at most this many at a time: reading and writing less than asked is
 * allowed. */
enum { WASI_IOVECS = 64 };
struct wasi_iovecs {
    struct iovec v[WASI_IOVECS];
    int count;
    size_t total; /* at most INT32_MAX */
};
wasi_errno wasi_get_iovecs(const struct wasi_call *c, uint32_t address, uint32_t count,
                           struct wasi_iovecs *out);
wasi_errno wasi_put_filestat(const struct wasi_call *c, uint32_t address, const struct stat *st);

/* ---- the rest ------------------------------------------------------------------------------ */

wasi_errno wasi_errno_of(int host_errno);
/* The two times that filestat_set_times means, as utimensat takes them. EINVAL for bad flags. */
wasi_errno wasi_get_times(uint64_t atim, uint64_t mtim, uint32_t flags, struct timespec times[2]);
/* Asks whether what is behind an open descriptor may be changed. */
wasi_errno wasi_fd_may_write(gb_wasi *wasi, const struct wasi_fd *entry);
/* OK, EACCES or ENOENT. */
wasi_errno wasi_errno_of_answer(gb_answer answer);
/* The time that a clock shows the guest; `ticks` whether this look moves the fixed clock on. */
wasi_errno wasi_clock_now(gb_wasi *wasi, uint32_t clock, uint64_t *now);
/* True when the policy grants the clock. */
bool wasi_clock_is_real(gb_wasi *wasi);

#endif
