#include "record/activity.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

static bool no_memory(gb_error *err) {
    return gb_fail(err, GB_ERROR_MEMORY, "out of memory");
}

static const char *const kinds[] = {"derive", "attribute", "function"};

const char *gb_activity_kind(uint32_t kind) {
    return kind < 3 ? kinds[kind] : "?";
}

bool gb_activity_refused(const gb_activity_asked *asked) {
    return asked->answer == GB_REFUSED || asked->answer == GB_HIDDEN;
}

/* ---- making and freeing ---------------------------------------------------------------------- */

static void free_macro(gb_activity_macro *macro) {
    for (size_t i = 0; i < macro->place_count; i++) free(macro->places[i].file);
    free(macro->places);
    free(macro->name);
}

static void free_crate(gb_activity_crate *crate) {
    for (size_t i = 0; i < crate->macro_count; i++) free_macro(&crate->macros[i]);
    for (size_t i = 0; i < crate->asked_count; i++) {
        free(crate->asked[i].name);
        gb_strings_free(&crate->asked[i].macros);
    }
    free(crate->macros);
    free(crate->asked);
    free(crate->package);
    free(crate->version);
    free(crate->needs);
    gb_strings_free(&crate->digests);
    gb_strings_free(&crate->users);
}

void gb_activity_free(gb_activity *activity) {
    for (size_t i = 0; i < activity->count; i++) free_crate(&activity->crates[i]);
    free(activity->crates);
    *activity = (gb_activity){0};
}

static void add_once(gb_strings *list, const char *text) {
    if (*text && !gb_strings_has(list, text)) gb_strings_add(list, text);
}

gb_activity_crate *gb_activity_crate_of(gb_activity *activity, const char *package,
                                        const char *version) {
    for (size_t i = 0; i < activity->count; i++) {
        gb_activity_crate *crate = &activity->crates[i];
        if (strcmp(crate->package, package) == 0 && strcmp(crate->version, version) == 0) return crate;
    }
    gb_activity_crate *grown = realloc(activity->crates, (activity->count + 1) * sizeof *grown);
    if (!grown) return NULL;
    activity->crates = grown;
    gb_activity_crate *crate = &grown[activity->count];
    *crate = (gb_activity_crate){.package = gb_text_copy(package), .version = gb_text_copy(version)};
    if (crate->package && crate->version) return &grown[activity->count++];
    free_crate(crate);
    return NULL;
}

static gb_activity_macro *macro_of(gb_activity_crate *crate, const char *name, uint32_t kind) {
    for (size_t i = 0; i < crate->macro_count; i++) {
        gb_activity_macro *macro = &crate->macros[i];
        if (macro->kind == kind && strcmp(macro->name, name) == 0) return macro;
    }
    gb_activity_macro *grown = realloc(crate->macros, (crate->macro_count + 1) * sizeof *grown);
    if (!grown) return NULL;
    crate->macros = grown;
    grown[crate->macro_count] = (gb_activity_macro){.name = gb_text_copy(name), .kind = kind};
    return grown[crate->macro_count].name ? &grown[crate->macro_count++] : NULL;
}

static bool add_place(gb_activity_macro *macro, const gb_activity_place *from) {
    for (size_t i = 0; i < macro->place_count; i++) {
        gb_activity_place *place = &macro->places[i];
        if (place->construct == from->construct && place->line == from->line &&
            place->column == from->column && strcmp(place->file, from->file) == 0) {
            place->count += from->count;
            return true;
        }
    }
    gb_activity_place *grown = realloc(macro->places, (macro->place_count + 1) * sizeof *grown);
    if (!grown) return false;
    macro->places = grown;
    grown[macro->place_count] = *from;
    grown[macro->place_count].file = gb_text_copy(from->file);
    if (!grown[macro->place_count].file) return false;
    macro->place_count++;
    return true;
}

