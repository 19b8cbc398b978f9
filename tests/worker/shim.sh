#!/bin/bash
# The shim's promises, with real compilers loading it: `shim.sh BUILD RUSTC…`. Each RUSTC is a command
# (`rustc`, `rustc +1.80.0`). The worker is tests/worker/fake_worker.c, which misbehaves on request.
set -u
here=$(dirname "$0")/../..
build=$(realpath "$1") # an own path: other builds may be under test
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
id=$("$build"/test/fake-worker --build)

ok() { # what, then a command that must succeed
    local what=$1
    shift
    if "$@" >"$work/ok.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED ($name): $what"
        sed 's/^/    /' "$work/ok.log" | head -20
        grep -A8 '^error' "$work/err" | sed 's/^/  | /' | head -20
    fi
}

# Compilers differ in what their shim library is compiled with.
prepare() {
    rustc=$1
    name=$($rustc --version | cut -d' ' -f2)
    minor=$(echo "$name" | cut -d. -f2)
    flags=(--edition 2021 --cap-lints forbid)
    [ "$minor" -ge 88 ] && flags+=(--cfg rust_1_88)
    [ "$minor" -ge 94 ] && flags+=(--cfg rust_1_94)
    out=$work/$name
    mkdir -p "$out/unstable"
    $rustc --crate-name glovebox_shim --crate-type rlib -O -D warnings "${flags[@]}" --out-dir "$out" "$here/shim/lib.rs" || exit 1
    RUSTC_BOOTSTRAP=1 $rustc --crate-name glovebox_shim --crate-type rlib -O -D warnings "${flags[@]}" --cfg glovebox_unstable \
        --out-dir "$out/unstable" "$here/shim/lib.rs" || exit 1
    macro_crate native native
}

# A macro crate: source, name, then the shim's folder (if it is one) and the fake worker's mode.
macro_crate() {
    local shim=${3:-$out}
    T_WORKER=${T_WORKER:-$build/test/fake-worker} T_BUILD=${T_BUILD:-$id} T_ARTIFACT=/nonexistent.wasm T_DIGEST=00 \
        T_ARGUMENT="--fake=${4:-identity}" $rustc --edition 2021 --crate-type proc-macro --crate-name "$2" \
        --extern glovebox_shim="$shim/libglovebox_shim.rlib" --extern proc_macro --out-dir "$out" \
        "$here/tests/worker/crates/$1.rs" || exit 1
}

# Compiles a source against `mac` (and `native`); the compiler's words are in $work/err.
compile() {
    local source=$1
    shift
    timeout 120 $rustc --edition 2021 --crate-name user --extern mac="$out/libmac.so" --extern native="$out/libnative.so" \
        --out-dir "$work" "$source" "$@" >"$work/out" 2>"$work/err"
}

says() { grep -qF -- "$1" "$work/err"; }
says_not() { ! grep -qF -- "$1" "$work/err"; }
errors() { [ "$(grep -c '^error' "$work/err")" = "$1" ]; }
status() { [ "$code" = "$1" ]; }
gone() { # no worker of this test is alive or waits to be reaped by a compiler
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ps -eo stat,args | grep -F "$build/test/fake-worker" | grep -qv 'grep\|^Z' || return 0
        sleep 0.1
    done
    return 1
}

# ---- tokens ----------------------------------------------------------------------------------

tokens() {
    cp "$out/libnative.so" "$out/libmac.so"
    cp "$here/tests/worker/crates/tokens.rs" "$work/tokens.rs"
    macro_crate native mac
    compile "$work/tokens.rs"
    code=$?
    ok "the native comparison compiles" status 0
    cp "$work/err" "$work/native.err"
    RUSTC_BOOTSTRAP=1 compile "$work/tokens.rs" -Zunpretty=expanded
    cp "$work/out" "$work/native.out"
    for shim in "$out" "$out/unstable"; do
        for mode in copy identity; do
            macro_crate shim mac "$shim" "$mode"
            compile "$work/tokens.rs"
            code=$?
            ok "$mode: compiles" status 0
            if [ $mode = copy ]; then
                ok "copy: every token and span is native's" diff "$work/native.err" "$work/err"
                RUSTC_BOOTSTRAP=1 compile "$work/tokens.rs" -Zunpretty=expanded
                ok "copy: the expanded source is native's" diff "$work/native.out" "$work/out"
            fi
        done
    done
}

# ---- faults ----------------------------------------------------------------------------------

fault() { # mode, what the error must say
    macro_crate shim mac "$out" "$1"
    printf 'mac::func!(a);\n\n    #[derive(mac::Derive)] struct S;\nfn main() {}\n' >"$work/fault.rs"
    compile "$work/fault.rs"
    code=$?
    ok "${T_WHAT:-$1}: the compiler ends normally" status 1
    ok "${T_WHAT:-$1}: one error for each call" errors 3 # and "aborting due to"
    ok "${T_WHAT:-$1}: names crate and macro" says 'the sandboxed macro `Derive` of testmac 1.2.3 failed'
    ok "${T_WHAT:-$1}: at the call's place" says 'fault.rs:3:14'
    ok "${T_WHAT:-$1}: says $2" says "$2"
    ok "${T_WHAT:-$1}: no panic" says_not 'panicked'
    ok "${T_WHAT:-$1}: nobody is left" gone
}

