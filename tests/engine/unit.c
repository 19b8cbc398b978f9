/* The engine's promises that the official suite does not look at: limits, interruption, fuel, hostile modules,
 * what a trap says, memory that runs out. Each test is named for its promise. Prints `engine-unit: N passed, N failed`. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builder.h"
#include "engine/demangle.h"
#include "engine/engine.h"
#include "engine/instance.h"

static int failures;
static const char *current;
static gb_engine_kind tier = GB_ENGINE_INTERPRETER;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("%s: line %d: %s\n", current, __LINE__, #condition);                            \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

/* ---- a module in a store ------------------------------------------------------------------------------ */

typedef struct world {
    gb_error err;
    gb_trap trap;
    gb_linker *linker;
    gb_store *store;
    gb_module *module;
    gb_instance *instance;
} world;

static bool open_world(world *w, const gb_buffer *bytes, gb_limits limits) {
    limits.engine = tier;
    w->store = gb_store_new(&limits, &w->err);
    w->module = w->store ? gb_module_decode(bytes->data, bytes->length, false, &w->err) : NULL;
    w->instance = w->module ? gb_instance_new(w->store, w->module, w->linker, &w->trap, &w->err) : NULL;
    return w->instance != NULL;
}

static void close_world(world *w) {
    gb_store_free(w->store);
    gb_module_release(w->module);
    gb_linker_free(w->linker);
    *w = (world){0};
}

static bool call(world *w, const char *name, int32_t arg, int32_t *result) {
    gb_func *func = gb_instance_func(w->instance, name);
    gb_value args[1] = {{.i32 = arg}}, results[1] = {{0}};
    bool ok = func && gb_call(func, args, results, &w->trap);
    if (result) *result = results[0].i32;
    return ok;
}

/* One function "f" of a type, with memory of 1 to `pages` pages. */
static const gb_buffer *single(builder *b, const char *letters, const gb_buffer *locals, const gb_buffer *body,
                               uint32_t pages) {
    add_function(b, add_type(b, letters), locals, body, "f");
    add_memory(b, 1, pages);
    return build_module(b);
}

static bool decodes(const gb_buffer *bytes, gb_error_kind *kind) {
    gb_error err = {0};
    gb_module *m = gb_module_decode(bytes->data, bytes->length, true, &err);
    gb_module_release(m);
    *kind = err.kind;
    return m != NULL;
}

/* ---- hostile modules ------------------------------------------------------------------------------------- */

static void fifty_thousand_locals_run_and_one_more_is_refused(void) {
    for (uint32_t n = 50000; n <= 50001; n++) {
        builder b = {0};
        world w = {0};
        gb_buffer locals = {0}, body = {0};
        put_leb(&locals, 1);
        put_leb(&locals, n);
        put_u8(&locals, 0x7F);
        PUT(&body, "\x20\x00\x21\xcf\x86\x03\x20\xcf\x86\x03"); /* local 49,999 = argument, and back */
        const gb_buffer *bytes = single(&b, "i:i", &locals, &body, 1);
        int32_t result = 0;
        CHECK(open_world(&w, bytes, (gb_limits){0}) == (n == 50000));
        if (w.instance) CHECK(call(&w, "f", 77, &result) && result == 77);
        close_world(&w);
        free_builder(&b);
        gb_buffer_free(&locals);
        gb_buffer_free(&body);
    }
}

static void a_body_of_seven_megabytes_runs(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    PUT(&body, "\x20\x00");
    for (int i = 0; i < 1750000; i++) PUT(&body, "\x41\x01\x6a\x01"); /* i32.const 1, i32.add, nop */
    const gb_buffer *bytes = single(&b, "i:i", NULL, &body, 1);
    int32_t result = 0;
    CHECK(open_world(&w, bytes, (gb_limits){0}) && call(&w, "f", 5, &result) && result == 1750005);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
}

