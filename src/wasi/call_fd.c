/* What can be done with an open descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "wasi/internal.h"

static wasi_errno host_error(void) {
    return wasi_errno_of(errno);
}

/* ---- reading and writing ------------------------------------------------------------------- */

static bool refuse_offset(uint64_t offset) {
    return offset > (uint64_t)INT64_MAX;
}

/* The descriptor, ready for use. */
static struct wasi_fd *stream(struct wasi_call *c, wasi_rights needed, wasi_errno *error) {
    struct wasi_fd *f = wasi_fd_get(c->wasi, c->args[0].u32, needed, error);
    if (f) wasi_fd_first_use(c->wasi, f);
    return f;
}

static wasi_errno read_into(struct wasi_call *c, const struct wasi_fd *f,
                            const struct wasi_iovecs *v, const uint64_t *offset, size_t *done) {
    *done = 0;
    if (f->kind != WASI_FD_HOST || v->total == 0) return WASI_OK;
    wasi_errno error = wasi_fd_wait(c->wasi, f, POLLIN);
    if (error) return error;
    ssize_t n =
        offset ? preadv(f->host, v->v, v->count, (off_t)*offset) : readv(f->host, v->v, v->count);
    if (n < 0) return host_error();
    *done = (size_t)n;
    return WASI_OK;
}

/* ---- how much may be printed ----------------------------------------------------------------- */

void gb_wasi_limit_output(gb_wasi *wasi, size_t bytes, const char *name) {
    wasi->output_left = wasi->output_most = bytes;
    wasi->output_cut = false;
    wasi->printer = name;
}

/* Leaves of `v` what may still be printed. True: that is not all of it. */
static bool cut_output(const gb_wasi *w, const struct wasi_fd *f, struct wasi_iovecs *v) {
    bool output = f->stream == 1 || f->stream == 2;
    if (!output || !w->printer || v->total <= w->output_left) return false;
    size_t left = w->output_left;
    for (int i = 0; i < v->count; i++) {
        if (v->v[i].iov_len > left) v->v[i].iov_len = left;
        left -= v->v[i].iov_len;
    }
    v->total = w->output_left;
    return true;
}

/* Whoever reads may not be interested. The line stands for what is left out from here on. */
static void say_cut(gb_wasi *w, int host) {
    gb_buffer text = {0};
    if (w->output_cut) return;
    w->output_cut = true;
    gb_buffer_append_format(&text, "\nglovebox: the macro `%s` printed more than %zu KiB in one expansion; the rest is left out\n",
                            w->printer, w->output_most >> 10);
    while (write(host, gb_buffer_text(&text), text.length) < 0 && errno == EINTR) continue;
    gb_buffer_free(&text);
}

static wasi_errno write_host(const struct wasi_fd *f, const struct wasi_iovecs *v, const uint64_t *offset,
                             size_t *done) {
    ssize_t n =
        offset ? pwritev(f->host, v->v, v->count, (off_t)*offset) : writev(f->host, v->v, v->count);
    if (n < 0) return host_error();
    *done = (size_t)n;
    return WASI_OK;
}

/* To a guest that printed enough, all goes on as if it were printed. */
static wasi_errno print(gb_wasi *w, const struct wasi_fd *f, const struct wasi_iovecs *v, const uint64_t *offset,
                        size_t *done) {
    struct wasi_iovecs part = *v;
    bool cut = cut_output(w, f, &part);
    *done = 0;
    if (part.total > 0 || !cut) {
        wasi_errno error = write_host(f, &part, offset, done);
        if (error) return error;
        if (w->printer && f->stream >= 0) w->output_left -= *done;
    }
    if (!cut || *done < part.total) return WASI_OK;
    say_cut(w, f->host);
    *done = v->total;
    return WASI_OK;
}

static wasi_errno write_from(struct wasi_call *c, const struct wasi_fd *f,
                             const struct wasi_iovecs *v, const uint64_t *offset, size_t *done) {
    *done = v->total;
    if (f->kind == WASI_FD_EMPTY) return WASI_OK;
    if (f->kind == WASI_FD_OUTPUT) {
        gb_wasi *w = c->wasi;
        for (int i = 0; i < v->count; i++) {
            if (!w->output(w->output_env, f->stream, v->v[i].iov_base, v->v[i].iov_len))
                return WASI_EIO;
        }
        return WASI_OK;
    }
    wasi_errno error = wasi_fd_wait(c->wasi, f, POLLOUT);
    if (error) return error;
    return print(c->wasi, f, v, offset, done);
}

