/* side_job.h: one side of one unit in the making; between side.c, which makes libraries and finds what is
 * missing, and macro_side.c, which makes artifacts and shims. */
#ifndef GB_CARGO_SIDE_JOB_H
#define GB_CARGO_SIDE_JOB_H

#include <stdint.h>

#include "base/hash.h"
#include "compile/guest_cache.h"
#include "compile/guest_compile.h"
#include "cargo/side.h"

enum { GB_OWN_NAME = 17 }; /* digits of a digest and NUL */

typedef struct gb_job {
    gb_builder *builder;
    const gb_place *place;
    const gb_record *record;
    gb_side side;          /* whose stamps and place these are */
    gb_side code;          /* which side it is compiled for: of a macro's guest side, maybe the confined */
    bool first;            /* Cargo waits for this very call */
    gb_command command;    /* rewritten for the side */
    gb_unit unit;          /* of that command */
    char *side_dir;        /* its code's */
    char *macro_dir;       /* where shims for the guest's compiler lie */
    gb_strings identities; /* of the externs, guest side */
    bool known;            /* all of them */
    gb_digest key;         /* valid when keyed */
    bool keyed;
    char settings[GB_GUEST_SETTINGS]; /* valid when keyed, as is */
    gb_strings origin;                /* what the artifact says of them */
    char name[GB_OWN_NAME]; /* what the guest compiler calls the unit when keyed */
    bool announced;        /* metadata_ready was called */
    gb_buffer messages;    /* the compiler's, held back until it is known whether they count */
    gb_blame *blame;
} gb_job;

/* Fills the job from Cargo's command: dependencies are made, names are the side's. */
gb_made gb_job_prepare(gb_job *j, const gb_command *command, gb_error *err);
/* What every guest compile needs to know; the job's key is made on the way. `work` must outlive it. */
bool gb_job_guest_options(gb_job *j, const gb_toolchain *guest, const char *work,
                          gb_guest_options *options, gb_error *err);
/* Takes what the store kept of the unit, its files excepted: its dep-info goes to `folder`, naming `outputs`; what the compiler
 * said, and what macros did. False: compile. */
bool gb_job_take_result(gb_job *j, const gb_guest_result *result, const char *folder,
                        const gb_strings *outputs);
/* The compiler said no: remembers why, for whoever asks next for this side. */
gb_made gb_job_refused(gb_job *j);
/* A folder or file of the unit's own. malloc'ed, as the next. */
char *gb_job_folder(const gb_job *j, const char *name);
/* Scratch of the side that it is compiled for. */
char *gb_job_work(const gb_job *j);
/* `<folder>/lib<name><suffix>`. */
char *gb_place_library(const gb_place *place, const char *folder, const char *suffix);
/* The library at `path` is lib<crate>-<name> for who finds it through another library. */
bool gb_place_name(const char *path, const char *crate, const char *name, gb_error *err);
/* Of the guest's or the confined side. */
const gb_toolchain *gb_builder_toolchain(gb_builder *builder, gb_side code, gb_error *err);
int64_t gb_now_nanoseconds(void);

gb_made gb_made_if(bool ok);
gb_made gb_made_broken(gb_error *err); /* out of memory */

/* macro_side.c. The side that a macro crate's code is compiled for: what its policy says. */
bool gb_macro_code(gb_builder *builder, const gb_unit *unit, gb_side *code, gb_error *err);
/* Cargo's own call: artifact, and the shim at Cargo's place. `unit` as Cargo has it. */
gb_made gb_macro_first(gb_job *j, const gb_command *command, const gb_unit *unit, gb_error *err);
/* For another unit: the shim that the guest's compiler loads, or the host's among native libraries. */
gb_made gb_macro_demand(gb_job *j, const gb_command *command, gb_error *err);

#endif
