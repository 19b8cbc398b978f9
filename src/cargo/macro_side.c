/* Macro crates: an artifact that all compilers share, and a shim for each compiler that loads it. The artifact
 * is WebAssembly, or, where the policy says `native = true`, a library of machine code (macros/native.h) in the
 * same place, which the shim's words for the worker tell apart. */
#include "cargo/side_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build_id.h"
#include "base/file.h"
#include "compile/artifact_origin.h"
#include "compile/guest_cache.h"
#include "cargo/hint.h"
#include "cargo/log.h"
#include "cargo/messages.h"
#include "cargo/package_policy.h"
#include "cargo/shimgen.h"
#include "cargo/unit_activity.h"

/* ---- artifacts ---------------------------------------------------------------------------- */

/* The artifact: where its bytes lie and what they are. */
typedef struct artifact {
    char digest[GB_DIGEST_TEXT];
    char *path;
} artifact;

static bool artifact_load(const gb_place *place, const char *generation, artifact *a) {
    char *text = gb_stamp_read(place, GB_SIDE_GUEST, ".artifact", generation);
    gb_digest digest;
    bool ok = text != NULL && strlen(text) > GB_DIGEST_TEXT && text[GB_DIGEST_TEXT - 1] == '\n';
    if (ok) {
        memcpy(a->digest, text, GB_DIGEST_TEXT - 1);
        a->digest[GB_DIGEST_TEXT - 1] = '\0';
        const char *path = text + GB_DIGEST_TEXT;
        a->path = gb_text_copy_n(path, strcspn(path, "\n"));
        ok = a->path != NULL && gb_digest_parse(a->digest, &digest);
    }
    free(text);
    return ok;
}

static bool artifact_save(const gb_job *j, const gb_digest *digest, const char *path, artifact *a,
                          gb_error *err) {
    gb_digest_text(digest, a->digest);
    a->path = gb_text_copy(path);
    char *text = gb_text_format("%s\n%s\n", a->digest, path);
    bool ok = (a->path != NULL && text != NULL) || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    ok = ok &&
         gb_stamp_write(j->place, GB_SIDE_GUEST, ".artifact", j->record->generation, text, err);
    free(text);
    return ok;
}

/* From the store: its object serves as it lies. */
static bool artifact_from_store(gb_job *j, artifact *a) {
    gb_guest_result result;
    gb_objects *objects = j->builder->objects;
    if (!j->keyed || !gb_guest_cache_find(objects, &j->key, &j->unit, &result)) return false;
    gb_digest digest;
    bool ok = gb_guest_result_object(&result, ".wasm", &digest) &&
              gb_objects_check(objects, &digest);
    char *path = ok ? gb_objects_path(objects, &digest) : NULL;
    ok = path != NULL && artifact_save(j, &digest, path, a, NULL);
    if (ok) {
        gb_strings outputs = {0};
        gb_log("%s store %s", gb_side_name(j->code), j->place->name);
        gb_strings_take(&outputs, gb_place_library(j->place, j->place->out_dir, ".so"));
        ok = gb_job_take_result(j, &result, j->place->out_dir, &outputs);
        gb_strings_free(&outputs);
    }
    free(path);
    gb_guest_result_free(&result);
    return ok;
}

