#include "engine/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/decode.h"
#include "engine/icode.h"
#include "engine/validate.h"

static bool validate(gb_module *m, bool lazily, gb_error *err) {
    if (!lazily) return gb_module_validate_bodies(m, err);
    m->bodies = calloc((size_t)m->function_count + 1, sizeof *m->bodies);
    return m->bodies || gb_fail(err, GB_ERROR_MEMORY, "out of memory while decoding the module");
}

static gb_module *decode(const uint8_t *bytes, size_t length, bool borrow, bool lazily, gb_error *err) {
    if (length > GB_MODULE_MAX) {
        gb_fail(err, GB_ERROR_INVALID, "a module of %zu bytes, at most %d are supported", length,
                GB_MODULE_MAX);
        return NULL;
    }
    gb_module *m = calloc(1, sizeof *m);
    if (!m || !gb_typetable_init(&m->types)) {
        free(m);
        gb_fail(err, GB_ERROR_MEMORY, "out of memory while decoding the module");
        return NULL;
    }
    atomic_init(&m->references, 1);
    m->bytes = bytes;
    m->length = (uint32_t)length;
    if (!borrow) {
        m->owned_bytes = malloc(length ? length : 1);
        if (!m->owned_bytes) {
            gb_fail(err, GB_ERROR_MEMORY, "out of memory while decoding the module");
            goto fail;
        }
        if (length) memcpy(m->owned_bytes, bytes, length);
        m->bytes = m->owned_bytes;
    }
    if (!gb_decode_sections(m, err) || !validate(m, lazily, err)) goto fail;
    return m;
fail:
    gb_module_release(m);
    return NULL;
}

gb_module *gb_module_decode(const uint8_t *bytes, size_t length, bool borrow, gb_error *err) {
    return decode(bytes, length, borrow, false, err);
}

gb_module *gb_module_decode_lazily(const uint8_t *bytes, size_t length, bool borrow, gb_error *err) {
    return decode(bytes, length, borrow, true, err);
}

void gb_module_retain(gb_module *m) {
    atomic_fetch_add_explicit(&m->references, 1, memory_order_relaxed);
}

static void free_name(gb_name *name) { free((void *)(uintptr_t)name->text); }

void gb_module_release(gb_module *m) {
    if (!m || atomic_fetch_sub_explicit(&m->references, 1, memory_order_acq_rel) != 1) return;
    gb_interp_code_free(atomic_load(&m->interp[0]));
    gb_interp_code_free(atomic_load(&m->interp[1]));
    void *compiled = atomic_load(&m->compiled);
    if (compiled) m->free_compiled(compiled);
    free((void *)m->bodies);
    for (uint32_t i = 0; i < m->import_count; i++) {
        free_name(&m->imports[i].module);
        free_name(&m->imports[i].field);
    }
    for (uint32_t i = 0; i < m->export_count; i++) free_name(&m->exports[i].name);
    for (uint32_t i = 0; i < m->custom_count; i++) free_name(&m->customs[i].name);
    for (uint32_t i = 0; i < m->elem_count; i++) free(m->elems[i].items);
    gb_typetable_free(&m->types);
    free(m->type_map);
    free(m->imports);
    free(m->functions);
    free(m->tables);
    free(m->memories);
    free(m->globals);
    free(m->tags);
    free(m->exports);
    free(m->elems);
    free(m->datas);
    free(m->customs);
    free(m->declared);
    free(m->owned_bytes);
    free(m);
}

bool gb_module_custom_section(const gb_module *m, const char *name, size_t index,
                              const uint8_t **bytes, size_t *length) {
    size_t name_length = strlen(name);
    for (uint32_t i = 0; i < m->custom_count; i++) {
        const gb_custom *c = &m->customs[i];
        if (c->name.length != name_length || memcmp(c->name.text, name, name_length) != 0) continue;
        if (index-- != 0) continue;
        *bytes = m->bytes + c->start;
        *length = c->length;
        return true;
    }
    return false;
}

bool gb_module_import(const gb_module *m, size_t index, const char **module_name, const char **field,
                      const char **kind) {
    static const char *const kinds[] = {"func", "table", "memory", "global", "tag"};
    if (index >= m->import_count) return false;
    *module_name = m->imports[index].module.text;
    *field = m->imports[index].field.text;
    *kind = kinds[m->imports[index].kind];
    return true;
}