static void a_br_table_of_a_million_targets_runs(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    PUT(&body, "\x02\x40\x02\x40\x20\x00\x0e"); /* block block, local.get 0, br_table */
    put_leb(&body, 1000000);
    for (int i = 0; i < 1000000; i++) put_u8(&body, (unsigned)i % 2);
    PUT(&body, "\x01\x0b\x41\x0a\x0f\x0b\x41\x14"); /* default 1; end i32.const 10 return; end i32.const 20 */
    const gb_buffer *bytes = single(&b, "i:i", NULL, &body, 1);
    int32_t result = 0;
    CHECK(open_world(&w, bytes, (gb_limits){0}));
    CHECK(call(&w, "f", 999998, &result) && result == 10);
    CHECK(call(&w, "f", 999999, &result) && result == 20);
    CHECK(call(&w, "f", -1, &result) && result == 20);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
}

static void half_a_million_nested_blocks_run(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    for (int i = 0; i < 500000; i++) PUT(&body, "\x02\x40");
    PUT(&body, "\x20\x00\x0d");
    put_leb(&body, 499999);
    for (int i = 0; i < 500000; i++) put_u8(&body, 0x0b);
    PUT(&body, "\x20\x00");
    const gb_buffer *bytes = single(&b, "i:i", NULL, &body, 1);
    int32_t result = 0;
    CHECK(open_world(&w, bytes, (gb_limits){0}) && call(&w, "f", 3, &result) && result == 3);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
}

static void a_million_operands_fit_or_overflow_the_stack_cleanly(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    for (int i = 0; i < 1200000; i++) PUT(&body, "\x41\x01");
    PUT(&body, "\x20\x00\x21\x00"); /* local.get 0, local.set 0 */
    for (int i = 0; i < 1200000 - 1; i++) put_u8(&body, 0x6a);
    const gb_buffer *bytes = single(&b, "i:i", NULL, &body, 1);
    int32_t result = 0;
    CHECK(open_world(&w, bytes, (gb_limits){.stack_bytes = 16 << 20}));
    CHECK(call(&w, "f", 3, &result) && result == 1200000);
    close_world(&w);
    CHECK(open_world(&w, bytes, (gb_limits){.stack_bytes = 1 << 20}));
    bool fits = call(&w, "f", 3, &result); /* constants take no room in compiled code */
    CHECK(fits ? tier == GB_ENGINE_COMPILER && result == 1200000 : w.trap.kind == GB_TRAP_STACK_OVERFLOW);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
}

static void counts_beyond_the_bytes_are_malformed(void) {
    static const uint8_t ids[] = {1, 2, 3, 4, 5, 13, 6, 7, 9, 10, 11};
    for (size_t i = 0; i < sizeof ids; i++) {
        gb_buffer bytes = {0};
        gb_error_kind kind;
        PUT(&bytes, "\0asm\1\0\0\0");
        put_u8(&bytes, ids[i]);
        PUT(&bytes, "\x05\xff\xff\xff\xff\x0f");
        CHECK(!decodes(&bytes, &kind) && kind == GB_ERROR_MALFORMED);
        gb_buffer_free(&bytes);
    }
}

/* A module with a little of everything, to be cut and changed. */
static const gb_buffer *specimen(builder *b) {
    gb_buffer body = {0}, locals = {0};
    uint32_t type = add_type(b, "i:i"), empty = add_type(b, ":");
    uint32_t host = add_import(b, "env", "host", type);
    PUT(&b->tables, "\x01\x70\x01\x02\x04");
    PUT(&b->globals, "\x7f\x01\x41\x2a\x0b");
    b->global_count = 1;
    add_tag(b, empty);
    PUT(&b->elems, "\x01\x00\x41\x00\x0b\x02\x00\x01");
    PUT(&b->datas, "\x00\x41\x08\x0b\x03\x61\x62\x63");
    b->data_count = 1;
    PUT(&locals, "\x02\x02\x7f\x01\x7e");
    /* loop: local 1 += memory[8 + …]; local 0 -= 1; br_if; call the import; try_table with throw */
    PUT(&body, "\x03\x40\x20\x01\x41\x08\x2d\x00\x00\x6a\x22\x01\x21\x02\x20\x00\x41\x01\x6b\x22\x00\x0d\x00\x0b"
               "\x02\x40\x1f\x40\x01\x02\x00\x08\x00\x0b\x0b"
               "\x20\x01\x41\x00\x11\x00\x00\x24\x00\x23\x00\x10");
    put_leb(&body, host);
    add_function(b, type, &locals, &body, "f");
    gb_buffer_free(&body);
    gb_buffer_free(&locals);
    add_memory(b, 1, 4);
    add_function_name(b, 1, "_ZN4mine4deep3fun17h0123456789abcdefE");
    return build_module(b);
}

