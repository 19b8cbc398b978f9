#include "engine/validate.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* Locals whose types are at hand without a search; nearly all functions have fewer. */
enum { QUICK_LOCALS = 256 };

typedef struct local_run {
    uint32_t end; /* index behind the run's last local */
    gb_valtype type;
} local_run;

typedef struct frame {
    gb_blocktype type;
    size_t height;  /* of the operand stack at entry, parameters not counted */
    uint32_t stamp; /* last br_table that named this frame */
    uint16_t opcode;
    bool unreachable;
} frame;

typedef struct validator {
    gb_reader r;
    const gb_module *m;
    gb_error *err;
    gb_function *function;
    const gb_functype *type;
    const uint8_t *at; /* the instruction in hand */
    gb_opcode op;

    gb_valtype *stack;
    size_t count, capacity, most;
    frame *frames;
    size_t frame_count, frame_capacity, frame_most;
    uint32_t stamp;

    local_run *runs;
    size_t run_count, run_capacity;
    uint32_t local_count;
    gb_valtype quick[QUICK_LOCALS];
} validator;

/* ---- errors ---------------------------------------------------------------------------------- */

static bool fail(validator *v, gb_error_kind kind, const char *why) {
    return gb_module_fail(v->m, v->err, kind, v->at, NULL, "%s", why);
}

static bool malformed(validator *v) {
    return gb_module_fail(v->m, v->err, GB_ERROR_MALFORMED, v->r.at, NULL, "%s", v->r.why);
}

static bool unknown(validator *v, const char *what, uint32_t index) {
    return gb_module_fail(v->m, v->err, GB_ERROR_INVALID, v->at, NULL, "unknown %s %u", what, index);
}

static bool out_of_memory(validator *v) {
    return gb_fail(v->err, GB_ERROR_MEMORY, "out of memory while validating");
}

static bool mismatch(validator *v, gb_valtype wanted, gb_valtype found, bool missing) {
    gb_buffer text = {0};
    gb_buffer_append_format(&text, "type mismatch: %s wants ", gb_opcode_text(v->op));
    gb_valtype_print(&text, wanted);
    gb_buffer_append_text(&text, missing ? ", the stack is empty" : ", found ");
    if (!missing) gb_valtype_print(&text, found);
    fail(v, GB_ERROR_INVALID, gb_buffer_text(&text));
    gb_buffer_free(&text);
    return false;
}

static bool read_u32(validator *v, uint32_t *value) { return gb_read_u32(&v->r, value) || malformed(v); }

/* ---- the operand stack ----------------------------------------------------------------------- */

static bool grow_stack(validator *v, size_t extra) {
    size_t capacity = (v->count + extra) * 2 + 64;
    gb_valtype *stack = realloc(v->stack, capacity * sizeof *stack);
    if (!stack) return out_of_memory(v);
    v->stack = stack;
    v->capacity = capacity;
    return true;
}

static inline bool push(validator *v, gb_valtype type) {
    if (v->count == v->capacity && !grow_stack(v, 1)) return false;
    v->stack[v->count++] = type;
    if (v->count > v->most) v->most = v->count;
    return true;
}

static bool push_all(validator *v, const gb_valtype *types, uint32_t n) {
    if (n > v->capacity - v->count && !grow_stack(v, n)) return false;
    for (uint32_t i = 0; i < n; i++) v->stack[v->count + i] = types[i];
    v->count += n;
    if (v->count > v->most) v->most = v->count;
    return true;
}

static inline frame *top_frame(validator *v) { return &v->frames[v->frame_count - 1]; }

/* The operand on top, GB_NOTYPE when it is any type because the code cannot be reached. */
static inline bool pop_any(validator *v, gb_valtype *type) {
    frame *f = top_frame(v);
    if (v->count > f->height) {
        *type = v->stack[--v->count];
        return true;
    }
    *type = GB_NOTYPE;
    return f->unreachable || mismatch(v, GB_NOTYPE, GB_NOTYPE, true);
}

