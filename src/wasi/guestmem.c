#include <limits.h>
#include <string.h>

#include "base/buffer.h"
#include "wasi/internal.h"

wasi_errno wasi_put_u32(const struct wasi_call *c, uint32_t address, uint32_t value) {
    uint8_t *p = wasi_mem(c, address, 4);
    if (!p) return WASI_EFAULT;
    gb_store_u32(p, value);
    return WASI_OK;
}

wasi_errno wasi_put_u64(const struct wasi_call *c, uint32_t address, uint64_t value) {
    uint8_t *p = wasi_mem(c, address, 8);
    if (!p) return WASI_EFAULT;
    gb_store_u64(p, value);
    return WASI_OK;
}

wasi_errno wasi_get_path(const struct wasi_call *c, uint32_t address, uint32_t length,
                         char out[PATH_MAX]) {
    const uint8_t *p = wasi_mem(c, address, length);
    if (!p) return WASI_EFAULT;
    if (length >= PATH_MAX) return WASI_ENAMETOOLONG;
    if (length && memchr(p, 0, length)) return WASI_EINVAL;
    if (length) memcpy(out, p, length);
    out[length] = 0;
    return WASI_OK;
}

wasi_errno wasi_get_iovecs(const struct wasi_call *c, uint32_t address, uint32_t count,
                           struct wasi_iovecs *out) {
    /* The list is copied before any buffer is touched: they may overlap. */
    const uint8_t *list = wasi_mem(c, address, (uint64_t)count * WASI_IOVEC_SIZE);
    if (!list) return WASI_EFAULT;
    out->count = 0;
    out->total = 0;
    for (uint32_t i = 0; i < count && out->count < WASI_IOVECS; i++) {
        uint32_t at = gb_load_u32(list + i * WASI_IOVEC_SIZE);
        uint32_t length = gb_load_u32(list + i * WASI_IOVEC_SIZE + 4);
        uint8_t *buffer = wasi_mem(c, at, length);
        if (!buffer) return WASI_EFAULT;
        size_t room = (size_t)INT32_MAX - out->total;
        size_t n = length < room ? length : room;
        if (n == 0) continue;
        out->v[out->count++] = (struct iovec){.iov_base = buffer, .iov_len = n};
        out->total += n;
    }
    return WASI_OK;
}

static uint64_t nanoseconds(struct timespec t) {
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

wasi_errno wasi_put_filestat(const struct wasi_call *c, uint32_t address, const struct stat *st) {
    uint8_t *p = wasi_mem(c, address, WASI_FILESTAT_SIZE);
    if (!p) return WASI_EFAULT;
    memset(p, 0, WASI_FILESTAT_SIZE);
    gb_store_u64(p, st->st_dev);
    gb_store_u64(p + 8, st->st_ino);
    p[16] = (uint8_t)wasi_filetype_of(st->st_mode);
    gb_store_u64(p + 24, st->st_nlink);
    gb_store_u64(p + 32, (uint64_t)st->st_size);
    gb_store_u64(p + 40, nanoseconds(st->st_atim));
    gb_store_u64(p + 48, nanoseconds(st->st_mtim));
    gb_store_u64(p + 56, nanoseconds(st->st_ctim));
    return WASI_OK;
}
