/* translate.c: a validated body to the interpreter's code, in one pass. What is known of operands while it goes is in
 * emit.h; here is what each WebAssembly instruction becomes. */
#include <stdlib.h>
#include <string.h>

#include "engine/translate.h"

const uint16_t gb_iop_of[GB_OP_COUNT] = {
#define FIRST_NONE(id)
#define FIRST_FORM(id, form) [GB_OP_##id] = GB_I_##id##_##form,
#define FIRST_SPECIAL FIRST_NONE
#define FIRST_FIXED FIRST_NONE
#define FIRST_CONST FIRST_NONE
#define FIRST_V_CONST FIRST_NONE
#define FIRST_UNARY(id) FIRST_FORM(id, s_R)
#define FIRST_TRUNC(id) FIRST_FORM(id, s_R)
#define FIRST_LOAD(id) FIRST_FORM(id, s_R)
#define FIRST_BINARY(id) FIRST_FORM(id, ss_R)
#define FIRST_DIVIDE(id) FIRST_FORM(id, ss_R)
#define FIRST_COMPARE(id) FIRST_FORM(id, ss_R)
#define FIRST_COMPARE_F(id) FIRST_FORM(id, ss_R)
#define FIRST_STORE(id) FIRST_FORM(id, ss)
#define FIRST_V_LOAD(id) FIRST_FORM(id, v)
#define FIRST_V_STORE(id) FIRST_FORM(id, v)
#define FIRST_V_LOAD_LANE(id) FIRST_FORM(id, v)
#define FIRST_V_STORE_LANE(id) FIRST_FORM(id, v)
#define FIRST_V_UNARY(id) FIRST_FORM(id, v)
#define FIRST_V_BINARY(id) FIRST_FORM(id, v)
#define FIRST_V_TERNARY(id) FIRST_FORM(id, v)
#define FIRST_V_SHIFT(id) FIRST_FORM(id, v)
#define FIRST_V_TEST(id) FIRST_FORM(id, v)
#define FIRST_V_SPLAT(id) FIRST_FORM(id, v)
#define FIRST_V_EXTRACT(id) FIRST_FORM(id, v)
#define FIRST_V_REPLACE(id) FIRST_FORM(id, v)
#define FIRST_V_SHUFFLE(id) FIRST_FORM(id, v)
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape) FIRST_##shape(id)
    GB_OPCODES(X)
#undef X
};

bool gb_tr_grow(translator *t, void *array, uint32_t *capacity, size_t size, uint32_t count) {
    if (count < *capacity) return true;
    uint32_t wanted = *capacity * 2 + 16;
    void **slot = array;
    void *grown = realloc(*slot, (size_t)wanted * size);
    if (!grown) {
        t->e.failed = true;
        return false;
    }
    *slot = grown;
    *capacity = wanted;
    return true;
}

uint32_t gb_tr_read_u32(translator *t) {
    uint32_t value = 0;
    gb_read_u32(&t->r, &value);
    return value;
}

gb_blocktype gb_tr_read_blocktype(translator *t) {
    gb_blocktype type = {0};
    gb_error_kind kind;
    gb_read_blocktype(&t->r, t->m, &type, &kind);
    return type;
}

/* ---- fuel: docs/engine.md says what a block is and what it costs ------------------------------------ */

static void charge(translator *t, gb_opcode op) {
    if (!t->fuel) return;
    switch (op) {
    case GB_OP_block:
    case GB_OP_loop:
    case GB_OP_else:
    case GB_OP_end:
    case GB_OP_try_table:
    case GB_OP_nop: return;
    default: break;
    }
    if (t->fuel_field == GB_NONE) {
        gb_emit(&t->e, GB_I_fuel);
        t->fuel_field = t->e.length;
        t->fuel_cost = 0;
        gb_emit32(&t->e, 0);
    }
    t->fuel_cost++;
    if (!t->e.failed) memcpy(&t->e.code[t->fuel_field], &t->fuel_cost, sizeof t->fuel_cost);
}

