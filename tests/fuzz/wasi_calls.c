/* Fuzz target: a guest that makes any calls of WASI with any arguments, over a small tree of files.
 *
 * The input is a script. Each step is one byte that chooses a function, and for each parameter one
 * byte that chooses a value: a small number (descriptors, flags), one of the strings below or of
 * the script's own bytes, an address, a huge number. What must hold, besides memory safety:
 *   - what lies beside the given directory is neither changed nor read;
 *   - a path resolved by the kernel and by hand leads to the same file. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "wasi/beneath.h"
#include "wasi/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY = 1 << 16, TEXTS = 4096, STEPS = 64 };

struct gb_memory {
    uint8_t bytes[MEMORY];
};

uint64_t gb_memory_size(const gb_memory *memory) {
    (void)memory;
    return MEMORY;
}

uint8_t *gb_memory_range(gb_memory *memory, uint64_t address, uint64_t length) {
    return address <= MEMORY && length <= MEMORY - address ? memory->bytes + address : NULL;
}

gb_memory *gb_caller_memory(gb_caller *caller) {
    (void)caller;
    return NULL;
}

bool gb_caller_exit(gb_caller *caller, int32_t code) {
    (void)caller, (void)code;
    return false;
}

bool gb_linker_define(gb_linker *linker, const char *module, const char *field, const char *type,
                      gb_host_fn fn, void *env, gb_error *err) {
    (void)linker, (void)module, (void)field, (void)type, (void)fn, (void)env, (void)err;
    return true;
}

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- the tree ------------------------------------------------------------------------------ */

static char base[64];

static const char *at(const char *path) {
    static char text[4][256];
    static unsigned next;
    char *out = text[next++ % 4];
    snprintf(out, 256, "%s/%s", base, path);
    return out;
}

