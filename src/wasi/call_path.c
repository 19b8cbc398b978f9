/* What can be done with a name in a directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "wasi/beneath.h"
#include "wasi/internal.h"

static wasi_errno host_error(void) {
    return wasi_errno_of(errno);
}

/* ---- a name, and the right to use it ------------------------------------------------------- */

/* A directory of the guest and a path that starts in it. */
struct target {
    struct wasi_fd *dir;
    char path[PATH_MAX];
};

static wasi_errno get_target(struct wasi_call *c, uint32_t fd, wasi_rights needed, uint32_t address,
                             uint32_t length, struct target *t) {
    wasi_errno error;
    t->dir = wasi_fd_get(c->wasi, fd, 0, &error);
    if (!t->dir) return error;
    if (t->dir->type != WASI_FILETYPE_DIRECTORY) return WASI_ENOTDIR;
    if (needed & ~t->dir->rights) return WASI_ENOTCAPABLE;
    error = wasi_get_path(c, address, length, t->path);
    return error == WASI_OK && length == 0 ? WASI_ENOENT : error;
}

/* The host's path as spelled: what a plain preopen asks about, and what new entries keep. */
static char *spelled_path(const gb_wasi *wasi, const struct target *t) {
    char absolute[2 * PATH_MAX];
    const char *path = t->path;
    if (t->dir->in_view) {
        wasi_view_spell(wasi->policy, t->dir->path, t->dir->libc_root, t->path, absolute);
        path = absolute;
    }
    gb_buffer normal = {0};
    if (!gb_path_normalize(&normal, t->dir->path, path, strlen(path))) {
        gb_buffer_free(&normal);
        return NULL;
    }
    return (char *)normal.data;
}

static wasi_errno ask(gb_wasi *wasi, const struct target *t, gb_power power) {
    if (!t->dir->in_view && t->path[0] == '/') return WASI_EPERM; /* no question: always outside */
    char *path = spelled_path(wasi, t);
    if (!path) return WASI_ENOMEM;
    wasi_errno error = wasi_errno_of_answer(gb_policy_ask(wasi->policy, power, path, strlen(path)));
    /* A path that spells its way out of a preopen is told so, wherever it would have led. */
    if (error && !t->dir->in_view && !gb_path_under(path, t->dir->path)) error = WASI_EPERM;
    free(path);
    return error;
}

/* Asks to change what the name means. The view never can: it is read-only even where the policy
 * would let a plain preopen write. */
static wasi_errno ask_to_write(gb_wasi *wasi, const struct target *t) {
    wasi_errno error = ask(wasi, t, GB_POWER_WRITE);
    return error == WASI_OK && t->dir->in_view ? WASI_EROFS : error;
}

static void look(gb_wasi *wasi, const struct target *t, bool follow, bool open,
                 struct wasi_seen *seen) {
    char path[2 * PATH_MAX];
    seen->fd = -1;
    seen->error = wasi_view_spell(wasi->policy, t->dir->path, t->dir->libc_root, t->path, path);
    if (!seen->error) wasi_look(wasi, path, follow, open, seen);
}

/* A descriptor that names what is there (O_PATH), after the policy allowed reading it. */
static wasi_errno open_to_look(gb_wasi *wasi, const struct target *t, bool follow, int *fd) {
    wasi_errno error = ask(wasi, t, GB_POWER_READ);
    if (error) return error;
    *fd = wasi_beneath_open(t->dir->host, wasi->by_hand, t->path,
                            O_PATH | (follow ? 0 : O_NOFOLLOW), 0);
    return *fd < 0 ? wasi_errno_of(-*fd) : WASI_OK;
}

/* The directory and name that an operation on names acts on, after the policy allowed it. */
static wasi_errno open_to_change(gb_wasi *wasi, const struct target *t, struct wasi_end *end) {
    wasi_errno error = ask_to_write(wasi, t);
    if (error) return error;
    return wasi_errno_of(wasi_beneath_name(t->dir->host, wasi->by_hand, t->path, end));
}

static bool follows(uint32_t lookup_flags) {
    return lookup_flags & WASI_LOOKUP_SYMLINK_FOLLOW;
}

static wasi_errno check_lookup(uint32_t lookup_flags) {
    return lookup_flags & ~(uint32_t)WASI_LOOKUP_SYMLINK_FOLLOW ? WASI_EINVAL : WASI_OK;
}

/* ---- path_open ----------------------------------------------------------------------------- */

struct opening {
    struct target at;
    bool follow;
    uint32_t oflags, fdflags;
    wasi_rights rights, inheriting;
};

