/* The policy's parts that need no Cargo: patterns, grants files, requirements on versions, the
 * manifest's policy, editing TOML. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "manifest/limits.h"
#include "manifest/manifest_policy.h"
#include "manifest/toml_edit.h"
#include "manifest/version_req.h"
#include "policy/grants.h"
#include "policy/help.h"
#include "policy/pattern.h"
#include "tests/check.h"

static void check_text(const char *is, const char *wanted, int line) {
    check_at(strcmp(is, wanted) == 0, "texts differ", line);
    if (strcmp(is, wanted) != 0) printf("  %s\nnot\n  %s\n", is, wanted);
}
#define CHECK_TEXT(is, wanted) check_text((is), (wanted), __LINE__)

/* ---- patterns -------------------------------------------------------------------------------- */

static gb_pattern_match match(const char *pattern, const char *path) {
    gb_error err;
    gb_pattern *p = gb_pattern_new(pattern, &err);
    if (p == NULL) {
        printf("%s: %s\n", pattern, err.message);
        return GB_PATTERN_NO;
    }
    gb_pattern_match m = gb_pattern_matches(p, path, strlen(path));
    gb_pattern_free(p);
    return m;
}

static bool no_pattern(const char *text, const char *why) {
    gb_error err;
    gb_pattern *p = gb_pattern_new(text, &err);
    gb_pattern_free(p);
    return p == NULL && err.kind == GB_ERROR_USAGE && strstr(err.message, why) != NULL;
}

static void test_patterns(void) {
    CHECK(match("sql", "sql") == GB_PATTERN_YES);
    CHECK(match("sql", "sql/a/b") == GB_PATTERN_YES);
    CHECK(match("sql/", "sql/a") == GB_PATTERN_YES);
    CHECK(match("sql", "sq") == GB_PATTERN_NO);
    CHECK(match("sql", "sqls") == GB_PATTERN_NO);
    CHECK(match("sql", "") == GB_PATTERN_WAY);
    CHECK(match("a/b", "a") == GB_PATTERN_WAY);
    CHECK(match("a/b", "b") == GB_PATTERN_NO);
    CHECK(match("*.sql", "") == GB_PATTERN_LISTED);
    CHECK(match("*.sql", "x.sql") == GB_PATTERN_YES);
    CHECK(match("*.sql", ".sql") == GB_PATTERN_NO);
    CHECK(match("*.sql", "x.sql/y") == GB_PATTERN_NO);
    CHECK(match("a/*/c", "a/b") == GB_PATTERN_WAY);
    CHECK(match("a/*/c", "a/b/c/d") == GB_PATTERN_YES);
    CHECK(match("**", "") == GB_PATTERN_YES);
    CHECK(match("**", "a/b") == GB_PATTERN_YES);
    CHECK(match("**", "a/.b") == GB_PATTERN_NO);
    CHECK(match("**", ".git/config") == GB_PATTERN_NO);
    CHECK(match("**/*.sql", "a/b.sql") == GB_PATTERN_YES);
    CHECK(match("**/*.sql", "b.sql") == GB_PATTERN_YES);
    CHECK(match("**/*.sql", "a/b") == GB_PATTERN_LISTED);
    CHECK(match("a/**/b", "a/b") == GB_PATTERN_YES);
    CHECK(match("a/**/b", "a/x/y/b/z") == GB_PATTERN_YES);
    CHECK(match("**/**", "a") == GB_PATTERN_YES);
    CHECK(match(".sqlx", ".sqlx/q.json") == GB_PATTERN_YES);
    CHECK(match(".sqlx", ".sqlx/.q") == GB_PATTERN_NO);
    CHECK(match("*", ".env") == GB_PATTERN_NO);
    CHECK(match(".*", ".env") ==
          GB_PATTERN_NO); /* hidden files are named outright, or not at all */
    CHECK(match("a?c", "abc") == GB_PATTERN_YES);
    CHECK(match("a?c", "ac") == GB_PATTERN_NO);
    CHECK(match("*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaab") == GB_PATTERN_YES);
    CHECK(no_pattern("", "empty"));
    CHECK(no_pattern("/etc", "absolute"));
    CHECK(no_pattern("../x", "leads out"));
    CHECK(no_pattern("a/../b", "leads out"));
    CHECK(no_pattern("a//b", "empty name"));
    CHECK(no_pattern("./a", "`.` is no name"));
    CHECK(no_pattern("a**", "alone"));
    char many[200] = "a";
    for (int i = 0; i < 70; i++) strcat(many, "/a");
    CHECK(no_pattern(many, "too many"));
}

