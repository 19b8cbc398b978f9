/* What a macro sees of the host: its package, read-only, under the host's own names. Once with the
 * files opened in this process, once by a broker. */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

/* Preopens: "." stands for <base>, where the compiler runs; then the package and OUT_DIR. */
enum { DOT = 3, PACKAGE = 4, OUT = 5, BASE = 6 };
/* What the next macro is granted of <base> besides: then that is a preopen, too. */
static const char *const *patterns;

struct macro {
    struct world w;
    gb_broker *broker;
    char base[128], package[256], out[256];
};

static void open_macro(struct macro *m, bool brokered) {
    gb_error err = {0};
    /* A world's base is only known once it is open: the first one makes the tree. */
    world_open(&m->w, &(struct setup){.no_preopen = true});
    struct world *w = &m->w;
    make_dir(w, "in/src");
    make_file(w, "in/src/data.txt", "data");
    make_file(w, "in/.env", "HUSH");
    make_dir(w, "in/.git");
    make_file(w, "in/.git/config", "HUSH");
    make_link(w, "in/to-git", ".git/config");
    make_link(w, "in/to-secret", "../secret");
    make_link(w, "in/by-name", host_path(w, "secret"));
    make_link(w, "in/to-data", host_path(w, "in/src/data.txt"));
    make_link(w, "in/roundabout", "../in/src/../src/data.txt");
    make_link(w, "in/loop", "loop");
    make_dir(w, "in/.target");
    make_dir(w, "in/.target/out");
    make_file(w, "in/.target/out/gen.rs", "generated");
    make_dir(w, "other");
    make_file(w, "other/file", "HUSH");
    CHECK_EQ(mkfifo(host_path(w, "in/pipe"), 0666), 0);
    gb_wasi_free(w->wasi);
    gb_policy_free(w->policy);
    char *real = realpath(w->base, NULL);
    snprintf(m->base, sizeof m->base, "%s", real);
    free(real);
    snprintf(m->package, sizeof m->package, "%s/in", m->base);
    snprintf(m->out, sizeof m->out, "%s/in/.target/out", m->base);
    char manifest[300], out[300];
    snprintf(manifest, sizeof manifest, "CARGO_MANIFEST_DIR=%s", m->package);
    snprintf(out, sizeof out, "OUT_DIR=%s", m->out);
    const char *environment[] = {manifest, out, "HOME=/home/me", NULL};
    w->policy = gb_policy_new_macro(&(gb_subject){.name = "derive"}, environment, &err);
    for (const char *const *p = patterns; p && *p; p++) {
        CHECK(gb_policy_grant_pattern(w->policy, m->base, *p, &err));
    }
    m->broker = brokered ? gb_broker_start(w->policy, &(gb_broker_options){.lifeline = -1}, &err) : NULL;
    CHECK(!brokered || m->broker);
    w->wasi = gb_wasi_new(
        &(gb_wasi_config){.policy = w->policy, .stdio = {-1, -1, -1}, .broker = m->broker}, &err);
    CHECK(gb_wasi_preopen_granted(w->wasi, m->base, &err));
}

static void close_macro(struct macro *m) {
    world_close(&m->w);
    gb_broker_stop(m->broker);
}

static const char *below(const struct macro *m, const char *path) {
    static char text[4][512];
    static unsigned next;
    char *out = text[next++ % 4];
    snprintf(out, 512, "%s/%s", m->base, path);
    return out;
}

