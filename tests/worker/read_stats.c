/* read_stats.c: prints the statistics in a folder, as `cargo glovebox` reads them. */
#include <inttypes.h>
#include <stdio.h>

#include "macros/stats.h"
#include "policy/policy.h"
#include "tokens/review.h"

static bool print(void *env, const gb_stats *stats, gb_error *err) {
    (void)env, (void)err;
    printf("%s %s\n", stats->header.package, stats->header.package_version);
    for (uint32_t i = 0; i < stats->header.macro_count; i++) {
        const gb_stats_macro *m = &stats->macros[i];
        if (!m->expansions) continue;
        printf("  %s: expansions %" PRIu64 ", tokens %" PRIu64 " -> %" PRIu64 ", failures %" PRIu64
               ", refusals %" PRIu64 "\n",
               m->name, m->expansions, m->tokens_in, m->tokens_out, m->failures, m->refusals);
    }
    for (uint32_t i = 0; i < stats->header.place_count; i++) {
        const gb_stats_place *p = &stats->places[i];
        printf("  %s: %s at %s:%u:%u (%" PRIu64 ")\n", stats->macros[p->macro].name,
               gb_construct_name((gb_construct)p->construct), p->file, p->line, p->column, p->count);
    }
    size_t at = 0;
    const char *name;
    for (const gb_stats_question *q; (q = gb_stats_next_question(stats, &at, &name));) {
        printf("  asked %s %.*s: %s (%" PRIu64 ")", gb_power_name((gb_power)q->power), q->length, name,
               gb_answer_name((gb_answer)q->answer), q->count);
        for (uint32_t i = 0; i < stats->header.macro_count; i++) {
            if (q->macros[i / 64] >> i % 64 & 1) printf(" %s", stats->macros[i].name);
        }
        printf("\n");
    }
    return true;
}

int main(int argc, char **argv) {
    gb_error err;
    if (argc != 2 || gb_stats_read_dir(argv[1], NULL, print, NULL, &err)) return argc != 2;
    fprintf(stderr, "%s\n", err.message);
    return 1;
}
