#include "base/json.h"

#include <stdlib.h>
#include <string.h>

cJSON *gb_json_parse(const char *text, size_t length, const char *what, gb_error *err) {
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(text, length, &end, false);
    if (!value) {
        size_t offset = end && end >= text ? (size_t)(end - text) : 0;
        gb_fail(err, GB_ERROR_MALFORMED, "%s is not JSON (at byte %zu)", what, offset);
        return NULL;
    }
    /* cJSON may step over a final NUL when it skips white space, so compare before counting. */
    for (; end < text + length; end++) {
        if (strchr(" \t\r\n", *end)) continue;
        gb_fail(err, GB_ERROR_MALFORMED, "%s goes on after its JSON value (at byte %zu)", what,
                (size_t)(end - text));
        cJSON_Delete(value);
        return NULL;
    }
    return value;
}

const char *gb_json_text(const cJSON *object, const char *key) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

double gb_json_number(const cJSON *object, const char *key, double otherwise) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

bool gb_json_bool(const cJSON *object, const char *key, bool otherwise) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : otherwise;
}

void gb_json_texts(const cJSON *object, const char *key, gb_strings *list) {
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, key)) {
        if (cJSON_IsString(item)) gb_strings_add(list, item->valuestring);
    }
}

bool gb_json_add_texts(cJSON *object, const char *key, const gb_strings *list) {
    cJSON *array = cJSON_AddArrayToObject(object, key);
    for (size_t i = 0; array && i < list->count; i++) {
        cJSON *item = cJSON_CreateString(list->items[i]);
        if (!item || !cJSON_AddItemToArray(array, item)) {
            cJSON_Delete(item);
            return false;
        }
    }
    return array != NULL;
}

bool gb_json_quote(gb_buffer *out, const char *text) {
    cJSON *value = cJSON_CreateString(text);
    bool ok = value && gb_json_print(out, value, false);
    cJSON_Delete(value);
    return ok;
}

bool gb_json_print(gb_buffer *out, const cJSON *value, bool indented) {
    char *text = indented ? cJSON_Print(value) : cJSON_PrintUnformatted(value);
    bool ok = text && gb_buffer_append_text(out, text);
    cJSON_free(text);
    return ok;
}
