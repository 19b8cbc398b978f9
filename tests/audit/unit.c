/* unit.c: records, Cargo's names and glovebox.lock, without Cargo. With --write-corpus DIR it writes the fuzzer's
 * seeds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "record/activity.h"
#include "cargo/audit.h"
#include "record/lock_artifact.h"
#include "record/lockfile.h"
#include "macros/stats.h"
#include "tests/check.h"

static bool is(const char *a, const char *b) {
    bool same = a && b && strcmp(a, b) == 0;
    if (!same) printf("  is %s\n", a ? a : "NULL");
    return same;
}

static char *scratch;

/* ---- Cargo's names ------------------------------------------------------------------------------- */

static bool parses(const char *id, const char *wanted_name, const char *wanted_version) {
    char *name, *version;
    if (!gb_package_id_parse(id, &name, &version)) return false;
    bool ok = is(name, wanted_name) && is(version, wanted_version);
    free(name);
    free(version);
    return ok;
}

static void package_ids_of_every_form(void) {
    char *name, *version;
    CHECK(parses("registry+https://registry/index#serde_derive@1.0.228", "serde_derive", "1.0.228"));
    CHECK(parses("path+file:///home/me/p/macros#reads@1.4.0", "reads", "1.4.0"));
    CHECK(parses("path+file:///home/me/my%20folder/app#0.1.0", "app", "0.1.0"));
    CHECK(parses("git+https://host/it?branch=main#0.2.0", "it", "0.2.0"));
    CHECK(parses("reads 1.4.0 (path+file:///home/me/p/macros)", "reads", "1.4.0"));
    CHECK(!gb_package_id_parse("nonsense", &name, &version));
    CHECK(!gb_package_id_parse("", &name, &version));
}

static bool labels(const char *path, const char *joined) {
    gb_strings list = {0};
    gb_buffer text = {0};
    gb_labels_of_file(path, &list);
    for (size_t i = 0; i < list.count; i++) gb_buffer_append_format(&text, "%s ", list.items[i]);
    bool ok = is(gb_buffer_text(&text), joined);
    gb_buffer_free(&text);
    gb_strings_free(&list);
    return ok;
}

static void labels_of_every_kind_of_file(void) {
    CHECK(labels("/t/debug/deps/libapp-0123.rmeta", "libapp-0123 app-0123 "));
    CHECK(labels("/t/debug/deps/app-0123", "app-0123 "));
    CHECK(labels("/t/debug/deps/libreads-0123.so", "libreads-0123 reads-0123 "));
    CHECK(labels("/t/debug/build/app-0123/build-script-build", "build_script_build-0123 "));
    CHECK(labels("/t/debug/build/app-0123/build-script-gen.sh", "build_script_gen-0123 "));
    CHECK(labels("/t/debug/deps/lib", "lib "));
    CHECK(labels("build-script-build", ""));
}

/* ---- statistics that a worker has written, or forged ------------------------------------------------- */

static gb_stats *sample(void) {
    gb_stats *s = calloc(1, sizeof *s);
    s->header = (gb_stats_header){.magic = GB_STATS_MAGIC,
                                  .version = GB_STATS_VERSION,
                                  .macro_count = 2,
                                  .memory_peak = 65536};
    gb_stats_text(s->header.package, sizeof s->header.package, "reads");
    gb_stats_text(s->header.package_version, sizeof s->header.package_version, "1.4.0");
    gb_stats_text(s->header.digest, sizeof s->header.digest, "abc");
    gb_stats_text(s->header.for_package, sizeof s->header.for_package, "app");
    gb_stats_text(s->macros[0].name, sizeof s->macros[0].name, "unused");
    gb_stats_text(s->macros[1].name, sizeof s->macros[1].name, "Risky");
    s->macros[1].expansions = 3;
    s->macros[1].constructs[GB_CONSTRUCT_UNSAFE] = 5;
    for (uint32_t i = 0; i < 20; i++) gb_stats_add_place(s, 1, GB_CONSTRUCT_UNSAFE, "a.rs", 4, i / 2, 1, 1);
    size_t at = gb_stats_add_question(s, GB_POWER_READ, GB_GRANTED, "/p/a\n\033[2J", 9);
    ((gb_stats_question *)(void *)(s->questions + at))->count = 2;
    ((gb_stats_question *)(void *)(s->questions + at))->macros[0] = 2;
    at = gb_stats_add_question(s, GB_POWER_ENV, GB_REFUSED, "HOME", 4);
    ((gb_stats_question *)(void *)(s->questions + at))->count = 1;
    at = gb_stats_add_question(s, GB_POWER_STDOUT, GB_GRANTED, "", 0);
    ((gb_stats_question *)(void *)(s->questions + at))->count = 1;
    return s;
}

