/* guest_link.h: after a macro crate was not linked: what the linker's complaint means. */
#ifndef GB_COMPILE_GUEST_LINK_H
#define GB_COMPILE_GUEST_LINK_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/guest_compile.h"

/* What went wrong while linking, gathered from rustc's messages. Zero-initialise to start. */
typedef struct gb_link_failure {
    bool failed; /* rustc said that linking failed */
    gb_strings
        functions; /* native functions that nothing defines, with the crates that call them */
    gb_strings libraries; /* native libraries that were not found */
    gb_strings objects;   /* object files that are not WebAssembly */
} gb_link_failure;

/* Looks at one line of rustc's standard error. False: memory. */
bool gb_link_failure_note(gb_link_failure *link, const char *line);
/* True when linking failed for a reason known here: then the explanation says it all. */
bool gb_link_failure_known(const gb_link_failure *link);
/* What an explanation starts with. */
#define GB_LINK_EXPLAINED "macro crate "
/* Appends the message (a JSON line or plain text, as the unit's messages are), without newline.
 * Appends nothing when it was not the linking that failed, or not for a reason known here. False:
 * memory. */
bool gb_link_failure_explain(const gb_link_failure *link, const gb_unit *unit, gb_buffer *out);
void gb_link_failure_free(gb_link_failure *link);

#endif
