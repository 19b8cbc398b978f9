#include "manifest/toml_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what stands in the file ----------------------------------------------------------------- */

typedef enum sort { HEADER, VALUE } sort;

/* A header `[a.b]`, or `a.b = value`, at the top or in an inline table. */
typedef struct entry {
    sort sort;
    gb_strings path; /* from the top; empty and `lost` where it stands in an array */
    bool lost;
    size_t home;       /* names of the path that are the header's or the inline table's around it */
    bool inlined;      /* it stands in an inline table */
    size_t start, end; /* of all of it, without what follows on its line */
    size_t value;      /* where its value starts */
    size_t last; /* array, inline table: behind the last element; behind the bracket when empty */
    bool comma;  /* a comma follows that, `last` is behind it */
    size_t elements;
    gb_strings texts; /* of an array: its elements that are plain texts */
} entry;

typedef struct scan {
    const char *text;
    size_t length, at;
    entry *entries;
    size_t count, capacity;
    bool failed; /* no memory */
} scan;

enum { DEPTH = 64 };

static void free_scan(scan *s) {
    for (size_t i = 0; i < s->count; i++) {
        gb_strings_free(&s->entries[i].path);
        gb_strings_free(&s->entries[i].texts);
    }
    free(s->entries);
}

/* The new entry, or a place to write to that nobody reads. */
static size_t add_entry(scan *s) {
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        entry *grown = realloc(s->entries, capacity * sizeof *grown);
        if (grown == NULL) {
            s->failed = true;
            return SIZE_MAX;
        }
        s->entries = grown;
        s->capacity = capacity;
    }
    s->entries[s->count] = (entry){0};
    return s->count++;
}

static char peek(const scan *s) {
    return s->at < s->length ? s->text[s->at] : '\0';
}

static bool starts(const scan *s, const char *what) {
    size_t n = strlen(what);
    return s->length - s->at >= n && memcmp(s->text + s->at, what, n) == 0;
}

static bool take(scan *s, char c) {
    if (peek(s) != c || s->at == s->length) return false;
    s->at++;
    return true;
}

static void skip_blanks(scan *s) {
    while (peek(s) == ' ' || peek(s) == '\t') s->at++;
}

static void skip_line(scan *s) {
    while (s->at < s->length && s->text[s->at] != '\n') s->at++;
}

/* Blanks, line ends and comments. */
static void skip_space(scan *s) {
    for (;;) {
        skip_blanks(s);
        if (peek(s) == '#') skip_line(s);
        else if (peek(s) == '\n' || peek(s) == '\r') s->at++;
        else return;
    }
}

/* A string of any of the four kinds. `out`: its text where that needs no decoding but of \" and \\;
 * else something that equals no text. */
static bool scan_string(scan *s, gb_buffer *out) {
    char quote = peek(s);
    const char *three = quote == '"' ? "\"\"\"" : "'''";
    bool longer = starts(s, three), plain = !longer;
    s->at += longer ? 3 : 1;
    for (; s->at < s->length; s->at++) {
        char c = s->text[s->at];
        if (longer ? starts(s, three) : c == quote) {
            s->at += longer ? 3 : 1;
            while (longer && peek(s) == quote) s->at++; /* """"a"""" ends in a quote of its own */
            if (out != NULL && !plain) gb_buffer_append(out, "\x01", 1);
            return true;
        }
        if (c == '\n' && !longer) return false;
        if (c == '\\' && quote == '"') {
            if (++s->at == s->length) return false;
            c = s->text[s->at];
            plain = plain && (c == '"' || c == '\\');
        }
        if (out != NULL && !gb_buffer_append(out, &c, 1)) s->failed = true;
    }
    return false;
}

static bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* a."b c".d */
static bool scan_key(scan *s, gb_strings *path) {
    do {
        gb_buffer name = {0};
        skip_blanks(s);
        bool ok = true;
        if (peek(s) == '"' || peek(s) == '\'') {
            ok = scan_string(s, &name);
        } else {
            size_t start = s->at;
            while (is_bare(peek(s))) s->at++;
            ok = s->at > start && gb_buffer_append(&name, s->text + start, s->at - start);
        }
        if (ok) gb_strings_add(path, gb_buffer_text(&name));
        gb_buffer_free(&name);
        if (!ok) return false;
        skip_blanks(s);
    } while (take(s, '.'));
    return true;
}

static bool scan_value(scan *s, size_t mine, unsigned depth);

