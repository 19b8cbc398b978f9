/* The policy: what a macro gets by default, what is remembered, how paths are judged. */
#include <stdlib.h>

#include "harness.h"
#include "policy/build_script.h"

static gb_policy *macro_policy(const char *const *environment) {
    gb_error err = {0};
    gb_policy *p =
        gb_policy_new_macro(&(gb_subject){.name = "derive", .version = "1.0"}, environment, &err);
    CHECK(p != NULL);
    return p;
}

static gb_answer env(gb_policy *p, const char *name, const char **value) {
    const char *none;
    return gb_policy_env(p, name, strlen(name), value ? value : &none);
}

static void credentials_are_never_visible(void) {
    static const char *const secrets[] = {
        "CARGO_REGISTRY_TOKEN",
        "CARGO_REGISTRIES_MINE_TOKEN",
        "CARGO_REGISTRIES_MINE_INDEX",
        "CARGO_HTTP_PROXY",
        "CARGO_NET_RETRY",
        "CARGO_SOURCE_X_REGISTRY",
        "CARGO_MY_PASSWORD",
        "CARGO_SECRET_THING",
        "CARGO_REGISTRY_CREDENTIAL_PROVIDER",
        "CARGO_API_KEY",
        "GITHUB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
    };
    static const char *const harmless[] = {
        "CARGO",
        "CARGO_MANIFEST_DIR",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION_MAJOR",
        "CARGO_CRATE_NAME",
        "CARGO_BIN_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "OUT_DIR",
        "CARGO_MONKEY",
    };
    const char *environment[64];
    char text[64][80];
    size_t n = 0;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++, n++) {
        snprintf(text[n], 80, "%s=hush", secrets[i]);
    }
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++, n++) {
        snprintf(text[n], 80, "%s=value", harmless[i]);
    }
    snprintf(text[n++], 80, "HOME=/home/me");
    for (size_t i = 0; i < n; i++) environment[i] = text[i];
    environment[n] = NULL;
    gb_policy *p = macro_policy(environment);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        const char *value = "";
        CHECK_EQ(env(p, secrets[i], &value), GB_REFUSED);
        CHECK(value == NULL);
        CHECK(gb_env_is_secret(secrets[i], strlen(secrets[i])));
    }
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        const char *value = NULL;
        CHECK_EQ(env(p, harmless[i], &value), GB_GRANTED);
        CHECK(value && strcmp(value, "value") == 0);
    }
    CHECK_EQ(env(p, "HOME", NULL), GB_REFUSED);
    CHECK_EQ(env(p, "NOT_SET_AT_ALL", NULL), GB_ABSENT);
    CHECK_EQ(env(p, "CARGO_NOT_SET", NULL), GB_GRANTED);
    CHECK_EQ(env(p, "CARGO=x", NULL), GB_ABSENT);
    CHECK_EQ(env(p, "", NULL), GB_ABSENT);
    const char *name, *value;
    size_t visible = 0;
    while (gb_policy_env_at(p, visible, &name, &value)) {
        CHECK(strcmp(value, "value") == 0);
        visible++;
    }
    CHECK_EQ(visible, sizeof harmless / sizeof *harmless);
    gb_policy_free(p);
}

static gb_answer ask(gb_policy *p, gb_power power, const char *path) {
    return gb_policy_ask(p, power, path, strlen(path));
}

