/* view.h: the files of a macro: what the policy grants, under the host's own names, read-only.
 *
 * A guest cannot change its directory and its libc drops the slash in front of a path that no
 * preopen claims. So a path that reaches the preopen named "." may have been relative (to the
 * compiler's directory) or absolute; wasi_view_spell tells them apart as far as can be told.
 * Granted directories have preopens of their own, so only paths that will be refused are ever in
 * doubt.
 *
 * Every open resolves the path from "/" by walk.h and asks the policy about the path it ended at.
 * Only regular files and directories are handed out. */
#ifndef GB_WASI_VIEW_H
#define GB_WASI_VIEW_H

#include <sys/stat.h>

#include "wasi/walk.h"

/* What came of opening a path in the view. */
struct wasi_seen {
    int error; /* errno, 0 when there is something there and it may be seen */
    int fd;    /* open for reading, or -1 when it was only looked at; owned by the receiver */
    struct stat st;
    char path[2 * PATH_MAX]; /* where the path led: what the policy was asked about */
    char link[PATH_MAX];     /* of a symbolic link that was not followed: its text */
};

/* Opens the policy's granted directories. Those that cannot be opened are left out. False: no
 * memory. */
bool wasi_view_open_roots(struct wasi_view *view, gb_policy *policy);
void wasi_view_close(struct wasi_view *view);

/* The absolute path that a guest means by `path` from `base`; `libc_root` when base stands for both
 * the compiler's directory and "/". Not yet normal: `..` is for the walk. 0 or an errno. */
int wasi_view_spell(const gb_policy *policy, const char *base, bool libc_root, const char *path,
                    char out[2 * PATH_MAX]);

/* Looks at (`open` false) or opens an absolute path. `follow`: a link at its end stands for its
 * target. */
void wasi_view_look(const struct wasi_view *view, const char *path, bool follow, bool open,
                    struct wasi_seen *seen);

#endif
