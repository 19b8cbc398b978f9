#include "cli/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool colour;

void gb_status_set_colour(const char *choice) {
    if (choice == NULL) choice = getenv("CARGO_TERM_COLOR");
    if (choice != NULL && strcmp(choice, "always") == 0) {
        colour = true;
    } else if (choice != NULL && strcmp(choice, "never") == 0) {
        colour = false;
    } else {
        const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
        colour = isatty(STDERR_FILENO) && (none == NULL || *none == '\0') &&
                 (term == NULL || strcmp(term, "dumb") != 0);
    }
}

bool gb_status_colour(void) {
    return colour;
}

void gb_status_line(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs(colour ? "\033[1m\033[32m    Glovebox\033[0m " : "    Glovebox ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void gb_status_warning(const char *text) {
    fprintf(stderr, "%swarning%s: %s\n", colour ? "\033[1m\033[33m" : "", colour ? "\033[0m" : "",
            text);
}

void gb_status_error(const gb_error *err) {
    if (err->message[0] == '\0') return; /* whoever failed has said why */
    fprintf(stderr, "%serror%s: %s\n", colour ? "\033[1m\033[31m" : "", colour ? "\033[0m" : "",
            err->message);
}

const char *gb_status_count(uint64_t value, char text[32]) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value), out = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

static const char *time_text(uint64_t nanoseconds, char text[32]) {
    double milliseconds = (double)nanoseconds / 1e6;
    if (milliseconds < 1000) snprintf(text, 32, "%.1f ms", milliseconds);
    else snprintf(text, 32, "%.2f s", milliseconds / 1000);
    return text;
}

static const char *const kinds[] = {"derive", "attribute", "function"};

static void table_row(const gb_summary_row *row) {
    char macro[160], crate[200], expansions[32], in[32], out[32], took[32];
    snprintf(macro, sizeof macro, "%s (%s%s)", row->name, row->kind < 3 ? kinds[row->kind] : "?",
             row->native ? ", native" : "");
    snprintf(crate, sizeof crate, "%s %s", row->package, row->version);
    fprintf(stderr, "             %-28s %-26s %10s %10s %11s %10s\n", macro, crate,
            gb_status_count(row->expansions, expansions), gb_status_count(row->tokens_in, in),
            gb_status_count(row->tokens_out, out), time_text(row->nanoseconds, took));
}

static void table(const gb_summary *summary) {
    fprintf(stderr, "             %-28s %-26s %10s %10s %11s %10s\n", "macro", "crate",
            "expansions", "tokens in", "tokens out", "time");
    for (size_t i = 0; i < summary->count; i++) table_row(&summary->rows[i]);
}

static const char *plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

void gb_status_summary(const gb_summary *summary, bool with_table) {
    char macros[32], expansions[32], in[32], out[32], took[32], tail[160] = "";
    uint64_t scripts = summary->build_scripts;
    if (with_table && summary->count > 0) {
        gb_status_line("what the macros did:");
        table(summary);
    }
    if (scripts > 0) {
        snprintf(tail, sizeof tail, "; %llu build script%s ran natively",
                 (unsigned long long)scripts, plural(scripts));
    }
    if (summary->count == 0) {
        /* A fresh build has nothing to tell, and Cargo says so already. */
        if (scripts > 0) gb_status_line("no macro was expanded%s", tail);
        return;
    }
    gb_status_line("%s macro%s, %s expansion%s, %s tokens in, %s out, %s %s%s",
                   gb_status_count(summary->count, macros), plural(summary->count),
                   gb_status_count(summary->expansions, expansions), plural(summary->expansions),
                   gb_status_count(summary->tokens_in, in),
                   gb_status_count(summary->tokens_out, out),
                   time_text(summary->nanoseconds, took),
                   summary->native.macros ? "in all" : "in the sandbox", tail);
    if (summary->native.macros > 0) {
        gb_status_line("%llu of the macros, %llu expansion%s: native, behind the kernel's wall alone",
                       (unsigned long long)summary->native.macros,
                       (unsigned long long)summary->native.expansions, plural(summary->native.expansions));
    }
    if (summary->failures > 0) {
        gb_status_line("%llu expansion%s failed", (unsigned long long)summary->failures,
                       plural(summary->failures));
    }
}
