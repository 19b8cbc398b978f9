/* without.c: runs a program on a kernel that seems to lack something: `without WHAT PROGRAM WORD…`. WHAT is `landlock`, or
 * `executable`: memory that is there already cannot be made executable (what is mapped from files, as the dynamic linker does, can). */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define FAIL(number) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define UNLESS(kind, value, skipped) BPF_JUMP(BPF_JMP | (kind) | BPF_K, value, 0, skipped)

static struct sock_filter landlock[] = {
    LOAD(nr), UNLESS(BPF_JEQ, SYS_landlock_create_ruleset, 1), FAIL(ENOSYS), ALLOW,
};
static struct sock_filter executable[] = {
    LOAD(nr), UNLESS(BPF_JEQ, SYS_mprotect, 3), LOAD(args[2]), UNLESS(BPF_JSET, PROT_EXEC, 1), FAIL(EACCES), ALLOW,
};

int main(int argc, char **argv) {
    struct sock_fprog program = {sizeof landlock / sizeof *landlock, landlock};
    if (argc > 1 && strcmp(argv[1], "executable") == 0) {
        program = (struct sock_fprog){sizeof executable / sizeof *executable, executable};
    }
    if (argc < 3 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        return 2;
    }
    execvp(argv[2], argv + 2);
    return 127;
}
