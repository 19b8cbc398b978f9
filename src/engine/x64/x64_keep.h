/* x64_keep.h: machine code in a file, mapped and used as it lies.
 *
 * The file, little-endian, made and read on one machine by one build (else it is not used at all):
 *
 *     header        magic, build, features, what of the module the code depends on, sizes, checksums
 *     index         u32 for each function that is not imported: its record + 1, or 0
 *     records       gb_x64_kept_function, by ascending address
 *     padding       to a page
 *     code          as it lay in its space
 *
 * What is checked when. Mapping: header and tables, against their checksum. Taking a mapping for a module: build, features, and a
 * checksum of all that code depends on outside of bodies (types, globals, …). First use of a function: checksums of its machine code and of
 * its wasm body. So a damaged or foreign file costs a compilation, and starting costs no reading of megabytes. A body whose
 * checksum fits was validated when the file was made. */
#ifndef GB_ENGINE_X64_KEEP_H
#define GB_ENGINE_X64_KEEP_H

#include "engine/x64/x64_code.h"

typedef struct gb_x64_kept_function {
    gb_x64_function record;
    uint32_t code, local_count, local_slots, operand_slots, label_depth, flags; /* of gb_function */
    uint64_t code_sum, body_sum;
} gb_x64_kept_function;

typedef struct gb_x64_kept_header {
    char magic[8];
    char build[64];
    uint32_t features;
    uint32_t functions; /* not imported */
    uint32_t records;
    uint32_t code_offset, code_size; /* in the file, whole pages */
    uint32_t data_size; /* how far before the code its slots must lie */
    gb_code_note note;  /* the caller's */
    uint64_t context;   /* gb_x64_context_sum */
    uint64_t table_sum; /* of index and records */
    uint64_t header_sum; /* of all before */
} gb_x64_kept_header;

/* A mapped file, until a space takes it. */
typedef struct gb_x64_kept {
    struct gb_x64_kept *next;
    gb_x64_kept_header header;
    void *tables; /* mapping of header, index and records */
    size_t tables_size;
    const uint32_t *index;
    const gb_x64_kept_function *records;
    size_t first_unit, units; /* in the arena: slots, then the code, then room for more */
    size_t slot_bytes;
    uint8_t *run;
    uint8_t *write; /* of the room behind the kept code */
    size_t room;    /* its bytes */
} gb_x64_kept;

/* A fast checksum against damage, not against intent: whoever can write the file owns the user already. */
uint64_t gb_x64_sum(const void *bytes, size_t length, uint64_t seed);
/* Over everything but the bodies that decides what code a body becomes. */
uint64_t gb_x64_context_sum(const gb_module *m);
/* Compiles what is missing and writes the space's code. */
bool gb_x64_keep_write(gb_x64_space *space, int fd, const gb_code_note *note, gb_error *err);
/* Maps a file of kept code for the first module it fits; the descriptor may be closed then. (x64_space.c) */
bool gb_x64_keep_map(int fd, gb_code_note *note, gb_error *err);
/* Reads and checks header and tables. */
gb_x64_kept *gb_x64_keep_open(int fd, gb_error *err);
void gb_x64_keep_close(gb_x64_kept *kept);
/* The kept code of the function fits its body: it may run. Its body counts as validated then. */
bool gb_x64_keep_check(const gb_x64_kept *kept, gb_module *m, uint32_t function);

#endif
