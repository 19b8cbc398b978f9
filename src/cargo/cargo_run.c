#include "cargo/cargo_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/build_id.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/landlock.h"
#include "base/process.h"
#include "cargo/documents.h"
#include "cargo/heal.h"
#include "cargo/lock_build.h"
#include "manifest/limits.h"
#include "manifest/manifest_policy.h"
#include "cargo/package_policy.h"
#include "cargo/project.h"
#include "cargo/remembered.h"
#include "cargo/session.h"
#include "engine/engine.h"

extern char **environ;

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

void gb_cargo_outcome_free(gb_cargo_outcome *outcome) {
    gb_summary_free(&outcome->summary);
    free(outcome->state);
    *outcome = (gb_cargo_outcome){0};
}

/* ---- running Cargo ------------------------------------------------------------------------ */

static volatile sig_atomic_t cargo_pid;

static void forward(int signal) {
    int before = errno;
    if (cargo_pid > 0) kill((pid_t)cargo_pid, signal);
    errno = before;
}

/* Ctrl-C and Ctrl-\ go to the whole foreground group: Cargo gets them itself and we wait for it to
 * end. What is sent to us alone is passed on. */
static void set_signals(struct sigaction before[4]) {
    static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    for (int i = 0; i < 4; i++) {
        struct sigaction action = {.sa_handler = i < 2 ? SIG_IGN : forward, .sa_flags = SA_RESTART};
        sigemptyset(&action.sa_mask);
        sigaction(signals[i], &action, &before[i]);
    }
}

static void reset_signals(const struct sigaction before[4]) {
    static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    for (int i = 0; i < 4; i++) sigaction(signals[i], &before[i], NULL);
}

/* A signal that was ignored when we were started (nohup) stays ignored in Cargo. */
static int spawn_cargo(const gb_strings *args, const gb_strings *env, const char *output,
                       const struct sigaction before[4], pid_t *pid) {
    static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    for (int i = 0; i < 4; i++) {
        if (before[i].sa_handler != SIG_IGN) sigaddset(&defaults, signals[i]);
    }
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0) return status;
    if (output != NULL) {
        status = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output,
                                                  O_WRONLY | O_CREAT | O_TRUNC, 0600);
    }
    if (status == 0) status = posix_spawnattr_init(&attributes);
    if (status == 0) {
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        status = posix_spawnp(pid, args->items[0], &actions, &attributes, args->items, env->items);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

static bool run_cargo(const gb_strings *args, const gb_strings *env, const char *output,
                      gb_cargo_outcome *outcome, gb_error *err) {
    struct sigaction before[4];
    pid_t pid = 0;
    set_signals(before);
    int status = spawn_cargo(args, env, output, before, &pid);
    if (status != 0) {
        reset_signals(before);
        errno = status;
        return gb_fail_errno(err, "cannot run %s", args->items[0]);
    }
    cargo_pid = (sig_atomic_t)pid;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    cargo_pid = 0;
    reset_signals(before);
    outcome->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    outcome->code = outcome->signal != 0 ? 128 + outcome->signal : WEXITSTATUS(status);
    return true;
}

/* ---- the session --------------------------------------------------------------------------- */

/* Beside this program, or in <prefix>/libexec/glovebox. */
static char *find_worker(const char *self, gb_error *err) {
    const char *named = getenv("GLOVEBOX_WORKER");
    if (named != NULL && *named != '\0') return gb_path_absolute(NULL, named);
    char *folder = gb_path_parent(self);
    static const char *const places[] = {"glovebox-worker",
                                         "../libexec/glovebox/glovebox-worker"};
    char *found = NULL;
    for (size_t i = 0; folder != NULL && found == NULL && i < 2; i++) {
        char *path = gb_path_join(folder, places[i]);
        if (path != NULL && gb_file_executable(path)) found = gb_path_absolute(NULL, path);
        free(path);
    }
    free(folder);
    if (found == NULL) {
        gb_fail(err, GB_ERROR_USAGE,
                "glovebox-worker is not beside %s: install Glovebox again (`make install`)", self);
    }
    return found;
}

/* What the choice of a guest toolchain depends on (toolchain.h: where it is looked for). */
static void guest_facts(const gb_project *project, const char *home, gb_digest *key) {
    static const char *const places[] = {"/usr/bin/rustc", "/usr/lib/rustlib", "/usr/src",
                                         "/usr/lib/wasm32-wasi", "/usr/bin"};
    char *bin = gb_path_parent(project->rustc), *share = gb_share_dir(NULL);
    char *rustlib = bin == NULL ? NULL : gb_path_join(bin, "../lib/rustlib");
    gb_hash hash;
    gb_hash_init(&hash);
    gb_hash_text(&hash, "glovebox guest 1");
    gb_hash_text(&hash, gb_build_id());
    gb_hash_text(&hash, home);
    gb_fact_file(&hash, project->rustc);
    gb_fact_file(&hash, rustlib);
    gb_fact_env(&hash, "GLOVEBOX_GUEST_TOOLCHAIN");
    gb_fact_env(&hash, "WASI_LIBC");
    gb_fact_env(&hash, "PATH");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) gb_fact_file(&hash, places[i]);
    char *guest = share == NULL ? NULL : gb_path_join(share, "guest");
    char *wire = share == NULL ? NULL : gb_path_join(share, "wire");
    if (guest != NULL) gb_hash_dir(&hash, guest, NULL);
    if (wire != NULL) gb_hash_dir(&hash, wire, NULL);
    gb_hash_final(&hash, key);
    free(bin);
    free(share);
    free(rustlib);
    free(guest);
    free(wire);
}

