/* spec-runner: the official test suite, as wast2json (wabt) or `wasm-tools json-from-wast` converted it.
 *
 *   build/spec-runner [--no-guard-regions] [--engine=interpreter|compiler] [--fuel=N] FILE.json…
 *
 * Every command but `register` is one assertion, as wabt's spectest-interp counts. What counts as passed:
 *
 *   module             decodes, validates and instantiates
 *   action             returns
 *   assert_return      the results are equal, bit for bit, or NaNs of the kind asked for
 *   assert_trap, assert_exhaustion     a trap of the kind that the text names
 *   assert_exception   an exception nobody caught
 *   assert_invalid     refused as GB_ERROR_INVALID
 *   assert_malformed   a binary module is refused, as malformed; or as invalid, when that shows first in one pass.
 *                      A text module is no business of an engine without a text format: wabt's `wat2wasm`, found in the PATH or
 *                      named by WAT2WASM, must refuse to parse it (--no-check: validation does not count).
 *   assert_unlinkable  refused as GB_ERROR_UNLINKABLE
 *   assert_uninstantiable   a trap while instantiating
 *
 * Prints a line for each failure, and last `N passed, N failed`; exits with 1 when something failed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/instance.h"
#include "json.h"

enum { NAMES = 256, MAX_VALUES = 64 };

typedef struct runner {
    const char *path; /* of the JSON */
    gb_store *store;
    gb_linker *linker;
    gb_instance *last;
    struct {
        char *name;
        gb_instance *instance;
    } named[NAMES];
    size_t named_count;
    size_t passed, failed;
    gb_limits limits;
} runner;

/* (module (global (export "global_i32") i32 (i32.const 666)) (global (export "global_i64") i64 (i64.const 666))
 *   (global (export "global_f32") f32 (f32.const 666.6)) (global (export "global_f64") f64 (f64.const 666.6))
 *   (table (export "table") 10 20 funcref) (memory (export "memory") 1 2)) */
static const uint8_t spectest[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x04, 0x05, 0x01, 0x70, 0x01, 0x0a, 0x14, 0x05,
    0x04, 0x01, 0x01, 0x01, 0x02, 0x06, 0x21, 0x04, 0x7f, 0x00, 0x41, 0x9a, 0x05, 0x0b, 0x7e, 0x00,
    0x42, 0x9a, 0x05, 0x0b, 0x7d, 0x00, 0x43, 0x66, 0xa6, 0x26, 0x44, 0x0b, 0x7c, 0x00, 0x44, 0xcd,
    0xcc, 0xcc, 0xcc, 0xcc, 0xd4, 0x84, 0x40, 0x0b, 0x07, 0x46, 0x06, 0x0a, 0x67, 0x6c, 0x6f, 0x62,
    0x61, 0x6c, 0x5f, 0x69, 0x33, 0x32, 0x03, 0x00, 0x0a, 0x67, 0x6c, 0x6f, 0x62, 0x61, 0x6c, 0x5f,
    0x69, 0x36, 0x34, 0x03, 0x01, 0x0a, 0x67, 0x6c, 0x6f, 0x62, 0x61, 0x6c, 0x5f, 0x66, 0x33, 0x32,
    0x03, 0x02, 0x0a, 0x67, 0x6c, 0x6f, 0x62, 0x61, 0x6c, 0x5f, 0x66, 0x36, 0x34, 0x03, 0x03, 0x05,
    0x74, 0x61, 0x62, 0x6c, 0x65, 0x01, 0x00, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00,
};

/* ---- files ------------------------------------------------------------------------------------------ */

static char *read_file(const char *path, size_t *length) {
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    size_t used = 0, capacity = 0;
    for (size_t n = 1; f && n > 0; used += n) {
        if (capacity - used < 65536) {
            capacity = capacity * 2 + 65536;
            char *grown = realloc(bytes, capacity);
            if (!grown) break;
            bytes = grown;
        }
        n = fread(bytes + used, 1, capacity - used - 1, f);
    }
    if (f) fclose(f);
    *length = used;
    return f ? bytes : NULL;
}

/* The file that a command names stands beside the JSON. */
static void beside(const runner *r, const char *name, char *path, size_t size) {
    const char *slash = strrchr(r->path, '/');
    snprintf(path, size, "%.*s%s", slash ? (int)(slash - r->path + 1) : 0, r->path, name);
}

