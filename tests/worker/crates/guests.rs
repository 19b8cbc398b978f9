//! The shim of tests/worker/guests/macros.c, as `cargo glovebox` would generate it.
use glovebox_shim::{Info, Library, TokenStream};

static G: Library = Library::new(Info {
    worker: env!("T_WORKER"),
    build: env!("T_BUILD"),
    artifact: env!("T_ARTIFACT"),
    digest: env!("T_DIGEST"),
    package: "testmac",
    version: "1.2.3",
    arguments: &[
        concat!("--time-limit=", env!("T_TIME")),
        concat!("--memory-limit=", env!("T_MEMORY")),
        concat!("--kernel-wall=", env!("T_WALL")),
    ],
    macros: &[
        "Derive", "attr", "func", "spin", "hog", "recurse", "garbage", "trap", "silent", "leave",
        "count", "panics", "secret", "package", "shown", "twice", "outside", "forged", "missing",
        "prints", "expanded", "risky",
        "steals",
    ],
});

#[proc_macro_derive(Derive, attributes(helper, other))]
pub fn derive(i: TokenStream) -> TokenStream {
    G.derive(0, i)
}

#[proc_macro_attribute]
pub fn attr(a: TokenStream, i: TokenStream) -> TokenStream {
    G.attribute(1, a, i)
}

macro_rules! functions {
    ($($index:literal $name:ident,)*) => {
        $(
            #[proc_macro]
            pub fn $name(i: TokenStream) -> TokenStream {
                G.function($index, i)
            }
        )*
    };
}

functions! {
    2 func,
    3 spin,
    4 hog,
    5 recurse,
    6 garbage,
    7 trap,
    8 silent,
    9 leave,
    10 count,
    11 panics,
    12 secret,
    13 package,
    14 shown,
    15 twice,
    16 outside,
    17 forged,
    18 missing,
    19 prints,
    20 expanded,
    21 risky,
    22 steals,
}
