/* decode.h: the binary format's sections. Used by module.c alone. */
#ifndef GB_ENGINE_DECODE_H
#define GB_ENGINE_DECODE_H

#include "engine/module.h"

/* Fills m from m->bytes, all but the bodies of functions (validate.h). On failure m may be half filled; it
 * can still be freed. */
bool gb_decode_sections(gb_module *m, gb_error *err);

#endif
