/* The compiler's run time at its edges: traps through host calls, re-entry, interruption, stacks, growing memory, signals,
 * and systems that refuse executable memory. */
#include <errno.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/x64/x64.h"
#include "tests/check.h"

static uint8_t bytes[1 << 16];
static size_t length;

/* ---- a store with the module in it ------------------------------------------------------------ */

typedef struct fixture {
    gb_module *module;
    gb_store *store;
    gb_linker *linker;
    gb_instance *instance;
    gb_trap trap;
    int mode; /* what the host function does */
} fixture;

static bool call(fixture *f, const char *name, uint32_t a, uint32_t b, uint32_t *result) {
    gb_value args[2] = {{.u32 = a}, {.u32 = b}}, out = {0};
    if (!gb_call(gb_instance_func(f->instance, name), args, &out, &f->trap)) return false;
    *result = out.u32;
    return true;
}

enum { ANSWER, FAIL, REENTER, REENTER_TRAP, EXIT };

static bool host(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    fixture *f = env;
    uint32_t inner = 0;
    switch (f->mode) {
    case FAIL: return gb_caller_trap(caller, "the host says no to %d", args[0].i32);
    case EXIT: return gb_caller_exit(caller, args[0].i32);
    case REENTER:
        f->mode = ANSWER;
        if (!call(f, "callout", args[0].u32 * 2, 0, &inner)) return gb_caller_trap(caller, "inner call failed");
        break;
    case REENTER_TRAP: /* a trap of the inner call is not the outer one's */
        f->mode = ANSWER;
        inner = call(f, "load", 0xFFFFFFF0, 0, &inner) ? 0 : 7;
        break;
    default: inner = args[0].u32 + 1; break;
    }
    results[0].u32 = inner;
    return true;
}

static bool open_fixture(fixture *f, gb_limits limits) {
    gb_error err;
    *f = (fixture){0};
    f->module = gb_module_decode(bytes, length, true, &err);
    f->linker = gb_linker_new(&err);
    gb_linker_define(f->linker, "host", "call", "i:i", host, f, &err);
    f->store = gb_store_new(&limits, &err);
    if (f->store) f->instance = gb_instance_new(f->store, f->module, f->linker, &f->trap, &err);
    return f->instance != NULL;
}

static void close_fixture(fixture *f) {
    gb_store_free(f->store);
    gb_linker_free(f->linker);
    gb_module_release(f->module);
}

/* ---- promises ----------------------------------------------------------------------------------- */

static void host_calls(void) {
    fixture f;
    uint32_t r = 0;
    check(open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER}), "an instance");
    check(call(&f, "callout", 5, 0, &r) && r == 106, "a host function answers");
    check(call(&f, "indirect", 0, 41, &r) && r == 42, "an indirect call");
    check(call(&f, "indirect", 1, 5, &r) && r == 106, "an indirect call that calls the host");
    check(!call(&f, "indirect", 2, 5, &r) && f.trap.kind == GB_TRAP_INDIRECT_CALL_NULL, "a null element");
    check(!call(&f, "indirect", 9, 5, &r) && f.trap.kind == GB_TRAP_UNDEFINED_ELEMENT, "no element");
    f.mode = FAIL;
    check(!call(&f, "callout", 5, 0, &r) && f.trap.kind == GB_TRAP_HOST && strstr(f.trap.message, "says no to 5"),
          "a host function traps");
    f.mode = EXIT;
    check(!call(&f, "callout", 3, 0, &r) && f.trap.kind == GB_TRAP_EXIT && f.trap.exit_code == 3, "exit");
    f.mode = REENTER;
    check(call(&f, "callout", 5, 0, &r) && r == 211, "the host calls the guest again");
    f.mode = REENTER_TRAP;
    check(call(&f, "callout", 5, 0, &r) && r == 107, "an inner trap ends the inner call only");
    close_fixture(&f);
}

static void backtraces(void) {
    fixture f, oracle;
    uint32_t r;
    open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER});
    open_fixture(&oracle, (gb_limits){.engine = GB_ENGINE_INTERPRETER});
    check(!call(&f, "traps_below", 70000, 0, &r) && !call(&oracle, "traps_below", 70000, 0, &r), "both trap");
    check(strcmp(f.trap.message, oracle.trap.message) == 0, "the same message");
    check(strcmp(f.trap.backtrace, oracle.trap.backtrace) == 0, "the same backtrace");
    f.mode = oracle.mode = FAIL;
    check(!call(&f, "callout", 1, 0, &r) && !call(&oracle, "callout", 1, 0, &r), "both fail");
    check(strcmp(f.trap.backtrace, oracle.trap.backtrace) == 0, "the host function is in the backtrace");
    close_fixture(&f);
    close_fixture(&oracle);
}