static void the_package_is_readable(bool brokered) {
    struct macro m;
    open_macro(&m, brokered);
    struct world *w = &m.w;
    CHECK_TEXT(read_at(w, PACKAGE, "src/data.txt"), "data");
    CHECK_TEXT(read_at(w, DOT, "in/src/data.txt"),
               "data"); /* relative to the compiler's directory */
    CHECK(open_at(w, DOT, m.package + 1, WASI_OFLAG_DIRECTORY, 0) > 0); /* libc dropped the slash */
    CHECK_TEXT(read_at(w, DOT, below(&m, "in/src/data.txt") + 1), "data");
    CHECK_TEXT(read_at(w, PACKAGE, "to-data"), "data"); /* an absolute link that stays inside */
    CHECK_TEXT(read_at(w, PACKAGE, "roundabout"), "data");
    CHECK_TEXT(read_at(w, PACKAGE, "../in/src/data.txt"), "data");
    CHECK_TEXT(read_at(w, OUT, "gen.rs"), "generated");
    CHECK_TEXT(read_at(w, DOT, "in/.target/out/gen.rs"), "generated");
    CHECK_TEXT(read_at(w, PACKAGE, "src/missing"), "error 44");
    CHECK_TEXT(read_at(w, PACKAGE, "missing/x/y"), "error 44");
    CHECK_TEXT(read_at(w, PACKAGE, "src/data.txt/x"), "error 54");
    CHECK_TEXT(read_at(w, PACKAGE, "src/data.txt/"), "error 54");
    CHECK_EQ(open_at(w, PACKAGE, "loop", 0, READ_RIGHTS), -WASI_ELOOP);
    CHECK_EQ(asked(w, GB_POWER_READ, GB_GRANTED, below(&m, "in/missing/x/y")), 1);
    CHECK(asked(w, GB_POWER_READ, GB_GRANTED, below(&m, "in/src/data.txt")) >= 6);
    int dir =
        open_flags(w, PACKAGE, 1, "src", WASI_OFLAG_DIRECTORY, WASI_RIGHTS_DIR, WASI_RIGHTS_ALL, 0);
    CHECK(dir > 0);
    CHECK_TEXT(read_at(w, dir, "data.txt"), "data");
    CHECK_TEXT(read_at(w, dir, "../src/data.txt"), "data");
    CHECK_EQ(open_at(w, PACKAGE, "src/data.txt", WASI_OFLAG_DIRECTORY, 0), -WASI_ENOTDIR);
    CHECK_EQ(stat_at(w, PACKAGE, true, "src/data.txt"), WASI_OK);
    CHECK_EQ(guest_u64(w, BUFFER + 32), 4);
    CHECK_EQ(CALL(w, fd_filestat_get, PACKAGE, BUFFER), WASI_OK);
    CHECK_EQ(w->memory.bytes[BUFFER + 16], WASI_FILETYPE_DIRECTORY);
    uint32_t link = guest_text(w, "to-git");
    CHECK_EQ(CALL(w, path_readlink, PACKAGE, link, 6, BUFFER, 100, RESULT), WASI_OK);
    CHECK(memcmp(w->memory.bytes + BUFFER, ".git/config", 11) == 0);
    close_macro(&m);
}

static void all_else_is_refused_and_noted(bool brokered) {
    struct macro m;
    open_macro(&m, brokered);
    struct world *w = &m.w;
    static const struct {
        int dir;
        const char *path, *seen;
    } refused[] = {
        {DOT, "etc/passwd", "/etc/passwd"},
        {DOT, "../../../etc/passwd", "/etc/passwd"},
        {PACKAGE, "../secret", "secret"},
        {PACKAGE, "to-secret", "secret"},
        {PACKAGE, "by-name", "secret"},
        {DOT, "other/file", "other/file"},
        {DOT, "secret", "secret"},
        {PACKAGE, "../other/file", "other/file"},
        {PACKAGE, "src/../../other", "other"},
        {DOT, ".", ""},
        {DOT, "..", NULL},
        {PACKAGE, "/etc/shadow", "/etc/shadow"},
        {DOT, "root/.ssh/id_rsa", "/root/.ssh/id_rsa"},
        {DOT, "proc/self/environ", "/proc/self/environ"},
        {DOT, "missing", "missing"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *path = refused[i].path, *seen = refused[i].seen;
        CHECK_EQ(open_at(w, refused[i].dir, path, 0, READ_RIGHTS), -WASI_EACCES);
        CHECK_EQ(stat_at(w, refused[i].dir, true, path), WASI_EACCES);
        if (!seen) continue;
        char full[512];
        snprintf(full, sizeof full, "%s",
                 seen[0] == '/' ? seen
                 : seen[0]      ? below(&m, seen)
                                : m.base);
        if (asked(w, GB_POWER_READ, GB_REFUSED, full) < 2) printf("  not noted: %s\n", full);
        CHECK(asked(w, GB_POWER_READ, GB_REFUSED, full) >= 2);
    }
    CHECK_EQ(CALL(w, fd_readdir, DOT, BUFFER, 4096, 0, RESULT), WASI_EACCES);
    CHECK_EQ(asked(w, GB_POWER_LIST, GB_REFUSED, m.base), 1);
    CHECK_EQ(CALL(w, fd_filestat_get, DOT, BUFFER), WASI_EACCES);
    CHECK_EQ(open_at(w, PACKAGE, "pipe", 0, READ_RIGHTS), -WASI_EACCES); /* and does not wait */
    close_macro(&m);
}

static void hidden_files_do_not_exist(bool brokered) {
    static const char *const hidden[] = {".env",    ".git",        ".git/config", "to-git",
                                         ".target", "src/../.env", ".not-there",  ".target/other"};
    struct macro m;
    open_macro(&m, brokered);
    struct world *w = &m.w;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        CHECK_EQ(open_at(w, PACKAGE, hidden[i], 0, READ_RIGHTS), -WASI_ENOENT);
        CHECK_EQ(stat_at(w, PACKAGE, true, hidden[i]), WASI_ENOENT);
    }
    CHECK(asked(w, GB_POWER_READ, GB_HIDDEN, below(&m, "in/.git/config")) >= 4);
    CHECK_EQ(CALL(w, fd_readdir, PACKAGE, BUFFER, 4096, 0, RESULT), WASI_OK);
    uint32_t used = guest_u32(w, RESULT);
    int entries = 0, with_dot = 0;
    for (uint32_t at = 0; at < used; entries++) {
        uint32_t length = gb_load_u32(w->memory.bytes + BUFFER + at + 16);
        with_dot += w->memory.bytes[BUFFER + at + WASI_DIRENT_SIZE] == '.';
        at += WASI_DIRENT_SIZE + length;
    }
    CHECK_EQ(with_dot, 2); /* "." and ".." */
    CHECK_EQ(entries, 10);
    close_macro(&m);
}