static inline bool pop(validator *v, gb_valtype wanted) {
    frame *f = top_frame(v);
    if (v->count > f->height) {
        gb_valtype found = v->stack[--v->count];
        return found == wanted || gb_valtype_matches(found, wanted) || mismatch(v, wanted, found, false);
    }
    return f->unreachable || mismatch(v, wanted, GB_NOTYPE, true);
}

static bool pop_all(validator *v, const gb_valtype *types, uint32_t n) {
    while (n-- > 0)
        if (!pop(v, types[n])) return false;
    return true;
}

/* The top operands have these types; they stay as they are. */
static bool check_top(validator *v, const gb_valtype *types, uint32_t n) {
    frame *f = top_frame(v);
    for (uint32_t i = 0; i < n; i++) {
        gb_valtype wanted = types[n - 1 - i];
        if (v->count - f->height <= i) return f->unreachable || mismatch(v, wanted, GB_NOTYPE, true);
        gb_valtype found = v->stack[v->count - 1 - i];
        if (!gb_valtype_matches(found, wanted)) return mismatch(v, wanted, found, false);
    }
    return true;
}

static void set_unreachable(validator *v) {
    frame *f = top_frame(v);
    v->count = f->height;
    f->unreachable = true;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static bool push_frame(validator *v, gb_opcode op, gb_blocktype type) {
    if (v->frame_count == v->frame_capacity) {
        size_t capacity = v->frame_capacity * 2 + 16;
        frame *frames = realloc(v->frames, capacity * sizeof *frames);
        if (!frames) return out_of_memory(v);
        v->frames = frames;
        v->frame_capacity = capacity;
    }
    v->frames[v->frame_count++] = (frame){.type = type, .height = v->count, .opcode = (uint16_t)op};
    if (v->frame_count > v->frame_most) v->frame_most = v->frame_count;
    const gb_valtype *params;
    uint32_t n = gb_blocktype_params(&type, &params);
    return push_all(v, params, n);
}

static bool pop_frame(validator *v, frame *closed) {
    *closed = *top_frame(v);
    const gb_valtype *results;
    uint32_t n = gb_blocktype_results(&closed->type, &results);
    if (!pop_all(v, results, n)) return false;
    if (v->count != closed->height)
        return fail(v, GB_ERROR_INVALID, "type mismatch: values remain on the stack at the end of a block");
    v->frame_count--;
    return true;
}

/* Types a branch to the label carries: a loop's label stands at its start. */
static uint32_t label_types(const frame *f, const gb_valtype **types) {
    return f->opcode == GB_OP_loop ? gb_blocktype_params(&f->type, types)
                                   : gb_blocktype_results(&f->type, types);
}

static bool read_label(validator *v, frame **target) {
    uint32_t depth;
    if (!read_u32(v, &depth)) return false;
    if (depth >= v->frame_count) return unknown(v, "label", depth);
    *target = &v->frames[v->frame_count - 1 - depth];
    return true;
}

static bool read_blocktype(validator *v, gb_blocktype *type) {
    gb_error_kind kind;
    return gb_read_blocktype(&v->r, v->m, type, &kind) || fail(v, kind, v->r.why);
}

static bool check_block(validator *v) {
    gb_blocktype type;
    if (!read_blocktype(v, &type)) return false;
    if (v->op == GB_OP_if && !pop(v, GB_I32)) return false;
    if (v->op == GB_OP_loop) v->function->flags |= GB_FUNCTION_LOOPS;
    const gb_valtype *params;
    uint32_t n = gb_blocktype_params(&type, &params);
    return pop_all(v, params, n) && push_frame(v, v->op, type);
}

static bool check_else(validator *v) {
    frame closed;
    if (top_frame(v)->opcode != GB_OP_if) {
        v->r.why = "else without if";
        return malformed(v);
    }
    return pop_frame(v, &closed) && push_frame(v, GB_OP_else, closed.type);
}

/* An if without else passes its parameters on, so they must be its results. */
static bool check_end(validator *v) {
    frame closed;
    const gb_valtype *params, *results;
    if (!pop_frame(v, &closed)) return false;
    uint32_t m = gb_blocktype_params(&closed.type, &params);
    uint32_t n = gb_blocktype_results(&closed.type, &results);
    if (closed.opcode == GB_OP_if) {
        bool same = m == n;
        for (uint32_t i = 0; same && i < n; i++) same = gb_valtype_matches(params[i], results[i]);
        if (!same) return fail(v, GB_ERROR_INVALID, "type mismatch: if without else gives other types than it takes");
    }
    if (v->frame_count == 0) return true;
    /* closed.type was copied, and `single` with it */
    return push_all(v, results, n);
}

/* One clause of try_table: what it catches must be what its label wants. */
static bool check_catch(validator *v) {
    uint8_t kind;
    uint32_t tag, n = 0, wanted_count;
    frame *target;
    const gb_valtype *carried = NULL, *wanted;
    if (!gb_read_u8(&v->r, &kind)) return malformed(v);
    if (kind > GB_CATCH_ALL_REF) {
        v->r.why = "malformed catch clause";
        return malformed(v);
    }
    if (kind == GB_CATCH || kind == GB_CATCH_REF) {
        if (!read_u32(v, &tag)) return false;
        if (tag >= v->m->tag_count) return unknown(v, "tag", tag);
        const gb_functype *type = &v->m->types.types[v->m->tags[tag]];
        carried = type->params;
        n = type->param_count;
    }
    if (!read_label(v, &target)) return false;
    bool with_ref = kind == GB_CATCH_REF || kind == GB_CATCH_ALL_REF;
    wanted_count = label_types(target, &wanted);
    bool same = wanted_count == n + with_ref;
    for (uint32_t i = 0; same && i < n; i++) same = gb_valtype_matches(carried[i], wanted[i]);
    if (same && with_ref) same = gb_valtype_matches(GB_REFTYPE(false, GB_HEAP_EXN), wanted[n]);
    return same || fail(v, GB_ERROR_INVALID, "type mismatch between a catch clause and its label");
}

static bool check_try(validator *v) {
    gb_blocktype type;
    uint32_t n;
    const gb_valtype *params;
    v->function->flags |= GB_FUNCTION_TRY;
    if (!read_blocktype(v, &type)) return false;
    uint32_t param_count = gb_blocktype_params(&type, &params);
    if (!pop_all(v, params, param_count) || !read_u32(v, &n)) return false;
    for (uint32_t i = 0; i < n; i++) /* a clause has bytes, so the end of the body bounds this */
        if (!check_catch(v)) return false;
    return push_frame(v, GB_OP_try_table, type);
}

static bool check_br_table(validator *v) {
    uint32_t n, arity = 0;
    if (!read_u32(v, &n) || !pop(v, GB_I32)) return false;
    if (n > gb_reader_left(&v->r)) {
        v->r.why = "unexpected end";
        return malformed(v);
    }
    uint32_t stamp = ++v->stamp;
    for (uint32_t i = 0; i <= n; i++) {
        frame *target;
        const gb_valtype *types;
        if (!read_label(v, &target)) return false;
        if (target->stamp == stamp) continue; /* a million targets, few labels */
        target->stamp = stamp;
        uint32_t count = label_types(target, &types);
        if (i > 0 && count != arity)
            return fail(v, GB_ERROR_INVALID, "type mismatch: labels of br_table carry different numbers of values");
        arity = count;
        if (!check_top(v, types, count)) return false;
    }
    set_unreachable(v);
    return true;
}

static bool check_branch(validator *v) {
    frame *target;
    const gb_valtype *types;
    if (!read_label(v, &target)) return false;
    if (v->op == GB_OP_br_if && !pop(v, GB_I32)) return false;
    uint32_t n = label_types(target, &types);
    if (!pop_all(v, types, n)) return false;
    if (v->op == GB_OP_br_if) return push_all(v, types, n);
    set_unreachable(v);
    return true;
}

/* ---- calls, locals, references ---------------------------------------------------------------- */

static bool check_call_type(validator *v, const gb_functype *type, bool is_tail) {
    v->function->flags |= GB_FUNCTION_CALLS;
    if (!pop_all(v, type->params, type->param_count)) return false;
    if (!is_tail) return push_all(v, type->results, type->result_count);
    bool same = type->result_count == v->type->result_count;
    for (uint32_t i = 0; same && i < type->result_count; i++)
        same = gb_valtype_matches(type->results[i], v->type->results[i]);
    if (!same) return fail(v, GB_ERROR_INVALID, "type mismatch: a tail call gives other results");
    set_unreachable(v);
    return true;
}

static bool check_call(validator *v) {
    uint32_t index;
    if (!read_u32(v, &index)) return false;
    if (index >= v->m->function_count) return unknown(v, "function", index);
    return check_call_type(v, gb_module_functype(v->m, index), v->op == GB_OP_return_call);
}

static bool check_call_indirect(validator *v) {
    uint32_t type, table;
    if (!read_u32(v, &type) || !read_u32(v, &table)) return false;
    if (table >= v->m->table_count) return unknown(v, "table", table);
    if (type >= v->m->type_count) return unknown(v, "type", type);
    if (!gb_valtype_matches(v->m->tables[table].element, GB_FUNCREF))
        return fail(v, GB_ERROR_INVALID, "type mismatch: an indirect call through a table without functions");
    return pop(v, GB_I32) && check_call_type(v, &v->m->types.types[v->m->type_map[type]],
                                             v->op == GB_OP_return_call_indirect);
}

static gb_valtype find_local(const validator *v, uint32_t index) {
    size_t low = 0, high = v->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (v->runs[middle].end <= index)
            low = middle + 1;
        else
            high = middle;
    }
    return v->runs[low].type;
}

