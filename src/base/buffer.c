#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gb_buffer_reserve(gb_buffer *b, size_t extra) {
    if (extra >= GB_BUFFER_MAX - b->length) return false;
    size_t needed = b->length + extra + 1; /* one more for the NUL behind text */
    if (needed <= b->capacity) return true;
    size_t capacity = b->capacity ? b->capacity : 64;
    while (capacity < needed) capacity *= 2;
    uint8_t *data = realloc(b->data, capacity);
    if (!data) return false;
    b->data = data;
    b->capacity = capacity;
    return true;
}

bool gb_buffer_append(gb_buffer *b, const void *bytes, size_t length) {
    if (!gb_buffer_reserve(b, length)) return false;
    if (length) memcpy(b->data + b->length, bytes, length);
    b->length += length;
    b->data[b->length] = 0;
    return true;
}

bool gb_buffer_append_text(gb_buffer *b, const char *text) {
    return gb_buffer_append(b, text, strlen(text));
}

bool gb_buffer_append_format(gb_buffer *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int needed = vsnprintf(NULL, 0, format, args);
    va_end(args);
    bool ok = needed >= 0 && gb_buffer_reserve(b, (size_t)needed);
    if (ok) {
        vsnprintf((char *)b->data + b->length, (size_t)needed + 1, format, again);
        b->length += (size_t)needed;
    }
    va_end(again);
    return ok;
}

bool gb_buffer_append_u32(gb_buffer *b, uint32_t value) {
    uint8_t bytes[4];
    gb_store_u32(bytes, value);
    return gb_buffer_append(b, bytes, sizeof bytes);
}

const char *gb_buffer_text(const gb_buffer *b) {
    return b->data ? (const char *)b->data : "";
}

void gb_buffer_clear(gb_buffer *b) {
    b->length = 0;
    if (b->data) b->data[0] = 0;
}

void gb_buffer_free(gb_buffer *b) {
    free(b->data);
    *b = (gb_buffer){0};
}
