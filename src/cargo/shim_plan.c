#include "cargo/shim_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build_id.h"
#include "base/file.h"
#include "source/lexer.h"
#include "compile/wasm_file.h"
#include "macros/elf.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- places in a source file ----------------------------------------------------------------- */

/* rustc: rustc_span normalize_src */
bool gb_source_normalise(const uint8_t *text, size_t length, gb_buffer *out) {
    size_t at = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < length) {
        const uint8_t *cr = memchr(text + at, '\r', length - at);
        size_t end = cr ? (size_t)(cr - text) : length;
        if (!gb_buffer_append(out, text + at, end - at)) return false;
        if (!cr) break;
        bool newline = end + 1 < length && text[end + 1] == '\n';
        if (!newline && !gb_buffer_append(out, "\r", 1)) return false;
        at = end + 1;
    }
    return true;
}

static bool is_passed(const gb_token *t) {
    bool comment = t->kind == GB_TOKEN_LINE_COMMENT || t->kind == GB_TOKEN_BLOCK_COMMENT;
    return t->kind == GB_TOKEN_WHITESPACE || t->kind == GB_TOKEN_SHEBANG ||
           t->kind == GB_TOKEN_FRONTMATTER || (comment && !t->doc);
}

/* rustc: parse_mod: the first token, inner attributes and documentation among them */
size_t gb_source_base(const uint8_t *text, size_t length, int edition) {
    gb_lexer lx;
    gb_token t;
    gb_lexer_init(&lx, text, length, edition);
    while (gb_lexer_next(&lx, &t))
        if (!is_passed(&t)) return t.start;
    return length;
}

/* Byte offset of a 1-based line and column; length when there is no such place. */
static size_t offset_of(const uint8_t *text, size_t length, uint32_t line, uint32_t column) {
    size_t at = 0;
    for (uint32_t i = 1; i < line; i++) {
        const uint8_t *newline = at < length ? memchr(text + at, '\n', length - at) : NULL;
        if (!newline) return length;
        at = (size_t)(newline - text) + 1;
    }
    for (uint32_t i = 1; i < column && at < length; i++)
        for (at++; at < length && (text[at] & 0xC0) == 0x80;) at++;
    return at;
}

/* From the function's first token: what it is made of. */
static bool read_function(gb_lexer *lx, gb_token *t, gb_place_of *out) {
    size_t depth = 0, last_end = t->end;
    bool after_fn = false;
    out->start = t->start;
    out->name = out->name_end = 0;
    do {
        bool open = t->kind == GB_TOKEN_OPEN, brace = open && lx->text[t->start] == '{';
        if (brace && depth == 0) break;
        if (open) depth++;
        if (t->kind == GB_TOKEN_CLOSE && depth-- == 0) return false;
        if (after_fn) {
            out->name = t->start;
            /* `$name` in a macro's body is one */
            if (lx->text[t->start] == '$' && !gb_lexer_next_significant(lx, t)) return false;
            out->name_end = t->end;
        }
        after_fn = !out->name_end && gb_token_is(lx, t, "fn");
        last_end = t->end;
    } while (gb_lexer_next_significant(lx, t));
    if (t->kind != GB_TOKEN_OPEN || !out->name_end) return false;
    out->signature_end = last_end;
    for (depth = 0; t->kind != GB_TOKEN_END;) {
        if (t->kind == GB_TOKEN_OPEN) depth++;
        if (t->kind == GB_TOKEN_CLOSE && --depth == 0) {
            out->end = t->end;
            return true;
        }
        if (!gb_lexer_next_significant(lx, t)) break;
    }
    return false;
}

/* From the `#` of an attribute that made the function under it anew. rustc takes the function to be
 * where the attribute is, and shows that. */
static bool read_made_function(gb_lexer *lx, gb_token *t, gb_place_of *out) {
    size_t start = t->start, end = 0;
    while (gb_token_is(lx, t, "#")) {
        size_t depth = 0;
        while (gb_lexer_next_significant(lx, t)) {
            if (t->kind == GB_TOKEN_OPEN) depth++;
            if (t->kind == GB_TOKEN_CLOSE && --depth == 0) break;
            if (depth == 0) return false;
        }
        if (!end) end = t->end;
        if (!gb_lexer_next_significant(lx, t)) return false;
    }
    if (!read_function(lx, t, out)) return false;
    out->start = start;
    out->signature_end = end;
    return true;
}

