/* beneath.h: opening what lies beneath a directory, and nothing else.
 *
 * The kernel resolves the whole path in one call (openat2 with RESOLVE_BENEATH and
 * RESOLVE_NO_MAGICLINKS), or walk.h does it by hand where openat2 is missing. Both give the same
 * answers; a path that would leave the directory gives EPERM, as does an absolute one. */
#ifndef GB_WASI_BENEATH_H
#define GB_WASI_BENEATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "wasi/walk.h"

/* Can this kernel (and its filters) do it? */
bool wasi_beneath_by_kernel(int directory);

/* A descriptor, or the negative of an errno. `flags` as for openat; O_NOFOLLOW when a link at the
 * end is meant itself. Close-on-exec, and never a controlling terminal. */
int wasi_beneath_open(int directory, bool by_hand, const char *path, int flags, mode_t mode);

/* For operations that make, rename or remove a name: the directory that holds it, and the name,
 * with one '/' behind it when slashes were (mkdirat, unlinkat, renameat and symlinkat know what
 * that means and never follow a link in that place). 0 or an errno; on success the caller closes
 * end->parent. */
int wasi_beneath_name(int directory, bool by_hand, const char *path, struct wasi_end *end);

#endif
