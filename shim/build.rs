//! Token streams out of a message of the guest's. Everything in it is hostile until looked at.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use crate::encode::is_plain_ident;
use crate::held::{Held, Origin};
use crate::literal::{self, Parts, Scratch};
use crate::problem::Problem;
use crate::wire::{self, lit, Event, Message, Reader};

/// How deeply groups of the macro's own may nest. The compiler's parser ends with the whole process at 650 to 1,100
/// nested groups of source; what a macro takes apart itself, or hands back as it came, is not counted.
const MAX_DEPTH: usize = 1000;

/// Something to say with the macro's own error, when its output is one.
pub struct Remark<'a> {
    /// Goes behind the text of the first `compile_error!`.
    pub text: &'a str,
    pub made: bool,
    /// There is a `compile_error` in the output, with a literal text or not.
    pub due: bool,
}

pub struct Builder<'a, 'm> {
    pub message: Message<'m>,
    pub held: &'a mut Held,
    pub text: &'a mut String,
    pub scratch: Scratch,
    /// What was made of each text: names recur, and making one asks the compiler's table of names.
    pub idents: Vec<Option<Ident>>,
    pub remark: Option<Remark<'a>>,
}

fn garbage<T>(what: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Garbage(what.into()))
}

impl From<wire::Error> for Problem {
    fn from(error: wire::Error) -> Problem {
        Problem::Garbage(error.to_string())
    }
}

/// A group that is open, or the stream itself.
struct Frame {
    /// Where its trees and finished segments begin.
    trees: usize,
    segments: usize,
    delimiter: Delimiter,
    span: u32,
}

/// Trees of all open groups, one after the other; and before them the segments of streams that have parts
/// of held streams in them.
#[derive(Default)]
struct Stacks {
    trees: Vec<TokenTree>,
    segments: Vec<TokenStream>,
}

impl Stacks {
    /// The stream of everything that came since the frame was opened: one call of the bridge,
    /// unless held streams are among it. None: nothing came.
    fn take(&mut self, frame: &Frame) -> TokenStream {
        if self.segments.len() == frame.segments {
            return self.trees.drain(frame.trees..).collect();
        }
        self.flush(frame);
        self.segments.drain(frame.segments..).collect()
    }

    fn flush(&mut self, frame: &Frame) {
        if self.trees.len() > frame.trees {
            self.segments.push(self.trees.drain(frame.trees..).collect());
        }
    }
}

impl Builder<'_, '_> {
    /// Recipes that every message of the guest's begins with.
    pub fn recipes(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        for _ in 0..reader.word()? {
            let (kind, a, b) = (reader.word()?, reader.word()?, reader.word()?);
            if !self.held.add_recipe(kind, a, b) {
                return garbage("a span is made of spans that are not there");
            }
        }
        Ok(())
    }

    pub fn span(&mut self, number: u32) -> Result<Span, Problem> {
        match self.held.span(number) {
            Some(span) => Ok(span),
            None => garbage(format!("there is no span {number}")),
        }
    }

    /// The stream that the reader is at.
    pub fn stream(&mut self, reader: &mut Reader<'_>) -> Result<TokenStream, Problem> {
        let mut stacks = Stacks::default();
        let mut open = Vec::new();
        let outermost = Frame { trees: 0, segments: 0, delimiter: Delimiter::None, span: 0 };
        let mut frame = outermost;
        for event in reader.events()? {
            match event? {
                Event::Ident { text, raw, span } => {
                    let span = self.span(span)?;
                    stacks.trees.push(self.ident(text, raw, span)?.into());
                }
                Event::Punct { ch, joint, span } => {
                    let spacing = if joint { Spacing::Joint } else { Spacing::Alone };
                    let mut punct = Punct::new(ch as char, spacing); // the reader proved the character
                    punct.set_span(self.span(span)?);
                    stacks.trees.push(punct.into());
                }
                Event::Literal { kind, hashes, text, suffix, span } => {
                    let mut literal = self.literal(kind, hashes, text, suffix, &stacks.trees)?;
                    literal.set_span(self.span(span)?);
                    stacks.trees.push(literal.into());
                }
                Event::Open { delimiter, spans, origin } => {
                    if origin != wire::NONE || spans[0] != spans[1] || spans[0] != spans[2] {
                        return garbage("a group of its own claims to be one of the compiler's");
                    }
                    if open.len() == MAX_DEPTH {
                        return Err(Problem::TooDeep(MAX_DEPTH));
                    }
                    let inner = Frame {
                        trees: stacks.trees.len(),
                        segments: stacks.segments.len(),
                        delimiter: delimiter_of(delimiter),
                        span: spans[0],
                    };
                    open.push(std::mem::replace(&mut frame, inner));
                }
                Event::Close => {
                    let mut group = Group::new(frame.delimiter, stacks.take(&frame));
                    group.set_span(self.span(frame.span)?);
                    frame = open.pop().expect("the reader closes what it opened");
                    stacks.trees.push(group.into());
                }
                Event::Stream(origin) => {
                    let held = self.held_stream(origin)?;
                    stacks.flush(&frame);
                    stacks.segments.push(held);
                }
                Event::Same(origin) => stacks.trees.push(self.held_group(origin)?.into()),
            }
        }
        Ok(stacks.take(&frame))
    }

    fn held_stream(&self, origin: u32) -> Result<TokenStream, Problem> {
        match self.held.origin(origin) {
            Some(Origin::Stream(stream)) => Ok((**stream).clone()),
            Some(Origin::Group(group)) => Ok(group.stream()),
            None => garbage(format!("there is no stream {origin}")),
        }
    }

