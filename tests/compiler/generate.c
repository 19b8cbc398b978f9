#include "generate.h"

#include <stdlib.h>
#include <string.h>

#include "engine/opcodes.h"
#include "engine/types.h"

/* ---- choices ---------------------------------------------------------------------------------- */

enum { I32, I64, F32, F64, V128, FUNCREF, TYPES };
static const uint8_t type_bytes[TYPES] = {0x7F, 0x7E, 0x7D, 0x7C, 0x7B, 0x70};

enum { MOST_PARAMS = 12, MOST_RESULTS = 3, MOST_FUNCS = 8, MOST_LOCALS = 24, MOST_LABELS = 40, TAGS = 3,
       GLOBALS = 6, TABLE_SIZE = 10, SIGS = MOST_FUNCS + TAGS + 2 };

typedef struct sig {
    unsigned params, results;
    uint8_t param[MOST_PARAMS], result[MOST_RESULTS];
} sig;

typedef struct label {
    uint8_t arity;
    uint8_t type[MOST_RESULTS];
    bool is_loop;
} label;

typedef struct generator {
    uint64_t state;
    unsigned features;
    gb_buffer code;
    sig sigs[SIGS]; /* functions, then tags, then two for blocks */
    unsigned func_count;
    uint8_t local[MOST_LOCALS + MOST_PARAMS];
    unsigned local_count, func;
    label labels[MOST_LABELS];
    unsigned label_count;
    int budget; /* expressions that the function may still have */
} generator;

static uint32_t next(generator *g) { /* splitmix64 */
    uint64_t z = g->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)(z >> 32);
}
static unsigned below(generator *g, unsigned n) { return (unsigned)((uint64_t)next(g) * n >> 32); }
static bool chance(generator *g, unsigned percent) { return below(g, 100) < percent; }

/* ---- bytes ------------------------------------------------------------------------------------- */

static void byte(generator *g, unsigned b) {
    uint8_t v = (uint8_t)b;
    gb_buffer_append(&g->code, &v, 1);
}
static void leb(generator *g, uint64_t v) {
    for (; v >= 0x80; v >>= 7) byte(g, (unsigned)(v & 0x7F) | 0x80);
    byte(g, (unsigned)v);
}
static void sleb(generator *g, int64_t v) {
    for (;;) {
        unsigned low = (unsigned)(v & 0x7F);
        v >>= 7;
        if ((v == 0 && !(low & 0x40)) || (v == -1 && (low & 0x40))) {
            byte(g, low);
            return;
        }
        byte(g, low | 0x80);
    }
}
/* Compilers write indices with five bytes, to be filled in by a linker. */
static void index_leb(generator *g, uint32_t v) {
    if (chance(g, 50)) {
        leb(g, v);
        return;
    }
    for (int i = 0; i < 4; i++, v >>= 7) byte(g, (v & 0x7F) | 0x80);
    byte(g, v);
}

static uint8_t any_type(generator *g) {
    return (uint8_t)(below(g, 20) == 0 ? FUNCREF : chance(g, 45) ? below(g, 2) : below(g, g->features & GENERATE_SIMD ? 5 : 4));
}

/* ---- constants ---------------------------------------------------------------------------------- */

static uint64_t interesting(generator *g) {
    static const uint64_t some[] = {0, 1, 2, 3, 4, 7, 8, 31, 32, 63, 64, 127, 128, 255, 256, 32767, 65535, 65536,
                                    0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF,
                                    0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF80000000, 10, 1000};
    uint64_t v = chance(g, 70) ? some[below(g, sizeof some / sizeof *some)] : (uint64_t)next(g) << 32 | next(g);
    if (chance(g, 20)) v = 0 - v;
    if (chance(g, 20)) v += below(g, 5);
    return v;
}

static uint64_t interesting_float(generator *g, bool is_double) {
    static const double some[] = {0.0, 1, 0.5, 1.5, 2.5, 3.4e38, 1e-40, 2147483647.0, 2147483648.0, 4294967295.0,
                                  4294967296.0, 9223372036854775807.0, 18446744073709551615.0, 1e300, 5e-324,
                                  0.49999997, 8388607.5, 123.456};
    double d = some[below(g, sizeof some / sizeof *some)];
    uint64_t bits = 0;
    if (chance(g, 15)) d = chance(g, 50) ? __builtin_inf() : __builtin_nan("");
    if (chance(g, 40)) d = -d;
    if (is_double) {
        memcpy(&bits, &d, 8);
    } else {
        float f = (float)d;
        memcpy(&bits, &f, 4);
    }
    if (d != d) bits = is_double ? 0x7FF8000000000000 : 0x7FC00000;
    return bits;
}