static gb_activity_asked *asked_of(gb_activity_crate *crate, gb_power power, gb_answer answer,
                                   const char *name) {
    for (size_t i = 0; i < crate->asked_count; i++) {
        gb_activity_asked *asked = &crate->asked[i];
        if (asked->power == power && asked->answer == answer && strcmp(asked->name, name) == 0) {
            return asked;
        }
    }
    gb_activity_asked *grown = realloc(crate->asked, (crate->asked_count + 1) * sizeof *grown);
    if (!grown) return NULL;
    crate->asked = grown;
    grown[crate->asked_count] =
        (gb_activity_asked){.power = power, .answer = answer, .name = gb_text_copy(name)};
    return grown[crate->asked_count].name ? &grown[crate->asked_count++] : NULL;
}

/* ---- from a worker --------------------------------------------------------------------------- */

/* Everything in the file is a worker's word: it is made fit to be shown. */
static char *shown(const char *text, size_t length) {
    gb_buffer out = {0};
    gb_policy_record record = {.name = text, .length = length};
    gb_policy_show_name(&record, &out);
    char *copy = gb_text_copy(gb_buffer_text(&out));
    gb_buffer_free(&out);
    return copy;
}

static char *shown_text(const char *text) {
    return shown(text, strlen(text));
}

static bool add_worker_macro(gb_activity_crate *crate, const gb_stats *stats, uint32_t index) {
    const gb_stats_macro *from = &stats->macros[index];
    char *name = shown_text(from->name);
    gb_activity_macro *macro = name ? macro_of(crate, name, from->kind) : NULL;
    free(name);
    if (!macro) return false;
    macro->expansions += from->expansions;
    macro->failures += from->failures;
    macro->tokens_in += from->tokens_in;
    macro->tokens_out += from->tokens_out;
    macro->nanoseconds += from->nanoseconds;
    macro->unreviewed += from->unreviewed;
    for (int c = 0; c < GB_CONSTRUCT_COUNT; c++) macro->constructs[c] += from->constructs[c];
    bool ok = true;
    for (uint32_t i = 0; ok && i < stats->header.place_count; i++) {
        const gb_stats_place *p = &stats->places[i];
        if (p->macro != index || p->construct >= (uint32_t)GB_CONSTRUCT_COUNT) continue;
        char *file = shown_text(p->file);
        ok = file && add_place(macro, &(gb_activity_place){(gb_construct)p->construct, file, p->line,
                                                           p->column, p->count});
        free(file);
    }
    return ok;
}

static bool is_worth_telling(const gb_stats_question *q) {
    return q->power != GB_POWER_STDOUT && q->power != GB_POWER_STDERR && q->power != GB_POWER_STDIN;
}

static bool is_default(const gb_stats_question *q, const char *name, const gb_strings *folders) {
    if (q->answer != GB_GRANTED) return false;
    if (q->power == GB_POWER_ENV) {
        return gb_text_starts(name, "CARGO_") || strcmp(name, "CARGO") == 0 ||
               strcmp(name, "OUT_DIR") == 0 || strcmp(name, "*") == 0;
    }
    for (size_t i = 0; i < folders->count; i++) {
        if (gb_path_under(name, folders->items[i])) return true;
    }
    return false;
}

static bool add_worker_question(gb_activity_crate *crate, const gb_stats *stats,
                                const gb_stats_question *q, const char *name,
                                const gb_strings *folders) {
    char *text = shown(name, q->length);
    gb_activity_asked *asked =
        text ? asked_of(crate, (gb_power)q->power, (gb_answer)q->answer, text) : NULL;
    free(text);
    if (!asked) return false;
    asked->by_default = is_default(q, asked->name, folders) && (asked->by_default || !asked->count);
    asked->count += q->count;
    for (uint32_t i = 0; i < stats->header.macro_count; i++) {
        if (!(q->macros[i / 64] >> i % 64 & 1)) continue;
        char *macro = shown_text(stats->macros[i].name);
        if (macro) add_once(&asked->macros, macro);
        free(macro);
    }
    return gb_strings_ok(&asked->macros, NULL);
}

