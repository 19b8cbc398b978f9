#include "record/lockfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "record/lock_artifact.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* The lists of a package, in the order in which they are written. */
static const struct {
    const char *key, *verb;
    size_t offset;
} lists[] = {
    {"artifacts", NULL, offsetof(gb_lockfile_package, artifacts)},
    {"powers", "uses", offsetof(gb_lockfile_package, powers)},
    {"grants", "uses the grant", offsetof(gb_lockfile_package, grants)},
    {"withheld", "asks for", offsetof(gb_lockfile_package, withheld)},
    {"output", "generates", offsetof(gb_lockfile_package, output)},
};
enum { LISTS = sizeof lists / sizeof *lists, ARTIFACTS = 0 };

static gb_strings *list_at(const gb_lockfile_package *package, size_t i) {
    return (gb_strings *)((char *)(uintptr_t)package + lists[i].offset);
}

/* ---- making and freeing --------------------------------------------------------------------------- */

static void free_package(gb_lockfile_package *package) {
    free(package->name);
    free(package->version);
    for (size_t i = 0; i < LISTS; i++) gb_strings_free(list_at(package, i));
}

void gb_lockfile_free(gb_lockfile *lock) {
    for (size_t i = 0; i < lock->count; i++) free_package(&lock->packages[i]);
    free(lock->packages);
    *lock = (gb_lockfile){0};
}

static gb_lockfile_package *new_package(gb_lockfile *lock) {
    gb_lockfile_package *grown = realloc(lock->packages, (lock->count + 1) * sizeof *grown);
    if (!grown) return NULL;
    lock->packages = grown;
    grown[lock->count] = (gb_lockfile_package){0};
    return &grown[lock->count++];
}

static gb_lockfile_package *find(const gb_lockfile *lock, const char *name, const char *version) {
    for (size_t i = 0; i < lock->count; i++) {
        gb_lockfile_package *p = &lock->packages[i];
        if (strcmp(p->name, name) == 0 && strcmp(p->version, version) == 0) return p;
    }
    return NULL;
}

static gb_lockfile_package *package_of(gb_lockfile *lock, const char *name, const char *version) {
    gb_lockfile_package *package = find(lock, name, version);
    if (package || !(package = new_package(lock))) return package;
    package->name = gb_text_copy(name);
    package->version = gb_text_copy(version);
    if (package->name && package->version) return package;
    free_package(package);
    lock->count--;
    return NULL;
}

static void add_once(gb_strings *list, const char *text) {
    if (!gb_strings_has(list, text)) gb_strings_add(list, text);
}

/* ---- reading ---------------------------------------------------------------------------------------- */

typedef struct reader {
    const char *at, *end; /* of the line */
    size_t line;
    gb_error *err;
} reader;

static bool bad(const reader *r, const char *what) {
    return gb_fail(r->err, GB_ERROR_MALFORMED,
                   "glovebox.lock: line %zu: %s (remove the file to have it made anew)", r->line, what);
}

static bool take(reader *r, const char *text) {
    size_t length = strlen(text);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, text, length) != 0) return false;
    r->at += length;
    return true;
}

/* toml: a basic string, of which we write the escapes of quote and backslash only. */
static bool take_string(reader *r, gb_buffer *out) {
    gb_buffer_clear(out);
    if (!take(r, "\"")) return bad(r, "a string is expected here");
    for (; r->at < r->end; r->at++) {
        char c = *r->at;
        if (c == '"') {
            r->at++;
            return gb_buffer_append(out, "", 0) || no_memory(r->err);
        }
        if (c == '\\' && r->end - r->at > 1 && (r->at[1] == '\\' || r->at[1] == '"')) c = *++r->at;
        else if ((unsigned char)c < 0x20 || c == 0x7f || c == '\\')
            return bad(r, "a string has a character that it cannot have");
        if (!gb_buffer_append(out, &c, 1)) return no_memory(r->err);
    }
    return bad(r, "a string has no end");
}

static bool take_list(reader *r, gb_strings *list) {
    gb_buffer text = {0};
    bool ok = take(r, "[") || bad(r, "a list is expected here");
    while (ok && !take(r, "]")) {
        ok = take_string(r, &text);
        if (ok) gb_strings_add(list, gb_buffer_text(&text));
        if (ok && !take(r, ", ") && !(r->at < r->end && *r->at == ']')) {
            ok = bad(r, "`, ` or `]` is expected here");
        }
    }
    gb_buffer_free(&text);
    return ok && gb_strings_ok(list, r->err);
}

