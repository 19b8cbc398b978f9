#include "cargo/shimgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"
#include "cargo/shim_plan.h"
#include "compile/source_names.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- running the compiler -------------------------------------------------------------------- */

/* Nobody is to see what the compiler says about source of ours; when it fails, it is part of the
 * error. */
static bool run_rustc(const gb_strings *args, const gb_strings *set, const char *cwd,
                      const char *what, gb_error *err) {
    gb_buffer said = {0};
    gb_strings unset = {0};
    gb_strings_add_each(&unset, "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", NULL);
    gb_process p = {.args = args,
                    .set = set,
                    .unset = &unset,
                    .cwd = cwd,
                    .out = {.kind = GB_OUT_NULL},
                    .err = {.kind = GB_OUT_CAPTURE, .buffer = &said}};
    gb_exit exit;
    bool ok = gb_strings_ok(args, err) && (!set || gb_strings_ok(set, err)) &&
              gb_strings_ok(&unset, err) && gb_process_run(&p, &exit, err);
    if (ok && exit.code != 0)
        ok = gb_fail(err, GB_ERROR_IO, "%s does not compile with %s: %.700s", what, args->items[0],
                     gb_buffer_text(&said));
    gb_strings_free(&unset);
    gb_buffer_free(&said);
    return ok;
}

/* ---- the libraries --------------------------------------------------------------------------- */

typedef struct library {
    const gb_rustc *rustc;
    bool guest;
    const char *share;
} library;

/* --cfg rust_1_N for every release up to the compiler's that the shim's source may ask about. */
static void add_release_cfgs(gb_strings *args, const char *version) {
    const char *minor = strstr(version, " 1.");
    long newest = minor ? strtol(minor + 3, NULL, 10) : 0;
    for (long n = 60; n <= newest && n < 1000; n++)
        gb_strings_add_format(args, "--cfg=rust_1_%ld", n);
}

static bool build_one(const library *l, const char *name, const char *source, bool macro,
                      const char *folder, gb_error *err) {
    gb_strings args = {0}, env = {0};
    gb_strings_add_each(&args, l->rustc->path, "--crate-name", name, "--edition=2021",
                        "--crate-type", macro ? "proc-macro" : "rlib", "-Copt-level=3",
                        "-Cembed-bitcode=no", "-Cmetadata=glovebox", "--cap-lints=allow",
                        "--emit=link", "--out-dir", folder, NULL);
    if (macro) {
        gb_strings_add(&args, "-Cprefer-dynamic");
        gb_strings_add(&env, "RUSTC_BOOTSTRAP=1");
    } else {
        add_release_cfgs(&args, l->rustc->version);
        if (l->rustc->unstable) gb_strings_add(&args, "--cfg=glovebox_unstable");
        if (l->guest) gb_strings_add(&args, "--cfg=glovebox_guest");
    }
    gb_strings_add_format(&args, "--remap-path-prefix=%s=/glovebox", l->share);
    gb_strings_add_format(&args, "%s/%s", l->share, source);
    bool ok = run_rustc(&args, &env, "/", name, err);
    gb_strings_free(&args);
    gb_strings_free(&env);
    return ok;
}

static bool build_library(void *env, const char *folder, gb_error *err) {
    const library *l = env;
    return build_one(l, "glovebox_shim", "shim/lib.rs", false, folder, err) &&
           build_one(l, "glovebox_place", "shim/place/lib.rs", true, folder, err);
}

static char *library_folder(const library *l, const char *home, gb_error *err) {
    gb_hash hash;
    gb_digest digest;
    char text[GB_DIGEST_TEXT];
    char *shim = gb_path_join(l->share, "shim"), *wire = gb_path_join(l->share, "wire");
    gb_hash_init(&hash);
    gb_hash_text(&hash, l->rustc->id);
    gb_hash_u64(&hash, l->guest);
    bool ok = shim && wire ? gb_hash_dir(&hash, shim, err) && gb_hash_dir(&hash, wire, err)
                           : no_memory(err);
    free(shim);
    free(wire);
    if (!ok) return NULL;
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
    char *folder = gb_text_format("%s/shim/%.32s", home, text);
    if (!folder) no_memory(err);
    return folder;
}

char *gb_shim_library(const gb_rustc *rustc, bool guest, const char *home, gb_error *err) {
    char *share = gb_share_dir(err);
    if (!share) return NULL;
    library l = {rustc, guest, share};
    char *folder = library_folder(&l, home, err);
    if (folder && !gb_dir_make_once(folder, build_library, NULL, &l, err)) {
        free(folder);
        folder = NULL;
    }
    free(share);
    return folder;
}

