#include "cargo/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"

extern char **environ;

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- the file ----------------------------------------------------------------------------- */

/* One list of the members that are text, for writing, reading and freeing. */
typedef struct text_member {
    const char *key;
    size_t offset;
} text_member;

#define MEMBER(name) {#name, offsetof(gb_session, name)}
static const text_member members[] = {
    MEMBER(build_root), MEMBER(home),    MEMBER(host),    MEMBER(guest_folder), MEMBER(guest_id),
    MEMBER(worker),     MEMBER(chained), MEMBER(rustdoc), MEMBER(cargo),
    MEMBER(cwd),        MEMBER(build_id), MEMBER(lock), MEMBER(policy),
};
#undef MEMBER
enum { MEMBER_COUNT = sizeof members / sizeof members[0] };

static char **member_of(gb_session *session, size_t i) {
    return (char **)((char *)session + members[i].offset);
}

static bool write_file(gb_session *session, gb_error *err) {
    gb_buffer text = {0};
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL;
    for (size_t i = 0; ok && i < MEMBER_COUNT; i++) {
        const char *value = *member_of(session, i);
        ok = value == NULL || cJSON_AddStringToObject(object, members[i].key, value) != NULL;
    }
    ok = ok && gb_json_add_texts(object, "metadata", &session->metadata) &&
         gb_json_add_texts(object, "limits", &session->limits) &&
         gb_json_print(&text, object, true);
    if (!ok) no_memory(err);
    char *path = gb_path_join(session->folder, "session.json");
    ok = ok && (path != NULL || no_memory(err)) &&
         gb_file_write_text(path, gb_buffer_text(&text), err);
    free(path);
    gb_buffer_free(&text);
    cJSON_Delete(object);
    return ok;
}

bool gb_session_load(const char *folder, gb_session *session, gb_error *err) {
    *session = (gb_session){0};
    gb_buffer text = {0};
    char *path = gb_path_join(folder, "session.json");
    cJSON *object = NULL;
    bool ok = (path != NULL || no_memory(err)) && gb_file_read(path, &text, err);
    if (ok) object = gb_json_parse(gb_buffer_text(&text), text.length, path, err);
    ok = object != NULL;
    for (size_t i = 0; ok && i < MEMBER_COUNT; i++) {
        const char *value = gb_json_text(object, members[i].key);
        if (value == NULL) continue;
        *member_of(session, i) = gb_text_copy(value);
        ok = *member_of(session, i) != NULL || no_memory(err);
    }
    if (ok && (session->build_root == NULL || session->home == NULL || session->rustdoc == NULL)) {
        ok = gb_fail(err, GB_ERROR_MALFORMED, "%s lacks a member", path);
    }
    if (ok) {
        gb_json_texts(object, "metadata", &session->metadata);
        gb_json_texts(object, "limits", &session->limits);
        session->folder = gb_text_copy(folder);
        session->state = gb_path_join(session->build_root, ".glovebox");
        ok = (session->folder != NULL && session->state != NULL) || no_memory(err);
    }
    cJSON_Delete(object);
    gb_buffer_free(&text);
    free(path);
    if (!ok) gb_session_free(session);
    return ok;
}

void gb_session_free(gb_session *session) {
    for (size_t i = 0; i < MEMBER_COUNT; i++) free(*member_of(session, i));
    free(session->folder);
    free(session->state);
    gb_strings_free(&session->metadata);
    gb_strings_free(&session->limits);
    *session = (gb_session){0};
}

/* ---- the environment that Cargo started with ---------------------------------------------- */

enum { ENV_KEY_BYTES = 16 };

/* Under a key of this session's own, so that the file says nothing about the values. */
static void env_digest(const char *key, const char *entry, char text[GB_DIGEST_TEXT]) {
    gb_hash hash;
    gb_digest digest;
    gb_hash_init(&hash);
    gb_hash_text(&hash, key);
    gb_hash_text(&hash, entry);
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
}

