/* build_script.h: the variables that a crate's own build script set for it.
 *
 * `cargo::rustc-env=NAME=VALUE` makes Cargo start that crate's rustc with NAME, and natively its
 * macros see it. Such a variable cannot be told by its name from one of the user's; but Cargo keeps
 * what the build script printed, beside OUT_DIR. A variable is the build script's when its output
 * names it with the very value that rustc has: a value that the build script does not know is not
 * given away. */
#ifndef GB_POLICY_BUILD_SCRIPT_H
#define GB_POLICY_BUILD_SCRIPT_H

#include "base/error.h"
#include "policy/policy.h"

/* Grants those of `environment` ("NAME=VALUE", NULL-terminated) that `output`, what the build
 * script printed, set; none that can carry a credential (gb_env_is_secret). False: GB_ERROR_MEMORY.
 */
bool gb_policy_grant_build_script(gb_policy *policy, const char *output, size_t length,
                                  const char *const *environment, gb_error *err);

/* The same, of the output that Cargo kept for the OUT_DIR of `environment`. Without one, or when it
 * cannot be read, nothing is granted. */
bool gb_policy_grant_kept_build_script(gb_policy *policy, const char *const *environment,
                                       gb_error *err);

#endif
