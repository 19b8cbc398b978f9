/* Machine code kept on disk: it is used, and whatever is wrong with it costs a compilation and no more. */
#include <dirent.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/codecache.h"
#include "engine/x64/x64.h"
#include "engine/x64/x64_keep.h"
#include "generate.h"
#include "tests/check.h"

static char folder[] = "/tmp/gb-keep-XXXXXX";
static gb_buffer wasm;

/* ---- one run of the module ---------------------------------------------------------------------- */

typedef struct outcome {
    uint64_t sum;      /* of results and memory */
    uint32_t compiled; /* functions compiled in this process */
    bool ran;
} outcome;

static uint64_t stir(uint64_t h, uint64_t v) { return (h ^ v) * 0x100000001B3u; }

static outcome run(const gb_buffer *module) {
    outcome o = {0};
    gb_error err;
    gb_trap trap;
    gb_limits limits = {.engine = GB_ENGINE_COMPILER};
    gb_module *m = gb_module_decode_lazily(module->data, module->length, true, &err);
    gb_store *store = gb_store_new(&limits, &err);
    gb_instance *i = m && store ? gb_instance_new(store, m, NULL, &trap, &err) : NULL;
    for (uint32_t k = 0; i && k < m->export_count; k++) {
        if (m->exports[k].kind != GB_EXTERN_FUNC) continue;
        gb_value args[32], results[8];
        memset(args, 0, sizeof args);
        memset(results, 0, sizeof results);
        bool ok = gb_call(i->funcs[m->exports[k].index], args, results, &trap);
        const gb_functype *type = gb_module_functype(m, m->exports[k].index);
        o.sum = stir(o.sum, ok ? 0 : (uint64_t)trap.kind);
        for (uint32_t r = 0; ok && r < type->result_count; r++) {
            bool narrow = type->results[r] == GB_I32 || type->results[r] == GB_F32;
            uint64_t bits = gb_valtype_is_ref(type->results[r]) ? results[r].u64 != 0 : narrow ? results[r].u32 : results[r].u64;
            o.sum = stir(o.sum, bits);
        }
    }
    if (i) {
        const gb_memory *memory = i->memories[0];
        for (uint64_t b = 0; b < memory->size; b++) o.sum = stir(o.sum, memory->base[b]);
        gb_x64_space *space = gb_x64_space_peek(i);
        o.compiled = space ? atomic_load(&space->record_count) : 0;
        o.ran = true;
    }
    gb_store_free(store);
    if (m) gb_module_release(m);
    return o;
}

/* In a process of its own: what is mapped stays mapped. */
typedef struct request {
    bool find, seal;
    const char *name;
} request;

static bool forbid_executable(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    struct scmp_arg_cmp exec = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    return seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mmap), 1, &exec) == 0 &&
           seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mprotect), 1, &exec) == 0 && seccomp_load(filter) == 0;
}

static outcome run_apart(request r, const gb_buffer *module, bool *found) {
    int ends[2];
    outcome o = {0};
    if (pipe(ends) != 0) return o;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        gb_error err;
        bool ok = r.find && gb_code_find(folder, r.name, NULL, &err);
        if (r.seal) {
            gb_engine_seal(module->length);
            if (!forbid_executable()) _exit(9);
        }
        o = run(module);
        bool sent = write(ends[1], &o, sizeof o) == sizeof o && write(ends[1], &ok, sizeof ok) == sizeof ok;
        _exit(sent ? 0 : 1);
    }
    close(ends[1]);
    bool got = read(ends[0], &o, sizeof o) == sizeof o && read(ends[0], found, sizeof *found) == sizeof *found;
    close(ends[0]);
    int status;
    waitpid(pid, &status, 0);
    if (!got || status) o = (outcome){0};
    return o;
}

/* ---- the folder ---------------------------------------------------------------------------------- */

