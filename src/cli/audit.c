/* cargo glovebox audit: what every macro of the build asked for, got, cost and generated. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "cargo/audit.h"
#include "cli/cargo_verbs.h"
#include "cli/status.h"
#include "cli/suggest.h"
#include "cli/toolchain.h"

static const char usage[] =
    "Examples:\n"
    "  cargo glovebox audit                          every macro: what it did, asked for and generated\n"
    "  cargo glovebox audit --deny refused,unsafe    exit code 1 where one was refused or wrote `unsafe`\n"
    "  cargo glovebox audit --format json --workspace --all-targets\n"
    "\n"
    "Usage: cargo glovebox audit [--doc] [--format table|json] [--deny NAME[,NAME]…] [OPTIONS OF cargo check]\n"
    "\n"
    "Checks what is not fresh, then tells of each macro: expansions, time, memory, what it asked for and\n"
    "whether that was granted, and constructs in its output that give power, with places.\n"
    "\n"
    "With --doc it tells of what rustdoc expands: of `cargo doc --no-deps`, and of doc tests as they were last run.\n"
    "\n"
    "Names for --deny:\n"
    "  refused     something that it asked for was refused\n"
    "  failed      an expansion failed\n"
    "  native      it ran as machine code, behind the kernel's wall alone\n"
    "  unsafe extern asm link export include env macro\n"
    "  std-process std-fs std-net std-env std-os std-alias literal bidi\n"
    "              the construct stands in its output (docs/audit.md)\n";

enum { DENY_REFUSED = 1u << 30, DENY_FAILED = 1u << 29, DENY_NATIVE = 1u << 28 };

typedef struct request {
    gb_audit_request make;
    const char *format, *colour;
    uint32_t deny; /* constructs, a bit each, and DENY_… */
    bool help;
} request;

/* ---- the command line -------------------------------------------------------------------------- */

static bool misuse(const char *what, const char *name, const char *help) {
    fprintf(stderr, "error: %s `%s`\n", what, name);
    if (help) fprintf(stderr, "help: did you mean `%s`?\n", help);
    fprintf(stderr, "help: `cargo glovebox audit --help` lists what there is\n");
    return false;
}

static bool add_denied(request *r, const char *name) {
    static const char *known[GB_CONSTRUCT_COUNT + 3] = {"refused", "failed", "native"};
    gb_construct construct;
    if (strcmp(name, "refused") == 0) r->deny |= DENY_REFUSED;
    else if (strcmp(name, "failed") == 0) r->deny |= DENY_FAILED;
    else if (strcmp(name, "native") == 0) r->deny |= DENY_NATIVE;
    else if (gb_construct_find(name, strlen(name), &construct)) r->deny |= UINT32_C(1) << construct;
    else {
        for (int i = 0; i < GB_CONSTRUCT_COUNT; i++) known[3 + i] = gb_construct_name((gb_construct)i);
        const char *near = gb_cli_nearest(name, known, GB_CONSTRUCT_COUNT + 3, sizeof *known);
        return misuse("nothing that could be denied is called", name, near);
    }
    return true;
}

static bool take_denied(request *r, const char *list) {
    gb_strings names = {0};
    gb_text_split(&names, list, ',');
    bool ok = gb_strings_ok(&names, NULL);
    for (size_t i = 0; ok && i < names.count; i++) ok = add_denied(r, names.items[i]);
    gb_strings_free(&names);
    return ok;
}

/* The option's value in this word or the next; NULL when the word is another option, "" when it is missing. */
static const char *value_of(int argc, char **argv, int *i, const char *name) {
    const char *rest = gb_text_after(argv[*i], name);
    if (!rest || (*rest != '=' && *rest != '\0')) return NULL;
    if (*rest == '=') return rest + 1;
    return *i + 1 < argc ? argv[++*i] : "";
}

static bool parse(int argc, char **argv, request *r) {
    r->format = "table";
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) r->help = true;
        else if (strcmp(argv[i], "--doc") == 0) r->make.documents = true;
        else if ((value = value_of(argc, argv, &i, "--format"))) r->format = value;
        else if ((value = value_of(argc, argv, &i, "--deny"))) {
            if (!take_denied(r, value)) return false;
        } else {
            if (strcmp(argv[i], "--color") == 0 && i + 1 < argc) r->colour = argv[i + 1];
            else if (gb_text_after(argv[i], "--color=")) r->colour = gb_text_after(argv[i], "--color=");
            gb_strings_add(&r->make.args, argv[i]);
        }
    }
    if (strcmp(r->format, "table") == 0 || strcmp(r->format, "json") == 0) return true;
    return misuse("there is no format", r->format, NULL);
}

