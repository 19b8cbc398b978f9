#include "compile/toolchain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"
#include "compile/std_source.h"
#include "compile/toolchain_build.h"

/* Raise when the flags that std is built with change, or those of the guest crates. What the flags
 * of all other guests change is in recipe.h. */
#define STD_RECIPE "glovebox guest toolchain 1"
#define GUEST_RECIPE "guest crates 1"
#define CONFINED_RECIPE "confined guest crates 1"

/* The oldest release whose LLVM (20) writes standard exception handling. */
enum { OLDEST_MINOR = 87 };

#define DEBIAN_RUSTC "/usr/bin/rustc"
#define DEBIAN_WASI_LIBC "/usr/lib/wasm32-wasi"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- looking at a compiler ------------------------------------------------------------------- */

/* The value of a `key: value` line, malloc'ed, or NULL. */
static char *version_field(const char *verbose, const char *key) {
    size_t length = strlen(key);
    for (const char *line = verbose; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, key, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1;
            value += strspn(value, " ");
            return gb_text_copy_n(value, strcspn(value, "\n"));
        }
    }
    return NULL;
}

/* What the program says when called with up to three arguments. */
static char *ask(const char *program, const char *a, const char *b, const char *c, gb_error *err) {
    gb_strings args = {0};
    gb_buffer out = {0};
    char *text = NULL;
    gb_strings_add_each(&args, program, a, b, c, NULL);
    if (gb_strings_ok(&args, err) && gb_process_output(&args, &out, err)) {
        while (out.length && out.data[out.length - 1] == '\n') out.length--;
        text = gb_text_copy_n(gb_buffer_text(&out), out.length);
        if (!text) no_memory(err);
    }
    gb_strings_free(&args);
    gb_buffer_free(&out);
    return text;
}

static int release_minor(const char *verbose) {
    char *release = version_field(verbose, "release");
    int major = 0, minor = 0;
    if (release && sscanf(release, "%d.%d", &major, &minor) == 2 && major > 1) minor = 10000;
    free(release);
    return minor;
}

/* <sysroot>/lib/rustlib/<target>/lib */
static char *target_lib(const char *sysroot, const char *target) {
    return gb_text_format("%s/lib/rustlib/%s/lib", sysroot, target);
}

static bool has_target_std(const char *sysroot) {
    char *lib = target_lib(sysroot, GB_GUEST_TARGET);
    gb_strings names = {0};
    bool found = false;
    if (lib && gb_dir_list(lib, &names, NULL))
        for (size_t i = 0; i < names.count; i++)
            if (gb_text_starts(names.items[i], "libstd-") && gb_text_ends(names.items[i], ".rlib"))
                found = true;
    gb_strings_free(&names);
    free(lib);
    return found;
}

/* ---- the parts of a toolchain ---------------------------------------------------------------- */

static char *if_exists(char *path, const char *inner) {
    char *file = path ? gb_path_join(path, inner) : NULL;
    bool there = file && gb_file_exists(file);
    free(file);
    if (there) return path;
    free(path);
    return NULL;
}

/* The compiler's own linker when it brings one; else the wasm-ld nearest to its LLVM. */
static char *find_linker(const char *sysroot, const char *verbose, const char *host) {
    char *own = gb_text_format("%s/lib/rustlib/%s/bin/rust-lld", sysroot, host);
    if (own && gb_file_executable(own)) return own;
    free(own);
    char *llvm = version_field(verbose, "LLVM version");
    int major = llvm ? atoi(llvm) : 0;
    free(llvm);
    char *found = NULL;
    for (int delta = 0; !found && delta < 8; delta++) {
        char *name = gb_text_format("wasm-ld-%d", major - delta);
        found = name ? gb_path_program(name) : NULL;
        free(name);
    }
    return found ? found : gb_path_program("wasm-ld");
}

