/* Nothing escapes a preopen, whichever way paths are resolved. Every promise here is kept twice: by
 * the kernel (openat2) and by hand. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "wasi/beneath.h"

enum { IN = 3 }; /* the preopen */

/* A tree with something of everything. */
static void open_tree(struct world *w, bool by_hand) {
    world_open(w, &(struct setup){.by_hand = by_hand});
    make_dir(w, "in/dir");
    make_dir(w, "in/dir/nested");
    make_file(w, "in/file", "inside");
    make_file(w, "in/dir/nested/deep", "deep");
    make_link(w, "in/to-file", "file");
    make_link(w, "in/to-dir", "dir");
    make_link(w, "in/dir/up", "..");
    make_link(w, "in/out", "../secret");
    make_link(w, "in/out-dir", "..");
    make_link(w, "in/dir/out", "../../secret");
    make_link(w, "in/absolute", "/etc/passwd");
    make_link(w, "in/chain", "dir/up/out");
    make_link(w, "in/loop", "loop");
    make_link(w, "in/dangling", "new-inside");
    make_link(w, "in/dangling-out", "../new-outside");
    make_link(w, "in/to-dir-slash", "dir/");
}

static void nothing_outside_is_opened(bool by_hand) {
    static const char *const escapes[] = {
        "..",
        "../secret",
        "dir/../../secret",
        "./../secret",
        "dir/nested/../../../secret",
        "/etc/passwd",
        "/",
        "out",
        "out-dir",
        "out-dir/secret",
        "dir/out",
        "to-dir/out",
        "absolute",
        "chain",
        "dir/up/../secret",
        "dir/../..",
        "to-dir/../out",
        "out-dir/in/file",
        "out/",
        "../in/file",
    };
    struct world w;
    open_tree(&w, by_hand);
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        const char *path = escapes[i];
        CHECK_EQ(open_at(&w, IN, path, 0, READ_RIGHTS), -WASI_EPERM);
        int made = open_at(&w, IN, path, WASI_OFLAG_CREAT, WRITE_RIGHTS);
        CHECK(made == -WASI_EPERM || (made == -WASI_EISDIR && strcmp(path, "out/") == 0));
        CHECK_EQ(open_at(&w, IN, path, WASI_OFLAG_TRUNC, WRITE_RIGHTS), -WASI_EPERM);
        CHECK_EQ(stat_at(&w, IN, true, path), WASI_EPERM);
        CHECK_EQ(CALL(&w, path_filestat_set_times, IN, 1, guest_text(&w, path), strlen(path), 0, 0,
                      WASI_FST_MTIM),
                 WASI_EPERM);
    }
    CHECK(host_file_is(&w, "secret", "SECRET"));
    world_close(&w);
}

static void names_outside_are_not_changed(bool by_hand) {
    static const char *const parents[] = {"..", "out-dir", "dir/up/..", "to-dir/../..",
                                          "dir/../out-dir"};
    struct world w;
    open_tree(&w, by_hand);
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
        char old[64], new[64];
        snprintf(old, sizeof old, "%s/secret", parents[i]);
        snprintf(new, sizeof new, "%s/made", parents[i]);
        CHECK_EQ(on_name(&w, WASI_path_unlink_file, IN, old), WASI_EPERM);
        CHECK_EQ(on_name(&w, WASI_path_create_directory, IN, new), WASI_EPERM);
        CHECK_EQ(on_name(&w, WASI_path_remove_directory, IN, parents[i]),
                 i == 1 || i == 4 ? WASI_ENOTDIR : WASI_EPERM);
        uint32_t o = guest_text(&w, old), n = guest_text(&w, new), f = guest_text(&w, "file");
        size_t ol = strlen(old), nl = strlen(new);
        CHECK_EQ(CALL(&w, path_rename, IN, f, 4, IN, n, nl), WASI_EPERM);
        CHECK_EQ(CALL(&w, path_rename, IN, o, ol, IN, f, 4), WASI_EPERM);
        CHECK_EQ(CALL(&w, path_link, IN, 0, o, ol, IN, guest_text(&w, "x"), 1), WASI_EPERM);
        CHECK_EQ(CALL(&w, path_link, IN, 0, f, 4, IN, n, nl), WASI_EPERM);
        CHECK_EQ(CALL(&w, path_symlink, f, 4, IN, n, nl), WASI_EPERM);
        CHECK_EQ(CALL(&w, path_readlink, IN, o, ol, BUFFER, 100, RESULT), WASI_EPERM);
    }
    CHECK(host_file_is(&w, "secret", "SECRET"));
    CHECK(!host_has(&w, "made"));
    CHECK(host_file_is(&w, "in/file", "inside"));
    world_close(&w);
}

