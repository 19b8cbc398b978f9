/* rewrite.h: the copy of a package that the guest compiler reads.
 *
 * Rust refuses #[proc_macro] and its like outside a macro crate, and a second #[global_allocator], so
 * those words, where they stand as attributes, become paths of ours of the same length
 * (docs/protocol.md section 4): every byte offset, line and column stays. A package in which no file says them needs no copy at all.
 * Otherwise changed files are rewritten and all others are links to the originals; whoever compiles
 * the copy gives
 * --remap-path-prefix so that nothing shows where it lies. */
#ifndef GB_SOURCE_REWRITE_H
#define GB_SOURCE_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Which words to rename, and quirks to mend. */
typedef struct gb_rewrite_rules {
    int edition;         /* 2015, 2018, 2021, 2024 */
    const char *package; /* name and version, for the table of quirks; may be NULL */
    const char *version;
} gb_rewrite_rules;

/* True when the text holds a word that gb_rewrite_text may have to change: a quick search, no
 * lexing. */
bool gb_rewrite_wanted(const uint8_t *text, size_t length, const gb_rewrite_rules *rules);
/* Appends the rewritten text to out, exactly as long, but for a line at the end of a root that has
 * no prelude; *changed says whether it differs. Any bytes will do. False only when memory runs
 * out. */
bool gb_rewrite_text(const uint8_t *text, size_t length, const gb_rewrite_rules *rules,
                     gb_buffer *out, bool *changed, gb_error *err);

/* Puts the author's words back wherever ours stand in a message that quotes the source, in place.
 */
void gb_rewrite_restore(uint8_t *text, size_t length);

/* What to compile. With copied false all but package_dir are NULL, and that is the original's. */
typedef struct gb_package_view {
    bool copied;
    char *package_dir; /* the folder to read in place of CARGO_MANIFEST_DIR's */
    char *out_dir;     /* a copy of OUT_DIR when that says the words too; else NULL */
} gb_package_view;

/* Makes (or brings up to date) the copy of package_dir under `work_dir` when one is needed. out_dir
 * may be NULL. Paths are absolute. Folders above the package are mirrored as far as its sources
 * reach out of it (`include_str!("../../README.md")`). Hidden names, links to folders, packages
 * inside the package and folders with a CACHEDIR.TAG are not looked into, only linked. */
bool gb_rewrite_package(const char *package_dir, const char *out_dir, const char *work_dir,
                        const gb_rewrite_rules *rules, gb_package_view *view, gb_error *err);
void gb_package_view_free(gb_package_view *view);

#endif