/* ---- the table ------------------------------------------------------------------------------------ */

static const char *plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

static void print_macro(const gb_activity_macro *m) {
    char macro[200], expansions[32];
    snprintf(macro, sizeof macro, "%s (%s)", m->name, gb_activity_kind(m->kind));
    printf("%-32s %10s %10.1f ms\n", macro, gb_status_count(m->expansions, expansions),
           (double)m->nanoseconds / 1e6);
    if (m->failures) {
        printf("    failed    %" PRIu64 " expansion%s\n", m->failures, plural(m->failures));
    }
    if (m->unreviewed) {
        printf("    output    %" PRIu64 " too repetitive to be looked at to the end\n", m->unreviewed);
    }
    for (int c = 0; c < GB_CONSTRUCT_COUNT; c++) {
        uint64_t shown = 0;
        if (!m->constructs[c]) continue;
        printf("    output    %s (%" PRIu64 ")", gb_construct_name((gb_construct)c), m->constructs[c]);
        for (size_t i = 0; i < m->place_count; i++) {
            const gb_activity_place *p = &m->places[i];
            if (p->construct != (gb_construct)c) continue;
            printf("%s %s:%u", shown ? "," : ":", *p->file ? p->file : "?", p->line);
            shown += p->count;
        }
        printf("%s\n", shown < m->constructs[c] ? ", …" : "");
    }
}

/* Cargo's own variables are everybody's: how many says enough. */
static void print_asked(const gb_activity_crate *crate, const char *cwd) {
    size_t variables = 0;
    for (size_t i = 0; i < crate->asked_count; i++) {
        const gb_activity_asked *a = &crate->asked[i];
        if (a->power == GB_POWER_ENV && a->by_default) {
            variables++;
            continue;
        }
        const char *below = cwd && *a->name == '/' ? gb_path_under(a->name, cwd) : NULL;
        const char *name = below && *below ? below : a->name;
        printf("    %-9s %s", gb_answer_name(a->answer), gb_power_name(a->power));
        if (*name) printf(" %s", name);
        if (a->count > 1) printf(" (%" PRIu64 " times)", a->count);
        printf("\n");
    }
    if (variables) printf("    granted   %zu of Cargo's variables\n", variables);
    if (crate->unlisted) printf("    asked     %" PRIu64 " more that were not kept\n", crate->unlisted);
    if (crate->needs) printf("    needs     %s, it says\n", crate->needs);
}

static void print_table(const gb_activity *activity, bool colour) {
    char *cwd = gb_path_absolute(NULL, ".");
    const char *bold = colour ? "\033[1m" : "", *plain = colour ? "\033[0m" : "";
    for (size_t i = 0; i < activity->count; i++) {
        const gb_activity_crate *crate = &activity->crates[i];
        printf("%s%s %s%s", bold, crate->package, crate->version, plain);
        if (crate->macro_count) {
            printf("  in %zu crate%s", crate->users.count, plural(crate->users.count));
            if (!crate->native) printf(", %.1f MiB at most", (double)crate->memory_peak / (1 << 20));
            printf("\n");
        } else {
            printf("  not used\n");
        }
        if (crate->native) printf("    runs      native, behind the kernel's wall alone\n");
        for (size_t k = 0; k < crate->macro_count; k++) {
            printf("  ");
            print_macro(&crate->macros[k]);
        }
        print_asked(crate, cwd);
    }
    free(cwd);
}

static bool print_json(const gb_audit *audit) {
    gb_buffer text = {0};
    cJSON *object = cJSON_CreateObject(), *crates = gb_activity_json(&audit->activity);
    bool ok = object && crates && cJSON_AddNumberToObject(object, "version", 1) &&
              cJSON_AddBoolToObject(object, "complete", audit->code == 0);
    if (!ok || !cJSON_AddItemToObject(object, "crates", crates)) {
        cJSON_Delete(crates);
        ok = false;
    }
    ok = ok && gb_json_print(&text, object, true) && puts(gb_buffer_text(&text)) >= 0;
    cJSON_Delete(object);
    gb_buffer_free(&text);
    return ok;
}

