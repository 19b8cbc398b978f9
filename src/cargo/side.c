#include "cargo/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/process.h"
#include "compile/guest_cache.h"
#include "cargo/hint.h"
#include "cargo/log.h"
#include "cargo/messages.h"
#include "cargo/side_job.h"
#include "cargo/unit_activity.h"

gb_made gb_made_broken(gb_error *err) {
    gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    return GB_MADE_BROKEN;
}

gb_made gb_made_if(bool ok) {
    return ok ? GB_MADE : GB_MADE_BROKEN;
}

bool gb_builder_open(gb_builder *builder, const gb_session *session, gb_error *err) {
    *builder = (gb_builder){.session = session, .objects = gb_objects_open(session->home, err)};
    return builder->objects != NULL;
}

void gb_builder_close(gb_builder *builder) {
    if (builder->toolchain != NULL) gb_toolchain_free(builder->toolchain);
    if (builder->confined != NULL) gb_toolchain_free(builder->confined);
    gb_objects_close(builder->objects);
    *builder = (gb_builder){0};
}

const gb_toolchain *gb_builder_toolchain(gb_builder *builder, gb_side code, gb_error *err) {
    if (builder->toolchain == NULL) {
        builder->toolchain = gb_toolchain_load(builder->session->guest_folder, err);
    }
    if (code == GB_SIDE_GUEST || builder->toolchain == NULL) return builder->toolchain;
    if (builder->confined == NULL) builder->confined = gb_toolchain_confined(builder->toolchain, err);
    return builder->confined;
}

void gb_blame_free(gb_blame *blame) {
    free(blame->crate);
    gb_buffer_free(&blame->messages);
    *blame = (gb_blame){0};
}

/* ---- one side in the making ---------------------------------------------------------------- */

static void job_free(gb_job *j) {
    gb_command_free(&j->command);
    gb_unit_free(&j->unit);
    free(j->side_dir);
    free(j->macro_dir);
    gb_strings_free(&j->identities);
    gb_strings_free(&j->origin);
    gb_buffer_free(&j->messages);
}

static gb_made demand(gb_builder *builder, const gb_place *place, gb_side side, bool all,
                      char **identity, gb_blame *blame, gb_error *err);

/* What Cargo's --extern and -L say about host libraries, said about a side. `all`: wait for code even
 * where metadata would do. identities may be NULL. */
static gb_made rewrite_extern(gb_builder *builder, gb_arg *arg, const char *cwd, gb_side side,
                              bool all, gb_strings *identities, bool *known, gb_blame *blame,
                              gb_error *err) {
    gb_extern e;
    gb_place place;
    const char *file;
    if (!gb_extern_parse(arg->value, &e)) return gb_made_broken(err);
    gb_made made = GB_MADE;
    if (e.path == NULL) {
        /* a crate of the sysroot */
    } else if (!gb_place_of_file(builder->session, cwd, e.path, &place, &file)) {
        *known = false;
    } else {
        char *identity = NULL, *text = NULL;
        /* The compiler of the confined side is the guest's: one shim serves both. */
        bool shim = side == GB_SIDE_CONFINED && gb_text_ends(e.path, ".so");
        gb_side from = shim ? GB_SIDE_GUEST : side;
        char *folder = gb_place_side(builder->session, &place, from);
        bool wait = all || !gb_text_ends(e.path, ".rmeta");
        made = demand(builder, &place, from, wait, &identity, blame, err);
        char *path = folder == NULL ? NULL : gb_path_join(folder, file);
        free(e.path);
        e.path = path;
        if (made == GB_MADE && (path == NULL || (text = gb_extern_text(&e)) == NULL)) {
            made = gb_made_broken(err);
        }
        if (made == GB_MADE) {
            free(arg->value);
            arg->value = text;
            if (identity == NULL) *known = false;
            else if (identities != NULL) gb_strings_add(identities, identity);
        }
        free(identity);
        free(folder);
        gb_place_free(&place);
    }
    gb_extern_free(&e);
    return made;
}