/* `path = value`, where `around` is what the path starts with. */
static bool scan_entry(scan *s, const gb_strings *around, bool lost, bool inlined, unsigned depth) {
    size_t mine = add_entry(s);
    if (mine == SIZE_MAX) return false;
    entry e = {
        .sort = VALUE, .lost = lost, .inlined = inlined, .home = around->count, .start = s->at};
    gb_strings_add_all(&e.path, around);
    bool ok = scan_key(s, &e.path);
    s->entries[mine] = e;
    if (!ok || !take(s, '=')) return false;
    skip_blanks(s);
    s->entries[mine].value = s->at;
    if (!scan_value(s, mine, depth)) return false;
    s->entries[mine].end = s->at;
    return true;
}

/* What an array or an inline table says of its end. */
static void note_end(scan *s, size_t mine, size_t last, bool comma, size_t elements) {
    if (mine == SIZE_MAX) return;
    s->entries[mine].last = last;
    s->entries[mine].comma = comma;
    s->entries[mine].elements = elements;
}

static bool scan_array_text(scan *s, size_t mine) {
    gb_buffer text = {0};
    bool ok = scan_string(s, &text);
    if (ok && mine != SIZE_MAX) gb_strings_add(&s->entries[mine].texts, gb_buffer_text(&text));
    gb_buffer_free(&text);
    return ok;
}

/* Array and inline table alike. mine: the entry whose value it is, or SIZE_MAX within an array. */
static bool scan_list(scan *s, size_t mine, char close, unsigned depth) {
    size_t last = ++s->at, elements = 0;
    bool comma = false;
    for (;;) {
        skip_space(s);
        if (take(s, close)) break;
        if (elements > 0 && !comma) return false;
        bool table = close == '}', ok;
        if (table) {
            gb_strings path = {0};
            bool lost = mine == SIZE_MAX || s->entries[mine].lost;
            if (!lost) gb_strings_add_all(&path, &s->entries[mine].path);
            ok = scan_entry(s, &path, lost, true, depth + 1);
            gb_strings_free(&path);
        } else if (peek(s) == '"' || peek(s) == '\'') {
            ok = scan_array_text(s, mine);
        } else {
            ok = scan_value(s, SIZE_MAX, depth + 1);
        }
        if (!ok) return false;
        elements++;
        last = s->at;
        skip_space(s);
        comma = take(s, ',');
        if (comma) last = s->at;
    }
    note_end(s, mine, last, comma, elements);
    return true;
}

static bool scan_value(scan *s, size_t mine, unsigned depth) {
    if (depth > DEPTH) return false;
    switch (peek(s)) {
    case '"':
    case '\'': return scan_string(s, NULL);
    case '[': return scan_list(s, mine, ']', depth);
    case '{': return scan_list(s, mine, '}', depth);
    default: break;
    }
    size_t start = s->at; /* a number, a date (with a blank in it), true, false */
    while (s->at < s->length && strchr(",]}#\r\n", s->text[s->at]) == NULL) s->at++;
    while (s->at > start && (s->text[s->at - 1] == ' ' || s->text[s->at - 1] == '\t')) s->at--;
    return s->at > start;
}

static bool scan_header(scan *s, gb_strings *path, bool *lost) {
    size_t mine = add_entry(s);
    if (mine == SIZE_MAX) return false;
    entry e = {.sort = HEADER, .start = s->at++};
    bool several = take(s, '[');
    bool ok = scan_key(s, &e.path) && take(s, ']') && (!several || take(s, ']'));
    gb_strings_clear(path);
    gb_strings_add_all(path, &e.path);
    e.end = s->at;
    e.lost = *lost = several;
    s->entries[mine] = e;
    return ok;
}