static bool take_text(reader *r, char **out) {
    gb_buffer text = {0};
    bool ok = take_string(r, &text);
    if (ok && *out) ok = bad(r, "that was said already");
    if (ok) {
        *out = gb_text_copy(gb_buffer_text(&text));
        ok = *out || no_memory(r->err);
    }
    gb_buffer_free(&text);
    return ok;
}

static bool take_member(reader *r, gb_lockfile_package *package) {
    if (take(r, "name = ")) return take_text(r, &package->name);
    if (take(r, "version = ")) return take_text(r, &package->version);
    for (size_t i = 0; i < LISTS; i++) {
        const char *start = r->at;
        if (take(r, lists[i].key) && take(r, " = ")) {
            gb_strings *list = list_at(package, i);
            return list->count ? bad(r, "that was said already") : take_list(r, list);
        }
        r->at = start;
    }
    return bad(r, "there is no such member");
}

/* The package that ends here has all that it must have. */
static bool end_package(const reader *r, const gb_lockfile *lock) {
    if (lock->count == 0) return true;
    const gb_lockfile_package *last = &lock->packages[lock->count - 1];
    if (!last->name || !last->version) return bad(r, "the package before has no name or no version");
    if (find(lock, last->name, last->version) != last) return bad(r, "the package before is there twice");
    return true;
}

static bool take_line(reader *r, gb_lockfile *lock, bool *versioned) {
    if (r->at == r->end || *r->at == '#') return true;
    bool ok;
    if (take(r, "[[package]]")) {
        ok = *versioned || bad(r, "`version = 1` is missing before it");
        ok = ok && end_package(r, lock) && (new_package(lock) || no_memory(r->err));
    } else if (lock->count == 0) {
        ok = take(r, "version = 1") || bad(r, "this is not `version = 1`: another Glovebox wrote it");
        *versioned = true;
    } else {
        ok = take_member(r, &lock->packages[lock->count - 1]);
    }
    return ok && (r->at == r->end || bad(r, "more stands on the line than it can have"));
}

bool gb_lockfile_parse(const char *text, size_t length, gb_lockfile *out, gb_error *err) {
    *out = (gb_lockfile){0};
    const char *end = text + length;
    reader r = {.err = err};
    bool versioned = false;
    bool ok = (length <= GB_LOCKFILE_BYTES && memchr(text, 0, length) == NULL &&
               gb_utf8_valid((const uint8_t *)text, length)) ||
              gb_fail(err, GB_ERROR_MALFORMED, "glovebox.lock is no text, or too long");
    for (r.at = text; ok && r.at < end;) {
        const char *newline = memchr(r.at, '\n', (size_t)(end - r.at));
        r.end = newline ? newline : end;
        r.line++;
        ok = take_line(&r, out, &versioned);
        r.at = newline ? newline + 1 : end;
    }
    ok = ok && end_package(&r, out);
    if (!ok) gb_lockfile_free(out);
    return ok;
}

/* ---- writing ---------------------------------------------------------------------------------------- */

static bool put_string(gb_buffer *out, const char *text) {
    bool ok = gb_buffer_append_text(out, "\"");
    for (; ok && *text; text++) {
        if (*text == '"' || *text == '\\') ok = gb_buffer_append_text(out, "\\");
        ok = ok && gb_buffer_append(out, text, 1);
    }
    return ok && gb_buffer_append_text(out, "\"");
}

static bool put_list(gb_buffer *out, const char *key, gb_strings *list) {
    if (list->count == 0) return true;
    gb_strings_sort(list);
    bool ok = gb_buffer_append_format(out, "%s = [", key);
    for (size_t i = 0; ok && i < list->count; i++) {
        ok = (i == 0 || gb_buffer_append_text(out, ", ")) && put_string(out, list->items[i]);
    }
    return ok && gb_buffer_append_text(out, "]\n");
}

static int by_name(const void *a, const void *b) {
    const gb_lockfile_package *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->version, y->version);
}

bool gb_lockfile_print(gb_lockfile *lock, gb_buffer *out) {
    if (lock->count) qsort(lock->packages, lock->count, sizeof *lock->packages, by_name);
    bool ok = gb_buffer_append_text(out, "# What the macros of this workspace ask for and generate. "
                                         "Written by `cargo glovebox`.\nversion = 1\n");
    for (size_t i = 0; ok && i < lock->count; i++) {
        gb_lockfile_package *p = &lock->packages[i];
        ok = gb_buffer_append_text(out, "\n[[package]]\nname = ") && put_string(out, p->name) &&
             gb_buffer_append_text(out, "\nversion = ") && put_string(out, p->version) &&
             gb_buffer_append_text(out, "\n");
        for (size_t k = 0; ok && k < LISTS; k++) ok = put_list(out, lists[k].key, list_at(p, k));
    }
    return ok;
}

