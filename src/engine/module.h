/* module.h: a decoded module as all tiers see it. Immutable once gb_module_decode has returned, so that
 * stores and threads share it; only the tiers' code is filled in later, atomically.
 *
 * Ownership: everything hangs off the module and dies with it. Offsets are from the module's first
 * byte; a module is at most GB_MODULE_MAX bytes, so they are 32 bits. Index spaces have the imports first.
 * All types are canonical indices of `types` (types.h), value types included: equal types, equal numbers. */
#ifndef GB_ENGINE_MODULE_H
#define GB_ENGINE_MODULE_H

#include <stdatomic.h>

#include "engine/engine.h"
#include "engine/opcodes.h"
#include "engine/reader.h"
#include "engine/types.h"

/* Implementation limits, those that the JavaScript embedding prescribes (webassembly.github.io, "Limits"). */
enum {
    GB_MODULE_MAX = 1 << 30,
    GB_TYPES_MAX = 1000000,
    GB_ITEMS_MAX = 1000000, /* functions, imports, exports, globals, tags, segments */
    GB_TABLES_MAX = 100000,
    GB_PARAMS_MAX = 1000,
    GB_RESULTS_MAX = 1000,
    GB_LOCALS_MAX = 50000,
    GB_BODY_MAX = 7654321,
    GB_TABLE_ENTRIES_MAX = 10000000,
    GB_PAGES_MAX = 65536,
};
enum { GB_PAGE_SIZE = 65536 };

typedef enum gb_extern_kind {
    GB_EXTERN_FUNC,
    GB_EXTERN_TABLE,
    GB_EXTERN_MEMORY,
    GB_EXTERN_GLOBAL,
    GB_EXTERN_TAG,
} gb_extern_kind;

/* A name of the module, UTF-8, NUL behind it (and perhaps within). */
typedef struct gb_name {
    const char *text;
    uint32_t length;
} gb_name;

typedef struct gb_import {
    gb_name module, field;
    gb_extern_kind kind;
    uint32_t index; /* in the index space of its kind */
} gb_import;

typedef struct gb_export {
    gb_name name;
    gb_extern_kind kind;
    uint32_t index;
} gb_export;

typedef struct gb_limits_type {
    uint32_t min, max;
    bool has_max;
} gb_limits_type;

typedef struct gb_table_type {
    gb_valtype element;
    gb_limits_type limits;
} gb_table_type;

/* A validated constant expression: its instructions with the `end`. */
typedef struct gb_constexpr {
    uint32_t start, end;
} gb_constexpr;

typedef struct gb_global {
    gb_valtype type;
    bool is_mutable;
    gb_constexpr init; /* of those that are not imported */
} gb_global;

enum {
    GB_FUNCTION_LOOPS = 1, /* has a loop */
    GB_FUNCTION_CALLS = 2, /* has a call of any kind */
    GB_FUNCTION_TRY = 4,   /* has a try_table */
    GB_FUNCTION_SIMD = 8,  /* names v128 or a vector instruction */
    GB_FUNCTION_GROWS = 16 /* has memory.grow */
};

/* A function. All but `type` is of those that are not imported; the last three come from validation. */
typedef struct gb_function {
    uint32_t type;
    uint32_t body;         /* offset of the declarations of locals, */
    uint32_t code;         /* of the first instruction, */
    uint32_t end;          /* and behind the last `end` */
    uint32_t local_count;  /* declared locals, parameters not counted */
    uint32_t local_slots;  /* 8-byte slots of parameters and locals together */
    uint32_t operand_slots; /* most slots the operand stack ever needs */
    uint32_t label_depth;  /* most blocks open at once, the function's own included */
    uint32_t flags;
} gb_function;

typedef enum gb_segment_mode { GB_SEGMENT_ACTIVE, GB_SEGMENT_PASSIVE, GB_SEGMENT_DECLARED } gb_segment_mode;