static bool scan_all(scan *s) {
    gb_strings path = {0};
    bool lost = false, ok = true;
    if (starts(s, "\xef\xbb\xbf")) s->at += 3;
    for (skip_space(s); ok && s->at < s->length; skip_space(s)) {
        ok = peek(s) == '[' ? scan_header(s, &path, &lost) : scan_entry(s, &path, lost, false, 0);
        skip_blanks(s);
        char after = peek(s);
        ok = ok && (s->at == s->length || after == '#' || after == '\r' || after == '\n');
    }
    ok = ok && gb_strings_ok(&path, NULL);
    gb_strings_free(&path);
    for (size_t i = 0; ok && i < s->count; i++) {
        ok = gb_strings_ok(&s->entries[i].path, NULL) && gb_strings_ok(&s->entries[i].texts, NULL);
    }
    return ok && !s->failed;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* How many names of `path` `keys` starts with. */
static size_t common(const gb_strings *keys, const gb_strings *path) {
    size_t n = 0;
    while (n < keys->count && n < path->count && strcmp(keys->items[n], path->items[n]) == 0) n++;
    return n;
}

static const entry *find(const scan *s, sort what, const gb_strings *keys, size_t count) {
    for (size_t i = 0; i < s->count; i++) {
        const entry *e = &s->entries[i];
        if (e->sort == what && !e->lost && e->path.count == count &&
            common(keys, &e->path) == count) {
            return e;
        }
    }
    return NULL;
}

/* The last entry that defines a part of the table by a dotted key, or the table that encloses it.
 */
static const entry *find_dotted(const scan *s, const gb_strings *keys, size_t count) {
    const entry *found = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const entry *e = &s->entries[i];
        if (e->sort == VALUE && !e->lost && e->home < count && e->path.count > count &&
            common(keys, &e->path) >= count) {
            found = e;
        }
    }
    return found;
}

/* ---- writing --------------------------------------------------------------------------------- */

bool gb_toml_quote(gb_buffer *out, const char *text) {
    bool ok = gb_buffer_append(out, "\"", 1);
    for (; ok && *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') ok = gb_buffer_append_format(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f) ok = gb_buffer_append_format(out, "\\u%04X", c);
        else ok = gb_buffer_append(out, &c, 1);
    }
    return ok && gb_buffer_append(out, "\"", 1);
}

bool gb_toml_write_key(gb_buffer *out, const char *key) {
    const char *p = key;
    while (is_bare(*p)) p++;
    return *p == '\0' && p > key ? gb_buffer_append_text(out, key) : gb_toml_quote(out, key);
}

static bool write_path(gb_buffer *out, const gb_strings *keys, size_t from) {
    bool ok = true;
    for (size_t i = from; ok && i < keys->count; i++) {
        ok = (i == from || gb_buffer_append_text(out, ".")) &&
             gb_toml_write_key(out, keys->items[i]);
    }
    return ok;
}

/* `path.name = value`, the path from its `from`-th key on. */
static bool write_entry(gb_buffer *out, const gb_toml_key *key, size_t from, const char *value) {
    return write_path(out, key->table, from) &&
           (from >= key->table->count || gb_buffer_append_text(out, ".")) &&
           gb_toml_write_key(out, key->name) && gb_buffer_append_format(out, " = %s", value);
}

/* Puts `addition` into the text at `at`, in place of `removed` bytes. */
static bool put_in(gb_buffer *text, size_t at, size_t removed, const gb_buffer *addition) {
    gb_buffer out = {0};
    bool ok = gb_buffer_append(&out, text->data, at) &&
              gb_buffer_append(&out, addition->data, addition->length) &&
              gb_buffer_append(&out, text->data + at + removed, text->length - at - removed);
    if (ok) {
        gb_buffer_free(text);
        *text = out;
    } else {
        gb_buffer_free(&out);
    }
    return ok;
}

static size_t line_end(const scan *s, size_t at) {
    while (at < s->length && s->text[at] != '\n') at++;
    return at > 0 && at < s->length && s->text[at - 1] == '\r' ? at - 1 : at;
}

static const char *newline(const scan *s) {
    const char *first = memchr(s->text, '\n', s->length);
    return first != NULL && first > s->text && first[-1] == '\r' ? "\r\n" : "\n";
}

/* Appends the blanks that the line of `at` starts with. */
static bool indent_as(const scan *s, size_t at, gb_buffer *out) {
    size_t start = at;
    while (start > 0 && s->text[start - 1] != '\n') start--;
    size_t end = start;
    while (end < at && (s->text[end] == ' ' || s->text[end] == '\t')) end++;
    return gb_buffer_append(out, s->text + start, end - start);
}

/* A line of its own behind the entry's, indented alike. */
static bool add_line(const scan *s, const entry *behind, const gb_toml_key *key, size_t from,
                     const char *value, gb_buffer *text) {
    gb_buffer line = {0};
    bool ok = gb_buffer_append_text(&line, newline(s)) &&
              (behind->sort == HEADER || indent_as(s, behind->start, &line)) &&
              write_entry(&line, key, from, value) &&
              put_in(text, line_end(s, behind->end), 0, &line);
    gb_buffer_free(&line);
    return ok;
}

