/* The two implementations of the wire format, side by side: wire/wire.rs (as guest and shim read it, through
 * tests/fuzz/wire.rs) and src/tokens. What the checker takes for a sound reply, the other must be able
 * to read to its end; neither may go wrong over any bytes. A broken promise aborts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tokens/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int64_t gb_fuzz_wire(const uint8_t *bytes, size_t length);

/* EXPAND of one stream that holds two groups: origins 0 to 2, spans 3 to 5. */
static const uint32_t expand[] = {1 | 1 << 16, 17, 0, 0, 0, 1, 0, 12, 3, 3, 4, 5, 1, 0, 3, 3, 4, 5, 2, 0, 0};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1); /* of just this size, so that a step past the end is seen */
    if (!copy) return 0;
    if (size) memcpy(copy, data, size);
    gb_exchange exchange = {.macro_count = 1};
    gb_message first, message;
    gb_error err;
    if (!gb_message_open(expand, sizeof expand, &first, &err) || !gb_message_check(&first, &exchange, NULL, &err)) {
        abort();
    }
    int64_t events = gb_fuzz_wire(copy, size);
    bool frame = gb_message_open(copy, size, &message, &err);
    if (frame != (events != -2)) abort();
    bool sound = frame && gb_message_check(&message, &exchange, NULL, &err);
    if (sound && message.operation == GB_OP_DONE && events < 0) abort();
    gb_exchange_free(&exchange);
    free(copy);
    return 0;
}
