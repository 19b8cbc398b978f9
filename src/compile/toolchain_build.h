/* toolchain_build.h: inside of the toolchain: what toolchain.c and toolchain_build.c say to each
 * other. */
#ifndef GB_COMPILE_TOOLCHAIN_BUILD_H
#define GB_COMPILE_TOOLCHAIN_BUILD_H

#include "compile/toolchain.h"

/* -C extra-filename of the guest crates. */
#define GB_GUEST_EXTRA "-glovebox"

/* Sets folder and sysroot from the home and the ids. False: memory. */
bool gb_toolchain_place(gb_toolchain *tc);
/* Sets folder and all that follows from it (guest crates, arguments). */
bool gb_toolchain_use_folder(gb_toolchain *tc, const char *folder, gb_error *err);
/* Writes toolchain.json into the folder. */
bool gb_toolchain_save(gb_toolchain *tc, const char *folder, gb_error *err);

#endif
