/* native.c: what code that got out of the engine would try. Machine code without libc, for x86-64 Linux: the
 * artifact of the worker with broken_engine.c. Its argument is "NAME WORD WORD …"; an attack that got
 * what it was after writes "TOOK" and that to standard error, one that did not the error number.
 * Everything it aims at was planted by tests/attack/run, which also bounds its time and memory. */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

__attribute__((section(".text.entry"), used)) long entry(const char *arguments);

static long call6(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#define SYS(number, a, b, c, d, e, f) call6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYS4(number, a, b, c, d) SYS(number, a, b, c, d, 0, 0)
#define SYS3(number, a, b, c) SYS(number, a, b, c, 0, 0, 0)
#define SYS2(number, a, b) SYS(number, a, b, 0, 0, 0, 0)
#define SYS1(number, a) SYS(number, a, 0, 0, 0, 0, 0)
#define SYS0(number) SYS(number, 0, 0, 0, 0, 0, 0)

enum { AT_FDCWD = -100, WORDS = 8 };

static char words[WORDS][256];
static u8 room[4096];

void *memset(void *to, int value, u64 length) {
    for (u64 i = 0; i < length; i++) ((volatile u8 *)to)[i] = (u8)value;
    return to;
}

void *memcpy(void *to, const void *from, u64 length) {
    for (u64 i = 0; i < length; i++) ((volatile u8 *)to)[i] = ((const u8 *)from)[i];
    return to;
}

static u64 length_of(const char *text) {
    u64 n = 0;
    while (text[n]) n++;
    return n;
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

static long number_in(const char *text) {
    long n = 0;
    int hex = text[0] == '0' && text[1] == 'x';
    for (text += hex ? 2 : 0; *text; text++) {
        int digit = *text <= '9' ? *text - '0' : *text - 'a' + 10;
        n = n * (hex ? 16 : 10) + digit;
    }
    return n;
}

static void say(const char *text, u64 length) { SYS3(1, 2, text, length); }
#define SAY(text) say(text, sizeof(text) - 1)

static long took(const void *what, long length) {
    SAY("TOOK ");
    say(what, (u64)(length > 0 ? length : 0));
    SAY("\n");
    return 0;
}
#define TOOK(text) took(text, sizeof(text) - 1)

static long refused(long error) {
    char text[] = "refused with error 000\n";
    long n = -error;
    text[19] = (char)('0' + n / 100 % 10);
    text[20] = (char)('0' + n / 10 % 10);
    text[21] = (char)('0' + n % 10);
    say(text, sizeof text - 1);
    return 0;
}

static long read_from(long fd) {
    if (fd < 0) return refused(fd);
    long n = SYS3(0, fd, room, sizeof room);
    return n > 0 ? took(room, n) : refused(n);
}

static long done(long result) { return result < 0 ? refused(result) : TOOK("it"); }

/* ---- files: words 1 a file, 2 a name that is free, 3 a folder ------------------------------------ */

static long by_open(void) { return read_from(SYS2(2, words[1], 0)); }
static long by_openat(void) { return read_from(SYS3(257, AT_FDCWD, words[1], 0)); }
static long by_openat2(void) {
    u64 how[3] = {0, 0, 0};
    return read_from(SYS4(437, AT_FDCWD, words[1], how, sizeof how));
}
static long by_creat(void) { return done(SYS2(85, words[2], 0600)); }
static long by_unlink(void) { return done(SYS1(87, words[1])); }
static long by_rename(void) { return done(SYS2(82, words[1], words[2])); }
static long by_link(void) { return done(SYS2(86, words[1], words[2])); }
static long by_symlink(void) { return done(SYS2(88, words[1], words[2])); }
static long by_mkdir(void) { return done(SYS2(83, words[2], 0700)); }
static long by_mknod(void) { return done(SYS3(133, words[2], 0010600, 0)); }
static long by_chmod(void) { return done(SYS2(90, words[1], 0777)); }
static long by_chown(void) { return done(SYS3(92, words[1], -1, -1)); }
static long by_truncate(void) { return done(SYS2(76, words[1], 0)); }
static long by_stat(void) { return done(SYS2(4, words[1], room)); }
static long by_newfstatat(void) { return done(SYS4(262, AT_FDCWD, words[1], room, 0)); }
static long by_statx(void) { return done(SYS(332, AT_FDCWD, words[1], 0, 0x7ff, room, 0)); }
static long by_access(void) { return done(SYS2(21, words[1], 4)); }
static long by_readlink(void) {
    char link[] = "/proc/self/exe";
    long n = SYS3(89, link, room, sizeof room);
    return n < 0 ? refused(n) : took(room, n);
}
static long by_chdir(void) { return done(SYS1(80, words[3])); }
static long by_chroot(void) { return done(SYS1(161, words[3])); }
static long by_getcwd(void) {
    long n = SYS2(79, room, sizeof room);
    return n < 0 ? refused(n) : took(room, n - 1);
}
static long by_listing(void) {
    long fd = SYS2(2, words[3], 0200000);
    return fd < 0 ? refused(fd) : done(SYS3(217, fd, room, sizeof room));
}
static long by_inotify(void) {
    long fd = SYS1(294, 0);
    return fd < 0 ? refused(fd) : done(SYS3(254, fd, words[3], 0x100));
}
static long by_setxattr(void) {
    char name[] = "user.x", value[] = "y";
    return done(SYS(188, words[1], name, value, 1, 0, 0));
}
static long by_utimes(void) { return done(SYS4(280, AT_FDCWD, words[1], 0, 0)); }
static long by_statfs(void) { return done(SYS2(137, words[3], room)); }
static long by_handle(void) {
    struct {
        u32 bytes, type;
        u8 handle[128];
    } h = {.bytes = 128};
    int mount = 0;
    return done(SYS(303, AT_FDCWD, words[1], &h, &mount, 0, 0));
}
static long by_environ_file(void) {
    char path[] = "/proc/self/environ";
    return read_from(SYS2(2, path, 0));
}
static long by_unshare(void) { return done(SYS1(272, 0x10000000)); }

/* ---- sockets: words 1 a port, 2 a path ------------------------------------------------------------- */

struct in4 {
    unsigned short family, port;
    u32 address;
    u8 zero[8];
};
struct in6 {
    unsigned short family, port;
    u32 flow;
    u8 address[16];
    u32 scope;
};

static unsigned short port(void) {
    long n = number_in(words[1]);
    return (unsigned short)((n & 255) << 8 | (n >> 8 & 255));
}

static long greeted(long fd, const void *address, u64 size) {
    if (fd < 0) return refused(fd);
    long error = SYS3(42, fd, address, size);
    if (error < 0) return refused(error);
    return done(SYS3(1, fd, "stolen", 6));
}
static long by_tcp(void) {
    struct in4 to = {2, port(), 0x0100007f, {0}};
    return greeted(SYS3(41, 2, 1, 0), &to, sizeof to);
}
static long by_tcp6(void) {
    struct in6 to = {10, port(), 0, {[15] = 1}, 0};
    return greeted(SYS3(41, 10, 1, 0), &to, sizeof to);
}
static long by_udp(void) { /* a question to a name server */
    struct in4 to = {2, port(), 0x0100007f, {0}};
    return greeted(SYS3(41, 2, 2, 0), &to, sizeof to);
}
static long by_unix(void) {
    struct {
        unsigned short family;
        char path[108];
    } to = {1, {0}};
    memcpy(to.path, words[2], length_of(words[2]));
    return greeted(SYS3(41, 1, 1, 0), &to, sizeof to);
}
static long by_abstract(void) {
    struct {
        unsigned short family;
        char path[108];
    } to = {1, {0}};
    memcpy(to.path + 1, words[2], length_of(words[2]));
    return greeted(SYS3(41, 1, 1, 0), &to, 3 + length_of(words[2]));
}
static long by_netlink(void) { return done(SYS3(41, 16, 3, 0)); }
static long by_packet(void) { return done(SYS3(41, 17, 3, 0)); }
static long by_raw(void) { return done(SYS3(41, 2, 3, 1)); }
static long by_vsock(void) { return done(SYS3(41, 40, 1, 0)); }
static long by_alg(void) { return done(SYS3(41, 38, 5, 0)); }
static long by_socketpair(void) { return done(SYS4(53, 1, 1, 0, room)); }
static long by_listening(void) {
    long fd = SYS3(41, 2, 1, 0);
    if (fd < 0) return refused(fd);
    return done(SYS2(50, fd, 1));
}

/* ---- processes: words 1 a process, 2 an address in it, 3 a descriptor of its, 4 a program, 5 a free name --- */

static long pid(void) { return number_in(words[1]); }

static long in_child(long child) {
    if (child == 0) SYS1(60, 0);
    if (child < 0) return refused(child);
    int status = 0;
    SYS4(61, child, &status, 0, 0);
    return TOOK("a child");
}
static long by_fork(void) { return in_child(SYS0(57)); }
static long by_clone(void) { return in_child(SYS(56, 17, 0, 0, 0, 0, 0)); }
static long by_clone3(void) {
    u64 arguments[8] = {[4] = 17};
    return in_child(SYS2(435, arguments, sizeof arguments));
}
static long by_execve(void) {
    char *arguments[] = {words[4], words[5], 0}, *environment[] = {0};
    return refused(SYS3(59, words[4], arguments, environment));
}
static long by_execveat(void) {
    char *arguments[] = {words[4], words[5], 0}, *environment[] = {0};
    return refused(SYS(322, AT_FDCWD, words[4], arguments, environment, 0, 0));
}
static long by_memfd(void) {
    char name[] = "x";
    return done(SYS2(319, name, 0));
}
static long by_kill(void) { return done(SYS2(62, pid(), 10)); }
static long by_tkill(void) { return done(SYS2(200, pid(), 10)); }
static long by_tgkill(void) { return done(SYS3(234, pid(), pid(), 10)); }
static long by_sigqueue(void) {
    struct {
        int number, error, code, pad;
        u8 rest[112];
    } info = {10, 0, -1, 0, {0}};
    return done(SYS3(129, pid(), 10, &info));
}
static long by_pidfd(void) {
    long fd = SYS2(434, pid(), 0);
    return fd < 0 ? refused(fd) : done(SYS4(424, fd, 10, 0, 0));
}
static long by_pidfd_getfd(void) {
    long fd = SYS2(434, pid(), 0);
    if (fd < 0) return refused(fd);
    fd = SYS3(438, fd, number_in(words[3]), 0);
    return fd < 0 ? refused(fd) : done(SYS3(8, fd, 0, 0));
}
static long by_ptrace(void) {
    long error = SYS4(101, 16, pid(), 0, 0);
    if (error < 0) return refused(error);
    int status;
    SYS4(61, pid(), &status, 0, 0);
    u64 word = 0;
    SYS4(101, 2, pid(), number_in(words[2]), &word);
    SYS4(101, 17, pid(), 0, 0);
    return took(&word, 8);
}
struct vector {
    void *base;
    u64 length;
};
static long by_vm_read(void) {
    struct vector here = {room, 16}, there = {(void *)number_in(words[2]), 16};
    long n = SYS(310, pid(), &here, 1, &there, 1, 0);
    return n < 0 ? refused(n) : took(room, n);
}
static long by_vm_write(void) {
    u8 same_again[1] = {0};
    struct vector here = {same_again, 1}, there = {(void *)(number_in(words[2]) + 63), 1};
    return done(SYS(311, pid(), &here, 1, &there, 1, 0));
}
static void path_of_process(char *out, const char *leaf) {
    memcpy(out, "/proc/", 6);
    memcpy(out + 6, words[1], length_of(words[1]));
    memcpy(out + 6 + length_of(words[1]), leaf, length_of(leaf) + 1);
}
static long by_proc_mem(void) {
    char path[64];
    path_of_process(path, "/mem");
    long fd = SYS2(2, path, 0);
    if (fd < 0) return refused(fd);
    long n = SYS4(17, fd, room, 16, number_in(words[2]));
    return n < 0 ? refused(n) : took(room, n);
}
static long by_proc_fd(void) {
    char path[64], leaf[8] = "/fd/0";
    leaf[4] = words[3][0];
    path_of_process(path, leaf);
    return read_from(SYS2(2, path, 0));
}
static long by_setns(void) {
    long fd = SYS2(434, pid(), 0);
    return fd < 0 ? refused(fd) : done(SYS2(308, fd, 0x04000000));
}
static long by_priority(void) { return done(SYS3(141, 0, pid(), 5)); }
static long by_affinity(void) {
    u64 mask = 1;
    return done(SYS3(203, pid(), sizeof mask, &mask));
}
static long by_prlimit(void) {
    u64 limit[2];
    return done(SYS4(302, pid(), 7, 0, limit));
}
static long by_setpgid(void) { return done(SYS2(109, 0, 0)); }
static long by_setuid(void) { return done(SYS1(105, SYS0(102))); }
static long by_capset(void) {
    u32 header[2] = {0x20080522, 0}, data[6] = {0};
    return done(SYS2(126, header, data));
}
__attribute__((noreturn)) static long by_undead(void) { /* spins on, deaf to all that can be ignored, when its master is gone */
    u64 all = ~0ul;
    SYS4(14, 2, &all, 0, 8);
    SAY("TOOK the processor\n");
    for (;;) {}
}

/* ---- memory -------------------------------------------------------------------------------------------- */

static const u8 forty_two[] = {0xb8, 42, 0, 0, 0, 0xc3};

static long run_at(long at) {
    if (at < 0 && at > -4096) return refused(at);
    memcpy((void *)at, forty_two, sizeof forty_two);
    long (*code)(void) = (long (*)(void))at;
    return code() == 42 ? TOOK("new code") : 0;
}
static long by_mmap_exec(void) { return run_at(SYS(9, 0, 4096, 7, 0x22, -1, 0)); }
static long by_mprotect_exec(void) {
    long at = SYS(9, 0, 4096, 3, 0x22, -1, 0);
    long error = SYS3(10, at, 4096, 7);
    return error < 0 ? refused(error) : run_at(at);
}
static long by_pkey_mprotect(void) {
    long at = SYS(9, 0, 4096, 3, 0x22, -1, 0);
    long error = SYS4(329, at, 4096, 7, -1);
    return error < 0 ? refused(error) : run_at(at);
}
static long by_personality(void) { /* READ_IMPLIES_EXEC, then what looks harmless */
    long error = SYS1(135, 0x0400000);
    if (error < 0) return refused(error);
    return run_at(SYS(9, 0, 4096, 3, 0x22, -1, 0));
}
static long by_shm(void) {
    long id = SYS3(29, 0, 4096, 0700 | 01000);
    if (id < 0) return refused(id);
    long at = SYS3(30, id, 0, 0100000);
    SYS3(31, id, 0, 0); /* gone when detached */
    return run_at(at);
}
static long by_much_memory(void) { /* asked for, never touched */
    for (int i = 0; i < 16; i++) {
        long at = SYS(9, 0, 1l << 29, 3, 0x4022, -1, 0);
        if (at < 0) return refused(at);
    }
    return TOOK("8 GiB");
}
static long by_stack_search(void) { /* for what the environment held */
    static const char name[] = "DECOY_SECRET=";
    const char *at = (const char *)__builtin_frame_address(0);
    for (;; at++) {
        u64 i = 0;
        while (i < sizeof name - 1 && at[i] == name[i]) i++;
        if (i == sizeof name - 1) return took(at, 32);
    }
}

/* ---- the rest of the kernel ------------------------------------------------------------------------------ */

static long by_bpf(void) {
    struct {
        u32 type, key, value, entries;
        u8 rest[112];
    } map = {2, 4, 4, 1, {0}};
    return done(SYS3(321, 0, &map, sizeof map));
}
static long by_perf(void) {
    struct {
        u32 type, size;
        u64 config, rest[14];
    } event = {1, 128, 0, {0}};
    return done(SYS(298, &event, 0, -1, -1, 0, 0));
}
static long by_io_uring(void) { return done(SYS2(425, 4, memset(room, 0, 120))); }
static long by_userfaultfd(void) { return done(SYS1(323, 1)); }
static long by_add_key(void) {
    char type[] = "user", name[] = "decoy", value[] = "x";
    return done(SYS(248, type, name, value, 1, -2, 0)); /* the process's own keyring */
}
static long by_keyctl(void) { return done(SYS3(250, 0, -3, 1)); }
static long by_syslog(void) { return done(SYS3(103, 10, 0, 0)); }
static long by_uname(void) { return done(SYS1(63, room)); }
static long by_ioperm(void) { return done(SYS3(173, 0x80, 1, 0)); }
static long by_winsize(void) {
    unsigned short size[4] = {77, 33, 0, 0};
    return done(SYS3(16, 2, 0x5414, size));
}
static long by_setfl(void) { return done(SYS3(72, 2, 4, 04000)); }
static long by_prctl(void) { return done(SYS2(157, 4, 1)); }
static long by_seccomp(void) { return done(SYS3(317, 2, 0, room)); }
static long by_timerfd(void) { return done(SYS2(283, 1, 0)); }
static long by_msg(void) {
    long id = SYS2(68, 0, 0600 | 01000);
    if (id < 0) return refused(id);
    return done(SYS3(71, id, 0, 0));
}
static long by_mq(void) {
    char name[] = "glovebox-decoy";
    long fd = SYS4(240, name, 0102, 0600, 0);
    SYS1(241, name);
    return done(fd);
}
static long by_int80(void) { /* the 32-bit door: getpid there is number 20 */
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(20) : "memory", "r8", "r9", "r10", "r11");
    return done(result);
}
static long by_x32(void) { return done(SYS0(0x40000000 + 39)); }

/* ---- the broker: words 1 a path, 2 whether to open; its socket is the one descriptor past 2 -------------- */

enum { PATH_MOST = 8192 };
static struct {
    u32 flags;
    char path[PATH_MOST];
} request;

static long broker_socket(void) {
    for (long fd = 3; fd < 64; fd++) {
        u8 state[144];
        if (SYS2(5, fd, state) == 0 && (*(u32 *)(state + 24) & 0170000) == 0140000) return fd;
    }
    return -9;
}
static long by_broker(void) {
    union {
        u64 align;
        u8 bytes[64];
    } control;
    static u8 answer[65536];
    long fd = broker_socket();
    if (fd < 0) return refused(fd);
    request.flags = 3;
    memcpy(request.path, words[1], length_of(words[1]) + 1);
    long n = SYS3(1, fd, &request, sizeof request);
    if (n < 0) return refused(n);
    struct vector part = {answer, sizeof answer};
    struct {
        void *name;
        u64 name_length;
        struct vector *parts;
        u64 count;
        void *control;
        u64 control_length;
        u64 flags;
    } message = {0, 0, &part, 1, control.bytes, sizeof control.bytes, 0};
    n = SYS3(47, fd, &message, 0);
    if (n <= 0) return refused(n);
    if (message.control_length == 0) return refused(-*(int *)answer);
    return read_from(*(int *)(control.bytes + 16));
}
static long by_short_request(void) { /* half a request, then a whole one */
    long fd = broker_socket();
    SYS3(1, fd, &request, 7);
    return by_broker();
}
static long by_endless_path(void) { /* no NUL in it */
    long fd = broker_socket();
    request.flags = 3;
    memset(request.path, 'a', PATH_MOST);
    for (u64 i = 0; i < PATH_MOST; i += 2) request.path[i] = '/';
    SYS3(1, fd, &request, sizeof request);
    long n = SYS3(0, fd, room, 64);
    return n > 0 && *(int *)room != 0 ? refused(-*(int *)room) : refused(n);
}

#define EACH(X)                                                                                    \
    X(open) X(openat) X(openat2) X(creat) X(unlink) X(rename) X(link) X(symlink) X(mkdir) X(mknod) X(chmod) \
    X(chown) X(truncate) X(stat) X(newfstatat) X(statx) X(access) X(readlink) X(chdir) X(chroot)    \
    X(getcwd) X(listing) X(inotify) X(setxattr) X(utimes) X(statfs) X(handle) X(environ_file) X(unshare) \
    X(tcp) X(tcp6) X(udp) X(unix) X(abstract) X(netlink) X(packet) X(raw) X(vsock) X(alg) X(socketpair) \
    X(listening) X(fork) X(clone) X(clone3) X(execve) X(execveat) X(memfd) X(kill) X(tkill) X(tgkill) \
    X(sigqueue) X(pidfd) X(pidfd_getfd) X(ptrace) X(vm_read) X(vm_write) X(proc_mem) X(proc_fd) X(setns) \
    X(priority) X(affinity) X(prlimit) X(setpgid) X(setuid) X(capset) X(undead) X(mmap_exec)        \
    X(mprotect_exec) X(pkey_mprotect) X(personality) X(shm) X(much_memory) X(stack_search) X(bpf)   \
    X(perf) X(io_uring) X(userfaultfd) X(add_key) X(keyctl) X(syslog) X(uname) X(ioperm) X(winsize) \
    X(setfl) X(prctl) X(seccomp) X(timerfd) X(msg) X(mq) X(int80) X(x32) X(broker)     \
    X(short_request) X(endless_path)

long entry(const char *arguments) {
    for (int word = 0, at = 0; *arguments && word < WORDS; arguments++) {
        if (*arguments == ' ') {
            word++, at = 0;
        } else if (at < 255) {
            words[word][at++] = *arguments;
        }
    }
#define TRY(name) if (same(words[0], #name)) return by_##name();
    EACH(TRY)
    SAY("there is no such attack\n");
    return 92;
}