static void put_file(const char *path, const char *contents) {
    int fd = open(at(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    MUST(fd >= 0 && write(fd, contents, strlen(contents)) == (ssize_t)strlen(contents));
    close(fd);
}

static void put_tree(void) {
    if (!base[0]) {
        bool shm = access("/dev/shm", W_OK) == 0;
        snprintf(base, sizeof base, "%s/gbf-XXXXXX", shm ? "/dev/shm" : "/tmp");
        MUST(mkdtemp(base));
        put_file("secret", "SECRET");
        MUST(mkdir(at("beside"), 0700) == 0);
        signal(SIGPIPE, SIG_IGN);
    }
    gb_error err;
    MUST(gb_path_remove(at("in"), &err));
    MUST(mkdir(at("in"), 0700) == 0 && mkdir(at("in/d"), 0700) == 0 &&
         mkdir(at("in/d/.h"), 0700) == 0);
    put_file("in/f", "inside");
    put_file("in/d/.h/g", "hidden");
    MUST(symlink("../secret", at("in/o")) == 0 && symlink("..", at("in/u")) == 0);
    MUST(symlink("d", at("in/s")) == 0 && symlink("/etc/passwd", at("in/a")) == 0);
    MUST(symlink("../f", at("in/d/l")) == 0 && symlink("../new", at("in/n")) == 0);
}

static void check_tree(void) {
    gb_strings names = {0};
    gb_error err;
    MUST(gb_dir_list(base, &names, &err));
    MUST(names.count == 3); /* beside, in, secret */
    gb_strings_clear(&names);
    MUST(gb_dir_list(at("beside"), &names, &err) && names.count == 0);
    gb_strings_free(&names);
    char text[16] = {0};
    int fd = open(at("secret"), O_RDONLY | O_CLOEXEC);
    MUST(fd >= 0 && read(fd, text, sizeof text - 1) == 6 && strcmp(text, "SECRET") == 0);
    struct stat st;
    MUST(fstat(fd, &st) == 0 && st.st_nlink == 1);
    close(fd);
}

/* ---- the guest ----------------------------------------------------------------------------- */

static const char *const texts[] = {
    "f",      "d",       "..",          "o",        "u",   "s",   "a",  "n",
    "d/l",    "d/../..", "../secret",   "u/secret", "s/l", "./f", "f/", "d/",
    "s/../f", "d/.h/g",  "new",         "x",        ".",   "",    "/",  "s/l/../../secret",
    "u/in/f", "d/.h/..", "../beside/x",
};
enum { TEXT_COUNT = sizeof texts / sizeof *texts };

struct script {
    const uint8_t *p, *end;
    gb_memory *memory;
    uint32_t last_length; /* of the text that the last address was of */
};

static uint8_t next(struct script *s) {
    return s->p < s->end ? *s->p++ : 0;
}

static gb_value text_at(struct script *s, uint8_t choice) {
    uint32_t where = TEXTS + (uint32_t)choice * 128u % 8192u;
    if (choice % 4 == 0) { /* the script's own bytes */
        uint32_t length = next(s) % 64u;
        for (uint32_t i = 0; i < length; i++) s->memory->bytes[where + i] = next(s);
        s->last_length = length;
    } else {
        const char *text = texts[choice / 4 % TEXT_COUNT];
        s->last_length = (uint32_t)strlen(text);
        memcpy(s->memory->bytes + where, text, s->last_length);
    }
    return (gb_value){.u64 = where};
}

static gb_value value(struct script *s) {
    uint8_t kind = next(s), b = next(s);
    switch (kind % 8) {
    case 0:
    case 1: return (gb_value){.u64 = b % 8u};
    case 2: return text_at(s, b);
    case 3: return (gb_value){.u64 = s->last_length};
    case 4: return (gb_value){.u64 = (uint64_t)b << 8};
    case 5: return (gb_value){.u64 = UINT64_MAX >> (b % 64u)};
    case 6: return (gb_value){.u64 = (uint64_t)MEMORY - b % 72u};
    default: return (gb_value){.u64 = WASI_RIGHTS_ALL};
    }
}

/* Names that a script opened so far are not interesting to sleep on, and output goes nowhere. */
static void run_script(gb_wasi *wasi, struct script *s) {
    for (int step = 0; step < STEPS && s->p < s->end; step++) {
        enum wasi_function function = (enum wasi_function)(next(s) % WASI_CALL_COUNT);
        gb_value args[9];
        for (int i = 0; i < 9; i++) args[i] = value(s);
        if (function == WASI_fd_allocate) args[2].u64 %= 1 << 16;
        if (function == WASI_fd_filestat_set_size) args[1].u64 %= 1 << 16;
        if (function == WASI_fd_pwrite) args[3].u64 %= 1 << 16;
        if (function == WASI_fd_seek) args[1].u64 %= 1 << 16;
        wasi_dispatch(wasi, s->memory, function, args);
        wasi->exiting = false;
    }
}

/* ---- what must hold ------------------------------------------------------------------------ */

static void check_both_ways(const char *path) {
    int dir = open(at("in"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return; /* the guest may rename or remove what is its own, but never this */
    static const int flags[] = {O_PATH, O_PATH | O_NOFOLLOW, O_RDONLY | O_NONBLOCK};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct stat a = {0}, b = {0};
        int by_kernel = wasi_beneath_open(dir, false, path, flags[i], 0);
        int by_hand = wasi_beneath_open(dir, true, path, flags[i], 0);
        if (by_kernel < 0 ? by_kernel != by_hand : by_hand < 0) {
            fprintf(stderr, "`%s`, flags %#x: kernel %d, hand %d\n", path, (unsigned)flags[i],
                    by_kernel, by_hand);
            abort();
        }
        if (by_kernel < 0) continue;
        MUST(fstat(by_kernel, &a) == 0 && fstat(by_hand, &b) == 0 && a.st_ino == b.st_ino);
        close(by_kernel);
        close(by_hand);
    }
    close(dir);
}

static bool forget(void *env, int stream, const uint8_t *bytes, size_t length) {
    (void)env, (void)stream, (void)bytes, (void)length;
    return true;
}

/* The first byte says how the tree is given: a plain preopen resolved by kernel (0) or hand (1), or
 * a view (2); and whether all the known paths are compared as the script left the tree (4). */
static gb_wasi *open_context(gb_policy *policy, uint8_t mode) {
    gb_error err = {0};
    gb_wasi_config config = {.policy = policy, .stdio = {-1, -1, -1}, .output = forget};
    config.no_openat2 = mode & 1;
    gb_policy_grant(policy, GB_POWER_STDOUT);
    bool view = mode & 2;
    MUST(gb_policy_grant_path(policy, at("in"), view ? GB_PATH_SKIP_HIDDEN : GB_PATH_WRITABLE,
                              &err));
    gb_wasi *wasi = gb_wasi_new(&config, &err);
    MUST(wasi);
    MUST(view ? gb_wasi_preopen_granted(wasi, base, &err)
              : gb_wasi_preopen(wasi, at("in"), "/", &err));
    return wasi;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static gb_memory memory;
    if (size < 2) return 0;
    gb_error err = {0};
    put_tree();
    memset(&memory, 0, sizeof memory);
    gb_policy *policy = gb_policy_new(&(gb_subject){.name = "fuzz"}, &err);
    gb_wasi *wasi = open_context(policy, data[0]);
    struct script s = {.p = data + 1, .end = data + size, .memory = &memory};
    run_script(wasi, &s);
    check_tree();
    MUST(!memmem(memory.bytes, MEMORY, "SECRET", 6) || memmem(data, size, "SECRET", 6));
    if (data[0] & 2) {
        MUST(!memmem(memory.bytes, MEMORY, "hidden", 6) || memmem(data, size, "hidden", 6));
        struct stat st;
        MUST(stat(at("in/f"), &st) == 0 && st.st_size == 6);
    }
    char path[512];
    size_t n = size - 1 < sizeof path - 1 ? size - 1 : sizeof path - 1;
    memcpy(path, data + 1, n);
    path[n] = 0;
    check_both_ways(path);
    for (size_t i = 0; data[0] & 4 && i < TEXT_COUNT; i++) check_both_ways(texts[i]);
    gb_wasi_free(wasi);
    gb_policy_free(policy);
    return 0;
}