static void begin_fuel_block(translator *t) { t->fuel_field = GB_NONE; }

/* ---- one instruction ------------------------------------------------------------------------------------------- */

static void reference(translator *t, gb_opcode op) {
    gb_error_kind kind;
    uint32_t index = 0;
    if (op == GB_OP_ref_null) {
        gb_read_heaptype(&t->r, t->m, &index, &kind);
        gb_push_const(&t->e, GB_REFTYPE(true, index), 0);
    } else if (op == GB_OP_ref_func) {
        index = gb_tr_read_u32(t);
        gb_tr_indexed(t, GB_I_ref_func, 0, GB_REFTYPE(false, t->m->functions[index].type), 1, &index);
    } else {
        gb_tr_indexed(t, GB_I_ref_is_null, 1, GB_I32, 0, &index);
    }
}

static void special(translator *t, gb_opcode op) {
    gb_emitter *e = &t->e;
    switch (op) {
    case GB_OP_unreachable:
        gb_emit(e, GB_I_unreachable);
        t->dead = true;
        return;
    case GB_OP_block:
    case GB_OP_loop:
    case GB_OP_if: gb_tr_block(t, op); return;
    case GB_OP_try_table: gb_tr_try_table(t); return;
    case GB_OP_else: gb_tr_else_branch(t); return;
    case GB_OP_end: gb_tr_end(t); return;
    case GB_OP_br: gb_tr_br(t, gb_tr_frame_at(t, gb_tr_read_u32(t))); return;
    case GB_OP_br_if: gb_tr_br_if(t); return;
    case GB_OP_br_table: gb_tr_br_table(t); return;
    case GB_OP_return: gb_tr_br(t, t->frames); return;
    case GB_OP_call:
    case GB_OP_return_call: gb_tr_call(t, op); return;
    case GB_OP_call_indirect:
    case GB_OP_return_call_indirect: gb_tr_call_indirect(t, op); return;
    case GB_OP_throw: gb_tr_throw_tag(t); return;
    case GB_OP_throw_ref: gb_tr_throw_ref(t); return;
    case GB_OP_drop: gb_pop(e); return;
    case GB_OP_select:
    case GB_OP_select_t: gb_tr_select_value(t, op); return;
    case GB_OP_local_get:
    case GB_OP_local_set:
    case GB_OP_local_tee: gb_tr_local(t, op); return;
    case GB_OP_global_get: gb_tr_global_get(t); return;
    case GB_OP_global_set: gb_tr_global_set(t); return;
    case GB_OP_table_get:
    case GB_OP_table_set:
    case GB_OP_table_grow:
    case GB_OP_table_fill: gb_tr_table(t, op); return;
    case GB_OP_ref_null:
    case GB_OP_ref_func:
    case GB_OP_ref_is_null: reference(t, op); return;
    default: return; /* nop */
    }
}

static void instruction(translator *t, gb_opcode op) {
    switch ((gb_shape)gb_opcode_infos[op].shape) {
    case GB_SHAPE_SPECIAL: special(t, op); return;
    case GB_SHAPE_FIXED: gb_tr_fixed(t, op); return;
    case GB_SHAPE_CONST: gb_tr_constant(t, op); return;
    case GB_SHAPE_V_CONST: {
        const uint8_t *bytes = NULL;
        gb_read_bytes(&t->r, 16, &bytes);
        gb_push_const(&t->e, GB_V128, (uint64_t)(bytes - t->m->bytes));
        return;
    }
    case GB_SHAPE_UNARY:
        if (op == GB_OP_i32_eqz || op == GB_OP_i64_eqz) {
            gb_tr_eqz(t, op);
            return;
        }
        if (op == GB_OP_i32_wrap_i64 || (op >= GB_OP_i32_reinterpret_f32 && op <= GB_OP_f64_reinterpret_i64))
            if (gb_tr_reinterpret(t, op)) return;
        gb_tr_unary(t, op);
        return;
    case GB_SHAPE_TRUNC: gb_tr_unary(t, op); return;
    case GB_SHAPE_COMPARE: gb_tr_compare(t, op); return;
    case GB_SHAPE_BINARY:
    case GB_SHAPE_DIVIDE:
    case GB_SHAPE_COMPARE_F: gb_tr_binary(t, op); return;
    case GB_SHAPE_LOAD: gb_tr_load(t, op); return;
    case GB_SHAPE_STORE: gb_tr_store(t, op); return;
    default: gb_tr_vector(t, op); return;
    }
}

