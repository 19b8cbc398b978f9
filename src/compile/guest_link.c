#include "compile/guest_link.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* ---- failures -------------------------------------------------------------------------------- */

enum { SHOWN_MAX = 8 };

static void add_once(gb_strings *list, const char *text, size_t length) {
    char *copy = gb_text_copy_n(text, length);
    if (copy && (gb_strings_has(list, copy) || list->count >= SHOWN_MAX)) free(copy);
    else gb_strings_take(list, copy);
}

/* `libz_sys-0123456789abcdef.rlib(…)` names crate z_sys. */
static void add_function(gb_link_failure *link, const char *line, const char *symbol) {
    const char *end = strstr(line, ".rlib"), *start = end;
    size_t length = strcspn(symbol, " \n\\\"");
    while (start && start > line && start[-1] != '/' && start[-1] != ' ') start--;
    const char *crate = start ? gb_text_after(start, "lib") : NULL;
    const char *dash = crate ? memchr(crate, '-', (size_t)(end - crate)) : NULL;
    char *text = dash && end < symbol ? gb_text_format("`%.*s` (called by crate %.*s)", (int)length,
                                                       symbol, (int)(dash - crate), crate)
                                      : gb_text_format("`%.*s`", (int)length, symbol);
    if (text) add_once(&link->functions, text, strlen(text));
    else link->functions.failed = true;
    free(text);
}

/* One line of wasm-ld's. */
static void note_linker_line(gb_link_failure *link, const char *line) {
    static const char undefined[] = "undefined symbol: ", library[] = "unable to find library -l",
                      object[] = "unknown file type: ";
    const char *at;
    if ((at = strstr(line, undefined)) != NULL) add_function(link, line, at + sizeof undefined - 1);
    if ((at = strstr(line, library)) != NULL)
        add_once(&link->libraries, at + sizeof library - 1,
                 strcspn(at + sizeof library - 1, " \n\\\""));
    if ((at = strstr(line, object)) != NULL)
        add_once(&link->objects, at + sizeof object - 1,
                 strcspn(at + sizeof object - 1, " \n\\\""));
}

bool gb_link_failure_note(gb_link_failure *link, const char *line) {
    if (!strstr(line, "linking with")) return true;
    link->failed = true;
    cJSON *json = *line == '{' ? cJSON_Parse(line) : NULL;
    const char *text = json ? gb_json_text(json, "rendered") : NULL;
    gb_strings lines = {0};
    gb_text_split(&lines, text ? text : line, '\n');
    for (size_t i = 0; i < lines.count; i++) note_linker_line(link, lines.items[i]);
    bool ok = !lines.failed && !link->functions.failed && !link->libraries.failed &&
              !link->objects.failed;
    gb_strings_free(&lines);
    cJSON_Delete(json);
    return ok;
}

static bool list_all(gb_buffer *out, const char *start, const gb_strings *items,
                     const char *quote) {
    bool ok = gb_buffer_append_text(out, start);
    for (size_t i = 0; ok && i < items->count; i++)
        ok =
            gb_buffer_append_format(out, "%s%s%s%s", i ? ", " : " ", quote, items->items[i], quote);
    return ok;
}

static bool reason(const gb_link_failure *link, gb_buffer *out) {
    if (link->libraries.count)
        return list_all(out, "it links the native library", &link->libraries, "`");
    if (link->objects.count)
        return list_all(out, "it holds native object files:", &link->objects, "`");
    return list_all(out, "it calls native functions:", &link->functions, "");
}

static bool print_json(gb_buffer *out, const char *message, const char *help) {
    cJSON *object = cJSON_CreateObject(), *children = NULL, *child = NULL;
    gb_buffer rendered = {0};
    bool ok =
        gb_buffer_append_format(&rendered, "error: %s\n  |\n  = help: %s\n\n", message, help) &&
        cJSON_AddStringToObject(object, "$message_type", "diagnostic") &&
        cJSON_AddStringToObject(object, "message", message) &&
        cJSON_AddNullToObject(object, "code") &&
        cJSON_AddStringToObject(object, "level", "error") &&
        cJSON_AddArrayToObject(object, "spans") &&
        (children = cJSON_AddArrayToObject(object, "children")) != NULL &&
        (child = cJSON_CreateObject()) != NULL && cJSON_AddItemToArray(children, child) &&
        cJSON_AddStringToObject(child, "message", help) && cJSON_AddNullToObject(child, "code") &&
        cJSON_AddStringToObject(child, "level", "help") && cJSON_AddArrayToObject(child, "spans") &&
        cJSON_AddArrayToObject(child, "children") && cJSON_AddNullToObject(child, "rendered") &&
        cJSON_AddStringToObject(object, "rendered", gb_buffer_text(&rendered)) &&
        gb_json_print(out, object, false);
    cJSON_Delete(object);
    gb_buffer_free(&rendered);
    return ok;
}

bool gb_link_failure_known(const gb_link_failure *link) {
    return link->failed && (link->libraries.count || link->objects.count || link->functions.count);
}

bool gb_link_failure_explain(const gb_link_failure *link, const gb_unit *unit, gb_buffer *out) {
    static const char help[] =
        "native code cannot run in the sandbox; use a version or feature of the crate that is Rust "
        "alone, or a crate without it";
    if (!gb_link_failure_known(link)) return true;
    gb_buffer message = {0};
    bool json = false;
    for (size_t i = 0; i < unit->messages.count; i++)
        if (strcmp(unit->messages.items[i], "--error-format=json") == 0) json = true;
    bool ok = gb_buffer_append_format(&message,
                                      GB_LINK_EXPLAINED
                                      "`%s%s%s` cannot be compiled to WebAssembly: ",
                                      unit->package_name ? unit->package_name : unit->crate_name,
                                      unit->package_version ? " v" : "",
                                      unit->package_version ? unit->package_version : "") &&
              reason(link, &message);
    if (ok) {
        ok = json ? print_json(out, gb_buffer_text(&message), help)
                  : gb_buffer_append_format(out, "error: %s\n  = help: %s",
                                            gb_buffer_text(&message), help);
    }
    gb_buffer_free(&message);
    return ok;
}

void gb_link_failure_free(gb_link_failure *link) {
    gb_strings_free(&link->functions);
    gb_strings_free(&link->libraries);
    gb_strings_free(&link->objects);
    *link = (gb_link_failure){0};
}
