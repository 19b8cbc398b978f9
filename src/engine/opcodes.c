#include "engine/opcodes.h"

#include "engine/types.h"

/* A signature's letters as value types. `sizeof sig` is the length with its NUL, so that every row is
 * a constant expression: "ab:c" has the colon at sizeof - 3, or at sizeof - 2 when there is no result. */
#define TYPE(c)                                                                                    \
    ((c) == 'i'   ? GB_I32                                                                         \
     : (c) == 'I' ? GB_I64                                                                         \
     : (c) == 'f' ? GB_F32                                                                         \
     : (c) == 'F' ? GB_F64                                                                         \
     : (c) == 'v' ? GB_V128                                                                        \
                  : 0)
#define AT(sig, i) ((i) < sizeof(sig) ? (sig)[(i) < sizeof(sig) ? (i) : 0] : 0)
#define COLON(sig)                                                                                 \
    (AT(sig, 0) == ':' ? 0 : AT(sig, 1) == ':' ? 1 : AT(sig, 2) == ':' ? 2 : AT(sig, 3) == ':' ? 3 : 0)
#define OPERAND(sig, i) ((i) < COLON(sig) ? TYPE(AT(sig, i)) : 0)

const gb_opcode_info gb_opcode_infos[GB_OP_COUNT] = {
#define X(id, prefix, code, text, imm, sig, aux_, shape_)                                          \
    [GB_OP_##id] = {.immediate = GB_IMM_##imm,                                                     \
                    .shape = GB_SHAPE_##shape_,                                                    \
                    .aux = (aux_),                                                                 \
                    .pops = COLON(sig),                                                            \
                    .operand = {OPERAND(sig, 0), OPERAND(sig, 1), OPERAND(sig, 2)},                \
                    .result = sizeof(sig) > 1 ? TYPE(AT(sig, COLON(sig) + 1U)) : 0,                \
                    .fixed = sizeof(sig) > 1},
    GB_OPCODES(X)
#undef X
};

const char *const gb_opcode_texts[GB_OP_COUNT] = {
#define X(id, prefix, code, text, imm, sig, aux, shape) [GB_OP_##id] = text,
    GB_OPCODES(X)
#undef X
};

const uint16_t gb_opcode_map[GB_OPCODE_SLOTS] = {
#define X(id, prefix, code, text, imm, sig, aux, shape)                                            \
    [(prefix) == 0xfc   ? GB_OPCODE_FC + (code)                                                    \
     : (prefix) == 0xfd ? GB_OPCODE_FD + (code)                                                    \
                        : (code)] = GB_OP_##id,
    GB_OPCODES(X)
#undef X
};