static bool double_it(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)caller, (void)env;
    results[0].u32 = args[0].u32 * 2;
    return true;
}

static gb_linker *specimen_linker(gb_error *err) {
    gb_linker *linker = gb_linker_new(err);
    if (linker && !gb_linker_define(linker, "env", "host", "i:i", double_it, NULL, err)) {
        gb_linker_free(linker);
        linker = NULL;
    }
    return linker;
}

/* Runs whatever comes out, within bounds. */
static void try_bytes(const gb_buffer *bytes) {
    world w = {0};
    w.linker = specimen_linker(&w.err);
    int32_t result;
    if (open_world(&w, bytes, (gb_limits){.fuel = 10000, .memory_bytes = 1 << 20, .table_entries = 1000}))
        call(&w, "f", 3, &result);
    close_world(&w);
}

static void no_prefix_and_no_changed_byte_of_a_module_harms(void) {
    builder b = {0};
    const gb_buffer *bytes = specimen(&b);
    gb_buffer copy = {0};
    for (size_t n = 0; n <= bytes->length; n++) {
        gb_buffer_clear(&copy);
        put_bytes(&copy, bytes->data, n);
        try_bytes(&copy);
    }
    static const uint8_t values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, 0x40, 0x0B};
    for (size_t i = 8; i < bytes->length; i++) {
        for (size_t k = 0; k < sizeof values; k++) {
            copy.data[i] = values[k];
            try_bytes(&copy);
        }
        copy.data[i] = bytes->data[i];
    }
    gb_buffer_free(&copy);
    free_builder(&b);
}

/* ---- interruption and fuel ----------------------------------------------------------------------------------- */

static void *interrupt_soon(void *store) {
    usleep(20000);
    gb_store_interrupt(store);
    return NULL;
}

static void expect_interrupted(const char *instructions, size_t length) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    pthread_t thread;
    put_bytes(&body, instructions, length);
    const gb_buffer *bytes = single(&b, "i:i", NULL, &body, 2);
    bool ok = open_world(&w, bytes, (gb_limits){0});
    CHECK(ok);
    if (ok && pthread_create(&thread, NULL, interrupt_soon, w.store) == 0) {
        CHECK(!call(&w, "f", 1, NULL) && w.trap.kind == GB_TRAP_INTERRUPTED);
        pthread_join(thread, NULL);
        CHECK(!call(&w, "f", 1, NULL) && w.trap.kind == GB_TRAP_INTERRUPTED);
        gb_store_interrupt_clear(w.store);
    }
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
}

static void an_endless_loop_is_interrupted(void) {
    static const char loop[] = "\x03\x40\x0c\x00\x0b\x00";             /* loop br 0 end unreachable */
    static const char counting[] = "\x03\x40\x20\x00\x0d\x00\x0b\x41\x00"; /* loop local.get 0 br_if 0 */
    static const char table[] = "\x03\x40\x20\x00\x0e\x01\x00\x00\x0b\x00"; /* loop br_table 0 0 */
    static const char tail[] = "\x20\x00\x12\x00";                     /* return_call itself */
    static const char filling[] = "\x03\x40\x41\x00\x41\x07\x41\x80\x80\x04\xfc\x0b\x00\x0c\x00\x0b\x00";
    expect_interrupted(loop, sizeof loop - 1);
    expect_interrupted(counting, sizeof counting - 1);
    expect_interrupted(table, sizeof table - 1);
    expect_interrupted(tail, sizeof tail - 1);
    expect_interrupted(filling, sizeof filling - 1);
}