/* ---- grants ---------------------------------------------------------------------------------- */

#define HEAD                                                                                         \
    "glovebox policy 1\npackage\tp\npackage_version\t1.0.0\nmanifest\t/w/Cargo.toml\n"               \
    "table\tworkspace.metadata.glovebox\nroot\t/w\n"

static bool refused(const char *text, const char *why) {
    gb_grants grants;
    gb_error err = {0};
    bool ok = gb_grants_parse(text, strlen(text), "FILE", &grants, &err);
    if (ok) gb_grants_free(&grants);
    return !ok && err.kind == GB_ERROR_MALFORMED && strstr(err.message, why) != NULL;
}

static void test_grants(void) {
    gb_grants grants, again;
    gb_error err = {0};
    gb_buffer first = {0}, second = {0};
    const char *text = HEAD "read\tsql\nread\t$OUT_DIR/x\nread\ta\\tb\\nc\\\\d\nenv\tA_*\nclock\nforbid\tunsafe\n";
    CHECK(gb_grants_parse(text, strlen(text), "FILE", &grants, &err));
    CHECK(grants.clock && !grants.random && grants.read.count == 3);
    CHECK_TEXT(grants.read.items[2], "a\tb\nc\\d");
    CHECK_TEXT(grants.forbid.items[0], "unsafe");
    CHECK(gb_grants_print(&grants, &first));
    CHECK(gb_grants_parse(gb_buffer_text(&first), first.length, "FILE", &again, &err));
    CHECK(gb_grants_print(&again, &second));
    CHECK_TEXT(gb_buffer_text(&second), gb_buffer_text(&first));
    gb_grants_free(&grants);
    gb_grants_free(&again);
    gb_buffer_free(&first);
    gb_buffer_free(&second);
    CHECK(refused("", "is no policy"));
    CHECK(refused("glovebox policy 2\n", "is no policy"));
    CHECK(refused("glovebox policy 1\n", "`package` is missing"));
    CHECK(refused(HEAD "reads\tsql\n", "`reads` is not known"));
    CHECK(refused(HEAD "\n", "`` is not known"));
    CHECK(refused(HEAD "read\n", "`read` has no value"));
    CHECK(refused(HEAD "read\tsql", "is cut short"));
    CHECK(refused(HEAD "read\tsql\\\n", "is cut short"));
    CHECK(refused(HEAD "read\t\\x\n", "is cut short"));
    CHECK(refused(HEAD "clock\nclock\n", "twice"));
    CHECK(refused(HEAD "clock\ttrue\n", "`clock` takes no value"));
    CHECK(refused(HEAD "root\t/\n", "`root` stands there twice"));
}

static void test_grants_in_a_policy(void) {
    static const char *const environment[] = {"APP_URL=u",  "APP_TOKEN=t",          "KEY=k",
                                              "OUT_DIR=/o", "CARGO_MANIFEST_DIR=/", NULL};
    const char *text = HEAD "read\tsql/*.sql\nread\t$CARGO_MANIFEST_DIR/.x\nread\t$OUT_DIR\nenv\tAPP_*\nenv\tKEY\n";
    gb_grants grants;
    gb_error err = {0};
    gb_subject subject = {"p", "1.0.0"};
    const char *value;
    gb_policy *policy = gb_policy_new(&subject, &err);
    CHECK(gb_grants_parse(text, strlen(text), "FILE", &grants, &err));
    CHECK(gb_grants_apply(&grants, environment, policy, &err));
#define ASK(power, path) gb_policy_ask(policy, power, path, strlen(path))
    CHECK(ASK(GB_POWER_READ, "/w/sql/a.sql") == GB_GRANTED);
    CHECK(ASK(GB_POWER_READ, "/w/sql/a.txt") == GB_REFUSED);
    CHECK(ASK(GB_POWER_READ, "/w/sql") == GB_HIDDEN); /* a file of that name */
    CHECK(gb_policy_ask_directory(policy, GB_POWER_READ, "/w/sql", 6) == GB_GRANTED);
    CHECK(ASK(GB_POWER_LIST, "/w/sql") == GB_GRANTED);
    CHECK(ASK(GB_POWER_LIST, "/w") == GB_REFUSED);
    CHECK(ASK(GB_POWER_WRITE, "/w/sql/a.sql") == GB_REFUSED);
    CHECK(ASK(GB_POWER_READ, "/w") == GB_REFUSED);
    CHECK(ASK(GB_POWER_READ, "/wx/sql/a.sql") == GB_REFUSED);
    CHECK(ASK(GB_POWER_READ, "/.x") == GB_REFUSED); /* "/" is nobody's package */
    CHECK(ASK(GB_POWER_READ, "/o/any") == GB_GRANTED);
    CHECK(gb_policy_env(policy, "APP_URL", 7, &value) == GB_GRANTED && strcmp(value, "u") == 0);
    CHECK(gb_policy_env(policy, "APP_TOKEN", 9, &value) != GB_GRANTED && value == NULL);
    CHECK(gb_policy_env(policy, "APP_NONE", 8, &value) == GB_GRANTED && value == NULL);
    CHECK(gb_policy_env(policy, "KEY", 3, &value) == GB_GRANTED && strcmp(value, "k") == 0);
    gb_grants_free(&grants);
    gb_policy_free(policy);
}

