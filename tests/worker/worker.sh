#!/bin/bash
# The worker's promises, with the engine in it and a real compiler before it: `worker.sh BUILD RUSTC [WALL]`.
# The macros are tests/worker/guests/macros.c; WALL is the worker's --kernel-wall.
set -u
here=$(dirname "$0")/../..
build=$1
rustc=$2
wall=${3:-off}
worker=$PWD/$build/bin/glovebox-worker
wasm=$PWD/$build/test/macros.wasm
[ "${build#/}" != "$build" ] && worker=$build/bin/glovebox-worker wasm=$build/test/macros.wasm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
id=$("$worker" --build)
minor=$($rustc --version | cut -d. -f2)
flags=(--edition 2021)
[ "$minor" -ge 88 ] && flags+=(--cfg rust_1_88)
[ "$minor" -ge 94 ] && flags+=(--cfg rust_1_94)

ok() { # what, then a command that must succeed
    local what=$1
    shift
    if "$@" >"$work/ok.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED ($wall): $what"
        head -20 "$work/ok.log" | sed 's/^/    /'
        grep -A8 '^error' "$work/err" | head -20 | sed 's/^/  | /'
    fi
}

$rustc --crate-name glovebox_shim --crate-type rlib -O "${flags[@]}" --out-dir "$work" "$here/shim/lib.rs" || exit 1

digest_of() { b2sum -l 256 "$1" | cut -d' ' -f1; }

shim() { # of this artifact (and digest); T_TIME, T_MEMORY
    T_WORKER=${T_WORKER:-$worker} T_BUILD=$id T_ARTIFACT=$1 T_DIGEST=${2:-$(digest_of "$1")} T_TIME=${T_TIME:-20000} \
        T_MEMORY=${T_MEMORY:-268435456} T_WALL=$wall $rustc --edition 2021 --crate-type proc-macro --crate-name mac \
        --extern glovebox_shim="$work/libglovebox_shim.rlib" --extern proc_macro --out-dir "$work" \
        "$here/tests/worker/crates/guests.rs" || exit 1
}

compile() { # a program's text; what it prints is in $work/printed
    printf '%s\n' "$1" >"$work/user.rs"
    shift
    (cd "$work" && timeout 120 $rustc --edition 2021 --crate-name user --extern mac=libmac.so "$@" user.rs) >"$work/out" 2>"$work/err"
    code=$?
    [ $code = 0 ] && "$work/user" >"$work/printed"
    return $code
}

says() { grep -qF -- "$1" "$work/err"; }
says_not() { ! grep -qF -- "$1" "$work/err"; }
errors() { [ "$(grep -c '^error' "$work/err")" = "$1" ]; }
status() { [ "$code" = "$1" ]; }
printed() { [ "$(cat "$work/printed")" = "$1" ]; }
gone() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ps -eo stat,args | grep -F -- "--artifact=$wasm" | grep -qv 'grep\|^Z' || return 0
        sleep 0.1
    done
    return 1
}

# ---- what works ------------------------------------------------------------------------------------

shim "$wasm"
compile '#[mac::attr(x)] fn item() -> u8 { 7 }
fn main() { println!("{} {}", mac::func!(1 + 2), item()) }'
ok "attribute and function: compiles" status 0
ok "attribute and function: what went in came out" printed '3 7'
ok "nobody is left" gone
compile 'fn main() { println!("{} {} {}", mac::count!(), mac::count!(), mac::count!()) }'
ok "state is kept between expansions, _initialize was run" printed '101 102 103'
compile 'fn main() { println!("{}", mac::shown!( 1+2 /* c */ *3 )) }'
ok "a question is answered by the compiler" printed '1+2 *3'
CARGO_PKG_NAME=its-name CARGO_MANIFEST_DIR=$work compile 'fn main() { println!("{}", mac::package!()) }'
ok "Cargo's variables are there" printed 'its-name'
compile 'fn main() { println!("{}", mac::prints!(1)) }'
ok "what a macro prints is seen" says 'printed by the macro'

