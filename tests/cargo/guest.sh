#!/bin/bash
# Host units made into guests, one at a time: what is made, where it says it comes from, what is said
# when it cannot be made. usage: guest.sh BUILD [RUSTC]
set -u
build=$(cd "$1" && pwd)
rustc=$(type -P "${2:-rustc}")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/glovebox-guest-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "FAILED $1"
    [ $# -lt 2 ] || head -c 3000 "$2"
}
same() { if cmp -s "$2" "$3"; then ok; else bad "$1"; diff "$2" "$3" | head -c 3000; fi }
says() { if grep -qF -- "$3" "$2"; then ok; else bad "$1: not said: $3" "$2"; fi; }
silent() { if grep -qF -- "$3" "$2"; then bad "$1: said: $3" "$2"; else ok; fi; }

json=(--error-format=json --json=diagnostic-rendered-ansi,artifacts,future-incompat)
# unit DIR NAME ARGS…: in the sandbox, in the current folder; native: by the compiler alone
unit() {
    local dir=$1 name=$2
    shift 2
    mkdir -p "$tmp/box"
    CARGO_PKG_NAME=$name CARGO_PKG_VERSION=1.0.0 CARGO_MANIFEST_DIR=$dir timeout 300 \
        "$build/test/guest-unit" "$tmp/work/$name" "$tmp/$name.wasm" "$build/bin/glovebox-worker" \
        "$rustc" --crate-name "$name" "$@" --out-dir "$tmp/box" -C metadata=m -C extra-filename=-1
}
native() {
    local dir=$1 name=$2
    shift 2
    mkdir -p "$tmp/native"
    CARGO_PKG_NAME=$name CARGO_PKG_VERSION=1.0.0 CARGO_MANIFEST_DIR=$dir timeout 300 \
        "$rustc" --crate-name "$name" "$@" --out-dir "$tmp/native" -C metadata=m -C extra-filename=-1 \
        -C prefer-dynamic
}

# ---- where macros are defined --------------------------------------------------------------------
mkdir -p "$tmp/ws/m/src"
printf '%s\r\n' '#!/usr/bin/env nothing' '//! Documentation – with a dash' '#![deny(missing_docs)]' '' \
    'mod inner; /* a comment */ use proc_macro::TokenStream as T;' '' \
    '/** A derive: "quoted" \ and' '    over two lines */' '#[deprecated(note = "old")]' \
    '#[proc_macro_derive(' '    Broken,' '    attributes(help, r#type),' ')]' \
    '#[doc = include_str!("note.txt")]' 'pub fn broken(' '    _input: T,' ') -> ' '    T' '{' \
    '    inner::say()' '}' '' '/// é' \
    '#[proc_macro] #[allow(unused)] pub fn wrong(i: T) -> proc_macro::TokenStream { inner::say() }' \
    '' 'macro_rules! declare { ($n:ident) => {' \
    '    /// made' '    #[cfg_attr(all(), proc_macro_attribute)] pub fn $n(_a: T, i: T) -> T { panic!("no") }' \
    '} }' 'declare!(panics);' >"$tmp/ws/m/src/lib.rs"
printf 'A note.\n' >"$tmp/ws/m/src/note.txt"
cat >"$tmp/ws/m/src/inner.rs" <<'RS'
pub(crate) fn say() -> proc_macro::TokenStream { "compile_error!(\"said\");".parse().unwrap() }
RS
cat >"$tmp/ws/use.rs" <<'RS'
#[derive(m::Broken)]
#[help] pub struct A;
mod b { m::wrong!(1 + 1); }
#[m::panics] fn c() {}
#[derive(m::Brokem)] struct D;
RS
cd "$tmp/ws" || exit 1
args=(--edition=2021 m/src/lib.rs "${json[@]}" --crate-type proc-macro --emit=dep-info,link --extern proc_macro --check-cfg 'cfg()')
unit "$tmp/ws/m" m "${args[@]}" >box.out 2>box.err && ok || bad 'a macro crate compiles' box.err
native "$tmp/ws/m" m "${args[@]}" 2>native.err || bad 'natively too' native.err
for side in native box; do
    "$rustc" --edition=2021 --crate-type lib --crate-name use use.rs --extern m="$tmp/$side/libm-1.so" \
        --error-format=json -o "$tmp/use.rlib" 2>"$side.json"
