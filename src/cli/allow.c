/* cargo glovebox allow: write a grant into the workspace's manifest. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "manifest/allow.h"
#include "cli/cargo_verbs.h"
#include "cli/status.h"
#include "cli/suggest.h"

static const char usage[] =
    "Examples:\n"
    "  cargo glovebox allow sqlx-macros --read migrations --env DATABASE_URL\n"
    "  cargo glovebox allow built@0.7 --clock        of these versions only\n"
    "\n"
    "Usage: cargo glovebox allow PACKAGE[@VERSION] [--read PATH]… [--env NAME]… [OPTIONS]\n"
    "\n"
    "  --read PATH       a file or folder of the workspace, or a pattern (`sql/**`)\n"
    "  --env NAME        a variable, or a pattern (`APP_*`, which means no credentials)\n"
    "  --clock           the real time\n"
    "  --random          real randomness\n"
    "  --native          machine code, behind the kernel's wall alone (docs/security.md): for C libraries\n"
    "  --run PROGRAM     a program (for build scripts; macros start none)\n"
    "  --output KIND     let its output contain it: unsafe, extern, …\n"
    "  --manifest-path PATH\n"
    "\n"
    "Writes into the workspace's Cargo.toml and leaves formatting and comments alone. What is granted\n"
    "already stays. docs/policy.md describes the policy.\n";

static bool starts_option(const char *word) {
    return word[0] == '-' && word[1] != '\0';
}

/* The list that the option adds to, or NULL. */
static gb_strings *list_of(gb_allow *allow, const char *option) {
    const struct {
        const char *name;
        gb_strings *list;
    } lists[] = {{"--read", &allow->read},
                 {"--env", &allow->env},
                 {"--run", &allow->run},
                 {"--output", &allow->output}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(option, lists[i].name) == 0) return lists[i].list;
    }
    return NULL;
}

static bool *switch_of(gb_allow *allow, const char *option) {
    if (strcmp(option, "--clock") == 0) return &allow->clock;
    if (strcmp(option, "--native") == 0) return &allow->native;
    return strcmp(option, "--random") == 0 ? &allow->random : NULL;
}

/* One word, or an option with its value; false on misuse. */
static bool take(int argc, char **argv, int *i, gb_allow *allow) {
    char name[32];
    const char *word = argv[*i], *equals = strchr(word, '=');
    bool *on = switch_of(allow, word);
    if (on != NULL) return *on = true;
    if (!starts_option(word)) {
        bool first = allow->package == NULL;
        allow->package = word;
        return first;
    }
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : 0), word);
    gb_strings *list = list_of(allow, name);
    if (list == NULL && strcmp(name, "--manifest-path") != 0) return false;
    if (equals == NULL && *i + 1 == argc) return false;
    const char *value = equals != NULL ? equals + 1 : argv[++*i];
    if (list != NULL) gb_strings_add(list, value);
    else allow->manifest_path = value;
    return true;
}

static bool parse(int argc, char **argv, gb_allow *allow) {
    for (int i = 1; i < argc; i++) {
        if (!take(argc, argv, &i, allow)) return false;
    }
    bool any = allow->read.count + allow->env.count + allow->run.count + allow->output.count > 0 ||
               allow->clock || allow->random || allow->native;
    return any && allow->package != NULL;
}

static void say_near(const char *package, const gb_strings *known) {
    const char *near =
        gb_cli_nearest(package, (const char *const *)known->items, known->count, sizeof(char *));
    if (near != NULL) fprintf(stderr, "help: did you mean `%s`?\n", near);
}

static int run(const gb_allow *allow) {
    gb_allowed done;
    gb_error err = {0};
    int code = 0;
    if (!gb_allow_write(allow, &done, &err)) {
        if (err.message[0] != '\0') gb_status_error(&err);
        say_near(allow->package, &done.known);
        code = 101;
    } else if (!done.changed) {
        gb_status_line("%s grants that already", done.manifest);
    } else {
        gb_status_line("%s now grants", done.manifest);
        fputs(done.lines, stdout);
    }
    gb_allowed_free(&done);
    return code;
}

int gb_cli_allow(int argc, char **argv) {
    gb_allow allow = {0};
    int code = 2;
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        return fputs(usage, stdout) < 0;
    }
    gb_status_set_colour(NULL);
    if (parse(argc, argv, &allow)) code = run(&allow);
    else fprintf(stderr, "error: `allow` does not understand these arguments\n\n%s", usage);
    gb_allow_free(&allow);
    return code;
}
