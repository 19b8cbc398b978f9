/* activity.h: what macros did: asked for, got, made, and how much of it. Of one unit, from its workers'
 * statistics (macros/stats.h), kept as JSON under <state>/records; or of a build, from those records.
 *
 *   { "version": 1, "unit": "app-0123456789abcdef", "crate": "app",
 *     "crates": [ { "package": "sqlx-macros", "version": "0.8.6", "native": false, "digests": ["…"],
 *                   "memory_peak": 1114112, "unlisted": 0, "users": ["app"],
 *                   "macros": [ { "name": "query", "kind": "function", "expansions": 3, "failures": 0,
 *                                 "tokens_in": 9, "tokens_out": 120, "nanoseconds": 81000,
 *                                 "unreviewed": 0,
 *                                 "output": [ { "construct": "unsafe", "count": 3,
 *                                               "places": [ { "file": "src/main.rs", "line": 7,
 *                                                             "column": 5, "count": 3 } ] } ] } ],
 *                   "asked": [ { "power": "read", "name": "/…/query.sql", "answer": "granted",
 *                                "default": false, "count": 1, "macros": ["query"] } ] } ] }
 *
 * Names that a macro chose are escaped where they could not be shown (gb_policy_show_name). */
#ifndef GB_RECORD_ACTIVITY_H
#define GB_RECORD_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/strings.h"
#include "macros/stats.h"
#include "policy/policy.h"
#include "tokens/review.h"

typedef struct gb_activity_place {
    gb_construct construct;
    char *file;
    uint32_t line, column; /* 0: not known */
    uint64_t count;
} gb_activity_place;

typedef struct gb_activity_macro {
    char *name;
    uint32_t kind; /* 0 derive, 1 attribute, 2 function */
    uint64_t expansions, failures, tokens_in, tokens_out, nanoseconds, unreviewed;
    uint64_t constructs[GB_CONSTRUCT_COUNT];
    gb_activity_place *places; /* by construct, file, line, column; not all of them */
    size_t place_count;
} gb_activity_macro;

typedef struct gb_activity_asked {
    gb_power power;
    gb_answer answer;
    char *name;
    bool by_default; /* every macro gets it: the package's own files, Cargo's variables */
    uint64_t count;
    gb_strings macros;
} gb_activity_asked;

typedef struct gb_activity_crate {
    char *package, *version;
    gb_strings digests; /* of artifacts */
    gb_strings users;   /* crates in which its macros were used */
    char *needs;        /* what it says that it needs, safe to show; NULL: nothing */
    bool native;        /* its macros run as machine code, behind the kernel's wall alone */
    uint64_t memory_peak, unlisted;
    gb_activity_macro *macros; /* by name and kind; those that were used */
    size_t macro_count;
    gb_activity_asked *asked; /* by power, name and answer */
    size_t asked_count;
} gb_activity_crate;

typedef struct gb_activity {
    gb_activity_crate *crates; /* by package and version */
    size_t count;
} gb_activity;

/* Adds what one worker did; nothing, when nothing was asked of it. Standard streams are no questions worth telling. `folders` are those that
 * every macro may read in the unit. False: GB_ERROR_MEMORY. */
bool gb_activity_add_worker(gb_activity *activity, const gb_stats *stats, const gb_strings *folders,
                            gb_error *err);
/* Adds a unit's record. GB_ERROR_MALFORMED: it is none; GB_ERROR_MEMORY. Part of it may have been added then. */
bool gb_activity_add_record(gb_activity *activity, const char *text, size_t length, const char *what,
                            gb_error *err);
/* The crate, made known when it was not; NULL: memory. Good until another is added. */
gb_activity_crate *gb_activity_crate_of(gb_activity *activity, const char *package,
                                        const char *version);
void gb_activity_sort(gb_activity *activity);
void gb_activity_free(gb_activity *activity);

/* The "crates" of a sorted activity. NULL: memory. `cJSON *`, as a pointer so that who only gathers needs
 * no JSON. */
struct cJSON *gb_activity_json(const gb_activity *activity);

const char *gb_activity_kind(uint32_t kind); /* "derive", "attribute", "function" */
/* Was it withheld: refused, or hidden? */
bool gb_activity_refused(const gb_activity_asked *asked);

#endif
