#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

int passed, failed;

/* ---- an engine that is only a memory ------------------------------------------------------- */

uint64_t gb_memory_size(const gb_memory *memory) {
    return memory->size;
}

uint8_t *gb_memory_range(gb_memory *memory, uint64_t address, uint64_t length) {
    bool inside = address <= memory->size && length <= memory->size - address;
    return inside ? memory->bytes + address : NULL;
}

gb_memory *gb_caller_memory(gb_caller *caller) {
    (void)caller;
    return NULL;
}

bool gb_caller_exit(gb_caller *caller, int32_t code) {
    (void)caller;
    (void)code;
    return false;
}

bool gb_linker_define(gb_linker *linker, const char *module, const char *field, const char *type,
                      gb_host_fn fn, void *env, gb_error *err) {
    (void)linker, (void)module, (void)field, (void)type, (void)fn, (void)env, (void)err;
    return true;
}

/* ---- worlds -------------------------------------------------------------------------------- */

static void fatal(const char *what) {
    perror(what);
    exit(2);
}

void world_open(struct world *w, const struct setup *setup) {
    static const struct setup plain = {0};
    if (!setup) setup = &plain;
    gb_error err = {0};
    *w = (struct world){.top = 1024, .policy = setup->policy};
    const char *tmp = getenv("TMPDIR");
    snprintf(w->base, sizeof w->base, "%.40s/gbw-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(w->base)) fatal(w->base);
    make_dir(w, "in");
    make_file(w, "secret", "SECRET");
    w->memory = (gb_memory){.bytes = calloc(1, MEMORY), .size = MEMORY};
    if (!w->policy) {
        w->policy = gb_policy_new(&(gb_subject){.name = "test"}, &err);
        unsigned flags = setup->read_only ? 0 : GB_PATH_WRITABLE;
        char *real = realpath(host_path(w, "in"), NULL);
        if (!real || !gb_policy_grant_path(w->policy, real, flags, &err)) fatal(err.message);
        free(real);
    }
    gb_wasi_config config = {.policy = w->policy, .stdio = {-1, -1, -1}};
    config.no_openat2 = setup->by_hand;
    config.output = setup->output;
    config.output_env = setup->output_env;
    config.broker = setup->broker;
    config.args = setup->args;
    config.arg_count = setup->arg_count;
    if (setup->stdio) memcpy(config.stdio, setup->stdio, sizeof config.stdio);
    w->wasi = gb_wasi_new(&config, &err);
    if (!w->wasi) fatal(err.message);
    if (setup->no_preopen) return;
    if (!gb_wasi_preopen(w->wasi, host_path(w, "in"), "/in", &err)) fatal(err.message);
}

void world_close(struct world *w) {
    gb_wasi_free(w->wasi);
    gb_policy_free(w->policy);
    free(w->memory.bytes);
    gb_error err = {0};
    if (!gb_path_remove(w->base, &err)) fatal(err.message);
}

/* ---- the host's side ----------------------------------------------------------------------- */

const char *host_path(const struct world *w, const char *path) {
    static char buffers[4][4096];
    static unsigned next;
    char *out = buffers[next++ % 4];
    snprintf(out, sizeof buffers[0], "%s/%s", w->base, path);
    return out;
}

void make_dir(const struct world *w, const char *path) {
    if (mkdir(host_path(w, path), 0777) != 0) fatal(path);
}

void make_file(const struct world *w, const char *path, const char *contents) {
    int fd = open(host_path(w, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || write(fd, contents, strlen(contents)) != (ssize_t)strlen(contents)) fatal(path);
    close(fd);
}

void make_link(const struct world *w, const char *path, const char *target) {
    if (symlink(target, host_path(w, path)) != 0) fatal(path);
}

bool host_has(const struct world *w, const char *path) {
    struct stat st;
    return lstat(host_path(w, path), &st) == 0;
}

bool host_file_is(const struct world *w, const char *path, const char *contents) {
    char text[256];
    int fd = open(host_path(w, path), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0) close(fd);
    return n == (ssize_t)strlen(contents) && memcmp(text, contents, (size_t)n) == 0;
}

int open_host_fds(void) {
    int count = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d)) count++;
    closedir(d);
    return count;
}