static void test_help(void) {
    gb_error err;
    gb_subject subject = {"p", "1.0.0"};
    gb_policy *policy = gb_policy_new(&subject, &err);
    gb_grantor who = {"/w/Cargo.toml", "workspace.metadata.glovebox", "/w", NULL};
    gb_buffer out = {0};
    CHECK(gb_policy_help(policy, &who, &out));
    CHECK_TEXT(gb_buffer_text(&out), "");
    ASK(GB_POWER_READ, "/w/a b");
    ASK(GB_POWER_READ, "/w/$(x)");
    ASK(GB_POWER_READ, "/w/x'y");
    ASK(GB_POWER_READ, "/w/*");
    ASK(GB_POWER_READ, "/w/-x");
    CHECK(gb_policy_help(policy, &who, &out));
    CHECK_TEXT(gb_buffer_text(&out), "\nhelp: to allow it: cargo glovebox allow p --read 'a b'"
                                     "\n      or in /w/Cargo.toml:"
                                     "\n          [workspace.metadata.glovebox.package.p]"
                                     "\n          read = [\"a b\"]");
    gb_buffer_free(&out);
    gb_policy_free(policy);
}

/* ---- versions -------------------------------------------------------------------------------- */

static void test_requirements(void) {
    CHECK(gb_version_req_matches("0.8", "0.8.6"));
    CHECK(!gb_version_req_matches("0.8", "0.9.0"));
    CHECK(gb_version_req_matches("1", "1.9.0"));
    CHECK(!gb_version_req_matches("1.2", "1.1.9"));
    CHECK(gb_version_req_matches("^1.2.3", "1.2.3"));
    CHECK(!gb_version_req_matches("0.0.3", "0.0.4"));
    CHECK(gb_version_req_matches("0", "0.9.1"));
    CHECK(gb_version_req_matches("=1.2", "1.2.9"));
    CHECK(!gb_version_req_matches("=1.2.3", "1.2.4"));
    CHECK(gb_version_req_matches("~1.2.3", "1.2.9"));
    CHECK(!gb_version_req_matches("~1.2.3", "1.3.0"));
    CHECK(gb_version_req_matches("~1", "1.3.0"));
    CHECK(gb_version_req_matches(">=1, <3", "2.5.0"));
    CHECK(!gb_version_req_matches(">=1, <3", "3.0.0"));
    CHECK(gb_version_req_matches("> 1.2", "1.3.0"));
    CHECK(!gb_version_req_matches(">1.2", "1.2.9"));
    CHECK(gb_version_req_matches("<=1.2", "1.2.9"));
    CHECK(gb_version_req_matches("1.*", "1.5.0"));
    CHECK(!gb_version_req_matches("1.2.*", "1.3.0"));
    CHECK(gb_version_req_matches("*", "7.0.0"));
    CHECK(!gb_version_req_matches("*", "7.0.0-rc.1"));
    CHECK(gb_version_req_matches("7.0.0-rc.1", "7.0.0-rc.2"));
    CHECK(!gb_version_req_matches("7.0.0-rc.1", "7.1.0-rc.2"));
    CHECK(gb_version_req_matches("1.0.0", "1.0.0+build"));
    CHECK(!gb_version_req_valid(""));
    CHECK(!gb_version_req_valid("new"));
    CHECK(!gb_version_req_valid("1.2.3.4"));
    CHECK(!gb_version_req_valid("1,"));
    CHECK(!gb_version_req_valid(">"));
}

