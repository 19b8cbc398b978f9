/* objects.h: the store: what was compiled once, for every project of this user.
 *
 *   <home>/store/objects/ab/cdef…      contents, named by their digest (BLAKE2b, hexadecimal)
 *               /records/ab/cd…/0123…  text under a key: named by the text's digest
 *               /incoming/             files that are being written; renamed into place
 *
 * A name is a promise about the bytes, and each read keeps it: a file that does not match its name is
 * removed and counts as not there. So a reader needs no lock, two writers of one name write the same,
 * and a half-written or altered file costs its making again, no more. Nothing is ever changed in place.
 *
 * A store that cannot be written (read-only, full) still serves what it has; what fails is adding,
 * with GB_ERROR_IO, and callers go on without. The store knows nothing of what it holds. */
#ifndef GB_STORE_OBJECTS_H
#define GB_STORE_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

typedef struct gb_objects gb_objects;

/* Nothing is made on disk before the first addition. NULL: GB_ERROR_MEMORY. */
gb_objects *gb_objects_open(const char *home, gb_error *err);
void gb_objects_close(gb_objects *objects);
const char *gb_objects_folder(const gb_objects *objects);

/* Copies the file in; *digest names it from then on. Cheap when it is there already. */
bool gb_objects_add(gb_objects *objects, const char *path, gb_digest *digest, gb_error *err);
bool gb_objects_add_bytes(gb_objects *objects, const void *bytes, size_t length, gb_digest *digest,
                          gb_error *err);
/* The file's path, whether it is there or not; malloc'ed. */
char *gb_objects_path(const gb_objects *objects, const gb_digest *digest);
/* True when it is there and matches its name; removes it when it does not match. */
bool gb_objects_check(gb_objects *objects, const gb_digest *digest);
/* Copies the object to `to` (beside, then renamed) and checks the copy. GB_ERROR_INVALID when it is
 * missing or did not match; then there is nothing at `to`. */
bool gb_objects_get(gb_objects *objects, const gb_digest *digest, const char *to, gb_error *err);

/* Keeps `text` under the key, beside others of that key. */
bool gb_objects_put_record(gb_objects *objects, const gb_digest *key, const char *text,
                           gb_error *err);
/* Calls `each` for the key's records, youngest first, until it returns true; tells whether it did. */
bool gb_objects_find_record(gb_objects *objects, const gb_digest *key,
                            bool (*each)(void *env, const char *text), void *env);

typedef struct gb_objects_usage {
    uint64_t objects, object_bytes;
    uint64_t records, record_bytes;
} gb_objects_usage;
bool gb_objects_measure(gb_objects *objects, gb_objects_usage *usage, gb_error *err);
/* Removes what was not used for `seconds`; 0 removes everything. *removed says what went. Safe while
 * builds go on: they make anew what they miss. */
bool gb_objects_clean(gb_objects *objects, int64_t seconds, gb_objects_usage *removed,
                      gb_error *err);

#endif
