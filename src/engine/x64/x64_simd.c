#include "engine/x64/x64_lower.h"

void x64_simd(x64_compiler *c, uint32_t code) {
    (void)code;
    c->failed = true;
}
