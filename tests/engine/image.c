/* A store goes back to its image: everything that guest code can change is as it was, nothing of later can be read, pointers
 * stay good; in both tiers, with memory mapped from a file and copied. image FILE (image.wat). Prints `image: N passed, N failed`. */
#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "tests/check.h"

static const char *current; /* the test */
#define HOLDS(condition) check_detail((condition), current, #condition)
static gb_limits limits;
static uint8_t bytes[65536];
static bool large; /* memories with more in them than is copied */
enum { FILLER = 0xEE };
static size_t length;

typedef struct world {
    gb_module *module;
    gb_linker *linker;
    gb_store *store;
    gb_instance *instance;
    gb_error err;
    gb_trap trap;
    bool freeze_in_call, refused;
} world;

static bool host(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    world *w = env;
    gb_error err;
    results[0].i32 = args[0].i32 + 1;
    if (!w->freeze_in_call) return true;
    w->refused = !gb_store_freeze(gb_caller_store(caller), &err) && err.kind == GB_ERROR_USAGE;
    w->refused = w->refused && !gb_store_restore(gb_caller_store(caller), &err) && err.kind == GB_ERROR_USAGE;
    return true;
}

static bool open_world(world *w) {
    w->module = gb_module_decode(bytes, length, true, &w->err);
    w->linker = gb_linker_new(&w->err);
    w->store = gb_store_new(&limits, &w->err);
    bool ok = w->module && w->store && gb_linker_define(w->linker, "host", "call", "i:i", host, w, &w->err);
    w->instance = ok ? gb_instance_new(w->store, w->module, w->linker, &w->trap, &w->err) : NULL;
    if (w->instance && large) {
        uint8_t *memory = gb_memory_range(gb_instance_memory(w->instance, "memory"), 0, 3 * 65536);
        memset(memory + 6000, FILLER, 125000);
        memset(memory + 131100, FILLER, 65000);
    }
    return w->instance != NULL;
}

static void close_world(world *w) {
    gb_store_free(w->store);
    gb_linker_free(w->linker);
    gb_module_release(w->module);
}

/* The result, -1 for a trap. */
static int call(world *w, const char *name, int argument) {
    gb_value arg = {.i32 = argument}, result = {.i32 = 0};
    return gb_call(gb_instance_func(w->instance, name), &arg, &result, &w->trap) ? result.i32 : -1;
}

static void all_state_is_as_it_was(void) {
    world w = {0};
    HOLDS(open_world(&w));
    HOLDS(call(&w, "poke", 5000) == 0 && call(&w, "global", 1) == 79); /* 8 and 71 */
    HOLDS(gb_store_freeze(w.store, &w.err));
    for (int round = 0; round < 3; round++) {
        HOLDS(call(&w, "peek", 100) == 's' && call(&w, "peek", 131072) == 't' && call(&w, "peek", 5000) == 255);
        HOLDS(call(&w, "poke", 100) == 0 && call(&w, "poke", 5001) == 0 && call(&w, "poke", 131072) == 0 && call(&w, "poke", 196607) == 0);
        HOLDS(call(&w, "global", 10) == 90);
        HOLDS(call(&w, "passive", 0) == 'p' && call(&w, "passive", 0) == -1);
        HOLDS(call(&w, "indirect", 1) == 1 && call(&w, "table", 0) == 2 && call(&w, "indirect", 1) == 2 && call(&w, "table", 0) == -1);
        HOLDS(call(&w, "table_pages", 3) == 7 && call(&w, "indirect", 6) == 2);
        HOLDS(call(&w, "pages", 2) == 5 && call(&w, "poke", 300000) == 0 && call(&w, "peek", 300000) == 255);
        HOLDS(gb_store_memory_peak(w.store) == 5 * 65536);
        HOLDS(gb_store_restore(w.store, &w.err));
        HOLDS(gb_memory_size(gb_instance_memory(w.instance, "memory")) == 3 * 65536);
        HOLDS(call(&w, "peek", 300000) == -1 && w.trap.kind == GB_TRAP_OUT_OF_BOUNDS_MEMORY);
        HOLDS(call(&w, "peek", 5001) == 0 && call(&w, "peek", 196607) == 0 && call(&w, "peek", 0) == 0);
        HOLDS(call(&w, "indirect", 6) == -1 && w.trap.kind == GB_TRAP_UNDEFINED_ELEMENT);
        HOLDS(call(&w, "pages", 2) == 5 && call(&w, "peek", 300000) == 0);
        HOLDS(call(&w, "table_pages", 0) == 4 && call(&w, "null", 0) == 1 && call(&w, "null", 1) == 0);
        HOLDS(call(&w, "grow_null", 3) == 1);
        HOLDS(gb_store_restore(w.store, &w.err));
    }
    close_world(&w);
}

