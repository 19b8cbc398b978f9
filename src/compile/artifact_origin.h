/* artifact_origin.h: what an artifact says of where it comes from, in its section `glovebox.origin`.
 *
 *   package=serde_derive        version=1.0.228      features=default        one a line
 *   compiler=rustc 1.96.0 (…)   toolchain=<id>       (toolchain.h)
 *   glovebox=0.1.0              recipe=<digits>      (recipe.h)
 *   settings=<digits>                                (gb_guest_settings; of units that may be kept)
 *
 * The section is the file's last: a macro crate can put sections of any name in front of it, none behind. */
#ifndef GB_COMPILE_ARTIFACT_ORIGIN_H
#define GB_COMPILE_ARTIFACT_ORIGIN_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/guest_compile.h"

/* Appends the section to the wasm in `bytes`; extra: more lines, or NULL. False: memory. */
bool gb_artifact_origin_add(const gb_unit *unit, const gb_toolchain *toolchain,
                            const gb_strings *extra, gb_buffer *bytes, gb_error *err);

/* Members that the artifact does not have are "". */
typedef struct gb_artifact_origin {
    char *compiler, *toolchain, *glovebox, *recipe, *features, *settings;
} gb_artifact_origin;
/* On failure *out is empty: GB_ERROR_IO, GB_ERROR_MALFORMED, GB_ERROR_MEMORY. */
bool gb_artifact_origin_read(const char *path, gb_artifact_origin *out, gb_error *err);
void gb_artifact_origin_free(gb_artifact_origin *origin);

#endif