static gb_made rewrite_search(gb_builder *builder, gb_arg *arg, const char *cwd, gb_side side,
                              gb_error *err) {
    const char *path = gb_text_after(arg->value, "dependency=");
    if (path == NULL) return GB_MADE;
    char *folder = gb_side_folder(builder->session, cwd, path, side);
    if (folder == NULL) return GB_MADE; /* not ours */
    char *text = gb_text_format("dependency=%s", folder);
    free(folder);
    if (text == NULL) return gb_made_broken(err);
    free(arg->value);
    arg->value = text;
    return GB_MADE;
}

static gb_made rewrite_externs(gb_builder *builder, gb_command *command, const char *cwd,
                               gb_side side, bool all, gb_strings *identities, bool *known,
                               gb_blame *blame, gb_error *err) {
    gb_made made = GB_MADE;
    for (size_t i = 0; made == GB_MADE && i < command->count; i++) {
        gb_arg *arg = &command->args[i];
        if (arg->value == NULL) continue;
        if (strcmp(arg->name, "--extern") == 0) {
            made = rewrite_extern(builder, arg, cwd, side, all, identities, known, blame, err);
        } else if (strcmp(arg->name, "-L") == 0) {
            made = rewrite_search(builder, arg, cwd, side, err);
        }
    }
    return made;
}

/* Documentation of a host crate is made from the metadata that Cargo has made for a check: those
 * have no sides and stay where they are, and so does all that they depend on. */
static bool uses_sided_library(const gb_builder *builder, const gb_command *command,
                               const char *cwd) {
    for (size_t i = 0; i < command->count; i++) {
        const gb_arg *arg = &command->args[i];
        gb_extern e;
        gb_place place;
        const char *file;
        if (strcmp(arg->name, "--extern") != 0 || arg->value == NULL) continue;
        if (!gb_extern_parse(arg->value, &e)) continue;
        bool sided = e.path != NULL && !gb_text_ends(e.path, ".so") &&
                     gb_place_of_file(builder->session, cwd, e.path, &place, &file);
        if (sided) gb_place_free(&place);
        gb_extern_free(&e);
        if (sided) return true;
    }
    return false;
}

gb_made gb_side_native_externs(gb_builder *builder, gb_command *command, const char *cwd,
                               gb_blame *blame, gb_error *err) {
    bool known = true;
    if (!uses_sided_library(builder, command, cwd)) return GB_MADE;
    return rewrite_externs(builder, command, cwd, GB_SIDE_NATIVE, true, NULL, &known, blame, err);
}

/* A second compile of the same crate must not share the first's incremental folder. */
static void drop_incremental(gb_command *command) {
    for (size_t i = command->count; i-- > 0;) {
        const gb_arg *arg = &command->args[i];
        if (arg->value != NULL && gb_text_starts(arg->value, "incremental=")) {
            gb_command_remove(command, i);
        }
    }
}

static bool set_out_dir(gb_command *command, const char *folder) {
    for (size_t i = 0; i < command->count; i++) {
        if (strcmp(command->args[i].name, "--out-dir") == 0) {
            return gb_command_set(command, i, folder);
        }
    }
    return false;
}

/* Fills the job from Cargo's command: dependencies are made, names are the side's. */
gb_made gb_job_prepare(gb_job *j, const gb_command *command, gb_error *err) {
    const gb_session *session = j->builder->session;
    j->side_dir = gb_place_side(session, j->place, j->code);
    j->known = true;
    if (j->side_dir == NULL) return gb_made_broken(err);
    if (!gb_command_copy(command, &j->command, err)) return GB_MADE_BROKEN;
    if (!j->first) drop_incremental(&j->command);
    gb_made made = rewrite_externs(j->builder, &j->command, j->record->cwd, j->code, !j->first,
                                   &j->identities, &j->known, j->blame, err);
    if (made != GB_MADE) return made;
    if (!j->record->macro && !set_out_dir(&j->command, j->side_dir)) return gb_made_broken(err);
    return gb_made_if(gb_dir_make(j->side_dir, err) &&
                   gb_command_unit(&j->command, j->record->cwd, &j->unit, err));
}