static char *find_wasi_libc(void) {
    char *found = if_exists(gb_text_copy(getenv("WASI_LIBC")), "crt1-reactor.o");
    return found ? found : if_exists(gb_text_copy(DEBIAN_WASI_LIBC), "crt1-reactor.o");
}

/* Fills in what the compiler `rustc` and the machine offer. False when the program does not work.
 */
static bool describe(gb_toolchain *tc, const char *rustc, gb_error *err) {
    tc->verbose = ask(rustc, "-vV", NULL, NULL, err);
    char *sysroot = tc->verbose ? ask(rustc, "--print", "sysroot", NULL, err) : NULL;
    if (!sysroot) return false;
    tc->version = gb_text_copy_n(tc->verbose, strcspn(tc->verbose, "\n"));
    tc->host = version_field(tc->verbose, "host");
    tc->rustc = gb_path_join(sysroot, "bin/rustc");
    if (tc->rustc && !gb_file_executable(tc->rustc)) {
        free(tc->rustc);
        tc->rustc = gb_path_program(rustc);
    }
    tc->rust_src =
        if_exists(gb_path_join(sysroot, "lib/rustlib/src/rust"), "library/std/Cargo.toml");
    tc->cargo = gb_path_join(sysroot, "bin/cargo");
    if (tc->cargo && !gb_file_executable(tc->cargo)) {
        free(tc->cargo);
        tc->cargo = NULL;
    }
    if (tc->host) tc->linker = find_linker(sysroot, tc->verbose, tc->host);
    char *own_libc = target_lib(sysroot, GB_GUEST_TARGET);
    tc->wasi_libc = if_exists(gb_path_join(own_libc, "self-contained"), "crt1-reactor.o");
    free(own_libc);
    if (!tc->wasi_libc) tc->wasi_libc = find_wasi_libc();
    tc->has_std = has_target_std(sysroot);
    free(sysroot);
    return (tc->version && tc->host && tc->rustc) || no_memory(err);
}

static bool can_build_std(const gb_toolchain *tc) {
    return tc->rust_src && tc->cargo && tc->wasi_libc && tc->linker;
}