static void fuel_is_counted_as_documented(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    int32_t result;
    /* loop local.get 0, i32.const 1, i32.sub, local.tee 0, br_if 0 end local.get 0: 5 a turn, 1 at the end */
    PUT(&body, "\x03\x40\x20\x00\x41\x01\x6b\x22\x00\x0d\x00\x0b\x20\x00");
    const gb_buffer *bytes = single(&b, "i:i", NULL, &body, 1);
    CHECK(open_world(&w, bytes, (gb_limits){.fuel = 1000}));
    CHECK(call(&w, "f", 10, &result) && gb_store_fuel(w.store) == 1000 - 51);
    gb_store_fuel_set(w.store, 50);
    CHECK(!call(&w, "f", 10, &result) && w.trap.kind == GB_TRAP_FUEL && gb_store_fuel(w.store) == 0);
    gb_store_fuel_set(w.store, 51);
    CHECK(call(&w, "f", 10, &result) && gb_store_fuel(w.store) == 0);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
}

/* ---- stacks ------------------------------------------------------------------------------------------------------ */

static void calls_nest_as_deep_as_the_limit_says(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    int32_t result;
    /* f(n) = n == 0 ? 0 : f(n - 1) + 1 */
    PUT(&body, "\x20\x00\x04\x7f\x20\x00\x41\x01\x6b\x10\x00\x41\x01\x6a\x05\x41\x00\x0b");
    const gb_buffer *bytes = single(&b, "i:i", NULL, &body, 1);
    CHECK(open_world(&w, bytes, (gb_limits){.call_depth = 100}));
    CHECK(call(&w, "f", 90, &result) && result == 90);
    /* Compiled code is held back by the room on its stack alone. */
    if (tier == GB_ENGINE_INTERPRETER) CHECK(!call(&w, "f", 200, &result) && w.trap.kind == GB_TRAP_STACK_OVERFLOW);
    CHECK(call(&w, "f", 90, &result) && result == 90);
    close_world(&w);
    CHECK(open_world(&w, bytes, (gb_limits){0}));
    CHECK(call(&w, "f", 50000, &result) && result == 50000);
    CHECK(!call(&w, "f", 100000000, &result) && w.trap.kind == GB_TRAP_STACK_OVERFLOW);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
}

static bool call_back(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)env;
    gb_trap trap;
    gb_value arg = {.i32 = args[0].i32 + 1};
    gb_func *f = gb_instance_func(gb_caller_instance(caller), "f");
    return gb_call(f, &arg, results, &trap);
}

static void guest_and_host_calling_each_other_end_in_a_trap(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    uint32_t type = add_type(&b, "i:i");
    add_import(&b, "env", "host", type);
    PUT(&body, "\x20\x00\x10\x00");
    add_function(&b, type, NULL, &body, "f");
    const gb_buffer *bytes = build_module(&b);
    w.linker = gb_linker_new(&w.err);
    CHECK(gb_linker_define(w.linker, "env", "host", "i:i", call_back, NULL, &w.err));
    CHECK(open_world(&w, bytes, (gb_limits){0}));
    CHECK(!call(&w, "f", 0, NULL) && w.trap.kind == GB_TRAP_STACK_OVERFLOW);
    CHECK(!call(&w, "f", 0, NULL) && w.trap.kind == GB_TRAP_STACK_OVERFLOW); /* nothing was left behind */
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
}

/* ---- what a trap says ---------------------------------------------------------------------------------------------- */

static void a_trap_names_the_function_and_its_callers(void) {
    builder b = {0};
    world w = {0};
    gb_buffer outer = {0}, inner = {0};
    uint32_t type = add_type(&b, "i:i");
    PUT(&outer, "\x01\x01\x20\x00\x10\x01");     /* nop nop local.get 0 call 1 */
    PUT(&inner, "\x41\x07\x1a\x41\x01\x20\x00\x6d"); /* drop 7; 1 / argument */
    add_function(&b, type, NULL, &outer, "f");
    add_function(&b, type, NULL, &inner, NULL);
    add_function_name(&b, 1, "_ZN4mine4deep3fun17h0123456789abcdefE");
    const gb_buffer *bytes = build_module(&b);
    CHECK(open_world(&w, bytes, (gb_limits){0}));
    CHECK(!call(&w, "f", 0, NULL) && w.trap.kind == GB_TRAP_INTEGER_DIVIDE_BY_ZERO);
    char expected[128];
    uint32_t divide = w.module ? w.module->functions[1].code + 7 : 0, site = w.module ? w.module->functions[0].code + 4 : 0;
    snprintf(expected, sizeof expected, "integer divide by zero in mine::deep::fun (wasm offset 0x%x)", divide);
    CHECK(strcmp(w.trap.message, expected) == 0);
    snprintf(expected, sizeof expected, "mine::deep::fun (0x%x)\nfunc[0] (0x%x)\n", divide, site);
    CHECK(strcmp(w.trap.backtrace, expected) == 0);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&outer);
    gb_buffer_free(&inner);
}

