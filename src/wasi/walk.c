#include "wasi/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
    const struct wasi_view *view;
    enum wasi_last last;
    unsigned links;
    /* Directories from the start to here. stack[0] is borrowed, the others are ours; in a view -1
     * stands for a directory without contents. */
    int stack[WASI_WALK_DEPTH];
    size_t depth;
    char done[2 * PATH_MAX]; /* views: path of the directory on top, "" for "/" */
    size_t done_length;
    char todo[2 * PATH_MAX]; /* what remains to be walked, from `at` */
    size_t at;
};

/* The next component of what remains. */
struct step {
    char name[NAME_MAX + 1];
    size_t length;
    bool is_last; /* nothing but slashes follows */
    bool slash;   /* at least one does */
};

static int top(const struct walk *w) {
    return w->stack[w->depth - 1];
}

static void pop(struct walk *w) {
    int fd = w->stack[--w->depth];
    if (fd >= 0) close(fd);
    while (w->done_length && w->done[--w->done_length] != '/') {}
}

static int push(struct walk *w, int fd, const struct step *s) {
    bool room = w->depth < WASI_WALK_DEPTH && w->done_length + s->length + 2 < sizeof w->done;
    if (!room) {
        if (fd >= 0) close(fd);
        return ENAMETOOLONG;
    }
    w->stack[w->depth++] = fd;
    w->done[w->done_length] = '/';
    memcpy(w->done + w->done_length + 1, s->name, s->length);
    w->done_length += s->length + 1;
    return 0;
}

/* 0 and the next step, ENAMETOOLONG, or -1 when nothing remains. */
static int next_step(struct walk *w, struct step *s) {
    const char *p = w->todo + w->at;
    p += strspn(p, "/");
    size_t length = strcspn(p, "/");
    if (length == 0) return -1;
    if (length > NAME_MAX) return ENAMETOOLONG;
    memcpy(s->name, p, length);
    s->name[length] = 0;
    s->length = length;
    s->slash = p[length] == '/';
    p += length;
    s->is_last = p[strspn(p, "/")] == 0;
    w->at = (size_t)(p - w->todo);
    return 0;
}

/* Views name the end even when the walk did not get there. */
static void name_end(const struct walk *w, const char *name, const char *rest,
                     struct wasi_end *end) {
    if (!w->view) return;
    char text[4 * PATH_MAX + NAME_MAX + 2];
    int n = snprintf(text, sizeof text, "%.*s/%s%s", (int)w->done_length, w->done, name, rest);
    gb_buffer normal = {0};
    gb_path_normalize(&normal, "/", text, (size_t)n);
    snprintf(end->path, sizeof end->path, "%s", gb_buffer_text(&normal));
    gb_buffer_free(&normal);
}

/* Hands the directory on top over to `end`. */
static int stop_at(struct walk *w, const char *name, bool slash, struct wasi_end *end) {
    name_end(w, name, "", end);
    end->slash = slash;
    bool keep_slash = slash && w->last == WASI_LAST_NAME && strcmp(name, ".") != 0;
    snprintf(end->name, sizeof end->name, "%s%s", name, keep_slash ? "/" : "");
    end->parent = -1;
    if (top(w) < 0) return 0;
    end->parent = fcntl(top(w), F_DUPFD_CLOEXEC, 0);
    return end->parent < 0 ? errno : 0;
}

static int go_back(struct walk *w) {
    if (w->depth > 1) {
        pop(w);
        return 0;
    }
    return w->view ? 0 : EPERM; /* "/.." is "/"; but nothing lies beside a preopen */
}

/* Puts a link's text in the place of its name. */
static int enter_link(struct walk *w, int link) {
    char text[2 * PATH_MAX];
    if (++w->links > WASI_WALK_LINKS) return ELOOP;
    ssize_t n = readlinkat(link, "", text, PATH_MAX);
    if (n < 0) return errno;
    if (n == 0) return ENOENT;
    if (n == PATH_MAX) return ENAMETOOLONG;
    const char *rest = w->todo + w->at;
    size_t rest_length = strlen(rest);
    if ((size_t)n + rest_length + 1 > sizeof text) return ENAMETOOLONG;
    bool absolute = text[0] == '/';
    if (absolute && !w->view) return EPERM;
    memcpy(text + n, rest, rest_length + 1);
    memcpy(w->todo, text, (size_t)n + rest_length + 1);
    w->at = 0;
    while (absolute && w->depth > 1) pop(w);
    return 0;
}

