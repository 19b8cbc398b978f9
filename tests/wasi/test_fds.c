/* Descriptors: rights only shrink, numbers are not leaked, guest memory is checked before anything
 * is done. */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

enum { IN = 3 };

static uint64_t rights_of(struct world *w, int fd, uint64_t *inheriting) {
    CHECK_EQ(CALL(w, fd_fdstat_get, fd, BUFFER), WASI_OK);
    if (inheriting) *inheriting = guest_u64(w, BUFFER + 16);
    return guest_u64(w, BUFFER + 8);
}

static void rights_only_shrink(void) {
    struct world w;
    world_open(&w, NULL);
    make_file(&w, "in/file", "text");
    int fd = open_at(&w, IN, "file", 0, WRITE_RIGHTS);
    CHECK_EQ(rights_of(&w, fd, NULL), WRITE_RIGHTS);
    CHECK_EQ(CALL(&w, fd_fdstat_set_rights, fd, WASI_RIGHT_FD_SEEK, 0), WASI_OK);
    CHECK_EQ(write_fd(&w, fd, "x"), WASI_ENOTCAPABLE);
    CHECK(read_fd(&w, fd) == NULL);
    CHECK_EQ(CALL(&w, fd_seek, fd, 0, 0, RESULT), WASI_OK);
    CHECK_EQ(CALL(&w, fd_fdstat_set_rights, fd, WRITE_RIGHTS, 0), WASI_ENOTCAPABLE);
    CHECK_EQ(CALL(&w, fd_fdstat_set_rights, fd, WASI_RIGHT_FD_SEEK, 1), WASI_ENOTCAPABLE);
    close_fd(&w, fd);
    /* What a directory does not hand on, nothing opened in it can have. */
    int dir =
        open_flags(&w, IN, 0, ".", WASI_OFLAG_DIRECTORY, WASI_RIGHTS_DIR, WASI_RIGHT_FD_READ, 0);
    CHECK_EQ(open_at(&w, dir, "file", 0, WRITE_RIGHTS), -WASI_ENOTCAPABLE);
    CHECK_EQ(open_flags(&w, dir, 0, "file", 0, WASI_RIGHT_FD_READ, WASI_RIGHT_FD_WRITE, 0),
             -WASI_ENOTCAPABLE);
    CHECK_EQ(open_flags(&w, dir, 0, "file", 0, WASI_RIGHT_FD_READ, 0, WASI_FDFLAG_SYNC),
             -WASI_ENOTCAPABLE);
    CHECK_TEXT(read_at(&w, IN, "file"), "text");
    int narrow = open_flags(&w, dir, 0, "file", 0, WASI_RIGHT_FD_READ, 0, 0);
    CHECK(narrow > 0);
    CHECK_TEXT(read_fd(&w, narrow), "text");
    guest_put_u32(&w, 0, BUFFER);
    guest_put_u32(&w, 4, 4);
    CHECK_EQ(CALL(&w, fd_pread, narrow, 0, 1, 0, RESULT),
             WASI_ENOTCAPABLE); /* wants to seek as well */
    CHECK_EQ(CALL(&w, fd_tell, narrow, RESULT), WASI_ENOTCAPABLE);
    CHECK_EQ(CALL(&w, fd_read, dir, 0, 1, RESULT), WASI_EISDIR);
    CHECK_EQ(CALL(&w, fd_write, dir, 0, 1, RESULT), WASI_ENOTCAPABLE);
    world_close(&w);
}