static bool reads_back(const gb_stats *s, gb_stats *out) {
    char *path = gb_path_join(scratch, "worker-1-0.stats");
    gb_error err;
    bool ok = gb_file_write(path, s, sizeof *s, 0644, &err) && gb_stats_read(path, out, &err);
    free(path);
    return ok;
}

static void statistics_come_back(void) {
    gb_stats *s = sample(), *out = calloc(1, sizeof *out);
    const char *name;
    size_t at = 0;
    CHECK(reads_back(s, out));
    CHECK(out->header.place_count == GB_STATS_PLACES_EACH && out->places[0].count == 2);
    const gb_stats_question *q = gb_stats_next_question(out, &at, &name);
    CHECK(q && q->power == GB_POWER_READ && q->count == 2 && q->length == 9 && memcmp(name, "/p/a\n", 5) == 0);
    q = gb_stats_next_question(out, &at, &name);
    CHECK(q && q->answer == GB_REFUSED && memcmp(name, "HOME", 4) == 0);
    CHECK(gb_stats_next_question(out, &at, &name) && !gb_stats_next_question(out, &at, &name));
    free(s);
    free(out);
}

static void forged_statistics_are_refused(void) {
    gb_stats *s = sample(), *out = calloc(1, sizeof *out), *good = sample();
#define FORGED(change)                                                                           \
    do {                                                                                         \
        memcpy(s, good, sizeof *s);                                                              \
        change;                                                                                  \
        CHECK(!reads_back(s, out));                                                              \
    } while (0)
    FORGED(s->header.magic++);
    FORGED(s->header.macro_count = GB_STATS_MACROS + 1);
    FORGED(s->header.place_count = GB_STATS_PLACES + 1);
    FORGED(s->header.question_bytes = GB_STATS_QUESTION_BYTES + 1);
    FORGED(s->header.question_bytes += 8);
    FORGED(memset(s->header.package, 'x', sizeof s->header.package));
    FORGED(memset(s->header.unit, 'x', sizeof s->header.unit));
    FORGED(memset(s->macros[1].name, 'x', sizeof s->macros[1].name));
    FORGED(s->macros[0].kind = 3);
    FORGED(s->places[0].macro = 2);
    FORGED(s->places[0].construct = GB_STATS_CONSTRUCTS);
    FORGED(memset(s->places[0].file, 'x', sizeof s->places[0].file));
    FORGED(((gb_stats_question *)(void *)s->questions)->power = GB_POWER_COUNT);
    FORGED(((gb_stats_question *)(void *)s->questions)->answer = 99);
    FORGED(((gb_stats_question *)(void *)s->questions)->length = 65535);
    char *path = gb_path_join(scratch, "worker-1-0.stats");
    gb_error err;
    CHECK(gb_file_write(path, good, sizeof *good - 1, 0644, &err) && !gb_stats_read(path, out, &err));
    unlink(path);
    CHECK(symlink("/dev/zero", path) == 0 && !gb_stats_read(path, out, &err));
    unlink(path);
    free(path);
    free(s);
    free(out);
    free(good);
}

static bool count_one(void *env, const gb_stats *stats, gb_error *err) {
    (void)stats, (void)err;
    ++*(int *)env;
    return true;
}

static int statistics_of(const char *folder, const char *unit) {
    int count = 0;
    gb_error err;
    return gb_stats_read_dir(folder, unit, count_one, &count, &err) ? count : -1;
}

static void statistics_are_found_by_unit(void) {
    char *folder = gb_path_join(scratch, "session");
    gb_error err;
    CHECK(gb_dir_make(folder, &err));
    CHECK(gb_stats_create(folder, "app-1", "a", "1", &err) && gb_stats_create(folder, "app-1", "b", "1", &err));
    CHECK(gb_stats_create(folder, "app-12", "a", "1", &err) && gb_stats_create(folder, NULL, "a", "1", &err));
    CHECK(gb_stats_create(folder, "../app 1", "a", "1", &err));
    gb_stats *liar = gb_stats_create(folder, "app-1", "a", "1", &err);
    CHECK(liar && statistics_of(folder, "app-1") == 3);
    gb_stats_text(liar->header.unit, sizeof liar->header.unit, "app-12");
    CHECK(statistics_of(folder, "app-1") == 2 && statistics_of(folder, "app-12") == 1);
    CHECK(statistics_of(folder, "../app 1") == 1 && statistics_of(folder, NULL) == 6);
    free(folder);
}

