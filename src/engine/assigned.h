/* assigned.h: which locals have certainly been set when they are read, so that only the others need the zero they start
 * with. Compilers of the usual kind set nearly all of theirs first.
 *
 * A log holds the locals set so far, in order. Where control flow joins, what is certain is what all ways have in common: since
 * blocks nest, that is always a prefix of the log. All steps are constant-time. */
#ifndef GB_ENGINE_ASSIGNED_H
#define GB_ENGINE_ASSIGNED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gb_assigned {
    uint32_t *log; /* locals; room for all of them */
    uint32_t length;
    uint8_t *is_set; /* per local: it is in the log */
    uint32_t low, high; /* slots from low up to high are read while perhaps not set; none when low >= high */
} gb_assigned;

/* A block's part in it. Zero-initialised, then opened. */
typedef struct gb_assigned_block {
    uint32_t start;  /* the log's length where the block begins, */
    uint32_t joined; /* the least length with which something branches to its end, */
    uint32_t shrunk; /* and the least to which the log was cut within */
} gb_assigned_block;

bool gb_assigned_init(gb_assigned *a, uint32_t locals, uint32_t params);
void gb_assigned_free(gb_assigned *a);
void gb_assigned_set(gb_assigned *a, uint32_t local);
/* A local that takes these slots is read. */
void gb_assigned_read(gb_assigned *a, uint32_t local, uint32_t slot, uint32_t slots);
void gb_assigned_open(const gb_assigned *a, gb_assigned_block *block);
void gb_assigned_branch(const gb_assigned *a, gb_assigned_block *target);
/* The second arm of an if begins with what the first one began with. `falls`: the first arm's end can be reached. */
void gb_assigned_else(gb_assigned *a, gb_assigned_block *block, bool falls);
/* The block ends, within `outer` (NULL: it is the function's). `joins`: its label is at its end and used. */
void gb_assigned_end(gb_assigned *a, const gb_assigned_block *block, gb_assigned_block *outer, bool falls, bool joins);

#endif
