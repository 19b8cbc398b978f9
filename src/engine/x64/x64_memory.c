#include "engine/x64/x64_lower.h"

#include <stdlib.h>

uint32_t x64_read_memarg(x64_compiler *c) {
    x64_read_u32(c); /* the alignment is only a hint */
    return x64_read_u32(c);
}

void x64_note_site(x64_compiler *c, uint32_t code, uint32_t position) {
    if (!c->keep_sites) return;
    if (c->site_count == c->site_capacity) {
        uint32_t capacity = c->site_capacity ? c->site_capacity * 2 : 256;
        x64_site *sites = realloc(c->sites, capacity * sizeof *sites);
        if (!sites) {
            c->failed = c->out_of_memory = true;
            return;
        }
        c->sites = sites;
        c->site_capacity = capacity;
    }
    c->sites[c->site_count++] = (x64_site){code, position};
}

/* Without a guard region: index + offset + size <= memory_size, all in 64 bits, so nothing wraps.
 * Leaves r11 free again. */
static void check_bounds(x64_compiler *c, uint8_t index, uint64_t constant, uint64_t extent) {
    x64_asm *as = &c->as;
    x64_rm(as, X64_MOV, X64_W64, X64_SCRATCH, X64_INSTANCE(memory_size));
    if (index == X64_NO_REG) extent += constant;
    if (extent > INT32_MAX) {
        /* Two steps, the first of which fits. */
        uint64_t rest = extent;
        while (rest) {
            int32_t step = rest > INT32_MAX ? INT32_MAX : (int32_t)rest;
            x64_ri(as, X64_G_SUB, X64_W64, X64_SCRATCH, step);
            x64_trap_if(c, X64_B, GB_TRAP_OUT_OF_BOUNDS_MEMORY);
            rest -= (uint64_t)step;
        }
    } else {
        x64_ri(as, X64_G_SUB, X64_W64, X64_SCRATCH, (int32_t)extent);
        x64_trap_if(c, X64_B, GB_TRAP_OUT_OF_BOUNDS_MEMORY);
    }
    if (index == X64_NO_REG) return;
    x64_rr(as, X64_CMP, X64_W64, X64_SCRATCH, index);
    x64_trap_if(c, X64_B, GB_TRAP_OUT_OF_BOUNDS_MEMORY);
}

x64_mem x64_address_of(x64_compiler *c, const x64_value *index, uint32_t offset, uint32_t size) {
    x64_asm *as = &c->as;
    bool constant = index->kind == X64_CONST;
    uint8_t reg = constant ? X64_NO_REG : x64_use(c, index);
    uint64_t fixed = (constant ? (uint32_t)index->bits : 0) + (uint64_t)offset;
    if (!(c->features & GB_X64_GUARDED)) check_bounds(c, reg, fixed - offset, (uint64_t)offset + size);
    if (fixed <= INT32_MAX) {
        return constant ? x64_at(X64_MEM, (int32_t)fixed)
                        : x64_at_index(X64_MEM, reg, 0, (int32_t)fixed);
    }
    x64_mov_ri(as, X64_W64, X64_SCRATCH, fixed);
    if (!constant) x64_rr(as, X64_ADD, X64_W64, X64_SCRATCH, reg);
    return x64_at_index(X64_MEM, X64_SCRATCH, 0, 0);
}

/* i64.load, then i64.store of what was loaded: how compilers for 32-bit addresses copy structures of smaller fields. A
 * processor cannot pass two stores of 4 bytes on to one load of 8 that follows soon, and waits until they are in the cache:
 * so two loads of 4. The upper half is stored first: when that is inside, so is the lower. */