/* A prepared toolchain that served under the same circumstances. */
static gb_toolchain *recall_guest(gb_objects *objects, const gb_digest *key) {
    cJSON *answer = gb_remembered(objects, key);
    const char *folder = answer == NULL ? NULL : gb_json_text(answer, "folder");
    gb_toolchain *guest = folder == NULL ? NULL : gb_toolchain_load(folder, NULL);
    cJSON_Delete(answer);
    if (guest != NULL && guest->prepared) return guest;
    gb_toolchain_free(guest);
    return NULL;
}

static void keep_guest(gb_objects *objects, const gb_digest *key, const gb_toolchain *guest) {
    cJSON *answer = cJSON_CreateObject();
    if (answer != NULL && cJSON_AddStringToObject(answer, "folder", guest->folder) != NULL) {
        gb_remember(objects, key, answer);
    }
    cJSON_Delete(answer);
}

static gb_toolchain *find_guest(const gb_cargo_call *call, const gb_project *project,
                                gb_objects *objects, const char *home, gb_error *err) {
    gb_digest key;
    guest_facts(project, home, &key);
    gb_toolchain *guest = recall_guest(objects, &key);
    if (guest != NULL) return guest;
    gb_toolchain_wish wish = {.active_rustc = project->rustc, .home = home};
    char *warning = NULL;
    guest = gb_toolchain_find(&wish, err);
    if (guest != NULL && !gb_toolchain_prepare(guest, call->progress, &warning, err)) {
        gb_toolchain_free(guest);
        guest = NULL;
    }
    if (warning != NULL) call->warn(warning);
    free(warning);
    if (guest != NULL) keep_guest(objects, &key, guest);
    return guest;
}

/* The guest toolchain is prepared here, once, and handed down to the wrappers. */
static bool set_guest(const gb_cargo_call *call, const gb_project *project, gb_objects *objects,
                      gb_session *session, gb_error *err) {
    gb_toolchain *guest = find_guest(call, project, objects, session->home, err);
    if (guest == NULL) return false;
    session->guest_folder = gb_text_copy(guest->folder);
    session->guest_id = gb_text_copy(guest->id);
    gb_toolchain_free(guest);
    return (session->guest_folder != NULL && session->guest_id != NULL) || no_memory(err);
}

/* Said once a build, not by every worker. */
static void say_what_is_missing(const gb_cargo_call *call, const gb_strings *limits) {
    for (size_t i = 0; i < limits->count; i++) {
        if (strcmp(limits->items[i], "--kernel-wall=on") == 0 && gb_landlock_abi() == 0) {
            call->warn("this kernel has no Landlock (or it is switched off): macros run in "
                       "WebAssembly and behind the system-call filter, without that third layer");
        }
    }
}

static void say_what_is_slow(const gb_cargo_call *call) {
    const char *why;
    gb_buffer text = {0};
    if (gb_engine_compiles(&why)) return;
    gb_buffer_append_format(&text, "macros are interpreted on this machine, which is slower: %s", why);
    call->warn(gb_buffer_text(&text));
    gb_buffer_free(&text);
}