static void links_inside_are_followed(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    CHECK_TEXT(read_at(&w, IN, "to-file"), "inside");
    CHECK_TEXT(read_at(&w, IN, "to-dir/nested/deep"), "deep");
    CHECK_TEXT(read_at(&w, IN, "dir/up/file"), "inside");
    CHECK_TEXT(read_at(&w, IN, "dir/up/to-dir/up/to-file"), "inside");
    CHECK_TEXT(read_at(&w, IN, "dir/.//nested/../../dir/nested///./deep"), "deep");
    CHECK_EQ(open_at(&w, IN, "loop", 0, READ_RIGHTS), -WASI_ELOOP);
    CHECK_EQ(stat_at(&w, IN, false, "loop"), WASI_OK);
    CHECK_EQ(w.memory.bytes[BUFFER + 16], WASI_FILETYPE_SYMBOLIC_LINK);
    CHECK_EQ(stat_at(&w, IN, true, "loop"), WASI_ELOOP);
    CHECK_EQ(open_flags(&w, IN, 0, "to-file", 0, READ_RIGHTS, 0, 0), -WASI_ELOOP);
    CHECK_EQ(stat_at(&w, IN, false, "out"), WASI_OK);
    world_close(&w);
}

static void a_dangling_link_makes_its_target_inside_only(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    int fd = open_at(&w, IN, "dangling", WASI_OFLAG_CREAT, WRITE_RIGHTS);
    CHECK(fd > 0);
    close_fd(&w, fd);
    CHECK(host_has(&w, "in/new-inside"));
    CHECK_EQ(open_at(&w, IN, "dangling-out", WASI_OFLAG_CREAT, WRITE_RIGHTS), -WASI_EPERM);
    CHECK(!host_has(&w, "new-outside"));
    CHECK_EQ(open_at(&w, IN, "dangling-out", WASI_OFLAG_CREAT | WASI_OFLAG_EXCL, WRITE_RIGHTS),
             -WASI_EEXIST);
    CHECK_EQ(open_at(&w, IN, "to-file", WASI_OFLAG_CREAT | WASI_OFLAG_EXCL, WRITE_RIGHTS),
             -WASI_EEXIST);
    world_close(&w);
}