/* ---- the guest's side ---------------------------------------------------------------------- */

uint32_t guest_text(struct world *w, const char *text) {
    size_t length = strlen(text);
    if (w->top + length > BUFFER) w->top = 1024;
    uint32_t at = w->top;
    memcpy(w->memory.bytes + at, text, length);
    w->top += (uint32_t)length + 8;
    return at;
}

uint32_t guest_u32(const struct world *w, uint32_t address) {
    return gb_load_u32(w->memory.bytes + address);
}

uint64_t guest_u64(const struct world *w, uint32_t address) {
    return gb_load_u64(w->memory.bytes + address);
}

void guest_put_u32(struct world *w, uint32_t address, uint32_t value) {
    gb_store_u32(w->memory.bytes + address, value);
}

void guest_put_u64(struct world *w, uint32_t address, uint64_t value) {
    gb_store_u64(w->memory.bytes + address, value);
}

int open_flags(struct world *w, int dir, uint32_t lookup, const char *path, uint32_t oflags,
               uint64_t rights, uint64_t inheriting, uint32_t fdflags) {
    uint32_t at = guest_text(w, path);
    wasi_errno error = CALL(w, path_open, dir, lookup, at, strlen(path), oflags, rights, inheriting,
                            fdflags, RESULT);
    return error ? -(int)error : (int)guest_u32(w, RESULT);
}

int open_at(struct world *w, int dir, const char *path, uint32_t oflags, uint64_t rights) {
    return open_flags(w, dir, WASI_LOOKUP_SYMLINK_FOLLOW, path, oflags, rights, 0, 0);
}

void close_fd(struct world *w, int fd) {
    if (fd >= 0) CHECK_EQ(CALL(w, fd_close, fd), WASI_OK);
}

const char *read_fd(struct world *w, int fd) {
    static char text[256];
    guest_put_u32(w, 0, BUFFER);
    guest_put_u32(w, 4, sizeof text - 1);
    if (CALL(w, fd_read, fd, 0, 1, RESULT) != WASI_OK) return NULL;
    uint32_t n = guest_u32(w, RESULT);
    memcpy(text, w->memory.bytes + BUFFER, n);
    text[n] = 0;
    return text;
}

const char *read_at(struct world *w, int dir, const char *path) {
    static char error[32];
    int fd = open_at(w, dir, path, 0, READ_RIGHTS);
    const char *text = fd < 0 ? NULL : read_fd(w, fd);
    close_fd(w, fd);
    snprintf(error, sizeof error, "error %d", -fd);
    return text ? text : error;
}

wasi_errno write_fd(struct world *w, int fd, const char *text) {
    guest_put_u32(w, 0, guest_text(w, text));
    guest_put_u32(w, 4, (uint32_t)strlen(text));
    return CALL(w, fd_write, fd, 0, 1, RESULT);
}

wasi_errno stat_at(struct world *w, int dir, bool follow, const char *path) {
    uint32_t at = guest_text(w, path);
    return CALL(w, path_filestat_get, dir, follow, at, strlen(path), BUFFER);
}

wasi_errno on_name(struct world *w, enum wasi_function function, int dir, const char *path) {
    uint32_t at = guest_text(w, path);
    return wasi_dispatch(w->wasi, &w->memory, function,
                         (const gb_value[]){V(dir), V(at), V(strlen(path))});
}

uint64_t asked(const struct world *w, gb_power power, gb_answer answer, const char *name) {
    gb_policy_record r;
    for (size_t i = 0; gb_policy_record_at(w->policy, i, &r); i++) {
        bool same = r.power == power && r.answer == answer && r.length == strlen(name) &&
                    memcmp(r.name, name, r.length) == 0;
        if (same) return r.count;
    }
    return 0;
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_policy();
    test_paths();
    test_fds();
    test_readdir();
    test_process();
    test_poll();
    test_sockets();
    test_view();
    printf("wasi-unit: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
