/* Any bytes: they decode and validate, or not; a module that is valid translates, every function, with and
 * without fuel. */
#include <stdlib.h>

#include "engine/icode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    gb_error err = {0};
    gb_module *m = gb_module_decode(data, size, true, &err);
    if (!m) {
        if (err.kind != GB_ERROR_MALFORMED && err.kind != GB_ERROR_INVALID) abort();
        return 0;
    }
    for (uint32_t i = m->imported[GB_EXTERN_FUNC]; i < m->function_count; i++) {
        char name[64];
        gb_module_function_name(m, i, name, sizeof name);
        for (int fuel = 0; fuel < 2; fuel++) {
            gb_icode *code = gb_translate(m, i, fuel != 0);
            if (!code) abort();
            free(code);
        }
    }
    gb_module_release(m);
    return 0;
}
