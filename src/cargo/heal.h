/* heal.h: what Cargo would call fresh, but is not.
 *
 * A side of a unit that was made on demand has sources of its own, which Cargo does not know. Before
 * Cargo runs, a unit with a source younger than such a side is taken from Cargo's place, and so compiled
 * again.
 *
 * A shim holds path and digest of its artifact, and Cargo, which knows nothing of that file, would call
 * the shim fresh for ever. So before Cargo runs, each shim whose artifact is not there is removed from
 * Cargo's place: the macro crate is then compiled again. After a build that failed the artifacts' digests
 * are checked as well, and one that does not match its name is thrown away with its shim: the
 * next build is right.
 *
 * A macro unit that was made under another policy than the manifest's of now goes likewise
 * (package_policy.h). */
#ifndef GB_CARGO_HEAL_H
#define GB_CARGO_HEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "cargo/session.h"

/* Returns how many units were taken from Cargo's place. digests: check artifacts' contents, too. */
size_t gb_heal(const gb_session *session, bool digests);

#endif
