#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void append(gb_error *err, size_t at, const char *format, va_list args) {
    if (at < sizeof err->message) vsnprintf(err->message + at, sizeof err->message - at, format, args);
}

bool gb_fail(gb_error *err, gb_error_kind kind, const char *format, ...) {
    if (!err) return false;
    err->kind = kind;
    err->errno_value = 0;
    va_list args;
    va_start(args, format);
    append(err, 0, format, args);
    va_end(args);
    return false;
}

bool gb_fail_errno(gb_error *err, const char *format, ...) {
    int number = errno;
    if (!err) return false;
    err->kind = GB_ERROR_IO;
    err->errno_value = number;
    va_list args;
    va_start(args, format);
    append(err, 0, format, args);
    va_end(args);
    size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof err->message - used, ": %s", strerror(number));
    return false;
}

bool gb_error_context(gb_error *err, const char *format, ...) {
    if (!err) return false;
    char old[GB_ERROR_MAX];
    memcpy(old, err->message, sizeof old);
    va_list args;
    va_start(args, format);
    append(err, 0, format, args);
    va_end(args);
    size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof err->message - used, ": %s", old);
    return false;
}
