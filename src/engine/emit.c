#include "engine/emit.h"

#include <stdlib.h>
#include <string.h>

/* ---- memory: after a failure nothing is written any more, and what is read stays in bounds ---------- */

static bool grow(gb_emitter *e, void *array, uint32_t *capacity, size_t size, uint32_t needed) {
    if (needed <= *capacity) return true;
    uint64_t wanted = (uint64_t)*capacity * 2;
    if (wanted < needed) wanted = needed;
    if (wanted < 64) wanted = 64;
    void **slot = array;
    void *grown = wanted <= UINT32_MAX / 2 && !e->failed ? realloc(*slot, (size_t)wanted * size) : NULL;
    if (!grown) {
        e->failed = true;
        return false;
    }
    *slot = grown;
    *capacity = (uint32_t)wanted;
    return true;
}

bool gb_emit_init(gb_emitter *e, const gb_module *m, const gb_function *f) {
    *e = (gb_emitter){.m = m};
    const gb_functype *type = &m->types.types[f->type];
    uint64_t slots = (uint64_t)f->local_slots + f->operand_slots;
    e->far = slots + GB_SCRATCH_SLOTS > GB_NEAR_SLOTS;
    e->scratch = type->param_slots;
    e->local_slots = f->local_slots + (e->far ? GB_SCRATCH_SLOTS : 0);
    e->next_slot = e->most_slots = e->local_slots;
    e->compare.end = e->result_end = e->far_result = e->branch_end = GB_NONE;
    e->copy_end = e->copy2_end = e->const_end = e->const2_end = GB_NONE;
    e->result_start = e->previous_start = e->previous_end = GB_NONE;
    for (int i = 0; i < GB_ACC_COUNT; i++) e->acc[i].operand = e->acc[i].slot = GB_NONE;
    e->aliases = malloc(((size_t)e->local_slots + 1) * sizeof *e->aliases);
    if (!e->aliases) return false;
    memset(e->aliases, 0xFF, ((size_t)e->local_slots + 1) * sizeof *e->aliases);
    /* One of each always exists, so that reading after a failure is safe. */
    return grow(e, &e->stack, &e->stack_capacity, sizeof *e->stack, 64) &&
           grow(e, &e->labels, &e->label_capacity, sizeof *e->labels, 64) &&
           grow(e, &e->code, &e->capacity, sizeof *e->code, f->end - f->body + 64);
}

void gb_emit_free(gb_emitter *e) {
    free(e->code);
    free(e->stack);
    free(e->aliases);
    free(e->labels);
    free(e->fixups);
}

void gb_emit(gb_emitter *e, unsigned unit) {
    if (e->length == e->capacity && !grow(e, &e->code, &e->capacity, sizeof *e->code, e->length + 1))
        return;
    e->code[e->length++] = (uint16_t)unit;
}

void gb_emit32(gb_emitter *e, uint32_t value) {
    uint16_t units[2];
    memcpy(units, &value, sizeof value);
    gb_emit(e, units[0]);
    gb_emit(e, units[1]);
}

void gb_emit64(gb_emitter *e, uint64_t value) {
    uint16_t units[4];
    memcpy(units, &value, sizeof value);
    for (int i = 0; i < 4; i++) gb_emit(e, units[i]);
}

static bool is_near(const gb_emitter *e, uint32_t slot) { return !e->far || slot < GB_NEAR_SLOTS; }

void gb_emit_slot(gb_emitter *e, uint32_t slot) { gb_emit(e, slot); }

unsigned gb_acc_of(gb_valtype type) {
    return type == GB_F64 ? GB_ACC_F64 : type == GB_F32 ? GB_ACC_F32 : type == GB_V128 ? GB_ACC_NONE : GB_ACC_INT;
}

/* ---- single moves ------------------------------------------------------------------------------ */

void gb_wrote(gb_emitter *e, uint32_t slot) {
    for (int i = 0; i < GB_ACC_COUNT; i++)
        if (e->acc[i].slot == slot) e->acc[i].slot = GB_NONE;
}

/* A scratch slot. Four of two slots each take turns: no instruction has more operands. */
static uint32_t next_scratch(gb_emitter *e) {
    e->scratch_turn = (e->scratch_turn + 1) % (GB_SCRATCH_SLOTS / 2);
    return e->scratch + 2 * e->scratch_turn;
}

static void copy_far(gb_emitter *e, gb_valtype type, uint32_t to, uint32_t from) {
    gb_emit(e, type == GB_V128 ? GB_I_copy_v_far : GB_I_copy_far);
    gb_emit32(e, to);
    gb_emit32(e, from);
    gb_wrote(e, to);
}

