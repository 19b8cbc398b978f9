#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wasi/internal.h"

struct wasi_fd *wasi_fd_get(gb_wasi *wasi, uint32_t fd, wasi_rights needed, wasi_errno *error) {
    if (fd >= wasi->fd_count || wasi->fds[fd].kind == WASI_FD_FREE) {
        *error = WASI_EBADF;
        return NULL;
    }
    struct wasi_fd *entry = &wasi->fds[fd];
    wasi_rights has = entry->rights;
    if (has & WASI_RIGHT_FD_SEEK) has |= WASI_RIGHT_FD_TELL; /* WASI: the one implies the other */
    if (needed & ~has) {
        *error = WASI_ENOTCAPABLE;
        return NULL;
    }
    return entry;
}

int64_t wasi_fd_add(gb_wasi *wasi, struct wasi_fd *entry) {
    size_t fd = 0;
    while (fd < wasi->fd_count && wasi->fds[fd].kind != WASI_FD_FREE) fd++;
    if (fd == wasi->fd_count) {
        struct wasi_fd *grown = NULL;
        if (fd < GB_WASI_FDS) grown = realloc(wasi->fds, (fd + 16) * sizeof *grown);
        if (!grown) {
            wasi_fd_release(entry);
            return -1;
        }
        wasi->fds = grown;
        wasi->fd_count = fd + 16;
        for (size_t i = fd; i < wasi->fd_count; i++) grown[i] = (struct wasi_fd){.host = -1};
    }
    wasi->fds[fd] = *entry;
    return (int64_t)fd;
}

void wasi_fd_release(struct wasi_fd *entry) {
    if (entry->kind == WASI_FD_HOST && entry->host >= 0 && !entry->borrowed) close(entry->host);
    free(entry->path);
    free(entry->preopen);
    *entry = (struct wasi_fd){.host = -1};
}

wasi_filetype wasi_filetype_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG: return WASI_FILETYPE_REGULAR_FILE;
    case S_IFDIR: return WASI_FILETYPE_DIRECTORY;
    case S_IFLNK: return WASI_FILETYPE_SYMBOLIC_LINK;
    case S_IFCHR: return WASI_FILETYPE_CHARACTER_DEVICE;
    case S_IFBLK: return WASI_FILETYPE_BLOCK_DEVICE;
    case S_IFSOCK: return WASI_FILETYPE_SOCKET_STREAM;
    default: return WASI_FILETYPE_UNKNOWN; /* pipes: preview 1 has no word for them */
    }
}

int wasi_fstat(int host, struct stat *st) {
#if defined(__x86_64__) && defined(SYS_fstat)
    return (int)syscall(SYS_fstat, host, st); /* the kernel's record is libc's here */
#else
    return fstat(host, st);
#endif
}

static wasi_rights rights_of(wasi_filetype type, int host) {
    switch (type) {
    case WASI_FILETYPE_DIRECTORY: return WASI_RIGHTS_DIR;
    case WASI_FILETYPE_SOCKET_STREAM:
    case WASI_FILETYPE_SOCKET_DGRAM: return WASI_RIGHTS_SOCKET;
    case WASI_FILETYPE_CHARACTER_DEVICE:
        /* libc's isatty: a character device that cannot seek is a terminal. */
        return isatty(host) ? WASI_RIGHTS_STREAM : WASI_RIGHTS_FILE;
    case WASI_FILETYPE_UNKNOWN: return WASI_RIGHTS_STREAM;
    default: return WASI_RIGHTS_FILE;
    }
}

struct wasi_fd wasi_fd_of_host(int host, const struct stat *st) {
    struct wasi_fd entry = {.kind = WASI_FD_HOST, .host = host, .stream = -1};
    entry.type = wasi_filetype_of(st->st_mode);
    if (entry.type == WASI_FILETYPE_SOCKET_STREAM) {
        int type = 0;
        socklen_t size = sizeof type;
        getsockopt(host, SOL_SOCKET, SO_TYPE, &type, &size);
        if (type == SOCK_DGRAM) entry.type = WASI_FILETYPE_SOCKET_DGRAM;
    }
    entry.rights = rights_of(entry.type, host);
    entry.inheriting = entry.type == WASI_FILETYPE_DIRECTORY   ? WASI_RIGHTS_ALL
                       : entry.rights & WASI_RIGHT_SOCK_ACCEPT ? WASI_RIGHTS_SOCKET
                                                               : 0;
    return entry;
}

void wasi_fd_first_use(gb_wasi *wasi, struct wasi_fd *entry) {
    if (entry->stream < 0 || entry->use_asked) return;
    static const gb_power powers[] = {GB_POWER_STDIN, GB_POWER_STDOUT, GB_POWER_STDERR};
    gb_answer answer = gb_policy_ask(wasi->policy, powers[entry->stream], "", 0);
    if (answer != GB_GRANTED) {
        entry->kind = WASI_FD_EMPTY;
        entry->host = -1;
    }
    entry->use_asked = true;
}

void wasi_look(gb_wasi *wasi, const char *path, bool follow, bool open, struct wasi_seen *seen) {
    if (wasi->broker) {
        wasi_broker_look(wasi->broker, wasi->policy, path, follow, open, seen);
    } else {
        wasi_view_look(&wasi->view, path, follow, open, seen);
    }
}

wasi_errno wasi_fd_open_dir(gb_wasi *wasi, struct wasi_fd *entry) {
    if (!entry->in_view || entry->host >= 0) return WASI_OK;
    struct wasi_seen seen;
    wasi_look(wasi, entry->path, true, true, &seen);
    if (seen.error) return wasi_errno_of(seen.error);
    if (!S_ISDIR(seen.st.st_mode)) {
        close(seen.fd);
        return WASI_ENOTDIR;
    }
    entry->host = seen.fd;
    return WASI_OK;
}

wasi_errno wasi_fd_wait(gb_wasi *wasi, const struct wasi_fd *entry, short events) {
    bool never_blocks = entry->kind != WASI_FD_HOST || entry->type == WASI_FILETYPE_REGULAR_FILE ||
                        entry->type == WASI_FILETYPE_DIRECTORY ||
                        entry->type == WASI_FILETYPE_BLOCK_DEVICE;
    if (never_blocks) return WASI_OK;
    struct pollfd fds[2] = {{.fd = entry->host, .events = events},
                            {.fd = wasi->wake, .events = POLLIN}};
    int timeout = entry->flags & WASI_FDFLAG_NONBLOCK ? 0 : -1;
    int n;
    do n = poll(fds, 2, timeout);
    while (n < 0 && errno == EINTR);
    if (n < 0) return wasi_errno_of(errno);
    if (fds[1].revents) return WASI_EINTR;
    return fds[0].revents ? WASI_OK : WASI_EAGAIN;
}
