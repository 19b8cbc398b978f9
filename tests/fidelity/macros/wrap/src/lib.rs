//! An attribute that makes a function anew, as proc-macro-error's does.
use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Puts the function's body in braces of its own, so that the function ends at the attribute.
#[proc_macro_attribute]
pub fn wrap(_: TokenStream, item: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = item.into_iter().collect();
    let body = trees.pop().into_iter().collect();
    trees.push(Group::new(Delimiter::Brace, body).into());
    trees.into_iter().collect()
}
