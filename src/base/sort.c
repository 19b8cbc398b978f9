#include "base/sort.h"

#include <stdint.h>

static void swap(uint8_t *a, uint8_t *b, size_t size) {
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

/* Lets the element at `at` sink to its place in the heap of `count` elements. */
static void sink(uint8_t *base, size_t at, size_t count, size_t size,
                 int (*compare)(const void *, const void *)) {
    for (size_t child; at < count / 2; at = child) {
        child = 2 * at + 1;
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0) child++;
        if (compare(base + at * size, base + child * size) >= 0) return;
        swap(base + at * size, base + child * size, size);
    }
}

void gb_sort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    uint8_t *bytes = base;
    for (size_t i = count / 2; i-- > 0;) sink(bytes, i, count, size, compare);
    for (size_t end = count; end-- > 1;) {
        swap(bytes, bytes + end * size, size);
        sink(bytes, 0, end, size, compare);
    }
}
