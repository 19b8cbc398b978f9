/* confine.h: the kernel's wall, around the worker and around the broker that opens files for it.
 * Called once by each, after everything it will ever need was opened and reserved, and before it looks
 * at the artifact, at a message, or at a request.
 *
 * From then on the process cannot gain privileges (no_new_privs), open files by name (Landlock; the
 * broker may, for reading, below what the policy grants), make sockets, processes or executable
 * mappings, or trace or signal anybody (seccomp; the broker may signal the one process it was given
 * a descriptor of). It leaves no core file, has descriptors only for what it was handed, an empty
 * environment and a process group of its own. The worker can fill no more memory than its macro's
 * limit calls for. A call outside the filter ends the process.
 *
 * Native macros (macros/native.h) have the same wall in two steps, for the dynamic loader has to work and
 * runs constructors of the author's: with the first, code can still become executable; the second goes up when all is
 * loaded. In place of ending the process, both refuse with an error, as an operating system would; what has a name in it comes
 * back as SIGSYS (calls.h), the loader's own files among it.
 *
 * Layers: each is tried, and the report says which hold. A kernel without Landlock or seccomp is no
 * failure unless `require` is set (`require-kernel-wall` of the policy). */
#ifndef GB_WORKER_CONFINE_H
#define GB_WORKER_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct gb_confinement {
    const int *keep;       /* descriptors to keep open besides 0, 1 and 2 */
    size_t keep_count;     /* at most GB_CONFINE_KEEP_MAX */
    uint64_t memory_bytes; /* a macro's limit [4 GiB]; the process gets room around it */
    bool require;          /* fail (GB_ERROR_REFUSED) where a layer cannot be had */
} gb_confinement;

enum { GB_CONFINE_KEEP_MAX = 32 };

typedef struct gb_confine_report {
    bool no_new_privs, landlock, seccomp;
} gb_confine_report;

/* False when a step that must not fail did (GB_ERROR_IO), or a layer is required and absent; the
 * process must then end without running guest code. */
bool gb_worker_confine(const gb_confinement *c, gb_confine_report *report, gb_error *err);

/* The two steps for a native macro. `require` is not asked for: without Landlock or a filter both fail
 * (GB_ERROR_REFUSED). memory_bytes holds all that the process maps. */
bool gb_worker_confine_loading(const gb_confinement *c, gb_confine_report *report, gb_error *err);
bool gb_worker_confine_loaded(gb_error *err);

/* The same for a broker, which has let go of other descriptors itself: a gb_broker_wall. */
bool gb_worker_confine_broker(const int *readable, size_t count, gb_error *err);

/* Overwrites and empties the environment: what the policy did not take is nobody's business, not
 * even that of an engine with a hole in it. Part of both of the above. */
void gb_worker_forget_environment(void);

#endif
