//! Where a macro runs, and what relative paths mean there.
use proc_macro::{Literal, TokenStream, TokenTree};

fn literal(text: &str) -> TokenStream {
    TokenTree::from(Literal::string(text)).into()
}

#[proc_macro]
pub fn place(_: TokenStream) -> TokenStream {
    literal(&std::env::current_dir().unwrap().display().to_string())
}

#[proc_macro]
pub fn read(_: TokenStream) -> TokenStream {
    let here = std::fs::read_to_string("app/data.txt").unwrap();
    let joined = std::env::current_dir().unwrap().join("app/data.txt");
    assert_eq!(std::fs::read_to_string(joined).unwrap(), here);
    literal(here.trim())
}

/// What a macro makes for its user says what the author wrote.
#[proc_macro]
pub fn attribute(_: TokenStream) -> TokenStream {
    literal(stringify!(#[global_allocator]))
}
