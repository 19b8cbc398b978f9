#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "macros/internal.h"

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- module `glovebox`: what the guest calls ----------------------------------------------------- */

/* A trap that will be reported as `failure`. */
static bool stop(gb_caller *caller, glovebox_library *library, glovebox_failure failure,
                 const char *what, const gb_error *err) {
    library->failure = failure;
    return gb_caller_trap(caller, "%s%s%s", what, err ? ": " : "", err ? err->message : "");
}

/* Whose fault an unsound message is, unless only memory was short. */
static glovebox_failure failure_of(const gb_error *err, glovebox_failure otherwise) {
    return err->kind == GB_ERROR_MEMORY ? GLOVEBOX_OUT_OF_MEMORY : otherwise;
}

/* The message at [address, address + length) of the guest, proven. */
static bool take_message(gb_caller *caller, glovebox_library *library, const gb_value *args,
                         gb_message *message, const uint8_t **bytes) {
    *bytes = gb_memory_range(library->memory, args[0].u32, args[1].u32);
    if (!*bytes) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "its message is not within its memory", NULL);
    }
    gb_error err;
    if (!gb_message_open(*bytes, args[1].u32, message, &err) ||
        !gb_message_check(message, &library->exchange, NULL, &err)) {
        return stop(caller, library, failure_of(&err, GLOVEBOX_BAD_REPLY), "its answer is garbage", &err);
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
    uint64_t start = now();
    bool ok = library->ask && library->ask(library->ask_env, bytes, length, &library->answer,
                                           &library->answer_length);
    library->asked_nanoseconds += now() - start;
    return ok;
}

static bool put_question(gb_caller *caller, glovebox_library *library, const gb_message *question,
                         const uint8_t *bytes, size_t length) {
    uint16_t operation = library->exchange.question;
    bool ok = ask_compiler(library, question, bytes, length);
    if (!ok) {
        library->answer = NULL;
        return stop(caller, library, GLOVEBOX_ASK_FAILED, "its question was not answered", NULL);
    }
    gb_message message;
    gb_error err;
    if (!gb_message_open(library->answer, library->answer_length, &message, &err) ||
        !gb_message_check(&message, &library->exchange, NULL, &err)) {
        library->answer = NULL;
        return stop(caller, library, failure_of(&err, GLOVEBOX_BAD_REQUEST),
                    "the answer to its question", &err);
    }
    gb_review_answer(library->review, operation, &message);
    return true;
}

/* glovebox.ask(ptr, len) -> len of the answer */
static bool host_ask(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    glovebox_library *library = env;
    gb_message message;
    const uint8_t *bytes;
    if (!library->running) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "it asks outside of an expansion", NULL);
    }
    if (!take_message(caller, library, args, &message, &bytes)) return false;
    if (!library->exchange.question) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "it asks what is no question", NULL);
    }
    if (!put_question(caller, library, &message, bytes, args[1].u32)) return false;
    results[0].u32 = (uint32_t)library->answer_length; /* at most GB_MESSAGE_MAX */
    return true;
}

/* glovebox.answer(ptr) */
static bool host_answer(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)results;
    glovebox_library *library = env;
    if (!library->answer) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "it takes an answer that is not there", NULL);
    }
    uint8_t *to = gb_memory_range(library->memory, args[0].u32, library->answer_length);
    if (!to) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "the answer does not fit its memory", NULL);
    }
    if (library->answer_length) memcpy(to, library->answer, library->answer_length);
    library->answer = NULL;
    return true;
}

/* glovebox.reply(ptr, len) */
static bool host_reply(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)results;
    glovebox_library *library = env;
    gb_message message;
    const uint8_t *bytes;
    if (!library->running || library->replied) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "it replies where no reply is due", NULL);
    }
    if (!take_message(caller, library, args, &message, &bytes)) return false;
    if (!library->exchange.ended) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "it replies with a question", NULL);
    }
    /* Copied: the guest frees it before it returns. */
    if (!gb_buffer_append(&library->reply, bytes, args[1].u32)) {
        return stop(caller, library, GLOVEBOX_OUT_OF_MEMORY, "no memory for its reply", NULL);
    }
    gb_review_done(library->review, &message);
    library->replied = true;
    library->panicked = message.operation == GB_OP_PANIC;
    return true;
}

/* glovebox.env_get(name, len) -> bytes of the value for glovebox.answer, or -1 */
static bool host_env_get(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    glovebox_library *library = env;
    const uint8_t *name = gb_memory_range(library->memory, args[0].u32, args[1].u32);
    if (!name) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "a name is not within its memory", NULL);
    }
    const char *value = NULL;
    gb_answer answer =
        gb_policy_env(library->policy, (const char *)name, args[1].u32, &value);
    results[0].i32 = -1;
    if (answer != GB_GRANTED || !value) return true;
    library->answer = (const uint8_t *)value;
    library->answer_length = strlen(value);
    results[0].i32 = (int32_t)library->answer_length; /* the kernel allows 128 KiB a variable */
    return true;
}

/* glovebox.run(name, len): a program was to be started, which the guest's std then says cannot be. */
static bool host_run(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)results;
    glovebox_library *library = env;
    const uint8_t *name = gb_memory_range(library->memory, args[0].u32, args[1].u32);
    if (!name) {
        return stop(caller, library, GLOVEBOX_BAD_REPLY, "a name is not within its memory", NULL);
    }
    gb_policy_ask(library->policy, GB_POWER_RUN, (const char *)name, args[1].u32);
    return true;
}

/* glovebox.current_dir() -> bytes of the path for glovebox.answer. What relative paths start from;
 * a path alone opens nothing. */
