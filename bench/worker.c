/* What a worker costs, seen from the place of the shim: bench-worker WORKER ARTIFACT WALL ROUNDTRIPS
 *
 * Starts WORKER for ARTIFACT with --kernel-wall=WALL as the shim does, expands the first macro on a small struct, once and
 * then ROUNDTRIPS times more, and prints microseconds: from the start until it is ready, until the first answer, and the median of
 * a round trip. The other end is src/worker/channel.c. */
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/build_id.h"
#include "base/file.h"
#include "base/hash.h"
#include "tokens/message.h"
#include "worker/channel.h"

enum { MAILBOX = 1 << 20, SIZE = GB_CHANNEL_HEADER + 2 * MAILBOX, ROUNDTRIPS_MOST = 100000 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void fail(const char *what) {
    fprintf(stderr, "bench-worker: %s\n", what);
    exit(1);
}

/* ---- EXPAND of `struct Point { x: i32, y: i32 }` -------------------------------------------------- */

typedef struct writer {
    uint32_t words[256], ends[16];
    char pool[128];
    uint32_t word_count, text_count, pool_length, spans;
} writer;

static void put(writer *w, uint32_t word) { w->words[w->word_count++] = word; }

static void put_ident(writer *w, const char *text) {
    memcpy(w->pool + w->pool_length, text, strlen(text));
    w->pool_length += (uint32_t)strlen(text);
    w->ends[w->text_count] = w->pool_length;
    put(w, 0);
    put(w, w->text_count++);
    put(w, 3 + w->spans++);
}

static void put_punct(writer *w, char c) {
    put(w, 1 | (uint32_t)c << 8);
    put(w, 3 + w->spans++);
}

static void put_field(writer *w, const char *name) {
    put_ident(w, name);
    put_punct(w, ':');
    put_ident(w, "i32");
    put_punct(w, ',');
}

static size_t request(uint8_t *out) {
    writer w = {.word_count = 0};
    put(&w, 0); /* the first macro */
    put(&w, 1); /* of one stream: */
    put(&w, 0);
    uint32_t stream = w.word_count;
    put(&w, 0);
    put_ident(&w, "struct");
    put_ident(&w, "Point");
    put(&w, 3 | 1 << 4); /* a group in braces */
    for (int i = 0; i < 3; i++) put(&w, 3 + w.spans++);
    put(&w, 1);
    uint32_t group = w.word_count;
    put(&w, 0);
    put_field(&w, "x");
    put_field(&w, "y");
    w.words[group] = w.word_count - group - 1;
    w.words[stream] = w.word_count - stream - 1;
    put(&w, 0); /* flags */
    uint32_t padded = (w.pool_length + 3) / 4 * 4;
    uint32_t header[4] = {GB_OP_EXPAND | GB_MESSAGE_VERSION << 16, w.word_count, w.text_count, w.pool_length};
    memcpy(out, header, 16);
    memcpy(out + 16, w.words, w.word_count * 4);
    memcpy(out + 16 + w.word_count * 4, w.ends, w.text_count * 4);
    memcpy(out + 16 + (w.word_count + w.text_count) * 4, w.pool, padded);
    return 16 + (w.word_count + w.text_count) * 4 + padded;
}

/* ---- the channel, as shim/channel.rs has it --------------------------------------------------------- */

typedef struct mailbox {
    _Atomic uint32_t state, kind, part, first, second;
} mailbox;

static uint8_t *map;
static mailbox *outbox, *inbox;

static void greet(int socket, int memory) {
    uint8_t greeting[GB_CHANNEL_GREETING] = "GLOVEBOX";
    gb_store_u32(greeting + 8, GB_CHANNEL_VERSION);
    gb_store_u32(greeting + 12, SIZE);
    memcpy(greeting + 16, gb_build_id(), strlen(gb_build_id()));
    struct iovec part = {greeting, sizeof greeting};
    _Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int))] = {0};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &memory, sizeof memory);
    if (sendmsg(socket, &m, MSG_NOSIGNAL) != (ssize_t)sizeof greeting) fail("no greeting");
    uint8_t answer[GB_CHANNEL_GREETING];
    if (recv(socket, answer, sizeof answer, MSG_WAITALL) != (ssize_t)sizeof answer) fail("the worker ended");
    if (gb_load_u32(answer + 12) == 0) return;
    char why[1024] = "";
    if (recv(socket, why, sizeof why - 1, 0) < 0) fail("the worker ended");
    fail(why);
}

