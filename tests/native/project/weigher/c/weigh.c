#include <stdint.h>
#include <stdio.h>

/* FNV-1a */
uint32_t weigh(const char *text, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    return hash;
}

/* The first byte of a file, by C's own streams; -1: it cannot be had. */
int first_byte(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) return -1;
    int byte = fgetc(file);
    fclose(file);
    return byte;
}