static void test_limits(void) {
    uint64_t value = 0;
    CHECK(gb_limit_parse(GB_LIMIT_TIME, "10s", &value) && value == 10000);
    CHECK(gb_limit_parse(GB_LIMIT_TIME, "500ms", &value) && value == 500);
    CHECK(gb_limit_parse(GB_LIMIT_TIME, "2m", &value) && value == 120000);
    CHECK(gb_limit_parse(GB_LIMIT_TIME, "3", &value) && value == 3000);
    CHECK(gb_limit_parse(GB_LIMIT_MEMORY, "1G", &value) && value == 1 << 30);
    CHECK(gb_limit_parse(GB_LIMIT_FUEL, "9007199254740992", &value) && value == UINT64_C(1) << 53);
    CHECK(!gb_limit_parse(GB_LIMIT_FUEL, "9007199254740993", &value));
    CHECK(!gb_limit_parse(GB_LIMIT_FUEL, "99999999999999999999999", &value));
    CHECK(!gb_limit_parse(GB_LIMIT_MEMORY, "99999999999G", &value));
    CHECK(gb_limit_parse(GB_LIMIT_TIME, "0", &value) && value == 0);
    CHECK(!gb_limit_parse(GB_LIMIT_FUEL, "0", &value));
    CHECK(!gb_limit_parse(GB_LIMIT_TIME, "5000000s", &value)); /* over 2^32 ms */
    CHECK(!gb_limit_parse(GB_LIMIT_TIME, "1M", &value));
    CHECK(!gb_limit_parse(GB_LIMIT_TIME, "-1", &value));
    CHECK(!gb_limit_parse(GB_LIMIT_TIME, "", &value));
}

/* ---- the manifest's policy ------------------------------------------------------------------- */

static bool extract(const char *metadata, gb_manifest_policy *policy, gb_error *err) {
    gb_buffer text = {0};
    cJSON *json = cJSON_Parse(metadata);
    bool ok = gb_manifest_policy_extract(json, &text, err) &&
              gb_manifest_policy_parse(gb_buffer_text(&text), policy, err);
    cJSON_Delete(json);
    gb_buffer_free(&text);
    return ok;
}

static void test_which_table(void) {
    gb_manifest_policy policy;
    gb_error err = {0};
    CHECK(extract("{\"workspace_root\":\"/w\",\"metadata\":null,\"packages\":[{\"manifest_path\":"
                  "\"/w/Cargo.toml\",\"metadata\":{\"glovebox\":{\"lock\":true,\"needs\":{}}}}]}",
                  &policy, &err));
    CHECK_TEXT(policy.table, "package.metadata.glovebox");
    CHECK_TEXT(policy.manifest, "/w/Cargo.toml");
    CHECK(policy.lock && !policy.require_kernel_wall);
    gb_manifest_policy_free(&policy);
    /* a member's is none */
    CHECK(extract("{\"workspace_root\":\"/w\",\"metadata\":null,\"packages\":[{\"manifest_path\":"
                  "\"/w/a/Cargo.toml\",\"metadata\":{\"glovebox\":{\"lock\":true}}}]}",
                  &policy, &err));
    CHECK_TEXT(policy.table, "workspace.metadata.glovebox");
    CHECK(policy.value == NULL && !policy.lock);
    gb_manifest_policy_free(&policy);
    CHECK(!extract(
        "{\"workspace_root\":\"/w\",\"metadata\":{\"glovebox\":{}},\"packages\":[{"
        "\"manifest_path\":\"/w/Cargo.toml\",\"metadata\":{\"glovebox\":{\"lock\":true}}}]}",
        &policy, &err));
    CHECK(err.kind == GB_ERROR_USAGE);
}