static void a_macro_reads_its_package_and_out_dir(void) {
    static const char *const environment[] = {"CARGO_MANIFEST_DIR=/ws/a/pkg/",
                                              "OUT_DIR=/ws/.target/x/out", NULL};
    gb_policy *p = macro_policy(environment);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/a/pkg/src/lib.rs"), GB_GRANTED);
    CHECK_EQ(ask(p, GB_POWER_LIST, "/ws/a/pkg"), GB_GRANTED);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/a/pkg/.git/config"), GB_HIDDEN);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/a/pkg/src/.env"), GB_HIDDEN);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/a/pkg2/src/lib.rs"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/a"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_READ, "/"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_READ, ""), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/.target/x/out/gen.rs"), GB_GRANTED);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/.target/x/out/.hidden"), GB_GRANTED); /* all its own */
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/.target/x/other"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_WRITE, "/ws/a/pkg/src/lib.rs"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_WRITE, "/ws/.target/x/out/gen.rs"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_CLOCK, ""), GB_SUBSTITUTED);
    CHECK_EQ(ask(p, GB_POWER_RANDOM, ""), GB_SUBSTITUTED);
    CHECK_EQ(ask(p, GB_POWER_STDIN, ""), GB_SUBSTITUTED);
    CHECK_EQ(ask(p, GB_POWER_STDERR, ""), GB_GRANTED);
    CHECK_EQ(ask(p, GB_POWER_RUN, "cargo"), GB_REFUSED);
    gb_policy_free(p);
    static const char *const all[] = {"CARGO_MANIFEST_DIR=/", "OUT_DIR=relative/out", NULL};
    p = macro_policy(all);
    CHECK_EQ(ask(p, GB_POWER_READ, "/etc/passwd"), GB_REFUSED);
    CHECK(gb_policy_root(p, 0) == NULL);
    gb_policy_free(p);
}

static void a_macro_reads_the_manifest_of_its_workspace(void) {
    static const char *const environment[] = {"CARGO_MANIFEST_DIR=/ws/a/pkg", NULL};
    gb_policy *p = macro_policy(environment);
    gb_error err = {0};
    CHECK(gb_policy_grant_workspace(p, "/ws", &err));
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/Cargo.toml"), GB_GRANTED);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/Cargo.lock"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/a/Cargo.toml"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_READ, "/ws/.cargo/config.toml"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_LIST, "/ws"), GB_REFUSED);
    CHECK_EQ(ask(p, GB_POWER_WRITE, "/ws/Cargo.toml"), GB_REFUSED);
    gb_policy_free(p);
    /* Of nobody else's: the compiler runs in the package, beside it, or at the top. */
    static const char *const elsewhere[] = {"/ws/a/pkg", "/other", "/ws/a/p", "/", "relative"};
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        p = macro_policy(environment);
        CHECK(gb_policy_grant_workspace(p, elsewhere[i], &err));
        CHECK(gb_policy_root(p, 1) == NULL);
        gb_policy_free(p);
    }
}

static bool absent(gb_policy *p, gb_buffer *paths) {
    gb_buffer_clear(paths);
    return gb_policy_absences(p, 2, paths);
}

static void looks_that_a_missing_file_explains_are_known(void) {
    static const char *const environment[] = {"CARGO_MANIFEST_DIR=/ws/a/pkg", "HOME=/home/me", NULL};
    gb_policy *p = macro_policy(environment);
    gb_buffer paths = {0};
    CHECK(!absent(p, &paths));
    ask(p, GB_POWER_READ, "/ws/a/pkg/src/lib.rs");
    gb_policy_note_open(p);
    CHECK(!absent(p, &paths));
    ask(p, GB_POWER_READ, "/etc/x");
    ask(p, GB_POWER_READ, "/ws/a/pkg/.env");
    gb_policy_note_open(p); /* not found either way */
    CHECK(absent(p, &paths));
    CHECK(paths.length == 22 && memcmp(paths.data, "\0/etc/x\0/ws/a/pkg/.env", 22) == 0);
    ask(p, GB_POWER_READ, "/etc/y");
    CHECK(!absent(p, &paths)); /* more than two */
    gb_policy_free(p);
    p = macro_policy(environment);
    ask(p, GB_POWER_READ, "/etc/x");
    gb_policy_note_open(p); /* permission denied, natively not found */
    CHECK(!absent(p, &paths));
    gb_policy_free(p);
    p = macro_policy(environment);
    ask(p, GB_POWER_READ, "/etc/x");
    env(p, "HOME", NULL);
    CHECK(!absent(p, &paths));
    gb_policy_free(p);
    gb_buffer_free(&paths);
}

