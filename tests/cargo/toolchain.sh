#!/bin/bash
# Finding and preparing the guest toolchain, with compilers that only pretend. usage: toolchain.sh GLOVEBOX
set -u
glovebox=$(realpath "$1")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/glovebox-toolchain-XXXXXX")
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "FAILED $1"
    [ $# -lt 2 ] || head -c 2000 "$2"
}
says() { if grep -qF -- "$3" "$2"; then ok; else bad "$1: not said: $3" "$2"; fi; }
run() { timeout 60 "$glovebox" toolchain "$@" >out 2>&1; }

# compiler NAME MINOR [std] [src]: a sysroot with a compiler that answers and makes empty files
compiler() {
    local root=$tmp/$1 lib=$tmp/$1/lib/rustlib minor=$2 host=x86_64-unknown-linux-gnu
    shift 2
    mkdir -p "$root/bin" "$lib/$host/bin" "$lib/wasm32-wasip1/lib/self-contained"
    cat >"$root/bin/rustc" <<SH
#!/bin/bash
case \$1 in
-vV) printf 'rustc 1.$minor.0 (pretended)\nbinary: rustc\nhost: $host\nrelease: 1.$minor.0\nLLVM version: 22.1.0\n' ;;
--print) echo '$root' ;;
*)
    [ ! -e '$root/slow' ] || sleep 1
    [ ! -e '$root/broken' ] || { echo 'error: pretended' >&2; exit 1; }
    echo "\$*" >>'$root/calls'
    for arg; do case \$arg in --out-dir=*) dir=\${arg#--out-dir=} ;; esac; done
    case "\$*" in
    *'--crate-name __gbx'*) : >"\$dir/lib__gbx-glovebox.so" ;;
    *'--crate-name '*) all="\$*" && name=\${all#*--crate-name } && : >"\$dir/lib\${name%% *}-glovebox.rlib" ;;
    esac ;;
esac
SH
    cat >"$root/bin/cargo" <<SH
#!/bin/bash
echo "cargo \$* RUSTFLAGS=\$RUSTFLAGS BOOTSTRAP=\$RUSTC_BOOTSTRAP WRAPPER=\${RUSTC_WRAPPER-} \$PWD" >>'$root/calls'
for arg; do case \$arg in --target-dir=*) dir=\${arg#--target-dir=}/wasm32-wasip1/release/deps ;; esac; done
mkdir -p "\$dir" && : >"\$dir/libstd-1.rlib" && : >"\$dir/libcore-2.rlib" && : >"\$dir/libsysroot-3.rlib"
SH
    printf '#!/bin/sh\necho "LLD 22"\n' >"$lib/$host/bin/rust-lld"
    chmod +x "$root/bin/rustc" "$root/bin/cargo" "$lib/$host/bin/rust-lld"
    : >"$lib/wasm32-wasip1/lib/self-contained/crt1-reactor.o"
    echo libc >"$lib/wasm32-wasip1/lib/self-contained/libc.a"
    for part; do
        case $part in
        std) : >"$lib/wasm32-wasip1/lib/libstd-0.rlib" ;;
        src) mkdir -p "$lib/src/rust/library/std" "$lib/src/rust/library/vendor" && : >"$lib/src/rust/library/std/Cargo.toml" ;;
        esac
    done
}

mkdir -p "$tmp/share"
export GLOVEBOX_SHARE=$tmp/share GLOVEBOX_HOME=$tmp/home RUSTC_WRAPPER=/nonexistent
unset GLOVEBOX_GUEST_TOOLCHAIN
for part in guest/proc_macro guest/std guest/libc guest/wasi guest/attr wire shim; do mkdir -p "$tmp/share/$part" && echo "// $part" >"$tmp/share/$part/lib.rs"; done
compiler whole 96 std src
compiler ready 96 std
compiler old 80 std src
compiler bare 96
cd "$tmp" || exit 1
id_of() { sed -n 's|^folder .*/||p' out; }