static void a_right_is_needed_for_each_call(void) {
    static const struct {
        enum wasi_function function;
        wasi_rights right;
    } needs[] = {
        {WASI_path_create_directory, WASI_RIGHT_PATH_CREATE_DIRECTORY},
        {WASI_path_remove_directory, WASI_RIGHT_PATH_REMOVE_DIRECTORY},
        {WASI_path_unlink_file, WASI_RIGHT_PATH_UNLINK_FILE},
        {WASI_path_readlink, WASI_RIGHT_PATH_READLINK},
        {WASI_path_open, WASI_RIGHT_PATH_OPEN},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        struct world w;
        world_open(&w, NULL);
        uint64_t rest = WASI_RIGHTS_DIR & ~needs[i].right;
        CHECK_EQ(CALL(&w, fd_fdstat_set_rights, IN, rest, 0), WASI_OK);
        uint32_t at = guest_text(&w, "name");
        const gb_value open_args[] = {V(IN), V(0), V(at), V(4), V(0), V(0), V(0), V(0), V(RESULT)};
        const gb_value name_args[] = {V(IN), V(at), V(4), V(BUFFER), V(4), V(RESULT)};
        const gb_value *args = needs[i].function == WASI_path_open ? open_args : name_args;
        CHECK_EQ(wasi_dispatch(w.wasi, &w.memory, needs[i].function, args), WASI_ENOTCAPABLE);
        CHECK_EQ(CALL(&w, fd_fdstat_set_rights, IN, 0, 0), WASI_OK);
        CHECK_EQ(CALL(&w, path_filestat_get, IN, 0, at, 4, BUFFER), WASI_ENOTCAPABLE);
        CHECK_EQ(CALL(&w, path_filestat_set_times, IN, 0, at, 4, 0, 0, 0), WASI_ENOTCAPABLE);
        CHECK_EQ(CALL(&w, path_rename, IN, at, 4, IN, at, 4), WASI_ENOTCAPABLE);
        CHECK_EQ(CALL(&w, path_link, IN, 0, at, 4, IN, at, 4), WASI_ENOTCAPABLE);
        CHECK_EQ(CALL(&w, path_symlink, at, 4, IN, at, 4), WASI_ENOTCAPABLE);
        CHECK_EQ(CALL(&w, fd_readdir, IN, BUFFER, 100, 0, RESULT), WASI_ENOTCAPABLE);
        CHECK_EQ(CALL(&w, fd_filestat_get, IN, BUFFER), WASI_ENOTCAPABLE);
        CHECK_EQ(CALL(&w, fd_sync, IN), WASI_ENOTCAPABLE);
        world_close(&w);
    }
}

static void renumber_closes_what_was_there(void) {
    struct world w;
    world_open(&w, NULL);
    make_file(&w, "in/a", "a");
    make_file(&w, "in/b", "b");
    int a = open_at(&w, IN, "a", 0, READ_RIGHTS), b = open_at(&w, IN, "b", 0, READ_RIGHTS);
    int fds = open_host_fds();
    CHECK_EQ(CALL(&w, fd_renumber, a, 77), WASI_EBADF);
    CHECK_EQ(CALL(&w, fd_renumber, 77, a), WASI_EBADF);
    CHECK_EQ(CALL(&w, fd_renumber, a, 0xffffffff), WASI_EBADF);
    CHECK_EQ(CALL(&w, fd_renumber, a, a), WASI_OK);
    CHECK_EQ(CALL(&w, fd_renumber, a, b), WASI_OK);
    CHECK_EQ(open_host_fds(), fds - 1);
    CHECK_EQ(CALL(&w, fd_close, a), WASI_EBADF);
    CHECK_TEXT(read_fd(&w, b), "a");
    CHECK_EQ(open_at(&w, IN, "b", 0, READ_RIGHTS), a); /* the lowest free number */
    CHECK_EQ(CALL(&w, fd_renumber, b, IN), WASI_OK);   /* over the preopen, which is gone then */
    CHECK_EQ(CALL(&w, fd_prestat_get, IN, BUFFER), WASI_EBADF);
    CHECK_EQ(open_at(&w, IN, "b", 0, READ_RIGHTS), -WASI_ENOTDIR);
    world_close(&w);
}

static void a_full_table_refuses_and_leaks_nothing(void) {
    struct world w;
    world_open(&w, NULL);
    make_file(&w, "in/a", "a");
    int fd = 0, most = 0;
    while ((fd = open_at(&w, IN, "a", 0, READ_RIGHTS)) > 0) most = fd;
    CHECK_EQ(fd, -WASI_EMFILE);
    int fds = open_host_fds();
    CHECK_EQ(open_at(&w, IN, "a", 0, READ_RIGHTS), -WASI_EMFILE);
    CHECK_EQ(open_host_fds(), fds);
    CHECK(most >= 900); /* the table's or the process's limit, whichever is lower */
    world_close(&w);
}