static void raw(generator *g, uint64_t bits, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) byte(g, (unsigned)(bits >> 8 * i) & 0xFF);
}

static void constant(generator *g, uint8_t type) {
    switch (type) {
    case I32: byte(g, 0x41), sleb(g, (int32_t)interesting(g)); break;
    case I64: byte(g, 0x42), sleb(g, (int64_t)interesting(g)); break;
    case F32: byte(g, 0x43), raw(g, interesting_float(g, false), 4); break;
    case F64: byte(g, 0x44), raw(g, interesting_float(g, true), 8); break;
    case V128:
        byte(g, 0xFD), leb(g, 0x0C);
        if (chance(g, 30)) {
            for (int i = 0; i < 4; i++) raw(g, interesting_float(g, false), 4);
        } else {
            raw(g, interesting(g), 8), raw(g, interesting(g), 8);
        }
        break;
    default:
        if (chance(g, 50)) {
            byte(g, 0xD0), byte(g, 0x70);
        } else {
            byte(g, 0xD2), leb(g, below(g, g->func_count));
        }
        break;
    }
}

/* ---- expressions --------------------------------------------------------------------------------- */

static void expression(generator *g, uint8_t type, int depth);
static void statements(generator *g, int depth);

static bool pick_local(generator *g, uint8_t type, unsigned *found) {
    unsigned start = g->local_count ? below(g, g->local_count) : 0;
    for (unsigned i = 0; i < g->local_count; i++) {
        unsigned k = (start + i) % g->local_count;
        if (g->local[k] != type) continue;
        *found = k;
        return true;
    }
    return false;
}

/* A local of each type is kept for making NaNs canonical: the last ones. */
static unsigned spare_local(const generator *g, uint8_t type) { return g->local_count + type; }

/* The value on top, of arithmetic, becomes canonical where it is a NaN. */
static void canonical(generator *g, uint8_t type, bool doubles) {
    unsigned l = spare_local(g, type);
    if (type == V128) {
        byte(g, 0x22), leb(g, l);
        byte(g, 0xFD), leb(g, 0x0C);
        for (int i = 0; i < 2; i++) raw(g, doubles ? 0x7FF8000000000000 : 0x7FC000007FC00000, 8);
        byte(g, 0x20), leb(g, l), byte(g, 0x20), leb(g, l);
        byte(g, 0xFD), leb(g, doubles ? 0x47 : 0x41); /* eq with itself */
        byte(g, 0xFD), leb(g, 0x52); /* bitselect */
        return;
    }
    byte(g, 0x22), leb(g, l);
    if (type == F32) {
        byte(g, 0x43), raw(g, 0x7FC00000, 4);
    } else {
        byte(g, 0x44), raw(g, 0x7FF8000000000000, 8);
    }
    byte(g, 0x20), leb(g, l), byte(g, 0x20), leb(g, l);
    byte(g, type == F32 ? 0x5B : 0x61);
    byte(g, 0x1B);
}

static int type_of(unsigned valtype) {
    for (int i = 0; i < FUNCREF; i++) {
        if (type_bytes[i] == valtype) return i;
    }
    return -1;
}

/* Bits of its NaN results are not determined. */
static bool makes_nan(unsigned op, const gb_opcode_info *info) {
    const char *text = gb_opcode_text(op);
    if (info->result == GB_F32 || info->result == GB_F64) {
        return info->shape != GB_SHAPE_LOAD && info->shape != GB_SHAPE_CONST && !strstr(text, "reinterpret") &&
               !strstr(text, "lane");
    }
    return info->result == GB_V128 && (strncmp(text, "f32x4.", 6) == 0 || strncmp(text, "f64x2.", 6) == 0) &&
           !strstr(text, "splat") && !strstr(text, "lane");
}

static void address(generator *g, int depth) {
    expression(g, I32, depth - 1);
    if (chance(g, 97)) {
        byte(g, 0x41), sleb(g, 0xFFFF);
        byte(g, 0x71);
    }
}