    fn held_group(&self, origin: u32) -> Result<Group, Problem> {
        match self.held.origin(origin) {
            Some(Origin::Group(group)) => Ok((**group).clone()),
            _ => garbage(format!("there is no group {origin}")),
        }
    }

    fn ident(&mut self, text: u32, raw: bool, span: Span) -> Result<Ident, Problem> {
        if raw {
            return self.new_ident(text, raw, span);
        }
        let index = text as usize;
        if let Some(Some(ident)) = self.idents.get(index) {
            let mut ident = ident.clone();
            ident.set_span(span);
            return Ok(ident);
        }
        let ident = self.new_ident(text, raw, span)?;
        if self.idents.len() <= index {
            self.idents.resize(self.message.text_count() as usize, None);
        }
        self.idents[index] = Some(ident.clone());
        Ok(ident)
    }

    fn new_ident(&mut self, text: u32, raw: bool, span: Span) -> Result<Ident, Problem> {
        let message = self.message;
        let text = message.text(text).unwrap_or("");
        if is_plain_ident(text) {
            if let Some(remark) = &mut self.remark {
                remark.due |= text == "compile_error";
            }
            if !raw {
                return Ok(Ident::new(text, span));
            }
            // rustc: Symbol::can_be_raw; Ident::new_raw panics for these
            if !matches!(text, "_" | "super" | "self" | "Self" | "crate") {
                return Ok(Ident::new_raw(text, span));
            }
            return garbage(format!("`r#{text}` is no identifier"));
        }
        self.other_ident(text, raw, span)
    }

    /// One that came from the compiler, or one that it must judge.
    #[cold]
    fn other_ident(&mut self, text: &str, raw: bool, span: Span) -> Result<Ident, Problem> {
        self.text.clear();
        self.text.push_str(if raw { "r#" } else { "" });
        self.text.push_str(text);
        if let Some(ident) = self.held.idents.get(self.text.as_str()) {
            let mut ident = ident.clone();
            ident.set_span(span);
            return Ok(ident);
        }
        let make = if raw { Ident::new_raw } else { Ident::new };
        match std::panic::catch_unwind(|| make(text, span)) {
            Ok(ident) => {
                self.held.idents.insert(self.text.clone(), ident.clone());
                Ok(ident)
            }
            Err(_) => garbage(format!("{text:?} is no identifier")),
        }
    }

    /// `before` are the trees before it in its stream.
    fn literal(
        &mut self,
        kind: u8,
        hashes: u8,
        text: u32,
        suffix: u32,
        before: &[TokenTree],
    ) -> Result<Literal, Problem> {
        let message = self.message;
        let text = message.text(text).unwrap_or("");
        let parts = Parts { kind, hashes, text, suffix: message.text(suffix) };
        if kind == lit::STR && self.remark.as_ref().is_some_and(|remark| !remark.made) {
            if let Some(literal) = self.remarked(&parts, before) {
                return Ok(literal);
            }
        }
        match literal::construct(&parts, &mut self.scratch) {
            Some(literal) => Ok(literal),
            None => self.literal_of(&parts),
        }
    }

    /// A LITERAL piece that stands by itself.
    pub fn lone_literal(&mut self, reader: &mut Reader<'_>) -> Result<Literal, Problem> {
        let wire::Piece::Literal { kind, hashes, text, suffix, span } = reader.piece()? else {
            return garbage("that is no literal");
        };
        let mut literal = self.literal(kind, hashes, text, suffix, &[])?;
        literal.set_span(self.span(span)?);
        Ok(literal)
    }

    /// One that came from the compiler, or one that it must read.
    #[cold]
    fn literal_of(&mut self, parts: &Parts<'_>) -> Result<Literal, Problem> {
        self.text.clear();
        literal::write_whole(parts, self.text);
        if let Some(literal) = self.held.literals.get(self.text.as_str()) {
            let literal = literal.clone();
            if self.scratch.take_apart(&literal) == *parts {
                return Ok(literal);
            }
        }
        let (text, scratch) = (&*self.text, &mut self.scratch);
        let read = std::panic::AssertUnwindSafe(|| literal::parse(parts, text, scratch));
        match std::panic::catch_unwind(read) {
            Ok(Some(literal)) => {
                self.held.literals.insert(self.text.clone(), literal.clone());
                Ok(literal)
            }
            _ => garbage(format!("{:?} is no literal", self.text)),
        }
    }

    /// `compile_error ! ( "text" )`: with the remark behind the text.
    fn remarked(&mut self, parts: &Parts<'_>, before: &[TokenTree]) -> Option<Literal> {
        let [.., TokenTree::Ident(name), TokenTree::Punct(bang)] = before else { return None };
        if bang.as_char() != '!' || name.to_string() != "compile_error" {
            return None;
        }
        let remark = self.remark.as_mut()?;
        let mut text = String::new();
        literal::unescape(parts.text, &mut text)?;
        text.push_str("\n\n");
        text.push_str(remark.text);
        remark.made = true;
        Some(Literal::string(&text))
    }
}

fn delimiter_of(delimiter: u8) -> Delimiter {
    match delimiter {
        wire::delimiter::PARENTHESIS => Delimiter::Parenthesis,
        wire::delimiter::BRACE => Delimiter::Brace,
        wire::delimiter::BRACKET => Delimiter::Bracket,
        _ => Delimiter::None,
    }
}