static wasi_errno check_opening(const struct opening *o) {
    if (o->oflags & ~(uint32_t)WASI_OFLAGS_ALL || o->fdflags & ~(uint32_t)WASI_FDFLAGS_ALL) {
        return WASI_EINVAL;
    }
    /* WASI: a descriptor never has a right that its directory does not hand on. */
    const struct wasi_fd *dir = o->at.dir;
    wasi_rights needed = 0;
    if (o->oflags & WASI_OFLAG_CREAT) needed |= WASI_RIGHT_PATH_CREATE_FILE;
    if (o->oflags & WASI_OFLAG_TRUNC) needed |= WASI_RIGHT_PATH_FILESTAT_SET_SIZE;
    wasi_rights handed_on = o->rights | o->inheriting;
    if (o->fdflags & WASI_FDFLAG_DSYNC) handed_on |= WASI_RIGHT_FD_DATASYNC;
    if (o->fdflags & (WASI_FDFLAG_SYNC | WASI_FDFLAG_RSYNC)) handed_on |= WASI_RIGHT_FD_SYNC;
    bool enough = !(needed & ~dir->rights) && !(handed_on & ~dir->inheriting);
    return enough ? WASI_OK : WASI_ENOTCAPABLE;
}

static bool opens_to_write(const struct opening *o) {
    wasi_rights writing =
        WASI_RIGHT_FD_WRITE | WASI_RIGHT_FD_ALLOCATE | WASI_RIGHT_FD_FILESTAT_SET_SIZE;
    return o->rights & writing;
}

static bool opens_to_change(const struct opening *o) {
    return opens_to_write(o) || o->oflags & (WASI_OFLAG_CREAT | WASI_OFLAG_TRUNC);
}

static int host_flags(const struct opening *o) {
    bool writes = opens_to_write(o), reads = o->rights & WASI_RIGHT_FD_READ;
    int flags = !writes ? O_RDONLY : reads ? O_RDWR : O_WRONLY;
    if (o->oflags & WASI_OFLAG_CREAT) flags |= O_CREAT;
    if (o->oflags & WASI_OFLAG_DIRECTORY) flags |= O_DIRECTORY;
    if (o->oflags & WASI_OFLAG_EXCL) flags |= O_EXCL;
    if (o->oflags & WASI_OFLAG_TRUNC) flags |= O_TRUNC; /* Linux does so with O_RDONLY too */
    if (o->fdflags & WASI_FDFLAG_APPEND) flags |= O_APPEND;
    if (o->fdflags & WASI_FDFLAG_NONBLOCK) flags |= O_NONBLOCK;
    if (o->fdflags & WASI_FDFLAG_DSYNC) flags |= O_DSYNC;
    if (o->fdflags & WASI_FDFLAG_RSYNC) flags |= O_RSYNC;
    if (o->fdflags & WASI_FDFLAG_SYNC) flags |= O_SYNC;
    if (!o->follow) flags |= O_NOFOLLOW;
    return flags;
}

/* Opens below a plain preopen. */
static wasi_errno open_plain(gb_wasi *wasi, const struct opening *o, int *fd, struct stat *st) {
    bool reads = o->rights & WASI_RIGHT_FD_READ || !opens_to_change(o);
    wasi_errno error = reads ? ask(wasi, &o->at, GB_POWER_READ) : WASI_OK;
    if (!error && opens_to_change(o)) error = ask(wasi, &o->at, GB_POWER_WRITE);
    if (error) return error;
    *fd = wasi_beneath_open(o->at.dir->host, wasi->by_hand, o->at.path, host_flags(o), 0666);
    if (*fd < 0) return wasi_errno_of(-*fd);
    if (fstat(*fd, st) == 0) return WASI_OK;
    error = host_error();
    close(*fd);
    return error;
}

static wasi_errno open_in_view(gb_wasi *wasi, const struct opening *o, int *fd, struct stat *st,
                               char **path) {
    if (opens_to_change(o)) return ask_to_write(wasi, &o->at);
    struct wasi_seen seen;
    look(wasi, &o->at, o->follow, true, &seen);
    if (seen.error) return wasi_errno_of(seen.error);
    if (o->oflags & WASI_OFLAG_DIRECTORY && !S_ISDIR(seen.st.st_mode)) {
        close(seen.fd);
        return WASI_ENOTDIR;
    }
    *fd = seen.fd;
    *st = seen.st;
    *path = strdup(seen.path);
    return WASI_OK;
}

