/* instance.c: a module becomes an instance (spec 4.5.4). */
#include "engine/instance.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "engine/bulk.h"
#include "engine/constexpr.h"
#include "engine/icode.h"
#include "engine/linker.h"
#include "engine/memory.h"
#include "engine/x64/x64.h"

static const char *const kind_names[] = {"function", "table", "memory", "global", "tag"};

static bool out_of_memory(gb_error *err) { return gb_fail(err, GB_ERROR_MEMORY, "out of memory for an instance"); }

/* ---- allocation ------------------------------------------------------------------------------------- */

static void release_instance(void *object) {
    gb_instance *i = object;
    free(i->funcs);
    free(i->globals);
    free(i->tables);
    free(i->memories);
    free(i->tags);
    free((void *)(uintptr_t)i->type_ids);
    free(i->data_lengths);
    free(i->elem_lengths);
    free(i->own_funcs);
    gb_module_release(i->module);
}

static void *array(size_t count, size_t size) { return calloc(count ? count : 1, size); }

static gb_instance *allocate(gb_store *store, gb_module *m, gb_error *err) {
    gb_interp_code *code = gb_interp_code_of(m, store->exec.fuel_counted, err);
    if (!code) return NULL;
    size_t globals = m->global_count - m->imported[GB_EXTERN_GLOBAL];
    gb_instance *i = gb_store_own(store, sizeof *i + globals * sizeof *i->own_globals, release_instance);
    if (!i) {
        out_of_memory(err);
        return NULL;
    }
    i->exec = &store->exec;
    i->store = store;
    i->module = m;
    gb_module_retain(m);
    i->code = code;
    i->funcs = array(m->function_count, sizeof *i->funcs);
    i->globals = array(m->global_count, sizeof *i->globals);
    i->tables = array(m->table_count, sizeof *i->tables);
    i->memories = array(m->memory_count, sizeof *i->memories);
    i->tags = array(m->tag_count, sizeof *i->tags);
    i->data_lengths = array(m->data_count, sizeof *i->data_lengths);
    i->elem_lengths = array(m->elem_count, sizeof *i->elem_lengths);
    i->own_funcs = array(m->function_count - m->imported[GB_EXTERN_FUNC], sizeof *i->own_funcs);
    if (i->funcs && i->globals && i->tables && i->memories && i->tags && i->data_lengths && i->elem_lengths &&
        i->own_funcs) {
        i->next = atomic_load(&store->instances);
        atomic_store(&store->instances, i);
        return i;
    }
    out_of_memory(err); /* the store frees what there is */
    return NULL;
}

/* The module's canonical types get numbers of the store, group by group. */
static bool number_types(gb_instance *i, gb_error *err) {
    const gb_typetable *types = &i->module->types;
    uint32_t *ids = array(types->count, sizeof *ids);
    i->type_ids = ids;
    if (!ids) return out_of_memory(err);
    for (uint32_t first = 0; first < types->count;) {
        uint32_t count = types->types[first].group_size, base = i->store->types.count;
        gb_functype *group = array(count, sizeof *group);
        size_t total = 0, used = 0;
        for (uint32_t k = 0; k < count; k++)
            total += (size_t)types->types[first + k].param_count + types->types[first + k].result_count;
        gb_valtype *scratch = array(total, sizeof *scratch);
        bool ok = group && scratch;
        for (uint32_t k = 0; ok && k < count; k++) ids[first + k] = base + k; /* names within the group */
        for (uint32_t k = 0; ok && k < count; k++) {
            const gb_functype *type = &types->types[first + k];
            group[k] = *type;
            group[k].params = scratch + used;
            group[k].results = group[k].params + type->param_count;
            for (uint32_t n = 0; n < (uint32_t)type->param_count + type->result_count; n++)
                scratch[used++] = gb_valtype_in_store(type->params[n], ids);
        }
        uint32_t id = ok ? gb_typetable_intern(&i->store->types, group, count, base) : UINT32_MAX;
        for (uint32_t k = 0; ok && k < count; k++) ids[first + k] = id + k;
        free(group);
        free(scratch);
        if (id == UINT32_MAX) return out_of_memory(err);
        first += count;
    }
    return true;
}

