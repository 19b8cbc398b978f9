#include "policy/build_script.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/strings.h"

/* cargo: custom_build.rs BuildOutput::parse: either prefix, blanks around the line do not count. */
static bool sets_variable(const char **line, const char **end) {
    static const char *const prefixes[] = {"cargo::rustc-env=", "cargo:rustc-env="};
    const char *blanks = " \t\r\f\v";
    while (*line < *end && strchr(blanks, **line)) ++*line;
    while (*line < *end && strchr(blanks, (*end)[-1])) --*end;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t length = strlen(prefixes[i]);
        if ((size_t)(*end - *line) > length && memcmp(*line, prefixes[i], length) == 0) {
            *line += length;
            return true;
        }
    }
    return false;
}

/* `entry` is "NAME=VALUE" as the build script said it. */
static bool grant_entry(gb_policy *policy, const char *entry, size_t length,
                        const char *const *environment, gb_error *err) {
    const char *equals = memchr(entry, '=', length);
    if (!equals || gb_env_is_secret(entry, (size_t)(equals - entry))) return true;
    for (; *environment; environment++) {
        if (strlen(*environment) != length || memcmp(*environment, entry, length) != 0) continue;
        char *name = strndup(entry, (size_t)(equals - entry));
        if (!name) return gb_fail(err, GB_ERROR_MEMORY, "out of memory while building a policy");
        bool ok = gb_policy_grant_env(policy, name, *environment + (equals - entry) + 1, err);
        free(name);
        return ok;
    }
    return true;
}

bool gb_policy_grant_build_script(gb_policy *policy, const char *output, size_t length,
                                  const char *const *environment, gb_error *err) {
    const char *all_end = output + length;
    for (const char *line = output; line < all_end;) {
        const char *newline = memchr(line, '\n', (size_t)(all_end - line));
        const char *end = newline ? newline : all_end, *next = newline ? newline + 1 : all_end;
        if (sets_variable(&line, &end) &&
            !grant_entry(policy, line, (size_t)(end - line), environment, err)) {
            return false;
        }
        line = next;
    }
    return true;
}

bool gb_policy_grant_kept_build_script(gb_policy *policy, const char *const *environment,
                                       gb_error *err) {
    const char *out_dir = NULL;
    for (size_t i = 0; environment[i]; i++) {
        if (strncmp(environment[i], "OUT_DIR=/", 9) == 0) out_dir = environment[i] + 8;
    }
    if (!out_dir) return true;
    char *path = gb_text_format("%s/../output", out_dir);
    if (!path) return gb_fail(err, GB_ERROR_MEMORY, "out of memory while building a policy");
    gb_buffer output = {0};
    bool ok = true;
    if (gb_file_read(path, &output, NULL)) {
        ok = gb_policy_grant_build_script(policy, gb_buffer_text(&output), output.length,
                                          environment, err);
    }
    gb_buffer_free(&output);
    free(path);
    return ok;
}
