/* codecache.h: a folder of machine code, one file a module and kind of processor.
 *
 *     <folder>/<name>-<key>.code     name: the caller's, of the module's contents (a digest)
 *                                    key: of the engine's build and the processor's features
 *
 * Files are written beside and renamed into place, never changed, so readers need no lock and writers of the same name do
 * no harm. Using a file makes it young; when the folder holds more than its limit, the oldest go. What a file
 * must pass before its code runs is in x64/x64_keep.h. The functions of engine.h, gb_code_…, are its face. */
#ifndef GB_ENGINE_CODECACHE_H
#define GB_ENGINE_CODECACHE_H

#include "engine/engine.h"

/* Removes the least recently used files until the others are at most `most_bytes`, and what killed writers left. */
void gb_codecache_evict(const char *folder, uint64_t most_bytes);

#endif