/* ---- imports ---------------------------------------------------------------------------------------------- */

/* The names are the module's: they must do nothing to a terminal. */
static bool import_fails(const gb_import *import, gb_error *err, const char *what, const char *why) {
    gb_fail(err, GB_ERROR_UNLINKABLE, "%s: %s %.200s.%.200s%s%s", what, kind_names[import->kind], import->module.text,
            import->field.text, *why ? " " : "", why);
    if (err) gb_utf8_make_shown(err->message);
    return false;
}

static bool mismatch(const gb_import *import, gb_error *err, const char *why) {
    return import_fails(import, err, "incompatible import type", why);
}

static bool limits_match(uint64_t size, gb_limits_type has, gb_limits_type wanted) {
    return size >= wanted.min && (!wanted.has_max || (has.has_max && has.max <= wanted.max));
}

static bool import_host(gb_instance *i, const gb_import *import, const gb_definition *d, gb_error *err) {
    if (import->kind != GB_EXTERN_FUNC) return mismatch(import, err, "is a host function");
    uint32_t wanted = i->type_ids[i->module->functions[import->index].type];
    uint32_t has = gb_store_type(i->store, d->type, err);
    if (has == UINT32_MAX) return false;
    if (has != wanted) {
        gb_buffer text = {0};
        gb_functype_print(&text, &i->store->types.types[wanted]);
        gb_buffer_append_text(&text, " is wanted, it is ");
        gb_functype_print(&text, &i->store->types.types[has]);
        mismatch(import, err, gb_buffer_text(&text));
        gb_buffer_free(&text);
        return false;
    }
    gb_func *func = gb_store_own(i->store, sizeof *func, NULL);
    if (!func) return out_of_memory(err);
    *func = (gb_func){.type_id = has, .store = i->store, .host = d->host, .env = d->env};
    i->funcs[import->index] = func;
    return true;
}

static bool import_extern(gb_instance *i, const gb_import *import, const gb_instance *from, const gb_export *export,
                          gb_error *err) {
    const gb_module *m = i->module;
    uint32_t to = import->index, at = export->index;
    if (from->store != i->store) return mismatch(import, err, "belongs to another store");
    if (export->kind != import->kind) return mismatch(import, err, "is of another kind");
    switch (import->kind) {
    case GB_EXTERN_FUNC:
        if (from->funcs[at]->type_id != i->type_ids[m->functions[to].type])
            return mismatch(import, err, "has another type");
        i->funcs[to] = from->funcs[at];
        return true;
    case GB_EXTERN_TABLE:
        if (from->tables[at]->type != gb_valtype_in_store(m->tables[to].element, i->type_ids) ||
            !limits_match(from->tables[at]->size, from->tables[at]->limits, m->tables[to].limits))
            return mismatch(import, err, "has another element type or size");
        i->tables[to] = from->tables[at];
        return true;
    case GB_EXTERN_MEMORY:
        if (!limits_match(from->memories[at]->size / GB_PAGE_SIZE, from->memories[at]->limits, m->memories[to]))
            return mismatch(import, err, "has another size");
        i->memories[to] = from->memories[at];
        return true;
    case GB_EXTERN_GLOBAL: {
        const gb_global *has = &from->module->globals[at], *wanted = &m->globals[to];
        gb_valtype a = gb_valtype_in_store(has->type, from->type_ids), b = gb_valtype_in_store(wanted->type, i->type_ids);
        if (has->is_mutable != wanted->is_mutable || (has->is_mutable ? a != b : !gb_valtype_matches(a, b)))
            return mismatch(import, err, "has another type or mutability");
        i->globals[to] = from->globals[at];
        return true;
    }
    case GB_EXTERN_TAG:
        if (from->tags[at]->type_id != i->type_ids[m->tags[to]]) return mismatch(import, err, "has another type");
        i->tags[to] = from->tags[at];
        return true;
    }
    return false;
}