/* The last entry of the header's section. */
static const entry *section_end(const scan *s, const entry *header) {
    const entry *last = header;
    for (const entry *e = header + 1; e < s->entries + s->count && e->sort != HEADER; e++) {
        if (!e->inlined) last = e;
    }
    return last;
}

static bool add_to_inline_table(const entry *table, const gb_toml_key *key, size_t from,
                                const char *value, gb_buffer *text) {
    gb_buffer addition = {0};
    bool ok = gb_buffer_append_text(&addition, table->elements > 0 && !table->comma ? ", " : " ") &&
              write_entry(&addition, key, from, value);
    size_t at = table->last;
    if (ok && table->elements == 0 && text->data[at] == '}') {
        ok = gb_buffer_append_text(&addition, " ");
    }
    ok = ok && put_in(text, at, 0, &addition);
    gb_buffer_free(&addition);
    return ok;
}

/* Behind the last section that shares the first names with the new one, or at the end of the file.
 */
static bool add_table(const scan *s, const gb_toml_key *key, const char *value, gb_buffer *text) {
    enum { FAMILY = 3 }; /* workspace.metadata.glovebox */
    const entry *relative = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const entry *e = &s->entries[i];
        if (e->sort == HEADER && !e->lost && common(key->table, &e->path) >= FAMILY) relative = e;
    }
    gb_buffer addition = {0};
    const char *nl = newline(s);
    size_t at = relative != NULL ? line_end(s, section_end(s, relative)->end) : s->length;
    bool ended = at == 0 || s->text[at - 1] == '\n';
    bool ok = (ended || gb_buffer_append_text(&addition, nl)) &&
              (at == 0 || gb_buffer_append_text(&addition, nl)) &&
              gb_buffer_append_text(&addition, "[") && write_path(&addition, key->table, 0) &&
              gb_buffer_append_format(&addition, "]%s", nl) &&
              write_entry(&addition, key, key->table->count, value) &&
              (at < s->length || gb_buffer_append_text(&addition, nl)) &&
              put_in(text, at, 0, &addition);
    gb_buffer_free(&addition);
    return ok;
}

static bool no_place(gb_error *err, const gb_toml_key *key, const char *why) {
    return gb_fail(err, GB_ERROR_MALFORMED, "there is no place for `%s`: %s", key->name, why);
}

