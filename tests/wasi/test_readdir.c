/* fd_readdir gives every entry once, whatever the size of the buffer and wherever it is taken up
 * again. */
#include <stdlib.h>

#include "harness.h"

enum { IN = 3, FILES = 300, NAME = 32 };

struct listing {
    int entries, seen[FILES], dots, wrong;
    uint64_t cookies[FILES + 8];
};

static void note(struct listing *l, const char *name, uint32_t length, uint8_t type) {
    char text[256] = {0};
    int n = -1;
    memcpy(text, name, length < 255 ? length : 255);
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
        l->dots++;
        l->wrong += type != WASI_FILETYPE_DIRECTORY;
    } else if (sscanf(text, "entry-%d", &n) == 1 && n >= 0 && n < FILES) {
        l->seen[n]++;
        bool dir = n % 10 == 0;
        l->wrong += type != (dir ? WASI_FILETYPE_DIRECTORY : WASI_FILETYPE_REGULAR_FILE);
        l->wrong += (size_t)length != strlen(text);
    } else {
        l->wrong++;
    }
}

/* As libc does: whole entries are used, a cut one is asked for again with the last cookie; when not
 * even one fits, the buffer grows. */
static void list_with(struct world *w, int fd, uint32_t size, struct listing *l) {
    uint64_t cookie = 0;
    *l = (struct listing){0};
    for (int rounds = 0; rounds < 100000; rounds++) {
        if (CALL(w, fd_readdir, fd, BUFFER, size, cookie, RESULT) != WASI_OK) break;
        uint32_t used = guest_u32(w, RESULT), at = 0;
        const uint8_t *p = w->memory.bytes + BUFFER;
        l->wrong += used > size;
        int whole = 0;
        while (used - at >= WASI_DIRENT_SIZE) {
            uint32_t length = gb_load_u32(p + at + 16);
            if (used - at - WASI_DIRENT_SIZE < length) break;
            note(l, (const char *)p + at + WASI_DIRENT_SIZE, length, p[at + 20]);
            cookie = gb_load_u64(p + at);
            if (l->entries < FILES + 8) l->cookies[l->entries] = cookie;
            l->entries++;
            whole++;
            at += WASI_DIRENT_SIZE + length;
        }
        if (used < size) return; /* the end */
        if (whole == 0) size += 16;
    }
    l->wrong++;
}

static void every_entry_comes_once(void) {
    static const uint32_t sizes[] = {0, 1, 23, 24, 25, 31, 32, 40, 64, 100, 128, 333, 4096, 65536};
    struct world w;
    world_open(&w, NULL);
    for (int i = 0; i < FILES; i++) {
        char name[NAME];
        snprintf(name, sizeof name, "in/entry-%d", i);
        if (i % 10 == 0) make_dir(&w, name);
        else make_file(&w, name, "");
    }
    struct listing *l = malloc(sizeof *l);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        list_with(&w, IN, sizes[s], l);
        int once = 0;
        for (int i = 0; i < FILES; i++) once += l->seen[i] == 1;
        CHECK_EQ(once, FILES);
        CHECK_EQ(l->dots, 2);
        CHECK_EQ(l->wrong, 0);
    }
    /* From any cookie on come the rest. */
    for (int i = 0; i < l->entries; i += 37) {
        struct listing rest = {0};
        uint64_t cookie = l->cookies[i];
        CHECK_EQ(CALL(&w, fd_readdir, IN, BUFFER, 65536, cookie, RESULT), WASI_OK);
        uint32_t used = guest_u32(&w, RESULT);
        for (uint32_t at = 0; at < used; rest.entries++) {
            at += WASI_DIRENT_SIZE + gb_load_u32(w.memory.bytes + BUFFER + at + 16);
        }
        CHECK_EQ(rest.entries, l->entries - 1 - i);
    }
    CHECK_EQ(asked(&w, GB_POWER_LIST, GB_GRANTED, host_path(&w, "in")), 1);
    free(l);
    world_close(&w);
}

static void made_up_cookies_do_no_harm(void) {
    struct world w;
    world_open(&w, NULL);
    make_file(&w, "in/file", "");
    static const uint64_t cookies[] = {1, 2, 12345, UINT32_MAX, INT64_MAX};
    for (size_t i = 0; i < sizeof cookies / sizeof *cookies; i++) {
        wasi_errno error = CALL(&w, fd_readdir, IN, BUFFER, 4096, cookies[i], RESULT);
        CHECK(error == WASI_OK || error == WASI_EINVAL);
        if (error == WASI_OK) CHECK(guest_u32(&w, RESULT) <= 4096);
    }
    CHECK_EQ(CALL(&w, fd_readdir, IN, BUFFER, 4096, UINT64_MAX, RESULT), WASI_EINVAL);
    CHECK_EQ(CALL(&w, fd_readdir, IN, MEMORY - 10, 11, 0, RESULT), WASI_EFAULT);
    CHECK_EQ(CALL(&w, fd_readdir, IN, BUFFER, 4096, 0, MEMORY), WASI_EFAULT);
    CHECK_EQ(CALL(&w, fd_readdir, 1, BUFFER, 4096, 0, RESULT), WASI_ENOTCAPABLE);
    world_close(&w);
}

void test_readdir(void) {
    every_entry_comes_once();
    made_up_cookies_do_no_harm();
}
