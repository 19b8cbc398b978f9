#include "compile/guest_compile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "compile/artifact_origin.h"
#include "compile/guest_link.h"
#include "compile/source_names.h"
#include "source/quirks.h"
#include "source/rewrite.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- units ----------------------------------------------------------------------------------- */

void gb_unit_free(gb_unit *unit) {
    char **texts[] = {
        &unit->crate_name,   &unit->edition,         &unit->input,       &unit->cwd,
        &unit->out_dir,      &unit->extra_filename,  &unit->metadata,    &unit->opt_level,
        &unit->package_name, &unit->package_version, &unit->package_dir, &unit->build_out_dir};
    gb_strings *lists[] = {&unit->crate_types, &unit->emit,     &unit->externs,  &unit->cfgs,
                           &unit->check_cfgs,  &unit->search,   &unit->libs,     &unit->codegen,
                           &unit->lints,       &unit->messages, &unit->unstable, &unit->others,
                           &unit->env};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) free(*texts[i]);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) gb_strings_free(lists[i]);
    *unit = (gb_unit){0};
}

bool gb_unit_makes(const gb_unit *unit, const char *crate_type) {
    return gb_strings_has(&unit->crate_types, crate_type);
}

char *gb_unit_output(const gb_unit *unit, const char *kind, const char *prefix,
                     const char *suffix) {
    size_t length = strlen(kind);
    for (size_t i = 0; i < unit->emit.count; i++) {
        const char *emit = unit->emit.items[i];
        if (strncmp(emit, kind, length) == 0 && emit[length] == '=')
            return gb_path_absolute(unit->cwd, emit + length + 1);
    }
    char *name = gb_text_format("%s/%s%s%s%s", unit->out_dir ? unit->out_dir : ".", prefix,
                                unit->crate_name ? unit->crate_name : "main",
                                unit->extra_filename ? unit->extra_filename : "", suffix);
    char *path = name ? gb_path_absolute(unit->cwd, name) : NULL;
    free(name);
    return path;
}

static bool emits(const gb_unit *unit, const char *kind) {
    size_t length = strlen(kind);
    for (size_t i = 0; i < unit->emit.count; i++)
        if (strncmp(unit->emit.items[i], kind, length) == 0 &&
            (!unit->emit.items[i][length] || unit->emit.items[i][length] == '='))
            return true;
    return false;
}

/* ---- a compilation --------------------------------------------------------------------------- */

typedef struct job {
    const gb_unit *unit;
    const gb_guest_options *options;
    gb_package_view view;
    gb_source_names names;
    gb_strings args, env, unset;
    gb_buffer line;        /* the line being put back */
    bool artifacts;        /* pass artifact notifications on */
    gb_link_failure *link; /* collects what the linker said; NULL for libraries */
} job;

static bool write_line(const char *line, size_t length, gb_error *err) {
    /* One write, so that lines of several processes do not mix. */
    gb_buffer out = {0};
    bool ok = gb_buffer_append(&out, line, length) && gb_buffer_append(&out, "\n", 1);
    if (!ok) no_memory(err);
    for (size_t at = 0; ok && at < out.length;) {
        ssize_t n = write(STDERR_FILENO, out.data + at, out.length - at);
        if (n <= 0) ok = gb_fail_errno(err, "cannot write to standard error");
        else at += (size_t)n;
    }
    gb_buffer_free(&out);
    return ok;
}

static bool pass_line(const job *j, const char *line, size_t length, gb_error *err) {
    if (j->options->message) return j->options->message(j->options->env, line, length, err);
    return write_line(line, length, err);
}

/* The message in which rustc says why linking failed holds the linker's command and speaks of
 * object files; ours stands in its place and says what it means. */
static bool explain_failure(job *j, gb_error *err) {
    gb_buffer line = {0};
    bool ok = gb_link_failure_explain(j->link, j->unit, &line);
    if (!ok) no_memory(err);
    else if (line.length) ok = pass_line(j, gb_buffer_text(&line), line.length, err);
    gb_buffer_free(&line);
    return ok;
}