/* Instructions that cannot be reached are stepped over, to the end of the block that they are in. */
static void dead_instruction(translator *t, gb_opcode op) {
    if (op == GB_OP_block || op == GB_OP_loop || op == GB_OP_if || op == GB_OP_try_table) {
        t->dead_depth++;
    } else if (op == GB_OP_end && t->dead_depth > 0) {
        t->dead_depth--;
        return;
    } else if (t->dead_depth == 0 && (op == GB_OP_end || op == GB_OP_else)) {
        special(t, op);
        return;
    }
    gb_skip_immediates(&t->r, op);
}

static bool ends_fuel_block(gb_opcode op) {
    switch (op) {
    case GB_OP_block:
    case GB_OP_loop:
    case GB_OP_if:
    case GB_OP_else:
    case GB_OP_end:
    case GB_OP_try_table:
    case GB_OP_br_if: return true;
    default: return false;
    }
}

/* ---- functions ---------------------------------------------------------------------------------------------------- */

static bool read_locals(translator *t) {
    uint32_t params = t->type->param_count, total = params + t->f->local_count;
    t->local_types = malloc(((size_t)total + 1) * sizeof *t->local_types);
    t->local_slots = malloc(((size_t)total + 1) * sizeof *t->local_slots);
    if (!t->local_types || !t->local_slots) return false;
    uint32_t slot = 0, at = 0;
    for (; at < params; at++) {
        t->local_types[at] = t->type->params[at];
        t->local_slots[at] = slot;
        slot += gb_valtype_slots(t->type->params[at]);
    }
    if (t->e.far) slot += GB_SCRATCH_SLOTS;
    for (uint32_t runs = gb_tr_read_u32(t); runs > 0; runs--) {
        uint32_t n = gb_tr_read_u32(t);
        gb_valtype type = GB_I32;
        gb_error_kind kind;
        gb_read_valtype(&t->r, t->m, &type, &kind);
        for (; n > 0; n--, at++) {
            t->local_types[at] = type;
            t->local_slots[at] = slot;
            slot += gb_valtype_slots(type);
        }
    }
    return true;
}

/* Which locals need their zero is known only when all is translated (finish). */
static void write_prologue(translator *t) {
    gb_emitter *e = &t->e;
    gb_emit(e, GB_I_zero);
    gb_emit32(e, 0);
    gb_emit32(e, 0);
    e->barrier = t->prologue = e->length;
}

/* Translates the body. For gb_icode_offset it returns the byte offset of the instruction that wrote unit `until`, and stops
 * when the code is so much longer that it is not taken back any more: a comparison is, for a branch that follows. */
static uint32_t translate_body(translator *t, uint32_t until) {
    enum { TAKEN_BACK = 64 }; /* units, more than any instruction takes back */
    gb_emitter *e = &t->e;
    gb_functype results_only = *t->type;
    results_only.param_count = 0;
    write_prologue(t);
    uint32_t found = t->f->code;
    if (!gb_tr_push_frame(t, GB_OP_block, (gb_blocktype){.type = &results_only})) return found;
    t->fuel_field = GB_NONE;
    while (t->frame_count > 0 && !e->failed) {
        uint32_t at = (uint32_t)(t->r.at - t->m->bytes), before = e->length;
        gb_opcode op = gb_read_opcode(&t->r);
        if (t->dead) {
            dead_instruction(t, op);
        } else {
            charge(t, op);
            instruction(t, op);
        }
        if (t->dead || ends_fuel_block(op)) begin_fuel_block(t);
        if (before <= until && e->length > until) found = at;
        if (e->length > (uint64_t)until + TAKEN_BACK) return found;
    }
    gb_tr_write_handlers(t);
    return found;
}