static inline bool check_local(validator *v) {
    uint32_t index;
    if (!read_u32(v, &index)) return false;
    if (index >= v->local_count) return unknown(v, "local", index);
    gb_valtype type = index < QUICK_LOCALS ? v->quick[index] : find_local(v, index);
    if (v->op != GB_OP_local_get && !pop(v, type)) return false;
    return v->op == GB_OP_local_set || push(v, type);
}

static bool check_global(validator *v) {
    uint32_t index;
    if (!read_u32(v, &index)) return false;
    if (index >= v->m->global_count) return unknown(v, "global", index);
    const gb_global *global = &v->m->globals[index];
    if (v->op == GB_OP_global_get) return push(v, global->type);
    if (!global->is_mutable) return fail(v, GB_ERROR_INVALID, "global is immutable");
    return pop(v, global->type);
}

static bool is_number(gb_valtype type) { return !gb_valtype_is_ref(type); }

static bool check_select(validator *v) {
    gb_valtype a, b;
    if (v->op == GB_OP_select_t) {
        uint32_t n;
        gb_error_kind kind;
        if (!read_u32(v, &n)) return false;
        if (n != 1) return fail(v, GB_ERROR_INVALID, "invalid result arity");
        if (!gb_read_valtype(&v->r, v->m, &a, &kind)) return fail(v, kind, v->r.why);
        return pop(v, GB_I32) && pop(v, a) && pop(v, a) && push(v, a);
    }
    if (!pop(v, GB_I32) || !pop_any(v, &a) || !pop_any(v, &b)) return false;
    if (!is_number(a) || !is_number(b))
        return fail(v, GB_ERROR_INVALID, "type mismatch: select without a type wants numbers or vectors");
    if (a != b && a != GB_NOTYPE && b != GB_NOTYPE) return mismatch(v, b, a, false);
    return push(v, a == GB_NOTYPE ? b : a);
}