# A macro that has others expanded: by the same worker's macros, on whatever thread the compiler likes.
mv "$work/libglovebox_shim.rlib" "$work/stable.rlib"
export RUSTC_BOOTSTRAP=1
$rustc --crate-name glovebox_shim --crate-type rlib -O "${flags[@]}" --cfg glovebox_unstable --out-dir "$work" "$here/shim/lib.rs" || exit 1
shim "$wasm"
compile 'fn main() { println!("{} {} {}", mac::count!(), mac::expanded!(mac::expanded!(mac::count!())), mac::count!()) }'
ok "a macro expands another of its own crate" status 0
ok "in an instance of its own" printed '101 101 102'
compile 'fn main() { println!("{}", mac::steals!()) }'
ok "a macro that would have the compiler read for it: compiles, the compiler was not asked" status 0
ok "and it was told that nothing can be expanded" printed 'not read'
ok "nobody is left" gone
unset RUSTC_BOOTSTRAP
mv "$work/stable.rlib" "$work/libglovebox_shim.rlib"
shim "$wasm"

# ---- what a macro does wrong -----------------------------------------------------------------------

compile 'fn main() { mac::panics!() }'
ok "a panic is the compiler's own error" says 'error: proc macro panicked'
ok "with its message" says 'message: oh no'
T_SECRET=hush compile 'fn main() { mac::secret!() }'
ok "a secret variable is refused" says 'not set'
ok "and the error says what was refused" says 'refused what the macro `secret` of testmac 1.2.3 asked for: env `T_SECRET`'

