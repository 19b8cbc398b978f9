/* reader.h: bytes of a module read in order, each checked before it is touched.
 *
 * A function returns false when the bytes are malformed; `why` then says how, in the official suite's
 * words, and `at` stays at the item that failed. LEB128 as spec 5.2.2: at most ceil(bits/7) bytes,
 * unused bits of the last byte zero or the sign. */
#ifndef GB_ENGINE_READER_H
#define GB_ENGINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gb_reader {
    const uint8_t *at;
    const uint8_t *end;
    const char *why;
} gb_reader;

bool gb_read_u32_slow(gb_reader *r, uint32_t *value);
bool gb_read_i32_slow(gb_reader *r, int32_t *value);
bool gb_read_i64(gb_reader *r, int64_t *value);
bool gb_read_i33(gb_reader *r, int64_t *value);

static inline size_t gb_reader_left(const gb_reader *r) { return (size_t)(r->end - r->at); }

static inline bool gb_read_u8(gb_reader *r, uint8_t *value) {
    if (r->at == r->end) {
        r->why = "unexpected end";
        return false;
    }
    *value = *r->at++;
    return true;
}
static inline bool gb_read_u32(gb_reader *r, uint32_t *value) {
    if (r->at != r->end && *r->at < 0x80) {
        *value = *r->at++;
        return true;
    }
    return gb_read_u32_slow(r, value);
}
static inline bool gb_read_i32(gb_reader *r, int32_t *value) {
    if (r->at != r->end && *r->at < 0x80) {
        *value = (int32_t)((uint32_t)*r->at++ << 25) >> 25;
        return true;
    }
    return gb_read_i32_slow(r, value);
}
static inline bool gb_read_bytes(gb_reader *r, size_t length, const uint8_t **bytes) {
    if (length > gb_reader_left(r)) {
        r->why = "unexpected end";
        return false;
    }
    *bytes = r->at;
    r->at += length;
    return true;
}
/* A vector of names' bytes: length, then UTF-8, which is checked. */
bool gb_read_name(gb_reader *r, const uint8_t **bytes, uint32_t *length);

#endif