/* What compiled units depend on besides their sources: the build of shim and worker, the guest
 * toolchain, and the worker's path. What a policy says is no part of it: package_policy.h. */
static char *build_id(const gb_session *session) {
    gb_hash hash;
    gb_digest digest;
    char text[GB_DIGEST_TEXT];
    gb_hash_init(&hash);
    gb_hash_text(&hash, gb_build_id());
    gb_hash_text(&hash, session->guest_id);
    gb_hash_text(&hash, session->worker);
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
    return gb_text_copy_n(text, 16);
}

/* Cargo keeps the compiler's answer to -vV in a file and asks again only when the program's file
 * changes. The answer changes with our build id, too. */
static void forget_old_version(const gb_session *session) {
    char *path = gb_path_join(session->state, "build-id");
    char *info = gb_path_join(session->build_root, ".rustc_info.json");
    gb_buffer old = {0};
    if (path != NULL && info != NULL &&
        (!gb_file_exists(path) || !gb_file_read(path, &old, NULL) ||
         strcmp(gb_buffer_text(&old), session->build_id) != 0)) {
        unlink(info);
        gb_file_write_text(path, session->build_id, NULL);
    }
    gb_buffer_free(&old);
    free(path);
    free(info);
}

/* `install` of a package of a registry has no project: Cargo would build it in a temporary folder. */
static bool needs_manifest(const gb_cargo_line *line) {
    return strcmp(line->verb, "install") != 0 || line->path_given;
}

static char *own_folder(const char *folder) {
    return gb_path_join(folder, "glovebox");
}

static bool find_roots(const gb_cargo_line *line, const gb_project *project, const char *home,
                       char **target_dir, char **build_root, gb_error *err) {
    char *base = line->target_dir != NULL      ? gb_path_absolute(NULL, line->target_dir)
                 : project->target_dir != NULL ? gb_text_copy(project->target_dir)
                                               : gb_path_join(home, "install");
    *target_dir = base == NULL ? NULL : own_folder(base);
    bool apart = project->build_dir != NULL && strcmp(project->build_dir, project->target_dir) != 0;
    *build_root = apart ? own_folder(project->build_dir)
                  : *target_dir != NULL ? gb_text_copy(*target_dir)
                                        : NULL;
    free(base);
    return (*target_dir != NULL && *build_root != NULL) || no_memory(err);
}

/* The manifest's policy is checked here, once. Without a manifest (`cargo install NAME`) nobody grants
 * anything. */
static bool set_policy(const gb_project *project, gb_session *session, gb_error *err) {
    gb_manifest_policy policy = {0};
    if (project->policy != NULL) {
        session->policy = gb_text_copy(project->policy);
        if (session->policy == NULL) return no_memory(err);
        if (!gb_manifest_policy_parse(project->policy, &policy, err)) return false;
    }
    const char *wall = policy.require_kernel_wall ? "require" : "on";
    gb_manifest_policy_free(&policy);
    return gb_limits_from_env(wall, &session->limits, err);
}

static bool fill_session(const gb_cargo_call *call, const gb_project *project, const char *self,
                         gb_objects *objects, gb_session *session, gb_error *err) {
    const gb_cargo_line *line = call->line;
    session->worker = find_worker(self, err);
    if (session->worker == NULL || !set_policy(project, session, err) ||
        !set_guest(call, project, objects, session, err)) {
        return false;
    }
    say_what_is_missing(call, &session->limits);
    say_what_is_slow(call);
    session->host = gb_text_copy(project->host);
    session->rustdoc = gb_text_copy(project->rustdoc);
    session->cargo = gb_text_copy(project->cargo);
    session->cwd = gb_path_absolute(NULL, ".");
    session->build_id = build_id(session);
    bool ok = session->host != NULL && session->rustdoc != NULL && session->cargo != NULL &&
              session->cwd != NULL && session->build_id != NULL;
    if (ok && project->rustc_wrapper != NULL) {
        session->chained = gb_text_copy(project->rustc_wrapper);
        ok = session->chained != NULL;
    }
    gb_strings_add_all(&session->metadata, &line->about);
    gb_strings_add_each(&session->metadata, "--filter-platform", project->host, NULL);
    return ok || no_memory(err);
}