# ---- finding ---------------------------------------------------------------------------------------
run --toolchain "$tmp/whole" && ok || bad 'a folder names a toolchain' out
says 'it unwinds' out 'panics unwind'
says 'it is said to be unprepared' out 'not prepared: run `glovebox toolchain prepare`'
run --toolchain "$tmp/whole/bin/rustc" && ok || bad 'a compiler names a toolchain' out
whole=$(id_of)
run --toolchain "$tmp/ready" && ok || bad 'a std that aborts serves' out
says 'it is said to abort' out 'panics abort'
GLOVEBOX_GUEST_TOOLCHAIN=$tmp/whole run && [ "$(id_of)" = "$whole" ] && ok || bad 'the variable names one' out
PATH=$tmp/whole/bin:$PATH run && ok
says 'the active toolchain is used where it unwinds' out '(active toolchain)'
run --toolchain "$tmp/nowhere" && bad 'a toolchain that is not there'
says 'a toolchain that is not there' out "has no compiler at $tmp/nowhere"
run --toolchain "$tmp/old" && bad 'an old toolchain'
says 'an old toolchain' out 'is older than 1.87'
run --toolchain "$tmp/bare" && bad 'a toolchain without std'
says 'a toolchain without std' out 'has no std for wasm32-wasip1, and to build it there is no rust-src'
says 'and what to do' out 'Run `rustup target add wasm32-wasip1 --toolchain '

# ---- preparing -------------------------------------------------------------------------------------
touch whole/slow
(run prepare --toolchain "$tmp/whole" && cp out out1) &
timeout 60 "$glovebox" toolchain prepare --toolchain "$tmp/whole" >out2 2>&1 && ok || bad 'preparing' out2
wait
rm whole/slow
cat out1 >>out2
says 'progress is shown' out2 'took'
says 'it is ready' out2 'state      ready'
[ "$(grep -c '^cargo' whole/calls)" = 1 ] && [ "$(grep -vc '^cargo' whole/calls)" = 5 ] && ok ||
    bad 'two preparers do the work once' whole/calls
says 'std is built with unwinding' whole/calls 'RUSTFLAGS=-Cpanic=unwind -Cllvm-args=-wasm-use-legacy-eh=false'
says 'from sources at hand' whole/calls '--offline'
says 'for this step alone unstable, without the user'\''s wrapper' whole/calls 'BOOTSTRAP=1 WRAPPER= /'
[ -f "$(echo home/sysroot/*/lib/rustlib/wasm32-wasip1/lib)/libcore-2.rlib" ] &&
    [ ! -e "$(echo home/sysroot/*/lib/rustlib/wasm32-wasip1/lib)/libsysroot-3.rlib" ] && ok || bad 'the sysroot holds std'
[ -z "$(ls -A home/toolchain home/sysroot | grep '^\.[^.]')" ] && ok || bad 'nothing half made is left'
: >whole/calls
run prepare --toolchain "$tmp/whole" && [ ! -s whole/calls ] && ok || bad 'prepared once is prepared' whole/calls

echo '// changed' >share/guest/std/lib.rs
run prepare --toolchain "$tmp/whole" && [ "$(id_of)" != "$whole" ] && ok || bad 'other sources are another toolchain' out
[ "$(grep -c '^cargo' whole/calls)" = 0 ] && ok || bad 'but not another std' whole/calls
cp -r whole moved
sed -i "s|$tmp/whole|$tmp/moved|g" moved/bin/*
second=$(id_of)
run prepare --toolchain "$tmp/moved" && [ "$(id_of)" = "$second" ] && ok || bad 'where it lies makes no difference' out

touch ready/broken
run prepare --toolchain "$tmp/ready" && bad 'a compiler that fails'
says 'a compiler that fails is quoted' out 'error: pretended'
rm ready/broken
run prepare --toolchain "$tmp/ready" && ok || bad 'and can be prepared afterwards' out

# ---- a home that cannot be written -------------------------------------------------------------------
mkdir sealed
chmod a-w sealed
if ! touch sealed/x 2>/dev/null; then
    GLOVEBOX_HOME=$tmp/sealed/home TMPDIR=$tmp run prepare --toolchain "$tmp/ready" && ok || bad 'another home is taken' out
    says 'and said' out 'cannot be written: Glovebox keeps its files in'
elif command -v setpriv >/dev/null; then # root writes anywhere: as somebody else, then
    chmod -R a+rX "$tmp"
    chmod a+rwx "$tmp" ready
    (export GLOVEBOX_HOME=$tmp/sealed/home TMPDIR=$tmp
    setpriv --reuid 65534 --regid 65534 --clear-groups timeout 60 "$glovebox" toolchain prepare --toolchain "$tmp/ready" >out3 2>&1)
    says 'another home is taken, and said' out3 'cannot be written: Glovebox keeps its files in'
fi

echo "toolchain: $passed passed, $failed failed"
[ $failed = 0 ]