static bool check_ref(validator *v) {
    uint32_t index;
    gb_error_kind kind;
    gb_valtype type;
    switch (v->op) {
    case GB_OP_ref_null:
        if (!gb_read_heaptype(&v->r, v->m, &index, &kind)) return fail(v, kind, v->r.why);
        return push(v, GB_REFTYPE(true, index));
    case GB_OP_ref_is_null:
        if (!pop_any(v, &type)) return false;
        if (type != GB_NOTYPE && !gb_valtype_is_ref(type))
            return mismatch(v, GB_REFTYPE(true, GB_HEAP_BOTTOM), type, false);
        return push(v, GB_I32);
    default: break;
    }
    if (!read_u32(v, &index)) return false;
    if (index >= v->m->function_count) return unknown(v, "function", index);
    if (!(v->m->declared[index / 8] >> index % 8 & 1))
        return fail(v, GB_ERROR_INVALID, "undeclared function reference");
    return push(v, GB_REFTYPE(false, v->m->functions[index].type));
}

static bool check_throw(validator *v) {
    uint32_t tag;
    if (v->op == GB_OP_throw) {
        if (!read_u32(v, &tag)) return false;
        if (tag >= v->m->tag_count) return unknown(v, "tag", tag);
        const gb_functype *type = &v->m->types.types[v->m->tags[tag]];
        if (!pop_all(v, type->params, type->param_count)) return false;
    } else if (!pop(v, GB_EXNREF)) {
        return false;
    }
    set_unreachable(v);
    return true;
}

