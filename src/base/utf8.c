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

size_t gb_utf8_shown(const void *bytes, size_t length) {
    const uint8_t *p = bytes;
    size_t step = character(p, p + length);
    if (step == 0) return 0;
    uint32_t code = step == 1 ? p[0] : p[0] & (0x7fu >> step);
    for (size_t i = 1; i < step; i++) code = code << 6 | (p[i] & 0x3fu);
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
    bool turns = code == 0x61c || (code >= 0x202a && code <= 0x202e);
    /* joiners, marks of direction, invisible operators, the byte-order mark, tags */
    bool invisible = code == 0xad || (code >= 0x200b && code <= 0x200f) ||
                     (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
                     (code >= 0xe0000 && code <= 0xe0fff);
    return control || turns || invisible ? 0 : step;
}

void gb_utf8_make_shown(char *text) {
    size_t length = strlen(text), to = 0;
    for (size_t at = 0; at < length;) {
        const uint8_t *p = (const uint8_t *)text + at;
        size_t step = gb_utf8_shown(p, length - at);
        if (step) {
            memmove(text + to, p, step);
            to += step;
            at += step;
        } else {
            size_t whole = character(p, (const uint8_t *)text + length);
            text[to++] = '?';
            at += whole ? whole : 1;
        }
    }
    text[to] = '\0';
}
