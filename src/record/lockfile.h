/* lockfile.h: glovebox.lock: what macro packages ask for and generate, as the workspace has accepted it.
 *
 *   # What the macros of this workspace ask for and generate. Written by `cargo glovebox`.
 *   version = 1
 *
 *   [[package]]
 *   name = "sqlx-macros"
 *   version = "0.8.6"
 *   artifacts = ["<digest> | …"]                    of packages that are not the workspace's own (lock_artifact.h)
 *   powers = ["env", "read"]                        what every macro gets, used
 *   grants = ["env DATABASE_URL", "read migrations/1.sql"]     what the manifest grants, used ("native": it runs so)
 *   withheld = ["env HOME", "read elsewhere"]       asked for and not got
 *   output = ["unsafe"]                             constructs (tokens/review.h)
 *
 * Packages and elements are sorted, empty lists left out, paths relative to the workspace: the same
 * build makes the same bytes everywhere. It is read as what anybody may have edited: this form, line by
 * line, and nothing else of TOML. */
#ifndef GB_RECORD_LOCKFILE_H
#define GB_RECORD_LOCKFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/strings.h"
#include "record/activity.h"

typedef struct gb_lockfile_package {
    char *name, *version;
    gb_strings artifacts, powers, grants, withheld, output;
} gb_lockfile_package;

typedef struct gb_lockfile {
    gb_lockfile_package *packages;
    size_t count;
} gb_lockfile;

enum { GB_LOCKFILE_BYTES = 16 << 20 }; /* a longer one is refused */

/* GB_ERROR_MALFORMED names the line. On failure *out is empty. */
bool gb_lockfile_parse(const char *text, size_t length, gb_lockfile *out, gb_error *err);
/* Sorts, and appends the text. False: memory. */
bool gb_lockfile_print(gb_lockfile *lock, gb_buffer *out);
void gb_lockfile_free(gb_lockfile *lock);

/* What an activity amounts to; `root` is the workspace's folder. */
bool gb_lockfile_of(const gb_activity *activity, const char *root, gb_lockfile *out, gb_error *err);
/* Adds `now` to `lock`. False: memory. */
bool gb_lockfile_merge(gb_lockfile *lock, const gb_lockfile *now);
/* Leaves what Cargo.lock (as text) has, and artifacts of what has a source there. */
void gb_lockfile_prune(gb_lockfile *lock, const char *cargo_lock);
/* Only the second: the workspace's own code may change. */
void gb_lockfile_forget_own(gb_lockfile *lock, const char *cargo_lock);
/* Appends a line for each thing in `now` that `lock` does not have; "  reads 1.4.0 generates `unsafe`"; and for
 * each artifact of other code than the locked one was made of. How many. */
size_t gb_lockfile_news(const gb_lockfile *lock, const gb_lockfile *now, gb_buffer *out);
/* Adds a warning for each reason why artifacts of `now` could not be compared, naming packages: another
 * toolchain or Glovebox made what `lock` has, or with other features; or it has none. */
void gb_lockfile_uncompared(const gb_lockfile *lock, const gb_lockfile *now, gb_strings *out);

#endif