/* ---- tables and segments ---------------------------------------------------------------------- */

static bool read_table(validator *v, gb_valtype *element) {
    uint32_t index;
    if (!read_u32(v, &index)) return false;
    if (index >= v->m->table_count) return unknown(v, "table", index);
    *element = v->m->tables[index].element;
    return true;
}

static bool read_elem(validator *v, gb_valtype *element) {
    uint32_t index;
    if (!read_u32(v, &index)) return false;
    if (index >= v->m->elem_count) return unknown(v, "elem segment", index);
    *element = v->m->elems[index].type;
    return true;
}

static bool check_table(validator *v) {
    gb_valtype element;
    if (!read_table(v, &element)) return false;
    switch (v->op) {
    case GB_OP_table_get: return pop(v, GB_I32) && push(v, element);
    case GB_OP_table_set: return pop(v, element) && pop(v, GB_I32);
    case GB_OP_table_grow: return pop(v, GB_I32) && pop(v, element) && push(v, GB_I32);
    default: return pop(v, GB_I32) && pop(v, element) && pop(v, GB_I32); /* table.fill */
    }
}

static bool check_table_pair(validator *v) {
    gb_valtype to, from;
    bool ok = v->op == GB_OP_table_init ? read_elem(v, &from) && read_table(v, &to)
                                        : read_table(v, &to) && read_table(v, &from);
    return ok && (gb_valtype_matches(from, to) || mismatch(v, to, from, false));
}

static bool read_data(validator *v) {
    uint32_t index;
    if (!v->m->has_data_count && v->m->data_count > 0) {
        v->r.why = "data count section required";
        return malformed(v);
    }
    if (!read_u32(v, &index)) return false;
    return index < v->m->data_count || unknown(v, "data segment", index);
}

static bool read_memory(validator *v) {
    uint8_t zero;
    if (!gb_read_u8(&v->r, &zero)) return malformed(v);
    if (zero != 0) {
        v->r.why = "zero byte expected";
        return malformed(v);
    }
    return v->m->memory_count > 0 || unknown(v, "memory", 0);
}

/* ---- instructions ------------------------------------------------------------------------------ */

static bool read_memarg(validator *v, unsigned natural) {
    uint32_t align, offset;
    if (!read_u32(v, &align)) return false;
    if (align >= 32) {
        v->r.why = "malformed memop flags";
        return malformed(v);
    }
    if (!read_u32(v, &offset)) return false;
    if (align > natural) return fail(v, GB_ERROR_INVALID, "alignment must not be larger than natural");
    return v->m->memory_count > 0 || unknown(v, "memory", 0);
}

static bool read_lanes(validator *v, unsigned count, unsigned limit) {
    const uint8_t *lanes;
    if (!gb_read_bytes(&v->r, count, &lanes)) return malformed(v);
    for (unsigned i = 0; i < count; i++)
        if (lanes[i] >= limit) return fail(v, GB_ERROR_INVALID, "invalid lane index");
    return true;
}

