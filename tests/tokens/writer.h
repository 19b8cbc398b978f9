/* writer.h: builds messages for tests, valid or not. */
#ifndef GB_TESTS_TOKENS_WRITER_H
#define GB_TESTS_TOKENS_WRITER_H

#include <string.h>

#include "base/buffer.h"
#include "tokens/message.h"

typedef struct writer {
    gb_buffer body, ends, pool, bytes;
} writer;

static inline void writer_clear(writer *w) {
    gb_buffer_clear(&w->body);
    gb_buffer_clear(&w->ends);
    gb_buffer_clear(&w->pool);
}

static inline void writer_free(writer *w) {
    gb_buffer_free(&w->body);
    gb_buffer_free(&w->ends);
    gb_buffer_free(&w->pool);
    gb_buffer_free(&w->bytes);
}

static inline void put_word(writer *w, uint32_t word) {
    gb_buffer_append_u32(&w->body, word);
}

#define put_words(w, ...)                                                                  \
    do {                                                                                   \
        const uint32_t words_[] = {__VA_ARGS__};                                           \
        for (size_t i_ = 0; i_ < sizeof words_ / sizeof *words_; i_++) put_word(w, words_[i_]); \
    } while (0)

/* Adds a text to the pool and returns its index. */
static inline uint32_t add_text(writer *w, const char *text) {
    gb_buffer_append(&w->pool, text, strlen(text));
    gb_buffer_append_u32(&w->ends, (uint32_t)w->pool.length);
    return (uint32_t)(w->ends.length / 4 - 1);
}

/* Where a length stands that is filled in later. */
static inline size_t begin_length(writer *w) {
    put_word(w, 0);
    return w->body.length;
}

static inline void end_length(writer *w, size_t mark) {
    gb_store_u32(w->body.data + mark - 4, (uint32_t)((w->body.length - mark) / 4));
}

/* The whole message, in w->bytes; ready for the next afterwards. */
static inline void finish(writer *w, uint32_t operation) {
    gb_buffer *out = &w->bytes;
    gb_buffer_clear(out);
    gb_buffer_append_u32(out, operation | (uint32_t)GB_MESSAGE_VERSION << 16);
    gb_buffer_append_u32(out, (uint32_t)(w->body.length / 4));
    gb_buffer_append_u32(out, (uint32_t)(w->ends.length / 4));
    gb_buffer_append_u32(out, (uint32_t)w->pool.length);
    gb_buffer_append(out, w->body.data, w->body.length);
    gb_buffer_append(out, w->ends.data, w->ends.length);
    gb_buffer_append(out, w->pool.data, w->pool.length);
    while (out->length % 4) gb_buffer_append(out, "", 1);
    writer_clear(w);
}

#endif
