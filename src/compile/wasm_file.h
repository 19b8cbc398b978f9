/* wasm_file.h: the outside of a wasm file: its sections, imports, and a section of ours behind
 * them. No validation: the worker validates what it runs. Hostile bytes are only ever "not found"
 * or an error. */
#ifndef GB_COMPILE_WASM_FILE_H
#define GB_COMPILE_WASM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* The last custom section of that name: what we append hides what was there. *found false when there is none; *bytes points into wasm.
 * False (GB_ERROR_MALFORMED): not a wasm file, or its sections do not add up. */
bool gb_wasm_custom_section(const uint8_t *wasm, size_t length, const char *name, bool *found,
                            const uint8_t **bytes, size_t *size, gb_error *err);
/* Appends a custom section to the file in `out`. */
bool gb_wasm_append_section(gb_buffer *out, const char *name, const void *bytes, size_t size);
/* Calls fn for each import until it returns false. Names are not NUL-terminated. */
typedef bool (*gb_wasm_import_fn)(void *env, const char *module, size_t module_length,
                                  const char *field, size_t field_length);
bool gb_wasm_imports(const uint8_t *wasm, size_t length, gb_wasm_import_fn fn, void *env,
                     gb_error *err);

#endif
