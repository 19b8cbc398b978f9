#include "cargo/remembered.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"

void gb_fact_file(gb_hash *hash, const char *path) {
    struct stat st;
    gb_hash_text(hash, path);
    if (path == NULL || stat(path, &st) != 0) {
        gb_hash_u64(hash, UINT64_MAX);
        return;
    }
    gb_hash_u64(hash, (uint64_t)st.st_size);
    gb_hash_u64(hash, (uint64_t)st.st_ino);
    gb_hash_u64(hash, (uint64_t)st.st_mtim.tv_sec);
    gb_hash_u64(hash, (uint64_t)st.st_mtim.tv_nsec);
}

void gb_fact_env(gb_hash *hash, const char *name) {
    gb_hash_text(hash, name);
    gb_hash_text(hash, getenv(name));
}

void gb_fact_upwards(gb_hash *hash, const char *folder, const char *name) {
    char *at = gb_text_copy(folder);
    while (at != NULL) {
        char *path = gb_path_join(at, name);
        gb_fact_file(hash, path);
        free(path);
        char *parent = strcmp(at, "/") == 0 || strcmp(at, ".") == 0 ? NULL : gb_path_parent(at);
        free(at);
        at = parent;
    }
}

static bool take(void *env, const char *text) {
    cJSON **answer = env;
    *answer = gb_json_parse(text, strlen(text), "a remembered answer", NULL);
    return *answer != NULL;
}

cJSON *gb_remembered(gb_objects *objects, const gb_digest *key) {
    cJSON *answer = NULL;
    gb_objects_find_record(objects, key, take, &answer);
    return answer;
}

void gb_remember(gb_objects *objects, const gb_digest *key, const cJSON *answer) {
    gb_buffer text = {0};
    /* What cannot be kept is asked again next time. */
    if (gb_json_print(&text, answer, false)) {
        gb_objects_put_record(objects, key, gb_buffer_text(&text), NULL);
    }
    gb_buffer_free(&text);
}
