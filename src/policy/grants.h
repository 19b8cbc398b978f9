/* grants.h: what the workspace's manifest grants one macro package, as its workers read it.
 *
 * `cargo glovebox` reads the manifest, checks it and writes one file for each macro package that
 * has something of its own; the worker reads that file before it confines itself. A compiler
 * that no `cargo glovebox` started (an editor's macro server) finds the same file. Lines of a member and, behind a tab, its
 * value, in which `\t \n \\` are escaped by a backslash; a list has a line for each of its texts. It needs no library to be read
 * where a hole would count most:
 *
 *   glovebox policy 1
 *   package          sqlx-macros                    whom it is for
 *   package_version  0.8.6
 *   manifest         /home/me/project/Cargo.toml    who granted it
 *   table            workspace.metadata.glovebox    and where in it
 *   root             /home/me/project               what `read` is relative to
 *   read             migrations                     as do env, run, forbid and allow
 *   read             $CARGO_MANIFEST_DIR/.sqlx
 *   clock                                           as do random and native
 *
 * Members may be missing from "read" on; none is unknown. Patterns of `read` are those of
 * pattern.h, below `root` or below a named root, which is the value of a variable of the compiler:
 * $OUT_DIR, $CARGO_MANIFEST_DIR. Limits are not here: they are words of the worker's command line.
 */
#ifndef GB_POLICY_GRANTS_H
#define GB_POLICY_GRANTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/strings.h"
#include "policy/policy.h"

typedef struct gb_grants {
    char *package, *version;
    char *manifest, *table, *root;
    gb_strings read, env, run;
    gb_strings forbid, allow; /* names of constructs (tokens/review.h), not checked here */
    bool clock, random, native;
} gb_grants;

enum { GB_GRANTS_BYTES = 1 << 20 }; /* a longer file is refused */

/* Reads the file's text; `what` names it in messages. GB_ERROR_MALFORMED says which member is
 * wrong; GB_ERROR_MEMORY. On failure *out is empty. */
bool gb_grants_parse(const char *text, size_t length, const char *what, gb_grants *out,
                     gb_error *err);
/* Appends the file's text; the same grants always give the same bytes. False: memory. */
bool gb_grants_print(const gb_grants *grants, gb_buffer *out);
void gb_grants_free(gb_grants *grants);

/* Is this a pattern of `read`? GB_ERROR_USAGE says what is wrong with it. */
bool gb_grants_check_read(const char *text, gb_error *err);

/* Adds what is granted to the policy. `environment` is the compiler's, as for gb_policy_new_macro.
 * A named root whose variable is not set grants nothing. */
bool gb_grants_apply(const gb_grants *grants, const char *const *environment, gb_policy *policy,
                     gb_error *err);

#endif
