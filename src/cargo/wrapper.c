#include "cargo/wrapper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/process.h"
#include "base/release.h"
#include "cargo/cmdline.h"
#include "cargo/documents.h"
#include "compile/guest_link.h"
#include "cargo/log.h"
#include "manifest/manifest_policy.h"
#include "cargo/messages.h"
#include "cargo/session.h"
#include "cargo/side.h"
#include "cargo/unit.h"
#include "cargo/unit_activity.h"
#include "macros/stats.h"
#include "policy/help.h"

/* Exit code of a wrapper that could not do its work; rustc's own for errors is 1. */
enum { EXIT_COMPILE = 1, EXIT_BROKEN = 101 };

/* Becomes the program. Returns only on failure. */
static int become(const gb_strings *argv) {
    gb_error err = {0};
    if (gb_strings_ok(argv, &err)) {
        execvp(argv->items[0], argv->items);
        gb_fail_errno(&err, "cannot run %s", argv->items[0]);
    }
    fprintf(stderr, "error: %s\n", err.message);
    return EXIT_BROKEN;
}

/* The user's own wrapper, if there is one, comes first: as the call would have been without us. */
static void start_argv(const gb_session *session, gb_strings *argv) {
    if (session->chained != NULL) gb_strings_add(argv, session->chained);
}

/* Word for word. session may be NULL. */
static int become_words(const gb_session *session, int argc, char **argv) {
    gb_strings words = {0};
    if (session != NULL) start_argv(session, &words);
    for (int i = 0; i < argc; i++) gb_strings_add(&words, argv[i]);
    return become(&words);
}

/* ---- errors ------------------------------------------------------------------------------- */

/* Glovebox's own failure, said like a compiler error so that Cargo shows it with the unit. */
static int say_broken(const gb_command *command, const gb_unit *unit, const gb_error *err) {
    char *text = gb_text_format("Glovebox could not compile `%s`: %s",
                                unit->crate_name != NULL ? unit->crate_name : "?", err->message);
    gb_message_send(command, "error", text != NULL ? text : err->message, NULL);
    free(text);
    return EXIT_COMPILE;
}

/* ---- compilers that are waited for ----------------------------------------------------------- */

/* Ends as the compiler ended: by the same signal, if it was one. */
static int end_like(const gb_exit *exit) {
    if (exit->signal != 0) {
        signal(exit->signal, SIG_DFL);
        raise(exit->signal);
    }
    return exit->code;
}

/* Runs a unit's compiler and keeps what its macros did: with everything inherited, this process is to the
 * compiler and to Cargo as if it were not there. */
static int run_compiler(const gb_session *session, const gb_command *command, const gb_unit *unit,
                        const gb_strings *argv) {
    gb_error err = {0};
    gb_exit exit = {0};
    gb_process p = {.args = argv, .inherit_input = true};
    gb_unit_activity_expect(session, unit);
    if (!gb_strings_ok(argv, &err) || !gb_process_run(&p, &exit, &err)) {
        fprintf(stderr, "error: %s\n", err.message);
        return EXIT_BROKEN;
    }
    char *dep_info = gb_unit_output(unit, "dep-info", "", ".d");
    char *path = dep_info == NULL ? NULL : gb_path_absolute(unit->cwd, dep_info);
    bool kept = (path != NULL || gb_fail(&err, GB_ERROR_MEMORY, "out of memory")) &&
                gb_unit_activity_keep(session, unit, path, &err);
    free(dep_info);
    free(path);
    if (!kept && exit.code == 0) return say_broken(command, unit, &err);
    return end_like(&exit);
}

/* ---- rustc -vV ---------------------------------------------------------------------------- */

/* Cargo's question for the version. It hashes the whole answer into every unit's fingerprint: one line
 * more, and another Glovebox or guest toolchain rebuilds what it must. Not for build scripts, whose
 * crates could trip over a line they do not know. */
static int answer_version(const gb_session *session, int argc, char **argv) {
    gb_strings args = {0};
    gb_buffer out = {0};
    gb_exit exit = {0};
    gb_error err = {0};
    for (int i = 0; i < argc; i++) gb_strings_add(&args, argv[i]);
    gb_process p = {.args = &args, .out = {.kind = GB_OUT_CAPTURE, .buffer = &out}};
    if (!gb_process_run(&p, &exit, &err)) {
        fprintf(stderr, "error: %s\n", err.message);
        exit.code = EXIT_BROKEN;
    } else {
        fwrite(gb_buffer_text(&out), 1, out.length, stdout);
        if (exit.code == 0) {
            printf("glovebox: %s (%s)\n", GB_RELEASE, session->build_id);
        }
        if (fflush(stdout) != 0) exit.code = EXIT_BROKEN;
    }
    gb_strings_free(&args);
    gb_buffer_free(&out);
    return exit.code;
}

