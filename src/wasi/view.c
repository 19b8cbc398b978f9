#include "wasi/view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool wasi_view_open_roots(struct wasi_view *view, gb_policy *policy) {
    size_t count = 0;
    while (gb_policy_root(policy, count)) count++;
    int *roots = malloc((count + 1) * sizeof *roots);
    if (!roots) return false;
    for (size_t i = 0; i < count; i++) {
        roots[i] = open(gb_policy_root(policy, i), O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    *view = (struct wasi_view){.policy = policy, .roots = roots, .root_count = count};
    return true;
}

void wasi_view_close(struct wasi_view *view) {
    for (size_t i = 0; i < view->root_count; i++) {
        if (view->roots[i] >= 0) close(view->roots[i]);
    }
    free(view->roots);
    *view = (struct wasi_view){0};
}

/* ---- which path is meant ------------------------------------------------------------------- */

static bool is_granted_place(const gb_policy *policy, const char *base, const char *path) {
    gb_buffer normal = {0};
    size_t root;
    gb_path_place place = GB_PATH_OUTSIDE;
    if (gb_path_normalize(&normal, base, path, strlen(path))) {
        place = gb_policy_place(policy, gb_buffer_text(&normal), normal.length, &root);
    }
    gb_buffer_free(&normal);
    return place == GB_PATH_ROOT || place == GB_PATH_INSIDE || place == GB_PATH_WAY ||
           place == GB_PATH_UNSEEN;
}

/* Refused either way: this decides only which of the two the user reads about. */
static bool looks_absolute(const char *base, const char *path) {
    static const char *const tops[] = {
        "bin",  "boot", "dev",  "etc", "home", "lib", "lib64", "mnt", "nix",   "opt",     "proc",
        "root", "run",  "sbin", "srv", "sys",  "tmp", "usr",   "var", "Users", "Volumes",
    };
    size_t length = strcspn(path, "/");
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        if (strlen(tops[i]) == length && memcmp(path, tops[i], length) == 0) return true;
    }
    const char *own = base + strspn(base, "/");
    return strcspn(own, "/") == length && memcmp(own, path, length) == 0;
}

int wasi_view_spell(const gb_policy *policy, const char *base, bool libc_root, const char *path,
                    char out[2 * PATH_MAX]) {
    if (path[0] == 0) return ENOENT;
    bool absolute = path[0] == '/';
    if (!absolute && libc_root && !is_granted_place(policy, base, path)) {
        absolute = is_granted_place(policy, "/", path) || looks_absolute(base, path);
    }
    int n = snprintf(out, 2 * PATH_MAX, "%s/%s", absolute ? "" : base, path);
    return n < PATH_MAX ? 0 : ENAMETOOLONG;
}

/* ---- looking and opening ------------------------------------------------------------------- */

static int refusal(gb_answer answer) {
    return answer == GB_GRANTED ? 0 : answer == GB_HIDDEN ? ENOENT : EACCES;
}

/* A pipe or device among a package's files is nothing to wait for or to talk to. */
static bool is_plain(const struct stat *st) {
    return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

static int look_at_end(const struct wasi_end *end, bool open, struct wasi_seen *seen) {
    int look = openat(end->parent, end->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (look < 0) return errno;
    int error = fstat(look, &seen->st) == 0 ? 0 : errno;
    if (error == 0 && S_ISLNK(seen->st.st_mode)) {
        ssize_t n = readlinkat(look, "", seen->link, sizeof seen->link - 1);
        if (n >= 0) seen->link[n] = 0;
        error = n < 0 ? errno : open ? ELOOP : 0;
    } else if (error == 0 && end->slash && !S_ISDIR(seen->st.st_mode)) {
        error = ENOTDIR;
    }
    close(look);
    if (error || !open) return error;
    if (!is_plain(&seen->st)) return EACCES;
    /* Another process may have put something else there since: O_NONBLOCK so that a pipe does not
     * hold us, and a second look at what was really opened. */
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    seen->fd = openat(end->parent, end->name, flags);
    if (seen->fd < 0) return errno;
    if (fstat(seen->fd, &seen->st) == 0 && is_plain(&seen->st)) return 0;
    close(seen->fd);
    seen->fd = -1;
    return EACCES;
}

/* On the way to what a pattern grants it matters what an entry is. Elsewhere nobody looks. */
static bool is_way(const struct wasi_view *view, const struct wasi_end *end) {
    size_t root;
    struct stat st;
    gb_path_place place = gb_policy_place(view->policy, end->path, strlen(end->path), &root);
    return (place == GB_PATH_WAY || place == GB_PATH_ROOT) && end->parent >= 0 &&
           fstatat(end->parent, end->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static gb_answer ask(const struct wasi_view *view, const struct wasi_end *end, bool way) {
    size_t length = strlen(end->path);
    return way ? gb_policy_ask_directory(view->policy, GB_POWER_READ, end->path, length)
               : gb_policy_ask(view->policy, GB_POWER_READ, end->path, length);
}

void wasi_view_look(const struct wasi_view *view, const char *path, bool follow, bool open,
                    struct wasi_seen *seen) {
    struct wasi_end end;
    seen->fd = -1;
    seen->link[0] = 0;
    memset(&seen->st, 0, sizeof seen->st);
    int error = wasi_walk(-1, view, path, follow ? WASI_LAST_FOLLOW : WASI_LAST_KEEP, &end);
    snprintf(seen->path, sizeof seen->path, "%s", end.path);
    bool way = error == 0 && is_way(view, &end);
    int refused = refusal(ask(view, &end, way));
    if (open) gb_policy_note_open(view->policy);
    if (refused) {
        error = refused;
    } else if (error == 0) {
        /* Granted, but the granted directory itself could not be opened: it is not there. */
        error = end.parent < 0 ? ENOENT : look_at_end(&end, open, seen);
        /* Replaced since it was asked about. */
        if (error == 0 && way && !S_ISDIR(seen->st.st_mode)) error = EACCES;
        if (error && seen->fd >= 0) {
            close(seen->fd);
            seen->fd = -1;
        }
    }
    if (end.parent >= 0) close(end.parent);
    seen->error = error;
}
