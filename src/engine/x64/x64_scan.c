#include "engine/x64/x64_lower.h"

enum { WEIGHT_STEP = 3, WEIGHT_MAX = 1 << 12 }; /* a loop's uses count eightfold, down to four deep */

typedef struct scan {
    x64_compiler *c;
    uint32_t weight;
    uint32_t undo_count;
    uint32_t depth;
    uint32_t out_bytes;
    bool uses_context;
} scan;

static void add_weight(uint32_t *sum, uint32_t weight) {
    *sum += weight;
    if (*sum < weight) *sum = UINT32_MAX;
}

static void open_block(scan *s, bool loop) {
    s->c->scan_blocks[s->depth++] = (x64_scan_block){s->undo_count, s->weight};
    if (loop && s->weight < WEIGHT_MAX) s->weight <<= WEIGHT_STEP;
}

/* What a block set is not known to be set behind it. (`zero` holds 2 for "set so far" meanwhile.) */
static void undo_to(scan *s, uint32_t count) {
    while (s->undo_count > count) s->c->locals[s->c->undo[--s->undo_count]].zero &= 1;
}

static void read_local(scan *s, uint32_t local) {
    x64_local *l = &s->c->locals[local];
    add_weight(&l->weight, s->weight);
    if (!(l->zero & 2)) l->zero |= 1;
}

static void write_local(scan *s, uint32_t local) {
    x64_local *l = &s->c->locals[local];
    add_weight(&l->weight, s->weight);
    if (l->zero & 2) return;
    l->zero |= 2;
    s->c->undo[s->undo_count++] = local;
}

static void saw_call(scan *s, const gb_functype *type) {
    s->c->has_calls = true;
    add_weight(&s->c->call_weight, s->weight);
    uint32_t bytes = type ? x64_out_bytes(type) : 0;
    if (bytes > s->out_bytes) s->out_bytes = bytes;
}

static void saw_function_call(scan *s, uint32_t function) {
    saw_call(s, gb_module_functype(s->c->module, function));
    if (function < s->c->module->imported[GB_EXTERN_FUNC]) s->uses_context = true;
}

static void saw_throw(scan *s, uint32_t tag) {
    const gb_functype *type = &s->c->module->types.types[s->c->module->tags[tag]];
    saw_call(s, NULL);
    uint32_t bytes = (uint32_t)type->param_slots * 8;
    if (bytes > s->out_bytes) s->out_bytes = bytes;
}

/* Instructions behind a prefix, and the less frequent ones: false when they are not supported. */
static bool scan_rare(scan *s, uint32_t op, const gb_opcode_info *info) {
    x64_compiler *c = s->c;
    const uint8_t *after = c->pc;
    switch (op) {
    case GB_OP_call_indirect:
        saw_call(s, &c->module->types.types[c->module->type_map[x64_read_u32(c)]]);
        s->uses_context = true;
        break;
    case GB_OP_throw: saw_throw(s, x64_read_u32(c)); break;
    case GB_OP_return_call:
    case GB_OP_return_call_indirect: return false;
    case GB_OP_try_table: s->uses_context = true; break;
    case GB_OP_throw_ref:
    case GB_OP_memory_grow:
    case GB_OP_memory_init:
    case GB_OP_memory_copy:
    case GB_OP_memory_fill:
    case GB_OP_data_drop:
    case GB_OP_table_get:
    case GB_OP_table_set:
    case GB_OP_table_grow:
    case GB_OP_table_fill:
    case GB_OP_table_copy:
    case GB_OP_table_init:
    case GB_OP_elem_drop: saw_call(s, NULL); break;
    default: break;
    }
    c->pc = after;
    x64_skip(&c->pc, info);
    return true;
}