/* Immediates of instructions whose operand types depend on the opcode alone. */
static inline bool read_immediates(validator *v, const gb_opcode_info *info) {
    int32_t i32;
    int64_t i64;
    gb_valtype ignored;
    const uint8_t *bytes;
    switch (info->immediate) {
    case GB_IMM_NONE: return true;
    case GB_IMM_I32: return gb_read_i32(&v->r, &i32) || malformed(v);
    case GB_IMM_I64: return gb_read_i64(&v->r, &i64) || malformed(v);
    case GB_IMM_F32: return gb_read_bytes(&v->r, 4, &bytes) || malformed(v);
    case GB_IMM_F64: return gb_read_bytes(&v->r, 8, &bytes) || malformed(v);
    case GB_IMM_V128: return gb_read_bytes(&v->r, 16, &bytes) || malformed(v);
    case GB_IMM_MEMARG: return read_memarg(v, info->aux);
    case GB_IMM_MEMARG_LANE: return read_memarg(v, info->aux) && read_lanes(v, 1, 16U >> info->aux);
    case GB_IMM_LANE: return read_lanes(v, 1, info->aux);
    case GB_IMM_SHUFFLE: return read_lanes(v, 16, info->aux);
    case GB_IMM_MEMORY: return read_memory(v);
    case GB_IMM_MEMORY_MEMORY: return read_memory(v) && read_memory(v);
    case GB_IMM_DATA: return read_data(v);
    case GB_IMM_DATA_MEMORY: return read_data(v) && read_memory(v);
    case GB_IMM_TABLE: return read_table(v, &ignored);
    case GB_IMM_ELEM: return read_elem(v, &ignored);
    case GB_IMM_TABLE_TABLE:
    case GB_IMM_ELEM_TABLE: return check_table_pair(v);
    default: return false;
    }
}

static inline bool check_fixed(validator *v, const gb_opcode_info *info) {
    if (!read_immediates(v, info)) return false;
    for (unsigned n = info->pops; n-- > 0;)
        if (!pop(v, info->operand[n])) return false;
    return info->result == 0 || push(v, info->result);
}

static bool check_special(validator *v) {
    switch (v->op) {
    case GB_OP_unreachable: set_unreachable(v); return true;
    case GB_OP_nop: return true;
    case GB_OP_block:
    case GB_OP_loop:
    case GB_OP_if: return check_block(v);
    case GB_OP_else: return check_else(v);
    case GB_OP_end: return check_end(v);
    case GB_OP_try_table: return check_try(v);
    case GB_OP_br:
    case GB_OP_br_if: return check_branch(v);
    case GB_OP_br_table: return check_br_table(v);
    case GB_OP_return:
        if (!pop_all(v, v->type->results, v->type->result_count)) return false;
        set_unreachable(v);
        return true;
    case GB_OP_call:
    case GB_OP_return_call: return check_call(v);
    case GB_OP_call_indirect:
    case GB_OP_return_call_indirect: return check_call_indirect(v);
    case GB_OP_throw:
    case GB_OP_throw_ref: return check_throw(v);
    case GB_OP_drop: {
        gb_valtype type;
        return pop_any(v, &type);
    }
    case GB_OP_select:
    case GB_OP_select_t: return check_select(v);
    case GB_OP_global_get:
    case GB_OP_global_set: return check_global(v);
    case GB_OP_table_get:
    case GB_OP_table_set:
    case GB_OP_table_grow:
    case GB_OP_table_fill: return check_table(v);
    case GB_OP_ref_null:
    case GB_OP_ref_is_null:
    case GB_OP_ref_func: return check_ref(v);
    default: return fail(v, GB_ERROR_MALFORMED, "illegal opcode");
    }
}

/* ---- bodies ------------------------------------------------------------------------------------ */

static bool add_run(validator *v, uint32_t n, gb_valtype type) {
    if (n == 0) return true;
    if (v->run_count == v->run_capacity) {
        size_t capacity = v->run_capacity * 2 + 16;
        local_run *runs = realloc(v->runs, capacity * sizeof *runs);
        if (!runs) return out_of_memory(v);
        v->runs = runs;
        v->run_capacity = capacity;
    }
    for (uint32_t i = v->local_count; i < v->local_count + n && i < QUICK_LOCALS; i++) v->quick[i] = type;
    v->local_count += n;
    v->runs[v->run_count++] = (local_run){.end = v->local_count, .type = type};
    v->function->local_slots += n * gb_valtype_slots(type);
    if (type == GB_V128) v->function->flags |= GB_FUNCTION_SIMD;
    return true;
}