static bool resolve_imports(gb_instance *i, const gb_linker *linker, gb_error *err) {
    for (uint32_t k = 0; k < i->module->import_count; k++) {
        const gb_import *import = &i->module->imports[k];
        const gb_definition *definition;
        const gb_export *export;
        if (!gb_linker_find(linker, import, &definition, &export))
            return import_fails(import, err, "unknown import", "");
        if (definition->instance ? !import_extern(i, import, definition->instance, export, err)
                                 : !import_host(i, import, definition, err))
            return false;
    }
    return true;
}

/* ---- what the module defines --------------------------------------------------------------------------------- */

static void define_functions(gb_instance *i) {
    const gb_module *m = i->module;
    for (uint32_t k = m->imported[GB_EXTERN_FUNC]; k < m->function_count; k++) {
        gb_func *func = &i->own_funcs[k - m->imported[GB_EXTERN_FUNC]];
        *func = (gb_func){.instance = i, .type_id = i->type_ids[m->functions[k].type], .index = k, .store = i->store};
        i->funcs[k] = func;
    }
}

static bool define_globals(gb_instance *i, gb_error *err) {
    const gb_module *m = i->module;
    for (uint32_t k = m->imported[GB_EXTERN_GLOBAL]; k < m->global_count; k++) {
        gb_cell *cell = &i->own_globals[k - m->imported[GB_EXTERN_GLOBAL]];
        if (!gb_constexpr_eval(i, m->globals[k].init, cell->slot)) return out_of_memory(err);
        i->globals[k] = cell;
    }
    return true;
}

static bool define_others(gb_instance *i, gb_error *err) {
    const gb_module *m = i->module;
    gb_store *store = i->store;
    for (uint32_t k = m->imported[GB_EXTERN_TABLE]; k < m->table_count; k++) {
        i->tables[k] = gb_table_new(store, gb_valtype_in_store(m->tables[k].element, i->type_ids), m->tables[k].limits);
        if (!i->tables[k])
            return gb_fail(err, GB_ERROR_MEMORY, "no room for a table of %u entries: %llu of %llu are in use",
                           m->tables[k].limits.min, (unsigned long long)store->table_entries,
                           (unsigned long long)store->limits.table_entries);
    }
    for (uint32_t k = m->imported[GB_EXTERN_MEMORY]; k < m->memory_count; k++) {
        i->memories[k] = gb_memory_new(store, m->memories[k], err);
        if (!i->memories[k]) return false;
    }
    if (m->memory_count > 0 && !gb_memory_add_view(i->memories[0], i)) return out_of_memory(err);
    for (uint32_t k = m->imported[GB_EXTERN_TAG]; k < m->tag_count; k++) {
        i->tags[k] = gb_store_own(store, sizeof *i->tags[k], NULL);
        if (!i->tags[k]) return out_of_memory(err);
        i->tags[k]->type_id = i->type_ids[m->tags[k]];
    }
    return true;
}

/* ---- segments and start ------------------------------------------------------------------------------------------ */

static gb_trap_kind apply_elems(gb_instance *i) {
    const gb_module *m = i->module;
    gb_trap_kind kind = GB_TRAP_NONE;
    for (uint32_t k = 0; k < m->elem_count; k++)
        i->elem_lengths[k] = m->elems[k].mode == GB_SEGMENT_DECLARED ? 0 : m->elems[k].count;
    for (uint32_t k = 0; kind == GB_TRAP_NONE && k < m->elem_count; k++) {
        const gb_elem *elem = &m->elems[k];
        gb_slot at[2];
        if (elem->mode != GB_SEGMENT_ACTIVE) continue;
        if (!gb_constexpr_eval(i, elem->offset, at)) return GB_TRAP_MEMORY_LIMIT;
        kind = gb_bulk_table_init(i->exec, k, elem->table, (uint32_t)at[0], 0, elem->count);
        i->elem_lengths[k] = 0;
    }
    return kind;
}

