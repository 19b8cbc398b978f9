/* records.h: the macros that an artifact declares: its custom section `glovebox.macros`
 * (docs/protocol.md, section 2), read as the hostile text that it is.
 *
 * One record a line, fields separated by tabs, `\t \n \\` escaped by a backslash:
 *
 *   kind  name  helpers,…  entry  function  file  line  column  attributes
 */
#ifndef GB_MACROS_RECORDS_H
#define GB_MACROS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "glovebox.h"

enum { GB_RECORDS_MOST = 65536 };

typedef struct gb_record {
    glovebox_macro macro; /* strings point into the records' text */
    const char *entry;    /* name of the exported function */
} gb_record;

typedef struct gb_records {
    gb_record *items;
    size_t count, capacity;
    void **blocks; /* texts and helper lists that the items point into */
    size_t block_count;
} gb_records;

/* Adds the records of one section. Names and entries are not empty, texts are UTF-8 without NUL.
 * GB_ERROR_MALFORMED names the record; GB_ERROR_MEMORY. Either way gb_records_free cleans up. */
bool gb_records_add(gb_records *records, const uint8_t *section, size_t length, gb_error *err);
void gb_records_free(gb_records *records);

#endif
