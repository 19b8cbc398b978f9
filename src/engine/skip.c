/* skip.c: stepping over instructions whose meaning does not matter (unreachable code). */
#include "engine/validate.h"

static bool skip_u32(gb_reader *r, unsigned n) {
    uint32_t ignored;
    while (n-- > 0)
        if (!gb_read_u32(r, &ignored)) return false;
    return true;
}

static bool skip_bytes(gb_reader *r, size_t n) {
    const uint8_t *ignored;
    return gb_read_bytes(r, n, &ignored);
}

static bool skip_valtype(gb_reader *r) {
    uint8_t byte;
    int64_t heap;
    if (!gb_read_u8(r, &byte)) return false;
    return (byte != GB_REF && byte != GB_REF_NULL) || gb_read_i33(r, &heap);
}

static bool skip_blocktype(gb_reader *r) {
    int64_t index;
    if (r->at != r->end && (*r->at & 0xC0) == 0x40) return skip_valtype(r);
    return gb_read_i33(r, &index);
}

static bool skip_try(gb_reader *r) {
    uint32_t n;
    uint8_t kind;
    if (!skip_blocktype(r) || !gb_read_u32(r, &n)) return false;
    while (n-- > 0)
        if (!gb_read_u8(r, &kind) || !skip_u32(r, kind <= GB_CATCH_REF ? 2 : 1)) return false;
    return true;
}

static bool skip_vector(gb_reader *r, bool types) {
    uint32_t n;
    if (!gb_read_u32(r, &n)) return false;
    while (n-- > 0)
        if (types ? !skip_valtype(r) : !skip_u32(r, 1)) return false;
    return true;
}

bool gb_skip_immediates(gb_reader *r, gb_opcode op) {
    int64_t wide;
    switch ((gb_immediate)gb_opcode_infos[op].immediate) {
    case GB_IMM_NONE: return true;
    case GB_IMM_BLOCK: return skip_blocktype(r);
    case GB_IMM_LABELS: return skip_vector(r, false) && skip_u32(r, 1);
    case GB_IMM_SELECT: return skip_vector(r, true);
    case GB_IMM_TRY: return skip_try(r);
    case GB_IMM_LABEL:
    case GB_IMM_FUNC:
    case GB_IMM_TAG:
    case GB_IMM_LOCAL:
    case GB_IMM_GLOBAL:
    case GB_IMM_TABLE:
    case GB_IMM_ELEM:
    case GB_IMM_DATA: return skip_u32(r, 1);
    case GB_IMM_TYPE_TABLE:
    case GB_IMM_TABLE_TABLE:
    case GB_IMM_ELEM_TABLE:
    case GB_IMM_MEMARG: return skip_u32(r, 2);
    case GB_IMM_MEMARG_LANE: return skip_u32(r, 2) && skip_bytes(r, 1);
    case GB_IMM_DATA_MEMORY: return skip_u32(r, 1) && skip_bytes(r, 1);
    case GB_IMM_MEMORY:
    case GB_IMM_LANE: return skip_bytes(r, 1);
    case GB_IMM_MEMORY_MEMORY: return skip_bytes(r, 2);
    case GB_IMM_SHUFFLE:
    case GB_IMM_V128: return skip_bytes(r, 16);
    case GB_IMM_F32: return skip_bytes(r, 4);
    case GB_IMM_F64: return skip_bytes(r, 8);
    case GB_IMM_HEAPTYPE: return gb_read_i33(r, &wide);
    case GB_IMM_I32:
    case GB_IMM_I64: return gb_read_i64(r, &wide);
    }
    return false;
}
