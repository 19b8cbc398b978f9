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
#include <string.h>

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
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define GB_WIRE_ORDER(bits, v) (v)
#else
#define GB_WIRE_ORDER(bits, v) __builtin_bswap##bits(v)
#endif
#define GB_WIRE(bits)                                                                              \
    static inline uint##bits##_t gb_load_u##bits(const void *p) {                                  \
        uint##bits##_t v;                                                                          \
        memcpy(&v, p, sizeof v);                                                                   \
        return GB_WIRE_ORDER(bits, v);                                                             \
    }                                                                                              \
    static inline void gb_store_u##bits(void *p, uint##bits##_t v) {                               \
        v = GB_WIRE_ORDER(bits, v);                                                                \
        memcpy(p, &v, sizeof v);                                                                   \
    }
GB_WIRE(16)
GB_WIRE(32)
GB_WIRE(64)
#undef GB_WIRE
#undef GB_WIRE_ORDER

#endif
