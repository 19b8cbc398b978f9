#include "worker/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tokens/check.h"

_Static_assert((int)GB_CONSTRUCT_COUNT <= (int)GB_STATS_CONSTRUCTS, "each construct has a counter");

/* ---- questions ----------------------------------------------------------------------------- */

static void write_question(gb_account *a, size_t index, const gb_policy_record *record) {
    if (!a->offsets[index]) {
        size_t at = gb_stats_add_question(a->stats, record->power, record->answer, record->name,
                                          record->length);
        a->offsets[index] = (uint32_t)at + 1;
    } else if (a->offsets[index] > GB_STATS_QUESTION_BYTES) {
        a->stats->header.unlisted++;
    }
    if (a->offsets[index] > GB_STATS_QUESTION_BYTES) return;
    gb_stats_question *q = (void *)(a->stats->questions + (a->offsets[index] - 1));
    q->count = record->count;
    if (a->macro < GB_STATS_MACROS) q->macros[a->macro / 64] |= UINT64_C(1) << a->macro % 64;
}

/* Who asks for all variables at once gets each of them. */
static void write_variables(gb_account *a) {
    const char *name, *value;
    for (size_t i = 0; gb_policy_env_at(a->policy, i, &name, &value); i++) {
        size_t at = gb_stats_add_question(a->stats, GB_POWER_ENV, GB_GRANTED, name, strlen(name));
        if (at == GB_STATS_QUESTION_BYTES) return;
        gb_stats_question *q = (void *)(a->stats->questions + at);
        q->count = 1;
        if (a->macro < GB_STATS_MACROS) q->macros[a->macro / 64] |= UINT64_C(1) << a->macro % 64;
    }
}

static void on_question(void *env, size_t index) {
    gb_account *a = env;
    gb_policy_record record;
    if (!gb_policy_record_at(a->policy, index, &record)) {
        a->stats->header.unlisted++;
        a->refused++; /* what it was is not known any more: better one remark too many */
        return;
    }
    if (record.answer == GB_REFUSED || record.answer == GB_HIDDEN) a->refused++;
    bool all = record.power == GB_POWER_ENV && record.length == 1 && record.name[0] == '*';
    if (all && !a->offsets[index]) write_variables(a);
    write_question(a, index, &record);
}

/* ---- opening ------------------------------------------------------------------------------- */

static gb_stats *make_stats(const char *package, const char *version) {
    static gb_stats nobody_reads_these;
    const char *session = getenv("GLOVEBOX_SESSION");
    gb_stats *stats = NULL;
    gb_error err;
    if (session && *session) {
        stats = gb_stats_create(session, getenv(GB_STATS_UNIT_ENV), package, version, &err);
        if (!stats) fprintf(stderr, "glovebox-worker: not counted: %s\n", err.message);
    }
    return stats ? stats : &nobody_reads_these;
}

static bool want_review(gb_account *a, gb_error *err) {
    if (!a->review) a->review = gb_review_new(err);
    return a->review != NULL;
}

bool gb_account_open(gb_account *a, gb_policy *policy, const char *package, const char *version,
                     const char *digest, gb_error *err) {
    a->policy = policy;
    a->macro = GB_STATS_MACROS;
    a->stats = make_stats(package, version);
    gb_stats_header *h = &a->stats->header;
    gb_stats_text(h->digest, sizeof h->digest, digest);
    gb_stats_text(h->for_package, sizeof h->for_package, getenv("CARGO_PKG_NAME"));
    gb_policy_watch(policy, on_question, a);
    return h->magic != GB_STATS_MAGIC || want_review(a, err);
}

bool gb_account_forbid(gb_account *a, const gb_strings *names, gb_error *err) {
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        gb_construct construct;
        if (!gb_construct_find(name, strlen(name), &construct)) {
            return gb_fail(err, GB_ERROR_USAGE, "its policy forbids `%.64s`, which is no construct", name);
        }
        a->forbidden |= UINT32_C(1) << construct;
    }
    return !a->forbidden || want_review(a, err);
}

void gb_account_name(gb_account *a, const glovebox_library *library) {
    size_t count = glovebox_macro_count(library);
    if (count > GB_STATS_MACROS) count = GB_STATS_MACROS;
    for (size_t i = 0; i < count; i++) {
        const glovebox_macro *macro = glovebox_macro_at(library, i);
        gb_stats_macro *m = &a->stats->macros[i];
        m->kind = macro->kind;
        gb_stats_text(m->name, sizeof m->name, macro->name);
    }
    a->stats->header.macro_count = (uint32_t)count;
}

/* ---- an expansion -------------------------------------------------------------------------- */

gb_stats_macro *gb_account_macro(gb_account *a) {
    return &a->stats->macros[a->macro < GB_STATS_MACROS ? a->macro : GB_STATS_MACROS - 1];
}

void gb_account_begin(gb_account *a, uint32_t index) {
    a->macro = index < GB_STATS_MACROS ? index : GB_STATS_MACROS - 1;
    gb_stats_macro *m = gb_account_macro(a);
    m->expansions++;
    m->failures++; /* until it has ended well */
}

