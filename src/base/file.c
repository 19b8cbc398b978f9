#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- contents ------------------------------------------------------------------------------ */

bool gb_file_read(const char *path, gb_buffer *out, gb_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return gb_fail_errno(err, "cannot open %s", path);
    struct stat st;
    bool ok = true;
    if (fstat(fd, &st) == 0 && st.st_size > 0)
        ok =
            (uintmax_t)st.st_size < GB_BUFFER_MAX && gb_buffer_reserve(out, (size_t)st.st_size + 1);
    if (!ok) gb_fail(err, GB_ERROR_MEMORY, "%s is too large to read", path);
    while (ok) {
        if (!gb_buffer_reserve(out, 4096)) {
            ok = gb_fail(err, GB_ERROR_MEMORY, "%s is too large to read", path);
            break;
        }
        ssize_t n = read(fd, out->data + out->length, out->capacity - out->length - 1);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) ok = gb_fail_errno(err, "cannot read %s", path);
        if (n <= 0) break;
        out->length += (size_t)n;
    }
    if (out->data) out->data[out->length] = '\0';
    close(fd);
    return ok;
}

bool gb_fd_write(int fd, const void *bytes, size_t length) {
    const char *at = bytes;
    while (length) {
        ssize_t n = write(fd, at, length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

/* A name beside `path` that is this process's own; another container's may have it all the same. */
static char *fresh_name(const char *path) {
    static unsigned counter;
    return gb_text_format("%s.tmp-%ld-%u", path, (long)getpid(),
                          __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED));
}

/* Opens a new file beside `path`; *name is its name, the caller's. */
static int open_beside(const char *path, unsigned mode, char **name, gb_error *err) {
    for (int tries = 0; tries < 100; tries++) {
        *name = fresh_name(path);
        if (!*name) break;
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
        if (fd >= 0) return fd;
        bool taken = errno == EEXIST;
        if (!taken) gb_fail_errno(err, "cannot write beside %s", path);
        free(*name);
        if (!taken) return -1;
    }
    gb_fail(err, GB_ERROR_IO, "cannot find a name beside %s", path);
    return -1;
}

/* Gives the file beside its name, or removes it. Frees name and closes fd. */
static bool finish_beside(int fd, char *name, const char *path, bool ok, gb_error *err) {
    if (close(fd) != 0 && ok) ok = gb_fail_errno(err, "cannot write %s", path);
    if (ok && rename(name, path) != 0) ok = gb_fail_errno(err, "cannot rename to %s", path);
    if (!ok) unlink(name);
    free(name);
    return ok;
}

bool gb_file_write(const char *path, const void *bytes, size_t length, unsigned mode,
                   gb_error *err) {
    char *name;
    int fd = open_beside(path, mode, &name, err);
    if (fd < 0) return false;
    bool ok = gb_fd_write(fd, bytes, length) || gb_fail_errno(err, "cannot write %s", path);
    return finish_beside(fd, name, path, ok, err);
}

bool gb_file_write_text(const char *path, const char *text, gb_error *err) {
    return gb_file_write(path, text, strlen(text), 0644, err);
}

bool gb_file_write_if_changed(const char *path, const void *bytes, size_t length, gb_error *err) {
    struct stat st;
    gb_mapped_file old;
    /* A link is replaced even when what it names says the same. */
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && gb_file_map(path, &old, NULL)) {
        bool same = old.length == length && memcmp(old.bytes, bytes, length) == 0;
        gb_file_unmap(&old);
        if (same) return true;
    }
    return gb_file_write(path, bytes, length, 0644, err);
}

static bool copy_contents(int in, int out) {
    if (ioctl(out, FICLONE, in) == 0) return true;
    char *chunk = malloc(1 << 17);
    if (!chunk) return false;
    ssize_t n;
    bool ok = true;
    while (ok && (n = read(in, chunk, 1 << 17)) != 0) {
        if (n < 0) {
            ok = errno == EINTR;
            continue;
        }
        ok = gb_fd_write(out, chunk, (size_t)n);
    }
    free(chunk);
    return ok;
}

bool gb_file_copy(const char *from, const char *to, gb_error *err) {
    struct stat st;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0 || fstat(in, &st) != 0) {
        gb_fail_errno(err, "cannot open %s", from);
        if (in >= 0) close(in);
        return false;
    }
    char *name;
    int out = open_beside(to, st.st_mode & 0777, &name, err);
    bool ok = out >= 0;
    if (ok) {
        ok = copy_contents(in, out) || gb_fail_errno(err, "cannot copy %s to %s", from, to);
        ok = finish_beside(out, name, to, ok, err);
    }
    close(in);
    return ok;
}