static bool keep(const char *name, uint64_t most) {
    gb_error err = {.message = ""};
    gb_module *m = gb_module_decode(wasm.data, wasm.length, true, &err);
    bool ok = m && gb_code_keep(m, folder, name, most, &err);
    if (m) gb_module_release(m);
    return ok;
}

static unsigned files(const char *wanted, char *path, size_t size) {
    unsigned n = 0;
    DIR *dir = opendir(folder);
    struct dirent *d;
    while (dir && (d = readdir(dir))) {
        if (d->d_name[0] == '.' || (wanted && !strstr(d->d_name, wanted))) continue;
        n++;
        if (path) snprintf(path, size, "%s/%s", folder, d->d_name);
    }
    if (dir) closedir(dir);
    return n;
}

static void flip(const char *path, off_t at) {
    int fd = open(path, O_RDWR);
    uint8_t b = 0;
    if (pread(fd, &b, 1, at) == 1) b ^= 0x10;
    if (pwrite(fd, &b, 1, at) != 1) check(false, "a byte is flipped");
    close(fd);
}

/* ---- promises -------------------------------------------------------------------------------------- */

/* Where code and slots lie apart, in room made beforehand. */
static void keep_sealed(outcome expected) {
    bool found = false;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        gb_engine_seal(wasm.length);
        _exit(forbid_executable() && keep("sealed", UINT64_MAX) ? 0 : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    outcome o = run_apart((request){true, true, "sealed"}, &wasm, &found);
    check(status == 0 && found && o.ran && o.sum == expected.sum && o.compiled == 0, "code that a confined process made");
    char path[1024];
    if (files("sealed", path, sizeof path)) unlink(path);
}

static void use(outcome expected) {
    bool found = false;
    outcome o = run_apart((request){true, false, "m"}, &wasm, &found);
    check(found && o.ran && o.sum == expected.sum, "kept code gives the same results");
    check(o.compiled == 0, "and nothing is compiled");
    o = run_apart((request){true, true, "m"}, &wasm, &found);
    check(found && o.ran && o.sum == expected.sum && o.compiled == 0, "also where nothing executable may be made");
    o = run_apart((request){true, false, "other"}, &wasm, &found);
    check(!found && o.sum == expected.sum, "without a file it is compiled");
}

static void put_leb(gb_buffer *b, uint32_t v) {
    for (; v > 127; v >>= 7) gb_buffer_append(b, (uint8_t[]){(uint8_t)(v | 128)}, 1);
    gb_buffer_append(b, (uint8_t[]){(uint8_t)v}, 1);
}

static void put_section(gb_buffer *module, uint8_t id, gb_buffer *content) {
    gb_buffer_append(module, &id, 1);
    put_leb(module, (uint32_t)content->length);
    gb_buffer_append(module, content->data, content->length);
    gb_buffer_clear(content);
}

/* Of a macro's size: 3,000 functions of 100 bytes; a memory; the first one is exported. */
static gb_buffer many_functions(void) {
    enum { COUNT = 3000, NOPS = 100 };
    gb_buffer m = {0}, s = {0};
    gb_buffer_append(&m, "\0asm\1\0\0\0", 8);
    gb_buffer_append(&s, "\1\x60\0\0", 4);
    put_section(&m, 1, &s);
    put_leb(&s, COUNT);
    for (int i = 0; i < COUNT; i++) put_leb(&s, 0);
    put_section(&m, 3, &s);
    gb_buffer_append(&s, "\1\0\1", 3);
    put_section(&m, 5, &s);
    gb_buffer_append(&s, "\1\1f\0\0", 5);
    put_section(&m, 7, &s);
    put_leb(&s, COUNT);
    for (int i = 0; i < COUNT; i++) {
        put_leb(&s, NOPS + 2);
        gb_buffer_append(&s, "\0", 1);
        for (int k = 0; k < NOPS; k++) gb_buffer_append(&s, "\1", 1);
        gb_buffer_append(&s, "\x0b", 1);
    }
    put_section(&m, 10, &s);
    gb_buffer_free(&s);
    return m;
}

/* Room is made by the bodies' sizes, which are known before they are validated. */
static void sealed_and_large(void) {
    bool found;
    gb_buffer module = many_functions();
    outcome o = run_apart((request){false, true, "large"}, &module, &found);
    check(o.ran && o.compiled == 1, "a large module decoded lazily is compiled in a sealed process");
    gb_buffer_free(&module);
}

/* Another body, everything else the same. */
static void changed_module(outcome expected) {
    gb_buffer other = {0};
    bool found = false;
    gb_buffer_append(&other, wasm.data, wasm.length);
    gb_error err;
    gb_module *m = gb_module_decode(wasm.data, wasm.length, true, &err);
    uint32_t f = m->exports[0].index, at = m->functions[f].code;
    gb_module_release(m);
    /* The counter's first test: i32.eqz becomes i32.popcnt, which is 0 only when eqz is 1. */
    if (other.data[at + 2] != 0x45) check(false, "the body begins as expected");
    other.data[at + 2] = 0x69;
    outcome fresh = run_apart((request){false, false, "m"}, &other, &found);
    outcome o = run_apart((request){true, false, "m"}, &other, &found);
    check(found && o.ran && o.sum == fresh.sum && o.sum != expected.sum, "a changed body is compiled anew");
    check(o.compiled == 1, "and it alone");
    gb_buffer_free(&other);
}

static void damage(outcome expected) {
    char path[1024];
    struct stat st;
    bool found = false;
    files("m-", path, sizeof path);
    stat(path, &st);
    unsigned wrong = 0, used = 0, anew = 0;
    uint32_t seed = 12345;
    for (int i = 0; i < 120; i++) {
        seed = seed * 1664525 + 1013904223;
        /* Mostly the front, where lengths and offsets are. */
        off_t at = (off_t)(seed >> 8) % (i % 2 ? st.st_size : 2048);
        flip(path, at);
        outcome o = run_apart((request){true, false, "m"}, &wasm, &found);
        if (!o.ran || o.sum != expected.sum) wrong++;
        used += found;
        anew += found && o.compiled > 0;
        flip(path, at);
    }
    check(wrong == 0, "damage changes no result");
    check(used > 0 && used < 120 && anew > 0, "damaged headers are refused, damaged functions compiled anew");
    if (truncate(path, st.st_size - 100) != 0) check(false, "the file is cut");
    outcome o = run_apart((request){true, false, "m"}, &wasm, &found);
    check(!found && o.sum == expected.sum, "a file that was cut short is refused");
    check(keep("m", UINT64_MAX), "and can be made anew");
}

static void writers(outcome expected) {
    pid_t pids[4];
    bool found = false, ok = true;
    fflush(stdout);
    for (int i = 0; i < 4; i++) {
        if ((pids[i] = fork()) != 0) continue;
        for (int k = 0; k < 10; k++) ok = keep("m", UINT64_MAX) && ok;
        _exit(ok ? 0 : 1);
    }
    for (int i = 0; i < 20; i++) {
        outcome o = run_apart((request){true, false, "m"}, &wasm, &found);
        ok = ok && o.ran && found && o.sum == expected.sum && o.compiled == 0;
    }
    for (int i = 0; i < 4; i++) {
        int status;
        waitpid(pids[i], &status, 0);
        ok = ok && status == 0;
    }
    check(ok, "writers and readers at once");
    check(files("incoming", NULL, 0) == 0, "nothing half written is left");
}

/* One writer a name, and one that was killed is in nobody's way. */
static void writers_locks(void) {
    gb_error err;
    int first = gb_code_begin(folder, "lock", &err), second = gb_code_begin(folder, "lock", &err);
    check(first >= 0 && second < 0 && err.kind == GB_OK, "who comes second leaves it to the first");
    gb_codecache_evict(folder, UINT64_MAX);
    check(files("lock", NULL, 0) == 1, "what is being written stays");
    if (write(first, "half", 4) != 4) check(false, "half a file is written");
    close(first);
    check(keep("lock", UINT64_MAX), "what a killed writer left is overwritten at once");
    bool found = false;
    run_apart((request){true, false, "lock"}, &wasm, &found);
    check(found && files("incoming", NULL, 0) == 0, "and the file is whole");
    char path[1024];
    if (files("lock", path, sizeof path)) unlink(path);
}

/* What the caller wrote beside the code comes back with it, and nothing else does. */
static void notes(void) {
    gb_error err;
    gb_code_note note = {{1, 2, 3, 4, UINT64_MAX}}, found = {{9}};
    gb_module *m = gb_module_decode(wasm.data, wasm.length, true, &err);
    int fd = gb_code_begin(folder, "note", &err);
    bool ok = m && fd >= 0 && gb_code_write(m, fd, &note, &err) && gb_code_end(folder, "note", true, UINT64_MAX, &err);
    close(fd);
    if (m) gb_module_release(m);
    ok = ok && gb_code_find(folder, "note", &found, &err) && memcmp(&found, &note, sizeof note) == 0;
    check(ok, "the note comes back");
    char path[1024];
    if (files("note", path, sizeof path)) {
        flip(path, (off_t)offsetof(gb_x64_kept_header, note));
        check(!gb_code_find(folder, "note", &found, &err) && found.words[0] == 0, "a damaged one does not");
        unlink(path);
    }
}

static void limits_of_size(void) {
    char path[1024];
    struct stat st;
    files("m-", path, sizeof path);
    stat(path, &st);
    struct timespec old[2] = {{1000, 0}, {1000, 0}};
    char name[8] = "entry0";
    for (int i = 0; i < 5; i++) {
        name[5] = (char)('0' + i);
        check(keep(name, UINT64_MAX), "several are kept");
        if (files(name, path, sizeof path) == 1) utimensat(AT_FDCWD, path, (old[0].tv_sec++, old[1].tv_sec++, old), 0);
    }
    bool found = false;
    run_apart((request){true, false, "entry0"}, &wasm, &found); /* used: young again */
    check(found && keep("new", (uint64_t)st.st_size * 3), "one more than the limit");
    check(files(NULL, NULL, 0) == 3 && files("new", NULL, 0) == 1 && files("entry0", NULL, 0) == 1 && files("entry1", NULL, 0) == 0,
          "the least recently used go");
}

static void no_room(void) {
    struct rlimit small = {5000, RLIM_INFINITY}, whole;
    getrlimit(RLIMIT_FSIZE, &whole);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    check(!keep("full", UINT64_MAX), "a full disk keeps nothing");
    setrlimit(RLIMIT_FSIZE, &whole);
    check(files("full", NULL, 0) == 0, "and nothing is left of it");
    gb_error err;
    check(!gb_code_find("/nonexistent", "m", NULL, &err), "no folder, no code");
    gb_module *m = gb_module_decode(wasm.data, wasm.length, true, &err);
    check(m && !gb_code_keep(m, "/proc/self", "m", UINT64_MAX, &err) && err.kind == GB_ERROR_IO, "where nothing can be written nothing is kept");
    gb_module_release(m);
}

static void clean_up(void) {
    char path[1024];
    while (files(NULL, path, sizeof path)) unlink(path);
    rmdir(folder);
}

int main(void) {
    if (!mkdtemp(folder)) return perror(folder), 1;
    wasm = generate_module(4711, GENERATE_ALL);
    bool found = false;
    outcome expected = run_apart((request){false, false, "m"}, &wasm, &found);
    check(expected.ran && expected.compiled > 2, "the module runs");
    check(keep("m", UINT64_MAX), "code is kept");
    use(expected);
    keep_sealed(expected);
    sealed_and_large();
    changed_module(expected);
    damage(expected);
    writers(expected);
    writers_locks();
    limits_of_size();
    no_room();
    notes();
    clean_up();
    gb_buffer_free(&wasm);
    return check_end("keep");
}
