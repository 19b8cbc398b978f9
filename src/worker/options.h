/* options.h: the worker's command line. Its one user is the shim.
 *
 *   glovebox-worker --artifact=FILE --digest=HEX --package=NAME --version=TEXT
 *                   [--time-limit=MS] [--total-time-limit=MS] [--memory-limit=BYTES] [--stack-limit=BYTES] [--fuel=N]
 *                   [--kernel-wall=off|on|require] [--policy=FILE] [--needs=TEXT] [--native]
 *
 * Later words win over earlier ones: what the workspace set stands behind the defaults. */
#ifndef GB_WORKER_OPTIONS_H
#define GB_WORKER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum gb_wall { GB_WALL_OFF, GB_WALL_ON, GB_WALL_REQUIRE } gb_wall;

typedef struct gb_worker_options {
    const char *artifact;
    const char *digest;   /* 64 hexadecimal digits: gb_digest of the file */
    const char *package, *version;
    uint32_t time_limit_ms; /* of one expansion [60,000]; 0: none */
    uint32_t total_time_limit_ms; /* of all expansions of this worker together; 0: none [none] */
    uint64_t memory_limit;  /* of the instance, so of one expansion and of all together [4 GiB] */
    uint64_t stack_limit;   /* [the engine's default] */
    uint64_t fuel;          /* [not counted] */
    gb_wall wall;           /* [off] */
    bool native;            /* the artifact is a library of machine code (macros/native.h) */
    const char *policy;     /* what the workspace grants (policy/grants.h) [nothing] */
    const char *needs;      /* what the package says that it needs, to be shown [NULL] */
} gb_worker_options;

enum { GB_TIME_LIMIT_MS = 60000 };

/* Strings point into argv. GB_ERROR_USAGE names the word. */
bool gb_worker_options_parse(int argc, char *const *argv, gb_worker_options *out, gb_error *err);

#endif