/* One initial table entry: what a constant expression of reference type can be. */
typedef struct gb_elem_item {
    enum { GB_ITEM_NULL, GB_ITEM_FUNC, GB_ITEM_GLOBAL } kind;
    uint32_t index;
} gb_elem_item;

typedef struct gb_elem {
    gb_segment_mode mode;
    gb_valtype type;
    uint32_t table;
    gb_constexpr offset;
    uint32_t count;
    gb_elem_item *items;
} gb_elem;

typedef struct gb_data {
    gb_segment_mode mode;
    gb_constexpr offset;
    uint32_t start, length; /* of the bytes */
} gb_data;

typedef struct gb_custom {
    gb_name name;
    uint32_t start, length;
} gb_custom;

typedef enum gb_body_state { GB_BODY_UNKNOWN, GB_BODY_BUSY, GB_BODY_VALID, GB_BODY_INVALID } gb_body_state;

struct gb_module {
    atomic_size_t references;
    const uint8_t *bytes;
    uint32_t length;
    uint8_t *owned_bytes; /* bytes, unless borrowed */

    gb_typetable types;
    uint32_t *type_map; /* type index -> canonical */
    uint32_t type_count;

    gb_import *imports;
    uint32_t import_count;
    uint32_t imported[5]; /* how many of each gb_extern_kind are imported */

    gb_function *functions;
    uint32_t function_count;
    gb_table_type *tables;
    uint32_t table_count;
    gb_limits_type *memories;
    uint32_t memory_count;
    gb_global *globals;
    uint32_t global_count;
    uint32_t *tags; /* canonical types */
    uint32_t tag_count;
    gb_export *exports; /* sorted by name: length first, then bytes */
    uint32_t export_count;
    gb_elem *elems;
    uint32_t elem_count;
    gb_data *datas;
    uint32_t data_count;
    gb_custom *customs;
    uint32_t custom_count;

    bool has_start, has_data_count;
    uint32_t start, data_count_section;
    uint8_t *declared; /* bit set of functions that ref.func may name (spec 3.4.10: C.refs) */

    /* Which bodies have been validated, over all functions; NULL: all were, while decoding. */
    atomic_uchar *bodies;

    /* The tiers' code, made on first use, set once, atomically: the interpreter's (with and without fuel), and what
     * another tier keeps, freed by free_compiled. */
    _Atomic(struct gb_interp_code *) interp[2];
    _Atomic(void *) compiled;
    void (*free_compiled)(void *compiled);
};

static inline const gb_functype *gb_module_functype(const gb_module *m, uint32_t function) {
    return &m->types.types[m->functions[function].type];
}

/* By name; NULL when there is none. */
const gb_export *gb_module_find_export(const gb_module *m, const char *name, size_t length);
/* Writes the name that the name section has for a function, demangled when it is Rust's, else
 * "func[N]"; cut to fit. For messages: walks the section each time. */
void gb_module_function_name(const gb_module *m, uint32_t function, char *text, size_t size);
/* The function whose body holds the byte offset, UINT32_MAX when none does. */
uint32_t gb_module_function_at(const gb_module *m, uint32_t offset);

/* "MESSAGE (section S, offset 0x…)", or with the function when section is NULL. Returns false. */
bool gb_module_fail(const gb_module *m, gb_error *err, gb_error_kind kind, const uint8_t *at,
                    const char *section, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* A value type as the type and code sections write it; concrete heap types become canonical. `limit`: type
 * indices below it exist (within the type section, those of the current rec group too). False: r->why
 * is set; *kind says whether that is malformed or invalid. */
bool gb_read_valtype(gb_reader *r, const gb_module *m, gb_valtype *type, gb_error_kind *kind);
bool gb_read_heaptype(gb_reader *r, const gb_module *m, uint32_t *heap, gb_error_kind *kind);

/* Decodes and validates a constant expression that must give `type`. */
bool gb_constexpr_read(gb_reader *r, const gb_module *m, gb_valtype type, const char *section,
                       gb_constexpr *expr, gb_error *err);

#endif