static char *crate_of(const gb_unit *unit) {
    const char *name = unit->package_name != NULL ? unit->package_name : unit->crate_name;
    return gb_text_format("%s%s%s", name,
                          unit->package_version != NULL ? " v" : "",
                          unit->package_version != NULL ? unit->package_version : "");
}

/* The compiler said no: remembers why, for whoever asks next for this side. */
gb_made gb_job_refused(gb_job *j) {
    gb_blame *blame = j->blame;
    gb_blame_free(blame);
    blame->crate = crate_of(&j->unit);
    blame->messages = j->messages;
    j->messages = (gb_buffer){0};
    char *text = gb_text_format("%s\n%s", blame->crate != NULL ? blame->crate : "",
                                gb_buffer_text(&blame->messages));
    if (text != NULL) {
        /* Without the stamp the next one only tries again. */
        gb_stamp_write(j->place, j->side, ".failed", j->record->generation, text, NULL);
    }
    free(text);
    return GB_MADE_NOT;
}

static bool remembered_refusal(const gb_place *place, gb_side side, const char *generation,
                               gb_blame *blame) {
    char *text = gb_stamp_read(place, side, ".failed", generation);
    if (text == NULL) return false;
    size_t n = strcspn(text, "\n");
    gb_blame_free(blame);
    blame->crate = gb_text_copy_n(text, n);
    gb_buffer_append_text(&blame->messages, text + n + (text[n] == '\n'));
    free(text);
    return true;
}

/* ---- handing over ------------------------------------------------------------------------- */

char *gb_place_library(const gb_place *place, const char *folder, const char *suffix) {
    return gb_text_format("%s/lib%s%s", folder, place->name, suffix);
}

