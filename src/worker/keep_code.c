#include "worker/keep_code.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "engine/engine.h"
#include "worker/confine.h"

enum { SECONDS_MOST = 60 };
#define BYTES_MOST (UINT64_C(512) << 20)

/* Inside the wall: 0 when the file is complete. */
static int compile(const gb_artifact *artifact, int fd, bool confine) {
    gb_error err;
    gb_confine_report report;
    gb_confinement wall = {.keep = &fd, .keep_count = 1};
    setrlimit(RLIMIT_CPU, &(struct rlimit){SECONDS_MOST, SECONDS_MOST}); /* of work, however long it waits for a processor */
    gb_engine_seal(artifact->file.length);
    if (confine && !gb_worker_confine(&wall, &report, &err)) return 1;
    gb_module *module = gb_module_decode_lazily(artifact->file.bytes, artifact->file.length, true, &err);
    return module && gb_code_write(module, fd, &artifact->note, &err) ? 0 : 1;
}

static void let_go_of_everything(int but) {
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
    if (dup2(but, 3) == 3) syscall(SYS_close_range, 4, ~0U, 0);
    setsid();
    struct sched_param none = {0};
    sched_setscheduler(0, SCHED_BATCH, &none); /* whatever the compiler's class is, which we inherited */
    setpriority(PRIO_PROCESS, 0, 10);          /* behind the build, but not when it has ended: macros of the next one gain */
}

/* Outside the wall, and knows nothing of what it waits for. */
static int keep(const gb_artifact *artifact, const char *folder, int fd, bool confine) {
    let_go_of_everything(fd);
    pid_t child = fork();
    if (child == 0) _exit(compile(artifact, 3, confine));
    int status = 1;
    if (child > 0) waitpid(child, &status, 0);
    gb_error err;
    return gb_code_end(folder, artifact->digest, child > 0 && status == 0, BYTES_MOST, &err) ? 0 : 1;
}

static void start(const gb_artifact *artifact, const char *folder, bool confine) {
    gb_error err;
    int fd = gb_dir_make(folder, &err) ? gb_code_begin(folder, artifact->digest, &err) : -1;
    if (fd < 0) return;
    pid_t between = fork(); /* so that the keeper is not our child, and nobody has to wait for it */
    if (between == 0) {
        pid_t keeper = fork();
        if (keeper == 0) _exit(keep(artifact, folder, fd, confine));
        _exit(keeper > 0 ? 0 : 1);
    }
    int status = 1;
    if (between > 0) waitpid(between, &status, 0);
    if (between < 0 || status != 0) gb_code_end(folder, artifact->digest, false, BYTES_MOST, &err);
    close(fd);
}

static char *code_folder(void) {
    gb_error err;
    char *home = gb_home_dir(&err), *folder = home ? gb_path_join(home, "code") : NULL;
    free(home);
    return folder;
}

void gb_worker_keep_code(const gb_artifact *artifact, bool confine) {
    char *folder = artifact->has_code ? NULL : code_folder();
    if (folder) start(artifact, folder, confine);
    free(folder);
}

/* ---- the artifact ------------------------------------------------------------------------------ */

static gb_code_note note_of(const gb_file_identity *f) {
    return (gb_code_note){{f->device, f->inode, f->size, f->modified, f->changed}};
}

static bool is_proven(const gb_artifact *artifact, gb_error *err) {
    gb_digest wanted, found = gb_digest_of(artifact->file.bytes, artifact->file.length);
    if (gb_digest_parse(artifact->digest, &wanted) && gb_digest_equal(&wanted, &found)) return true;
    return gb_fail(err, GB_ERROR_INVALID, "its artifact %s is not what it was made as (was it changed?)",
                   artifact->path);
}

bool gb_worker_open_artifact(const char *path, const char *digest, gb_artifact *artifact, gb_error *err) {
    gb_error none;
    *artifact = (gb_artifact){.path = path, .digest = digest};
    if (!gb_file_map(path, &artifact->file, err)) {
        return gb_error_context(err, "its artifact cannot be read");
    }
    gb_code_note kept, ours = note_of(&artifact->file.identity);
    if (gb_file_is_settled(&artifact->file.identity)) artifact->note = ours; /* before it is looked at */
    char *folder = code_folder();
    artifact->has_code = folder && gb_code_find(folder, digest, &kept, &none);
    free(folder);
    return (artifact->has_code && memcmp(&kept, &ours, sizeof ours) == 0) || is_proven(artifact, err);
}
