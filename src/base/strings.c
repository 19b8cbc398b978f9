#include "base/strings.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve_one(gb_strings *list) {
    if (list->count + 1 < list->capacity) return true;
    size_t capacity = list->capacity ? list->capacity * 2 : 16;
    if (capacity > SIZE_MAX / sizeof *list->items) return false;
    char **items = realloc(list->items, capacity * sizeof *items);
    if (!items) return false;
    list->items = items;
    list->capacity = capacity;
    return true;
}

void gb_strings_take(gb_strings *list, char *text) {
    if (!text || !reserve_one(list)) {
        free(text);
        list->failed = true;
        return;
    }
    list->items[list->count++] = text;
    list->items[list->count] = NULL;
}

void gb_strings_add(gb_strings *list, const char *text) {
    gb_strings_take(list, gb_text_copy(text));
}

void gb_strings_add_n(gb_strings *list, const char *text, size_t length) {
    gb_strings_take(list, gb_text_copy_n(text, length));
}

static char *format_text(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
static char *format_text(const char *format, va_list args) {
    char *text = NULL;
    return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void gb_strings_add_format(gb_strings *list, const char *format, ...) {
    va_list args;
    va_start(args, format);
    gb_strings_take(list, format_text(format, args));
    va_end(args);
}

void gb_strings_add_all(gb_strings *list, const gb_strings *from) {
    for (size_t i = 0; i < from->count; i++) gb_strings_add(list, from->items[i]);
    if (from->failed) list->failed = true;
}

void gb_strings_add_each(gb_strings *list, ...) {
    va_list args;
    va_start(args, list);
    const char *text;
    while ((text = va_arg(args, const char *)) != NULL) gb_strings_add(list, text);
    va_end(args);
}

bool gb_strings_ok(const gb_strings *list, gb_error *err) {
    return !list->failed || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

bool gb_strings_has(const gb_strings *list, const char *text) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0) return true;
    return false;
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void gb_strings_sort(gb_strings *list) {
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, compare);
}

void gb_strings_remove(gb_strings *list, size_t index) {
    if (index >= list->count) return;
    free(list->items[index]);
    memmove(list->items + index, list->items + index + 1,
            (list->count - index) * sizeof *list->items); /* the final NULL moves along */
    list->count--;
}

void gb_strings_clear(gb_strings *list) {
    for (size_t i = 0; i < list->count; i++) free(list->items[i]);
    list->count = 0;
    list->failed = false;
    if (list->items) list->items[0] = NULL;
}

void gb_strings_free(gb_strings *list) {
    gb_strings_clear(list);
    free(list->items);
    *list = (gb_strings){0};
}

bool gb_text_starts(const char *text, const char *prefix) {
    return gb_text_after(text, prefix) != NULL;
}

bool gb_text_ends(const char *text, const char *suffix) {
    size_t length = strlen(text), tail = strlen(suffix);
    return tail <= length && memcmp(text + length - tail, suffix, tail) == 0;
}

const char *gb_text_after(const char *text, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

char *gb_text_copy(const char *text) {
    return text ? gb_text_copy_n(text, strlen(text)) : NULL;
}

char *gb_text_copy_n(const char *text, size_t length) {
    char *copy = length < SIZE_MAX ? malloc(length + 1) : NULL;
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *gb_text_format(const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
    return text;
}

void gb_text_split(gb_strings *list, const char *text, char separator) {
    for (;;) {
        const char *end = strchr(text, separator);
        if (!end) break;
        gb_strings_add_n(list, text, (size_t)(end - text));
        text = end + 1;
    }
    gb_strings_add(list, text);
}
