/* bytes.h: linear memory and v128 lanes in little-endian order on any host, as plain loads where the host
 * is little-endian itself. */
#ifndef GB_ENGINE_BYTES_H
#define GB_ENGINE_BYTES_H

#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define GB_LE16(v) __builtin_bswap16(v)
#define GB_LE32(v) __builtin_bswap32(v)
#define GB_LE64(v) __builtin_bswap64(v)
#else
#define GB_LE16(v) (v)
#define GB_LE32(v) (v)
#define GB_LE64(v) (v)
#endif

static inline uint8_t gb_get8(const void *p) { return *(const uint8_t *)p; }
static inline uint16_t gb_get16(const void *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return GB_LE16(v);
}
static inline uint32_t gb_get32(const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return GB_LE32(v);
}
static inline uint64_t gb_get64(const void *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return GB_LE64(v);
}
static inline void gb_put8(void *p, uint8_t v) { *(uint8_t *)p = v; }
static inline void gb_put16(void *p, uint16_t v) {
    v = GB_LE16(v);
    memcpy(p, &v, sizeof v);
}
static inline void gb_put32(void *p, uint32_t v) {
    v = GB_LE32(v);
    memcpy(p, &v, sizeof v);
}
static inline void gb_put64(void *p, uint64_t v) {
    v = GB_LE64(v);
    memcpy(p, &v, sizeof v);
}

static inline float gb_f32_from(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}
static inline uint32_t gb_f32_bits(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}
static inline double gb_f64_from(uint64_t bits) {
    double f;
    memcpy(&f, &bits, sizeof f);
    return f;
}
static inline uint64_t gb_f64_bits(double f) {
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

#endif
