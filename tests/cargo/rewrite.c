/* The rewriting: one file at a time, then a package on disk. */
#include "source/rewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "source/quirks.h"
#include "compile/source_names.h"
#include "manifest/version.h"
#include "tests/check.h"

/* wanted NULL: unchanged */
static void expect_rules(const gb_rewrite_rules *rules, const char *text, const char *wanted) {
    gb_buffer out = {0};
    bool changed = false;
    size_t length = strlen(text);
    bool ok = gb_rewrite_text((const uint8_t *)text, length, rules, &out, &changed, NULL);
    const char *got = gb_buffer_text(&out);
    check_detail(ok && out.length == strlen(wanted ? wanted : text) && changed == (wanted != NULL) &&
              strcmp(got, wanted ? wanted : text) == 0,
          text, got);
    if (wanted)
        check_detail(gb_rewrite_wanted((const uint8_t *)text, length, rules), "a quick look sees it",
              text);
    gb_buffer_free(&out);
}

static void expect(const char *text, const char *wanted) {
    gb_rewrite_rules rules = {.edition = 2021};
    expect_rules(&rules, text, wanted);
}

static void attributes(void) {
    expect("#[proc_macro] pub fn f()", "#[__gbx::fun] pub fn f()");
    expect("#[proc_macro_derive(A, attributes(b))]", "#[__gbx::derive____(A, attributes(b))]");
    expect("#[proc_macro_attribute]", "#[__gbx::attribute____]");
    expect("#[ /* c */ proc_macro ]", "#[ /* c */ __gbx::fun ]");
    expect("#\n[\nproc_macro_attribute\n]", "#\n[\n__gbx::attribute____\n]");
    expect("#[cfg_attr(x, proc_macro)]", "#[cfg_attr(x, __gbx::fun)]");
    expect("#[cfg_attr(any(a, b), inline, proc_macro_derive(A))]",
           "#[cfg_attr(any(a, b), inline, __gbx::derive____(A))]");
    expect("#[cfg_attr(a, cfg_attr(b, proc_macro,),)]",
           "#[cfg_attr(a, cfg_attr(b, __gbx::fun,),)]");
    expect("macro_rules! m { ($n:ident) => { #[proc_macro_derive($n)] pub fn x() {} } }",
           "macro_rules! m { ($n:ident) => { #[__gbx::derive____($n)] pub fn x() {} } }");
    expect("quote! { #(#x)* #[proc_macro] fn f() }", "quote! { #(#x)* #[__gbx::fun] fn f() }");
    expect("#[a] #[proc_macro] #[b]", "#[a] #[__gbx::fun] #[b]");
    expect("#![proc_macro]", "#![__gbx::fun]");
}

static void not_attributes(void) {
    expect("extern crate proc_macro; use proc_macro::TokenStream;", NULL);
    expect("\"#[proc_macro]\" r#\"#[proc_macro]\"# '#' b\"#[proc_macro]\"", NULL);
    expect("// #[proc_macro]\n/* #[proc_macro] */ /// #[proc_macro]", NULL);
    expect("#[cfg(proc_macro)] #[cfg_attr(proc_macro, inline)]", NULL);
    expect("#[cfg_attr(all(a, proc_macro), inline)]", NULL);
    expect("#[proc_macro::x] #[proc_macro_derive::y]", NULL);
    expect("#[derive(proc_macro)] [proc_macro] #x[proc_macro]", NULL);
    expect("#[doc(alias = \"proc_macro\")] #[allow(proc_macro_derive_resolution_fallback)]", NULL);
    expect("#[proc_macro", NULL);
    expect("#[r#proc_macro] #[proc_macros]", NULL);
    expect("cfg_attr(a, proc_macro)", NULL);
    expect("#[x(cfg_attr(a, proc_macro))]", NULL);
}

static void allocators(void) {
    expect("#[global_allocator] static A: T = T;", "#[__gbx::allocator] static A: T = T;");
    expect("mod a { #[cfg_attr(x, global_allocator)] static A: T = T; }",
           "mod a { #[cfg_attr(x, __gbx::allocator)] static A: T = T; }");
    /* A macro that makes one for its user. */
    expect("quote! { #[global_allocator] static A: T = T; }", NULL);
    expect("fn f() { g(quote!(a (#[global_allocator] static A: T = T;))) }", NULL);
    expect("macro_rules! m { () => { #[global_allocator] static A: T = T; } }", NULL);
    expect("m! { a (b) } #[global_allocator] static A: T = T;",
           "m! { a (b) } #[__gbx::allocator] static A: T = T;");
    expect("#![a] #[global_allocator] static A: T = T;",
           "#![a] #[__gbx::allocator] static A: T = T;");
    expect("m! { } ] ) } #[global_allocator] static A: T = T;",
           "m! { } ] ) } #[__gbx::allocator] static A: T = T;");
}

