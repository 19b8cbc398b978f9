/* Preopens, and the entries of a directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "wasi/internal.h"

static wasi_errno preopen(struct wasi_call *c, const char **name) {
    wasi_errno error;
    struct wasi_fd *f = wasi_fd_get(c->wasi, c->args[0].u32, 0, &error);
    if (!f) return error;
    *name = f->preopen;
    /* libc counts up until EBADF: the end of the preopens. */
    return f->preopen ? WASI_OK : WASI_EBADF;
}

wasi_errno wasi_fd_prestat_get(struct wasi_call *c) {
    const char *name = NULL;
    wasi_errno error = preopen(c, &name);
    if (error) return error;
    uint8_t *p = wasi_mem(c, c->args[1].u32, WASI_PRESTAT_SIZE);
    if (!p) return WASI_EFAULT;
    gb_store_u32(p, 0);
    gb_store_u32(p + 4, (uint32_t)strlen(name));
    return WASI_OK;
}

wasi_errno wasi_fd_prestat_dir_name(struct wasi_call *c) {
    const char *name = NULL;
    wasi_errno error = preopen(c, &name);
    if (error) return error;
    size_t length = strlen(name);
    if (c->args[2].u32 < length) return WASI_ENAMETOOLONG;
    uint8_t *p = wasi_mem(c, c->args[1].u32, length);
    if (!p) return WASI_EFAULT;
    memcpy(p, name, length);
    return WASI_OK;
}

/* ---- fd_readdir ---------------------------------------------------------------------------- */

static wasi_filetype filetype_of_entry(const struct wasi_fd *f, const struct dirent64 *d) {
    switch (d->d_type) {
    case DT_REG: return WASI_FILETYPE_REGULAR_FILE;
    case DT_DIR: return WASI_FILETYPE_DIRECTORY;
    case DT_LNK: return WASI_FILETYPE_SYMBOLIC_LINK;
    case DT_CHR: return WASI_FILETYPE_CHARACTER_DEVICE;
    case DT_BLK: return WASI_FILETYPE_BLOCK_DEVICE;
    case DT_SOCK: return WASI_FILETYPE_SOCKET_STREAM;
    case DT_UNKNOWN: {
        struct stat st; /* a file system that does not keep types with names */
        bool known = fstatat(f->host, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
        return known ? wasi_filetype_of(st.st_mode) : WASI_FILETYPE_UNKNOWN;
    }
    default: return WASI_FILETYPE_UNKNOWN;
    }
}

/* What the policy hides is not listed either. */
static bool is_hidden(const gb_wasi *wasi, const struct wasi_fd *f, const struct dirent64 *d) {
    const char *name = d->d_name;
    if (!f->in_view || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return false;
    gb_buffer path = {0};
    size_t root;
    bool built = gb_path_normalize(&path, f->path, name, strlen(name));
    gb_path_place place = gb_policy_place(wasi->policy, gb_buffer_text(&path), path.length, &root);
    gb_buffer_free(&path);
    if (!built) return true;
    if (place == GB_PATH_WAY) return filetype_of_entry(f, d) != WASI_FILETYPE_DIRECTORY;
    return place != GB_PATH_INSIDE && place != GB_PATH_ROOT;
}

/* Room in guest memory that is being filled. */
struct room {
    uint8_t *to;
    uint32_t size, used;
};

/* Copies as much as fits: a cut entry at the end tells the guest that there are more. */
static void put(struct room *r, const void *bytes, size_t length) {
    uint32_t left = r->size - r->used;
    uint32_t n = length < left ? (uint32_t)length : left;
    if (n) memcpy(r->to + r->used, bytes, n);
    r->used += n;
}

static void put_entry(struct room *r, const struct wasi_fd *f, const struct dirent64 *d) {
    uint8_t head[WASI_DIRENT_SIZE] = {0};
    size_t length = strlen(d->d_name);
    gb_store_u64(head, (uint64_t)d->d_off);
    gb_store_u64(head + 8, d->d_ino);
    gb_store_u32(head + 16, (uint32_t)length);
    head[20] = (uint8_t)filetype_of_entry(f, d);
    put(r, head, sizeof head);
    put(r, d->d_name, length);
}

/* A cookie is the kernel's own position behind an entry, so that it holds whatever happens to the
 * directory meanwhile; 0 is the start. A made-up one gives made-up entries of this directory. */
static wasi_errno list(const gb_wasi *wasi, const struct wasi_fd *f, uint64_t cookie,
                       struct room *r) {
    _Alignas(struct dirent64) char block[8192];
    if (cookie > (uint64_t)INT64_MAX) return WASI_EINVAL;
    if (lseek(f->host, (off_t)cookie, SEEK_SET) < 0) return wasi_errno_of(errno);
    while (r->used < r->size) {
        ssize_t n = getdents64(f->host, block, sizeof block);
        if (n < 0) return wasi_errno_of(errno);
        if (n == 0) break;
        for (ssize_t at = 0; at < n && r->used < r->size;) {
            const struct dirent64 *d = (const void *)(block + at);
            if (!is_hidden(wasi, f, d)) put_entry(r, f, d);
            at += d->d_reclen;
        }
    }
    return WASI_OK;
}

static wasi_errno ask_to_list(gb_wasi *wasi, struct wasi_fd *f) {
    if (!f->list_asked) {
        gb_answer answer = gb_policy_ask(wasi->policy, GB_POWER_LIST, f->path, strlen(f->path));
        if (answer != GB_GRANTED) return wasi_errno_of_answer(answer);
        f->list_asked = true;
    }
    return wasi_fd_open_dir(wasi, f);
}

wasi_errno wasi_fd_readdir(struct wasi_call *c) {
    const gb_value *a = c->args;
    wasi_errno error;
    struct wasi_fd *f = wasi_fd_get(c->wasi, a[0].u32, WASI_RIGHT_FD_READDIR, &error);
    if (!f) return error;
    if (f->type != WASI_FILETYPE_DIRECTORY) return WASI_ENOTDIR;
    struct room r = {.to = wasi_mem(c, a[1].u32, a[2].u32), .size = a[2].u32};
    if (!r.to || !wasi_mem(c, a[4].u32, 4)) return WASI_EFAULT;
    error = ask_to_list(c->wasi, f);
    if (!error) error = list(c->wasi, f, a[3].u64, &r);
    return error ? error : wasi_put_u32(c, a[4].u32, r.used);
}
