//! A macro that a macro crate uses: it runs for the guest's compiler.

use proc_macro::TokenStream;

/// `constant!(NAME "text")` becomes a constant.
#[proc_macro]
pub fn constant(input: TokenStream) -> TokenStream {
    let mut trees = input.into_iter();
    let (name, text) = (trees.next().unwrap(), trees.next().unwrap());
    format!("const {name}: &str = {text};").parse().unwrap()
}