static bool asks_version(int argc, char **argv) {
    bool wrapped = argc == 3 && argv[1][0] != '-'; /* by a workspace wrapper: clippy-driver rustc */
    return (argc == 2 || wrapped) && strcmp(argv[argc - 1], "-vV") == 0 &&
           !gb_called_by_build_script();
}

/* ---- what a compiler refused --------------------------------------------------------------- */

/* True when the plain compiler takes the macro crate: then what stands in the way is WebAssembly. */
static bool compiles_natively(gb_builder *builder, const gb_command *command, const gb_unit *unit) {
    gb_command native;
    gb_strings args = {0};
    gb_blame blame = {0};
    gb_exit exit = {.code = 1};
    if (!gb_command_copy(command, &native, NULL)) return false;
    char *folder = gb_dir_make_temporary(builder->session->folder, "check-", NULL);
    bool ok = folder != NULL && gb_side_native_externs(builder, &native, unit->cwd, &blame, NULL) ==
                                    GB_MADE;
    for (size_t i = 0; ok && i < native.count; i++) {
        if (strcmp(native.args[i].name, "--emit") == 0) ok = gb_command_set(&native, i, "metadata");
        if (strcmp(native.args[i].name, "--out-dir") == 0) ok = gb_command_set(&native, i, folder);
    }
    gb_command_argv(&native, &args);
    gb_process p = {.args = &args,
                    .cwd = unit->cwd,
                    .out = {.kind = GB_OUT_NULL},
                    .err = {.kind = GB_OUT_NULL}};
    ok = ok && gb_strings_ok(&args, NULL) && gb_process_run(&p, &exit, NULL) && exit.code == 0;
    if (folder != NULL) gb_path_remove(folder, NULL);
    free(folder);
    gb_strings_free(&args);
    gb_blame_free(&blame);
    gb_command_free(&native);
    return ok;
}

/* `native`: it was to be machine code for a worker. */
static void say_not_for_worker(const gb_command *command, const gb_unit *unit, const gb_blame *blame,
                               bool native) {
    const char *what = native ? "machine code for a worker" : "WebAssembly";
    const char *name = unit->package_name != NULL ? unit->package_name : unit->crate_name;
    char *own = gb_text_format("%s%s%s", name, unit->package_version != NULL ? " v" : "",
                               unit->package_version != NULL ? unit->package_version : "");
    char *first = gb_message_first_error(gb_buffer_text(&blame->messages));
    char *text = gb_text_format("macro crate `%s` cannot be compiled to %s", own != NULL ? own : name,
                                what);
    gb_strings children = {0};
    if (own != NULL && blame->crate != NULL && strcmp(own, blame->crate) != 0) {
        gb_strings_add_format(&children, "note: it needs `%s`, which compiles natively only: %s",
                              blame->crate, first != NULL ? first : "see above");
    } else {
        gb_strings_add_format(&children, "note: natively it compiles; to %s: %s", what,
                              first != NULL ? first : "see above");
    }
    if (native) gb_strings_add(&children, "help: please report the crate");
    else gb_strings_add_format(
        &children,
        "help: macros run in a sandbox that has no C libraries, threads or processes;\nturn off the "
        "feature of `%s` that needs them, use a crate without them, and please report the "
        "crate",
        name);
    if (text != NULL && gb_strings_ok(&children, NULL)) {
        gb_message_send(command, "error", text, &children);
    }
    gb_strings_free(&children);
    free(own);
    free(first);
    free(text);
}

static bool is_native(const gb_session *session, const gb_unit *unit) {
    return unit->package_name != NULL &&
           gb_manifest_policy_is_native(session->policy, unit->package_name,
                                        unit->package_version != NULL ? unit->package_version : "");
}

/* The lines that would let it be native, where there is a manifest for them. */
static void say_how_native(const gb_session *session, const gb_command *command, const gb_unit *unit) {
    gb_manifest_policy policy;
    gb_buffer text = {0};
    if (unit->package_name == NULL || session->policy == NULL ||
        !gb_manifest_policy_parse(session->policy, &policy, NULL)) {
        return;
    }
    gb_grantor who = {.manifest = policy.manifest, .table = policy.table};
    if (gb_policy_help_native(unit->package_name, &who, &text)) {
        gb_message_send(command, "help", gb_buffer_text(&text), NULL);
    }
    gb_buffer_free(&text);
    gb_manifest_policy_free(&policy);
}

