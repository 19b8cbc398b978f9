#include "worker/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/build_id.h"
#include "tokens/message.h"

/* ---- greetings ------------------------------------------------------------------------------ */

static const char magic[8] = {'G', 'L', 'O', 'V', 'E', 'B', 'O', 'X'};
enum { AT_VERSION = 8, AT_NUMBER = 12, AT_BUILD = 16, AT_TEXT = 80 };

/* Reads exactly the greeting; *fd is the descriptor that came with it, or -1. */
static bool read_greeting(int socket, uint8_t greeting[GB_CHANNEL_GREETING], int *fd,
                          gb_error *err) {
    size_t have = 0;
    *fd = -1;
    while (have < GB_CHANNEL_GREETING) {
        struct iovec part = {greeting + have, GB_CHANNEL_GREETING - have};
        _Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int))];
        struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room,
                           .msg_controllen = sizeof room};
        ssize_t n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return gb_fail_errno(err, "standard input is not a shim's socket");
        if (n == 0) return gb_fail(err, GB_ERROR_INVALID, "the shim ended before it greeted");
        have += (size_t)n;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && *fd < 0) {
            memcpy(fd, CMSG_DATA(c), sizeof *fd);
        }
    }
    return true;
}

static bool check_greeting(const uint8_t *greeting, gb_error *err) {
    if (memcmp(greeting, magic, sizeof magic) != 0) {
        return gb_fail(err, GB_ERROR_INVALID, "standard input is not a shim's socket");
    }
    uint32_t version = gb_load_u32(greeting + AT_VERSION);
    const char *build = (const char *)greeting + AT_BUILD;
    if (version != GB_CHANNEL_VERSION) {
        return gb_fail(err, GB_ERROR_INVALID, "the shim speaks version %u, the worker version %d",
                       version, GB_CHANNEL_VERSION);
    }
    if (strncmp(build, gb_build_id(), GB_BUILD_ID_MOST + 1) != 0) {
        return gb_fail(err, GB_ERROR_INVALID, "the shim is of build %.*s, the worker of build %s",
                       GB_BUILD_ID_MOST, build, gb_build_id());
    }
    return true;
}

/* Maps the file, whose size must be sealed: else a fault in it could be forced on us. */
static bool map_file(gb_channel *channel, int fd, uint32_t size, gb_error *err) {
    struct stat st;
    int seals = fcntl(fd, F_GET_SEALS);
    if (fd < 0 || seals < 0 || (seals & F_SEAL_SHRINK) == 0 || fstat(fd, &st) != 0 ||
        st.st_size != (off_t)size || size <= GB_CHANNEL_HEADER) {
        return gb_fail(err, GB_ERROR_INVALID, "the shim sent no shared memory");
    }
    channel->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (channel->map == MAP_FAILED) {
        channel->map = NULL;
        return gb_fail_errno(err, "shared memory could not be mapped");
    }
    channel->size = size;
    channel->capacity = (size - GB_CHANNEL_HEADER) / 2;
    return true;
}

bool gb_channel_open(gb_channel *channel, int socket, gb_error *err) {
    uint8_t greeting[GB_CHANNEL_GREETING];
    int fd;
    *channel = (gb_channel){.socket = socket};
    if (!read_greeting(socket, greeting, &fd, err)) return false;
    bool ok = check_greeting(greeting, err) &&
              map_file(channel, fd, gb_load_u32(greeting + AT_NUMBER), err);
    if (fd >= 0) close(fd);
    return ok;
}