static void immediate(generator *g, const gb_opcode_info *info) {
    switch ((gb_immediate)info->immediate) {
    case GB_IMM_MEMARG:
    case GB_IMM_MEMARG_LANE:
        leb(g, below(g, info->aux + 1u));
        leb(g, chance(g, 60) ? 0 : chance(g, 90) ? below(g, 300) : (uint32_t)interesting(g));
        if (info->immediate == GB_IMM_MEMARG_LANE) byte(g, below(g, 16u >> info->aux));
        break;
    case GB_IMM_LANE: byte(g, below(g, info->aux)); break;
    case GB_IMM_SHUFFLE:
        for (int i = 0; i < 16; i++) byte(g, below(g, 32));
        break;
    default: break;
    }
}

static void opcode(generator *g, unsigned op) {
    for (unsigned code = 0; code < GB_OPCODE_SLOTS; code++) {
        if (gb_opcode_map[code] != op) continue;
        if (code < GB_OPCODE_FC) {
            byte(g, code);
        } else if (code < GB_OPCODE_FD) {
            byte(g, 0xFC), leb(g, code - GB_OPCODE_FC);
        } else {
            byte(g, 0xFD), leb(g, code - GB_OPCODE_FD);
        }
        return;
    }
}

static bool is_memory(const gb_opcode_info *info) {
    return info->immediate == GB_IMM_MEMARG || info->immediate == GB_IMM_MEMARG_LANE;
}

/* A random instruction of fixed type with this result (TYPES: none). */
static bool table_instruction(generator *g, uint8_t type, int depth) {
    for (int tries = 0; tries < 400; tries++) {
        unsigned op = below(g, GB_OP_COUNT);
        const gb_opcode_info *info = &gb_opcode_infos[op];
        bool result_fits = type == TYPES ? info->result == 0 : info->result == type_bytes[type];
        if (info->shape <= GB_SHAPE_FIXED || !info->pops || !result_fits) continue;
        bool traps = info->shape == GB_SHAPE_DIVIDE || info->shape == GB_SHAPE_TRUNC;
        if (traps && chance(g, 85)) continue;
        bool vector = info->result == GB_V128;
        for (unsigned i = 0; i < info->pops; i++) vector |= info->operand[i] == GB_V128;
        if (vector && !(g->features & GENERATE_SIMD)) continue;
        for (unsigned i = 0; i < info->pops; i++) {
            if (i == 0 && is_memory(info)) {
                address(g, depth);
            } else {
                expression(g, (uint8_t)type_of(info->operand[i]), depth - 1);
            }
        }
        opcode(g, op);
        immediate(g, info);
        if (makes_nan(op, info)) canonical(g, type, gb_opcode_text(op)[1] == '6');
        return true;
    }
    return false;
}

static void block_type(generator *g, const uint8_t *types, unsigned count) {
    if (count == 0) {
        byte(g, 0x40);
    } else {
        byte(g, type_bytes[types[0]]);
    }
}

static bool open_label(generator *g, const uint8_t *types, unsigned arity, bool is_loop) {
    if (g->label_count == MOST_LABELS) return false;
    label *l = &g->labels[g->label_count++];
    l->arity = (uint8_t)(is_loop ? 0 : arity);
    l->is_loop = is_loop;
    if (arity) memcpy(l->type, types, arity);
    return true;
}

/* Counts down; the function ends by a trap when nothing is left. */
static void charge(generator *g) {
    byte(g, 0x23), leb(g, 0);
    byte(g, 0x45);
    byte(g, 0x04), byte(g, 0x40), byte(g, 0x00), byte(g, 0x0B);
    byte(g, 0x23), leb(g, 0);
    byte(g, 0x41), byte(g, 1), byte(g, 0x6B);
    byte(g, 0x24), leb(g, 0);
}

static void arguments(generator *g, const sig *s, int depth) {
    for (unsigned i = 0; i < s->params; i++) expression(g, s->param[i], depth - 1);
}

/* Only functions further down: no recursion but through the table, which the counter bounds. */
static void call(generator *g, unsigned f, int depth) {
    arguments(g, &g->sigs[f], depth);
    if (chance(g, 70)) {
        byte(g, 0x10), index_leb(g, f);
        return;
    }
    byte(g, 0x41), sleb(g, chance(g, 95) ? f : below(g, TABLE_SIZE + 2));
    byte(g, 0x11), index_leb(g, f), leb(g, 0);
}