static void stacks(void) {
    static const size_t sizes[] = {0, 64 << 10, 1 << 20};
    for (size_t i = 0; i < 3; i++) {
        fixture f;
        uint32_t r = 0;
        open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER, .stack_bytes = sizes[i]});
        check(!call(&f, "endless", 0, 0, &r) && f.trap.kind == GB_TRAP_STACK_OVERFLOW, "endless recursion");
        check(call(&f, "recurse", 500, 0, &r) && r == 500, "recursion after that");
        check(!call(&f, "recurse", 100000000, 0, &r) && f.trap.kind == GB_TRAP_STACK_OVERFLOW, "deep recursion");
        close_fixture(&f);
    }
}

static void *interrupt_soon(void *store) {
    usleep(20000);
    gb_store_interrupt(store);
    return NULL;
}

static void interruption(void) {
    fixture f;
    uint32_t r = 0;
    open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER});
    pthread_t thread;
    pthread_create(&thread, NULL, interrupt_soon, f.store);
    check(!call(&f, "forever", 0, 0, &r) && f.trap.kind == GB_TRAP_INTERRUPTED, "a loop is interrupted");
    pthread_join(thread, NULL);
    check(!call(&f, "recurse", 10, 0, &r) && f.trap.kind == GB_TRAP_INTERRUPTED, "it stays interrupted");
    gb_store_interrupt_clear(f.store);
    check(call(&f, "recurse", 10, 0, &r) && r == 10, "until that is cleared");
    close_fixture(&f);
}

static volatile sig_atomic_t ticks;
static void on_tick(int number) {
    (void)number;
    ticks = ticks + 1;
}

static void signals(void) {
    fixture f;
    uint32_t r = 0, expected = 0;
    open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER});
    check(call(&f, "spin", 50000000, 0, &expected), "without signals");
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART}, old;
    sigaction(SIGALRM, &action, &old);
    struct itimerval timer = {{0, 500}, {0, 500}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
    check(call(&f, "spin", 50000000, 0, &r) && r == expected, "signals change nothing");
    check(!call(&f, "load", 0xFFFFFF00, 0, &r) && f.trap.kind == GB_TRAP_OUT_OF_BOUNDS_MEMORY, "a trap among signals");
    setitimer(ITIMER_REAL, &off, NULL);
    sigaction(SIGALRM, &old, NULL);
    check(ticks > 0, "signals came");
    close_fixture(&f);
}

static void memories(void) {
    for (int guard = 0; guard < 2; guard++) {
        fixture f;
        uint32_t r = 0;
        open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER, .no_guard_regions = !guard});
        check(call(&f, "grow_and_write", 60, 0, &r) && r == 1770, "memory grows under running code");
        check(call(&f, "load", 61 * 65536 - 8, 0, &r) && r == 0, "the last word");
        check(!call(&f, "load", 61 * 65536 - 7, 0, &r) && f.trap.kind == GB_TRAP_OUT_OF_BOUNDS_MEMORY, "one byte further");
        check(!call(&f, "load", 0xFFFFFFFF, 0, &r) && f.trap.kind == GB_TRAP_OUT_OF_BOUNDS_MEMORY, "the end of addresses");
        close_fixture(&f);
    }
}

static void bulk(void) {
    static const uint32_t distances[] = {0, 1, 2, 3, 5, 8, 15, 16, 17, 40, 63, 64, 100, 128, 200, 1000};
    static uint8_t mirror[65536];
    fixture f;
    uint32_t r = 0, wrong = 0;
    open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER});
    uint8_t *memory = gb_memory_range(gb_instance_memory(f.instance, "memory"), 0, sizeof mirror);
    for (uint32_t i = 0; i < sizeof mirror; i++) mirror[i] = memory[i] = (uint8_t)(i * 7 + i / 256);
    for (uint32_t n = 0; n <= 300; n++) {
        for (uint32_t d = 0; d < 2 * sizeof distances / sizeof *distances; d++) {
            uint32_t far = distances[d / 2], to = 3000 + (d & 1 ? far : 0), from = 3000 + (d & 1 ? 0 : far);
            wrong += !call(&f, "copy", to | from << 16, n, &r);
            memmove(mirror + to, mirror + from, n);
        }
        wrong += !call(&f, "fill", (5000 + n) | 0x1A5u << 16, n, &r);
        memset(mirror + 5000 + n, 0xA5, n);
        wrong += memcmp(memory, mirror, sizeof mirror) != 0;
    }
    check(wrong == 0, "copies and fills of every length, overlapping");
    check(call(&f, "copy", 65535 | 65535u << 16, 1, &r) && call(&f, "copy", 65535, 0, &r), "up to the end of memory");
    check(!call(&f, "copy", 65535, 2, &r) && f.trap.kind == GB_TRAP_OUT_OF_BOUNDS_MEMORY, "not beyond, to");
    check(!call(&f, "copy", 65535u << 16, 2, &r) && f.trap.kind == GB_TRAP_OUT_OF_BOUNDS_MEMORY, "nor from");
    check(!call(&f, "fill", 65535, 2, &r) && f.trap.kind == GB_TRAP_OUT_OF_BOUNDS_MEMORY, "nor a fill");
    check(!call(&f, "copy", 1, 0xFFFFFFFF, &r) && !call(&f, "fill", 1, 0xFFFFFFFF, &r) && memcmp(memory, mirror, sizeof mirror) == 0,
          "what does not fit changes nothing");
    close_fixture(&f);
}

