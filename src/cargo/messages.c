#include "cargo/messages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/json.h"

void gb_message_pass(const char *text, size_t length) {
    while (length > 0) {
        ssize_t n = write(STDERR_FILENO, text, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return; /* nobody listens: there is no one to tell */
        text += n;
        length -= (size_t)n;
    }
}

static bool wants_json(const gb_command *command) {
    const char *format = gb_command_value(command, "--error-format");
    return format != NULL && strcmp(format, "json") == 0;
}

static bool json_option(const gb_command *command, const char *word) {
    const char *value = gb_command_value(command, "--json");
    return value != NULL && strstr(value, word) != NULL;
}

static bool wants_colour(const gb_command *command) {
    if (wants_json(command)) return json_option(command, "diagnostic-rendered-ansi");
    const char *colour = gb_command_value(command, "--color");
    if (colour != NULL && strcmp(colour, "auto") != 0) return strcmp(colour, "always") == 0;
    return isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL;
}

static const char *level_colour(const char *level) {
    if (strcmp(level, "error") == 0) return "\033[1m\033[91m";
    if (strcmp(level, "warning") == 0) return "\033[1m\033[93m";
    return "\033[1m\033[92m";
}

/* As rustc lays out a diagnostic without a span. */
static bool render(const char *level, const char *text, const gb_strings *children, bool colour,
                   gb_buffer *out) {
    const char *bold = colour ? "\033[1m" : "", *plain = colour ? "\033[0m" : "";
    bool ok = gb_buffer_append_format(out, "%s%s%s%s: %s%s\n", colour ? level_colour(level) : "",
                                      level, plain, bold, text, plain);
    if (children != NULL && children->count > 0) ok = ok && gb_buffer_append_text(out, "  |\n");
    for (size_t i = 0; ok && children != NULL && i < children->count; i++) {
        const char *child = children->items[i];
        ok = gb_buffer_append_text(out, "  = ");
        for (const char *at = child; ok && *at != '\0';) { /* further lines stand under the text */
            size_t n = strcspn(at, "\n");
            ok = gb_buffer_append(out, at, n) &&
                 gb_buffer_append_text(out, at[n] == '\n' ? "\n          " : "");
            at += n + (at[n] == '\n');
        }
        ok = ok && gb_buffer_append_text(out, "\n");
    }
    return ok && gb_buffer_append_text(out, "\n");
}

static cJSON *diagnostic(const char *level, const char *text) {
    cJSON *object = cJSON_CreateObject();
    if (object == NULL) return NULL;
    cJSON_AddStringToObject(object, "$message_type", "diagnostic");
    cJSON_AddStringToObject(object, "message", text);
    cJSON_AddNullToObject(object, "code");
    cJSON_AddStringToObject(object, "level", level);
    cJSON_AddArrayToObject(object, "spans");
    return object;
}

static void add_children(cJSON *object, const gb_strings *children) {
    cJSON *array = cJSON_AddArrayToObject(object, "children");
    for (size_t i = 0; array != NULL && children != NULL && i < children->count; i++) {
        const char *text = children->items[i];
        bool help = gb_text_starts(text, "help: ");
        const char *body = help ? text + 6 : gb_text_starts(text, "note: ") ? text + 6 : text;
        cJSON *child = diagnostic(help ? "help" : "note", body);
        if (child == NULL) return;
        cJSON_DeleteItemFromObject(child, "$message_type");
        cJSON_AddArrayToObject(child, "children");
        cJSON_AddNullToObject(child, "rendered");
        cJSON_AddItemToArray(array, child);
    }
}

void gb_message_send(const gb_command *command, const char *level, const char *text,
                     const gb_strings *children) {
    gb_buffer rendered = {0}, line = {0};
    bool ok = render(level, text, children, wants_colour(command), &rendered);
    if (ok && !wants_json(command)) {
        gb_message_pass(gb_buffer_text(&rendered), rendered.length);
    } else if (ok) {
        cJSON *object = diagnostic(level, text);
        add_children(object, children);
        cJSON_AddStringToObject(object, "rendered", gb_buffer_text(&rendered));
        if (gb_json_print(&line, object, false) && gb_buffer_append_text(&line, "\n")) {
            gb_message_pass(gb_buffer_text(&line), line.length);
        }
        cJSON_Delete(object);
    }
    gb_buffer_free(&rendered);
    gb_buffer_free(&line);
}

/* ---- artifact notifications --------------------------------------------------------------- */

bool gb_message_is_artifact(const char *line, size_t length, char **path, char **kind) {
    *path = *kind = NULL;
    /* rustc's line starts with its tag; parsing every long diagnostic would be waste. */
    if (length == 0 || line[0] != '{' || strstr(line, "\"artifact\":") == NULL) return false;
    cJSON *object = gb_json_parse(line, length, "compiler message", NULL);
    if (object == NULL) return false;
    const char *artifact = gb_json_text(object, "artifact"), *emit = gb_json_text(object, "emit");
    if (artifact != NULL && emit != NULL) {
        *path = gb_text_copy(artifact);
        *kind = gb_text_copy(emit);
    }
    cJSON_Delete(object);
    if (*path != NULL && *kind != NULL) return true;
    free(*path);
    free(*kind);
    *path = *kind = NULL;
    return false;
}

bool gb_message_wants_artifacts(const gb_command *command) {
    return json_option(command, "artifacts");
}

void gb_message_artifact(const gb_command *command, const char *path, const char *kind) {
    if (!gb_message_wants_artifacts(command)) return;
    gb_buffer line = {0};
    bool ok = gb_buffer_append_text(&line, "{\"$message_type\":\"artifact\",\"artifact\":") &&
              gb_json_quote(&line, path) && gb_buffer_append_text(&line, ",\"emit\":") &&
              gb_json_quote(&line, kind) && gb_buffer_append_text(&line, "}\n");
    if (ok) gb_message_pass(gb_buffer_text(&line), line.length);
    gb_buffer_free(&line);
}

static char *error_of_line(const char *line, size_t length) {
    char *text = gb_text_copy_n(line, length), *found = NULL;
    if (text != NULL && text[0] == '{') {
        cJSON *object = gb_json_parse(text, length, "compiler message", NULL);
        const char *level = object == NULL ? NULL : gb_json_text(object, "level");
        const char *message = object == NULL ? NULL : gb_json_text(object, "message");
        if (level != NULL && message != NULL && gb_text_starts(level, "error")) {
            found = gb_text_copy(message);
        }
        cJSON_Delete(object);
    } else if (text != NULL && gb_text_starts(text, "error")) {
        const char *colon = strstr(text, ": ");
        if (colon != NULL) found = gb_text_copy(colon + 2);
    }
    free(text);
    return found;
}

char *gb_message_first_error(const char *lines) {
    while (*lines != '\0') {
        size_t n = strcspn(lines, "\n");
        char *found = error_of_line(lines, n);
        if (found != NULL) return found;
        lines += n + (lines[n] == '\n');
    }
    return NULL;
}