static void questions_have_bounded_room(void) {
    gb_stats *s = sample();
    char name[4096];
    memset(name, 'x', sizeof name);
    while (gb_stats_add_question(s, GB_POWER_READ, GB_GRANTED, name, sizeof name) < GB_STATS_QUESTION_BYTES) {}
    CHECK(s->header.unlisted == 1 && s->header.question_bytes <= GB_STATS_QUESTION_BYTES);
    free(s);
}

/* ---- activity ------------------------------------------------------------------------------------------ */

static char *printed(gb_activity *activity) {
    gb_buffer text = {0};
    gb_activity_sort(activity);
    cJSON *crates = gb_activity_json(activity), *record = cJSON_CreateObject();
    cJSON_AddNumberToObject(record, "version", 1);
    cJSON_AddItemToObject(record, "crates", crates);
    gb_json_print(&text, record, false);
    cJSON_Delete(record);
    return (char *)text.data;
}

static void activity_sums_up_and_comes_back(void) {
    gb_activity a = {0}, b = {0};
    gb_strings folders = {0};
    gb_error err;
    gb_stats *s = sample();
    gb_strings_add(&folders, "/p");
    gb_stats *unused = calloc(1, sizeof *unused);
    CHECK(unused && gb_activity_add_worker(&a, unused, &folders, &err) && a.count == 0);
    free(unused);
    CHECK(gb_activity_add_worker(&a, s, &folders, &err) && gb_activity_add_worker(&a, s, &folders, &err));
    CHECK(a.count == 1 && a.crates[0].macro_count == 1 && a.crates[0].asked_count == 2);
    CHECK(a.crates[0].macros[0].expansions == 6 && a.crates[0].macros[0].constructs[GB_CONSTRUCT_UNSAFE] == 10);
    char *text = printed(&a);
    CHECK(is(a.crates[0].asked[0].name, "/p/a\\x0a\\x1b[2J") && a.crates[0].asked[0].by_default);
    CHECK(gb_activity_refused(&a.crates[0].asked[1]) && !a.crates[0].asked[1].by_default);
    CHECK(gb_activity_add_record(&b, text, strlen(text), "it", &err));
    char *again = printed(&b);
    CHECK(is(again, text));
    CHECK(gb_activity_add_record(&b, text, strlen(text), "it", &err) && b.crates[0].macros[0].expansions == 12);
    CHECK(b.crates[0].macros[0].place_count == GB_STATS_PLACES_EACH);
    free(text);
    free(again);
    free(s);
    gb_strings_free(&folders);
    gb_activity_free(&a);
    gb_activity_free(&b);
}

static void records_that_are_none_are_refused(void) {
    static const char *const texts[] = {
        "", "[]", "{}", "{\"version\":2,\"crates\":[]}", "{\"version\":1,\"crates\":{}}",
        "{\"version\":1,\"crates\":[1]}", "{\"version\":1,\"crates\":[{\"package\":\"a\"}]}",
        "{\"version\":1,\"crates\":[{\"package\":\"a\",\"version\":\"1\",\"macros\":[{\"name\":\"m\",\"kind\":\"no\"}]}]}",
        "{\"version\":1,\"crates\":[{\"package\":\"a\",\"version\":\"1\",\"asked\":[{\"power\":\"no\",\"name\":\"m\",\"answer\":\"granted\"}]}]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gb_activity a = {0};
        gb_error err;
        CHECK(!gb_activity_add_record(&a, texts[i], strlen(texts[i]), "it", &err));
        gb_activity_free(&a);
    }
}

/* ---- glovebox.lock -------------------------------------------------------------------------------------- */

static const char good_lock[] =
    "# What the macros of this workspace ask for and generate. Written by `cargo glovebox`.\n"
    "version = 1\n"
    "\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nartifacts = [\"00\", \"11\"]\n"
    "powers = [\"env\", \"read\"]\ngrants = [\"env X\"]\nwithheld = [\"read a\\\\x0ab \\\"c\\\"\"]\noutput = [\"unsafe\"]\n"
    "\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n";

