/* harness.h: WASI without an engine. A `world` is a guest's memory, a policy and a context over a
 * fresh directory tree of the host:
 *
 *   <base>/in        what the guest is given, as preopen 3
 *   <base>/secret    a file beside it, which no guest may ever read
 */
#ifndef GB_TESTS_WASI_HARNESS_H
#define GB_TESTS_WASI_HARNESS_H

#include <stdio.h>
#include <string.h>

#include "wasi/internal.h"

extern int passed, failed;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (condition) {                                                                           \
            passed++;                                                                              \
        } else {                                                                                   \
            failed++;                                                                              \
            printf("%s:%d: in %s: %s\n", __FILE__, __LINE__, __func__, #condition);                \
        }                                                                                          \
    } while (0)

#define CHECK_EQ(got, wanted)                                                                      \
    do {                                                                                           \
        long long got_ = (long long)(got), wanted_ = (long long)(wanted);                          \
        if (got_ == wanted_) {                                                                     \
            passed++;                                                                              \
        } else {                                                                                   \
            failed++;                                                                              \
            printf("%s:%d: in %s: %s is %lld, not %s (%lld)\n", __FILE__, __LINE__, __func__,      \
                   #got, got_, #wanted, wanted_);                                                  \
        }                                                                                          \
    } while (0)

#define CHECK_TEXT(got, wanted)                                                                    \
    do {                                                                                           \
        const char *got_ = (got), *wanted_ = (wanted);                                             \
        if (strcmp(got_, wanted_) == 0) {                                                          \
            passed++;                                                                              \
        } else {                                                                                   \
            failed++;                                                                              \
            printf("%s:%d: in %s: %s is\n  %s\nnot\n  %s\n", __FILE__, __LINE__, __func__, #got,   \
                   got_, wanted_);                                                                 \
        }                                                                                          \
    } while (0)

enum { MEMORY = 1 << 20, RESULT = 64, BUFFER = 65536 }; /* sizes and places in guest memory */

struct gb_memory {
    uint8_t *bytes;
    uint64_t size;
};

struct world {
    char base[64];
    gb_policy *policy;
    gb_wasi *wasi;
    gb_memory memory;
    uint32_t top; /* where the next string for the guest goes */
};

/* How a world is made; zero is: by the kernel, everything below <base>/in for reading and writing,
 * no clock, nothing behind the standard streams. */
struct setup {
    bool by_hand;
    bool read_only;
    bool no_preopen;
    gb_policy *policy; /* instead of the default; freed with the world */
    const int *stdio;
    gb_wasi_output output;
    void *output_env;
    gb_broker *broker;
    const char *const *args;
    size_t arg_count;
};

void world_open(struct world *w, const struct setup *setup);
void world_close(struct world *w);

/* Host side: paths are relative to <base>. */
void make_dir(const struct world *w, const char *path);
void make_file(const struct world *w, const char *path, const char *contents);
void make_link(const struct world *w, const char *path, const char *target);
const char *host_path(const struct world *w, const char *path); /* one of four static buffers */
bool host_has(const struct world *w, const char *path);
bool host_file_is(const struct world *w, const char *path, const char *contents);
int open_host_fds(void);

/* Guest side. */
uint32_t guest_text(struct world *w, const char *text);
uint32_t guest_u32(const struct world *w, uint32_t address);
uint64_t guest_u64(const struct world *w, uint32_t address);
void guest_put_u32(struct world *w, uint32_t address, uint32_t value);
void guest_put_u64(struct world *w, uint32_t address, uint64_t value);

#define CALL(w, name, ...)                                                                         \
    wasi_dispatch((w)->wasi, &(w)->memory, WASI_##name, (const gb_value[]){VALUES(__VA_ARGS__)})
#define V(x)                                                                                       \
    { .u64 = (uint64_t)(x) }
#define VALUES(...) SELECT(__VA_ARGS__, V9, V8, V7, V6, V5, V4, V3, V2, V1, 0)(__VA_ARGS__)
#define SELECT(a, b, c, d, e, f, g, h, i, name, ...) name
#define V1(a) V(a)
#define V2(a, ...) V(a), V1(__VA_ARGS__)
#define V3(a, ...) V(a), V2(__VA_ARGS__)
#define V4(a, ...) V(a), V3(__VA_ARGS__)
#define V5(a, ...) V(a), V4(__VA_ARGS__)
#define V6(a, ...) V(a), V5(__VA_ARGS__)
#define V7(a, ...) V(a), V6(__VA_ARGS__)
#define V8(a, ...) V(a), V7(__VA_ARGS__)
#define V9(a, ...) V(a), V8(__VA_ARGS__)

enum { READ_RIGHTS = 0x200006, WRITE_RIGHTS = 0x600046 }; /* read, seek, stat (, write, set size) */

/* path_open with usual arguments: links followed. The new descriptor, or the negative error. */
int open_at(struct world *w, int dir, const char *path, uint32_t oflags, uint64_t rights);
int open_flags(struct world *w, int dir, uint32_t lookup, const char *path, uint32_t oflags,
               uint64_t rights, uint64_t inheriting, uint32_t fdflags);
void close_fd(struct world *w, int fd);
/* Reads up to 255 bytes into a static buffer; NULL on error. */
const char *read_fd(struct world *w, int fd);
/* Opens, reads, closes: the contents, or "error N". */
const char *read_at(struct world *w, int dir, const char *path);
wasi_errno write_fd(struct world *w, int fd, const char *text);
wasi_errno stat_at(struct world *w, int dir, bool follow, const char *path);
/* Calls that take (fd, path). */
wasi_errno on_name(struct world *w, enum wasi_function function, int dir, const char *path);
/* Has the policy a record of this? Returns its count. */
uint64_t asked(const struct world *w, gb_power power, gb_answer answer, const char *name);

void test_paths(void);
void test_fds(void);
void test_readdir(void);
void test_process(void);
void test_poll(void);
void test_sockets(void);
void test_policy(void);
void test_view(void);

#endif
