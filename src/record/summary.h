/* summary.h: what the macros of a build did, summed up over its workers, and what ran without a
 * sandbox. */
#ifndef GB_RECORD_SUMMARY_H
#define GB_RECORD_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct gb_summary_row {
    char package[128];
    char version[64];
    char name[128];
    uint32_t kind; /* 0 derive, 1 attribute, 2 function */
    uint64_t expansions, tokens_in, tokens_out, nanoseconds, failures, refusals;
    bool native; /* as machine code, behind the kernel's wall alone */
} gb_summary_row;

typedef struct gb_summary {
    gb_summary_row *rows; /* by package, version, name; only macros that were used */
    size_t count;
    uint64_t expansions, tokens_in, tokens_out, nanoseconds, failures, refusals;
    struct {
        uint64_t macros, expansions;
    } native; /* of these */
    uint64_t workers;
    uint64_t build_scripts; /* that ran natively in this session */
} gb_summary;

/* folder: the session's, with the workers' statistics. policy: the manifest's (manifest_policy.h), which says
 * what ran natively; NULL: nothing did. build_root: where build scripts leave their time stamps; those
 * since `started` (nanoseconds) count. */
bool gb_summary_read(const char *folder, const char *policy, const char *build_root, int64_t started,
                     gb_summary *summary, gb_error *err);
void gb_summary_free(gb_summary *summary);

/* One object; numbers as JSON numbers. False: memory. */
bool gb_summary_json(const gb_summary *summary, gb_buffer *out);

#endif
