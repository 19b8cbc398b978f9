#include "policy/help.h"

#include <string.h>

#include "base/file.h"
#include "base/strings.h"
#include "policy/pattern.h"

enum { MOST = 6 }; /* grants that are offered at once */

typedef struct offer {
    gb_strings read, env;
    bool more;    /* than MOST */
    bool outside; /* something that no grant reaches */
    bool program, expansion; /* what macros cannot be granted */
} offer;

/* Nothing that a shell, TOML or a reader could take for anything else than letters. */
static bool is_plain(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "/_.,:+@%= -";
    size_t length = strlen(text);
    return length > 0 && strspn(text, allowed) == length && text[0] != '-' && text[0] != ' ' &&
           text[length - 1] != ' ';
}

static void add(gb_strings *list, const char *text, offer *o) {
    if (gb_strings_has(list, text)) return;
    if (o->read.count + o->env.count >= MOST) o->more = true;
    else gb_strings_add(list, text);
}

static void offer_path(const gb_policy_record *record, const gb_grantor *who, offer *o) {
    const char *path = record->name;
    if (strlen(path) != record->length || path[0] != '/') return;
    const char *below = who->root != NULL ? gb_path_under(path, who->root) : path;
    if (below == NULL) o->outside = true;
    else if (*below == '\0') add(&o->read, "**", o);
    else if (is_plain(below)) add(&o->read, below, o);
}

/* posix: a name is of letters, digits and underscores. */
static void offer_variable(const gb_policy_record *record, offer *o) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    if (record->length > 0 && strspn(record->name, allowed) == record->length) {
        add(&o->env, record->name, o);
    }
}

static void make_offer(const gb_policy *policy, const gb_grantor *who, offer *o) {
    gb_policy_record record;
    for (size_t i = 0; gb_policy_record_at(policy, i, &record); i++) {
        if (record.answer != GB_REFUSED && record.answer != GB_HIDDEN) continue;
        if (record.power == GB_POWER_READ || record.power == GB_POWER_LIST) {
            offer_path(&record, who, o);
        } else if (record.power == GB_POWER_ENV) {
            offer_variable(&record, o);
        } else {
            o->program = o->program || record.power == GB_POWER_RUN;
            o->expansion = o->expansion || record.power == GB_POWER_EXPAND;
        }
    }
}

static void add_options(gb_buffer *out, const char *option, const gb_strings *list) {
    for (size_t i = 0; i < list->count; i++) {
        bool quote = strpbrk(list->items[i], " *") != NULL;
        gb_buffer_append_format(out, " %s %s%s%s", option, quote ? "'" : "", list->items[i],
                                quote ? "'" : "");
    }
}

static void add_line(gb_buffer *out, const char *key, const gb_strings *list) {
    if (list->count == 0) return;
    gb_buffer_append_format(out, "\n          %s = [", key);
    for (size_t i = 0; i < list->count; i++) {
        gb_buffer_append_format(out, "%s\"%s\"", i > 0 ? ", " : "", list->items[i]);
    }
    gb_buffer_append_text(out, "]");
}

static void add_offer(gb_buffer *out, const offer *o, const char *package, const gb_grantor *who) {
    gb_buffer_append_format(out, "\nhelp: to allow %s: cargo glovebox allow %s",
                            o->more ? "the first of it" : "it", package);
    add_options(out, "--read", &o->read);
    add_options(out, "--env", &o->env);
    if (who->manifest == NULL || who->table == NULL) return;
    gb_buffer_append_format(out, "\n      or in %s:\n          [%s.package.%s]", who->manifest,
                            who->table, package);
    add_line(out, "read", &o->read);
    add_line(out, "env", &o->env);
}

bool gb_policy_help(const gb_policy *policy, const gb_grantor *who, gb_buffer *out) {
    offer o = {0};
    const char *package = gb_policy_subject(policy)->name;
    make_offer(policy, who, &o);
    bool ok = gb_strings_ok(&o.read, NULL) && gb_strings_ok(&o.env, NULL);
    if (o.outside) {
        gb_buffer_append_format(out, "\nnote: what lies outside of %s cannot be allowed",
                                who->root);
    }
    if (o.program) {
        gb_buffer_append_text(out, "\nnote: macros cannot be allowed to start programs; a build script can start one, and "
                                   "hand over what it says by `cargo::rustc-env` or a file in OUT_DIR");
    }
    if (o.expansion) {
        gb_buffer_append_text(out, "\nnote: macros cannot be allowed to have a macro of their own choice expanded; what the "
                                   "program's source calls is expanded for them");
    }
    if (who->needs != NULL && (o.outside || o.read.count + o.env.count > 0)) {
        gb_buffer_append_format(out, "\nnote: `%s` says that it needs %s", package, who->needs);
    }
    if (o.read.count + o.env.count > 0) add_offer(out, &o, package, who);
    gb_strings_free(&o.read);
    gb_strings_free(&o.env);
    return ok;
}

bool gb_policy_help_native(const char *package, const gb_grantor *who, gb_buffer *out) {
    bool ok = gb_buffer_append_format(out, "to let it run as machine code, behind the kernel's wall alone: "
                                           "cargo glovebox allow %s --native", package);
    if (!ok || who->manifest == NULL || who->table == NULL) return ok;
    return gb_buffer_append_format(out, "\n      or in %s:\n          [%s.package.%s]\n          native = true",
                                   who->manifest, who->table, package);
}