/* ---- what is denied ------------------------------------------------------------------------------- */

static size_t deny_macro(const request *r, const gb_activity_crate *crate, const gb_activity_macro *m) {
    size_t denied = 0;
    if (r->deny & DENY_FAILED && m->failures) {
        fprintf(stderr, "denied: failed: `%s` of %s %s: %" PRIu64 " expansion%s\n", m->name,
                crate->package, crate->version, m->failures, plural(m->failures));
        denied++;
    }
    for (int c = 0; c < GB_CONSTRUCT_COUNT; c++) {
        if (!(r->deny >> c & 1) || !m->constructs[c]) continue;
        fprintf(stderr, "denied: %s: `%s` of %s %s", gb_construct_name((gb_construct)c), m->name,
                crate->package, crate->version);
        for (size_t i = 0; i < m->place_count; i++) {
            const gb_activity_place *p = &m->places[i];
            if (p->construct != (gb_construct)c) continue;
            fprintf(stderr, ": %s:%u:%u", *p->file ? p->file : "?", p->line, p->column);
            break;
        }
        fprintf(stderr, " (%" PRIu64 ")\n", m->constructs[c]);
        denied++;
    }
    return denied;
}

/* A line for each finding; how many. What a review could not finish is denied with any construct. */
static size_t deny(const request *r, const gb_activity *activity) {
    uint32_t constructs = r->deny & ((UINT32_C(1) << GB_CONSTRUCT_COUNT) - 1);
    size_t denied = 0;
    for (size_t i = 0; i < activity->count; i++) {
        const gb_activity_crate *crate = &activity->crates[i];
        if (r->deny & DENY_NATIVE && crate->native) {
            fprintf(stderr, "denied: native: %s %s\n", crate->package, crate->version);
            denied++;
        }
        for (size_t k = 0; k < crate->macro_count; k++) {
            denied += deny_macro(r, crate, &crate->macros[k]);
            if (!constructs || !crate->macros[k].unreviewed) continue;
            fprintf(stderr, "denied: `%s` of %s %s: output that could not be looked at to its end\n",
                    crate->macros[k].name, crate->package, crate->version);
            denied++;
        }
        for (size_t k = 0; r->deny & DENY_REFUSED && k < crate->asked_count; k++) {
            const gb_activity_asked *a = &crate->asked[k];
            if (!gb_activity_refused(a)) continue;
            fprintf(stderr, "denied: refused: %s %s: %s %s\n", crate->package, crate->version,
                    gb_power_name(a->power), a->name);
            denied++;
        }
        if (r->deny & DENY_REFUSED && crate->unlisted) {
            fprintf(stderr, "denied: refused: %s %s: %" PRIu64 " requests that were not kept\n",
                    crate->package, crate->version, crate->unlisted);
            denied++;
        }
    }
    return denied;
}

static int run(request *r) {
    gb_error err = {0};
    gb_audit audit;
    gb_progress progress = {gb_cli_progress_step, NULL};
    r->make.call = (gb_cargo_call){.progress = &progress, .warn = gb_status_warning};
    if (!gb_audit_make(&r->make, &audit, &err)) {
        gb_status_error(&err);
        return 101;
    }
    bool ok = true;
    if (strcmp(r->format, "json") == 0) ok = print_json(&audit);
    else print_table(&audit.activity, gb_status_colour());
    int code = ok ? audit.code : 1;
    if (audit.code != 0) gb_status_warning("the build failed: this is the audit of what was compiled");
    if (fflush(stdout) != 0 && code == 0) code = 1;
    if (deny(r, &audit.activity) > 0 && code == 0) code = 1;
    gb_audit_free(&audit);
    return code;
}

int gb_cli_audit(int argc, char **argv) {
    request r = {0};
    int code = 2;
    bool understood = parse(argc, argv, &r);
    if (understood && r.help) {
        code = fputs(usage, stdout) < 0;
    } else if (understood) {
        gb_status_set_colour(r.colour);
        code = run(&r);
    }
    gb_strings_free(&r.make.args);
    return code;
}
