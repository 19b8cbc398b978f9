#include "cargo/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"

extern char **environ;

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- kinds -------------------------------------------------------------------------------- */

/* Cargo sets all of these for a build script and none of NUM_JOBS, HOST, PROFILE for rustc.
 * https://doc.rust-lang.org/cargo/reference/environment-variables.html */
bool gb_called_by_build_script(void) {
    static const char *const names[] = {"OUT_DIR", "NUM_JOBS", "HOST",
                                        "TARGET",  "PROFILE",  "RUSTC"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (getenv(names[i]) == NULL) return false;
    }
    return true;
}

static bool emits_code(const gb_unit *unit) {
    for (size_t i = 0; i < unit->emit.count; i++) {
        const char *rest = gb_text_after(unit->emit.items[i], "link");
        if (rest != NULL && (*rest == '\0' || *rest == '=')) return true;
    }
    return false;
}

static bool under_build_root(const gb_session *session, const char *cwd, const char *path) {
    char *absolute = gb_path_absolute(cwd, path);
    bool under = absolute != NULL && gb_path_under(absolute, session->build_root) != NULL;
    free(absolute);
    return under;
}

gb_unit_kind gb_unit_classify(const gb_session *session, const gb_command *command,
                              const gb_unit *unit) {
    if (unit->crate_name == NULL || unit->input == NULL || unit->out_dir == NULL ||
        gb_command_has(command, "--print") || gb_called_by_build_script() ||
        !under_build_root(session, unit->cwd, unit->out_dir)) {
        return GB_UNIT_FOREIGN;
    }
    if (gb_command_value(command, "--target") != NULL) return GB_UNIT_TARGET;
    if (!emits_code(unit)) return GB_UNIT_CHECK;
    if (unit->test) return GB_UNIT_PROGRAM;
    if (gb_unit_makes(unit, "proc-macro")) return GB_UNIT_MACRO;
    if (gb_unit_makes(unit, "lib") || gb_unit_makes(unit, "rlib")) return GB_UNIT_LIBRARY;
    return GB_UNIT_PROGRAM;
}

const char *gb_side_name(gb_side side) {
    static const char *const names[GB_SIDES] = {
        [GB_SIDE_GUEST] = "guest", [GB_SIDE_NATIVE] = "native", [GB_SIDE_CONFINED] = "confined"};
    return names[side];
}

/* ---- places ------------------------------------------------------------------------------- */

static bool make_place(const gb_session *session, const char *out_dir, char *name,
                       gb_place *place) {
    *place = (gb_place){.name = name, .out_dir = gb_text_copy(out_dir)};
    const char *rel = place->out_dir == NULL
                          ? NULL
                          : gb_path_under(place->out_dir, session->build_root);
    place->rel = rel == NULL ? NULL : gb_text_copy(rel);
    if (place->rel != NULL && name != NULL) {
        place->folder = gb_text_format("%s/unit/%s/%s", session->state, rel, name);
    }
    if (place->folder != NULL) return true;
    gb_place_free(place);
    return false;
}

void gb_place_free(gb_place *place) {
    free(place->rel);
    free(place->name);
    free(place->out_dir);
    free(place->folder);
    *place = (gb_place){0};
}

bool gb_place_of_unit(const gb_session *session, const gb_unit *unit, gb_place *place,
                      gb_error *err) {
    char *out_dir = gb_path_absolute(unit->cwd, unit->out_dir);
    char *name = gb_text_format("%s%s", unit->crate_name,
                                unit->extra_filename != NULL ? unit->extra_filename : "");
    bool ok = out_dir != NULL && make_place(session, out_dir, name, place);
    if (out_dir == NULL) free(name);
    free(out_dir);
    return ok || no_memory(err);
}

static bool has_record(const gb_place *place) {
    char *path = gb_path_join(place->folder, "record.json");
    bool has = path != NULL && gb_file_exists(path);
    free(path);
    return has;
}

bool gb_place_of_file(const gb_session *session, const char *cwd, const char *path, gb_place *place,
                      const char **file) {
    *place = (gb_place){0};
    *file = gb_path_name(path);
    const char *stem = gb_text_after(*file, "lib");
    const char *dot = stem == NULL ? NULL : strrchr(stem, '.');
    char *absolute = dot == NULL ? NULL : gb_path_absolute(cwd, path);
    char *out_dir = absolute == NULL ? NULL : gb_path_parent(absolute);
    bool ok = false;
    if (out_dir != NULL && gb_path_under(out_dir, session->build_root) != NULL) {
        ok = make_place(session, out_dir, gb_text_copy_n(stem, (size_t)(dot - stem)), place);
    }
    free(absolute);
    free(out_dir);
    if (ok && !has_record(place)) {
        gb_place_free(place);
        ok = false;
    }
    return ok;
}

char *gb_place_side(const gb_session *session, const gb_place *place, gb_side side) {
    return gb_text_format("%s/%s/%s", session->state, gb_side_name(side), place->rel);
}

char *gb_place_stamp(const gb_place *place, gb_side side, const char *suffix) {
    return gb_text_format("%s/%s%s", place->folder, gb_side_name(side), suffix);
}

