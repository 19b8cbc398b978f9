#include "engine/exception.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "engine/icode.h"
#include "engine/x64/x64.h"

enum { FIRST_COLLECTION = 1024 };

typedef struct collector {
    gb_exception **all; /* sorted by address, to recognise one */
    size_t count;
    gb_exception **pending; /* marked, payload not yet looked at */
    size_t pending_count;
} collector;

static int compare_addresses(const void *a, const void *b) {
    uintptr_t x = (uintptr_t) * (gb_exception *const *)a, y = (uintptr_t) * (gb_exception *const *)b;
    return x < y ? -1 : x > y;
}

static void mark(collector *c, uint64_t bits) {
    size_t low = 0, high = c->count;
    if (bits == 0 || bits > UINTPTR_MAX) return;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uintptr_t at = (uintptr_t)c->all[middle];
        if (at == bits) {
            if (!c->all[middle]->marked) {
                c->all[middle]->marked = true;
                c->pending[c->pending_count++] = c->all[middle];
            }
            return;
        }
        if (at < bits)
            low = middle + 1;
        else
            high = middle;
    }
}

static void mark_slots(collector *c, const gb_slot *slots, size_t count) {
    for (size_t i = 0; i < count; i++) mark(c, slots[i]);
}

static void mark_roots(collector *c, gb_store *store) {
    const gb_exec *x = &store->exec;
    const gb_slot *end = x->sp;
    for (const gb_frame *f = x->top; f > x->frames; f--) {
        const gb_slot *frame_end = f->code ? f->fp + f->code->frame_slots : f->fp;
        if (frame_end > end) end = frame_end;
    }
    mark_slots(c, x->stack, (size_t)(end - x->stack));
#if GB_X64
    const gb_slot *low, *high;
    gb_x64_stack_range(store, &low, &high);
    mark_slots(c, low, (size_t)(high - low));
#endif
    mark(c, (uintptr_t)x->exception);
    for (const gb_instance *i = store->instances; i; i = i->next) {
        for (uint32_t k = 0; k < i->module->global_count; k++)
            if (i->globals[k]) mark(c, i->globals[k]->slot[0]);
        for (uint32_t k = 0; k < i->module->table_count; k++) {
            const gb_table *t = i->tables[k];
            if (!t || (gb_valtype_heap(t->type) != GB_HEAP_EXN)) continue;
            for (uint32_t n = 0; n < t->size; n++) mark(c, (uintptr_t)t->elements[n]);
        }
    }
    while (c->pending_count > 0) {
        const gb_exception *e = c->pending[--c->pending_count];
        mark_slots(c, e->payload, e->slot_count);
    }
}

static void sweep(gb_store *store) {
    for (gb_exception **link = &store->exceptions; *link;) {
        gb_exception *e = *link;
        if (e->marked) {
            e->marked = false;
            link = &e->next;
        } else {
            *link = e->next;
            free(e);
            store->exception_count--;
        }
    }
}

static void collect(gb_store *store) {
    collector c = {.all = malloc(store->exception_count * sizeof *c.all),
                   .pending = malloc(store->exception_count * sizeof *c.pending)};
    if (c.all && c.pending) { /* else they just stay */
        for (gb_exception *e = store->exceptions; e; e = e->next) c.all[c.count++] = e;
        gb_sort(c.all, c.count, sizeof *c.all, compare_addresses);
        mark_roots(&c, store);
        sweep(store);
    }
    free(c.all);
    free(c.pending);
    store->exception_threshold = store->exception_count * 2;
    if (store->exception_threshold < FIRST_COLLECTION) store->exception_threshold = FIRST_COLLECTION;
}

gb_exception *gb_exception_new(gb_store *store, const gb_tag *tag, const gb_slot *payload) {
    const gb_functype *type = &store->types.types[tag->type_id];
    if (store->exception_count >= store->exception_threshold) collect(store);
    gb_exception *e = malloc(sizeof *e + type->param_slots * sizeof *e->payload);
    if (!e) return NULL;
    e->tag = tag;
    e->slot_count = type->param_slots;
    e->marked = false;
    if (e->slot_count) memcpy(e->payload, payload, e->slot_count * sizeof *payload);
    e->next = store->exceptions;
    store->exceptions = e;
    store->exception_count++;
    return e;
}

void gb_exceptions_free(gb_store *store) {
    while (store->exceptions) {
        gb_exception *next = store->exceptions->next;
        free(store->exceptions);
        store->exceptions = next;
    }
    store->exception_count = 0;
}