static void buffers_are_checked_first(void) {
    struct world w;
    world_open(&w, NULL);
    make_file(&w, "in/file", "0123456789");
    int fd = open_at(&w, IN, "file", 0, WRITE_RIGHTS);
    guest_put_u32(&w, 0, BUFFER);
    guest_put_u32(&w, 4, 10);
    CHECK_EQ(CALL(&w, fd_read, fd, 0, 1, MEMORY - 3), WASI_EFAULT); /* the result has no room */
    CHECK_EQ(CALL(&w, fd_read, fd, MEMORY - 4, 1, RESULT), WASI_EFAULT);
    CHECK_EQ(CALL(&w, fd_read, fd, 0, 0x20000000, RESULT),
             WASI_EFAULT); /* 8 * count wraps at 32 bits */
    CHECK_EQ(CALL(&w, fd_read, fd, 3 * BUFFER, 0x20000000, RESULT), WASI_EFAULT);
    CHECK_EQ(CALL(&w, fd_read, fd, 0, 0xffffffff, RESULT), WASI_EFAULT);
    guest_put_u32(&w, 8, MEMORY - 1);
    guest_put_u32(&w, 12, 2);
    CHECK_EQ(CALL(&w, fd_read, fd, 0, 2, RESULT), WASI_EFAULT);
    guest_put_u32(&w, 8, 0xfffffff0);
    guest_put_u32(&w, 12, 0xfffffff0);
    CHECK_EQ(CALL(&w, fd_write, fd, 0, 2, RESULT), WASI_EFAULT);
    CHECK_EQ(CALL(&w, fd_tell, fd, RESULT), WASI_OK);
    CHECK_EQ(guest_u64(&w, RESULT), 0); /* nothing was read by any of these */
    CHECK(host_file_is(&w, "in/file", "0123456789"));
    /* Lengths that add up to more than 32 bits: less is read, nothing wraps. */
    for (uint32_t i = 0; i < 64; i++) {
        guest_put_u32(&w, 8 * i, 0);
        guest_put_u32(&w, 8 * i + 4, i < 4 ? 0 : MEMORY);
    }
    CHECK_EQ(CALL(&w, fd_pread, fd, 0, 64, 5, BUFFER), WASI_OK);
    CHECK_EQ(guest_u32(&w, BUFFER), 5);
    CHECK(memcmp(w.memory.bytes, "56789", 5) == 0); /* over the very list of buffers */
    CHECK_EQ(CALL(&w, fd_pread, fd, 512, 0, 0, BUFFER), WASI_OK);
    CHECK_EQ(guest_u32(&w, BUFFER), 0);
    CHECK_EQ(CALL(&w, fd_pread, fd, 0, 0, UINT64_MAX, BUFFER), WASI_EINVAL);
    CHECK_EQ(CALL(&w, fd_pwrite, fd, 0, 0, (uint64_t)1 << 63, BUFFER), WASI_EINVAL);
    CHECK_EQ(CALL(&w, fd_fdstat_get, fd, MEMORY - 23), WASI_EFAULT);
    CHECK_EQ(CALL(&w, fd_filestat_get, fd, MEMORY - 63), WASI_EFAULT);
    CHECK_EQ(CALL(&w, fd_seek, fd, 0, 0, MEMORY - 7), WASI_EFAULT);
    int before = open_host_fds();
    uint32_t name = guest_text(&w, "file");
    CHECK_EQ(CALL(&w, path_open, IN, 0, name, 4, 0, 2, 0, 0, MEMORY - 1), WASI_EFAULT);
    CHECK_EQ(open_host_fds(), before);
    world_close(&w);
}

