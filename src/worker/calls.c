#include "worker/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/file.h"
#include "wasi/broker.h"
#include "wasi/wasi.h"

static gb_calls the; /* what was given */
static gb_policy *nobodys; /* keeps questions about libraries, which nobody wants to know */
static uint64_t fixed_random;

/* Where dynamic loaders find the system's libraries when they have no list of them (/etc/ld.so.cache): for one file, the
 * broker would have to keep all of /etc in reach. */
static const char *const folders[] = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store"};
enum { FOLDERS = sizeof folders / sizeof *folders };

bool gb_calls_grant_libraries(gb_policy *policy, gb_error *err) {
    for (size_t i = 0; i < FOLDERS; i++) {
        if (gb_dir_exists(folders[i]) && !gb_policy_grant_path(policy, folders[i], 0, err)) return false;
    }
    return true;
}

static bool is_library(const char *path) {
    for (size_t i = 0; i < FOLDERS; i++) {
        if (gb_path_under(path, folders[i]) != NULL) return true;
    }
    return false;
}

/* ---- files --------------------------------------------------------------------------------- */

/* Looks at or opens what a path means from the compiler's folder. 0, or -errno; then nothing is open. */
static int look(int directory, const char *path, bool follow, bool open, struct wasi_seen *seen) {
    char absolute[2 * PATH_MAX];
    if (*path == '\0') return -ENOENT;
    if (*path != '/' && directory != AT_FDCWD) return -EACCES; /* where that is, nobody knows here */
    bool whole = *path == '/';
    int n = snprintf(absolute, sizeof absolute, "%s%s%s", whole ? "" : the.directory, whole ? "" : "/", path);
    if (n >= PATH_MAX) return -ENAMETOOLONG;
    wasi_broker_look(the.broker, is_library(absolute) ? nobodys : the.policy, absolute, follow, open, seen);
    return -seen->error;
}

/* Reading a folder is a question of its own, and an input of the build. */
static int list(const struct wasi_seen *seen) {
    gb_answer answer = gb_policy_ask(the.policy, GB_POWER_LIST, seen->path, strlen(seen->path));
    return answer == GB_GRANTED ? 0 : answer == GB_HIDDEN ? -ENOENT : -EACCES;
}

/* The loader reads from the start, and closes what it gets. */
static int open_library(void) {
    int fd = (int)syscall(SYS_dup, the.library_file);
    if (fd < 0) return -errno; /* it was loaded before */
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static int open_file(int directory, const char *path, int flags) {
    static struct wasi_seen seen;
    if (strcmp(path, the.library) == 0) return open_library();
    bool changes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC | O_APPEND)) != 0;
    if (changes) return -EACCES;
    int error = look(directory, path, !(flags & O_NOFOLLOW), true, &seen);
    if (error != 0) return error;
    if (S_ISDIR(seen.st.st_mode)) error = list(&seen);
    else if (flags & O_DIRECTORY) error = -ENOTDIR;
    if (error == 0) return seen.fd;
    close(seen.fd);
    return error;
}

static int stat_file(int directory, const char *path, int flags, struct stat *st) {
    static struct wasi_seen seen;
    if (*path == '\0' && flags & AT_EMPTY_PATH)
        return syscall(SYS_fstat, directory, st) == 0 ? 0 : -errno;
    int error = look(directory, path, !(flags & AT_SYMLINK_NOFOLLOW), false, &seen);
    if (error == 0) *st = seen.st;
    return error;
}

static struct statx_timestamp time_of(struct timespec t) {
    return (struct statx_timestamp){.tv_sec = t.tv_sec, .tv_nsec = (uint32_t)t.tv_nsec};
}

static int statx_file(int directory, const char *path, int flags, struct statx *to) {
    struct stat st;
    int error = stat_file(directory, path, flags, &st);
    if (error != 0) return error;
    *to = (struct statx){
        .stx_mask = STATX_BASIC_STATS,
        .stx_blksize = (uint32_t)st.st_blksize,
        .stx_nlink = (uint32_t)st.st_nlink,
        .stx_uid = st.st_uid,
        .stx_gid = st.st_gid,
        .stx_mode = (uint16_t)st.st_mode,
        .stx_ino = st.st_ino,
        .stx_size = (uint64_t)st.st_size,
        .stx_blocks = (uint64_t)st.st_blocks,
        .stx_atime = time_of(st.st_atim),
        .stx_mtime = time_of(st.st_mtim),
        .stx_ctime = time_of(st.st_ctim),
        .stx_rdev_major = major(st.st_rdev),
        .stx_rdev_minor = minor(st.st_rdev),
        .stx_dev_major = major(st.st_dev),
        .stx_dev_minor = minor(st.st_dev),
    };
    return 0;
}

static int access_file(int directory, const char *path, int mode) {
    struct stat st;
    int error = stat_file(directory, path, 0, &st);
    return error != 0 ? error : mode & W_OK ? -EACCES : 0;
}

