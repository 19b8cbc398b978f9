#include "source/quirks.h"

#include <assert.h>
#include <string.h>

#include "manifest/version.h"

typedef struct quirk {
    const char *package;
    const char *from_version; /* inclusive; "" for the first */
    const char *to_version;   /* exclusive; "" for no end */
    const char *find;
    const char *replace; /* as long as find */
} quirk;

/* What dtolnay's crates asked before proc-macro2's build script took it over:
 * `wasm32-unknown-unknown` and WASI have no proc_macro. Another architecture's name makes it false;
 * a known one, for lints' sake. */
#define NO_PROC_MACRO                                                                              \
    "not(all(target_arch = \"wasm32\", any(target_os = \"unknown\", target_os = \"wasi\")))"
#define HAS_PROC_MACRO                                                                             \
    "not(all(target_arch = \"wasm64\", any(target_os = \"unknown\", target_os = \"wasi\")))"

/* Hashers made of `usize`, by which maps are ordered and names made: with the words of 64 bits that
 * they have natively. */
#define WORDS_OF_64(package, from, to)                                                             \
    {package, from, to, "target_pointer_width = \"64\"", "target_family      = \"wasm\""},       \
    {package, from, to, "target_pointer_width = \"32\"", "target_pointer_width = \"16\""}

static const quirk quirks[] = {
    {"syn", "", "2.0.0", NO_PROC_MACRO, HAS_PROC_MACRO},
    {"synstructure", "", "", NO_PROC_MACRO, HAS_PROC_MACRO},
    /* Below stacker: it looks at and switches the stack in assembly, and says where it cannot. */
    /* A dependency of hash functions on processors where it knows something to ask. */
    {"cpufeatures", "", "", "not(any(\n    target_arch = \"aarch64\",",
     "not(any(\n    target_arch = \"wasm32\", "},
    /* What they make is made of `usize`, and a macro's output of that: 64 bits of it, as natively. */
    {"rand", "0.7.0", "0.8.0", "\"emscripten\"), target_pointer_width = \"64\"",
     "\"emscripten\"), target_pointer_width = \"32\""},
    {"rand", "0.8.0", "0.9.0", "\"small_rng\", target_pointer_width = \"64\"",
     "\"small_rng\", target_pointer_width = \"32\""},
    {"rand", "0.8.0", "0.9.0", "\"small_rng\", not(target_pointer_width = \"64\"",
     "\"small_rng\", not(target_pointer_width = \"32\""},
    {"rand", "0.8.0", "0.9.0", "width = \"64\")]\ntype Rng",
     "width = \"32\")]\ntype Rng"},
    {"rand", "0.8.0", "0.9.0", "width = \"64\"))]\ntype Rng",
     "width = \"32\"))]\ntype Rng"},
    {"wasm-bindgen-macro-support", "", "", "atomic::AtomicUsize;", "atomic::AtomicU64  ;"},
    {"wasm-bindgen-macro-support", "", "",
     "HASH: AtomicUsize = AtomicUsize::", "HASH: AtomicU64   = AtomicU64  ::"},
    {"wasm-bindgen-macro-support", "", "", "h.finish() as usize", "h.finish() as u64  "},
    WORDS_OF_64("foldhash", "", ""),
    WORDS_OF_64("rustc-hash", "", ""),
    {"rustc-hash", "", "", "    hash: usize,", "    hash: u64,  "},
    {"rustc-hash", "", "", "const K: usize", "const K: u64  "},
    {"rustc-hash", "", "", "i: usize) {\n        self.hash", "i: u64  ) {\n        self.hash"},
    {"rustc-hash", "", "", " as usize)", " as u64  )"},
    {"rustc-hash", "", "", "size_of::<usize>()", "size_of::<u64  >()"},
    {"rustc-hash", "", "", "\n        self.add_to_hash(i);", "\n self.add_to_hash(i as u64);"},
    {"rustc-hash", "", "", "\n        FxHasher { hash: seed }", "\n FxHasher { hash: seed as u64 }"},
    WORDS_OF_64("fxhash", "", ""),
    {"fxhash", "", "", "(usize = SEED, ", "(              "},
    {"fxhash", "", "", "pub struct FxHasher {\n    hash: usize", "pub struct FxHasher {\n    hash: u64  "},
    {"fxhash", "", "", "fn write(hash: usize, bytes: &[u8]) -> usize",
     "fn write(hash: u64  , bytes: &[u8]) -> u64  "},
    {"fxhash", "", "", "(hash as u64, bytes) as usize", "(hash as u64, bytes) as u64  "},
    {"fxhash", "", "", "hash_word(i as usize)", "hash_word(i as u64  )"},
    {"fxhash", "", "", "i: usize) {\n        self.hash.hash_word(i);",
     "i: usize) {\n self.hash.hash_word(i as u64);"},
    {"psm", "", "", "(asm)", "(___)"},
    {"psm", "", "", "(link_asm,", "(link____,"},
    {"psm", "", "", "(switchable_stack", "(switchable_none_"},
};

static bool covers(const quirk *q, const char *package, const char *version) {
    return strcmp(q->package, package) == 0 &&
           (!*q->from_version || gb_version_compare(version, q->from_version) >= 0) &&
           (!*q->to_version || gb_version_compare(version, q->to_version) < 0);
}

bool gb_quirks_known(const char *package, const char *version) {
    if (!package || !version) return false;
    for (size_t i = 0; i < sizeof quirks / sizeof quirks[0]; i++)
        if (covers(&quirks[i], package, version)) return true;
    return false;
}

bool gb_quirks_want_wasi(const char *package, const char *version) {
    return package && version && strcmp(package, "getrandom") == 0 &&
           gb_version_compare(version, "0.3.0") < 0;
}

size_t gb_quirks_apply(const char *package, const char *version, uint8_t *text, size_t length) {
    size_t edits = 0;
    if (!package || !version) return 0;
    for (size_t i = 0; i < sizeof quirks / sizeof quirks[0]; i++) {
        const quirk *q = &quirks[i];
        if (!covers(q, package, version)) continue;
        size_t size = strlen(q->find);
        assert(strlen(q->replace) == size);
        uint8_t *at = text;
        while ((at = memmem(at, length - (size_t)(at - text), q->find, size)) != NULL) {
            memcpy(at, q->replace, size);
            at += size;
            edits++;
        }
    }
    return edits;
}