void gb_copy(gb_emitter *e, gb_valtype type, uint32_t to, uint32_t from) {
    if (to == from) return;
    gb_wrote(e, to);
    if (!is_near(e, to) || !is_near(e, from)) {
        copy_far(e, type, to, from);
        return;
    }
    if (type != GB_V128 && e->copy_end == e->length && e->length >= e->barrier + 3 && !e->failed) {
        e->code[e->length - 3] = GB_I_copy2; /* two copies in a row, as before calls */
        gb_emit(e, to);
        gb_emit(e, from);
        e->copy_end = GB_NONE;
        e->copy2_end = e->length;
        return;
    }
    gb_emit(e, type == GB_V128 ? GB_I_copy_v : GB_I_copy);
    gb_emit(e, to);
    gb_emit(e, from);
    e->copy_end = type == GB_V128 ? GB_NONE : e->length;
}

static void put_const(gb_emitter *e, const gb_operand *o, uint32_t to) {
    gb_wrote(e, to);
    bool near = is_near(e, to);
    if (o->type == GB_V128) {
        uint32_t at = near ? to : next_scratch(e);
        gb_emit(e, GB_I_const_v);
        gb_emit(e, at);
        for (int i = 0; i < 16; i += 2) {
            uint16_t unit;
            memcpy(&unit, e->m->bytes + o->bits + i, 2);
            gb_emit(e, unit);
        }
        if (!near) copy_far(e, GB_V128, to, at);
    } else if (!near) {
        gb_emit(e, GB_I_const_far);
        gb_emit32(e, to);
        gb_emit64(e, o->bits);
    } else if ((int64_t)o->bits == (int32_t)(uint32_t)o->bits) {
        bool second = e->const_end == e->length && e->length >= e->barrier + 4 && !e->failed;
        if (second)
            e->code[e->length - 4] = GB_I_const2;
        else
            gb_emit(e, GB_I_const);
        gb_emit(e, to);
        gb_emit32(e, (uint32_t)o->bits);
        e->const_end = second ? GB_NONE : e->length;
        e->const2_end = second ? e->length : GB_NONE;
    } else {
        gb_emit(e, GB_I_const64);
        gb_emit(e, to);
        gb_emit64(e, o->bits);
    }
}

/* The accumulator's value also goes to a slot. */
static void put_acc(gb_emitter *e, unsigned acc, uint32_t to) {
    static const uint16_t iops[GB_ACC_COUNT] = {GB_I_put_r, GB_I_put_f32_r, GB_I_put_f64_r};
    uint32_t at = is_near(e, to) ? to : next_scratch(e);
    gb_wrote(e, to);
    gb_emit(e, iops[acc]);
    gb_emit(e, at);
    if (at != to) copy_far(e, GB_I64, to, at);
    e->acc[acc].slot = to;
}

/* The instruction that made the accumulator's value stores it, too: R form to S form. */
static void store_result(gb_emitter *e, unsigned acc, uint32_t to) {
    gb_wrote(e, to);
    if (!e->failed) {
        e->code[e->acc[acc].iop]++;
        e->code[e->acc[acc].result] = (uint16_t)to;
    }
    e->acc[acc].slot = to;
    e->compare.end = GB_NONE;
}

/* ---- the operand stack --------------------------------------------------------------------------- */

gb_operand *gb_push(gb_emitter *e, gb_valtype type, gb_where where) {
    if (e->count == e->stack_capacity)
        if (!grow(e, &e->stack, &e->stack_capacity, sizeof *e->stack, e->count + 1)) e->count = 0;
    gb_operand *o = &e->stack[e->count++];
    *o = (gb_operand){.type = type, .where = (uint8_t)where, .home = e->next_slot};
    e->next_slot += gb_valtype_slots(type);
    if (e->next_slot > e->most_slots) e->most_slots = e->next_slot;
    return o;
}

void gb_push_const(gb_emitter *e, gb_valtype type, uint64_t bits) { gb_push(e, type, GB_IS_CONST)->bits = bits; }

void gb_push_local(gb_emitter *e, gb_valtype type, uint32_t slot) {
    gb_operand *o = gb_push(e, type, GB_IN_LOCAL);
    o->local = slot;
    o->alias = e->aliases[slot];
    e->aliases[slot] = e->count - 1;
}

