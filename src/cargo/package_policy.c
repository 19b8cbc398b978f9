#include "cargo/package_policy.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "manifest/manifest_policy.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

void gb_shim_policy_free(gb_shim_policy *policy) {
    gb_strings_free(&policy->words);
}

/* A file's name: Cargo's rules for names and versions leave no '/' in them. */
static char *file_of(const gb_session *session, const char *package, const char *version,
                     gb_error *err) {
    char *folder = gb_path_join(session->state, "policy");
    char *path = folder == NULL || strchr(package, '/') != NULL || strchr(version, '/') != NULL
                     ? NULL
                     : gb_text_format("%s/%s-%s.policy", folder, package, version);
    bool ok = (path != NULL || no_memory(err)) && gb_dir_make(folder, err);
    free(folder);
    if (ok) return path;
    free(path);
    return NULL;
}

static void digest_of(const gb_strings *words, const gb_buffer *file, char text[GB_DIGEST_TEXT]) {
    gb_hash hash;
    gb_digest digest;
    gb_hash_init(&hash);
    for (size_t i = 0; i < words->count; i++) gb_hash_text(&hash, words->items[i]);
    gb_hash_text(&hash, gb_buffer_text(file));
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
}

/* Writes or removes the file. */
static bool settle_file(const gb_session *session, const gb_package_policy *policy,
                        gb_shim_policy *out, gb_buffer *text, gb_error *err) {
    const gb_grants *grants = &policy->grants;
    char *path = file_of(session, grants->package, grants->version, err);
    bool ok = path != NULL;
    if (ok && policy->any) {
        static const gb_strings none = {0};
        ok = (gb_grants_print(grants, text) || no_memory(err)) &&
             gb_file_write_if_changed(path, text->data, text->length, err);
        gb_strings_add_format(&out->words, "--policy=%s", path);
        digest_of(&none, text, out->identity);
    } else if (ok) {
        unlink(path);
    }
    free(path);
    return ok;
}

bool gb_shim_policy_make(const gb_session *session, const char *package, const char *version,
                         gb_shim_policy *out, gb_error *err) {
    gb_manifest_policy manifest = {0};
    gb_package_policy policy = {0};
    gb_buffer text = {0};
    *out = (gb_shim_policy){0};
    bool ok = true;
    if (session->policy != NULL) {
        ok = gb_manifest_policy_parse(session->policy, &manifest, err) &&
             gb_manifest_policy_for(&manifest, package, version, &policy, err);
        if (ok) gb_strings_add_all(&out->words, &policy.words);
        out->native = ok && policy.grants.native;
        if (out->native) gb_strings_add(&out->words, "--native");
        ok = ok && settle_file(session, &policy, out, &text, err);
    }
    gb_strings_add_all(&out->words, &session->limits); /* the user's variables have the last word */
    ok = ok && gb_strings_ok(&out->words, err);
    digest_of(&out->words, &text, out->digest);
    gb_buffer_free(&text);
    gb_package_policy_free(&policy);
    gb_manifest_policy_free(&manifest);
    if (!ok) gb_shim_policy_free(out);
    return ok;
}

/* ---- notes ----------------------------------------------------------------------------------- */

bool gb_shim_policy_note(const char *folder, const char *package, const char *version,
                         const gb_shim_policy *policy, gb_error *err) {
    char *path = gb_path_join(folder, "policy");
    char *text = gb_text_format("%s\n%s\n%s\n", package, version, policy->digest);
    bool ok =
        ((path != NULL && text != NULL) || no_memory(err)) && gb_file_write_text(path, text, err);
    free(path);
    free(text);
    return ok;
}

bool gb_shim_policy_changed(const gb_session *session, const char *folder) {
    gb_buffer text = {0};
    gb_strings lines = {0};
    gb_shim_policy now;
    bool changed = false;
    char *path = gb_path_join(folder, "policy");
    if (path != NULL && gb_file_exists(path) && gb_file_read(path, &text, NULL)) {
        gb_text_split(&lines, gb_buffer_text(&text), '\n');
        /* One that cannot be had is another: who makes the unit anew says why. */
        bool made = lines.count >= 3 &&
                    gb_shim_policy_make(session, lines.items[0], lines.items[1], &now, NULL);
        changed = !made || strcmp(now.digest, lines.items[2]) != 0;
        if (made) gb_shim_policy_free(&now);
    }
    gb_strings_free(&lines);
    gb_buffer_free(&text);
    free(path);
    return changed;
}

/* ---- grants to nobody, and by nobody ------------------------------------------------------------------- */

static void warn_of_unheeded(const gb_manifest_policy *policy, gb_strings *warnings) {
    gb_buffer text = {0};
    const gb_strings *list = &policy->unheeded;
    for (size_t i = 0; i < list->count; i++) {
        gb_buffer_append_format(&text, "%s%s", i == 0 ? "" : i + 1 < list->count ? ", " : " and ", list->items[i]);
    }
    if (list->count > 0) {
        gb_strings_add_format(warnings,
                              "[package.metadata.glovebox] of %s is not obeyed, since a workspace has one policy: move it to "
                              "[workspace.metadata.glovebox] of %s",
                              gb_buffer_text(&text), policy->manifest);
    }
    gb_buffer_free(&text);
}

void gb_policy_warnings(const gb_session *session, gb_strings *warnings) {
    gb_manifest_policy policy;
    gb_buffer text = {0};
    gb_strings unused = {0};
    if (session->policy == NULL || !gb_manifest_policy_parse(session->policy, &policy, NULL))
        return;
    char *folder = gb_path_parent(policy.manifest);
    char *lock = folder == NULL ? NULL : gb_path_join(folder, "Cargo.lock");
    if (lock != NULL && gb_file_exists(lock) && gb_file_read(lock, &text, NULL)) {
        gb_manifest_policy_unused(&policy, gb_buffer_text(&text), &unused);
    }
    warn_of_unheeded(&policy, warnings);
    for (size_t i = 0; i < unused.count; i++) {
        gb_strings_add_format(warnings, "%s grants something to `%s`, which is not in this build",
                              policy.manifest, unused.items[i]);
    }
    gb_strings_free(&unused);
    gb_buffer_free(&text);
    free(folder);
    free(lock);
    gb_manifest_policy_free(&policy);
}
