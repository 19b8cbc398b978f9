#include "base/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };
enum { READ_FILE = 1 << 2, READ_DIR = 1 << 3 };

/* linux: include/uapi/linux/landlock.h struct landlock_ruleset_attr, as of ABI 6 */
struct ruleset {
    uint64_t handled_access_fs, handled_access_net, scoped;
};

/* linux: struct landlock_path_beneath_attr, which is packed */
struct path_beneath {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

int gb_landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    return abi < 1 ? 0 : (int)abi;
}

/* Every right that this ABI knows is taken away. */
static struct ruleset ruleset_for(int abi, bool scoped) {
    static const unsigned fs_rights[] = {0, 13, 14, 15, 15, 16};
    unsigned known = fs_rights[abi < 5 ? abi : 5];
    return (struct ruleset){
        .handled_access_fs = ((uint64_t)1 << known) - 1,
        .handled_access_net = abi >= 4 ? 3 : 0,       /* TCP bind and connect */
        .scoped = abi >= 6 && scoped ? 3 : 0,         /* abstract sockets and signals */
    };
}

static size_t ruleset_size(int abi) {
    return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

static bool allow_reading(int ruleset, int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0) return false;
    struct path_beneath rule = {.allowed_access = READ_FILE, .parent_fd = fd};
    if (S_ISDIR(st.st_mode)) rule.allowed_access |= READ_DIR;
    return syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool gb_landlock_confine(const int *readable, size_t count, bool scoped, gb_error *err) {
    int abi = gb_landlock_abi();
    if (abi == 0) return true;
    struct ruleset rules = ruleset_for(abi, scoped);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, ruleset_size(abi), 0);
    if (fd < 0) return gb_fail_errno(err, "could not make a Landlock ruleset");
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) ok = readable[i] < 0 || allow_reading(fd, readable[i]);
    ok = ok && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    int number = errno;
    close(fd);
    errno = number;
    return ok || gb_fail_errno(err, "could not apply the Landlock ruleset");
}
