/* glovebox run FILE.wasm: a WASI program with what the command line grants, and nothing else. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/status.h"
#include "cli/suggest.h"
#include "cli/verbs.h"
#include "engine/engine.h"
#include "policy/policy.h"
#include "wasi/wasi.h"

static const char usage[] =
    "Examples:\n"
    "  glovebox run tool.wasm                           it can only talk on its standard streams\n"
    "  glovebox run tool.wasm --dir .:ro -- input.txt   it may read here; input.txt is its argument\n"
    "  glovebox run tool.wasm --dir out::/ --env LANG   it sees the folder `out`, and one variable\n"
    "\n"
    "Usage: glovebox run FILE.wasm [OPTIONS] [--] [ARGUMENTS]\n"
    "\n"
    "Grants (nothing but the standard streams is granted by itself):\n"
    "  --dir HOST[::GUEST][:ro]   the folder HOST, called GUEST in it; `:ro`: for reading\n"
    "  --env NAME[=VALUE]         an environment variable, by default with the value it has here\n"
    "  --allow-clock              the real time; else it starts at 2020-01-01 and ticks a\n"
    "                             millisecond whenever it is looked at\n"
    "  --allow-random             real random bytes; else a fixed sequence\n"
    "\n"
    "Limits:\n"
    "  --fuel N                   instructions; it stops at the same one on every machine\n"
    "  --time-limit SECONDS       wall-clock time, such as 10 or 0.5\n"
    "  --memory-limit SIZE        linear memory, such as 64M (default 4G)\n"
    "\n"
    "Other:\n"
    "  --engine KIND              auto, compiler or interpreter (default auto)\n"
    "  --stats                    print what was used and asked for to standard error at the end\n"
    "  -h, --help\n"
    "\n"
    "Exit code: the program's own; 134 when it trapped, 152 when its fuel or time ran out, 130\n"
    "after Ctrl-C; 126 when the file is no program that can be run, 127 when there is none, 2 for\n"
    "misuse.\n";

enum exit_code {
    EXIT_MISUSE = 2,
    EXIT_CANNOT_RUN = 126,
    EXIT_NOT_FOUND = 127,
    EXIT_TRAP = 134,  /* 128 + SIGABRT */
    EXIT_LIMIT = 152, /* 128 + SIGXCPU */
};

/* What the command line asks for; strings are argv's. */
struct request {
    const char *file;
    const char **dirs, **variables, **args; /* room for argc of each */
    size_t dir_count, variable_count, arg_count;
    bool clock, random, stats;
    double seconds;
    gb_limits limits;
};

/* ---- the command line ---------------------------------------------------------------------- */

static int misuse(const char *format, const char *what, const char *help) {
    fputs("error: ", stderr);
    fprintf(stderr, format, what);
    fprintf(stderr, "\nhelp: %s\n", help);
    return EXIT_MISUSE;
}

static bool parse_count(const char *text, uint64_t *out) {
    char *end;
    errno = 0;
    if (text[0] < '0' || text[0] > '9') return false;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == 0 && *out > 0;
}

/* Bytes, or with a letter kibi-, mebi- and gibibytes. */
static bool parse_size(const char *text, uint64_t *out) {
    static const char letters[] = "KMG";
    char *end;
    errno = 0;
    if (text[0] < '0' || text[0] > '9') return false;
    *out = strtoull(text, &end, 10);
    const char *letter = *end ? strchr(letters, *end) : NULL;
    unsigned shift = letter ? 10 * (unsigned)(letter - letters + 1) : 0;
    if (errno || *out == 0 || *out > UINT64_MAX >> shift || (*end && (!letter || end[1])))
        return false;
    *out <<= shift;
    return true;
}

static bool parse_seconds(const char *text, double *out) {
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == 0 && *out > 0 && *out <= 1e9;
}

static bool parse_engine(const char *text, gb_engine_kind *out) {
    static const char *const names[] = {"auto", "compiler", "interpreter"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        *out = (gb_engine_kind)i;
        return true;
    }
    return false;
}

static bool set_dir(struct request *r, const char *value) {
    r->dirs[r->dir_count++] = value;
    return value[0] != 0;
}

static bool set_variable(struct request *r, const char *value) {
    r->variables[r->variable_count++] = value;
    return value[0] != 0 && value[0] != '=';
}

static bool set_fuel(struct request *r, const char *value) {
    return parse_count(value, &r->limits.fuel);
}

static bool set_time(struct request *r, const char *value) {
    return parse_seconds(value, &r->seconds);
}

static bool set_memory(struct request *r, const char *value) {
    return parse_size(value, &r->limits.memory_bytes);
}

