/* fake_worker.c: stands in for glovebox-worker and misbehaves on request. Speaks the real channel; does
 * what `--fake=MODE` says instead of running a macro:
 *
 *   identity     DONE with the last stream as the compiler holds it
 *   copy         DONE with every token of the last stream made anew
 *   texts        copy, and prints the texts of the request
 *   word=N,V     copy, with word N of the message replaced by V
 *   sweep        copy, with one word replaced: which, and by what, says the number that the input begins with
 *   fuzz=SEED    copy, with a few words replaced: which, and by what, say SEED and the number that the input begins with
 *   cut=N        copy, N bytes short
 *   kind=K       copy, sent as a message of kind K
 *   panic=TEXT   PANIC
 *   opaque       PANIC with a payload that is no text
 *   fail=TEXT    a failure with that text
 *   refuse=TEXT  as `error`, and the macro was refused TEXT
 *   error        DONE with compile_error!{"its own"}
 *   ask=OP       asks question OP about its input first, then as copy
 *   silent       never answers
 *   die          ends instead of answering
 *   kill         is killed instead of answering
 *   late         ends after it has answered
 *   deaf         ends before it greets
 *   build=B      greets with build B
 *   magic        greets with another magic
 *   unready=TEXT greets with TEXT
 *
 * Options that it does not know are passed over, so it can be given those of the real one. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/build_id.h"
#include "base/strings.h"
#include "tests/tokens/writer.h"
#include "tokens/check.h"
#include "worker/channel.h"

static gb_channel channel;
static const char *mode = "identity";

static void die(const char *why) {
    fprintf(stderr, "fake worker: %s\n", why);
    exit(70);
}

/* ---- replies --------------------------------------------------------------------------------- */

/* Words [from, to) of the request's body, a stream's pieces, as a guest would send them. Recursive:
 * tests do not nest deeply. */
static void copy_pieces(writer *w, const gb_message *m, uint32_t from, uint32_t to) {
    static const uint32_t words[] = {3, 2, 4};
    while (from < to) {
        uint32_t head = gb_message_word(m, from), tag = head & 15;
        if (tag != GB_PIECE_GROUP) {
            for (uint32_t i = 0; i < words[tag]; i++) put_word(w, gb_message_word(m, from + i));
            from += words[tag];
            continue;
        }
        uint32_t span = gb_message_word(m, from + 1), length = gb_message_word(m, from + 5);
        put_words(w, head, span, span, span, GB_MESSAGE_NONE);
        size_t mark = begin_length(w);
        copy_pieces(w, m, from + 6, from + 6 + length);
        end_length(w, mark);
        from += 6 + length;
    }
}

static void copy_texts(writer *w, const gb_message *m) {
    gb_buffer_append(&w->ends, m->ends, (size_t)m->text_count * 4);
    gb_buffer_append(&w->pool, m->pool, m->pool_length);
}

/* The last stream of the request: macro, count, [origin, stream,] origin, stream, flags. */
static uint32_t last_stream(const gb_message *m, uint32_t *origin) {
    uint32_t at = 2;
    if (gb_message_word(m, 1) == 2) at += 2 + gb_message_word(m, at + 1);
    *origin = gb_message_word(m, at);
    return at + 1;
}

static void write_copy(writer *w, const gb_message *m) {
    uint32_t origin, at = last_stream(m, &origin);
    copy_texts(w, m);
    put_word(w, 0);
    size_t mark = begin_length(w);
    copy_pieces(w, m, at + 1, at + 1 + gb_message_word(m, at));
    end_length(w, mark);
}

static void write_error(writer *w) {
    uint32_t name = add_text(w, "compile_error"), text = add_text(w, "its own");
    put_word(w, 0);
    size_t output = begin_length(w);
    put_words(w, GB_PIECE_IDENT, name, 0, GB_PIECE_PUNCT | '!' << 8, 0);
    put_words(w, GB_PIECE_GROUP | 1 << 4, 0, 0, 0, GB_MESSAGE_NONE);
    size_t group = begin_length(w);
    put_words(w, GB_PIECE_LITERAL | 4 << 4, text, GB_MESSAGE_NONE, 0);
    end_length(w, group);
    end_length(w, output);
}

static void reply(writer *w, uint32_t operation, const char *refusals) {
    finish(w, operation);
    gb_channel_send(&channel, GB_CHANNEL_REPLY, w->bytes.data, w->bytes.length, refusals,
                    strlen(refusals));
}

