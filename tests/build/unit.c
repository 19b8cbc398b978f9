/* The parts of `cargo glovebox` that can be tested without Cargo. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cargo/cargo_run.h"
#include "cargo/cmdline.h"
#include "compile/guest_cache.h"
#include "cargo/hint.h"
#include "cargo/messages.h"
#include "store/objects.h"
#include "tests/check.h"

static char *scratch;

static char *in_scratch(const char *name) {
    return gb_path_join(scratch, name);
}

static bool is(const char *a, const char *b) {
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool lists(const gb_strings *list, const char *joined) {
    char text[2048] = "";
    for (size_t i = 0; i < list->count; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? "|" : "",
                 list->items[i]);
    }
    if (strcmp(text, joined) == 0) return true;
    fprintf(stderr, "  is %s\n", text);
    return false;
}

/* ---- command lines ------------------------------------------------------------------------ */

static void rustc_options_in_every_spelling(void) {
    char *argv[] = {"/bin/rustc",     "--crate-name", "a",           "--edition=2021", "src/lib.rs",
                    "--crate-type",   "lib",          "-Copt-level=3", "-C",           "metadata=1f",
                    "--codegen=extra-filename=-1f",   "-C",          "debug-assertions=off",
                    "--extern",       "priv:b=/x/libb.rmeta", "--extern=proc_macro",
                    "-L",             "dependency=/x", "-Lnative=/y", "--cfg",         "feature=\"q\"",
                    "--cap-lints",    "allow",        "-g",          "--error-format=json", NULL};
    gb_command c;
    gb_unit u;
    CHECK(gb_command_parse((int)(sizeof argv / sizeof *argv) - 1, argv, &c, NULL));
    CHECK(c.programs.count == 1 && is(gb_command_input(&c), "src/lib.rs"));
    CHECK(is(gb_command_codegen(&c, "extra-filename"), "-1f"));
    CHECK(gb_command_value(&c, "--target") == NULL);
    CHECK(gb_command_unit(&c, "/w", &u, NULL));
    CHECK(is(u.crate_name, "a") && is(u.edition, "2021") && is(u.opt_level, "3"));
    CHECK(is(u.metadata, "1f") && is(u.extra_filename, "-1f") && u.debug_assertions == 0);
    CHECK(u.overflow_checks == -1 && !u.test);
    CHECK(lists(&u.externs, "priv:b=/x/libb.rmeta|proc_macro"));
    CHECK(lists(&u.search, "dependency=/x|native=/y") && lists(&u.cfgs, "feature=\"q\""));
    CHECK(lists(&u.lints, "--cap-lints|allow") && lists(&u.codegen, "debuginfo=2"));
    CHECK(lists(&u.messages, "--error-format=json"));
    gb_unit_free(&u);
    gb_command_free(&c);
}

static void a_second_wrapper_is_no_input(void) {
    char *argv[] = {"clippy-driver", "/t/bin/rustc", "--crate-name", "a", "src/lib.rs", NULL};
    gb_command c;
    gb_strings out = {0};
    CHECK(gb_command_parse(5, argv, &c, NULL));
    CHECK(c.programs.count == 2 && is(gb_command_rustc(&c), "/t/bin/rustc"));
    CHECK(is(gb_command_input(&c), "src/lib.rs"));
    gb_command_argv(&c, &out);
    CHECK(lists(&out, "clippy-driver|/t/bin/rustc|--crate-name=a|src/lib.rs"));
    gb_strings_free(&out);
    gb_command_free(&c);
}

static void arguments_from_a_file(void) {
    char *path = in_scratch("args"), *at = gb_text_format("@%s", path);
    CHECK(gb_file_write_text(path, "--crate-name\nwith blank\nsrc/lib.rs\n", NULL));
    char *argv[] = {"rustc", at, NULL}, *missing[] = {"rustc", "@/nowhere/at/all", NULL};
    gb_command c;
    gb_error err = {0};
    CHECK(gb_command_parse(2, argv, &c, NULL));
    CHECK(is(gb_command_value(&c, "--crate-name"), "with blank"));
    gb_command_free(&c);
    CHECK(!gb_command_parse(2, missing, &c, &err) && strstr(err.message, "/nowhere/at/all"));
    free(path);
    free(at);
}

static void externs_keep_their_parts(void) {
    static const char *const texts[] = {"a", "a=/p/liba.rlib", "priv,noprelude:a=/p:q/lib=a.rlib"};
    for (size_t i = 0; i < 3; i++) {
        gb_extern e;
        CHECK(gb_extern_parse(texts[i], &e));
        char *again = gb_extern_text(&e);
        CHECK(is(again, texts[i]) && is(e.name, "a"));
        free(again);
        gb_extern_free(&e);
    }
}

