/* image.h: the state of a store at rest, to be put back (engine.h, gb_store_freeze).
 *
 *   gb_image ─┬─ instance[i]   own globals, lengths of segments not dropped
 *             ├─ table[i]      elements
 *             └─ memory[i]     mapped: a sealed file of the system's own memory, which the memory is a private mapping of from then
 *                              on: a page that the guest changes is copied, and dropping the copy brings the original back
 *                              copied: pages that are not zero, written back where they are. For small memories, and where no file is to be
 *                              had (behind a wall of system calls) or addresses may move
 *
 * It holds what guest code can change and nothing else: functions, types, imports and code stay as they are, so that pointers
 * to them (gb_func, gb_memory) stay good. Functions in tables are the store's own and are kept as pointers. Exceptions
 * live only while guest code runs: a store whose globals or tables name one has no image. */
#ifndef GB_ENGINE_IMAGE_H
#define GB_ENGINE_IMAGE_H

#include "engine/instance.h"

void gb_image_free(struct gb_image *image);

#endif