done
says 'the macro runs' native.json '"message":"said"'
says 'a panic is reported' native.json 'custom attribute panicked'
same 'every diagnostic, with the place where each macro is defined' native.json box.json
"$rustc" --version | grep -q nightly || {
    "$rustc" --edition=2021 --crate-type lib --crate-name use use.rs --extern m="$tmp/box/libm-1.so" \
        --error-format=json -o "$tmp/use.rlib" 2>&1 | grep -q '"label":"in this derive macro expansion"\|def_site_span' && ok ||
        bad 'there are definition sites to compare' box.json
}
sed 's|/box/|/native/|' "$tmp/box/m-1.d" | sort >box.d
sort "$tmp/native/m-1.d" >native.d
same 'dep-info is as natively' native.d box.d
# An older compiler says less of how it was called; what matters is what Cargo reads.
grep -o '"artifact":"[^"]*","emit":"[^"]*"' native.err >native.art
grep -o '"artifact":"[^"]*","emit":"[^"]*"' box.err | sed 's|/box/|/native/|' >box.art
same 'artifact notifications are as natively' native.art box.art
grep -aq 'package=m$' "$tmp/m.wasm" && grep -aq '^version=1.0.0$' "$tmp/m.wasm" && ok ||
    bad 'the artifact says where it comes from'

# ---- the same bytes from anywhere ----------------------------------------------------------------
for dir in "$tmp/a" "$tmp/another place/further down"; do
    mkdir -p "$dir"
    cp -r "$tmp/ws/m" "$dir/"
    mkdir -p "$dir/lib"
    echo 'pub fn f<T: std::fmt::Debug>(t: T) -> String { assert!(line!() > 0, "{}", file!()); format!("{t:?}").repeat(2) }' >"$dir/lib/lib.rs"
    echo 'pub(crate) fn say() -> proc_macro::TokenStream { dep::f(file!()).parse::<proc_macro::TokenStream>().unwrap() }' >"$dir/m/src/inner.rs"
    cd "$dir" || exit 1
    rm -rf "$tmp/work"
    unit "$dir/lib" dep --edition=2021 lib/lib.rs --crate-type lib --emit=metadata,link >err 2>&1 &&
        unit "$dir/m" m --edition=2021 "$dir/m/src/lib.rs" --crate-type proc-macro --emit=link \
            --extern dep="$tmp/box/libdep-1.rlib" -L dependency="$tmp/box" >err 2>&1 || bad 'compiles anywhere' err
    cp "$tmp/m.wasm" "$dir/m.wasm"
    cp "$tmp/box/libdep-1.rlib" "$dir/dep.rlib"
done
same 'a library is the same bytes from any folder' "$tmp/a/dep.rlib" "$dir/dep.rlib"
same 'an artifact is the same bytes from any folder' "$tmp/a/m.wasm" "$dir/m.wasm"
silent 'nothing in it says where' <(strings "$tmp/a/m.wasm" "$tmp/a/dep.rlib") "$tmp"

# ---- errors in a macro crate ---------------------------------------------------------------------
cd "$tmp/ws" || exit 1
printf '#[proc_macro]\npub fn f(i: proc_macro::TokenStream) -> proc_macro::TokenStream { missing }\n' >m/src/lib.rs
unit "$tmp/ws/m" m "${args[@]}" 2>box.err && bad 'a broken macro crate is refused'
says 'the file is named as natively' box.err '"file_name":"m/src/lib.rs"'
says 'and what is shown' box.err 'm/src/lib.rs:2:'
silent 'no name of ours is shown' box.err '/glovebox/'
says 'the text is the author'\''s' box.err 'pub fn f(i: proc_macro::TokenStream)'