/* Results of a call: the wanted one stays, if there is one; the others go. */
static void keep_result(generator *g, const sig *s, unsigned keep) {
    for (unsigned i = s->results; i--;) {
        if (i == keep) {
            byte(g, 0x21), leb(g, spare_local(g, s->result[i]));
        } else {
            byte(g, 0x1A);
        }
    }
    if (keep < s->results) byte(g, 0x20), leb(g, spare_local(g, s->result[keep]));
}

static bool call_for(generator *g, uint8_t type, int depth) {
    for (unsigned f = g->func + 1; f < g->func_count; f++) {
        for (unsigned r = 0; r < g->sigs[f].results; r++) {
            if (g->sigs[f].result[r] != type || chance(g, 50)) continue;
            call(g, f, depth);
            keep_result(g, &g->sigs[f], r);
            return true;
        }
    }
    return false;
}

static void structured(generator *g, uint8_t type, int depth) {
    if (g->label_count + 4 >= MOST_LABELS) {
        constant(g, type);
        return;
    }
    unsigned kind = below(g, 3);
    if (kind == 1) expression(g, I32, depth - 1);
    byte(g, kind == 0 ? 0x02 : kind == 1 ? 0x04 : 0x03);
    block_type(g, &type, 1);
    open_label(g, &type, 1, kind == 2);
    if (kind == 2) charge(g);
    if (chance(g, 60)) statements(g, depth - 1);
    expression(g, type, depth - 1);
    if (kind == 1) {
        byte(g, 0x05);
        if (chance(g, 30)) statements(g, depth - 1);
        expression(g, type, depth - 1);
    }
    g->label_count--;
    byte(g, 0x0B);
}

/* A block with parameters and several results, by a type of its own. */
static void multi_block(generator *g, uint8_t type, int depth) {
    unsigned which = SIGS - 2 + below(g, 2);
    const sig *s = &g->sigs[which];
    unsigned keep = MOST_RESULTS;
    for (unsigned i = 0; i < s->results; i++) {
        if (s->result[i] == type) keep = i;
    }
    if (keep == MOST_RESULTS || g->label_count + 4 >= MOST_LABELS) {
        constant(g, type);
        return;
    }
    arguments(g, s, depth);
    unsigned kind = below(g, 3);
    if (kind == 1) expression(g, I32, depth - 1);
    byte(g, kind == 0 ? 0x02 : kind == 1 ? 0x04 : 0x03);
    leb(g, which);
    g->labels[g->label_count++] = (label){.arity = 9}; /* not for others */
    for (unsigned part = 0; part < (kind == 1 ? 2 : 1); part++) {
        if (part) byte(g, 0x05);
        for (unsigned i = s->params; i--;) {
            unsigned l;
            if (pick_local(g, s->param[i], &l)) {
                byte(g, 0x21), leb(g, l);
            } else {
                byte(g, 0x1A);
            }
        }
        for (unsigned i = 0; i < s->results; i++) expression(g, s->result[i], depth - 1);
        if (kind != 2 && chance(g, 40)) { /* leaves with what it has, or goes on with it */
            expression(g, I32, 0);
            byte(g, 0x0D), leb(g, 0);
        }
    }
    g->label_count--;
    byte(g, 0x0B);
    keep_result(g, s, keep);
}

static void expression(generator *g, uint8_t type, int depth) {
    unsigned l;
    if (depth <= 0 || --g->budget < 0) {
        if (chance(g, 75) && pick_local(g, type, &l)) {
            byte(g, 0x20), leb(g, l);
        } else {
            constant(g, type);
        }
        return;
    }
    switch (below(g, 16)) {
    case 0: constant(g, type); return;
    case 1:
    case 2:
        if (!pick_local(g, type, &l)) break;
        byte(g, 0x20), leb(g, l);
        return;
    case 3:
        if (!pick_local(g, type, &l)) break;
        expression(g, type, depth - 1);
        byte(g, 0x22), leb(g, l);
        return;
    case 4:
        if (type == FUNCREF) break;
        byte(g, 0x23), leb(g, 1u + type);
        return;
    case 5:
        expression(g, type, depth - 1);
        expression(g, type, depth - 1);
        expression(g, I32, depth - 1);
        if (type == FUNCREF) {
            byte(g, 0x1C), leb(g, 1), byte(g, type_bytes[type]);
        } else {
            byte(g, 0x1B);
        }
        return;
    case 6:
    case 7: structured(g, type, depth); return;
    case 8:
        if (call_for(g, type, depth)) return;
        break;
    case 9:
        if (chance(g, 50)) {
            multi_block(g, type, depth);
            return;
        }
        break;
    case 10:
        if (type == I32) {
            expression(g, FUNCREF, depth - 1);
            byte(g, 0xD1);
            return;
        }
        if (type == FUNCREF) {
            byte(g, 0x41), sleb(g, below(g, TABLE_SIZE + (chance(g, 5) ? 1u : 0u)));
            byte(g, 0x25), leb(g, 0);
            return;
        }
        break;
    case 11:
        if (type != I32) break;
        if (chance(g, 50)) {
            byte(g, 0x3F), byte(g, 0);
        } else if (chance(g, 50)) {
            byte(g, 0xFC), leb(g, 16), leb(g, 0);
        } else {
            byte(g, 0x41), sleb(g, below(g, 3)), byte(g, 0x40), byte(g, 0);
        }
        return;
    default: break;
    }
    if (type == FUNCREF || !table_instruction(g, type, depth)) constant(g, type);
}

