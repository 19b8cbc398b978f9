/* allow.h: writing a grant into the workspace's manifest.
 *
 * The manifest is edited as text (toml_edit.h), so that its formatting and comments stay. Then
 * Cargo reads the new one, and what it reads must be exactly what it read before with the grant
 * added: else the old manifest is put back, the very file, and the error says which lines to add by
 * hand. */
#ifndef GB_MANIFEST_ALLOW_H
#define GB_MANIFEST_ALLOW_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strings.h"

typedef struct gb_allow {
    const char *package;       /* "NAME" or "NAME@REQUIREMENT" */
    const char *manifest_path; /* Cargo's --manifest-path, or NULL */
    gb_strings read;           /* patterns, or absolute paths within the workspace */
    gb_strings env, run;
    gb_strings output; /* constructs (tokens/review.h) */
    bool clock, random, native;
} gb_allow;

void gb_allow_free(gb_allow *allow);

typedef struct gb_allowed {
    char *manifest;   /* that now says so */
    char *lines;      /* the grant as lines of TOML */
    bool changed;     /* false: it said so already */
    gb_strings known; /* packages of the lock file, where the wanted one was none of them */
} gb_allowed;

/* False: nothing was written. GB_ERROR_USAGE: the request makes no sense, or the manifest's policy
 * has a mistake; an empty message means that Cargo has said why. */
bool gb_allow_write(const gb_allow *allow, gb_allowed *out, gb_error *err);
void gb_allowed_free(gb_allowed *out);

#endif
