/* version_req.h: requirements on versions as Cargo spells them: "0.8", "=1.2.3", ">=1, <3", "~1.2",
 * "1.*".
 *
 * cargo: specifying-dependencies.html; semver (the crate): VersionReq. A version with a pre-release
 * part is met only by a requirement that names a pre-release of the same three numbers. */
#ifndef GB_MANIFEST_VERSION_REQ_H
#define GB_MANIFEST_VERSION_REQ_H

#include <stdbool.h>

/* Is this a requirement at all? */
bool gb_version_req_valid(const char *requirement);
/* False, too, when it is none. */
bool gb_version_req_matches(const char *requirement, const char *version);

#endif