static void a_trap_leaves_nothing_behind(void) {
    world w = {0};
    HOLDS(open_world(&w) && gb_store_freeze(w.store, &w.err));
    for (int round = 0; round < 100; round++) {
        HOLDS(call(&w, "trap", 0) == -1 && w.trap.kind == GB_TRAP_UNREACHABLE);
        HOLDS(gb_store_restore(w.store, &w.err) && call(&w, "peek", 100) == 's');
    }
    close_world(&w);
}

static void what_the_host_wrote_goes_too(void) {
    world w = {0};
    HOLDS(open_world(&w) && gb_store_freeze(w.store, &w.err));
    memset(gb_memory_range(gb_instance_memory(w.instance, "memory"), 0, 3 * 65536), 0xAA, 3 * 65536);
    HOLDS(gb_store_restore(w.store, &w.err));
    const uint8_t *now = gb_memory_range(gb_instance_memory(w.instance, "memory"), 0, 3 * 65536);
    uint64_t sum = 0;
    for (size_t i = 0; i < 3 * 65536; i++) sum += now[i];
    HOLDS(memcmp(now + 100, "start", 5) == 0 && sum == 's' + 't' + 'a' + 'r' + 't' + 984 + (large ? 190000 * FILLER : 0)); /* "third page" */
    close_world(&w);
}

static void stores_of_one_module_have_images_of_their_own(void) {
    world a = {0}, b = {0};
    HOLDS(open_world(&a) && open_world(&b) && call(&b, "poke", 7) == 0);
    HOLDS(gb_store_freeze(a.store, &a.err) && gb_store_freeze(b.store, &b.err));
    HOLDS(call(&a, "poke", 8) == 0 && call(&b, "peek", 8) == 0);
    HOLDS(gb_store_restore(a.store, &a.err) && gb_store_restore(b.store, &b.err));
    HOLDS(call(&a, "peek", 7) == 0 && call(&b, "peek", 7) == 255);
    close_world(&a);
    HOLDS(call(&b, "peek", 7) == 255);
    close_world(&b);
}

static void misuse_is_refused(void) {
    world w = {0};
    HOLDS(open_world(&w));
    HOLDS(!gb_store_restore(w.store, &w.err) && w.err.kind == GB_ERROR_USAGE);
    w.freeze_in_call = true;
    HOLDS(call(&w, "callout", 4) == 5 && w.refused && gb_store_host_calls(w.store) == 1);
    HOLDS(gb_store_freeze(w.store, &w.err));
    HOLDS(!gb_store_freeze(w.store, &w.err) && w.err.kind == GB_ERROR_USAGE);
    HOLDS(gb_instance_new(w.store, w.module, w.linker, &w.trap, &w.err) != NULL);
    HOLDS(!gb_store_restore(w.store, &w.err) && w.err.kind == GB_ERROR_USAGE);
    close_world(&w);
}

static void the_limits_of_the_store_hold_again(void) {
    world w = {0};
    gb_limits saved = limits;
    limits.memory_bytes = 5 * 65536;
    limits.table_entries = 10;
    HOLDS(open_world(&w) && gb_store_freeze(w.store, &w.err));
    for (int round = 0; round < 50; round++) {
        HOLDS(call(&w, "pages", 2) == 5 && call(&w, "pages", 1) == 5 && gb_store_memory_refused(w.store));
        HOLDS(call(&w, "table_pages", 6) == 10 && call(&w, "table_pages", 1) == 10);
        HOLDS(gb_store_restore(w.store, &w.err) && !gb_store_memory_refused(w.store));
    }
    limits = saved;
    close_world(&w);
}

static void run_all(const char *what) {
    for (int k = 0; k < 4; k++) {
        limits = (gb_limits){.engine = k & 1 ? GB_ENGINE_INTERPRETER : GB_ENGINE_AUTO, .no_guard_regions = (k & 2) != 0};
        current = what;
        all_state_is_as_it_was();
        a_trap_leaves_nothing_behind();
        what_the_host_wrote_goes_too();
        stores_of_one_module_have_images_of_their_own();
        misuse_is_refused();
        the_limits_of_the_store_hold_again();
    }
}

int main(int argc, char **argv) {
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!file) return fprintf(stderr, "usage: image FILE\n"), 2;
    length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    run_all("copied");
    large = true;
    run_all("mapped");
    gb_engine_seal(4 * length); /* from here on there are no files */
    run_all("copied for want of a file");
    return check_end("image");
}
