/* watch.h: what ends a worker's work early: the shim's death, and the time limit. All by signals,
 * since the kernel's wall (confine.h) holds for one thread and a second one would stand outside.
 *
 *   SIGIO    the socket's end of file: the compiler is gone; the process ends at once
 *   SIGALRM  a tick, while expansions come and go: has the time limit passed? It costs nothing
 *            when expansions follow one another closely, and stops by itself when they do not.
 *
 * There may be two limits: on an expansion, and on all expansions of the process together. Both are on time in which the
 * process could run: a tick that comes late, because the process was stopped or the machine had no time for it,
 * moves the deadline by as much. */
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
 * Milliseconds, of one expansion and of all; 0: no limit. GB_ERROR_IO. */
bool gb_watch_start(int socket, uint32_t limit_ms, uint32_t total_ms, gb_error *err);
/* Whom to interrupt. */
void gb_watch_library(glovebox_library *library);
/* The clock of the time limits: full again, running, standing still while the compiler answers. False: the
 * total is used up already, and nothing runs. */
bool gb_watch_begin(void);
void gb_watch_pause(void);
void gb_watch_resume(void);

typedef enum gb_watch_passed { GB_WATCH_IN_TIME, GB_WATCH_EXPANSION, GB_WATCH_TOTAL } gb_watch_passed;
/* Which limit had passed since gb_watch_begin. */
gb_watch_passed gb_watch_end(void);

#endif
