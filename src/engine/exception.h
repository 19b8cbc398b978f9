/* exception.h: exceptions of a store. They live until no exnref can name them: when many have been made, those that
 * the stacks, globals, tables and other exceptions do not name are freed. The stacks are searched conservatively: any slot that
 * looks like an exception keeps it. */
#ifndef GB_ENGINE_EXCEPTION_H
#define GB_ENGINE_EXCEPTION_H

#include "engine/instance.h"

/* NULL: out of memory. */
gb_exception *gb_exception_new(gb_store *store, const gb_tag *tag, const gb_slot *payload);
void gb_exceptions_free(gb_store *store);

#endif
