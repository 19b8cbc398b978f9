/* side.h: make a side of a host unit (unit.h says what sides are).
 *
 * Cargo's own call of the wrapper makes one side, the *first*, and puts it at Cargo's place, with the
 * compiler's messages. What another unit finds missing on its side is made on demand from the record,
 * silently: its messages were shown, or will be, by the first. Demands go down the dependencies before
 * the unit itself is compiled. A lock per unit and side lets one process make what several want;
 * there is no cycle to wait in, since units depend on each other without one. */
#ifndef GB_CARGO_SIDE_H
#define GB_CARGO_SIDE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "cargo/session.h"
#include "compile/toolchain.h"
#include "cargo/unit.h"
#include "store/objects.h"

typedef struct gb_builder {
    const gb_session *session;
    gb_toolchain *toolchain; /* loaded when something is compiled for the guest */
    gb_toolchain *confined;  /* the same for native macros; made when first needed */
    gb_objects *objects;
} gb_builder;

bool gb_builder_open(gb_builder *builder, const gb_session *session, gb_error *err);
void gb_builder_close(gb_builder *builder);

typedef enum gb_made {
    GB_MADE,
    GB_MADE_NOT,   /* a compiler said no, or what it needs cannot be made: see gb_blame */
    GB_MADE_BROKEN /* Glovebox's own failure: err */
} gb_made;

/* Why a unit could not be made. */
typedef struct gb_blame {
    char *crate;        /* "name version" of the unit that a compiler refused */
    gb_buffer messages; /* that compiler's lines */
} gb_blame;
void gb_blame_free(gb_blame *blame);

/* Cargo's own call for a library or macro unit. `command` is as Cargo gave it. */
gb_made gb_side_first(gb_builder *builder, const gb_command *command, const gb_unit *unit,
                      gb_unit_kind kind, gb_blame *blame, gb_error *err);

/* Replaces, in a command that is to run natively, every host library by its native side (made when
 * missing) and every `-L dependency` by the native folder. */
gb_made gb_side_native_externs(gb_builder *builder, gb_command *command, const char *cwd,
                               gb_blame *blame, gb_error *err);

#endif
