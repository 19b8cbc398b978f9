/* audit.h: what every macro of a build did: the records (activity.h) of the units that make up the
 * build now, whether Cargo had to compile them or found them fresh, and the macro crates that were not used.
 *
 * The build is `cargo check`, whose list of artifacts, on standard output as JSON, names all units. Records
 * of units that are not on it are of the past, and left out. */
#ifndef GB_CARGO_AUDIT_H
#define GB_CARGO_AUDIT_H

#include "base/error.h"
#include "base/strings.h"
#include "record/activity.h"
#include "cargo/cargo_run.h"

typedef struct gb_audit_request {
    gb_strings args;    /* options for `cargo check` */
    bool documents;     /* the build is `cargo doc --no-deps`; with doc tests, as they were last run */
    gb_cargo_call call; /* line and output are filled in here */
} gb_audit_request;

typedef struct gb_audit {
    gb_activity activity; /* sorted; with what packages say that they need */
    int code;             /* Cargo's; when it failed, the audit is of what was compiled, or was tried */
} gb_audit;

/* False: Cargo could not be run; an empty message means that it has said why. */
bool gb_audit_make(gb_audit_request *request, gb_audit *out, gb_error *err);
void gb_audit_free(gb_audit *audit);

/* Takes name and version out of a package id of Cargo's, in its form since 1.77 or the one before: "…#NAME@VERSION",
 * "…/NAME#VERSION", "NAME VERSION (…)". Both are malloc'ed. */
bool gb_package_id_parse(const char *id, char **name, char **version);
/* The labels (unit_activity.h) that a file of a unit may stand for: of a library, a program, a build script. */
void gb_labels_of_file(const char *path, gb_strings *labels);

#endif
