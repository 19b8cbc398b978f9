#include "engine/x64/x64_values.h"

#include <stdlib.h>

static void own_slot(x64_compiler *c, uint32_t slot, x64_type t) {
    uint32_t end = slot + x64_size_of(t);
    if (end > c->frame_top) c->frame_top = end;
}

static void spill(x64_compiler *c, x64_value *v) {
    own_slot(c, v->slot, (x64_type)v->type);
    x64_store_slot(c, (x64_type)v->type, x64_frame(v->slot), v->reg);
    v->kind = X64_SLOT;
    c->free |= X64_BIT(v->reg);
}

static x64_value *owner(x64_compiler *c, uint32_t set) {
    for (uint32_t i = 0; i < c->height; i++) {
        x64_value *v = &c->stack[i];
        if (v->kind == X64_REG && (set >> v->reg & 1)) return v;
    }
    return NULL;
}

uint8_t x64_alloc_slow(x64_compiler *c, uint32_t set) {
    uint32_t candidates = c->free & set & ~c->locked;
    if (!candidates) {
        /* The deepest value is the one whose turn comes last. */
        x64_value *v = owner(c, set & c->allocatable & ~c->locked);
        if (!v) { /* the instruction at hand holds them all: the function is left to the interpreter */
            c->failed = true;
            return (uint8_t)x64_first(set);
        }
        candidates = X64_BIT(v->reg);
        spill(c, v);
    } else if (candidates & ~c->caches) {
        candidates &= ~c->caches;
    } else {
        /* Give up the cached copies in turn. */
        uint32_t rotated = candidates & ~((X64_BIT(c->clock) << 1) - 1);
        if (rotated) candidates = rotated;
        c->clock = (uint8_t)x64_first(candidates);
    }
    uint8_t reg = (uint8_t)x64_first(candidates);
    x64_drop_cache(c, reg);
    c->locked |= X64_BIT(reg);
    return reg;
}

void x64_take(x64_compiler *c, uint8_t reg) {
    if (!(c->free >> reg & 1)) {
        x64_value *v = owner(c, X64_BIT(reg));
        assert(v);
        uint32_t elsewhere = c->free & x64_class((x64_type)v->type) & ~(c->locked | c->caches | X64_BIT(reg));
        if (elsewhere) {
            uint8_t other = (uint8_t)x64_first(elsewhere);
            x64_move_reg(c, (x64_type)v->type, other, reg);
            v->reg = other;
            c->free = (c->free | X64_BIT(reg)) & ~X64_BIT(other);
        } else {
            spill(c, v);
        }
    }
    x64_drop_cache(c, reg);
    c->locked |= X64_BIT(reg);
}

void x64_forget(x64_compiler *c, uint32_t set) {
    for (uint32_t s = c->caches & set; s; s &= s - 1) {
        unsigned reg = x64_first(s);
        c->locals[c->cache[reg]].cached = X64_NO_REG;
    }
    c->caches &= ~set;
}

/* Remembers that reg, free, holds what the local's slot holds. */
static void remember(x64_compiler *c, uint32_t local, uint8_t reg) {
    x64_local *l = &c->locals[local];
    if (l->cached == reg) return;
    if (l->cached != X64_NO_REG) x64_forget(c, X64_BIT(l->cached));
    x64_drop_cache(c, reg);
    l->cached = reg;
    c->cache[reg] = (uint16_t)local;
    c->caches |= X64_BIT(reg);
}

void x64_move_reg(x64_compiler *c, x64_type t, uint8_t dst, uint8_t src) {
    if (dst == src) return;
    if (x64_is_int(t)) {
        x64_rr(&c->as, X64_MOV, x64_width_of(t), dst, src);
    } else {
        x64_rr(&c->as, X64_MOVAPS, X64_W32, dst, src);
    }
}

void x64_load_slot(x64_compiler *c, x64_type t, uint8_t dst, x64_mem m) {
    static const uint32_t ops[] = {X64_MOV, X64_MOV, X64_MOVSS, X64_MOVSD, X64_MOVUPS};
    x64_rm(&c->as, ops[t], t == X64_I64, dst, m);
}

