/* toolchain.h: the guest toolchain: the compiler, sysroot and linker that make WebAssembly of host
 * units.
 *
 * Found in this order:
 *   1. the one that the user names: GLOVEBOX_GUEST_TOOLCHAIN or gb_toolchain_wish.named, a rustc
 * path, a rustup toolchain name, or a folder with bin/rustc
 *   2. the active toolchain, when it has std for wasm32-wasip1 and rust-src, so that panics can
 * unwind
 *   3. Debian's packages: /usr/bin/rustc with rust-web-src, wasi-libc and wasm-ld
 *   4. the active toolchain with std for wasm32-wasip1 alone: panics abort
 * A found toolchain is only a description. Preparing it makes, once, folders under Glovebox's home:
 *
 *   <home>/toolchain/<id>/toolchain.json   what follows, for gb_toolchain_load
 *                        /guest/…          libproc_macro, libstd (the front), lib__gbx (attributes)
 *   <home>/sysroot/<id>/lib/rustlib/…      std for the guest, unwinding, when rust-src is at hand;
 *                                          of the compiler alone, so that a new Glovebox finds it
 * there
 *
 * The confined toolchain is the same compiler making machine code for this host, with guest crates of its own
 * and the std that the compiler came with: for macros that may run natively (macros/native.h). It has a
 * folder like the others', made when first needed.
 *
 * They are made beside and renamed, under a lock, so two preparers do the work once. `id` is a
 * digest of everything that decides what this toolchain makes of a source: the compiler's verbose
 * version, the guest crates' sources, the sysroot recipe. It keys every cache. A prepared toolchain
 * folder is never changed; it may be loaded by any number of processes. */
#ifndef GB_COMPILE_TOOLCHAIN_H
#define GB_COMPILE_TOOLCHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strings.h"

#define GB_GUEST_TARGET "wasm32-wasip1"

typedef struct gb_toolchain {
    char *origin;   /* for people: "active toolchain", "named toolchain", "Debian packages" */
    char *rustc;    /* absolute path of the real compiler (not rustup's proxy) */
    char *version;  /* first line of rustc -vV */
    char *verbose;  /* all of rustc -vV */
    char *host;     /* its host triple */
    char *rust_src; /* folder that holds library/std, or NULL: std is used as it came */
    char *cargo;    /* builds std; NULL when rust_src is */
    char *linker;   /* absolute path of wasm-ld or rust-lld */
    char
        *wasi_libc; /* folder with libc.a and crt1-reactor.o: the compiler's own or the machine's */
    bool has_std;   /* the compiler brings std for the guest (which aborts on panic) */
    char *guest_source; /* folder with attr/, proc_macro/, std/ */
    char *id;           /* hexadecimal digest, see above */
    char *sysroot_id;   /* the same for std alone */
    char *home;         /* Glovebox's home */
    char *folder;       /* <home>/toolchain/<id> */
    char *sysroot;      /* for --sysroot, or NULL: the compiler's own */
    bool confined;      /* makes machine code: no wasi_libc, linker, libc, wasi in use */
    bool unwinds;       /* panics unwind in guests: std is built by us */
    bool prepared;      /* folder is complete; the rest below is valid only then */
    char *guest_dir;    /* folder of the guest crates, for -L dependency= */
    char *proc_macro;   /* libproc_macro-*.rlib */
    char *std;          /* libstd-*.rlib: the front */
    char *libc;         /* libgbx_libc-*.rlib: what wasi-libc may lack */
    char *wasi;         /* libwasi-*.rlib: for old crates (quirks.h) */
    char *attr;         /* lib__gbx-*.so */
    gb_strings
        rustc_args; /* what every guest compilation needs, in order: --target, --sysroot, … */
    gb_strings link_args; /* what linking a reactor needs on top */
} gb_toolchain;

typedef struct gb_toolchain_wish {
    const char *named;        /* overrides GLOVEBOX_GUEST_TOOLCHAIN; NULL: look there */
    const char *active_rustc; /* the compiler Cargo uses; NULL: `rustc` in PATH */
    const char *home;         /* NULL: gb_home_dir */
    const char *guest_source; /* NULL: guest/ in gb_share_dir */
} gb_toolchain_wish;

/* Called at the start of each longer step and, while it runs, about once a second. `seconds` is how
 * long the step has taken so far; `done` true once, at its end. */
typedef struct gb_progress {
    void (*step)(void *env, const char *what, double seconds, bool done);
    void *env;
} gb_progress;

/* Finds the toolchain; a few process starts (tens of milliseconds). When nothing serves, the error
 * says what was looked for and ends with the command that installs it. */
gb_toolchain *gb_toolchain_find(const gb_toolchain_wish *wish, gb_error *err);
/* Prepares the folder when it is not there yet; instant when it is. Where the home cannot be
 * written, a folder under TMPDIR serves and *warning (malloc'ed, may be NULL) says so. */
bool gb_toolchain_prepare(gb_toolchain *tc, const gb_progress *progress, char **warning,
                          gb_error *err);
/* Reads a prepared folder back: no process is started (a millisecond). For each wrapper process:
 * the session finds and prepares once and hands tc->folder down. */
gb_toolchain *gb_toolchain_load(const char *folder, gb_error *err);
/* The confined toolchain of a prepared one: loaded, or prepared now (some seconds, once), without a word. */
gb_toolchain *gb_toolchain_confined(const gb_toolchain *guest, gb_error *err);
void gb_toolchain_free(gb_toolchain *tc);

/* Where Glovebox's Rust sources lie: $GLOVEBOX_SHARE, <prefix>/share/glovebox beside the program,
 * or the source tree the program was built in. The folder holds guest/, shim/ and wire/. */
char *gb_share_dir(gb_error *err);

/* A host compiler as far as others must know it. */
typedef struct gb_rustc {
    char *path;    /* as given, made absolute by PATH */
    char *version; /* first line of -vV */
    char *verbose;
    char *host;
    char *id;      /* digest of verbose and of whether it takes unstable features */
    bool unstable; /* nightly, or RUSTC_BOOTSTRAP=1 is set */
} gb_rustc;
/* Starts `rustc -vV`. */
bool gb_rustc_probe(const char *rustc, gb_rustc *out, gb_error *err);
void gb_rustc_free(gb_rustc *rustc);

#endif
