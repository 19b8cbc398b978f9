/* guest.c: what the guest's proc_macro makes of the host's messages: tests/fuzz/guest.rs links it natively, as a macro
 * that does what bytes say. Memory errors show in any case. And while the host's messages are what src/tokens takes for
 * sound, so must the guest's be, and no panic may be its own.
 *
 *   input    script's length, script, EXPAND, answers…
 *   message  form (bit 0), then
 *     1      16 bits of length, as many bytes
 *     0      operation, words (16 bits), texts, a length for each, the words, the texts: the frame is made here, so that
 *            chance finds bodies rather than frames
 * A question for which no answer is left, or whose answer has no bytes, gets a plain one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tokens/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void gb_fuzz_guest(const uint8_t *message, size_t length, const uint8_t *script, size_t steps);

/* The host's functions (docs/protocol.md, section 2). */
size_t __gbx_ask(const uint8_t *bytes, size_t length);
void __gbx_answer(uint8_t *to);
void __gbx_reply(const uint8_t *bytes, size_t length);
intptr_t __gbx_env_get(const uint8_t *name, size_t length);

static const uint8_t *at, *end; /* of the input */
static gb_exchange exchange;
static bool sound, replied; /* all the host's messages so far; the guest's last one came */
static gb_buffer message;   /* the host's */

/* ---- input ------------------------------------------------------------------------------------------ */

static uint32_t take(size_t bytes) {
    uint32_t value = 0;
    for (size_t i = 0; i < bytes && at < end; i++) value |= (uint32_t)*at++ << 8 * i;
    return value;
}

static const uint8_t *take_bytes(size_t *length) {
    const uint8_t *start = at;
    if (*length > (size_t)(end - at)) *length = (size_t)(end - at);
    at += *length;
    return start;
}

static void take_framed(void) {
    uint32_t operation = take(1), words = take(2) % 1024, texts = take(1) % 32, lengths[32], pool = 0;
    for (uint32_t i = 0; i < texts; i++) lengths[i] = take(1) % 32;
    for (uint32_t i = 0; i < texts; i++) pool += lengths[i];
    const uint32_t header[] = {operation | 1 << 16, words, texts, pool};
    for (size_t i = 0; i < 4; i++) gb_buffer_append_u32(&message, header[i]);
    for (uint32_t i = 0; i < words; i++) gb_buffer_append_u32(&message, take(4));
    for (uint32_t i = 0, sum = 0; i < texts; i++) gb_buffer_append_u32(&message, sum += lengths[i]);
    for (uint32_t i = 0; i < pool; i++) gb_buffer_append(&message, &(uint8_t){take(1) & 0x7f}, 1);
    while (message.length % 4) gb_buffer_append(&message, "", 1);
}

/* False: there is none, or one without bytes. */
static bool take_message(void) {
    gb_buffer_clear(&message);
    if (at == end) return false;
    if (take(1) & 1) {
        size_t length = take(2);
        const uint8_t *bytes = take_bytes(&length);
        gb_buffer_append(&message, bytes, length);
    } else {
        take_framed();
    }
    return message.length > 0;
}

/* ---- the host ---------------------------------------------------------------------------------------- */

static bool check(const uint8_t *bytes, size_t length, gb_message *m, gb_error *err) {
    return gb_message_open(bytes, length, m, err) && gb_message_check(m, &exchange, NULL, err);
}

static void put(const uint32_t *words, uint32_t count, const char *text) {
    uint32_t bytes = text ? (uint32_t)strlen(text) : 0;
    const uint32_t header[] = {GB_OP_ANSWER | 1 << 16, count, text != NULL, bytes};
    gb_buffer_clear(&message);
    for (size_t i = 0; i < 4; i++) gb_buffer_append_u32(&message, header[i]);
    for (uint32_t i = 0; i < count; i++) gb_buffer_append_u32(&message, words[i]);
    if (text) gb_buffer_append_u32(&message, bytes);
    if (text) gb_buffer_append(&message, text, bytes);
    while (message.length % 4) gb_buffer_append(&message, "", 1);
}

