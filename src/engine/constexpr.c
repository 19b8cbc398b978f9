/* constexpr.c: constant expressions (spec 3.4.15.3, with the extended-const operators). */
#include <stdlib.h>

#include "engine/constexpr.h"

#include <string.h>

#include "engine/bytes.h"
#include "engine/validate.h"

/* Operand types while validating. Numbers nest only through binary operators, so one counter per pending
 * operand is all that is needed; still kept as types, for the message. */
typedef struct type_stack {
    gb_valtype *types;
    size_t count, capacity;
} type_stack;

static bool push(type_stack *s, gb_valtype type) {
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 16;
        gb_valtype *types = realloc(s->types, capacity * sizeof *types);
        if (!types) return false;
        s->types = types;
        s->capacity = capacity;
    }
    s->types[s->count++] = type;
    return true;
}

typedef struct checker {
    gb_reader *r;
    const gb_module *m;
    const char *section;
    gb_error *err;
    type_stack stack;
} checker;

static bool fail(checker *c, gb_error_kind kind, const uint8_t *at, const char *why) {
    return gb_module_fail(c->m, c->err, kind, at, c->section, "%s", why);
}

static bool check_global(checker *c, const uint8_t *at, gb_valtype *type) {
    uint32_t index;
    if (!gb_read_u32(c->r, &index)) return fail(c, GB_ERROR_MALFORMED, at, c->r->why);
    /* Only imported globals: those of the module may come later. */
    if (index >= c->m->imported[GB_EXTERN_GLOBAL])
        return gb_module_fail(c->m, c->err, GB_ERROR_INVALID, at, c->section, "unknown global %u", index);
    if (c->m->globals[index].is_mutable)
        return fail(c, GB_ERROR_INVALID, at, "constant expression required: the global is mutable");
    *type = c->m->globals[index].type;
    return true;
}

static bool check_ref_func(checker *c, const uint8_t *at, gb_valtype *type) {
    uint32_t index;
    if (!gb_read_u32(c->r, &index)) return fail(c, GB_ERROR_MALFORMED, at, c->r->why);
    if (index >= c->m->function_count)
        return gb_module_fail(c->m, c->err, GB_ERROR_INVALID, at, c->section, "unknown function %u", index);
    c->m->declared[index / 8] |= (uint8_t)(1U << index % 8);
    *type = GB_REFTYPE(false, c->m->functions[index].type);
    return true;
}

/* The immediates of a constant instruction and the type it gives. */
static bool check_producer(checker *c, gb_opcode op, const uint8_t *at, gb_valtype *type) {
    gb_reader *r = c->r;
    int32_t i32;
    int64_t i64;
    uint32_t heap;
    const uint8_t *bytes;
    gb_error_kind kind = GB_ERROR_MALFORMED;
    bool ok;
    *type = gb_opcode_infos[op].result;
    switch (op) {
    case GB_OP_i32_const: ok = gb_read_i32(r, &i32); break;
    case GB_OP_i64_const: ok = gb_read_i64(r, &i64); break;
    case GB_OP_f32_const: ok = gb_read_bytes(r, 4, &bytes); break;
    case GB_OP_f64_const: ok = gb_read_bytes(r, 8, &bytes); break;
    case GB_OP_v128_const: ok = gb_read_bytes(r, 16, &bytes); break;
    case GB_OP_ref_null:
        ok = gb_read_heaptype(r, c->m, &heap, &kind);
        if (ok) *type = GB_REFTYPE(true, heap);
        break;
    case GB_OP_global_get: return check_global(c, at, type);
    case GB_OP_ref_func: return check_ref_func(c, at, type);
    default: return fail(c, GB_ERROR_INVALID, at, "constant expression required");
    }
    return ok || fail(c, kind, at, r->why);
}

static bool is_binary(gb_opcode op) {
    return op == GB_OP_i32_add || op == GB_OP_i32_sub || op == GB_OP_i32_mul || op == GB_OP_i64_add ||
           op == GB_OP_i64_sub || op == GB_OP_i64_mul;
}

