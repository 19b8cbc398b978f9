/* shimgen.h: the shim: the macro library that a compiler loads in place of the real one.
 *
 * Its functions are made from the artifact's `glovebox.macros` records; each calls the precompiled
 * library `glovebox_shim` (shim/, docs/protocol.md section 5), built once a compiler. Diagnostics
 * say where a macro was defined, so the shim is compiled from the macro crate's own root file,
 * whose content `glovebox_place` (shim/place) replaces, leaving each function where its author
 * wrote it. */
#ifndef GB_CARGO_SHIMGEN_H
#define GB_CARGO_SHIMGEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/guest_compile.h"
#include "compile/toolchain.h"

typedef struct gb_shim_options {
    const gb_rustc *rustc;     /* the compiler that will load the shim */
    const gb_toolchain *guest; /* non-NULL: rustc is the guest compiler (a macro used by macros) */
    const char *home;          /* Glovebox's home: the shim library is kept there */
    const char *work_dir;      /* scratch for this unit */
    const char *artifact;      /* absolute path of the wasm or native library, baked into the shim */
    const char *digest;        /* its digest as text, baked in */
    const char *worker;        /* absolute path of glovebox-worker, or -native, baked in */
    const char *out;           /* NULL: the place Cargo expects; else the .so to write, silently */
    const gb_strings *limits;  /* words for the worker, baked in; may be NULL */
} gb_shim_options;

/* Generates and compiles the shim of a macro unit to lib<name><extra-filename>.so in its out_dir,
 * or to options->out. With options->out NULL and --json=artifacts the notifications natively sent
 * are sent (dep-info, link). Dep-info itself is gb_guest_compile_macro's. False: Glovebox's own
 * failure, the compiler's messages included: a shim that does not compile is our defect. */
bool gb_shim_compile(const gb_unit *unit, const gb_shim_options *options, gb_error *err);
/* The folder with libglovebox_shim.rlib and libglovebox_place.so for this compiler; they are
 * compiled when missing. Its name changes with their sources and the compiler. */
char *gb_shim_library(const gb_rustc *rustc, bool guest, const char *home, gb_error *err);

#endif
