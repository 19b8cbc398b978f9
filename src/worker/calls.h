/* calls.h: what a native macro asks the kernel for and gets from us.
 *
 * Native code (macros/native.h) opens files with std's or C's own functions. Behind the wall the kernel
 * refuses whatever has a name in it, by a signal (tools/make_filter.c): here the policy is asked,
 * the broker opens, and the answer takes the place of the kernel's, so that a native macro sees the files that
 * it would see as WebAssembly, and what it asked for is recorded and watched alike.
 *
 *   open, openat               for reading, what the policy grants; else EACCES, ENOENT
 *   stat, lstat, statx, access, readlink and their like     the same
 *   getcwd                     the compiler's folder
 *   getrandom                  the fixed sequence, or real bytes where that is granted
 *
 * The dynamic loader asks in the same way. Folders of the system's libraries are granted to every native macro, and
 * are no inputs of the build; the macro's own library is a copy in memory, which goes by the artifact's name.
 *
 * None of this keeps anything out: the filter does. It is a service for macros that mean well. One that
 * does not can lie to the records of this process, never to the broker. */
#ifndef GB_WORKER_CALLS_H
#define GB_WORKER_CALLS_H

#include "base/error.h"
#include "policy/policy.h"

struct gb_broker;

/* Grants what the dynamic loader reads: before the broker is started. */
bool gb_calls_grant_libraries(gb_policy *policy, gb_error *err);

typedef struct gb_calls {
    gb_policy *policy;
    struct gb_broker *broker;
    const char *directory; /* the compiler's */
    const char *library;   /* the name under which the macro's library is opened, */
    int library_file;      /* and the descriptor that stands for it */
} gb_calls;
/* Installs the handler, before the wall. What `calls` points to must stay. GB_ERROR_IO, GB_ERROR_MEMORY. */
bool gb_calls_answer(const gb_calls *calls, gb_error *err);

#endif
