#include "macros/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { FIELDS = 9 };

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "no memory for the artifact's macros");
}

void gb_records_free(gb_records *records) {
    for (size_t i = 0; i < records->block_count; i++) free(records->blocks[i]);
    free(records->blocks);
    free(records->items);
    *records = (gb_records){0};
}

/* Allocates what lives as long as the records. */
static void *keep(gb_records *records, size_t size) {
    void **blocks = realloc(records->blocks, (records->block_count + 1) * sizeof *blocks);
    if (!blocks) return NULL;
    records->blocks = blocks;
    void *block = malloc(size);
    if (block) blocks[records->block_count++] = block;
    return block;
}

/* Undoes escapes in place; false on one that is not known. */
static bool unescape(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        if (*from == 't') {
            *to++ = '\t';
        } else if (*from == 'n') {
            *to++ = '\n';
        } else if (*from == '\\') {
            *to++ = '\\';
        } else {
            return false;
        }
    }
    *to = 0;
    return true;
}

static bool number(const char *text, uint32_t *out) {
    uint64_t value = 0;
    if (!*text) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        value = value * 10 + (uint64_t)(*text - '0');
        if (value > UINT32_MAX) return false;
    }
    *out = (uint32_t)value;
    return true;
}

static bool kind_of(const char *text, glovebox_macro_kind *out) {
    static const char *const names[] = {"derive", "attribute", "function"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (glovebox_macro_kind)i;
            return true;
        }
    }
    return false;
}

/* "a,b" becomes {"a", "b", NULL}, cut in place. */
static const char *const *helpers_of(gb_records *records, char *text) {
    size_t count = *text ? 1 : 0;
    for (const char *p = text; *p; p++) count += *p == ',';
    const char **list = keep(records, (count + 1) * sizeof *list);
    if (!list) return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = text;
        text += strcspn(text, ",");
        *text++ = 0;
    }
    list[count] = NULL;
    return list;
}

static bool add_record(gb_records *records, char *fields[FIELDS], gb_error *err) {
    if (records->count == records->capacity) {
        size_t capacity = records->capacity ? 2 * records->capacity : 8;
        gb_record *items = realloc(records->items, capacity * sizeof *items);
        if (!items) return no_memory(err);
        records->items = items;
        records->capacity = capacity;
    }
    gb_record r = {.entry = fields[3]};
    bool ok = true;
    for (size_t i = 0; i < FIELDS; i++) ok = ok && unescape(fields[i]);
    r.macro.name = fields[1];
    r.macro.function = fields[4];
    r.macro.file = fields[5];
    r.macro.attributes = fields[8];
    ok = ok && kind_of(fields[0], &r.macro.kind) && *r.macro.name && *r.entry;
    ok = ok && number(fields[6], &r.macro.line) && number(fields[7], &r.macro.column);
    if (!ok) {
        return gb_fail(err, GB_ERROR_MALFORMED, "section glovebox.macros: record %zu is malformed",
                       records->count);
    }
    r.macro.helpers = helpers_of(records, fields[2]);
    if (!r.macro.helpers) return no_memory(err);
    records->items[records->count++] = r;
    return true;
}

/* Cuts the line at its tabs; false unless it has exactly the fields. */
static bool cut(char *line, char *fields[FIELDS]) {
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = line;
        line += strcspn(line, "\t");
        if ((*line == 0) != (i == FIELDS - 1)) return false;
        if (i < FIELDS - 1) *line++ = 0;
    }
    return true;
}

bool gb_records_add(gb_records *records, const uint8_t *section, size_t length, gb_error *err) {
    if (length && (!gb_utf8_valid(section, length) || memchr(section, 0, length))) {
        return gb_fail(err, GB_ERROR_MALFORMED, "section glovebox.macros: not text");
    }
    if (length && section[length - 1] != '\n') {
        return gb_fail(err, GB_ERROR_MALFORMED, "section glovebox.macros: its last line is cut off");
    }
    char *text = keep(records, length + 1);
    if (!text) return no_memory(err);
    if (length) memcpy(text, section, length);
    text[length] = 0;
    while (*text) {
        char *line = text, *fields[FIELDS];
        text = strchr(text, '\n');
        *text++ = 0;
        if (records->count == GB_RECORDS_MOST || !cut(line, fields)) {
            return gb_fail(err, GB_ERROR_MALFORMED,
                           "section glovebox.macros: record %zu is malformed", records->count);
        }
        if (!add_record(records, fields, err)) return false;
    }
    return true;
}
