/* memory.c: memory runs out at the n-th allocation, for every n, while an artifact is loaded and expands, asks,
 * traps, is refused something and is closed again: once (and there is memory again afterwards), and
 * from then on. Each time in a process of its own. Whatever comes back must be an error that says so or
 * the right result, every block must be given back, and with memory again the same
 * library goes on.
 * Usage: memory macros.wasm (tests/worker/guests/macros.c). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "glovebox.h"
#include "tests/tokens/writer.h"

/* ---- allocations that fail (-Wl,--wrap) ------------------------------------------------------------ */

static bool counting;
static unsigned long allocations, first_failure; /* 0: none fails */
static long blocks; /* given out and not yet given back */
static bool all_after;

static bool fails(void) {
    if (!counting) return false;
    allocations++;
    return first_failure && (all_after ? allocations >= first_failure : allocations == first_failure);
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __real_free(void *block);
void __wrap_free(void *block);
char *__real_strndup(const char *text, size_t most);
char *__wrap_strndup(const char *text, size_t most);
char *__real_getcwd(char *to, size_t size);
char *__wrap_getcwd(char *to, size_t size);
char *__real_realpath(const char *path, char *to);
char *__wrap_realpath(const char *path, char *to);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
void *__real_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset);

static void *given(void *block) {
    blocks += block != NULL;
    return block;
}

#define OR_FAIL(failure, call) (fails() ? (errno = ENOMEM, (failure)) : (call))

void *__wrap_malloc(size_t size) { return OR_FAIL(NULL, given(__real_malloc(size))); }
void *__wrap_calloc(size_t count, size_t size) { return OR_FAIL(NULL, given(__real_calloc(count, size))); }
char *__wrap_strndup(const char *text, size_t most) { return OR_FAIL(NULL, given(__real_strndup(text, most))); }
char *__wrap_getcwd(char *to, size_t size) { return OR_FAIL(NULL, given(__real_getcwd(to, size))); }
char *__wrap_realpath(const char *path, char *to) { return OR_FAIL(NULL, given(__real_realpath(path, to))); }
char *__wrap_strdup(const char *text) { return OR_FAIL(NULL, given(__real_strdup(text))); }
void *__wrap_realloc(void *old, size_t size) {
    if (fails()) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = __real_realloc(old, size);
    blocks += block && !old;
    return block;
}
void __wrap_free(void *block) {
    blocks -= block != NULL;
    __real_free(block);
}
void *__wrap_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
    return OR_FAIL(MAP_FAILED, __real_mmap(at, length, protection, flags, fd, offset));
}

/* ---- what is done meanwhile ----------------------------------------------------------------------------- */

static const char *what = "";
static _Noreturn void wrong(const char *why, const char *message) {
    counting = false;
    printf("FAILED: allocation %lu %s, %s: %s %s\n", first_failure, all_after ? "and all after it" : "alone", what, why,
           message ? message : "");
    fflush(stdout);
    _exit(1);
}

static writer requests[5], answers;
static const char *const macros[] = {"func", "shown", "package", "secret", "trap"};
enum { FUNC, SHOWN, PACKAGE, SECRET, TRAP, MACROS };

static bool answer(void *env, const uint8_t *question, size_t length, const uint8_t **to, size_t *to_length) {
    (void)env, (void)question, (void)length;
    *to = answers.bytes.data;
    *to_length = answers.bytes.length;
    return true;
}

/* Everything that is said to a library, prepared while there is memory. */
static void prepare(void) {
    for (uint32_t i = 0; i < MACROS; i++) {
        static const uint32_t index[] = {2, 14, 13, 12, 7}; /* in macros.c */
        writer *w = &requests[i];
        uint32_t a = add_text(w, "a");
        put_words(w, index[i], 1, 0);
        size_t input = begin_length(w);
        put_words(w, GB_PIECE_IDENT, a, 3);
        end_length(w, input);
        put_word(w, 0);
        finish(w, GB_OP_EXPAND);
    }
    put_word(&answers, add_text(&answers, "shown"));
    finish(&answers, GB_OP_ANSWER);
}

