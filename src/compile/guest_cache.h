/* guest_cache.h: what is made for the guest, kept in the store for the next project.
 *
 * A guest compile is determined by: the guest toolchain's id; our own recipe (recipe.h); the command line, without what only says
 * where things lie and without Cargo's metadata, which stands for all of this and for the host's compiler; Cargo's description of the package; the keys of the units it depends on; the
 * sources; and variables it reads with env!. The first five are known before compiling: they are the
 * unit's *key*. Sources and variables are known afterwards, from dep-info: they are in the record under
 * that key, and a record serves when all of them are as they were. Key and metadata together are the
 * unit's *identity*, which goes into the keys of those who depend on it: it is known as soon as rustc has
 * written the metadata, whose crate hash covers all of the source.
 *
 * The compiler calls the unit by the first digits of its key (gb_guest_options.name), not by Cargo's metadata: so what is made
 * is the same, byte for byte, whichever compiler the host has.
 *
 * Paths in a record start with "$PKG/" (the package) or "$OUT/" (its OUT_DIR) so that they mean the same
 * elsewhere. */
#ifndef GB_COMPILE_GUEST_CACHE_H
#define GB_COMPILE_GUEST_CACHE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/strings.h"
#include "compile/guest_compile.h"
#include "store/objects.h"

/* identities: of each extern that has a path, in order; unstable as in gb_guest_options. False: a unit that must not be kept
 * (incremental: it belongs to the workspace and changes all the time), or memory ran out. */
bool gb_guest_key(const gb_unit *unit, const char *toolchain_id, bool unstable,
                  const gb_strings *identities, gb_digest *key);

/* What of the key is Cargo's and the workspace's choice, and no toolchain's and no source's: features,
 * profile, versions, of the unit and of all that it depends on. Two artifacts of one package by one
 * toolchain with the same settings differ only when their sources do. False: memory. */
enum { GB_GUEST_SETTINGS = 17 }; /* digits and NUL */
bool gb_guest_settings(const gb_unit *unit, bool unstable, const gb_strings *identities,
                       char settings[GB_GUEST_SETTINGS]);

/* "DIGEST.SETTINGS", malloc'ed; `metadata` is a file. */
char *gb_guest_identity(const gb_digest *key, const char *settings, const char *metadata);

/* What a compile of the unit made, or the store had. */
typedef struct gb_guest_result {
    gb_strings objects;  /* "SUFFIX=DIGEST": ".rlib", ".rmeta", ".wasm" */
    gb_strings sources;  /* absolute paths, as dep-info lists them */
    gb_strings env;      /* "NAME=value", or "NAME" for a variable that was not set */
    char *messages;      /* the compiler's lines, "" for none */
} gb_guest_result;
void gb_guest_result_free(gb_guest_result *result);

/* Looks for a record that serves. Whether the objects are there is seen when they are taken. */
bool gb_guest_cache_find(gb_objects *objects, const gb_digest *key, const gb_unit *unit,
                         gb_guest_result *result);
/* Adds the files (each "SUFFIX=PATH") and a record; result is filled in.
 * started: when compiling began, in nanoseconds of CLOCK_REALTIME. False when the store would not
 * take it, or a source was changed since. */
bool gb_guest_cache_keep(gb_objects *objects, const gb_digest *key, const gb_unit *unit,
                         const gb_strings *files, const char *dep_info, const char *messages,
                         int64_t started, gb_guest_result *result, gb_error *err);
/* The digest of the object with that suffix; false when there is none. */
bool gb_guest_result_object(const gb_guest_result *result, const char *suffix, gb_digest *digest);

/* Writes the dep-info that rustc would have written: `path` itself and each of `outputs` depend on
 * the sources. */
bool gb_guest_result_dep_info(const gb_guest_result *result, const char *path,
                              const gb_strings *outputs, gb_error *err);

/* Reads rustc's dep-info: the sources (made absolute by cwd) and the variables, as in gb_guest_result. */
bool gb_dep_info_read(const char *path, const char *cwd, gb_strings *sources, gb_strings *env,
                      gb_error *err);

#endif
