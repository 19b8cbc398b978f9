/* stats.h: what a worker did, kept where it can be read after the worker was killed.
 *
 * Where GLOVEBOX_SESSION names a folder, each worker maps one file there, `worker-PID-N.stats`, before
 * it confines itself, and keeps the counters in it up to date; nothing is written at the end. Whoever
 * set the variable sums the files up when the build is over (gb_stats_read_dir).
 *
 *   +--------------------------+ 0
 *   | gb_stats_header, 512 B   |
 *   +--------------------------+ 512
 *   | gb_stats_macro, 192 B    |  one for each macro of the crate, in the order of its records;
 *   | … GB_STATS_MACROS        |  what is over is counted in the last
 *   +--------------------------+
 *
 * The file has its full size from the start and holes where nothing was counted. Numbers are in the
 * byte order of the machine: writer and reader are one build on one host. Texts are UTF-8, cut to
 * their field, NUL-terminated.
 *
 * An expansion counts as failed until it has ended well, so one that was cut short by a kill is a failure. */
#ifndef GB_MACROS_STATS_H
#define GB_MACROS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GB_STATS_MAGIC UINT64_C(0x3153544154534247) /* "GBSTATS1" */
enum { GB_STATS_VERSION = 1, GB_STATS_MACROS = 256 };

typedef struct gb_stats_header {
    uint64_t magic;
    uint32_t version;
    uint32_t macro_count;      /* records in use; 0 until the artifact was loaded */
    uint32_t pid;
    uint32_t reserved;
    uint64_t memory_peak;      /* bytes of linear memory, the most at once */
    uint64_t load_nanoseconds; /* from the start of the worker until it was ready */
    uint64_t instances;        /* made: 1, and 1 more after each trap */
    char package[128];         /* crate, e.g. "serde_derive" */
    char package_version[64];
    char for_package[128];     /* CARGO_PKG_NAME of the crate being compiled, or "" */
    uint8_t reserved_bytes[144];
} gb_stats_header;

typedef struct gb_stats_macro {
    uint64_t expansions;
    uint64_t tokens_in;  /* trees, groups and what is in them: what the compiler handed over */
    uint64_t tokens_out; /* the same of the output, streams handed back untouched included */
    uint64_t nanoseconds; /* from request to reply, questions to the compiler left out */
    uint64_t failures;   /* panics, traps, limits, malformed replies */
    uint64_t refusals;   /* distinct requests that the policy refused */
    uint32_t kind;       /* enum glovebox_macro_kind: 0 derive, 1 attribute, 2 function */
    uint32_t reserved;
    char name[128];
    uint64_t padding;
} gb_stats_macro;

typedef struct gb_stats {
    gb_stats_header header;
    gb_stats_macro macros[GB_STATS_MACROS];
} gb_stats;

_Static_assert(sizeof(gb_stats_header) == 512, "the layout is fixed");
_Static_assert(sizeof(gb_stats_macro) == 192, "the layout is fixed");

/* Makes and maps the file. NULL: GB_ERROR_IO names it. Stays mapped for the life of the process. */
gb_stats *gb_stats_create(const char *dir, const char *package, const char *version,
                          gb_error *err);
/* A copy of one file. GB_ERROR_INVALID when it is not such a file; the numbers may be any, but texts
 * are terminated, reserved fields are zero and macro_count is at most GB_STATS_MACROS. */
bool gb_stats_read(const char *path, gb_stats *out, gb_error *err);
/* Calls `each` for every readable file in the folder, in the order of names, until it returns false.
 * False: the folder could not be read, or `each` said so. Files that are no statistics are passed over. */
bool gb_stats_read_dir(const char *dir, bool (*each)(void *env, const gb_stats *stats, gb_error *err),
                       void *env, gb_error *err);
/* Copies text into a field of `size` bytes, cut at a character. */
void gb_stats_text(char *field, size_t size, const char *text);

#endif