/* The first argument, a descriptor that is open. */
static bool is_directory(const struct wasi_call *c) {
    return c->wasi->fds[c->args[0].u32].type == WASI_FILETYPE_DIRECTORY;
}

/* All four of them: fd, iovecs, count, [offset,] pointer to the number of bytes done. */
static wasi_errno transfer(struct wasi_call *c, bool writing, bool has_offset) {
    wasi_errno error = WASI_OK;
    wasi_rights needed = writing ? WASI_RIGHT_FD_WRITE : WASI_RIGHT_FD_READ;
    /* WASI: pread and pwrite need the right to seek as well. */
    struct wasi_fd *f = stream(c, needed | (has_offset ? WASI_RIGHT_FD_SEEK : 0), &error);
    /* Nobody has the right to read a directory's bytes. posix: read; Rust's std tells the kinds
     * apart. */
    if (!writing && error == WASI_ENOTCAPABLE && is_directory(c)) return WASI_EISDIR;
    if (!f) return error;
    const uint64_t *offset = has_offset ? &c->args[3].u64 : NULL;
    uint32_t result = c->args[has_offset ? 4 : 3].u32;
    struct wasi_iovecs v;
    error = wasi_get_iovecs(c, c->args[1].u32, c->args[2].u32, &v);
    if (error) return error;
    if (!wasi_mem(c, result, 4)) return WASI_EFAULT; /* before anything is done */
    if (offset && refuse_offset(*offset)) return WASI_EINVAL;
    size_t done;
    error = writing ? write_from(c, f, &v, offset, &done) : read_into(c, f, &v, offset, &done);
    return error ? error : wasi_put_u32(c, result, (uint32_t)done);
}

wasi_errno wasi_fd_read(struct wasi_call *c) {
    return transfer(c, false, false);
}

wasi_errno wasi_fd_pread(struct wasi_call *c) {
    return transfer(c, false, true);
}

wasi_errno wasi_fd_write(struct wasi_call *c) {
    return transfer(c, true, false);
}

wasi_errno wasi_fd_pwrite(struct wasi_call *c) {
    return transfer(c, true, true);
}

/* ---- position and size --------------------------------------------------------------------- */

static wasi_errno seek(struct wasi_call *c, const struct wasi_fd *f, int64_t offset, int whence,
                       uint32_t result) {
    if (!wasi_mem(c, result, 8)) return WASI_EFAULT;
    if (f->kind != WASI_FD_HOST) return WASI_ESPIPE;
    off_t at = lseek(f->host, offset, whence);
    return at < 0 ? host_error() : wasi_put_u64(c, result, (uint64_t)at);
}

