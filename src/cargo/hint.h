/* hint.h: what the whole graph of packages tells: which side of a host library is likely to be wanted
 * first, and what macro packages say that they need.
 *
 * A library that a macro crate reaches through ordinary dependencies is wanted as wasm, or, if only native macro
 * crates do, on the confined side; one that only build scripts (or tests of macro crates) use is wanted natively. `cargo metadata` knows; it is asked once a
 * session, when the first host library is compiled. A wrong hint costs time, never correctness: the
 * other side is made when something asks for it. */
#ifndef GB_CARGO_HINT_H
#define GB_CARGO_HINT_H

#include "cargo/session.h"
#include "cargo/unit.h"

/* Guest for a package that macros reach or that Cargo's graph does not show. */
gb_side gb_hint_side(const gb_session *session, const char *package, const char *version);

/* The graph's part, for tests: adds "name version" of each package of `cargo metadata`'s output that no macro
 * crate reaches, and "name version confined" where only those do that the policy lets be native. */
bool gb_hint_list(const char *json, size_t length, const char *policy, gb_strings *list, gb_error *err);

/* What a package says that it needs (manifest_policy.h), safe to show; NULL when it says nothing or Cargo
 * cannot tell. malloc'ed. */
char *gb_hint_needs(const gb_session *session, const char *package, const char *version);

#endif
