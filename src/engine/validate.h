/* validate.h: function bodies, in one pass (spec 3, appendix "Validation Algorithm").
 *
 * A module that passed holds for every tier: operand types fit, indices exist, blocks are balanced, each
 * body ends exactly at its `end`. A tier may decode without checks of its own, but must still bound what
 * the rules leave open: frame sizes, nesting, lengths of br_table.
 *
 * Cost: linear in the bytes, times the arity of branches and calls (at most 1,000). Locals are kept as
 * runs beyond the first few hundred, so 50,000 locals in three bytes cost nothing. */
#ifndef GB_ENGINE_VALIDATE_H
#define GB_ENGINE_VALIDATE_H

#include "engine/module.h"

/* Validates every body; fills local and operand counts and flags of module->functions. */
bool gb_module_validate_bodies(gb_module *m, gb_error *err);
/* One body, unless that was done before: of a module whose bodies are validated when they are first wanted (module.h, bodies).
 * Every tier asks before it reads a body. */
bool gb_module_validate_body(gb_module *m, uint32_t function, gb_error *err);

/* Block type of block, loop, if and try_table. `single` backs the results of the short form. */
typedef struct gb_blocktype {
    const gb_functype *type; /* NULL: no parameters, `single` alone or nothing as result */
    gb_valtype single;       /* GB_NOTYPE: nothing */
} gb_blocktype;

static inline uint32_t gb_blocktype_params(const gb_blocktype *b, const gb_valtype **types) {
    *types = b->type ? b->type->params : NULL;
    return b->type ? b->type->param_count : 0;
}
static inline uint32_t gb_blocktype_results(const gb_blocktype *b, const gb_valtype **types) {
    *types = b->type ? b->type->results : &b->single;
    return b->type ? b->type->result_count : b->single != GB_NOTYPE;
}
bool gb_read_blocktype(gb_reader *r, const gb_module *m, gb_blocktype *block, gb_error_kind *kind);

/* try_table's clauses: kind, tag (of the first two), label. */
enum { GB_CATCH, GB_CATCH_REF, GB_CATCH_ALL, GB_CATCH_ALL_REF };

/* The opcode at the reader, GB_OP_NONE when there is none of that code (r->why is set). */
static inline gb_opcode gb_read_opcode(gb_reader *r) {
    uint8_t byte;
    if (!gb_read_u8(r, &byte)) return GB_OP_NONE;
    uint32_t code = byte;
    if (byte >= 0xFC && byte <= 0xFD) {
        if (!gb_read_u32(r, &code)) return GB_OP_NONE;
        uint32_t room = byte == 0xFC ? GB_OPCODE_FD - GB_OPCODE_FC : GB_OPCODE_SLOTS - GB_OPCODE_FD;
        code = code >= room ? UINT32_MAX : code + (byte == 0xFC ? GB_OPCODE_FC : GB_OPCODE_FD);
    }
    gb_opcode op = code < GB_OPCODE_SLOTS ? (gb_opcode)gb_opcode_map[code] : GB_OP_NONE;
    if (op == GB_OP_NONE) r->why = "illegal opcode";
    return op;
}

/* Steps over the immediates of an instruction in a validated body. */
bool gb_skip_immediates(gb_reader *r, gb_opcode op);

#endif