/* This process's environment with `set` on top. */
static void env_with(const gb_strings *set, gb_strings *env) {
    for (char **e = environ; *e != NULL; e++) {
        size_t name = strcspn(*e, "=") + 1;
        bool replaced = false;
        for (size_t i = 0; i < set->count; i++) {
            replaced = replaced || strncmp(set->items[i], *e, name) == 0;
        }
        if (!replaced) gb_strings_add(env, *e);
    }
    gb_strings_add_all(env, set);
}

/* Cargo's environment. A verb that is not Cargo's own may not know the options: it gets them here. */
static bool cargo_env(const gb_cargo_call *call, const char *self, const gb_session *session,
                      const char *target_dir, bool by_option, const gb_project *project,
                      gb_strings *env, gb_error *err) {
    gb_strings set = {0};
    gb_strings_add_format(&set, "RUSTC_WRAPPER=%s", self);
    gb_strings_add_format(&set, "RUSTDOC=%s", self);
    if (call->set_env != NULL) gb_strings_add_all(&set, call->set_env);
    if (strcmp(session->build_root, target_dir) != 0) {
        gb_strings_add_format(&set, "CARGO_BUILD_BUILD_DIR=%s", session->build_root);
    }
    if (!by_option) {
        gb_strings_add_format(&set, "CARGO_TARGET_DIR=%s", target_dir);
        if (!call->line->target_given && !project->target_given) {
            gb_strings_add_format(&set, "CARGO_BUILD_TARGET=%s", project->host);
        }
    }
    env_with(&set, env);
    gb_strings_free(&set);
    return gb_strings_ok(env, err);
}

/* `cargo clean -p` looks where --target says, and only there: CARGO_BUILD_TARGET is nothing to it. */
static bool cleans_packages(const gb_cargo_line *line) {
    if (line->verb == NULL || strcmp(line->verb, "clean") != 0) return false;
    for (size_t i = 0; i < line->args.count; i++) {
        const char *word = line->args.items[i];
        if (gb_text_starts(word, "-p") || gb_text_starts(word, "--package")) return true;
    }
    return false;
}

static bool cargo_args(const gb_cargo_line *line, const gb_project *project,
                       const char *target_dir, bool by_option, gb_strings *args, gb_error *err) {
    gb_strings_add(args, project->cargo);
    gb_strings_add_all(args, &line->options);
    gb_strings_add(args, line->verb);
    if (by_option) gb_strings_add_each(args, "--target-dir", target_dir, NULL);
    if ((by_option || cleans_packages(line)) && !line->target_given && !project->target_given) {
        gb_strings_add_each(args, "--target", project->host, NULL);
    }
    gb_strings_add_all(args, &line->args);
    return gb_strings_ok(args, err);
}

static int64_t now_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool is_locked(const gb_cargo_line *line) {
    for (size_t i = 0; i < line->args.count && strcmp(line->args.items[i], "--") != 0; i++) {
        const char *word = line->args.items[i];
        if (strcmp(word, "--locked") == 0 || strcmp(word, "--frozen") == 0) return true;
    }
    return gb_strings_has(&line->options, "--locked") || gb_strings_has(&line->options, "--frozen");
}

/* For the workers' help: where in which manifest a grant would stand. */
static void say_who_grants(const gb_session *session, gb_strings *env) {
    gb_manifest_policy policy;
    if (session->policy == NULL || !gb_manifest_policy_parse(session->policy, &policy, NULL)) return;
    gb_strings_add_format(env, "GLOVEBOX_GRANTS=%s %s", policy.table, policy.manifest);
    gb_manifest_policy_free(&policy);
}

/* Of those that a locked build could not compare with glovebox.lock's. */
static bool warn_of_artifacts(const gb_cargo_call *call, const gb_session *session, int64_t started,
                              gb_error *err) {
    gb_strings warnings = {0};
    bool ok = gb_lock_warn(session, started, &warnings, err);
    for (size_t i = 0; ok && i < warnings.count; i++) call->warn(warnings.items[i]);
    gb_strings_free(&warnings);
    return ok;
}

