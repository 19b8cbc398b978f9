/* dies.c: a worker that is killed at the n-th step of its work, DIES_AT=n in the environment: before and
 * after each of the functions through which it opens, confines itself, loads and talks (-Wl,--wrap). */
#include <signal.h>
#include <stdlib.h>

#include "macros/library.h"
#include "worker/channel.h"
#include "worker/confine.h"

static long dies_at, step;

__attribute__((constructor)) static void read_step(void) {
    const char *text = getenv("DIES_AT");
    dies_at = text ? strtol(text, NULL, 10) : 0;
}

static void pass(void) {
    if (++step == dies_at) raise(SIGKILL); /* behind the wall there is no call for it: */
    if (step == dies_at) __builtin_trap();
}

bool __real_gb_channel_open(gb_channel *channel, int socket, gb_error *err);
bool __wrap_gb_channel_open(gb_channel *channel, int socket, gb_error *err);
bool __real_gb_channel_greet(const gb_channel *channel, const char *problem, gb_error *err);
bool __wrap_gb_channel_greet(const gb_channel *channel, const char *problem, gb_error *err);
bool __real_gb_channel_receive(gb_channel *channel, const uint8_t **bytes, size_t *length, gb_error *err);
bool __wrap_gb_channel_receive(gb_channel *channel, const uint8_t **bytes, size_t *length, gb_error *err);
void __real_gb_channel_send(gb_channel *channel, uint32_t kind, const void *first, size_t first_length,
                            const void *second, size_t second_length);
void __wrap_gb_channel_send(gb_channel *channel, uint32_t kind, const void *first, size_t first_length,
                            const void *second, size_t second_length);
bool __real_gb_worker_confine(const gb_confinement *c, gb_confine_report *report, gb_error *err);
bool __wrap_gb_worker_confine(const gb_confinement *c, gb_confine_report *report, gb_error *err);
glovebox_library *__real_gb_library_open(const void *bytes, size_t length, const glovebox_options *options,
                                         const gb_library_host *host, glovebox_error *error);
glovebox_library *__wrap_gb_library_open(const void *bytes, size_t length, const glovebox_options *options,
                                         const gb_library_host *host, glovebox_error *error);

#define AROUND(type, call)                                                                         \
    pass();                                                                                        \
    type result = call;                                                                            \
    pass();                                                                                        \
    return result

bool __wrap_gb_channel_open(gb_channel *channel, int socket, gb_error *err) {
    AROUND(bool, __real_gb_channel_open(channel, socket, err));
}

bool __wrap_gb_channel_greet(const gb_channel *channel, const char *problem, gb_error *err) {
    AROUND(bool, __real_gb_channel_greet(channel, problem, err));
}

bool __wrap_gb_channel_receive(gb_channel *channel, const uint8_t **bytes, size_t *length, gb_error *err) {
    AROUND(bool, __real_gb_channel_receive(channel, bytes, length, err));
}

void __wrap_gb_channel_send(gb_channel *channel, uint32_t kind, const void *first, size_t first_length,
                            const void *second, size_t second_length) {
    pass();
    __real_gb_channel_send(channel, kind, first, first_length, second, second_length);
    pass();
}

bool __wrap_gb_worker_confine(const gb_confinement *c, gb_confine_report *report, gb_error *err) {
    AROUND(bool, __real_gb_worker_confine(c, report, err));
}

glovebox_library *__wrap_gb_library_open(const void *bytes, size_t length, const glovebox_options *options,
                                         const gb_library_host *host, glovebox_error *error) {
    AROUND(glovebox_library *, __real_gb_library_open(bytes, length, options, host, error));
}