static bool take_line(void *env, const char *line, size_t length, gb_error *err) {
    job *j = env;
    static const char artifact[] = "{\"$message_type\":\"artifact\"";
    if (!j->artifacts && gb_text_starts(line, artifact)) return true;
    gb_buffer_clear(&j->line);
    if (!gb_source_names_restore(&j->names, line, length, &j->line)) return no_memory(err);
    gb_rewrite_restore(j->line.data, j->line.length);
    const char *text = gb_buffer_text(&j->line);
    bool explained = j->link && gb_link_failure_known(j->link);
    if (j->link && !gb_link_failure_note(j->link, text)) return no_memory(err);
    if (j->link && !explained && gb_link_failure_known(j->link)) return explain_failure(j, err);
    return pass_line(j, text, j->line.length, err);
}

static int edition_number(const gb_unit *unit) {
    int edition = unit->edition ? atoi(unit->edition) : 2015;
    return edition >= 2015 ? edition : 2024; /* "future": as the newest known */
}

/* ---- the command line ------------------------------------------------------------------------ */

/* Where the root file is read. */
static char *input_path(const job *j) {
    char *original = gb_path_absolute(j->unit->cwd, j->unit->input);
    if (!original) return NULL;
    const struct {
        const char *from, *to;
    } moved[] = {
        {j->unit->build_out_dir, j->view.out_dir},
        {j->unit->package_dir, j->view.copied ? j->view.package_dir : NULL},
    };
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        const char *inside =
            moved[i].from && moved[i].to ? gb_path_under(original, moved[i].from) : NULL;
        if (!inside) continue;
        char *path = gb_path_join(moved[i].to, inside);
        free(original);
        return path;
    }
    return original;
}

/* As Cargo gave it, but a macro library is the shim for this compiler, where there is one. Options
 * before the name need an unstable rustc and change nothing that matters here. */
static void add_extern(job *j, const char *given) {
    const char *equals = strchr(given, '='), *colon = strchr(given, ':');
    if (colon && (!equals || colon < equals)) given = colon + 1;
    equals = strchr(given, '=');
    char *shim = equals && j->options->macro_dir && gb_text_ends(given, ".so")
                     ? gb_path_join(j->options->macro_dir, gb_path_name(equals + 1))
                     : NULL;
    if (shim && gb_file_exists(shim))
        gb_strings_add_format(&j->args, "--extern=%.*s=%s", (int)(equals - given), given, shim);
    else gb_strings_add_format(&j->args, "--extern=%s", given);
    free(shim);
}

static void add_dependencies(job *j) {
    const gb_toolchain *tc = j->options->toolchain;
    const gb_unit *unit = j->unit;
    for (size_t i = 0; i < unit->externs.count; i++) add_extern(j, unit->externs.items[i]);
    gb_strings_add_format(&j->args, "--extern=std=%s", tc->std);
    gb_strings_add_format(&j->args, "--extern=proc_macro=%s", tc->proc_macro);
    gb_strings_add_format(&j->args, "--extern=__gbx=%s", tc->attr);
    if (!tc->confined && gb_quirks_want_wasi(unit->package_name, unit->package_version))
        gb_strings_add_format(&j->args, "--extern=wasi=%s", tc->wasi);
    if (j->options->macro_dir)
        gb_strings_add_format(&j->args, "-Ldependency=%s", j->options->macro_dir);
    for (size_t i = 0; i < unit->search.count; i++) {
        /* Native libraries are for the host; the linker is not to find them, unless that is what it links for. */
        const char *path = unit->search.items[i];
        bool native = gb_text_starts(path, "native=") || gb_text_starts(path, "framework=");
        if (native && !tc->confined) continue;
        gb_strings_add_format(&j->args, "-L%s", path);
    }
    gb_strings_add_format(&j->args, "-Ldependency=%s", tc->guest_dir);
}

