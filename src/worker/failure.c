#include "worker/failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strings.h"

gb_limit_sources gb_limit_sources_find(void) {
    const char *time = getenv("GLOVEBOX_TIME_LIMIT"), *memory = getenv("GLOVEBOX_MEMORY_LIMIT");
    return (gb_limit_sources){.time = time && *time, .memory = memory && *memory};
}

/* Backtraces end in a newline. */
static size_t trimmed(const char *text) {
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n') length--;
    return length;
}

/* The manifest's lines with twice as much. */
static bool add_lines(gb_buffer *out, const char *limit, const char *value, const gb_worker_options *options,
                      const gb_grants *grants) {
    return gb_buffer_append_format(out, "\n\nhelp: to allow more, in %s:\n          [%s.package.%s]\n"
                                        "          limits = { %s = %s }",
                                   grants->manifest ? grants->manifest : "the workspace's Cargo.toml",
                                   grants->table ? grants->table : "workspace.metadata.glovebox",
                                   options->package, limit, value);
}

static bool add_variable(gb_buffer *out, const char *name) {
    return gb_buffer_append_format(out, "\n\nhelp: the variable %s sets this limit", name);
}

static bool add_time(gb_buffer *out, const char *limit, uint32_t ms, const gb_worker_options *options,
                     const gb_grants *grants) {
    uint64_t twice = 2 * (uint64_t)ms;
    bool whole = twice % 1000 == 0;
    char value[40];
    snprintf(value, sizeof value, "\"%llu%s\"", (unsigned long long)(whole ? twice / 1000 : twice),
             whole ? "s" : "ms");
    return add_lines(out, limit, value, options, grants);
}

/* What the engine says of an interruption is its backtrace, from the second line on. */
static bool add_interrupted(gb_buffer *out, const char *message, gb_watch_passed passed,
                            const gb_worker_options *o) {
    bool total = passed == GB_WATCH_TOTAL;
    uint32_t ms = total ? o->total_time_limit_ms : o->time_limit_ms;
    const char *backtrace = strchr(message, '\n');
    if (!backtrace) backtrace = "";
    bool ok = total ? gb_buffer_append_format(out, "all expansions of %s in this crate together took longer than "
                                                   "their limit of", o->package)
                    : gb_buffer_append_text(out, "it took longer than its limit of");
    return ok && gb_buffer_append_format(out, " %u.%03u s%.*s", ms / 1000, ms % 1000,
                                         (int)trimmed(backtrace), backtrace);
}

static bool add_memory(gb_buffer *out, const gb_worker_options *options, const gb_grants *grants) {
    char value[40];
    uint64_t megabytes = options->memory_limit >> 20;
    if (!megabytes || megabytes >= 2048) return true; /* a macro can address 4 GiB */
    snprintf(value, sizeof value, "\"%lluM\"", (unsigned long long)(2 * megabytes));
    return add_lines(out, "memory", value, options, grants);
}

static bool add_fuel(gb_buffer *out, const gb_worker_options *options, const gb_grants *grants) {
    char value[40];
    uint64_t twice = options->fuel > UINT64_MAX / 2 ? UINT64_MAX : 2 * options->fuel;
    snprintf(value, sizeof value, "%llu", (unsigned long long)twice);
    return add_lines(out, "fuel", value, options, grants);
}

bool gb_failure_text(const glovebox_error *error, gb_watch_passed passed, const gb_worker_options *options,
                     const gb_grants *grants, gb_limit_sources sources, gb_buffer *out) {
    bool interrupted = error->failure == GLOVEBOX_INTERRUPTED;
    if (interrupted && passed != GB_WATCH_IN_TIME) {
        if (!add_interrupted(out, error->message, passed, options)) return false;
        if (passed == GB_WATCH_TOTAL) {
            return add_time(out, "total-time", options->total_time_limit_ms, options, grants);
        }
        return sources.time ? add_variable(out, "GLOVEBOX_TIME_LIMIT")
                            : add_time(out, "time", options->time_limit_ms, options, grants);
    }
    if (!gb_buffer_append(out, error->message, trimmed(error->message))) return false;
    if (error->failure == GLOVEBOX_OUT_OF_MEMORY) {
        return sources.memory ? add_variable(out, "GLOVEBOX_MEMORY_LIMIT") : add_memory(out, options, grants);
    }
    return !interrupted || !options->fuel || add_fuel(out, options, grants);
}