/* A compiler refused. What it said is shown; then, where that is not plain, what it means. */
static int say_refused(gb_builder *builder, const gb_command *command, const gb_unit *unit,
                       gb_unit_kind kind, const gb_blame *blame) {
    gb_message_pass(gb_buffer_text(&blame->messages), blame->messages.length);
    char *first = gb_message_first_error(gb_buffer_text(&blame->messages));
    bool explained = first != NULL && gb_text_starts(first, GB_LINK_EXPLAINED);
    free(first);
    if (kind == GB_UNIT_MACRO) {
        bool native = is_native(builder->session, unit);
        bool not_for_worker = !explained && compiles_natively(builder, command, unit);
        if (not_for_worker) say_not_for_worker(command, unit, blame, native);
        if ((explained || not_for_worker) && !native) say_how_native(builder->session, command, unit);
    } else if (kind == GB_UNIT_PROGRAM && blame->crate != NULL) {
        char *text = gb_text_format("`%s`, which `%s` needs, could not be compiled natively",
                                    blame->crate, unit->crate_name);
        if (text != NULL) gb_message_send(command, "error", text, NULL);
        free(text);
    }
    return EXIT_COMPILE;
}

/* ---- rustdoc -------------------------------------------------------------------------------------- */

/* Where its pages go to; NULL where it makes none: doc tests, a question. */
static char *pages_folder(const gb_command *command, const gb_unit *unit) {
    const char *folder = gb_command_value(command, "-o");
    if (folder == NULL) folder = gb_command_value(command, "--out-dir");
    return folder == NULL ? NULL : gb_path_absolute(unit->cwd, folder);
}

/* rustdoc, and what its macros did. Word for word when argv is Cargo's own. */
static int run_rustdoc(const gb_session *session, const gb_command *command, const gb_unit *unit,
                       const gb_strings *argv) {
    gb_error err = {0};
    gb_exit exit = {0};
    gb_process p = {.args = argv, .inherit_input = true};
    bool tests = gb_command_has(command, "--test");
    char *pages = tests ? NULL : pages_folder(command, unit);
    const char *package = unit->package_dir != NULL ? unit->package_dir : unit->cwd;
    if (unit->crate_name == NULL || (!tests && pages == NULL)) {
        free(pages);
        return become(argv);
    }
    char *label = tests ? gb_doctest_label(unit->crate_name, package)
                        : gb_document_label(unit->crate_name, pages);
    bool ok = (label != NULL && setenv(GB_STATS_UNIT_ENV, label, 1) == 0) ||
              gb_fail(&err, GB_ERROR_MEMORY, "out of memory");
    ok = ok && gb_strings_ok(argv, &err) && gb_process_run(&p, &exit, &err);
    bool kept = ok && gb_document_keep(session, unit, label, pages, &err);
    free(label);
    free(pages);
    if (!kept && exit.code == 0 && exit.signal == 0) return say_broken(command, unit, &err);
    return end_like(&exit);
}

/* ---- host units --------------------------------------------------------------------------- */

static int host_library(const gb_session *session, const gb_command *command, const gb_unit *unit,
                        gb_unit_kind kind) {
    gb_builder builder;
    gb_blame blame = {0};
    gb_error err = {0};
    if (!gb_builder_open(&builder, session, &err)) return say_broken(command, unit, &err);
    gb_made made = gb_side_first(&builder, command, unit, kind, &blame, &err);
    int code = made == GB_MADE       ? 0
               : made == GB_MADE_NOT ? say_refused(&builder, command, unit, kind, &blame)
                                     : say_broken(command, unit, &err);
    gb_blame_free(&blame);
    gb_builder_close(&builder);
    return code;
}

/* Programs and documentation of host crates are native: their libraries must be, too. */
static int host_program(const gb_session *session, gb_command *command, const gb_unit *unit,
                        bool documents) {
    gb_builder builder;
    gb_blame blame = {0};
    gb_error err = {0};
    if (!gb_builder_open(&builder, session, &err)) return say_broken(command, unit, &err);
    gb_made made = gb_side_native_externs(&builder, command, unit->cwd, &blame, &err);
    int code = made == GB_MADE ? 0
               : made == GB_MADE_NOT
                   ? say_refused(&builder, command, unit, GB_UNIT_PROGRAM, &blame)
                   : say_broken(command, unit, &err);
    gb_blame_free(&blame);
    gb_builder_close(&builder);
    if (code != 0) return code;
    gb_strings argv = {0};
    start_argv(session, &argv);
    gb_command_argv(command, &argv);
    code = documents ? run_rustdoc(session, command, unit, &argv)
                     : run_compiler(session, command, unit, &argv);
    gb_strings_free(&argv);
    return code;
}