/* The answer to "where is the call?"; false when it is no answer. */
static bool place_of_call(glovebox_ask ask, void *env, gb_message *answer) {
    static const uint32_t words[] = {GB_OP_SPAN_INFO | (uint32_t)GB_MESSAGE_VERSION << 16, 2, 0, 0,
                                     0 /* recipes */, GB_SPAN_CALL_SITE};
    uint8_t question[sizeof words];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) gb_store_u32(question + 4 * i, words[i]);
    const uint8_t *bytes;
    size_t length;
    gb_error err;
    gb_exchange exchange = {.question = GB_OP_SPAN_INFO};
    bool ok = ask(env, question, sizeof question, &bytes, &length) &&
              gb_message_open(bytes, length, answer, &err) &&
              gb_message_check(answer, &exchange, NULL, &err) && answer->operation == GB_OP_ANSWER;
    gb_exchange_free(&exchange);
    return ok;
}

static void write_place(gb_account *a, const gb_message *place, gb_construct construct) {
    uint32_t length = 0;
    const char *file = "";
    uint32_t line = 0, column = 0;
    if (place) {
        line = gb_message_word(place, 0);
        column = gb_message_word(place, 1);
        file = gb_message_text(place, gb_message_word(place, 6), &length);
    }
    gb_stats_add_place(a->stats, a->macro, construct, file, length, line, column,
                       gb_review_count(a->review, construct));
}

static void write_review(gb_account *a, glovebox_ask ask, void *env) {
    gb_stats_macro *m = gb_account_macro(a);
    uint32_t found = gb_review_found(a->review);
    bool wanted = false;
    if (!gb_review_complete(a->review)) m->unreviewed++;
    for (uint32_t c = 0; c < GB_CONSTRUCT_COUNT; c++) {
        if (!(found >> c & 1)) continue;
        m->constructs[c] += gb_review_count(a->review, (gb_construct)c);
        wanted = wanted || gb_stats_wants_place(a->stats, a->macro, c);
    }
    if (!wanted) return;
    gb_message answer;
    const gb_message *place = place_of_call(ask, env, &answer) ? &answer : NULL;
    for (uint32_t c = 0; c < GB_CONSTRUCT_COUNT; c++) {
        if (found >> c & 1) write_place(a, place, (gb_construct)c);
    }
}

/* What could not be looked at to its end is taken for what it may hide. */
static bool has_forbidden(const gb_account *a) {
    return a->forbidden &&
           (gb_review_found(a->review) & a->forbidden || !gb_review_complete(a->review));
}

void gb_account_end(gb_account *a, const glovebox_library *library, const glovebox_reply *reply,
                    bool ok, glovebox_ask ask, void *env) {
    gb_stats_macro *m = gb_account_macro(a);
    gb_stats_header *h = &a->stats->header;
    m->tokens_in += reply->tokens_in;
    m->tokens_out += reply->tokens_out;
    m->nanoseconds += reply->nanoseconds;
    bool well = ok && !reply->panicked;
    if (well && !has_forbidden(a)) m->failures--;
    h->memory_peak = glovebox_memory_peak(library);
    h->instances = glovebox_instances(library);
    if (well && a->review) write_review(a, ask, env);
    a->macro = GB_STATS_MACROS;
}

/* ---- what is forbidden --------------------------------------------------------------------- */

static void append_found(gb_buffer *out, uint32_t found, char quote) {
    bool first = true;
    for (uint32_t c = 0; c < GB_CONSTRUCT_COUNT; c++) {
        if (!(found >> c & 1)) continue;
        gb_buffer_append_format(out, "%s%c%s%c", first ? "" : ", ", quote,
                                gb_construct_name((gb_construct)c), quote);
        first = false;
    }
}

bool gb_account_is_forbidden(const gb_account *a, const glovebox_reply *reply, const char *manifest,
                             const char *table, gb_buffer *out) {
    if (reply->panicked || !has_forbidden(a)) return false;
    const char *package = gb_policy_subject(a->policy)->name;
    const char *who = manifest ? manifest : "the policy";
    uint32_t found = gb_review_found(a->review) & a->forbidden;
    if (!found) {
        gb_buffer_append_format(out, "its output repeats itself so often that it cannot be searched for what "
                                     "%s forbids", who);
        return true;
    }
    gb_buffer_append_text(out, "its output contains ");
    append_found(out, found, '`');
    gb_buffer_append_format(out, ", which %s forbids", who);
    gb_buffer_append_format(out, "\n\nhelp: to allow it: cargo glovebox allow %s", package);
    for (uint32_t c = 0; c < GB_CONSTRUCT_COUNT; c++) {
        if (found >> c & 1) gb_buffer_append_format(out, " --output %s", gb_construct_name((gb_construct)c));
    }
    if (!manifest || !table) return true;
    gb_buffer_append_format(out, "\n      or in %s:\n          [%s.package.%s]\n          allow = [",
                            manifest, table, package);
    append_found(out, found, '"');
    gb_buffer_append_text(out, "]");
    return true;
}
