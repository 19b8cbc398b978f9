#include "engine/opcodes.h"

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

const char *const gb_opcode_texts[GB_OP_COUNT] = {
    [GB_OP_NONE] = "?",
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape) [GB_OP_##id] = text,
    GB_OPCODES(X)
#undef X
};

const uint16_t gb_opcode_map[GB_OPCODE_SLOTS] = {
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape)                                \
    [(prefix) == 0xfc   ? GB_OPCODE_FC + (code)                                                    \
     : (prefix) == 0xfd ? GB_OPCODE_FD + (code)                                                    \
                        : (code)] = GB_OP_##id,
    GB_OPCODES(X)
#undef X
};