/* ---- of an activity ---------------------------------------------------------------------------------- */

static bool is_path(gb_power power) {
    return power == GB_POWER_READ || power == GB_POWER_LIST || power == GB_POWER_WRITE;
}

/* A path of this machine means nothing on another: below the workspace it is relative, in Cargo's
 * registry it is the package's, anywhere else it is elsewhere. */
static char *portable(const char *path, const char *root) {
    const char *below = gb_path_under(path, root), *sources = strstr(path, "/registry/src/");
    if (below) return gb_text_copy(*below ? below : ".");
    const char *package = sources ? strchr(sources + strlen("/registry/src/"), '/') : NULL;
    return package ? gb_text_format("$REGISTRY%s", package) : gb_text_copy("elsewhere");
}

static void add_asked(gb_lockfile_package *p, const gb_activity_asked *a, const char *root) {
    const char *power = gb_power_name(a->power);
    if (a->answer == GB_SUBSTITUTED) return;
    bool granted = a->answer == GB_GRANTED;
    if (granted && (a->by_default || !*a->name)) {
        add_once(&p->powers, power);
        return;
    }
    char *name = is_path(a->power) ? portable(a->name, root) : gb_text_copy(a->name);
    char *text = name ? gb_text_format("%s %s", power, name) : NULL;
    if (text) add_once(granted ? &p->grants : &p->withheld, text);
    else p->grants.failed = true;
    free(text);
    free(name);
}

static bool add_crate(gb_lockfile *out, const gb_activity_crate *crate, const char *root) {
    if (!crate->macro_count && !crate->asked_count) return true;
    gb_lockfile_package *p = package_of(out, crate->package, crate->version);
    if (!p) return false;
    for (size_t i = 0; i < crate->digests.count; i++) add_once(&p->artifacts, crate->digests.items[i]);
    for (size_t i = 0; i < crate->asked_count; i++) add_asked(p, &crate->asked[i], root);
    if (crate->native) add_once(&p->grants, "native");
    for (size_t i = 0; i < crate->macro_count; i++) {
        for (int c = 0; c < GB_CONSTRUCT_COUNT; c++) {
            if (crate->macros[i].constructs[c]) add_once(&p->output, gb_construct_name((gb_construct)c));
        }
    }
    bool ok = true;
    for (size_t i = 0; i < LISTS; i++) ok = ok && gb_strings_ok(list_at(p, i), NULL);
    return ok;
}

bool gb_lockfile_of(const gb_activity *activity, const char *root, gb_lockfile *out, gb_error *err) {
    *out = (gb_lockfile){0};
    bool ok = true;
    for (size_t i = 0; ok && i < activity->count; i++) ok = add_crate(out, &activity->crates[i], root);
    if (ok) return true;
    gb_lockfile_free(out);
    return no_memory(err);
}

/* ---- old and new -------------------------------------------------------------------------------------- */

bool gb_lockfile_merge(gb_lockfile *lock, const gb_lockfile *now) {
    bool ok = true;
    for (size_t i = 0; ok && i < now->count; i++) {
        const gb_lockfile_package *from = &now->packages[i];
        gb_lockfile_package *to = package_of(lock, from->name, from->version);
        ok = to != NULL;
        for (size_t k = 0; ok && k < LISTS; k++) {
            const gb_strings *list = list_at(from, k);
            for (size_t n = 0; n < list->count; n++) {
                if (k == ARTIFACTS) gb_lock_artifact_add(list_at(to, k), list->items[n]);
                else add_once(list_at(to, k), list->items[n]);
            }
            ok = gb_strings_ok(list_at(to, k), NULL);
        }
    }
    return ok;
}

/* The package's entry in Cargo.lock, behind name and version; NULL: there is none, or no memory to look. */
static const char *cargo_entry(const char *cargo_lock, const gb_lockfile_package *p, bool *failed) {
    char *entry = gb_text_format("\nname = \"%s\"\nversion = \"%s\"\n", p->name, p->version);
    const char *found = entry ? strstr(cargo_lock, entry) : NULL;
    if (found) found += strlen(entry);
    *failed = !entry;
    free(entry);
    return found;
}

static bool has_source(const char *entry) {
    return gb_text_starts(entry, "source = ");
}

void gb_lockfile_forget_own(gb_lockfile *lock, const char *cargo_lock) {
    bool failed;
    for (size_t i = 0; i < lock->count; i++) {
        const char *entry = cargo_entry(cargo_lock, &lock->packages[i], &failed);
        if (entry && !has_source(entry)) gb_strings_clear(&lock->packages[i].artifacts);
    }
}

