#include "wasi/wasi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "wasi/beneath.h"
#include "wasi/internal.h"

/* ---- making and freeing -------------------------------------------------------------------- */

static bool out_of_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory while preparing WASI");
}

static bool copy_args(gb_wasi *wasi, const gb_wasi_config *config) {
    wasi->args = calloc(config->arg_count + 1, sizeof *wasi->args);
    if (!wasi->args) return false;
    for (; wasi->arg_count < config->arg_count; wasi->arg_count++) {
        wasi->args[wasi->arg_count] = strdup(config->args[wasi->arg_count]);
        if (!wasi->args[wasi->arg_count]) return false;
    }
    return true;
}

static bool add_stdio(gb_wasi *wasi, const gb_wasi_config *config) {
    for (int i = 0; i < 3; i++) {
        struct stat st;
        int host = config->stdio[i];
        struct wasi_fd entry = {.kind = WASI_FD_EMPTY, .host = -1};
        if (i > 0 && config->output) {
            entry.kind = WASI_FD_OUTPUT;
        } else if (host >= 0 && wasi_fstat(host, &st) == 0) {
            entry = wasi_fd_of_host(host, &st);
        }
        entry.borrowed = true;
        entry.stream = i;
        if (entry.kind != WASI_FD_HOST) entry.rights = WASI_RIGHTS_STREAM;
        if (entry.type != WASI_FILETYPE_DIRECTORY && i == 0) entry.rights &= ~WASI_RIGHT_FD_WRITE;
        if (entry.type != WASI_FILETYPE_DIRECTORY && i > 0) entry.rights &= ~WASI_RIGHT_FD_READ;
        if (wasi_fd_add(wasi, &entry) < 0) return false;
    }
    return true;
}

gb_wasi *gb_wasi_new(const gb_wasi_config *config, gb_error *err) {
    gb_wasi *wasi = calloc(1, sizeof *wasi);
    if (!wasi) {
        out_of_memory(err);
        return NULL;
    }
    wasi->policy = config->policy;
    wasi->output = config->output;
    wasi->output_env = config->output_env;
    wasi->by_hand = config->no_openat2;
    wasi->broker = config->broker;
    wasi->fixed_random = config->seed;
    wasi->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wasi->wake < 0) {
        gb_fail_errno(err, "cannot make an event descriptor");
    } else if (!copy_args(wasi, config) || !add_stdio(wasi, config)) {
        out_of_memory(err);
    } else {
        return wasi;
    }
    gb_wasi_free(wasi);
    return NULL;
}

void gb_wasi_free(gb_wasi *wasi) {
    if (!wasi) return;
    for (size_t i = 0; i < wasi->fd_count; i++) wasi_fd_release(&wasi->fds[i]);
    for (size_t i = 0; i < wasi->arg_count; i++) free(wasi->args[i]);
    wasi_view_close(&wasi->view);
    if (wasi->wake >= 0) close(wasi->wake);
    free(wasi->fds);
    free(wasi->args);
    free(wasi->bindings);
    free(wasi);
}

void gb_wasi_replace(gb_wasi *wasi, gb_wasi *fresh) {
    gb_wasi old = *wasi;
    *wasi = *fresh;
    wasi->bindings = old.bindings;
    *fresh = old;
    fresh->bindings = NULL;
    gb_wasi_free(fresh);
}

/* ---- preopens ------------------------------------------------------------------------------ */

/* Takes over `host`. */
static bool add_preopen(gb_wasi *wasi, struct wasi_fd *entry, const char *path, const char *guest,
                        gb_error *err) {
    entry->path = strdup(path);
    entry->preopen = strdup(guest);
    if (!entry->path || !entry->preopen) {
        wasi_fd_release(entry);
        return out_of_memory(err);
    }
    return wasi_fd_add(wasi, entry) >= 0 || out_of_memory(err);
}

bool gb_wasi_preopen(gb_wasi *wasi, const char *host, const char *guest, gb_error *err) {
    char *path = realpath(host, NULL);
    int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        gb_fail_errno(err, "cannot open the directory `%s`", host);
        if (fd >= 0) close(fd);
        free(path);
        return false;
    }
    if (!wasi_beneath_by_kernel(fd)) wasi->by_hand = true;
    struct wasi_fd entry = wasi_fd_of_host(fd, &st);
    bool ok = add_preopen(wasi, &entry, path, guest, err);
    free(path);
    return ok;
}