gb_operand gb_pop(gb_emitter *e) {
    if (e->count == 0) { /* only after a failure */
        e->failed = true;
        return (gb_operand){.type = GB_I32, .where = GB_IS_CONST, .home = e->local_slots};
    }
    gb_operand o = e->stack[--e->count];
    e->next_slot = o.home;
    if (e->settled > e->count) e->settled = e->count;
    if (o.where == GB_IN_LOCAL) e->aliases[o.local] = o.alias;
    if (o.where == GB_IN_ACC) e->acc[gb_acc_of(o.type)].operand = GB_NONE;
    return o;
}

/* The operand that is only in an accumulator goes home. */
void gb_spill(gb_emitter *e, unsigned acc) {
    gb_acc *a = &e->acc[acc];
    if (a->operand == GB_NONE) return;
    gb_operand *o = &e->stack[a->operand];
    o->where = GB_AT_HOME;
    a->operand = GB_NONE;
    if (is_near(e, o->home))
        store_result(e, acc, o->home);
    else
        put_acc(e, acc, o->home);
}

static void settle_one(gb_emitter *e, uint32_t index) {
    gb_operand *o = &e->stack[index];
    switch (o->where) {
    case GB_IN_ACC: gb_spill(e, gb_acc_of(o->type)); break;
    case GB_IS_CONST: put_const(e, o, o->home); break;
    case GB_IN_LOCAL: gb_unalias(e, o->local); break;
    default: break;
    }
    o->where = GB_AT_HOME;
}

void gb_unalias(gb_emitter *e, uint32_t slot) {
    /* The topmost names come first; all of them are above `settled`. */
    for (uint32_t i = e->aliases[slot]; i != GB_NONE && !e->failed;) {
        gb_operand *o = &e->stack[i];
        unsigned acc = gb_acc_of(o->type);
        if (acc != GB_ACC_NONE && e->acc[acc].slot == slot && e->acc[acc].operand == GB_NONE) {
            put_acc(e, acc, o->home);
            e->acc[acc].slot = slot;
        } else {
            gb_copy(e, o->type, o->home, slot);
        }
        o->where = GB_AT_HOME;
        i = o->alias;
    }
    e->aliases[slot] = GB_NONE;
}

void gb_settle(gb_emitter *e, uint32_t n) {
    uint32_t first = e->count > n ? e->count - n : 0;
    for (uint32_t i = first; i < e->count && !e->failed; i++) settle_one(e, i);
}

void gb_settle_all(gb_emitter *e) {
    for (uint32_t i = e->settled; i < e->count && !e->failed; i++)
        if (e->stack[i].where != GB_IS_CONST) settle_one(e, i);
    e->settled = e->count;
}

void gb_forget_accs(gb_emitter *e) {
    for (unsigned i = 0; i < GB_ACC_COUNT; i++) {
        gb_spill(e, i);
        e->acc[i].slot = GB_NONE;
    }
}

/* ---- operands of instructions ---------------------------------------------------------------------- */

static bool fits_immediate(const gb_operand *o) {
    if (o->type == GB_I64) return (int64_t)o->bits == (int32_t)(uint32_t)o->bits;
    return o->type == GB_I32 || o->type == GB_F32 || o->type == GB_F64;
}

static uint32_t bring_near(gb_emitter *e, gb_valtype type, uint32_t slot) {
    if (is_near(e, slot)) return slot;
    uint32_t at = next_scratch(e);
    copy_far(e, type, at, slot);
    return at;
}

gb_source gb_use(gb_emitter *e, const gb_operand *o, bool imm, bool acc) {
    unsigned a = gb_acc_of(o->type);
    gb_source s = {.kind = GB_SLOT, .slot = o->home};
    switch (o->where) {
    case GB_IS_CONST:
        if (imm && fits_immediate(o)) return (gb_source){.kind = GB_IMM, .bits = o->bits};
        if (!is_near(e, o->home)) s.slot = next_scratch(e);
        put_const(e, o, s.slot);
        return s;
    case GB_IN_ACC: /* popped just now: the accumulator still has it */
        if (acc) return (gb_source){.kind = GB_ACC};
        if (!is_near(e, o->home)) {
            s.slot = next_scratch(e);
            put_acc(e, a, s.slot);
        } else {
            store_result(e, a, o->home);
        }
        return s;
    case GB_IN_LOCAL: s.slot = o->local; break;
    default: break;
    }
    if (acc && a != GB_ACC_NONE && e->acc[a].slot == s.slot) return (gb_source){.kind = GB_ACC};
    s.slot = bring_near(e, o->type, s.slot);
    return s;
}

uint32_t gb_use_slot(gb_emitter *e, const gb_operand *o) { return gb_use(e, o, false, false).slot; }

