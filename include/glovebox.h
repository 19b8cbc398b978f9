/* glovebox.h: run Rust procedural macros, compiled to WebAssembly, in a sandbox.
 *
 * This is what a compiler embeds. An *artifact* is a macro crate compiled by `cargo glovebox`; it is
 * the same file for every compiler. A *library* is an artifact loaded in the engine. One call expands
 * one macro: a message with the input tokens goes in, a message with the output tokens comes out, and
 * on the way the macro may ask the compiler questions, which a function of yours answers. The messages
 * are drawn in docs/protocol.md, section 1; all of them are proven sound here before you see them.
 *
 *     glovebox_options options = {.size = sizeof options, .package = "serde_derive"};
 *     glovebox_error error;
 *     glovebox_library *library = glovebox_open(bytes, length, &options, &error);
 *     if (!library) { puts(error.message); … }
 *     for (size_t i = 0; i < glovebox_macro_count(library); i++)
 *         puts(glovebox_macro_at(library, i)->name);
 *     glovebox_reply reply;
 *     if (glovebox_expand(library, request, request_length, answer, my_compiler, &reply, &error))
 *         use(reply.message, reply.length);
 *     glovebox_close(library);
 *
 * What a macro may do is decided by Glovebox's policy: it sees the variables that Cargo sets for the
 * package being compiled and reads that package's files, both taken from `environment`; everything
 * else is refused, and reported in `refusals`. It has no clock, no randomness and no network.
 *
 * State that a macro keeps between expansions is kept, as in a compiler that loads it natively. A
 * panic is a reply (PANIC), state survives it. After a trap or a limit the next expansion begins with a
 * fresh instance.
 *
 * Threads: a library serves one thread at a time; different libraries are independent. Memory: every
 * pointer handed out belongs to the library. For a wall by the operating system around all this, run it
 * in a process of its own: `glovebox-worker` does. */
#ifndef GLOVEBOX_H
#define GLOVEBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GLOVEBOX_API __attribute__((visibility("default")))
#else
#define GLOVEBOX_API
#endif

/* Version of the messages. A guest of another version is refused when it is opened or expands. */
#define GLOVEBOX_PROTOCOL 1

typedef struct glovebox_library glovebox_library;

/* ---- errors ------------------------------------------------------------------------------- */

typedef enum glovebox_failure {
    GLOVEBOX_OK = 0,
    GLOVEBOX_BAD_ARTIFACT, /* not WebAssembly, not a macro crate, or wants imports we do not have */
    GLOVEBOX_BAD_REQUEST,  /* the caller's message, answer or options make no sense */
    GLOVEBOX_TRAPPED,      /* the macro ended by a trap, or asked to exit */
    GLOVEBOX_INTERRUPTED,  /* glovebox_interrupt was called, or the fuel ran out */
    GLOVEBOX_OUT_OF_MEMORY,/* the macro's memory limit, or ours */
    GLOVEBOX_OUT_OF_STACK, /* the macro recursed too deeply */
    GLOVEBOX_BAD_REPLY,    /* the macro's message is unsound, or it returned without one */
    GLOVEBOX_ASK_FAILED,   /* the answering function returned false */
    GLOVEBOX_FORBIDDEN,    /* its output contains what the options forbid, or cannot be searched for it */
} glovebox_failure;

/* message: one line or more of UTF-8, NUL-terminated; after a trap the wasm backtrace follows from
 * the second line on. Left as it was on success. */
typedef struct glovebox_error {
    glovebox_failure failure;
    char message[4096];
} glovebox_error;

/* ---- libraries ---------------------------------------------------------------------------- */

/* Zero means the default in brackets. */
typedef struct glovebox_options {
    size_t size;          /* sizeof(glovebox_options): later versions may add fields */
    const char *package;  /* the macro crate, for messages and for the policy ["?"] */
    const char *version;  /* its version [""] */
    const char *const *environment; /* "NAME=value", NULL-terminated: what the compiler was
                                       started with; only what the policy grants is kept [none] */
    uint64_t memory_limit; /* bytes of linear memory [4 GiB] */
    size_t stack_limit;    /* bytes of guest stack [8 MiB] */
    uint64_t fuel;         /* instructions an expansion may take, the same on every machine [no limit] */
    const char *const *forbid; /* constructs that no output may contain: names of docs/audit.md
                                  ("unsafe", "std-process", …), NULL-terminated [none] */
} glovebox_options;

