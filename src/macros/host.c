/* What guests call, whatever they are made of: linear memory or a library of the machine's own. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "macros/internal.h"

uint64_t gb_host_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

glovebox_failure gb_host_failure(const gb_error *err, glovebox_failure otherwise) {
    return err->kind == GB_ERROR_MEMORY ? GLOVEBOX_OUT_OF_MEMORY : otherwise;
}

/* What ends the expansion, to be reported as `failure`. */
static bool stop(glovebox_library *library, glovebox_failure failure, const char *what,
                 const gb_error *err) {
    library->failure = failure;
    snprintf(library->stopped, sizeof library->stopped, "%s%s%s", what, err ? ": " : "",
             err ? err->message : "");
    return false;
}

/* The guest's message, proven. */
static bool take_message(glovebox_library *library, const uint8_t *bytes, size_t length,
                         gb_message *message) {
    gb_error err;
    if (!bytes) return stop(library, GLOVEBOX_BAD_REPLY, "its message is not within its memory", NULL);
    if (!gb_message_open(bytes, length, message, &err) ||
        !gb_message_check(message, &library->exchange, NULL, &err)) {
        return stop(library, gb_host_failure(&err, GLOVEBOX_BAD_REPLY), "its answer is garbage", &err);
    }
    return true;
}

/* Asks the compiler; what it must not do for the macro is answered here: "it cannot be expanded". */
static bool ask_compiler(glovebox_library *library, const gb_message *question, const uint8_t *bytes,
                         size_t length) {
    static const uint8_t none[] = {GB_OP_ANSWER, 0, GB_MESSAGE_VERSION, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                                   0,            0, 0,                  0, 0, 0, 0, 0};
    if (!gb_review_may_expand(library->review, question)) {
        size_t named;
        const char *name = gb_review_obstacle(library->review, &named);
        gb_policy_ask(library->policy, GB_POWER_EXPAND, name, named);
        library->answer = none;
        library->answer_length = sizeof none;
        return true;
    }
    gb_review_hold(library->review); /* the request's bytes may go now */
    uint64_t start = gb_host_now();
    bool ok = library->ask && library->ask(library->ask_env, bytes, length, &library->answer,
                                           &library->answer_length);
    library->asked_nanoseconds += gb_host_now() - start;
    return ok;
}

static bool put_question(glovebox_library *library, const gb_message *question,
                         const uint8_t *bytes, size_t length) {
    uint16_t operation = library->exchange.question;
    bool ok = ask_compiler(library, question, bytes, length);
    if (!ok) {
        library->answer = NULL;
        return stop(library, GLOVEBOX_ASK_FAILED, "its question was not answered", NULL);
    }
    gb_message message;
    gb_error err;
    if (!gb_message_open(library->answer, library->answer_length, &message, &err) ||
        !gb_message_check(&message, &library->exchange, NULL, &err)) {
        library->answer = NULL;
        return stop(library, gb_host_failure(&err, GLOVEBOX_BAD_REQUEST),
                    "the answer to its question", &err);
    }
    gb_review_answer(library->review, operation, &message);
    return true;
}

bool gb_host_ask(glovebox_library *library, const uint8_t *bytes, size_t length) {
    gb_message message;
    if (!library->running) {
        return stop(library, GLOVEBOX_BAD_REPLY, "it asks outside of an expansion", NULL);
    }
    if (!take_message(library, bytes, length, &message)) return false;
    if (!library->exchange.question) {
        return stop(library, GLOVEBOX_BAD_REPLY, "it asks what is no question", NULL);
    }
    return put_question(library, &message, bytes, length);
}

bool gb_host_answer(glovebox_library *library, uint8_t *to) {
    if (!library->answer) {
        return stop(library, GLOVEBOX_BAD_REPLY, "it takes an answer that is not there", NULL);
    }
    if (!to) return stop(library, GLOVEBOX_BAD_REPLY, "the answer does not fit its memory", NULL);
    if (library->answer_length) memcpy(to, library->answer, library->answer_length);
    library->answer = NULL;
    return true;
}

bool gb_host_reply(glovebox_library *library, const uint8_t *bytes, size_t length) {
    gb_message message;
    if (!library->running || library->replied) {
        return stop(library, GLOVEBOX_BAD_REPLY, "it replies where no reply is due", NULL);
    }
    if (!take_message(library, bytes, length, &message)) return false;
    if (!library->exchange.ended) {
        return stop(library, GLOVEBOX_BAD_REPLY, "it replies with a question", NULL);
    }
    /* Copied: the guest frees it before it returns. */
    if (!gb_buffer_append(&library->reply, bytes, length)) {
        return stop(library, GLOVEBOX_OUT_OF_MEMORY, "no memory for its reply", NULL);
    }
    gb_review_done(library->review, &message);
    library->replied = true;
    library->panicked = message.operation == GB_OP_PANIC;
    return true;
}

bool gb_host_env_get(glovebox_library *library, const uint8_t *name, size_t length, bool *there) {
    *there = false;
    if (!name) return stop(library, GLOVEBOX_BAD_REPLY, "a name is not within its memory", NULL);
    const char *value = NULL;
    gb_answer answer = gb_policy_env(library->policy, (const char *)name, length, &value);
    if (answer != GB_GRANTED || !value) return true;
    library->answer = (const uint8_t *)value;
    library->answer_length = strlen(value); /* the kernel allows 128 KiB a variable */
    *there = true;
    return true;
}

bool gb_host_run(glovebox_library *library, const uint8_t *name, size_t length) {
    if (!name) return stop(library, GLOVEBOX_BAD_REPLY, "a name is not within its memory", NULL);
    gb_policy_ask(library->policy, GB_POWER_RUN, (const char *)name, length);
    return true;
}