wasi_errno wasi_fd_seek(struct wasi_call *c) {
    static const int whences[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    int64_t offset = c->args[1].i64;
    uint32_t whence = c->args[2].u32;
    bool tells = offset == 0 && whence == WASI_WHENCE_CUR;
    wasi_errno error;
    struct wasi_fd *f = stream(c, tells ? WASI_RIGHT_FD_TELL : WASI_RIGHT_FD_SEEK, &error);
    if (!f) return error;
    if (whence > WASI_WHENCE_END) return WASI_EINVAL;
    return seek(c, f, offset, whences[whence], c->args[3].u32);
}

wasi_errno wasi_fd_tell(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *f = stream(c, WASI_RIGHT_FD_TELL, &error);
    return f ? seek(c, f, 0, SEEK_CUR, c->args[1].u32) : error;
}

wasi_errno wasi_fd_advise(struct wasi_call *c) {
    static const int advices[WASI_ADVICE_COUNT] = {
        POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
        POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE,
    };
    wasi_errno error;
    struct wasi_fd *f = stream(c, WASI_RIGHT_FD_ADVISE, &error);
    if (!f) return error;
    uint64_t offset = c->args[1].u64, length = c->args[2].u64;
    uint32_t advice = c->args[3].u32;
    if (advice >= WASI_ADVICE_COUNT || refuse_offset(offset) || refuse_offset(length)) {
        return WASI_EINVAL;
    }
    if (f->kind != WASI_FD_HOST) return WASI_ESPIPE;
    if (f->in_view) return WASI_OK; /* advice may be ignored; behind the wall it must be */
    return wasi_errno_of(posix_fadvise(f->host, (off_t)offset, (off_t)length, advices[advice]));
}

wasi_errno wasi_fd_allocate(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *f = stream(c, WASI_RIGHT_FD_ALLOCATE, &error);
    if (!f) return error;
    uint64_t offset = c->args[1].u64, length = c->args[2].u64;
    if (length == 0 || refuse_offset(offset) || refuse_offset(length)) return WASI_EINVAL;
    if (f->kind != WASI_FD_HOST) return WASI_ESPIPE;
    return fallocate(f->host, 0, (off_t)offset, (off_t)length) == 0 ? WASI_OK : host_error();
}

/* ---- state --------------------------------------------------------------------------------- */

wasi_errno wasi_fd_close(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *f = wasi_fd_get(c->wasi, c->args[0].u32, 0, &error);
    if (!f) return error;
    wasi_fd_release(f);
    return WASI_OK;
}

/* `to` must be open: a guest cannot choose numbers freely. What was there is closed. */
wasi_errno wasi_fd_renumber(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *from = wasi_fd_get(c->wasi, c->args[0].u32, 0, &error);
    struct wasi_fd *to = from ? wasi_fd_get(c->wasi, c->args[1].u32, 0, &error) : NULL;
    if (!to) return error;
    if (from == to) return WASI_OK;
    wasi_fd_release(to);
    *to = *from;
    *from = (struct wasi_fd){.host = -1};
    return WASI_OK;
}

static wasi_errno sync_with(struct wasi_call *c, wasi_rights needed, int (*sync)(int)) {
    wasi_errno error;
    struct wasi_fd *f = stream(c, needed, &error);
    if (!f) return error;
    /* The view is read-only and standard streams are others': nothing of ours to write out, and a
     * worker behind its wall has no call for it. */
    if (f->kind != WASI_FD_HOST || f->in_view || f->borrowed) return WASI_OK;
    return sync(f->host) == 0 ? WASI_OK : host_error();
}

wasi_errno wasi_fd_datasync(struct wasi_call *c) {
    return sync_with(c, WASI_RIGHT_FD_DATASYNC, fdatasync);
}

wasi_errno wasi_fd_sync(struct wasi_call *c) {
    return sync_with(c, WASI_RIGHT_FD_SYNC, fsync);
}

wasi_errno wasi_fd_fdstat_get(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *f = stream(c, 0, &error);
    if (!f) return error;
    uint8_t *p = wasi_mem(c, c->args[1].u32, WASI_FDSTAT_SIZE);
    if (!p) return WASI_EFAULT;
    memset(p, 0, WASI_FDSTAT_SIZE);
    p[0] = (uint8_t)f->type;
    p[2] = (uint8_t)f->flags;
    gb_store_u64(p + 8, f->rights);
    gb_store_u64(p + 16, f->inheriting);
    return WASI_OK;
}

/* Linux changes O_APPEND and O_NONBLOCK of an open file, but not how it is written through. */
wasi_errno wasi_fd_fdstat_set_flags(struct wasi_call *c) {
    enum { SYNC = WASI_FDFLAG_DSYNC | WASI_FDFLAG_RSYNC | WASI_FDFLAG_SYNC };
    wasi_errno error;
    struct wasi_fd *f = stream(c, WASI_RIGHT_FD_FDSTAT_SET_FLAGS, &error);
    if (!f) return error;
    uint32_t flags = c->args[1].u32;
    if (flags & ~(uint32_t)WASI_FDFLAGS_ALL) return WASI_EINVAL;
    if ((flags ^ f->flags) & SYNC) return WASI_ENOTSUP;
    /* A standard stream is shared with other processes: its flags are kept here only. */
    if (f->kind == WASI_FD_HOST && f->host >= 0 && !f->borrowed && !f->in_view) {
        int host = (flags & WASI_FDFLAG_APPEND ? O_APPEND : 0) |
                   (flags & WASI_FDFLAG_NONBLOCK ? O_NONBLOCK : 0);
        if (fcntl(f->host, F_SETFL, host) != 0) return host_error();
    }
    f->flags = (uint16_t)flags;
    return WASI_OK;
}

wasi_errno wasi_fd_fdstat_set_rights(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *f = wasi_fd_get(c->wasi, c->args[0].u32, 0, &error);
    if (!f) return error;
    uint64_t base = c->args[1].u64, inheriting = c->args[2].u64;
    if (base & ~f->rights || inheriting & ~f->inheriting) return WASI_ENOTCAPABLE;
    f->rights = base;
    f->inheriting = inheriting;
    return WASI_OK;
}

wasi_errno wasi_fd_filestat_get(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *f = stream(c, WASI_RIGHT_FD_FILESTAT_GET, &error);
    if (!f) return error;
    error = wasi_fd_open_dir(c->wasi, f);
    if (error) return error;
    struct stat st = {0};
    if (f->kind == WASI_FD_HOST && wasi_fstat(f->host, &st) != 0) return host_error();
    return wasi_put_filestat(c, c->args[1].u32, &st);
}

wasi_errno wasi_fd_filestat_set_size(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *f = stream(c, WASI_RIGHT_FD_FILESTAT_SET_SIZE, &error);
    if (!f) return error;
    if (refuse_offset(c->args[1].u64)) return WASI_EINVAL;
    if (f->kind != WASI_FD_HOST) return WASI_EINVAL;
    return ftruncate(f->host, (off_t)c->args[1].u64) == 0 ? WASI_OK : host_error();
}

wasi_errno wasi_get_times(uint64_t atim, uint64_t mtim, uint32_t flags, struct timespec times[2]) {
    enum { BOTH_A = WASI_FST_ATIM | WASI_FST_ATIM_NOW, BOTH_M = WASI_FST_MTIM | WASI_FST_MTIM_NOW };
    if (flags & ~(uint32_t)WASI_FST_ALL) return WASI_EINVAL;
    if ((flags & BOTH_A) == BOTH_A || (flags & BOTH_M) == BOTH_M) return WASI_EINVAL;
    const uint64_t values[2] = {atim, mtim};
    const uint32_t set[2] = {WASI_FST_ATIM, WASI_FST_MTIM};
    const uint32_t now[2] = {WASI_FST_ATIM_NOW, WASI_FST_MTIM_NOW};
    for (int i = 0; i < 2; i++) {
        times[i] = (struct timespec){.tv_nsec = flags & now[i] ? UTIME_NOW : UTIME_OMIT};
        if (!(flags & set[i])) continue;
        times[i].tv_sec = (time_t)(values[i] / 1000000000u);
        times[i].tv_nsec = (long)(values[i] % 1000000000u);
    }
    return WASI_OK;
}

wasi_errno wasi_errno_of_answer(gb_answer answer) {
    return answer == GB_GRANTED ? WASI_OK : answer == GB_HIDDEN ? WASI_ENOENT : WASI_EACCES;
}

wasi_errno wasi_fd_may_write(gb_wasi *wasi, const struct wasi_fd *entry) {
    if (!entry->path) return entry->borrowed ? WASI_EPERM : WASI_OK;
    return wasi_errno_of_answer(
        gb_policy_ask(wasi->policy, GB_POWER_WRITE, entry->path, strlen(entry->path)));
}

wasi_errno wasi_fd_filestat_set_times(struct wasi_call *c) {
    wasi_errno error;
    struct wasi_fd *f = stream(c, WASI_RIGHT_FD_FILESTAT_SET_TIMES, &error);
    if (!f) return error;
    struct timespec times[2];
    error = wasi_get_times(c->args[1].u64, c->args[2].u64, c->args[3].u32, times);
    if (error) return error;
    /* It may have been opened for reading in a directory that must not be written. */
    error = wasi_fd_may_write(c->wasi, f);
    if (!error) error = wasi_fd_open_dir(c->wasi, f);
    if (error) return error;
    if (f->kind != WASI_FD_HOST) return WASI_EPERM;
    return futimens(f->host, times) == 0 ? WASI_OK : host_error();
}
