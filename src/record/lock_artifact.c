#include "record/lock_artifact.h"

#include <stdlib.h>
#include <string.h>

static const char between[] = " | ";
enum { BETWEEN = sizeof between - 1, SHOWN_ID = 12 };

char *gb_lock_artifact_text(const char *digest, const gb_lock_made_by *m) {
    if (!m || !*m->settings) return gb_text_copy(digest);
    return gb_text_format("%s | %s %.*s, glovebox %s %.*s | features %s, settings %s", digest, m->compiler,
                          SHOWN_ID, m->toolchain, m->glovebox, SHOWN_ID, m->recipe, m->features,
                          m->settings);
}

/* ---- parts ------------------------------------------------------------------------------------------- */

/* Part `index`, from 0. */
static const char *part(const char *text, int index, int *length) {
    const char *end = strstr(text, between);
    for (; index > 0 && end; index--) {
        text = end + BETWEEN;
        end = strstr(text, between);
    }
    if (index > 0) text = "";
    *length = (int)(end && !index ? (size_t)(end - text) : strlen(text));
    return text;
}

static bool same_part(const char *a, const char *b, int index) {
    int a_length, b_length;
    a = part(a, index, &a_length);
    b = part(b, index, &b_length);
    return a_length == b_length && memcmp(a, b, (size_t)a_length) == 0;
}

static bool is_alone(const char *text) {
    return strstr(text, between) == NULL;
}

const char *gb_lock_artifact_maker(const char *text, int *length) {
    return part(text, 1, length);
}

const char *gb_lock_artifact_made_of(const char *text, int *length) {
    return part(text, 2, length);
}

/* ---- old and new ------------------------------------------------------------------------------------- */

static gb_lock_artifact_is relation(const char *locked, const char *now) {
    if (same_part(locked, now, 0)) return GB_LOCK_ARTIFACT_SAME;
    if (is_alone(locked) || is_alone(now)) return GB_LOCK_ARTIFACT_UNKNOWN;
    if (!same_part(locked, now, 1)) return GB_LOCK_ARTIFACT_MAKER;
    return same_part(locked, now, 2) ? GB_LOCK_ARTIFACT_CHANGED : GB_LOCK_ARTIFACT_SETTINGS;
}

/* The nearest of them: relations are in that order. */
gb_lock_artifact_is gb_lock_artifact_compare(const gb_strings *locked, const char *now,
                                             const char **other) {
    gb_lock_artifact_is nearest = GB_LOCK_ARTIFACT_UNKNOWN;
    *other = NULL;
    for (size_t i = 0; i < locked->count; i++) {
        gb_lock_artifact_is is = relation(locked->items[i], now);
        if (is >= nearest) continue;
        nearest = is;
        *other = locked->items[i];
    }
    return nearest;
}

void gb_lock_artifact_add(gb_strings *locked, const char *now) {
    bool there = false;
    for (size_t i = locked->count; i-- > 0;) {
        gb_lock_artifact_is is = relation(locked->items[i], now);
        bool fuller = is == GB_LOCK_ARTIFACT_SAME && is_alone(locked->items[i]) && !is_alone(now);
        if (fuller || is == GB_LOCK_ARTIFACT_CHANGED) gb_strings_remove(locked, i);
        else if (is == GB_LOCK_ARTIFACT_SAME) there = true;
    }
    if (!there) gb_strings_add(locked, now);
}
