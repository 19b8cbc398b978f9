/* keep_code.h: an artifact, and its machine code: from the last time and for the next.
 *
 * The worker that finds none does not wait for it: it compiles what it runs, while a process of its own, confined like the
 * worker and of low priority, compiles the whole artifact and writes the file. That one is a child of a second one
 * outside the wall, which only waits and gives the file its name. Neither holds anything of the compiler's open, and both end
 * by themselves. Nothing that goes wrong here is worth a word: the next worker tries again.
 *
 * That the artifact is what its digest says is proven before anything is made of it. To read megabytes for that at every start
 * would take longer than the start; so who keeps machine code of a proven file notes which file that was, and as long as the
 * same one is met again, unchanged (gb_file_identity), the proof holds. The note is as good as the code that it stands beside:
 * whoever can write the one can write the other. */
#ifndef GB_WORKER_KEEP_CODE_H
#define GB_WORKER_KEEP_CODE_H

#include <stdbool.h>

#include "base/file.h"
#include "engine/engine.h"

typedef struct gb_artifact {
    const char *path, *digest; /* the caller's */
    gb_mapped_file file;       /* stays mapped */
    gb_code_note note;         /* zeros: the file changed just now, and might again unnoticed */
    bool has_code;             /* machine code was found and waits for its module */
} gb_artifact;

/* Before the wall. `digest` in hexadecimal. GB_ERROR_IO; GB_ERROR_INVALID: the file is another. */
bool gb_worker_open_artifact(const char *path, const char *digest, gb_artifact *artifact, gb_error *err);
/* Before the wall. confine: whether there is to be a wall at all. Does nothing for an artifact that has its code. */
void gb_worker_keep_code(const gb_artifact *artifact, bool confine);

#endif