bool gb_channel_greet(const gb_channel *channel, const char *problem, gb_error *err) {
    uint8_t bytes[GB_CHANNEL_GREETING + GB_ERROR_MAX] = {0};
    size_t length = problem ? strnlen(problem, GB_ERROR_MAX) : 0;
    memcpy(bytes, magic, sizeof magic);
    gb_store_u32(bytes + AT_VERSION, GB_CHANNEL_VERSION);
    gb_store_u32(bytes + AT_NUMBER, problem != NULL);
    memcpy(bytes + AT_BUILD, gb_build_id(), strlen(gb_build_id()));
    gb_store_u32(bytes + AT_TEXT, (uint32_t)length);
    if (length) memcpy(bytes + GB_CHANNEL_GREETING, problem, length);
    for (size_t at = 0; at < GB_CHANNEL_GREETING + length;) {
        ssize_t n = write(channel->socket, bytes + at, GB_CHANNEL_GREETING + length - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return gb_fail_errno(err, "the shim cannot be greeted");
        at += (size_t)n;
    }
    return true;
}

/* ---- mailboxes ------------------------------------------------------------------------------ */

typedef struct mailbox {
    _Atomic uint32_t state, kind, part, first, second;
} mailbox;

enum { EMPTY = 0, FULL = 1, MAILBOX_STRIDE = 64 };

_Static_assert(sizeof(mailbox) == 20, "five words");

static mailbox *inbox(const gb_channel *channel) {
    return (mailbox *)(void *)channel->map;
}

static mailbox *outbox(const gb_channel *channel) {
    return (mailbox *)(void *)(channel->map + MAILBOX_STRIDE);
}

/* The memory is shared between processes, so no FUTEX_PRIVATE_FLAG. */
static void wait_for(mailbox *box, uint32_t wanted) {
    while (atomic_load_explicit(&box->state, memory_order_acquire) != wanted) {
        syscall(SYS_futex, &box->state, FUTEX_WAIT, wanted == FULL ? EMPTY : FULL, NULL, NULL, 0);
    }
}

static void set_state(mailbox *box, uint32_t state, bool wake) {
    atomic_store_explicit(&box->state, state, memory_order_release);
    if (wake) syscall(SYS_futex, &box->state, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static uint32_t get(_Atomic uint32_t *word) {
    return atomic_load_explicit(word, memory_order_relaxed);
}

static void put(_Atomic uint32_t *word, uint32_t value) {
    atomic_store_explicit(word, value, memory_order_relaxed);
}

bool gb_channel_receive(gb_channel *channel, const uint8_t **bytes, size_t *length, gb_error *err) {
    mailbox *box = inbox(channel);
    gb_buffer *in = &channel->incoming;
    uint32_t total = 0;
    gb_buffer_clear(in);
    for (bool begun = false; !begun || in->length < total; begun = true) {
        wait_for(box, FULL);
        uint32_t part = get(&box->part), first = get(&box->first);
        if (!begun) total = first;
        if (get(&box->kind) != GB_CHANNEL_MESSAGE || get(&box->second) != 0 || first != total ||
            total > GB_MESSAGE_MAX || part > channel->capacity || part > total - in->length ||
            (part == 0 && total != 0)) {
            return gb_fail(err, GB_ERROR_INVALID, "the shim's mailbox holds no message");
        }
        if (!gb_buffer_reserve(in, total - in->length)) {
            return gb_fail(err, GB_ERROR_MEMORY, "no memory for a message of %u bytes", total);
        }
        gb_buffer_append(in, channel->map + GB_CHANNEL_HEADER, part);
        set_state(box, EMPTY, in->length < total); /* only then does the sender wait for it */
    }
    *bytes = in->data;
    *length = in->length;
    return true;
}

/* Bytes [at, at + length) of first and second put together. */
static void copy_part(uint8_t *to, size_t at, size_t length, const uint8_t *first,
                      size_t first_length, const uint8_t *second) {
    size_t from_first = at < first_length ? first_length - at : 0;
    if (from_first > length) from_first = length;
    if (from_first) memcpy(to, first + at, from_first);
    if (length > from_first) {
        memcpy(to + from_first, second + (at + from_first - first_length), length - from_first);
    }
}

void gb_channel_send(gb_channel *channel, uint32_t kind, const void *first, size_t first_length,
                     const void *second, size_t second_length) {
    mailbox *box = outbox(channel);
    size_t total = first_length + second_length, at = 0;
    do {
        size_t part = total - at < channel->capacity ? total - at : channel->capacity;
        wait_for(box, EMPTY);
        copy_part(channel->map + GB_CHANNEL_HEADER + channel->capacity, at, part, first,
                  first_length, second);
        put(&box->kind, kind);
        put(&box->part, (uint32_t)part);
        put(&box->first, (uint32_t)first_length);
        put(&box->second, (uint32_t)second_length);
        set_state(box, FULL, true);
        at += part;
    } while (at < total);
}
