//! Token streams of the compiler's into a message.
//!
//! A call of the compiler's bridge costs more than all else here, so there are few: for each stream
//! one to share it and one to take it apart. Everything else of a token is at hand already.

use std::fmt::Write;

use proc_macro::{
    token_stream, Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree,
};

use crate::held::Held;
use crate::literal::{self, Scratch};
use crate::wire::{self, Mark, Writer};

pub struct Encoder<'a> {
    pub writer: &'a mut Writer,
    pub held: &'a mut Held,
    /// Room for an identifier's text.
    pub text: &'a mut String,
    pub scratch: Scratch,
    pub other: Scratch,
}

pub fn is_plain_ident(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.first(), Some(b'_' | b'a'..=b'z' | b'A'..=b'Z'))
        && bytes.iter().all(|byte| matches!(byte, b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'))
}

impl Encoder<'_> {
    /// A held stream: its number, then its tokens. Groups within are numbered on the way.
    pub fn held_stream(&mut self, stream: TokenStream) {
        let trees = stream.clone().into_iter();
        let origin = self.held.add_stream(stream);
        self.writer.word(origin);
        let mark = self.writer.stream();
        self.trees(trees);
        self.writer.end(mark);
    }

    /// Without recursion: groups may nest as deeply as the compiler let them.
    fn trees(&mut self, mut trees: token_stream::IntoIter) {
        let mut open: Vec<(token_stream::IntoIter, Mark)> = Vec::new();
        #[cfg(glovebox_guest)]
        let mut hash = crate::guest::Hash::default();
        loop {
            let Some(tree) = trees.next() else {
                let Some((outer, mark)) = open.pop() else { return };
                self.writer.end(mark);
                trees = outer;
                continue;
            };
            #[cfg(glovebox_guest)]
            let is_attribute = hash.opens_attribute(&tree);
            match tree {
                TokenTree::Ident(ident) => self.ident(&ident),
                TokenTree::Punct(punct) => self.punct(&punct),
                TokenTree::Literal(literal) => self.literal(&literal),
                TokenTree::Group(group) => {
                    #[allow(unused_mut)]
                    let mut content = group.stream().into_iter();
                    let mark = self.group(group);
                    #[cfg(glovebox_guest)]
                    if is_attribute {
                        if let Some((ident, rest)) = crate::guest::inward(content.clone()) {
                            self.ident(&ident);
                            content = rest;
                        }
                    }
                    open.push((std::mem::replace(&mut trees, content), mark));
                }
            }
        }
    }

    fn span(&mut self, span: Span) -> u32 {
        self.held.add_span(span)
    }

    fn ident(&mut self, ident: &Ident) {
        self.text.clear();
        let _ = write!(self.text, "{ident}"); // writing to a String cannot fail
        let (raw, text) = match self.text.strip_prefix("r#") {
            Some(text) => (true, text),
            None => (false, self.text.as_str()),
        };
        if !is_plain_ident(text) && !self.held.idents.contains_key(self.text.as_str()) {
            self.held.idents.insert(self.text.clone(), ident.clone());
        }
        let text = self.writer.text(text);
        let span = self.held.add_span(ident.span());
        self.writer.ident(text, raw, span);
    }

    fn punct(&mut self, punct: &Punct) {
        let span = self.span(punct.span());
        self.writer.punct(punct.as_char() as u8, punct.spacing() == Spacing::Joint, span);
    }

    pub fn literal(&mut self, literal: &Literal) {
        let parts = self.scratch.take_apart(literal);
        let (kind, hashes) = (parts.kind, parts.hashes);
        let made = literal::construct(&parts, &mut self.other).is_some();
        let text = self.writer.text(parts.text);
        let suffix = parts.suffix.map_or(wire::NONE, |suffix| self.writer.text(suffix));
        if !made && !self.held.literals.contains_key(self.scratch.whole()) {
            self.held.literals.insert(self.scratch.whole().to_string(), literal.clone());
        }
        let span = self.span(literal.span());
        self.writer.literal(kind, hashes, text, suffix, span);
    }

    fn group(&mut self, group: Group) -> Mark {
        let delimiter = match group.delimiter() {
            Delimiter::Parenthesis => wire::delimiter::PARENTHESIS,
            Delimiter::Brace => wire::delimiter::BRACE,
            Delimiter::Bracket => wire::delimiter::BRACKET,
            Delimiter::None => wire::delimiter::NONE,
        };
        let spans =
            [self.span(group.span()), self.span(group.span_open()), self.span(group.span_close())];
        let origin = self.held.add_group(group);
        self.writer.group(delimiter, spans, origin)
    }
}
