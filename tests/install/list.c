/* What an embedder writes first: opens an artifact and lists its macros. */
#include <glovebox.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    static unsigned char bytes[16 << 20];
    size_t length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    glovebox_error error = {0};
    glovebox_library *library = glovebox_open(bytes, length, NULL, &error);
    if (!library) return fprintf(stderr, "%s\n", error.message), 1;
    for (size_t i = 0; i < glovebox_macro_count(library); i++) {
        const glovebox_macro *macro = glovebox_macro_at(library, i);
        printf("%s %s:%u\n", macro->name, macro->file, (unsigned)macro->line);
    }
    glovebox_close(library);
    fclose(file);
    return 0;
}