static bool set_engine(struct request *r, const char *value) {
    return parse_engine(value, &r->limits.engine);
}

static bool set_clock(struct request *r, const char *value) {
    (void)value;
    return r->clock = true;
}

static bool set_random(struct request *r, const char *value) {
    (void)value;
    return r->random = true;
}

static bool set_stats(struct request *r, const char *value) {
    (void)value;
    return r->stats = true;
}

static const struct option {
    const char *name;
    const char *example; /* of its value; NULL: it has none */
    bool (*set)(struct request *r, const char *value);
} options[] = {
    {"--dir", "--dir src::/src:ro", set_dir},
    {"--env", "--env NAME=VALUE", set_variable},
    {"--allow-clock", NULL, set_clock},
    {"--allow-random", NULL, set_random},
    {"--fuel", "--fuel 1000000", set_fuel},
    {"--time-limit", "--time-limit 10", set_time},
    {"--memory-limit", "--memory-limit 64M", set_memory},
    {"--engine", "--engine interpreter", set_engine},
    {"--stats", NULL, set_stats},
};
enum { OPTIONS = sizeof options / sizeof *options };

static int unknown_option(const char *word, bool after_file) {
    size_t length = strcspn(word, "=");
    char name[64], help[160];
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), word);
    const char *near = gb_cli_nearest(name, &options[0].name, OPTIONS, sizeof *options);
    if (near) snprintf(help, sizeof help, "did you mean `%s`?", near);
    else if (after_file) snprintf(help, sizeof help, "to give it to the program: `-- %s`", name);
    else snprintf(help, sizeof help, "`glovebox run --help` lists the options");
    return misuse("`glovebox run` has no option `%s`", name, help);
}

/* One option, with its value behind `=` or in the next word. Returns the words used, 0 after it
 * said what is wrong. */
static int parse_option(struct request *r, char **words) {
    size_t length = strcspn(words[0], "=");
    const struct option *o = NULL;
    for (size_t i = 0; i < OPTIONS && !o; i++) {
        bool same =
            strlen(options[i].name) == length && memcmp(options[i].name, words[0], length) == 0;
        if (same) o = &options[i];
    }
    if (!o) return unknown_option(words[0], r->file != NULL), 0;
    bool joined = words[0][length] == '=';
    const char *value = joined ? words[0] + length + 1 : words[1];
    char help[96];
    snprintf(help, sizeof help, "for example `%s`", o->example ? o->example : o->name);
    if (o->example ? !value : joined) {
        misuse(joined ? "`%s` takes no value" : "`%s` needs a value", o->name, help);
        return 0;
    }
    if (!o->set(r, value)) {
        misuse("`%s` is not what that option takes", value, help);
        return 0;
    }
    return o->example && !joined ? 2 : 1;
}

static int parse(struct request *r, int argc, char **argv) {
    for (int i = 1; i < argc;) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0) {
            for (i++; i < argc; i++) r->args[r->arg_count++] = argv[i];
        } else if (word[0] == '-' && word[1] != 0) {
            int used = parse_option(r, argv + i);
            if (!used) return EXIT_MISUSE;
            i += used;
        } else if (!r->file) {
            r->file = r->args[r->arg_count++] =
                argv[i++]; /* the program's name is its argument 0 */
        } else {
            r->args[r->arg_count++] = argv[i++];
        }
    }
    if (r->file) return 0;
    return misuse("%s", "no program was named", "for example `glovebox run tool.wasm`");
}

/* ---- grants -------------------------------------------------------------------------------- */

/* HOST[::GUEST][:ro] */
struct dir_grant {
    char *host, *guest;
    bool read_only;
};

static bool split_dir(const char *text, struct dir_grant *d) {
    size_t length = strlen(text);
    d->read_only = length > 3 && strcmp(text + length - 3, ":ro") == 0;
    if (d->read_only) length -= 3;
    const char *guest = strstr(text, "::");
    if (guest && guest + 2 > text + length) guest = NULL;
    size_t host_length = guest ? (size_t)(guest - text) : length;
    d->host = strndup(text, host_length);
    d->guest = guest ? strndup(guest + 2, length - host_length - 2) : strndup(text, host_length);
    return d->host && d->guest;
}

static bool grant_dir(gb_policy *policy, gb_wasi *wasi, const struct dir_grant *d, gb_error *err) {
    char *real = gb_path_real(d->host, err);
    bool ok = real &&
              gb_policy_grant_path(policy, real, d->read_only ? 0 : GB_PATH_WRITABLE, err) &&
              gb_wasi_preopen(wasi, real, d->guest, err);
    free(real);
    return ok || gb_error_context(err, "--dir %s", d->host);
}