bool gb_source_find_function(const uint8_t *text, size_t length, int edition, uint32_t line,
                             uint32_t column, gb_place_of *out) {
    gb_lexer lx;
    gb_token t;
    size_t wanted = offset_of(text, length, line, column);
    gb_lexer_init(&lx, text, length, edition);
    while (gb_lexer_next_significant(&lx, &t)) {
        if (t.start > wanted) return false;
        if (t.start == wanted)
            return gb_token_is(&lx, &t, "#") ? read_made_function(&lx, &t, out)
                                             : read_function(&lx, &t, out);
    }
    return false;
}

/* ---- records --------------------------------------------------------------------------------- */

bool gb_shim_records(const char *artifact, gb_records *records, gb_error *err) {
    gb_mapped_file file;
    const uint8_t *section;
    size_t size;
    bool found;
    if (!gb_file_map(artifact, &file, err)) return false;
    bool native = file.length >= 4 && memcmp(file.bytes, "\177ELF", 4) == 0;
    bool ok = (native ? gb_elf_section(file.bytes, file.length, "glovebox.macros", &found, &section,
                                          &size, err)
                      : gb_wasm_custom_section(file.bytes, file.length, "glovebox.macros", &found,
                                               &section, &size, err)) &&
              (!found || gb_records_add(records, section, size, err)) &&
              gb_shim_records_check(records, err);
    if (!ok) gb_error_context(err, "%s", artifact);
    gb_file_unmap(&file);
    return ok;
}

/* ---- what the shim says ---------------------------------------------------------------------- */

/* A Rust string literal. */
static bool add_literal(gb_buffer *out, const char *text) {
    bool ok = gb_buffer_append(out, "\"", 1);
    for (const char *p = text; ok && *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') ok = gb_buffer_append_format(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7F) ok = gb_buffer_append_format(out, "\\x%02x", c);
        else ok = gb_buffer_append(out, p, 1);
    }
    return ok && gb_buffer_append(out, "\"", 1);
}

static bool add_field(gb_buffer *out, const char *name, const char *text) {
    return gb_buffer_append_format(out, "%s: ", name) && add_literal(out, text ? text : "") &&
           gb_buffer_append_text(out, ", ");
}

static int edition_of(const gb_unit *unit) {
    return unit->edition ? atoi(unit->edition) : 2015;
}

/* What the dynamic linker calls when the compiler has loaded the shim: the library then gets a worker ready that is
 * expected to be wanted. */
static bool add_loaded(const gb_unit *unit, gb_buffer *out) {
    bool marked = edition_of(unit) >= 2024; /* older compilers do not know the mark, newer editions demand it */
    return gb_buffer_append_format(
        out,
        " #[used] #[%slink_section = \".init_array\"%s] static __GLOVEBOX_LOADED: extern \"C\" fn() = "
        "{ extern \"C\" fn loaded() { __GLOVEBOX.loaded() } loaded };",
        marked ? "unsafe(" : "", marked ? ")" : "");
}

static bool add_library(const gb_unit *unit, const gb_shim_options *o, const gb_records *records,
                        gb_buffer *out) {
    bool ok =
        gb_buffer_append_text(out, "static __GLOVEBOX: ::glovebox_shim::Library = "
                                   "::glovebox_shim::Library::new(::glovebox_shim::Info { ") &&
        add_field(out, "worker", o->worker) && add_field(out, "build", gb_build_id()) &&
        add_field(out, "artifact", o->artifact) && add_field(out, "digest", o->digest) &&
        add_field(out, "package", unit->package_name) &&
        add_field(out, "version", unit->package_version) &&
        gb_buffer_append_text(out, "arguments: &[");
    for (size_t i = 0; ok && o->limits && i < o->limits->count; i++)
        ok = add_literal(out, o->limits->items[i]) && gb_buffer_append_text(out, ", ");
    ok = ok && gb_buffer_append_text(out, "], macros: &[");
    for (size_t i = 0; ok && i < records->count; i++)
        ok = add_literal(out, records->items[i].macro.name) && gb_buffer_append_text(out, ", ");
    return ok && gb_buffer_append_text(out, "] });") && add_loaded(unit, out);
}

/* What an artifact records goes into source that is compiled natively, and its author may have
 * written the records himself: names must be identifiers and attributes harmless, or there is no
 * shim. */

