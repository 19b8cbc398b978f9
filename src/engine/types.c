#include "engine/types.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

bool gb_heap_matches_slow(uint32_t sub, uint32_t super) {
    if (sub == super || sub == GB_HEAP_BOTTOM) return true;
    if (gb_heap_is_concrete(super)) return sub == GB_HEAP_NOFUNC;
    switch (super) {
    case GB_HEAP_FUNC: return gb_heap_is_concrete(sub) || sub == GB_HEAP_NOFUNC;
    case GB_HEAP_EXTERN: return sub == GB_HEAP_NOEXTERN;
    case GB_HEAP_EXN: return sub == GB_HEAP_NOEXN;
    default: return false;
    }
}

bool gb_typetable_init(gb_typetable *table) {
    *table = (gb_typetable){0};
    /* Without a random key nothing is wrong, only chosen collisions would be slow. */
    if (getrandom(&table->key, sizeof table->key, GRND_NONBLOCK) != sizeof table->key) table->key = 1;
    return true;
}

void gb_typetable_free(gb_typetable *table) {
    for (uint32_t i = 0; i < table->count; i++) free((void *)(uintptr_t)table->types[i].params);
    free(table->types);
    free(table->buckets);
    *table = (gb_typetable){0};
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

/* A group's own types are named relative to it, so that the name does not depend on where it stands. */
static gb_valtype relative(gb_valtype type, uint32_t first, uint32_t count) {
    uint32_t heap = gb_valtype_heap(type);
    if (!gb_valtype_is_ref(type) || !gb_heap_is_concrete(heap)) return type;
    if (heap < first || heap - first >= count) return type;
    return GB_REFTYPE(gb_valtype_is_nullable(type), heap - first) ^ 0x80;
}

static uint64_t group_hash(uint64_t key, const gb_functype *group, uint32_t count, uint32_t first) {
    uint64_t h = mix(key, count);
    for (uint32_t i = 0; i < count; i++) {
        const gb_functype *t = &group[i];
        h = mix(h, (uint64_t)t->param_count << 32 | t->result_count);
        for (uint32_t k = 0; k < (uint32_t)t->param_count + t->result_count; k++)
            h = mix(mix(h, key), relative(t->params[k], first, count));
    }
    return mix(h, key);
}

static bool group_equal(const gb_functype *a, uint32_t a_first, const gb_functype *b, uint32_t b_first,
                        uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (a[i].param_count != b[i].param_count || a[i].result_count != b[i].result_count) return false;
        for (uint32_t k = 0; k < (uint32_t)a[i].param_count + a[i].result_count; k++)
            if (relative(a[i].params[k], a_first, count) != relative(b[i].params[k], b_first, count))
                return false;
    }
    return true;
}

static bool grow_buckets(gb_typetable *table) {
    uint32_t bucket_count = table->bucket_count ? table->bucket_count * 2 : 64;
    uint32_t *buckets = calloc(bucket_count, sizeof *buckets);
    if (!buckets) return false;
    for (uint32_t first = 0; first < table->count; first += table->types[first].group_size) {
        uint32_t size = table->types[first].group_size;
        uint64_t at = group_hash(table->key, &table->types[first], size, first);
        while (buckets[at & (bucket_count - 1)]) at++;
        buckets[at & (bucket_count - 1)] = first + 1;
    }
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = bucket_count;
    return true;
}

static bool reserve_types(gb_typetable *table, uint32_t extra) {
    if (extra <= table->capacity - table->count) return true;
    uint64_t capacity = (uint64_t)table->capacity * 2 + extra + 16;
    if (capacity >= GB_HEAP_ABSTRACT) capacity = GB_HEAP_ABSTRACT - 1;
    if (capacity < (uint64_t)table->count + extra || capacity > SIZE_MAX / sizeof *table->types)
        return false;
    gb_functype *types = realloc(table->types, (size_t)capacity * sizeof *types);
    if (!types) return false;
    table->types = types;
    table->capacity = (uint32_t)capacity;
    return true;
}

