/* account.h: what this worker does, written down as it happens: in the file that a session wants
 * (macros/stats.h), or nowhere.
 *
 * Questions of the policy are written when they are asked, so that those of an expansion that is killed
 * are there as well. What a review finds is written at the expansion's end, with the place where the macro was
 * used, which only the compiler knows: it is asked, when there is something to say, by a question of the
 * worker's own before the reply goes out.
 *
 * What the workspace forbids is looked for whether a session wants to know or not. */
#ifndef GB_WORKER_ACCOUNT_H
#define GB_WORKER_ACCOUNT_H

#include "base/buffer.h"
#include "base/strings.h"
#include "glovebox.h"
#include "macros/stats.h"
#include "policy/policy.h"
#include "tokens/review.h"

typedef struct gb_account {
    gb_stats *stats; /* never NULL: a private one when no session wants it */
    gb_review *review; /* NULL when nobody would see what it finds */
    gb_policy *policy;
    uint32_t forbidden; /* constructs, a bit each */
    uint64_t refused;  /* questions that were refused or hidden so far */
    uint32_t macro;    /* that is being expanded; GB_STATS_MACROS: none */
    uint32_t offsets[GB_POLICY_RECORDS]; /* where each question's record lies, plus 1 */
} gb_account;

/* Before the wall. Makes the file where GLOVEBOX_SESSION says so; what cannot be made is said on standard
 * error and not kept. False: GB_ERROR_MEMORY. Later questions of `policy` are watched. */
bool gb_account_open(gb_account *account, gb_policy *policy, const char *package,
                     const char *version, const char *digest, gb_error *err);
/* Constructs that outputs must not have. GB_ERROR_USAGE: there is none of that name; GB_ERROR_MEMORY. */
bool gb_account_forbid(gb_account *account, const gb_strings *names, gb_error *err);
/* The macros, when they are known. */
void gb_account_name(gb_account *account, const glovebox_library *library);

/* Before and after an expansion of macro `index`. `ask` answers the one question of ours. */
void gb_account_begin(gb_account *account, uint32_t index);
void gb_account_end(gb_account *account, const glovebox_library *library,
                    const glovebox_reply *reply, bool ok, glovebox_ask ask, void *env);
/* True when the output of an expansion that is well otherwise must not be used: *out gets why, and how to
 * allow it. `manifest` and `table` say who forbids; either may be NULL. */
bool gb_account_is_forbidden(const gb_account *account, const glovebox_reply *reply,
                             const char *manifest, const char *table, gb_buffer *out);
/* The expansion's counters. */
gb_stats_macro *gb_account_macro(gb_account *account);

#endif
