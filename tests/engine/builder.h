/* builder.h: WebAssembly modules made byte by byte, for tests. Failing to allocate ends the test program. */
#ifndef GB_TESTS_BUILDER_H
#define GB_TESTS_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct builder {
    gb_buffer types, imports, functions, tables, memories, tags, globals, exports, elems, code, datas, customs;
    uint32_t type_count, import_count, function_count, tag_count, global_count, export_count, code_count, data_count;
    uint32_t imported_functions;
    gb_buffer module; /* what build_module returned last */
} builder;

void put_u8(gb_buffer *b, unsigned byte);
void put_leb(gb_buffer *b, uint64_t value);
void put_sleb(gb_buffer *b, int64_t value);
void put_name(gb_buffer *b, const char *name);
/* Bytes of a body, for instance "\x20\x00\x0f" with their number. */
#define PUT(b, literal) put_bytes(b, literal, sizeof(literal) - 1)
void put_bytes(gb_buffer *b, const void *bytes, size_t n);

/* Letters as in gb_linker_define, X is exnref. */
uint32_t add_type(builder *b, const char *letters);
uint32_t add_import(builder *b, const char *module, const char *field, uint32_t type);
/* A function with declared locals (bytes of the vector of runs, NULL: none) and its instructions without the
 * last `end`; exported when name is not NULL. */
uint32_t add_function(builder *b, uint32_t type, const gb_buffer *locals, const gb_buffer *body, const char *name);
void add_memory(builder *b, uint32_t min, uint32_t max);
void add_tag(builder *b, uint32_t type);
/* A name section for functions: pairs of index and name come with add_function_name, in order. */
void add_function_name(builder *b, uint32_t function, const char *name);
/* The module's bytes, the builder's own. */
const gb_buffer *build_module(builder *b);
void free_builder(builder *b);

#endif
