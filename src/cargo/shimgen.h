/* shimgen.h: the shim: the macro library that a compiler loads in place of the real one.
 *
 * Its source is made from the artifact's `glovebox.macros` records. So that the compiler's diagnostics name the
 * macro where its author wrote it, the source is the original root file with every byte blanked but the
 * declarations, which stay at their byte offsets; --remap-path-prefix gives it the original's name.
 * Each function calls the precompiled library `glovebox_shim` (shim/), built once a compiler. */
#ifndef GB_CARGO_SHIMGEN_H
#define GB_CARGO_SHIMGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "cargo/guest_compile.h"
#include "cargo/toolchain.h"

/* One macro of an artifact (docs/protocol.md section 2). Strings are owned. */
typedef struct gb_macro_record {
    char *kind; /* "derive", "attribute" or "function" */
    char *name;
    char *helpers; /* comma-separated */
    char *entry;
    char *function;
    char *file; /* remapped: gb_source_prefix, then the path in the package */
    uint32_t line, column;
    char *docs;
} gb_macro_record;

typedef struct gb_macro_records {
    gb_macro_record *items;
    size_t count;
} gb_macro_records;

/* Reads the records of a wasm file's bytes. GB_ERROR_MALFORMED on anything but the format. A file
 * without the section has no macros: count 0. */
bool gb_macro_records_read(const uint8_t *wasm, size_t length, gb_macro_records *out, gb_error *err);
void gb_macro_records_free(gb_macro_records *records);

typedef struct gb_shim_options {
    const gb_rustc *rustc;         /* the compiler that will load the shim */
    const gb_toolchain *guest;     /* non-NULL: rustc is the guest compiler (a macro used by macros) */
    const char *home;              /* Glovebox's home: the shim library is kept there */
    const char *work_dir;          /* scratch for this unit */
    const char *artifact;          /* absolute path of the wasm, baked into the shim */
    const char *digest;            /* its digest as text, baked in */
    const char *worker;            /* absolute path of glovebox-worker, baked in */
    const char *out;               /* NULL: the place Cargo expects; else the .so to write, silently */
    const gb_strings *limits;      /* words for the worker, baked in; may be NULL */
} gb_shim_options;

/* Generates and compiles the shim of a macro unit to lib<name><extra-filename>.so in its out_dir.
 * With --json=artifacts the notifications natively sent are sent (dep-info, link), as Cargo asked.
 * Dep-info itself is gb_guest_compile_macro's. False: Glovebox's own failure, the compiler's
 * messages included: a shim that does not compile is our defect. */
bool gb_shim_compile(const gb_unit *unit, const gb_shim_options *options, gb_error *err);
/* The precompiled library for this compiler, compiled when missing: folder to give as -L. */
char *gb_shim_library(const gb_rustc *rustc, bool guest, const char *home, gb_error *err);
/* Only the source: for tests and for looking at it. */
bool gb_shim_source(const gb_unit *unit, const gb_shim_options *options,
                    const gb_macro_records *records, gb_buffer *out, gb_error *err);

#endif
