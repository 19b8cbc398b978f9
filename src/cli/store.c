/* glovebox store [path|clean [--unused DAYS]]: what is kept of compiled macros. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cargo_verbs.h"
#include "cli/status.h"
#include "store/objects.h"

static const char usage[] =
    "Examples:\n"
    "  glovebox store                      show where the store is and how large\n"
    "  glovebox store clean --unused 30    remove what no build used for 30 days\n"
    "  glovebox store clean                remove everything; builds make it again\n"
    "\n"
    "Usage: glovebox store [path | clean [--unused DAYS]]\n"
    "\n"
    "The store holds what macros and the crates that they use were compiled to, for all projects of\n"
    "this user. It lies in $GLOVEBOX_HOME, else $XDG_CACHE_HOME/glovebox, else ~/.cache/glovebox.\n";

static double megabytes(const gb_objects_usage *usage_of) {
    return (double)(usage_of->object_bytes + usage_of->record_bytes) / 1e6;
}

static bool show(gb_objects *objects, gb_error *err) {
    gb_objects_usage u;
    if (!gb_objects_measure(objects, &u, err)) return false;
    printf("folder   %s\nobjects  %" PRIu64 "\nrecords  %" PRIu64 "\nsize     %.1f MB\n",
           gb_objects_folder(objects), u.objects, u.records, megabytes(&u));
    return true;
}

static bool clean(gb_objects *objects, int64_t seconds, gb_error *err) {
    gb_objects_usage u;
    if (!gb_objects_clean(objects, seconds, &u, err)) return false;
    printf("removed %" PRIu64 " objects and %" PRIu64 " records, %.1f MB\n", u.objects, u.records,
           megabytes(&u));
    return true;
}

/* Days as a decimal number up to 100 years. */
static bool parse_days(const char *text, int64_t *seconds) {
    char *end;
    long days = strtol(text, &end, 10);
    if (end == text || *end != '\0' || days < 1 || days > 36500) return false;
    *seconds = (int64_t)days * 86400;
    return true;
}

static int run(int argc, char **argv, gb_objects *objects, gb_error *err) {
    int64_t seconds = 0;
    bool ok;
    if (argc == 1) {
        ok = show(objects, err);
    } else if (argc == 2 && strcmp(argv[1], "path") == 0) {
        ok = puts(gb_objects_folder(objects)) >= 0;
    } else if (argc == 2 && strcmp(argv[1], "clean") == 0) {
        ok = clean(objects, 0, err);
    } else if (argc == 4 && strcmp(argv[1], "clean") == 0 && strcmp(argv[2], "--unused") == 0 &&
               parse_days(argv[3], &seconds)) {
        ok = clean(objects, seconds, err);
    } else {
        fprintf(stderr, "error: `store` does not understand these arguments\n\n%s", usage);
        return 2;
    }
    if (!ok) gb_status_error(err);
    return ok ? 0 : 1;
}

int gb_cli_store(int argc, char **argv) {
    gb_error err = {0};
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        return fputs(usage, stdout) < 0;
    }
    gb_status_set_colour(NULL);
    char *home = gb_home_dir(&err);
    gb_objects *objects = home == NULL ? NULL : gb_objects_open(home, &err);
    int code = 1;
    if (objects != NULL) code = run(argc, argv, objects, &err);
    else gb_status_error(&err);
    gb_objects_close(objects);
    free(home);
    return code;
}