/* Immediates of the ordinary one-byte instructions: none, one or two LEB128, 4 or 8 bytes. RARE ones may matter here. */
typedef enum form { RARE, PLAIN, ONE, TWO, FOUR, EIGHT } form;
enum {
    FORM_NONE = PLAIN, FORM_LABEL = ONE, FORM_GLOBAL = ONE, FORM_I32 = ONE, FORM_I64 = ONE, FORM_MEMARG = TWO,
    FORM_F32 = FOUR, FORM_F64 = EIGHT,
    FORM_BLOCK = RARE, FORM_LABELS = RARE, FORM_FUNC = RARE, FORM_TYPE_TABLE = RARE, FORM_SELECT = RARE,
    FORM_TRY = RARE, FORM_TAG = RARE, FORM_LOCAL = RARE, FORM_TABLE = RARE, FORM_TABLE_TABLE = RARE,
    FORM_ELEM = RARE, FORM_ELEM_TABLE = RARE, FORM_DATA = RARE, FORM_DATA_MEMORY = RARE, FORM_MEMORY = RARE,
    FORM_MEMORY_MEMORY = RARE, FORM_MEMARG_LANE = RARE, FORM_LANE = RARE, FORM_SHUFFLE = RARE,
    FORM_HEAPTYPE = RARE, FORM_V128 = RARE,
};
static const uint8_t forms[GB_OPCODE_SLOTS] = {
#define X(id, prefix, code, text, imm, a, b, c, result, aux, shape)                                \
    [(prefix) == 0xfc   ? GB_OPCODE_FC + (code)                                                    \
     : (prefix) == 0xfd ? GB_OPCODE_FD + (code)                                                    \
                        : (code)] =                                                                \
        GB_SHAPE_##shape == GB_SHAPE_SPECIAL && GB_IMM_##imm == GB_IMM_NONE ? RARE : FORM_##imm,
    GB_OPCODES(X)
#undef X
};

static inline const uint8_t *behind_leb(const uint8_t *pc) {
    while (*pc++ & 0x80) {}
    return pc;
}

/* Passes over ordinary instructions up to one that matters. */
static void pass_ordinary(x64_compiler *c) {
    const uint8_t *pc = c->pc;
    for (;;) {
        switch ((form)forms[*pc]) {
        case PLAIN: pc++; break;
        case ONE: pc = behind_leb(pc + 1); break;
        case TWO: pc = behind_leb(behind_leb(pc + 1)); break;
        case FOUR: pc += 5; break;
        case EIGHT: pc += 9; break;
        case RARE: c->pc = pc; return;
        }
    }
}

bool x64_scan(x64_compiler *c) {
    scan s = {.c = c, .weight = 1};
    const uint8_t *start = c->pc;
    open_block(&s, false);
    while (s.depth) {
        pass_ordinary(c);
        uint8_t code = *c->pc;
        switch (code) {
        case 0x20: c->pc++, read_local(&s, x64_read_u32(c)); break;
        case 0x21:
        case 0x22: c->pc++, write_local(&s, x64_read_u32(c)); break;
        case 0x10: c->pc++, saw_function_call(&s, x64_read_u32(c)); break;
        case 0x05: c->pc++, undo_to(&s, c->scan_blocks[s.depth - 1].undo_count); break;
        case 0x0B:
            c->pc++;
            s.depth--;
            undo_to(&s, c->scan_blocks[s.depth].undo_count);
            s.weight = c->scan_blocks[s.depth].weight;
            break;
        case 0x02:
        case 0x03:
        case 0x04:
        case 0x1F: open_block(&s, code == 0x03); /* fall through */
        default: {
            uint32_t op;
            const gb_opcode_info *info = x64_opcode_at(&c->pc, &op);
            if (!scan_rare(&s, op, info)) return false;
        }
        }
    }
    c->pc = start;
    c->out_bytes = (s.out_bytes + 7) & ~7u;
    c->context_slot = 0;
    if (s.uses_context) {
        c->context_slot = c->out_bytes ? c->out_bytes : 8; /* 0 says that there is none */
        if (!c->out_bytes) c->out_bytes = 8;
    }
    return true;
}

/* ---- homes ------------------------------------------------------------------------------------ */

enum { MOST_HOMES = 17 };

typedef struct ranking {
    uint32_t count;
    uint32_t most;
    uint32_t local[MOST_HOMES];
} ranking;

