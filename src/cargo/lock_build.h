/* lock_build.h: a build and its glovebox.lock (lockfile.h), which lies beside Cargo.lock.
 *
 * It is kept where the policy says `lock = true` or the file is there. A build adds what macros did in the
 * units that were compiled, and removes packages that Cargo.lock has no more. With `--locked` or
 * `--frozen` it writes nothing: a unit whose macros do what the file does not have is a unit that does
 * not compile, so nothing that it made is used, run or fresh. */
#ifndef GB_CARGO_LOCK_BUILD_H
#define GB_CARGO_LOCK_BUILD_H

#include <stdint.h>

#include "base/error.h"
#include "record/activity.h"
#include "cargo/session.h"

/* The file's path, malloc'ed, where one is to be kept; else NULL. policy: the manifest's, as text
 * (manifest_policy.h), or NULL. False: GB_ERROR_USAGE, GB_ERROR_MEMORY. */
bool gb_lock_find(const char *policy, char **path, gb_error *err);

/* After Cargo has ended well, not locked. since: when it was started, in nanoseconds of CLOCK_REALTIME. */
bool gb_lock_update(const gb_session *session, const char *path, int64_t since, gb_error *err);

/* After Cargo has ended well, locked: adds a warning where artifacts of units compiled since could not be
 * compared (lockfile.h). */
bool gb_lock_warn(const gb_session *session, int64_t since, gb_strings *warnings, gb_error *err);

/* What macros did for a unit, and which artifacts they were, against session->lock; true when that is NULL. GB_ERROR_REFUSED says what is
 * new; or the file cannot be read. */
bool gb_lock_check(const gb_session *session, const gb_activity *activity, gb_error *err);

#endif
