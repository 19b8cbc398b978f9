/* documents.h: what macros did for rustdoc, and what they read.
 *
 * rustdoc expands the crate that it documents. When it has ended, the record of that is kept like a unit's
 * (unit_activity.h), under `doc-CRATE-DIGEST` (of the folder of the pages) or, for doc tests,
 * `doctest-CRATE-DIGEST` (of the package's folder): so an audit can show it and glovebox.lock holds for it.
 *
 * On stable, rustdoc writes no dep-info and Cargo reads none of it: it documents a package again when any
 * file of the package was changed, and knows nothing of other files or of variables. So what macros were granted
 * is watched by us: `<state>/doc/<label>.d` is a dep-info with the page in a remark, and before Cargo runs
 * the page of a crate with an input that was changed is removed, which makes Cargo document the crate again
 * (as it does for whoever removes one). Doc tests are always run. */
#ifndef GB_CARGO_DOCUMENTS_H
#define GB_CARGO_DOCUMENTS_H

#include <stddef.h>

#include "base/error.h"
#include "cargo/session.h"
#include "compile/guest_compile.h"

/* Both malloc'ed; NULL: memory. `pages` is the folder that has a folder for each crate. */
char *gb_document_label(const char *crate, const char *pages);
char *gb_doctest_label(const char *crate, const char *package_dir);

/* rustdoc has ended. pages: where it wrote to, absolute; NULL for doc tests. GB_ERROR_REFUSED: it did what
 * glovebox.lock does not have. */
bool gb_document_keep(const gb_session *session, const gb_unit *unit, const char *label, const char *pages,
                      gb_error *err);

/* Before Cargo runs, with its environment: how many pages were removed. */
size_t gb_documents_heal(const gb_session *session);

#endif