/* ---- statements ------------------------------------------------------------------------------------ */

static void branch(generator *g, int depth) {
    unsigned up = below(g, g->label_count);
    const label *l = &g->labels[g->label_count - 1 - up];
    if (l->arity > MOST_RESULTS) return;
    for (unsigned i = 0; i < l->arity; i++) expression(g, l->type[i], depth - 1);
    expression(g, I32, depth - 1);
    byte(g, 0x0D), leb(g, up);
    for (unsigned i = 0; i < l->arity; i++) byte(g, 0x1A);
}

static void branch_table(generator *g, int depth) {
    unsigned up = below(g, g->label_count), count = below(g, 6);
    const label *l = &g->labels[g->label_count - 1 - up];
    if (l->arity > MOST_RESULTS) return;
    byte(g, 0x02), byte(g, 0x40); /* so that what follows the block can be reached */
    g->labels[g->label_count++] = (label){0};
    expression(g, I32, depth - 1);
    byte(g, 0x0D), leb(g, 0);
    for (unsigned i = 0; i < l->arity; i++) expression(g, l->type[i], depth - 1);
    expression(g, I32, depth - 1);
    byte(g, 0x0E), leb(g, count);
    for (unsigned i = 0; i <= count; i++) {
        unsigned other = below(g, g->label_count);
        const label *o = &g->labels[g->label_count - 1 - other];
        bool same = o->arity == l->arity && memcmp(o->type, l->type, l->arity) == 0;
        leb(g, same ? other : up + 1);
    }
    g->label_count--;
    byte(g, 0x0B);
}

static void loop(generator *g, int depth) {
    byte(g, 0x03), byte(g, 0x40);
    open_label(g, NULL, 0, true);
    charge(g);
    statements(g, depth - 1);
    expression(g, I32, depth - 1);
    byte(g, 0x0D), leb(g, 0);
    g->label_count--;
    byte(g, 0x0B);
}

/* What compilers make of the assignment of a structure: a copy of constant length, or of 8 bytes at a time. */
static void copy_structure(generator *g, int depth) {
    address(g, depth), address(g, depth);
    if (chance(g, 50)) {
        byte(g, 0x41), sleb(g, below(g, 220));
        byte(g, 0xFC), leb(g, 10), byte(g, 0), byte(g, 0);
    } else {
        byte(g, 0x29), leb(g, 0), leb(g, below(g, 64));
        byte(g, 0x37), leb(g, 0), leb(g, below(g, 64));
    }
}