/* Word for word, as Cargo said it. */
static int target_unit(const gb_session *session, const gb_command *command, const gb_unit *unit,
                       int argc, char **argv) {
    gb_strings words = {0};
    start_argv(session, &words);
    for (int i = 0; i < argc; i++) gb_strings_add(&words, argv[i]);
    int code = run_compiler(session, command, unit, &words);
    gb_strings_free(&words);
    return code;
}

/* Workers say for which unit they work. */
static bool name_unit(const gb_unit *unit, gb_error *err) {
    char *label = gb_unit_label(unit);
    bool ok = label != NULL && setenv(GB_STATS_UNIT_ENV, label, 1) == 0;
    free(label);
    return ok || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

static int run_unit(const gb_session *session, gb_command *command, int argc, char **argv) {
    gb_unit unit;
    gb_error err = {0};
    char *cwd = gb_path_absolute(NULL, ".");
    if (cwd == NULL || !gb_command_unit(command, cwd, &unit, &err)) {
        fprintf(stderr, "error: %s\n", err.message);
        free(cwd);
        return EXIT_BROKEN;
    }
    gb_unit_kind kind = gb_unit_classify(session, command, &unit);
    int code;
    if (kind != GB_UNIT_FOREIGN && !name_unit(&unit, &err)) {
        code = say_broken(command, &unit, &err);
    } else if (kind == GB_UNIT_LIBRARY || kind == GB_UNIT_MACRO) {
        code = host_library(session, command, &unit, kind);
    } else if (kind == GB_UNIT_PROGRAM) {
        gb_log("program %s", unit.crate_name);
        code = host_program(session, command, &unit, false);
    } else if (kind == GB_UNIT_FOREIGN) {
        code = become_words(session, argc, argv);
    } else {
        gb_log("%s %s", kind == GB_UNIT_TARGET ? "target" : "check", unit.crate_name);
        code = target_unit(session, command, &unit, argc, argv);
    }
    gb_unit_free(&unit);
    free(cwd);
    return code;
}

int gb_wrapper_rustc(int argc, char **argv) {
    const char *folder = getenv(GB_SESSION_ENV);
    gb_session session;
    gb_command command;
    gb_error err = {0};
    /* A program that outlived its session (a daemon) may still carry its environment: then nothing is
     * ours. A session that is there but cannot be read must not end in macros that run natively. */
    if (folder == NULL || !gb_dir_exists(folder)) return become_words(NULL, argc, argv);
    if (!gb_session_load(folder, &session, &err)) {
        fprintf(stderr, "error: %s\n", err.message);
        return EXIT_BROKEN;
    }
    if (asks_version(argc, argv)) return answer_version(&session, argc, argv);
    if (!gb_command_parse(argc, argv, &command, &err)) {
        fprintf(stderr, "error: %s\n", err.message);
        return EXIT_BROKEN;
    }
    int code = run_unit(&session, &command, argc, argv);
    gb_command_free(&command);
    gb_session_free(&session);
    return code;
}

int gb_wrapper_rustdoc(int argc, char **argv) {
    const char *folder = getenv(GB_SESSION_ENV);
    gb_session session;
    gb_error err = {0};
    if (folder == NULL || !gb_session_load(folder, &session, &err)) {
        fprintf(stderr, "error: %s was removed while rustdoc was to run\n",
                folder != NULL ? folder : GB_SESSION_ENV);
        return EXIT_BROKEN;
    }
    gb_strings words = {0};
    gb_command command;
    gb_unit unit;
    gb_strings_add(&words, session.rustdoc);
    for (int i = 0; i < argc; i++) gb_strings_add(&words, argv[i]);
    char *cwd = gb_path_absolute(NULL, ".");
    if (cwd == NULL || !gb_strings_ok(&words, &err) ||
        !gb_command_parse((int)words.count, words.items, &command, &err) ||
        !gb_command_unit(&command, cwd, &unit, &err)) {
        fprintf(stderr, "error: %s\n", err.message);
        return EXIT_BROKEN;
    }
    if (gb_command_value(&command, "--target") != NULL) {
        return run_rustdoc(&session, &command, &unit, &words);
    }
    free(session.chained); /* rustdoc never went through the user's rustc wrapper */
    session.chained = NULL;
    return host_program(&session, &command, &unit, true);
}
