//! Native macros to compare with: one that makes every token anew, one that shows what it gets.
use proc_macro::{Group, Ident, Literal, Punct, TokenStream, TokenTree};

fn anew(stream: TokenStream) -> TokenStream {
    stream.into_iter().map(tree).collect()
}

fn tree(tree: TokenTree) -> TokenTree {
    match tree {
        TokenTree::Group(g) => {
            let mut group = Group::new(g.delimiter(), anew(g.stream()));
            group.set_span(g.span());
            group.into()
        }
        TokenTree::Punct(p) => {
            let mut punct = Punct::new(p.as_char(), p.spacing());
            punct.set_span(p.span());
            punct.into()
        }
        TokenTree::Ident(i) if i.to_string() == "$crate" => i.into(),
        TokenTree::Ident(i) => match i.to_string().strip_prefix("r#") {
            Some(text) => Ident::new_raw(text, i.span()).into(),
            None => Ident::new(&i.to_string(), i.span()).into(),
        },
        TokenTree::Literal(l) => {
            let mut literal: Literal = l.to_string().parse().unwrap();
            literal.set_span(l.span());
            literal.into()
        }
    }
}

#[proc_macro_derive(Derive, attributes(helper))]
pub fn derive(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

#[proc_macro_attribute]
pub fn attr(_: TokenStream, i: TokenStream) -> TokenStream {
    anew(i)
}

#[proc_macro]
pub fn func(i: TokenStream) -> TokenStream {
    anew(i)
}

/// Prints every token with its span, and the whole as text; changes nothing.
#[proc_macro_attribute]
pub fn show(_: TokenStream, i: TokenStream) -> TokenStream {
    eprintln!("{i:#?}\n{i}");
    i
}

/// In the place of the guest compiler's crate of attributes.
#[proc_macro_attribute]
#[allow(non_snake_case)]
pub fn derive____(_: TokenStream, i: TokenStream) -> TokenStream {
    i
}