static bool is_identifier(const char *text) {
    gb_lexer lx;
    gb_token t;
    gb_lexer_init(&lx, (const uint8_t *)text, strlen(text), 2021);
    return gb_lexer_next(&lx, &t) && (t.kind == GB_TOKEN_IDENT || t.kind == GB_TOKEN_RAW_IDENT) &&
           t.end == lx.length;
}

/* Tokens that are cut alike in every edition. */
static bool is_plain_token(const gb_lexer *lx, const gb_token *t) {
    static const gb_token_kind plain[] = {GB_TOKEN_WHITESPACE, GB_TOKEN_IDENT,   GB_TOKEN_INTEGER,
                                          GB_TOKEN_STR,        GB_TOKEN_RAW_STR, GB_TOKEN_PUNCT,
                                          GB_TOKEN_OPEN,       GB_TOKEN_CLOSE};
    bool glued = t->kind == GB_TOKEN_IDENT && t->end < lx->length &&
                 memchr("\"'#", lx->text[t->end], 3) != NULL;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (t->kind == plain[i]) return t->terminated && t->suffix == t->end && !glued;
    return false;
}

/* Reads one `#[…]` from its `#` on; its last token is *t. *kept: it is documentation or
 * deprecation. */
static bool read_attribute(gb_lexer *lx, gb_token *t, bool *kept) {
    size_t depth = 0;
    *kept = false; /* until its name is read */
    if (!gb_token_is(lx, t, "#") || !gb_lexer_next(lx, t) || !gb_token_is(lx, t, "[")) return false;
    for (bool first = true; is_plain_token(lx, t);) {
        if (t->kind == GB_TOKEN_OPEN) depth++;
        if (t->kind == GB_TOKEN_CLOSE && --depth == 0) return true;
        if (t->kind == GB_TOKEN_IDENT && first) {
            *kept = gb_token_is(lx, t, "doc") || gb_token_is(lx, t, "deprecated");
            first = false;
        }
        if (!gb_lexer_next(lx, t)) return false;
    }
    return false;
}

static bool add_kept_attributes(const char *text, gb_buffer *out, gb_error *err) {
    gb_lexer lx;
    gb_token t;
    gb_lexer_init(&lx, (const uint8_t *)text, strlen(text), 2021);
    lx.at_top = false; /* no shebang, no frontmatter here */
    while (gb_lexer_next(&lx, &t)) {
        if (t.kind == GB_TOKEN_WHITESPACE) continue;
        size_t start = t.start;
        bool kept;
        if (!read_attribute(&lx, &t, &kept))
            return gb_fail(err, GB_ERROR_MALFORMED,
                           "the artifact records an attribute that is none: %s", text);
        if (kept &&
            !(gb_buffer_append(out, " ", 1) && gb_buffer_append(out, text + start, t.end - start)))
            return no_memory(err);
    }
    return true;
}

/* The attributes of a function: our own kind's, then what the record kept. */
static bool add_attributes(const glovebox_macro *m, gb_buffer *out, gb_error *err) {
    bool ok;
    if (m->kind == GLOVEBOX_DERIVE) {
        ok = gb_buffer_append_format(out, "#[proc_macro_derive(%s", m->name);
        for (size_t i = 0; ok && m->helpers[i]; i++)
            ok = gb_buffer_append_format(out, "%s%s", i ? ", " : ", attributes(", m->helpers[i]);
        ok = ok && gb_buffer_append_text(out, m->helpers[0] ? "))]" : ")]");
    } else {
        ok = gb_buffer_append_text(out, m->kind == GLOVEBOX_ATTRIBUTE ? "#[proc_macro_attribute]"
                                                                      : "#[proc_macro]");
    }
    return ok ? add_kept_attributes(m->attributes, out, err) : no_memory(err);
}

bool gb_shim_records_check(const gb_records *records, gb_error *err) {
    for (size_t i = 0; i < records->count; i++) {
        const glovebox_macro *m = &records->items[i].macro;
        bool ok = is_identifier(m->name) && is_identifier(m->function);
        for (size_t h = 0; ok && m->helpers[h]; h++) ok = is_identifier(m->helpers[h]);
        if (!ok)
            return gb_fail(err, GB_ERROR_MALFORMED,
                           "the artifact records a macro `%s` with a name that "
                           "is no identifier",
                           m->name);
    }
    return true;
}

