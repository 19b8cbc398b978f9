/* project.h: what Cargo would do here: which programs it would run, where it would put things, and what of
 * it the user has settled already. Asked of Cargo itself; its configuration is not parsed again. */
#ifndef GB_CARGO_PROJECT_H
#define GB_CARGO_PROJECT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strings.h"
#include "store/objects.h"

typedef struct gb_project {
    char *cargo;          /* path of the Cargo to run */
    char *rustc;          /* the compiler that Cargo will run: the real one, not rustup's proxy */
    char *rustdoc;        /* likewise */
    char *host;           /* the compiler's host triple */
    char *workspace_root; /* NULL when no manifest was looked for */
    char *target_dir;     /* Cargo's target directory as the user has it */
    char *build_dir;      /* where its intermediate files go; often equal */
    char *manifests;      /* of the workspace's members, a path a line; NULL without a manifest */
    char *policy;         /* the manifest's, as text (manifest_policy.h); NULL without a manifest */
    char *rustc_wrapper;  /* the user's, from the environment or configuration; or NULL */
    bool target_given;    /* by CARGO_BUILD_TARGET or configuration (not by --target) */
} gb_project;

/* objects: where answers are remembered (remembered.h). toolchain: rustup's name without '+', or NULL. options: Cargo options that bear on the question
 * (--manifest-path, --config, -Z, -C). With `manifest` false no manifest is needed, and the folders stay
 * NULL. When Cargo itself fails its message has been shown, and err is of kind GB_ERROR_USAGE with an
 * empty message. */
bool gb_project_find(gb_objects *objects, const char *toolchain, const gb_strings *options,
                     bool manifest, gb_project *project, gb_error *err);
void gb_project_free(gb_project *project);

#endif
