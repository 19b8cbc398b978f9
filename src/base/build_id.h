/* build_id.h: names the build. The shim that a compiler loads and the worker that it starts must be of
 * one build, since what passes between them is nobody else's business. */
#ifndef GB_BASE_BUILD_ID_H
#define GB_BASE_BUILD_ID_H

enum { GB_BUILD_ID_MOST = 63 };

/* 32 hexadecimal digits made from the sources: the same wherever they are compiled. */
const char *gb_build_id(void);

#endif