void gb_claim(gb_emitter *e, unsigned acc) {
    gb_spill(e, acc);
    e->acc[acc].slot = GB_NONE;
}

void gb_put_result(gb_emitter *e, uint32_t iop, gb_valtype type) {
    unsigned acc = gb_acc_of(type);
    gb_push(e, type, GB_IN_ACC);
    e->acc[acc] = (gb_acc){.operand = e->count - 1, .slot = GB_NONE, .iop = iop, .result = e->length};
    e->previous_start = e->result_start;
    e->previous_end = e->result_end;
    e->result_start = iop;
    e->result_field = e->length;
    gb_emit(e, 0);
}

void gb_put_home(gb_emitter *e, gb_valtype type) {
    gb_operand *o = gb_push(e, type, GB_AT_HOME);
    uint32_t slot = o->home;
    e->previous_end = e->result_start = GB_NONE;
    e->result_field = e->length;
    if (!is_near(e, slot)) {
        e->far_result = slot;
        slot = next_scratch(e);
    }
    gb_wrote(e, slot);
    gb_emit(e, slot);
}

void gb_end_result(gb_emitter *e) {
    if (e->far_result != GB_NONE) {
        const gb_operand *o = &e->stack[e->count - 1];
        copy_far(e, o->type, e->far_result, e->code[e->result_field]);
        e->far_result = GB_NONE;
        return;
    }
    e->result_end = e->length;
}

void gb_move(gb_emitter *e, const gb_operand *o, uint32_t to) {
    switch (o->where) {
    case GB_IS_CONST: put_const(e, o, to); return;
    case GB_IN_ACC: put_acc(e, gb_acc_of(o->type), to); return;
    default: break;
    }
    uint32_t from = o->where == GB_IN_LOCAL ? o->local : o->home;
    unsigned acc = gb_acc_of(o->type);
    if (from == to) return;
    if (acc != GB_ACC_NONE && e->acc[acc].slot == from)
        put_acc(e, acc, to);
    else
        gb_copy(e, o->type, to, from);
}

void gb_set_local(gb_emitter *e, const gb_operand *o, uint32_t slot) {
    /* The instruction just written may store there directly, unless an operand still names the old value. */
    bool direct = e->aliases[slot] == GB_NONE && is_near(e, slot) && e->length > e->barrier && !e->failed;
    unsigned acc = gb_acc_of(o->type);
    if (direct && o->where == GB_IN_ACC && e->result_end == e->length &&
        e->acc[acc].result == e->result_field) {
        store_result(e, acc, slot);
        return;
    }
    if (direct && o->where == GB_AT_HOME && e->result_end == e->length && e->result_field >= e->barrier && e->code[e->result_field] == (uint16_t)o->home) {
        gb_wrote(e, slot);
        e->code[e->result_field] = (uint16_t)slot;
        e->result_end = GB_NONE;
        return;
    }
    if (o->where == GB_IN_LOCAL && o->local == slot) return;
    gb_unalias(e, slot);
    gb_move(e, o, slot);
}

/* ---- labels ---------------------------------------------------------------------------------------- */

uint32_t gb_label_new(gb_emitter *e) {
    if (!grow(e, &e->labels, &e->label_capacity, sizeof *e->labels, e->label_count + 1)) return 0;
    e->labels[e->label_count] = (gb_label){.position = GB_NONE, .fixups = GB_NONE};
    return e->label_count++;
}

static void patch(gb_emitter *e, uint32_t field, uint32_t offset) {
    if (!e->failed) memcpy(&e->code[field], &offset, sizeof offset);
}

void gb_label_bind(gb_emitter *e, uint32_t label) {
    gb_forget_accs(e);
    gb_label *l = &e->labels[label];
    l->position = e->length;
    e->barrier = e->length;
    for (uint32_t i = l->fixups; i != GB_NONE; i = e->fixups[i].next)
        patch(e, e->fixups[i].field, e->length - e->fixups[i].base);
    l->fixups = GB_NONE;
}

void gb_emit_label(gb_emitter *e, uint32_t label, uint32_t base) {
    gb_label *l = &e->labels[label];
    if (l->position != GB_NONE) {
        gb_emit32(e, l->position - base);
        return;
    }
    if (grow(e, &e->fixups, &e->fixup_capacity, sizeof *e->fixups, e->fixup_count + 1)) {
        e->fixups[e->fixup_count] = (gb_fixup){.field = e->length, .base = base, .next = l->fixups};
        l->fixups = e->fixup_count++;
    }
    gb_emit32(e, 0);
}