/* ---- the file that the shim is compiled from ---------------------------------------------------
 */

/* The file in which most macros are recorded. NULL when there is none. */
static const char *main_file(const gb_records *records) {
    const char *best = NULL;
    size_t best_count = 0;
    for (size_t i = 0; i < records->count; i++) {
        size_t count = 0;
        for (size_t j = 0; j < records->count; j++)
            count += strcmp(records->items[i].macro.file, records->items[j].macro.file) == 0;
        if (count > best_count) {
            best = records->items[i].macro.file;
            best_count = count;
        }
    }
    return best;
}

/* The name that natively is in the macros' metadata, from the name in the records. */
static char *native_name(const gb_unit *unit, const char *file) {
    gb_package_view view = {.package_dir = unit->package_dir};
    gb_source_names names;
    gb_buffer out = {0};
    char *name = NULL;
    if (gb_source_names_make(unit, &view, &names, NULL)) {
        if (gb_source_names_restore(&names, file, strlen(file), &out))
            name = gb_text_copy(gb_buffer_text(&out));
        gb_source_names_free(&names);
    }
    gb_buffer_free(&out);
    return name;
}

/* ---- compiling ------------------------------------------------------------------------------- */

typedef struct job {
    const gb_unit *unit;
    const gb_shim_options *options;
    gb_records records;
    char *libraries; /* folder of the shim library */
    char *out;       /* the .so */
    char *beside;    /* where it is linked before it is renamed */
} job;

static void add_linker(gb_strings *args, const gb_unit *unit) {
    static const char *const kept[] = {
        "linker=", "linker-flavor=", "link-arg=", "link-args=", "link-self-contained="};
    for (size_t i = 0; i < unit->codegen.count; i++)
        for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++)
            if (gb_text_starts(unit->codegen.items[i], kept[k]))
                gb_strings_add_format(args, "-C%s", unit->codegen.items[i]);
}

static void add_arguments(const job *j, const char *source, gb_strings *args) {
    const gb_unit *unit = j->unit;
    gb_strings_add_each(args, j->options->rustc->path, "--crate-name", unit->crate_name,
                        "--crate-type=proc-macro", "--cap-lints=allow", "-Cprefer-dynamic",
                        "-Ccodegen-units=1", "-Cembed-bitcode=no", "-Cstrip=debuginfo", NULL);
    gb_strings_add_format(args, "--edition=%s", unit->edition ? unit->edition : "2015");
    if (unit->metadata) gb_strings_add_format(args, "-Cmetadata=%s", unit->metadata);
    if (unit->extra_filename)
        gb_strings_add_format(args, "-Cextra-filename=%s", unit->extra_filename);
    for (size_t i = 0; i < unit->cfgs.count; i++)
        gb_strings_add_each(args, "--cfg", unit->cfgs.items[i], NULL);
    add_linker(args, unit);
    gb_strings_add_format(args, "--extern=glovebox_shim=%s/libglovebox_shim.rlib", j->libraries);
    gb_strings_add_format(args, "--emit=link=%s", j->beside);
    gb_strings_add(args, source);
}

static bool compile(const job *j, const char *source, const char *plan, gb_error *err) {
    gb_strings args = {0}, env = {0};
    add_arguments(j, source, &args);
    gb_strings_add_all(&env, &j->unit->env);
    if (plan) {
        gb_strings_add_format(&args, "--extern=glovebox_place=%s/libglovebox_place.so",
                              j->libraries);
        gb_strings_add(&args, "-Zcrate-attr=feature(custom_inner_attributes, proc_macro_hygiene)");
        gb_strings_add_format(&args, "-Zcrate-attr=glovebox_place::place(\"%s\")", plan);
        gb_strings_add(&env, "RUSTC_BOOTSTRAP=1");
    }
    bool ok = run_rustc(&args, &env, j->unit->cwd, "the shim", err);
    gb_strings_free(&args);
    gb_strings_free(&env);
    return ok;
}