static void copy_halves(x64_compiler *c, uint32_t offset) {
    x64_asm *as = &c->as;
    const uint8_t *load = c->at, *store = c->pc++;
    uint32_t store_offset = x64_read_memarg(c);
    x64_value from = x64_pop(c), to = x64_pop(c);
    x64_mem source = x64_address_of(c, &from, offset, 8);
    uint8_t low = x64_alloc(c, X64_SET_INT), high = X64_SCRATCH;
    x64_note_access(c);
    x64_rm(as, X64_MOV, X64_W32, low, source);
    source.disp += 4;
    c->at = load;
    x64_note_access(c);
    x64_rm(as, X64_MOV, X64_W32, high, source);
    c->at = store;
    x64_mem target = x64_address_of(c, &to, store_offset, 8);
    target.disp += 4;
    x64_note_access(c);
    x64_rm(as, X64_STORE, X64_W32, high, target);
    target.disp -= 4;
    x64_note_access(c);
    x64_rm(as, X64_STORE, X64_W32, low, target);
}

/* r11 holds the upper half while the target's address is made, which must not need it. */
static bool may_copy_halves(const x64_compiler *c, uint32_t offset) {
    enum { I64_STORE = 0x37 };
    const x64_value *from = &c->stack[c->height - 1], *to = from - 1;
    if (*c->pc != I64_STORE || !(c->features & GB_X64_GUARDED) || (c->features & GB_X64_FUEL)) return false;
    const uint8_t *pc = c->pc + 1;
    x64_read_u32_slow(&pc);
    uint32_t store_offset = x64_read_u32_slow(&pc);
    return from->kind != X64_CONST && to->kind != X64_CONST && offset < INT32_MAX - 8 && store_offset < INT32_MAX - 8;
}

void x64_load(x64_compiler *c, x64_type t, uint32_t op, x64_width w, uint32_t size) {
    uint32_t offset = x64_read_memarg(c);
    if (t == X64_I64 && size == 8 && may_copy_halves(c, offset)) {
        copy_halves(c, offset);
        return;
    }
    x64_value index = x64_pop(c);
    x64_mem m = x64_address_of(c, &index, offset, size);
    uint8_t dst = x64_dest(c, t, x64_hint(c), x64_is_int(t) ? &index : NULL);
    x64_note_access(c);
    x64_rm(&c->as, op, w, dst, m);
    x64_result(c, t, dst);
}

static void store_const(x64_compiler *c, x64_mem m, uint32_t size, uint64_t bits) {
    x64_asm *as = &c->as;
    switch (size) {
    case 1: x64_mov_mi8(as, m, (unsigned)bits & 0xFF); break;
    case 2: x64_mov_mi16(as, m, (unsigned)bits & 0xFFFF); break;
    case 4: x64_mov_mi(as, X64_W32, m, (int32_t)bits); break;
    default: x64_mov_mi(as, X64_W64, m, (int32_t)bits); break;
    }
}

void x64_store(x64_compiler *c, x64_type t, uint32_t size) {
    static const uint32_t int_ops[] = {[1] = X64_STORE8, [2] = X64_STORE16, [4] = X64_STORE, [8] = X64_STORE};
    uint32_t offset = x64_read_memarg(c);
    x64_value value = x64_pop(c), index = x64_pop(c);
    bool constant = value.kind == X64_CONST && t != X64_V128 &&
                    (size < 8 || (int64_t)value.bits == (int32_t)value.bits);
    uint8_t src = constant ? X64_NO_REG : x64_use(c, &value);
    x64_mem m = x64_address_of(c, &index, offset, size);
    x64_note_access(c);
    if (constant) {
        store_const(c, m, size, value.bits);
    } else if (x64_is_int(t)) {
        x64_rm(&c->as, int_ops[size], size == 8, src, m);
    } else {
        uint32_t op = t == X64_F32 ? X64_MOVSS_STORE : t == X64_F64 ? X64_MOVSD_STORE : X64_MOVUPS_STORE;
        x64_rm(&c->as, op, X64_W32, src, m);
    }
}

/* ---- memory.copy of a small constant length ---------------------------------------------------- */

/* Compilers copy what is shorter by loads and stores of their own. */
enum { COPY_LEAST = 16, COPY_PIECES = 12, COPY_MOST = 16 * COPY_PIECES };

static bool is_far(const x64_value *address) {
    return address->kind == X64_CONST && (uint32_t)address->bits > INT32_MAX - COPY_MOST;
}

