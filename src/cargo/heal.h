/* heal.h: shims whose artifact is gone or altered.
 *
 * A shim holds path and digest of its artifact, and Cargo, which knows nothing of that file, would call
 * the shim fresh for ever. So before Cargo runs, each shim whose artifact is not there is removed from
 * Cargo's place: the macro crate is then compiled again. After a build that failed the artifacts' digests
 * are checked as well, and one that does not match its name is thrown away with its shim: the
 * next build is right. */
#ifndef GB_CARGO_HEAL_H
#define GB_CARGO_HEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "cargo/session.h"

/* Returns how many shims were removed. digests: check contents, too. */
size_t gb_heal_artifacts(const gb_session *session, bool digests);

#endif