/* Macros are run more often than they are compiled, so they are always optimised; what a profile
 * says about assertions and overflow is what natively holds for it. */
static void add_profile(job *j) {
    const gb_unit *unit = j->unit;
    bool unoptimised = !unit->opt_level || strcmp(unit->opt_level, "0") == 0;
    bool assertions = unit->debug_assertions >= 0 ? unit->debug_assertions : unoptimised;
    bool overflow = unit->overflow_checks >= 0 ? unit->overflow_checks : assertions;
    /* In one unit a crate takes no more work to compile, and is a third smaller and a fifth faster than in the usual 16. */
    gb_strings_add_each(&j->args, "-Copt-level=3", "-Ccodegen-units=1", "-Clto=off", "-Cembed-bitcode=no", NULL);
    gb_strings_add_format(&j->args, "-Cdebug-assertions=%s", assertions ? "on" : "off");
    gb_strings_add_format(&j->args, "-Coverflow-checks=%s", overflow ? "on" : "off");
}

static void add_pairs(gb_strings *args, const char *option, const gb_strings *values) {
    for (size_t i = 0; i < values->count; i++)
        gb_strings_add_each(args, option, values->items[i], NULL);
}

static void add_name(job *j) {
    const char *own = j->options->name, *metadata = own ? own : j->unit->metadata;
    const char *extra = j->unit->extra_filename;
    if (metadata) gb_strings_add_format(&j->args, "-Cmetadata=%s", metadata);
    if (own) gb_strings_add_format(&j->args, "-Cextra-filename=-%s", own);
    else if (extra) gb_strings_add_format(&j->args, "-Cextra-filename=%s", extra);
}

/* What build scripts say to the linker, and which one the user chose. */
static void add_native(job *j) {
    const gb_strings *codegen = &j->unit->codegen;
    if (!j->options->toolchain->confined) return;
    add_pairs(&j->args, "-l", &j->unit->libs);
    for (size_t i = 0; i < codegen->count; i++) {
        if (gb_text_starts(codegen->items[i], "link-arg") || gb_text_starts(codegen->items[i], "linker"))
            gb_strings_add_each(&j->args, "-C", codegen->items[i], NULL);
    }
}

/* All but crate types and what is emitted. */
static bool add_common(job *j, gb_error *err) {
    const gb_unit *unit = j->unit;
    gb_strings *args = &j->args;
    char *input = input_path(j);
    gb_strings_add(args, j->options->toolchain->rustc);
    if (unit->crate_name) gb_strings_add_each(args, "--crate-name", unit->crate_name, NULL);
    gb_strings_add_format(args, "--edition=%s", unit->edition ? unit->edition : "2015");
    gb_strings_take(args, input);
    gb_strings_add_all(args, &unit->messages);
    gb_strings_add_all(args, &j->options->toolchain->rustc_args);
    add_profile(j);
    add_name(j);
    add_pairs(args, "--cfg", &unit->cfgs);
    add_pairs(args, "--check-cfg", &unit->check_cfgs);
    gb_strings_add_all(args, &unit->lints);
    add_dependencies(j);
    add_native(j);
    gb_strings_add_all(args, &j->names.remap);
    return gb_strings_ok(args, err);
}

static bool add_environment(job *j, gb_error *err) {
    gb_strings_add_all(&j->env, &j->unit->env);
    gb_strings_add(&j->unset, "RUSTC_WRAPPER");
    gb_strings_add(&j->unset, "RUSTC_WORKSPACE_WRAPPER");
    if (j->view.out_dir) gb_strings_add_format(&j->env, "OUT_DIR=%s", j->view.out_dir);
    if (j->options->unstable) gb_strings_add(&j->env, "RUSTC_BOOTSTRAP=1");
    return gb_strings_ok(&j->env, err) && gb_strings_ok(&j->unset, err);
}

