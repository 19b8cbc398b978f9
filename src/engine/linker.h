/* linker.h: what a gb_linker holds, for instance.c. */
#ifndef GB_ENGINE_LINKER_H
#define GB_ENGINE_LINKER_H

#include "engine/instance.h"

/* A host function by name, or all exports of an instance under a module name. Later ones win. */
typedef struct gb_definition {
    struct gb_definition *next;
    char *module, *field; /* field NULL: an instance */
    char *type;
    gb_host_fn host;
    void *env;
    gb_instance *instance;
} gb_definition;

struct gb_linker {
    gb_definition *definitions;
};

/* The definition an import means, and of an instance the export. False: there is none. */
bool gb_linker_find(const gb_linker *linker, const gb_import *import, const gb_definition **definition,
                    const gb_export **export);

#endif
