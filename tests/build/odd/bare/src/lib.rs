//! A macro crate without the prelude, in which no crate has a name until it is declared.
#![no_implicit_prelude]
#![deny(warnings)]

use ::proc_macro::TokenStream;

#[proc_macro]
pub fn bare(_: TokenStream) -> TokenStream {
    inner::made()
}

#[proc_macro_derive(Bare)]
pub fn derive_bare(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

mod inner {
    pub fn made() -> ::proc_macro::TokenStream {
        ::std::str::FromStr::from_str("21").unwrap()
    }
}