/* All is read before any is written, since the ranges may overlap; and the end is written first: when that is inside,
 * so is the rest, and else nothing has been written. */
static void copy_pieces(x64_compiler *c, x64_mem to, x64_mem from, uint32_t length) {
    uint32_t count = (length + 15) / 16;
    uint8_t regs[COPY_PIECES];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i + 1 < count ? i * 16 : length - 16; /* the last may overlap the one before */
        regs[i] = x64_alloc(c, X64_SET_FLOAT);
        x64_note_access(c);
        x64_rm(&c->as, X64_MOVUPS, X64_W32, regs[i], x64_at_index(from.base, from.index, from.scale, from.disp + (int32_t)at));
    }
    for (uint32_t i = count; i--;) {
        uint32_t at = i + 1 < count ? i * 16 : length - 16;
        x64_note_access(c);
        x64_rm(&c->as, X64_MOVUPS_STORE, X64_W32, regs[i], x64_at_index(to.base, to.index, to.scale, to.disp + (int32_t)at));
    }
}

bool x64_copy_inline(x64_compiler *c) {
    const x64_value *length = x64_top(c);
    uint32_t bytes = (uint32_t)length->bits;
    if (length->kind != X64_CONST || bytes < COPY_LEAST || bytes > COPY_MOST) return false;
    if (!(c->features & GB_X64_GUARDED) || ((c->features & GB_X64_FUEL) && bytes >= 64)) return false;
    if (is_far(length - 1) || is_far(length - 2)) return false;
    if ((uint32_t)__builtin_popcount(c->free & X64_SET_FLOAT) < (bytes + 15) / 16) return false;
    x64_pop(c);
    x64_value from = x64_pop(c), to = x64_pop(c);
    x64_mem source = x64_address_of(c, &from, 0, bytes), target = x64_address_of(c, &to, 0, bytes);
    copy_pieces(c, target, source, bytes);
    return true;
}

void x64_memory_size(x64_compiler *c) {
    c->pc++; /* memory index 0 */
    uint8_t dst = x64_dest(c, X64_I32, x64_hint(c), NULL);
    x64_rm(&c->as, X64_MOV, X64_W64, dst, X64_INSTANCE(memory_size));
    x64_shift_ri(&c->as, X64_G_SHR, X64_W64, dst, 16);
    x64_result(c, X64_I32, dst);
}

/* ---- globals --------------------------------------------------------------------------------- */

static x64_mem global_operand(x64_compiler *c, uint32_t global) {
    uint32_t imported = c->module->imported[GB_EXTERN_GLOBAL];
    if (global >= imported) {
        return x64_at(X64_CTX, (int32_t)(offsetof(gb_instance, own_globals) + (global - imported) * sizeof(gb_cell)));
    }
    x64_rm(&c->as, X64_MOV, X64_W64, X64_SCRATCH, X64_INSTANCE(globals));
    x64_rm(&c->as, X64_MOV, X64_W64, X64_SCRATCH, x64_at(X64_SCRATCH, (int32_t)(global * 8)));
    return x64_at(X64_SCRATCH, 0);
}

void x64_global_get(x64_compiler *c) {
    uint32_t global = x64_read_u32(c);
    x64_type t = x64_type_of(c->module->globals[global].type);
    uint8_t dst = x64_dest(c, t, x64_hint(c), NULL);
    x64_load_slot(c, t, dst, global_operand(c, global));
    x64_result(c, t, dst);
}

void x64_global_set(x64_compiler *c) {
    uint32_t global = x64_read_u32(c);
    x64_type t = x64_type_of(c->module->globals[global].type);
    x64_value v = x64_pop(c);
    if (v.kind == X64_CONST && t == X64_I32) {
        x64_mov_mi(&c->as, X64_W32, global_operand(c, global), (int32_t)v.bits);
        return;
    }
    uint8_t src = x64_use(c, &v);
    x64_store_slot(c, t, global_operand(c, global), src);
}