static bool new_value(const scan *s, const gb_toml_key *key, const char *value, gb_buffer *text,
                      gb_error *err) {
    const gb_strings *table = key->table;
    const entry *e = find(s, HEADER, table, table->count);
    bool ok;
    if (e != NULL) {
        ok = add_line(s, section_end(s, e), key, table->count, value, text);
        return ok || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    }
    /* The nearest table above that is written in one value, or by dotted keys in the same family.
     */
    for (size_t n = table->count; n > 0; n--) {
        if ((e = find(s, VALUE, table, n)) != NULL) {
            if (s->text[e->value] != '{') return no_place(err, key, "its table is another value");
            ok = add_to_inline_table(e, key, n, value, text);
            return ok || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
        }
        if (n >= 3 && (e = find_dotted(s, table, n)) != NULL) {
            gb_buffer addition = {0};
            ok = !e->inlined ? add_line(s, e, key, e->home, value, text)
                             : gb_buffer_append_text(&addition, ", ") &&
                                   write_entry(&addition, key, e->home, value) &&
                                   put_in(text, e->end, 0, &addition);
            gb_buffer_free(&addition);
            return ok || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
        }
    }
    return add_table(s, key, value, text) || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* On lines of their own where the array has several lines, else behind the last. */
static bool extend_array(const scan *s, const entry *array, const gb_strings *values,
                         gb_buffer *text) {
    bool lines = memchr(s->text + array->value, '\n', array->end - array->value) != NULL;
    gb_buffer addition = {0};
    bool ok = true;
    size_t at = array->last;
    if (lines && array->elements > 0) {
        gb_buffer indent = {0};
        size_t end = line_end(s, at);
        bool shared = end >= array->end; /* the closing bracket stands on the last element's line */
        ok = indent_as(s, array->comma ? at - 1 : at, &indent);
        if (!array->comma) ok = ok && gb_buffer_append_text(&addition, ",");
        if (!shared) ok = ok && gb_buffer_append(&addition, s->text + at, end - at);
        for (size_t i = 0; ok && i < values->count; i++) {
            ok = gb_buffer_append_text(&addition, newline(s)) &&
                 gb_buffer_append_text(&addition, gb_buffer_text(&indent)) &&
                 gb_toml_quote(&addition, values->items[i]) &&
                 (i + 1 == values->count && !array->comma ? true
                                                          : gb_buffer_append_text(&addition, ","));
        }
        ok = ok && put_in(text, at, shared ? 0 : end - at, &addition);
        gb_buffer_free(&indent);
    } else {
        for (size_t i = 0; ok && i < values->count; i++) {
            bool first = i == 0 && array->elements == 0;
            ok = gb_buffer_append_text(&addition, first                    ? ""
                                                  : i == 0 && array->comma ? " "
                                                                           : ", ") &&
                 gb_toml_quote(&addition, values->items[i]);
        }
        ok = ok && put_in(text, at, 0, &addition);
    }
    gb_buffer_free(&addition);
    return ok;
}

static bool array_text(const gb_strings *values, gb_buffer *out) {
    bool ok = gb_buffer_append_text(out, "[");
    for (size_t i = 0; ok && i < values->count; i++) {
        ok = (i == 0 || gb_buffer_append_text(out, ", ")) && gb_toml_quote(out, values->items[i]);
    }
    return ok && gb_buffer_append_text(out, "]");
}

static bool add_texts(const scan *s, const gb_toml_key *key, const gb_strings *path,
                      const gb_strings *values, gb_buffer *text, gb_error *err) {
    const entry *e = find(s, VALUE, path, path->count);
    if (e == NULL) {
        gb_buffer value = {0};
        bool ok = array_text(values, &value) || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
        ok = ok && new_value(s, key, gb_buffer_text(&value), text, err);
        gb_buffer_free(&value);
        return ok;
    }
    if (s->text[e->value] != '[') return no_place(err, key, "it is there and is no array");
    gb_strings missing = {0};
    for (size_t i = 0; i < values->count; i++) {
        if (!gb_strings_has(&e->texts, values->items[i]))
            gb_strings_add(&missing, values->items[i]);
    }
    bool ok = gb_strings_ok(&missing, err);
    if (ok && missing.count > 0) {
        ok = extend_array(s, e, &missing, text) || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    }
    gb_strings_free(&missing);
    return ok;
}

static bool set_true(const scan *s, const gb_toml_key *key, const gb_strings *path, gb_buffer *text,
                     gb_error *err) {
    const entry *e = find(s, VALUE, path, path->count);
    if (e == NULL) return new_value(s, key, "true", text, err);
    size_t length = e->end - e->value;
    const char *now = s->text + e->value;
    if (length == 4 && memcmp(now, "true", 4) == 0) return true;
    if (length != 5 || memcmp(now, "false", 5) != 0) {
        return no_place(err, key, "it is there and is neither true nor false");
    }
    gb_buffer value = {0};
    bool ok = gb_buffer_append_text(&value, "true") && put_in(text, e->value, length, &value);
    gb_buffer_free(&value);
    return ok || gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* values NULL: true. */
static bool edit(gb_buffer *text, const gb_toml_key *key, const gb_strings *values, gb_error *err) {
    scan s = {.length = text->length};
    gb_strings path = {0};
    char *copy =
        gb_text_copy_n(gb_buffer_text(text), text->length); /* positions are of the old text */
    s.text = copy;
    gb_strings_add_all(&path, key->table);
    gb_strings_add(&path, key->name);
    bool ok = (copy != NULL && gb_strings_ok(&path, NULL)) ||
              gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    if (ok && !scan_all(&s)) {
        ok = gb_fail(err, GB_ERROR_MALFORMED, "the text cannot be read as TOML at byte %zu", s.at);
    }
    ok = ok && (values != NULL ? add_texts(&s, key, &path, values, text, err)
                               : set_true(&s, key, &path, text, err));
    free_scan(&s);
    gb_strings_free(&path);
    free(copy);
    return ok;
}

bool gb_toml_add_texts(gb_buffer *text, const gb_toml_key *key, const gb_strings *values,
                       gb_error *err) {
    return edit(text, key, values, err);
}

bool gb_toml_set_true(gb_buffer *text, const gb_toml_key *key, gb_error *err) {
    return edit(text, key, NULL, err);
}
