/* release.h: this release of Glovebox. */
#ifndef GB_BASE_RELEASE_H
#define GB_BASE_RELEASE_H

#define GB_RELEASE "0.1.0"

#endif
