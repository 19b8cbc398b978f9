/* credulous.c: a worker that takes every function for valid, and runs kept machine code without a look at
 * what it was made from. In the place of two functions (-Wl,--wrap). */
#include "engine/validate.h"
#include "engine/x64/x64_keep.h"

bool __real_gb_module_validate_body(gb_module *m, uint32_t function, gb_error *err);
bool __wrap_gb_module_validate_body(gb_module *m, uint32_t function, gb_error *err);
bool __real_gb_x64_keep_check(const gb_x64_kept *kept, gb_module *m, uint32_t function);
bool __wrap_gb_x64_keep_check(const gb_x64_kept *kept, gb_module *m, uint32_t function);

bool __wrap_gb_module_validate_body(gb_module *m, uint32_t function, gb_error *err) {
    (void)__real_gb_module_validate_body(m, function, err);
    return true;
}

bool __wrap_gb_x64_keep_check(const gb_x64_kept *kept, gb_module *m, uint32_t function) {
    (void)__real_gb_x64_keep_check(kept, m, function);
    return true;
}