static void bulk(generator *g, int depth) {
    unsigned which = below(g, 12);
    if (which >= 9) {
        copy_structure(g, depth);
        return;
    }
    if (which <= 2) {
        address(g, depth);
        if (which == 0) {
            address(g, depth);
        } else {
            expression(g, I32, depth - 1);
        }
        if (which == 2) byte(g, 0x41), sleb(g, 15), byte(g, 0x71);
        expression(g, I32, depth - 1);
        byte(g, 0x41), sleb(g, which == 2 ? 3 : 0x3F), byte(g, 0x71);
        byte(g, 0xFC), leb(g, which == 0 ? 10 : which == 1 ? 11 : 8);
        byte(g, 0);
        if (which != 1) byte(g, 0);
        return;
    }
    if (which == 3) {
        byte(g, 0xFC), leb(g, 9), leb(g, 0);
    } else if (which == 4) {
        byte(g, 0x41), sleb(g, below(g, TABLE_SIZE)), expression(g, FUNCREF, depth - 1);
        byte(g, 0x26), leb(g, 0);
    } else if (which == 5) {
        byte(g, 0x41), sleb(g, below(g, 4)), expression(g, FUNCREF, depth - 1), byte(g, 0x41), sleb(g, below(g, 4));
        byte(g, 0xFC), leb(g, 17), leb(g, 0);
    } else if (which == 6) {
        for (int i = 0; i < 3; i++) byte(g, 0x41), sleb(g, below(g, 4));
        byte(g, 0xFC), leb(g, 14), leb(g, 0), leb(g, 0);
    } else if (which == 7) {
        for (int i = 0; i < 3; i++) byte(g, 0x41), sleb(g, below(g, 3));
        byte(g, 0xFC), leb(g, 12), leb(g, 1), leb(g, 0);
    } else {
        expression(g, FUNCREF, depth - 1), byte(g, 0x41), sleb(g, below(g, 2));
        byte(g, 0xFC), leb(g, 15), leb(g, 0);
        byte(g, 0x1A);
    }
}

/* block (result …) { try_table (catch tag 0) … end, default results } store them */
static void try_block(generator *g, int depth) {
    unsigned tag = below(g, TAGS), kind = below(g, 4);
    const sig *s = &g->sigs[MOST_FUNCS + tag];
    unsigned arity = kind <= 1 ? s->params : 0;
    bool with_ref = kind == 1 || kind == 3;
    if (arity > 1 || (with_ref && arity)) kind = 2, arity = 0, with_ref = false;
    if (with_ref) {
        byte(g, 0x02), byte(g, 0x69); /* exnref */
    } else {
        byte(g, 0x02), block_type(g, s->param, arity);
    }
    g->labels[g->label_count++] = (label){.arity = (uint8_t)(with_ref ? 9 : arity), .type = {s->param[0]}};
    byte(g, 0x1F), byte(g, 0x40);
    leb(g, 1);
    byte(g, kind);
    if (kind <= 1) leb(g, tag);
    leb(g, 0);
    g->labels[g->label_count++] = (label){0};
    statements(g, depth - 1);
    if (chance(g, 60)) {
        unsigned thrown = chance(g, 70) ? tag : below(g, TAGS);
        expression(g, I32, depth - 1);
        byte(g, 0x04), byte(g, 0x40);
        g->labels[g->label_count++] = (label){0};
        arguments(g, &g->sigs[MOST_FUNCS + thrown], depth);
        byte(g, 0x08), leb(g, thrown);
        g->label_count--;
        byte(g, 0x0B);
    }
    g->label_count--;
    byte(g, 0x0B);
    if (with_ref) {
        byte(g, 0xD0), byte(g, 0x69);
    } else if (arity) {
        expression(g, s->param[0], depth - 1);
    }
    g->label_count--;
    byte(g, 0x0B);
    if (with_ref) {
        if (chance(g, 50)) {
            byte(g, 0x1A);
        } else { /* thrown again, unless it is null */
            unsigned l = spare_local(g, TYPES);
            byte(g, 0x22), leb(g, l), byte(g, 0xD1), byte(g, 0x45);
            expression(g, I32, 0);
            byte(g, 0x71);
            byte(g, 0x04), byte(g, 0x40), byte(g, 0x20), leb(g, l), byte(g, 0x0A), byte(g, 0x0B);
        }
        return;
    }
    unsigned l;
    for (unsigned i = 0; i < arity; i++) {
        if (pick_local(g, s->param[i], &l)) {
            byte(g, 0x21), leb(g, l);
        } else {
            byte(g, 0x1A);
        }
    }
}

