#include "builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void put_bytes(gb_buffer *b, const void *bytes, size_t n) {
    if (gb_buffer_append(b, bytes, n)) return;
    fprintf(stderr, "builder: out of memory\n");
    exit(2);
}

void put_u8(gb_buffer *b, unsigned byte) {
    uint8_t c = (uint8_t)byte;
    put_bytes(b, &c, 1);
}

void put_leb(gb_buffer *b, uint64_t value) {
    for (; value >= 0x80; value >>= 7) put_u8(b, (unsigned)(value & 0x7F) | 0x80);
    put_u8(b, (unsigned)value);
}

void put_sleb(gb_buffer *b, int64_t value) {
    while (value < -64 || value > 63) {
        put_u8(b, (unsigned)(value & 0x7F) | 0x80);
        value >>= 7;
    }
    put_u8(b, (unsigned)(value & 0x7F));
}

void put_name(gb_buffer *b, const char *name) {
    put_leb(b, strlen(name));
    put_bytes(b, name, strlen(name));
}

static unsigned letter(char c) {
    static const char letters[] = "iIfFvreX";
    static const uint8_t types[] = {0x7F, 0x7E, 0x7D, 0x7C, 0x7B, 0x70, 0x6F, 0x69};
    return types[strchr(letters, c) - letters];
}

uint32_t add_type(builder *b, const char *letters) {
    const char *colon = strchr(letters, ':');
    put_u8(&b->types, 0x60);
    put_leb(&b->types, (size_t)(colon - letters));
    for (const char *c = letters; c < colon; c++) put_u8(&b->types, letter(*c));
    put_leb(&b->types, strlen(colon + 1));
    for (const char *c = colon + 1; *c; c++) put_u8(&b->types, letter(*c));
    return b->type_count++;
}

uint32_t add_import(builder *b, const char *module, const char *field, uint32_t type) {
    put_name(&b->imports, module);
    put_name(&b->imports, field);
    put_u8(&b->imports, 0);
    put_leb(&b->imports, type);
    b->import_count++;
    return b->imported_functions++;
}

uint32_t add_function(builder *b, uint32_t type, const gb_buffer *locals, const gb_buffer *body, const char *name) {
    uint32_t index = b->imported_functions + b->function_count++;
    put_leb(&b->functions, type);
    put_leb(&b->code, (locals ? locals->length : 1) + body->length + 1);
    if (locals)
        put_bytes(&b->code, locals->data, locals->length);
    else
        put_u8(&b->code, 0);
    put_bytes(&b->code, body->data, body->length);
    put_u8(&b->code, 0x0B);
    b->code_count++;
    if (!name) return index;
    put_name(&b->exports, name);
    put_u8(&b->exports, 0);
    put_leb(&b->exports, index);
    b->export_count++;
    return index;
}

void add_memory(builder *b, uint32_t min, uint32_t max) {
    put_u8(&b->memories, 1);
    put_u8(&b->memories, 1);
    put_leb(&b->memories, min);
    put_leb(&b->memories, max);
    put_name(&b->exports, "memory");
    put_u8(&b->exports, 2);
    put_leb(&b->exports, 0);
    b->export_count++;
}

void add_tag(builder *b, uint32_t type) {
    put_u8(&b->tags, 0);
    put_leb(&b->tags, type);
    b->tag_count++;
}

void add_function_name(builder *b, uint32_t function, const char *name) {
    gb_buffer map = {0};
    put_leb(&map, 1);
    put_leb(&map, function);
    put_name(&map, name);
    put_name(&b->customs, "name");
    put_u8(&b->customs, 1);
    put_leb(&b->customs, map.length);
    put_bytes(&b->customs, map.data, map.length);
    gb_buffer_free(&map);
}

static void section(gb_buffer *out, unsigned id, uint32_t count, const gb_buffer *content) {
    gb_buffer head = {0};
    if (content->length == 0) return;
    if (count != UINT32_MAX) put_leb(&head, count);
    put_u8(out, id);
    put_leb(out, head.length + content->length);
    if (head.length) put_bytes(out, head.data, head.length);
    put_bytes(out, content->data, content->length);
    gb_buffer_free(&head);
}

const gb_buffer *build_module(builder *b) {
    gb_buffer *out = &b->module;
    gb_buffer_clear(out);
    PUT(out, "\0asm\1\0\0\0");
    section(out, 1, b->type_count, &b->types);
    section(out, 2, b->import_count, &b->imports);
    section(out, 3, b->function_count, &b->functions);
    section(out, 4, UINT32_MAX, &b->tables);
    section(out, 5, UINT32_MAX, &b->memories);
    section(out, 13, b->tag_count, &b->tags);
    section(out, 6, b->global_count, &b->globals);
    section(out, 7, b->export_count, &b->exports);
    section(out, 9, UINT32_MAX, &b->elems);
    section(out, 10, b->code_count, &b->code);
    section(out, 11, b->data_count, &b->datas);
    section(out, 0, UINT32_MAX, &b->customs);
    return out;
}

void free_builder(builder *b) {
    gb_buffer *all[] = {&b->types, &b->imports, &b->functions, &b->tables, &b->memories, &b->tags, &b->globals,
                        &b->exports, &b->elems, &b->code, &b->datas, &b->customs, &b->module};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) gb_buffer_free(all[i]);
    *b = (builder){0};
}