static void free_translator(translator *t) {
    gb_emit_free(&t->e);
    free(t->local_types);
    free(t->local_slots);
    gb_assigned_free(&t->assigned);
    free(t->frames);
    free(t->stubs);
    free(t->regions);
    free(t->catches);
    free(t->handlers);
    free(t);
}

static translator *start(const gb_module *m, uint32_t function, bool fuel) {
    translator *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->m = m;
    t->f = &m->functions[function];
    t->type = gb_module_functype(m, function);
    t->fuel = fuel;
    t->r = (gb_reader){.at = m->bytes + t->f->body, .end = m->bytes + t->f->end};
    uint32_t params = t->type->param_count;
    if (gb_emit_init(&t->e, m, t->f) && gb_assigned_init(&t->assigned, params + t->f->local_count, params) &&
        read_locals(t))
        return t;
    free_translator(t);
    return NULL;
}

/* The locals to be zeroed are filled in, or the prologue is left out. */
static uint32_t finish_prologue(translator *t) {
    uint32_t first = t->assigned.low, count = t->assigned.high - t->assigned.low;
    if (t->assigned.low >= t->assigned.high) return t->prologue;
    if (t->e.failed) return 0;
    memcpy(&t->e.code[1], &first, sizeof first);
    memcpy(&t->e.code[3], &count, sizeof count);
    return 0;
}

static gb_icode *finish(translator *t, uint32_t function) {
    const gb_emitter *e = &t->e;
    uint32_t skipped = finish_prologue(t), length = e->length - skipped;
    size_t units = (size_t)length * sizeof *e->code;
    size_t tables_at = (sizeof(gb_icode) + units + 7) & ~(size_t)7;
    size_t regions = t->region_count * sizeof *t->regions, catches = t->catch_count * sizeof *t->catches;
    gb_icode *code = e->failed ? NULL : malloc(tables_at + regions + catches);
    if (!code) return NULL;
    uint32_t frame = e->most_slots > t->type->result_slots ? e->most_slots : t->type->result_slots;
    *code = (gb_icode){.module = t->m,
                       .frame_slots = frame,
                       .function = function,
                       .length = length,
                       .skipped = skipped,
                       .region_count = t->region_count};
    memcpy(code->code, e->code + skipped, units);
    for (uint32_t i = 0; i < t->region_count; i++) {
        t->regions[i].start -= skipped;
        t->regions[i].end -= skipped;
    }
    for (uint32_t i = 0; i < t->catch_count; i++) t->catches[i].handler -= skipped;
    char *tables = (char *)code + tables_at;
    if (regions) memcpy(tables, t->regions, regions);
    if (catches) memcpy(tables + regions, t->catches, catches);
    code->regions = (const gb_try_region *)(void *)tables;
    code->catches = (const gb_catch *)(void *)(tables + regions);
    return code;
}

gb_icode *gb_translate(const gb_module *m, uint32_t function, bool fuel) {
    translator *t = start(m, function, fuel);
    if (!t) return NULL;
    translate_body(t, UINT32_MAX);
    gb_icode *code = finish(t, function);
    free_translator(t);
    return code;
}

uint32_t gb_icode_offset(gb_module *m, const gb_icode *code, bool fuel, const uint16_t *pc) {
    /* It may be a stub's frame that asks, whose body nobody has looked at yet. */
    bool valid = gb_module_validate_body(m, code->function, NULL);
    translator *t = valid ? start(m, code->function, fuel) : NULL;
    if (!t) return m->functions[code->function].body;
    uint32_t offset = translate_body(t, (uint32_t)(pc - code->code) - 1 + code->skipped);
    free_translator(t);
    return offset;
}
