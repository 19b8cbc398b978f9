#include "engine/assigned.h"

#include <stdlib.h>
#include <string.h>

bool gb_assigned_init(gb_assigned *a, uint32_t locals, uint32_t params) {
    *a = (gb_assigned){.low = UINT32_MAX};
    a->log = malloc(((size_t)locals + 1) * sizeof *a->log);
    a->is_set = calloc((size_t)locals + 1, 1);
    if (!a->log || !a->is_set) return false;
    memset(a->is_set, 1, params);
    return true;
}

void gb_assigned_free(gb_assigned *a) {
    free(a->log);
    free(a->is_set);
}

void gb_assigned_set(gb_assigned *a, uint32_t local) {
    if (a->is_set[local]) return;
    a->is_set[local] = 1;
    a->log[a->length++] = local;
}

void gb_assigned_read(gb_assigned *a, uint32_t local, uint32_t slot, uint32_t slots) {
    if (a->is_set[local]) return;
    if (slot < a->low) a->low = slot;
    if (slot + slots > a->high) a->high = slot + slots;
}

static void cut(gb_assigned *a, uint32_t length) {
    while (a->length > length) a->is_set[a->log[--a->length]] = 0;
}

static uint32_t less(uint32_t a, uint32_t b) { return a < b ? a : b; }

void gb_assigned_open(const gb_assigned *a, gb_assigned_block *block) {
    block->start = a->length;
    block->joined = block->shrunk = UINT32_MAX;
}

void gb_assigned_branch(const gb_assigned *a, gb_assigned_block *target) {
    target->joined = less(target->joined, a->length);
}

void gb_assigned_else(gb_assigned *a, gb_assigned_block *block, bool falls) {
    if (falls) gb_assigned_branch(a, block);
    cut(a, block->start);
    block->shrunk = less(block->shrunk, block->start);
}

/* A cut below what an outer block has noted of a branch makes the log's entries there other ones: `shrunk` takes that
 * outwards, and the join goes no further than it. */
void gb_assigned_end(gb_assigned *a, const gb_assigned_block *block, gb_assigned_block *outer, bool falls, bool joins) {
    uint32_t certain = falls ? a->length : UINT32_MAX;
    if (joins) certain = less(certain, less(block->joined, block->shrunk));
    if (certain == UINT32_MAX) certain = block->start; /* what follows cannot be reached */
    if (outer) outer->shrunk = less(outer->shrunk, block->shrunk);
    if (outer && certain < a->length) outer->shrunk = less(outer->shrunk, certain);
    cut(a, certain);
}