static void test_entries_add_up(void) {
    gb_manifest_policy policy;
    gb_package_policy own;
    gb_error err = {0};
    CHECK(extract("{\"workspace_root\":\"/w\",\"packages\":[],\"metadata\":{\"glovebox\":{"
                  "\"forbid\":[\"unsafe\",\"asm\"],\"limits\":{\"time\":\"10s\",\"total-time\":\"2m\",\"fuel\":7},"
                  "\"package\":{\"p@1\":{\"read\":[\"b\"],\"limits\":{\"fuel\":9}},"
                  "\"p\":{\"read\":[\"a\"],\"limits\":{\"fuel\":8},\"allow\":[\"unsafe\"]},"
                  "\"q\":{\"clock\":true}}}}}",
                  &policy, &err));
    CHECK(gb_manifest_policy_for(&policy, "p", "1.2.0", &own, &err));
    CHECK(own.any && own.grants.read.count == 2 && !own.grants.clock);
    CHECK(own.grants.forbid.count == 1 && strcmp(own.grants.forbid.items[0], "asm") == 0);
    CHECK(own.words.count == 3);
    CHECK_TEXT(own.words.items[0], "--time-limit=10000");
    CHECK_TEXT(own.words.items[1], "--total-time-limit=120000");
    CHECK_TEXT(own.words.items[2], "--fuel=9");
    gb_package_policy_free(&own);
    CHECK(gb_manifest_policy_for(&policy, "p", "2.0.0", &own, &err));
    CHECK(own.grants.read.count == 1);
    CHECK_TEXT(own.words.items[2], "--fuel=8");
    gb_package_policy_free(&own);
    gb_strings unused = {0};
    gb_manifest_policy_unused(&policy, "[[package]]\nname = \"p\"\nversion = \"2.0.0\"\n", &unused);
    CHECK(unused.count == 2 && strcmp(unused.items[0], "p@1") == 0);
    gb_strings_free(&unused);
    gb_manifest_policy_free(&policy);
}

static void test_needs(void) {
    gb_buffer out = {0};
    cJSON *json = cJSON_Parse("{\"glovebox\":{\"needs\":{\"read\":[\"a\\u001b[1m\"],\"clock\":true,"
                              "\"x\\nerror\":[\"y\"],\"env\":7,\"reason\":\"to\\nsee\"}}}");
    gb_manifest_needs(json, &out);
    CHECK_TEXT(gb_buffer_text(&out), "read `a\\x1b[1m`, clock (to\\x0asee)");
    cJSON_Delete(json);
    gb_buffer_clear(&out);
    json = cJSON_Parse("{\"glovebox\":{\"needs\":[\"read\"]}}");
    gb_manifest_needs(json, &out);
    CHECK(out.length == 0);
    cJSON_Delete(json);
    gb_buffer_free(&out);
}

/* ---- TOML ------------------------------------------------------------------------------------ */

/* `table` is cut at dots. values: cut at blanks; NULL: true. */
static void edit(const char *before, const char *table, const char *name, const char *values,
                 const char *after, int line) {
    gb_strings keys = {0}, list = {0};
    gb_buffer text = {0};
    gb_error err = {0};
    gb_text_split(&keys, table, '.');
    if (values != NULL) gb_text_split(&list, values, ' ');
    gb_buffer_append_text(&text, before);
    gb_toml_key key = {&keys, name};
    bool ok = values != NULL ? gb_toml_add_texts(&text, &key, &list, &err)
                             : gb_toml_set_true(&text, &key, &err);
    if (after == NULL) {
        check_at(!ok && err.kind == GB_ERROR_MALFORMED, "an edit that cannot be is refused", line);
        check_text(gb_buffer_text(&text), before, line);
    } else {
        check_at(ok, err.message, line);
        check_text(gb_buffer_text(&text), after, line);
    }
    gb_strings_free(&keys);
    gb_strings_free(&list);
    gb_buffer_free(&text);
}
#define EDIT(before, table, name, values, after) edit(before, table, name, values, after, __LINE__)

