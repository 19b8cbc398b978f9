/* Fuzz target: what is read of a policy: the workers' file of grants, its patterns, requirements on
 * versions, and the edit of a manifest.
 *
 * The first byte chooses. What must hold, besides memory safety: grants that were read are written
 * and read again the same; no path that a pattern matches leads out or is hidden where the pattern
 * does not say so; an edit only puts something in, and a second one finds nothing to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/toml_edit.h"
#include "manifest/version_req.h"
#include "policy/grants.h"
#include "policy/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void read_grants(const char *text, size_t length) {
    static const char *const environment[] = {"OUT_DIR=/o", "CARGO_MANIFEST_DIR=/w/p", "A=b", NULL};
    gb_grants grants, again;
    gb_buffer first = {0}, second = {0};
    gb_error err;
    if (!gb_grants_parse(text, length, "file", &grants, &err)) return;
    MUST(gb_grants_print(&grants, &first));
    MUST(gb_grants_parse(gb_buffer_text(&first), first.length, "file", &again, &err));
    MUST(gb_grants_print(&again, &second));
    MUST(strcmp(gb_buffer_text(&first), gb_buffer_text(&second)) == 0);
    gb_subject subject = {grants.package, grants.version};
    gb_policy *policy = gb_policy_new(&subject, &err);
    MUST(policy != NULL && gb_grants_apply(&grants, environment, policy, &err));
    MUST(gb_policy_ask(policy, GB_POWER_WRITE, "/w/a", 4) != GB_GRANTED);
    gb_policy_free(policy);
    gb_grants_free(&grants);
    gb_grants_free(&again);
    gb_buffer_free(&first);
    gb_buffer_free(&second);
}

/* A pattern and a path, cut at the first line end. */
static void match(const char *text) {
    gb_error err;
    const char *line = strchr(text, '\n');
    char *pattern_text = line == NULL ? NULL : gb_text_copy_n(text, (size_t)(line - text));
    gb_pattern *pattern = pattern_text == NULL ? NULL : gb_pattern_new(pattern_text, &err);
    if (pattern != NULL) {
        const char *path = line + 1;
        gb_pattern_match m = gb_pattern_matches(pattern, path, strlen(path));
        bool dots = strstr(pattern_text, "/.") != NULL || pattern_text[0] == '.';
        bool hidden = path[0] == '.' || strstr(path, "/.") != NULL;
        MUST(!hidden || dots || m == GB_PATTERN_NO);
        MUST(strstr(pattern_text, "..") != NULL || strcmp(path, "..") != 0 || m == GB_PATTERN_NO);
        gb_pattern_free(pattern);
    }
    free(pattern_text);
}

static bool is_within(const gb_buffer *shorter, const gb_buffer *longer) {
    size_t i = 0;
    for (size_t k = 0; k < longer->length && i < shorter->length; k++) {
        if (longer->data[k] == shorter->data[i]) i++;
    }
    return i == shorter->length;
}

static void edit(const char *bytes, size_t length) {
    gb_strings table = {0}, values = {0};
    gb_buffer before = {0}, after = {0}, again = {0};
    gb_error err;
    gb_strings_add_each(&table, "w", "m", "g", "p", NULL);
    gb_strings_add_each(&values, "v", "a b", NULL);
    gb_toml_key key = {&table, "read"};
    MUST(gb_buffer_append(&before, bytes, length) && gb_buffer_append(&after, bytes, length));
    if (gb_toml_add_texts(&after, &key, &values, &err)) {
        MUST(is_within(&before, &after));
        MUST(gb_buffer_append(&again, after.data, after.length));
        MUST(gb_toml_add_texts(&again, &key, &values, &err));
        MUST(again.length == after.length && memcmp(again.data, after.data, after.length) == 0);
    } else {
        MUST(after.length == before.length);
    }
    gb_strings_free(&table);
    gb_strings_free(&values);
    gb_buffer_free(&before);
    gb_buffer_free(&after);
    gb_buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    char *text = gb_text_copy_n((const char *)data + 1, size - 1);
    MUST(text != NULL);
    switch (data[0] % 4) {
    case 0: read_grants(text, size - 1); break;
    case 1: match(text); break;
    case 2: edit(text, size - 1); break;
    default: gb_version_req_matches(text, "1.2.3-rc.1"); break;
    }
    free(text);
    return 0;
}