/* Keeps the heaviest, in descending order. */
static void rank(const x64_compiler *c, ranking *r, uint32_t local) {
    uint32_t weight = c->locals[local].weight;
    if (r->count == r->most) {
        if (weight <= c->locals[r->local[r->count - 1]].weight) return;
        r->count--;
    }
    uint32_t at = r->count++;
    while (at && c->locals[r->local[at - 1]].weight < weight) {
        r->local[at] = r->local[at - 1];
        at--;
    }
    r->local[at] = local;
}

static void give_home(x64_compiler *c, uint32_t local, uint8_t reg) {
    c->locals[local].home = reg;
    c->home_local[reg] = (uint16_t)local;
    c->used_homes |= X64_BIT(reg);
}

/* The registers in which parameters arrive, while they are wanted there. */
static uint8_t arrival(const x64_compiler *c, uint32_t local) {
    if (local >= c->param_count) return X64_NO_REG;
    x64_layout l;
    uint32_t stack;
    x64_layout_init(&l, c->type);
    uint8_t reg = X64_NO_REG;
    for (uint32_t i = 0; i <= local; i++) reg = x64_layout_next(&l, (x64_type)c->locals[i].type, &stack);
    return reg;
}

/* Registers that a call destroys pay only when their local is used more often than it would have to be saved
 * and reloaded. */
static bool pays_volatile(const x64_compiler *c, uint32_t weight) {
    return weight > 1 && weight / 3 >= c->call_weight;
}

/* A function without calls keeps parameters where they arrive; else preserved registers come first. */
static void int_homes(x64_compiler *c, const ranking *r) {
    uint32_t loose = X64_SET_E, saved = 0;
    for (unsigned i = 0; i < X64_SAVED_COUNT; i++) saved |= X64_BIT(x64_saved[i]);
    if (!c->call_weight) {
        for (uint32_t i = 0; i < r->count; i++) {
            uint8_t reg = arrival(c, r->local[i]);
            if (reg == X64_NO_REG || !(loose & X64_BIT(reg))) continue;
            give_home(c, r->local[i], reg);
            loose &= ~X64_BIT(reg);
        }
    }
    for (uint32_t i = 0; i < r->count; i++) {
        x64_local *l = &c->locals[r->local[i]];
        if (l->home != X64_NO_REG) continue;
        bool prefer_loose = !c->call_weight && loose;
        if (!prefer_loose && saved && l->weight >= 3) {
            uint8_t reg = (uint8_t)x64_first(saved);
            give_home(c, r->local[i], reg);
            saved &= saved - 1;
        } else if (loose && pays_volatile(c, l->weight)) {
            /* From the top, so that the first arguments keep their registers as temporaries. */
            uint8_t reg = (uint8_t)(31 - __builtin_clz(loose));
            give_home(c, r->local[i], reg);
            loose &= ~X64_BIT(reg);
        }
    }
}

static void float_homes(x64_compiler *c, const ranking *r) {
    for (uint32_t i = 0; i < r->count; i++) {
        if (!pays_volatile(c, c->locals[r->local[i]].weight)) break;
        give_home(c, r->local[i], (uint8_t)(X64_XMM + 13 - i));
    }
}

void x64_choose_homes(x64_compiler *c) {
    c->used_homes = c->volatile_homes = 0;
    if (c->features & GB_X64_STRESS_SPILL) return;
    ranking ints = {.most = 9}, floats = {.most = 8};
    for (uint32_t i = 0; i < c->local_count; i++) {
        if (c->locals[i].weight < 2) continue;
        rank(c, x64_is_int((x64_type)c->locals[i].type) ? &ints : &floats, i);
    }
    int_homes(c, &ints);
    float_homes(c, &floats);
    uint32_t saved = 0;
    for (unsigned i = 0; i < X64_SAVED_COUNT; i++) saved |= X64_BIT(x64_saved[i]);
    if (c->call_weight) c->volatile_homes = c->used_homes & ~saved;
}