static void places(void) {
    gb_error err;
    size_t root = 9;
    gb_policy *p = gb_policy_new(&(gb_subject){.name = "x"}, &err);
    CHECK(gb_policy_grant_path(p, "/a/./b/../b//", GB_PATH_SKIP_HIDDEN, &err));
    CHECK(gb_policy_grant_path(p, "/a/b/.c/d", GB_PATH_WRITABLE, &err));
    CHECK(!gb_policy_grant_path(p, "a/b", 0, &err));
    CHECK_EQ(err.kind, GB_ERROR_USAGE);
    CHECK_EQ(gb_policy_place(p, "/", 1, &root), GB_PATH_ABOVE);
    CHECK_EQ(gb_policy_place(p, "/a", 2, &root), GB_PATH_ABOVE);
    CHECK_EQ(gb_policy_place(p, "/a/b", 4, &root), GB_PATH_ROOT);
    CHECK_EQ(root, 0);
    CHECK_EQ(gb_policy_place(p, "/a/bb", 5, &root), GB_PATH_OUTSIDE);
    CHECK_EQ(gb_policy_place(p, "/a/b/x", 6, &root), GB_PATH_INSIDE);
    CHECK_EQ(gb_policy_place(p, "/a/b/.x", 7, &root), GB_PATH_UNSEEN);
    CHECK_EQ(gb_policy_place(p, "/a/b/.c", 7, &root), GB_PATH_ABOVE); /* leads to a granted one */
    CHECK_EQ(gb_policy_place(p, "/a/b/.c/d", 9, &root), GB_PATH_ROOT);
    CHECK_EQ(root, 1);
    CHECK_EQ(ask(p, GB_POWER_WRITE, "/a/b/.c/d/e"), GB_GRANTED);
    CHECK_EQ(ask(p, GB_POWER_WRITE, "/a/b/e"), GB_REFUSED);
    gb_policy_free(p);
    p = gb_policy_new(&(gb_subject){.name = "x"}, &err);
    CHECK(gb_policy_grant_path(p, "/", 0, &err));
    CHECK_EQ(gb_policy_place(p, "/etc", 4, &root), GB_PATH_INSIDE);
    CHECK_EQ(gb_policy_place(p, "/", 1, &root), GB_PATH_ROOT);
    gb_policy_free(p);
}