static bool job_start(job *j, const gb_unit *unit, const gb_guest_options *options, gb_error *err) {
    gb_rewrite_rules rules = {.edition = edition_number(unit),
                              .package = unit->package_name,
                              .version = unit->package_version};
    j->unit = unit;
    j->options = options;
    if (!options->toolchain->prepared)
        return gb_fail(err, GB_ERROR_USAGE,
                       "the guest toolchain is not prepared: run `glovebox "
                       "toolchain prepare`");
    if (!unit->input || !unit->cwd)
        return gb_fail(err, GB_ERROR_USAGE, "a unit without source file");
    if (!gb_dir_make(options->work_dir, err)) return false;
    if (unit->package_dir && !gb_rewrite_package(unit->package_dir, unit->build_out_dir,
                                                 options->work_dir, &rules, &j->view, err))
        return gb_error_context(err, "cannot prepare the sources of %s", unit->package_name);
    return gb_source_names_make(unit, &j->view, &j->names, err) && add_common(j, err) &&
           add_environment(j, err);
}

static void job_end(job *j) {
    gb_package_view_free(&j->view);
    gb_source_names_free(&j->names);
    gb_strings_free(&j->args);
    gb_strings_free(&j->env);
    gb_strings_free(&j->unset);
    gb_buffer_free(&j->line);
}

static bool run(job *j, int *status, gb_error *err) {
    gb_process p = {.args = &j->args,
                    .set = &j->env,
                    .unset = &j->unset,
                    .cwd = j->unit->cwd,
                    .out = {.kind = GB_OUT_INHERIT},
                    .err = {.kind = GB_OUT_LINES, .line = take_line, .env = j}};
    gb_exit exit;
    if (!gb_strings_ok(&j->args, err) || !gb_process_run(&p, &exit, err)) return false;
    *status = exit.code;
    return true;
}

/* Puts dep-info back to the originals, in place or at Cargo's place. */
static bool restore_dep_info(job *j, const char *from, const char *to, gb_error *err) {
    return !gb_file_exists(from) ||
           gb_dep_info_rewrite(from, to, &j->names.from, &j->names.to, err);
}

/* ---- libraries ------------------------------------------------------------------------------- */

/* Under Cargo's name, whatever the compiler calls the unit. */
static void add_emit(job *j, const char *emit) {
    static const char *const files[][3] = {
        {"link", "lib", ".rlib"}, {"metadata", "lib", ".rmeta"}, {"dep-info", "", ".d"}};
    for (size_t i = 0; j->options->name && i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(emit, files[i][0]) != 0) continue;
        char *path = gb_unit_output(j->unit, emit, files[i][1], files[i][2]);
        if (path) gb_strings_add_format(&j->args, "--emit=%s=%s", emit, path);
        else j->args.failed = true;
        free(path);
        return;
    }
    gb_strings_add_format(&j->args, "--emit=%s", emit);
}

static bool compile_library(job *j, int *status, gb_error *err) {
    const gb_unit *unit = j->unit;
    bool macro = gb_unit_makes(unit, "proc-macro");
    char *dep_info = gb_unit_output(unit, "dep-info", "", ".d");
    gb_strings_add_format(&j->args, "--crate-type=%s", macro ? "cdylib" : "lib");
    if (macro) gb_strings_add_each(&j->args, "--cfg=proc_macro", "-Aexplicit_builtin_cfgs_in_flags", NULL);
    for (size_t i = 0; i < unit->emit.count; i++) add_emit(j, unit->emit.items[i]);
    if (unit->out_dir) gb_strings_add_each(&j->args, "--out-dir", unit->out_dir, NULL);
    j->artifacts = true;
    bool ok = dep_info ? run(j, status, err) : no_memory(err);
    if (ok && *status == 0 && emits(unit, "dep-info"))
        ok = restore_dep_info(j, dep_info, dep_info, err);
    free(dep_info);
    return ok;
}