static const char *const bad_locks[][2] = {
    {"version = 2\n", "line 1: this is not `version = 1`"},
    {"name = \"a\"\n", "line 1: this is not"},
    {"[[package]]\n", "line 1: `version = 1` is missing"},
    {"version = 1\n[[package]]\n", "line 2: the package before has no name"},
    {"version = 1\n[[package]]\nname = \"a\"\n[[package]]\n", "line 4: the package before has no name or no version"},
    {"version = 1\n[[package]]\nname = \"a\"\nname = \"a\"\n", "line 4: that was said already"},
    {"version = 1\n[[package]]\nname = \"a\n", "line 3: a string has no end"},
    {"version = 1\n[[package]]\nname = \"\\u0041\"\n", "line 3: a string has a character"},
    {"version = 1\n[[package]]\nname = \"a\tb\"\n", "line 3: a string has a character"},
    {"version = 1\n[[package]]\nname = a\n", "line 3: a string is expected"},
    {"version = 1\n[[package]]\npowers = \"a\"\n", "line 3: a list is expected"},
    {"version = 1\n[[package]]\npowers = [\"a\" \"b\"]\n", "line 3: `, ` or `]` is expected"},
    {"version = 1\n[[package]]\npowers = [\"a\"] x\n", "line 3: more stands on the line"},
    {"version = 1\n[[package]]\npowers = [\"a\"]\npowers = [\"a\"]\n", "line 4: that was said already"},
    {"version = 1\n[[package]]\nsource = \"a\"\n", "line 3: there is no such member"},
    {"version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\n[[package]]\nname = \"a\"\nversion = \"1\"\n",
     "the package before is there twice"},
    {"version = 1\n\xff\n", "is no text"},
};

static void a_lock_comes_back_as_it_was(void) {
    gb_lockfile lock;
    gb_error err;
    gb_buffer text = {0};
    CHECK(gb_lockfile_parse(good_lock, strlen(good_lock), &lock, &err) && lock.count == 2);
    CHECK(gb_lockfile_print(&lock, &text) && is(gb_buffer_text(&text), good_lock));
    gb_lockfile_free(&lock);
    gb_buffer_free(&text);
    CHECK(gb_lockfile_parse("", 0, &lock, &err) && lock.count == 0);
}

static void a_damaged_lock_says_where(void) {
    for (size_t i = 0; i < sizeof bad_locks / sizeof *bad_locks; i++) {
        gb_lockfile lock;
        gb_error err = {0};
        bool parsed = gb_lockfile_parse(bad_locks[i][0], strlen(bad_locks[i][0]), &lock, &err);
        CHECK(!parsed && lock.count == 0);
        CHECK(strstr(err.message, bad_locks[i][1]) || is(err.message, bad_locks[i][1]));
    }
}

static void a_lock_tells_what_is_new(void) {
    gb_lockfile lock, now;
    gb_error err;
    gb_buffer news = {0};
    static const char more[] = "version = 1\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nartifacts = [\"22\"]\n"
                               "powers = [\"read\"]\noutput = [\"extern\", \"unsafe\"]\n"
                               "[[package]]\nname = \"a\"\nversion = \"1.0.1\"\ngrants = [\"env X\"]\n";
    CHECK(gb_lockfile_parse(good_lock, strlen(good_lock), &lock, &err));
    CHECK(gb_lockfile_parse(more, strlen(more), &now, &err));
    CHECK(gb_lockfile_news(&lock, &now, &news) == 2);
    CHECK(is(gb_buffer_text(&news), "  a 1.0.0 generates `extern`\n  a 1.0.1 uses the grant `env X`\n"));
    CHECK(gb_lockfile_merge(&lock, &now) && lock.count == 3);
    gb_buffer_clear(&news);
    CHECK(gb_lockfile_news(&lock, &now, &news) == 0);
    gb_lockfile_prune(&lock, "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"x\"\n\n"
                             "[[package]]\nname = \"a\"\nversion = \"1.0.1\"\n");
    CHECK(lock.count == 2 && lock.packages[0].artifacts.count == 3);
    gb_lockfile_free(&lock);
    gb_lockfile_free(&now);
    gb_buffer_free(&news);
}

