//! Macros that come about in other ways than by a function in the root file: out of `include!`, out of another
//! crate's `macro_rules!`, out of another crate's attribute; and what depends on the machine that macros run on.
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use macros_wrap::wrap;
use proc_macro::{Literal, TokenStream, TokenTree};

fn quoted(text: &str) -> TokenStream {
    TokenTree::from(Literal::string(text)).into()
}

include!(concat!(env!("OUT_DIR"), "/generated.rs"));

/// Whether the build script's words reached this crate.
#[cfg(made)]
#[proc_macro]
pub fn configured(_: TokenStream) -> TokenStream {
    quoted(env!("MADE_BY"))
}

macros_shapes::through! {
    #[proc_macro_derive(Through)]
    pub fn through(_: TokenStream) -> TokenStream {
        "const _: u8 = \"a text\";".parse().unwrap()
    }
}

/// Made anew by an attribute.
#[proc_macro_derive(Wrapped, attributes(wrapped))]
#[wrap]
pub fn wrapped(_: TokenStream) -> TokenStream {
    "const _: u8 = \"a text\";".parse().unwrap()
}

#[wrap]
#[proc_macro_attribute]
pub fn wrapped_before(_: TokenStream, _: TokenStream) -> TokenStream {
    "const _: u8 = \"a text\";".parse().unwrap()
}

/// The value of each field's `#[named(…)]`.
#[proc_macro_derive(Named, attributes(named))]
pub fn named(item: TokenStream) -> TokenStream {
    let mut names = Vec::new();
    find_names(item, &mut names);
    format!("pub const NAMES: &[&str] = &{names:?};").parse().unwrap()
}

fn find_names(tokens: TokenStream, names: &mut Vec<String>) {
    let mut last = String::new();
    for tree in tokens {
        if let TokenTree::Group(group) = &tree {
            match last.as_str() {
                "named" => names.push(group.stream().to_string()),
                _ => find_names(group.stream(), names),
            }
        }
        last = tree.to_string();
    }
}

/// What proc-macro-crate finds for a package of this name.
#[proc_macro]
pub fn crate_name(input: TokenStream) -> TokenStream {
    let name = input.to_string();
    quoted(&format!("{:?}", proc_macro_crate::crate_name(name.trim_matches('"'))))
}

/// What std says of a file that is not there, and of a folder that is none.
#[proc_macro]
pub fn errors(_: TokenStream) -> TokenStream {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let missing = std::fs::read(format!("{folder}/missing")).unwrap_err();
    let inside = std::fs::read(format!("{folder}/Cargo.toml/inside")).unwrap_err();
    let number = "x".parse::<u8>().map_err(std::io::Error::other).unwrap_err();
    quoted(&format!("{missing} {missing:?} {inside} {inside:?} {number} {number:?}"))
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
enum Kind {
    One,
    Two(usize),
    Three { number: isize },
}

fn order<K: Hash + Eq + Debug>(keys: impl Iterator<Item = K>, build: impl BuildHasher) -> String {
    let mut map = HashMap::with_capacity_and_hasher(60, build);
    map.extend(keys.map(|key| (key, ())));
    format!("{:?}\n", map.keys().collect::<Vec<_>>())
}

fn orders<B: BuildHasher>(name: &str, build: impl Fn() -> B) -> String {
    const WORDS: &str = "a be sea deed eagle effort general however important javascript knowledgeable l \
                         man note optic primary question rendering scientific transported understanding";
    let words = WORDS.split_whitespace();
    let kinds = (0..20)
        .flat_map(|n| [Kind::One, Kind::Two(n * 7), Kind::Three { number: n as isize * 1001 }]);
    [
        format!("{name}: {:x}\n", build().hash_one(WORDS)),
        order(words.clone(), build()),
        order(words.clone().map(|word| (word.len(), vec![word])), build()),
        order(kinds, build()),
        order(0..30usize, build()),
        order((0..30u64).map(|n| n << 33 | n), build()),
        order((-5..20i16).map(|n| (n, n as u8, 'x')), build()),
    ]
    .concat()
}

/// The order of maps under hashers that do not change from run to run.
#[proc_macro]
pub fn hashed(_: TokenStream) -> TokenStream {
    let orders = [
        orders("std", BuildHasherDefault::<DefaultHasher>::default),
        orders("fnv", fnv::FnvBuildHasher::default),
        orders("foldhash", || foldhash::fast::FixedState::with_seed(7)),
        orders("foldhash, quality", || foldhash::quality::FixedState::with_seed(7)),
        orders("fxhash", fxhash::FxBuildHasher::default),
        orders("rustc-hash 1", BuildHasherDefault::<rustc_hash_1::FxHasher>::default),
        orders("rustc-hash 2", || rustc_hash::FxBuildHasher),
        orders("rustc-hash 2, seeded", || rustc_hash::FxSeededState::with_seed(7)),
    ];
    quoted(&orders.concat())
}