bool gb_activity_add_worker(gb_activity *activity, const gb_stats *stats, const gb_strings *folders,
                            gb_error *err) {
    const gb_stats_header *h = &stats->header;
    if (!gb_stats_is_used(stats)) return true;
    char *package = shown_text(h->package), *version = shown_text(h->package_version);
    char *digest = shown_text(h->digest), *user = shown_text(h->for_package);
    gb_activity_crate *crate = package && version ? gb_activity_crate_of(activity, package, version) : NULL;
    bool ok = crate && digest && user;
    if (ok) {
        add_once(&crate->digests, digest);
        add_once(&crate->users, user);
        if (h->memory_peak > crate->memory_peak) crate->memory_peak = h->memory_peak;
        crate->unlisted += h->unlisted;
        ok = gb_strings_ok(&crate->digests, err) && gb_strings_ok(&crate->users, err);
    }
    for (uint32_t i = 0; ok && i < h->macro_count; i++) {
        if (stats->macros[i].expansions) ok = add_worker_macro(crate, stats, i);
    }
    size_t at = 0;
    const char *name;
    for (const gb_stats_question *q; ok && (q = gb_stats_next_question(stats, &at, &name));) {
        if (is_worth_telling(q)) ok = add_worker_question(crate, stats, q, name, folders);
    }
    free(package);
    free(version);
    free(digest);
    free(user);
    return ok || no_memory(err);
}

/* ---- order ------------------------------------------------------------------------------------- */

static int compare_numbers(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

static int by_crate(const void *a, const void *b) {
    const gb_activity_crate *x = a, *y = b;
    int order = strcmp(x->package, y->package);
    return order ? order : strcmp(x->version, y->version);
}

static int by_macro(const void *a, const void *b) {
    const gb_activity_macro *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : compare_numbers(x->kind, y->kind);
}

static int by_question(const void *a, const void *b) {
    const gb_activity_asked *x = a, *y = b;
    int order = compare_numbers(x->power, y->power);
    if (!order) order = strcmp(x->name, y->name);
    return order ? order : compare_numbers(x->answer, y->answer);
}

static int by_place(const void *a, const void *b) {
    const gb_activity_place *x = a, *y = b;
    int order = compare_numbers(x->construct, y->construct);
    if (!order) order = strcmp(x->file, y->file);
    if (!order) order = compare_numbers(x->line, y->line);
    return order ? order : compare_numbers(x->column, y->column);
}

static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    if (count) qsort(items, count, size, compare);
}

void gb_activity_sort(gb_activity *activity) {
    sort(activity->crates, activity->count, sizeof *activity->crates, by_crate);
    for (size_t i = 0; i < activity->count; i++) {
        gb_activity_crate *crate = &activity->crates[i];
        gb_strings_sort(&crate->digests);
        gb_strings_sort(&crate->users);
        sort(crate->macros, crate->macro_count, sizeof *crate->macros, by_macro);
        sort(crate->asked, crate->asked_count, sizeof *crate->asked, by_question);
        for (size_t k = 0; k < crate->asked_count; k++) gb_strings_sort(&crate->asked[k].macros);
        for (size_t k = 0; k < crate->macro_count; k++) {
            gb_activity_macro *macro = &crate->macros[k];
            sort(macro->places, macro->place_count, sizeof *macro->places, by_place);
        }
    }
}

/* ---- as JSON ------------------------------------------------------------------------------------ */

static bool put_number(cJSON *object, const char *key, uint64_t value) {
    return cJSON_AddNumberToObject(object, key, (double)value) != NULL;
}

static bool put_text(cJSON *object, const char *key, const char *text) {
    return cJSON_AddStringToObject(object, key, text) != NULL;
}

/* Takes the item over, also when it fails. */
static bool put_item(cJSON *array, cJSON *item, bool ok) {
    if (ok && item && cJSON_AddItemToArray(array, item)) return true;
    cJSON_Delete(item);
    return false;
}

static bool put_places(cJSON *array, const gb_activity_macro *macro, gb_construct construct) {
    bool ok = true;
    for (size_t i = 0; ok && i < macro->place_count; i++) {
        const gb_activity_place *p = &macro->places[i];
        if (p->construct != construct) continue;
        cJSON *place = cJSON_CreateObject();
        ok = put_item(array, place, place && put_text(place, "file", p->file) &&
                                        put_number(place, "line", p->line) &&
                                        put_number(place, "column", p->column) &&
                                        put_number(place, "count", p->count));
    }
    return ok;
}