static void an_artifact_is_compared_with_what_was_made_alike(void) {
    gb_strings locked = {0};
    const char *other;
    gb_strings_add(&locked, "aa");
    gb_strings_add(&locked, "bb | rustc 1 t, glovebox 1 r | features , settings s");
    CHECK(gb_lock_artifact_compare(&locked, "aa", &other) == GB_LOCK_ARTIFACT_SAME);
    CHECK(gb_lock_artifact_compare(&locked, "cc", &other) == GB_LOCK_ARTIFACT_UNKNOWN && !other);
    static const struct {
        const char *now;
        gb_lock_artifact_is is;
    } cases[] = {
        {"bb | rustc 1 t, glovebox 1 r | features , settings s", GB_LOCK_ARTIFACT_SAME},
        {"cc | rustc 1 t, glovebox 1 r | features , settings s", GB_LOCK_ARTIFACT_CHANGED},
        {"cc | rustc 1 t, glovebox 1 r | features , settings s2", GB_LOCK_ARTIFACT_SETTINGS},
        {"dd | rustc 2 t, glovebox 1 r | features , settings s", GB_LOCK_ARTIFACT_MAKER},
        {"cc | rustc 1 t, glovebox 2 r | features x, settings s", GB_LOCK_ARTIFACT_MAKER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(gb_lock_artifact_compare(&locked, cases[i].now, &other) == cases[i].is);
        CHECK(other && is(other, locked.items[1]));
    }
    gb_lock_artifact_add(&locked, cases[1].now); /* replaces bb */
    gb_lock_artifact_add(&locked, cases[3].now);
    gb_lock_artifact_add(&locked, cases[3].now);
    gb_lock_artifact_add(&locked, "aa | rustc 2 t, glovebox 1 r | features x, settings s");
    gb_lock_artifact_add(&locked, "aa");
    CHECK(locked.count == 3 && is(locked.items[0], cases[1].now) && is(locked.items[1], cases[3].now));
    CHECK(gb_text_starts(locked.items[2], "aa | rustc 2"));
    gb_strings_free(&locked);
}

static void a_lock_is_the_same_on_every_machine(void) {
    gb_activity a = {0};
    gb_lockfile lock;
    gb_error err;
    gb_buffer text = {0};
    gb_activity_crate *crate = gb_activity_crate_of(&a, "m", "1");
    gb_activity_asked asked[] = {
        {.power = GB_POWER_READ, .answer = GB_GRANTED, .name = "/w/sql/a", .by_default = false},
        {.power = GB_POWER_READ, .answer = GB_GRANTED, .name = "/w/app/x", .by_default = true},
        {.power = GB_POWER_READ, .answer = GB_HIDDEN, .name = "/home/me/.ssh/id"},
        {.power = GB_POWER_READ, .answer = GB_REFUSED, .name = "/home/me/registry/src/index-1/a-1.0/b"},
        {.power = GB_POWER_ENV, .answer = GB_ABSENT, .name = "HOME"},
        {.power = GB_POWER_ENV, .answer = GB_GRANTED, .name = "URL"},
        {.power = GB_POWER_CLOCK, .answer = GB_SUBSTITUTED, .name = ""},
        {.power = GB_POWER_RANDOM, .answer = GB_GRANTED, .name = ""},
    };
    crate->asked = asked;
    crate->asked_count = sizeof asked / sizeof *asked;
    CHECK(gb_lockfile_of(&a, "/w", &lock, &err) && gb_lockfile_print(&lock, &text));
    CHECK(strstr(gb_buffer_text(&text),
                 "powers = [\"random\", \"read\"]\ngrants = [\"env URL\", \"read sql/a\"]\n"
                 "withheld = [\"env HOME\", \"read $REGISTRY/a-1.0/b\", \"read elsewhere\"]\n"));
    crate->asked = NULL;
    crate->asked_count = 0;
    gb_lockfile_free(&lock);
    gb_activity_free(&a);
    gb_buffer_free(&text);
}

static int write_corpus(const char *folder) {
    char path[512];
    bool ok = true;
    snprintf(path, sizeof path, "%s/good", folder);
    ok = gb_file_write_text(path, good_lock, NULL);
    for (size_t i = 0; i < sizeof bad_locks / sizeof *bad_locks; i++) {
        snprintf(path, sizeof path, "%s/bad-%02zu", folder, i);
        ok = ok && gb_file_write_text(path, bad_locks[i][0], NULL);
    }
    return !ok;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--write-corpus") == 0) return write_corpus(argv[2]);
    gb_error err;
    scratch = gb_dir_make_temporary("/tmp", "glovebox-audit-unit-", &err);
    if (!scratch) return 1;
    package_ids_of_every_form();
    labels_of_every_kind_of_file();
    statistics_come_back();
    forged_statistics_are_refused();
    statistics_are_found_by_unit();
    questions_have_bounded_room();
    activity_sums_up_and_comes_back();
    records_that_are_none_are_refused();
    a_lock_comes_back_as_it_was();
    a_damaged_lock_says_where();
    a_lock_tells_what_is_new();
    an_artifact_is_compared_with_what_was_made_alike();
    a_lock_is_the_same_on_every_machine();
    gb_path_remove(scratch, NULL);
    free(scratch);
    return check_end("audit-unit");
}