static void ask(writer *w, const gb_message *m, uint32_t operation) {
    uint32_t origin, at = last_stream(m, &origin);
    (void)at;
    put_word(w, 0);
    switch (operation) {
    case GB_OP_PARSE:
    case GB_OP_LITERAL:
    case GB_OP_IDENT:
    case GB_OP_TRACK_PATH: put_word(w, add_text(w, "größe")); break;
    case GB_OP_DISPLAY:
    case GB_OP_EXPAND_EXPR: put_words(w, 2, GB_PIECE_STREAM, origin); break;
    case GB_OP_SPAN_JOIN:
    case GB_OP_SPAN_EQ: put_words(w, 3, 4); break;
    case GB_OP_TRACK_ENV: put_words(w, add_text(w, "HOME"), GB_MESSAGE_NONE); break;
    default: put_word(w, 3); break;
    }
    finish(w, operation);
    gb_channel_send(&channel, GB_CHANNEL_QUESTION, w->bytes.data, w->bytes.length, NULL, 0);
    const uint8_t *bytes;
    size_t length;
    gb_error err;
    gb_message answer;
    if (!gb_channel_receive(&channel, &bytes, &length, &err)) die(err.message);
    if (!gb_message_open(bytes, length, &answer, &err)) die(err.message);
    fprintf(stderr, "fake worker: answered by %s\n", gb_operation_name(answer.operation));
}

static const uint32_t evil[] = {0, 1, 3, 5, 0x30, 0x7fffffff, 0x80000000, 0xffffffff};

static unsigned long input_number(const gb_message *m) {
    uint32_t origin, at = last_stream(m, &origin), length;
    const char *text = gb_message_text(m, gb_message_word(m, at + 2), &length);
    return strtoul(text, NULL, 10); /* a digit is followed by another text, a letter */
}

static uint32_t random_word(uint64_t *state) { /* SplitMix64 */
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(z ^ z >> 31);
}

static void send_fuzzed(writer *w, const gb_message *m, unsigned long seed) {
    uint64_t state = (uint64_t)seed << 32 | input_number(m);
    write_copy(w, m);
    finish(w, GB_OP_DONE);
    uint8_t *bytes = w->bytes.data;
    uint32_t words = (uint32_t)(w->bytes.length / 4);
    for (uint32_t changes = 1 + random_word(&state) % 3; changes; changes--) {
        uint8_t *at = bytes + random_word(&state) % words * 4;
        uint32_t old = gb_load_u32(at), other = gb_load_u32(bytes + random_word(&state) % words * 4);
        uint32_t choices[] = {evil[random_word(&state) % 8], random_word(&state), old + 1, old - 1, other,
                              old ^ UINT32_C(1) << random_word(&state) % 32, random_word(&state) % 64};
        gb_store_u32(at, choices[random_word(&state) % 7]);
    }
    gb_channel_send(&channel, GB_CHANNEL_REPLY, bytes, w->bytes.length, NULL, 0);
}

static void send_swept(writer *w, const gb_message *m) {
    unsigned long number = input_number(m);
    size_t word = number / 8;
    write_copy(w, m);
    finish(w, GB_OP_DONE);
    if (word < w->bytes.length / 4) gb_store_u32(w->bytes.data + word * 4, evil[number % 8]);
    gb_channel_send(&channel, GB_CHANNEL_REPLY, w->bytes.data, w->bytes.length, NULL, 0);
}

