//! Output that is hard on who takes it.

use proc_macro::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};

fn number(input: TokenStream) -> usize {
    input.to_string().trim().parse().unwrap()
}

pub fn nested(input: TokenStream) -> TokenStream {
    let mut stream = TokenStream::new();
    for _ in 0..number(input) {
        stream = TokenStream::from(TokenTree::from(Group::new(Delimiter::Parenthesis, stream)));
    }
    stream
}

pub fn many_tokens(input: TokenStream) -> TokenStream {
    let ident = TokenTree::from(Ident::new("flood", Span::call_site()));
    TokenStream::from_iter(std::iter::repeat(ident).take(number(input)))
}

pub fn long_literal(input: TokenStream) -> TokenStream {
    let text = "x".repeat(number(input));
    TokenStream::from(TokenTree::from(Literal::string(&text)))
}
