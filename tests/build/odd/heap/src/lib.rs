//! A macro crate that uses such a library.
use proc_macro::TokenStream;

#[proc_macro]
pub fn heap(_: TokenStream) -> TokenStream {
    heap_dependency::doubled("4").parse().unwrap()
}