void gb_lockfile_prune(gb_lockfile *lock, const char *cargo_lock) {
    size_t kept = 0;
    bool failed;
    gb_lockfile_forget_own(lock, cargo_lock);
    for (size_t i = 0; i < lock->count; i++) {
        gb_lockfile_package *p = &lock->packages[i];
        if (cargo_entry(cargo_lock, p, &failed) || failed) lock->packages[kept++] = *p;
        else free_package(p);
    }
    lock->count = kept;
}

/* Sources of one version do not change; when they do, that is the news. */
static size_t artifact_news(const gb_lockfile_package *old, const gb_lockfile_package *p, gb_buffer *out) {
    size_t count = 0;
    const char *other;
    for (size_t n = 0; old && n < p->artifacts.count; n++) {
        const char *now = p->artifacts.items[n];
        if (gb_lock_artifact_compare(&old->artifacts, now, &other) != GB_LOCK_ARTIFACT_CHANGED) continue;
        gb_buffer_append_format(out,
                                "  %s %s has other code: its artifact is %.12s…, not %.12s…, though toolchain, "
                                "Glovebox, features and settings are the same: sources of it, or of what it is "
                                "built from, were changed\n",
                                p->name, p->version, now, other);
        count++;
    }
    return count;
}

size_t gb_lockfile_news(const gb_lockfile *lock, const gb_lockfile *now, gb_buffer *out) {
    size_t count = 0;
    for (size_t i = 0; i < now->count; i++) {
        const gb_lockfile_package *p = &now->packages[i], *old = find(lock, p->name, p->version);
        count += artifact_news(old, p, out);
        for (size_t k = ARTIFACTS + 1; k < LISTS; k++) {
            const gb_strings *list = list_at(p, k);
            for (size_t n = 0; n < list->count; n++) {
                if (old && gb_strings_has(list_at(old, k), list->items[n])) continue;
                gb_buffer_append_format(out, "  %s %s %s `%s`\n", p->name, p->version, lists[k].verb,
                                        list->items[n]);
                count++;
            }
        }
    }
    return count;
}

/* ---- what there is nothing to compare with ------------------------------------------------------------ */

/* The artifact stands for all of its kind: what is said of it holds for the rest of them. */
static void say_uncompared(gb_lock_artifact_is is, const char *packages, const char *now,
                           const char *other, gb_strings *out) {
    int now_length, other_length;
    if (is == GB_LOCK_ARTIFACT_MAKER) {
        now = gb_lock_artifact_maker(now, &now_length);
        other = gb_lock_artifact_maker(other, &other_length);
        gb_strings_add_format(out,
                              "glovebox.lock has no artifacts by this toolchain and Glovebox (%.*s) of %s, only by "
                              "others (%.*s): whether their code was changed is not known; a build without "
                              "`--locked` adds them",
                              now_length, now, packages, other_length, other);
    } else if (is == GB_LOCK_ARTIFACT_SETTINGS) {
        gb_strings_add_format(out,
                              "glovebox.lock has no artifacts with these features and settings of %s: whether "
                              "their code was changed is not known; a build without `--locked` adds them",
                              packages);
    } else {
        gb_strings_add_format(out,
                              "glovebox.lock has no artifacts of %s to compare with; a build without `--locked` "
                              "adds them",
                              packages);
    }
}

static void gather_uncompared(gb_lock_artifact_is wanted, const gb_lockfile *lock, const gb_lockfile *now,
                              gb_strings *out) {
    static const gb_strings none = {0};
    gb_buffer packages = {0};
    const char *first = NULL, *firsts = NULL, *other;
    for (size_t i = 0; i < now->count; i++) {
        const gb_lockfile_package *p = &now->packages[i], *old = find(lock, p->name, p->version);
        for (size_t n = 0; n < p->artifacts.count; n++) {
            const char *artifact = p->artifacts.items[n];
            if (gb_lock_artifact_compare(old ? &old->artifacts : &none, artifact, &other) != wanted) continue;
            gb_buffer_append_format(&packages, "%s%s %s", packages.length ? ", " : "", p->name, p->version);
            if (!first) firsts = other;
            if (!first) first = artifact;
            break;
        }
    }
    if (first) say_uncompared(wanted, gb_buffer_text(&packages), first, firsts, out);
    gb_buffer_free(&packages);
}

void gb_lockfile_uncompared(const gb_lockfile *lock, const gb_lockfile *now, gb_strings *out) {
    gather_uncompared(GB_LOCK_ARTIFACT_MAKER, lock, now, out);
    gather_uncompared(GB_LOCK_ARTIFACT_SETTINGS, lock, now, out);
    gather_uncompared(GB_LOCK_ARTIFACT_UNKNOWN, lock, now, out);
}