/* Into the store, so that its path holds for every project; where that cannot be, the unit's own. */
static bool artifact_keep(gb_job *j, const char *wasm, int64_t started, artifact *a,
                          gb_error *err) {
    gb_objects *objects = j->builder->objects;
    gb_digest digest;
    char *path = NULL;
    if (gb_objects_add(objects, wasm, &digest, NULL)) {
        path = gb_objects_path(objects, &digest);
    } else {
        gb_mapped_file file;
        if (!gb_file_map(wasm, &file, err)) return false;
        digest = gb_digest_of(file.bytes, file.length);
        gb_file_unmap(&file);
        path = gb_text_copy(wasm);
    }
    bool ok = (path != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory")) &&
              artifact_save(j, &digest, path, a, err);
    if (ok && j->keyed) {
        gb_strings files = {0};
        gb_guest_result result;
        char *dep_info = gb_text_format("%s/%s.d", j->place->out_dir, j->place->name);
        gb_strings_add_format(&files, ".wasm=%s", wasm);
        if (dep_info != NULL && gb_strings_ok(&files, NULL) &&
            gb_guest_cache_keep(objects, &j->key, &j->unit, &files, dep_info,
                                gb_buffer_text(&j->messages), started, &result, NULL)) {
            gb_unit_activity_to_store(j->builder->session, &j->unit, objects, &j->key, &result);
            gb_guest_result_free(&result);
        }
        gb_strings_free(&files);
        free(dep_info);
    }
    free(path);
    return ok;
}

/* What macros did for this macro crate. */
static bool keep_activity(const gb_job *j, gb_error *err) {
    char *dep_info = gb_text_format("%s/%s.d", j->place->out_dir, j->place->name);
    bool ok = (dep_info != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory")) &&
              gb_unit_activity_keep(j->builder->session, &j->unit, dep_info, err);
    free(dep_info);
    return ok;
}

static gb_made make_artifact(gb_job *j, artifact *a, gb_error *err) {
    const gb_toolchain *guest = gb_builder_toolchain(j->builder, j->code, err);
    if (guest == NULL) return GB_MADE_BROKEN;
    char *work = gb_job_work(j);
    char *wasm = gb_job_folder(j, j->code == GB_SIDE_GUEST ? "macro.wasm" : "macro.so");
    gb_guest_options options;
    bool ok = (work != NULL && wasm != NULL) || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    gb_made made = gb_made_if(ok && gb_job_guest_options(j, guest, work, &options, err));
    if (made == GB_MADE && !artifact_from_store(j, a)) {
        int64_t started = gb_now_nanoseconds();
        int status = 0;
        gb_buffer_clear(&j->messages);
        gb_log("%s compile %s", gb_side_name(j->code), j->place->name);
        if (!gb_guest_compile_macro(&j->unit, &options, wasm, &status, err)) made = GB_MADE_BROKEN;
        else if (status != 0) made = gb_job_refused(j);
        else made = gb_made_if(keep_activity(j, err) && artifact_keep(j, wasm, started, a, err));
    }
    free(work);
    free(wasm);
    return made;
}

/* ---- shims --------------------------------------------------------------------------------- */

/* What makes one shim differ from another. */
static bool shim_key(const gb_unit *unit, const gb_shim_options *options, gb_digest *key) {
    gb_error err = {0};
    char *library = gb_shim_library(options->rustc, options->guest != NULL, options->home, &err);
    if (library == NULL) return false;
    gb_hash hash;
    gb_hash_init(&hash);
    gb_hash_text(&hash, "glovebox shim 1");
    gb_hash_text(&hash, gb_build_id());
    gb_hash_text(&hash, options->rustc->id);
    gb_hash_text(&hash, options->guest == NULL ? NULL : options->guest->id);
    gb_hash_text(&hash, library);
    gb_hash_text(&hash, options->artifact);
    gb_hash_text(&hash, options->digest);
    gb_hash_text(&hash, options->worker);
    gb_hash_u64(&hash, options->limits == NULL ? 0 : options->limits->count);
    for (size_t i = 0; options->limits != NULL && i < options->limits->count; i++) {
        gb_hash_text(&hash, options->limits->items[i]);
    }
    gb_hash_text(&hash, unit->crate_name);
    gb_hash_text(&hash, unit->extra_filename);
    gb_hash_text(&hash, unit->metadata);
    gb_hash_text(&hash, unit->edition);
    /* The shim says where each macro is defined, in a file known by its name and its digest. */
    char *source = gb_path_absolute(unit->cwd, unit->input);
    bool ok = source != NULL && gb_hash_file(&hash, source, NULL);
    gb_hash_text(&hash, unit->cwd);
    gb_hash_text(&hash, unit->input);
    gb_hash_final(&hash, key);
    free(source);
    free(library);
    return ok;
}

typedef struct shim_search {
    gb_objects *objects;
    const char *to;
} shim_search;

static bool shim_serves(void *env, const char *text) {
    shim_search *s = env;
    gb_digest digest;
    return gb_digest_parse(text, &digest) && gb_objects_get(s->objects, &digest, s->to, NULL);
}

/* Makes the .so at `to`: Cargo's place when options->out is NULL. */
static bool make_shim(gb_builder *builder, const gb_command *command, const gb_unit *unit,
                      const gb_shim_options *options, const char *to, gb_error *err) {
    gb_digest key, digest;
    char name[GB_DIGEST_TEXT];
    bool keyed = shim_key(unit, options, &key);
    shim_search s = {builder->objects, to};
    if (keyed && gb_objects_find_record(builder->objects, &key, shim_serves, &s)) {
        if (options->out == NULL) gb_message_artifact(command, to, "link");
        gb_log("shim store %s", unit->crate_name);
        return true;
    }
    gb_log("shim compile %s", unit->crate_name);
    if (!gb_shim_compile(unit, options, err)) return false;
    if (keyed && gb_objects_add(builder->objects, to, &digest, NULL)) {
        gb_digest_text(&digest, name);
        gb_objects_put_record(builder->objects, &key, name, NULL);
    }
    return true;
}

static bool macro_shim(gb_builder *builder, const gb_place *place, const gb_command *command,
                       const gb_unit *unit, const artifact *a, const gb_toolchain *guest,
                       const gb_shim_policy *policy, gb_error *err) {
    const gb_session *session = builder->session;
    gb_rustc rustc;
    const char *compiler = guest != NULL ? guest->rustc : gb_command_rustc(command);
    if (!gb_session_rustc(session, compiler, &rustc, err)) return false;
    char *folder = guest != NULL ? gb_place_side(session, place, GB_SIDE_GUEST)
                                 : gb_text_copy(place->out_dir);
    char *to = folder == NULL ? NULL : gb_place_library(place, folder, ".so");
    char *work = gb_path_join(place->folder, guest != NULL ? "guest-shim" : "shim");
    char *worker = gb_text_format("%s%s", session->worker, policy->native ? "-native" : "");
    gb_shim_options options = {.rustc = &rustc,
                               .guest = guest,
                               .home = session->home,
                               .work_dir = work,
                               .artifact = a->path,
                               .digest = a->digest,
                               .worker = worker,
                               .limits = &policy->words,
                               .out = guest != NULL ? to : NULL};
    bool ok = (to != NULL && work != NULL && worker != NULL) ||
              gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    ok = ok && gb_dir_make(folder, err) && make_shim(builder, command, unit, &options, to, err);
    gb_rustc_free(&rustc);
    free(folder);
    free(to);
    free(worker);
    free(work);
    return ok;
}

/* The guest's shim goes by the artifact's digest, for what was expanded with it is kept and names
 * it. */
static bool name_by_artifact(gb_unit *unit, const artifact *a, char name[GB_OWN_NAME],
                             gb_error *err) {
    snprintf(name, GB_OWN_NAME, "%.16s", a->digest);
    char *metadata = gb_text_copy(name), *extra = gb_text_format("-%s", name);
    free(unit->metadata);
    free(unit->extra_filename);
    unit->metadata = metadata;
    unit->extra_filename = extra;
    return (metadata != NULL && extra != NULL) || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

static bool guest_shim(gb_job *j, const gb_command *command, gb_unit *unit, const artifact *a,
                       const gb_shim_policy *policy, gb_error *err) {
    char name[GB_OWN_NAME];
    const gb_toolchain *guest = gb_builder_toolchain(j->builder, GB_SIDE_GUEST, err);
    if (guest == NULL || !name_by_artifact(unit, a, name, err) ||
        !macro_shim(j->builder, j->place, command, unit, a, guest, policy, err)) {
        return false;
    }
    char *folder = gb_place_side(j->builder->session, j->place, GB_SIDE_GUEST);
    char *path = folder == NULL ? NULL : gb_place_library(j->place, folder, ".so");
    bool ok = (path != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory")) &&
              gb_place_name(path, unit->crate_name, name, err);
    free(folder);
    free(path);
    return ok;
}

bool gb_macro_code(gb_builder *builder, const gb_unit *unit, gb_side *code, gb_error *err) {
    gb_shim_policy policy;
    if (!gb_shim_policy_make(builder->session, unit->package_name != NULL ? unit->package_name : "?",
                             unit->package_version != NULL ? unit->package_version : "", &policy, err))
        return false;
    *code = policy.native ? GB_SIDE_CONFINED : GB_SIDE_GUEST;
    gb_shim_policy_free(&policy);
    return true;
}

static bool find_policy(const gb_job *j, const gb_unit *unit, gb_shim_policy *policy,
                        gb_error *err) {
    const gb_session *session = j->builder->session;
    const char *name = unit->package_name != NULL ? unit->package_name : "?";
    const char *version = unit->package_version != NULL ? unit->package_version : "";
    if (!gb_shim_policy_make(session, name, version, policy, err) ||
        !gb_shim_policy_note(j->place->folder, name, version, policy, err)) {
        return false;
    }
    char *needs = gb_hint_needs(session, name, version);
    if (needs != NULL) gb_strings_add_format(&policy->words, "--needs=%s", needs);
    free(needs);
    return gb_strings_ok(&policy->words, err);
}

/* Cargo's own call: artifact, and the shim at Cargo's place. */
gb_made gb_macro_first(gb_job *j, const gb_command *command, const gb_unit *unit, gb_error *err) {
    artifact a = {0};
    gb_shim_policy policy = {0};
    gb_made made = make_artifact(j, &a, err);
    if (made == GB_MADE) {
        gb_message_pass(gb_buffer_text(&j->messages), j->messages.length);
        made = gb_made_if(find_policy(j, unit, &policy, err) &&
                          macro_shim(j->builder, j->place, command, unit, &a, NULL, &policy, err));
    }
    gb_shim_policy_free(&policy);
    free(a.path);
    return made;
}

/* ---- on demand ---------------------------------------------------------------------------- */

/* Natively a macro is the shim that Cargo's call made; it only has to be found among the libraries. */
static gb_made demand_native_macro(gb_job *j, gb_error *err) {
    char *from = gb_place_library(j->place, j->place->out_dir, ".so");
    char *folder = gb_place_side(j->builder->session, j->place, GB_SIDE_NATIVE);
    char *to = folder == NULL ? NULL : gb_place_library(j->place, folder, ".so");
    bool ok = (from != NULL && to != NULL) || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    ok = ok && gb_dir_make(folder, err) && gb_file_link_or_copy(from, to, err) &&
         gb_stamp_write(j->place, j->side, ".done", j->record->generation, "", err);
    free(from);
    free(folder);
    free(to);
    return gb_made_if(ok);
}

/* What a crate that was expanded with the macro depends on: its artifact, what it may read, and its
 * settings as gb_guest_identity has them. */
static bool keep_identity(const gb_job *j, const artifact *a, const gb_shim_policy *policy,
                          gb_error *err) {
    gb_artifact_origin origin;
    bool known = gb_artifact_origin_read(a->path, &origin, NULL);
    char *text = gb_text_format("%s%s%s.%s", a->digest, policy->identity[0] != '\0' ? "+" : "",
                                policy->identity, known ? origin.settings : "");
    bool ok = (text != NULL || gb_fail(err, GB_ERROR_MEMORY, "out of memory")) &&
              gb_stamp_write(j->place, j->side, ".key", j->record->generation, text, err);
    free(text);
    gb_artifact_origin_free(&origin);
    return ok;
}

/* As far as the record's generation has one, it is there already. */
static gb_made demand_artifact(gb_job *j, const gb_command *command, const gb_unit *unit, artifact *a,
                               gb_error *err) {
    if (artifact_load(j->place, j->record->generation, a) && gb_file_exists(a->path)) return GB_MADE;
    free(a->path);
    a->path = NULL;
    if (!gb_macro_code(j->builder, unit, &j->code, err)) return GB_MADE_BROKEN;
    gb_made made = gb_job_prepare(j, command, err);
    return made == GB_MADE ? make_artifact(j, a, err) : made;
}

static gb_made demand_guest_macro(gb_job *j, const gb_command *command, gb_error *err) {
    artifact a = {0};
    gb_unit unit;
    gb_shim_policy policy = {0};
    if (!gb_command_unit(command, j->record->cwd, &unit, err)) return GB_MADE_BROKEN;
    gb_made made = demand_artifact(j, command, &unit, &a, err);
    if (made == GB_MADE) {
        made = gb_made_if(find_policy(j, &unit, &policy, err) &&
                       guest_shim(j, command, &unit, &a, &policy, err) &&
                       keep_identity(j, &a, &policy, err) &&
                       gb_stamp_write(j->place, j->side, ".done", j->record->generation, "", err));
    }
    gb_unit_free(&unit);
    gb_shim_policy_free(&policy);
    free(a.path);
    return made;
}

gb_made gb_macro_demand(gb_job *j, const gb_command *command, gb_error *err) {
    return j->side == GB_SIDE_NATIVE ? demand_native_macro(j, err)
                                     : demand_guest_macro(j, command, err);
}
