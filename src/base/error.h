/* error.h: an error is a value. It is built once, where the fact is known, and travels up untouched.
 *
 * A function that can fail returns bool (false: failed) or a pointer (NULL: failed) and takes a
 * `gb_error *` as its last parameter. On failure the error holds a message that says what happened,
 * where and, when there is something the user can do, what. On success it is left as it was. */
#ifndef GB_BASE_ERROR_H
#define GB_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum { GB_ERROR_MAX = 1024 };

/* What kind of failure it was, for callers that act on it. */
typedef enum gb_error_kind {
    GB_OK = 0,
    GB_ERROR_INVALID,     /* the input breaks a rule of its format */
    GB_ERROR_MALFORMED,   /* the input cannot even be decoded */
    GB_ERROR_UNLINKABLE,  /* an import is missing or of another type */
    GB_ERROR_MEMORY,      /* an allocation failed or a limit was reached */
    GB_ERROR_IO,          /* the operating system refused; errno_value says why */
    GB_ERROR_TRAP,        /* the guest trapped */
    GB_ERROR_REFUSED,     /* the policy refused */
    GB_ERROR_USAGE,       /* the caller's or the user's request makes no sense */
} gb_error_kind;

typedef struct gb_error {
    gb_error_kind kind;
    int errno_value;
    char message[GB_ERROR_MAX]; /* UTF-8, NUL-terminated, cut at the end when too long */
} gb_error;

/* Sets the error and returns false, so that `return gb_fail(err, …)` reads well. err may be NULL. */
bool gb_fail(gb_error *err, gb_error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a failed system call: appends ": " and the text of errno. */
bool gb_fail_errno(gb_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Puts "context: " in front of the message that err holds. Returns false. */
bool gb_error_context(gb_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