static bool check(checker *c, gb_valtype wanted) {
    type_stack *s = &c->stack;
    for (;;) {
        const uint8_t *at = c->r->at;
        gb_opcode op = gb_read_opcode(c->r);
        gb_valtype type;
        if (op == GB_OP_NONE) return fail(c, GB_ERROR_MALFORMED, at, c->r->why);
        if (op == GB_OP_end) {
            if (s->count == 1 && gb_valtype_matches(s->types[0], wanted)) return true;
            return fail(c, GB_ERROR_INVALID, at, "type mismatch in constant expression");
        }
        if (is_binary(op)) {
            type = gb_opcode_infos[op].result;
            if (s->count < 2 || s->types[s->count - 1] != type || s->types[s->count - 2] != type)
                return fail(c, GB_ERROR_INVALID, at, "type mismatch in constant expression");
            s->count--;
            continue;
        }
        if (!check_producer(c, op, at, &type)) return false;
        if (!push(s, type)) return gb_fail(c->err, GB_ERROR_MEMORY, "out of memory while validating");
    }
}

bool gb_constexpr_read(gb_reader *r, const gb_module *m, gb_valtype type, const char *section,
                       gb_constexpr *expr, gb_error *err) {
    checker c = {.r = r, .m = m, .section = section, .err = err};
    expr->start = (uint32_t)(r->at - m->bytes);
    bool ok = check(&c, type);
    expr->end = (uint32_t)(r->at - m->bytes);
    free(c.stack.types);
    return ok;
}

/* ---- values ------------------------------------------------------------------------------------- */

static uint64_t apply(gb_opcode op, uint64_t a, uint64_t b) {
    switch (op) {
    case GB_OP_i32_add: return (uint32_t)(a + b);
    case GB_OP_i32_sub: return (uint32_t)(a - b);
    case GB_OP_i32_mul: return (uint32_t)(a * b);
    case GB_OP_i64_add: return a + b;
    case GB_OP_i64_sub: return a - b;
    default: return a * b;
    }
}

static void produce(const gb_instance *instance, gb_opcode op, gb_reader *r, gb_slot out[2]) {
    int32_t i32 = 0;
    int64_t i64 = 0;
    uint32_t index = 0;
    const uint8_t *bytes = NULL;
    switch (op) {
    case GB_OP_i32_const:
        gb_read_i32(r, &i32);
        out[0] = (uint32_t)i32;
        return;
    case GB_OP_i64_const:
        gb_read_i64(r, &i64);
        out[0] = (uint64_t)i64;
        return;
    case GB_OP_f32_const:
        if (gb_read_bytes(r, 4, &bytes)) out[0] = gb_get32(bytes);
        return;
    case GB_OP_f64_const:
        if (gb_read_bytes(r, 8, &bytes)) out[0] = gb_get64(bytes);
        return;
    case GB_OP_v128_const:
        if (gb_read_bytes(r, 16, &bytes)) memcpy(out, bytes, 16);
        return;
    case GB_OP_global_get:
        gb_read_u32(r, &index);
        memcpy(out, instance->globals[index]->slot, sizeof instance->globals[index]->slot);
        return;
    case GB_OP_ref_func:
        gb_read_u32(r, &index);
        out[0] = (uintptr_t)instance->funcs[index];
        return;
    default:
        gb_skip_immediates(r, op);
        out[0] = 0; /* ref.null */
        return;
    }
}

bool gb_constexpr_eval(const gb_instance *instance, gb_constexpr expr, gb_slot value[2]) {
    const uint8_t *bytes = instance->module->bytes;
    gb_reader r = {.at = bytes + expr.start, .end = bytes + expr.end};
    /* Each operand on the stack took two bytes at least. */
    size_t most = (expr.end - expr.start) / 2 + 1, count = 0;
    gb_cell few[16], *stack = most <= 16 ? few : malloc(most * sizeof *stack);
    if (!stack) return false;
    few[0] = (gb_cell){{0}};
    for (;;) {
        gb_opcode op = gb_read_opcode(&r);
        if (op == GB_OP_end || op == GB_OP_NONE) break;
        if (is_binary(op)) {
            count--;
            stack[count - 1].slot[0] = apply(op, stack[count - 1].slot[0], stack[count].slot[0]);
        } else {
            stack[count] = (gb_cell){{0}};
            produce(instance, op, &r, stack[count++].slot);
        }
    }
    memcpy(value, stack[0].slot, sizeof stack[0].slot);
    if (stack != few) free(stack);
    return true;
}
