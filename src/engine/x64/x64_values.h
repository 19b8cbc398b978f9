/* x64_values.h: the abstract operand stack, its registers, and moves between the two. The rules are
 * in x64_compiler.h. None of the moves here changes the processor's flags, so that they may stand
 * between a comparison and the jump that it decides. */
#ifndef GB_ENGINE_X64_VALUES_H
#define GB_ENGINE_X64_VALUES_H

#include "engine/x64/x64_compiler.h"

static inline unsigned x64_first(uint32_t set) { return (unsigned)__builtin_ctz(set); }
static inline uint32_t x64_class(x64_type t) { return x64_is_int(t) ? X64_SET_INT : X64_SET_FLOAT; }
static inline x64_mem x64_frame(uint32_t slot) { return x64_at(RSP, (int32_t)slot); }

uint8_t x64_alloc_slow(x64_compiler *c, uint32_t set);
/* Makes sure that nobody's value is in `reg` (allocatable), and locks it. */
void x64_take(x64_compiler *c, uint8_t reg);
/* Every value of the stack into its slot, but for constants below height `constants`. */
void x64_flush(x64_compiler *c, uint32_t constants);
/* Values of a local that is about to change get registers of their own. */
void x64_preserve_local(x64_compiler *c, uint32_t local);
/* Forgets the copies of locals in these registers. */
void x64_forget(x64_compiler *c, uint32_t set);
/* Moves between places of one type. */
void x64_move_reg(x64_compiler *c, x64_type t, uint8_t dst, uint8_t src);
void x64_load_slot(x64_compiler *c, x64_type t, uint8_t dst, x64_mem m);
void x64_store_slot(x64_compiler *c, x64_type t, x64_mem m, uint8_t src);
void x64_load_const(x64_compiler *c, x64_type t, uint8_t dst, uint64_t bits);
/* The value into this very register. */
void x64_load_value(x64_compiler *c, const x64_value *v, uint8_t dst);
/* The value into memory; m may be its own slot. */
void x64_store_value(x64_compiler *c, const x64_value *v, x64_mem m);
/* A register that holds the value, to be read only; a copy of a local is remembered. */
uint8_t x64_use_slow(x64_compiler *c, const x64_value *v);
/* local.set: pops the top. */
void x64_set_local(x64_compiler *c, uint32_t local, bool tee);
/* op reg, [constant of the pool]; no immediate may follow. */
void x64_r_pool(x64_compiler *c, uint32_t op, x64_width w, uint8_t reg, uint64_t low, uint64_t high);
x64_label *x64_pool_label(x64_compiler *c, uint64_t low, uint64_t high);
x64_stub *x64_new_stub(x64_compiler *c, unsigned kind);

static inline void x64_drop_cache(x64_compiler *c, unsigned reg) {
    if (c->caches & X64_BIT(reg)) x64_forget(c, X64_BIT(reg));
}

/* A free register of the set; its old contents are gone, and it is locked. */
static inline uint8_t x64_alloc(x64_compiler *c, uint32_t set) {
    uint32_t clean = c->free & set & ~(c->locked | c->caches);
    if (!clean) return x64_alloc_slow(c, set);
    uint8_t reg = (uint8_t)x64_first(clean);
    c->locked |= X64_BIT(reg);
    return reg;
}

static inline x64_value *x64_top(x64_compiler *c) { return &c->stack[c->height - 1]; }

static inline x64_value *x64_push(x64_compiler *c, x64_kind kind, x64_type t) {
    x64_value *v = &c->stack[c->height++];
    const x64_value *below = v - 1; /* stack[-1] is a sentinel below the first slot */
    v->kind = (uint8_t)kind;
    v->type = (uint8_t)t;
    v->slot = below->slot + x64_size_of((x64_type)below->type);
    return v;
}
static inline void x64_push_const(x64_compiler *c, x64_type t, uint64_t bits) {
    x64_push(c, X64_CONST, t)->bits = bits;
}
/* The register becomes the value's own. */
static inline void x64_push_reg(x64_compiler *c, x64_type t, uint8_t reg) {
    x64_push(c, X64_REG, t)->reg = reg;
    c->free &= ~X64_BIT(reg);
}
static inline void x64_push_local(x64_compiler *c, uint32_t local) {
    x64_local *l = &c->locals[local];
    l->refs++;
    x64_push(c, X64_LOCAL, (x64_type)l->type)->local = local;
}