/* Decodes, validates and links. Copies `bytes` and all strings. Runs no code of the macro. NULL:
 * GLOVEBOX_BAD_ARTIFACT, GLOVEBOX_BAD_REQUEST (options) or GLOVEBOX_OUT_OF_MEMORY. */
GLOVEBOX_API glovebox_library *glovebox_open(const void *bytes, size_t length,
                                             const glovebox_options *options, glovebox_error *error);
GLOVEBOX_API void glovebox_close(glovebox_library *library);

typedef enum glovebox_macro_kind {
    GLOVEBOX_DERIVE = 0,    /* #[proc_macro_derive]: one stream in */
    GLOVEBOX_ATTRIBUTE = 1, /* #[proc_macro_attribute]: two, the attribute's and the item */
    GLOVEBOX_FUNCTION = 2,  /* #[proc_macro]: one */
} glovebox_macro_kind;

typedef struct glovebox_macro {
    glovebox_macro_kind kind;
    const char *name;            /* as it is used: `Serialize` */
    const char *const *helpers;  /* derive helper attributes, NULL-terminated */
    const char *function;        /* the Rust function's name */
    const char *file;            /* where its attribute stands */
    uint32_t line, column;       /* 1-based */
    const char *attributes;      /* docs and deprecation as source text; may be "" */
} glovebox_macro;

GLOVEBOX_API size_t glovebox_macro_count(const glovebox_library *library);
/* NULL past the end. */
GLOVEBOX_API const glovebox_macro *glovebox_macro_at(const glovebox_library *library, size_t index);

/* ---- expanding ---------------------------------------------------------------------------- */

/* Answers one question of the macro (docs/protocol.md, operations 32 and up). Sets *answer to a
 * message (ANSWER or RAISED) that stays good until the next call or until glovebox_expand returns.
 * false: give up; the expansion fails with GLOVEBOX_ASK_FAILED. May not use the library. */
typedef bool (*glovebox_ask)(void *env, const uint8_t *question, size_t length,
                             const uint8_t **answer, size_t *answer_length);

typedef struct glovebox_reply {
    const uint8_t *message; /* DONE or PANIC; good until the library is used again */
    size_t length;
    bool panicked;
    uint64_t tokens_in, tokens_out; /* trees: tokens, groups and what is in them */
    uint64_t nanoseconds;           /* spent, without the answering function */
} glovebox_reply;

/* Expands as `request` (an EXPAND message) says. `ask` may be NULL: then a question is a failure. */
GLOVEBOX_API bool glovebox_expand(glovebox_library *library, const void *request, size_t length,
                                  glovebox_ask ask, void *env, glovebox_reply *reply,
                                  glovebox_error *error);

/* Makes a running expansion fail with GLOVEBOX_INTERRUPTED soon; nothing when none is running. From
 * any thread, or from a signal handler of the thread that expands. A time limit is a timer of yours that
 * calls this. */
GLOVEBOX_API void glovebox_interrupt(glovebox_library *library);

/* What stands in the output of the last expansion that deserves a look, and came from the macro: docs/audit.md
 * lists the constructs, and says what this cannot see. Also of an output that was forbidden; nothing after
 * any other failure or a panic. */
typedef struct glovebox_finding {
    const char *construct; /* "unsafe", …; static */
    uint32_t count;
} glovebox_finding;
/* The finding of that index, in the order of docs/audit.md; false past the last. */
GLOVEBOX_API bool glovebox_finding_at(const glovebox_library *library, size_t index,
                                      glovebox_finding *finding);
/* False when the output repeats itself so often that it could not be searched to its end. */
GLOVEBOX_API bool glovebox_findings_complete(const glovebox_library *library);

/* What the policy refused since the library was opened, as text for a message: "read `/etc/passwd`,
 * env `HOME`"; "" when nothing was. *count, when not NULL, is how many distinct requests it were. */
GLOVEBOX_API const char *glovebox_refusals(glovebox_library *library, size_t *count);

/* The most bytes of linear memory at once so far; instances made so far. */
GLOVEBOX_API uint64_t glovebox_memory_peak(const glovebox_library *library);
GLOVEBOX_API uint64_t glovebox_instances(const glovebox_library *library);

/* ---- builds ------------------------------------------------------------------------------- */

/* Names the build of this library: two sides of a channel must be of one. */
GLOVEBOX_API const char *glovebox_build(void);

#ifdef __cplusplus
}
#endif

#endif
