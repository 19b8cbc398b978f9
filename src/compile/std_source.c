#include "compile/std_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/strings.h"

typedef struct edit {
    const char *file;
    const char *find; /* NULL: at the end of the file */
    const char *replace;
} edit;

#define ERROR "std/src/io/error.rs"
#define HASH "core/src/hash/mod.rs"

/* wasi: snapshot_preview1 errno, in its order; linux: asm-generic/errno.h */
#define LINUX_NUMBERS                                                                              \
    "\n/// WASI's number of an error as Linux counts.\n"                                           \
    "fn linux_code(code: RawOsError) -> RawOsError {\n"                                            \
    "    const NUMBERS: [u8; 77] = [\n"                                                            \
    "        0, 7, 13, 98, 99, 97, 11, 114, 9, 74, 16, 125, 10, 103, 111, 104, 35, 89, 33, 122,\n" \
    "        17, 14, 27, 113, 43, 84, 115, 4, 22, 5, 106, 21, 40, 24, 31, 90, 72, 36, 100, 102,\n" \
    "        101, 23, 105, 19, 2, 8, 37, 67, 12, 42, 92, 28, 38, 107, 20, 39, 131, 88, 95, 25,\n"  \
    "        6, 75, 130, 1, 32, 71, 93, 91, 34, 30, 29, 3, 116, 110, 26, 18, 13,\n"                \
    "    ];\n"                                                                                     \
    "    NUMBERS.get(code as usize).map_or(code, |&number| number.into())\n"                       \
    "}\n"

static const edit edits[] = {
    /* What an error says. Its `raw_os_error` is WASI's, as are the constants it is compared with. */
    {ERROR, ".field(\"code\", &code)", ".field(\"code\", &linux_code(code))"},
    {ERROR, "\"{detail} (os error {code})\")", "\"{detail} (os error {})\", linux_code(code))"},
    {ERROR, NULL, LINUX_NUMBERS},
    /* What a hasher gets that does not say how it takes a `usize`: lengths, numbers of variants. */
    {HASH, "fn write_usize(&mut self, i: usize) {\n        self.write(&i.to_ne_bytes())",
     "fn write_usize(&mut self, i: usize) {\n        self.write(&(i as u64).to_ne_bytes())"},
};
enum { EDITS = sizeof edits / sizeof edits[0] };

const char *gb_std_source_recipe(void) {
    return "Linux's numbers of errors, usize hashed as 64 bits: 1";
}

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

/* ---- one file -------------------------------------------------------------------------------- */

/* Every place where it stands: a line in a comment does no harm. */
static bool apply(const edit *e, gb_buffer *text, gb_buffer *out, size_t *missed) {
    size_t size = e->find ? strlen(e->find) : 0, at = 0, found = 0;
    gb_buffer_clear(out);
    const char *source = gb_buffer_text(text);
    for (const char *hit; e->find && (hit = strstr(source + at, e->find)) != NULL; found++) {
        size_t start = (size_t)(hit - source);
        if (!gb_buffer_append(out, source + at, start - at) ||
            !gb_buffer_append_text(out, e->replace))
            return false;
        at = start + size;
    }
    if (e->find && !found) ++*missed;
    return gb_buffer_append(out, source + at, text->length - at) &&
           (e->find || gb_buffer_append_text(out, e->replace));
}

/* All of a file's edits, or none: they need each other. */
static bool write_edited(const char *name, const char *from, const char *to, size_t *missed,
                         gb_error *err) {
    gb_buffer original = {0}, text = {0}, out = {0};
    size_t missed_here = 0;
    bool ok = gb_file_read(from, &original, err);
    bool room = ok && gb_buffer_append(&text, original.data, original.length);
    for (size_t i = 0; room && i < EDITS; i++) {
        if (strcmp(edits[i].file, name) != 0) continue;
        room = apply(&edits[i], &text, &out, &missed_here);
        gb_buffer swapped = text;
        text = out;
        out = swapped;
    }
    if (ok && !room) ok = no_memory(err);
    const gb_buffer *written = missed_here ? &original : &text;
    ok = ok && gb_file_write(to, written->data, written->length, 0644, err);
    *missed += missed_here;
    gb_buffer_free(&original);
    gb_buffer_free(&text);
    gb_buffer_free(&out);
    return ok;
}

/* ---- the folders ----------------------------------------------------------------------------- */

typedef enum entry_kind { OTHER, ON_THE_WAY, EDITED } entry_kind;

static entry_kind kind_of(const char *name) {
    entry_kind kind = OTHER;
    for (size_t i = 0; i < EDITS; i++) {
        const char *rest = gb_text_after(edits[i].file, name);
        if (rest && *rest == '\0') return EDITED;
        if (rest && *rest == '/') kind = ON_THE_WAY;
    }
    return kind;
}

/* `inner`: the folder's name below `library`, "" for that. */
static bool mirror(const char *from, const char *to, const char *inner, size_t *missed,
                   gb_error *err);

static bool mirror_entry(const char *from, const char *to, const char *name, size_t *missed,
                         gb_error *err) {
    const char *entry = gb_path_name(name);
    char *a = gb_path_join(from, entry), *b = gb_path_join(to, entry);
    bool ok = a && b ? true : no_memory(err);
    entry_kind kind = kind_of(name);
    if (ok && kind == EDITED) ok = write_edited(name, a, b, missed, err);
    else if (ok && kind == ON_THE_WAY) ok = mirror(a, b, name, missed, err);
    /* Cargo may write the lock file. */
    else if (ok && strcmp(name, "Cargo.lock") == 0) ok = gb_file_copy(a, b, err);
    else if (ok) ok = gb_file_symlink(a, b, err);
    free(a);
    free(b);
    return ok;
}

static bool mirror(const char *from, const char *to, const char *inner, size_t *missed,
                   gb_error *err) {
    gb_strings names = {0};
    bool ok = gb_dir_make(to, err) && gb_dir_list(from, &names, err);
    for (size_t i = 0; ok && i < names.count; i++) {
        char *name = *inner ? gb_path_join(inner, names.items[i]) : gb_text_copy(names.items[i]);
        ok = name ? mirror_entry(from, to, name, missed, err) : no_memory(err);
        free(name);
    }
    gb_strings_free(&names);
    return ok;
}

bool gb_std_source_make(const char *from, const char *to, size_t *missed, gb_error *err) {
    *missed = 0;
    return mirror(from, to, "", missed, err);
}