static void slashes_at_the_end_mean_a_directory(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    CHECK_EQ(open_at(&w, IN, "file/", 0, READ_RIGHTS), -WASI_ENOTDIR);
    CHECK_EQ(open_at(&w, IN, "file///", 0, READ_RIGHTS), -WASI_ENOTDIR);
    CHECK_EQ(open_at(&w, IN, "file/.", 0, READ_RIGHTS), -WASI_ENOTDIR);
    CHECK_EQ(open_at(&w, IN, "new/", WASI_OFLAG_CREAT, WRITE_RIGHTS), -WASI_EISDIR);
    CHECK_EQ(open_at(&w, IN, "new", WASI_OFLAG_CREAT | WASI_OFLAG_DIRECTORY, WRITE_RIGHTS),
             -WASI_EINVAL);
    CHECK(!host_has(&w, "in/new"));
    int fd = open_at(&w, IN, "to-dir-slash/", 0, 0);
    CHECK(fd > 0);
    close_fd(&w, fd);
    CHECK_EQ(stat_at(&w, IN, false, "to-dir/"), WASI_OK); /* the slash follows the link */
    CHECK_EQ(w.memory.bytes[BUFFER + 16], WASI_FILETYPE_DIRECTORY);
    CHECK_EQ(stat_at(&w, IN, false, "to-file/"), WASI_ENOTDIR);
    CHECK_EQ(on_name(&w, WASI_path_create_directory, IN, "made/"), WASI_OK);
    CHECK_EQ(on_name(&w, WASI_path_create_directory, IN, "dangling/"), WASI_EEXIST);
    CHECK_EQ(on_name(&w, WASI_path_remove_directory, IN, "made//"), WASI_OK);
    CHECK_EQ(on_name(&w, WASI_path_remove_directory, IN, "to-dir/"), WASI_ENOTDIR);
    CHECK_EQ(on_name(&w, WASI_path_unlink_file, IN, "file/"), WASI_ENOTDIR);
    CHECK_EQ(on_name(&w, WASI_path_unlink_file, IN, "dir/"), WASI_EISDIR);
    CHECK_EQ(on_name(&w, WASI_path_unlink_file, IN, "to-file/"), WASI_ENOTDIR);
    uint32_t file = guest_text(&w, "file"), slashed = guest_text(&w, "other/");
    CHECK_EQ(CALL(&w, path_symlink, file, 4, IN, slashed, 6), WASI_ENOENT);
    CHECK_EQ(CALL(&w, path_link, IN, 0, file, 4, IN, slashed, 6), WASI_ENOENT);
    CHECK_EQ(CALL(&w, path_rename, IN, file, 4, IN, slashed, 6), WASI_ENOTDIR);
    CHECK_EQ(CALL(&w, path_link, IN, 0, guest_text(&w, "file/"), 5, IN, guest_text(&w, "x"), 1),
             WASI_ENOTDIR);
    CHECK_EQ(CALL(&w, path_link, IN, 0, guest_text(&w, "to-dir/"), 7, IN, guest_text(&w, "x"), 1),
             WASI_EPERM);
    uint32_t dir = guest_text(&w, "dir/"), moved = guest_text(&w, "moved///");
    CHECK_EQ(CALL(&w, path_rename, IN, dir, 4, IN, moved, 8), WASI_OK);
    CHECK(host_has(&w, "in/moved/nested/deep"));
    world_close(&w);
}

static void dots_as_a_name_change_nothing(bool by_hand) {
    static const char *const dots[] = {".", "./", "dir/..", "dir/.", "dir/nested/../.."};
    struct world w;
    open_tree(&w, by_hand);
    for (size_t i = 0; i < sizeof dots / sizeof *dots; i++) {
        CHECK_EQ(on_name(&w, WASI_path_create_directory, IN, dots[i]), WASI_EEXIST);
        CHECK_EQ(on_name(&w, WASI_path_remove_directory, IN, dots[i]), WASI_EINVAL);
        CHECK_EQ(on_name(&w, WASI_path_unlink_file, IN, dots[i]), WASI_EISDIR);
        uint32_t f = guest_text(&w, "file"), d = guest_text(&w, dots[i]);
        CHECK_EQ(CALL(&w, path_rename, IN, d, strlen(dots[i]), IN, guest_text(&w, "x"), 1),
                 WASI_EBUSY);
        CHECK_EQ(CALL(&w, path_rename, IN, f, 4, IN, d, strlen(dots[i])), WASI_EBUSY);
    }
    world_close(&w);
}

static void hard_links_are_of_links_themselves(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    uint32_t from = guest_text(&w, "out"), to = guest_text(&w, "copy");
    CHECK_EQ(CALL(&w, path_link, IN, 1, from, 3, IN, to, 4), WASI_EINVAL);
    CHECK(!host_has(&w, "in/copy"));
    CHECK_EQ(CALL(&w, path_link, IN, 0, from, 3, IN, to, 4), WASI_OK);
    CHECK_EQ(CALL(&w, path_readlink, IN, to, 4, BUFFER, 100, RESULT), WASI_OK);
    CHECK_EQ(guest_u32(&w, RESULT), 9);
    CHECK(memcmp(w.memory.bytes + BUFFER, "../secret", 9) == 0);
    CHECK_EQ(CALL(&w, path_readlink, IN, to, 4, BUFFER, 2, RESULT), WASI_OK); /* cut, not refused */
    CHECK_EQ(guest_u32(&w, RESULT), 2);
    CHECK_EQ(CALL(&w, path_readlink, IN, guest_text(&w, "file"), 4, BUFFER, 9, RESULT),
             WASI_EINVAL);
    CHECK_EQ(CALL(&w, path_link, IN, 0, guest_text(&w, "dir"), 3, IN, guest_text(&w, "d2"), 2),
             WASI_EPERM);
    world_close(&w);
}

