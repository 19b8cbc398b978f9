//! Only in shims for the guest compiler. What it compiles has its declarations of macros renamed
//! (docs/protocol.md, section 4); a macro that looks at them must not notice. So
//!
//! ```text
//! #[__gbx::derive____(Name)]   is on its way in   #[proc_macro_derive(Name)]
//! ```
//!
//! and the other way round on the way out.

use proc_macro::{
    token_stream, Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree,
};

/// What stands in the copy, and what stood in the source.
const NAMES: [(&str, &str); 3] = [
    ("fun", "proc_macro"),
    ("derive____", "proc_macro_derive"),
    ("attribute____", "proc_macro_attribute"),
];
const CRATE: &str = "__gbx";

/// Watches tokens go by for `#` or `#!` before a bracket.
#[derive(Default)]
pub struct Hash(bool);

impl Hash {
    /// Is this the bracketed group of an attribute?
    pub fn opens_attribute(&mut self, tree: &TokenTree) -> bool {
        let was = self.0;
        self.0 = match tree {
            TokenTree::Punct(punct) => punct.as_char() == '#' || (was && punct.as_char() == '!'),
            _ => false,
        };
        let is_bracket = |group: &Group| group.delimiter() == Delimiter::Bracket;
        was && matches!(tree, TokenTree::Group(group) if is_bracket(group))
    }
}

/// An attribute's content: the source's word and what follows, if it begins with the copy's.
pub fn inward(mut content: token_stream::IntoIter) -> Option<(Ident, token_stream::IntoIter)> {
    let TokenTree::Ident(first) = content.next()? else { return None };
    if first.to_string() != CRATE {
        return None;
    }
    for _ in 0..2 {
        let TokenTree::Punct(colon) = content.next()? else { return None };
        if colon.as_char() != ':' {
            return None;
        }
    }
    let TokenTree::Ident(last) = content.next()? else { return None };
    let name = last.to_string();
    let (_, source) = NAMES.iter().find(|(copy, _)| *copy == name)?;
    let span = crate::spans::join(first.span(), last.span()).unwrap_or(first.span());
    Some((Ident::new(source, span), content))
}

/// The stream with the source's words at the start of attributes replaced by the copy's. Streams
/// without any are handed back as they are.
pub fn outward(stream: TokenStream) -> TokenStream {
    if stream.to_string().contains("proc_macro") {
        rename(stream)
    } else {
        stream
    }
}

fn rename(stream: TokenStream) -> TokenStream {
    let mut hash = Hash::default();
    let renamed = stream.into_iter().map(|tree| {
        let is_attribute = hash.opens_attribute(&tree);
        let TokenTree::Group(group) = tree else { return tree };
        let content = group.stream();
        let attribute = if is_attribute { outward_attribute(&content) } else { None };
        let mut copy = Group::new(group.delimiter(), attribute.unwrap_or_else(|| rename(content)));
        copy.set_span(group.span());
        copy.into()
    });
    renamed.collect()
}

fn outward_attribute(content: &TokenStream) -> Option<TokenStream> {
    let mut trees = content.clone().into_iter();
    let TokenTree::Ident(first) = trees.next()? else { return None };
    let name = first.to_string();
    let (copy, _) = NAMES.iter().find(|(_, source)| *source == name)?;
    let punct = |spacing, span: Span| {
        let mut colon = Punct::new(':', spacing);
        colon.set_span(span);
        TokenTree::from(colon)
    };
    let span = first.span();
    let path = [
        TokenTree::from(Ident::new(CRATE, span)),
        punct(Spacing::Joint, span),
        punct(Spacing::Alone, span),
        TokenTree::from(Ident::new(copy, span)),
    ];
    Some(path.into_iter().chain(trees).collect())
}

/// A stream's text, as it would read in the source.
pub fn inward_text(mut text: String) -> String {
    if text.contains(CRATE) {
        for (copy, source) in NAMES {
            for separator in ["::", " :: "] {
                text = text.replace(&format!("{CRATE}{separator}{copy}"), source);
            }
        }
    }
    text
}
