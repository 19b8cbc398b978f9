#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Length of the well-formed character at p (end > p), or 0. Unicode 15, table 3-7. */
static size_t character(const uint8_t *p, const uint8_t *end) {
    uint8_t low = 0x80, high = 0xbf;
    size_t length;
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xc2) return 0;
    if (p[0] < 0xe0) {
        length = 2;
    } else if (p[0] < 0xf0) {
        length = 3;
        if (p[0] == 0xe0) low = 0xa0;
        if (p[0] == 0xed) high = 0x9f;
    } else if (p[0] < 0xf5) {
        length = 4;
        if (p[0] == 0xf0) low = 0x90;
        if (p[0] == 0xf4) high = 0x8f;
    } else {
        return 0;
    }
    if ((size_t)(end - p) < length || p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
    }
    return length;
}

bool gb_utf8_valid(const void *bytes, size_t length) {
    if (length == 0) return true;
    const uint8_t *p = bytes, *end = p + length;
    while (p < end) {
        while (end - p >= 8) { /* source text is nearly all ASCII */
            uint64_t eight;
            memcpy(&eight, p, 8);
            if (eight & UINT64_C(0x8080808080808080)) break;
            p += 8;
        }
        if (p == end) break;
        size_t step = character(p, end);
        if (!step) return false;
        p += step;
    }
    return true;
}
