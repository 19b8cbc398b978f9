/* Files, processes, digests, lists of strings, JSON. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"
#include "base/sort.h"
#include "base/utf8.h"
#include "tests/check.h"

/* What a stranger's name may do to a terminal: nothing. */
static void names_only_show(void) {
    static const char *const cases[][2] = {
        {"plain::Name_1 äöü 漢字 🦀", "plain::Name_1 äöü 漢字 🦀"},
        {"\033[31mred\a\b\r\n\t\177", "?[31mred??????"},
        {"\302\233" "31m", "?31m"},                                         /* C1: CSI */
        {"a\342\200\256b\342\201\246c\330\234\342\200\213\357\273\277d", "a?b?c???d"}, /* turns, no width */
        {"\342\200\250line", "?line"},
        {"\363\240\201\201tag", "?tag"},
        {"broken \303\050 \355\240\200 \300\200 \342\202", "broken ?( ??? ?? ??"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[80];
        snprintf(text, sizeof text, "%s", cases[i][0]);
        gb_utf8_make_shown(text);
        CHECK(strcmp(text, cases[i][1]) == 0);
    }
}

static char *folder;

static char *in_folder(const char *name) {
    return gb_path_join(folder, name);
}

/* Takes the text. */
static bool is(char *text, const char *wanted) {
    bool same = text && strcmp(text, wanted) == 0;
    if (!same) printf("  got %s\n", text ? text : "(null)");
    free(text);
    return same;
}

static void strings(void) {
    gb_strings list = {0}, more = {0};
    gb_strings_add_each(&list, "b", "a", NULL);
    gb_strings_add_format(&list, "%s-%d", "c", 3);
    gb_strings_add_n(&list, "dxx", 1);
    CHECK(list.count == 4 && list.items[4] == NULL && strcmp(list.items[2], "c-3") == 0);
    gb_strings_sort(&list);
    CHECK(strcmp(list.items[0], "a") == 0 && gb_strings_has(&list, "d") &&
          !gb_strings_has(&list, "e"));
    gb_strings_remove(&list, 0);
    CHECK(list.count == 3 && list.items[3] == NULL && strcmp(list.items[0], "b") == 0);
    gb_strings_remove(&list, 9);
    gb_text_split(&more, "x::y:", ':');
    CHECK(more.count == 4 && strcmp(more.items[1], "") == 0 && strcmp(more.items[2], "y") == 0);
    gb_strings_add_all(&list, &more);
    CHECK(list.count == 7 && gb_strings_ok(&list, NULL));
    gb_strings_take(&list, NULL);
    gb_error err = {0};
    CHECK(!gb_strings_ok(&list, &err) && err.kind == GB_ERROR_MEMORY);
    gb_strings_free(&list);
    gb_strings_free(&more);
    CHECK(gb_text_starts("abc", "ab") && !gb_text_starts("a", "ab") && gb_text_ends("abc", "bc") &&
          !gb_text_ends("c", "bc") && strcmp(gb_text_after("k=v", "k="), "v") == 0);
}

static void paths(void) {
    CHECK(is(gb_path_join("a/", "b"), "a/b") && is(gb_path_join("a", "/b"), "/b"));
    CHECK(is(gb_path_parent("/a/b"), "/a") && is(gb_path_parent("/a"), "/") &&
          is(gb_path_parent("a"), "."));
    CHECK(strcmp(gb_path_name("/a/b"), "b") == 0 && strcmp(gb_path_name("b"), "b") == 0);
    CHECK(is(gb_path_absolute("/x/y", "../z/./w//v/.."), "/x/z/w"));
    CHECK(is(gb_path_absolute("/", "../.."), "/") && is(gb_path_absolute("/a", "/b/../c"), "/c"));
    CHECK(strcmp(gb_path_under("/a/b/c", "/a/b"), "c") == 0 && !gb_path_under("/a/bc", "/a/b"));
    CHECK(strcmp(gb_path_under("/a", "/a"), "") == 0 && strcmp(gb_path_under("/a", "/"), "a") == 0);
    char *sh = gb_path_program("sh");
    CHECK(sh && gb_text_ends(sh, "/bin/sh"));
    free(sh);
    CHECK(gb_path_program("no-such-program-anywhere") == NULL);
}

static unsigned mode_of(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void files(void) {
    char *file = in_folder("f"), *other = in_folder("g"), *link = in_folder("l"),
         *deep = in_folder("a/b/c");
    char *inside = in_folder("a/b/c/keep"), *loop = in_folder("a/b/up");
    gb_buffer text = {0};
    gb_error err = {0};
    umask(022);
    CHECK(gb_file_write(file, "hello", 5, 0755, NULL) && mode_of(file) == 0755);
    CHECK(gb_file_read(file, &text, NULL) && strcmp(gb_buffer_text(&text), "hello") == 0);
    CHECK(!gb_file_read(deep, &text, &err) && err.kind == GB_ERROR_IO &&
          err.errno_value == ENOENT && strstr(err.message, "a/b/c"));
    struct stat before, after;
    CHECK(stat(file, &before) == 0 && gb_file_write_if_changed(file, "hello", 5, NULL) &&
          stat(file, &after) == 0 && before.st_ino == after.st_ino);
    CHECK(gb_file_write_if_changed(file, "hellO", 5, NULL) && gb_file_mtime(file) >= 0);
    CHECK(gb_file_copy(file, other, NULL) && gb_file_link_or_copy(file, other, NULL) &&
          gb_file_link_or_copy(file, other, NULL));
    CHECK(gb_file_symlink("nowhere", link, NULL) && gb_file_symlink("f", link, NULL) &&
          gb_file_exists(link));
    gb_mapped_file map;
    CHECK(gb_file_map(link, &map, NULL) && map.length == 5 && memcmp(map.bytes, "hellO", 5) == 0);
    gb_file_unmap(&map);
    CHECK(gb_dir_make(deep, NULL) && gb_dir_make(deep, NULL) && gb_dir_exists(deep));
    CHECK(!gb_dir_make(file, &err) && err.errno_value == EEXIST);
    /* Removing a folder does not follow a link out of it. */
    CHECK(gb_file_write_text(inside, "x", NULL) && gb_file_symlink(folder, loop, NULL));
    char *top = in_folder("a");
    CHECK(gb_path_remove(top, NULL) && !gb_dir_exists(top) && gb_file_exists(file));
    CHECK(gb_path_remove(top, NULL));
    gb_strings names = {0};
    CHECK(gb_dir_list(folder, &names, NULL) && names.count == 3 &&
          strcmp(names.items[0], "f") == 0);
    gb_strings_free(&names);
    gb_buffer_free(&text);
    free(file), free(other), free(link), free(deep), free(inside), free(loop), free(top);
}

static void locks(void) {
    char *path = in_folder("lock");
    int lock = gb_lock_take(path, false, NULL, NULL, NULL);
    CHECK(lock >= 0);
    pid_t child = fork();
    if (child == 0) {
        alarm(1); /* blocked for ever means taken: SIGALRM ends it */
        signal(SIGALRM, SIG_DFL);
        gb_lock_take(path, false, NULL, NULL, NULL);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
          WTERMSIG(status) == SIGALRM);
    gb_lock_release(lock);
    lock = gb_lock_take(path, true, NULL, NULL, NULL);
    int second = gb_lock_take(path, true, NULL, NULL, NULL);
    CHECK(lock >= 0 && second >= 0);
    gb_lock_release(lock);
    gb_lock_release(second);
    free(path);
}

static bool build_it(void *env, const char *where, gb_error *err) {
    ++*(int *)env;
    char *inside = gb_path_join(where, "made");
    bool ok = *(int *)env > 1 ? gb_file_write_text(inside, "x", err)
                              : gb_fail(err, GB_ERROR_IO, "not the first time");
    free(inside);
    return ok;
}

static void make_once(void) {
    char *once = in_folder("deep/once"), *left = in_folder("deep/.once-left"),
         *made = in_folder("deep/once/made");
    int builds = 0;
    CHECK(!gb_dir_make_once(once, build_it, NULL, &builds, NULL) && !gb_dir_exists(once));
    CHECK(gb_dir_make(left, NULL));
    CHECK(gb_dir_make_once(once, build_it, NULL, &builds, NULL) && gb_file_exists(made));
    CHECK(gb_dir_make_once(once, build_it, NULL, &builds, NULL) && builds == 2);
    CHECK(!gb_dir_exists(left));
    free(once), free(left), free(made);
}

/* ---- processes ------------------------------------------------------------------------------- */

static int lines_seen;
static bool count_line(void *env, const char *text, size_t length, gb_error *err) {
    lines_seen++;
    if (strlen(text) != length) return gb_fail(err, GB_ERROR_INVALID, "length");
    return strcmp(text, env) != 0 || gb_fail(err, GB_ERROR_REFUSED, "told to stop");
}

static bool shell(const char *script, gb_process *p, gb_exit *exit, gb_error *err) {
    gb_strings args = {0};
    gb_strings_add_each(&args, "sh", "-c", script, NULL);
    p->args = &args;
    bool ok = gb_process_run(p, exit, err);
    gb_strings_free(&args);
    return ok;
}

static void ticked(void *env) {
    ++*(int *)env;
}

static void processes(void) {
    gb_buffer out = {0}, said = {0};
    gb_error err = {0};
    gb_exit ended = {0};
    gb_strings set = {0}, unset = {0};
    gb_process p = {.out = {GB_OUT_CAPTURE, &out, NULL, NULL},
                    .err = {GB_OUT_CAPTURE, &said, NULL, NULL}};
    CHECK(shell("echo out; echo err >&2; exit 3", &p, &ended, NULL) && ended.code == 3 &&
          !ended.signal);
    CHECK(strcmp(gb_buffer_text(&out), "out\n") == 0 &&
          strcmp(gb_buffer_text(&said), "err\n") == 0);
    CHECK(shell("kill -9 $$", &p, &ended, NULL) && ended.code == 137 && ended.signal == SIGKILL);
    gb_strings args = {0};
    gb_strings_add(&args, "no-such-program-anywhere");
    p.args = &args;
    CHECK(!gb_process_run(&p, &ended, &err) && err.errno_value == ENOENT &&
          strstr(err.message, "no-such-program-anywhere"));
    gb_strings_free(&args);

    setenv("GB_TEST_A", "1", 1);
    setenv("GB_TEST_B", "2", 1);
    gb_strings_add(&set, "GB_TEST_A=x y");
    gb_strings_add(&unset, "GB_TEST_B");
    gb_buffer_clear(&out);
    p.set = &set, p.unset = &unset, p.cwd = "/";
    CHECK(shell("echo \"$GB_TEST_A,$GB_TEST_B,$PWD\"", &p, &ended, NULL));
    CHECK(strcmp(gb_buffer_text(&out), "x y,,/\n") == 0);
    p.clear_env = true;
    gb_buffer_clear(&out);
    CHECK(shell("echo \"$GB_TEST_A,$HOME\"", &p, &ended, NULL) &&
          strcmp(gb_buffer_text(&out), "x y,\n") == 0);
    gb_strings_free(&set);
    gb_strings_free(&unset);

    /* More than pipes hold, both ways at once; then a child that does not read. */
    size_t size = 1 << 20;
    char *input = malloc(size);
    memset(input, 'x', size);
    gb_buffer_clear(&out);
    p = (gb_process){
        .input = input, .input_length = size, .out = {GB_OUT_CAPTURE, &out, NULL, NULL}};
    CHECK(shell("cat", &p, &ended, NULL) && out.length == size &&
          memcmp(out.data, input, size) == 0);
    CHECK(shell("exec 0<&-; exit 0", &p, &ended, NULL) && ended.code == 0);
    free(input);

    char stop[] = "stop";
    p = (gb_process){.out = {GB_OUT_LINES, NULL, count_line, stop}, .err = {.kind = GB_OUT_NULL}};
    CHECK(shell("echo a; echo; printf b", &p, &ended, NULL) && lines_seen == 3);
    CHECK(!shell("echo stop; exec sleep 60", &p, &ended, &err) && err.kind == GB_ERROR_REFUSED);
    int ticks = 0;
    p.tick = ticked, p.tick_env = &ticks, p.tick_ms = 10;
    CHECK(shell("sleep 0.3", &p, &ended, NULL) && ticks > 0);
    gb_strings_add_each(&args, "a b", "it's", "-C", "x=y", "", NULL);
    gb_buffer_clear(&out);
    CHECK(gb_process_describe(&args, &out) &&
          strcmp(gb_buffer_text(&out), "'a b' 'it'\\''s' -C x=y ''") == 0);
    gb_strings_free(&args);
    gb_buffer_free(&out);
    gb_buffer_free(&said);
}

/* ---- digests and JSON ------------------------------------------------------------------------ */

static void digests(void) {
    /* BLAKE2b-256 of "abc", as RFC 7693's reference implementation and b2sum -l 256 give it */
    static const char abc[] = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
    char text[GB_DIGEST_TEXT];
    gb_digest digest = gb_digest_of("abc", 3), back;
    gb_digest_text(&digest, text);
    CHECK(strcmp(text, abc) == 0);
    CHECK(gb_digest_parse(abc, &back) && gb_digest_equal(&digest, &back));
    CHECK(!gb_digest_parse("bd", &back) && !gb_digest_parse("zz", &back));
    gb_hash a, b;
    gb_digest x, y;
    gb_hash_init(&a), gb_hash_init(&b);
    gb_hash_text(&a, "ab"), gb_hash_text(&a, "c"), gb_hash_text(&a, NULL);
    gb_hash_text(&b, "a"), gb_hash_text(&b, "bc"), gb_hash_text(&b, NULL);
    gb_hash_final(&a, &x), gb_hash_final(&b, &y);
    CHECK(!gb_digest_equal(&x, &y));
    gb_hash_init(&a), gb_hash_init(&b);
    gb_hash_text(&a, NULL), gb_hash_text(&b, "");
    gb_hash_final(&a, &x), gb_hash_final(&b, &y);
    CHECK(!gb_digest_equal(&x, &y));
}

static void json(void) {
    static const char text[] = "{\"a\": \"x\", \"n\": 3, \"t\": true, \"l\": [\"p\", 1, \"q\"]} \n";
    gb_error err = {0};
    gb_strings list = {0};
    gb_buffer out = {0};
    cJSON *value = gb_json_parse(text, sizeof text - 1, "a test", NULL);
    CHECK(value && strcmp(gb_json_text(value, "a"), "x") == 0 && !gb_json_text(value, "n") &&
          !gb_json_text(value, "zz"));
    CHECK(gb_json_number(value, "n", 0) > 2 && gb_json_bool(value, "t", false) &&
          gb_json_bool(value, "u", true));
    gb_json_texts(value, "l", &list);
    CHECK(list.count == 2 && strcmp(list.items[1], "q") == 0);
    CHECK(gb_json_add_texts(value, "m", &list) && gb_json_print(&out, value, false) &&
          strstr(gb_buffer_text(&out), "\"m\":[\"p\",\"q\"]"));
    cJSON_Delete(value);
    gb_buffer_clear(&out);
    CHECK(gb_json_quote(&out, "a\"\\\n") && strcmp(gb_buffer_text(&out), "\"a\\\"\\\\\\n\"") == 0);
    CHECK(!gb_json_parse("{} x", 4, "a test", &err) && strstr(err.message, "a test goes on"));
    CHECK(!gb_json_parse("{\"a\"", 4, "a test", &err) && err.kind == GB_ERROR_MALFORMED);
    gb_strings_free(&list);
    gb_buffer_free(&out);
}

static int by_value(const void *a, const void *b) {
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Every length up to 300, each in the orders that sorting finds hard and in none. */
static void sorting(void) {
    bool ok = true;
    for (uint32_t count = 0; count <= 300; count++) {
        for (uint32_t order = 0; order < 4; order++) {
            uint32_t values[300], state = count;
            for (uint32_t i = 0; i < count; i++) {
                state = state * 1664525 + 1013904223;
                values[i] = order == 0 ? i : order == 1 ? count - i : order == 2 ? state : state >> 29;
            }
            uint64_t sum = 0, sorted = 0;
            for (uint32_t i = 0; i < count; i++) sum += values[i];
            gb_sort(values, count, sizeof *values, by_value);
            for (uint32_t i = 0; i < count; i++) {
                sorted += values[i];
                ok = ok && (i == 0 || values[i - 1] <= values[i]);
            }
            ok = ok && sum == sorted;
        }
    }
    CHECK(ok);
}

int main(void) {
    sorting();
    const char *tmp = getenv("TMPDIR");
    folder = gb_dir_make_temporary(tmp ? tmp : "/tmp", "glovebox-base-", NULL);
    if (!folder) return 1;
    names_only_show();
    strings();
    paths();
    files();
    locks();
    make_once();
    processes();
    digests();
    json();
    CHECK(gb_path_remove(folder, NULL));
    free(folder);
    return check_end("base");
}
