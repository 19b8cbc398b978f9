/* hash.h: content digests: BLAKE2b with 32 bytes out, by libsodium (crypto_generichash).
 *
 * Used for what names things in the store and for cache keys. Text is hashed with
 * gb_hash_text, which counts the length in, so that ("ab","c") and ("a","bc") differ. */
#ifndef GB_BASE_HASH_H
#define GB_BASE_HASH_H

#include <sodium/crypto_generichash.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { GB_DIGEST_BYTES = 32, GB_DIGEST_TEXT = 2 * GB_DIGEST_BYTES + 1 };

typedef struct gb_digest {
    uint8_t bytes[GB_DIGEST_BYTES];
} gb_digest;

typedef struct gb_hash {
    crypto_generichash_state state;
} gb_hash;

void gb_hash_init(gb_hash *hash);
void gb_hash_bytes(gb_hash *hash, const void *bytes, size_t length);
void gb_hash_text(gb_hash *hash, const char *text); /* length first; NULL differs from "" */
void gb_hash_u64(gb_hash *hash, uint64_t value);
/* The file's length and contents. */
bool gb_hash_file(gb_hash *hash, const char *path, gb_error *err);
/* Every file under the folder: relative names and contents, in sorted order. Links are followed for
 * files, not for folders. Names that start with '.' and folders with a CACHEDIR.TAG are left out.
 */
bool gb_hash_dir(gb_hash *hash, const char *path, gb_error *err);
void gb_hash_final(gb_hash *hash, gb_digest *out);

gb_digest gb_digest_of(const void *bytes, size_t length);
bool gb_digest_equal(const gb_digest *a, const gb_digest *b);
/* Lower-case hexadecimal, NUL-terminated. */
void gb_digest_text(const gb_digest *digest, char text[GB_DIGEST_TEXT]);
bool gb_digest_parse(const char *text, gb_digest *out); /* exactly 64 hexadecimal digits */

#endif