static bool grant_dirs(const struct request *r, gb_policy *policy, gb_wasi *wasi, gb_error *err) {
    bool ok = true;
    for (size_t i = 0; ok && i < r->dir_count; i++) {
        struct dir_grant d = {0};
        ok = split_dir(r->dirs[i], &d) ? grant_dir(policy, wasi, &d, err)
                                       : gb_fail(err, GB_ERROR_MEMORY, "out of memory");
        free(d.host);
        free(d.guest);
    }
    return ok;
}

/* NAME=VALUE, or NAME with the value it has here (when it has one). */
static bool grant_variable(gb_policy *policy, const char *text, gb_error *err) {
    const char *equals = strchr(text, '=');
    char *name = equals ? strndup(text, (size_t)(equals - text)) : strdup(text);
    if (!name) return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    const char *value = equals ? equals + 1 : getenv(name);
    bool ok = !value || gb_policy_grant_env(policy, name, value, err);
    free(name);
    return ok;
}

static gb_policy *make_policy(const struct request *r, gb_error *err) {
    gb_policy *policy = gb_policy_new(&(gb_subject){.name = gb_path_name(r->file)}, err);
    if (!policy) return NULL;
    gb_policy_grant(policy, GB_POWER_STDIN);
    gb_policy_grant(policy, GB_POWER_STDOUT);
    gb_policy_grant(policy, GB_POWER_STDERR);
    if (r->clock) gb_policy_grant(policy, GB_POWER_CLOCK);
    if (r->random) gb_policy_grant(policy, GB_POWER_RANDOM);
    bool ok = true;
    for (size_t i = 0; ok && i < r->variable_count; i++) {
        ok = grant_variable(policy, r->variables[i], err);
    }
    if (ok) return policy;
    gb_policy_free(policy);
    return NULL;
}

/* ---- interruption -------------------------------------------------------------------------- */

/* What the signal handler needs to reach. */
static struct {
    gb_store *store;
    gb_wasi *wasi;
    volatile sig_atomic_t signal;
} running;

static void interrupt(int number) {
    running.signal = number;
    gb_store_interrupt(running.store);
    gb_wasi_interrupt(running.wasi);
}

