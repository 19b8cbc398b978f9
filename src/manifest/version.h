/* version.h: order of package versions.
 *
 * Numbers are compared as numbers; a version with a pre-release part is older than the same one
 * without; build metadata (after '+') does not count. semver: 11. */
#ifndef GB_MANIFEST_VERSION_H
#define GB_MANIFEST_VERSION_H

/* Less than, equal to or greater than zero, as a is older than, the same as or younger than b.
 * Missing numbers count as zero. */
int gb_version_compare(const char *a, const char *b);

#endif
