/* main.c: glovebox-worker: the process that expands the macros of one crate for one compiler.
 *
 *   1 open      options, artifact, statistics, policy, broker, signals: all that a name is needed for
 *   2 confine   from here on nothing can be opened (confine.h)
 *   3 load      the artifact is looked at for the first time
 *   4 serve     request, questions and answers, reply; until the compiler closes the socket
 *
 * A native macro (--native, macros/native.h) is loaded behind a first wall, and a second one goes up before the
 * first expansion; its file was copied to memory that nobody can change, so that what is loaded is what was proven.
 *
 * It writes nothing itself: what it has to say goes through the channel, and the shim makes a
 * compiler error of it. Only the macro writes to standard output and error. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/build_id.h"
#include "base/file.h"
#include "engine/engine.h"
#include "macros/library.h"
#include "policy/build_script.h"
#include "policy/grants.h"
#include "policy/help.h"
#include "wasi/broker.h"
#include "worker/account.h"
#include "worker/calls.h"
#include "worker/channel.h"
#include "worker/confine.h"
#include "worker/keep_code.h"
#include "worker/native_load.h"
#include "worker/failure.h"
#include "worker/options.h"
#include "worker/watch.h"

extern char **environ;

typedef struct worker {
    gb_worker_options options;
    gb_channel channel;
    gb_artifact artifact;
    int library_file; /* a native macro's, in memory */
    char *directory; /* the compiler's current one */
    gb_policy *policy;
    gb_grants grants; /* of the workspace's manifest; without a file of them only where it is */
    struct gb_broker *broker;
    gb_account account;
    gb_limit_sources limits;
    gb_buffer failure; /* what is said of a failed expansion, or of an output that may not be used */
    glovebox_library *library;
    size_t refusals; /* distinct ones so far */
    uint64_t refused; /* all of them, when they were last told */
    gb_buffer help;   /* how to allow them */
} worker;

/* ---- 1: open ------------------------------------------------------------------------------- */

/* A file that is gone granted something that nobody grants any more: the default is left. One that
 * cannot be understood might have forbidden something. */
static bool read_grants(worker *w, gb_error *err) {
    const char *path = w->options.policy;
    gb_buffer text = {0};
    if (!path || !gb_file_exists(path)) return true;
    bool ok = gb_file_read(path, &text, err) &&
              gb_grants_parse(gb_buffer_text(&text), text.length, path, &w->grants, err);
    if (ok && (strcmp(w->grants.package, w->options.package) != 0 ||
               strcmp(w->grants.version, w->options.version) != 0)) {
        ok = gb_fail(err, GB_ERROR_INVALID, "%s is the policy of `%.128s %.64s`", path,
                     w->grants.package, w->grants.version);
    }
    gb_buffer_free(&text);
    return ok || gb_error_context(err, "its policy cannot be used (build again to have it written anew)");
}

/* The session says where a grant would stand, for the help with an error: "TABLE MANIFEST". */
static void find_grantor(worker *w) {
    const char *text = getenv("GLOVEBOX_GRANTS"), *blank = text ? strchr(text, ' ') : NULL;
    if (w->grants.manifest || !blank || blank[1] != '/') return;
    w->grants.table = gb_text_copy_n(text, (size_t)(blank - text));
    w->grants.manifest = gb_text_copy(blank + 1);
    w->grants.root = gb_path_parent(blank + 1);
}

static bool open_policy(worker *w, gb_error *err) {
    gb_subject subject = {.name = w->options.package, .version = w->options.version};
    const char *const *environment = (const char *const *)environ;
    w->policy = gb_policy_new_macro(&subject, environment, err);
    if (!w->policy || !gb_policy_grant_workspace(w->policy, w->directory, err) ||
        !gb_policy_grant_kept_build_script(w->policy, environment, err) ||
        !read_grants(w, err)) {
        return false;
    }
    if (w->grants.package && !gb_grants_apply(&w->grants, environment, w->policy, err)) return false;
    if (w->options.native && !gb_calls_grant_libraries(w->policy, err)) return false;
    find_grantor(w);
    if (w->options.wall == GB_WALL_OFF) return true;
    gb_broker_options options = {.lifeline = w->channel.socket, .wall = gb_worker_confine_broker};
    w->broker = gb_broker_start(w->policy, &options, err);
    return w->broker != NULL;
}

/* The grants have the last word: a shim may be older than they are. */
static bool may_be_native(const worker *w, gb_error *err) {
    if (w->options.wall == GB_WALL_OFF)
        return gb_fail(err, GB_ERROR_REFUSED, "a native macro runs only behind the kernel's wall, which "
                                              "GLOVEBOX_KERNEL_WALL=off takes away");
    if (w->options.fuel != 0)
        return gb_fail(err, GB_ERROR_REFUSED, "it has a limit of `fuel`, and runs natively, where "
                                              "instructions cannot be counted");
    return w->grants.native ||
           gb_fail(err, GB_ERROR_REFUSED, "it is native, and the policy does not say `native = true` of it");
}