wrong() { # macro, words of the error
    compile "const A: () = mac::$1!();
const B: &str = mac::count!();
fn main() { println!(\"{}\", B) }"
    ok "$1: the compiler ends normally" status 1
    ok "$1: one error" errors 2
    ok "$1: names crate and macro" says "the sandboxed macro \`$1\` of testmac 1.2.3 failed: "
    ok "$1: at the call" says 'user.rs:1:15'
    ok "$1: says $2" says "$2"
    ok "$1: nobody is left" gone
}
wrong recurse 'it recursed too deeply: '
wrong garbage 'its answer is garbage: message DONE: word 1: the stream is longer than the body'
wrong trap 'it trapped: unreachable'
wrong trap 'trap'
wrong silent 'it returned without a reply'
wrong leave 'it ended the process with exit code 7'
wrong twice 'it replies where no reply is due'
wrong outside 'its message is not within its memory'
wrong forged 'there is no such origin'
wrong missing 'it has no entry `no_such_entry`'
wrong hog 'it ran out of memory (limit: 256 MiB)'
T_TIME=400 shim "$wasm"
wrong spin 'it took longer than its limit of 0.400 s'
compile 'const A: () = mac::spin!(); const B: &str = mac::count!(); const C: &str = 1; fn main() {}'
ok "after a trap the next expansion has a fresh instance and works" errors 3

# ---- what happens to the worker ----------------------------------------------------------------------

T_TIME=20000 shim "$wasm"
printf 'const A: () = mac::spin!(); fn main() {}' >"$work/user.rs"
(cd "$work" && exec timeout 60 $rustc --edition 2021 --crate-name user --extern mac=libmac.so user.rs) >"$work/out" 2>"$work/err" &
compiler=$!
for _ in $(seq 100); do
    victim=$(ps -eo pid,args | awk -v w="--artifact=$wasm" 'index($0, w) && !/awk/ { print $1; exit }')
    [ -n "$victim" ] && sleep 0.3 && break
    sleep 0.1
done
kill -9 "$victim"
wait $compiler
code=$?
ok "killed in mid-expansion: the compiler ends normally" status 1
ok "killed in mid-expansion: says so" says 'its worker ended unexpectedly (signal: 9'
ok "killed in mid-expansion: nobody is left" gone

(cd "$work" && exec $rustc --edition 2021 --crate-name user --extern mac=libmac.so user.rs) >"$work/out" 2>"$work/err" &
compiler=$!
for _ in $(seq 100); do
    ps -eo args | grep -F -- "--artifact=$wasm" | grep -qv grep && sleep 0.3 && break
    sleep 0.1
done
kill -9 $(ps -o pid= --ppid $compiler 2>/dev/null | head -0) $compiler
wait $compiler 2>/dev/null
ok "the compiler is killed: its worker ends" gone

# ---- artifacts that are not what they should be --------------------------------------------------------

broken() { # what, artifact, digest, words
    shim "$2" "$3"
    compile 'fn main() { mac::func!() }'
    ok "$1: the compiler ends normally" status 1
    ok "$1: says $4" says "$4"
    ok "$1: says what to do" says 'cargo clean -p testmac'
}
digest=$(digest_of "$wasm")
head -c 500 "$wasm" >"$work/short.wasm"
broken "truncated artifact" "$work/short.wasm" "$digest" 'is not what it was made as'
broken "truncated artifact, digest adjusted" "$work/short.wasm" "$(digest_of "$work/short.wasm")" 'cannot be loaded: '
broken "missing artifact" "$work/none.wasm" "$digest" 'its artifact cannot be read'
printf '\0asm\1\0\0\0' >"$work/empty.wasm"
broken "no macros in it" "$work/empty.wasm" "$(digest_of "$work/empty.wasm")" 'it declares no macros'
printf '\0asm\1\0\0\0\0\23\17glovebox.macrosxyz' >"$work/records.wasm"
broken "garbled records" "$work/records.wasm" "$(digest_of "$work/records.wasm")" 'section glovebox.macros'

# Once its machine code is kept, an artifact is not read at every start; one that was changed is all the same, also in place
# with its time set back.
export GLOVEBOX_HOME=$work/home
kept() {
    for _ in $(seq 200); do
        ls "$work/home/code" 2>/dev/null | grep -q '\.code$' && return 0
        sleep 0.1
    done
    return 1
}
cp "$wasm" "$work/kept.wasm"
sleep 0.1 # for its change to lie in the past
shim "$work/kept.wasm"
compile 'fn main() { println!("{}", mac::func!(1 + 2)) }'
ok "its machine code is kept" kept
compile 'fn main() { println!("{}", mac::func!(1 + 2)) }'
ok "and used" printed '3'
size=$(stat -c %s "$work/kept.wasm")
printf x | dd of="$work/kept.wasm" bs=1 seek=$((size - 1)) conv=notrunc 2>/dev/null
touch -r "$wasm" "$work/kept.wasm"
broken "artifact changed after its code was kept" "$work/kept.wasm" "$digest" 'is not what it was made as'
unset GLOVEBOX_HOME

# ---- statistics ------------------------------------------------------------------------------------------

shim "$wasm"
mkdir "$work/session"
T_SECRET=hush GLOVEBOX_SESSION=$work/session compile 'const A: &str = mac::count!(a b (c));
const B: &str = mac::count!(); const C: () = mac::trap!(); const D: () = mac::risky!();
fn main() { mac::secret!(); mac::panics!() }'
ok "statistics: of each macro" diff - <("$build"/test/read-stats "$work/session") <<'END'
testmac 1.2.3
  trap: expansions 1, tokens 0 -> 0, failures 1, refusals 0
  count: expansions 2, tokens 4 -> 2, failures 0, refusals 0
  panics: expansions 1, tokens 0 -> 0, failures 1, refusals 0
  secret: expansions 1, tokens 0 -> 0, failures 1, refusals 1
  risky: expansions 1, tokens 0 -> 2, failures 0, refusals 0
  risky: unsafe at user.rs:2:74 (1)
  asked env T_SECRET: refused (1) secret
END

echo "worker (wall $wall): $passed passed, $failed failed"
[ "$failed" = 0 ]