static void round_trip(const uint8_t *message, size_t length) {
    memcpy(map + GB_CHANNEL_HEADER, message, length);
    atomic_store(&outbox->kind, GB_CHANNEL_MESSAGE);
    atomic_store(&outbox->part, (uint32_t)length);
    atomic_store(&outbox->first, (uint32_t)length);
    atomic_store(&outbox->second, 0);
    atomic_store(&outbox->state, 1);
    syscall(SYS_futex, &outbox->state, FUTEX_WAKE, 1, NULL, NULL, 0);
    struct timespec look = {.tv_sec = 10};
    double start = now();
    while (atomic_load(&inbox->state) != 1) {
        syscall(SYS_futex, &inbox->state, FUTEX_WAIT, 0, &look, NULL, 0);
        if (now() - start > 1e7) fail("the worker does not answer");
    }
    if (atomic_load(&inbox->kind) != GB_CHANNEL_REPLY || gb_load_u32(map + GB_CHANNEL_HEADER + MAILBOX) >> 16 != GB_MESSAGE_VERSION ||
        (gb_load_u32(map + GB_CHANNEL_HEADER + MAILBOX) & 0xffff) != GB_OP_DONE) {
        fail("the macro failed");
    }
    atomic_store(&inbox->state, 0);
}

static pid_t start(char **arguments, int *socket) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("no socket");
    pid_t pid = vfork();
    if (pid == 0) {
        dup2(ends[1], 0);
        execv(arguments[0], arguments);
        _exit(127);
    }
    close(ends[1]);
    *socket = ends[0];
    return pid;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count) {
    qsort(values, count, sizeof *values, by_size);
    return count ? values[count / 2] : 0;
}

static void stay_together(pid_t worker) {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET((size_t)sched_getcpu(), &here);
    sched_setaffinity(worker, sizeof here, &here);
    sched_setaffinity(0, sizeof here, &here);
}

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: bench-worker WORKER ARTIFACT on|off ROUNDTRIPS");
    static double trips[ROUNDTRIPS_MOST];
    size_t count = strtoul(argv[4], NULL, 10);
    char artifact[4096], digest[128] = "--digest=", wall[32];
    gb_buffer bytes = {0};
    gb_error err;
    if (count > ROUNDTRIPS_MOST || !gb_file_read(argv[2], &bytes, &err)) fail("the artifact cannot be read");
    gb_digest sum = gb_digest_of(bytes.data, bytes.length);
    gb_digest_text(&sum, digest + strlen(digest));
    snprintf(artifact, sizeof artifact, "--artifact=%s", argv[2]);
    snprintf(wall, sizeof wall, "--kernel-wall=%s", argv[3]);
    char *arguments[] = {argv[1], artifact, digest, "--package=serde_derive", "--version=1", wall, NULL};
    uint8_t message[2048];
    size_t length = request(message);

    double begin = now();
    int memory = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0 || ftruncate(memory, SIZE) != 0 || fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) fail("no memory file");
    map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (map == MAP_FAILED) fail("no memory");
    outbox = (mailbox *)(void *)map;
    inbox = (mailbox *)(void *)(map + 64);
    int socket;
    pid_t worker = start(arguments, &socket);
    greet(socket, memory);
    double ready = now();
    stay_together(worker);
    round_trip(message, length);
    double first = now();
    for (size_t i = 0; i < count; i++) {
        double from = now();
        round_trip(message, length);
        trips[i] = now() - from;
    }
    printf("%.1f %.1f %.2f\n", ready - begin, first - begin, median(trips, count));
    close(socket);
    waitpid(worker, NULL, 0);
    return 0;
}
