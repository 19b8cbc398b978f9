#include "compile/toolchain_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "compile/std_source.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- progress -------------------------------------------------------------------------------- */

typedef struct step {
    const gb_progress *progress;
    char what[128];
    struct timespec start;
    gb_buffer output; /* what the program wrote, for the error */
    size_t crates;    /* "Compiling" lines seen */
} step;

static void report(step *s, bool done) {
    if (!s->progress || !s->progress->step) return;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds =
        (double)(now.tv_sec - s->start.tv_sec) + (double)(now.tv_nsec - s->start.tv_nsec) / 1e9;
    char text[192];
    snprintf(text, sizeof text, "%s", s->what);
    if (s->crates && !done) snprintf(text, sizeof text, "%s (crate %zu)", s->what, s->crates);
    s->progress->step(s->progress->env, text, seconds, done);
}

static void tick(void *env) {
    report(env, false);
}

static bool take_line(void *env, const char *line, size_t length, gb_error *err) {
    step *s = env;
    if (gb_text_starts(line + strspn(line, " "), "Compiling ")) s->crates++;
    if (gb_buffer_append(&s->output, line, length) && gb_buffer_append(&s->output, "\n", 1))
        return true;
    return no_memory(err);
}

/* ---- running a compiler ---------------------------------------------------------------------- */

/* The user's settings for builds of his own must not leak into these: only what finding programs
 * and fetching need is kept. */
static void plain_environment(gb_strings *env) {
    static const char *const kept[] = {
        "PATH",          "HOME",         "TMPDIR",     "LD_LIBRARY_PATH",
        "http_proxy",    "https_proxy",  "HTTP_PROXY", "HTTPS_PROXY",
        "ALL_PROXY",     "no_proxy",     "NO_PROXY",   "CARGO_HTTP_CAINFO",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "MAKEFLAGS"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const char *value = getenv(kept[i]);
        if (value) gb_strings_add_format(env, "%s=%s", kept[i], value);
    }
    /* std and our crates use features that are not stable; nobody else's code sees this. */
    gb_strings_add(env, "RUSTC_BOOTSTRAP=1");
}

static bool run_step(step *s, const gb_strings *args, const gb_strings *env, const char *cwd,
                     gb_error *err) {
    gb_process p = {.args = args,
                    .set = env,
                    .clear_env = true,
                    .cwd = cwd,
                    .out = {.kind = GB_OUT_NULL},
                    .err = {.kind = GB_OUT_LINES, .line = take_line, .env = s},
                    .tick = tick,
                    .tick_env = s,
                    .tick_ms = 1000};
    gb_exit exit;
    gb_buffer_clear(&s->output);
    s->crates = 0;
    clock_gettime(CLOCK_MONOTONIC, &s->start);
    report(s, false);
    bool ok = gb_strings_ok(args, err) && gb_strings_ok(env, err) && gb_process_run(&p, &exit, err);
    if (ok && exit.code != 0) {
        const char *text = gb_buffer_text(&s->output);
        size_t length = strlen(text), shown = GB_ERROR_MAX - 200;
        ok = gb_fail(err, GB_ERROR_IO, "%s failed: %s", s->what,
                     length > shown ? text + length - shown : text);
    }
    if (ok) report(s, true);
    return ok;
}

/* ---- std ------------------------------------------------------------------------------------- */

/* An empty package for Cargo to build std beside, and a Cargo home of its own when std's
 * dependencies lie beside its source. */
static bool write_package(const gb_toolchain *tc, const char *build, bool *vendored,
                          gb_error *err) {
    char *src = gb_path_join(build, "src"), *lib = gb_path_join(build, "src/lib.rs");
    char *manifest = gb_path_join(build, "Cargo.toml"), *home = gb_path_join(build, "home");
    char *config = gb_path_join(build, "home/config.toml");
    char *vendor = gb_path_join(tc->rust_src, "library/vendor");
    bool ok = src && lib && manifest && home && config && vendor;
    if (!ok) no_memory(err);
    *vendored = ok && gb_dir_exists(vendor);
    ok = ok && gb_dir_make(src, err) && gb_dir_make(home, err) &&
         gb_file_write_text(lib, "#![no_std]\n", err) &&
         gb_file_write_text(manifest,
                            "[package]\nname = \"sysroot\"\nversion = \"0.0.0\"\n"
                            "edition = \"2021\"\n\n[workspace]\n",
                            err);
    if (ok && *vendored) {
        char *text = gb_text_format("[source.crates-io]\nreplace-with = \"vendored\"\n"
                                    "[source.vendored]\ndirectory = '%s'\n",
                                    vendor);
        ok = text ? gb_file_write_text(config, text, err) : no_memory(err);
        free(text);
    }
    free(src);
    free(lib);
    free(manifest);
    free(home);
    free(config);
    free(vendor);
    return ok;
}

