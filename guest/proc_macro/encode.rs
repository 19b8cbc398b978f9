//! Tokens on their way out.

use std::slice;

use crate::diagnostic::Diagnostic;
use crate::rt;
use crate::stream::{Held, Made, Piece, Rope};
use crate::symbol::Symbol;
use crate::wire::{self, Mark, Writer};
use crate::{Group, Ident, Literal, Punct, Span, TokenTree};

#[derive(Default)]
pub(crate) struct Encoder {
    pub(crate) writer: Writer,
    /// By symbol: the message in which it was last written, and the text's index there.
    texts: Vec<(u32, u32)>,
    serial: u32,
}

impl Encoder {
    /// Starts a message.
    pub(crate) fn begin(&mut self) {
        self.writer.clear();
        self.serial = self.serial.wrapping_add(1);
        if self.serial == 0 {
            self.texts.clear();
            self.serial = 1;
        }
    }

    pub(crate) fn string(&mut self, text: &str) {
        let index = self.writer.text(text);
        self.writer.word(index);
    }

    #[inline]
    fn text(&mut self, symbol: Symbol) -> u32 {
        let at = symbol.index();
        if at >= self.texts.len() {
            self.texts.resize((at + 1).next_power_of_two(), (0, 0));
        }
        let (serial, index) = self.texts[at];
        if serial == self.serial {
            return index;
        }
        let index = self.writer.text(symbol.as_str());
        self.texts[at] = (self.serial, index);
        index
    }

    pub(crate) fn span(&mut self, span: Span) {
        self.writer.word(rt::span_to_wire(span));
    }

    pub(crate) fn literal(&mut self, literal: &Literal) {
        let text = self.text(literal.symbol);
        let suffix = literal.suffix.map_or(wire::NONE, |suffix| self.text(suffix));
        let span = rt::span_to_wire(literal.span);
        self.writer.literal(literal.kind, literal.hashes, text, suffix, span);
    }

    fn ident(&mut self, ident: &Ident) {
        let text = self.text(ident.symbol);
        self.writer.ident(text, ident.raw, rt::span_to_wire(ident.span));
    }

    fn punct(&mut self, punct: &Punct) {
        self.writer.punct(punct.ch, punct.joint, rt::span_to_wire(punct.span));
    }

    fn group(&mut self, group: &Group) -> Mark {
        // Untouched groups, the only ones with three different spans, go back as they are.
        let spans = [rt::span_to_wire(group.span); 3];
        self.writer.group(group.delimiter as u8, spans, wire::NONE)
    }

    fn splice(&mut self, held: &Held) {
        if held.incoming.serial != rt::serial() {
            rt::stale();
        }
        if !held.is_empty() {
            self.writer.splice(held.origin());
        }
    }

    /// A stream, in one pass: nesting costs heap, not stack.
    pub(crate) fn stream(&mut self, rope: &Rope) {
        let whole = self.writer.stream();
        match rope {
            Rope::Made(None) => {}
            Rope::Held(held) => self.splice(held),
            Rope::Made(Some(made)) => self.pieces(made),
        }
        self.writer.end(whole);
    }

    fn pieces(&mut self, made: &Made) {
        // What is being written, and the group that ends with it.
        let mut open: Vec<(slice::Iter<'_, Piece>, Option<Mark>)> = Vec::new();
        let mut current = (made.pieces.iter(), None);
        loop {
            let Some(piece) = current.0.next() else {
                if let Some(mark) = current.1 {
                    self.writer.end(mark);
                }
                match open.pop() {
                    Some(outer) => current = outer,
                    None => return,
                }
                continue;
            };
            let inner = match piece {
                Piece::Tree(TokenTree::Ident(ident)) => {
                    self.ident(ident);
                    continue;
                }
                Piece::Tree(TokenTree::Punct(punct)) => {
                    self.punct(punct);
                    continue;
                }
                Piece::Tree(TokenTree::Literal(literal)) => {
                    self.literal(literal);
                    continue;
                }
                Piece::Tree(TokenTree::Group(group)) => match &group.stream {
                    Rope::Held(held) if group.untouched => {
                        if held.incoming.serial != rt::serial() {
                            rt::stale();
                        }
                        self.writer.same(held.origin());
                        continue;
                    }
                    Rope::Made(Some(made)) => (made.pieces.iter(), Some(self.group(group))),
                    content => {
                        let mark = self.group(group);
                        if let Rope::Held(held) = content {
                            self.splice(held);
                        }
                        self.writer.end(mark);
                        continue;
                    }
                },
                Piece::Rope(Rope::Made(Some(made))) => (made.pieces.iter(), None),
                Piece::Rope(Rope::Held(held)) => {
                    self.splice(held);
                    continue;
                }
                Piece::Rope(Rope::Made(None)) => continue,
            };
            open.push(std::mem::replace(&mut current, inner));
        }
    }

    /// A diagnostic and its children; children have none (the API gives no way to them).
    pub(crate) fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        let mut rest = vec![diagnostic];
        while let Some(diagnostic) = rest.pop() {
            let (level, message, spans, children) = diagnostic.parts();
            self.writer.word(rt::level_number(level));
            self.string(message);
            self.writer.word(spans.len() as u32);
            spans.iter().for_each(|&span| self.span(span));
            self.writer.word(children.len() as u32);
            rest.extend(children.iter().rev());
        }
    }
}