static const char *tail_of(const glovebox_macro *m) {
    return m->kind == GLOVEBOX_ATTRIBUTE
               ? "(a: ::proc_macro::TokenStream, i: ::proc_macro::TokenStream) -> ::proc_macro::TokenStream"
               : "(i: ::proc_macro::TokenStream) -> ::proc_macro::TokenStream";
}

static bool add_body(const glovebox_macro *m, size_t index, gb_buffer *out) {
    char call[64];
    switch (m->kind) {
    case GLOVEBOX_DERIVE: snprintf(call, sizeof call, "derive(%zu, i)", index); break;
    case GLOVEBOX_ATTRIBUTE: snprintf(call, sizeof call, "attribute(%zu, a, i)", index); break;
    case GLOVEBOX_FUNCTION: snprintf(call, sizeof call, "function(%zu, i)", index); break;
    }
    return gb_buffer_append_format(out, "{ __GLOVEBOX.%s }", call);
}

static const char crates[] = "extern crate proc_macro; extern crate glovebox_shim;";

/* A field of a plan, with `\t \n \\` escaped by a backslash. */
static bool add_plan_field(gb_buffer *out, const gb_buffer *text) {
    bool ok = true;
    for (size_t i = 0; ok && i < text->length; i++) {
        uint8_t c = text->data[i];
        ok = c == '\t'   ? gb_buffer_append(out, "\\t", 2)
             : c == '\n' ? gb_buffer_append(out, "\\n", 2)
             : c == '\\' ? gb_buffer_append(out, "\\\\", 2)
                         : gb_buffer_append(out, &c, 1);
    }
    return ok;
}

static bool plan_function(const gb_record *record, size_t index, const gb_place_of *place,
                          gb_buffer *out, gb_error *err) {
    gb_buffer attributes = {0}, body = {0};
    bool sound = add_attributes(&record->macro, &attributes, err);
    bool ok =
        sound && add_body(&record->macro, index, &body) &&
        gb_buffer_append_format(out, "fn\t%zu\t%zu\t%zu\t%zu\t%zu\t", place->start, place->name,
                                place->name_end, place->signature_end, place->end) &&
        add_plan_field(out, &attributes) &&
        gb_buffer_append_format(out, "\tpub fn\t%s\t%s\t", record->macro.function,
                                tail_of(&record->macro)) &&
        add_plan_field(out, &body) && gb_buffer_append(out, "\n", 1);
    gb_buffer_free(&attributes);
    gb_buffer_free(&body);
    return ok || (sound && no_memory(err));
}

bool gb_shim_plan(const gb_unit *unit, const gb_shim_options *options, const gb_records *records,
                  const gb_buffer *file, const char *file_name, gb_buffer *out, gb_error *err) {
    int edition = edition_of(unit);
    size_t base = gb_source_base(file->data, file->length, edition);
    gb_buffer library = {0};
    bool ok =
        add_library(unit, options, records, &library) &&
        /* What the compiler put in for std goes with the rest; `include_str!` in documentation
         * needs it. */
        gb_buffer_append_format(out, "base\t%zu\nitem\t#[macro_use] extern crate std; %s\nitem\t",
                                base, crates) &&
        add_plan_field(out, &library) && gb_buffer_append(out, "\n", 1);
    if (!ok) no_memory(err);
    for (size_t i = 0; ok && i < records->count; i++) {
        const glovebox_macro *m = &records->items[i].macro;
        gb_place_of place;
        if (strcmp(m->file, file_name) != 0 ||
            !gb_source_find_function(file->data, file->length, edition, m->line, m->column, &place))
            place = (gb_place_of){base, base, base + 1, base + 1, base + 1};
        ok = plan_function(&records->items[i], i, &place, out, err);
    }
    gb_buffer_free(&library);
    return ok;
}

bool gb_shim_source(const gb_unit *unit, const gb_shim_options *options, const gb_records *records,
                    gb_buffer *out, gb_error *err) {
    bool ok = gb_buffer_append_format(out, "%s\n", crates) &&
              add_library(unit, options, records, out) && gb_buffer_append(out, "\n", 1);
    for (size_t i = 0; ok && i < records->count; i++) {
        const glovebox_macro *m = &records->items[i].macro;
        if (!add_attributes(m, out, err)) return false;
        ok = gb_buffer_append_format(out, "\npub fn %s%s ", m->function, tail_of(m)) &&
             add_body(m, i, out) && gb_buffer_append(out, "\n", 1);
    }
    return ok || no_memory(err);
}