static void no_prelude(void) {
    static const char root[] = "#![no_implicit_prelude]\n#[proc_macro] pub fn f() {} // end";
    static const char wanted[] = "#![no_implicit_prelude]\n#[__gbx::fun] pub fn f() {} // end\n"
                                 "#[doc(hidden)] extern crate __gbx;\n";
    expect(root, wanted);
    expect("#![no_implicit_prelude] fn no_macro() {}", NULL);
}

static void quirks(void) {
    gb_rewrite_rules one = {2018, "syn", "1.0.107"}, two = {2018, "syn", "2.0.0"};
    const char *text = "#[cfg(not(all(target_arch = \"wasm32\", any(target_os = \"unknown\", "
                       "target_os = \"wasi\"))))]";
    const char *mended = "#[cfg(not(all(target_arch = \"wasm64\", any(target_os = \"unknown\", "
                         "target_os = \"wasi\"))))]";
    expect_rules(&one, text, mended);
    expect_rules(&two, text, NULL);
    gb_rewrite_rules psm = {2015, "psm", "0.1.32"};
    expect_rules(&psm, "#[cfg(all(switchable_stack, unix))] #[cfg(not(asm))] #[cfg(not(switchable_stack))]",
                 "#[cfg(all(switchable_none_, unix))] #[cfg(not(___))] #[cfg(not(switchable_none_))]");
    check_detail(gb_quirks_want_wasi("getrandom", "0.2.17") && !gb_quirks_want_wasi("getrandom", "0.3.0") &&
              !gb_quirks_want_wasi("rand", "0.2.0"),
          "quirks", "who wants wasi");
    check_detail(gb_quirks_known("syn", "0.15.44") && !gb_quirks_known("syn", "2.0.1") &&
              !gb_quirks_known("sync", "1.0.0") && !gb_quirks_known(NULL, "1"),
          "quirks", "who has them");
    check_detail(gb_version_compare("1.0.9", "1.0.10") < 0 && gb_version_compare("2", "2.0.0") == 0 &&
              gb_version_compare("1.0.0-rc.1", "1.0.0") < 0 &&
              gb_version_compare("1.0.0+a", "1.0.0") == 0 &&
              gb_version_compare("0.15.44", "0.15.5") > 0,
          "versions", "order");
}

/* ---- a package on disk ----------------------------------------------------------------------- */

static char *folder;

static char *at(const char *name) {
    return gb_path_join(folder, name);
}

static void put(const char *name, const char *text) {
    char *path = at(name), *parent = gb_path_parent(path);
    bool ok = gb_dir_make(parent, NULL) && gb_file_write_text(path, text, NULL);
    check_detail(ok, "setting up", path);
    free(path);
    free(parent);
}

static bool reads(const char *dir, const char *name, const char *wanted) {
    char *path = gb_path_join(dir, name);
    gb_buffer text = {0};
    bool ok = gb_file_read(path, &text, NULL) && strcmp(gb_buffer_text(&text), wanted) == 0;
    free(path);
    gb_buffer_free(&text);
    return ok;
}

static bool is_link(const char *dir, const char *name) {
    char *path = gb_path_join(dir, name);
    struct stat st;
    bool link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    free(path);
    return link;
}