static void absolute_link_targets_are_refused(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    uint32_t text = guest_text(&w, "/etc"), name = guest_text(&w, "etc");
    CHECK_EQ(CALL(&w, path_symlink, text, 4, IN, name, 3), WASI_EPERM);
    CHECK(!host_has(&w, "in/etc"));
    CHECK_EQ(CALL(&w, path_symlink, guest_text(&w, "dir/nested"), 10, IN, name, 3), WASI_OK);
    CHECK_TEXT(read_at(&w, IN, "etc/deep"), "deep");
    CHECK_EQ(CALL(&w, path_symlink, text, 0, IN, guest_text(&w, "e"), 1), WASI_ENOENT);
    world_close(&w);
}

static void truncation_needs_its_right(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    uint64_t all = WASI_RIGHTS_ALL & ~WASI_RIGHT_PATH_FILESTAT_SET_SIZE;
    CHECK_EQ(CALL(&w, fd_fdstat_set_rights, IN, all & WASI_RIGHTS_DIR, WASI_RIGHTS_ALL), WASI_OK);
    CHECK_EQ(open_at(&w, IN, "file", WASI_OFLAG_TRUNC, WRITE_RIGHTS), -WASI_ENOTCAPABLE);
    CHECK_EQ(open_at(&w, IN, "file", WASI_OFLAG_TRUNC, 0), -WASI_ENOTCAPABLE);
    CHECK(host_file_is(&w, "in/file", "inside"));
    CHECK_EQ(CALL(&w, fd_fdstat_set_rights, IN, WASI_RIGHTS_DIR, WASI_RIGHTS_ALL),
             WASI_ENOTCAPABLE);
    all &= ~WASI_RIGHT_PATH_CREATE_FILE;
    CHECK_EQ(CALL(&w, fd_fdstat_set_rights, IN, all & WASI_RIGHTS_DIR, WASI_RIGHTS_ALL), WASI_OK);
    CHECK_EQ(open_at(&w, IN, "new", WASI_OFLAG_CREAT, WRITE_RIGHTS), -WASI_ENOTCAPABLE);
    CHECK(!host_has(&w, "in/new"));
    world_close(&w);
}

static void a_read_only_preopen_stays_as_it_is(bool by_hand) {
    struct world w;
    world_open(&w, &(struct setup){.by_hand = by_hand, .read_only = true});
    make_file(&w, "in/file", "inside");
    make_dir(&w, "rw");
    gb_error err;
    char *rw = realpath(host_path(&w, "rw"), NULL);
    CHECK(gb_policy_grant_path(w.policy, rw, GB_PATH_WRITABLE, &err));
    CHECK(gb_wasi_preopen(w.wasi, rw, "/rw", &err));
    free(rw);
    uint32_t f = guest_text(&w, "file"), x = guest_text(&w, "x");
    CHECK_TEXT(read_at(&w, IN, "file"), "inside");
    CHECK_EQ(open_at(&w, IN, "file", 0, WRITE_RIGHTS), -WASI_EACCES);
    CHECK_EQ(open_at(&w, IN, "file", WASI_OFLAG_TRUNC, READ_RIGHTS), -WASI_EACCES);
    CHECK_EQ(open_at(&w, IN, "x", WASI_OFLAG_CREAT, READ_RIGHTS), -WASI_EACCES);
    CHECK_EQ(on_name(&w, WASI_path_unlink_file, IN, "file"), WASI_EACCES);
    CHECK_EQ(on_name(&w, WASI_path_create_directory, IN, "x"), WASI_EACCES);
    CHECK_EQ(CALL(&w, path_rename, IN, f, 4, 4, x, 1), WASI_EACCES);
    /* A hard link where writing is granted would be a way to write to this very file. */
    CHECK_EQ(CALL(&w, path_link, IN, 0, f, 4, 4, x, 1), WASI_EACCES);
    CHECK_EQ(CALL(&w, path_symlink, f, 4, IN, x, 1), WASI_EACCES);
    CHECK_EQ(CALL(&w, path_filestat_set_times, IN, 1, f, 4, 0, 0, WASI_FST_MTIM_NOW), WASI_EACCES);
    int fd = open_at(&w, IN, "file", 0, READ_RIGHTS | WASI_RIGHT_FD_FILESTAT_SET_TIMES);
    CHECK_EQ(CALL(&w, fd_filestat_set_times, fd, 0, 0, WASI_FST_MTIM_NOW), WASI_EACCES);
    CHECK(asked(&w, GB_POWER_WRITE, GB_REFUSED, host_path(&w, "in/file")) >= 6);
    CHECK(host_file_is(&w, "in/file", "inside"));
    CHECK(!host_has(&w, "rw/x"));
    world_close(&w);
}

