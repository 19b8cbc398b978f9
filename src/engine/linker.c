#include "engine/linker.h"

#include <stdlib.h>
#include <string.h>

static bool out_of_memory(gb_error *err) { return gb_fail(err, GB_ERROR_MEMORY, "out of memory for a linker"); }

gb_linker *gb_linker_new(gb_error *err) {
    gb_linker *linker = calloc(1, sizeof *linker);
    if (!linker) out_of_memory(err);
    return linker;
}

static void free_definition(gb_definition *d) {
    free(d->module);
    free(d->field);
    free(d->type);
    free(d);
}

void gb_linker_free(gb_linker *linker) {
    if (!linker) return;
    while (linker->definitions) {
        gb_definition *next = linker->definitions->next;
        free_definition(linker->definitions);
        linker->definitions = next;
    }
    free(linker);
}

static bool add(gb_linker *linker, gb_definition definition, const char *module, const char *field, const char *type,
                gb_error *err) {
    gb_definition *d = malloc(sizeof *d);
    if (!d) return out_of_memory(err);
    *d = definition;
    d->module = strdup(module);
    d->field = field ? strdup(field) : NULL;
    d->type = type ? strdup(type) : NULL;
    if (!d->module || (field && !d->field) || (type && !d->type)) {
        free_definition(d);
        return out_of_memory(err);
    }
    d->next = linker->definitions;
    linker->definitions = d;
    return true;
}

bool gb_linker_define(gb_linker *linker, const char *module, const char *field, const char *type, gb_host_fn fn,
                      void *env, gb_error *err) {
    if (!strchr(type, ':'))
        return gb_fail(err, GB_ERROR_USAGE, "the type \"%s\" of %s.%s has no colon", type, module, field);
    return add(linker, (gb_definition){.host = fn, .env = env}, module, field, type, err);
}

bool gb_linker_define_instance(gb_linker *linker, const char *module, gb_instance *instance, gb_error *err) {
    return add(linker, (gb_definition){.instance = instance}, module, NULL, NULL, err);
}

static bool name_is(const gb_name *name, const char *text) {
    return strlen(text) == name->length && memcmp(name->text, text, name->length) == 0;
}

bool gb_linker_find(const gb_linker *linker, const gb_import *import, const gb_definition **definition,
                    const gb_export **export) {
    for (const gb_definition *d = linker ? linker->definitions : NULL; d; d = d->next) {
        if (!name_is(&import->module, d->module)) continue;
        *definition = d;
        *export = NULL;
        if (d->field) {
            if (name_is(&import->field, d->field)) return true;
            continue;
        }
        *export = gb_module_find_export(d->instance->module, import->field.text, import->field.length);
        if (*export) return true;
    }
    return false;
}