static bool collect_rlibs(const char *from, const char *to, gb_error *err) {
    gb_strings names = {0};
    size_t found = 0;
    bool ok = gb_dir_make(to, err) && gb_dir_list(from, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        const char *name = names.items[i];
        if (!gb_text_ends(name, ".rlib") || gb_text_starts(name, "libsysroot-")) continue;
        char *a = gb_path_join(from, name), *b = gb_path_join(to, name);
        ok = a && b ? gb_file_link_or_copy(a, b, err) : no_memory(err);
        free(a);
        free(b);
        found++;
    }
    gb_strings_free(&names);
    if (ok && !found) ok = gb_fail(err, GB_ERROR_IO, "Cargo built no std in %s", from);
    return ok;
}

/* Below the package, so that Cargo makes no difference between one place and another. */
static char *make_source(const gb_toolchain *tc, step *s, const char *build, gb_error *err) {
    char *from = gb_path_join(tc->rust_src, "library"), *to = gb_path_join(build, "rust/library");
    size_t missed = 0;
    bool ok = from && to ? gb_std_source_make(from, to, &missed, err) : no_memory(err);
    free(from);
    if (ok && missed && s->progress && s->progress->step)
        s->progress->step(s->progress->env,
                          "std is of a release that Glovebox does not know: errors in macros may "
                          "show other numbers than natively",
                          0, true);
    if (ok) return to;
    free(to);
    return NULL;
}

/* Into `folder`, a sysroot. */
static bool build_std(gb_toolchain *tc, step *s, const char *folder, gb_error *err) {
    char *build = gb_path_join(folder, "build");
    char *deps = gb_path_join(folder, "build/target/" GB_GUEST_TARGET "/release/deps");
    char *to = gb_path_join(folder, "lib/rustlib/" GB_GUEST_TARGET "/lib");
    gb_strings args = {0}, env = {0};
    bool vendored = false;
    bool ok = build && deps && to ? write_package(tc, build, &vendored, err) : no_memory(err);
    char *source = ok ? make_source(tc, s, build, err) : NULL;
    ok = source != NULL;
    plain_environment(&env);
    gb_strings_add_format(&env, "__CARGO_TESTS_ONLY_SRC_ROOT=%s", source ? source : "");
    const char *cargo_home = getenv("CARGO_HOME");
    if (vendored) gb_strings_add_format(&env, "CARGO_HOME=%s/home", build);
    else if (cargo_home) gb_strings_add_format(&env, "CARGO_HOME=%s", cargo_home);
    gb_strings_add_format(&env, "RUSTC=%s", tc->rustc);
    gb_strings_add_format(&env,
                          "RUSTFLAGS=-Cpanic=unwind -Cllvm-args=-wasm-use-legacy-eh=false "
                          "-Clink-self-contained=no --remap-path-prefix=rust=/rustc "
                          "--remap-path-prefix=%s=/rustc --remap-path-prefix=%s=/rustc/library",
                          tc->rust_src, source ? source : "");
    gb_strings_add(&env, "CARGO_PROFILE_RELEASE_OPT_LEVEL=3");
    gb_strings_add(&env, "CARGO_PROFILE_RELEASE_DEBUG=0");
    gb_strings_add_each(&args, tc->cargo, "build", "--release", "--target", GB_GUEST_TARGET,
                        "-Zbuild-std=std,panic_unwind,panic_abort,proc_macro",
                        "-Zbuild-std-features=panic-unwind", NULL);
    if (vendored) gb_strings_add(&args, "--offline");
    gb_strings_add_format(&args, "--manifest-path=%s/Cargo.toml", build);
    gb_strings_add_format(&args, "--target-dir=%s/target", build);
    snprintf(s->what, sizeof s->what, "building std for the sandbox");
    /* From the root folder, so that Cargo finds no configuration on the way up. */
    ok = ok && run_step(s, &args, &env, "/", err) && collect_rlibs(deps, to, err);
    if (ok) ok = gb_path_remove(build, err);
    gb_strings_free(&args);
    gb_strings_free(&env);
    free(build);
    free(deps);
    free(to);
    free(source);
    return ok;
}

/* ---- the guest crates ------------------------------------------------------------------------ */

/* One crate of guest/: `guest` is for the sandbox, else native for the compiler. `made` is where it
 * must appear. */
static bool build_crate(gb_toolchain *tc, step *s, const char *name, const char *source, bool guest,
                        const char *made, gb_error *err) {
    gb_strings args = {0}, env = {0};
    char *share = gb_path_parent(tc->guest_source);
    plain_environment(&env);
    gb_strings_add_each(&args, tc->rustc, "--crate-name", name, "--edition", "2021", "--crate-type",
                        guest ? "rlib" : "proc-macro", "-Copt-level=3", "-Ccodegen-units=1", "-Cmetadata=glovebox",
                        "-Cextra-filename=" GB_GUEST_EXTRA, "--cap-lints=warn", NULL);
    if (guest) gb_strings_add_all(&args, &tc->rustc_args);
    if (guest && !tc->confined) gb_strings_add(&args, "-Cembed-bitcode=no");
    gb_strings_add_format(&args, "--out-dir=%s", tc->guest_dir);
    if (share) gb_strings_add_format(&args, "--remap-path-prefix=%s=/glovebox", share);
    gb_strings_add_format(&args, "%s/%s", tc->guest_source, source);
    snprintf(s->what, sizeof s->what, "building the sandbox's %s",
             strcmp(name, "__gbx") == 0 ? "macro attributes" : name);
    bool ok = share ? run_step(s, &args, &env, "/", err) : no_memory(err);
    if (ok && !gb_file_exists(made)) ok = gb_fail(err, GB_ERROR_IO, "%s was not made", made);
    gb_strings_free(&args);
    gb_strings_free(&env);
    free(share);
    return ok;
}

