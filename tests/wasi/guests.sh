#!/bin/bash
# Programs compiled to WebAssembly and run by `glovebox run`: what they see, what they may do, how they end.
#   guests.sh GLOVEBOX AS_MACRO FOLDER     FOLDER is for what is built here
set -u
glovebox=$(realpath "$1") as_macro=$(realpath "$2") out=$3 here=$(realpath "$(dirname "$0")")/guests
mkdir -p "$out" && cd "$out" || exit 1
unset NO_COLOR CARGO_TERM_COLOR
passed=0 failed=0

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'failed: %s\n' "$1"; [ $# -lt 2 ] || printf '  %s\n' "${@:2}"; }

# expect NAME CODE 'REGEX of all of standard output' 'REGEX found in standard error' COMMAND…
expect() {
    local name=$1 code=$2 stdout=$3 stderr=$4 got
    shift 4
    timeout 60 "$@" >got.out 2>got.err
    got=$?
    [ $got = "$code" ] || { fail "$name: exit code $got, not $code" "$(tail -3 got.err)"; return; }
    [[ $(cat got.out) =~ ^$stdout$ ]] || { fail "$name: standard output" "$(cat got.out)"; return; }
    [[ $(cat got.err) =~ $stderr ]] || { fail "$name: standard error" "$(cat got.err)"; return; }
    pass
}

# ---- guests ----------------------------------------------------------------------------------------
for wat in "$here"/*.wat; do
    wat2wasm --debug-names "$wat" -o "$(basename "$wat" .wat).wasm" || { fail "wat2wasm $wat"; exit 1; }
done
for c in "$here"/*.c; do
    clang --target=wasm32-wasi --sysroot=/usr -isystem /usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi \
        -O1 -o "$(basename "$c" .c).wasm" "$c" || { fail "clang $c"; exit 1; }
done

# rustc for WASI: one with std for it, else what `glovebox toolchain` prepares.
guest_rustc() {
    if [ -e "$(rustc --print target-libdir --target wasm32-wasip1 2>/dev/null)" ]; then
        rustc --target wasm32-wasip1 "$@"
    else
        [ -e tag.o ] || printf '.globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n' |
            clang --target=wasm32-wasi -mexception-handling -c -x assembler -o tag.o -
        "$(tool rustc)" --target wasm32-wasip1 --sysroot "$(tool sysroot)" -C panic=unwind \
            -C llvm-args=-wasm-use-legacy-eh=false -C link-arg=tag.o \
            -L "$(tool wasi_libc)" -C link-self-contained=no -C linker="$(tool linker)" \
            -C linker-flavor=wasm-ld -C link-arg="$(tool wasi_libc)/crt1-command.o" \
            "$@"
    fi
}
tool() { # a field of what is known of the toolchain
    [ -e toolchain.txt ] || "$glovebox" toolchain prepare >toolchain.txt || exit 1
    sed -n 's/^\t"'"$1"'":\t"\(.*\)",\{0,1\}$/\1/p' "$(sed -n 's/^folder *//p' toolchain.txt)/toolchain.json"
}
for rs in "$here"/*.rs; do
    guest_rustc --edition 2021 -O -o "$(basename "$rs" .rs).wasm" "$rs" || { fail "rustc $rs"; exit 1; }
done

folder() { # a fresh one for each use
    rm -rf data secret && mkdir data && echo -n SECRET >secret && echo -n hello >data/hello.txt
    ln -s ../secret data/link-out && ln -s hello.txt data/link-in
}
n=$'\n'

# ---- how programs end --------------------------------------------------------------------------------
expect 'the exit code is the program'"'"'s' 7 '' '^$' "$glovebox" run exit.wasm
expect 'all 46 functions link and answer' 46 '' '' "$glovebox" run all.wasm
expect 'a trap is an error with a backtrace' 134 '' \
    'error: the program trapped: out of bounds memory access.*innermost.*middle' "$glovebox" run trap.wasm
expect 'a trap names the file' 134 '' '--> trap.wasm' "$glovebox" run trap.wasm
expect 'fuel ends a loop' 152 '' 'error: .*fuel.*= help: --fuel N' "$glovebox" run loop.wasm --fuel 100000
expect 'time ends a loop' 152 '' 'error: the time limit of 0.2 s is over' "$glovebox" run loop.wasm --time-limit 0.2
expect 'time ends a sleep' 152 '' 'time limit' "$glovebox" run sleep.wasm --allow-clock --time-limit 0.2
expect 'a sleep in fixed time is over at once' 0 '' '^$' "$glovebox" run sleep.wasm --time-limit 50
expect 'memory is limited' 32 '' '' "$glovebox" run grow.wasm --memory-limit 2M
expect 'a guest without memory gets an error' 21 '' '' "$glovebox" run no-memory.wasm
expect 'a library is no program' 126 '' 'exports no function `_start`' "$glovebox" run library.wasm
expect 'an unknown import is named' 126 '' 'env.*launch' "$glovebox" run unknown-import.wasm
expect 'names in a module cannot write on the terminal' 126 '' 'function e\?\[31m.x\?y' "$glovebox" run control.wasm
printf '\0asm\1\0\0\0\1' >cut.wasm
expect 'a cut file is an error' 126 '' 'error: .*--> cut.wasm' "$glovebox" run cut.wasm
expect 'a missing file is an error' 127 '' 'nowhere.wasm' "$glovebox" run nowhere.wasm
for engine in interpreter auto; do
    expect "the engine can be chosen: $engine" 7 '' '^$' "$glovebox" run exit.wasm --engine $engine
done
"$glovebox" run sleep.wasm --allow-clock --time-limit 30 2>got.err & job=$!
until grep -q poll "/proc/$job/wchan" 2>/dev/null || [ $((tries = ${tries:-0} + 1)) = 200 ]; do sleep 0.05; done
kill -INT $job
wait $job
code=$?
[ $code = 130 ] && pass || fail "Ctrl-C ends a sleeping program: exit code $code" "$(cat got.err)"

# ---- the command line -----------------------------------------------------------------------------------
expect 'no verb' 2 '' 'Examples:' "$glovebox"
expect 'help lists the verbs' 0 'Examples:.*run .*toolchain.*' '^$' "$glovebox" --help
expect 'the version' 0 'glovebox [0-9.]+' '^$' "$glovebox" --version
expect 'help of a verb begins with examples' 0 'Examples:.*Exit code.*' '^$' "$glovebox" run --help
expect 'help VERB' 0 'Examples:.*' '^$' "$glovebox" help run
expect 'a mistyped verb' 2 '' 'no verb `rum`.*did you mean `glovebox run`' "$glovebox" rum
expect 'a mistyped option' 2 '' 'no option `--feul`.*did you mean `--fuel`' "$glovebox" run exit.wasm --feul=9
expect 'an option of the program' 2 '' 'to give it to the program: `-- --verbose`' "$glovebox" run exit.wasm --verbose
expect 'a bad value' 2 '' '`lots` is not what.*--fuel 1000000' "$glovebox" run exit.wasm --fuel lots
expect 'a missing value' 2 '' '`--dir` needs a value' "$glovebox" run exit.wasm --dir
expect 'a needless value' 2 '' '`--stats` takes no value' "$glovebox" run exit.wasm --stats=x
expect 'no program' 2 '' 'no program was named' "$glovebox" run
expect 'a folder that is not there' 126 '' '--dir nowhere' "$glovebox" run exit.wasm --dir nowhere
expect 'no colours without a terminal' 134 '' '^error: ' "$glovebox" run trap.wasm

# ---- what programs see -------------------------------------------------------------------------------------
expect 'arguments, environment, streams' 4 \
    "arg one${n}arg --two${n}arg three${n}env A=1${n}env B=b=b${n}terminal 000" '^input$' \
    env B=b=b HIDDEN=1 "$glovebox" run args.wasm --env A=1 --env B --env UNSET_ANYWHERE -- one --two three <<<input
expect 'nothing is granted by itself' 1 'terminal 000' '^$' "$glovebox" run args.wasm </dev/null
expect 'statistics' 7 '' 'memory +65536 bytes' "$glovebox" run exit.wasm --stats
folder
expect 'a folder through libc' 0 "list . .. hello.txt link-in link-out
/data/hello.txt: hello
open /data/../secret: [A-Za-z ]+
open /data/link-out: Operation not permitted
/data/link-in: hello
open /elsewhere: [A-Za-z ]+
mkdir ok
/data/new/file: LINE 1

rename ok
stat ok
size 7
truncate ok
/data/moved: LINE
symlink ok
symlink to / Operation not permitted
link ok
readlink ok
moved
rmdir ok
unlink ok
list . .. hello.txt link-in link-out" '^$' "$glovebox" run files.wasm --dir data::/data
folder
expect 'a folder that is only read' 0 ".*/data/hello.txt: hello.*mkdir Permission denied.*symlink Permission denied.*" \
    '' "$glovebox" run files.wasm --dir data::/data:ro
