/* watch.h: what ends a worker's work early: the shim's death, and the time limit. All by signals,
 * since the kernel's wall (confine.h) holds for one thread and a second one would stand outside.
 *
 *   SIGIO    the socket's end of file: the compiler is gone; the process ends at once
 *   SIGALRM  a tick, while expansions come and go: has the time limit passed? It costs nothing
 *            when expansions follow one another closely, and stops by itself when they do not.
 *
 * The limit is on time in which the process could run: a tick that comes late, because the process was
 * stopped or the machine had no time for it, moves the deadline by as much. */
#ifndef GB_WORKER_WATCH_H
#define GB_WORKER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "glovebox.h"

enum {
    GB_WORKER_EXIT_OK = 0,
    GB_WORKER_EXIT_GREETING = 1, /* it could not start; the greeting said why */
    GB_WORKER_EXIT_STUCK = 75,   /* the limit passed and the interruption had no effect */
    GB_WORKER_EXIT_CHANNEL = 76, /* the shared memory held what no shim writes */
};

/* Installs the handlers; before the wall. Ends the process if the socket is closed already.
 * limit_ms 0: no limit. GB_ERROR_IO. */
bool gb_watch_start(int socket, uint32_t limit_ms, gb_error *err);
/* Whom to interrupt. */
void gb_watch_library(glovebox_library *library);
/* The clock of the time limit: full again, running, standing still while the compiler answers. */
void gb_watch_begin(void);
void gb_watch_pause(void);
void gb_watch_resume(void);
/* Returns true when the limit had passed since gb_watch_begin. */
bool gb_watch_end(void);

#endif
