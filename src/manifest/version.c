#include "manifest/version.h"

#include <stddef.h>
#include <string.h>

/* The number at *text, passing it and a dot behind it. Saturates. */
static unsigned long long next_number(const char **text) {
    unsigned long long value = 0;
    for (; **text >= '0' && **text <= '9'; ++*text)
        if (value < 1000000000000000000u) value = value * 10 + (unsigned)(**text - '0');
    if (**text == '.') ++*text;
    return value;
}

int gb_version_compare(const char *a, const char *b) {
    for (int i = 0; i < 3; i++) {
        unsigned long long x = next_number(&a), y = next_number(&b);
        if (x != y) return x < y ? -1 : 1;
    }
    /* semver: 1.0.0-alpha < 1.0.0; what follows a plus sign does not count */
    size_t left = strcspn(a, "+"), right = strcspn(b, "+");
    if (!left || !right) return left ? -1 : right ? 1 : 0;
    int order = strncmp(a, b, left < right ? left : right);
    return order ? order : (left > right) - (left < right);
}
