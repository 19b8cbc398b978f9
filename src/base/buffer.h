/* buffer.h: a growable run of bytes, also used to build text.
 *
 * Invariant: `data` is NULL or holds `capacity` bytes, of which `length` are in use; after any
 * function here that appends text, data[length] is NUL (not counted). Zero-initialise to start;
 * gb_buffer_free returns it to that state. Appending reports failure (out of memory, or over
 * GB_BUFFER_MAX bytes) by returning false and leaves the contents as they were. */
#ifndef GB_BASE_BUFFER_H
#define GB_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GB_BUFFER_MAX ((size_t)1 << 30)

typedef struct gb_buffer {
    uint8_t *data;
    size_t length;
    size_t capacity;
} gb_buffer;

bool gb_buffer_reserve(gb_buffer *b, size_t extra);
bool gb_buffer_append(gb_buffer *b, const void *bytes, size_t length);
bool gb_buffer_append_text(gb_buffer *b, const char *text);
bool gb_buffer_append_format(gb_buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool gb_buffer_append_u32(gb_buffer *b, uint32_t value); /* little-endian */
/* The contents as a NUL-terminated string; "" while nothing was appended. Owned by the buffer. */
const char *gb_buffer_text(const gb_buffer *b);
void gb_buffer_clear(gb_buffer *b);
void gb_buffer_free(gb_buffer *b);

/* Loads and stores in wire (little-endian) order, at any alignment. */
static inline uint16_t gb_load_u16(const void *p) {
    const uint8_t *b = p;
    return (uint16_t)(b[0] | (unsigned)b[1] << 8);
}
static inline uint32_t gb_load_u32(const void *p) {
    const uint8_t *b = p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
static inline uint64_t gb_load_u64(const void *p) {
    const uint8_t *b = p;
    return (uint64_t)gb_load_u32(b) | (uint64_t)gb_load_u32(b + 4) << 32;
}
static inline void gb_store_u32(void *p, uint32_t v) {
    uint8_t *b = p;
    b[0] = (uint8_t)v;
    b[1] = (uint8_t)(v >> 8);
    b[2] = (uint8_t)(v >> 16);
    b[3] = (uint8_t)(v >> 24);
}
static inline void gb_store_u64(void *p, uint64_t v) {
    gb_store_u32(p, (uint32_t)v);
    gb_store_u32((uint8_t *)p + 4, (uint32_t)(v >> 32));
}

#endif
