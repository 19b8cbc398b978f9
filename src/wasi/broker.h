/* broker.h: opening files for a process that may not open any.
 *
 * Behind the kernel's wall a worker has no call to open a file with. Before it goes there it starts
 * a broker: a process that holds the granted directories and answers requests to look at or open a
 * path of the view, on a socket. The broker asks its own copy of the policy, so a guest that got
 * out of the engine still gets only what is granted. It ends when the worker's end of the socket
 * closes.
 *
 * It is also what a worker cannot talk out of its death: given a lifeline, a socket whose other end
 * the worker's master holds, it kills the worker when that end closes.
 *
 * One request:  header {u32 length of the path, u32 flags}, path
 * One answer:   struct wasi_seen's facts, flat, and the descriptor as ancillary data */
#ifndef GB_WASI_BROKER_H
#define GB_WASI_BROKER_H

#include "base/error.h"
#include "wasi/view.h"

typedef struct gb_broker gb_broker;

/* Confines the broker, in which it is called, to reading what lies at or below these descriptors. */
typedef bool (*gb_broker_wall)(const int *readable, size_t count, gb_error *err);

typedef struct gb_broker_options {
    int lifeline;        /* borrowed; -1: none */
    gb_broker_wall wall; /* NULL: none. A broker that it fails in ends: requests get EIO */
} gb_broker_options;

/* Forks the broker. `policy` is what it grants. The caller must have one thread only. NULL:
 * GB_ERROR_IO, GB_ERROR_MEMORY. */
gb_broker *gb_broker_start(gb_policy *policy, const gb_broker_options *options, gb_error *err);
/* Closes the connection; the broker ends, and is waited for. */
void gb_broker_stop(gb_broker *broker);
/* The descriptor that must stay open behind the wall. */
int gb_broker_fd(const gb_broker *broker);

/* As wasi_view_look, in the broker. EIO when it is gone. The answer is recorded in `policy`, the
 * caller's copy. */
void wasi_broker_look(gb_broker *broker, gb_policy *policy, const char *path, bool follow,
                      bool open, struct wasi_seen *seen);

#endif