faults() {
    fault die 'its worker ended unexpectedly (exit status: 3)'
    fault kill 'its worker ended unexpectedly (signal: 9'
    fault deaf 'its worker ended unexpectedly (exit status: 3)'
    fault cut=4 'its worker sent garbage: bad message'
    fault word=0,0x20010 'its worker sent garbage: bad message: its version is another'
    fault word=0,0x10020 'is no reply'
    fault word=4,1 'its worker sent garbage'
    fault kind=9 'a message is of no known kind'
    fault kind=2 'its worker sent garbage'
    fault 'fail=it trapped: unreachable in `f`' 'it trapped: unreachable in `f`'
    fault 'unready=its artifact /x.wasm is not what it was made as' 'cargo clean -p testmac'
    fault magic 'no worker of Glovebox'
    fault build=0123456789 'its worker is of build 0123456789'
    T_WHAT='worker missing' T_WORKER=/nonexistent/glovebox-worker fault identity \
        'its worker could not be started: No such file or directory'
    T_WHAT='worker not executable' T_WORKER=/dev/null fault identity \
        'its worker could not be started: Permission denied'
    T_WHAT='shim of another build' T_BUILD=feedface fault identity 'feedface'
    T_WHAT='garbage cut short' fault cut=20 'its worker sent garbage'
}

limits() { # a worker that never answers is killed, some time after its own limit
    printf 'mac::func!(a);\nfn main() {}\n' >"$work/silent.rs"
    T_WORKER=$build/test/fake-worker T_BUILD=$id T_ARTIFACT=/nonexistent.wasm T_DIGEST=00 T_ARGUMENT=--fake=silent \
        $rustc --edition 2021 --crate-type proc-macro --crate-name mac --cfg short_limit \
        --extern glovebox_shim="$out/libglovebox_shim.rlib" --extern proc_macro --out-dir "$out" \
        <(sed 's/arguments: &\[/&"--time-limit=1", /' "$here/tests/worker/crates/shim.rs") || exit 1
    compile "$work/silent.rs"
    code=$?
    ok "silent: the compiler ends normally" status 1
    ok "silent: says so" says 'its worker did not answer in time and was killed'
    ok "silent: nobody is left" gone
}

# ---- the macro's own errors ---------------------------------------------------------------------

own_errors() {
    printf '#[derive(mac::Derive)] struct S;\n#[mac::attr] fn f() {}\nfn main() { mac::func!(); f() }\n' >"$work/own.rs"
    macro_crate shim mac "$out" 'panic=it is "so"'
    compile "$work/own.rs"
    code=$?
    ok "panic: status" status 1
    ok "panic: derive" says 'error: proc-macro derive panicked'
    ok "panic: attribute" says 'error: custom attribute panicked'
    ok "panic: function" says 'error: proc macro panicked'
    ok "panic: message" says '= help: message: it is "so"'
    macro_crate shim mac "$out" opaque
    compile "$work/own.rs"
    ok "opaque panic: derive" says 'error: proc-macro derive panicked'
    ok "opaque panic: no message" says_not 'help: message'
    macro_crate shim mac "$out" error
    compile "$work/own.rs"
    ok "compile_error: as it is" says 'error: its own'
    ok "compile_error: no remark" says_not 'sandbox'
    macro_crate shim mac "$out" 'refuse=read `/etc/passwd`'
    compile "$work/own.rs"
    ok "refusal: the macro's own words" says 'error: its own'
    ok "refusal: what was refused" says 'refused what the macro `func` of testmac 1.2.3 asked for: read `/etc/passwd`'
}

questions() {
    printf '#[mac::attr] fn main() { let _x = "y"; }\n' >"$work/ask.rs"
    for shim in "$out" "$out/unstable"; do
        for question in 32 33 34 35 36 37 38 39 40 41 44 45 46; do
            macro_crate shim mac "$shim" "ask=$question"
            compile "$work/ask.rs"
            code=$?
            [ $question = 44 ] || ok "question $question: compiles" status 0 # an item is no expression
            ok "question $question: answered" says 'answered by ANSWER'
        done
        macro_crate shim mac "$shim" "ask=47"
        compile "$work/ask.rs"
        ok "a question that is none" says 'there is no question 47'
    done
    macro_crate shim mac "$out" late
    printf 'mac::func!(fn a() {}); mac::func!(fn b() {}); mac::func!(fn main() {});' >"$work/late.rs"
    compile "$work/late.rs"
    ok "a worker that ended between expansions fails the second of three" errors 2
    ok "that one" says 'late.rs:1:24'
}

# ---- declarations renamed for the guest compiler ----------------------------------------------------

