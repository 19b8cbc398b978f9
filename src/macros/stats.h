/* stats.h: what a worker did, kept where it can be read after the worker was killed.
 *
 * Where GLOVEBOX_SESSION names a folder, each worker maps one file there, `worker-PID-N.stats`, or
 * `worker-PID-N.UNIT.stats` where GLOVEBOX_UNIT names a unit, before it confines itself, and keeps what is in it up to date; nothing is written at the end. Readers are the
 * wrapper, when the unit's compiler has ended, and whoever set the variable, when the build is over.
 *
 *   +---------------------------+ 0
 *   | gb_stats_header, 1 KiB    |
 *   +---------------------------+
 *   | gb_stats_macro, 256 B     |  one for each macro of the crate, in the order of its records;
 *   | … GB_STATS_MACROS         |  what is over is counted in the last
 *   +---------------------------+
 *   | gb_stats_place, 256 B     |  where constructs of the review (tokens/review.h) were generated,
 *   | … GB_STATS_PLACES         |  in the order in which they were found
 *   +---------------------------+
 *   | gb_stats_question, name,  |  what was asked of the policy, one behind the other, each
 *   | … GB_STATS_QUESTION_BYTES |  rounded up to 8 bytes
 *   +---------------------------+
 *
 * The file has its full size from the start and holes where nothing was counted. Numbers are in the
 * byte order of the machine: writer and reader are one build on one host. Texts are UTF-8, cut to
 * their field, NUL-terminated; but names of questions are the guest's bytes, with a length.
 *
 * A worker that has lost its wits can write anything there: who reads takes a copy and proves it.
 *
 * An expansion counts as failed until it has ended well, so one that was cut short by a kill is a failure. */
#ifndef GB_MACROS_STATS_H
#define GB_MACROS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GB_STATS_MAGIC UINT64_C(0x3253544154534247) /* "GBSTATS2" */
/* The wrapper sets this variable for the compiler: the unit that is being compiled. */
#define GB_STATS_UNIT_ENV "GLOVEBOX_UNIT"
enum {
    GB_STATS_VERSION = 2,
    GB_STATS_MACROS = 256,
    GB_STATS_CONSTRUCTS = 16,
    GB_STATS_PLACES = 256,
    GB_STATS_PLACES_EACH = 8, /* of one construct of one macro; more are only counted */
    GB_STATS_QUESTION_BYTES = 1 << 20,
};

typedef struct gb_stats_header {
    uint64_t magic;
    uint32_t version;
    uint32_t macro_count;      /* records in use; 0 until the artifact was loaded */
    uint32_t pid;
    uint32_t place_count;
    uint64_t memory_peak;      /* bytes of linear memory, the most at once */
    uint64_t load_nanoseconds; /* from the start of the worker until it was ready */
    uint64_t instances;        /* made: 1, and 1 more after each trap */
    uint64_t question_bytes;   /* in use */
    uint64_t unlisted;         /* questions that found no room */
    char package[128];         /* crate, e.g. "serde_derive" */
    char package_version[64];
    char digest[72];           /* of the artifact, in hexadecimal */
    char for_package[128];     /* CARGO_PKG_NAME of the crate being compiled, or "" */
    char unit[256];            /* GLOVEBOX_UNIT, or "" */
    uint8_t reserved_bytes[312];
} gb_stats_header;

typedef struct gb_stats_macro {
    uint64_t expansions;
    uint64_t tokens_in;  /* trees, groups and what is in them: what the compiler handed over */
    uint64_t tokens_out; /* the same of the output, streams handed back untouched included */
    uint64_t nanoseconds; /* from request to reply, questions to the compiler left out */
    uint64_t failures;   /* panics, traps, limits, malformed replies, forbidden output */
    uint64_t refusals;   /* distinct requests that the policy refused */
    uint32_t kind;       /* enum glovebox_macro_kind: 0 derive, 1 attribute, 2 function */
    uint32_t unreviewed; /* outputs that were not looked at to their end */
    char name[128];
    uint32_t constructs[GB_STATS_CONSTRUCTS]; /* how often each stood in the outputs */
    uint64_t padding;
} gb_stats_macro;

typedef struct gb_stats_place {
    uint32_t macro, construct;
    uint32_t line, column; /* from 1; 0 where the compiler does not tell */
    uint64_t count;        /* constructs, in all expansions there */
    char file[232];        /* as the compiler names it; cut at its start when it is long */
} gb_stats_place;

typedef struct gb_stats_question {
    uint64_t count;
    uint64_t macros[GB_STATS_MACROS / 64]; /* bit i: macro i asked; none: asked between expansions */
    uint16_t length; /* of the name, which follows */
    uint8_t power;   /* gb_power */
    uint8_t answer;  /* gb_answer */
    uint32_t reserved;
} gb_stats_question;

typedef struct gb_stats {
    gb_stats_header header;
    gb_stats_macro macros[GB_STATS_MACROS];
    gb_stats_place places[GB_STATS_PLACES];
    _Alignas(8) uint8_t questions[GB_STATS_QUESTION_BYTES];
} gb_stats;

_Static_assert(sizeof(gb_stats_header) == 1024, "the layout is fixed");
_Static_assert(sizeof(gb_stats_macro) == 256, "the layout is fixed");
_Static_assert(sizeof(gb_stats_place) == 256, "the layout is fixed");
_Static_assert(sizeof(gb_stats_question) == 48, "the layout is fixed");

/* Makes and maps the file; unit may be NULL. NULL: GB_ERROR_IO names it. Stays mapped for the life of the process. */
gb_stats *gb_stats_create(const char *dir, const char *unit, const char *package,
                          const char *version, gb_error *err);
/* Adds to the place, or makes it known when there is room for it. */
void gb_stats_add_place(gb_stats *stats, uint32_t macro, uint32_t construct, const char *file,
                        size_t file_length, uint32_t line, uint32_t column, uint32_t count);
/* Is there a place of this construct and macro still to be made known? */
bool gb_stats_wants_place(const gb_stats *stats, uint32_t macro, uint32_t construct);
/* A new question; where it lies in `questions`, or GB_STATS_QUESTION_BYTES when there is no room. */
size_t gb_stats_add_question(gb_stats *stats, unsigned power, unsigned answer, const char *name,
                             size_t length);

/* A copy of what is in use in one file. GB_ERROR_INVALID when it is not such a file; the numbers may be any,
 * but texts are terminated, kinds, constructs, powers and answers exist, indices of places are below
 * macro_count, and questions lie within question_bytes. */
bool gb_stats_read(const char *path, gb_stats *out, gb_error *err);
/* Was anything asked of the worker? One may have been started for nothing: because it was wanted the last time. */
bool gb_stats_is_used(const gb_stats *stats);
/* The question at *at (0 to begin with), and *at behind it; NULL at the end. */
const gb_stats_question *gb_stats_next_question(const gb_stats *stats, size_t *at, const char **name);
/* Calls `each` for every readable file in the folder, or those of the unit when it is not NULL, in the order
 * of names, until it returns false. False: the folder could not be read, or `each` said so. Files that
 * are no statistics are passed over. */
bool gb_stats_read_dir(const char *dir, const char *unit,
                       bool (*each)(void *env, const gb_stats *stats, gb_error *err), void *env,
                       gb_error *err);
/* Copies text into a field of `size` bytes, cut at a character. */
void gb_stats_text(char *field, size_t size, const char *text);

#endif
