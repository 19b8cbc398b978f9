/* package_policy.h: the manifest's policy on its way to the workers of one macro package.
 *
 * Limits are words on the worker's command line, baked into the shim. What is granted is in a file,
 *
 *   <state>/policy/NAME-VERSION.policy     (policy/grants.h; none for a package that has only the
 * default)
 *
 * which the shim names to its workers, whoever starts the compiler. Which policy a macro unit was
 * made under is noted in its folder, `<state>/unit/<rel>/<name>/policy`: package, version and a
 * digest, a line each. Cargo knows nothing of policies, so before it runs, a unit with another
 * digest than now is taken from Cargo's place (heal.h); then Cargo makes it, and what it expanded
 * in other crates, again, and nothing else. */
#ifndef GB_CARGO_PACKAGE_POLICY_H
#define GB_CARGO_PACKAGE_POLICY_H

#include <stdbool.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "cargo/session.h"

typedef struct gb_shim_policy {
    gb_strings words;              /* for the worker's command line */
    bool native;                   /* it may run as machine code, behind the kernel's wall: a word says so, too */
    char digest[GB_DIGEST_TEXT];   /* of all of it */
    char identity[GB_DIGEST_TEXT]; /* of what may change an expansion; "" for the default */
} gb_shim_policy;

/* The session's policy for a package; its file is brought up to date. */
bool gb_shim_policy_make(const gb_session *session, const char *package, const char *version,
                         gb_shim_policy *out, gb_error *err);
void gb_shim_policy_free(gb_shim_policy *policy);

/* Notes in a unit's folder what it was made under. */
bool gb_shim_policy_note(const char *folder, const char *package, const char *version,
                         const gb_shim_policy *policy, gb_error *err);
/* True when the unit of that folder was made under another policy than the session's. Its policy's
 * file is brought up to date in any case. False for a unit without a note: it is no macro crate. */
bool gb_shim_policy_changed(const gb_session *session, const char *folder);

/* Adds a warning for each grant to a package that Cargo.lock does not have. */
void gb_policy_warnings(const gb_session *session, gb_strings *warnings);

#endif
