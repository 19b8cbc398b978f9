#include "base/hash.h"

#include <sodium/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/strings.h"

void gb_hash_init(gb_hash *hash) {
    /* Chooses the CPU's best implementation; harmless when repeated, and safe between threads.
     * Hashing works, slower, when it fails. */
    static bool ready;
    if (!ready) ready = sodium_init() >= 0;
    crypto_generichash_init(&hash->state, NULL, 0, GB_DIGEST_BYTES);
}

void gb_hash_bytes(gb_hash *hash, const void *bytes, size_t length) {
    if (length) crypto_generichash_update(&hash->state, bytes, length);
}

void gb_hash_u64(gb_hash *hash, uint64_t value) {
    uint8_t bytes[8];
    gb_store_u64(bytes, value);
    gb_hash_bytes(hash, bytes, sizeof bytes);
}

void gb_hash_text(gb_hash *hash, const char *text) {
    if (!text) {
        gb_hash_u64(hash, UINT64_MAX);
        return;
    }
    size_t length = strlen(text);
    gb_hash_u64(hash, length);
    gb_hash_bytes(hash, text, length);
}

bool gb_hash_file(gb_hash *hash, const char *path, gb_error *err) {
    gb_mapped_file file;
    if (!gb_file_map(path, &file, err)) return false;
    gb_hash_u64(hash, file.length);
    gb_hash_bytes(hash, file.bytes, file.length);
    gb_file_unmap(&file);
    return true;
}

static bool hash_tree(gb_hash *hash, const char *path, const char *relative, gb_error *err);

static bool hash_entry(gb_hash *hash, const char *path, const char *relative, gb_error *err) {
    struct stat link, target;
    if (lstat(path, &link) != 0) return gb_fail_errno(err, "cannot look at %s", path);
    if (S_ISDIR(link.st_mode)) {
        char *tag = gb_path_join(path, "CACHEDIR.TAG");
        bool cache = tag && gb_file_exists(tag);
        free(tag);
        return cache || hash_tree(hash, path, relative, err);
    }
    if (stat(path, &target) != 0 || !S_ISREG(target.st_mode)) return true;
    gb_hash_text(hash, relative);
    return gb_hash_file(hash, path, err);
}

static bool hash_tree(gb_hash *hash, const char *path, const char *relative, gb_error *err) {
    gb_strings names = {0};
    bool ok = gb_dir_list(path, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        if (names.items[i][0] == '.') continue;
        char *inner = gb_path_join(path, names.items[i]);
        char *name =
            *relative ? gb_path_join(relative, names.items[i]) : gb_text_copy(names.items[i]);
        ok = inner && name ? hash_entry(hash, inner, name, err)
                           : gb_fail(err, GB_ERROR_MEMORY, "out of memory");
        free(inner);
        free(name);
    }
    gb_strings_free(&names);
    return ok;
}

bool gb_hash_dir(gb_hash *hash, const char *path, gb_error *err) {
    return hash_tree(hash, path, "", err);
}

void gb_hash_final(gb_hash *hash, gb_digest *out) {
    crypto_generichash_final(&hash->state, out->bytes, sizeof out->bytes);
}

gb_digest gb_digest_of(const void *bytes, size_t length) {
    gb_hash hash;
    gb_digest digest;
    gb_hash_init(&hash);
    gb_hash_bytes(&hash, bytes, length);
    gb_hash_final(&hash, &digest);
    return digest;
}

bool gb_digest_equal(const gb_digest *a, const gb_digest *b) {
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void gb_digest_text(const gb_digest *digest, char text[GB_DIGEST_TEXT]) {
    for (size_t i = 0; i < GB_DIGEST_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", digest->bytes[i]);
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool gb_digest_parse(const char *text, gb_digest *out) {
    if (strlen(text) != GB_DIGEST_TEXT - 1) return false;
    for (size_t i = 0; i < GB_DIGEST_BYTES; i++) {
        int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
