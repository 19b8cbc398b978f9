/* help.h: how a user would allow what a macro was refused: the command, and the lines of the
 * manifest.
 *
 * What was asked for is the macro's own choice of words, and people paste commands. So only names
 * that are plain to read are offered, quoted for a shell, and never one that a pattern would take
 * for more. */
#ifndef GB_POLICY_HELP_H
#define GB_POLICY_HELP_H

#include <stdbool.h>

#include "base/buffer.h"
#include "policy/policy.h"

/* Who could grant. Any may be NULL: not known. */
typedef struct gb_grantor {
    const char *manifest; /* its path */
    const char *table;    /* "workspace.metadata.glovebox" */
    const char *root;     /* folder that grants of reading are relative to, and stay in */
    const char *needs;    /* what the package itself says that it needs, safe to show */
} gb_grantor;

/* Appends lines, each after a newline: "help: to allow it: cargo glovebox allow NAME --read sql",
 * the lines of the manifest, what cannot be allowed. Nothing where nothing was refused. False:
 * memory. */
bool gb_policy_help(const gb_policy *policy, const gb_grantor *who, gb_buffer *out);
/* How a macro package that cannot be WebAssembly would be let run natively, in the same form, without the
 * "help: " in front. */
bool gb_policy_help_native(const char *package, const gb_grantor *who, gb_buffer *out);

#endif
