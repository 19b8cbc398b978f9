#include "worker/confine.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Landlock: glibc has no wrappers, and older headers no names for newer rights ---------- */

enum { LANDLOCK_CREATE_RULESET_VERSION_FLAG = 1 };

/* linux: include/uapi/linux/landlock.h struct landlock_ruleset_attr, as of ABI 6 */
struct ruleset {
    uint64_t handled_access_fs, handled_access_net, scoped;
};

/* Every right that this ABI knows, denied: there are no rules that give any back. */
static struct ruleset ruleset_for(int abi) {
    static const unsigned fs_rights[] = {0, 13, 14, 15, 15, 16};
    unsigned known = fs_rights[abi < 5 ? abi : 5];
    return (struct ruleset){
        .handled_access_fs = ((uint64_t)1 << known) - 1,
        .handled_access_net = abi >= 4 ? 3 : 0, /* TCP bind and connect */
        .scoped = abi >= 6 ? 3 : 0,             /* abstract sockets and signals */
    };
}

static size_t ruleset_size(int abi) {
    return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

static bool landlock(gb_confine_report *report, gb_error *err) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION_FLAG);
    if (abi < 1) return true; /* absent or switched off: the report says so */
    struct ruleset rules = ruleset_for((int)abi);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, ruleset_size((int)abi), 0);
    if (fd < 0) return gb_fail_errno(err, "could not make a Landlock ruleset");
    long done = syscall(SYS_landlock_restrict_self, fd, 0);
    int number = errno;
    close(fd);
    errno = number;
    if (done != 0) return gb_fail_errno(err, "could not apply the Landlock ruleset");
    report->landlock = true;
    report->landlock_abi = (int)abi;
    return true;
}

/* ---- seccomp ------------------------------------------------------------------------------- */

static bool seccomp(gb_confine_report *report, gb_error *err) {
    static struct sock_filter filter[] = {
#include "worker_filter.inc"
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0) {
        report->seccomp = true;
        return true;
    }
    if (errno == ENOSYS || errno == EINVAL) return true; /* a kernel built without it */
    return gb_fail_errno(err, "could not install the system-call filter");
}

/* ---- the rest ------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static bool close_all_but(const gb_confinement *c, gb_error *err) {
    int keep[GB_CONFINE_KEEP_MAX];
    if (c->keep_count > GB_CONFINE_KEEP_MAX)
        return gb_fail(err, GB_ERROR_USAGE, "too many descriptors to keep: %zu", c->keep_count);
    if (c->keep_count) memcpy(keep, c->keep, c->keep_count * sizeof *keep);
    qsort(keep, c->keep_count, sizeof *keep, ascending);
    unsigned from = 3;
    for (size_t i = 0; i < c->keep_count; i++) {
        unsigned fd = (unsigned)keep[i];
        if (fd > from && syscall(SYS_close_range, from, fd - 1, 0) != 0)
            return gb_fail_errno(err, "could not close inherited descriptors");
        if (fd >= from) from = fd + 1;
    }
    if (syscall(SYS_close_range, from, ~0U, 0) != 0)
        return gb_fail_errno(err, "could not close inherited descriptors");
    return true;
}

static bool limit(__rlimit_resource_t which, rlim_t value, const char *name, gb_error *err) {
    struct rlimit l = {value, value};
    return setrlimit(which, &l) == 0 || gb_fail_errno(err, "could not set the limit on %s", name);
}

bool gb_worker_confine(const gb_confinement *c, gb_confine_report *report, gb_error *err) {
    *report = (gb_confine_report){0};
    if (!close_all_but(c, err)) return false;
    if (clearenv() != 0) return gb_fail(err, GB_ERROR_MEMORY, "could not empty the environment");
    setpgid(0, 0); /* fails only for a session leader, which has a group of its own */
    if (!limit(RLIMIT_CORE, 0, "core files", err) || !limit(RLIMIT_NPROC, 0, "processes", err))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return gb_fail_errno(err, "PR_SET_DUMPABLE");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return gb_fail_errno(err, "PR_SET_NO_NEW_PRIVS");
    report->no_new_privs = true;
    if (!landlock(report, err) || !seccomp(report, err)) return false;
    if (c->require && !(report->landlock && report->seccomp))
        return gb_fail(err, GB_ERROR_REFUSED,
                       "the policy requires the kernel's wall, and this kernel has no %s",
                       report->landlock ? "system-call filters" : "Landlock");
    return true;
}