static bool text_is_refused(const char *path) {
    const char *tool = getenv("WAT2WASM");
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(0);
        execlp(tool ? tool : "wat2wasm", "wat2wasm", "--no-check", "-o", "/dev/null", path, (char *)NULL);
        _exit(0); /* no such tool: nothing is shown, so nothing passes */
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* ---- values ------------------------------------------------------------------------------------------- */

static uint64_t number(const char *text) { return strtoull(text, NULL, 10); }

static int lane_bits(const char *type) {
    return strcmp(type, "i8") == 0 ? 8 : strcmp(type, "i16") == 0 ? 16 : strstr(type, "32") ? 32 : 64;
}

static void put_lane(uint8_t *to, uint64_t value, int bits) {
    for (int i = 0; i < bits / 8; i++) to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get_lane(const uint8_t *from, int bits) {
    uint64_t value = 0;
    for (int i = 0; i < bits / 8; i++) value |= (uint64_t)from[i] << 8 * i;
    return value;
}

static gb_value read_value(const json *v) {
    gb_value value = {0};
    const char *type = json_text(v, "type"), *text = json_text(v, "value");
    if (strcmp(type, "v128") == 0) {
        int bits = lane_bits(json_text(v, "lane_type"));
        uint8_t *to = value.v128;
        for (const json *l = json_get(v, "value")->first; l; l = l->next, to += bits / 8) {
            uint64_t lane = *l->text == '-' ? (uint64_t)strtoll(l->text, NULL, 10) : number(l->text);
            put_lane(to, lane, bits);
        }
    } else if (strstr(type, "ref")) {
        value.ref = strcmp(text, "null") == 0 ? NULL : (void *)(uintptr_t)(number(text) + 1);
    } else if (strstr(type, "32")) {
        value.u32 = (uint32_t)number(text);
    } else {
        value.u64 = number(text);
    }
    return value;
}

static bool float_matches(uint64_t bits, int width, const char *text) {
    uint64_t quiet = width == 32 ? 0x7FC00000 : UINT64_C(0x7FF8000000000000);
    uint64_t sign = UINT64_C(1) << (width - 1);
    if (strcmp(text, "nan:canonical") == 0) return (bits & ~sign) == quiet;
    if (strcmp(text, "nan:arithmetic") == 0) return (bits & quiet) == quiet;
    return bits == number(text);
}

static bool vector_matches(const uint8_t *bytes, const json *v) {
    const char *type = json_text(v, "lane_type");
    int bits = lane_bits(type);
    for (const json *l = json_get(v, "value")->first; l; l = l->next, bytes += bits / 8) {
        uint64_t lane = get_lane(bytes, bits), mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
        uint64_t wanted = *l->text == '-' ? (uint64_t)strtoll(l->text, NULL, 10) : number(l->text);
        if (*type == 'f' ? !float_matches(lane, bits, l->text) : lane != (wanted & mask)) return false;
    }
    return true;
}

static bool value_matches(const gb_value *value, const json *v) {
    const char *type = json_text(v, "type"), *text = json_text(v, "value");
    if (strcmp(type, "v128") == 0) return vector_matches(value->v128, v);
    if (strcmp(type, "i32") == 0) return value->u32 == (uint32_t)number(text);
    if (strcmp(type, "i64") == 0) return value->u64 == number(text);
    if (strcmp(type, "f32") == 0) return float_matches(value->u32, 32, text);
    if (strcmp(type, "f64") == 0) return float_matches(value->u64, 64, text);
    if (strcmp(text, "null") == 0) return value->ref == NULL;
    if (strcmp(type, "externref") == 0 && *text) return (uintptr_t)value->ref == number(text) + 1;
    return value->ref != NULL; /* a function or exception reference: any */
}

/* ---- modules -------------------------------------------------------------------------------------------- */

static bool print(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)caller, (void)env, (void)args, (void)results;
    return true;
}

static gb_instance *instantiate(runner *r, const uint8_t *bytes, size_t length, gb_error *err) {
    gb_trap trap;
    gb_module *module = gb_module_decode(bytes, length, false, err);
    if (!module) return NULL;
    gb_instance *instance = gb_instance_new(r->store, module, r->linker, &trap, err);
    gb_module_release(module);
    return instance;
}

static gb_instance *load(runner *r, const json *command, gb_error *err) {
    char path[4096];
    size_t length;
    beside(r, json_text(command, "filename"), path, sizeof path);
    char *bytes = read_file(path, &length);
    gb_instance *instance = NULL;
    if (bytes)
        instance = instantiate(r, (uint8_t *)bytes, length, err);
    else
        gb_fail(err, GB_ERROR_IO, "cannot read %s", path);
    free(bytes);
    return instance;
}

static bool start_file(runner *r) {
    gb_error err = {0};
    r->store = gb_store_new(&r->limits, &err);
    r->linker = gb_linker_new(&err);
    gb_instance *host = r->store && r->linker ? instantiate(r, spectest, sizeof spectest, &err) : NULL;
    static const char *const prints[][2] = {{"print", ":"}, {"print_i32", "i:"}, {"print_i64", "I:"}, {"print_f32", "f:"},
                                            {"print_f64", "F:"}, {"print_i32_f32", "if:"}, {"print_f64_f64", "FF:"}};
    bool ok = host && gb_linker_define_instance(r->linker, "spectest", host, &err);
    for (size_t i = 0; ok && i < sizeof prints / sizeof *prints; i++)
        ok = gb_linker_define(r->linker, "spectest", prints[i][0], prints[i][1], print, NULL, &err);
    if (!ok) fprintf(stderr, "spec-runner: %s\n", err.message);
    r->last = NULL;
    r->named_count = 0;
    return ok;
}

static void end_file(runner *r) {
    for (size_t i = 0; i < r->named_count; i++) free(r->named[i].name);
    gb_linker_free(r->linker);
    gb_store_free(r->store);
}

static gb_instance *named(const runner *r, const char *name) {
    if (!*name) return r->last;
    for (size_t i = r->named_count; i-- > 0;)
        if (strcmp(r->named[i].name, name) == 0) return r->named[i].instance;
    return NULL;
}

static void remember(runner *r, const json *command, gb_instance *instance) {
    r->last = instance;
    const char *name = json_text(command, "name");
    if (!*name || r->named_count == NAMES) return;
    r->named[r->named_count].name = strdup(name);
    r->named[r->named_count++].instance = instance;
}

/* ---- actions ---------------------------------------------------------------------------------------------- */

typedef struct result {
    bool ok;
    gb_value values[MAX_VALUES];
    size_t count;
    gb_trap trap;
} result;

static const gb_functype *type_of(const gb_func *func) { return &func->store->types.types[func->type_id]; }

static void act(runner *r, const json *action, result *out) {
    out->ok = false;
    out->count = 0;
    out->trap = (gb_trap){.message = "no such action"};
    gb_instance *instance = named(r, json_text(action, "module"));
    const json *field = json_get(action, "field");
    if (!instance || !field) return;
    const gb_export *export = gb_module_find_export(instance->module, field->text, field->length);
    if (!export) return;
    if (export->kind == GB_EXTERN_GLOBAL) {
        out->count = 1;
        gb_value_from_slots(out->values, instance->module->globals[export->index].type,
                            instance->globals[export->index]->slot);
        out->ok = true;
    } else if (export->kind == GB_EXTERN_FUNC) {
        gb_func *func = instance->funcs[export->index];
        gb_value args[MAX_VALUES];
        size_t n = 0;
        for (const json *v = json_get(action, "args")->first; v && n < MAX_VALUES; v = v->next) args[n++] = read_value(v);
        out->count = type_of(func)->result_count;
        if (n != type_of(func)->param_count || out->count > MAX_VALUES) return;
        out->ok = gb_call(func, args, out->values, &out->trap);
    }
}

static bool results_match(const result *got, const json *expected) {
    size_t i = 0;
    if (!got->ok) return false;
    for (const json *v = expected ? expected->first : NULL; v; v = v->next, i++) {
        if (i >= got->count) return false;
        if (strcmp(json_text(v, "type"), "either") == 0) {
            bool any = false;
            for (const json *w = json_get(v, "values")->first; w; w = w->next) any |= value_matches(&got->values[i], w);
            if (!any) return false;
        } else if (!value_matches(&got->values[i], v)) {
            return false;
        }
    }
    return i == got->count;
}

/* "undefined element 7" names the kind whose text is "undefined element". */
static bool trap_matches(const gb_trap *trap, const char *text) {
    const char *kind = gb_trap_text(trap->kind);
    size_t a = strlen(kind), b = strlen(text);
    return trap->kind != GB_TRAP_NONE && strncmp(kind, text, a < b ? a : b) == 0;
}

/* ---- commands ----------------------------------------------------------------------------------------------- */

static void report(runner *r, const json *command, bool ok, const char *why) {
    if (ok) {
        r->passed++;
        return;
    }
    r->failed++;
    printf("%s:%s: %s: %s\n", r->path, json_text(command, "line"), json_text(command, "type"), why);
}

static void run_action(runner *r, const json *command, const char *type) {
    result got;
    char why[700];
    act(r, json_get(command, "action"), &got);
    bool ok;
    if (strcmp(type, "assert_return") == 0)
        ok = results_match(&got, json_get(command, "expected"));
    else if (strcmp(type, "assert_exception") == 0)
        ok = !got.ok && got.trap.kind == GB_TRAP_UNCAUGHT_EXCEPTION;
    else
        ok = !got.ok && trap_matches(&got.trap, json_text(command, "text"));
    if (got.ok)
        snprintf(why, sizeof why, "returned %zu values, the first 0x%" PRIx64, got.count, got.count ? got.values[0].u64 : 0);
    else
        snprintf(why, sizeof why, "%s", got.trap.message);
    report(r, command, ok, why);
}

static void run_refusal(runner *r, const json *command, const char *type) {
    gb_error err = {0};
    if (strcmp(json_text(command, "module_type"), "text") == 0) {
        char path[4096];
        beside(r, json_text(command, "filename"), path, sizeof path);
        report(r, command, text_is_refused(path), "the text was not refused");
        return;
    }
    bool refused = !load(r, command, &err), ok = false;
    if (strcmp(type, "assert_malformed") == 0)
        ok = err.kind == GB_ERROR_MALFORMED || err.kind == GB_ERROR_INVALID;
    else if (strcmp(type, "assert_invalid") == 0)
        ok = err.kind == GB_ERROR_INVALID;
    else if (strcmp(type, "assert_unlinkable") == 0)
        ok = err.kind == GB_ERROR_UNLINKABLE;
    else
        ok = err.kind == GB_ERROR_TRAP;
    report(r, command, refused && ok, refused ? err.message : "was accepted");
}

static void run_command(runner *r, const json *command) {
    const char *type = json_text(command, "type");
    gb_error err = {0};
    if (strcmp(type, "module") == 0) {
        gb_instance *instance = load(r, command, &err);
        remember(r, command, instance);
        report(r, command, instance != NULL, err.message);
    } else if (strcmp(type, "register") == 0) {
        gb_instance *instance = named(r, json_text(command, "name"));
        if (!instance || !gb_linker_define_instance(r->linker, json_text(command, "as"), instance, &err))
            report(r, command, false, "nothing to register");
    } else if (strcmp(type, "action") == 0) {
        result got;
        act(r, json_get(command, "action"), &got);
        report(r, command, got.ok, got.trap.message);
    } else if (strcmp(type, "assert_return") == 0 || strcmp(type, "assert_trap") == 0 ||
               strcmp(type, "assert_exhaustion") == 0 || strcmp(type, "assert_exception") == 0) {
        run_action(r, command, type);
    } else if (strncmp(type, "assert_", 7) == 0) {
        run_refusal(r, command, type);
    } else {
        report(r, command, false, "unknown command");
    }
}

static void run_file(runner *r, const char *path) {
    size_t length;
    r->path = path;
    char *text = read_file(path, &length);
    json *root = text ? json_parse(text, length) : NULL;
    const json *commands = json_get(root, "commands");
    if (!commands) {
        printf("%s: cannot be read\n", path);
        r->failed++;
    } else if (start_file(r)) {
        for (const json *c = commands->first; c; c = c->next) run_command(r, c);
        end_file(r);
    } else {
        r->failed++;
    }
    json_free(root);
    free(text);
}

int main(int argc, char **argv) {
    runner r = {0};
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--no-guard-regions") == 0)
            r.limits.no_guard_regions = true;
        else if (strcmp(argv[i], "--engine=interpreter") == 0)
            r.limits.engine = GB_ENGINE_INTERPRETER;
        else if (strcmp(argv[i], "--engine=compiler") == 0)
            r.limits.engine = GB_ENGINE_COMPILER;
        else if (strncmp(argv[i], "--fuel=", 7) == 0)
            r.limits.fuel = strtoull(argv[i] + 7, NULL, 10);
        else
            break;
    }
    if (i == argc || strncmp(argv[i], "--", 2) == 0) {
        fprintf(stderr, "usage: spec-runner [--no-guard-regions] [--engine=KIND] [--fuel=N] FILE.json…\n");
        return 2;
    }
    for (; i < argc; i++) run_file(&r, argv[i]);
    printf("%zu passed, %zu failed\n", r.passed, r.failed);
    return r.failed != 0;
}