static bool write_env(const gb_session *session, gb_error *err) {
    uint8_t random[ENV_KEY_BYTES];
    char key[2 * ENV_KEY_BYTES + 1], digest[GB_DIGEST_TEXT];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return gb_fail_errno(err, "cannot get random bytes");
    }
    for (int i = 0; i < ENV_KEY_BYTES; i++) snprintf(key + 2 * i, 3, "%02x", random[i]);
    gb_buffer text = {0};
    bool ok = gb_buffer_append_format(&text, "%s\n", key);
    for (char **e = environ; ok && *e != NULL; e++) {
        env_digest(key, *e, digest);
        ok = gb_buffer_append_format(&text, "%s\n", digest);
    }
    char *path = gb_path_join(session->folder, "env");
    ok = (ok && path != NULL) || no_memory(err);
    ok = ok && gb_file_write(path, text.data, text.length, 0600, err);
    free(path);
    gb_buffer_free(&text);
    return ok;
}

typedef struct base_env {
    gb_strings lines; /* [0] is the key */
} base_env;

static bool base_env_load(const gb_session *session, base_env *base, gb_error *err) {
    *base = (base_env){0};
    gb_buffer text = {0};
    char *path = gb_path_join(session->folder, "env");
    bool ok = (path != NULL || no_memory(err)) && gb_file_read(path, &text, err);
    if (ok) gb_text_split(&base->lines, gb_buffer_text(&text), '\n');
    ok = ok && gb_strings_ok(&base->lines, err);
    if (ok && base->lines.count == 0) ok = gb_fail(err, GB_ERROR_MALFORMED, "%s is empty", path);
    gb_buffer_free(&text);
    free(path);
    if (!ok) gb_strings_free(&base->lines);
    return ok;
}

static bool base_env_has(const base_env *base, const char *entry) {
    char digest[GB_DIGEST_TEXT];
    env_digest(base->lines.items[0], entry, digest);
    for (size_t i = 1; i < base->lines.count; i++) {
        if (strcmp(base->lines.items[i], digest) == 0) return true;
    }
    return false;
}

/* The job server's pipe is of this Cargo process; a recorded one would be stale. */
static bool of_the_moment(const char *entry) {
    static const char *const names[] = {"CARGO_MAKEFLAGS=", "MAKEFLAGS=", "MFLAGS=",
                                        GB_SESSION_ENV "=", "GLOVEBOX_GRANTS="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (gb_text_starts(entry, names[i])) return true;
    }
    return false;
}

bool gb_session_unit_env(const gb_session *session, gb_strings *out, gb_error *err) {
    base_env base;
    if (!base_env_load(session, &base, err)) return false;
    for (char **e = environ; *e != NULL; e++) {
        if (!of_the_moment(*e) && !base_env_has(&base, *e)) gb_strings_add(out, *e);
    }
    gb_strings_free(&base.lines);
    return gb_strings_ok(out, err);
}

static bool has_name(const gb_strings *list, const char *entry) {
    size_t length = strcspn(entry, "=") + 1;
    for (size_t i = 0; i < list->count; i++) {
        if (strncmp(list->items[i], entry, length) == 0) return true;
    }
    return false;
}

bool gb_session_env_for(const gb_session *session, const gb_strings *unit_env, gb_strings *out,
                        gb_error *err) {
    base_env base;
    if (!base_env_load(session, &base, err)) return false;
    for (char **e = environ; *e != NULL; e++) {
        bool keep = of_the_moment(*e) || base_env_has(&base, *e);
        if (keep && !has_name(unit_env, *e)) gb_strings_add(out, *e);
    }
    gb_strings_add_all(out, unit_env);
    gb_strings_free(&base.lines);
    return gb_strings_ok(out, err);
}

/* ---- life --------------------------------------------------------------------------------- */

