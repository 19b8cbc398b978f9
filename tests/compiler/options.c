/* Linked into a test program, lets the environment choose how the compiler compiles:
 *     GB_X64_SET=BITS GB_X64_WITHOUT=BITS      bits of x64_code.h, as in gb_x64_test_options */
#include <stdlib.h>

#include "engine/x64/x64.h"

static uint32_t bits(const char *name) {
    const char *text = getenv(name);
    return text ? (uint32_t)strtoul(text, NULL, 0) : 0;
}

__attribute__((constructor)) static void choose(void) {
    gb_x64_test_options(bits("GB_X64_SET"), bits("GB_X64_WITHOUT"));
}