/* Copies one type of a new group; its own types get their final indices. */
static bool copy_type(gb_typetable *table, const gb_functype *type, uint32_t count, uint32_t base,
                      uint32_t first) {
    size_t n = (size_t)type->param_count + type->result_count;
    gb_valtype *types = malloc((n ? n : 1) * sizeof *types);
    if (!types) return false;
    for (size_t k = 0; k < n; k++) {
        uint32_t heap = gb_valtype_heap(type->params[k]);
        bool own = gb_valtype_is_ref(type->params[k]) && gb_heap_is_concrete(heap) && heap >= base;
        types[k] = own ? GB_REFTYPE(gb_valtype_is_nullable(type->params[k]), first + heap - base)
                       : type->params[k];
    }
    gb_functype copy = *type;
    copy.params = types;
    copy.results = types + type->param_count;
    copy.group = first;
    copy.group_size = count;
    copy.param_slots = copy.result_slots = 0;
    for (uint32_t k = 0; k < type->param_count; k++)
        copy.param_slots = (uint16_t)(copy.param_slots + gb_valtype_slots(types[k]));
    for (uint32_t k = 0; k < type->result_count; k++)
        copy.result_slots = (uint16_t)(copy.result_slots + gb_valtype_slots(copy.results[k]));
    table->types[table->count++] = copy;
    return true;
}

uint32_t gb_typetable_intern(gb_typetable *table, const gb_functype *group, uint32_t count,
                             uint32_t base) {
    if (count == 0) return table->count;
    if (table->group_count * 2 >= table->bucket_count && !grow_buckets(table)) return UINT32_MAX;
    uint64_t at = group_hash(table->key, group, count, base);
    for (; table->buckets[at & (table->bucket_count - 1)]; at++) {
        uint32_t first = table->buckets[at & (table->bucket_count - 1)] - 1;
        if (table->types[first].group_size == count &&
            group_equal(group, base, &table->types[first], first, count))
            return first;
    }
    if (!reserve_types(table, count)) return UINT32_MAX;
    uint32_t first = table->count;
    for (uint32_t i = 0; i < count; i++) {
        if (copy_type(table, &group[i], count, base, first)) continue;
        while (table->count > first) free((void *)(uintptr_t)table->types[--table->count].params);
        return UINT32_MAX;
    }
    table->buckets[at & (table->bucket_count - 1)] = first + 1;
    table->group_count++;
    return first;
}

static void print_heap(gb_buffer *text, uint32_t heap) {
    switch (heap) {
    case GB_HEAP_FUNC: gb_buffer_append_text(text, "func"); break;
    case GB_HEAP_EXTERN: gb_buffer_append_text(text, "extern"); break;
    case GB_HEAP_EXN: gb_buffer_append_text(text, "exn"); break;
    case GB_HEAP_NOFUNC: gb_buffer_append_text(text, "nofunc"); break;
    case GB_HEAP_NOEXTERN: gb_buffer_append_text(text, "noextern"); break;
    case GB_HEAP_NOEXN: gb_buffer_append_text(text, "noexn"); break;
    case GB_HEAP_BOTTOM: gb_buffer_append_text(text, "bot"); break;
    default: gb_buffer_append_format(text, "%u", heap);
    }
}

void gb_valtype_print(gb_buffer *text, gb_valtype type) {
    switch (type) {
    case GB_NOTYPE: gb_buffer_append_text(text, "any"); return;
    case GB_I32: gb_buffer_append_text(text, "i32"); return;
    case GB_I64: gb_buffer_append_text(text, "i64"); return;
    case GB_F32: gb_buffer_append_text(text, "f32"); return;
    case GB_F64: gb_buffer_append_text(text, "f64"); return;
    case GB_V128: gb_buffer_append_text(text, "v128"); return;
    default: break;
    }
    if (type == GB_FUNCREF || type == GB_EXTERNREF || type == GB_EXNREF) {
        print_heap(text, gb_valtype_heap(type));
        gb_buffer_append_text(text, "ref");
        return;
    }
    gb_buffer_append_text(text, gb_valtype_is_nullable(type) ? "(ref null " : "(ref ");
    print_heap(text, gb_valtype_heap(type));
    gb_buffer_append_text(text, ")");
}

void gb_functype_print(gb_buffer *text, const gb_functype *type) {
    gb_buffer_append_text(text, "[");
    for (uint32_t i = 0; i < type->param_count; i++) {
        if (i) gb_buffer_append_text(text, " ");
        gb_valtype_print(text, type->params[i]);
    }
    gb_buffer_append_text(text, "] -> [");
    for (uint32_t i = 0; i < type->result_count; i++) {
        if (i) gb_buffer_append_text(text, " ");
        gb_valtype_print(text, type->results[i]);
    }
    gb_buffer_append_text(text, "]");
}