static gb_trap_kind apply_datas(gb_instance *i) {
    const gb_module *m = i->module;
    gb_trap_kind kind = GB_TRAP_NONE;
    for (uint32_t k = 0; k < m->data_count; k++) i->data_lengths[k] = m->datas[k].length;
    for (uint32_t k = 0; kind == GB_TRAP_NONE && k < m->data_count; k++) {
        const gb_data *data = &m->datas[k];
        gb_slot at[2];
        if (data->mode != GB_SEGMENT_ACTIVE) continue;
        if (!gb_constexpr_eval(i, data->offset, at)) return GB_TRAP_MEMORY_LIMIT;
        kind = gb_bulk_memory_init(i->exec, k, (uint32_t)at[0], 0, data->length);
        i->data_lengths[k] = 0;
    }
    return kind;
}

/* The segments, then the start function. Segments are not charged to the fuel: only instructions are. */
static bool initialise(gb_instance *i, gb_trap *trap, gb_error *err) {
    gb_exec *x = i->exec;
    gb_instance *saved = x->instance;
    bool counted = x->fuel_counted;
    x->instance = i;
    x->fuel_counted = false;
    gb_trap_kind kind = apply_elems(i);
    if (kind == GB_TRAP_NONE) kind = apply_datas(i);
    x->instance = saved;
    x->fuel_counted = counted;
    if (kind != GB_TRAP_NONE) {
        gb_exec_trap(x, kind);
        *trap = x->trap;
        return gb_fail(err, GB_ERROR_TRAP, "a segment does not fit: %s", trap->message);
    }
    if (!i->module->has_start) return true;
    return gb_call(i->funcs[i->module->start], NULL, NULL, trap) ||
           gb_fail(err, GB_ERROR_TRAP, "the start function trapped: %s", trap->message);
}

/* Where the store compiles, every function can be called by machine code. */
static void attach_compiler(gb_instance *i) {
#if GB_X64
    if (!i->exec->x64) return;
    for (uint32_t k = 0; k < i->module->function_count; k++)
        if (!i->funcs[k]->entry) i->funcs[k]->entry = gb_x64_entry(i->funcs[k]);
    gb_x64_prepare(i);
#else
    (void)i;
#endif
}

gb_instance *gb_instance_new(gb_store *store, gb_module *module, const gb_linker *linker, gb_trap *trap,
                             gb_error *err) {
    gb_trap ignored;
    if (!trap) trap = &ignored;
    trap->kind = GB_TRAP_NONE;
    gb_instance *i = allocate(store, module, err);
    if (!i || !number_types(i, err) || !resolve_imports(i, linker, err)) return NULL;
    define_functions(i);
    if (!define_globals(i, err) || !define_others(i, err)) return NULL;
    attach_compiler(i);
    if (!initialise(i, trap, err)) return NULL;
    return i;
}

/* ---- exports ------------------------------------------------------------------------------------------------------- */

static const gb_export *find(const gb_instance *instance, const char *name, gb_extern_kind kind) {
    const gb_export *export = gb_module_find_export(instance->module, name, strlen(name));
    return export && export->kind == kind ? export : NULL;
}

gb_func *gb_instance_func(gb_instance *instance, const char *name) {
    const gb_export *export = find(instance, name, GB_EXTERN_FUNC);
    return export ? instance->funcs[export->index] : NULL;
}

gb_memory *gb_instance_memory(gb_instance *instance, const char *name) {
    const gb_export *export = find(instance, name, GB_EXTERN_MEMORY);
    return export ? instance->memories[export->index] : NULL;
}
