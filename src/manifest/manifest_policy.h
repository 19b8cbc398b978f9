/* manifest_policy.h: the policy in the workspace's manifest, from `cargo metadata`.
 *
 *   [workspace.metadata.glovebox]             or [package.metadata.glovebox] of a single package
 *   require-kernel-wall = true                refuse to expand where the kernel lacks a layer
 *   lock = true                               keep glovebox.lock
 *   limits = { time = "10s", total-time = "5m", memory = "512M", fuel = 1000000000 }      of every macro package
 *   forbid = ["unsafe"]  allow = ["macro"]                             of every macro package
 *
 *   [workspace.metadata.glovebox.package.sqlx-macros]      every version, or as "sqlx-macros@0.8"
 *   read = ["migrations"]  env = ["DATABASE_URL"]  clock = true  random = true
 *   run = ["git"]  native = true  limits = { … }  forbid = […]  allow = […]
 *
 * All entries that fit a package count together; a limit of an entry with a version wins over one
 * without, and either over the workspace's. What a package allows of its output lifts the
 * workspace's `forbid` for it. What is not known, or of another type, is an error that names key
 * and manifest: a policy with a spelling mistake must not be taken for one that grants, or forbids,
 * something else.
 *
 * Only the top manifest grants: a policy in a member's is not obeyed, which a warning says. A dependency may say in `[package.metadata.glovebox.needs]` what it
 * needs, with the keys of an entry and `reason`: that is shown, never obeyed. */
#ifndef GB_MANIFEST_MANIFEST_POLICY_H
#define GB_MANIFEST_MANIFEST_POLICY_H

#include <stdbool.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "policy/grants.h"

typedef struct gb_manifest_policy {
    char *manifest; /* absolute path of the top manifest */
    char *table;  /* where the policy stands or would stand in it: "workspace.metadata.glovebox" */
    cJSON *value; /* its value; NULL where there is none */
    gb_strings unheeded; /* manifests of members that have a policy as well */
    bool require_kernel_wall, lock;
} gb_manifest_policy;

/* Takes the policy out of the output of `cargo metadata`: appends, as JSON text that the next
 * function reads, where it would stand, what it is, and who else has one. `metadata` is of members alone (--no-deps), or of
 * dependencies too: then theirs are listed as well. GB_ERROR_USAGE: it stands in two tables. */
bool gb_manifest_policy_extract(const cJSON *metadata, gb_buffer *text, gb_error *err);
/* Reads that text and checks all of it. GB_ERROR_USAGE names key and manifest. */
bool gb_manifest_policy_parse(const char *text, gb_manifest_policy *policy, gb_error *err);
void gb_manifest_policy_free(gb_manifest_policy *policy);

/* What one macro package gets. */
typedef struct gb_package_policy {
    gb_grants grants; /* manifest and table are set, too */
    gb_strings words; /* limits, for the worker's command line */
    bool any;         /* grants say more than the default: there is to be a file for the worker */
} gb_package_policy;
bool gb_manifest_policy_for(const gb_manifest_policy *policy, const char *package,
                            const char *version, gb_package_policy *out, gb_error *err);
void gb_package_policy_free(gb_package_policy *policy);
/* Does a policy's text (NULL: none) say `native = true` of the package? False for what cannot be read: a
 * session's policy was checked before. */
bool gb_manifest_policy_is_native(const char *text, const char *package, const char *version);

/* Adds the package of each entry that fits none in the lock file's text: "NAME" or "NAME@VERSION".
 */
void gb_manifest_policy_unused(const gb_manifest_policy *policy, const char *lock_file,
                               gb_strings *unused);

/* Does the lock file have a package that fits "NAME" or "NAME@REQUIREMENT"? */
bool gb_lock_file_has(const char *lock_file, const char *entry);
/* Adds the name of each package in it. */
void gb_lock_file_names(const char *lock_file, gb_strings *names);

/* ---- what a dependency says that it needs ---------------------------------------------------- */

/* One line from a package's metadata, safe to show: "read `migrations`, env `DATABASE_URL` (to
 * check queries)". Nothing is appended where it says nothing that can be understood. */
void gb_manifest_needs(const cJSON *package_metadata, gb_buffer *out);

#endif
