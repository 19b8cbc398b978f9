#include "tokens/print.h"

enum { INDENT_MOST = 100 };

typedef struct printer {
    gb_buffer *out;
    uint32_t depth;
    bool failed;
} printer;

static void line(printer *p) {
    uint32_t depth = p->depth < INDENT_MOST ? p->depth : INDENT_MOST;
    if (!gb_buffer_append_format(p->out, "%*s", (int)(2 * depth), "")) p->failed = true;
}

static void put(printer *p, const char *text) {
    if (!gb_buffer_append_text(p->out, text)) p->failed = true;
}

static void put_number(printer *p, uint32_t value) {
    if (!gb_buffer_append_format(p->out, "%u", value)) p->failed = true;
}

static void put_text(printer *p, const gb_message *m, uint32_t index) {
    if (index == GB_MESSAGE_NONE) {
        put(p, "none");
        return;
    }
    uint32_t length;
    const char *text = gb_message_text(m, index, &length);
    put(p, "`");
    for (uint32_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = c >= 0x20 && c != '`' && c != '\\' && c != 0x7f;
        bool ok = plain ? gb_buffer_append(p->out, &c, 1)
                        : gb_buffer_append_format(p->out, "\\u{%x}", c);
        if (!ok) p->failed = true;
    }
    put(p, "`");
}

static void put_span(printer *p, uint32_t span) {
    if (span >= GB_SPAN_DERIVED) {
        put(p, " @derived ");
        put_number(p, span - GB_SPAN_DERIVED);
        return;
    }
    static const char *const fixed[] = {" @call_site", " @mixed_site", " @def_site"};
    if (span < GB_SPAN_FIRST) {
        put(p, fixed[span]);
        return;
    }
    put(p, " @");
    put_number(p, span);
}

static void put_origin(printer *p, uint32_t origin) {
    if (origin == GB_MESSAGE_NONE) return;
    put(p, ", origin ");
    put_number(p, origin);
}

static void put_literal(printer *p, const gb_message *m, uint32_t at) {
    static const char *const kinds[] = {"Byte",       "Char",        "Integer", "Float",
                                        "Str",        "StrRaw",      "ByteStr", "ByteStrRaw",
                                        "CStr",       "CStrRaw",     "ErrWithGuar"};
    uint32_t head = gb_message_word(m, at), hashes = head >> 16;
    put(p, "literal ");
    put(p, kinds[head >> 4 & 0xfff]);
    if (hashes) {
        put(p, "#");
        put_number(p, hashes);
    }
    put(p, " ");
    put_text(p, m, gb_message_word(m, at + 1));
    if (gb_message_word(m, at + 2) != GB_MESSAGE_NONE) {
        put(p, " suffix ");
        put_text(p, m, gb_message_word(m, at + 2));
    }
    put_span(p, gb_message_word(m, at + 3));
}

static void put_piece(printer *p, const gb_message *m, uint32_t tag, uint32_t at) {
    static const char *const delimiters[] = {"()", "{}", "[]", "none"};
    uint32_t head = gb_message_word(m, at);
    line(p);
    switch (tag) {
    case GB_PIECE_IDENT:
        put(p, head >> 4 ? "ident raw " : "ident ");
        put_text(p, m, gb_message_word(m, at + 1));
        put_span(p, gb_message_word(m, at + 2));
        break;
    case GB_PIECE_PUNCT: {
        char character[] = {'`', (char)(head >> 8), '`', 0};
        put(p, "punct ");
        put(p, character);
        if (head & 16) put(p, " joint");
        put_span(p, gb_message_word(m, at + 1));
        break;
    }
    case GB_PIECE_LITERAL: put_literal(p, m, at); break;
    case GB_PIECE_GROUP:
        put(p, "group ");
        put(p, delimiters[head >> 4]);
        for (uint32_t i = 1; i <= 3; i++) put_span(p, gb_message_word(m, at + i));
        put_origin(p, gb_message_word(m, at + 4));
        p->depth++;
        break;
    default:
        put(p, tag == GB_PIECE_SAME ? "same" : "content");
        put_origin(p, gb_message_word(m, at + 1));
        break;
    }
    put(p, "\n");
}

static void put_recipe(printer *p, const gb_message *m, const gb_event *event) {
    static const char *const names[] = {"resolved_at", "located_at", "start", "end", "source"};
    uint32_t kind = gb_message_word(m, event->at);
    line(p);
    put(p, "derived ");
    put_number(p, event->value);
    put(p, " =");
    put_span(p, gb_message_word(m, event->at + 1));
    put(p, " ");
    put(p, names[kind - 1]);
    if (kind <= 2) put_span(p, gb_message_word(m, event->at + 2));
    put(p, "\n");
}

static void on_event(void *env, const gb_message *m, const gb_event *event) {
    printer *p = env;
    switch (event->kind) {
    case GB_EVENT_WORD:
        line(p);
        put(p, event->name);
        put(p, " ");
        put_number(p, event->value);
        put(p, "\n");
        break;
    case GB_EVENT_TEXT:
        line(p);
        put(p, event->name);
        put(p, " ");
        put_text(p, m, event->value);
        put(p, "\n");
        break;
    case GB_EVENT_SPAN:
        line(p);
        put(p, event->name);
        put_span(p, event->value);
        put(p, "\n");
        break;
    case GB_EVENT_RECIPE: put_recipe(p, m, event); break;
    case GB_EVENT_STREAM:
        line(p);
        put(p, event->name);
        put(p, ": stream");
        put_origin(p, event->value);
        put(p, "\n");
        p->depth++;
        break;
    case GB_EVENT_PIECE: put_piece(p, m, event->value, event->at); break;
    case GB_EVENT_STREAM_END:
    case GB_EVENT_GROUP_END: p->depth--; break;
    }
}

bool gb_message_print(const gb_message *message, gb_exchange *exchange, gb_buffer *out,
                      gb_error *err) {
    printer p = {.out = out, .depth = 1};
    const char *name = gb_operation_name(message->operation);
    if (name) {
        put(&p, name);
        put(&p, "\n");
    }
    gb_listener listener = {.event = on_event, .env = &p};
    if (!gb_message_check(message, exchange, &listener, err)) return false;
    return !p.failed || gb_fail(err, GB_ERROR_MEMORY, "no memory to print a message");
}