static bool put_output(cJSON *array, const gb_activity_macro *macro) {
    bool ok = true;
    for (int c = 0; ok && c < GB_CONSTRUCT_COUNT; c++) {
        if (!macro->constructs[c]) continue;
        cJSON *item = cJSON_CreateObject(), *places;
        ok = item && put_text(item, "construct", gb_construct_name((gb_construct)c)) &&
             put_number(item, "count", macro->constructs[c]) &&
             (places = cJSON_AddArrayToObject(item, "places")) != NULL &&
             put_places(places, macro, (gb_construct)c);
        ok = put_item(array, item, ok);
    }
    return ok;
}

static bool put_macro(cJSON *array, const gb_activity_macro *m) {
    cJSON *item = cJSON_CreateObject(), *output;
    bool ok = item && put_text(item, "name", m->name) &&
              put_text(item, "kind", gb_activity_kind(m->kind)) &&
              put_number(item, "expansions", m->expansions) &&
              put_number(item, "failures", m->failures) &&
              put_number(item, "tokens_in", m->tokens_in) &&
              put_number(item, "tokens_out", m->tokens_out) &&
              put_number(item, "nanoseconds", m->nanoseconds) &&
              put_number(item, "unreviewed", m->unreviewed) &&
              (output = cJSON_AddArrayToObject(item, "output")) != NULL && put_output(output, m);
    return put_item(array, item, ok);
}

static bool put_asked(cJSON *array, const gb_activity_asked *a) {
    cJSON *item = cJSON_CreateObject();
    bool ok = item && put_text(item, "power", gb_power_name(a->power)) &&
              put_text(item, "name", a->name) &&
              put_text(item, "answer", gb_answer_name(a->answer)) &&
              cJSON_AddBoolToObject(item, "default", a->by_default) != NULL &&
              put_number(item, "count", a->count) && gb_json_add_texts(item, "macros", &a->macros);
    return put_item(array, item, ok);
}

static bool put_crate(cJSON *array, const gb_activity_crate *c) {
    cJSON *item = cJSON_CreateObject(), *macros = NULL, *asked = NULL;
    bool ok = item && put_text(item, "package", c->package) && put_text(item, "version", c->version) &&
              cJSON_AddBoolToObject(item, "native", c->native) != NULL &&
              gb_json_add_texts(item, "digests", &c->digests) &&
              put_number(item, "memory_peak", c->memory_peak) &&
              put_number(item, "unlisted", c->unlisted) &&
              gb_json_add_texts(item, "users", &c->users) &&
              (!c->needs || put_text(item, "needs", c->needs)) &&
              (macros = cJSON_AddArrayToObject(item, "macros")) != NULL &&
              (asked = cJSON_AddArrayToObject(item, "asked")) != NULL;
    for (size_t i = 0; ok && i < c->macro_count; i++) ok = put_macro(macros, &c->macros[i]);
    for (size_t i = 0; ok && i < c->asked_count; i++) ok = put_asked(asked, &c->asked[i]);
    return put_item(array, item, ok);
}

cJSON *gb_activity_json(const gb_activity *activity) {
    cJSON *array = cJSON_CreateArray();
    bool ok = array != NULL;
    for (size_t i = 0; ok && i < activity->count; i++) ok = put_crate(array, &activity->crates[i]);
    if (ok) return array;
    cJSON_Delete(array);
    return NULL;
}

/* ---- and back ------------------------------------------------------------------------------------ */

/* Whole numbers that a double holds exactly; anything else counts as 0. */
static uint64_t get_number(const cJSON *object, const char *key) {
    double value = gb_json_number(object, key, 0);
    return value >= 0 && value <= 9007199254740992.0 ? (uint64_t)value : 0;
}

static uint32_t get_small(const cJSON *object, const char *key) {
    uint64_t value = get_number(object, key);
    return value <= UINT32_MAX ? (uint32_t)value : 0;
}

