#include "wasi/broker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct gb_broker {
    int socket;
    pid_t child;
};

enum { FOLLOW = 1, OPEN = 2 };

/* Both ends are the same program, so the records need no fixed layout. */
struct request {
    uint32_t flags;
    char path[2 * PATH_MAX];
};

struct answer {
    int32_t error;
    struct stat st;
    char path[2 * PATH_MAX];
    char link[PATH_MAX];
};

union fd_message {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
};

/* ---- the broker ---------------------------------------------------------------------------- */

static bool send_answer(int socket, const struct answer *answer, int fd) {
    struct iovec v = {.iov_base = (void *)answer, .iov_len = sizeof *answer};
    union fd_message control = {0};
    struct msghdr message = {.msg_iov = &v, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.head = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *answer;
}

static void answer_one(int socket, const struct wasi_view *view, struct request *request) {
    static struct answer answer;
    static struct wasi_seen seen;
    request->path[sizeof request->path - 1] = 0;
    wasi_view_look(view, request->path, request->flags & FOLLOW, request->flags & OPEN, &seen);
    answer.error = seen.error;
    answer.st = seen.st;
    memcpy(answer.path, seen.path, sizeof answer.path);
    memcpy(answer.link, seen.link, sizeof answer.link);
    if (!send_answer(socket, &answer, seen.fd)) _exit(1);
    if (seen.fd >= 0) close(seen.fd);
}

/* What the broker lives by, and keeps open. */
struct post {
    int socket;   /* to the worker */
    int lifeline; /* -1: none */
    int worker;   /* a descriptor of the process; -1: none */
};

static void serve(const struct post *post, const struct wasi_view *view) {
    static struct request request;
    struct pollfd polled[] = {
        {.fd = post->socket, .events = POLLIN},
        {.fd = post->lifeline, .events = POLLRDHUP}, /* nothing is read from it: poll passes over -1 */
    };
    for (;;) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR) return;
        if (polled[1].revents) {
            if (post->worker >= 0) syscall(SYS_pidfd_send_signal, post->worker, SIGKILL, NULL, 0);
            return;
        }
        if (!polled[0].revents) continue;
        /* A sequence-packet socket keeps requests apart; anything but a whole one ends the service. */
        if (recv(post->socket, &request, sizeof request, 0) != (ssize_t)sizeof request) return;
        answer_one(post->socket, view, &request);
    }
}

static void close_between(unsigned first, unsigned last) {
    if (first > last) return;
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
    long most = sysconf(_SC_OPEN_MAX); /* before Linux 5.9 */
    for (unsigned fd = first; fd <= last && (long)fd < most; fd++) close((int)fd);
}

static int by_value(const void *a, const void *b) {
    return *(const int *)a < *(const int *)b ? -1 : 1;
}

/* Lets go of everything it was born with and does not serve with: a socket that it kept open would
 * hide the end of the process that it belongs to. `kept` has room for the view's roots and the
 * post. */
static void close_all_but(const struct post *post, const struct wasi_view *view, int *kept) {
    size_t count = 0;
    for (size_t i = 0; i < view->root_count; i++) {
        if (view->roots[i] >= 0) kept[count++] = view->roots[i];
    }
    kept[count++] = post->socket;
    if (post->lifeline >= 0) kept[count++] = post->lifeline;
    if (post->worker >= 0) kept[count++] = post->worker;
    qsort(kept, count, sizeof *kept, by_value);
    unsigned next = 0;
    for (size_t i = 0; i < count; i++) {
        if ((unsigned)kept[i] > next) close_between(next, (unsigned)kept[i] - 1);
        next = (unsigned)kept[i] + 1;
    }
    close_between(next, UINT_MAX);
}

/* In the new process. */
static _Noreturn void be_broker(int socket, pid_t worker, const struct wasi_view *view, int *kept,
                                const gb_broker_options *options) {
    struct post post = {.socket = socket, .lifeline = options->lifeline, .worker = -1};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (post.lifeline >= 0) post.worker = (int)syscall(SYS_pidfd_open, worker, 0);
    if (getppid() != worker) _exit(1); /* it died meanwhile, and its number may be another's */
    close_all_but(&post, view, kept);
    if (options->wall && !options->wall(view->roots, view->root_count, NULL)) _exit(1);
    serve(&post, view);
    _exit(0);
}

gb_broker *gb_broker_start(gb_policy *policy, const gb_broker_options *options, gb_error *err) {
    int ends[2];
    struct wasi_view view;
    gb_broker *broker = malloc(sizeof *broker);
    if (!broker || !wasi_view_open_roots(&view, policy)) {
        free(broker);
        gb_fail(err, GB_ERROR_MEMORY, "out of memory while starting the file broker");
        return NULL;
    }
    int *kept = malloc((view.root_count + 3) * sizeof *kept);
    pid_t child = -1, worker = getpid();
    if (kept && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
        child = fork();
        if (child == 0) be_broker(ends[1], worker, &view, kept, options);
        close(ends[1]);
        if (child < 0) close(ends[0]);
    }
    wasi_view_close(&view);
    free(kept);
    if (child < 0) {
        gb_fail_errno(err, "cannot start the file broker");
        free(broker);
        return NULL;
    }
    *broker = (gb_broker){.socket = ends[0], .child = child};
    return broker;
}

void gb_broker_stop(gb_broker *broker) {
    if (!broker) return;
    close(broker->socket);
    while (waitpid(broker->child, NULL, 0) < 0 && errno == EINTR) {}
    free(broker);
}

int gb_broker_fd(const gb_broker *broker) {
    return broker->socket;
}

/* ---- its client ---------------------------------------------------------------------------- */

static bool receive_answer(int socket, struct answer *answer, int *fd) {
    struct iovec v = {.iov_base = answer, .iov_len = sizeof *answer};
    union fd_message control = {0};
    struct msghdr message = {
        .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *fd = -1;
    ssize_t n;
    do n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    const struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
        memcpy(fd, CMSG_DATA(head), sizeof *fd);
    }
    return n == (ssize_t)sizeof *answer;
}

static bool send_request(int socket, const struct request *request) {
    struct iovec v = {.iov_base = (void *)request, .iov_len = sizeof *request};
    struct msghdr message = {.msg_iov = &v, .msg_iovlen = 1};
    ssize_t n;
    do n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *request;
}

void wasi_broker_look(gb_broker *broker, gb_policy *policy, const char *path, bool follow,
                      bool open, struct wasi_seen *seen) {
    struct request request = {.flags = (follow ? FOLLOW : 0u) | (open ? OPEN : 0u)};
    struct answer answer;
    snprintf(request.path, sizeof request.path, "%s", path);
    seen->error = EIO;
    seen->fd = -1;
    seen->path[0] = seen->link[0] = 0;
    if (!send_request(broker->socket, &request)) return;
    if (!receive_answer(broker->socket, &answer, &seen->fd)) return;
    seen->error = answer.error;
    seen->st = answer.st;
    memcpy(seen->path, answer.path, sizeof seen->path);
    memcpy(seen->link, answer.link, sizeof seen->link);
    if (S_ISDIR(seen->st.st_mode)) { /* known only where it was granted */
        gb_policy_ask_directory(policy, GB_POWER_READ, seen->path, strlen(seen->path));
    } else {
        gb_policy_ask(policy, GB_POWER_READ, seen->path, strlen(seen->path));
    }
    if (open) gb_policy_note_open(policy);
}