static void names_of_strangers_do_nothing_to_a_terminal(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    uint32_t type = add_type(&b, ":");
    PUT(&body, "\x00"); /* unreachable */
    add_function(&b, type, NULL, &body, "f");
    add_function_name(&b, 0, "a\033]0;title\a\342\200\256" "b");
    CHECK(open_world(&w, build_module(&b), (gb_limits){0}));
    CHECK(!call(&w, "f", 0, NULL) && strstr(w.trap.message, " in a?]0;title??b (wasm") != NULL);
    CHECK(strncmp(w.trap.backtrace, "a?]0;title??b (", 15) == 0);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);

    gb_error err = {0};
    gb_trap trap;
    static const uint8_t wants[] = "\0asm\1\0\0\0\1\4\1\x60\0\0\2\x0f\1\5e\033[2J\5\342\200\256xx\0\0";
    gb_module *module = gb_module_decode(wants, sizeof wants - 1, false, &err);
    gb_store *store = gb_store_new(&(gb_limits){0}, &err);
    gb_linker *linker = gb_linker_new(&err);
    CHECK(module && store && linker && !gb_instance_new(store, module, linker, &trap, &err));
    CHECK(strcmp(err.message, "unknown import: function e?[2J.?xx") == 0);
    gb_linker_free(linker);
    gb_store_free(store);
    gb_module_release(module);
}

static void symbols_are_demangled(void) {
    static const char *const cases[][2] = {
        {"_ZN4core6option15Option$LT$T$GT$6unwrap17h0123456789abcdefE", "core::option::Option<T>::unwrap"},
        {"_ZN3foo3barE", "foo::bar"},
        {"_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"},
        {"plain_name", "plain_name"},
        {"_ZN9", "_ZN9"},
        {"_R", "_R"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        gb_demangle(cases[i][0], strlen(cases[i][0]), text, sizeof text);
        CHECK(strcmp(text, cases[i][1]) == 0);
    }
}

/* ---- memory ----------------------------------------------------------------------------------------------------------- */

static void memory_grows_to_the_limit_of_the_store_and_no_further(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0};
    int32_t result;
    PUT(&body, "\x20\x00\x40\x00");
    const gb_buffer *bytes = single(&b, "i:i", NULL, &body, 100);
    for (int guard = 0; guard < 2; guard++) {
        CHECK(open_world(&w, bytes, (gb_limits){.memory_bytes = 10 * 65536, .no_guard_regions = guard == 0}));
        CHECK(call(&w, "f", 4, &result) && result == 1);
        CHECK(call(&w, "f", 6, &result) && result == -1);
        CHECK(call(&w, "f", 5, &result) && result == 5);
        gb_memory *memory = gb_instance_memory(w.instance, "memory");
        CHECK(gb_memory_size(memory) == 10 * 65536 && gb_store_memory_peak(w.store) == 10 * 65536);
        CHECK(gb_memory_range(memory, 10 * 65536, 0) && !gb_memory_range(memory, 10 * 65536, 1));
        CHECK(!gb_memory_range(memory, UINT64_MAX, 2));
        uint8_t *last = gb_memory_range(memory, 10 * 65536 - 1, 1);
        CHECK(last && *last == 0);
        close_world(&w);
    }
    free_builder(&b);
    gb_buffer_free(&body);
}

/* ---- exceptions --------------------------------------------------------------------------------------------------------- */

