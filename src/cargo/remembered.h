/* remembered.h: answers of rustc and Cargo that cost a process, kept in the store under what they
 * depend on.
 *
 * Asking costs some hundred milliseconds at the start of every build. The answers depend on programs,
 * manifests, configuration and variables: each of those goes into the key (a file by its path, size and
 * time stamp, or its absence), so an answer under the same key is still true. */
#ifndef GB_CARGO_REMEMBERED_H
#define GB_CARGO_REMEMBERED_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/hash.h"
#include "store/objects.h"

/* A file or folder as it is now: where it is (NULL: nowhere), how large, when changed. */
void gb_fact_file(gb_hash *hash, const char *path);
void gb_fact_env(gb_hash *hash, const char *name);
/* `<folder>/<name>` for the folder and all above it. */
void gb_fact_upwards(gb_hash *hash, const char *folder, const char *name);

/* The JSON object kept under the key, or NULL: the caller's to free. */
cJSON *gb_remembered(gb_objects *objects, const gb_digest *key);
/* Keeps it where the store can be written. */
void gb_remember(gb_objects *objects, const gb_digest *key, const cJSON *answer);

#endif