static const cJSON *get(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool index_of(const char *text, const char *(*name)(int), int count, int *index) {
    for (*index = 0; text && *index < count; ++*index) {
        if (strcmp(text, name(*index)) == 0) return true;
    }
    return false;
}

static const char *kind_name(int i) {
    return kinds[i];
}

static const char *power_name(int i) {
    return gb_power_name((gb_power)i);
}

static const char *answer_name(int i) {
    return gb_answer_name((gb_answer)i);
}

static bool take_output(const cJSON *output, gb_activity_macro *macro) {
    const cJSON *item, *p;
    bool ok = true;
    cJSON_ArrayForEach(item, output) {
        gb_construct construct;
        const char *name = gb_json_text(item, "construct");
        if (!name || !gb_construct_find(name, strlen(name), &construct)) return false;
        macro->constructs[construct] += get_number(item, "count");
        cJSON_ArrayForEach(p, get(item, "places")) {
            char *file = (char *)gb_json_text(p, "file");
            ok = ok && file &&
                 add_place(macro, &(gb_activity_place){construct, file, get_small(p, "line"),
                                                       get_small(p, "column"), get_number(p, "count")});
        }
    }
    return ok;
}

static bool take_macro(const cJSON *item, gb_activity_crate *crate) {
    const char *name = gb_json_text(item, "name");
    int kind;
    if (!name || !index_of(gb_json_text(item, "kind"), kind_name, 3, &kind)) return false;
    gb_activity_macro *m = macro_of(crate, name, (uint32_t)kind);
    if (!m) return false;
    m->expansions += get_number(item, "expansions");
    m->failures += get_number(item, "failures");
    m->tokens_in += get_number(item, "tokens_in");
    m->tokens_out += get_number(item, "tokens_out");
    m->nanoseconds += get_number(item, "nanoseconds");
    m->unreviewed += get_number(item, "unreviewed");
    return take_output(get(item, "output"), m);
}

static bool take_asked(const cJSON *item, gb_activity_crate *crate) {
    const char *name = gb_json_text(item, "name");
    int power, answer;
    if (!name || !index_of(gb_json_text(item, "power"), power_name, GB_POWER_COUNT, &power) ||
        !index_of(gb_json_text(item, "answer"), answer_name, GB_ABSENT + 1, &answer)) {
        return false;
    }
    gb_activity_asked *asked = asked_of(crate, (gb_power)power, (gb_answer)answer, name);
    if (!asked) return false;
    bool by_default = gb_json_bool(item, "default", false);
    asked->by_default = by_default && (asked->by_default || !asked->count);
    asked->count += get_number(item, "count");
    gb_strings macros = {0};
    gb_json_texts(item, "macros", &macros);
    for (size_t i = 0; i < macros.count; i++) add_once(&asked->macros, macros.items[i]);
    gb_strings_free(&macros);
    return true;
}

static void take_texts(const cJSON *item, const char *key, gb_strings *list) {
    gb_strings texts = {0};
    gb_json_texts(item, key, &texts);
    for (size_t i = 0; i < texts.count; i++) add_once(list, texts.items[i]);
    gb_strings_free(&texts);
}

static bool take_crate(const cJSON *item, gb_activity *activity) {
    const char *package = gb_json_text(item, "package"), *version = gb_json_text(item, "version");
    gb_activity_crate *crate = package && version ? gb_activity_crate_of(activity, package, version) : NULL;
    if (!crate) return false;
    uint64_t peak = get_number(item, "memory_peak");
    if (peak > crate->memory_peak) crate->memory_peak = peak;
    crate->unlisted += get_number(item, "unlisted");
    crate->native = crate->native || gb_json_bool(item, "native", false);
    take_texts(item, "digests", &crate->digests);
    take_texts(item, "users", &crate->users);
    const cJSON *part;
    bool ok = true;
    cJSON_ArrayForEach(part, get(item, "macros")) ok = ok && take_macro(part, crate);
    cJSON_ArrayForEach(part, get(item, "asked")) ok = ok && take_asked(part, crate);
    return ok;
}

bool gb_activity_add_record(gb_activity *activity, const char *text, size_t length, const char *what,
                            gb_error *err) {
    cJSON *record = gb_json_parse(text, length, what, err);
    if (!record) return false;
    bool ok = gb_json_number(record, "version", 0) == 1 && cJSON_IsArray(get(record, "crates"));
    const cJSON *item;
    cJSON_ArrayForEach(item, get(record, "crates")) ok = ok && take_crate(item, activity);
    cJSON_Delete(record);
    return ok || gb_fail(err, GB_ERROR_MALFORMED, "%s is no record of what macros did", what);
}
