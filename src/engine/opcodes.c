#include "engine/opcodes.h"

#include <stddef.h>

#include "engine/types.h"

enum { TYPE_i = GB_I32, TYPE_I = GB_I64, TYPE_f = GB_F32, TYPE_F = GB_F64, TYPE_v = GB_V128, TYPE__ = 0 };

const gb_opcode_info gb_opcode_infos[GB_OP_COUNT] = {
#define X(id, prefix, code, text, imm, a, b, c, result_, aux_, shape_)                             \
    [GB_OP_##id] = {.immediate = GB_IMM_##imm,                                                     \
                    .shape = GB_SHAPE_##shape_,                                                    \
                    .aux = (aux_),                                                                 \
                    .pops = (TYPE_##a != 0) + (TYPE_##b != 0) + (TYPE_##c != 0),                   \
                    .operand = {TYPE_##a, TYPE_##b, TYPE_##c},                                     \
                    .result = TYPE_##result_},
    GB_OPCODES(X)
#undef X
};

/* One text behind the other, and where each begins: pointers would take four times the room. */
static const struct {
    char GB_OP_NONE_text[2];
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape) char GB_OP_##id##_text[sizeof text];
    GB_OPCODES(X)
#undef X
} texts = {
    "?",
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape) text,
    GB_OPCODES(X)
#undef X
};

static const uint16_t text_offsets[GB_OP_COUNT] = {
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape)                                \
    [GB_OP_##id] = offsetof(__typeof__(texts), GB_OP_##id##_text),
    GB_OPCODES(X)
#undef X
};

const char *gb_opcode_text(gb_opcode op) {
    return (const char *)&texts + text_offsets[op];
}

const uint16_t gb_opcode_map[GB_OPCODE_SLOTS] = {
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape)                                \
    [(prefix) == 0xfc   ? GB_OPCODE_FC + (code)                                                    \
     : (prefix) == 0xfd ? GB_OPCODE_FD + (code)                                                    \
                        : (code)] = GB_OP_##id,
    GB_OPCODES(X)
#undef X
};
