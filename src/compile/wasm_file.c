#include "compile/wasm_file.h"

#include <string.h>

/* spec: 5.5 Modules. A section is an id byte, its size as LEB128, and that many bytes. */
enum { CUSTOM_SECTION = 0, IMPORT_SECTION = 2 };

typedef struct cursor {
    const uint8_t *at, *end;
    bool bad;
} cursor;

static uint8_t next_byte(cursor *c) {
    if (c->at < c->end) return *c->at++;
    c->bad = true;
    return 0;
}

/* spec: 5.2.2, at most 5 bytes for 32 bits */
static uint32_t next_u32(cursor *c) {
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = next_byte(c);
        value |= (uint32_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
    c->bad = true;
    return 0;
}

/* The next `size` bytes as a cursor of their own. */
static cursor next_part(cursor *c, size_t size) {
    cursor part = {c->at, c->at, true};
    if (c->bad || size > (size_t)(c->end - c->at)) {
        c->bad = true;
        return part;
    }
    part = (cursor){c->at, c->at + size, false};
    c->at += size;
    return part;
}

static cursor next_name(cursor *c) {
    return next_part(c, next_u32(c));
}

static bool open_file(cursor *c, const uint8_t *wasm, size_t length, gb_error *err) {
    *c = (cursor){wasm, wasm + length, false};
    if (length < 8 || memcmp(wasm, "\0asm\1\0\0\0", 8) != 0)
        return gb_fail(err, GB_ERROR_MALFORMED, "not a WebAssembly module");
    c->at += 8;
    return true;
}

/* The next section; false at the end, or when the file is cut off (then c->bad). */
static bool next_section(cursor *c, uint8_t *id, cursor *body) {
    if (c->at == c->end) return false;
    *id = next_byte(c);
    *body = next_part(c, next_u32(c));
    return !c->bad;
}

static bool at_end(const cursor *c, gb_error *err) {
    return !c->bad || gb_fail(err, GB_ERROR_MALFORMED, "the module is cut off inside a section");
}

bool gb_wasm_custom_section(const uint8_t *wasm, size_t length, const char *name, bool *found,
                            const uint8_t **bytes, size_t *size, gb_error *err) {
    cursor file, body;
    uint8_t id;
    *found = false;
    if (!open_file(&file, wasm, length, err)) return false;
    while (next_section(&file, &id, &body)) {
        if (id != CUSTOM_SECTION) continue;
        cursor title = next_name(&body);
        size_t title_length = (size_t)(title.end - title.at);
        if (body.bad || title_length != strlen(name) || memcmp(title.at, name, title_length) != 0)
            continue;
        *found = true;
        *bytes = body.at;
        *size = (size_t)(body.end - body.at);
    }
    return at_end(&file, err);
}

static void encode_u32(uint8_t out[5], size_t *length, uint32_t value) {
    *length = 0;
    do {
        uint8_t byte = value & 0x7F;
        value >>= 7;
        out[(*length)++] = value ? byte | 0x80 : byte;
    } while (value);
}

bool gb_wasm_append_section(gb_buffer *out, const char *name, const void *bytes, size_t size) {
    uint8_t name_size[5], body_size[5];
    size_t a, b, title = strlen(name);
    if (title > UINT32_MAX / 2 || size > UINT32_MAX / 2) return false;
    encode_u32(name_size, &a, (uint32_t)title);
    encode_u32(body_size, &b, (uint32_t)(a + title + size));
    return gb_buffer_reserve(out, 1 + b + a + title + size) && gb_buffer_append(out, "\0", 1) &&
           gb_buffer_append(out, body_size, b) && gb_buffer_append(out, name_size, a) &&
           gb_buffer_append(out, name, title) && gb_buffer_append(out, bytes, size);
}

/* spec: 5.5.5 Import section */
static void skip_import_type(cursor *c) {
    uint8_t kind = next_byte(c), flags;
    switch (kind) {
    case 0: /* function: a type index */ next_u32(c); break;
    case 1: /* table: a reference type and limits */
        next_byte(c);
        flags = next_byte(c);
        next_u32(c);
        if (flags & 1) next_u32(c);
        break;
    case 2: /* memory: limits */
        flags = next_byte(c);
        next_u32(c);
        if (flags & 1) next_u32(c);
        break;
    case 3: /* global: a value type and whether it changes */
        next_byte(c);
        next_byte(c);
        break;
    case 4: /* tag: an attribute and a type index */
        next_byte(c);
        next_u32(c);
        break;
    default: c->bad = true;
    }
}

bool gb_wasm_imports(const uint8_t *wasm, size_t length, gb_wasm_import_fn fn, void *env,
                     gb_error *err) {
    cursor file, body;
    uint8_t id;
    if (!open_file(&file, wasm, length, err)) return false;
    while (next_section(&file, &id, &body)) {
        if (id != IMPORT_SECTION) continue;
        for (uint32_t left = next_u32(&body); left && !body.bad; left--) {
            cursor module = next_name(&body), field = next_name(&body);
            skip_import_type(&body);
            if (body.bad) break;
            if (!fn(env, (const char *)module.at, (size_t)(module.end - module.at),
                    (const char *)field.at, (size_t)(field.end - field.at)))
                return true;
        }
        if (body.bad) return gb_fail(err, GB_ERROR_MALFORMED, "the import section is cut off");
    }
    return at_end(&file, err);
}