const gb_export *gb_module_find_export(const gb_module *m, const char *name, size_t length) {
    uint32_t low = 0, high = m->export_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const gb_export *e = &m->exports[middle];
        int order = e->name.length != length ? (e->name.length < length ? -1 : 1)
                                             : memcmp(e->name.text, name, length);
        if (order == 0) return e;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

uint32_t gb_module_function_at(const gb_module *m, uint32_t offset) {
    uint32_t low = m->imported[GB_EXTERN_FUNC], high = m->function_count;
    while (low < high) { /* bodies stand in order */
        uint32_t middle = low + (high - low) / 2;
        if (m->functions[middle].end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < m->function_count && m->functions[low].body <= offset ? low : UINT32_MAX;
}

bool gb_module_fail(const gb_module *m, gb_error *err, gb_error_kind kind, const uint8_t *at,
                    const char *section, const char *format, ...) {
    char what[512], where[320];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    uint32_t offset = (uint32_t)(at - m->bytes);
    uint32_t function = section ? UINT32_MAX : gb_module_function_at(m, offset);
    if (function != UINT32_MAX)
        gb_module_function_name(m, function, where, sizeof where);
    else
        snprintf(where, sizeof where, "%s section", section ? section : "code");
    return gb_fail(err, kind, "%s: %s (%s%s, offset 0x%x)",
                   kind == GB_ERROR_MALFORMED ? "malformed module" : "invalid module", what,
                   function != UINT32_MAX ? "in " : "", where, (unsigned)offset);
}

static bool read_concrete(gb_reader *r, const gb_module *m, int64_t index, uint32_t *heap,
                          gb_error_kind *kind) {
    *kind = GB_ERROR_INVALID;
    r->why = "unknown type";
    if (index < 0 || index >= m->type_count) return false;
    *heap = m->type_map[index];
    return true;
}

bool gb_read_heaptype(gb_reader *r, const gb_module *m, uint32_t *heap, gb_error_kind *kind) {
    int64_t value;
    *kind = GB_ERROR_MALFORMED;
    if (!gb_read_i33(r, &value)) return false;
    switch (value) {
    case 0x70 - 0x80:
    case 0x6F - 0x80:
    case 0x69 - 0x80:
    case 0x72 - 0x80:
    case 0x73 - 0x80:
    case 0x74 - 0x80: *heap = GB_HEAP_ABSTRACT | (uint32_t)(value + 0x80); return true;
    default: break;
    }
    if (value >= 0) return read_concrete(r, m, value, heap, kind);
    r->why = "malformed reference type";
    return false;
}

bool gb_read_valtype(gb_reader *r, const gb_module *m, gb_valtype *type, gb_error_kind *kind) {
    uint8_t byte;
    uint32_t heap;
    *kind = GB_ERROR_MALFORMED;
    if (!gb_read_u8(r, &byte)) return false;
    switch (byte) {
    case GB_I32:
    case GB_I64:
    case GB_F32:
    case GB_F64:
    case GB_V128: *type = byte; return true;
    case 0x70:
    case 0x6F:
    case 0x69:
    case 0x72:
    case 0x73:
    case 0x74: *type = GB_REFTYPE(true, GB_HEAP_ABSTRACT | byte); return true;
    case GB_REF_NULL:
    case GB_REF:
        if (!gb_read_heaptype(r, m, &heap, kind)) return false;
        *type = GB_REFTYPE(byte == GB_REF_NULL, heap);
        return true;
    default: break;
    }
    r->at--;
    r->why = "malformed value type";
    return false;
}

bool gb_read_blocktype(gb_reader *r, const gb_module *m, gb_blocktype *block, gb_error_kind *kind) {
    int64_t value;
    uint32_t canonical;
    *block = (gb_blocktype){0};
    *kind = GB_ERROR_MALFORMED;
    if (r->at == r->end) {
        r->why = "unexpected end";
        return false;
    }
    if (*r->at == 0x40) {
        r->at++;
        return true;
    }
    if ((*r->at & 0xC0) == 0x40) return gb_read_valtype(r, m, &block->single, kind);
    const uint8_t *at = r->at;
    if (!gb_read_i33(r, &value)) return false;
    if (value < 0) {
        r->at = at;
        r->why = "malformed block type";
        return false;
    }
    if (!read_concrete(r, m, value, &canonical, kind)) return false;
    block->type = &m->types.types[canonical];
    return true;
}