/* `environ` is Cargo's here, but for the session's own name. */
static bool run_in_session(gb_session *session, const gb_cargo_call *call, const gb_strings *args,
                           gb_cargo_outcome *outcome, gb_error *err) {
    int lock = -1;
    char *lock_path;
    gb_strings own = {0}, env = {0};
    if (!gb_lock_find(session->policy, &lock_path, err)) return false;
    if (lock_path != NULL && is_locked(call->line)) {
        session->lock = gb_text_copy(lock_path);
        if (session->lock == NULL) {
            free(lock_path);
            return no_memory(err);
        }
    }
    if (!gb_session_create(session, &lock, err)) {
        free(lock_path);
        return false;
    }
    int64_t started = now_nanoseconds();
    forget_old_version(session);
    gb_heal(session, false);
    gb_documents_heal(session);
    gb_strings_add_format(&own, GB_SESSION_ENV "=%s", session->folder);
    say_who_grants(session, &own);
    env_with(&own, &env);
    bool ok = gb_strings_ok(&own, err) && gb_strings_ok(&env, err) &&
              run_cargo(args, &env, call->output, outcome, err);
    if (ok && outcome->code != 0) gb_heal(session, true);
    /* `cargo clean` takes the session's folder along. */
    if (ok && gb_dir_exists(session->folder)) {
        ok = gb_summary_read(session->folder, session->policy, session->build_root, started, &outcome->summary, err);
        if (ok && outcome->code == 0 && lock_path != NULL && session->lock == NULL) {
            ok = gb_lock_update(session, lock_path, started, err);
        } else if (ok && outcome->code == 0 && session->lock != NULL) {
            ok = warn_of_artifacts(call, session, started, err);
        }
    }
    free(lock_path);
    if (ok) outcome->state = gb_text_copy(session->state);
    ok = ok && (outcome->state != NULL || no_memory(err));
    gb_session_remove(session, lock);
    gb_strings_free(&own);
    gb_strings_free(&env);
    return ok;
}

static bool run_session(const gb_cargo_call *call, const gb_project *project, const char *self,
                        gb_session *session, const char *target_dir, gb_cargo_outcome *outcome,
                        gb_error *err) {
    bool by_option = gb_cargo_verb_compiles(call->line->verb);
    gb_strings args = {0}, env = {0};
    bool ok = gb_dir_make(session->build_root, err) &&
              cargo_args(call->line, project, target_dir, by_option, &args, err) &&
              cargo_env(call, self, session, target_dir, by_option, project, &env, err);
    if (ok) {
        char **before = environ;
        environ = env.items;
        ok = run_in_session(session, call, &args, outcome, err);
        environ = before;
    }
    gb_strings_free(&args);
    gb_strings_free(&env);
    return ok;
}

/* After Cargo, which may have written the lock file anew. */
static void warn_of_grants(const gb_cargo_call *call, const gb_session *session) {
    gb_strings warnings = {0};
    gb_policy_warnings(session, &warnings);
    for (size_t i = 0; i < warnings.count; i++) call->warn(warnings.items[i]);
    gb_strings_free(&warnings);
}

static bool run(const gb_cargo_call *call, const char *self, gb_objects *objects,
                gb_session *session, gb_cargo_outcome *outcome, gb_error *err) {
    gb_project project;
    const gb_cargo_line *line = call->line;
    char *target_dir = NULL;
    if (!gb_project_find(objects, line->toolchain, &line->about, needs_manifest(line), &project,
                         err)) {
        return false;
    }
    bool ok = find_roots(line, &project, session->home, &target_dir, &session->build_root, err) &&
              fill_session(call, &project, self, objects, session, err) &&
              run_session(call, &project, self, session, target_dir, outcome, err);
    if (ok) warn_of_grants(call, session);
    free(target_dir);
    gb_project_free(&project);
    return ok;
}

bool gb_cargo_run(const gb_cargo_call *call, gb_cargo_outcome *outcome, gb_error *err) {
    *outcome = (gb_cargo_outcome){0};
    gb_session session = {.home = gb_home_dir(err)};
    char *self = session.home == NULL ? NULL : gb_path_self(err);
    gb_objects *objects = self == NULL ? NULL : gb_objects_open(session.home, err);
    bool ok = objects != NULL && run(call, self, objects, &session, outcome, err);
    gb_objects_close(objects);
    free(self);
    gb_session_free(&session);
    if (!ok) gb_cargo_outcome_free(outcome);
    return ok;
}
