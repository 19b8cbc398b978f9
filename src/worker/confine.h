/* confine.h: the kernel's wall around the worker. Called once, after everything the worker will ever
 * need was opened and reserved, and before it looks at the artifact or at a message.
 *
 * From then on the process cannot gain privileges (no_new_privs), reach files by name (Landlock, and
 * no call of that kind in the filter), make sockets, processes or executable mappings, or trace or
 * signal anybody (seccomp); it leaves no core file, has descriptors only for what it was handed, an
 * empty environment and a process group of its own. A call outside the filter ends the process.
 *
 * Layers: each is tried, and the report says which hold. A kernel without Landlock or seccomp is no
 * failure unless `require` is set (`require-kernel-wall` of the policy). */
#ifndef GB_WORKER_CONFINE_H
#define GB_WORKER_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct gb_confinement {
    const int *keep;   /* descriptors to keep open besides 0, 1 and 2 */
    size_t keep_count; /* at most GB_CONFINE_KEEP_MAX */
    bool require;      /* fail (GB_ERROR_REFUSED) where a layer cannot be had */
} gb_confinement;

enum { GB_CONFINE_KEEP_MAX = 32 };

typedef struct gb_confine_report {
    bool no_new_privs, landlock, seccomp;
    int landlock_abi; /* 0: none */
} gb_confine_report;

/* False when a step that must not fail did (GB_ERROR_IO), or a layer is required and absent; the
 * process must then end without running guest code. */
bool gb_worker_confine(const gb_confinement *c, gb_confine_report *report, gb_error *err);

#endif
