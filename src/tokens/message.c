#include "tokens/message.h"

#include "base/utf8.h"

const char *gb_operation_name(uint32_t operation) {
    switch (operation) {
    case GB_OP_EXPAND: return "EXPAND";
    case GB_OP_ANSWER: return "ANSWER";
    case GB_OP_RAISED: return "RAISED";
    case GB_OP_DONE: return "DONE";
    case GB_OP_PANIC: return "PANIC";
    case GB_OP_PARSE: return "PARSE";
    case GB_OP_DISPLAY: return "DISPLAY";
    case GB_OP_LITERAL: return "LITERAL";
    case GB_OP_IDENT: return "IDENT";
    case GB_OP_SPAN_TEXT: return "SPAN_TEXT";
    case GB_OP_SPAN_INFO: return "SPAN_INFO";
    case GB_OP_SPAN_JOIN: return "SPAN_JOIN";
    case GB_OP_SPAN_PARENT: return "SPAN_PARENT";
    case GB_OP_SPAN_DEBUG: return "SPAN_DEBUG";
    case GB_OP_SPAN_EQ: return "SPAN_EQ";
    case GB_OP_SPAN_SUBSPAN: return "SPAN_SUBSPAN";
    case GB_OP_DIAGNOSTIC: return "DIAGNOSTIC";
    case GB_OP_EXPAND_EXPR: return "EXPAND_EXPR";
    case GB_OP_TRACK_ENV: return "TRACK_ENV";
    case GB_OP_TRACK_PATH: return "TRACK_PATH";
    default: return NULL;
    }
}

static bool check_texts(const gb_message *m, gb_error *err) {
    if (!gb_utf8_valid(m->pool, m->pool_length)) {
        return gb_fail(err, GB_ERROR_MALFORMED, "message: its texts are not UTF-8");
    }
    uint32_t last = 0;
    for (uint32_t i = 0; i < m->text_count; i++) {
        uint32_t end = gb_load_u32(m->ends + (size_t)i * 4);
        if (end < last || end > m->pool_length) {
            return gb_fail(err, GB_ERROR_MALFORMED, "message: text %u ends at byte %u of %u", i, end,
                           m->pool_length);
        }
        if (end < m->pool_length && (m->pool[end] & 0xc0) == 0x80) {
            return gb_fail(err, GB_ERROR_MALFORMED, "message: text %u ends within a character", i);
        }
        last = end;
    }
    for (uint32_t i = m->pool_length; i % 4 != 0; i++) {
        if (m->pool[i] != 0) return gb_fail(err, GB_ERROR_MALFORMED, "message: its padding is not zero");
    }
    return true;
}

bool gb_message_open(const void *bytes, size_t length, gb_message *out, gb_error *err) {
    const uint8_t *b = bytes;
    if (length < GB_MESSAGE_HEADER || length > GB_MESSAGE_MAX) {
        return gb_fail(err, GB_ERROR_MALFORMED, "message: %zu bytes long", length);
    }
    uint32_t head = gb_load_u32(b);
    if (head >> 16 != GB_MESSAGE_VERSION) {
        return gb_fail(err, GB_ERROR_MALFORMED, "message: of version %u", head >> 16);
    }
    gb_message m = {
        .operation = (uint16_t)head,
        .words = gb_load_u32(b + 4),
        .text_count = gb_load_u32(b + 8),
        .pool_length = gb_load_u32(b + 12),
    };
    /* None of these sums can wrap in 64 bits; equality bounds each part by the length. */
    uint64_t ends = GB_MESSAGE_HEADER + (uint64_t)m.words * 4;
    uint64_t pool = ends + (uint64_t)m.text_count * 4;
    uint64_t total = pool + ((uint64_t)m.pool_length + 3) / 4 * 4;
    if (total != length) {
        return gb_fail(err, GB_ERROR_MALFORMED,
                       "message: %zu bytes long, where its header says %llu", length,
                       (unsigned long long)total);
    }
    m.body = b + GB_MESSAGE_HEADER;
    m.ends = b + ends;
    m.pool = b + pool;
    if (!check_texts(&m, err)) return false;
    *out = m;
    return true;
}
