/* policy.h: who may do what. One policy answers for one subject (a macro crate, or the module that
 * `glovebox run` was given). Whoever does something for a guest asks first:
 *
 *   gb_policy_ask(policy, GB_POWER_READ, "/home/me/project/src/schema.sql", length) -> gb_answer
 *
 * Every question is remembered with its answer and a count, and can be listed later: that is what
 * audits, build dependencies and the text of error messages are made of.
 *
 * A policy starts with nothing granted. The gb_policy_grant_* functions add to it: the command line
 * of `glovebox run` does, gb_policy_new_macro does, and what the workspace's manifest grants
 * (grants.h). No grant is ever taken back. One thread at a time.
 *
 * Paths are absolute, without `.`, `..`, repeated or trailing slashes (gb_path_normalize makes
 * them so). A policy judges spellings only and opens no file: who opens one must make sure that the
 * path it asked about is the file it opens (src/wasi/resolve.h). */
#ifndef GB_POLICY_POLICY_H
#define GB_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct gb_policy gb_policy;

/* What can be asked for. The name that goes with a question is in brackets. */
typedef enum gb_power {
    GB_POWER_READ,   /* contents or metadata of a file or directory [path] */
    GB_POWER_LIST,   /* the entries of a directory [path] */
    GB_POWER_WRITE,  /* make, change, rename or remove a file or directory [path] */
    GB_POWER_ENV,    /* an environment variable [its name; "*" for all at once] */
    GB_POWER_CLOCK,  /* the time, and waiting for it [empty] */
    GB_POWER_RANDOM, /* random bytes [empty] */
    GB_POWER_STDIN,  /* [empty], and so the next two */
    GB_POWER_STDOUT,
    GB_POWER_STDERR,
    GB_POWER_RUN,    /* start a program [its name]; no grant of it exists for macros */
    GB_POWER_EXPAND, /* have the compiler run a macro of the macro's choice ["include_str!"]; never granted */
    GB_POWER_COUNT
} gb_power;

typedef enum gb_answer {
    GB_GRANTED,     /* go ahead */
    GB_REFUSED,     /* fail as the operating system would: permission denied */
    GB_HIDDEN,      /* fail as if it did not exist */
    GB_SUBSTITUTED, /* answer with something fixed: a made-up clock, an empty input */
    GB_ABSENT,      /* environment only: not granted, but not set either, so nothing was withheld */
} gb_answer;

/* "read", "env", … and "granted", "refused", … Static strings. */
const char *gb_power_name(gb_power power);
const char *gb_answer_name(gb_answer answer);

/* ---- making one ---------------------------------------------------------------------------- */

/* Who is asking; version may be NULL. Both are copied. */
typedef struct gb_subject {
    const char *name;
    const char *version;
} gb_subject;

/* Nothing granted. NULL: GB_ERROR_MEMORY. */
gb_policy *gb_policy_new(const gb_subject *subject, gb_error *err);
/* What every macro gets, given the environment (NULL-terminated, like environ) of the rustc that
 * expands it:
 *   - the variables that Cargo sets for the crate being compiled: OUT_DIR, CARGO and CARGO_*, but
 *     none that can carry a credential (gb_env_is_secret); its build script's: build_script.h;
 *   - reading CARGO_MANIFEST_DIR and what is below, except hidden files; reading OUT_DIR; and the
 *     workspace's manifest, by gb_policy_grant_workspace;
 *   - standard output and error, which rustc would show;
 *   - a fixed clock and fixed random bytes, which cost nothing and promise nothing.
 * Values of variables that are not granted are not kept. NULL: GB_ERROR_MEMORY. */
gb_policy *gb_policy_new_macro(const gb_subject *subject, const char *const *environment,
                               gb_error *err);
/* To a macro's policy: reading the manifest of the workspace, which says what the package's own
 * manifest leaves to it (`dep.workspace = true`). `directory` is the one that rustc runs in: for a
 * package of a workspace Cargo makes that the workspace's root. False: GB_ERROR_MEMORY. */
bool gb_policy_grant_workspace(gb_policy *policy, const char *directory, gb_error *err);
void gb_policy_free(gb_policy *policy);
const gb_subject *gb_policy_subject(const gb_policy *policy);

/* CLOCK, RANDOM, STDIN, STDOUT, STDERR: those that need no name. */
void gb_policy_grant(gb_policy *policy, gb_power power);

enum {
    GB_PATH_WRITABLE = 1,    /* else reading and listing only */
    GB_PATH_SKIP_HIDDEN = 2, /* components below the root that start with '.' do not exist */
};
/* Grants a directory and all below it. `path` is normalised here. Directories may lie in each
 * other; what any of them grants is granted. False: GB_ERROR_USAGE (not absolute) or
 * GB_ERROR_MEMORY. */
bool gb_policy_grant_path(gb_policy *policy, const char *path, unsigned flags, gb_error *err);
/* Grants reading what `pattern` (pattern.h) means below the directory `path`, under the spelling
 * given and, where that goes through a symbolic link, the real one. Folders on the way may be listed
 * where a wildcard asks for it; of their entries only folders and what matches are seen. False:
 * GB_ERROR_USAGE (the pattern, or not absolute) or GB_ERROR_MEMORY. */