static void plain_answer(uint32_t operation) {
    const uint32_t none = GB_MESSAGE_NONE, held[] = {1, exchange.origins, 0};
    switch (operation) {
    case GB_OP_PARSE:
    case GB_OP_EXPAND_EXPR: put(held, 3, NULL); return;
    case GB_OP_LITERAL: put((const uint32_t[]){1, 2 | 2 << 4, 0, none, 0}, 5, "1"); return;
    case GB_OP_IDENT: put((const uint32_t[]){1, 0}, 2, "e"); return;
    case GB_OP_DISPLAY:
    case GB_OP_SPAN_DEBUG: put((const uint32_t[]){0}, 1, "shown"); return;
    case GB_OP_SPAN_INFO: put((const uint32_t[]){1, 2, 1, 3, 1, 2, 0, none}, 8, "f.rs"); return;
    case GB_OP_DIAGNOSTIC:
    case GB_OP_TRACK_ENV:
    case GB_OP_TRACK_PATH: put(NULL, 0, NULL); return;
    default: put((const uint32_t[]){0}, 1, NULL);
    }
}

static void hold(bool promise, const char *what, const gb_error *err) {
    if (promise) return;
    fprintf(stderr, "to sound messages the guest %s: %s\n", what, err->message);
    abort();
}

size_t __gbx_ask(const uint8_t *bytes, size_t length) {
    gb_message m;
    gb_error err = {0};
    hold(!sound || (check(bytes, length, &m, &err) && exchange.question), "asks unsoundly", &err);
    if (!take_message()) plain_answer(length >= 2 ? (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 : 0);
    sound = sound && check(message.data, message.length, &m, &err);
    return message.length;
}

void __gbx_answer(uint8_t *to) {
    if (message.length) memcpy(to, message.data, message.length);
}

/* Panics that a macro can cause by what it does are its own business. */
static bool is_guests_own(const gb_message *m) {
    static const char *const words[] = {"glovebox:", "attempt to ", "index out of bounds", "range ", "called `", "already "};
    uint32_t length, index = gb_message_word(m, 1 + 3 * gb_message_word(m, 0));
    const char *text = index == GB_MESSAGE_NONE ? NULL : gb_message_text(m, index, &length);
    for (size_t i = 0; text && i < sizeof words / sizeof *words; i++) {
        if (length >= strlen(words[i]) && memcmp(text, words[i], strlen(words[i])) == 0) return true;
    }
    return false;
}

void __gbx_reply(const uint8_t *bytes, size_t length) {
    gb_message m;
    gb_error err = {0};
    replied = true;
    if (!sound) return;
    hold(check(bytes, length, &m, &err) && exchange.ended, "replies unsoundly", &err);
    if (m.operation == GB_OP_PANIC && is_guests_own(&m)) {
        snprintf(err.message, sizeof err.message, "%.*s", (int)m.pool_length, (const char *)m.pool);
        hold(false, "panics", &err);
    }
}

intptr_t __gbx_env_get(const uint8_t *name, size_t length) {
    return (void)name, length % 2 ? -1 : (put((const uint32_t[]){0}, 1, NULL), (intptr_t)message.length);
}

/* ---- one input ---------------------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    gb_message m;
    gb_error err;
    at = data;
    end = data + size;
    size_t steps = take(1);
    const uint8_t *script = take_bytes(&steps);
    if (!take_message()) return 0;
    gb_exchange_reset(&exchange);
    exchange.macro_count = 1;
    sound = check(message.data, message.length, &m, &err);
    replied = false;
    gb_buffer expand = message;
    message = (gb_buffer){0};
    gb_fuzz_guest(expand.data, expand.length, script, steps);
    hold(!sound || replied, "says nothing", &(gb_error){.message = "no reply"});
    gb_buffer_free(&expand);
    return 0;
}