bool gb_guest_compile_library(const gb_unit *unit, const gb_guest_options *options, int *status,
                              gb_error *err) {
    job j = {0};
    bool ok = job_start(&j, unit, options, err) && compile_library(&j, status, err);
    job_end(&j);
    return ok;
}

/* ---- macros ---------------------------------------------------------------------------------- */

/* A native library is as it was linked: nothing reads an origin there. */
static bool write_artifact(const gb_unit *unit, const gb_guest_options *options, const char *linked,
                           const char *artifact, gb_error *err) {
    gb_buffer bytes = {0};
    const gb_toolchain *tc = options->toolchain;
    bool ok = gb_file_read(linked, &bytes, err) &&
              (tc->confined || gb_artifact_origin_add(unit, tc, options->origin, &bytes, err)) &&
              gb_file_write(artifact, bytes.data, bytes.length, 0644, err);
    gb_buffer_free(&bytes);
    return ok;
}

static bool compile_macro(job *j, const char *artifact, int *status, gb_error *err) {
    bool confined = j->options->toolchain->confined;
    const char *name = j->unit->crate_name, *own = j->options->name;
    const char *extra = own ? own : j->unit->extra_filename ? j->unit->extra_filename : "";
    const char *dash = own ? "-" : "";
    if (!name) return gb_fail(err, GB_ERROR_USAGE, "a macro unit without a name");
    /* As rustc names them in the folder, which is how its dep-info speaks of them. */
    char *folder = gb_path_absolute(NULL, j->options->work_dir);
    char *linked = folder ? gb_text_format("%s/%s%s%s%s%s", folder, confined ? "lib" : "", name, dash, extra,
                                           confined ? ".so" : ".wasm")
                          : NULL;
    char *made_dep = folder ? gb_text_format("%s/%s%s%s.d", folder, name, dash, extra) : NULL;
    char *dep_info = gb_unit_output(j->unit, "dep-info", "", ".d");
    char *library = gb_unit_output(j->unit, "link", "lib", ".so");
    bool ok = (linked && made_dep && dep_info && library) || no_memory(err);
    bool wants_dep = emits(j->unit, "dep-info");
    if (ok) {
        gb_strings_add(&j->args, "--crate-type=cdylib");
        /* rustc sets it for the other crate type, and does not like to be told. */
        gb_strings_add_each(&j->args, "--cfg=proc_macro", "-Aexplicit_builtin_cfgs_in_flags", NULL);
        gb_strings_add(&j->args, wants_dep ? "--emit=link,dep-info" : "--emit=link");
        gb_strings_add_each(&j->args, "--out-dir", folder, NULL);
        gb_strings_add_all(&j->args, &j->options->toolchain->link_args);
        ok = gb_path_remove(linked, err) && run(j, status, err);
    }
    if (ok && *status == 0) {
        /* Cargo is to see the dep-info of the library that it asked for. */
        gb_strings_add_each(&j->names.from, linked, made_dep, NULL);
        gb_strings_add_each(&j->names.to, library, dep_info, NULL);
        ok = (!wants_dep || restore_dep_info(j, made_dep, dep_info, err)) &&
             write_artifact(j->unit, j->options, linked, artifact, err);
    }
    if (linked) gb_path_remove(linked, NULL);
    free(folder);
    free(linked);
    free(made_dep);
    free(dep_info);
    free(library);
    return ok;
}

bool gb_guest_compile_macro(const gb_unit *unit, const gb_guest_options *options,
                            const char *artifact, int *status, gb_error *err) {
    gb_link_failure link = {0};
    job j = {.link = options->toolchain->confined ? NULL : &link};
    bool ok = job_start(&j, unit, options, err) && compile_macro(&j, artifact, status, err);
    job_end(&j);
    gb_link_failure_free(&link);
    return ok;
}