/* First all counts are added up: the official suite wants "too many locals" before a run's type. */
static bool read_locals(validator *v) {
    uint32_t runs;
    uint64_t total = 0;
    v->run_count = 0;
    v->local_count = 0;
    for (uint32_t i = 0; i < v->type->param_count; i++)
        if (!add_run(v, 1, v->type->params[i])) return false;
    if (!read_u32(v, &runs)) return false;
    for (uint32_t i = 0; i < runs; i++) {
        uint32_t n;
        gb_valtype type;
        gb_error_kind kind;
        v->at = v->r.at;
        if (!read_u32(v, &n)) return false;
        total += n;
        if (total > UINT32_MAX) return fail(v, GB_ERROR_MALFORMED, "too many locals");
        if (!gb_read_valtype(&v->r, v->m, &type, &kind)) return fail(v, kind, v->r.why);
        if (!gb_valtype_is_defaultable(type))
            return fail(v, GB_ERROR_INVALID, "locals of non-null reference types are not supported");
        if (total <= GB_LOCALS_MAX && !add_run(v, n, type)) return false;
    }
    if (total > GB_LOCALS_MAX) return fail(v, GB_ERROR_INVALID, "too many locals: at most 50000 are supported");
    v->function->local_count = (uint32_t)total;
    return true;
}

/* One instruction, whatever it is, with every check. */
static bool check_instruction(validator *v) {
    v->at = v->r.at;
    v->op = gb_read_opcode(&v->r);
    if (v->op == GB_OP_NONE) {
        if (v->r.at == v->r.end) v->r.why = "unexpected end of section or function";
        return malformed(v);
    }
    const gb_opcode_info *info = &gb_opcode_infos[v->op];
    if (info->shape >= GB_SHAPE_V_CONST) v->function->flags |= GB_FUNCTION_SIMD;
    if (v->op == GB_OP_memory_grow) v->function->flags |= GB_FUNCTION_GROWS;
    return info->immediate == GB_IMM_LOCAL    ? check_local(v)
           : info->shape == GB_SHAPE_SPECIAL ? check_special(v)
                                             : check_fixed(v, info);
}

/* Steps over a LEB128 of at most `most` bytes with the bits of that many; NULL when it is longer. */
static inline const uint8_t *step_leb(const uint8_t *p, unsigned most) {
    for (unsigned i = 0; i < most; i++)
        if (p[i] < 0x80) return p + i + 1;
    return NULL;
}

/* The instructions that most code consists of, as long as nothing about them is out of the ordinary: operands of exactly the
 * types wanted, in this block, immediates of few bytes. At anything else it stops in front of the instruction. */
static void check_plain(validator *v) {
    enum { LONGEST = 12 }; /* bytes that one of them can have */
    if (!v->stack) return; /* no operand was ever pushed */
    const uint8_t *p = v->r.at, *next;
    const frame *f = top_frame(v);
    gb_valtype *const bottom = v->stack + f->height, *const limit = v->stack + v->capacity;
    gb_valtype *top = v->stack + v->count, *most = v->stack + v->most;
    uint32_t locals = v->local_count < QUICK_LOCALS ? v->local_count : (uint32_t)QUICK_LOCALS;
    for (; v->r.end - p >= LONGEST && top < limit; p = next) {
        gb_opcode op = (gb_opcode)gb_opcode_map[*p];
        const gb_opcode_info *info = &gb_opcode_infos[op];
        switch ((gb_shape)info->shape) {
        case GB_SHAPE_SPECIAL:
            if (info->immediate != GB_IMM_LOCAL || p[1] >= 0x80 || p[1] >= locals) goto stop;
            next = p + 2;
            if (op == GB_OP_local_get) {
                *top++ = v->quick[p[1]];
                break;
            }
            if (top == bottom || top[-1] != v->quick[p[1]]) goto stop;
            top -= op == GB_OP_local_set;
            continue;
        case GB_SHAPE_CONST:
            next = op == GB_OP_i32_const   ? step_leb(p + 1, 4)
                   : op == GB_OP_i64_const ? step_leb(p + 1, 9)
                   : op == GB_OP_f32_const ? p + 5
                                           : p + 9;
            if (!next) goto stop;
            *top++ = info->result;
            break;
        case GB_SHAPE_UNARY:
        case GB_SHAPE_TRUNC:
            if (*p >= 0xFC || top == bottom || top[-1] != info->operand[0]) goto stop;
            top[-1] = info->result;
            next = p + 1;
            continue;
        case GB_SHAPE_BINARY:
        case GB_SHAPE_DIVIDE:
        case GB_SHAPE_COMPARE:
        case GB_SHAPE_COMPARE_F:
            if (top - bottom < 2 || top[-1] != info->operand[1] || top[-2] != info->operand[0]) goto stop;
            top--;
            top[-1] = info->result;
            next = p + 1;
            continue;
        case GB_SHAPE_LOAD:
            next = step_leb(p + 2, 4);
            if (!next || p[1] > info->aux || v->m->memory_count == 0) goto stop;
            if (top == bottom || top[-1] != GB_I32) goto stop;
            top[-1] = info->result;
            continue;
        case GB_SHAPE_STORE:
            next = step_leb(p + 2, 4);
            if (!next || p[1] > info->aux || v->m->memory_count == 0) goto stop;
            if (top - bottom < 2 || top[-1] != info->operand[1] || top[-2] != GB_I32) goto stop;
            top -= 2;
            continue;
        default: goto stop;
        }
        if (top > most) most = top;
    }
stop:
    v->r.at = p;
    v->count = (size_t)(top - v->stack);
    v->most = (size_t)(most - v->stack);
}

