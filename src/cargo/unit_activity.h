/* unit_activity.h: what outlives a unit's compilers: the record of what its macros did, and the inputs
 * of theirs that Cargo must watch.
 *
 * Workers name the unit by GLOVEBOX_UNIT (macros/stats.h), which the wrapper sets. When the compiler has
 * ended, `<state>/records/<label>.json` is written (activity.h), or removed where no macro was used, since
 * on a second build Cargo runs no compiler.
 *
 * Each file that a macro was granted to read, each folder that it listed and each variable that it got
 * (and that Cargo does not set itself) is added to rustc's dep-info, where Cargo finds it on every
 * channel. A file that was looked for and is not there is watched by the nearest folder there is. What
 * rustc lists already is not repeated. The lines stand before rustc's own, between two marks, so that
 * who compares rustc's can take them out:
 *
 *   # glovebox begin
 *   /…/app-0123456789abcdef.d: src/main.rs /…/query.sql
 *
 *   /…/query.sql:
 *   # env-dep:DATABASE_URL=sqlite://…
 *   # glovebox end
 *
 * cargo: core/compiler/fingerprint/dep_info.rs parse_rustc_dep_info reads the first rule, and all env-deps. */
#ifndef GB_CARGO_UNIT_ACTIVITY_H
#define GB_CARGO_UNIT_ACTIVITY_H

#include "base/error.h"
#include "compile/guest_cache.h"
#include "cargo/session.h"
#include "cargo/unit.h"

/* "app-0123456789abcdef": crate and extra filename; where there is none, a digest of the folder. */
char *gb_unit_label(const gb_unit *unit);

/* For the shims: the artifacts that the unit's macros came from when it was last compiled. Their workers get ready
 * while the compiler is still reading. Best effort: a macro that is not expected has to wait for its worker. */
#define GB_EXPECTED_ENV "GLOVEBOX_EXPECTED" /* digests, separated by blanks; shim/worker.rs */
void gb_unit_activity_expect(const gb_session *session, const gb_unit *unit);

/* The compiler that made (or failed to make) `dep_info` has ended. cwd: what its paths are relative to. A
 * missing file is no error. GB_ERROR_REFUSED: it did what glovebox.lock does not have (lock_build.h). */
bool gb_unit_activity_keep(const gb_session *session, const gb_unit *unit, const char *dep_info,
                           gb_error *err);

/* The same of a compiler that Cargo reads no dep-info of: the record goes under `label`, and what Cargo would
 * have to watch is added to sources and env, as in gb_guest_result. */
bool gb_unit_activity_of(const gb_session *session, const gb_unit *unit, const char *label,
                         gb_strings *sources, gb_strings *env, gb_error *err);

/* A unit that comes from the store did what it did when it was compiled: its record is kept there, and
 * put back. Best effort: an audit without it lacks what macros did for macro crates. False only for what
 * a glovebox.lock does not have. */
void gb_unit_activity_to_store(const gb_session *session, const gb_unit *unit, gb_objects *objects,
                               const gb_digest *key, const gb_guest_result *result);
bool gb_unit_activity_from_store(const gb_session *session, const gb_unit *unit, gb_objects *objects,
                                 const gb_digest *key, const gb_guest_result *result, gb_error *err);

#endif