void x64_store_slot(x64_compiler *c, x64_type t, x64_mem m, uint8_t src) {
    static const uint32_t ops[] = {X64_STORE, X64_STORE, X64_MOVSS_STORE, X64_MOVSD_STORE,
                                   X64_MOVUPS_STORE};
    x64_rm(&c->as, ops[t], t == X64_I64, src, m);
}

void x64_load_const(x64_compiler *c, x64_type t, uint8_t dst, uint64_t bits) {
    if (x64_is_int(t)) {
        x64_mov_ri(&c->as, x64_width_of(t), dst, t == X64_I32 ? (uint32_t)bits : bits);
    } else if (bits == 0) {
        x64_rr(&c->as, X64_XORPS, X64_W32, dst, dst); /* leaves the flags alone, unlike xor */
    } else {
        x64_r_pool(c, t == X64_F32 ? X64_MOVSS : X64_MOVSD, X64_W32, dst, bits, 0);
    }
}

void x64_load_value(x64_compiler *c, const x64_value *v, uint8_t dst) {
    x64_type t = (x64_type)v->type;
    if (v->kind == X64_CONST) {
        x64_load_const(c, t, dst, v->bits);
        return;
    }
    uint8_t src = x64_where(c, v);
    if (src != X64_NO_REG) {
        x64_move_reg(c, t, dst, src);
    } else {
        x64_load_slot(c, t, dst, x64_where_memory(c, v));
    }
}

void x64_store_value(x64_compiler *c, const x64_value *v, x64_mem m) {
    x64_type t = (x64_type)v->type;
    uint8_t reg = x64_where(c, v);
    if (reg != X64_NO_REG) {
        x64_store_slot(c, t, m, reg);
    } else if (v->kind == X64_CONST && t != X64_V128 && (int64_t)v->bits == (int32_t)v->bits) {
        x64_mov_mi(&c->as, X64_W64, m, (int32_t)v->bits);
    } else if (v->kind == X64_CONST && (t == X64_I32 || t == X64_F32)) {
        x64_mov_mi(&c->as, X64_W32, m, (int32_t)v->bits);
    } else {
        uint8_t via = t == X64_V128 ? X64_FSCRATCH : X64_SCRATCH;
        x64_value copy = *v;
        if (t != X64_V128) copy.type = t == X64_I32 || t == X64_F32 ? X64_I32 : X64_I64;
        if (copy.kind == X64_CONST) {
            x64_load_const(c, (x64_type)copy.type, via, v->bits);
        } else {
            x64_mem from = x64_where_memory(c, v);
            if (from.disp == m.disp && from.base == m.base) return;
            x64_load_slot(c, (x64_type)copy.type, via, from);
        }
        x64_store_slot(c, (x64_type)copy.type, m, via);
    }
}

uint8_t x64_use_slow(x64_compiler *c, const x64_value *v) {
    uint8_t reg = x64_alloc(c, x64_class((x64_type)v->type));
    x64_load_value(c, v, reg);
    if (v->kind == X64_LOCAL) remember(c, v->local, reg);
    return reg;
}

void x64_flush(x64_compiler *c, uint32_t constants) {
    if (c->height > 16 && !x64_ensure(c, (size_t)c->height * 24)) return;
    for (uint32_t i = 0; i < c->height; i++) {
        x64_value *v = &c->stack[i];
        if (v->kind == X64_SLOT || (v->kind == X64_CONST && i < constants)) continue;
        own_slot(c, v->slot, (x64_type)v->type);
        x64_store_value(c, v, x64_frame(v->slot));
        if (v->kind == X64_REG) c->free |= X64_BIT(v->reg);
        if (v->kind == X64_LOCAL) c->locals[v->local].refs--;
        v->kind = X64_SLOT;
    }
}