static void cargo_lines(void) {
    char *argv[] = {"+nightly", "-q", "--config", "a.b=1", "run",   "--release", "--target-dir",
                    "t",        "-p", "x",        "--",    "--target", "z", NULL};
    gb_cargo_line line;
    CHECK(gb_cargo_line_parse(13, argv, &line, NULL));
    CHECK(is(line.toolchain, "nightly") && is(line.verb, "run") && line.quiet);
    CHECK(is(line.target_dir, "t") && !line.target_given);
    CHECK(lists(&line.options, "-q|--config|a.b=1") && lists(&line.about, "--config=a.b=1"));
    CHECK(lists(&line.args, "--release|-p|x|--|--target|z"));
    gb_cargo_line_free(&line);
    /* The program's own words begin at the first that is no option. */
    char *program[] = {"run", "--bin", "b", "word", "--target", "z", "--target-dir=q", NULL};
    CHECK(gb_cargo_line_parse(7, program, &line, NULL));
    CHECK(!line.target_given && line.target_dir == NULL);
    CHECK(lists(&line.args, "--bin|b|word|--target|z|--target-dir=q"));
    gb_cargo_line_free(&line);
    char *cross[] = {"test", "name", "--target=wasm32-wasip1", "--target-dir=q", NULL};
    CHECK(gb_cargo_line_parse(4, cross, &line, NULL));
    CHECK(line.target_given && is(line.target_dir, "q"));
    CHECK(lists(&line.args, "name|--target=wasm32-wasip1"));
    gb_cargo_line_free(&line);
}

/* ---- dep-info ----------------------------------------------------------------------------- */

static void dep_info_is_read_as_rustc_writes_it(void) {
    char *path = in_scratch("a.d"), *again = in_scratch("b.d");
    CHECK(gb_file_write_text(path,
                             "/t/a.d: src/lib.rs src/with\\ blank.rs /abs/c\\d.rs\n\n"
                             "/t/liba.rlib: src/lib.rs src/with\\ blank.rs /abs/c\\d.rs\n\n"
                             "src/lib.rs:\n\n# env-dep:A=1\\n2\\\\3\n# env-dep:B\n",
                             NULL));
    gb_guest_result r = {0};
    gb_strings outputs = {0}, sources = {0}, env = {0};
    CHECK(gb_dep_info_read(path, "/w", &r.sources, &r.env, NULL));
    CHECK(lists(&r.sources, "/w/src/lib.rs|/w/src/with blank.rs|/abs/c\\d.rs"));
    CHECK(lists(&r.env, "A=1\n2\\3|B"));
    gb_strings_add(&outputs, "/t/liba.rlib");
    CHECK(gb_guest_result_dep_info(&r, again, &outputs, NULL));
    CHECK(gb_dep_info_read(again, "/elsewhere", &sources, &env, NULL));
    CHECK(lists(&sources, "/w/src/lib.rs|/w/src/with blank.rs|/abs/c\\d.rs"));
    CHECK(lists(&env, "A=1\n2\\3|B"));
    gb_guest_result_free(&r);
    gb_strings_free(&outputs);
    gb_strings_free(&sources);
    gb_strings_free(&env);
    free(path);
    free(again);
}

/* ---- hint --------------------------------------------------------------------------------- */

static void what_macros_reach_is_for_the_guest(void) {
    static const char graph[] =
        "{\"packages\":["
        "{\"id\":\"m\",\"name\":\"mac\",\"version\":\"1.0.0\",\"targets\":[{\"kind\":[\"proc-macro\"]}]},"
        "{\"id\":\"s\",\"name\":\"syn\",\"version\":\"2.0.0\",\"targets\":[{\"kind\":[\"lib\"]}]},"
        "{\"id\":\"i\",\"name\":\"ident\",\"version\":\"1.0.0\",\"targets\":[{\"kind\":[\"lib\"]}]},"
        "{\"id\":\"c\",\"name\":\"cc\",\"version\":\"1.1.0\",\"targets\":[{\"kind\":[\"lib\"]}]},"
        "{\"id\":\"t\",\"name\":\"trybuild\",\"version\":\"1.0.0\",\"targets\":[{\"kind\":[\"lib\"]}]}],"
        "\"resolve\":{\"nodes\":["
        "{\"id\":\"m\",\"deps\":[{\"pkg\":\"s\",\"dep_kinds\":[{\"kind\":null}]},"
        "{\"pkg\":\"t\",\"dep_kinds\":[{\"kind\":\"dev\"}]}]},"
        "{\"id\":\"s\",\"deps\":[{\"pkg\":\"i\",\"dep_kinds\":[{\"kind\":\"build\"},{\"kind\":null}]},"
        "{\"pkg\":\"c\",\"dep_kinds\":[{\"kind\":\"build\"}]}]},"
        "{\"id\":\"i\",\"deps\":[{\"pkg\":\"m\",\"dep_kinds\":[{\"kind\":null}]}]},"
        "{\"id\":\"c\",\"deps\":[]},{\"id\":\"t\",\"deps\":[]}]}}";
    static const char policy[] = "{\"manifest\":\"/Cargo.toml\",\"table\":\"workspace.metadata.glovebox\","
                                 "\"value\":{\"package\":{\"mac\":{\"native\":true}}}}";
    gb_strings list = {0};
    gb_error err = {0};
    CHECK(gb_hint_list(graph, sizeof graph - 1, NULL, &list, NULL));
    gb_strings_sort(&list);
    CHECK(lists(&list, "cc 1.1.0|trybuild 1.0.0"));
    gb_strings_clear(&list);
    CHECK(gb_hint_list(graph, sizeof graph - 1, policy, &list, NULL));
    gb_strings_sort(&list);
    CHECK(lists(&list, "cc 1.1.0|ident 1.0.0 confined|mac 1.0.0 confined|syn 2.0.0 confined|trybuild 1.0.0"));
    CHECK(!gb_hint_list("{", 1, NULL, &list, &err) && err.kind == GB_ERROR_MALFORMED);
    gb_strings_free(&list);
}

