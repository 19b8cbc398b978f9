/* make_filter.c: writes the worker's system-call filter as C source, at build time.
 *
 *   make_filter > build/gen/worker_filter.inc
 *
 * libseccomp compiles the rules to BPF here, so that the worker neither links it nor spends the
 * start of every process on it. The rules are the list below: what the engine, the channel, WASI on
 * descriptors that are already open, and libc need once everything has been opened. Whatever else a
 * process can ask of the kernel ends it. */
#define _GNU_SOURCE
#include <errno.h>
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

static void rules(void) {
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
    };
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) allow(always[i]);
    /* New mappings may never be executable; machine code goes where the engine reserved room before. */
    allow_if(SCMP_SYS(mmap), 2, PROT_EXEC, 0);
    allow_if(SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
    /* glibc's abort() and the libraries' probing of terminals: refused politely, not fatal. */
    static const int refused[] = {SCMP_SYS(ioctl), SCMP_SYS(tgkill), SCMP_SYS(openat), SCMP_SYS(newfstatat),
                                  SCMP_SYS(fcntl), SCMP_SYS(prctl), SCMP_SYS(getrandom)};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0) != 0) exit(1);
}

int main(void) {
    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) return 1;
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree: fewer steps a call */
    rules();
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