static void nothing_is_changed(bool brokered) {
    struct macro m;
    open_macro(&m, brokered);
    struct world *w = &m.w;
    uint32_t f = guest_text(w, "src/data.txt"), x = guest_text(w, "src/x");
    CHECK_EQ(open_at(w, PACKAGE, "src/data.txt", 0, WRITE_RIGHTS), -WASI_EACCES);
    CHECK_EQ(open_at(w, PACKAGE, "src/x", WASI_OFLAG_CREAT, READ_RIGHTS), -WASI_EACCES);
    CHECK_EQ(open_at(w, PACKAGE, "src/data.txt", WASI_OFLAG_TRUNC, READ_RIGHTS), -WASI_EACCES);
    CHECK_EQ(on_name(w, WASI_path_create_directory, PACKAGE, "d"), WASI_EACCES);
    CHECK_EQ(on_name(w, WASI_path_unlink_file, PACKAGE, "src/data.txt"), WASI_EACCES);
    CHECK_EQ(on_name(w, WASI_path_remove_directory, PACKAGE, "src"), WASI_EACCES);
    CHECK_EQ(on_name(w, WASI_path_unlink_file, PACKAGE, ".env"), WASI_ENOENT);
    CHECK_EQ(on_name(w, WASI_path_unlink_file, DOT, "secret"), WASI_EACCES);
    CHECK_EQ(CALL(w, path_rename, PACKAGE, f, 12, PACKAGE, x, 5), WASI_EACCES);
    CHECK_EQ(CALL(w, path_link, PACKAGE, 0, f, 12, PACKAGE, x, 5), WASI_EACCES);
    CHECK_EQ(CALL(w, path_symlink, f, 12, PACKAGE, x, 5), WASI_EACCES);
    CHECK_EQ(CALL(w, path_filestat_set_times, PACKAGE, 1, f, 12, 0, 0, 8), WASI_EACCES);
    int fd = open_at(w, PACKAGE, "src/data.txt", 0, READ_RIGHTS | WASI_RIGHT_FD_FILESTAT_SET_TIMES);
    CHECK_EQ(CALL(w, fd_filestat_set_times, fd, 0, 0, 8), WASI_EACCES);
    CHECK_EQ(write_fd(w, fd, "x"), WASI_ENOTCAPABLE);
    CHECK(asked(w, GB_POWER_WRITE, GB_REFUSED, below(&m, "in/src/data.txt")) >= 5);
    CHECK(host_file_is(w, "in/src/data.txt", "data"));
    close_macro(&m);
}

