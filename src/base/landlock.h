/* landlock.h: Linux's Landlock: a process gives up what it may do with files, sockets and other
 * processes, for good. By system call: libc has no wrappers, and older headers no names for newer
 * rights. */
#ifndef GB_BASE_LANDLOCK_H
#define GB_BASE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The kernel's version of the interface; 0: it has none, or it is switched off. */
int gb_landlock_abi(void);

/* From here on this process may do nothing with a file that it opens by name, but for reading what
 * lies at or below the given descriptors (O_PATH will do; -1 is passed over), and nothing with TCP
 * sockets. `scoped`: nor reach abstract sockets of, or send signals to, whoever is not confined
 * with it. Rights that this kernel does not know are not taken away. Wants no_new_privs. True and
 * nothing done when there is no Landlock; false: GB_ERROR_IO. */
bool gb_landlock_confine(const int *readable, size_t count, bool scoped, gb_error *err);

#endif