void x64_preserve_local(x64_compiler *c, uint32_t local) {
    x64_local *l = &c->locals[local];
    for (uint32_t i = 0; l->refs && i < c->height; i++) {
        x64_value *v = &c->stack[i];
        if (v->kind != X64_LOCAL || v->local != local) continue;
        uint8_t reg = x64_alloc(c, x64_class((x64_type)v->type));
        /* Allocation may have spilled, but never a LOCAL value. */
        x64_load_value(c, v, reg);
        l->refs--;
        v->kind = X64_REG;
        v->reg = reg;
        c->free &= ~X64_BIT(reg);
        c->locked &= ~X64_BIT(reg); /* may be spilled in favour of the next */
    }
}

void x64_set_local(x64_compiler *c, uint32_t local, bool tee) {
    x64_local *l = &c->locals[local];
    x64_value v = x64_pop(c);
    if (v.kind == X64_LOCAL && v.local == local) { /* x = x */
        if (tee) x64_push_local(c, local);
        return;
    }
    if (l->refs) x64_preserve_local(c, local);
    if (l->home != X64_NO_REG) {
        if (v.kind == X64_CONST && v.bits == 0 && x64_is_int((x64_type)l->type)) {
            x64_rr(&c->as, X64_XOR, X64_W32, l->home, l->home);
        } else {
            x64_load_value(c, &v, l->home);
        }
        c->dirty |= X64_BIT(l->home) & c->volatile_homes;
    } else {
        x64_mem m = x64_frame(l->slot);
        if (v.kind == X64_CONST) {
            if (l->cached != X64_NO_REG) x64_forget(c, X64_BIT(l->cached));
            x64_store_value(c, &v, m);
        } else {
            uint8_t reg = x64_use(c, &v);
            x64_store_slot(c, (x64_type)l->type, m, reg);
            bool spare = v.kind == X64_REG || !(c->caches >> reg & 1);
            if (l->cached != X64_NO_REG && l->cached != reg) x64_forget(c, X64_BIT(l->cached));
            if (spare && !x64_is_home(c, reg)) remember(c, local, reg);
        }
    }
    if (tee) x64_push_local(c, local);
}

x64_label *x64_pool_label(x64_compiler *c, uint64_t low, uint64_t high) {
    enum { SEARCHED = 32 }; /* so that a function full of constants costs no quadratic time */
    uint32_t first = c->pool_count > SEARCHED ? c->pool_count - SEARCHED : 0;
    for (uint32_t i = first; i < c->pool_count; i++) {
        if (c->pool[i].low == low && c->pool[i].high == high) return &c->pool[i].label;
    }
    if (c->pool_count == c->pool_capacity) {
        uint32_t capacity = c->pool_capacity * 2;
        x64_pooled *pool = realloc(c->pool, capacity * sizeof *pool);
        if (!pool) {
            c->failed = c->out_of_memory = true;
            c->pool_count = 0; /* the code is given up: any label will do */
        } else {
            c->pool = pool;
            c->pool_capacity = capacity;
        }
    }
    x64_pooled *p = &c->pool[c->pool_count++];
    *p = (x64_pooled){.low = low, .high = high};
    return &p->label;
}

void x64_r_pool(x64_compiler *c, uint32_t op, x64_width w, uint8_t reg, uint64_t low, uint64_t high) {
    x64_rm(&c->as, op, w, reg, x64_at(X64_RIP, 0));
    c->as.p -= 4;
    x64_label_rel32(&c->as, x64_pool_label(c, low, high));
}

x64_stub *x64_new_stub(x64_compiler *c, unsigned kind) {
    if (c->stub_count == c->stub_capacity) {
        uint32_t capacity = c->stub_capacity * 2;
        x64_stub *stubs = realloc(c->stubs, capacity * sizeof *stubs);
        if (!stubs) {
            c->failed = c->out_of_memory = true;
            c->stub_count = 0;
        } else {
            c->stubs = stubs;
            c->stub_capacity = capacity;
        }
    }
    x64_stub *stub = &c->stubs[c->stub_count++];
    *stub = (x64_stub){.kind = (uint8_t)kind, .position = x64_position(c)};
    return stub;
}