/* From the original file, with everything in its place. */
static bool compile_placed(const job *j, gb_error *err) {
    const char *file = main_file(&j->records);
    char *name = file ? native_name(j->unit, file) : NULL;
    char *path = name ? gb_path_absolute(j->unit->cwd, name) : NULL;
    char *plan = gb_path_join(j->options->work_dir, "plan");
    gb_mapped_file original;
    gb_buffer text = {0}, out = {0};
    bool ok = path && plan && !strpbrk(plan, "\"\\") && gb_file_map(path, &original, NULL);
    if (ok) {
        ok = (gb_source_normalise(original.bytes, original.length, &text) || no_memory(err)) &&
             gb_shim_plan(j->unit, j->options, &j->records, &text, file, &out, err) &&
             gb_file_write(plan, out.data, out.length, 0644, err) && compile(j, name, plan, err);
        gb_file_unmap(&original);
    }
    free(name);
    free(path);
    free(plan);
    gb_buffer_free(&text);
    gb_buffer_free(&out);
    return ok;
}

/* From source of our own: all works, but diagnostics cannot show where a macro was defined. For
 * macros whose source is not there, or is none that this compiler parses. */
static bool compile_plain(const job *j, gb_error *err) {
    char *path = gb_path_join(j->options->work_dir, "shim.rs");
    gb_buffer text = {0};
    bool ok = (path || no_memory(err)) &&
              gb_shim_source(j->unit, j->options, &j->records, &text, err) &&
              gb_file_write(path, text.data, text.length, 0644, err) && compile(j, path, NULL, err);
    free(path);
    gb_buffer_free(&text);
    return ok;
}

/* ---- notifications --------------------------------------------------------------------------- */

static bool wants_artifacts(const gb_unit *unit) {
    for (size_t i = 0; i < unit->messages.count; i++)
        if (gb_text_starts(unit->messages.items[i], "--json=") &&
            strstr(unit->messages.items[i], "artifacts"))
            return true;
    return false;
}

static bool notify(const char *path, const char *kind, gb_error *err) {
    gb_buffer line = {0};
    bool ok = gb_buffer_append_text(&line, "{\"$message_type\":\"artifact\",\"artifact\":") &&
              gb_json_quote(&line, path) &&
              gb_buffer_append_format(&line, ",\"emit\":\"%s\"}\n", kind);
    if (!ok) no_memory(err);
    for (size_t at = 0; ok && at < line.length;) {
        ssize_t n = write(STDERR_FILENO, line.data + at, line.length - at);
        if (n <= 0) ok = gb_fail_errno(err, "cannot write to standard error");
        else at += (size_t)n;
    }
    gb_buffer_free(&line);
    return ok;
}

static bool notify_all(const job *j, gb_error *err) {
    if (j->options->out || !wants_artifacts(j->unit)) return true;
    char *dep_info = gb_unit_output(j->unit, "dep-info", "", ".d");
    bool has_dep = dep_info && gb_file_exists(dep_info);
    bool ok = (!has_dep || notify(dep_info, "dep-info", err)) && notify(j->out, "link", err);
    free(dep_info);
    return ok;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool job_start(job *j, gb_error *err) {
    const gb_shim_options *o = j->options;
    j->out = o->out ? gb_text_copy(o->out) : gb_unit_output(j->unit, "link", "lib", ".so");
    j->beside = j->out ? gb_text_format("%s.new-%ld", j->out, (long)getpid()) : NULL;
    if (!j->out || !j->beside) return no_memory(err);
    if (!j->unit->crate_name || !j->unit->cwd)
        return gb_fail(err, GB_ERROR_USAGE, "a macro unit without a name");
    j->libraries = gb_shim_library(o->rustc, o->guest != NULL, o->home, err);
    return j->libraries && gb_dir_make(o->work_dir, err) &&
           gb_shim_records(o->artifact, &j->records, err);
}

bool gb_shim_compile(const gb_unit *unit, const gb_shim_options *options, gb_error *err) {
    job j = {.unit = unit, .options = options};
    gb_error first = {0};
    bool ok = job_start(&j, err);
    if (ok && !compile_placed(&j, &first) && !compile_plain(&j, err)) {
        ok = false;
        /* What the better way said tells more, when it was tried. */
        if (err && first.kind != GB_OK) *err = first;
    }
    if (ok && rename(j.beside, j.out) != 0) ok = gb_fail_errno(err, "cannot rename to %s", j.out);
    if (!ok) {
        if (j.beside) unlink(j.beside);
        gb_error_context(err, "macro crate %s %s", unit->package_name ? unit->package_name : "?",
                         unit->package_version ? unit->package_version : "");
    }
    ok = ok && notify_all(&j, err);
    gb_records_free(&j.records);
    free(j.libraries);
    free(j.out);
    free(j.beside);
    return ok;
}