bool gb_file_link_or_copy(const char *from, const char *to, gb_error *err) {
    char *name = fresh_name(to);
    if (!name) return no_memory(err);
    bool ok = link(from, name) == 0 && rename(name, to) == 0;
    /* rename(2) does nothing when both names already are the same file. */
    unlink(name);
    free(name);
    return ok || gb_file_copy(from, to, err);
}

bool gb_file_symlink(const char *target, const char *path, gb_error *err) {
    char *name = fresh_name(path);
    if (!name) return no_memory(err);
    bool ok = symlink(target, name) == 0 && rename(name, path) == 0;
    if (!ok) {
        gb_fail_errno(err, "cannot link %s", path);
        unlink(name);
    }
    free(name);
    return ok;
}

static uint64_t nanoseconds(struct timespec t) {
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static gb_file_identity identity_of(const struct stat *st) {
    return (gb_file_identity){
        .device = (uint64_t)st->st_dev,
        .inode = (uint64_t)st->st_ino,
        .size = (uint64_t)st->st_size,
        .modified = nanoseconds(st->st_mtim),
        .changed = nanoseconds(st->st_ctim),
    };
}

bool gb_file_is_settled(const gb_file_identity *identity) {
    enum { TICK = 20000000 };
    struct timespec t;
    return clock_gettime(CLOCK_REALTIME, &t) == 0 && identity->changed + TICK < nanoseconds(t);
}

bool gb_file_map(const char *path, gb_mapped_file *out, gb_error *err) {
    *out = (gb_mapped_file){(const uint8_t *)"", 0, {0}};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool ok = fd >= 0 && fstat(fd, &st) == 0;
    if (!ok) gb_fail_errno(err, "cannot open %s", path);
    if (ok && !S_ISREG(st.st_mode)) ok = gb_fail(err, GB_ERROR_IO, "%s is not a file", path);
    if (ok && (uintmax_t)st.st_size > SIZE_MAX) ok = no_memory(err);
    if (ok && st.st_size > 0) {
        void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        ok = bytes != MAP_FAILED || gb_fail_errno(err, "cannot map %s", path);
        if (ok) *out = (gb_mapped_file){bytes, (size_t)st.st_size, {0}};
    }
    if (ok) out->identity = identity_of(&st);
    if (fd >= 0) close(fd);
    return ok;
}

void gb_file_unmap(gb_mapped_file *file) {
    if (file->length) munmap((void *)(uintptr_t)file->bytes, file->length);
    *file = (gb_mapped_file){(const uint8_t *)"", 0, {0}};
}

/* ---- names --------------------------------------------------------------------------------- */

bool gb_file_exists(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

bool gb_dir_exists(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool gb_file_executable(const char *path) {
    return gb_file_exists(path) && access(path, X_OK) == 0;
}

int64_t gb_file_mtime(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0) return -1;
    return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

bool gb_dir_make(const char *path, gb_error *err) {
    if (gb_dir_exists(path)) return true;
    char *copy = gb_text_copy(path);
    if (!copy) return no_memory(err);
    bool ok = true;
    for (char *at = copy + (*copy == '/'); ok; at++) {
        if (*at && *at != '/') continue;
        char end = *at;
        *at = '\0';
        int number = *copy && mkdir(copy, 0777) != 0 ? errno : 0;
        if (number && !gb_dir_exists(copy)) {
            errno = number;
            ok = gb_fail_errno(err, "cannot make folder %s", copy);
        }
        *at = end;
        if (!end) break;
    }
    free(copy);
    return ok;
}

char *gb_dir_make_temporary(const char *parent, const char *prefix, gb_error *err) {
    char *path = gb_text_format("%s/%sXXXXXX", parent, prefix);
    if (!path) no_memory(err);
    if (path && !mkdtemp(path)) {
        gb_fail_errno(err, "cannot make a folder in %s", parent);
        free(path);
        path = NULL;
    }
    return path;
}

static bool remove_at(int parent, const char *name, const char *shown, gb_error *err);

static bool remove_contents(int fd, const char *shown, gb_error *err) {
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return gb_fail_errno(err, "cannot read folder %s", shown);
    }
    bool ok = true;
    const struct dirent *entry;
    while (ok && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        ok = remove_at(dirfd(dir), entry->d_name, shown, err);
    }
    closedir(dir);
    return ok;
}

/* By descriptor, so that a folder swapped for a link meanwhile is not followed. */
static bool remove_at(int parent, const char *name, const char *shown, gb_error *err) {
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
    if (errno != EISDIR && errno != EPERM)
        return gb_fail_errno(err, "cannot remove %s (in %s)", name, shown);
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return gb_fail_errno(err, "cannot remove %s (in %s)", name, shown);
    if (!remove_contents(fd, shown, err)) return false;
    return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ||
           gb_fail_errno(err, "cannot remove %s (in %s)", name, shown);
}

bool gb_path_remove(const char *path, gb_error *err) {
    return remove_at(AT_FDCWD, path, path, err);
}

bool gb_dir_list(const char *path, gb_strings *names, gb_error *err) {
    DIR *dir = opendir(path);
    if (!dir) return gb_fail_errno(err, "cannot read folder %s", path);
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            gb_strings_add(names, entry->d_name);
    closedir(dir);
    gb_strings_sort(names);
    return gb_strings_ok(names, err);
}

/* ---- paths --------------------------------------------------------------------------------- */

char *gb_path_join(const char *a, const char *b) {
    if (!a || !b) return NULL;
    if (*b == '/' || !*a) return gb_text_copy(b);
    return gb_text_format(gb_text_ends(a, "/") ? "%s%s" : "%s/%s", a, b);
}

char *gb_path_parent(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return gb_text_copy(".");
    return slash == path ? gb_text_copy("/") : gb_text_copy_n(path, (size_t)(slash - path));
}

const char *gb_path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Takes "", "." and "x/.." out of an absolute path, in place. */
static void normalise(char *path) {
    char *to = path;
    const char *from = path;
    while (*from) {
        while (*from == '/') from++;
        size_t length = strcspn(from, "/");
        if (length == 2 && from[0] == '.' && from[1] == '.') {
            while (to > path && *--to != '/') continue;
        } else if (length && !(length == 1 && from[0] == '.')) {
            *to++ = '/';
            memmove(to, from, length);
            to += length;
        }
        from += length;
    }
    if (to == path) *to++ = '/';
    *to = '\0';
}

char *gb_path_absolute(const char *base, const char *path) {
    char *here = NULL, *joined = NULL;
    if (*path != '/' && (!base || *base != '/')) here = getcwd(NULL, 0);
    if (*path == '/') {
        joined = gb_text_copy(path);
    } else if (base && *base == '/') {
        joined = gb_path_join(base, path);
    } else if (here) {
        char *inner = base ? gb_path_join(base, path) : gb_text_copy(path);
        joined = inner ? gb_path_join(here, inner) : NULL;
        free(inner);
    }
    free(here);
    if (joined) normalise(joined);
    return joined;
}

char *gb_path_real(const char *path, gb_error *err) {
    char *real = realpath(path, NULL);
    if (!real) gb_fail_errno(err, "cannot find %s", path);
    return real;
}

const char *gb_path_under(const char *path, const char *folder) {
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') length--;
    if (strncmp(path, folder, length) != 0) return NULL;
    if (length == 1 && *folder == '/') return path + 1;
    if (!path[length]) return path + length;
    return path[length] == '/' ? path + length + 1 : NULL;
}

char *gb_path_program(const char *name) {
    if (strchr(name, '/')) return gb_path_absolute(NULL, name);
    const char *path = getenv("PATH");
    gb_strings folders = {0};
    char *found = NULL;
    gb_text_split(&folders, path ? path : "/usr/local/bin:/usr/bin:/bin", ':');
    for (size_t i = 0; !found && i < folders.count; i++) {
        /* An empty entry means the current folder: not a place to start programs from. */
        char *candidate = folders.items[i][0] == '/' ? gb_path_join(folders.items[i], name) : NULL;
        if (candidate && gb_file_executable(candidate)) found = candidate;
        else free(candidate);
    }
    gb_strings_free(&folders);
    return found;
}

char *gb_path_self(gb_error *err) {
    return gb_path_real("/proc/self/exe", err);
}

/* ---- between processes --------------------------------------------------------------------- */

int gb_lock_take(const char *path, bool shared, void (*waiting)(void *env), void *env,
                 gb_error *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        gb_fail_errno(err, "cannot open lock %s", path);
        return -1;
    }
    int how = shared ? LOCK_SH : LOCK_EX;
    int status = flock(fd, how | LOCK_NB);
    if (status != 0 && errno == EWOULDBLOCK) {
        if (waiting) waiting(env);
        do {
            status = flock(fd, how);
        } while (status != 0 && errno == EINTR);
    }
    if (status != 0) {
        gb_fail_errno(err, "cannot lock %s", path);
        close(fd);
        return -1;
    }
    return fd;
}

void gb_lock_release(int lock) {
    if (lock >= 0) close(lock);
}

/* What a killed builder left: nobody else builds while the lock is ours. */
static void sweep(const char *parent, const char *prefix) {
    gb_strings names = {0};
    if (gb_dir_list(parent, &names, NULL))
        for (size_t i = 0; i < names.count; i++) {
            char *path = gb_text_starts(names.items[i], prefix)
                             ? gb_path_join(parent, names.items[i])
                             : NULL;
            if (path) gb_path_remove(path, NULL);
            free(path);
        }
    gb_strings_free(&names);
}

static bool build_beside(const char *folder, const char *parent,
                         bool (*build)(void *, const char *, gb_error *), void *env,
                         gb_error *err) {
    char *prefix = gb_text_format(".%s-", gb_path_name(folder));
    if (!prefix) return no_memory(err);
    sweep(parent, prefix);
    char *beside = gb_dir_make_temporary(parent, prefix, err);
    bool ok = beside && build(env, beside, err);
    if (ok && (chmod(beside, 0755) != 0 || rename(beside, folder) != 0))
        ok = gb_fail_errno(err, "cannot rename to %s", folder);
    if (!ok && beside) gb_path_remove(beside, NULL);
    free(prefix);
    free(beside);
    return ok;
}

bool gb_dir_make_once(const char *folder,
                      bool (*build)(void *env, const char *folder, gb_error *err),
                      void (*waiting)(void *env), void *env, gb_error *err) {
    if (gb_dir_exists(folder)) return true;
    char *parent = gb_path_parent(folder), *lock_path = gb_text_format("%s.lock", folder);
    bool ok = parent && lock_path ? gb_dir_make(parent, err) : no_memory(err);
    int lock = ok ? gb_lock_take(lock_path, false, waiting, env, err) : -1;
    ok = lock >= 0 && (gb_dir_exists(folder) || build_beside(folder, parent, build, env, err));
    gb_lock_release(lock);
    free(parent);
    free(lock_path);
    return ok;
}

char *gb_home_dir(gb_error *err) {
    const char *home = getenv("GLOVEBOX_HOME");
    if (home && *home) return gb_path_absolute(NULL, home);
    home = getenv("XDG_CACHE_HOME");
    if (home && *home == '/') return gb_path_join(home, "glovebox");
    home = getenv("HOME");
    if (home && *home == '/') return gb_path_join(home, ".cache/glovebox");
    gb_fail(err, GB_ERROR_USAGE, "no place for Glovebox's files: set GLOVEBOX_HOME or HOME");
    return NULL;
}