bool gb_place_name(const char *path, const char *crate, const char *name, gb_error *err) {
    char *folder = gb_path_parent(path);
    const char *suffix = strrchr(path, '.');
    char *to = folder == NULL ? NULL : gb_text_format("%s/lib%s-%s%s", folder, crate, name, suffix);
    bool ok = (to != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory")) &&
              gb_file_link_or_copy(path, to, err);
    free(folder);
    free(to);
    return ok;
}

/* An output for macros gets its second name, if it was made. */
static bool name_output(const gb_job *j, const char *suffix, gb_error *err) {
    if (!j->keyed || j->side == GB_SIDE_NATIVE) return true;
    char *path = gb_place_library(j->place, j->side_dir, suffix);
    bool ok = (path != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory")) &&
              (!gb_file_exists(path) || gb_place_name(path, j->unit.crate_name, j->name, err));
    free(path);
    return ok;
}

/* Puts one output of the side at Cargo's place, if it was made. */
static bool publish_file(const gb_job *j, const char *suffix, gb_error *err) {
    char *from = gb_place_library(j->place, j->side_dir, suffix);
    char *to = gb_place_library(j->place, j->place->out_dir, suffix);
    bool ok = (from != NULL && to != NULL) || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    ok = ok && (!gb_file_exists(from) || gb_file_link_or_copy(from, to, err));
    free(from);
    free(to);
    return ok;
}

static void notify(const gb_job *j, const char *suffix, const char *kind) {
    char *path = gb_place_library(j->place, j->place->out_dir, suffix);
    if (path != NULL) gb_message_artifact(&j->command, path, kind);
    free(path);
}

/* Metadata is there: units that need no more may start. */
static bool metadata_ready(gb_job *j, gb_error *err) {
    const char *generation = j->record->generation;
    char *path = gb_place_library(j->place, j->side_dir, ".rmeta");
    j->announced = true;
    bool ok = path != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    if (ok && j->keyed) {
        char *identity = gb_guest_identity(&j->key, j->settings, path);
        ok = identity == NULL ||
             gb_stamp_write(j->place, j->side, ".key", generation, identity, err);
        free(identity);
    }
    ok = ok && name_output(j, ".rmeta", err) &&
         gb_stamp_write(j->place, j->side, ".meta", generation, "", err);
    if (ok && j->first) {
        ok = publish_file(j, ".rmeta", err);
        if (ok) notify(j, ".rmeta", "metadata");
    }
    free(path);
    return ok;
}

static bool publish_dep_info(const gb_job *j, gb_error *err) {
    char *from = gb_text_format("%s/%s.d", j->side_dir, j->place->name);
    char *to = gb_text_format("%s/%s.d", j->place->out_dir, j->place->name);
    gb_strings before = {0}, after = {0};
    gb_strings_add(&before, j->side_dir);
    gb_strings_add(&after, j->place->out_dir);
    bool ok = (from != NULL && to != NULL && gb_strings_ok(&before, NULL) &&
               gb_strings_ok(&after, NULL)) ||
              gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    ok = ok && (!gb_file_exists(from) || gb_dep_info_rewrite(from, to, &before, &after, err));
    gb_strings_free(&before);
    gb_strings_free(&after);
    free(from);
    free(to);
    return ok;
}

/* All is there. The first side shows its messages and goes to Cargo's place. */
static bool complete(gb_job *j, gb_error *err) {
    static const char *const suffixes[] = {".rmeta", ".rlib", ".so", ".a"};
    bool ok = (j->announced || metadata_ready(j, err)) && name_output(j, ".rlib", err);
    if (ok && j->first) {
        gb_message_pass(gb_buffer_text(&j->messages), j->messages.length);
        for (size_t i = 0; ok && i < sizeof suffixes / sizeof suffixes[0]; i++) {
            ok = publish_file(j, suffixes[i], err);
        }
        ok = ok && publish_dep_info(j, err);
        if (ok) notify(j, ".rlib", "link");
    }
    return ok && gb_stamp_write(j->place, j->side, ".done", j->record->generation, "", err);
}

/* A line of a compiler's standard error. */
static bool take_line(void *env, const char *line, size_t length, gb_error *err) {
    gb_job *j = env;
    char *path, *kind;
    if (gb_message_is_artifact(line, length, &path, &kind)) {
        bool ok = strcmp(kind, "metadata") != 0 || metadata_ready(j, err);
        free(path);
        free(kind);
        return ok;
    }
    bool ok = gb_buffer_append(&j->messages, line, length) &&
              gb_buffer_append_text(&j->messages, "\n");
    return ok || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- libraries ---------------------------------------------------------------------------- */

/* What macros did for this side, and what they read, before its dep-info goes anywhere. */
static bool keep_activity(const gb_job *j, gb_error *err) {
    char *dep_info = gb_text_format("%s/%s.d", j->side_dir, j->place->name);
    bool ok = (dep_info != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory")) &&
              gb_unit_activity_keep(j->builder->session, &j->unit, dep_info, err);
    free(dep_info);
    return ok;
}

static gb_made native_library(gb_job *j, gb_error *err) {
    gb_strings args = {0};
    gb_command_argv(&j->command, &args);
    gb_log("native %s %s", j->first ? "compile" : "demand", j->place->name);
    gb_process p = {.args = &args,
                    .cwd = j->record->cwd,
                    .err = {.kind = GB_OUT_LINES, .line = take_line, .env = j}};
    gb_exit exit;
    bool ok = gb_strings_ok(&args, err) && gb_process_run(&p, &exit, err);
    gb_strings_free(&args);
    if (!ok) return GB_MADE_BROKEN;
    if (exit.code != 0) return gb_job_refused(j);
    return gb_made_if(keep_activity(j, err) && complete(j, err));
}

bool gb_job_take_result(gb_job *j, const gb_guest_result *result, const char *folder,
                        const gb_strings *outputs) {
    char *dep_info = gb_text_format("%s/%s.d", folder, j->place->name);
    bool ok = dep_info != NULL && gb_strings_ok(outputs, NULL) &&
              gb_guest_result_dep_info(result, dep_info, outputs, NULL) &&
              gb_buffer_append_text(&j->messages, result->messages) &&
              gb_unit_activity_from_store(j->builder->session, &j->unit, j->builder->objects, &j->key,
                                          result, NULL);
    free(dep_info);
    return ok;
}

/* The store's copy into the side's folder. False: compile. */
static bool library_from_store(gb_job *j) {
    gb_guest_result result;
    gb_objects *objects = j->builder->objects;
    if (!j->keyed || !gb_guest_cache_find(objects, &j->key, &j->unit, &result)) return false;
    static const char *const suffixes[] = {".rmeta", ".rlib"};
    gb_strings outputs = {0};
    bool ok = result.objects.count > 0;
    for (size_t i = 0; ok && i < 2; i++) {
        gb_digest digest;
        if (!gb_guest_result_object(&result, suffixes[i], &digest)) continue;
        char *to = gb_place_library(j->place, j->side_dir, suffixes[i]);
        ok = to != NULL && gb_objects_get(objects, &digest, to, NULL);
        gb_strings_take(&outputs, to);
    }
    ok = ok && gb_job_take_result(j, &result, j->side_dir, &outputs);
    gb_strings_free(&outputs);
    gb_guest_result_free(&result);
    return ok;
}

int64_t gb_now_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Best effort: a store that takes nothing must not stop a build. */
static void library_to_store(gb_job *j, int64_t started) {
    if (!j->keyed) return;
    static const char *const suffixes[] = {".rmeta", ".rlib"};
    gb_strings files = {0};
    gb_guest_result result;
    for (size_t i = 0; i < 2; i++) {
        char *path = gb_place_library(j->place, j->side_dir, suffixes[i]);
        if (path != NULL && gb_file_exists(path)) {
            gb_strings_add_format(&files, "%s=%s", suffixes[i], path);
        }
        free(path);
    }
    char *dep_info = gb_text_format("%s/%s.d", j->side_dir, j->place->name);
    if (dep_info != NULL && gb_strings_ok(&files, NULL) &&
        gb_guest_cache_keep(j->builder->objects, &j->key, &j->unit, &files, dep_info,
                            gb_buffer_text(&j->messages), started, &result, NULL)) {
        gb_unit_activity_to_store(j->builder->session, &j->unit, j->builder->objects, &j->key,
                                  &result);
        gb_guest_result_free(&result);
    }
    free(dep_info);
    gb_strings_free(&files);
}

char *gb_job_folder(const gb_job *j, const char *name) {
    return gb_path_join(j->place->folder, name);
}

char *gb_job_work(const gb_job *j) {
    return gb_text_format("%s/%s-work", j->place->folder, gb_side_name(j->code));
}

/* What a build script made for the linker lies outside of all that a key is made of. */
static bool links_natively(const gb_unit *unit) {
    for (size_t i = 0; i < unit->search.count; i++) {
        const char *path = unit->search.items[i];
        if (!gb_text_starts(path, "dependency=") && !gb_text_starts(path, "crate=")) return true;
    }
    return unit->libs.count > 0;
}

/* What every guest compile needs to know; options->message is set. */
bool gb_job_guest_options(gb_job *j, const gb_toolchain *guest, const char *work,
                        gb_guest_options *options, gb_error *err) {
    gb_rustc rustc;
    if (!gb_session_rustc(j->builder->session, gb_command_rustc(&j->command), &rustc, err)) {
        return false;
    }
    free(j->macro_dir);
    j->macro_dir = gb_place_side(j->builder->session, j->place, GB_SIDE_GUEST);
    *options = (gb_guest_options){.toolchain = guest,
                                  .work_dir = work,
                                  .macro_dir = j->macro_dir,
                                  .unstable = rustc.unstable,
                                  .message = take_line,
                                  .env = j};
    gb_rustc_free(&rustc);
    if (j->macro_dir == NULL) return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    bool whole = j->code == GB_SIDE_GUEST || !links_natively(&j->unit);
    j->keyed = j->known && whole && gb_guest_key(&j->unit, guest->id, options->unstable, &j->identities,
                                        &j->key) &&
               gb_guest_settings(&j->unit, options->unstable, &j->identities, j->settings);
    if (j->keyed) {
        char text[GB_DIGEST_TEXT];
        gb_digest_text(&j->key, text);
        snprintf(j->name, sizeof j->name, "%.16s", text);
        options->name = j->name;
        gb_strings_clear(&j->origin);
        gb_strings_add_format(&j->origin, "settings=%s", j->settings);
        options->origin = &j->origin;
    }
    return true;
}

static gb_made guest_library(gb_job *j, gb_error *err) {
    const gb_toolchain *guest = gb_builder_toolchain(j->builder, j->code, err);
    if (guest == NULL) return GB_MADE_BROKEN;
    gb_strings_clear(&j->unit.crate_types); /* macros link it statically, whatever else it may be */
    gb_strings_add(&j->unit.crate_types, "lib");
    char *work = gb_job_work(j);
    gb_guest_options options;
    if (work == NULL) return gb_made_broken(err);
    gb_made made = gb_made_if(gb_job_guest_options(j, guest, work, &options, err));
    if (made == GB_MADE && library_from_store(j)) {
        gb_log("%s store %s", gb_side_name(j->code), j->place->name);
        made = gb_made_if(metadata_ready(j, err) && complete(j, err));
    } else if (made == GB_MADE) {
        int64_t started = gb_now_nanoseconds();
        int status = 0;
        gb_buffer_clear(&j->messages);
        gb_log("%s compile %s", gb_side_name(j->code), j->place->name);
        if (!gb_guest_compile_library(&j->unit, &options, &status, err)) made = GB_MADE_BROKEN;
        else if (status != 0) made = gb_job_refused(j);
        else made = gb_made_if(keep_activity(j, err) && complete(j, err));
        if (made == GB_MADE) library_to_store(j, started);
    }
    free(work);
    return made;
}

/* ---- on demand ---------------------------------------------------------------------------- */

/* Cargo knows the sources of the first side only. What is compiled for another architecture may have
 * others: they are watched by us (heal.h), but for packages of a registry, whose lints Cargo caps, since
 * those do not change. */
static bool watch(const gb_job *j, gb_error *err) {
    if (gb_command_has(&j->command, "--cap-lints")) return true;
    char *text = gb_text_format("%s/%s.d\n%s", j->side_dir, j->place->name, j->record->cwd);
    bool ok = (text != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory")) &&
              gb_stamp_write(j->place, j->side, ".watch", j->record->generation, text, err);
    free(text);
    return ok;
}

static gb_made demand_library(gb_job *j, const gb_command *command, gb_error *err) {
    gb_made made = gb_job_prepare(j, command, err);
    if (made == GB_MADE && !watch(j, err)) made = GB_MADE_BROKEN;
    if (made != GB_MADE) return made;
    return j->side == GB_SIDE_NATIVE ? native_library(j, err) : guest_library(j, err);
}

/* Makes the side from its record, in the recorded unit's environment. The lock is held. */
static gb_made make_on_demand(gb_builder *builder, const gb_place *place, const gb_record *record,
                              gb_side side, gb_blame *blame, gb_error *err) {
    gb_stay stay;
    gb_command command;
    gb_job j = {.builder = builder, .place = place, .record = record, .side = side, .code = side, .blame = blame};
    if (!gb_command_parse((int)record->argv.count, record->argv.items, &command, err)) {
        return GB_MADE_BROKEN;
    }
    gb_made made = GB_MADE_BROKEN;
    if (gb_record_enter(builder->session, record, &stay, err)) {
        made = record->macro ? gb_macro_demand(&j, &command, err)
                             : demand_library(&j, &command, err);
        gb_record_leave(&stay);
    }
    job_free(&j);
    gb_command_free(&command);
    return made;
}

static bool has_stamp(const gb_place *place, gb_side side, const char *suffix,
                      const char *generation) {
    char *text = gb_stamp_read(place, side, suffix, generation);
    free(text);
    return text != NULL;
}

/* Nothing in the stamps yet: true when there is an answer. */
static bool answered(const gb_place *place, gb_side side, bool all, const char *generation,
                     gb_blame *blame, gb_made *made) {
    *made = GB_MADE;
    if (has_stamp(place, side, ".done", generation)) return true;
    if (!all && has_stamp(place, side, ".meta", generation)) return true;
    *made = GB_MADE_NOT;
    return remembered_refusal(place, side, generation, blame);
}

static int lock_side(const gb_place *place, gb_side side, gb_error *err) {
    char *path = gb_place_stamp(place, side, ".lock");
    int lock = path == NULL ? -1 : gb_lock_take(path, false, NULL, NULL, err);
    free(path);
    return lock;
}

static gb_made demand(gb_builder *builder, const gb_place *place, gb_side side, bool all,
                      char **identity, gb_blame *blame, gb_error *err) {
    gb_record record;
    gb_made made;
    if (!gb_record_read(place, &record, err)) return GB_MADE_BROKEN;
    if (!answered(place, side, all, record.generation, blame, &made)) {
        int lock = lock_side(place, side, err);
        if (lock < 0) {
            made = GB_MADE_BROKEN;
        } else if (!answered(place, side, all, record.generation, blame, &made)) {
            made = make_on_demand(builder, place, &record, side, blame, err);
        }
        if (lock >= 0) gb_lock_release(lock);
    }
    if (made == GB_MADE && side != GB_SIDE_NATIVE) {
        *identity = gb_stamp_read(place, side, ".key", record.generation);
    }
    gb_record_free(&record);
    return made;
}

/* ---- Cargo's own call --------------------------------------------------------------------- */

static gb_made first_side(gb_builder *builder, const gb_place *place, const gb_record *record,
                          const gb_command *command, const gb_unit *unit, gb_side side,
                          gb_blame *blame, gb_error *err) {
    gb_job j = {.builder = builder,
             .place = place,
             .record = record,
             .side = side,
             .code = side,
             .first = true,
             .blame = blame};
    if (record->macro && !gb_macro_code(builder, unit, &j.code, err)) return GB_MADE_BROKEN;
    int lock = lock_side(place, side, err);
    if (lock < 0) return GB_MADE_BROKEN;
    gb_made made = gb_job_prepare(&j, command, err);
    if (made == GB_MADE) {
        if (record->macro) made = gb_macro_first(&j, command, unit, err);
        else if (side == GB_SIDE_NATIVE) made = native_library(&j, err);
        else made = guest_library(&j, err);
    } else if (made == GB_MADE_NOT) {
        /* A dependency's refusal is this unit's too: who asks next need not go down again. */
        char *text = gb_text_format("%s\n%s", blame->crate, gb_buffer_text(&blame->messages));
        if (text != NULL) gb_stamp_write(place, side, ".failed", record->generation, text, NULL);
        free(text);
    }
    gb_lock_release(lock);
    job_free(&j);
    return made;
}

/* What is linked as more than an .rlib has outputs that only the native side makes. */
static bool only_rlib(const gb_unit *unit) {
    for (size_t i = 0; i < unit->crate_types.count; i++) {
        const char *type = unit->crate_types.items[i];
        if (strcmp(type, "lib") != 0 && strcmp(type, "rlib") != 0) return false;
    }
    return true;
}

gb_made gb_side_first(gb_builder *builder, const gb_command *command, const gb_unit *unit,
                      gb_unit_kind kind, gb_blame *blame, gb_error *err) {
    const gb_session *session = builder->session;
    bool macro = kind == GB_UNIT_MACRO;
    gb_place place;
    gb_record record;
    if (!gb_place_of_unit(session, unit, &place, err)) return GB_MADE_BROKEN;
    if (!gb_record_write(session, &place, command, unit->cwd, macro, &record, err)) {
        gb_place_free(&place);
        return GB_MADE_BROKEN;
    }
    gb_side side = GB_SIDE_GUEST;
    if (!macro) {
        side = only_rlib(unit) ? gb_hint_side(session, unit->package_name, unit->package_version)
                               : GB_SIDE_NATIVE;
    }
    gb_made made = first_side(builder, &place, &record, command, unit, side, blame, err);
    /* A library that cannot be wasm may still be all that a build script needs. If not even the
     * native compiler takes it, its messages are the ones to show. */
    if (made == GB_MADE_NOT && !macro && side != GB_SIDE_NATIVE) {
        gb_blame_free(blame);
        made = first_side(builder, &place, &record, command, unit, GB_SIDE_NATIVE, blame, err);
    }
    gb_record_free(&record);
    gb_place_free(&place);
    return made;
}
