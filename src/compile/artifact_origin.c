#include "compile/artifact_origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/release.h"
#include "compile/recipe.h"
#include "compile/wasm_file.h"

static const char section[] = "glovebox.origin";

/* ---- writing --------------------------------------------------------------------------------- */

static void add_features(const gb_unit *unit, gb_strings *lines) {
    gb_strings features = {0};
    gb_buffer text = {0};
    for (size_t i = 0; i < unit->cfgs.count; i++) {
        const char *name = gb_text_after(unit->cfgs.items[i], "feature=\"");
        if (name) gb_strings_add_n(&features, name, strcspn(name, "\""));
    }
    gb_strings_sort(&features);
    for (size_t i = 0; i < features.count; i++)
        if (!gb_buffer_append_format(&text, "%s%s", i ? "," : "", features.items[i]))
            lines->failed = true;
    gb_strings_add_format(lines, "features=%s", gb_buffer_text(&text));
    if (features.failed) lines->failed = true;
    gb_strings_free(&features);
    gb_buffer_free(&text);
}

bool gb_artifact_origin_add(const gb_unit *unit, const gb_toolchain *toolchain,
                            const gb_strings *extra, gb_buffer *bytes, gb_error *err) {
    gb_strings lines = {0};
    gb_buffer text = {0};
    gb_strings_add_format(&lines, "package=%s", unit->package_name ? unit->package_name : "");
    gb_strings_add_format(&lines, "version=%s", unit->package_version ? unit->package_version : "");
    add_features(unit, &lines);
    gb_strings_add_format(&lines, "compiler=%s", toolchain->version);
    gb_strings_add_format(&lines, "toolchain=%s", toolchain->id);
    gb_strings_add(&lines, "glovebox=" GB_RELEASE);
    gb_strings_add_format(&lines, "recipe=%s", gb_guest_recipe());
    if (extra) gb_strings_add_all(&lines, extra);
    bool ok = gb_strings_ok(&lines, err);
    for (size_t i = 0; ok && i < lines.count; i++)
        ok = gb_buffer_append_text(&text, lines.items[i]) && gb_buffer_append(&text, "\n", 1);
    ok = ok && gb_wasm_append_section(bytes, section, gb_buffer_text(&text), text.length);
    if (!ok) gb_fail(err, GB_ERROR_MEMORY, "out of memory");
    gb_strings_free(&lines);
    gb_buffer_free(&text);
    return ok;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What lies behind the first line that starts with `key`. */
static char *value_of(const gb_strings *lines, const char *key) {
    for (size_t i = 0; i < lines->count; i++) {
        const char *value = gb_text_after(lines->items[i], key);
        if (value) return gb_text_copy(value);
    }
    return gb_text_copy("");
}

static bool take(const uint8_t *bytes, size_t size, gb_artifact_origin *out, gb_error *err) {
    gb_strings lines = {0};
    char *text = gb_text_copy_n((const char *)bytes, size);
    if (text) gb_text_split(&lines, text, '\n');
    *out = (gb_artifact_origin){.compiler = value_of(&lines, "compiler="),
                                .toolchain = value_of(&lines, "toolchain="),
                                .glovebox = value_of(&lines, "glovebox="),
                                .recipe = value_of(&lines, "recipe="),
                                .features = value_of(&lines, "features="),
                                .settings = value_of(&lines, "settings=")};
    bool ok = text && !lines.failed && out->compiler && out->toolchain && out->glovebox &&
              out->recipe && out->features && out->settings;
    gb_strings_free(&lines);
    free(text);
    if (ok) return true;
    gb_artifact_origin_free(out);
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

bool gb_artifact_origin_read(const char *path, gb_artifact_origin *out, gb_error *err) {
    gb_mapped_file file;
    const uint8_t *bytes;
    size_t size;
    bool found;
    *out = (gb_artifact_origin){0};
    if (!gb_file_map(path, &file, err)) return false;
    bool ok = gb_wasm_custom_section(file.bytes, file.length, section, &found, &bytes, &size, err) &&
              (found || gb_fail(err, GB_ERROR_MALFORMED, "%s does not say what made it", path)) &&
              take(bytes, size, out, err);
    gb_file_unmap(&file);
    return ok;
}

void gb_artifact_origin_free(gb_artifact_origin *origin) {
    char *texts[] = {origin->compiler, origin->toolchain, origin->glovebox,
                     origin->recipe,   origin->features,  origin->settings};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    *origin = (gb_artifact_origin){0};
}
