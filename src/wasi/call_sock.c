/* Sockets: preview 1 can use those that were handed in (standard streams, gb_wasi_give_fd) and
 * accept from one that listens; it has no way to make or connect one. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wasi/internal.h"

static struct wasi_fd *socket_of(struct wasi_call *c, wasi_rights needed, wasi_errno *error) {
    struct wasi_fd *f = wasi_fd_get(c->wasi, c->args[0].u32, 0, error);
    if (!f) return NULL;
    wasi_fd_first_use(c->wasi, f);
    bool is_socket = f->kind == WASI_FD_HOST && (f->type == WASI_FILETYPE_SOCKET_STREAM ||
                                                 f->type == WASI_FILETYPE_SOCKET_DGRAM);
    *error = !is_socket ? WASI_ENOTSOCK : needed & ~f->rights ? WASI_ENOTCAPABLE : WASI_OK;
    return *error ? NULL : f;
}

wasi_errno wasi_sock_accept(struct wasi_call *c) {
    uint32_t flags = c->args[1].u32, result = c->args[2].u32;
    wasi_errno error;
    struct wasi_fd *f = socket_of(c, WASI_RIGHT_SOCK_ACCEPT, &error);
    if (!f) return error;
    if (flags & ~(uint32_t)WASI_FDFLAG_NONBLOCK) return WASI_EINVAL;
    if (!wasi_mem(c, result, 4)) return WASI_EFAULT;
    error = wasi_fd_wait(c->wasi, f, POLLIN);
    if (error) return error;
    int host = accept4(f->host, NULL, NULL, SOCK_CLOEXEC | (flags ? SOCK_NONBLOCK : 0));
    if (host < 0) return wasi_errno_of(errno);
    struct stat st;
    if (fstat(host, &st) != 0) {
        error = wasi_errno_of(errno);
        close(host);
        return error;
    }
    struct wasi_fd entry = wasi_fd_of_host(host, &st);
    entry.rights &= f->inheriting;
    entry.inheriting &= f->inheriting;
    entry.flags = (uint16_t)flags;
    int64_t fd = wasi_fd_add(c->wasi, &entry);
    return fd < 0 ? WASI_EMFILE : wasi_put_u32(c, result, (uint32_t)fd);
}

wasi_errno wasi_sock_recv(struct wasi_call *c) {
    const gb_value *a = c->args;
    uint32_t flags = a[3].u32;
    wasi_errno error;
    struct wasi_fd *f = socket_of(c, WASI_RIGHT_FD_READ, &error);
    if (!f) return error;
    if (flags & ~(uint32_t)(WASI_RECV_PEEK | WASI_RECV_WAITALL)) return WASI_EINVAL;
    struct wasi_iovecs v;
    error = wasi_get_iovecs(c, a[1].u32, a[2].u32, &v);
    if (error) return error;
    uint8_t *out_flags = wasi_mem(c, a[5].u32, 2);
    if (!wasi_mem(c, a[4].u32, 4) || !out_flags) return WASI_EFAULT;
    error = wasi_fd_wait(c->wasi, f, POLLIN);
    if (error) return error;
    struct msghdr message = {.msg_iov = v.v, .msg_iovlen = (size_t)v.count};
    int host =
        (flags & WASI_RECV_PEEK ? MSG_PEEK : 0) | (flags & WASI_RECV_WAITALL ? MSG_WAITALL : 0);
    ssize_t n = recvmsg(f->host, &message, host);
    if (n < 0) return wasi_errno_of(errno);
    out_flags[0] = message.msg_flags & MSG_TRUNC ? WASI_RECV_DATA_TRUNCATED : 0;
    out_flags[1] = 0;
    return wasi_put_u32(c, a[4].u32, (uint32_t)n);
}

wasi_errno wasi_sock_send(struct wasi_call *c) {
    const gb_value *a = c->args;
    wasi_errno error;
    struct wasi_fd *f = socket_of(c, WASI_RIGHT_FD_WRITE, &error);
    if (!f) return error;
    if (a[3].u32 != 0) return WASI_EINVAL;
    struct wasi_iovecs v;
    error = wasi_get_iovecs(c, a[1].u32, a[2].u32, &v);
    if (error) return error;
    if (!wasi_mem(c, a[4].u32, 4)) return WASI_EFAULT;
    error = wasi_fd_wait(c->wasi, f, POLLOUT);
    if (error) return error;
    struct msghdr message = {.msg_iov = v.v, .msg_iovlen = (size_t)v.count};
    ssize_t n = sendmsg(f->host, &message, MSG_NOSIGNAL);
    return n < 0 ? wasi_errno_of(errno) : wasi_put_u32(c, a[4].u32, (uint32_t)n);
}

wasi_errno wasi_sock_shutdown(struct wasi_call *c) {
    static const int hows[] = {[WASI_SHUT_RD] = SHUT_RD,
                               [WASI_SHUT_WR] = SHUT_WR,
                               [WASI_SHUT_RD | WASI_SHUT_WR] = SHUT_RDWR};
    uint32_t how = c->args[1].u32;
    wasi_errno error;
    struct wasi_fd *f = socket_of(c, WASI_RIGHT_SOCK_SHUTDOWN, &error);
    if (!f) return error;
    if (how == 0 || how > (WASI_SHUT_RD | WASI_SHUT_WR)) return WASI_EINVAL;
    return shutdown(f->host, hows[how]) == 0 ? WASI_OK : wasi_errno_of(errno);
}