static bool host_current_dir(gb_caller *caller, void *env, const gb_value *args,
                             gb_value *results) {
    (void)caller, (void)args;
    glovebox_library *library = env;
    library->answer = (const uint8_t *)library->directory;
    library->answer_length = strlen(library->directory);
    results[0].u32 = (uint32_t)library->answer_length; /* a path of the host's */
    return true;
}

bool gb_library_define(glovebox_library *library, gb_error *err) {
    gb_linker *linker = library->linker;
    return gb_linker_define(linker, "glovebox", "ask", "ii:i", host_ask, library, err) &&
           gb_linker_define(linker, "glovebox", "answer", "i:", host_answer, library, err) &&
           gb_linker_define(linker, "glovebox", "reply", "ii:", host_reply, library, err) &&
           gb_linker_define(linker, "glovebox", "env_get", "ii:i", host_env_get, library, err) &&
           gb_linker_define(linker, "glovebox", "run", "ii:", host_run, library, err) &&
           gb_linker_define(linker, "glovebox", "current_dir", ":i", host_current_dir, library, err);
}

/* ---- one expansion ------------------------------------------------------------------------------ */

static bool check_request(glovebox_library *library, const void *request, size_t length,
                          glovebox_error *error) {
    gb_message message;
    gb_error err;
    if (library->running) {
        return gb_library_fail(error, GLOVEBOX_BAD_REQUEST, "the library is expanding already");
    }
    gb_exchange_reset(&library->exchange);
    if (!gb_message_open(request, length, &message, &err) ||
        !gb_message_check(&message, &library->exchange, NULL, &err)) {
        return gb_library_fail(error, failure_of(&err, GLOVEBOX_BAD_REQUEST), "%s", err.message);
    }
    gb_review_expand(library->review, &message);
    return true;
}

static gb_func *entry_of(glovebox_library *library, uint32_t index, glovebox_error *error) {
    gb_func **entry = &library->entries[index];
    if (*entry) return *entry;
    const char *name = library->records.items[index].entry;
    gb_func *func = gb_instance_func(library->instance, name);
    if (!func || !gb_func_has_type(func, "ii:")) {
        gb_library_fail(error, GLOVEBOX_BAD_ARTIFACT, "it has no entry `%s`", name);
        return NULL;
    }
    return *entry = func;
}

/* Copies the request into room that the guest provides. */
static bool hand_over(glovebox_library *library, const void *request, size_t length,
                      gb_value args[2], glovebox_error *error) {
    gb_value room, size = {.u32 = (uint32_t)length};
    if (!gb_library_call(library, library->alloc, &size, &room, error)) return false;
    if (!room.u32) {
        return gb_library_fail(error, GLOVEBOX_OUT_OF_MEMORY, "it has no memory for its input");
    }
    uint8_t *to = gb_memory_range(library->memory, room.u32, length);
    if (!to) {
        library->spoilt = true;
        return gb_library_fail(error, GLOVEBOX_BAD_REPLY, "its room for the input is not its memory");
    }
    memcpy(to, request, length);
    args[0] = room;
    args[1] = size;
    return true;
}

static bool run(glovebox_library *library, const void *request, size_t length,
                glovebox_error *error) {
    gb_value args[2];
    if (!gb_library_instantiate(library, error)) return false;
    if (library->fuel) gb_store_fuel_set(library->store, library->fuel);
    gb_wasi_limit_output(library->wasi, GB_OUTPUT_MOST,
                         library->records.items[library->exchange.macro_index].macro.name);
    gb_func *entry = entry_of(library, library->exchange.macro_index, error);
    if (!entry || !hand_over(library, request, length, args, error)) return false;
    library->running = true; /* only from here on may it ask and reply */
    bool returned = gb_library_call(library, entry, args, NULL, error);
    library->running = false;
    /* A guest whose std cannot unwind says PANIC and then traps; the instance is spoilt by now. */
    if (!returned) return library->panicked && library->failure == GLOVEBOX_OK;
    if (library->replied) return true;
    library->spoilt = true;
    return gb_library_fail(error, GLOVEBOX_BAD_REPLY, "it returned without a reply");
}

/* What could not be looked at to its end is taken for what it may hide. */
static bool check_output(const glovebox_library *library, glovebox_error *error) {
    uint32_t found = gb_review_found(library->review) & library->forbidden;
    if (found) {
        gb_construct construct = 0;
        while (!(found >> construct & 1)) construct++;
        return gb_library_fail(error, GLOVEBOX_FORBIDDEN, "its output contains `%s`, which is forbidden",
                               gb_construct_name(construct));
    }
    if (library->forbidden && !gb_review_complete(library->review)) {
        return gb_library_fail(error, GLOVEBOX_FORBIDDEN,
                               "its output repeats itself so often that it cannot be searched for what is forbidden");
    }
    return true;
}

bool glovebox_expand(glovebox_library *library, const void *request, size_t length,
                     glovebox_ask ask, void *env, glovebox_reply *reply, glovebox_error *error) {
    uint64_t start = now();
    library->reviewed = false;
    if (!check_request(library, request, length, error)) return false;
    library->ask = ask;
    library->ask_env = env;
    library->answer = NULL;
    library->asked_nanoseconds = 0;
    library->replied = library->panicked = false;
    gb_buffer_clear(&library->reply);
    bool ok = run(library, request, length, error);
    *reply = (glovebox_reply){
        .tokens_in = library->exchange.tokens_in,
        .nanoseconds = now() - start - library->asked_nanoseconds,
    };
    library->reviewed = ok && !library->panicked;
    if (!ok || (library->reviewed && !check_output(library, error))) return false;
    reply->message = library->reply.data;
    reply->length = library->reply.length;
    reply->panicked = library->panicked;
    reply->tokens_out = library->exchange.tokens_out;
    return true;
}