[ "$(ls data)" = "hello.txt${n}link-in${n}link-out" ] && pass || fail 'a folder that is only read has changed'
folder
std='args \["x"\]
vars \[\("K", "v"\)\]
read Ok\("hello"\)
missing Err\(NotFound\)
write Ok\(\(\)\)
append "and more" of 13
names \["hello.txt", "link-in", "link-out"\]
slept true
'
expect "Rust's std" 0 "${std}time 1577836800.[0-9]+s${n}hash [0-9a-f]+" '^$' \
    "$glovebox" run std.wasm --dir data::/data --env K=v -- x
cp got.out first.out
expect "Rust's std, again" 0 '.*' '^$' "$glovebox" run std.wasm --dir data::/data --env K=v -- x
cmp -s first.out got.out && pass || fail 'two runs differ' "$(diff first.out got.out)"
expect "Rust's std with the real clock and random bytes" 0 "${std}time 1[7-9][0-9]+.[0-9]+s${n}hash [0-9a-f]+" '^$' \
    "$glovebox" run std.wasm --dir data::/data --env K=v --allow-clock --allow-random -- x
[ "$(grep hash got.out)" != "$(grep hash first.out)" ] && pass || fail 'random bytes are not random'

# ---- what macros see: the host's own names ------------------------------------------------------------------
rm -rf ws && mkdir -p ws/.cargo ws/member/src ws/member/.git ws/other ws/target/out && cd ws || exit 1
echo -n secret >.cargo/config.toml && echo -n toml >Cargo.toml && echo -n other >other/file
echo -n data >member/src/data.txt && echo -n hush >member/.env && echo -n generated >target/out/gen.rs
ln -s ../../other/file member/src/out && ln -s "$PWD/member/src/data.txt" member/absolute
ws=$(pwd -P)
macro_files() { # BROKER, then paths
    env CARGO_MANIFEST_DIR="$ws/member" OUT_DIR="$ws/target/out" CARGO_REGISTRY_TOKEN=hush \
        "$as_macro" $1 ../macro_files.wasm "${@:2}"
}
for broker in '' --broker; do
    macro_files "$broker" "$ws/member/src/data.txt" member/src/data.txt ./member/src/../src/data.txt \
        member/absolute "$ws/target/out/gen.rs" target/out/gen.rs member/src/none.txt >got.out 2>&1
    [ "$(cat got.out)" = "$ws/member/src/data.txt: data
member/src/data.txt: data
./member/src/../src/data.txt: data
member/absolute: data
$ws/target/out/gen.rs: generated
target/out/gen.rs: generated
member/src/none.txt: NotFound
refused: " ] && pass || fail "granted paths $broker" "$(cat got.out)"
    macro_files "$broker" "$ws/Cargo.toml" Cargo.toml ../ws/Cargo.toml >got.out 2>&1
    [ "$(cat got.out)" = "$ws/Cargo.toml: toml
Cargo.toml: toml
../ws/Cargo.toml: toml
refused: " ] && pass || fail "the workspace's manifest $broker" "$(cat got.out)"
    macro_files "$broker" Cargo.lock other/Cargo.toml other/file member/src/out /etc/passwd ../ws/.cargo/config.toml \
        member/.env "$ws/member/.git/config" >got.out 2>&1
    [ "$(cat got.out)" = "Cargo.lock: PermissionDenied
other/Cargo.toml: PermissionDenied
other/file: PermissionDenied
member/src/out: PermissionDenied
/etc/passwd: PermissionDenied
../ws/.cargo/config.toml: PermissionDenied
member/.env: NotFound
$ws/member/.git/config: NotFound
refused: read \`$ws/Cargo.lock\`, read \`$ws/other/Cargo.toml\`, read \`$ws/other/file\` (2 times), read \`/etc/passwd\`, \
read \`$ws/.cargo/config.toml\`, read \`$ws/member/.env\`, read \`$ws/member/.git/config\`" ] && pass || fail "other paths $broker" "$(cat got.out)"
done
cd member || exit 1 # a package that is its own workspace: the compiler runs in it
env CARGO_MANIFEST_DIR="$ws/member" "$as_macro" ../../macro_files.wasm src/data.txt ./src/data.txt ../Cargo.toml \
    "$ws/member/src/data.txt" .env >got.out 2>&1
[ "$(cat got.out)" = "src/data.txt: data
./src/data.txt: data
../Cargo.toml: PermissionDenied
$ws/member/src/data.txt: data
.env: NotFound
refused: read \`$ws/Cargo.toml\`, read \`$ws/member/.env\`" ] && pass || fail 'paths in the package' "$(cat got.out)"
expect 'a macro sees what Cargo sets' 1 "env CARGO_PKG_NAME=p${n}terminal 000${n}refused: " '^$' \
    env -i CARGO_PKG_NAME=p CARGO_REGISTRY_TOKEN=hush HOME=/home/me "$as_macro" ../../args.wasm

printf 'wasi-guests: %d passed, %d failed\n' $passed $failed
[ $failed = 0 ]
