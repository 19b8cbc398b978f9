/* make_filter.c: writes a system-call filter as C source, at build time.
 *
 *   make_filter worker > build/gen/worker_filter.inc
 *   make_filter broker > build/gen/broker_filter.inc
 *
 * libseccomp compiles the rules to BPF here, so that the worker neither links it nor spends the
 * start of every process on it. The rules are the lists below: what the engine, the channel, WASI on
 * descriptors that are already open, and libc need once everything has been opened; and what the
 * broker needs to open files for reading. Whatever else a process can ask of the kernel ends it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

#define EACH(list, what)                                                                           \
    for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++) what((list)[i])

static void worker_rules(void) {
    static const int always[] = {
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
        /* for macros that the policy grants randomness; malloc's tags */
        SCMP_SYS(getrandom),
    };
    EACH(always, allow);
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
    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter || argc != 2) return 1;
    /* The kernel's other ways in (32-bit, x32) have numbers of their own. */
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) return 1;
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree: fewer steps a call */
    if (strcmp(argv[1], "worker") == 0) {
        worker_rules();
    } else if (strcmp(argv[1], "broker") == 0) {
        broker_rules();
    } else {
        return 1;
    }
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
