/* walk.h: resolving a path one component at a time, without trusting the kernel to stay inside.
 *
 * Every component is opened by its parent's descriptor with O_NOFOLLOW and looked at before it is
 * entered; symbolic links are read and their text is walked in their place; `..` goes back to the
 * descriptor that was come from. So nothing that another process renames or replaces meanwhile can
 * lead out of the directory the walk began in.
 *
 * Two kinds of walk:
 *   - beneath a directory: `..` past it and absolute links are refused (EPERM);
 *   - in a granted view (`view` set): the walk begins at "/", but the file system is only touched
 *     inside the directories that the policy grants. Everything else has a name and no
 *     contents, so that a question about it can be answered (and recorded) without a look. */
#ifndef GB_WASI_WALK_H
#define GB_WASI_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

enum {
    WASI_WALK_DEPTH = 256, /* directories entered at a time; more is ENAMETOOLONG */
    WASI_WALK_LINKS = 40,  /* as Linux: more is ELOOP */
};

/* What to do with a symbolic link at the very end of the path. */
enum wasi_last {
    WASI_LAST_FOLLOW,
    WASI_LAST_KEEP, /* stop at it, unless slashes follow it: then it stands for its target */
    WASI_LAST_NAME, /* stop at the name, look at nothing: for making and removing names */
};

struct wasi_view {
    gb_policy *policy;
    int *
        roots; /* descriptor of the policy's i-th granted directory, -1 where it cannot be opened */
    size_t root_count;
};

/* The end of a walk: a name in a directory. */
struct wasi_end {
    /* Owned by the caller. -1: the end lies where a view has no contents (`path` says where). */
    int parent;
    /* One component, or "." for the directory itself. With WASI_LAST_NAME one '/' follows it when
     * slashes did: the kernel knows what that means for each operation on names. */
    char name[NAME_MAX + 2];
    bool slash;              /* slashes followed the name: it must be a directory */
    char path[2 * PATH_MAX]; /* views: the absolute path of the end, also when the walk failed */
};

/* Walks `path` (not empty, no NUL) from `directory`, or in `view` from "/" when that is not NULL.
 * Returns 0, or an errno; then end->parent is -1. A name that does not exist is no error at the
 * end of a path. */
int wasi_walk(int directory, const struct wasi_view *view, const char *path, enum wasi_last last,
              struct wasi_end *end);

#endif
