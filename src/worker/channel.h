/* channel.h: the worker's end of the channel to a shim (docs/protocol.md, section 3; the other end is
 * shim/channel.rs).
 *
 * The shared file:
 *
 *   0     +------------------+
 *         | to the worker    |  a mailbox's control words
 *   64    +------------------+
 *         | to the shim      |
 *   128   +------------------+
 *         | zeros            |
 *   4096  +------------------+
 *         | to the worker    |  data: (size - 4096) / 2 bytes
 *         +------------------+
 *         | to the shim      |
 *         +------------------+
 *
 *   control words, u32 each, in the machine's byte order:
 *   0 state   0 empty: the sender may fill it   1 full: the receiver may read it. A futex.
 *   4 kind    of the message, GB_CHANNEL_…
 *   8 part    bytes that lie in the mailbox now
 *  12 first   bytes of the whole message's first section
 *  16 second  bytes of its second section
 *
 * A message is its first section followed by its second, cut into parts of at most a mailbox; a message
 * of no bytes is one part. Every part repeats kind, first and second. The receiver copies each part out and
 * sets the state to empty; the sender waits for that only where it has more to send.
 *
 * Nobody trusts the other: sizes are taken once, checked, and the bytes are copied before they
 * are looked at. */
#ifndef GB_WORKER_CHANNEL_H
#define GB_WORKER_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum {
    GB_CHANNEL_VERSION = 1,
    GB_CHANNEL_HEADER = 4096,
    GB_CHANNEL_GREETING = 96,
    /* to the worker */
    GB_CHANNEL_MESSAGE = 1,  /* EXPAND, ANSWER or RAISED for the guest */
    /* to the shim */
    GB_CHANNEL_QUESTION = 2, /* the guest's question */
    GB_CHANNEL_REPLY = 3,    /* the guest's DONE or PANIC; second: what it was refused, as text */
    GB_CHANNEL_FAILURE = 4,  /* the expansion failed: why, as text; second: as above */
};

typedef struct gb_channel {
    int socket;
    uint8_t *map;
    size_t size, capacity;
    gb_buffer incoming; /* the message last received */
} gb_channel;

/* Reads the shim's greeting from the socket and maps the file that comes with it. False: it is no
 * greeting, or of another version or build (GB_ERROR_INVALID); tell the shim by gb_channel_greet. */
bool gb_channel_open(gb_channel *channel, int socket, gb_error *err);
/* Greets back: ready (problem NULL), or why not. */
bool gb_channel_greet(const gb_channel *channel, const char *problem, gb_error *err);

/* Waits for the shim's next message. The bytes are good until the next call. GB_ERROR_INVALID: the
 * mailbox says what cannot be; GB_ERROR_MEMORY. Who closes the socket ends the process: watch.h. */
bool gb_channel_receive(gb_channel *channel, const uint8_t **bytes, size_t *length, gb_error *err);
void gb_channel_send(gb_channel *channel, uint32_t kind, const void *first, size_t first_length,
                     const void *second, size_t second_length);

#endif
