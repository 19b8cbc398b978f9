/* unit.h: Cargo's units as the wrapper sees them: of which kind one is, where its two sides lie, and the
 * record from which either side can be made later.
 *
 * While build scripts are native programs, a host library may be needed twice: as wasm by the macros
 * (the guest side) and as machine code by build scripts and by macro crates' own tests (the native
 * side). Cargo knows of one place, `<out_dir>/lib<name>.rlib`. So each side has a folder of its own,
 *
 *   <state>/guest/<rel>/lib<name>.{rlib,rmeta}     <state>/native/<rel>/lib<name>.{rlib,rmeta}
 *                      /lib<name>.so                                    /lib<name>.so
 *
 * where <rel> is out_dir under the build root, and <name> is crate name and extra filename. No compiler
 * reads a host library at Cargo's place: there lies a link to the side that was made first.
 *
 * The third side, confined/, is of a macro crate that its user lets run natively, behind the kernel's wall
 * (`native = true`), and of what it depends on: machine code against the guest's crates. Only libraries have it;
 * the macro's own stamps stay the guest side's, whatever its code is.
 * A macro library has a shim for the host compiler at Cargo's place (native/ links to it) and, where a
 * macro crate uses it, one for the guest compiler in guest/.
 *
 *   <state>/unit/<rel>/<name>/record.json          command line, folder, environment, generation
 *                            /guest.meta           a side's stamps: the generation it was made
 *                            /guest.done           of; .meta when metadata is there, .done when all
 *                            /guest.failed         is. Below the generation: why it failed.
 *                            /guest.watch          made on demand, of sources that change: see heal.h
 *                            /guest.key            what the guest side was made of (see guest_cache.h)
 *                            /guest.lock           held while the side is made
 *                            /artifact             a macro: digest and path of its wasm
 *                            /policy               a macro: what it was made under (package_policy.h)
 *                            (native.* likewise)
 *
 * Each time Cargo has a unit compiled, its record gets a new generation: stamps of older ones
 * are void from that moment. */
#ifndef GB_CARGO_UNIT_H
#define GB_CARGO_UNIT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strings.h"
#include "cargo/cmdline.h"
#include "cargo/session.h"

typedef enum gb_unit_kind {
    GB_UNIT_FOREIGN, /* not one of this session's units: a question, a probe, a nested Cargo */
    GB_UNIT_TARGET,  /* for the target: plain rustc */
    GB_UNIT_CHECK,   /* host, metadata only: nothing that could run comes of it */
    GB_UNIT_LIBRARY, /* host library */
    GB_UNIT_MACRO,   /* macro crate */
    GB_UNIT_PROGRAM, /* host program: build script, unit tests of a macro crate */
} gb_unit_kind;

/* `out_dir` as Cargo gave it (relative to cwd or absolute). */
gb_unit_kind gb_unit_classify(const gb_session *session, const gb_command *command,
                              const gb_unit *unit);

/* True for a call that a build script makes itself (probing the compiler, a nested Cargo). */
bool gb_called_by_build_script(void);

typedef enum gb_side { GB_SIDE_GUEST, GB_SIDE_NATIVE, GB_SIDE_CONFINED } gb_side;
enum { GB_SIDES = 3 };
const char *gb_side_name(gb_side side);

/* Where one unit lies. Strings are owned. */
typedef struct gb_place {
    char *rel;    /* out_dir under the build root; "" for the root itself */
    char *name;   /* crate name and extra filename */
    char *out_dir; /* Cargo's, absolute */
    char *folder; /* <state>/unit/<rel>/<name> */
} gb_place;

bool gb_place_of_unit(const gb_session *session, const gb_unit *unit, gb_place *place,
                      gb_error *err);
/* The unit that makes the library file `path`: false when it lies elsewhere than under the build root or
 * has no record (then it is not ours). *file is its file name, inside `path`. */
bool gb_place_of_file(const gb_session *session, const char *cwd, const char *path, gb_place *place,
                      const char **file);
void gb_place_free(gb_place *place);
/* `<state>/<side>/<rel>`, malloc'ed. */
char *gb_place_side(const gb_session *session, const gb_place *place, gb_side side);
/* `<folder>/<side><suffix>`, malloc'ed: ".meta", ".done", ".failed", ".key", ".lock". */
char *gb_place_stamp(const gb_place *place, gb_side side, const char *suffix);
/* The folder `path` (a -L dependency) on a side, or NULL when it is not under the build root. */
char *gb_side_folder(const gb_session *session, const char *cwd, const char *path, gb_side side);

typedef struct gb_record {
    bool macro; /* a macro crate; else a library */
    char *generation;
    char *cwd;
    gb_strings argv; /* programs and arguments */
    gb_strings env;  /* what Cargo said in the environment about this unit */
} gb_record;

/* Writes the record of the call that this process is, with a new generation. */
bool gb_record_write(const gb_session *session, const gb_place *place, const gb_command *command,
                     const char *cwd, bool macro, gb_record *record, gb_error *err);
bool gb_record_read(const gb_place *place, gb_record *record, gb_error *err);
void gb_record_free(gb_record *record);

/* Makes this process's environment the recorded unit's until gb_record_leave. */
typedef struct gb_stay {
    gb_strings env;
    char **before;
} gb_stay;
bool gb_record_enter(const gb_session *session, const gb_record *record, gb_stay *stay,
                     gb_error *err);
void gb_record_leave(gb_stay *stay);

/* A stamp's text below its generation line; NULL when there is no stamp of this generation. */
char *gb_stamp_read(const gb_place *place, gb_side side, const char *suffix,
                    const char *generation);
bool gb_stamp_write(const gb_place *place, gb_side side, const char *suffix, const char *generation,
                    const char *text, gb_error *err);

#endif