static inline x64_value x64_pop(x64_compiler *c) {
    x64_value v = c->stack[--c->height];
    if (v.kind == X64_REG) {
        c->free |= X64_BIT(v.reg);
        c->locked |= X64_BIT(v.reg);
    } else if (v.kind == X64_LOCAL) {
        x64_local *l = &c->locals[v.local];
        l->refs--;
        if (l->cached != X64_NO_REG) c->locked |= X64_BIT(l->cached);
    }
    return v;
}

/* Where the value already is in a register, or X64_NO_REG. */
static inline uint8_t x64_where(const x64_compiler *c, const x64_value *v) {
    if (v->kind == X64_REG) return v->reg;
    if (v->kind != X64_LOCAL) return X64_NO_REG;
    const x64_local *l = &c->locals[v->local];
    return l->home != X64_NO_REG ? l->home : l->cached;
}
/* Its memory, when it is not in a register. */
static inline x64_mem x64_where_memory(const x64_compiler *c, const x64_value *v) {
    assert(v->kind != X64_CONST);
    return x64_frame(v->kind == X64_LOCAL ? c->locals[v->local].slot : v->slot);
}
static inline uint8_t x64_use(x64_compiler *c, const x64_value *v) {
    uint8_t reg = x64_where(c, v);
    if (reg == X64_NO_REG) return x64_use_slow(c, v);
    c->locked |= X64_BIT(reg);
    return reg;
}

/* op reg, value: the value as register or memory; a constant goes through a register. */
static inline void x64_rv(x64_compiler *c, uint32_t op, x64_width w, uint8_t reg, const x64_value *v) {
    uint8_t rm = v->kind == X64_CONST ? x64_use_slow(c, v) : x64_where(c, v);
    if (rm != X64_NO_REG) {
        x64_rr(&c->as, op, w, reg, rm);
    } else {
        x64_rm(&c->as, op, w, reg, x64_where_memory(c, v));
    }
}

static inline bool x64_is_home(const x64_compiler *c, uint8_t reg) {
    return c->used_homes >> reg & 1;
}

/* When the next instruction sets a local that has a home, a result can be made there at once: that
 * register, or X64_NO_REG. Operands must have been popped. */
static inline uint8_t x64_hint(const x64_compiler *c) {
    if ((c->pc[0] != 0x21 && c->pc[0] != 0x22) || (c->features & GB_X64_FUEL)) return X64_NO_REG;
    uint32_t local = c->pc[1];
    if (local & 0x80) {
        if (c->pc[2] & 0x80) return X64_NO_REG;
        local = (local & 0x7F) | (uint32_t)c->pc[2] << 7;
    }
    const x64_local *l = &c->locals[local];
    return l->refs ? X64_NO_REG : l->home;
}
/* Ends an instruction whose result is in dst: a home that x64_hint gave, or a register of our own. */
static inline void x64_result(x64_compiler *c, x64_type t, uint8_t dst) {
    if (!x64_is_home(c, dst)) {
        x64_push_reg(c, t, dst);
        return;
    }
    c->dirty |= X64_BIT(dst) & c->volatile_homes;
    bool tee = c->pc[0] == 0x22;
    c->pc += c->pc[1] & 0x80 ? 3 : 2;
    if (tee) x64_push_local(c, c->home_local[dst]);
}
/* Where to make a result: the hinted home, the register of an operand that dies (NULL: none), or a
 * new one. The caller sees to it that no other operand is in a hinted home. */
static inline uint8_t x64_dest(x64_compiler *c, x64_type t, uint8_t hint, const x64_value *a) {
    if (hint != X64_NO_REG) return hint;
    if (a && a->kind == X64_REG) return a->reg;
    return x64_alloc(c, x64_class(t));
}

#endif