static void a_directory_moved_away_leads_nowhere(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    int dir =
        open_flags(&w, IN, 0, "dir", WASI_OFLAG_DIRECTORY, WASI_RIGHTS_DIR, WASI_RIGHTS_ALL, 0);
    CHECK(dir > 0);
    CHECK_EQ(rename(host_path(&w, "in/dir"), host_path(&w, "moved")), 0);
    CHECK_EQ(open_at(&w, dir, "../secret", 0, READ_RIGHTS), -WASI_EPERM);
    CHECK_EQ(open_at(&w, dir, "nested/../../secret", 0, READ_RIGHTS), -WASI_EPERM);
    CHECK_TEXT(read_at(&w, dir, "nested/deep"), "deep");
    world_close(&w);
}

static void odd_paths_are_refused(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    uint32_t nul = guest_text(&w, "file");
    w.memory.bytes[nul + 2] = 0;
    CHECK_EQ(CALL(&w, path_filestat_get, IN, 0, nul, 4, BUFFER), WASI_EINVAL);
    CHECK_EQ(stat_at(&w, IN, false, ""), WASI_ENOENT);
    CHECK_EQ(CALL(&w, path_filestat_get, IN, 2, nul, 1, BUFFER), WASI_EINVAL);
    memset(w.memory.bytes + BUFFER, 'a', 10000);
    CHECK_EQ(CALL(&w, path_filestat_get, IN, 0, BUFFER, 256, 0), WASI_ENAMETOOLONG);
    CHECK_EQ(CALL(&w, path_filestat_get, IN, 0, BUFFER, 5000, 0), WASI_ENAMETOOLONG);
    CHECK_EQ(CALL(&w, path_create_directory, IN, BUFFER, 256), WASI_ENAMETOOLONG);
    CHECK_EQ(CALL(&w, path_filestat_get, IN, 0, MEMORY - 2, 5, BUFFER), WASI_EFAULT);
    CHECK_EQ(CALL(&w, path_filestat_get, IN, 0, 0xfffffff0, 0xffffffff, BUFFER), WASI_EFAULT);
    CHECK_EQ(stat_at(&w, 0, false, "file"), WASI_ENOTDIR);
    CHECK_EQ(stat_at(&w, 99, false, "file"), WASI_EBADF);
    CHECK_EQ(open_at(&w, IN, "file", 16, READ_RIGHTS), -WASI_EINVAL);
    CHECK_EQ(open_flags(&w, IN, 0, "file", 0, READ_RIGHTS, 0, 32), -WASI_EINVAL);
    world_close(&w);
}

/* ---- the two ways agree -------------------------------------------------------------------- */

/* Every path of up to three of these, with and without a slash at the end. */
static const char *const words[] = {
    "file",     "dir",      "nested",       "deep",    "..",      ".",
    "to-file",  "to-dir",   "up",           "out",     "out-dir", "loop",
    "absolute", "dangling", "to-dir-slash", "missing", "chain",
};
enum { WORDS = sizeof words / sizeof *words };

static void inode_of(int fd, struct stat *st) {
    memset(st, 0, sizeof *st);
    if (fd < 0) return;
    fstat(fd, st);
    close(fd);
}

static bool agree(int dir, const char *path, int flags) {
    struct stat by_kernel, by_hand;
    int a = wasi_beneath_open(dir, false, path, flags, 0600);
    int b = wasi_beneath_open(dir, true, path, flags, 0600);
    bool same = a < 0 ? a == b : b >= 0;
    inode_of(a, &by_kernel);
    inode_of(b, &by_hand);
    if (same && by_kernel.st_ino == by_hand.st_ino) return true;
    printf("  `%s` flags %#x: kernel %d, by hand %d\n", path, (unsigned)flags, a, b);
    return false;
}

