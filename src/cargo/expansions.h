/* expansions.h: what the macros of one package generated, as the shims recorded it.
 *
 * With GLOVEBOX_EXPAND naming a folder, each shim appends one line of JSON for each expansion to a file
 * there: {"macro", "kind", "crate", "version", "file", "line", "column", "item" (or null), "output"}. */
#ifndef GB_CARGO_EXPANSIONS_H
#define GB_CARGO_EXPANSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strings.h"
#include "cargo/cargo_run.h"

typedef struct gb_expansion {
    char *macro;
    char *kind; /* "derive", "attribute", "function" */
    char *crate, *version;
    char *file;
    size_t line, column;
    char *item;   /* name of the item that it stands on, or NULL */
    char *output; /* as rustc prints the tokens */
    char *code;   /* the same through rustfmt; equal to output where rustfmt would not take it */
} gb_expansion;

typedef struct gb_expansions {
    gb_expansion *items; /* by file, line and column */
    size_t count;
} gb_expansions;

typedef struct gb_expand_request {
    gb_strings packages; /* specifications, as -p takes them; empty: the current folder's package */
    gb_strings args;     /* further options for `cargo check` */
    gb_cargo_call call;  /* line is filled in here */
} gb_expand_request;

/* Compiles what the package depends on, then the package itself anew, and reads the records. *code is
 * Cargo's exit code: the records of a crate that does not compile are there all the same. False:
 * Cargo could not be run; an empty message means that it has said why. */
bool gb_expansions_make(gb_expand_request *request, gb_expansions *out, int *code, gb_error *err);
void gb_expansions_free(gb_expansions *expansions);

/* Reads all records in the folder. A line that is no record is an error: GB_ERROR_MALFORMED. */
bool gb_expansions_read(const char *folder, gb_expansions *out, gb_error *err);
/* Keeps those of the macro (NULL: any) and of the item (NULL: any; `a::b::Item` counts as Item). */
void gb_expansions_filter(gb_expansions *expansions, const char *macro, const char *item);
/* Fills in `code`. A rustfmt that is missing changes nothing; false then. */
bool gb_expansions_format(gb_expansions *expansions, const char *rustfmt);

#endif