/* One expansion ended as it should: or for want of memory. */
static void expect(int macro, bool ok, const glovebox_reply *reply, const glovebox_error *error) {
    if (!ok && error->failure == GLOVEBOX_OUT_OF_MEMORY) {
        if (!error->message[0]) wrong("nothing is said", NULL);
        return;
    }
    bool right = macro == TRAP     ? !ok && error->failure == GLOVEBOX_TRAPPED
                 : macro == SECRET ? ok && reply->panicked
                                   : ok && !reply->panicked && reply->tokens_out == 1;
    if (!right) wrong(ok ? "another result" : "another error:", ok ? NULL : error->message);
}

static void expand_all(glovebox_library *library) {
    for (int i = 0; i < MACROS; i++) {
        glovebox_reply reply = {0};
        glovebox_error error = {0};
        what = macros[i];
        const gb_buffer *r = &requests[i].bytes;
        bool ok = glovebox_expand(library, r->data, r->length, answer, NULL, &reply, &error);
        expect(i, ok, &reply, &error);
        size_t count;
        if (!glovebox_refusals(library, &count)) wrong("no text of refusals", NULL);
    }
}

/* Returns the allocations it took; *left: the blocks that were not given back. */
static unsigned long run(const gb_buffer *wasm, unsigned long failure, bool after, long *left) {
    static const char *const environment[] = {"CARGO_PKG_NAME=its-name", "T_SECRET=hush", NULL};
    glovebox_options options = {.size = sizeof options, .package = "testmac", .version = "1", .environment = environment,
                                .memory_limit = 64 << 20};
    glovebox_error error = {0};
    first_failure = failure, all_after = after, allocations = 0;
    long before = blocks;
    what = "opening";
    counting = true;
    glovebox_library *library = glovebox_open(wasm->data, wasm->length, &options, &error);
    if (!library && error.failure != GLOVEBOX_OUT_OF_MEMORY) wrong("another error:", error.message);
    if (library) expand_all(library);
    counting = false;
    unsigned long made = allocations;
    if (library) {
        first_failure = 0;
        expand_all(library); /* there is memory again */
        glovebox_reply reply;
        what = "afterwards";
        const gb_buffer *r = &requests[SHOWN].bytes;
        if (!glovebox_expand(library, r->data, r->length, answer, NULL, &reply, &error)) {
            first_failure = failure;
            wrong("it does not go on:", error.message);
        }
    }
    glovebox_close(library);
    *left = blocks - before;
    return made;
}

int main(int argc, char **argv) {
    gb_buffer wasm = {0};
    gb_error err;
    if (argc == 3) { /* memory macros.wasm N: one of them, in this process, for a debugger */
        if (!gb_file_read(argv[1], &wasm, &err)) return 2;
        prepare();
        long left;
        return run(&wasm, strtoul(argv[2], NULL, 10), false, &left) == 0;
    }
    if (argc != 2 || !gb_file_read(argv[1], &wasm, &err)) return 2;
    prepare();
    fflush(stdout);
    unsigned long failed = 0, passed = 0;
    for (int after = 0; after < 2; after++) {
        for (unsigned long n = 1;; n++) {
            fflush(stdout);
            pid_t child = fork();
            if (child == 0) {
                long left, usual;
                bool beyond = run(&wasm, n, after, &left) < n;
                run(&wasm, 0, false, &usual); /* what a process makes once, it has by now */
                if (usual != 0) wrong("memory is not given back without a failure", NULL);
                first_failure = n, all_after = after, what = "closed";
                run(&wasm, n, after, &left);
                if (left != 0) wrong("memory is not given back", NULL);
                fflush(stdout);
                _exit(beyond ? 42 : 0);
            }
            int status = 1;
            if (child < 0 || waitpid(child, &status, 0) < 0) return 2;
            if (WIFEXITED(status) && WEXITSTATUS(status) == 42) break;
            if (status == 0) {
                passed++;
            } else {
                failed++;
                if (WIFSIGNALED(status)) printf("FAILED: allocation %lu%s: signal %d\n", n, after ? "…" : "", WTERMSIG(status));
            }
            if (failed > 20 || n > 100000) return 1;
        }
    }
    printf("memory: %lu passed, %lu failed\n", passed, failed);
    gb_buffer_free(&wasm);
    return failed != 0;
}
