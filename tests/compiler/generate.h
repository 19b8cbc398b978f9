/* generate.h: random valid modules for comparing tiers. Every instruction of the opcode table may occur; what is
 * computed is the same everywhere: NaNs are made canonical where their bits could be seen, loops and recursion are
 * bounded by a counter. */
#ifndef GB_TESTS_GENERATE_H
#define GB_TESTS_GENERATE_H

#include <stdint.h>

#include "base/buffer.h"

enum {
    GENERATE_SIMD = 1,
    GENERATE_EXCEPTIONS = 2, /* try_table and its kin */
    GENERATE_ALL = 3,
};

/* The module's bytes, the same for the same seed; to be freed with gb_buffer_free. */
gb_buffer generate_module(uint64_t seed, unsigned features);

#endif