renaming() {
    local guest=$out/guest
    mkdir -p "$guest"
    RUSTC_BOOTSTRAP=1 $rustc --crate-name glovebox_shim --crate-type rlib -O -D warnings "${flags[@]}" --cfg glovebox_unstable \
        --cfg glovebox_guest --out-dir "$guest" "$here/shim/lib.rs" || exit 1
    macro_crate native __gbx
    for mode in texts identity; do
        macro_crate shim mac "$guest" $mode
        printf 'macro_rules! g { ($($t:tt)*) => { { const T: &str = stringify!($($t)*); println!("{T}") } } }
#[mac::attr] #[native::show] #[allow(dead_code)] #[__gbx::derive____(Name)] fn f() { g!(#[proc_macro] x) }
fn main() { f() }\n' >"$work/renaming.rs"
        compile "$work/renaming.rs" --extern __gbx="$out/lib__gbx.so"
        code=$?
        ok "renaming, $mode: compiles" status 0
        ok "renaming, $mode: the compiler's word goes out" says 'ident: "derive____"'
        [ $mode = texts ] || continue
        ok "renaming: the macro sees the source's word" says 'proc_macro_derive'
        ok "renaming: and not ours" says_not 'derive____Name'
        ok "renaming: wherever an attribute stands" says 'ident: "fun"'
        cp "$work/err" "$work/renaming.err"
    done
}

# ---- every word of a reply ------------------------------------------------------------------------

sweep() {
    macro_crate shim mac "$out" sweep
    for i in $(seq 0 899); do
        echo "mac::func!($i fn f$i<'a>(x: &'a [u8; 1]) -> u8 { r#\"raw\"#.len() as u8 + x[0] });"
    done >"$work/sweep.rs"
    echo 'fn main() {}' >>"$work/sweep.rs"
    compile "$work/sweep.rs"
    code=$?
    ok "sweep: the compiler ends normally" status 1
    ok "sweep: no panic" says_not 'panicked'
    ok "sweep: no internal error" says_not 'internal compiler error'
    ok "sweep: garbage is called so" says 'its worker sent garbage'
    ok "sweep: nobody is left" gone
    local refused
    refused=$(grep -c 'its worker sent garbage' "$work/err")
    ok "sweep: most changes are refused ($refused)" test "$refused" -ge 500
}

# ---- records and environments -----------------------------------------------------------------------

records() {
    rm -rf "$work/records"
    mkdir "$work/records"
    macro_crate shim mac "$out" copy
    printf '#[mac::attr]\npub fn name_of_it() { let _ = "q\\"\\n"; }\nfn main() {}\n' >"$work/record.rs"
    GLOVEBOX_EXPAND=$work/records compile "$work/record.rs"
    code=$?
    ok "records: compiles" status 0
    cp "$work/records"/*-testmac.jsonl "$work/err"
    ok "records: macro" says '{"macro":"attr","kind":"attribute","crate":"testmac","version":"1.2.3","file":"'
    ok "records: item" says '"item":"name_of_it"'
    ok "records: output" says 'let _ = \"q\\\"\\n\";'
    [ "$minor" -ge 88 ] && ok "records: place" says '"line":1,"column":1,'
}

# ---- workers that get ready early -------------------------------------------------------------------------

started() { test "$(wc -l <"$work/started")" = "$1"; }
early() { # what is expected, source, how many workers are started then
    : >"$work/started"
    printf '%s' "$2" >"$work/early.rs"
    GLOVEBOX_EXPECTED=$1 compile "$work/early.rs"
    code=$?
    ok "early: compiles, with '$1' expected: $2" status 0
    ok "early: $3 are started, with '$1' expected: $2" started "$3"
    ok "early: nobody is left" gone
}

expected() {
    local loaded='use mac::Derive as _; fn main() {}'
    printf '#!/bin/sh\necho >>%q\nexec %q "$@"\n' "$work/started" "$(realpath "$build/test/fake-worker")" >"$work/noting-worker"
    chmod +x "$work/noting-worker"
    T_WORKER=$work/noting-worker macro_crate shim mac "$out" identity
    early '' "$loaded" 0
    early '77 000 0' "$loaded" 0
    early '77 00' "$loaded" 1
    early '00' 'mac::func!(fn a() {}); mac::func!(fn main() {});' 1
    early '' 'mac::func!(fn a() {}); mac::func!(fn main() {});' 1
    T_WORKER=$work/nobody macro_crate shim mac
    : >"$work/started"
    early '00' "$loaded" 0
    printf 'mac::func!(a); fn main() {}' >"$work/early.rs"
    GLOVEBOX_EXPECTED=00 compile "$work/early.rs"
    ok "early: a worker that is not there is missed where it is wanted" says "early.rs:1:1"
}

for command in "$@"; do
    prepare "$command"
    for part in ${ONLY:-tokens faults own_errors questions renaming sweep records limits expected}; do $part; done
done
echo "shim: $passed passed, $failed failed"
[ "$failed" = 0 ]
