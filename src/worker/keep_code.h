/* keep_code.h: an artifact's machine code, from the last time and for the next.
 *
 * The worker that finds none does not wait for it: it compiles what it runs, while a process of its own, confined like the
 * worker and of least priority, compiles the whole artifact and writes the file. That one is a child of a second one
 * outside the wall, which only waits and gives the file its name. Neither holds anything of the compiler's open, and both end
 * by themselves. Nothing that goes wrong here is worth a word: the next worker tries again. */
#ifndef GB_WORKER_KEEP_CODE_H
#define GB_WORKER_KEEP_CODE_H

#include <stdbool.h>

#include "base/buffer.h"

/* Before the wall. `digest` is the artifact's, in hexadecimal; confine: whether there is to be a wall at all. */
void gb_worker_keep_code(const gb_buffer *artifact, const char *digest, bool confine);

#endif