/* True when guests can be compiled with it; else *why says in a few words what is missing. */
static bool serves(const gb_toolchain *tc, char why[GB_ERROR_MAX]) {
    if (release_minor(tc->verbose) < OLDEST_MINOR) {
        snprintf(why, GB_ERROR_MAX, "%s is older than 1.%d", tc->version, OLDEST_MINOR);
        return false;
    }
    if (can_build_std(tc) || (tc->has_std && tc->linker && tc->wasi_libc)) return true;
    snprintf(why, GB_ERROR_MAX, "%s has no std for " GB_GUEST_TARGET, tc->version);
    if (!tc->has_std) {
        size_t used = strlen(why);
        snprintf(why + used, GB_ERROR_MAX - used, ", and to build it there is no%s%s%s%s",
                 tc->rust_src ? "" : " rust-src", tc->cargo ? "" : " cargo",
                 tc->wasi_libc ? "" : " wasi-libc", tc->linker ? "" : " wasm-ld");
    }
    return false;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* What the user named, as a program. */
static char *named_rustc(const char *named, gb_error *err) {
    char *rustc = NULL;
    if (strchr(named, '/')) {
        rustc =
            gb_dir_exists(named) ? gb_path_join(named, "bin/rustc") : gb_path_absolute(NULL, named);
        if (rustc && !gb_file_executable(rustc)) {
            gb_fail(err, GB_ERROR_USAGE, "the guest toolchain %s has no compiler at %s", named,
                    rustc);
            free(rustc);
            rustc = NULL;
        }
        return rustc;
    }
    gb_strings args = {0};
    gb_buffer out = {0};
    gb_strings_add_each(&args, "rustup", "which", "--toolchain", named, "rustc", NULL);
    if (gb_strings_ok(&args, err) && gb_process_output(&args, &out, err))
        rustc = gb_text_copy_n(gb_buffer_text(&out), strcspn(gb_buffer_text(&out), "\n"));
    else gb_error_context(err, "the guest toolchain %s", named);
    gb_strings_free(&args);
    gb_buffer_free(&out);
    return rustc;
}

static gb_toolchain *look_at(const char *rustc, const char *origin, gb_error *err) {
    gb_toolchain *tc = calloc(1, sizeof *tc);
    if (!tc) {
        no_memory(err);
        return NULL;
    }
    tc->origin = gb_text_copy(origin);
    if (describe(tc, rustc, err)) return tc;
    gb_toolchain_free(tc);
    return NULL;
}

static gb_toolchain *find_named(const char *named, gb_error *err) {
    char why[GB_ERROR_MAX];
    char *rustc = named_rustc(named, err);
    gb_toolchain *tc = rustc ? look_at(rustc, "named toolchain", err) : NULL;
    free(rustc);
    if (!tc || serves(tc, why)) return tc;
    gb_fail(err, GB_ERROR_USAGE,
            "the guest toolchain %s does not serve: %s.\n"
            "Run `rustup target add " GB_GUEST_TARGET " --toolchain %s`, or name another one",
            named, why, named);
    gb_toolchain_free(tc);
    return NULL;
}

/* The active toolchain when it has the target's std and the source to build one that unwinds; else
 * Debian's; else the active one as it is: its macros abort where they should unwind. */
static gb_toolchain *find_any(const char *active_rustc, gb_error *err) {
    char active_why[GB_ERROR_MAX] = "", debian_why[GB_ERROR_MAX] = DEBIAN_RUSTC " is not there";
    gb_error active_err = {0};
    gb_toolchain *active = look_at(active_rustc, "active toolchain", &active_err);
    bool active_serves = active && serves(active, active_why);
    if (!active) snprintf(active_why, sizeof active_why, "%s", active_err.message);
    if (active_serves && active->has_std && can_build_std(active)) return active;
    gb_toolchain *debian = NULL;
    if (gb_file_executable(DEBIAN_RUSTC)) debian = look_at(DEBIAN_RUSTC, "Debian packages", NULL);
    if (debian && serves(debian, debian_why)) {
        gb_toolchain_free(active);
        return debian;
    }
    gb_toolchain_free(debian);
    if (active_serves) return active;
    gb_toolchain_free(active);
    gb_fail(err, GB_ERROR_USAGE,
            "no compiler for " GB_GUEST_TARGET ". Active toolchain: %.300s. Debian's: %.300s.\n"
            "Run `rustup target add " GB_GUEST_TARGET
            "` (and `rustup component add rust-src`), or on "
            "Debian `apt-get install rustc-web cargo-web rust-web-src wasi-libc lld-22`",
            active_why, debian_why);
    return NULL;
}

/* ---- identity -------------------------------------------------------------------------------- */

static bool hash_part(gb_hash *hash, const char *share, const char *part, gb_error *err) {
    char *path = gb_path_join(share, part);
    bool ok = path ? gb_hash_dir(hash, path, err) : no_memory(err);
    free(path);
    return ok;
}

/* 128 bits, in hexadecimal, tell apart all there will ever be. */
static char *finish_id(gb_hash *hash) {
    gb_digest digest;
    char text[GB_DIGEST_TEXT];
    gb_hash_final(hash, &digest);
    gb_digest_text(&digest, text);
    return gb_text_copy_n(text, 32);
}

/* Everything that decides what comes out, and nothing that does not: no path is part of it. */
static bool identify(gb_toolchain *tc, gb_error *err) {
    gb_hash hash;
    gb_hash_init(&hash);
    gb_hash_text(&hash, STD_RECIPE);
    gb_hash_text(&hash, gb_std_source_recipe());
    gb_hash_text(&hash, tc->verbose);
    gb_hash_u64(&hash, tc->unwinds);
    gb_hash std = hash;
    gb_hash_text(&hash, GUEST_RECIPE);
    char *share = gb_path_parent(tc->guest_source);
    char *libc = gb_path_join(tc->wasi_libc, "libc.a");
    char *linker = ask(tc->linker, "-flavor", "wasm", "--version", err);
    bool ok = share && libc && linker && gb_hash_file(&hash, libc, err) &&
              hash_part(&hash, tc->guest_source, "proc_macro", err) &&
              hash_part(&hash, tc->guest_source, "attr", err) &&
              hash_part(&hash, tc->guest_source, "std", err) &&
              hash_part(&hash, tc->guest_source, "libc", err) &&
              hash_part(&hash, tc->guest_source, "wasi", err) &&
              hash_part(&hash, share, "wire", err);
    gb_hash_text(&hash, linker);
    free(share);
    free(libc);
    free(linker);
    if (!ok) return false;
    tc->id = finish_id(&hash);
    tc->sysroot_id = finish_id(&std);
    return (tc->id && tc->sysroot_id && gb_toolchain_place(tc)) || no_memory(err);
}

bool gb_toolchain_place(gb_toolchain *tc) {
    free(tc->folder);
    free(tc->sysroot);
    tc->folder = gb_text_format("%s/toolchain/%s", tc->home, tc->id);
    tc->sysroot = tc->unwinds ? gb_text_format("%s/sysroot/%s", tc->home, tc->sysroot_id) : NULL;
    return tc->folder && (tc->sysroot || !tc->unwinds);
}

static char *share_from_program(gb_error *err) {
    char *self = gb_path_self(err);
    if (!self) return NULL;
    char *folder = gb_path_parent(self);
    free(self);
    char *installed =
        folder ? if_exists(gb_path_join(folder, "../share/glovebox"), "guest/proc_macro/lib.rs")
               : NULL;
    /* In development the program lies some folders under the root of the source tree. */
    for (int up = 0; !installed && folder && up < 5; up++) {
        installed = if_exists(gb_text_copy(folder), "guest/proc_macro/lib.rs");
        char *parent = gb_path_parent(folder);
        free(folder);
        folder = parent;
    }
    free(folder);
    if (installed) {
        char *clean = gb_path_absolute(NULL, installed);
        free(installed);
        return clean;
    }
    gb_fail(err, GB_ERROR_USAGE,
            "Glovebox's Rust sources are missing beside the program: "
            "install it whole, or set GLOVEBOX_SHARE");
    return NULL;
}

char *gb_share_dir(gb_error *err) {
    const char *set = getenv("GLOVEBOX_SHARE");
    if (!set || !*set) return share_from_program(err);
    char *path = if_exists(gb_path_absolute(NULL, set), "guest/proc_macro/lib.rs");
    if (!path) gb_fail(err, GB_ERROR_USAGE, "GLOVEBOX_SHARE=%s holds no guest/proc_macro", set);
    return path;
}

static bool place(gb_toolchain *tc, const gb_toolchain_wish *wish, gb_error *err) {
    tc->home = wish->home ? gb_path_absolute(NULL, wish->home) : gb_home_dir(err);
    if (wish->guest_source) {
        tc->guest_source = gb_path_absolute(NULL, wish->guest_source);
    } else {
        char *share = gb_share_dir(err);
        if (!share) return false;
        tc->guest_source = gb_path_join(share, "guest");
        free(share);
    }
    tc->unwinds = can_build_std(tc);
    return tc->home && tc->guest_source && identify(tc, err);
}

gb_toolchain *gb_toolchain_find(const gb_toolchain_wish *wish, gb_error *err) {
    const char *named = wish->named ? wish->named : getenv("GLOVEBOX_GUEST_TOOLCHAIN");
    const char *active = wish->active_rustc ? wish->active_rustc : "rustc";
    gb_toolchain *tc = named && *named ? find_named(named, err) : find_any(active, err);
    if (tc && place(tc, wish, err)) return tc;
    gb_toolchain_free(tc);
    return NULL;
}

/* ---- a prepared folder ----------------------------------------------------------------------- */

/* Table of the text fields, for the file and for freeing. */
typedef struct field {
    const char *name;
    size_t offset;
    bool required;
} field;
#define FIELD(name, required)                                                                      \
    { #name, offsetof(gb_toolchain, name), required }
static const field fields[] = {
    FIELD(origin, true),     FIELD(rustc, true),        FIELD(version, true), FIELD(verbose, true),
    FIELD(host, true),       FIELD(rust_src, false),    FIELD(cargo, false),  FIELD(linker, true),
    FIELD(wasi_libc, true),  FIELD(guest_source, true), FIELD(id, true),      FIELD(home, true),
    FIELD(sysroot_id, true), FIELD(sysroot, false),
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static char **field_of(gb_toolchain *tc, size_t i) {
    return (char **)(void *)((char *)tc + fields[i].offset);
}

/* With the compiler's own std and the linker that it would take, as a macro is compiled natively. */
static void set_confined_args(gb_toolchain *tc) {
    gb_strings_add_each(&tc->rustc_args, "--target", tc->host, NULL);
    gb_strings_add_each(&tc->link_args, "-C", "strip=debuginfo", NULL);
}

static void set_args(gb_toolchain *tc) {
    gb_strings *a = &tc->rustc_args, *l = &tc->link_args;
    gb_strings_clear(a);
    gb_strings_clear(l);
    if (tc->confined) {
        set_confined_args(tc);
        return;
    }
    gb_strings_add_each(a, "--target", GB_GUEST_TARGET, NULL);
    if (tc->sysroot) gb_strings_add_each(a, "--sysroot", tc->sysroot, NULL);
    if (tc->unwinds) gb_strings_add_each(a, "-C", "panic=unwind", NULL);
    gb_strings_add_each(a, "-C", "llvm-args=-wasm-use-legacy-eh=false", NULL);
    /* Linked as a reactor: without its crt1, wasm-ld wraps every export in constructors. */
    gb_strings_add_each(l, "-C", "link-self-contained=no", "-C", "linker-flavor=wasm-ld", NULL);
    gb_strings_add_format(l, "-Clinker=%s", tc->linker);
    gb_strings_add_format(l, "-Lnative=%s", tc->wasi_libc);
    gb_strings_add_format(l, "-Clink-arg=%s/crt1-reactor.o", tc->wasi_libc);
    /* What nothing defines is native code, to be reported now and not when the macro is loaded.
     * Debug information comes in with wasi-libc; the functions' names stay. */
    gb_strings_add_each(l, "-C", "link-arg=--export=_initialize", "-C",
                        "link-arg=-zstack-size=16777216", "-C",
                        "link-arg=--unresolved-symbols=report-all", "-C", "strip=debuginfo", NULL);
    if (tc->libc) gb_strings_add_format(l, "-Clink-arg=%s", tc->libc);
}

bool gb_toolchain_use_folder(gb_toolchain *tc, const char *folder, gb_error *err) {
    char **paths[] = {&tc->folder, &tc->guest_dir, &tc->proc_macro, &tc->std, &tc->libc, &tc->wasi, &tc->attr};
    char *kept = gb_text_copy(folder); /* folder may be tc->folder */
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        free(*paths[i]);
        *paths[i] = NULL;
    }
    tc->folder = kept;
    tc->guest_dir = gb_path_join(kept, "guest");
    tc->proc_macro = gb_path_join(tc->guest_dir, "libproc_macro" GB_GUEST_EXTRA ".rlib");
    tc->std = gb_path_join(tc->guest_dir, "libstd" GB_GUEST_EXTRA ".rlib");
    tc->libc = gb_path_join(tc->guest_dir, "libgbx_libc" GB_GUEST_EXTRA ".rlib");
    tc->wasi = gb_path_join(tc->guest_dir, "libwasi" GB_GUEST_EXTRA ".rlib");
    tc->attr = gb_path_join(tc->guest_dir, "lib__gbx" GB_GUEST_EXTRA ".so");
    set_args(tc);
    if (!tc->folder || !tc->guest_dir || !tc->proc_macro || !tc->std || !tc->libc || !tc->wasi || !tc->attr)
        return no_memory(err);
    return gb_strings_ok(&tc->rustc_args, err) && gb_strings_ok(&tc->link_args, err);
}

bool gb_toolchain_save(gb_toolchain *tc, const char *folder, gb_error *err) {
    cJSON *object = cJSON_CreateObject();
    gb_buffer text = {0};
    bool ok = object && cJSON_AddBoolToObject(object, "unwinds", tc->unwinds) &&
              cJSON_AddBoolToObject(object, "confined", tc->confined);
    for (size_t i = 0; ok && i < FIELDS; i++) {
        const char *value = *field_of(tc, i);
        ok = !value || cJSON_AddStringToObject(object, fields[i].name, value);
    }
    char *path = gb_path_join(folder, "toolchain.json");
    ok = (ok && path && gb_json_print(&text, object, true) && gb_buffer_append_text(&text, "\n")) ||
         no_memory(err);
    if (ok) ok = gb_file_write_if_changed(path, text.data, text.length, err);
    cJSON_Delete(object);
    gb_buffer_free(&text);
    free(path);
    return ok;
}

static bool fill_from_json(gb_toolchain *tc, const cJSON *object, const char *path, gb_error *err) {
    for (size_t i = 0; i < FIELDS; i++) {
        const char *value = gb_json_text(object, fields[i].name);
        if (!value && fields[i].required)
            return gb_fail(err, GB_ERROR_MALFORMED, "%s lacks %s: remove its folder", path,
                           fields[i].name);
        *field_of(tc, i) = gb_text_copy(value);
        if (value && !*field_of(tc, i)) return no_memory(err);
    }
    tc->unwinds = gb_json_bool(object, "unwinds", false);
    tc->confined = gb_json_bool(object, "confined", false);
    return true;
}

/* The sysroot of the home that the folder lies in goes before the one that was written down: homes
 * may be moved, and may share what is prepared. */
static void find_own_sysroot(gb_toolchain *tc, const char *folder) {
    char *parent = gb_path_parent(folder), *home = parent ? gb_path_parent(parent) : NULL;
    char *path = home && tc->unwinds ? gb_text_format("%s/sysroot/%s", home, tc->sysroot_id) : NULL;
    if (path && gb_dir_exists(path)) {
        free(tc->sysroot);
        tc->sysroot = path;
        path = NULL;
    }
    free(path);
    free(home);
    free(parent);
}

gb_toolchain *gb_toolchain_load(const char *folder, gb_error *err) {
    gb_toolchain *tc = calloc(1, sizeof *tc);
    char *path = gb_path_join(folder, "toolchain.json");
    gb_buffer text = {0};
    cJSON *object = NULL;
    bool ok = (tc && path) || no_memory(err);
    if (ok) ok = gb_file_read(path, &text, err);
    if (ok) object = gb_json_parse(gb_buffer_text(&text), text.length, path, err);
    ok = object && fill_from_json(tc, object, path, err);
    if (ok) find_own_sysroot(tc, folder);
    if (ok) ok = gb_toolchain_use_folder(tc, folder, err);
    if (ok && tc->sysroot && !gb_dir_exists(tc->sysroot))
        ok = gb_fail(err, GB_ERROR_USAGE,
                     "the sandbox's std in %s is gone: run `glovebox toolchain "
                     "prepare`",
                     tc->sysroot);
    if (ok && !gb_file_executable(tc->rustc))
        ok = gb_fail(err, GB_ERROR_USAGE,
                     "the guest compiler %s is gone: run `glovebox toolchain "
                     "prepare`",
                     tc->rustc);
    if (ok) tc->prepared = true;
    cJSON_Delete(object);
    gb_buffer_free(&text);
    free(path);
    if (ok) return tc;
    gb_toolchain_free(tc);
    return NULL;
}

/* ---- for native macros ----------------------------------------------------------------------- */

/* As `guest`, but for where it lies and what it makes. Its std is the compiler's: the sources of the guest
 * crates are in the guest's id. */
static bool describe_confined(gb_toolchain *tc, const gb_toolchain *guest) {
    gb_toolchain *from = (gb_toolchain *)(uintptr_t)guest; /* only read */
    for (size_t i = 0; i < FIELDS; i++) {
        const char *value = *field_of(from, i);
        *field_of(tc, i) = gb_text_copy(value);
        if (value && !*field_of(tc, i)) return false;
    }
    gb_hash hash;
    gb_hash_init(&hash);
    gb_hash_text(&hash, CONFINED_RECIPE);
    gb_hash_text(&hash, guest->id);
    gb_hash_text(&hash, guest->host);
    free(tc->id);
    tc->id = finish_id(&hash);
    tc->confined = true;
    tc->unwinds = false; /* no std of ours */
    return tc->id && gb_toolchain_place(tc);
}

gb_toolchain *gb_toolchain_confined(const gb_toolchain *guest, gb_error *err) {
    gb_toolchain *tc = calloc(1, sizeof *tc), *loaded = NULL;
    if (!tc || !describe_confined(tc, guest)) {
        no_memory(err);
    } else if (gb_dir_exists(tc->folder)) {
        loaded = gb_toolchain_load(tc->folder, err);
    } else if (gb_toolchain_prepare(tc, NULL, NULL, err)) {
        return tc;
    } else {
        gb_error_context(err, "the guest crates for native macros");
    }
    gb_toolchain_free(tc);
    return loaded;
}

void gb_toolchain_free(gb_toolchain *tc) {
    if (!tc) return;
    for (size_t i = 0; i < FIELDS; i++) free(*field_of(tc, i));
    free(tc->folder);
    free(tc->guest_dir);
    free(tc->proc_macro);
    free(tc->std);
    free(tc->libc);
    free(tc->wasi);
    free(tc->attr);
    gb_strings_free(&tc->rustc_args);
    gb_strings_free(&tc->link_args);
    free(tc);
}

/* ---- host compilers -------------------------------------------------------------------------- */

bool gb_rustc_probe(const char *rustc, gb_rustc *out, gb_error *err) {
    *out = (gb_rustc){0};
    const char *bootstrap = getenv("RUSTC_BOOTSTRAP");
    gb_hash hash;
    gb_digest digest;
    char text[GB_DIGEST_TEXT];
    out->verbose = ask(rustc, "-vV", NULL, NULL, err);
    if (!out->verbose) return false;
    char *release = version_field(out->verbose, "release");
    /* Crate names in RUSTC_BOOTSTRAP allow them alone; what is ours to compile is not among them.
     */
    out->unstable = (release && (strstr(release, "-nightly") || strstr(release, "-dev"))) ||
                    (bootstrap && strcmp(bootstrap, "1") == 0);
    free(release);
    out->path = gb_path_program(rustc);
    out->version = gb_text_copy_n(out->verbose, strcspn(out->verbose, "\n"));
    out->host = version_field(out->verbose, "host");
    gb_hash_init(&hash);
    gb_hash_text(&hash, out->verbose);
    gb_hash_u64(&hash, out->unstable);
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, text);
    out->id = gb_text_copy_n(text, 32);
    if (out->path && out->version && out->host && out->id) return true;
    gb_rustc_free(out);
    return gb_fail(err, GB_ERROR_USAGE, "%s does not answer like a Rust compiler", rustc);
}

void gb_rustc_free(gb_rustc *rustc) {
    free(rustc->path);
    free(rustc->version);
    free(rustc->verbose);
    free(rustc->host);
    free(rustc->id);
    *rustc = (gb_rustc){0};
}