/* In a view: does the next step stay where there are contents? Sets *fd to the directory to enter
 * instead of looking: a granted directory, or -1 for a mere name. */
static bool step_has_contents(const struct walk *w, const struct step *s, int *fd) {
    char path[3 * PATH_MAX];
    int n = snprintf(path, sizeof path, "%.*s/%s", (int)w->done_length, w->done, s->name);
    size_t root = 0;
    gb_path_place place = gb_policy_place(w->view->policy, path, (size_t)n, &root);
    *fd = -1;
    if (place == GB_PATH_ROOT && root < w->view->root_count) *fd = w->view->roots[root];
    return (place == GB_PATH_INSIDE || place == GB_PATH_WAY) && top(w) >= 0;
}

/* One step of a view outside its contents. Returns -1 when the walk goes on, 0 or an errno at its
 * end. */
static int step_by_name(struct walk *w, const struct step *s, int root, struct wasi_end *end) {
    if (root < 0 && s->is_last) {
        name_end(w, s->name, "", end);
        snprintf(end->name, sizeof end->name, "%s", s->name);
        end->slash = s->slash;
        end->parent = -1;
        return 0;
    }
    int fd = root < 0 ? -1 : fcntl(root, F_DUPFD_CLOEXEC, 0);
    if (root >= 0 && fd < 0) return errno;
    int error = push(w, fd, s);
    return error ? error : -1;
}

/* One step in a directory with contents. Returns as step_by_name. */
static int step_by_file(struct walk *w, const struct step *s, struct wasi_end *end) {
    bool stop =
        s->is_last && (w->last == WASI_LAST_NAME || (w->last == WASI_LAST_KEEP && !s->slash));
    if (stop) return stop_at(w, s->name, s->slash, end);
    int fd = openat(top(w), s->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT && s->is_last) return stop_at(w, s->name, s->slash, end);
        return errno;
    }
    struct stat st;
    int error = fstat(fd, &st) == 0 ? 0 : errno;
    if (error == 0 && S_ISDIR(st.st_mode) && !s->is_last) {
        error = push(w, fd, s);
        return error ? error : -1;
    }
    if (error == 0 && S_ISLNK(st.st_mode)) {
        error = enter_link(w, fd);
        if (error == 0) error = -1;
    } else if (error == 0) {
        error = s->is_last ? stop_at(w, s->name, s->slash, end) : ENOTDIR;
    }
    close(fd);
    return error;
}

static int one_step(struct walk *w, struct wasi_end *end) {
    struct step s;
    int error = next_step(w, &s);
    if (error == -1) return stop_at(w, ".", true, end);
    if (error == 0 && strcmp(s.name, ".") == 0) return -1;
    if (error == 0 && strcmp(s.name, "..") == 0) {
        error = go_back(w);
        return error ? error : -1;
    }
    int root = -1;
    if (error == 0) {
        error = w->view && !step_has_contents(w, &s, &root) ? step_by_name(w, &s, root, end)
                                                            : step_by_file(w, &s, end);
    }
    if (error > 0) name_end(w, s.name, w->todo + w->at, end);
    return error;
}

int wasi_walk(int directory, const struct wasi_view *view, const char *path, enum wasi_last last,
              struct wasi_end *end) {
    struct walk w;
    w.view = view;
    w.last = last;
    w.links = 0;
    w.depth = 1;
    w.stack[0] = view ? -1 : directory;
    w.done_length = 0;
    w.at = 0;
    end->parent = -1;
    end->slash = false;
    end->name[0] = end->path[0] = 0;
    size_t length = strlen(path);
    if (length == 0) return ENOENT;
    if (length >= PATH_MAX) return ENAMETOOLONG;
    if (path[0] == '/' && !view) return EPERM;
    memcpy(w.todo, path, length + 1);
    int error;
    do error = one_step(&w, end);
    while (error == -1);
    while (w.depth > 1) pop(&w);
    return error;
}
