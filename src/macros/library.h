/* library.h: what the worker may say to glovebox_open beyond the public options: things that it had
 * to prepare before it put up the kernel's wall around itself. */
#ifndef GB_MACROS_LIBRARY_H
#define GB_MACROS_LIBRARY_H

#include "base/error.h"
#include "glovebox.h"
#include "policy/policy.h"

struct gb_broker;

typedef struct gb_library_host {
    gb_policy *policy;        /* borrowed; NULL: one is made from options->environment */
    struct gb_broker *broker; /* borrowed; opens files for us; NULL: we open them ourselves */
    const char *directory;    /* copied; the compiler's current one; NULL: ours */
    bool borrow;              /* the artifact's bytes stay where they are as long as the library: not copied */
    struct gb_review *review; /* borrowed; sees what is generated (tokens/review.h); NULL: one is made */
} gb_library_host;

/* glovebox_open with all of that. `host` may be NULL. */
glovebox_library *gb_library_open(const void *bytes, size_t length, const glovebox_options *options,
                                  const gb_library_host *host, glovebox_error *error);

#endif