char *gb_side_folder(const gb_session *session, const char *cwd, const char *path, gb_side side) {
    char *absolute = gb_path_absolute(cwd, path);
    const char *rel = absolute == NULL ? NULL : gb_path_under(absolute, session->build_root);
    char *folder = rel == NULL
                       ? NULL
                       : gb_text_format("%s/%s/%s", session->state, gb_side_name(side), rel);
    free(absolute);
    return folder;
}

/* ---- records ------------------------------------------------------------------------------ */

enum { GENERATION_BYTES = 16 };

static char *new_generation(void) {
    uint8_t random[GENERATION_BYTES];
    char text[2 * GENERATION_BYTES + 1];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return NULL;
    for (int i = 0; i < GENERATION_BYTES; i++) snprintf(text + 2 * i, 3, "%02x", random[i]);
    return gb_text_copy(text);
}

static bool print_record(const gb_record *record, gb_buffer *out) {
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL &&
              cJSON_AddBoolToObject(object, "macro", record->macro) != NULL &&
              cJSON_AddStringToObject(object, "generation", record->generation) != NULL &&
              cJSON_AddStringToObject(object, "cwd", record->cwd) != NULL &&
              gb_json_add_texts(object, "argv", &record->argv) &&
              gb_json_add_texts(object, "env", &record->env) && gb_json_print(out, object, true);
    cJSON_Delete(object);
    return ok;
}

bool gb_record_write(const gb_session *session, const gb_place *place, const gb_command *command,
                     const char *cwd, bool macro, gb_record *record, gb_error *err) {
    *record = (gb_record){.macro = macro, .generation = new_generation(), .cwd = gb_text_copy(cwd)};
    gb_buffer text = {0};
    char *path = gb_path_join(place->folder, "record.json");
    gb_command_argv(command, &record->argv);
    bool ok = gb_session_unit_env(session, &record->env, err) && gb_strings_ok(&record->argv, err);
    if (ok && (record->generation == NULL || record->cwd == NULL || path == NULL ||
               !print_record(record, &text))) {
        ok = no_memory(err);
    }
    /* Only its owner may read it: a variable of the unit could hold a secret of the user's. */
    ok = ok && gb_dir_make(place->folder, err) &&
         gb_file_write(path, text.data, text.length, 0600, err);
    gb_buffer_free(&text);
    free(path);
    if (!ok) gb_record_free(record);
    return ok;
}

bool gb_record_read(const gb_place *place, gb_record *record, gb_error *err) {
    *record = (gb_record){0};
    gb_buffer text = {0};
    char *path = gb_path_join(place->folder, "record.json");
    bool ok = (path != NULL || no_memory(err)) && gb_file_read(path, &text, err);
    cJSON *object = ok ? gb_json_parse(gb_buffer_text(&text), text.length, path, err) : NULL;
    ok = object != NULL;
    if (ok) {
        const char *generation = gb_json_text(object, "generation");
        const char *cwd = gb_json_text(object, "cwd");
        record->macro = gb_json_bool(object, "macro", false);
        gb_json_texts(object, "argv", &record->argv);
        gb_json_texts(object, "env", &record->env);
        if (generation == NULL || cwd == NULL || record->argv.count == 0) {
            ok = gb_fail(err, GB_ERROR_MALFORMED, "%s lacks a member", path);
        } else {
            record->generation = gb_text_copy(generation);
            record->cwd = gb_text_copy(cwd);
            ok = (record->generation != NULL && record->cwd != NULL) || no_memory(err);
        }
    }
    cJSON_Delete(object);
    gb_buffer_free(&text);
    free(path);
    if (!ok) gb_record_free(record);
    return ok;
}

void gb_record_free(gb_record *record) {
    free(record->generation);
    free(record->cwd);
    gb_strings_free(&record->argv);
    gb_strings_free(&record->env);
    *record = (gb_record){0};
}

bool gb_record_enter(const gb_session *session, const gb_record *record, gb_stay *stay,
                     gb_error *err) {
    *stay = (gb_stay){.before = environ};
    if (!gb_session_env_for(session, &record->env, &stay->env, err)) {
        gb_strings_free(&stay->env);
        return false;
    }
    environ = stay->env.items;
    return true;
}

void gb_record_leave(gb_stay *stay) {
    environ = stay->before;
    gb_strings_free(&stay->env);
}

/* ---- stamps ------------------------------------------------------------------------------- */

char *gb_stamp_read(const gb_place *place, gb_side side, const char *suffix,
                    const char *generation) {
    gb_buffer text = {0};
    char *path = gb_place_stamp(place, side, suffix), *rest = NULL;
    if (path != NULL && gb_file_exists(path) && gb_file_read(path, &text, NULL)) {
        const char *below = gb_text_after(gb_buffer_text(&text), generation);
        if (below != NULL && *below == '\n') rest = gb_text_copy(below + 1);
    }
    gb_buffer_free(&text);
    free(path);
    return rest;
}

bool gb_stamp_write(const gb_place *place, gb_side side, const char *suffix, const char *generation,
                    const char *text, gb_error *err) {
    char *path = gb_place_stamp(place, side, suffix);
    char *all = gb_text_format("%s\n%s", generation, text);
    bool ok = (path != NULL && all != NULL) || no_memory(err);
    ok = ok && gb_file_write_text(path, all, err);
    free(path);
    free(all);
    return ok;
}