/* Into `folder`, the toolchain's. */
static bool build_guest(gb_toolchain *tc, step *s, const char *folder, gb_error *err) {
    return gb_toolchain_use_folder(tc, folder, err) && gb_dir_make(tc->guest_dir, err) &&
           build_crate(tc, s, "proc_macro", "proc_macro/lib.rs", true, tc->proc_macro, err) &&
           build_crate(tc, s, "std", "std/lib.rs", true, tc->std, err) &&
           (tc->confined || (build_crate(tc, s, "gbx_libc", "libc/lib.rs", true, tc->libc, err) &&
                             build_crate(tc, s, "wasi", "wasi/lib.rs", true, tc->wasi, err))) &&
           build_crate(tc, s, "__gbx", "attr/lib.rs", false, tc->attr, err) &&
           gb_toolchain_save(tc, folder, err);
}

/* ---- placing --------------------------------------------------------------------------------- */

/* What building needs to know. */
typedef struct builder {
    gb_toolchain *tc;
    step step;
} builder;

static void say_waiting(void *env) {
    const gb_progress *progress = ((builder *)env)->step.progress;
    if (progress && progress->step)
        progress->step(progress->env, "waiting for another Glovebox that prepares the toolchain", 0,
                       false);
}

static bool build_sysroot(void *env, const char *folder, gb_error *err) {
    builder *b = env;
    return build_std(b->tc, &b->step, folder, err);
}

static bool build_toolchain(void *env, const char *folder, gb_error *err) {
    builder *b = env;
    return build_guest(b->tc, &b->step, folder, err);
}

static bool prepare_all(gb_toolchain *tc, const gb_progress *progress, gb_error *err) {
    builder b = {tc, {.progress = progress}};
    char *folder = gb_text_copy(tc->folder);
    bool ok = folder || no_memory(err);
    ok = ok &&
         (!tc->sysroot || gb_dir_make_once(tc->sysroot, build_sysroot, say_waiting, &b, err)) &&
         gb_dir_make_once(folder, build_toolchain, say_waiting, &b, err);
    gb_buffer_free(&b.step.output);
    /* Building named a folder of the moment. */
    if (folder && !gb_toolchain_use_folder(tc, folder, ok ? err : NULL)) ok = false;
    /* The same compiler may lie elsewhere by now; where the folder cannot be written, it does not.
     */
    if (ok) gb_toolchain_save(tc, folder, NULL);
    tc->prepared = ok;
    free(folder);
    return ok;
}

/* A folder of this user's own under TMPDIR. Somebody else's folder of that name is refused: what
 * lies there is run. */
static char *temporary_home(gb_error *err) {
    const char *tmp = getenv("TMPDIR");
    char *home =
        gb_text_format("%s/glovebox-%ld", tmp && *tmp == '/' ? tmp : "/tmp", (long)getuid());
    struct stat st;
    if (!home) {
        no_memory(err);
        return NULL;
    }
    if ((mkdir(home, 0700) == 0 || errno == EEXIST) && lstat(home, &st) == 0 &&
        S_ISDIR(st.st_mode) && st.st_uid == getuid() && (st.st_mode & 022) == 0)
        return home;
    gb_fail(err, GB_ERROR_IO, "%s is not a folder of yours alone", home);
    free(home);
    return NULL;
}

static bool move_home(gb_toolchain *tc, char **warning, gb_error *err) {
    char *home = temporary_home(err);
    if (!home) return false;
    *warning = gb_text_format("%s cannot be written: Glovebox keeps its files in %s for now (set "
                              "GLOVEBOX_HOME to a better place)",
                              tc->home, home);
    free(tc->home);
    tc->home = home;
    return gb_toolchain_place(tc) || no_memory(err);
}

bool gb_toolchain_prepare(gb_toolchain *tc, const gb_progress *progress, char **warning,
                          gb_error *err) {
    gb_error first = {0};
    if (warning) *warning = NULL;
    if (tc->prepared || prepare_all(tc, progress, &first)) return true;
    bool unwritable =
        first.kind == GB_ERROR_IO &&
        (first.errno_value == EACCES || first.errno_value == EROFS || first.errno_value == EPERM);
    if (unwritable && warning) return move_home(tc, warning, err) && prepare_all(tc, progress, err);
    if (err) *err = first;
    return false;
}