static void dead_exceptions_are_collected_and_held_ones_stay(void) {
    builder b = {0};
    world w = {0};
    gb_buffer body = {0}, locals = {0};
    int32_t result;
    uint32_t type = add_type(&b, "i:i"), payload = add_type(&b, "i:");
    add_type(&b, ":iX");
    add_tag(&b, payload);
    PUT(&locals, "\x02\x01\x69\x01\x7f"); /* exnref, i32 */
    /* hold one exception with payload 7; throw and catch n others; throw the held one again, return its payload */
    PUT(&body, "\x02\x02\x1f\x40\x01\x01\x00\x00\x41\x07\x08\x00\x0b\x00\x0b\x21\x01\x1a"
               "\x03\x40\x02\x02\x1f\x40\x01\x01\x00\x00\x20\x00\x08\x00\x0b\x00\x0b\x1a\x1a"
               "\x20\x00\x41\x01\x6b\x22\x00\x0d\x00\x0b"
               "\x02\x7f\x1f\x40\x01\x00\x00\x00\x20\x01\x0a\x0b\x00\x0b");
    add_function(&b, type, &locals, &body, "f");
    const gb_buffer *bytes = build_module(&b);
    CHECK(open_world(&w, bytes, (gb_limits){0}));
    CHECK(call(&w, "f", 200000, &result) && result == 7);
    CHECK(w.store->exception_count < 10000);
    close_world(&w);
    free_builder(&b);
    gb_buffer_free(&body);
    gb_buffer_free(&locals);
}

/* ---- memory that runs out ------------------------------------------------------------------------------------------------- */

/* The n-th allocation from now on fails; the program is linked with --wrap for these. */
static long allocations_left = -1;
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool fails_now(void) { return allocations_left >= 0 && allocations_left-- == 0; }
void *__wrap_malloc(size_t size) { return fails_now() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails_now() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t size) { return fails_now() ? NULL : __real_realloc(p, size); }

static void any_allocation_may_fail(void) {
    builder b = {0};
    const gb_buffer *bytes = specimen(&b);
    bool done = false;
    for (long n = 0; !done && n < 2000; n++) {
        world w = {0};
        int32_t result = 0;
        allocations_left = n;
        w.linker = specimen_linker(&w.err);
        bool ok = w.linker && open_world(&w, bytes, (gb_limits){0}) && call(&w, "f", 3, &result);
        done = allocations_left >= 0; /* it was not needed */
        allocations_left = -1;
        CHECK(ok ? result == 1164 : w.err.kind == GB_ERROR_MEMORY || w.trap.kind == GB_TRAP_MEMORY_LIMIT || done);
        close_world(&w);
    }
    CHECK(done);
    free_builder(&b);
}

/* ---- main ------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
#define TEST(name) {#name, name}
    TEST(fifty_thousand_locals_run_and_one_more_is_refused),
    TEST(a_body_of_seven_megabytes_runs),
    TEST(a_br_table_of_a_million_targets_runs),
    TEST(half_a_million_nested_blocks_run),
    TEST(a_million_operands_fit_or_overflow_the_stack_cleanly),
    TEST(counts_beyond_the_bytes_are_malformed),
    TEST(no_prefix_and_no_changed_byte_of_a_module_harms),
    TEST(an_endless_loop_is_interrupted),
    TEST(fuel_is_counted_as_documented),
    TEST(calls_nest_as_deep_as_the_limit_says),
    TEST(guest_and_host_calling_each_other_end_in_a_trap),
    TEST(a_trap_names_the_function_and_its_callers),
    TEST(names_of_strangers_do_nothing_to_a_terminal),
    TEST(symbols_are_demangled),
    TEST(memory_grows_to_the_limit_of_the_store_and_no_further),
    TEST(dead_exceptions_are_collected_and_held_ones_stay),
    TEST(any_allocation_may_fail),
};

int main(int argc, char **argv) {
    int passed = 0, failed = 0;
    if (argc > 1 && strcmp(argv[1], "--engine=compiler") == 0) tier = GB_ENGINE_COMPILER;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        current = tests[i].name;
        int before = failures;
        tests[i].run();
        failures == before ? passed++ : failed++;
    }
    printf("engine-unit: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
