/* session.h: what one run of `cargo glovebox` hands to the wrapper processes that Cargo starts.
 *
 * A session is a folder, `<state>/session/<unique>/`, made before Cargo starts and removed after it
 * has ended; its path is in the environment variable GLOVEBOX_SESSION. It holds
 *
 *   session.json   the members below
 *   env            a keyed digest of each variable that Cargo was started with (never the value)
 *   lock           locked while the session lives, so that what a killed session left can be removed
 *   worker-*.stats what the workers did (macros/stats.h)
 *   hint, needs    which packages are reachable from macro crates, what they need (see hint.h)
 *
 * `state` is `<build_root>/.glovebox`; it outlives the session (see unit.h). */
#ifndef GB_CARGO_SESSION_H
#define GB_CARGO_SESSION_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strings.h"
#include "compile/toolchain.h"

#define GB_SESSION_ENV "GLOVEBOX_SESSION"

typedef struct gb_session {
    char *folder;
    char *build_root;      /* folder under which Cargo's --out-dir folders lie */
    char *state;           /* <build_root>/.glovebox */
    char *home;            /* Glovebox's home: store, toolchains */
    char *host;            /* host triple */
    char *guest_folder;    /* prepared guest toolchain, for gb_toolchain_load */
    char *guest_id;
    char *build_id;        /* of release, guest toolchain and worker: part of `rustc -vV` */
    char *worker;          /* absolute path of glovebox-worker; with `-native` behind it, of the one for native macros */
    char *chained;         /* the user's own RUSTC_WRAPPER, or NULL */
    char *rustdoc;         /* the rustdoc that Cargo would have run */
    char *cargo;           /* for `cargo metadata` */
    char *cwd;             /* folder in which Cargo was started */
    char *policy;          /* the manifest's, as text (manifest_policy.h), or NULL */
    char *lock;            /* glovebox.lock that units are held to (lock_build.h), or NULL */
    gb_strings limits;     /* of every package: words for the workers, baked into shims (worker/options.h) */
    gb_strings metadata;   /* arguments that make `cargo metadata` see what Cargo sees */
} gb_session;

/* Makes folder and files from the members (folder and state are filled in here). *lock is the
 * descriptor that keeps it alive. Folders of dead sessions are removed on the way. */
bool gb_session_create(gb_session *session, int *lock, gb_error *err);
void gb_session_remove(gb_session *session, int lock);
/* Reads it back in a wrapper process. */
bool gb_session_load(const char *folder, gb_session *session, gb_error *err);
void gb_session_free(gb_session *session);

/* Variables of this process that Cargo was not started with, or with another value: what Cargo
 * says about the unit. "NAME=value". Job server variables are left out: they are of the moment. */
bool gb_session_unit_env(const gb_session *session, gb_strings *out, gb_error *err);
/* The environment for another unit: what Cargo was started with, this moment's job server, and
 * `unit_env` on top. */
bool gb_session_env_for(const gb_session *session, const gb_strings *unit_env, gb_strings *out,
                        gb_error *err);

/* The compiler as the shims need to know it, probed once a session. */
bool gb_session_rustc(const gb_session *session, const char *rustc, gb_rustc *out, gb_error *err);

#endif