/* ---- messages ------------------------------------------------------------------------------ */

static void artifact_notifications_are_told_from_diagnostics(void) {
    static const char artifact[] =
        "{\"$message_type\":\"artifact\",\"artifact\":\"/t/liba.rmeta\",\"emit\":\"metadata\"}";
    static const char diagnostic[] =
        "{\"$message_type\":\"diagnostic\",\"message\":\"an \\\"artifact\\\": x\",\"level\":\"error\"}";
    char *path, *kind;
    CHECK(gb_message_is_artifact(artifact, strlen(artifact), &path, &kind));
    CHECK(is(path, "/t/liba.rmeta") && is(kind, "metadata"));
    free(path);
    free(kind);
    CHECK(!gb_message_is_artifact(diagnostic, strlen(diagnostic), &path, &kind));
    char *first = gb_message_first_error(diagnostic);
    CHECK(is(first, "an \"artifact\": x"));
    free(first);
    CHECK(gb_message_first_error("{\"message\":\"m\",\"level\":\"warning\"}\n") == NULL);
}

/* ---- store --------------------------------------------------------------------------------- */

static bool write_text(const char *path, const char *text) {
    return gb_file_write_text(path, text, NULL);
}

static bool file_says(const char *path, const char *text) {
    gb_buffer b = {0};
    bool same = gb_file_read(path, &b, NULL) && is(gb_buffer_text(&b), text);
    gb_buffer_free(&b);
    return same;
}

static void the_store_keeps_what_it_names(void) {
    char *home = in_scratch("home"), *from = in_scratch("from"), *to = in_scratch("to");
    gb_objects *objects = gb_objects_open(home, NULL);
    gb_digest digest, bytes;
    CHECK(write_text(from, "some wasm") && gb_objects_add(objects, from, &digest, NULL));
    CHECK(gb_objects_add_bytes(objects, "some wasm", 9, &bytes, NULL));
    CHECK(gb_digest_equal(&digest, &bytes));
    CHECK(gb_objects_get(objects, &digest, to, NULL) && file_says(to, "some wasm"));
    CHECK(write_text(to, "mine to write")); /* a copy, not the store's own file */
    CHECK(gb_objects_check(objects, &digest));
    gb_objects_close(objects);
    free(home);
    free(from);
    free(to);
}

static void an_altered_object_is_thrown_away(void) {
    char *home = in_scratch("home2"), *to = in_scratch("to2");
    gb_objects *objects = gb_objects_open(home, NULL);
    gb_digest digest;
    gb_error err = {0};
    CHECK(gb_objects_add_bytes(objects, "good", 4, &digest, NULL));
    char *path = gb_objects_path(objects, &digest);
    CHECK(chmod(path, 0644) == 0 && write_text(path, "evil"));
    CHECK(!gb_objects_get(objects, &digest, to, &err) && err.kind == GB_ERROR_INVALID);
    CHECK(!gb_file_exists(to) && !gb_file_exists(path));
    CHECK(gb_objects_add_bytes(objects, "good", 4, &digest, NULL)); /* and made anew */
    CHECK(gb_objects_get(objects, &digest, to, NULL) && file_says(to, "good"));
    /* An object that was altered is mended by whoever adds it again, too. */
    CHECK(chmod(path, 0644) == 0 && write_text(path, "evil"));
    CHECK(gb_objects_add_bytes(objects, "good", 4, &digest, NULL));
    CHECK(gb_objects_check(objects, &digest));
    free(path);
    gb_objects_close(objects);
    free(home);
    free(to);
}

