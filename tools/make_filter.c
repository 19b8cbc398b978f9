/* make_filter.c: writes a system-call filter as C source, at build time.
 *
 *   make_filter worker > build/gen/worker_filter.inc
 *   make_filter broker > build/gen/broker_filter.inc
 *   make_filter loading > build/gen/loading_filter.inc
 *   make_filter native > build/gen/native_filter.inc
 *
 * libseccomp compiles the rules to BPF here, so that the worker neither links it nor spends the
 * start of every process on it. The rules are the lists below: what the engine, the channel, WASI on
 * descriptors that are already open, and libc need once everything has been opened; and what the
 * broker needs to open files for reading. Whatever else a process can ask of the kernel ends it.
 *
 * The last two are for a worker that loads a native macro: one while the dynamic loader works (and
 * constructors of the author's run), the other on top of it from then on. Native code has std's and
 * C's own ways to ask for what it does not get, and is refused as a system would: with an error. What has
 * a path in it, and random bytes, come back to the worker as a signal (worker/calls.h), which asks the
 * policy and answers in the kernel's place. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

static scmp_filter_ctx filter;

static void allow(int call) {
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) exit(1);
}

/* Allowed where argument `which`, masked, equals value. */
static void allow_if(int call, unsigned which, uint64_t mask, uint64_t value) {
    struct scmp_arg_cmp test = SCMP_CMP64(which, SCMP_CMP_MASKED_EQ, mask, value);
    if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &test) != 0) exit(1);
}

/* Refused with an error, which the caller must live with. */
static void refuse(int call) {
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) != 0) exit(1);
}

/* Comes back to the process as a signal. */
static void trap(int call) {
    if (seccomp_rule_add(filter, SCMP_ACT_TRAP, call, 0) != 0) exit(1);
}

#define EACH(list, what)                                                                           \
    for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++) what((list)[i])

/* What a worker of either kind needs. */
static const int worker_calls[] = {
    /* the channel and descriptors that are open already */
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
    SCMP_SYS(preadv), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(poll),
    SCMP_SYS(ppoll), SCMP_SYS(eventfd2), SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(getdents64),
    /* memory that cannot run */
    SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(mremap),
    /* time, waiting, signals to itself */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(futex),
    SCMP_SYS(sched_yield), SCMP_SYS(setitimer), SCMP_SYS(timer_settime), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

static void worker_rules(void) {
    EACH(worker_calls, allow);
    allow(SCMP_SYS(getrandom)); /* for macros that the policy grants randomness; malloc's tags */
    /* New mappings may never be executable; machine code goes where the engine reserved room before. */
    allow_if(SCMP_SYS(mmap), 2, PROT_EXEC, 0);
    allow_if(SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
    /* What libc tries on its way and can do without. fcntl, ioctl, getsockopt: what kind of thing a
     * standard stream is; newfstatat: fstat of glibc from 2.33 on (ours is wasi_fstat: the call that
     * takes a name would tell which files there are); sysinfo: how much room qsort may take; tgkill: abort, which then ends by a trap. */
    static const int refused[] = {
        SCMP_SYS(ioctl), SCMP_SYS(tgkill), SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(fcntl),
        SCMP_SYS(prctl), SCMP_SYS(sysinfo), SCMP_SYS(getsockopt),
    };
    EACH(refused, refuse);
}

/* What both filters of a native macro's have in common. Everything else is refused. */
static void native_rules(void) {
    static const int by_name[] = {
        SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlinkat),
        SCMP_SYS(getcwd),
#ifdef __x86_64__
        SCMP_SYS(open), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(access), SCMP_SYS(readlink),
#endif
    };
    EACH(worker_calls, allow);
    EACH(by_name, trap);
    /* The worker's own, where the policy grants randomness; libc and std give other flags. */
    allow_if(SCMP_SYS(getrandom), 2, ~UINT64_C(0), GRND_INSECURE);
    struct scmp_arg_cmp others = SCMP_CMP64(2, SCMP_CMP_NE, GRND_INSECURE);
    if (seccomp_rule_add_array(filter, SCMP_ACT_TRAP, SCMP_SYS(getrandom), 1, &others) != 0) exit(1);
}

/* Code must become executable. */
static void loading_rules(void) {
    native_rules();
    allow(SCMP_SYS(dup));
    allow(SCMP_SYS(mmap));
    allow(SCMP_SYS(mprotect));
    /* The second filter, on top: it can only take away. */
    const struct scmp_arg_cmp plain[] = {SCMP_CMP64(0, SCMP_CMP_EQ, SECCOMP_SET_MODE_FILTER),
                                                SCMP_CMP64(1, SCMP_CMP_EQ, 0)};
    if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(seccomp), 2, plain) != 0) exit(1);
}

static void loaded_rules(void) {
    native_rules();
    allow_if(SCMP_SYS(mmap), 2, PROT_EXEC, 0);
    allow_if(SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
}

/* The broker opens for reading, tells what is there, and ends its worker by a descriptor. */
static void broker_rules(void) {
    static const int always[] = {
        SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(close), SCMP_SYS(fstat),
        SCMP_SYS(newfstatat), SCMP_SYS(readlinkat), SCMP_SYS(pidfd_send_signal), SCMP_SYS(munmap),
        SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(mremap), SCMP_SYS(futex), SCMP_SYS(restart_syscall),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(exit), SCMP_SYS(exit_group),
    };
    EACH(always, allow);
    /* O_TMPFILE has a bit of its own beside O_DIRECTORY's. */
    allow_if(SCMP_SYS(openat), 2, O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY), O_RDONLY);
    allow_if(SCMP_SYS(fcntl), 1, ~UINT64_C(0), F_DUPFD_CLOEXEC);
    allow_if(SCMP_SYS(mmap), 2, PROT_EXEC, 0);
    allow_if(SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
    static const int refused[] = {SCMP_SYS(getrandom), SCMP_SYS(sysinfo), SCMP_SYS(tgkill)};
    EACH(refused, refuse);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*rules)(void);
        uint32_t otherwise;
    } filters[] = {
        {"worker", worker_rules, SCMP_ACT_KILL_PROCESS},
        {"broker", broker_rules, SCMP_ACT_KILL_PROCESS},
        {"loading", loading_rules, SCMP_ACT_ERRNO(EPERM)},
        {"native", loaded_rules, SCMP_ACT_ERRNO(EPERM)},
    };
    size_t which = 0, count = sizeof filters / sizeof *filters;
    while (argc == 2 && which < count && strcmp(argv[1], filters[which].name) != 0) which++;
    if (argc != 2 || which == count) return 1;
    filter = seccomp_init(filters[which].otherwise);
    if (!filter) return 1;
    /* The kernel's other ways in (32-bit, x32) have numbers of their own. */
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) return 1;
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree: fewer steps a call */
    filters[which].rules();
    int memory = memfd_create("filter", 0);
    if (memory < 0 || seccomp_export_bpf(filter, memory) != 0) return 1;
    struct {
        uint16_t code;
        uint8_t jt, jf;
        uint32_t k;
    } line;
    lseek(memory, 0, SEEK_SET);
    puts("/* Made by tools/make_filter.c. */");
    while (read(memory, &line, sizeof line) == (ssize_t)sizeof line)
        printf("{0x%02x, %u, %u, 0x%08x},\n", line.code, line.jt, line.jf, line.k);
    return ferror(stdout) ? 1 : 0;
}
