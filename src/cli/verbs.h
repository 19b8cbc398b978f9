/* verbs.h: what `glovebox` can be told to do. One verb a file; a new one is a line in verbs.c. */
#ifndef GB_CLI_VERBS_H
#define GB_CLI_VERBS_H

#include <stddef.h>

typedef struct gb_verb {
    const char *name;
    const char *summary; /* one line for the list; starts small, ends without a full stop */
    /* argv[0] is the verb. Answers --help itself. Returns the exit code; 2 for misuse. */
    int (*run)(int argc, char **argv);
} gb_verb;

extern const gb_verb gb_verbs[];
extern const size_t gb_verb_count;

int gb_cli_run(int argc, char **argv);

#endif
