//! `glovebox_place`: puts a shim's macros where their author wrote them.
//!
//! The compiler's diagnostics show where a macro was defined: file, line, columns and the line's text, all of
//! which it checks against a digest of the file. So a shim is compiled from the macro crate's own root
//! file: `#![glovebox_place::place("…")]`, given on the command line, takes everything out of the crate and puts
//! in what the plan says, each function with the span that the original has. Such an attribute gets
//! tokens that all have the span of the whole file; `Literal::subspan` makes any smaller one of it.
//!
//! The plan is a file of lines, fields separated by tabs, with `\t \n \\` escaped by a backslash:
//!
//! ```text
//! base  START                                   where the file's span starts
//! item  TEXT                                    anything
//! fn    START  NAME  NAME_END  SIGNATURE_END  END  ATTRIBUTES  HEAD  IDENT  TAIL  BODY
//! ```
//!
//! Numbers are byte offsets in the file. Native, for the compiler that loads the shim; its input is written by
//! `cargo glovebox` (src/cargo/shimgen.c), so a plan that makes no sense is a defect and panics.

#![feature(proc_macro_span)]

extern crate proc_macro;

use proc_macro::{Group, Literal, Span, TokenStream, TokenTree};

#[proc_macro_attribute]
pub fn place(path: TokenStream, file: TokenStream) -> TokenStream {
    let path = path.to_string();
    let plan = std::fs::read_to_string(path.trim_matches('"')).expect("a plan");
    let whole = file.into_iter().next().map_or_else(Span::call_site, |token| token.span());
    let mut base = Base { whole, start: 0 };
    let mut out = TokenStream::new();
    for line in plan.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields[..] {
            ["base", start] => base.start = number(start),
            ["item", text] => out.extend(parse(text)),
            ["fn", start, name, name_end, signature_end, end, attributes, head, ident, tail, body] =>
            {
                let signature = base.span(number(start), number(signature_end));
                let name = base.span(number(name), number(name_end));
                out.extend(respan(parse(attributes), signature));
                out.extend(respan(parse(head), signature));
                out.extend(respan(parse(ident), name));
                out.extend(respan(parse(tail), signature));
                out.extend(respan(parse(body), base.span(number(signature_end), number(end))));
            }
            _ => panic!("{line}"),
        }
    }
    out
}

/// The span of the whole file, and where it starts.
struct Base {
    whole: Span,
    start: usize,
}

impl Base {
    fn span(&self, start: usize, end: usize) -> Span {
        let mut literal = Literal::u8_unsuffixed(0);
        literal.set_span(self.whole);
        let inside = start.checked_sub(self.start).zip(end.checked_sub(self.start));
        inside.and_then(|(start, end)| literal.subspan(start..end)).unwrap_or(self.whole)
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

fn parse(text: &str) -> TokenStream {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('\\') => '\\',
                other => panic!("an escape: {other:?}"),
            },
            other => other,
        });
    }
    plain.parse().expect("tokens")
}

fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = Group::new(group.delimiter(), respan(group.stream(), span)).into();
            }
            token.set_span(span);
            token
        })
        .collect()
}
