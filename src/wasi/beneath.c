#include "wasi/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int kernel_open(int directory, const char *path, int flags, mode_t mode) {
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    if (!(flags & O_PATH)) how.flags |= O_NOCTTY; /* O_PATH stands for itself, else EINVAL */
    long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    return fd < 0 ? -errno : (int)fd;
}

bool wasi_beneath_by_kernel(int directory) {
    int fd = kernel_open(directory, ".", O_PATH | O_DIRECTORY, 0);
    if (fd >= 0) close(fd);
    /* Old filters answer EPERM to a call they do not know. */
    return fd >= 0 || (fd != -ENOSYS && fd != -EPERM);
}

static int open_by_hand(int directory, const char *path, int flags, mode_t mode) {
    bool keep = flags & O_NOFOLLOW || (flags & O_CREAT && flags & O_EXCL);
    struct wasi_end end;
    int error = wasi_walk(directory, NULL, path, keep ? WASI_LAST_KEEP : WASI_LAST_FOLLOW, &end);
    if (error) return -error;
    if (end.slash) {
        /* The kernel makes no file by a name that ends in a slash. */
        if (flags & O_CREAT && strcmp(end.name, ".") != 0) error = EISDIR;
        flags |= O_DIRECTORY;
    }
    int fd = -error;
    if (error == 0) {
        /* O_NOFOLLOW even when following was asked for: the walk has followed all there was. */
        int extra = O_CLOEXEC | O_NOFOLLOW | (flags & O_PATH ? 0 : O_NOCTTY);
        fd = openat(end.parent, end.name, flags | extra, mode);
        if (fd < 0) fd = -errno;
    }
    close(end.parent);
    return fd;
}

int wasi_beneath_open(int directory, bool by_hand, const char *path, int flags, mode_t mode) {
    if (path[0] == 0) return -ENOENT;
    if (path[0] == '/') return -EPERM;
    if (flags & O_CREAT && flags & O_DIRECTORY) return -EINVAL; /* kernels differ; WASI: invalid */
    for (int tries = 0; !by_hand && tries < 8; tries++) {
        int fd = kernel_open(directory, path, flags, mode);
        if (fd == -EXDEV) return -EPERM;
        /* EAGAIN: something on this machine was renamed while `..` was resolved, and the kernel
         * cannot be sure. It may also be what the file itself answers; then the walk says so
         * too. */
        if (fd != -EAGAIN) return fd;
    }
    return open_by_hand(directory, path, flags, mode);
}

int wasi_beneath_name(int directory, bool by_hand, const char *path, struct wasi_end *end) {
    if (by_hand) return wasi_walk(directory, NULL, path, WASI_LAST_NAME, end);
    size_t length = strlen(path), stop = length;
    end->parent = -1;
    if (length == 0) return ENOENT;
    if (path[0] == '/') return EPERM;
    if (length >= PATH_MAX) return ENAMETOOLONG;
    while (stop && path[stop - 1] == '/') stop--;
    size_t start = stop;
    while (start && path[start - 1] != '/') start--;
    size_t n = stop - start;
    if (n > NAME_MAX) return ENAMETOOLONG;
    end->slash = stop < length;
    bool dots = strncmp(path + start, "..", n) == 0 && n <= 2;
    char parent[PATH_MAX];
    memcpy(parent, path, length + 1);
    if (dots) {
        snprintf(end->name, sizeof end->name, "."); /* the directory itself: "a/..", "." */
    } else {
        snprintf(end->name, sizeof end->name, "%.*s%s", (int)n, path + start,
                 end->slash ? "/" : "");
        snprintf(parent + start, sizeof parent - start, ".");
    }
    int fd = wasi_beneath_open(directory, false, parent, O_PATH | O_DIRECTORY, 0);
    if (fd < 0) return -fd;
    end->parent = fd;
    return 0;
}