static bool prepare_native(worker *w, gb_error *err) {
    if (!may_be_native(w, err)) return false;
    w->library_file = memfd_create("macro", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    gb_calls calls = {.policy = w->policy,
                      .broker = w->broker,
                      .directory = w->directory ? w->directory : "/",
                      .library = w->options.artifact,
                      .library_file = w->library_file};
    static const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    return (w->library_file >= 0 || gb_fail_errno(err, "no memory file can be had")) &&
           (gb_fd_write(w->library_file, w->artifact.file.bytes, w->artifact.file.length) ||
            gb_fail_errno(err, "its library cannot be copied to memory")) &&
           (fcntl(w->library_file, F_ADD_SEALS, seals) == 0 ||
            gb_fail_errno(err, "a memory file cannot be sealed")) &&
           gb_calls_answer(&calls, err);
}

static bool prepare(worker *w, gb_error *err) {
    signal(SIGPIPE, SIG_IGN); /* a macro's output to a closed pipe is its own error */
    w->directory = gb_path_absolute(NULL, ".");
    if (!gb_worker_open_artifact(w->options.artifact, w->options.digest, &w->artifact, err) || !open_policy(w, err)) return false;
    if (w->options.native && !prepare_native(w, err)) return false;
    if (!gb_account_open(&w->account, w->policy, w->options.package, w->options.version,
                         w->options.digest, err) ||
        !gb_account_forbid(&w->account, &w->grants.forbid, err)) {
        return false;
    }
    if (!w->options.native) gb_worker_keep_code(&w->artifact, w->options.wall != GB_WALL_OFF);
    w->limits = gb_limit_sources_find();
    gb_worker_forget_environment();
    /* Behind the wall nothing becomes executable any more. */
    if (!w->options.native) gb_engine_seal(w->artifact.file.length);
    return gb_watch_start(w->channel.socket, w->options.time_limit_ms, w->options.total_time_limit_ms,
                          err);
}

/* ---- 2: confine ---------------------------------------------------------------------------- */

static bool confine(worker *w, gb_error *err) {
    if (w->options.wall == GB_WALL_OFF) return true;
    int keep[] = {gb_broker_fd(w->broker), w->library_file};
    gb_confinement c = {.keep = keep,
                        .keep_count = w->options.native ? 2 : 1,
                        .memory_bytes = w->options.memory_limit,
                        .require = w->options.wall == GB_WALL_REQUIRE};
    gb_confine_report report;
    return w->options.native ? gb_worker_confine_loading(&c, &report, err)
                             : gb_worker_confine(&c, &report, err);
}

/* ---- 3: load ------------------------------------------------------------------------------- */

/* Under the artifact's name, which leads to the copy now (calls.h). */
static glovebox_library *load_native(const worker *w, const glovebox_options *options,
                                     const gb_library_host *host, glovebox_error *error) {
    glovebox_library *library = gb_worker_native_load(w->options.artifact, w->artifact.file.bytes,
                                                      w->artifact.file.length, options, host, error);
    close(w->library_file);
    return library;
}

static bool load(worker *w, gb_error *err) {
    glovebox_options options = {
        .size = sizeof options,
        .package = w->options.package,
        .version = w->options.version,
        .memory_limit = w->options.memory_limit,
        .stack_limit = (size_t)w->options.stack_limit,
        .fuel = w->options.fuel,
    };
    gb_library_host host = {.policy = w->policy,
                            .broker = w->broker,
                            .directory = w->directory ? w->directory : "/",
                            .borrow = true,
                            .review = w->account.review};
    glovebox_error error;
    w->library = w->options.native ? load_native(w, &options, &host, &error)
                                   : gb_library_open(w->artifact.file.bytes, w->artifact.file.length,
                                                     &options, &host, &error);
    if (!w->library) {
        return gb_fail(err, GB_ERROR_INVALID, "its artifact %s cannot be loaded: %.800s",
                       w->options.artifact, error.message);
    }
    if (!w->options.native) gb_watch_library(w->library); /* machine code is not interrupted: it ends */
    else if (!gb_worker_confine_loaded(err)) return false;
    gb_account_name(&w->account, w->library);
    return true;
}

/* ---- 4: serve ------------------------------------------------------------------------------ */

/* A message that cannot be: the shim is not a shim, and there is nobody to tell. */
static const uint8_t *receive(worker *w, size_t *length) {
    const uint8_t *bytes;
    gb_error err;
    if (gb_channel_receive(&w->channel, &bytes, length, &err)) return bytes;
    fprintf(stderr, "glovebox-worker: %s\n", err.message);
    _exit(GB_WORKER_EXIT_CHANNEL);
}

static bool put(void *env, const uint8_t *question, size_t length, const uint8_t **answer,
                size_t *answer_length) {
    worker *w = env;
    gb_channel_send(&w->channel, GB_CHANNEL_QUESTION, question, length, NULL, 0);
    *answer = receive(w, answer_length);
    return true;
}

/* A question of the macro's: its time stands still meanwhile. */
static bool ask(void *env, const uint8_t *question, size_t length, const uint8_t **answer,
                size_t *answer_length) {
    gb_watch_pause();
    bool ok = put(env, question, length, answer, answer_length);
    gb_watch_resume();
    return ok;
}

/* The refusals as text when there were any in this expansion, else nothing. Behind it, where there was
 * nothing but looks at files, their paths: the shim, which may see, leaves the text out when none of
 * them exists. */
static const gb_buffer *new_refusals(worker *w) {
    enum { MOST_PATHS = 64 };
    gb_buffer_clear(&w->help);
    if (w->account.refused == w->refused) return &w->help;
    w->refused = w->account.refused;
    size_t distinct;
    const char *text = glovebox_refusals(w->library, &distinct);
    gb_account_macro(&w->account)->refusals += distinct - w->refusals;
    w->refusals = distinct;
    gb_grantor who = {.manifest = w->grants.manifest,
                      .table = w->grants.table,
                      .root = w->grants.root,
                      .needs = w->options.needs};
    gb_buffer_append_text(&w->help, text);
    gb_policy_help(w->policy, &who, &w->help);
    size_t told = w->help.length;
    if (!gb_policy_absences(w->policy, MOST_PATHS, &w->help)) w->help.length = told;
    return &w->help;
}

static uint32_t macro_of(const uint8_t *request, size_t length) {
    return length >= 20 ? gb_load_u32(request + 16) : 0; /* checked by glovebox_expand */
}

static void send(worker *w, uint32_t kind, const void *bytes, size_t length,
                 const gb_buffer *refusals) {
    gb_channel_send(&w->channel, kind, bytes, length, gb_buffer_text(refusals), refusals->length);
}

static void serve_one(worker *w) {
    size_t length;
    const uint8_t *request = receive(w, &length);
    gb_account_begin(&w->account, macro_of(request, length));
    glovebox_reply reply = {0};
    glovebox_error error = {.failure = GLOVEBOX_INTERRUPTED};
    bool may = gb_watch_begin();
    bool ok = may && glovebox_expand(w->library, request, length, ask, w, &reply, &error);
    gb_watch_passed passed = may ? gb_watch_end() : GB_WATCH_TOTAL;
    const gb_buffer *refusals = new_refusals(w);
    gb_account_end(&w->account, w->library, &reply, ok, put, w);
    gb_buffer_clear(&w->failure);
    if (ok && !gb_account_is_forbidden(&w->account, &reply, w->grants.manifest, w->grants.table,
                                       &w->failure)) {
        send(w, GB_CHANNEL_REPLY, reply.message, reply.length, refusals);
        return;
    }
    if (!ok) gb_failure_text(&error, passed, &w->options, &w->grants, w->limits, &w->failure);
    send(w, GB_CHANNEL_FAILURE, w->failure.data, w->failure.length, refusals);
}

static int usage(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--build") == 0) return puts(gb_build_id()) < 0;
    fprintf(stderr, "glovebox-worker is started by the macros that `cargo glovebox` built; it has "
                    "nothing to do by itself.\n");
    return argc == 2 && strcmp(argv[1], "--help") == 0 ? 0 : 2;
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv) {
    uint64_t start = now();
    if (argc <= 2) return usage(argc, argv);
    /* What the compiler left open for its children (a jobserver, say) is not for us. Kernels before
     * 5.9 do not know the call: then it stays open, and the guest has no way to it all the same. */
    syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
    static worker w;
    gb_error err;
    bool met = gb_channel_open(&w.channel, STDIN_FILENO, &err);
    bool ready = met && gb_worker_options_parse(argc, argv, &w.options, &err) &&
                 prepare(&w, &err) && confine(&w, &err) && load(&w, &err);
    if (!ready) {
        gb_channel_greet(&w.channel, err.message, &err);
        return GB_WORKER_EXIT_GREETING;
    }
    w.account.stats->header.load_nanoseconds = now() - start;
    if (!gb_channel_greet(&w.channel, NULL, &err)) return GB_WORKER_EXIT_GREETING;
    for (;;) serve_one(&w);
}
