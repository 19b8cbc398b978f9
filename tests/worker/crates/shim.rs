//! A shim as `cargo glovebox` would generate it, its worker and the worker's words from the environment.
use glovebox_shim::{Info, Library, TokenStream};

static G: Library = Library::new(Info {
    worker: env!("T_WORKER"),
    build: env!("T_BUILD"),
    artifact: env!("T_ARTIFACT"),
    digest: env!("T_DIGEST"),
    package: "testmac",
    version: "1.2.3",
    arguments: &[env!("T_ARGUMENT")],
    macros: &["Derive", "attr", "func"],
});

#[used]
#[link_section = ".init_array"]
static LOADED: extern "C" fn() = {
    extern "C" fn loaded() {
        G.loaded()
    }
    loaded
};

#[proc_macro_derive(Derive, attributes(helper))]
pub fn derive(i: TokenStream) -> TokenStream {
    G.derive(0, i)
}

#[proc_macro_attribute]
pub fn attr(a: TokenStream, i: TokenStream) -> TokenStream {
    G.attribute(1, a, i)
}

#[proc_macro]
pub fn func(i: TokenStream) -> TokenStream {
    G.function(2, i)
}