bool gb_policy_grant_pattern(gb_policy *policy, const char *path, const char *pattern,
                             gb_error *err);

/* Grants a variable and gives it a value. */
bool gb_policy_grant_env(gb_policy *policy, const char *name, const char *value, gb_error *err);
/* Grants every variable that `pattern` names, set or not, with its value in `environment`. A pattern
 * with `*` or `?` means no variable that may hold a credential (gb_env_is_secret): such a name must
 * be written out. */
bool gb_policy_grant_variables(gb_policy *policy, const char *pattern,
                               const char *const *environment, gb_error *err);
/* Notes that a variable is set in the real environment, so that asking for it is a refusal and not
 * merely an absence. Its value is not wanted. */
bool gb_policy_note_env(gb_policy *policy, const char *name, size_t length, gb_error *err);
/* A name that may stand for a credential: CARGO_REGISTRY_*, CARGO_REGISTRIES_*, CARGO_HTTP_*, …,
 * or any with TOKEN, PASSWORD, SECRET, … among its `_`-separated words. */
bool gb_env_is_secret(const char *name, size_t length);

/* ---- asking -------------------------------------------------------------------------------- */

/* Answers and remembers. For GB_POWER_ENV use gb_policy_env, which also gives the value. */
gb_answer gb_policy_ask(gb_policy *policy, gb_power power, const char *name, size_t length);
/* The same about a path that is known to be a directory: it may be granted where a file of that
 * name is not (GB_PATH_WAY). GB_POWER_LIST always means one. */
gb_answer gb_policy_ask_directory(gb_policy *policy, gb_power power, const char *path,
                                  size_t length);

/* Says of the question asked last that the file was to be opened, and not only looked at. */
void gb_policy_note_open(gb_policy *policy);

/* A variable. GB_GRANTED: *value is its value, owned by the policy, or NULL when it is not set.
 * Any other answer: *value is NULL, and the guest sees it as not set. `name` is the guest's and
 * need not be a possible name. */
gb_answer gb_policy_env(gb_policy *policy, const char *name, size_t length, const char **value);
/* The index-th granted variable that is set, in the order of the environment; false past the end.
 * Remembers nothing: who hands out the whole list asks for GB_POWER_ENV "*" once. */
bool gb_policy_env_at(const gb_policy *policy, size_t index, const char **name, const char **value);

/* Where a path lies with respect to the granted directories. Remembers nothing. */
typedef enum gb_path_place {
    GB_PATH_OUTSIDE,
    GB_PATH_ABOVE,  /* some granted directory is below it */
    GB_PATH_ROOT,   /* it is a granted directory */
    GB_PATH_INSIDE, /* below one */
    GB_PATH_UNSEEN, /* below one, but hidden */
    GB_PATH_WAY,    /* a directory of this name leads to what a pattern grants; a file is not granted */
} gb_path_place;
/* *root is set for GB_PATH_ROOT, GB_PATH_INSIDE and GB_PATH_WAY: an index for gb_policy_root. */
gb_path_place gb_policy_place(const gb_policy *policy, const char *path, size_t length,
                              size_t *root);
/* The index-th granted directory, or directory of patterns; NULL past the end. */
const char *gb_policy_root(const gb_policy *policy, size_t index);

/* ---- what was asked ------------------------------------------------------------------------ */

/* Distinct questions that are kept one by one; what comes after is only counted. */
enum { GB_POLICY_RECORDS = 4096, GB_POLICY_NAME_MAX = 4096 };

typedef struct gb_policy_record {
    gb_power power;
    gb_answer answer;
    const char *name; /* as asked, cut at GB_POLICY_NAME_MAX bytes; guest's bytes: escape to show */
    size_t length;
    uint64_t count;
} gb_policy_record;

/* Has `asked` called at each question, with the index of its record, or with GB_POLICY_RECORDS when the
 * list was full. It may look at the record and must not ask. One at a time; NULL: nobody. */
void gb_policy_watch(gb_policy *policy, void (*asked)(void *env, size_t index), void *env);
/* In the order of the first question; false past the end. Pointers are good until the next ask. */
bool gb_policy_record_at(const gb_policy *policy, size_t index, gb_policy_record *record);
/* Appends a record's name so that it can be shown: valid UTF-8, nothing that moves the cursor. */
void gb_policy_show_name(const gb_policy_record *record, gb_buffer *out);
/* Questions that found the list full. */
uint64_t gb_policy_unlisted(const gb_policy *policy);
/* Appends "read `/etc/passwd` (3 times), env `HOME`" for all that was refused or hidden, at most
 * `most` of them and then how many more. Control characters are escaped. Returns how many there
 * were. */
size_t gb_policy_refusals(const gb_policy *policy, size_t most, gb_buffer *out);
/* True when nothing was refused or hidden but at most `most` looks at files: had they not existed, the
 * guest would have got the same answers. Appends each path behind a NUL. */
bool gb_policy_absences(const gb_policy *policy, size_t most, gb_buffer *out);

/* ---- paths as text ------------------------------------------------------------------------- */

/* Appends the path that `path` spells from `base` (absolute and normal; not used when `path` is
 * absolute), with `.`, `..` and slashes resolved by spelling alone; `..` stops at "/". */
bool gb_path_normalize(gb_buffer *out, const char *base, const char *path, size_t length);

#endif
