/* process.h: run a program and see how it ended.
 *
 * What the child writes goes, for standard output and error each: where the parent's goes
 * (GB_OUT_INHERIT), nowhere (GB_OUT_NULL), into a buffer (GB_OUT_CAPTURE), or line by line to a
 * function as it comes (GB_OUT_LINES; a last line without newline counts, and lines longer than
 * GB_BUFFER_MAX are an error). Both can be read at once without deadlock. No shell is involved.
 * The child gets default signal handling, and the descriptors that are not close-on-exec: Glovebox
 * opens none of that kind, but Cargo's job server hands some down that rustc must get. */
#ifndef GB_BASE_PROCESS_H
#define GB_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/strings.h"

typedef enum gb_out_kind { GB_OUT_INHERIT, GB_OUT_NULL, GB_OUT_CAPTURE, GB_OUT_LINES } gb_out_kind;

typedef struct gb_out {
    gb_out_kind kind;
    gb_buffer *buffer; /* GB_OUT_CAPTURE: appended to */
    /* GB_OUT_LINES: without the newline but NUL-terminated. Returning false ends the reading: the
     * child is killed and gb_process_run fails with what the function put into its error. */
    bool (*line)(void *env, const char *text, size_t length, gb_error *err);
    void *env;
} gb_out;

typedef struct gb_process {
    const gb_strings *args;  /* args[0] is the program: a path, or a name looked up in PATH */
    const gb_strings *set;   /* "NAME=value" to set or replace; may be NULL */
    const gb_strings *unset; /* names to take out first; may be NULL */
    bool clear_env;          /* start from an empty environment instead of ours */
    const char *cwd;         /* NULL: ours */
    const void *input;       /* bytes for standard input; NULL with length 0: /dev/null, */
    size_t input_length;
    bool inherit_input; /* unless this is set: the parent's */
    gb_out out, err;
    /* Called about every tick_ms while the program runs and its output is being read; may be NULL.
     */
    void (*tick)(void *env);
    void *tick_env;
    int tick_ms;
} gb_process;

typedef struct gb_exit {
    int code;   /* exit code, or 128 + signal as a shell would say */
    int signal; /* 0, or the signal that ended it */
} gb_exit;

/* Starts, feeds, reads and waits. False only when it could not be started or read (GB_ERROR_IO
 * names the program), or a line function said stop; a program that failed is a true with exit->code
 * != 0. */
bool gb_process_run(const gb_process *process, gb_exit *exit, gb_error *err);
/* The common case: standard output of a program that must succeed; its standard error becomes
 * part of the error (its end, when it is long). */
bool gb_process_output(const gb_strings *args, gb_buffer *out, gb_error *err);
/* The arguments as one line for people and messages, quoted for a shell where needed. */
bool gb_process_describe(const gb_strings *args, gb_buffer *out);

#endif