static void test_toml(void) {
    /* a new table: at the end, or behind its family */
    EDIT("", "w.m.g", "read", "a", "[w.m.g]\nread = [\"a\"]\n");
    EDIT("[package]\nname = \"x\"", "w.m.g", "read", "a",
         "[package]\nname = \"x\"\n\n[w.m.g]\nread = [\"a\"]\n");
    EDIT("[w.m.g]\nlock = true # yes\n\n[z]\nq = 1\n", "w.m.g.package.p-q", "clock", NULL,
         "[w.m.g]\nlock = true # yes\n\n[w.m.g.package.p-q]\nclock = true\n\n[z]\nq = 1\n");
    EDIT("[a]\r\nb = 1\r\n", "w.m.g", "read", "a",
         "[a]\r\nb = 1\r\n\r\n[w.m.g]\r\nread = [\"a\"]\r\n");
    EDIT("", "w.m.g.p@1", "read", "a", "[w.m.g.\"p@1\"]\nread = [\"a\"]\n");
    /* a table that is there */
    EDIT("[w.m.g]\n  lock = true\n\n# of z\n[z]\n", "w.m.g", "read", "a b",
         "[w.m.g]\n  lock = true\n  read = [\"a\", \"b\"]\n\n# of z\n[z]\n");
    EDIT("[ w . \"m\" . 'g' ] # here\n", "w.m.g", "read", "a",
         "[ w . \"m\" . 'g' ] # here\nread = [\"a\"]\n");
    EDIT("[w.m.g]\nx = \"\"\"\n[w.m.g.q]\n\"\"\"\n", "w.m.g", "clock", NULL,
         "[w.m.g]\nx = \"\"\"\n[w.m.g.q]\n\"\"\"\nclock = true\n");
    /* an array that is there */
    EDIT("[t]\nread = []\n", "t", "read", "a", "[t]\nread = [\"a\"]\n");
    EDIT("[t]\nread = [ 'a' ] # why\n", "t", "read", "a b", "[t]\nread = [ 'a', \"b\" ] # why\n");
    EDIT("[t]\nread = [\"a\",]\n", "t", "read", "b", "[t]\nread = [\"a\", \"b\"]\n");
    EDIT("[t]\nread = [\n    \"a\", # of a\n    \"b\" # of b\n]\n", "t", "read", "c d",
         "[t]\nread = [\n    \"a\", # of a\n    \"b\", # of b\n    \"c\",\n    \"d\"\n]\n");
    EDIT("[t]\nread = [\n  \"a\", # of a\n]\n", "t", "read", "c",
         "[t]\nread = [\n  \"a\", # of a\n  \"c\",\n]\n");
    EDIT("[t]\nread = [\n  \"a\",\n  \"b\"]\n", "t", "read", "c",
         "[t]\nread = [\n  \"a\",\n  \"b\",\n  \"c\"]\n");
    EDIT("[t]\nread = [\"a]#\", '\"']\n", "t", "read", "b", "[t]\nread = [\"a]#\", '\"', \"b\"]\n");
    /* inline tables and dotted keys */
    EDIT("[w.m]\ng = { lock = true }\n", "w.m.g.package.p", "read", "a",
         "[w.m]\ng = { lock = true, package.p.read = [\"a\"] }\n");
    EDIT("[w.m]\ng = {}\n", "w.m.g", "clock", NULL, "[w.m]\ng = { clock = true }\n");
    EDIT("[w.m.g.package]\np = { read = [\"a\"] }\n", "w.m.g.package.p", "read", "b",
         "[w.m.g.package]\np = { read = [\"a\", \"b\"] }\n");
    EDIT("[w.m.g]\npackage.p.clock = true\nlock = true\n", "w.m.g.package.p", "read", "a",
         "[w.m.g]\npackage.p.clock = true\npackage.p.read = [\"a\"]\nlock = true\n");
    EDIT("w.m.g.lock = true\n", "w.m.g.package.p", "read", "a",
         "w.m.g.lock = true\nw.m.g.package.p.read = [\"a\"]\n");
    EDIT("[w.m]\ng = { package.p.clock = true, lock = true }\n", "w.m.g.package.p", "random", NULL,
         "[w.m]\ng = { package.p.clock = true, package.p.random = true, lock = true }\n");
    /* switches */
    EDIT("[t]\nclock = true\n", "t", "clock", NULL, "[t]\nclock = true\n");
    EDIT("[t]\nclock = false # no\n", "t", "clock", NULL, "[t]\nclock = true # no\n");
    /* what an array of tables holds is nobody's */
    EDIT("[[t]]\nread = []\n", "t2", "read", "a", "[[t]]\nread = []\n\n[t2]\nread = [\"a\"]\n");
    EDIT("x = [{ t = { read = [] } }]\n", "t", "read", "a",
         "x = [{ t = { read = [] } }]\n\n[t]\nread = [\"a\"]\n");
    /* what cannot be */
    EDIT("[t]\nread = \"a\"\n", "t", "read", "b", NULL);
    EDIT("[t]\nclock = 1\n", "t", "clock", NULL, NULL);
    EDIT("[w]\nm = 1\n", "w.m.g", "read", "b", NULL);
    EDIT("[t\n", "t", "read", "b", NULL);
    EDIT("a = \"b\n", "t", "read", "b", NULL);
    EDIT("a = [\"b\" \"c\"]\n", "t", "read", "b", NULL);
    EDIT("a = {\n", "t", "read", "b", NULL);
    EDIT("a = \"\\", "t", "read", "b", NULL);
}

int main(void) {
    test_patterns();
    test_grants();
    test_grants_in_a_policy();
    test_help();
    test_requirements();
    test_limits();
    test_which_table();
    test_entries_add_up();
    test_needs();
    test_toml();
    return check_end("policy-unit");
}