/* The names in a directory, sorted by nobody: whether one of them is `name`. */
static bool lists(struct world *w, int dir, const char *name) {
    CHECK_EQ(CALL(w, fd_readdir, dir, BUFFER, 4096, 0, RESULT), WASI_OK);
    uint32_t used = guest_u32(w, RESULT);
    for (uint32_t at = 0; at < used;) {
        uint32_t length = gb_load_u32(w->memory.bytes + BUFFER + at + 16);
        const uint8_t *found = w->memory.bytes + BUFFER + at + WASI_DIRENT_SIZE;
        if (strlen(name) == length && memcmp(found, name, length) == 0) return true;
        at += WASI_DIRENT_SIZE + length;
    }
    return false;
}

static void patterns_grant_what_they_spell(bool brokered) {
    static const char *const granted[] = {"other/*.txt", "**/deep.sql", "in/.env", NULL};
    struct macro m;
    patterns = granted;
    open_macro(&m, brokered);
    patterns = NULL;
    struct world *w = &m.w;
    make_file(w, "other/a.txt", "text");
    make_dir(w, "other/sub");
    make_file(w, "other/sub/deep.sql", "query");
    make_file(w, "other/sub/a.txt", "HUSH");
    make_dir(w, "other/.sub");
    make_file(w, "other/.sub/deep.sql", "HUSH");
    make_link(w, "other/link.txt", "../secret");
    make_link(w, "other/passwd.txt", "/etc/passwd");
    make_link(w, "other/again.txt", "sub/deep.sql");
    make_link(w, "other/folder", "../in/.git");
    CHECK_TEXT(read_at(w, BASE, "other/a.txt"), "text");
    CHECK_TEXT(read_at(w, DOT, "other/a.txt"), "text");
    CHECK_TEXT(read_at(w, BASE, "other/sub/deep.sql"), "query");
    CHECK_TEXT(read_at(w, BASE, "other/again.txt"), "query");
    CHECK_TEXT(read_at(w, PACKAGE, ".env"), "HUSH"); /* the package's own, named outright */
    CHECK_TEXT(read_at(w, BASE, "other/file"), "error 44");
    CHECK_TEXT(read_at(w, BASE, "other/not-there"), "error 44");
    CHECK_TEXT(read_at(w, BASE, "other/sub/a.txt"), "error 44");
    CHECK_TEXT(read_at(w, BASE, "other/link.txt"), "error 44");
    CHECK_TEXT(read_at(w, BASE, "secret"), "error 44");
    CHECK_EQ(open_at(w, BASE, "other/passwd.txt", 0, READ_RIGHTS), -WASI_EACCES);
    CHECK_EQ(open_at(w, BASE, "other/.sub/deep.sql", 0, READ_RIGHTS), -WASI_EACCES);
    CHECK_EQ(open_at(w, BASE, "other/folder/config", 0, READ_RIGHTS), -WASI_ENOENT);
    CHECK_EQ(open_at(w, BASE, "other/a.txt", 0, WRITE_RIGHTS), -WASI_EACCES);
    int dir =
        open_flags(w, BASE, 1, "other", WASI_OFLAG_DIRECTORY, WASI_RIGHTS_DIR, WASI_RIGHTS_ALL, 0);
    CHECK(dir > 0);
    CHECK(lists(w, dir, "a.txt") && lists(w, dir, "sub"));
    CHECK(!lists(w, dir, "file") && !lists(w, dir, ".sub") && !lists(w, dir, "folder"));
    CHECK_EQ(asked(w, GB_POWER_LIST, GB_GRANTED, below(&m, "other")), 1);
    CHECK(asked(w, GB_POWER_READ, GB_HIDDEN, below(&m, "secret")) >= 2);
    close_macro(&m);
}

static void a_broker_that_died_is_an_error(void) {
    struct macro m;
    open_macro(&m, true);
    CHECK_EQ(shutdown(gb_broker_fd(m.broker), SHUT_RDWR), 0);
    CHECK_EQ(open_at(&m.w, PACKAGE, "src/data.txt", 0, READ_RIGHTS), -WASI_EIO);
    close_macro(&m);
}

void test_view(void) {
    for (int brokered = 0; brokered < 2; brokered++) {
        int fds = open_host_fds();
        the_package_is_readable(brokered);
        all_else_is_refused_and_noted(brokered);
        hidden_files_do_not_exist(brokered);
        nothing_is_changed(brokered);
        patterns_grant_what_they_spell(brokered);
        CHECK_EQ(open_host_fds(), fds);
    }
    a_broker_that_died_is_an_error();
}
