/* cargo glovebox expand: what macros generated, where they stand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cargo/expansions.h"
#include "cli/cargo_verbs.h"
#include "cli/highlight.h"
#include "cli/status.h"
#include "cli/toolchain.h"

static const char usage[] =
    "Examples:\n"
    "  cargo glovebox expand                       everything that macros generated in this package\n"
    "  cargo glovebox expand Config                what they generated for the item `Config`\n"
    "  cargo glovebox expand -p api --macro Serialize --format json\n"
    "\n"
    "Usage: cargo glovebox expand [-p PACKAGE] [--macro NAME] [ITEM] [--format text|json]\n"
    "                             [OPTIONS OF cargo check]\n"
    "\n"
    "Prints for each invocation of a procedural macro its place, the macro and its version, and the\n"
    "generated code. Colours on a terminal; --color always|never.\n";

typedef struct request {
    gb_expand_request make;
    const char *macro, *item, *format, *colour;
    bool help;
} request;

/* The option's value in this word or the next; NULL when the word is another option. */
static const char *value_of(int argc, char **argv, int *i, const char *name) {
    const char *rest = gb_text_after(argv[*i], name);
    if (rest != NULL && *rest == '=') return rest + 1;
    if (rest == NULL || *rest != '\0' || *i + 1 == argc) return NULL;
    return argv[++*i];
}

static bool takes_value(const char *word) {
    static const char *const names[] = {"--features", "-F",     "--target", "--profile", "--bin",
                                        "--example",  "--test", "--bench",  "--jobs",    "-j",
                                        "--manifest-path", "--config", "-Z", "--target-dir"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(word, names[i]) == 0) return true;
    }
    return false;
}

/* One word or option; false on misuse. */
static bool take(int argc, char **argv, int *i, request *r) {
    const char *value;
    if (strcmp(argv[*i], "--help") == 0 || strcmp(argv[*i], "-h") == 0) {
        r->help = true;
    } else if ((value = value_of(argc, argv, i, "-p")) != NULL ||
               (value = value_of(argc, argv, i, "--package")) != NULL) {
        gb_strings_add(&r->make.packages, value);
    } else if ((value = value_of(argc, argv, i, "--macro")) != NULL) {
        r->macro = value;
    } else if ((value = value_of(argc, argv, i, "--format")) != NULL) {
        r->format = value;
    } else if ((value = value_of(argc, argv, i, "--color")) != NULL) {
        r->colour = value;
    } else if (argv[*i][0] == '-') {
        gb_strings_add(&r->make.args, argv[*i]);
        if (takes_value(argv[*i]) && *i + 1 < argc) gb_strings_add(&r->make.args, argv[++*i]);
    } else if (r->item == NULL) {
        r->item = argv[*i];
    } else {
        return false;
    }
    return true;
}

static bool parse(int argc, char **argv, request *r) {
    for (int i = 1; i < argc; i++) {
        if (!take(argc, argv, &i, r)) return false;
    }
    if (r->format == NULL) r->format = "text";
    return strcmp(r->format, "text") == 0 || strcmp(r->format, "json") == 0;
}

/* ---- output ------------------------------------------------------------------------------- */

static void print_invocation(const gb_expansion *e, bool colour) {
    const char *bold = colour ? "\033[1m" : "", *plain = colour ? "\033[0m" : "";
    const char *kind = e->kind;
    printf("%s// %s:%zu%s  ", bold, e->file, e->line, plain);
    if (strcmp(kind, "derive") == 0) printf("#[derive(%s)]", e->macro);
    else if (strcmp(kind, "attribute") == 0) printf("#[%s]", e->macro);
    else printf("%s!", e->macro);
    if (e->item != NULL) printf(" on %s", e->item);
    printf("  (%s %s)\n", e->crate, e->version);
}

