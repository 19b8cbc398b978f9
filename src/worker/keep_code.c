#include "worker/keep_code.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/engine.h"
#include "worker/confine.h"

enum { SECONDS_MOST = 60 };
#define BYTES_MOST (UINT64_C(512) << 20)

/* Inside the wall: 0 when the file is complete. */
static int compile(const gb_buffer *artifact, int fd, bool confine) {
    gb_error err;
    gb_confine_report report;
    gb_confinement wall = {.keep = &fd, .keep_count = 1};
    setrlimit(RLIMIT_CPU, &(struct rlimit){SECONDS_MOST, SECONDS_MOST}); /* of work, however long it waits for a processor */
    gb_engine_seal(artifact->length);
    if (confine && !gb_worker_confine(&wall, &report, &err)) return 1;
    gb_module *module = gb_module_decode_lazily(artifact->data, artifact->length, true, &err);
    return module && gb_code_write(module, fd, &err) ? 0 : 1;
}

static void let_go_of_everything(int but) {
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
    if (dup2(but, 3) == 3) syscall(SYS_close_range, 4, ~0U, 0);
    setsid();
    struct sched_param none = {0};
    sched_setscheduler(0, SCHED_IDLE, &none); /* whatever the compiler's class is, which we inherited */
    setpriority(PRIO_PROCESS, 0, 19);
}

/* Outside the wall, and knows nothing of what it waits for. */
static int keep(const gb_buffer *artifact, const char *folder, const char *digest, int fd, bool confine) {
    let_go_of_everything(fd);
    pid_t child = fork();
    if (child == 0) _exit(compile(artifact, 3, confine));
    int status = 1;
    if (child > 0) waitpid(child, &status, 0);
    gb_error err;
    return gb_code_end(folder, digest, child > 0 && status == 0, BYTES_MOST, &err) ? 0 : 1;
}

static void start(const gb_buffer *artifact, const char *folder, const char *digest, bool confine) {
    gb_error err;
    int fd = gb_dir_make(folder, &err) ? gb_code_begin(folder, digest, &err) : -1;
    if (fd < 0) return;
    pid_t between = fork(); /* so that the keeper is not our child, and nobody has to wait for it */
    if (between == 0) {
        pid_t keeper = fork();
        if (keeper == 0) _exit(keep(artifact, folder, digest, fd, confine));
        _exit(keeper > 0 ? 0 : 1);
    }
    int status = 1;
    if (between > 0) waitpid(between, &status, 0);
    if (between < 0 || status != 0) gb_code_end(folder, digest, false, BYTES_MOST, &err);
    close(fd);
}

void gb_worker_keep_code(const gb_buffer *artifact, const char *digest, bool confine) {
    gb_error err;
    char *home = gb_home_dir(&err), *folder = home ? gb_path_join(home, "code") : NULL;
    if (folder && !gb_code_find(folder, digest, &err)) start(artifact, folder, digest, confine);
    free(folder);
    free(home);
}
