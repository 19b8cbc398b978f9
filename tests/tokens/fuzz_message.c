/* fuzz_message.c: libFuzzer target for the message format. An input is a run of messages of one
 * expansion, each behind its length (u32); the rest is the last message. What the frame and the body
 * check let through is printed, so that every index is followed, and reviewed. */
#include <stdlib.h>
#include <string.h>

#include "tokens/print.h"
#include "tokens/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    gb_exchange exchange = {.macro_count = 4};
    gb_buffer text = {0};
    gb_error err;
    gb_review *review = gb_review_new(&err);
    bool ok = review != NULL;
    while (ok && size > 4) {
        uint32_t length = gb_load_u32(data);
        data += 4, size -= 4;
        if (length > size) length = (uint32_t)size;
        /* A copy of just this size, so that a sanitizer sees any step past the end. */
        uint8_t *copy = malloc(length ? length : 1);
        if (!copy) break;
        memcpy(copy, data, length);
        gb_message message;
        uint16_t question = exchange.question;
        ok = gb_message_open(copy, length, &message, &err) &&
             gb_message_print(&message, &exchange, &text, &err);
        if (ok && message.operation == GB_OP_EXPAND) {
            gb_review_expand(review, &message);
            gb_review_hold(review);
        } else if (ok) {
            gb_review_answer(review, question, &message);
            gb_review_done(review, &message);
        }
        free(copy);
        data += length, size -= length;
    }
    gb_review_free(review);
    gb_buffer_free(&text);
    gb_exchange_free(&exchange);
    return 0;
}
