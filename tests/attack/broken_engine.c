/* broken_engine.c: a worker whose engine has the worst hole there can be: what it takes for an artifact
 * is machine code, and it runs it. Linked into a worker of its own under the build folder, in the place
 * of gb_library_open (-Wl,--wrap); everything around it, and the kernel's wall, is the real thing.
 *
 * The code gets the text of --version as its argument. It lies in pages that could be executed and
 * written before the wall was put up: more than the engine's own, which are never both. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "macros/library.h"

enum { ROOM = 1 << 20 };
static void *room;

__attribute__((constructor)) static void reserve(void) {
    room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) _exit(90);
}

glovebox_library *__wrap_gb_library_open(const void *bytes, size_t length, const glovebox_options *options,
                                         const gb_library_host *host, glovebox_error *error);

glovebox_library *__wrap_gb_library_open(const void *bytes, size_t length, const glovebox_options *options,
                                         const gb_library_host *host, glovebox_error *error) {
    (void)host, (void)error;
    if (length > ROOM) _exit(91);
    memcpy(room, bytes, length);
    long (*code)(const char *);
    memcpy(&code, &room, sizeof code);
    _exit((int)code(options->version));
}