/* A body is validated when it is wanted, in every tier. */
static void lazy_validation(const char *path) {
    FILE *file = fopen(path, "rb");
    size_t whole = length;
    length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file) fclose(file);
    gb_error err;
    check(!gb_module_decode(bytes, length, true, &err) && err.kind == GB_ERROR_INVALID, "decoded whole it is invalid");
    for (int engine = GB_ENGINE_COMPILER; engine <= GB_ENGINE_INTERPRETER; engine++) {
        fixture f = {.module = gb_module_decode_lazily(bytes, length, true, &err)};
        gb_limits limits = {.engine = (gb_engine_kind)engine};
        uint32_t r = 0;
        f.store = gb_store_new(&limits, &err);
        f.linker = gb_linker_new(&err);
        f.instance = gb_instance_new(f.store, f.module, f.linker, &f.trap, &err);
        check(f.instance && call(&f, "good", 1, 0, &r) && r == 2, "a valid function runs");
        check(call(&f, "good_then_bad", 0, 0, &r) && r == 3, "one that need not call the invalid one, too");
        for (int i = 0; i < 2; i++) {
            check(!call(&f, i ? "bad" : "good_then_bad", 1, 0, &r) && f.trap.kind == GB_TRAP_INVALID_FUNCTION &&
                      strstr(f.trap.message, "type mismatch"), "the invalid one traps, and says why");
        }
        close_fixture(&f);
    }
    length = whole;
}

/* ---- in processes of their own ---------------------------------------------------------------------- */

/* Refuses (or kills for) whatever would make memory executable. */
static bool forbid_executable(uint32_t action) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    struct scmp_arg_cmp exec = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    bool ok = filter && seccomp_rule_add_array(filter, action, SCMP_SYS(mmap), 1, &exec) == 0 &&
              seccomp_rule_add_array(filter, action, SCMP_SYS(mprotect), 1, &exec) == 0 && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return ok;
}

static int refused_by_kernel(void) {
    fixture f;
    uint32_t r = 0;
    if (!forbid_executable(SCMP_ACT_ERRNO(EACCES))) return 2;
    const char *why = NULL;
    if (gb_engine_compiles(&why) || !why || !*why) return 6;
    if (open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER})) return 3;
    if (!open_fixture(&f, (gb_limits){.engine = GB_ENGINE_AUTO})) return 4;
    return call(&f, "recurse", 50, 0, &r) && r == 50 ? 0 : 5;
}

static int sealed(void) {
    fixture f;
    uint32_t r = 0;
    gb_engine_seal(length);
    if (!forbid_executable(SCMP_ACT_KILL_PROCESS)) return 2;
    for (int i = 0; i < 30; i++) { /* room is given back */
        if (!open_fixture(&f, (gb_limits){.engine = GB_ENGINE_COMPILER})) return 3;
        if (!call(&f, "recurse", 50, 0, &r) || r != 50) return 4;
        close_fixture(&f);
    }
    fixture many[20]; /* more than there is room for: the rest is interpreted */
    for (int i = 0; i < 20; i++) {
        if (!open_fixture(&many[i], (gb_limits){.engine = GB_ENGINE_COMPILER})) return 5;
        if (!call(&many[i], "recurse", 50, 0, &r) || r != 50) return 6;
    }
    return 0;
}

static void in_child(int (*test)(void), const char *what) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) _exit(test());
    int status = -1;
    waitpid(pid, &status, 0);
    if (status) printf("status %#x: ", (unsigned)status);
    check(status == 0, what);
}

int main(int argc, char **argv) {
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!file) return fprintf(stderr, "usage: runtime FILE.wasm\n"), 2;
    length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    in_child(refused_by_kernel, "a kernel that refuses executable memory");
    in_child(sealed, "a process that may make nothing executable any more");
    host_calls();
    backtraces();
    stacks();
    interruption();
    signals();
    memories();
    bulk();
    if (argc > 2) lazy_validation(argv[2]);
    return check_end("runtime");
}
