/* failure.h: what the user reads when a limit ended an expansion: which limit it was, and the lines of the
 * manifest that set it. */
#ifndef GB_WORKER_FAILURE_H
#define GB_WORKER_FAILURE_H

#include "base/buffer.h"
#include "glovebox.h"
#include "policy/grants.h"
#include "worker/options.h"
#include "worker/watch.h"

/* Where each limit came from when not from a manifest: asked before the environment is forgotten. */
typedef struct gb_limit_sources {
    bool time, memory; /* GLOVEBOX_TIME_LIMIT, GLOVEBOX_MEMORY_LIMIT are set */
} gb_limit_sources;
gb_limit_sources gb_limit_sources_find(void);

/* Appends error->message, in which a limit is named, and how to set that. `passed` is what the watch said.
 * False: memory; then *out holds the part that found room. */
bool gb_failure_text(const glovebox_error *error, gb_watch_passed passed, const gb_worker_options *options,
                     const gb_grants *grants, gb_limit_sources sources, gb_buffer *out);

#endif
