/* elf.c: finding a section in a library of machine code: in one that is whole, and in every broken one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "macros/elf.h"

static int passed, failed;

static void check(bool ok, const char *what) {
    if (ok) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED: %s\n", what);
}

/* What it says of the bytes, which lie in room of just their size, so that a sanitizer sees every step aside.
 * True: a sound answer, which is any section within the bytes, none, or an error that says why. */
static bool is_sound(const uint8_t *bytes, size_t length) {
    uint8_t *copy = malloc(length ? length : 1);
    if (!copy) return false;
    memcpy(copy, bytes, length);
    gb_error err = {0};
    bool found;
    const uint8_t *section = NULL;
    size_t size = 0;
    bool ok = gb_elf_section(copy, length, "glovebox.macros", &found, &section, &size, &err);
    bool sound = ok ? !found || (section >= copy && size <= length && section - copy <= (ptrdiff_t)(length - size))
                    : err.kind == GB_ERROR_MALFORMED && err.message[0] != '\0';
    volatile uint8_t sum = 0;
    for (size_t i = 0; ok && found && i < size; i++) sum = (uint8_t)(sum + section[i]);
    free(copy);
    return sound;
}

static bool all_lengths(const uint8_t *bytes, size_t length) {
    for (size_t n = 0; n < length; n += n < 256 || length - n < 4096 ? 1 : 37) {
        if (!is_sound(bytes, n)) return false;
    }
    return true;
}

/* Every byte of the headers, and of the section headers, which lie at the end, is set to what is unlikely. */
static bool all_bytes(uint8_t *bytes, size_t length) {
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t at = 0; at < length; at += at < 64 || length - at < 4096 ? 1 : length - at - 4095) {
        uint8_t old = bytes[at];
        for (size_t i = 0; i < sizeof values; i++) {
            bytes[at] = values[i];
            if (!is_sound(bytes, length)) return false;
        }
        bytes[at] = old;
    }
    return true;
}

int main(int argc, char **argv) {
    gb_buffer file = {0};
    gb_error err = {0};
    bool found = false;
    const uint8_t *section;
    size_t size;
    if (argc != 2 || !gb_file_read(argv[1], &file, &err)) {
        fprintf(stderr, "%s\n", argc != 2 ? "which library?" : err.message);
        return 2;
    }
    check(gb_elf_section(file.data, file.length, "glovebox.macros", &found, &section, &size, &err) && found &&
              size == 5 && memcmp(section, "here\n", 5) == 0,
          "a section is found");
    check(gb_elf_section(file.data, file.length, "glovebox.macro", &found, &section, &size, &err) && !found,
          "a part of a name is no name");
    static const uint8_t wasm[64] = {0, 'a', 's', 'm', 1};
    check(!gb_elf_section(wasm, sizeof wasm, "glovebox.macros", &found, &section, &size, &err),
          "WebAssembly is no library of machine code");
    check(all_lengths(file.data, file.length), "one that is cut anywhere is refused or read within its bytes");
    check(all_bytes(file.data, file.length), "one with any wrong byte is refused or read within its bytes");
    gb_buffer_free(&file);
    printf("native-elf: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