static void files_read_write_seek(void) {
    struct world w;
    world_open(&w, NULL);
    int fd = open_at(&w, IN, "new", WASI_OFLAG_CREAT, WASI_RIGHTS_FILE);
    CHECK_EQ(write_fd(&w, fd, "hello world"), WASI_OK);
    CHECK_EQ(guest_u32(&w, RESULT), 11);
    CHECK_EQ(CALL(&w, fd_seek, fd, -5, WASI_WHENCE_END, RESULT), WASI_OK);
    CHECK_EQ(guest_u64(&w, RESULT), 6);
    CHECK_TEXT(read_fd(&w, fd), "world");
    CHECK_EQ(CALL(&w, fd_seek, fd, -100, WASI_WHENCE_CUR, RESULT), WASI_EINVAL);
    CHECK_EQ(CALL(&w, fd_seek, fd, 0, 3, RESULT), WASI_EINVAL);
    guest_put_u32(&w, 0, BUFFER);
    guest_put_u32(&w, 4, 2);
    guest_put_u32(&w, 8, BUFFER + 2);
    guest_put_u32(&w, 12, 3);
    CHECK_EQ(CALL(&w, fd_pread, fd, 0, 2, 0, RESULT), WASI_OK);
    CHECK(memcmp(w.memory.bytes + BUFFER, "hello", 5) == 0);
    memcpy(w.memory.bytes + BUFFER, "HELLO", 5);
    CHECK_EQ(CALL(&w, fd_pwrite, fd, 0, 2, 0, RESULT), WASI_OK);
    CHECK(host_file_is(&w, "in/new", "HELLO world"));
    CHECK_EQ(CALL(&w, fd_filestat_set_size, fd, 5), WASI_OK);
    CHECK(host_file_is(&w, "in/new", "HELLO"));
    CHECK_EQ(CALL(&w, fd_filestat_set_size, fd, UINT64_MAX), WASI_EINVAL);
    CHECK_EQ(CALL(&w, fd_allocate, fd, 0, 100), WASI_OK);
    CHECK_EQ(CALL(&w, fd_allocate, fd, 0, 0), WASI_EINVAL);
    CHECK_EQ(CALL(&w, fd_filestat_get, fd, BUFFER), WASI_OK);
    CHECK_EQ(guest_u64(&w, BUFFER + 32), 100);
    CHECK_EQ(w.memory.bytes[BUFFER + 16], WASI_FILETYPE_REGULAR_FILE);
    CHECK_EQ(CALL(&w, fd_advise, fd, 0, 10, 5), WASI_OK);
    CHECK_EQ(CALL(&w, fd_advise, fd, 0, 10, 6), WASI_EINVAL);
    CHECK_EQ(CALL(&w, fd_sync, fd), WASI_OK);
    CHECK_EQ(CALL(&w, fd_datasync, fd), WASI_OK);
    CHECK_EQ(
        CALL(&w, fd_filestat_set_times, fd, 1000000001, 2000000002, WASI_FST_ATIM | WASI_FST_MTIM),
        WASI_OK);
    CHECK_EQ(CALL(&w, fd_filestat_get, fd, BUFFER), WASI_OK);
    CHECK_EQ(guest_u64(&w, BUFFER + 40), 1000000001);
    CHECK_EQ(guest_u64(&w, BUFFER + 48), 2000000002);
    CHECK_EQ(CALL(&w, fd_filestat_set_times, fd, 0, 0, 3), WASI_EINVAL);
    CHECK_EQ(CALL(&w, fd_filestat_set_times, fd, 0, 0, 16), WASI_EINVAL);
    uint32_t name = guest_text(&w, "new");
    CHECK_EQ(CALL(&w, path_filestat_set_times, IN, 1, name, 3, 0, 3000000003, WASI_FST_MTIM),
             WASI_OK);
    CHECK_EQ(stat_at(&w, IN, true, "new"), WASI_OK);
    CHECK_EQ(guest_u64(&w, BUFFER + 40), 1000000001);
    CHECK_EQ(guest_u64(&w, BUFFER + 48), 3000000003);
    world_close(&w);
}

static void flags_work(void) {
    struct world w;
    world_open(&w, NULL);
    make_file(&w, "in/file", "abc");
    int fd = open_flags(&w, IN, 0, "file", 0, WASI_RIGHTS_FILE, 0, WASI_FDFLAG_APPEND);
    CHECK_EQ(write_fd(&w, fd, "d"), WASI_OK);
    CHECK_EQ(CALL(&w, fd_fdstat_get, fd, BUFFER), WASI_OK);
    CHECK_EQ(w.memory.bytes[BUFFER + 2], WASI_FDFLAG_APPEND);
    CHECK_EQ(CALL(&w, fd_fdstat_set_flags, fd, 0), WASI_OK);
    CHECK_EQ(CALL(&w, fd_seek, fd, 0, 0, RESULT), WASI_OK);
    CHECK_EQ(write_fd(&w, fd, "A"), WASI_OK);
    CHECK_EQ(CALL(&w, fd_fdstat_set_flags, fd, WASI_FDFLAG_APPEND | WASI_FDFLAG_NONBLOCK), WASI_OK);
    CHECK_EQ(write_fd(&w, fd, "e"), WASI_OK);
    CHECK(host_file_is(&w, "in/file", "Abcde"));
    CHECK_EQ(CALL(&w, fd_fdstat_set_flags, fd, WASI_FDFLAG_SYNC), WASI_ENOTSUP);
    CHECK_EQ(CALL(&w, fd_fdstat_set_flags, fd, 32), WASI_EINVAL);
    world_close(&w);
}

