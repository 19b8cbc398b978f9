#include "cargo/project.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "manifest/manifest_policy.h"
#include "cargo/remembered.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* The members that are text, for freeing and remembering. */
#define MEMBER(name) {#name, offsetof(gb_project, name)}
static const struct member {
    const char *key;
    size_t offset;
} members[] = {
    MEMBER(cargo),          MEMBER(rustc),      MEMBER(rustdoc),   MEMBER(host),
    MEMBER(workspace_root), MEMBER(target_dir), MEMBER(build_dir), MEMBER(rustc_wrapper),
    MEMBER(policy),         MEMBER(manifests),
};
#undef MEMBER
enum { MEMBER_COUNT = sizeof members / sizeof members[0] };

static char **member_of(gb_project *project, size_t i) {
    return (char **)(void *)((char *)project + members[i].offset);
}

void gb_project_free(gb_project *project) {
    for (size_t i = 0; i < MEMBER_COUNT; i++) free(*member_of(project, i));
    *project = (gb_project){0};
}

static const char *env_text(const char *name) {
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

/* A variable that names a program, unless that is Glovebox: a session's program may start another. */
static const char *env_program(const char *name) {
    const char *value = env_text(name);
    char *self = value == NULL ? NULL : gb_path_self(NULL);
    bool ours = self != NULL && strcmp(self, value) == 0;
    free(self);
    return ours ? NULL : value;
}

/* ---- programs ------------------------------------------------------------------------------ */

static bool is_rustup_proxy(const char *path) {
    char *real = gb_path_real(path, NULL);
    bool proxy = real != NULL && gb_text_starts(gb_path_name(real), "rustup");
    free(real);
    return proxy;
}

static char *rustup_home(void) {
    const char *home = env_text("RUSTUP_HOME");
    if (home != NULL) return gb_text_copy(home);
    home = env_text("HOME");
    return home == NULL ? NULL : gb_path_join(home, ".rustup");
}

/* As Cargo does it: under rustup it calls the toolchain's program itself, past the proxy.
 * cargo: src/cargo/util/context/mod.rs get_tool */
static char *behind_proxy(const char *proxy) {
    const char *name = env_text("RUSTUP_TOOLCHAIN");
    char *home = rustup_home(), *path = NULL;
    if (name != NULL && name[0] == '/') {
        path = gb_text_format("%s/bin/%s", name, gb_path_name(proxy));
    } else if (name != NULL && home != NULL) {
        path = gb_text_format("%s/toolchains/%s/bin/%s", home, name, gb_path_name(proxy));
    }
    free(home);
    if (path != NULL && gb_file_executable(path)) return path;
    free(path);
    return NULL;
}

/* `nightly` is a name for rustup to complete; the sysroot says which toolchain it is. */
static char *by_sysroot(const char *proxy) {
    gb_strings args = {0};
    gb_buffer out = {0};
    gb_strings_add_each(&args, proxy, "--print", "sysroot", NULL);
    char *path = NULL;
    if (gb_strings_ok(&args, NULL) && gb_process_output(&args, &out, NULL)) {
        const char *text = gb_buffer_text(&out);
        path = gb_text_format("%.*s/bin/%s", (int)strcspn(text, "\r\n"), text,
                              gb_path_name(proxy));
    }
    gb_strings_free(&args);
    gb_buffer_free(&out);
    if (path != NULL && gb_file_executable(path)) return path;
    free(path);
    return NULL;
}

static char *find_rustc(const char *configured, gb_error *err) {
    const char *named = env_text("RUSTC");
    const char *name = named != NULL ? named : configured != NULL ? configured : "rustc";
    char *found = gb_path_program(name);
    if (found == NULL) {
        gb_fail(err, GB_ERROR_USAGE,
                "there is no `rustc`: install Rust with rustup (https://rustup.rs) or, on Debian, "
                "with `apt-get install rustc-web cargo-web`");
        return NULL;
    }
    if (named != NULL || configured != NULL || !is_rustup_proxy(found)) return found;
    char *real = behind_proxy(found);
    if (real == NULL) real = by_sysroot(found);
    if (real == NULL) return found;
    free(found);
    return real;
}

/* Named by the user, or beside the compiler, or in PATH. */
static char *find_rustdoc(const char *configured, const char *rustc) {
    const char *named = env_program("RUSTDOC");
    if (named != NULL) return gb_text_copy(named);
    if (configured != NULL) return gb_text_copy(configured);
    char *folder = gb_path_parent(rustc);
    char *beside = folder == NULL ? NULL : gb_path_join(folder, "rustdoc");
    free(folder);
    if (beside != NULL && gb_file_executable(beside)) return beside;
    free(beside);
    return gb_text_copy("rustdoc");
}

/* A toolchain that is named, or Cargo calling us as its subcommand, decides; else PATH does. */
static char *find_cargo(const char *toolchain, gb_error *err) {
    const char *calling = toolchain == NULL ? env_text("CARGO") : NULL;
    char *found = calling != NULL ? gb_text_copy(calling) : gb_path_program("cargo");
    if (found == NULL) {
        gb_fail(err, GB_ERROR_USAGE,
                "there is no `cargo`: install Rust with rustup (https://rustup.rs) or, on Debian, "
                "with `apt-get install rustc-web cargo-web`");
    }
    return found;
}

/* ---- configuration ------------------------------------------------------------------------- */

static bool config_in(const char *folder) {
    static const char *const names[] = {"config.toml", "config"};
    bool found = false;
    for (int i = 0; i < 2 && !found; i++) {
        char *path = gb_path_join(folder, names[i]);
        found = path != NULL && gb_file_exists(path);
        free(path);
    }
    return found;
}

/* Most projects have no configuration: a few stat calls save a process. */
static bool any_config(void) {
    const char *cargo_home = env_text("CARGO_HOME"), *home = env_text("HOME");
    char *folder = cargo_home != NULL ? gb_text_copy(cargo_home)
                   : home != NULL     ? gb_path_join(home, ".cargo")
                                      : NULL;
    bool found = folder != NULL && config_in(folder);
    free(folder);
    char *at = gb_path_absolute(NULL, ".");
    while (!found && at != NULL) {
        char *dot = gb_path_join(at, ".cargo");
        found = dot != NULL && config_in(dot);
        free(dot);
        char *parent = strcmp(at, "/") == 0 ? NULL : gb_path_parent(at);
        free(at);
        at = parent;
    }
    free(at);
    return found;
}

/* `cargo config get` has not been stabilised: the variable opens it for this one question, which compiles
 * nothing. NULL when there is no configuration, or this Cargo cannot tell. */
static cJSON *read_config(const char *cargo, const gb_strings *options) {
    gb_strings args = {0}, set = {0};
    gb_buffer out = {0};
    gb_strings_add(&args, cargo);
    gb_strings_add_all(&args, options);
    gb_strings_add_each(&args, "-Zunstable-options", "config", "get", "--format", "json", NULL);
    gb_strings_add(&set, "RUSTC_BOOTSTRAP=1");
    gb_process p = {.args = &args,
                    .set = &set,
                    .out = {.kind = GB_OUT_CAPTURE, .buffer = &out},
                    .err = {.kind = GB_OUT_NULL}};
    gb_exit exit;
    cJSON *config = NULL;
    if (gb_strings_ok(&args, NULL) && gb_strings_ok(&set, NULL) &&
        gb_process_run(&p, &exit, NULL) && exit.code == 0) {
        config = gb_json_parse(gb_buffer_text(&out), out.length, "cargo config", NULL);
    }
    gb_strings_free(&args);
    gb_strings_free(&set);
    gb_buffer_free(&out);
    return config;
}

/* --manifest-path is not an option of `cargo config`. */
static void config_options(const gb_strings *options, gb_strings *out) {
    for (size_t i = 0; i < options->count; i++) {
        const char *option = options->items[i];
        if (strcmp(option, "--manifest-path") == 0) i++;
        else if (!gb_text_starts(option, "--manifest-path=")) gb_strings_add(out, option);
    }
}

static cJSON *config_of(const char *cargo, const gb_strings *options) {
    gb_strings own = {0};
    config_options(options, &own);
    cJSON *config = own.count > 0 || any_config() ? read_config(cargo, &own) : NULL;
    gb_strings_free(&own);
    return config;
}

static const char *config_text(const cJSON *config, const char *key) {
    const cJSON *build = cJSON_GetObjectItemCaseSensitive(config, "build");
    return build == NULL ? NULL : gb_json_text(build, key);
}

/* ---- folders ------------------------------------------------------------------------------- */

/* With --no-deps the packages are the workspace's members. */
static char *manifests_of(const cJSON *metadata) {
    gb_buffer text = {0};
    const cJSON *package;
    bool ok = gb_buffer_append_text(&text, "");
    cJSON_ArrayForEach(package, cJSON_GetObjectItemCaseSensitive(metadata, "packages")) {
        const char *path = gb_json_text(package, "manifest_path");
        ok = ok && (path == NULL || gb_buffer_append_format(&text, "%s\n", path));
    }
    char *copy = ok ? gb_text_copy(gb_buffer_text(&text)) : NULL;
    gb_buffer_free(&text);
    return copy;
}

static bool ask_folders(const gb_strings *options, gb_project *project, gb_error *err) {
    gb_strings args = {0};
    gb_buffer out = {0};
    gb_strings_add(&args, project->cargo);
    gb_strings_add_each(&args, "metadata", "--no-deps", "--format-version", "1", NULL);
    gb_strings_add_all(&args, options);
    gb_process p = {.args = &args, .out = {.kind = GB_OUT_CAPTURE, .buffer = &out}};
    gb_exit exit;
    bool ok = gb_strings_ok(&args, err) && gb_process_run(&p, &exit, err);
    if (ok && exit.code != 0) ok = gb_fail(err, GB_ERROR_USAGE, "%s", "");
    cJSON *metadata = ok ? gb_json_parse(gb_buffer_text(&out), out.length,
                                         "the output of cargo metadata", err)
                         : NULL;
    if (metadata != NULL) {
        const char *root = gb_json_text(metadata, "workspace_root");
        const char *target = gb_json_text(metadata, "target_directory");
        const char *build = gb_json_text(metadata, "build_directory"); /* Cargo 1.91 and later */
        project->workspace_root = gb_text_copy(root != NULL ? root : "");
        project->target_dir = gb_text_copy(target != NULL ? target : "");
        project->build_dir = gb_text_copy(build != NULL ? build : target != NULL ? target : "");
        ok = (project->workspace_root != NULL && project->target_dir != NULL &&
              project->build_dir != NULL) ||
             no_memory(err);
        if (ok && target == NULL) {
            ok = gb_fail(err, GB_ERROR_MALFORMED, "cargo metadata names no target directory");
        }
        gb_buffer policy = {0};
        ok = ok && gb_manifest_policy_extract(metadata, &policy, err);
        if (ok) {
            project->policy = gb_text_copy(gb_buffer_text(&policy));
            project->manifests = manifests_of(metadata);
            ok = (project->policy != NULL && project->manifests != NULL) || no_memory(err);
        }
        gb_buffer_free(&policy);
    } else {
        ok = false;
    }
    cJSON_Delete(metadata);
    gb_strings_free(&args);
    gb_buffer_free(&out);
    return ok;
}

static char *host_of(const char *rustc, gb_error *err) {
    gb_strings args = {0};
    gb_buffer out = {0};
    char *host = NULL;
    gb_strings_add_each(&args, rustc, "-vV", NULL);
    if (gb_strings_ok(&args, err) && gb_process_output(&args, &out, err)) {
        const char *line = strstr(gb_buffer_text(&out), "\nhost: ");
        if (line == NULL) {
            gb_fail(err, GB_ERROR_MALFORMED, "`%s -vV` names no host", rustc);
        } else {
            host = gb_text_copy_n(line + 7, strcspn(line + 7, "\r\n"));
            if (host == NULL) no_memory(err);
        }
    }
    gb_strings_free(&args);
    gb_buffer_free(&out);
    return host;
}

static char *find_wrapper(const cJSON *config) {
    /* RUSTC_WRAPPER set to nothing turns a configured wrapper off. */
    const char *set = getenv("RUSTC_WRAPPER");
    const char *value = set != NULL && *set != '\0' ? env_program("RUSTC_WRAPPER") : set;
    if (value == NULL) value = getenv("CARGO_BUILD_RUSTC_WRAPPER");
    if (value == NULL) value = config_text(config, "rustc-wrapper");
    return value == NULL || *value == '\0' ? NULL : gb_text_copy(value);
}

static bool ask(gb_project *project, const gb_strings *options, bool manifest, gb_error *err) {
    cJSON *config = config_of(project->cargo, options);
    const cJSON *build = cJSON_GetObjectItemCaseSensitive(config, "build");
    project->target_given = env_text("CARGO_BUILD_TARGET") != NULL ||
                            cJSON_GetObjectItemCaseSensitive(build, "target") != NULL;
    project->rustc_wrapper = find_wrapper(config);
    project->rustc = find_rustc(config_text(config, "rustc"), err);
    bool ok = project->rustc != NULL;
    if (ok) {
        project->rustdoc = find_rustdoc(config_text(config, "rustdoc"), project->rustc);
        project->host = host_of(project->rustc, err);
        ok = project->host != NULL && (project->rustdoc != NULL || no_memory(err));
    }
    ok = ok && (!manifest || ask_folders(options, project, err));
    cJSON_Delete(config);
    return ok;
}

/* ---- remembering --------------------------------------------------------------------------- */

/* All that the answers depend on, the compiler itself excepted: that is looked at when they are read. */
static bool facts(const char *cargo, const gb_strings *options, bool manifest, gb_digest *key) {
    static const char *const upwards[] = {"Cargo.toml", ".cargo/config.toml", ".cargo/config",
                                          "rust-toolchain", "rust-toolchain.toml"};
    static const char *const variables[] = {
        "RUSTC", "RUSTDOC", "RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER", "CARGO_BUILD_TARGET",
        "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR", "CARGO_HOME", "HOME",
        "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "PATH", "CARGO_BUILD_RUSTC", "CARGO_BUILD_RUSTDOC"};
    char *cwd = gb_path_absolute(NULL, "."), *rustup = rustup_home();
    char *rustc = gb_path_program("rustc");
    char *settings = rustup == NULL ? NULL : gb_path_join(rustup, "settings.toml");
    const char *cargo_home = env_text("CARGO_HOME"), *home = env_text("HOME");
    char *user = cargo_home != NULL ? gb_text_copy(cargo_home)
                 : home != NULL     ? gb_path_join(home, ".cargo")
                                    : NULL;
    char *config = user == NULL ? NULL : gb_path_join(user, "config.toml");
    gb_hash hash;
    gb_hash_init(&hash);
    gb_hash_text(&hash, "glovebox project 3");
    gb_hash_text(&hash, cwd);
    gb_hash_u64(&hash, manifest);
    gb_fact_file(&hash, cargo);
    gb_fact_file(&hash, rustc);
    gb_fact_file(&hash, settings);
    gb_fact_file(&hash, config);
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        gb_fact_env(&hash, variables[i]);
    }
    for (size_t i = 0; cwd != NULL && i < sizeof upwards / sizeof upwards[0]; i++) {
        gb_fact_upwards(&hash, cwd, upwards[i]);
    }
    gb_hash_final(&hash, key);
    /* Options may name further files: such calls are rare, and asked for. */
    bool ok = cwd != NULL && options->count == 0;
    free(cwd);
    free(rustup);
    free(rustc);
    free(settings);
    free(user);
    free(config);
    return ok;
}

static double mtime_of(const char *path) {
    return (double)(gb_file_mtime(path) / 1000);
}

/* The top manifest, which need not be in a folder above, and those of members: a grant that was taken back must not be
 * remembered. */
static void manifests_stamp(const gb_project *project, char stamp[GB_DIGEST_TEXT]) {
    gb_strings paths = {0};
    gb_hash hash;
    gb_digest digest;
    gb_hash_init(&hash);
    if (project->manifests != NULL) gb_text_split(&paths, project->manifests, '\n');
    if (project->workspace_root != NULL) gb_strings_add_format(&paths, "%s/Cargo.toml", project->workspace_root);
    for (size_t i = 0; i < paths.count; i++) gb_fact_file(&hash, paths.items[i]);
    gb_hash_final(&hash, &digest);
    gb_digest_text(&digest, stamp);
    gb_strings_free(&paths);
}

/* False when nothing is remembered, or the compiler has changed since. */
static bool recall(gb_objects *objects, const gb_digest *key, gb_project *project) {
    char stamp[GB_DIGEST_TEXT];
    cJSON *answer = gb_remembered(objects, key);
    bool ok = answer != NULL;
    for (size_t i = 0; ok && i < MEMBER_COUNT; i++) {
        const char *value = gb_json_text(answer, members[i].key);
        if (value == NULL) continue;
        *member_of(project, i) = gb_text_copy(value);
        ok = *member_of(project, i) != NULL;
    }
    project->target_given = gb_json_bool(answer, "target_given", false);
    const char *then = gb_json_text(answer, "manifests_stamp");
    manifests_stamp(project, stamp);
    ok = ok && project->rustc != NULL && project->rustdoc != NULL && project->host != NULL &&
         gb_json_number(answer, "rustc_mtime", -1) == mtime_of(project->rustc) &&
         then != NULL && strcmp(then, stamp) == 0;
    cJSON_Delete(answer);
    if (!ok) gb_project_free(project);
    return ok;
}

static void keep(gb_objects *objects, const gb_digest *key, gb_project *project) {
    char stamp[GB_DIGEST_TEXT];
    cJSON *answer = cJSON_CreateObject();
    bool ok = answer != NULL;
    manifests_stamp(project, stamp);
    for (size_t i = 0; ok && i < MEMBER_COUNT; i++) {
        const char *value = *member_of(project, i);
        ok = value == NULL || cJSON_AddStringToObject(answer, members[i].key, value) != NULL;
    }
    ok = ok && cJSON_AddBoolToObject(answer, "target_given", project->target_given) != NULL &&
         cJSON_AddNumberToObject(answer, "rustc_mtime", mtime_of(project->rustc)) != NULL &&
         cJSON_AddStringToObject(answer, "manifests_stamp", stamp) != NULL;
    if (ok) gb_remember(objects, key, answer);
    cJSON_Delete(answer);
}

bool gb_project_find(gb_objects *objects, const char *toolchain, const gb_strings *options,
                     bool manifest, gb_project *project, gb_error *err) {
    *project = (gb_project){0};
    if (toolchain != NULL && setenv("RUSTUP_TOOLCHAIN", toolchain, 1) != 0) return no_memory(err);
    gb_digest key;
    char *cargo = find_cargo(toolchain, err);
    if (cargo == NULL) return false;
    bool keyed = facts(cargo, options, manifest, &key);
    if (keyed && recall(objects, &key, project)) {
        free(cargo);
        return true;
    }
    project->cargo = cargo;
    if (!ask(project, options, manifest, err)) {
        gb_project_free(project);
        return false;
    }
    if (keyed) keep(objects, &key, project);
    return true;
}
