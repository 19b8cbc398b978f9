/* source_names.h: what source files are called inside what is compiled for the guest.
 *
 * An artifact must not depend on where its sources lie, so rustc is told to call them by names that
 * mean the same everywhere:
 *
 *   /glovebox/src/<name>-<version>/…   files of the package
 *   /glovebox/out/<name>-<version>/…   files of its OUT_DIR
 *   /glovebox/cwd/…                    whatever else lies under the folder rustc runs in
 *
 * and what rustc says to people and to Cargo is put back to what it would have said natively. */
#ifndef GB_COMPILE_SOURCE_NAMES_H
#define GB_COMPILE_SOURCE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/strings.h"
#include "compile/guest_compile.h"
#include "source/rewrite.h"

typedef struct gb_source_names {
    gb_strings remap;    /* "--remap-path-prefix=FROM=TO", for rustc's command line */
    gb_strings from, to; /* prefixes to put back, the longest first */
    char *neighbours;    /* the folder that the package lies in */
} gb_source_names;

bool gb_source_names_make(const gb_unit *unit, const gb_package_view *view, gb_source_names *names,
                          gb_error *err);
void gb_source_names_free(gb_source_names *names);

/* Appends the line with every name put back. In a JSON line (one that starts with '{') what is put
 * in is escaped. */
bool gb_source_names_restore(const gb_source_names *names, const char *line, size_t length,
                             gb_buffer *out);
/* The package's name in compiled code: "/glovebox/src/<name>-<version>". */
char *gb_source_names_package(const gb_unit *unit);

#endif
