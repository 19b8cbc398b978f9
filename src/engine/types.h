/* types.h: value types and function types as one integer each, so that "same type" is one compare.
 *
 * A value type is the byte of the binary format for numbers and vectors. A reference type keeps its
 * heap type above the low byte:
 *
 *    31                      8 7        0
 *   +-------------------------+----------+
 *   | heap type               | 63 or 64 |   63: (ref null heap)   64: (ref heap)
 *   +-------------------------+----------+
 *
 * An abstract heap type is GB_HEAP_ABSTRACT | its byte. Any smaller heap type is a *canonical* type index,
 * an index of a gb_typetable: the module's while decoding and validating, the store's at run time. Equal
 * types (equal as rec groups are, spec 3.1.4) have equal canonical indices within one table. */
#ifndef GB_ENGINE_TYPES_H
#define GB_ENGINE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

typedef uint32_t gb_valtype;

enum {
    GB_NOTYPE = 0, /* the bottom type of unreachable code */
    GB_I32 = 0x7F,
    GB_I64 = 0x7E,
    GB_F32 = 0x7D,
    GB_F64 = 0x7C,
    GB_V128 = 0x7B,
};
enum { GB_REF_NULL = 0x63, GB_REF = 0x64 };
enum {
    GB_HEAP_ABSTRACT = 0xFFFF00,
    GB_HEAP_FUNC = GB_HEAP_ABSTRACT | 0x70,
    GB_HEAP_EXTERN = GB_HEAP_ABSTRACT | 0x6F,
    GB_HEAP_EXN = GB_HEAP_ABSTRACT | 0x69,
    GB_HEAP_NOFUNC = GB_HEAP_ABSTRACT | 0x73,
    GB_HEAP_NOEXTERN = GB_HEAP_ABSTRACT | 0x72,
    GB_HEAP_NOEXN = GB_HEAP_ABSTRACT | 0x74,
    GB_HEAP_BOTTOM = GB_HEAP_ABSTRACT, /* what ref.is_null may meet in unreachable code */
};
#define GB_REFTYPE(nullable, heap) ((gb_valtype)(heap) << 8 | ((nullable) ? GB_REF_NULL : GB_REF))
#define GB_FUNCREF GB_REFTYPE(true, GB_HEAP_FUNC)
#define GB_EXTERNREF GB_REFTYPE(true, GB_HEAP_EXTERN)
#define GB_EXNREF GB_REFTYPE(true, GB_HEAP_EXN)

static inline bool gb_valtype_is_ref(gb_valtype t) {
    return (t & 0xFF) == GB_REF_NULL || (t & 0xFF) == GB_REF;
}
static inline uint32_t gb_valtype_heap(gb_valtype t) { return t >> 8; }
static inline bool gb_heap_is_concrete(uint32_t heap) { return heap < GB_HEAP_ABSTRACT; }
static inline bool gb_valtype_is_nullable(gb_valtype t) { return (t & 0xFF) == GB_REF_NULL; }
/* A local of this type has a default value. */
static inline bool gb_valtype_is_defaultable(gb_valtype t) { return (t & 0xFF) != GB_REF; }
/* 8-byte slots a value takes in a frame. */
static inline uint32_t gb_valtype_slots(gb_valtype t) { return t == GB_V128 ? 2 : 1; }

bool gb_heap_matches_slow(uint32_t sub, uint32_t super);
/* sub <: super, both over the same canonical indices (spec 3.3.3). All concrete types are functions. */
static inline bool gb_valtype_matches(gb_valtype sub, gb_valtype super) {
    if (sub == super || sub == GB_NOTYPE) return true;
    if (!gb_valtype_is_ref(sub) || !gb_valtype_is_ref(super)) return false;
    if (gb_valtype_is_nullable(sub) && !gb_valtype_is_nullable(super)) return false;
    return gb_heap_matches_slow(gb_valtype_heap(sub), gb_valtype_heap(super));
}

/* A function type. params and results are one array: results follow params. */
typedef struct gb_functype {
    const gb_valtype *params;
    const gb_valtype *results;
    uint16_t param_count;
    uint16_t result_count;
    uint16_t param_slots; /* 8-byte slots of all parameters, of all results */
    uint16_t result_slots;
    uint32_t group; /* canonical index of the first type of its rec group */
    uint32_t group_size;
} gb_functype;

/* Function types made canonical: equal rec groups get equal numbers. Used twice, per module for
 * validation and per store for calls. All memory is the table's own.
 * `types` are numbered 0… in the order of first appearance; growing may move them. */
typedef struct gb_typetable {
    gb_functype *types;
    uint32_t count, capacity;
    uint32_t *buckets; /* open addressing over groups: first type + 1, 0 is empty */
    uint32_t bucket_count, group_count;
    uint64_t key; /* hash key, random, against chosen collisions */
} gb_typetable;

bool gb_typetable_init(gb_typetable *table);
void gb_typetable_free(gb_typetable *table);
/* Interns a rec group of `count` types. Inside them, a heap type below `base` is an index of this
 * table already; base + i names the group's i-th type. Returns the index of the group's first type, or
 * UINT32_MAX when memory is short. */
uint32_t gb_typetable_intern(gb_typetable *table, const gb_functype *group, uint32_t count,
                             uint32_t base);

/* "i32", "(ref null 3)", … appended to text. */
void gb_valtype_print(gb_buffer *text, gb_valtype type);
void gb_functype_print(gb_buffer *text, const gb_functype *type);

#endif