static bool check_body(validator *v) {
    gb_function *f = v->function;
    v->r = (gb_reader){.at = v->m->bytes + f->body, .end = v->m->bytes + f->end};
    v->type = &v->m->types.types[f->type];
    v->count = v->most = 0;
    v->frame_count = v->frame_most = 0;
    f->local_slots = f->flags = 0;
    if (!read_locals(v)) return false;
    f->code = (uint32_t)(v->r.at - v->m->bytes);
    v->op = GB_OP_end;
    /* The body is a block whose results are the function's; its parameters are locals. */
    if (!push_frame(v, GB_OP_block, (gb_blocktype){0})) return false;
    gb_functype results_only = *v->type;
    results_only.param_count = 0;
    v->frames[0].type.type = &results_only;
    do {
        check_plain(v);
        if (!check_instruction(v)) return false;
    } while (v->frame_count > 0);
    if (v->r.at != v->r.end) {
        v->r.why = "END opcode expected";
        return malformed(v);
    }
    f->operand_slots = (uint32_t)v->most * (f->flags & GB_FUNCTION_SIMD ? 2 : 1);
    f->label_depth = (uint32_t)v->frame_most;
    return true;
}

static bool validate_range(gb_module *m, uint32_t first, uint32_t end, gb_error *err) {
    validator *v = calloc(1, sizeof *v);
    if (!v) return gb_fail(err, GB_ERROR_MEMORY, "out of memory while validating");
    v->m = m;
    v->err = err;
    bool ok = true;
    for (uint32_t i = first; ok && i < end; i++) {
        v->function = &m->functions[i];
        ok = check_body(v);
    }
    free(v->stack);
    free(v->frames);
    free(v->runs);
    free(v);
    return ok;
}

bool gb_module_validate_bodies(gb_module *m, gb_error *err) {
    return validate_range(m, m->imported[GB_EXTERN_FUNC], m->function_count, err);
}

/* Several threads may want the same body: one validates, the others wait. */
bool gb_module_validate_body(gb_module *m, uint32_t function, gb_error *err) {
    if (!m->bodies) return true;
    atomic_uchar *state = &m->bodies[function];
    for (;;) {
        unsigned char seen = GB_BODY_UNKNOWN;
        if (atomic_compare_exchange_strong(state, &seen, GB_BODY_BUSY)) break;
        if (seen == GB_BODY_VALID) return true;
        if (seen == GB_BODY_BUSY) sched_yield();
        if (seen == GB_BODY_INVALID) return validate_range(m, function, function + 1, err); /* for its message */
    }
    bool ok = validate_range(m, function, function + 1, err);
    atomic_store(state, ok ? GB_BODY_VALID : GB_BODY_INVALID);
    return ok;
}