static void directories_are_not_files(void) {
    struct world w;
    world_open(&w, NULL);
    make_dir(&w, "in/dir");
    int fd = open_flags(&w, IN, 0, "dir", 0, WASI_RIGHT_FD_SEEK | WASI_RIGHT_FD_READ, 0, 0);
    CHECK_EQ(rights_of(&w, fd, NULL), 0);
    CHECK(read_fd(&w, fd) == NULL);
    CHECK_EQ(CALL(&w, fd_seek, fd, 0, 1, RESULT), WASI_ENOTCAPABLE);
    CHECK_EQ(CALL(&w, fd_filestat_set_size, IN, 0), WASI_ENOTCAPABLE);
    CHECK_EQ(CALL(&w, fd_allocate, IN, 0, 1), WASI_ENOTCAPABLE);
    CHECK_EQ(open_at(&w, IN, "dir", 0, WRITE_RIGHTS), -WASI_EISDIR);
    CHECK_EQ(open_at(&w, IN, "dir", WASI_OFLAG_TRUNC, 0), -WASI_EISDIR);
    CHECK_EQ(open_at(&w, IN, "dir", WASI_OFLAG_DIRECTORY, WRITE_RIGHTS), -WASI_EISDIR);
    CHECK(open_at(&w, IN, "dir", WASI_OFLAG_DIRECTORY, WASI_RIGHTS_DIR) > 0);
    world_close(&w);
}

static void preopens_are_announced(void) {
    struct world w;
    world_open(&w, NULL);
    CHECK_EQ(CALL(&w, fd_prestat_get, IN, BUFFER), WASI_OK);
    CHECK_EQ(guest_u32(&w, BUFFER), 0);
    CHECK_EQ(guest_u32(&w, BUFFER + 4), 3);
    CHECK_EQ(CALL(&w, fd_prestat_dir_name, IN, BUFFER, 2), WASI_ENAMETOOLONG);
    CHECK_EQ(CALL(&w, fd_prestat_dir_name, IN, BUFFER, 3), WASI_OK);
    CHECK(memcmp(w.memory.bytes + BUFFER, "/in", 3) == 0);
    CHECK_EQ(CALL(&w, fd_prestat_dir_name, IN, MEMORY - 2, 3), WASI_EFAULT);
    CHECK_EQ(CALL(&w, fd_prestat_get, 1, BUFFER), WASI_EBADF);
    CHECK_EQ(CALL(&w, fd_prestat_get, 4, BUFFER), WASI_EBADF);
    CHECK_EQ(CALL(&w, fd_close, IN), WASI_OK);
    CHECK_EQ(CALL(&w, fd_prestat_get, IN, BUFFER), WASI_EBADF);
    world_close(&w);
}

static gb_policy *policy_with(const gb_power *powers, size_t count) {
    gb_error err;
    gb_policy *p = gb_policy_new(&(gb_subject){.name = "test"}, &err);
    for (size_t i = 0; i < count; i++) gb_policy_grant(p, powers[i]);
    return p;
}