static int read_link(int directory, const char *path, char *to, size_t size) {
    static struct wasi_seen seen;
    int error = look(directory, path, false, false, &seen);
    if (error != 0) return error;
    if (!S_ISLNK(seen.st.st_mode)) return -EINVAL;
    size_t length = strlen(seen.link);
    if (length > size) length = size;
    memcpy(to, seen.link, length);
    return (int)length;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static int get_directory(char *to, size_t size) {
    size_t length = strlen(the.directory) + 1;
    if (length > size) return -ERANGE;
    memcpy(to, the.directory, length);
    return (int)length; /* the kernel counts the NUL */
}

static long get_random(uint8_t *to, size_t length) {
    static const size_t most = 1 << 20;
    if (length > most) length = most;
    if (gb_policy_ask(the.policy, GB_POWER_RANDOM, "", 0) == GB_GRANTED) {
        long n = syscall(SYS_getrandom, to, length, GRND_INSECURE);
        return n < 0 ? -errno : n;
    }
    gb_wasi_fixed_bytes(&fixed_random, to, length);
    return (long)length;
}

/* Which arguments are addresses, a bit each. */
static unsigned addresses(long call) {
    switch (call) {
    case SYS_openat:
    case SYS_faccessat:
    case SYS_faccessat2: return 1u << 1;
    case SYS_newfstatat:
    case SYS_readlinkat: return 1u << 1 | 1u << 2;
    case SYS_statx: return 1u << 1 | 1u << 4;
#ifdef __x86_64__
    case SYS_stat:
    case SYS_lstat:
    case SYS_readlink: return 1u << 0 | 1u << 1;
#endif
    default: return 1u << 0;
    }
}

/* std finds out by null addresses which calls a kernel knows; other wrong ones are the author's fault, and
 * end his process. */
static bool has_null(long call, const unsigned long *a) {
    unsigned which = addresses(call);
    for (unsigned i = 0; which >> i; i++) {
        if (which >> i & 1 && a[i] == 0) return true;
    }
    return false;
}

/* Arguments as the kernel has them. */
static long answer(long call, const unsigned long *a) {
#define TEXT(i) ((const char *)a[i])
    if (has_null(call, a)) return -EFAULT;
    switch (call) {
    case SYS_openat: return open_file((int)a[0], TEXT(1), (int)a[2]);
    case SYS_newfstatat: return stat_file((int)a[0], TEXT(1), (int)a[3], (struct stat *)a[2]);
    case SYS_statx: return statx_file((int)a[0], TEXT(1), (int)a[2], (struct statx *)a[4]);
    case SYS_faccessat:
    case SYS_faccessat2: return access_file((int)a[0], TEXT(1), (int)a[2]);
    case SYS_readlinkat: return read_link((int)a[0], TEXT(1), (char *)a[2], a[3]);
#ifdef __x86_64__
    case SYS_open: return open_file(AT_FDCWD, TEXT(0), (int)a[1]);
    case SYS_stat: return stat_file(AT_FDCWD, TEXT(0), 0, (struct stat *)a[1]);
    case SYS_lstat: return stat_file(AT_FDCWD, TEXT(0), AT_SYMLINK_NOFOLLOW, (struct stat *)a[1]);
    case SYS_access: return access_file(AT_FDCWD, TEXT(0), (int)a[1]);
    case SYS_readlink: return read_link(AT_FDCWD, TEXT(0), (char *)a[1], a[2]);
#endif
    case SYS_getcwd: return get_directory((char *)a[0], a[1]);
    case SYS_getrandom: return get_random((uint8_t *)a[0], a[1]);
    default: return -EPERM;
    }
#undef TEXT
}

/* seccomp(2), SECCOMP_RET_TRAP: the registers are those of the call, which was not made. */
static void on_call(int signal, siginfo_t *info, void *context) {
    (void)signal;
    int number = errno;
    mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
#if defined __x86_64__
    greg_t *r = m->gregs;
    const unsigned long a[] = {(unsigned long)r[REG_RDI], (unsigned long)r[REG_RSI],
                               (unsigned long)r[REG_RDX], (unsigned long)r[REG_R10],
                               (unsigned long)r[REG_R8],  (unsigned long)r[REG_R9]};
    r[REG_RAX] = answer(info->si_syscall, a);
#elif defined __aarch64__
    unsigned long a[6];
    for (int i = 0; i < 6; i++) a[i] = m->regs[i];
    m->regs[0] = (unsigned long long)answer(info->si_syscall, a);
#else
    (void)m, (void)info, (void)answer;
#endif
    errno = number;
}

bool gb_calls_answer(const gb_calls *calls, gb_error *err) {
    static const gb_subject nobody = {.name = "?"};
    the = *calls;
    nobodys = gb_policy_new(&nobody, err);
    if (!nobodys) return false;
    /* On the stack of whoever called: it is a function call to him. */
    struct sigaction action = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
    sigemptyset(&action.sa_mask);
    return sigaction(SIGSYS, &action, NULL) == 0 || gb_fail_errno(err, "a signal cannot be caught");
}
