#include <string.h>

#include "macros/internal.h"

/* ---- module `glovebox`: host.c's functions, on linear memory ---------------------------------------- */

static bool stop(gb_caller *caller, const glovebox_library *library) {
    return gb_caller_trap(caller, "%s", library->stopped);
}

/* glovebox.ask(ptr, len) -> len of the answer */
static bool import_ask(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    glovebox_library *library = env;
    const uint8_t *bytes = gb_memory_range(library->memory, args[0].u32, args[1].u32);
    if (!gb_host_ask(library, bytes, args[1].u32)) return stop(caller, library);
    results[0].u32 = (uint32_t)library->answer_length; /* at most GB_MESSAGE_MAX */
    return true;
}

/* glovebox.answer(ptr) */
static bool import_answer(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)results;
    glovebox_library *library = env;
    uint8_t *to = gb_memory_range(library->memory, args[0].u32, library->answer_length);
    return gb_host_answer(library, to) || stop(caller, library);
}

/* glovebox.reply(ptr, len) */
static bool import_reply(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)results;
    glovebox_library *library = env;
    const uint8_t *bytes = gb_memory_range(library->memory, args[0].u32, args[1].u32);
    return gb_host_reply(library, bytes, args[1].u32) || stop(caller, library);
}

/* glovebox.env_get(name, len) -> bytes of the value for glovebox.answer, or -1 */
static bool import_env_get(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    glovebox_library *library = env;
    const uint8_t *name = gb_memory_range(library->memory, args[0].u32, args[1].u32);
    bool there;
    if (!gb_host_env_get(library, name, args[1].u32, &there)) return stop(caller, library);
    results[0].i32 = there ? (int32_t)library->answer_length : -1;
    return true;
}

/* glovebox.run(name, len): a program was to be started, which the guest's std then says cannot be. */
static bool import_run(gb_caller *caller, void *env, const gb_value *args, gb_value *results) {
    (void)results;
    glovebox_library *library = env;
    const uint8_t *name = gb_memory_range(library->memory, args[0].u32, args[1].u32);
    return gb_host_run(library, name, args[1].u32) || stop(caller, library);
}

/* glovebox.current_dir() -> bytes of the path for glovebox.answer. What relative paths start from;
 * a path alone opens nothing. */
static bool import_current_dir(gb_caller *caller, void *env, const gb_value *args,
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
    return gb_linker_define(linker, "glovebox", "ask", "ii:i", import_ask, library, err) &&
           gb_linker_define(linker, "glovebox", "answer", "i:", import_answer, library, err) &&
           gb_linker_define(linker, "glovebox", "reply", "ii:", import_reply, library, err) &&
           gb_linker_define(linker, "glovebox", "env_get", "ii:i", import_env_get, library, err) &&
           gb_linker_define(linker, "glovebox", "run", "ii:", import_run, library, err) &&
           gb_linker_define(linker, "glovebox", "current_dir", ":i", import_current_dir, library, err);
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
        return gb_library_fail(error, gb_host_failure(&err, GLOVEBOX_BAD_REQUEST), "%s", err.message);
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

bool gb_library_run(glovebox_library *library, const void *request, size_t length,
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
    uint64_t start = gb_host_now();
    library->reviewed = false;
    if (!check_request(library, request, length, error)) return false;
    library->ask = ask;
    library->ask_env = env;
    library->answer = NULL;
    library->asked_nanoseconds = 0;
    library->replied = library->panicked = false;
    gb_buffer_clear(&library->reply);
    bool ok = library->run(library, request, length, error);
    *reply = (glovebox_reply){
        .tokens_in = library->exchange.tokens_in,
        .nanoseconds = gb_host_now() - start - library->asked_nanoseconds,
    };
    library->reviewed = ok && !library->panicked;
    if (!ok || (library->reviewed && !check_output(library, error))) return false;
    reply->message = library->reply.data;
    reply->length = library->reply.length;
    reply->panicked = library->panicked;
    reply->tokens_out = library->exchange.tokens_out;
    return true;
}