static void normal_paths(void) {
    static const struct {
        const char *base, *path, *normal;
    } cases[] = {
        {"/a", "b", "/a/b"},
        {"/a", "../b", "/b"},
        {"/a", "../../..", "/"},
        {"/a", "/x//y/./z/", "/x/y/z"},
        {"/", "x", "/x"},
        {"/", "", "/"},
        {"/a/b", ".", "/a/b"},
        {"/a/b", "..", "/a"},
        {"/a", "b/../..c", "/a/..c"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gb_buffer out = {0};
        CHECK(gb_path_normalize(&out, cases[i].base, cases[i].path, strlen(cases[i].path)));
        CHECK_TEXT(gb_buffer_text(&out), cases[i].normal);
        gb_buffer_free(&out);
    }
}

static void questions_are_counted_and_bounded(void) {
    static const char *const environment[] = {"HOME=/home/me", NULL};
    gb_policy *p = macro_policy(environment);
    for (int i = 0; i < 3; i++) ask(p, GB_POWER_READ, "/etc/passwd");
    env(p, "HOME", NULL);
    env(p, "NOTHING", NULL);
    gb_policy_ask(p, GB_POWER_READ, "/x\x1b[2J\n`", 8);
    gb_buffer out = {0};
    CHECK_EQ(gb_policy_refusals(p, 10, &out), 3);
    CHECK_TEXT(gb_buffer_text(&out),
               "read `/etc/passwd` (3 times), env `HOME`, read `/x\\x1b[2J\\x0a\\x60`");
    gb_buffer_clear(&out);
    CHECK_EQ(gb_policy_refusals(p, 1, &out), 3);
    CHECK_TEXT(gb_buffer_text(&out), "read `/etc/passwd` (3 times) and 2 more");
    gb_buffer_clear(&out);
    gb_policy_record r;
    CHECK(gb_policy_record_at(p, 0, &r) && r.count == 3 && r.power == GB_POWER_READ);
    for (int i = 0; i < 5000; i++) {
        char name[32];
        snprintf(name, sizeof name, "/n/%d", i);
        ask(p, GB_POWER_READ, name);
    }
    size_t records = 0;
    while (gb_policy_record_at(p, records, &r)) records++;
    CHECK_EQ(records, GB_POLICY_RECORDS);
    CHECK_EQ(records + gb_policy_unlisted(p), 5000 + 4);
    ask(p, GB_POWER_READ, "/n/7"); /* those on the list are still counted */
    bool found = false;
    for (size_t i = 0; gb_policy_record_at(p, i, &r); i++) {
        found |= r.count == 2 && r.length == 4 && memcmp(r.name, "/n/7", 4) == 0;
    }
    CHECK(found);
    gb_buffer_free(&out);
    gb_policy_free(p);
}

/* What is shown to people is valid UTF-8 without characters that move or reorder text. */
static void names_are_shown_safely(void) {
    gb_policy *p = macro_policy(NULL);
    ask(p, GB_POWER_READ,
        "/\xc3\xa9t\xc3\xa9/\xff\xc2\x9b"
        "31m\xe2\x80\xae"
        "x\xc3");
    gb_buffer out = {0};
    gb_policy_refusals(p, 1, &out);
    CHECK_TEXT(gb_buffer_text(&out),
               "read `/\xc3\xa9t\xc3\xa9/\\xff\\xc2\\x9b31m\\xe2\\x80\\xaex\\xc3`");
    gb_buffer_free(&out);
    gb_policy_free(p);
}

static void what_the_build_script_set_is_visible(void) {
    static const char *const environment[] = {
        "SET=as said", "OLD=1=2",  "USERS=private", "MY_TOKEN=known", "NOT_SAID=x",
        "EMPTY=",      "NO_VALUE", "CUT=short",     NULL};
    static const char output[] =
        "cargo::rustc-env=SET=as said\n  cargo:rustc-env=OLD=1=2  \r\n\ncargo::rustc-env=USERS=guess\n"
        "cargo::rustc-env=MY_TOKEN=known\ncargo::warning=NOT_SAID=x\nrustc-env=NOT_SAID=x\n"
        "cargo::rustc-env=NO_VALUE\ncargo::rustc-env=EMPTY=\ncargo::rustc-env=NOWHERE=1\n"
        "cargo::rustc-env=CUT=sho";
    gb_policy *p = macro_policy(environment);
    gb_error err = {0};
    CHECK(gb_policy_grant_build_script(p, output, sizeof output - 1, environment, &err));
    CHECK(gb_policy_grant_build_script(p, "cargo::rustc-env=", 17, environment, &err));
    static const struct {
        const char *name, *value;
        gb_answer answer;
    } expected[] = {
        {"SET", "as said", GB_GRANTED}, {"OLD", "1=2", GB_GRANTED},    {"EMPTY", "", GB_GRANTED},
        {"USERS", NULL, GB_REFUSED},    {"MY_TOKEN", NULL, GB_REFUSED}, {"NOT_SAID", NULL, GB_REFUSED},
        {"NOWHERE", NULL, GB_ABSENT},   {"CUT", NULL, GB_REFUSED},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const char *value = NULL;
        CHECK_EQ(env(p, expected[i].name, &value), expected[i].answer);
        CHECK(expected[i].value ? value && strcmp(value, expected[i].value) == 0 : value == NULL);
    }
    gb_policy_free(p);
}

void test_policy(void) {
    what_the_build_script_set_is_visible();
    credentials_are_never_visible();
    a_macro_reads_its_package_and_out_dir();
    a_macro_reads_the_manifest_of_its_workspace();
    looks_that_a_missing_file_explains_are_known();
    places();
    normal_paths();
    questions_are_counted_and_bounded();
    names_are_shown_safely();
}
