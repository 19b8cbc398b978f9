#include "base/build_id.h"

#include "build_id.inc"

_Static_assert(sizeof GB_BUILD_ID <= GB_BUILD_ID_MOST + 1, "it fits a greeting");

const char *gb_build_id(void) {
    return GB_BUILD_ID;
}
