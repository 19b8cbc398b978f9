/* names.c: names of functions for messages, from the name section (spec appendix, "Name Section"). */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "engine/demangle.h"
#include "engine/module.h"

enum { SUBSECTION_FUNCTIONS = 1 };

/* Looks through one name section; a broken one simply has no names. */
static bool find_name(gb_reader r, uint32_t function, const uint8_t **name, uint32_t *length) {
    uint8_t id;
    uint32_t size, count, index;
    const uint8_t *bytes;
    while (gb_read_u8(&r, &id) && gb_read_u32(&r, &size) && gb_read_bytes(&r, size, &bytes)) {
        if (id != SUBSECTION_FUNCTIONS) continue;
        gb_reader s = {.at = bytes, .end = bytes + size};
        if (!gb_read_u32(&s, &count)) return false;
        while (count-- > 0 && gb_read_u32(&s, &index) && gb_read_name(&s, name, length))
            if (index == function) return true;
    }
    return false;
}

static void function_name(const gb_module *m, uint32_t function, char *text, size_t size) {
    const uint8_t *section, *name;
    size_t section_length;
    uint32_t length;
    if (gb_module_custom_section(m, "name", 0, &section, &section_length)) {
        gb_reader r = {.at = section, .end = section + section_length};
        if (find_name(r, function, &name, &length)) {
            gb_demangle((const char *)name, length, text, size);
            return;
        }
    }
    for (uint32_t i = 0; function < m->imported[GB_EXTERN_FUNC] && i < m->import_count; i++) {
        const gb_import *import = &m->imports[i];
        if (import->kind != GB_EXTERN_FUNC || import->index != function) continue;
        snprintf(text, size, "%s.%s", import->module.text, import->field.text);
        return;
    }
    snprintf(text, size, "func[%u]", function);
}

void gb_module_function_name(const gb_module *m, uint32_t function, char *text, size_t size) {
    function_name(m, function, text, size);
    gb_utf8_make_shown(text);
}