static void statement(generator *g, int depth) {
    unsigned l;
    uint8_t type = any_type(g);
    switch (below(g, 14)) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (!pick_local(g, type, &l)) break;
        expression(g, type, depth - 1);
        byte(g, 0x21), leb(g, l);
        return;
    case 4:
        if (type == FUNCREF) break;
        expression(g, type, depth - 1);
        byte(g, 0x24), leb(g, 1u + type);
        return;
    case 5:
    case 6:
        if (table_instruction(g, TYPES, depth)) return;
        break;
    case 7:
        expression(g, I32, depth - 1);
        byte(g, 0x04), byte(g, 0x40);
        open_label(g, NULL, 0, false);
        statements(g, depth - 1);
        if (chance(g, 50)) byte(g, 0x05), statements(g, depth - 1);
        g->label_count--;
        byte(g, 0x0B);
        return;
    case 8: loop(g, depth); return;
    case 9:
        if (chance(g, 50)) {
            branch(g, depth);
        } else if (g->label_count + 1 < MOST_LABELS) {
            branch_table(g, depth);
        }
        return;
    case 10:
        if (g->func + 1 < g->func_count) {
            unsigned f = g->func + 1 + below(g, g->func_count - g->func - 1);
            call(g, f, depth);
            keep_result(g, &g->sigs[f], MOST_RESULTS);
            return;
        }
        break;
    case 11: bulk(g, depth); return;
    case 12:
        if (g->features & GENERATE_EXCEPTIONS && g->label_count + 3 < MOST_LABELS) {
            try_block(g, depth);
            return;
        }
        break;
    default: break;
    }
    expression(g, type, depth - 1);
    byte(g, 0x1A);
}

static void statements(generator *g, int depth) {
    if (depth <= 0 || g->label_count + 4 >= MOST_LABELS) return;
    for (unsigned n = 1 + below(g, 4); n; n--) statement(g, depth);
}

/* ---- the module -------------------------------------------------------------------------------------- */

static void random_sig(generator *g, sig *s, unsigned most_params, unsigned most_results) {
    s->params = below(g, most_params + 1);
    s->results = below(g, most_results + 1);
    for (unsigned i = 0; i < s->params; i++) s->param[i] = any_type(g);
    for (unsigned i = 0; i < s->results; i++) s->result[i] = any_type(g);
}

static void write_types(generator *g, const uint8_t *types, unsigned count) {
    leb(g, count);
    for (unsigned i = 0; i < count; i++) byte(g, type_bytes[types[i]]);
}

static void function(generator *g, unsigned f) {
    const sig *s = &g->sigs[f];
    g->func = f;
    memcpy(g->local, s->param, s->params);
    g->local_count = s->params;
    unsigned declared = below(g, chance(g, 20) ? MOST_LOCALS : 10);
    for (unsigned i = 0; i < declared; i++) g->local[g->local_count++] = any_type(g);
    leb(g, declared + TYPES + (g->features & GENERATE_EXCEPTIONS ? 1u : 0u));
    for (unsigned i = 0; i < declared; i++) leb(g, 1), byte(g, type_bytes[g->local[s->params + i]]);
    for (unsigned i = 0; i < TYPES; i++) {
        leb(g, 1), byte(g, type_bytes[i == V128 && !(g->features & GENERATE_SIMD) ? F64 : i]);
    }
    if (g->features & GENERATE_EXCEPTIONS) leb(g, 1), byte(g, 0x69);
    g->label_count = 0;
    g->budget = 30 + (int)below(g, chance(g, 20) ? 600 : 150);
    g->labels[g->label_count++] = (label){.arity = (uint8_t)s->results};
    memcpy(g->labels[0].type, s->result, s->results);
    charge(g);
    statements(g, 5);
    for (unsigned i = 0; i < s->results; i++) expression(g, s->result[i], 4);
    byte(g, 0x0B);
}

static void section(generator *g, gb_buffer *out, unsigned id) {
    gb_buffer content = g->code;
    g->code = *out;
    byte(g, id);
    leb(g, content.length);
    gb_buffer_append(&g->code, content.data, content.length);
    *out = g->code;
    gb_buffer_free(&content);
    g->code = (gb_buffer){0};
}

static void export(generator *g, const char *name, unsigned kind, unsigned index) {
    leb(g, strlen(name));
    gb_buffer_append(&g->code, name, strlen(name));
    byte(g, kind);
    leb(g, index);
}

static void functions_only_of(generator *g, gb_buffer *out) {
    leb(g, SIGS);
    for (unsigned i = 0; i < SIGS; i++) {
        byte(g, 0x60);
        write_types(g, g->sigs[i].param, g->sigs[i].params);
        write_types(g, g->sigs[i].result, g->sigs[i].results);
    }
    section(g, out, 1);
    leb(g, g->func_count);
    for (unsigned i = 0; i < g->func_count; i++) leb(g, i);
    section(g, out, 3);
    leb(g, 1), byte(g, 0x70), byte(g, 1), leb(g, TABLE_SIZE), leb(g, TABLE_SIZE + 4);
    section(g, out, 4);
    leb(g, 1), byte(g, 1), leb(g, 2), leb(g, 4);
    section(g, out, 5);
    if (g->features & GENERATE_EXCEPTIONS) {
        leb(g, TAGS);
        for (unsigned i = 0; i < TAGS; i++) byte(g, 0), leb(g, MOST_FUNCS + i);
        section(g, out, 13);
    }
}