static bool wants(void *env, const char *text) {
    const char **found = env;
    *found = strstr(text, "right") != NULL ? "right" : *found;
    return *found != NULL;
}

static void records_lie_side_by_side(void) {
    char *home = in_scratch("home3");
    gb_objects *objects = gb_objects_open(home, NULL);
    gb_digest key = gb_digest_of("key", 3), other = gb_digest_of("yek", 3);
    const char *found = NULL;
    CHECK(!gb_objects_find_record(objects, &key, wants, &found));
    CHECK(gb_objects_put_record(objects, &key, "wrong", NULL));
    CHECK(!gb_objects_find_record(objects, &key, wants, &found));
    CHECK(gb_objects_put_record(objects, &key, "right", NULL));
    CHECK(gb_objects_find_record(objects, &key, wants, &found));
    found = NULL;
    CHECK(!gb_objects_find_record(objects, &other, wants, &found));
    gb_objects_close(objects);
    free(home);
}

static void an_altered_record_is_not_believed(void) {
    char *home = in_scratch("home4");
    gb_objects *objects = gb_objects_open(home, NULL);
    gb_digest key = gb_digest_of("key", 3);
    const char *found = NULL;
    char text[GB_DIGEST_TEXT];
    gb_strings names = {0};
    gb_digest_text(&key, text);
    CHECK(gb_objects_put_record(objects, &key, "wrong", NULL));
    char *folder = gb_text_format("%s/store/records/%.2s/%s", home, text, text + 2);
    CHECK(gb_dir_list(folder, &names, NULL) && names.count == 1);
    char *path = gb_path_join(folder, names.items[0]);
    CHECK(write_text(path, "right"));
    CHECK(!gb_objects_find_record(objects, &key, wants, &found) && !gb_file_exists(path));
    gb_strings_free(&names);
    free(path);
    free(folder);
    gb_objects_close(objects);
    free(home);
}

static void a_store_that_takes_nothing_still_answers(void) {
    char *home = in_scratch("home5"), *from = in_scratch("from5");
    CHECK(write_text(home, "a file where the home should be") && write_text(from, "x"));
    gb_objects *objects = gb_objects_open(home, NULL);
    gb_digest digest = gb_digest_of("x", 1), key = digest;
    gb_error err = {0};
    const char *found = NULL;
    CHECK(!gb_objects_add(objects, from, &digest, &err) && err.kind == GB_ERROR_IO);
    CHECK(!gb_objects_put_record(objects, &key, "right", NULL));
    CHECK(!gb_objects_find_record(objects, &key, wants, &found));
    CHECK(!gb_objects_check(objects, &digest));
    gb_objects_close(objects);
    free(home);
    free(from);
}

static void cleaning_goes_by_use(void) {
    char *home = in_scratch("home6");
    gb_objects *objects = gb_objects_open(home, NULL);
    gb_digest old, young;
    gb_objects_usage usage;
    CHECK(gb_objects_add_bytes(objects, "old", 3, &old, NULL));
    CHECK(gb_objects_add_bytes(objects, "young", 5, &young, NULL));
    CHECK(gb_objects_measure(objects, &usage, NULL) && usage.objects == 2 &&
          usage.object_bytes == 8);
    char *path = gb_objects_path(objects, &old);
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
    CHECK(gb_objects_clean(objects, 86400, &usage, NULL) && usage.objects == 1);
    CHECK(!gb_objects_check(objects, &old) && gb_objects_check(objects, &young));
    CHECK(gb_objects_clean(objects, 0, &usage, NULL) && usage.objects == 1);
    CHECK(!gb_objects_check(objects, &young));
    free(path);
    gb_objects_close(objects);
    free(home);
}

int main(void) {
    gb_error err = {0};
    scratch = gb_dir_make_temporary("/tmp", "glovebox-unit-", &err);
    if (scratch == NULL) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    rustc_options_in_every_spelling();
    a_second_wrapper_is_no_input();
    arguments_from_a_file();
    externs_keep_their_parts();
    cargo_lines();
    dep_info_is_read_as_rustc_writes_it();
    what_macros_reach_is_for_the_guest();
    artifact_notifications_are_told_from_diagnostics();
    the_store_keeps_what_it_names();
    an_altered_object_is_thrown_away();
    records_lie_side_by_side();
    an_altered_record_is_not_believed();
    a_store_that_takes_nothing_still_answers();
    cleaning_goes_by_use();
    gb_path_remove(scratch, NULL);
    free(scratch);
    return check_end("build-unit");
}