static void print_text(const gb_expansions *all, bool colour) {
    for (size_t i = 0; i < all->count; i++) {
        gb_buffer coloured = {0};
        const gb_expansion *e = &all->items[i];
        if (i > 0) putchar('\n');
        print_invocation(e, colour);
        bool shown = colour && gb_highlight_rust(e->code, &coloured);
        puts(shown ? gb_buffer_text(&coloured) : e->code);
        gb_buffer_free(&coloured);
    }
}

static cJSON *json_of(const gb_expansion *e) {
    cJSON *object = cJSON_CreateObject();
    if (object == NULL) return NULL;
    cJSON_AddStringToObject(object, "macro", e->macro);
    cJSON_AddStringToObject(object, "kind", e->kind);
    cJSON_AddStringToObject(object, "crate", e->crate);
    cJSON_AddStringToObject(object, "version", e->version);
    cJSON_AddStringToObject(object, "file", e->file);
    cJSON_AddNumberToObject(object, "line", (double)e->line);
    cJSON_AddNumberToObject(object, "column", (double)e->column);
    if (e->item != NULL) cJSON_AddStringToObject(object, "item", e->item);
    else cJSON_AddNullToObject(object, "item");
    cJSON_AddStringToObject(object, "output", e->output);
    cJSON_AddStringToObject(object, "code", e->code);
    return object;
}

static bool print_json(const gb_expansions *all) {
    gb_buffer text = {0};
    cJSON *array = cJSON_CreateArray();
    bool ok = array != NULL;
    for (size_t i = 0; ok && i < all->count; i++) {
        cJSON *object = json_of(&all->items[i]);
        ok = object != NULL && cJSON_AddItemToArray(array, object);
    }
    ok = ok && gb_json_print(&text, array, true);
    if (ok) puts(gb_buffer_text(&text));
    gb_buffer_free(&text);
    cJSON_Delete(array);
    return ok;
}

/* rustfmt of the toolchain that Cargo runs, or the one in PATH. */
static char *find_rustfmt(void) {
    const char *cargo = getenv("CARGO");
    char *folder = cargo == NULL ? NULL : gb_path_parent(cargo);
    char *beside = folder == NULL ? NULL : gb_path_join(folder, "rustfmt");
    free(folder);
    if (beside != NULL && gb_file_executable(beside)) return beside;
    free(beside);
    return gb_path_program("rustfmt");
}

static bool print(const request *r, gb_expansions *all) {
    gb_expansions_filter(all, r->macro, r->item);
    char *rustfmt = find_rustfmt();
    if (rustfmt == NULL || !gb_expansions_format(all, rustfmt)) {
        gb_status_warning("there is no rustfmt: code is shown as rustc prints tokens");
    }
    free(rustfmt);
    if (strcmp(r->format, "json") == 0) return print_json(all);
    bool never = r->colour != NULL && strcmp(r->colour, "never") == 0;
    bool always = r->colour != NULL && strcmp(r->colour, "always") == 0;
    print_text(all, always || (!never && isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL));
    if (all->count == 0) gb_status_line("no expansion matches");
    return fflush(stdout) == 0;
}

int gb_cli_expand(int argc, char **argv) {
    gb_progress progress = {gb_cli_progress_step, NULL};
    request r = {.make = {.call = {.progress = &progress, .warn = gb_status_warning}}};
    gb_expansions all = {0};
    gb_error err = {0};
    int code = 0;
    if (!parse(argc, argv, &r)) {
        fprintf(stderr, "error: `expand` does not understand these arguments\n\n%s", usage);
        code = 2;
    } else if (r.help) {
        fputs(usage, stdout);
    } else {
        gb_status_set_colour(r.colour);
        if (!gb_expansions_make(&r.make, &all, &code, &err)) {
            gb_status_error(&err);
            code = 101;
        } else if (!print(&r, &all)) {
            code = 1;
        }
    }
    gb_expansions_free(&all);
    gb_strings_free(&r.make.packages);
    gb_strings_free(&r.make.args);
    return code;
}
