/* messages.h: what the wrapper says to Cargo, in the form Cargo asked rustc for.
 *
 * Cargo reads rustc's standard error, normally as JSON lines (`--error-format=json`), and shows what
 * is `rendered`. A message of ours must look the same, or `--message-format=json` would break. */
#ifndef GB_CARGO_MESSAGES_H
#define GB_CARGO_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strings.h"
#include "cargo/cmdline.h"

/* One diagnostic without a span. level: "error", "warning" or "note"; each of `children` reads
 * "help: …" or "note: …"; may be NULL. */
void gb_message_send(const gb_command *command, const char *level, const char *text,
                     const gb_strings *children);
/* Lines as they came from a compiler, to standard error, in one write. */
void gb_message_pass(const char *text, size_t length);

/* An artifact notification: true when the line is one; *path and *kind ("metadata", "link", …) are
 * malloc'ed. */
bool gb_message_is_artifact(const char *line, size_t length, char **path, char **kind);
/* True when Cargo asked for them (--json=…artifacts…). */
bool gb_message_wants_artifacts(const gb_command *command);
void gb_message_artifact(const gb_command *command, const char *path, const char *kind);
/* The text of the first error among compiler lines (JSON or plain), malloc'ed; NULL without one. */
char *gb_message_first_error(const char *lines);

#endif