static bool agree_on_name(int dir, const char *path) {
    struct wasi_end a = {0}, b = {0};
    struct stat sa, sb;
    int ea = wasi_beneath_name(dir, false, path, &a), eb = wasi_beneath_name(dir, true, path, &b);
    inode_of(ea ? -1 : a.parent, &sa);
    inode_of(eb ? -1 : b.parent, &sb);
    bool same = ea == eb && (ea || (strcmp(a.name, b.name) == 0 && sa.st_ino == sb.st_ino));
    if (!same)
        printf("  name `%s`: kernel %d `%s`, by hand %d `%s`\n", path, ea, a.name, eb, b.name);
    return same;
}

static void both_ways_agree(void) {
    static const int flags[] = {
        O_RDONLY, O_PATH, O_PATH | O_NOFOLLOW, O_RDONLY | O_NOFOLLOW, O_RDONLY | O_DIRECTORY,
        O_WRONLY};
    struct world w;
    open_tree(&w, false);
    int dir = open(host_path(&w, "in"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int differences = 0, paths = 0;
    for (int n = 0; n < WORDS * WORDS * WORDS * 2; n++) {
        char path[128];
        int i = n / 2;
        snprintf(path, sizeof path, "%s/%s/%s%s", words[i % WORDS], words[i / WORDS % WORDS],
                 words[i / WORDS / WORDS], n % 2 ? "/" : "");
        const char *from = n % 3 == 0 ? path : strchr(path, '/') + 1; /* shorter ones too */
        if (n % 7 == 0) from = strrchr(path, '/')[1] ? strrchr(path, '/') + 1 : from;
        for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
            differences += !agree(dir, from, flags[f]);
        differences += !agree_on_name(dir, from);
        paths++;
    }
    CHECK_EQ(differences, 0);
    CHECK(paths > 9000);
    close(dir);
    world_close(&w);
}

/* ---- while another process renames --------------------------------------------------------- */

struct swapper {
    char a[128], b[128];
    _Atomic bool stop;
};

static void *swap_names(void *env) {
    struct swapper *s = env;
    while (!s->stop)
        syscall(SYS_renameat2, AT_FDCWD, s->a, AT_FDCWD, s->b, 2 /* RENAME_EXCHANGE */);
    return NULL;
}

/* A directory and a link to the outside change places all the time. */
static void a_swapped_link_never_leads_out(bool by_hand) {
    struct world w;
    open_tree(&w, by_hand);
    make_dir(&w, "in/turn");
    make_file(&w, "in/turn/secret", "harmless");
    make_link(&w, "in/other", "..");
    struct swapper s = {.stop = false};
    snprintf(s.a, sizeof s.a, "%s", host_path(&w, "in/turn"));
    snprintf(s.b, sizeof s.b, "%s", host_path(&w, "in/other"));
    pthread_t thread;
    pthread_create(&thread, NULL, swap_names, &s);
    int escaped = 0, reads = 0;
    for (int i = 0; i < 20000; i++) {
        const char *text = read_at(&w, IN, i % 2 ? "turn/secret" : "dir/../turn/../turn/secret");
        escaped += strcmp(text, "SECRET") == 0;
        reads += strcmp(text, "harmless") == 0;
    }
    s.stop = true;
    pthread_join(thread, NULL);
    CHECK_EQ(escaped, 0);
    passed -= reads ? reads : 0; /* closing each is no promise of its own */
    CHECK(reads > 0);
    world_close(&w);
}

void test_paths(void) {
    struct world w;
    world_open(&w, NULL);
    bool by_kernel = !w.wasi->by_hand;
    world_close(&w);
    for (int by_hand = by_kernel ? 0 : 1; by_hand < 2; by_hand++) {
        int fds = open_host_fds();
        nothing_outside_is_opened(by_hand);
        names_outside_are_not_changed(by_hand);
        links_inside_are_followed(by_hand);
        a_dangling_link_makes_its_target_inside_only(by_hand);
        slashes_at_the_end_mean_a_directory(by_hand);
        dots_as_a_name_change_nothing(by_hand);
        hard_links_are_of_links_themselves(by_hand);
        absolute_link_targets_are_refused(by_hand);
        truncation_needs_its_right(by_hand);
        a_read_only_preopen_stays_as_it_is(by_hand);
        a_directory_moved_away_leads_nowhere(by_hand);
        odd_paths_are_refused(by_hand);
        a_swapped_link_never_leads_out(by_hand);
        CHECK_EQ(open_host_fds(), fds);
    }
    if (by_kernel) both_ways_agree();
}