static void serve(writer *w, const gb_message *m) {
    const char *value;
    uint32_t origin;
    if (strcmp(mode, "identity") == 0 || strcmp(mode, "late") == 0) {
        last_stream(m, &origin);
        put_words(w, 0, 2, GB_PIECE_STREAM, origin);
        reply(w, GB_OP_DONE, "");
        if (strcmp(mode, "late") == 0) _exit(3);
    } else if (strcmp(mode, "copy") == 0 || strcmp(mode, "texts") == 0) {
        if (*mode == 't') fprintf(stderr, "fake worker: %.*s\n", (int)m->pool_length, (const char *)m->pool);
        write_copy(w, m);
        reply(w, GB_OP_DONE, "");
    } else if ((value = gb_text_after(mode, "word="))) {
        write_copy(w, m);
        finish(w, GB_OP_DONE);
        char *end;
        size_t at = strtoul(value, &end, 0) * 4;
        if (at + 4 > w->bytes.length) at = w->bytes.length - 4;
        gb_store_u32(w->bytes.data + at, (uint32_t)strtoul(end + 1, NULL, 0));
        gb_channel_send(&channel, GB_CHANNEL_REPLY, w->bytes.data, w->bytes.length, NULL, 0);
    } else if (strcmp(mode, "sweep") == 0) {
        send_swept(w, m);
    } else if ((value = gb_text_after(mode, "fuzz="))) {
        send_fuzzed(w, m, strtoul(value, NULL, 10));
    } else if ((value = gb_text_after(mode, "cut="))) {
        write_copy(w, m);
        finish(w, GB_OP_DONE);
        gb_channel_send(&channel, GB_CHANNEL_REPLY, w->bytes.data,
                        w->bytes.length - strtoul(value, NULL, 0), NULL, 0);
    } else if ((value = gb_text_after(mode, "kind="))) {
        write_copy(w, m);
        finish(w, GB_OP_DONE);
        gb_channel_send(&channel, (uint32_t)strtoul(value, NULL, 0), w->bytes.data,
                        w->bytes.length, NULL, 0);
    } else if ((value = gb_text_after(mode, "panic="))) {
        put_words(w, 0, add_text(w, value));
        reply(w, GB_OP_PANIC, "");
    } else if (strcmp(mode, "opaque") == 0) {
        put_words(w, 0, GB_MESSAGE_NONE);
        reply(w, GB_OP_PANIC, "");
    } else if ((value = gb_text_after(mode, "fail="))) {
        gb_channel_send(&channel, GB_CHANNEL_FAILURE, value, strlen(value), NULL, 0);
    } else if ((value = gb_text_after(mode, "refuse="))) {
        write_error(w);
        reply(w, GB_OP_DONE, value);
    } else if (strcmp(mode, "error") == 0) {
        write_error(w);
        reply(w, GB_OP_DONE, "");
    } else if ((value = gb_text_after(mode, "ask="))) {
        ask(w, m, (uint32_t)strtoul(value, NULL, 0));
    } else if (strcmp(mode, "silent") == 0) {
        for (;;) pause();
    } else if (strcmp(mode, "kill") == 0) {
        raise(SIGKILL);
    } else {
        _exit(3);
    }
}

/* ---- greeting -------------------------------------------------------------------------------- */

/* A greeting that gb_channel_greet would not write. */
static void greet(const char *magic, const char *build) {
    uint8_t bytes[GB_CHANNEL_GREETING] = {0};
    memcpy(bytes, magic, 8);
    gb_store_u32(bytes + 8, GB_CHANNEL_VERSION);
    memcpy(bytes + 16, build, strlen(build));
    send(channel.socket, bytes, sizeof bytes, MSG_NOSIGNAL);
}

int main(int argc, char **argv) {
    gb_error err;
    const char *value;
    signal(SIGALRM, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    alarm(60); /* never left behind: at the latest by this, */
    for (int i = 1; i < argc; i++) {
        if ((value = gb_text_after(argv[i], "--fake="))) mode = value;
    }
    if (argc == 2 && strcmp(argv[1], "--build") == 0) return puts(gb_build_id()) < 0;
    if (!gb_channel_open(&channel, STDIN_FILENO, &err)) die(err.message);
    if (strcmp(mode, "deaf") == 0) return 3;
    if ((value = gb_text_after(mode, "build="))) return greet("GLOVEBOX", value), 0;
    if (strcmp(mode, "magic") == 0) return greet("GLOVEBUX", gb_build_id()), 0;
    if ((value = gb_text_after(mode, "unready="))) return gb_channel_greet(&channel, value, &err), 1;
    if (!gb_channel_greet(&channel, NULL, &err)) die(err.message);
    fcntl(STDIN_FILENO, F_SETOWN, getpid()); /* else by SIGIO when the compiler ends */
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_ASYNC);
    writer w = {0};
    for (;;) {
        const uint8_t *bytes;
        size_t length;
        gb_message m;
        gb_exchange x = {0};
        if (!gb_channel_receive(&channel, &bytes, &length, &err)) die(err.message);
        /* A copy: questions reuse the channel's room. */
        uint8_t *copy = malloc(length);
        memcpy(copy, bytes, length);
        if (!gb_message_open(copy, length, &m, &err) || !gb_message_check(&m, &x, NULL, &err)) {
            die(err.message);
        }
        serve(&w, &m);
        if (gb_text_after(mode, "ask=")) {
            write_copy(&w, &m);
            reply(&w, GB_OP_DONE, "");
        }
        gb_exchange_free(&x);
        free(copy);
    }
}