wasi_errno wasi_path_open(struct wasi_call *c) {
    gb_wasi *wasi = c->wasi;
    const gb_value *a = c->args;
    struct opening o = {.follow = follows(a[1].u32),
                        .oflags = a[4].u32,
                        .rights = a[5].u64,
                        .inheriting = a[6].u64,
                        .fdflags = a[7].u32};
    uint32_t result = a[8].u32;
    wasi_errno error = get_target(c, a[0].u32, WASI_RIGHT_PATH_OPEN, a[2].u32, a[3].u32, &o.at);
    if (!error) error = check_lookup(a[1].u32);
    if (!error) error = check_opening(&o);
    if (error) return error;
    if (!wasi_mem(c, result, 4)) return WASI_EFAULT;
    int host = -1;
    struct stat st;
    char *path = NULL;
    bool in_view = o.at.dir->in_view;
    error = in_view ? open_in_view(wasi, &o, &host, &st, &path) : open_plain(wasi, &o, &host, &st);
    if (error) return error;
    struct wasi_fd entry = wasi_fd_of_host(host, &st);
    entry.path = in_view ? path : spelled_path(wasi, &o.at);
    entry.in_view = in_view;
    entry.flags = (uint16_t)o.fdflags;
    entry.rights &= o.rights;
    entry.inheriting = o.inheriting;
    if (!entry.path) {
        wasi_fd_release(&entry);
        return WASI_ENOMEM;
    }
    int64_t fd = wasi_fd_add(wasi, &entry);
    return fd < 0 ? WASI_EMFILE : wasi_put_u32(c, result, (uint32_t)fd);
}

/* ---- what is there ------------------------------------------------------------------------- */

wasi_errno wasi_path_filestat_get(struct wasi_call *c) {
    const gb_value *a = c->args;
    struct target t;
    wasi_errno error =
        get_target(c, a[0].u32, WASI_RIGHT_PATH_FILESTAT_GET, a[2].u32, a[3].u32, &t);
    if (!error) error = check_lookup(a[1].u32);
    if (error) return error;
    if (t.dir->in_view) {
        struct wasi_seen seen;
        look(c->wasi, &t, follows(a[1].u32), false, &seen);
        return seen.error ? wasi_errno_of(seen.error) : wasi_put_filestat(c, a[4].u32, &seen.st);
    }
    int fd;
    error = open_to_look(c->wasi, &t, follows(a[1].u32), &fd);
    if (error) return error;
    struct stat st;
    error = fstat(fd, &st) == 0 ? wasi_put_filestat(c, a[4].u32, &st) : host_error();
    close(fd);
    return error;
}

static wasi_errno put_link(struct wasi_call *c, const char *text, size_t length) {
    uint32_t room = c->args[4].u32;
    uint8_t *to = wasi_mem(c, c->args[3].u32, room);
    if (!to) return WASI_EFAULT;
    size_t n = length < room ? length : room;
    if (n) memcpy(to, text, n);
    return wasi_put_u32(c, c->args[5].u32, (uint32_t)n);
}

wasi_errno wasi_path_readlink(struct wasi_call *c) {
    const gb_value *a = c->args;
    struct target t;
    wasi_errno error = get_target(c, a[0].u32, WASI_RIGHT_PATH_READLINK, a[1].u32, a[2].u32, &t);
    if (error) return error;
    if (t.dir->in_view) {
        struct wasi_seen seen;
        look(c->wasi, &t, false, false, &seen);
        if (seen.error) return wasi_errno_of(seen.error);
        return S_ISLNK(seen.st.st_mode) ? put_link(c, seen.link, strlen(seen.link)) : WASI_EINVAL;
    }
    int fd;
    error = open_to_look(c->wasi, &t, false, &fd);
    if (error) return error;
    char text[PATH_MAX];
    struct stat st;
    ssize_t n = -1;
    if (fstat(fd, &st) == 0) {
        errno = EINVAL; /* readlinkat says ENOENT of a descriptor that is no link */
        if (S_ISLNK(st.st_mode)) n = readlinkat(fd, "", text, sizeof text);
    }
    error = n < 0 ? host_error() : put_link(c, text, (size_t)n);
    close(fd);
    return error;
}

/* ---- changing names ------------------------------------------------------------------------ */

wasi_errno wasi_path_filestat_set_times(struct wasi_call *c) {
    const gb_value *a = c->args;
    struct target t;
    struct timespec times[2];
    wasi_errno error =
        get_target(c, a[0].u32, WASI_RIGHT_PATH_FILESTAT_SET_TIMES, a[2].u32, a[3].u32, &t);
    if (!error) error = check_lookup(a[1].u32);
    if (!error) error = wasi_get_times(a[4].u64, a[5].u64, a[6].u32, times);
    if (!error) error = ask_to_write(c->wasi, &t);
    if (error) return error;
    int fd;
    error = open_to_look(c->wasi, &t, follows(a[1].u32), &fd);
    if (error) return error;
    int failed = utimensat(fd, "", times, AT_EMPTY_PATH);
    if (failed && errno == EINVAL) { /* before Linux 5.8 */
        char self[32];
        snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
        failed = utimensat(AT_FDCWD, self, times, 0);
    }
    error = failed ? host_error() : WASI_OK;
    close(fd);
    return error;
}

