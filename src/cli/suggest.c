#include "cli/suggest.h"

#include <string.h>

enum { LONGEST = 31 };

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* The distance of Damerau and Levenshtein, adjacent swaps only; words too long are far. */
static unsigned distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST) return LONGEST;
    unsigned rows[3][LONGEST + 1];
    for (size_t j = 0; j <= m; j++) rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], higher[j - 2] + 1);
            }
        }
    }
    return rows[n % 3][m];
}

const char *gb_cli_nearest(const char *word, const char *const *words, size_t count,
                           size_t stride) {
    const char *best = NULL;
    unsigned least_distance = (unsigned)strlen(word) / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        const char *candidate =
            *(const char *const *)(const void *)((const char *)words + i * stride);
        unsigned d = distance(word, candidate);
        if (d > least_distance || d >= strlen(candidate) || (best && d == least_distance)) continue;
        least_distance = d;
        best = candidate;
    }
    return best;
}
