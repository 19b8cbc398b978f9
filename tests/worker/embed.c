/* embed.c: the promises of glovebox.h, kept to an embedder: tests/worker/guests/macros.c opened, listed,
 * expanded; hostile artifacts and requests refused. Usage: embed macros.wasm. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "glovebox.h"
#include "macros/internal.h"
#include "tests/tokens/writer.h"
#include "tokens/message.h"
#include "tests/check.h"

/* EXPAND of macro `index` with the stream `a + {}`. */
static void request(writer *w, uint32_t index) {
    uint32_t a = add_text(w, "a");
    put_words(w, index, 1, 0);
    size_t input = begin_length(w);
    put_words(w, GB_PIECE_IDENT, a, 3, GB_PIECE_PUNCT | '+' << 8, 4);
    put_words(w, GB_PIECE_GROUP | 1 << 4, 5, 6, 7, 1);
    size_t group = begin_length(w);
    end_length(w, group);
    end_length(w, input);
    put_word(w, 0);
    finish(w, GB_OP_EXPAND);
}

/* Answers DISPLAY with "shown"; anything else is not expected here. */
static bool answer(void *env, const uint8_t *question, size_t length, const uint8_t **to,
                   size_t *to_length) {
    writer *w = env;
    gb_message m;
    if (!gb_message_open(question, length, &m, NULL) || m.operation != GB_OP_DISPLAY) return false;
    put_word(w, add_text(w, "shown"));
    finish(w, GB_OP_ANSWER);
    *to = w->bytes.data;
    *to_length = w->bytes.length;
    return true;
}

static bool nonsense(void *env, const uint8_t *question, size_t length, const uint8_t **to,
                     size_t *to_length) {
    (void)env;
    *to = question;
    *to_length = length;
    return true;
}

static uint32_t find(const glovebox_library *library, const char *name) {
    for (uint32_t i = 0; i < glovebox_macro_count(library); i++) {
        if (strcmp(glovebox_macro_at(library, i)->name, name) == 0) return i;
    }
    return UINT32_MAX;
}

static glovebox_library *open_with(const gb_buffer *wasm, const char *const *environment) {
    glovebox_options options = {.size = sizeof options,
                                .package = "testmac",
                                .version = "1.2.3",
                                .environment = environment,
                                .memory_limit = 64 << 20};
    glovebox_error error;
    glovebox_library *library = glovebox_open(wasm->data, wasm->length, &options, &error);
    if (!library) printf("%s\n", error.message);
    return library;
}

static void it_lists_macros(const gb_buffer *wasm) {
    glovebox_library *library = open_with(wasm, NULL);
    const glovebox_macro *derive = glovebox_macro_at(library, 0);
    const glovebox_macro *attr = glovebox_macro_at(library, 1);
    check(glovebox_macro_count(library) == 23, "all macros are listed");
    check(derive->kind == GLOVEBOX_DERIVE && strcmp(derive->name, "Derive") == 0, "the derive");
    check(strcmp(derive->helpers[0], "helper") == 0 && strcmp(derive->helpers[1], "other") == 0 &&
              !derive->helpers[2],
          "its helpers");
    check(attr->kind == GLOVEBOX_ATTRIBUTE && !attr->helpers[0] && attr->line == 2, "the attribute");
    check(strcmp(attr->attributes, "#[doc = \"a\tb\"]") == 0, "its documentation, unescaped");
    check(!glovebox_macro_at(library, 23), "nothing past the end");
    glovebox_close(library);
}

