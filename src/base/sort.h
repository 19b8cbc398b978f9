/* sort.h: sorting in place, without memory or system calls of its own.
 *
 * libc's qsort asks the kernel how much memory there is, and allocates: the wall around a worker
 * (worker/confine.h) ends a process that does the one. Heapsort: no order of the input, which may be a
 * stranger's, makes it slow. Not stable. */
#ifndef GB_BASE_SORT_H
#define GB_BASE_SORT_H

#include <stddef.h>

/* As qsort. Elements must not be compared as equal where their order matters. */
void gb_sort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
