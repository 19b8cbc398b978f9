#include "worker/confine.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"

extern char **environ;

/* ---- seccomp ------------------------------------------------------------------------------- */

static struct sock_filter worker_filter[] = {
#include "worker_filter.inc"
};
static struct sock_filter broker_filter[] = {
#include "broker_filter.inc"
};
static struct sock_filter loading_filter[] = {
#include "loading_filter.inc"
};
static struct sock_filter native_filter[] = {
#include "native_filter.inc"
};
#define CALLS(filter) {sizeof(filter) / sizeof *(filter), filter}
static const struct sock_fprog worker_calls = CALLS(worker_filter), broker_calls = CALLS(broker_filter),
                               loading_calls = CALLS(loading_filter), native_calls = CALLS(native_filter);

static bool seccomp(const struct sock_fprog *calls, gb_confine_report *report, gb_error *err) {
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, calls) == 0) {
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

void gb_worker_forget_environment(void) {
    for (char **entry = environ; entry && *entry; entry++) memset(*entry, 0, strlen(*entry));
    clearenv();
}

/* What both have in common, up to Landlock. */
static bool give_up_powers(gb_confine_report *report, gb_error *err) {
    gb_worker_forget_environment();
    setpgid(0, 0); /* fails only for a session leader, which has a group of its own */
    if (!limit(RLIMIT_CORE, 0, "core files", err) || !limit(RLIMIT_NPROC, 0, "processes", err))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return gb_fail_errno(err, "PR_SET_DUMPABLE");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return gb_fail_errno(err, "PR_SET_NO_NEW_PRIVS");
    report->no_new_privs = true;
    report->landlock = gb_landlock_abi() > 0;
    return true;
}

/* Memory that the process can fill. Twice the macro's limit: a fresh instance may be made before the
 * last one's memory is gone; and room for messages (1 GiB each), the module and what libc needs. */
static bool limit_memory(uint64_t macro, gb_error *err) {
    static const uint64_t usual = UINT64_C(4) << 30, room = UINT64_C(4) << 30;
    if (macro == 0) macro = usual;
    if (macro > UINT64_C(1) << 40) return true;
    return limit(RLIMIT_DATA, 2 * macro + room, "memory", err);
}

static bool has_all(const gb_confine_report *report, const char *who, gb_error *err) {
    return (report->landlock && report->seccomp) ||
           gb_fail(err, GB_ERROR_REFUSED, "%s the kernel's wall, and this kernel has no %s", who,
                   report->landlock ? "system-call filters" : "Landlock");
}

bool gb_worker_confine(const gb_confinement *c, gb_confine_report *report, gb_error *err) {
    *report = (gb_confine_report){0};
    return close_all_but(c, err) && limit_memory(c->memory_bytes, err) && give_up_powers(report, err) &&
           gb_landlock_confine(NULL, 0, true, err) && seccomp(&worker_calls, report, err) &&
           (!c->require || has_all(report, "the policy requires", err));
}

/* ---- native macros -------------------------------------------------------------------------- */

static const char needs_wall[] = "a native macro runs only behind";

/* All that it maps, private or shared, is its own: the limit, and room for the worker and one message. */
static bool limit_native_memory(uint64_t macro, gb_error *err) {
    static const uint64_t usual = UINT64_C(4) << 30, room = UINT64_C(512) << 20;
    return limit(RLIMIT_AS, (macro && macro < UINT64_C(1) << 40 ? macro : usual) + room, "memory", err);
}

bool gb_worker_confine_loading(const gb_confinement *c, gb_confine_report *report, gb_error *err) {
    *report = (gb_confine_report){0};
    return close_all_but(c, err) && limit_native_memory(c->memory_bytes, err) &&
           give_up_powers(report, err) && gb_landlock_confine(NULL, 0, true, err) &&
           seccomp(&loading_calls, report, err) && has_all(report, needs_wall, err);
}

bool gb_worker_confine_loaded(gb_error *err) {
    gb_confine_report report = {.landlock = true};
    return seccomp(&native_calls, &report, err) && has_all(&report, needs_wall, err);
}

/* ---- the broker ----------------------------------------------------------------------------- */

/* Not scoped: it may have to end its worker, which the filter lets it do by descriptor alone. */
bool gb_worker_confine_broker(const int *readable, size_t count, gb_error *err) {
    gb_confine_report report = {0};
    return give_up_powers(&report, err) && gb_landlock_confine(readable, count, false, err) &&
           seccomp(&broker_calls, &report, err);
}