static void write_globals(generator *g, gb_buffer *out) {
    bool simd = g->features & GENERATE_SIMD;
    leb(g, simd ? GLOBALS : GLOBALS - 1);
    byte(g, 0x7F), byte(g, 1), byte(g, 0x41), sleb(g, 3000), byte(g, 0x0B); /* the counter */
    for (uint8_t t = 0; t < (simd ? 5 : 4); t++) {
        byte(g, type_bytes[t]), byte(g, 1);
        constant(g, t);
        byte(g, 0x0B);
    }
    section(g, out, 6);
}

static bool has_vector(const sig *s) { /* which JavaScript could not call */
    return memchr(s->param, V128, s->params) || memchr(s->result, V128, s->results);
}

static void write_exports(generator *g, gb_buffer *out) {
    static const char *const names[MOST_FUNCS] = {"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"};
    unsigned exported = 0;
    for (unsigned i = 0; i < g->func_count; i++) exported += !has_vector(&g->sigs[i]);
    leb(g, exported + 2 + 3);
    for (unsigned i = 0; i < g->func_count; i++) {
        if (!has_vector(&g->sigs[i])) export(g, names[i], 0, i);
    }
    export(g, "memory", 2, 0);
    export(g, "fuel", 3, 0);
    export(g, "g0", 3, 1), export(g, "g1", 3, 2), export(g, "g3", 3, 4);
    section(g, out, 7);
}

static void write_elements(generator *g, gb_buffer *out) {
    leb(g, 2);
    leb(g, 0), byte(g, 0x41), byte(g, 0), byte(g, 0x0B), leb(g, g->func_count);
    for (unsigned i = 0; i < g->func_count; i++) leb(g, i);
    leb(g, 1), byte(g, 0), leb(g, 3), leb(g, 0), leb(g, 0), leb(g, g->func_count - 1); /* passive */
    section(g, out, 9);
    leb(g, 2);
    section(g, out, 12);
}

gb_buffer generate_module(uint64_t seed, unsigned features) {
    static const uint8_t header[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    generator g = {.state = seed * 0x2545F4914F6CDD1Du + 1, .features = features};
    gb_buffer out = {0};
    gb_buffer_append(&out, header, sizeof header);
    g.func_count = 2 + below(&g, MOST_FUNCS - 1);
    for (unsigned i = 0; i < MOST_FUNCS; i++) random_sig(&g, &g.sigs[i], MOST_PARAMS, MOST_RESULTS);
    while (has_vector(&g.sigs[0])) random_sig(&g, &g.sigs[0], MOST_PARAMS, MOST_RESULTS);
    for (unsigned i = MOST_FUNCS; i < MOST_FUNCS + TAGS; i++) random_sig(&g, &g.sigs[i], 2, 0);
    for (unsigned i = SIGS - 2; i < SIGS; i++) random_sig(&g, &g.sigs[i], 3, 3);
    functions_only_of(&g, &out);
    write_globals(&g, &out);
    write_exports(&g, &out);
    write_elements(&g, &out);
    leb(&g, g.func_count);
    for (unsigned i = 0; i < g.func_count; i++) {
        gb_buffer outer = g.code;
        g.code = (gb_buffer){0};
        function(&g, i);
        gb_buffer body = g.code;
        g.code = outer;
        leb(&g, body.length);
        gb_buffer_append(&g.code, body.data, body.length);
        gb_buffer_free(&body);
    }
    section(&g, &out, 10);
    leb(&g, 2);
    byte(&g, 1), leb(&g, 16);
    for (int i = 0; i < 16; i++) byte(&g, below(&g, 256));
    byte(&g, 0), byte(&g, 0x41), sleb(&g, 1000), byte(&g, 0x0B), leb(&g, 64);
    for (int i = 0; i < 64; i++) byte(&g, below(&g, 256));
    section(&g, &out, 11);
    return out;
}