/* Locks without waiting; -1 when somebody else holds it. */
static int try_lock(const char *folder) {
    char *path = gb_path_join(folder, "lock");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* What killed sessions left. A folder this second in the making has no lock yet: leave it an hour. */
static void remove_dead(const char *parent) {
    gb_strings names = {0};
    if (!gb_dir_list(parent, &names, NULL)) return;
    for (size_t i = 0; i < names.count; i++) {
        char *folder = gb_path_join(parent, names.items[i]);
        int64_t made = folder == NULL ? -1 : gb_file_mtime(folder);
        if (made >= 0 && (int64_t)time(NULL) - made / 1000000000 > 3600) {
            int lock = try_lock(folder);
            if (lock >= 0) {
                gb_path_remove(folder, NULL);
                close(lock);
            }
        }
        free(folder);
    }
    gb_strings_free(&names);
}

bool gb_session_create(gb_session *session, int *lock, gb_error *err) {
    *lock = -1;
    session->state = gb_path_join(session->build_root, ".glovebox");
    char *parent = session->state == NULL ? NULL : gb_path_join(session->state, "session");
    if (parent == NULL) return no_memory(err);
    bool ok = gb_dir_make(parent, err);
    if (ok) remove_dead(parent);
    if (ok) session->folder = gb_dir_make_temporary(parent, "", err);
    free(parent);
    if (session->folder == NULL) return false;
    *lock = try_lock(session->folder);
    if (*lock < 0) ok = gb_fail_errno(err, "cannot lock %s", session->folder);
    ok = ok && write_file(session, err);
    if (!ok) {
        gb_session_remove(session, *lock);
        *lock = -1;
        return false;
    }
    return write_env(session, err);
}

void gb_session_remove(gb_session *session, int lock) {
    if (session->folder != NULL) gb_path_remove(session->folder, NULL);
    if (lock >= 0) close(lock);
}

/* ---- the compiler ------------------------------------------------------------------------- */

static bool rustc_from_text(const char *text, size_t length, const char *path, gb_rustc *out) {
    cJSON *object = gb_json_parse(text, length, path, NULL);
    if (object == NULL) return false;
    const char *keys[] = {"path", "version", "verbose", "host", "id"};
    char **places[] = {&out->path, &out->version, &out->verbose, &out->host, &out->id};
    bool ok = true;
    for (int i = 0; i < 5; i++) {
        const char *value = gb_json_text(object, keys[i]);
        *places[i] = value == NULL ? NULL : gb_text_copy(value);
        ok = ok && *places[i] != NULL;
    }
    out->unstable = gb_json_bool(object, "unstable", false);
    cJSON_Delete(object);
    if (!ok) gb_rustc_free(out);
    return ok;
}

static void rustc_keep(const gb_rustc *rustc, const char *path) {
    cJSON *object = cJSON_CreateObject();
    gb_buffer text = {0};
    bool ok = object != NULL && cJSON_AddStringToObject(object, "path", rustc->path) != NULL &&
              cJSON_AddStringToObject(object, "version", rustc->version) != NULL &&
              cJSON_AddStringToObject(object, "verbose", rustc->verbose) != NULL &&
              cJSON_AddStringToObject(object, "host", rustc->host) != NULL &&
              cJSON_AddStringToObject(object, "id", rustc->id) != NULL &&
              cJSON_AddBoolToObject(object, "unstable", rustc->unstable) != NULL &&
              gb_json_print(&text, object, false);
    /* Kept only to save a process; without it the next wrapper asks again. */
    if (ok) gb_file_write_text(path, gb_buffer_text(&text), NULL);
    gb_buffer_free(&text);
    cJSON_Delete(object);
}

bool gb_session_rustc(const gb_session *session, const char *rustc, gb_rustc *out, gb_error *err) {
    *out = (gb_rustc){0};
    gb_hash hash;
    gb_digest digest;
    char name[GB_DIGEST_TEXT];
    gb_hash_init(&hash);
    gb_hash_text(&hash, rustc);
    gb_hash_text(&hash, getenv("RUSTC_BOOTSTRAP")); /* a unit's own environment may set it */
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, name);
    char *path = gb_text_format("%s/rustc-%.16s.json", session->folder, name);
    if (path == NULL) return no_memory(err);
    gb_buffer text = {0};
    bool ok = gb_file_exists(path) && gb_file_read(path, &text, NULL) &&
              rustc_from_text(gb_buffer_text(&text), text.length, path, out);
    if (!ok) {
        ok = gb_rustc_probe(rustc, out, err);
        if (ok) rustc_keep(out, path);
    }
    gb_buffer_free(&text);
    free(path);
    return ok;
}
