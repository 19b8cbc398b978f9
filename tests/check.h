/* check.h: what a C test counts, says of what does not hold, and ends with. */
#ifndef GB_TESTS_CHECK_H
#define GB_TESTS_CHECK_H

#include <stdbool.h>
#include <stdio.h>

static int passed, failed;

/* Counts; of what does not hold, says `what` and, unless NULL, `detail`. Returns `ok`. */
static inline bool check_detail(bool ok, const char *what, const char *detail) {
    if (ok) {
        passed++;
    } else {
        failed++;
        printf("FAILED: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
    }
    return ok;
}

/* Where a function checks for many callers, `line` is the caller's. */
static inline bool check_at(bool ok, const char *what, int line) {
    if (!ok) printf("line %d: ", line);
    return check_detail(ok, what, NULL);
}

static inline bool check(bool ok, const char *what) {
    return check_detail(ok, what, NULL);
}

#define CHECK_TEXT_OF(x) #x
#define CHECK_LINE(line) CHECK_TEXT_OF(line)
#define CHECK(condition) check_detail((condition), __FILE__ ":" CHECK_LINE(__LINE__), #condition)

/* The last line of a test, and the program's status. */
static inline int check_end(const char *name) {
    printf("%s: %d passed, %d failed\n", name, passed, failed);
    return failed != 0;
}

#endif