static void streams_need_a_grant(void) {
    int in[2], out[2];
    CHECK(pipe(in) == 0 && pipe(out) == 0);
    CHECK(write(in[1], "input", 5) == 5);
    for (int granted = 0; granted < 2; granted++) {
        static const gb_power powers[] = {GB_POWER_STDIN, GB_POWER_STDOUT};
        struct world w;
        world_open(&w, &(struct setup){.no_preopen = true,
                                       .stdio = (int[]){in[0], out[1], out[1]},
                                       .policy = policy_with(powers, granted ? 2 : 0)});
        CHECK_TEXT(read_fd(&w, 0), granted ? "input" : "");
        CHECK_EQ(write_fd(&w, 1, "one"), WASI_OK);
        CHECK_EQ(write_fd(&w, 2, "two"), WASI_OK); /* standard error was granted neither time */
        CHECK_EQ(write_fd(&w, 0, "x"), WASI_ENOTCAPABLE);
        CHECK(read_fd(&w, 1) == NULL);
        CHECK_EQ(asked(&w, GB_POWER_STDIN, granted ? GB_GRANTED : GB_SUBSTITUTED, ""), 1);
        CHECK_EQ(CALL(&w, fd_seek, 1, 0, 1, RESULT), WASI_ENOTCAPABLE);
        if (granted) { /* the pipe is empty now; only this context is told not to block */
            CHECK_EQ(CALL(&w, fd_fdstat_set_flags, 0, WASI_FDFLAG_NONBLOCK), WASI_OK);
            guest_put_u32(&w, 0, BUFFER);
            guest_put_u32(&w, 4, 10);
            CHECK_EQ(CALL(&w, fd_read, 0, 0, 1, RESULT), WASI_EAGAIN);
            CHECK((fcntl(in[0], F_GETFL) & O_NONBLOCK) == 0);
        }
        CHECK_EQ(CALL(&w, fd_close, 1), WASI_OK);
        CHECK(fcntl(out[1], F_GETFD) >= 0); /* borrowed: still open here */
        world_close(&w);
    }
    char text[16] = {0};
    CHECK_EQ(read(out[0], text, sizeof text), 3);
    CHECK_TEXT(text, "one");
    for (int i = 0; i < 2; i++) close(in[i]), close(out[i]);
}

static bool collect(void *env, int stream, const uint8_t *bytes, size_t length) {
    gb_buffer *out = env;
    return gb_buffer_append_format(out, "%d:%.*s;", stream, (int)length, (const char *)bytes);
}

static void output_can_be_collected(void) {
    static const gb_power powers[] = {GB_POWER_STDOUT, GB_POWER_STDERR};
    gb_buffer out = {0};
    struct world w;
    world_open(&w, &(struct setup){.no_preopen = true,
                                   .output = collect,
                                   .output_env = &out,
                                   .policy = policy_with(powers, 2)});
    CHECK_EQ(write_fd(&w, 1, "to stdout"), WASI_OK);
    CHECK_EQ(write_fd(&w, 2, "to stderr"), WASI_OK);
    CHECK_EQ(write_fd(&w, 1, "again"), WASI_OK);
    CHECK_TEXT(gb_buffer_text(&out), "1:to stdout;2:to stderr;1:again;");
    CHECK_EQ(CALL(&w, fd_sync, 1), WASI_OK);
    CHECK_EQ(CALL(&w, fd_filestat_get, 1, BUFFER), WASI_OK);
    gb_buffer_free(&out);
    world_close(&w);
}

static void a_terminal_is_told_from_other_devices(void) {
    static const gb_power powers[] = {GB_POWER_STDIN, GB_POWER_STDOUT};
    int master, slave, null = open("/dev/null", O_RDWR | O_CLOEXEC);
    CHECK_EQ(openpty(&master, &slave, NULL, NULL, NULL), 0);
    struct world w;
    world_open(&w, &(struct setup){.no_preopen = true,
                                   .stdio = (int[]){slave, null, -1},
                                   .policy = policy_with(powers, 2)});
    uint64_t seeking = WASI_RIGHT_FD_SEEK | WASI_RIGHT_FD_TELL;
    CHECK_EQ(rights_of(&w, 0, NULL) & seeking, 0);
    CHECK_EQ(w.memory.bytes[BUFFER], WASI_FILETYPE_CHARACTER_DEVICE);
    CHECK_EQ(rights_of(&w, 1, NULL) & seeking, seeking);
    CHECK_EQ(w.memory.bytes[BUFFER], WASI_FILETYPE_CHARACTER_DEVICE);
    world_close(&w);
    close(master), close(slave), close(null);
}

void test_fds(void) {
    int fds = open_host_fds();
    rights_only_shrink();
    a_right_is_needed_for_each_call();
    renumber_closes_what_was_there();
    a_full_table_refuses_and_leaks_nothing();
    buffers_are_checked_first();
    files_read_write_seek();
    flags_work();
    directories_are_not_files();
    preopens_are_announced();
    streams_need_a_grant();
    output_can_be_collected();
    a_terminal_is_told_from_other_devices();
    CHECK_EQ(open_host_fds(), fds);
}
