/* lock_artifact.h: an artifact as glovebox.lock names it (lockfile.h): its digest, who made it, and of what:
 *
 *   <digest> | rustc 1.96.0 (…) <toolchain>, glovebox 0.1.0 <recipe> | features a,b, settings <digits>
 *
 * The same sources, made by the same toolchain and recipe with the same features and settings (of all that
 * the macro is built from) are the same artifact, bit for bit. So where the second and third part are
 * equal and digests differ, sources were changed. Where they differ there is nothing to compare with.
 * A digest alone (of what is not in the store any more) is compared by itself. */
#ifndef GB_RECORD_LOCK_ARTIFACT_H
#define GB_RECORD_LOCK_ARTIFACT_H

#include <stdbool.h>

#include "base/strings.h"

typedef struct gb_lock_made_by {
    const char *compiler, *toolchain, *glovebox, *recipe, *features, *settings;
} gb_lock_made_by;

/* malloc'ed; NULL: memory. made_by may be NULL; what has no settings is a digest alone. */
char *gb_lock_artifact_text(const char *digest, const gb_lock_made_by *made_by);

typedef enum gb_lock_artifact_is {
    GB_LOCK_ARTIFACT_SAME,     /* its digest is there */
    GB_LOCK_ARTIFACT_CHANGED,  /* *other: made by the same of the same, and different */
    GB_LOCK_ARTIFACT_SETTINGS, /* *other: made by the same, with other features or settings */
    GB_LOCK_ARTIFACT_MAKER,    /* *other: made by another toolchain or Glovebox */
    GB_LOCK_ARTIFACT_UNKNOWN,  /* there is none that says who made it, or this one does not */
} gb_lock_artifact_is;

/* *other is an element of `locked`, or NULL. */
gb_lock_artifact_is gb_lock_artifact_compare(const gb_strings *locked, const char *now,
                                             const char **other);
/* Adds `now`, in place of what it replaces: the same digest alone, or what CHANGED names. */
void gb_lock_artifact_add(gb_strings *locked, const char *now);

/* The parts, as pointers into the text; "" where there are none. Lengths through *length. */
const char *gb_lock_artifact_maker(const char *text, int *length);
const char *gb_lock_artifact_made_of(const char *text, int *length);

#endif
