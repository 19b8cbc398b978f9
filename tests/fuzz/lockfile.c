/* lockfile.c: glovebox.lock may have been written by anybody. What is read is written and read again alike, and
 * compared with itself. */
#include <stdlib.h>
#include <string.h>

#include "record/lockfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    gb_lockfile lock, again;
    gb_error err;
    gb_buffer text = {0}, twice = {0}, news = {0};
    if (!gb_lockfile_parse((const char *)data, size, &lock, &err)) return 0;
    if (gb_lockfile_print(&lock, &text)) {
        if (!gb_lockfile_parse(gb_buffer_text(&text), text.length, &again, &err)) abort();
        if (!gb_lockfile_print(&again, &twice) || text.length != twice.length) abort();
        if (memcmp(text.data, twice.data, text.length) != 0) abort();
        if (gb_lockfile_news(&lock, &again, &news) != 0) abort();
        if (!gb_lockfile_merge(&again, &lock)) abort();
        gb_lockfile_prune(&again, gb_buffer_text(&text));
        gb_lockfile_free(&again);
    }
    gb_lockfile_free(&lock);
    gb_buffer_free(&text);
    gb_buffer_free(&twice);
    gb_buffer_free(&news);
    return 0;
}