static void copy_twice(const char *package, const char *work) {
    gb_rewrite_rules rules = {.edition = 2021};
    gb_package_view view;
    char *out_dir = at("out");
    check_detail(gb_rewrite_package(package, out_dir, work, &rules, &view, NULL), "package", "copied");
    check_detail(view.copied && view.out_dir, "package", "says the words");
    check_detail(reads(view.package_dir, "src/lib.rs", "#[__gbx::fun]\nmod a;"), "copy", "src/lib.rs");
    check_detail(reads(view.package_dir, "src/a.rs", "include!(\"../../above.rs\");"), "copy", "src/a.rs");
    check_detail(is_link(view.package_dir, "src/a.rs"), "copy", "an unchanged file is a link");
    check_detail(!is_link(view.package_dir, "src"), "copy", "a folder with sources is a folder");
    check_detail(is_link(view.package_dir, "target"), "copy", "a cache is a link");
    check_detail(is_link(view.package_dir, "inner"), "copy", "a package inside is a link");
    check_detail(reads(view.package_dir, "src/../../above.rs", "above"), "copy",
          "what lies above is found");
    check_detail(reads(view.out_dir, "gen.rs", "#[__gbx::derive____(A)]"), "copy", "OUT_DIR");
    gb_package_view_free(&view);

    char *gone = at("up/package/src/a.rs");
    unlink(gone);
    put("up/package/src/b.rs", "#[proc_macro_attribute]");
    check_detail(gb_rewrite_package(package, out_dir, work, &rules, &view, NULL), "package", "again");
    check_detail(!reads(view.package_dir, "src/a.rs", "include!(\"../../above.rs\");") &&
              !is_link(view.package_dir, "src/a.rs"),
          "copy", "a removed file goes");
    check_detail(reads(view.package_dir, "src/b.rs", "#[__gbx::attribute____]"), "copy",
          "a new file comes");
    gb_package_view_free(&view);
    free(gone);
    free(out_dir);
}

static void packages(void) {
    const char *tmp = getenv("TMPDIR");
    folder = gb_dir_make_temporary(tmp ? tmp : "/tmp", "glovebox-test-", NULL);
    char *package = at("up/package"), *work = at("work"), *plain = at("plain");
    put("up/package/src/lib.rs", "#[proc_macro]\nmod a;");
    put("up/package/src/a.rs", "include!(\"../../above.rs\");");
    put("up/package/target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
    put("up/package/target/x.rs", "#[proc_macro]");
    put("up/package/inner/Cargo.toml", "");
    put("up/package/inner/src/lib.rs", "#[proc_macro]");
    put("up/above.rs", "above");
    put("out/gen.rs", "#[proc_macro_derive(A)]");
    put("plain/src/lib.rs", "use proc_macro::TokenStream;");
    copy_twice(package, work);

    gb_rewrite_rules rules = {.edition = 2021};
    gb_package_view view;
    check_detail(gb_rewrite_package(plain, NULL, work, &rules, &view, NULL) && !view.copied &&
              strcmp(view.package_dir, plain) == 0,
          "a package without the words", "is not copied");
    gb_package_view_free(&view);
    check_detail(gb_path_remove(folder, NULL) && !gb_dir_exists(folder), "cleaning up", folder);
    free(package);
    free(work);
    free(plain);
    free(folder);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void restores(const gb_source_names *names, const char *line, const char *wanted) {
    gb_buffer out = {0};
    bool ok = gb_source_names_restore(names, line, strlen(line), &out);
    check_detail(ok && strcmp(gb_buffer_text(&out), wanted) == 0, line, gb_buffer_text(&out));
    gb_buffer_free(&out);
}

static void source_names(void) {
    char name[] = "m", version[] = "1.0.0", dir[] = "/w s/\"q\"/m", cwd[] = "/w s/\"q\"",
         input[] = "m/src/lib.rs", whole[] = "/w s/\"q\"/m/src/lib.rs";
    gb_unit unit = {.package_name = name,
                    .package_version = version,
                    .package_dir = dir,
                    .cwd = cwd,
                    .input = input};
    gb_package_view view = {.package_dir = dir};
    gb_source_names names;
    check_detail(gb_source_names_make(&unit, &view, &names, NULL), "names", "made");
    restores(&names, " --> /glovebox/src/m-1.0.0/src/lib.rs:1:2", " --> m/src/lib.rs:1:2");
    restores(&names, "/glovebox/src/m-1.0.01/x /glovebox/srcs/m-1.0.0",
             "/glovebox/src/m-1.0.01/x /glovebox/srcs/m-1.0.0");
    restores(&names, "(/glovebox/src/m-1.0.0/a, /glovebox/cwd/b)", "(m/a, b)");
    gb_source_names_free(&names);
    unit.input = whole;
    check_detail(gb_source_names_make(&unit, &view, &names, NULL), "names", "made again");
    restores(&names, "{\"file_name\":\"/glovebox/src/m-1.0.0/a.rs\"}",
             "{\"file_name\":\"/w s/\\\"q\\\"/m/a.rs\"}");
    gb_source_names_free(&names);
}

int main(void) {
    attributes();
    not_attributes();
    allocators();
    no_prelude();
    quirks();
    packages();
    source_names();
    return check_end("rewrite");
}
