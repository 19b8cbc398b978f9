#include "engine/bulk.h"

#include <stdlib.h>
#include <string.h>

/* Bytes, or table entries, between two looks for an interruption. */
enum { PIECE = 1 << 20 };

static bool interrupted(const gb_exec *x) {
    return atomic_load_explicit(&x->interrupt, memory_order_relaxed) != 0;
}

/* docs/engine.md: length / 64 more. */
static gb_trap_kind charge(gb_exec *x, uint32_t length) {
    if (!x->fuel_counted) return GB_TRAP_NONE;
    if (x->fuel < length / 64) return GB_TRAP_FUEL;
    x->fuel -= length / 64;
    return GB_TRAP_NONE;
}

static uint32_t piece(uint32_t length) { return length < PIECE ? length : (uint32_t)PIECE; }

static bool inside(uint32_t at, uint32_t length, uint64_t size) { return (uint64_t)at + length <= size; }

/* ---- memory -------------------------------------------------------------------------------------- */

gb_trap_kind gb_bulk_memory_fill(gb_exec *x, uint32_t to, uint32_t value, uint32_t length) {
    gb_instance *i = x->instance;
    if (!inside(to, length, i->memory_size)) return GB_TRAP_OUT_OF_BOUNDS_MEMORY;
    gb_trap_kind fuel = charge(x, length);
    for (uint8_t *p = i->memory_base + to; length > 0 && fuel == GB_TRAP_NONE;) {
        uint32_t n = piece(length);
        memset(p, (int)(value & 0xFF), n);
        p += n;
        length -= n;
        if (length && interrupted(x)) return GB_TRAP_INTERRUPTED;
    }
    return fuel;
}

gb_trap_kind gb_bulk_memory_copy(gb_exec *x, uint32_t to, uint32_t from, uint32_t length) {
    gb_instance *i = x->instance;
    if (!inside(to, length, i->memory_size) || !inside(from, length, i->memory_size))
        return GB_TRAP_OUT_OF_BOUNDS_MEMORY;
    gb_trap_kind fuel = charge(x, length);
    uint8_t *base = i->memory_base;
    for (uint32_t done = 0; done < length && fuel == GB_TRAP_NONE;) {
        uint32_t n = piece(length - done);
        /* Overlapping ranges: pieces in the direction that does not run over what is still to be read. */
        uint32_t at = to <= from ? done : length - done - n;
        memmove(base + to + at, base + from + at, n);
        done += n;
        if (done < length && interrupted(x)) return GB_TRAP_INTERRUPTED;
    }
    return fuel;
}

gb_trap_kind gb_bulk_memory_init(gb_exec *x, uint32_t data, uint32_t to, uint32_t from, uint32_t length) {
    gb_instance *i = x->instance;
    if (!inside(from, length, i->data_lengths[data]) || !inside(to, length, i->memory_size))
        return GB_TRAP_OUT_OF_BOUNDS_MEMORY;
    gb_trap_kind fuel = charge(x, length);
    if (fuel == GB_TRAP_NONE && length)
        memcpy(i->memory_base + to, i->module->bytes + i->module->datas[data].start + from, length);
    return fuel;
}

/* ---- tables --------------------------------------------------------------------------------------- */

gb_trap_kind gb_bulk_table_fill(gb_exec *x, uint32_t table, uint32_t at, void *value, uint32_t length) {
    gb_table *t = x->instance->tables[table];
    if (!inside(at, length, t->size)) return GB_TRAP_OUT_OF_BOUNDS_TABLE;
    gb_trap_kind fuel = charge(x, length);
    for (uint32_t i = 0; i < length && fuel == GB_TRAP_NONE; i++) t->elements[at + i] = value;
    return fuel;
}

gb_trap_kind gb_bulk_table_copy(gb_exec *x, uint32_t to_table, uint32_t from_table, uint32_t to, uint32_t from,
                                uint32_t length) {
    gb_table *t = x->instance->tables[to_table], *s = x->instance->tables[from_table];
    if (!inside(to, length, t->size) || !inside(from, length, s->size)) return GB_TRAP_OUT_OF_BOUNDS_TABLE;
    gb_trap_kind fuel = charge(x, length);
    if (fuel == GB_TRAP_NONE && length)
        memmove(t->elements + to, s->elements + from, length * sizeof *t->elements);
    return fuel;
}

gb_trap_kind gb_bulk_table_init(gb_exec *x, uint32_t elem, uint32_t table, uint32_t to, uint32_t from,
                                uint32_t length) {
    gb_instance *instance = x->instance;
    gb_table *t = instance->tables[table];
    if (!inside(from, length, instance->elem_lengths[elem]) || !inside(to, length, t->size))
        return GB_TRAP_OUT_OF_BOUNDS_TABLE;
    gb_trap_kind fuel = charge(x, length);
    const gb_elem_item *items = instance->module->elems[elem].items;
    for (uint32_t i = 0; i < length && fuel == GB_TRAP_NONE; i++) {
        const gb_elem_item *item = &items[from + i];
        t->elements[to + i] = item->kind == GB_ITEM_FUNC     ? (void *)instance->funcs[item->index]
                              : item->kind == GB_ITEM_GLOBAL ? (void *)(uintptr_t)instance->globals[item->index]->slot[0]
                                                             : NULL;
    }
    return fuel;
}

static void release_table(void *object) { free(((gb_table *)object)->elements); }

static bool resize_table(gb_table *table, uint32_t size) {
    if (size <= table->capacity) return true;
    uint64_t capacity = (uint64_t)table->capacity * 2;
    if (capacity > table->max) capacity = table->max;
    if (capacity < size) capacity = size;
    /* The first allocation comes zeroed from the system; large tables cost nothing until they are used. */
    void **elements = table->elements ? realloc(table->elements, (size_t)capacity * sizeof *elements)
                                      : calloc((size_t)capacity, sizeof *elements);
    if (!elements) return false;
    if (table->elements)
        memset(elements + table->capacity, 0, (size_t)(capacity - table->capacity) * sizeof *elements);
    table->elements = elements;
    table->capacity = (uint32_t)capacity;
    return true;
}

uint32_t gb_table_grow(gb_store *store, gb_table *table, uint32_t delta, void *value) {
    uint32_t before = table->size;
    if (delta > table->max - before || delta > store->limits.table_entries - store->table_entries) return UINT32_MAX;
    if (!resize_table(table, before + delta)) return UINT32_MAX;
    for (uint32_t i = 0; i < delta && value; i++) table->elements[before + i] = value;
    table->size += delta;
    store->table_entries += delta;
    return before;
}

gb_table *gb_table_new(gb_store *store, gb_valtype type, gb_limits_type limits) {
    gb_table *table = gb_store_own(store, sizeof *table, release_table);
    if (!table) return NULL;
    table->type = type;
    table->limits = limits;
    table->max = limits.has_max ? limits.max : UINT32_MAX;
    return gb_table_grow(store, table, limits.min, NULL) == UINT32_MAX ? NULL : table;
}
