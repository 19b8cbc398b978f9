//! What the shim holds for the length of one expansion: the spans, streams and groups that numbers in
//! messages stand for, and the tokens that are easier kept than made again.

use std::collections::HashMap;
use std::mem::ManuallyDrop;

use proc_macro::{Group, Ident, Literal, Span, TokenStream};

use crate::wire::{recipe, span};

/// The compiler frees every handle of an expansion when it is over. Giving each back by itself would
/// only cost a call, so none is dropped: hence ManuallyDrop.
pub enum Origin {
    Stream(ManuallyDrop<TokenStream>),
    Group(ManuallyDrop<Group>),
}

#[derive(Clone, Copy)]
struct Recipe {
    kind: u32,
    a: u32,
    b: u32,
    span: Option<Span>,
}

pub struct Held {
    /// The two that most tokens have.
    call_site: Span,
    mixed_site: Span,
    spans: Vec<Span>,
    recipes: Vec<Recipe>,
    origins: Vec<Origin>,
    /// Literals that no constructor makes, by their text: what came in goes out again as it was.
    pub literals: HashMap<String, Literal>,
    /// The same for identifiers that are not plain ASCII.
    pub idents: HashMap<String, Ident>,
}

impl Held {
    pub fn new() -> Held {
        Held {
            call_site: Span::call_site(),
            mixed_site: Span::mixed_site(),
            spans: Vec::with_capacity(256),
            recipes: Vec::new(),
            origins: Vec::with_capacity(32),
            literals: HashMap::new(),
            idents: HashMap::new(),
        }
    }

    /// Gives a span the next number.
    #[inline]
    pub fn add_span(&mut self, new: Span) -> u32 {
        self.spans.push(new);
        span::FIRST - 1 + self.spans.len() as u32
    }

    pub fn add_stream(&mut self, stream: TokenStream) -> u32 {
        self.origins.push(Origin::Stream(ManuallyDrop::new(stream)));
        (self.origins.len() - 1) as u32
    }

    pub fn add_group(&mut self, group: Group) -> u32 {
        self.origins.push(Origin::Group(ManuallyDrop::new(group)));
        (self.origins.len() - 1) as u32
    }

    pub fn origin(&self, index: u32) -> Option<&Origin> {
        self.origins.get(index as usize)
    }

    /// A recipe may refer to the spans before it only.
    pub fn add_recipe(&mut self, kind: u32, a: u32, b: u32) -> bool {
        let two = kind == recipe::RESOLVED_AT || kind == recipe::LOCATED_AT;
        let known = (recipe::RESOLVED_AT..=recipe::SOURCE).contains(&kind);
        if !known || !self.has_span(a) || (two && !self.has_span(b)) {
            return false;
        }
        self.recipes.push(Recipe { kind, a, b, span: None });
        true
    }

    fn has_span(&self, number: u32) -> bool {
        if number & span::DERIVED != 0 {
            ((number & !span::DERIVED) as usize) < self.recipes.len()
        } else {
            number < span::FIRST || ((number - span::FIRST) as usize) < self.spans.len()
        }
    }

    /// The span that a number stands for.
    #[inline]
    pub fn span(&mut self, number: u32) -> Option<Span> {
        match number {
            span::CALL_SITE => Some(self.call_site),
            span::MIXED_SITE => Some(self.mixed_site),
            span::DEF_SITE => Some(def_site()),
            _ if number & span::DERIVED != 0 => self.derived((number & !span::DERIVED) as usize),
            _ => self.spans.get((number - span::FIRST) as usize).copied(),
        }
    }

    /// Follows recipes down to spans that exist, without recursion: they may lead on from one another
    /// as often as there are recipes.
    fn derived(&mut self, index: usize) -> Option<Span> {
        let mut waiting = vec![index];
        while let Some(&index) = waiting.last() {
            let Recipe { kind, a, b, span: known } = *self.recipes.get(index)?;
            if known.is_some() {
                waiting.pop();
                continue;
            }
            let two = kind == recipe::RESOLVED_AT || kind == recipe::LOCATED_AT;
            let (Some(first), Some(second)) = (
                self.known(a, &mut waiting),
                if two { self.known(b, &mut waiting) } else { Some(Span::call_site()) },
            ) else {
                continue;
            };
            self.recipes[index].span = Some(match kind {
                recipe::RESOLVED_AT => first.resolved_at(second),
                recipe::LOCATED_AT => first.located_at(second),
                recipe::START => crate::spans::start(first),
                recipe::END => crate::spans::end(first),
                _ => crate::spans::source(first),
            });
        }
        self.recipes.get(index)?.span
    }

    /// The span if it is known already; else what must be derived first is added to `waiting`.
    fn known(&mut self, number: u32, waiting: &mut Vec<usize>) -> Option<Span> {
        if number & span::DERIVED == 0 {
            return self.span(number);
        }
        let index = (number & !span::DERIVED) as usize;
        let known = self.recipes.get(index)?.span;
        if known.is_none() {
            waiting.push(index);
        }
        known
    }
}

/// Only unstable code can ask for it natively; elsewhere the nearest thing is `mixed_site`.
fn def_site() -> Span {
    #[cfg(glovebox_unstable)]
    return Span::def_site();
    #[cfg(not(glovebox_unstable))]
    Span::mixed_site()
}