/* A second Ctrl-C ends the process at once. */
static void watch_signals(double seconds) {
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (seconds <= 0) return;
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {0};
    timer.it_value.tv_sec = (time_t)seconds;
    timer.it_value.tv_usec = (suseconds_t)((seconds - (double)timer.it_value.tv_sec) * 1e6);
    if (timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0) timer.it_value.tv_usec = 1;
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* ---- running ------------------------------------------------------------------------------- */

/* Everything a run holds, so that one function frees it. */
struct run {
    gb_mapped_file file;
    gb_module *module;
    gb_policy *policy;
    gb_wasi *wasi;
    gb_linker *linker;
    gb_store *store;
    gb_instance *instance;
};

static void free_run(struct run *run) {
    gb_store_free(run->store);
    gb_linker_free(run->linker);
    gb_wasi_free(run->wasi);
    gb_policy_free(run->policy);
    if (run->module) gb_module_release(run->module);
    if (run->file.bytes) gb_file_unmap(&run->file);
}

/* Names in a module are anybody's text, and may end up in a message: they must not move the
 * cursor. */
static int fail(const struct request *r, gb_error *err, int code) {
    for (char *c = err->message; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    }
    gb_status_error(err);
    if (err->kind == GB_ERROR_MALFORMED || err->kind == GB_ERROR_INVALID) {
        fprintf(stderr, "  --> %s\n", r->file);
    }
    return code;
}

static bool prepare(const struct request *r, struct run *run, gb_error *err) {
    run->module = gb_module_decode(run->file.bytes, run->file.length, true, err);
    if (!run->module) return false;
    run->policy = make_policy(r, err);
    if (!run->policy) return false;
    gb_wasi_config config = {
        .policy = run->policy, .args = r->args, .arg_count = r->arg_count, .stdio = {0, 1, 2}};
    run->wasi = gb_wasi_new(&config, err);
    if (!run->wasi || !grant_dirs(r, run->policy, run->wasi, err)) return false;
    run->store = gb_store_new(&r->limits, err);
    run->linker = run->store ? gb_linker_new(err) : NULL;
    return run->linker && gb_wasi_define(run->wasi, run->linker, err);
}

static void show_lines(const char *text) {
    for (int i = 0; *text; i++) {
        size_t length = strcspn(text, "\n");
        fprintf(stderr, "     %2d: %.*s\n", i, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* What was refused is often why a program failed. */
static void show_refusals(const gb_policy *policy) {
    gb_buffer text = {0};
    if (gb_policy_refusals(policy, 8, &text)) {
        fprintf(stderr, "   = note: it asked for what was not granted: %s\n",
                gb_buffer_text(&text));
    }
    gb_buffer_free(&text);
}

static int show_trap(const struct request *r, const struct run *run, const gb_trap *trap) {
    gb_error err = {.kind = GB_ERROR_TRAP};
    const char *help = NULL;
    int code = EXIT_TRAP;
    bool timed_out = trap->kind == GB_TRAP_INTERRUPTED && running.signal == SIGALRM;
    if (timed_out) {
        snprintf(err.message, sizeof err.message, "the time limit of %g s is over: %s", r->seconds,
                 trap->message);
        help = "--time-limit SECONDS grants more";
        code = EXIT_LIMIT;
    } else if (trap->kind == GB_TRAP_INTERRUPTED) {
        snprintf(err.message, sizeof err.message, "%s", trap->message);
        code = 128 + (int)running.signal;
    } else {
        snprintf(err.message, sizeof err.message, "the program trapped: %s", trap->message);
        if (trap->kind == GB_TRAP_MEMORY_LIMIT) help = "--memory-limit SIZE grants more";
    }
    if (trap->kind == GB_TRAP_FUEL) {
        help = "--fuel N grants more";
        code = EXIT_LIMIT;
    }
    gb_status_error(&err);
    fprintf(stderr, "  --> %s\n", r->file);
    if (trap->backtrace[0]) fputs("   = note: the call stack, innermost first:\n", stderr);
    show_lines(trap->backtrace);
    show_refusals(run->policy);
    if (help) fprintf(stderr, "   = help: %s\n", help);
    return code;
}

static int start(const struct request *r, struct run *run) {
    gb_error err = {0};
    gb_trap trap = {0};
    running.store = run->store;
    running.wasi = run->wasi;
    watch_signals(r->seconds);
    run->instance = gb_instance_new(run->store, run->module, run->linker, &trap, &err);
    if (!run->instance) {
        if (err.kind == GB_ERROR_TRAP) return show_trap(r, run, &trap);
        return fail(r, &err, EXIT_CANNOT_RUN);
    }
    gb_func *main_function = gb_instance_func(run->instance, "_start");
    if (!main_function || !gb_func_has_type(main_function, ":")) {
        gb_fail(&err, GB_ERROR_UNLINKABLE, "`%s` is no program: it exports no function `_start`",
                r->file);
        return fail(r, &err, EXIT_CANNOT_RUN);
    }
    if (gb_call(main_function, NULL, NULL, &trap)) return 0;
    if (trap.kind != GB_TRAP_EXIT) return show_trap(r, run, &trap);
    if (trap.exit_code != 0) show_refusals(run->policy);
    return trap.exit_code & 0xff;
}

static void show_stats(const struct request *r, const struct run *run) {
    fprintf(stderr, "memory  %" PRIu64 " bytes at most\n", gb_store_memory_peak(run->store));
    if (r->limits.fuel) {
        fprintf(stderr, "fuel    %" PRIu64 " used\n", r->limits.fuel - gb_store_fuel(run->store));
    }
    gb_policy_record asked;
    for (size_t i = 0; gb_policy_record_at(run->policy, i, &asked); i++) {
        gb_buffer name = {0};
        gb_policy_show_name(&asked, &name);
        fprintf(stderr, "asked   %-8s %-11s %6" PRIu64 "x  %s\n", gb_power_name(asked.power),
                gb_answer_name(asked.answer), asked.count, gb_buffer_text(&name));
        gb_buffer_free(&name);
    }
}

static int run_request(const struct request *r) {
    gb_error err = {0};
    struct run run = {0};
    if (!gb_file_map(r->file, &run.file, &err)) return fail(r, &err, EXIT_NOT_FOUND);
    int code = prepare(r, &run, &err) ? start(r, &run) : fail(r, &err, EXIT_CANNOT_RUN);
    if (r->stats && run.instance) show_stats(r, &run);
    free_run(&run);
    return code;
}

int gb_cli_run(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout) < 0;
    }
    gb_status_set_colour(NULL);
    struct request r = {0};
    size_t room = (size_t)argc + 1;
    const char **words = calloc(3 * room, sizeof *words);
    if (!words) return misuse("%s", "out of memory", "close something else");
    r.dirs = words;
    r.variables = words + room;
    r.args = words + 2 * room;
    int code = parse(&r, argc, argv);
    if (!code) code = run_request(&r);
    free(words);
    if (code == 128 + SIGINT || code == 128 + SIGTERM)
        raise(code - 128); /* handled once: ends us */
    return code;
}