wasi_errno wasi_path_create_directory(struct wasi_call *c) {
    const gb_value *a = c->args;
    struct target t;
    struct wasi_end end;
    wasi_errno error =
        get_target(c, a[0].u32, WASI_RIGHT_PATH_CREATE_DIRECTORY, a[1].u32, a[2].u32, &t);
    if (!error) error = open_to_change(c->wasi, &t, &end);
    if (error) return error;
    error = mkdirat(end.parent, end.name, 0777) == 0 ? WASI_OK : host_error();
    close(end.parent);
    return error;
}

static wasi_errno remove_name(struct wasi_call *c, wasi_rights needed, int flags) {
    const gb_value *a = c->args;
    struct target t;
    struct wasi_end end;
    wasi_errno error = get_target(c, a[0].u32, needed, a[1].u32, a[2].u32, &t);
    if (!error) error = open_to_change(c->wasi, &t, &end);
    if (error) return error;
    error = unlinkat(end.parent, end.name, flags) == 0 ? WASI_OK : host_error();
    close(end.parent);
    return error;
}

wasi_errno wasi_path_remove_directory(struct wasi_call *c) {
    return remove_name(c, WASI_RIGHT_PATH_REMOVE_DIRECTORY, AT_REMOVEDIR);
}

wasi_errno wasi_path_unlink_file(struct wasi_call *c) {
    return remove_name(c, WASI_RIGHT_PATH_UNLINK_FILE, 0);
}

/* A link that points outside would be followed by other programs of the host, if not by the
 * guest. */
wasi_errno wasi_path_symlink(struct wasi_call *c) {
    const gb_value *a = c->args;
    char text[PATH_MAX];
    struct target t;
    struct wasi_end end;
    wasi_errno error = wasi_get_path(c, a[0].u32, a[1].u32, text);
    if (!error) error = get_target(c, a[2].u32, WASI_RIGHT_PATH_SYMLINK, a[3].u32, a[4].u32, &t);
    if (!error && text[0] == '/') error = WASI_EPERM;
    if (!error) error = open_to_change(c->wasi, &t, &end);
    if (error) return error;
    error = symlinkat(text, end.parent, end.name) == 0 ? WASI_OK : host_error();
    close(end.parent);
    return error;
}

/* A name with a slash behind it stands for what a link points to, and that must be a directory, of
 * which no hard link can be made. The kernel would follow it, so it is looked at here. */
static wasi_errno refuse_slash(gb_wasi *wasi, const struct target *t) {
    size_t length = strlen(t->path);
    if (t->path[length - 1] != '/') return WASI_OK;
    int fd;
    wasi_errno error = open_to_look(wasi, t, false, &fd);
    if (error) return error;
    close(fd);
    return WASI_EPERM;
}

wasi_errno wasi_path_link(struct wasi_call *c) {
    const gb_value *a = c->args;
    struct target from, to;
    struct wasi_end old, new;
    wasi_errno error =
        get_target(c, a[0].u32, WASI_RIGHT_PATH_LINK_SOURCE, a[2].u32, a[3].u32, &from);
    if (!error)
        error = get_target(c, a[4].u32, WASI_RIGHT_PATH_LINK_TARGET, a[5].u32, a[6].u32, &to);
    /* WASI: following is not supported; it would link what the name does not show. */
    if (!error && a[1].u32 != 0) error = WASI_EINVAL;
    if (!error && !from.dir->in_view) error = refuse_slash(c->wasi, &from);
    /* Writing is asked for the old name too: the new one may be where writing is granted, and the
     * file is the same. */
    if (!error) error = open_to_change(c->wasi, &from, &old);
    if (error) return error;
    error = open_to_change(c->wasi, &to, &new);
    if (!error) {
        int failed = linkat(old.parent, old.name, new.parent, new.name, 0);
        error = failed ? host_error() : WASI_OK;
        close(new.parent);
    }
    close(old.parent);
    return error;
}

wasi_errno wasi_path_rename(struct wasi_call *c) {
    const gb_value *a = c->args;
    struct target from, to;
    struct wasi_end old, new;
    wasi_errno error =
        get_target(c, a[0].u32, WASI_RIGHT_PATH_RENAME_SOURCE, a[1].u32, a[2].u32, &from);
    if (!error) {
        error = get_target(c, a[3].u32, WASI_RIGHT_PATH_RENAME_TARGET, a[4].u32, a[5].u32, &to);
    }
    if (!error) error = open_to_change(c->wasi, &from, &old);
    if (error) return error;
    error = open_to_change(c->wasi, &to, &new);
    if (!error) {
        int failed = renameat(old.parent, old.name, new.parent, new.name);
        error = failed ? host_error() : WASI_OK;
        close(new.parent);
    }
    close(old.parent);
    return error;
}
