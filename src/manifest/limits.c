#include "manifest/limits.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *word, *form;
    const char *variable; /* NULL: there is none */
} limits[GB_LIMIT_COUNT] = {
    [GB_LIMIT_TIME] = {"time", "--time-limit", "a time such as \"10s\" or \"500ms\"",
                       "GLOVEBOX_TIME_LIMIT"},
    [GB_LIMIT_TOTAL_TIME] = {"total-time", "--total-time-limit", "a time such as \"5m\" or \"30s\"", NULL},
    [GB_LIMIT_MEMORY] = {"memory", "--memory-limit", "a size such as \"512M\" or \"1G\"",
                         "GLOVEBOX_MEMORY_LIMIT"},
    [GB_LIMIT_FUEL] = {"fuel", "--fuel", "a whole number of instructions", NULL},
};

static bool is_time(gb_limit limit) {
    return limit == GB_LIMIT_TIME || limit == GB_LIMIT_TOTAL_TIME;
}

/* What may stand behind the number, and what it multiplies it by. Times are all alike. */
static const struct {
    gb_limit limit;
    const char *suffix;
    uint64_t factor;
} units[] = {
    {GB_LIMIT_TIME, "", 1000},
    {GB_LIMIT_TIME, "s", 1000},
    {GB_LIMIT_TIME, "ms", 1},
    {GB_LIMIT_TIME, "m", 60000},
    {GB_LIMIT_MEMORY, "", 1},
    {GB_LIMIT_MEMORY, "K", 1024},
    {GB_LIMIT_MEMORY, "M", 1024 << 10},
    {GB_LIMIT_MEMORY, "G", UINT64_C(1) << 30},
    {GB_LIMIT_FUEL, "", 1},
};

const char *gb_limit_name(gb_limit limit) {
    return limits[limit].name;
}

const char *gb_limit_form(gb_limit limit) {
    return limits[limit].form;
}

bool gb_limit_parse(gb_limit limit, const char *text, uint64_t *value) {
    static const uint64_t most = UINT64_C(1) << 53; /* JSON's numbers are exact up to here */
    uint64_t number = 0;
    if (*text < '0' || *text > '9') return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (number > most) return false;
        number = number * 10 + (uint64_t)(*text - '0');
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        gb_limit as = is_time(limit) ? GB_LIMIT_TIME : limit;
        if (units[i].limit != as || strcmp(units[i].suffix, text) != 0) continue;
        bool none =
            number == 0 && !is_time(limit); /* no time limit is one that people want */
        if (none || number > most / units[i].factor) return false;
        *value = number * units[i].factor;
        return !is_time(limit) || *value <= UINT32_MAX;
    }
    return false;
}

void gb_limit_word(gb_limit limit, uint64_t value, gb_strings *words) {
    gb_strings_add_format(words, "%s=%llu", limits[limit].word, (unsigned long long)value);
}

/* The kernel's wall stands unless the user has to look into a worker. */
static bool wall_from_env(const char *wall, gb_strings *words, gb_error *err) {
    const char *said = getenv("GLOVEBOX_KERNEL_WALL");
    if (said == NULL || *said == '\0') said = wall;
    bool off = strcmp(said, "off") == 0, require = strcmp(said, "require") == 0;
    if (!off && !require && strcmp(said, "on") != 0) {
        return gb_fail(err, GB_ERROR_USAGE, "GLOVEBOX_KERNEL_WALL=%s: it takes on, off or require",
                       said);
    }
    if (off && strcmp(wall, "require") == 0) {
        return gb_fail(
            err, GB_ERROR_REFUSED,
            "GLOVEBOX_KERNEL_WALL=off, but the manifest says `require-kernel-wall = true`");
    }
    gb_strings_add_format(words, "--kernel-wall=%s", require ? "require" : off ? "off" : wall);
    return true;
}

bool gb_limits_from_env(const char *wall, gb_strings *words, gb_error *err) {
    if (!wall_from_env(wall, words, err)) return false;
    for (int i = 0; i < GB_LIMIT_COUNT; i++) {
        const char *text = limits[i].variable != NULL ? getenv(limits[i].variable) : NULL;
        uint64_t value;
        if (text == NULL || *text == '\0') continue;
        if (!gb_limit_parse((gb_limit)i, text, &value)) {
            return gb_fail(err, GB_ERROR_USAGE, "%s=%s is no limit: it takes %s",
                           limits[i].variable, text, limits[i].form);
        }
        gb_limit_word((gb_limit)i, value, words);
    }
    return gb_strings_ok(words, err);
}