cat >m/src/lib.rs <<'RS'
extern "C" { fn deflate(x: *const u8) -> i32; }
#[proc_macro] pub fn f(i: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let text = i.to_string();
    if unsafe { deflate(text.as_ptr()) } == 0 { i } else { text.parse().unwrap() }
}
RS
unit "$tmp/ws/m" m "${args[@]}" 2>box.err && bad 'native functions are refused'
says 'native functions are named' box.err 'macro crate `m v1.0.0` cannot be compiled to WebAssembly: it calls native functions: `deflate`'
sed -i '1s/^/#[link(name = "z")] /' m/src/lib.rs
unit "$tmp/ws/m" m "${args[@]}" 2>box.err && bad 'native libraries are refused'
says 'native libraries are named' box.err 'it links the native library `z`'

# ---- records that are not what they seem ------------------------------------------------------------
cat >m/src/lib.rs <<'RS'
#[link_section = "glovebox.macros"] #[used]
static EVIL: [u8; 87] = *b"function\tx(i: u8) {} pub fn evil\t\te\tf\t/glovebox/src/m-1.0.0/src/lib.rs\t1\t1\t#[doc = \"\"]\n";
RS
unit "$tmp/ws/m" m "${args[@]}" 2>box.err && bad 'forged names are refused'
says 'forged names are refused' box.err 'is no identifier'
cat >m/src/lib.rs <<'RS'
#[link_section = "glovebox.macros"] #[used]
static EVIL: [u8; 83] = *b"function\tx\t\te\tf\t/glovebox/src/m-1.0.0/src/lib.rs\t1\t1\t#[doc = \"\"] fn evil() {} #[x]\n";
RS
unit "$tmp/ws/m" m "${args[@]}" 2>box.err && bad 'forged attributes are refused'
says 'forged attributes are refused' box.err 'an attribute that is none'

# ---- old editions, generated sources, check units -------------------------------------------------
mkdir -p "$tmp/ws/old/src" "$tmp/out"
echo 'extern crate proc_macro; #[macro_use] mod m; include!(concat!(env!("OUT_DIR"), "/gen.rs"));' >old/src/lib.rs
echo 'macro_rules! unused_here { () => {} }' >old/src/m.rs
echo '#[proc_macro_derive(Old)] pub fn old(_: proc_macro::TokenStream) -> proc_macro::TokenStream { unused_here!(); "impl Old { fn dyn(&self) {} }".parse().unwrap() }' >"$tmp/out/gen.rs"
OUT_DIR="$tmp/out" unit "$tmp/ws/old" old old/src/lib.rs --crate-type proc-macro --emit=dep-info,link 2>box.err && ok ||
    bad 'edition 2015, sources in OUT_DIR' box.err
says 'dep-info names the generated file' "$tmp/box/old-1.d" "$tmp/out/gen.rs"
silent 'and not its copy' "$tmp/box/old-1.d" "$tmp/work"
echo 'extern crate old; #[derive(old::Old)] struct Old; fn main() { Old.dyn() }' >use-old.rs
"$rustc" --edition=2015 use-old.rs --extern old="$tmp/box/libold-1.so" -o use-old 2>box.err && ./use-old && ok ||
    bad 'and it runs' box.err
unit "$tmp/ws/old" checked --edition=2021 "$tmp/ws/m/src/inner.rs" --crate-type proc-macro --emit=metadata 2>box.err && ok ||
    bad 'a macro crate is checked' box.err
[ -f "$tmp/box/libchecked-1.rmeta" ] && ok || bad 'and leaves metadata'

echo "guest units: $passed passed, $failed failed"
[ $failed = 0 ]
