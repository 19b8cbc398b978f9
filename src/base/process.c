#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

extern char **environ;

/* ---- environment --------------------------------------------------------------------------- */

static bool same_name(const char *entry, const char *name, size_t length) {
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static bool overridden(const gb_process *p, const char *entry) {
    for (size_t i = 0; p->unset && i < p->unset->count; i++)
        if (same_name(entry, p->unset->items[i], strlen(p->unset->items[i]))) return true;
    for (size_t i = 0; p->set && i < p->set->count; i++)
        if (same_name(entry, p->set->items[i], strcspn(p->set->items[i], "="))) return true;
    return false;
}

static void environment(const gb_process *p, gb_strings *env) {
    for (char **e = environ; !p->clear_env && e && *e; e++)
        if (!overridden(p, *e)) gb_strings_add(env, *e);
    for (size_t i = 0; p->set && i < p->set->count; i++) gb_strings_add(env, p->set->items[i]);
}

/* ---- one output stream ---------------------------------------------------------------------- */

typedef struct stream {
    const gb_out *out;
    int fd;         /* our end, or -1 when at its end or not ours to read */
    gb_buffer line; /* GB_OUT_LINES: what has come of the current line */
} stream;

static bool deliver_lines(stream *s, bool at_end, gb_error *err) {
    size_t start = 0;
    bool ok = true;
    while (ok && start < s->line.length) {
        uint8_t *from = s->line.data + start;
        uint8_t *end = memchr(from, '\n', s->line.length - start);
        if (!end && !at_end) break;
        size_t length = end ? (size_t)(end - from) : s->line.length - start;
        from[length] = '\0'; /* on the newline, or on the buffer's own NUL */
        ok = s->out->line(s->out->env, (const char *)from, length, err);
        start += length + (end != NULL);
    }
    if (start) {
        memmove(s->line.data, s->line.data + start, s->line.length - start);
        s->line.length -= start;
        s->line.data[s->line.length] = '\0';
    }
    return ok;
}

/* Reads what there is; closes at the end. */
static bool stream_read(stream *s, gb_error *err) {
    char chunk[65536];
    ssize_t n = read(s->fd, chunk, sizeof chunk);
    if (n < 0) return errno == EINTR || errno == EAGAIN || gb_fail_errno(err, "cannot read output");
    if (n == 0) {
        close(s->fd);
        s->fd = -1;
        return s->out->kind != GB_OUT_LINES || deliver_lines(s, true, err);
    }
    gb_buffer *to = s->out->kind == GB_OUT_LINES ? &s->line : s->out->buffer;
    if (!gb_buffer_reserve(to, (size_t)n + 1) || !gb_buffer_append(to, chunk, (size_t)n))
        return gb_fail(err, GB_ERROR_MEMORY, "out of memory while reading a program's output");
    to->data[to->length] = '\0';
    /* Only a newline that has just come can complete a line: looking no further back keeps a long
     * line linear. */
    return s->out->kind != GB_OUT_LINES || !memchr(chunk, '\n', (size_t)n) ||
           deliver_lines(s, false, err);
}

/* ---- running ------------------------------------------------------------------------------- */

typedef struct running {
    pid_t pid;
    stream streams[2];
    int input; /* our end of standard input, or -1 */
    size_t written;
} running;

static void close_all(running *r) {
    for (int i = 0; i < 2; i++) {
        if (r->streams[i].fd >= 0) close(r->streams[i].fd);
        r->streams[i].fd = -1;
        gb_buffer_free(&r->streams[i].line);
    }
    if (r->input >= 0) close(r->input);
    r->input = -1;
}

static bool add_output(posix_spawn_file_actions_t *actions, stream *s, int target, int *child_end) {
    if (s->out->kind == GB_OUT_INHERIT) return true;
    if (s->out->kind == GB_OUT_NULL)
        return posix_spawn_file_actions_addopen(actions, target, "/dev/null", O_WRONLY, 0) == 0;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    s->fd = ends[0];
    *child_end = ends[1];
    return posix_spawn_file_actions_adddup2(actions, ends[1], target) == 0;
}

static bool add_input(posix_spawn_file_actions_t *actions, const gb_process *p, running *r,
                      int *child_end) {
    if (p->inherit_input) return true;
    if (!p->input)
        return posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0) == 0;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    r->input = ends[1];
    *child_end = ends[0];
    return fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 &&
           posix_spawn_file_actions_adddup2(actions, ends[0], 0) == 0;
}

static int spawn(const gb_process *p, running *r, int child_ends[3]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    gb_strings env = {0};
    int status = ENOMEM;
    sigfillset(&all);
    sigemptyset(&none);
    /* SIGKILL and SIGSTOP in the set are ignored by the kernel's sigaction, but glibc reports them.
     */
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    if (posix_spawn_file_actions_init(&actions) != 0) return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) goto no_attributes;
    environment(p, &env);
    if (env.failed) goto out;
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    if ((p->cwd && posix_spawn_file_actions_addchdir_np(&actions, p->cwd) != 0) ||
        !add_input(&actions, p, r, &child_ends[0]) ||
        !add_output(&actions, &r->streams[0], 1, &child_ends[1]) ||
        !add_output(&actions, &r->streams[1], 2, &child_ends[2])) {
        status = errno ? errno : ENOMEM;
        goto out;
    }
    char *nothing[] = {NULL};
    status = posix_spawnp(&r->pid, p->args->items[0], &actions, &attributes, p->args->items,
                          env.items ? env.items : nothing);