static void it_expands(const gb_buffer *wasm) {
    glovebox_library *library = open_with(wasm, NULL);
    writer w = {0}, answers = {0};
    glovebox_reply reply;
    glovebox_error error;
    gb_message m;
    request(&w, find(library, "func"));
    bool ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok && !reply.panicked && reply.tokens_in == 3 && reply.tokens_out == 3, "identity");
    check(ok && gb_message_open(reply.message, reply.length, &m, NULL) && m.operation == GB_OP_DONE,
          "the reply is a message");
    request(&w, find(library, "panics"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok && reply.panicked, "a panic is a reply");
    request(&w, find(library, "shown"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, answer, &answers, &reply, &error);
    check(ok && reply.tokens_out == 1, "a question is answered");
    request(&w, find(library, "shown"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(!ok && error.failure == GLOVEBOX_ASK_FAILED, "a question that nobody answers");
    request(&w, find(library, "shown"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, nonsense, NULL, &reply, &error);
    check(!ok && error.failure == GLOVEBOX_BAD_REQUEST, "an answer that is none");
    check(glovebox_instances(library) == 2, "only failures cost an instance");
    check(glovebox_memory_peak(library) >= 1 << 20, "the memory's peak");
    writer_free(&w);
    writer_free(&answers);
    glovebox_close(library);
}

static void it_reports_failures(const gb_buffer *wasm) {
    static const struct {
        const char *macro;
        glovebox_failure failure;
        const char *words;
    } table[] = {
        {"hog", GLOVEBOX_OUT_OF_MEMORY, "limit: 64 MiB"},
        {"recurse", GLOVEBOX_OUT_OF_STACK, "too deeply"},
        {"garbage", GLOVEBOX_BAD_REPLY, "garbage"},
        {"trap", GLOVEBOX_TRAPPED, "unreachable"},
        {"silent", GLOVEBOX_BAD_REPLY, "without a reply"},
        {"leave", GLOVEBOX_TRAPPED, "exit code 7"},
        {"twice", GLOVEBOX_BAD_REPLY, "no reply is due"},
        {"outside", GLOVEBOX_BAD_REPLY, "not within its memory"},
        {"forged", GLOVEBOX_BAD_REPLY, "no such origin"},
        {"missing", GLOVEBOX_BAD_ARTIFACT, "no entry"},
    };
    glovebox_library *library = open_with(wasm, NULL);
    writer w = {0};
    glovebox_reply reply;
    glovebox_error error;
    gb_buffer first = {0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        request(&w, find(library, table[i].macro));
        bool ok =
            glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
        bool right = !ok && error.failure == table[i].failure;
        check(right && strstr(error.message, table[i].words), table[i].macro);
        if (!ok && !strstr(error.message, table[i].words)) printf("%s\n", error.message);
        request(&w, find(library, "count"));
        ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
        check(ok && reply.tokens_out == 1, "the next expansion works");
        if (ok && i == 0) gb_buffer_append(&first, reply.message, reply.length);
        bool same = ok && reply.length == first.length && memcmp(reply.message, first.data, first.length) == 0;
        check(same == (table[i].failure != GLOVEBOX_BAD_ARTIFACT), "it counts from one again, unless nothing had run");
    }
    check(glovebox_instances(library) == sizeof table / sizeof *table, "an instance for each failure");
    gb_buffer_free(&first);
    writer_free(&w);
    glovebox_close(library);
}

/* Every word of a request replaced: refused, or expanded all the same. */
static void it_checks_requests(const gb_buffer *wasm) {
    static const uint32_t evil[] = {0, 1, 2, 0x73, 0x7fffffff, 0x80000000, 0xffffffff};
    glovebox_library *library = open_with(wasm, NULL);
    writer w = {0};
    glovebox_reply reply;
    glovebox_error error;
    int refused = 0;
    request(&w, find(library, "func"));
    for (size_t at = 0; at < w.bytes.length; at += 4) {
        uint32_t old = gb_load_u32(w.bytes.data + at);
        for (size_t e = 0; e < sizeof evil / sizeof *evil; e++) {
            gb_store_u32(w.bytes.data + at, evil[e]);
            bool ok =
                glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
            if (!ok) refused += error.failure == GLOVEBOX_BAD_REQUEST;
        }
        gb_store_u32(w.bytes.data + at, old);
    }
    check(refused > 100, "requests that make no sense are refused");
    writer_free(&w);
    glovebox_close(library);
}

static void it_opens_nothing_broken(const gb_buffer *wasm) {
    glovebox_error error;
    bool refused = true;
    for (size_t length = 0; length < wasm->length; length += 1 + length / 8) {
        glovebox_library *library = glovebox_open(wasm->data, length, NULL, &error);
        if (library) refused = false;
        glovebox_close(library);
    }
    check(refused, "truncated artifacts are refused");
    glovebox_options old = {.size = 8};
    check(!glovebox_open(wasm->data, wasm->length, &old, &error) &&
              error.failure == GLOVEBOX_BAD_REQUEST,
          "options of another version are refused");
}

/* A time limit, as an embedder would make one. */
static void *alarm_clock(void *env) {
    struct timespec time = {.tv_nsec = 100000000};
    nanosleep(&time, NULL);
    glovebox_interrupt(env);
    return NULL;
}

static void it_can_be_interrupted(const gb_buffer *wasm) {
    glovebox_library *library = open_with(wasm, NULL);
    writer w = {0};
    glovebox_reply reply;
    glovebox_error error;
    pthread_t thread;
    request(&w, find(library, "spin"));
    glovebox_interrupt(library); /* nothing runs: nothing happens */
    pthread_create(&thread, NULL, alarm_clock, library);
    bool ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    pthread_join(thread, NULL);
    check(!ok && error.failure == GLOVEBOX_INTERRUPTED, "an endless loop is interrupted");
    request(&w, find(library, "func"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok, "and the interruption is over with it");
    writer_free(&w);
    glovebox_close(library);
}

static void it_asks_the_policy(const gb_buffer *wasm) {
    static const char *const environment[] = {"CARGO_PKG_NAME=user", "T_SECRET=hush",
                                              "CARGO_MANIFEST_DIR=/nonexistent", NULL};
    glovebox_library *library = open_with(wasm, environment);
    writer w = {0};
    glovebox_reply reply;
    glovebox_error error;
    size_t count;
    request(&w, find(library, "package"));
    bool ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok && !reply.panicked, "Cargo's variable is granted");
    check(strcmp(glovebox_refusals(library, &count), "") == 0 && count == 0, "nothing was refused");
    request(&w, find(library, "secret"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok && reply.panicked, "another is not");
    check(strstr(glovebox_refusals(library, &count), "T_SECRET") && count == 1, "which is reported");
    request(&w, find(library, "steals"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok && !reply.panicked, "a macro of the macro's choice is not expanded");
    check(strstr(glovebox_refusals(library, &count), "expand `include_str!`") && count == 2,
          "which is reported, too");
    writer_free(&w);
    glovebox_close(library);
}

/* What came of expanding a macro with that much fuel: "done", or why not and where. */
static void burn(const gb_buffer *wasm, const char *macro, gb_engine_kind engine, uint64_t fuel,
                 char text[5000]) {
    glovebox_options options = {
        .size = sizeof options, .package = "testmac", .memory_limit = 64 << 20, .fuel = fuel};
    glovebox_error error = {0};
    glovebox_reply reply;
    writer w = {0};
    glovebox_library *library = glovebox_open(wasm->data, wasm->length, &options, &error);
    library->limits.engine = engine; /* no embedder chooses; the instance is made at the first use */
    request(&w, find(library, macro));
    bool ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    unsigned long long left = library->store ? gb_store_fuel(library->store) : 0;
    snprintf(text, 5000, "%d %llu left: %s", ok ? -1 : (int)error.failure, left,
             ok ? "done" : error.message);
    glovebox_close(library);
    writer_free(&w);
}

static void fuel_ends_at_the_same_instruction_in_both_engines(const gb_buffer *wasm) {
    static char interpreted[5000], compiled[5000];
    const char *why;
    if (!gb_engine_compiles(&why)) return;
    size_t stops = 0, same = 0, tries = 0;
    for (uint64_t fuel = 1; fuel < 40000; fuel += fuel < 300 ? 1 : fuel / 7) {
        burn(wasm, "func", GB_ENGINE_INTERPRETER, fuel, interpreted);
        burn(wasm, "func", GB_ENGINE_COMPILER, fuel, compiled);
        if (strcmp(interpreted, compiled) == 0) same++;
        else printf("with fuel %llu\n  %s\nand\n  %s\n", (unsigned long long)fuel, interpreted, compiled);
        stops += strstr(interpreted, "done") == NULL;
        tries++;
    }
    check(same == tries, "the engines stop at the same instruction");
    check(stops > 0 && stops < tries, "some of these expansions have too little fuel, and some enough");
    burn(wasm, "spin", GB_ENGINE_INTERPRETER, 1000003, interpreted);
    burn(wasm, "spin", GB_ENGINE_COMPILER, 1000003, compiled);
    check(strcmp(interpreted, compiled) == 0, "an endless loop ends at the same instruction");
    check(strstr(compiled, "fuel") != NULL, "and says why");
}

static void an_embedder_sees_what_was_generated_and_can_forbid_it(const gb_buffer *wasm) {
    static const char *const nothing_unsafe[] = {"asm", "unsafe", NULL}, *const others[] = {"std-fs", NULL},
                             *const unknown[] = {"unsave", NULL};
    glovebox_options options = {.size = sizeof options};
    glovebox_library *library = glovebox_open(wasm->data, wasm->length, &options, NULL);
    writer w = {0};
    glovebox_reply reply;
    glovebox_error error;
    glovebox_finding finding;
    request(&w, find(library, "risky"));
    bool ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok && glovebox_finding_at(library, 0, &finding), "a construct is found");
    check(ok && strcmp(finding.construct, "unsafe") == 0 && finding.count == 1, "by name and number");
    check(!glovebox_finding_at(library, 1, &finding), "and no other");
    check(glovebox_findings_complete(library), "everything was looked at");
    request(&w, find(library, "func"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok && !glovebox_finding_at(library, 0, &finding), "nothing is found in the next expansion");
    glovebox_close(library);
    options.forbid = nothing_unsafe;
    library = glovebox_open(wasm->data, wasm->length, &options, &error);
    for (int i = 0; i < 2; i++) {
        request(&w, find(library, "risky"));
        ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
        check(!ok && error.failure == GLOVEBOX_FORBIDDEN && !reply.message, "what is forbidden is no reply");
        check(!ok && strstr(error.message, "its output contains `unsafe`, which is forbidden"), "and says so");
        check(glovebox_finding_at(library, 0, &finding) && glovebox_instances(library) == 1,
              "it is found all the same, and costs no instance");
    }
    request(&w, find(library, "func"));
    ok = glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error);
    check(ok, "other macros of the library go on");
    glovebox_close(library);
    options.forbid = others;
    library = glovebox_open(wasm->data, wasm->length, &options, &error);
    request(&w, find(library, "risky"));
    check(glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error),
          "other constructs are no matter");
    request(&w, find(library, "trap"));
    check(!glovebox_expand(library, w.bytes.data, w.bytes.length, NULL, NULL, &reply, &error) &&
              !glovebox_finding_at(library, 0, &finding),
          "nothing is found where nothing was generated");
    glovebox_close(library);
    options.forbid = unknown;
    check(!glovebox_open(wasm->data, wasm->length, &options, &error) &&
              error.failure == GLOVEBOX_BAD_REQUEST && strstr(error.message, "`unsave`"),
          "a construct that there is not");
    writer_free(&w);
}

int main(int argc, char **argv) {
    gb_buffer wasm = {0};
    gb_error err;
    if (argc != 2 || !gb_file_read(argv[1], &wasm, &err)) return 2;
    it_lists_macros(&wasm);
    it_expands(&wasm);
    it_reports_failures(&wasm);
    it_checks_requests(&wasm);
    it_opens_nothing_broken(&wasm);
    it_can_be_interrupted(&wasm);
    it_asks_the_policy(&wasm);
    an_embedder_sees_what_was_generated_and_can_forbid_it(&wasm);
    fuel_ends_at_the_same_instruction_in_both_engines(&wasm);
    gb_buffer_free(&wasm);
    printf("embed: %d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
