/* Any bytes through the lexer and the rewriting, in every edition: tokens laid end to end are the
 * text, and what is rewritten is as long as before. The shim generator's search for functions reads
 * the same text. A broken promise aborts. */
#include "source/lexer.h"

#include <stdlib.h>
#include <string.h>

#include "source/rewrite.h"
#include "cargo/shim_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok) {
    if (!ok) abort();
}

static void lex(const uint8_t *text, size_t length, int edition) {
    gb_lexer lx;
    gb_token t;
    size_t at = 0;
    gb_lexer_init(&lx, text, length, edition);
    while (gb_lexer_next(&lx, &t)) {
        require(t.start == at && t.end > at && t.suffix >= t.start && t.suffix <= t.end);
        at = t.end;
    }
    require(at == length);
}

static void rewrite(const uint8_t *text, size_t length, int edition) {
    gb_rewrite_rules rules = {edition, "syn", "1.0.109"};
    gb_buffer out = {0}, again = {0};
    bool changed = false, changed_again = false;
    require(gb_rewrite_text(text, length, &rules, &out, &changed, NULL));
    require(out.length == length || (changed && out.length > length));
    require(changed == (length && memcmp(out.data, text, length) != 0));
    require(!changed || gb_rewrite_wanted(text, length, &rules));
    /* Nothing is left to rewrite. */
    require(gb_rewrite_text(out.data, out.length, &rules, &again, &changed_again, NULL));
    require(!changed_again);
    gb_buffer_free(&out);
    gb_buffer_free(&again);
}

static void find(const uint8_t *text, size_t length, int edition) {
    gb_place_of place;
    uint32_t line = length ? text[0] % 8 : 1, column = length > 1 ? text[1] % 64 : 1;
    if (!gb_source_find_function(text, length, edition, line, column, &place)) return;
    /* An attribute that made a function anew ends before the function's name. */
    require(place.start <= place.name && place.name <= place.name_end &&
            place.start <= place.signature_end && place.signature_end <= place.end &&
            place.name_end <= place.end && place.end <= length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int editions[] = {2015, 2018, 2021, 2024};
    const uint8_t *text = size ? data : (const uint8_t *)"";
    for (size_t i = 0; i < sizeof editions / sizeof editions[0]; i++) {
        lex(text, size, editions[i]);
        rewrite(text, size, editions[i]);
        find(text, size, editions[i]);
    }
    return 0;
}