out:
    gb_strings_free(&env);
    posix_spawnattr_destroy(&attributes);
no_attributes:
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

static void write_input(const gb_process *p, running *r) {
    const char *bytes = p->input;
    size_t left = p->input_length - r->written;
    ssize_t n = left ? write(r->input, bytes + r->written, left) : 0;
    if (n > 0) r->written += (size_t)n;
    bool again = n < 0 && (errno == EAGAIN || errno == EINTR);
    /* A child that closes its input early is no error: it has what it wants. */
    if (r->written == p->input_length || (n < 0 && !again)) {
        close(r->input);
        r->input = -1;
    }
}

static bool exchange(const gb_process *p, running *r, gb_error *err) {
    for (;;) {
        struct pollfd fds[3] = {{.fd = r->streams[0].fd, .events = POLLIN},
                                {.fd = r->streams[1].fd, .events = POLLIN},
                                {.fd = r->input, .events = POLLOUT}};
        if (fds[0].fd < 0 && fds[1].fd < 0 && fds[2].fd < 0) return true;
        int ready = poll(fds, 3, p->tick ? p->tick_ms : -1);
        if (ready < 0 && errno != EINTR)
            return gb_fail_errno(err, "cannot wait for %s", p->args->items[0]);
        if (ready <= 0) {
            if (ready == 0) p->tick(p->tick_env);
            continue;
        }
        if (fds[2].fd >= 0 && fds[2].revents) write_input(p, r);
        for (int i = 0; i < 2; i++)
            if (fds[i].fd >= 0 && fds[i].revents && !stream_read(&r->streams[i], err)) return false;
    }
}

static bool wait_for(pid_t pid, gb_exit *exit, gb_error *err) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return gb_fail_errno(err, "cannot wait for a child process");
    exit->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    exit->code = exit->signal ? 128 + exit->signal : WEXITSTATUS(status);
    return true;
}

bool gb_process_run(const gb_process *p, gb_exit *exit, gb_error *err) {
    running r = {.streams = {{.out = &p->out, .fd = -1}, {.out = &p->err, .fd = -1}}, .input = -1};
    int child_ends[3] = {-1, -1, -1};
    if (!p->args || !p->args->count) return gb_fail(err, GB_ERROR_USAGE, "no program to run");
    errno = 0;
    /* Writing to a child that has gone must give EPIPE, not end us. Blocked in this thread only,
     * and a signal that came of it is taken back. */
    sigset_t pipe_set, old_set;
    sigemptyset(&pipe_set);
    sigaddset(&pipe_set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_set, &old_set);
    int status = spawn(p, &r, child_ends);
    for (int i = 0; i < 3; i++)
        if (child_ends[i] >= 0) close(child_ends[i]);
    bool ok = status == 0;
    if (!ok) {
        errno = status;
        gb_fail_errno(err, "cannot run %s", p->args->items[0]);
    } else {
        ok = exchange(p, &r, err);
        close_all(&r);
        if (!ok) kill(r.pid, SIGKILL);
        gb_exit ended;
        ok = wait_for(r.pid, ok ? exit : &ended, ok ? err : NULL) && ok;
    }
    close_all(&r);
    struct timespec now = {0, 0};
    if (!sigismember(&old_set, SIGPIPE)) {
        while (sigtimedwait(&pipe_set, NULL, &now) > 0) continue;
    }
    pthread_sigmask(SIG_SETMASK, &old_set, NULL);
    return ok;
}

bool gb_process_output(const gb_strings *args, gb_buffer *out, gb_error *err) {
    gb_buffer messages = {0};
    gb_process p = {.args = args,
                    .out = {.kind = GB_OUT_CAPTURE, .buffer = out},
                    .err = {.kind = GB_OUT_CAPTURE, .buffer = &messages}};
    gb_exit exit;
    bool ok = gb_process_run(&p, &exit, err);
    if (ok && exit.code != 0) {
        const char *text = gb_buffer_text(&messages);
        size_t length = strlen(text), shown = GB_ERROR_MAX / 2;
        ok = gb_fail(err, GB_ERROR_IO, "%s failed (exit code %d): %s", args->items[0], exit.code,
                     length > shown ? text + length - shown : text);
    }
    gb_buffer_free(&messages);
    return ok;
}

bool gb_process_describe(const gb_strings *args, gb_buffer *out) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=./:,@%^";
    bool ok = true;
    for (size_t i = 0; ok && i < args->count; i++) {
        const char *text = args->items[i];
        ok = i == 0 || gb_buffer_append_text(out, " ");
        if (*text && !text[strspn(text, plain)]) {
            ok = ok && gb_buffer_append_text(out, text);
            continue;
        }
        ok = ok && gb_buffer_append_text(out, "'");
        for (; ok && *text; text++)
            ok = *text == '\'' ? gb_buffer_append_text(out, "'\\''")
                               : gb_buffer_append(out, text, 1);
        ok = ok && gb_buffer_append_text(out, "'");
    }
    return ok;
}