static bool preopen_in_view(gb_wasi *wasi, const char *path, const char *guest, bool libc_root,
                            gb_error *err) {
    struct wasi_fd entry = {.kind = WASI_FD_HOST, .host = -1, .stream = -1, .in_view = true};
    entry.type = WASI_FILETYPE_DIRECTORY;
    entry.rights = WASI_RIGHTS_DIR;
    entry.inheriting = WASI_RIGHTS_ALL;
    entry.libc_root = libc_root;
    return add_preopen(wasi, &entry, path, guest, err);
}

bool gb_wasi_preopen_granted(gb_wasi *wasi, const char *directory, gb_error *err) {
    gb_buffer normal = {0};
    bool ok = gb_path_normalize(&normal, "/", directory, strlen(directory)) || out_of_memory(err);
    if (ok && !wasi->broker) {
        ok = wasi_view_open_roots(&wasi->view, wasi->policy) || out_of_memory(err);
    }
    ok = ok && preopen_in_view(wasi, gb_buffer_text(&normal), ".", true, err);
    gb_buffer_free(&normal);
    for (size_t i = 0; ok && gb_policy_root(wasi->policy, i); i++) {
        const char *root = gb_policy_root(wasi->policy, i);
        ok = preopen_in_view(wasi, root, root, false, err);
    }
    return ok;
}

int gb_wasi_give_fd(gb_wasi *wasi, int host, gb_error *err) {
    struct stat st;
    if (wasi_fstat(host, &st) != 0) {
        gb_fail_errno(err, "cannot hand descriptor %d to the guest", host);
        close(host);
        return -1;
    }
    struct wasi_fd entry = wasi_fd_of_host(host, &st);
    int64_t fd = wasi_fd_add(wasi, &entry);
    if (fd < 0) gb_fail(err, GB_ERROR_MEMORY, "no room for another descriptor of the guest");
    return (int)fd;
}

/* ---- calls --------------------------------------------------------------------------------- */

typedef wasi_errno (*call_fn)(struct wasi_call *c);

static const struct {
    const char *name, *type;
    call_fn run;
} calls[] = {
#define X(name, type) {#name, type, wasi_##name},
    WASI_CALLS(X)
#undef X
};

wasi_errno wasi_dispatch(gb_wasi *wasi, gb_memory *memory, enum wasi_function function,
                         const gb_value *args) {
    struct wasi_call c = {.wasi = wasi, .memory = memory, .args = args};
    return calls[function].run(&c);
}

struct wasi_binding {
    gb_wasi *wasi;
    enum wasi_function function;
};

static bool host_function(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    const struct wasi_binding *b = env;
    gb_wasi *wasi = b->wasi;
    wasi_errno error = wasi_dispatch(wasi, gb_caller_memory(caller), b->function, args);
    if (wasi->exiting) {
        wasi->exiting = false;
        return gb_caller_exit(caller, wasi->exit_code);
    }
    if (b->function != WASI_proc_exit) results[0].i32 = (int32_t)error;
    return true;
}

bool gb_wasi_define(gb_wasi *wasi, gb_linker *linker, gb_error *err) {
    if (!wasi->bindings) wasi->bindings = calloc(WASI_CALL_COUNT, sizeof *wasi->bindings);
    if (!wasi->bindings) return out_of_memory(err);
    for (size_t i = 0; i < WASI_CALL_COUNT; i++) {
        wasi->bindings[i] = (struct wasi_binding){.wasi = wasi, .function = (enum wasi_function)i};
        if (!gb_linker_define(linker, "wasi_snapshot_preview1", calls[i].name, calls[i].type,
                              host_function, &wasi->bindings[i], err)) {
            return false;
        }
    }
    return true;
}

/* ---- interruption -------------------------------------------------------------------------- */

void gb_wasi_interrupt(gb_wasi *wasi) {
    uint64_t one = 1;
    int saved = errno;
    if (write(wasi->wake, &one, sizeof one) < 0) {} /* full: it is set already */
    errno = saved;
}

void gb_wasi_interrupt_clear(gb_wasi *wasi) {
    uint64_t count;
    if (read(wasi->wake, &count, sizeof count) < 0) {} /* empty: it was not set */
}
