/* bulk.h: bulk memory and table instructions (spec 4.4.7, 4.4.8). All check first and then do everything, in pieces between
 * which they look for an interruption. With fuel counted they charge their length. */
#ifndef GB_ENGINE_BULK_H
#define GB_ENGINE_BULK_H

#include "engine/instance.h"

gb_trap_kind gb_bulk_memory_fill(gb_exec *x, uint32_t to, uint32_t value, uint32_t length);
gb_trap_kind gb_bulk_memory_copy(gb_exec *x, uint32_t to, uint32_t from, uint32_t length);
gb_trap_kind gb_bulk_memory_init(gb_exec *x, uint32_t data, uint32_t to, uint32_t from, uint32_t length);
gb_trap_kind gb_bulk_table_fill(gb_exec *x, uint32_t table, uint32_t at, void *value, uint32_t length);
gb_trap_kind gb_bulk_table_copy(gb_exec *x, uint32_t to_table, uint32_t from_table, uint32_t to,
                                uint32_t from, uint32_t length);
gb_trap_kind gb_bulk_table_init(gb_exec *x, uint32_t elem, uint32_t table, uint32_t to, uint32_t from,
                                uint32_t length);

#endif
