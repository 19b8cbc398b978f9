#include "worker/options.h"

#include <string.h>

#include "base/strings.h"

static bool number(const char *text, uint64_t most, uint64_t *out) {
    uint64_t value = 0;
    if (!*text) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (most - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static bool wall(const char *text, gb_wall *out) {
    static const char *const names[] = {"off", "on", "require"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (gb_wall)i;
            return true;
        }
    }
    return false;
}

static bool word(const char *text, gb_worker_options *o) {
    const char *value;
    uint64_t n;
    if (strcmp(text, "--native") == 0) return o->native = true;
    if ((value = gb_text_after(text, "--artifact="))) return o->artifact = value, true;
    if ((value = gb_text_after(text, "--digest="))) return o->digest = value, true;
    if ((value = gb_text_after(text, "--package="))) return o->package = value, true;
    if ((value = gb_text_after(text, "--version="))) return o->version = value, true;
    if ((value = gb_text_after(text, "--policy="))) return o->policy = value, true;
    if ((value = gb_text_after(text, "--needs="))) return o->needs = value, true;
    if ((value = gb_text_after(text, "--kernel-wall="))) return wall(value, &o->wall);
    if ((value = gb_text_after(text, "--time-limit="))) {
        return number(value, UINT32_MAX, &n) && (o->time_limit_ms = (uint32_t)n, true);
    }
    if ((value = gb_text_after(text, "--total-time-limit="))) {
        return number(value, UINT32_MAX, &n) && (o->total_time_limit_ms = (uint32_t)n, true);
    }
    if ((value = gb_text_after(text, "--memory-limit="))) {
        return number(value, UINT64_MAX, &o->memory_limit);
    }
    if ((value = gb_text_after(text, "--stack-limit="))) {
        return number(value, SIZE_MAX, &o->stack_limit);
    }
    if ((value = gb_text_after(text, "--fuel="))) return number(value, UINT64_MAX, &o->fuel);
    return false;
}

bool gb_worker_options_parse(int argc, char *const *argv, gb_worker_options *out, gb_error *err) {
    *out = (gb_worker_options){.package = "?", .version = "", .time_limit_ms = GB_TIME_LIMIT_MS};
    for (int i = 1; i < argc; i++) {
        if (!word(argv[i], out)) {
            return gb_fail(err, GB_ERROR_USAGE, "the worker does not know `%s`", argv[i]);
        }
    }
    if (!out->artifact || !out->digest) {
        return gb_fail(err, GB_ERROR_USAGE, "the worker was given no --artifact or no --digest");
    }
    return true;
}
