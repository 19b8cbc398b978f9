//! The same in edition 2015, where names are found otherwise.
#![no_implicit_prelude]

extern crate proc_macro;

#[proc_macro]
pub fn bare15(_: ::proc_macro::TokenStream) -> ::proc_macro::TokenStream {
    ::std::str::FromStr::from_str("15").unwrap()
}
