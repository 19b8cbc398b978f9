/* trusting.c: a worker that believes what the guest sends: messages, and where they lie. To show what the
 * checks are good for. In the place of three functions (-Wl,--wrap), which it calls and does not heed. */
#include <stddef.h>

#include "engine/engine.h"
#include "tokens/check.h"
#include "tokens/message.h"

bool __real_gb_message_open(const void *bytes, size_t length, gb_message *out, gb_error *err);
bool __wrap_gb_message_open(const void *bytes, size_t length, gb_message *out, gb_error *err);
bool __real_gb_message_check(const gb_message *message, gb_exchange *exchange, const gb_listener *listener,
                             gb_error *err);
bool __wrap_gb_message_check(const gb_message *message, gb_exchange *exchange, const gb_listener *listener,
                             gb_error *err);
uint8_t *__real_gb_memory_range(gb_memory *memory, uint64_t address, uint64_t length);
uint8_t *__wrap_gb_memory_range(gb_memory *memory, uint64_t address, uint64_t length);

bool __wrap_gb_message_open(const void *bytes, size_t length, gb_message *out, gb_error *err) {
    if (!__real_gb_message_open(bytes, length, out, err)) *out = (gb_message){.operation = GB_OP_DONE};
    return true;
}

bool __wrap_gb_message_check(const gb_message *message, gb_exchange *exchange, const gb_listener *listener,
                             gb_error *err) {
    (void)listener;
    if (!__real_gb_message_check(message, exchange, NULL, err)) exchange->ended = true;
    return true;
}

uint8_t *__wrap_gb_memory_range(gb_memory *memory, uint64_t address, uint64_t length) {
    uint8_t *range = __real_gb_memory_range(memory, address, length);
    return range ? range : __real_gb_memory_range(memory, 0, 0) + address;
}
