//! A macro that does what bytes say, on the guest's `proc_macro` compiled for this machine, for tests/fuzz/guest.c:
//! whatever the host's messages are, and whatever a macro does with what it got of them.

#![feature(proc_macro_diagnostic, proc_macro_expand, proc_macro_span, proc_macro_tracked_env)]
#![feature(proc_macro_tracked_path, proc_macro_value)]

extern crate proc_macro;

use std::cell::RefCell;

use proc_macro::{
    tracked, Delimiter, Diagnostic, Group, Ident, Level, Literal, Punct, Spacing, Span,
};
use proc_macro::{TokenStream, TokenTree};

extern "C" {
    fn __gbx_alloc(len: usize) -> *mut u8;
}

/// The macro: its instructions, and what it holds.
#[derive(Default)]
struct State {
    script: Vec<u8>,
    at: usize,
    streams: Vec<TokenStream>,
    trees: Vec<TokenTree>,
    spans: Vec<Span>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Nothing here grows for ever.
const MOST: usize = 64;
const TEXTS: &[&str] =
    &["a", "r#b", "é", "fn", "1", "\"x\\n\"", "b'\\x41'", "{ a (b) }", "'l", "", "_", "c\"z\""];

impl State {
    fn byte(&mut self) -> usize {
        let byte = self.script.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte)
    }

    fn text(&mut self) -> &'static str {
        TEXTS[self.byte() % TEXTS.len()]
    }

    fn stream(&mut self) -> TokenStream {
        let index = self.byte();
        self.streams.get(index % self.streams.len().max(1)).cloned().unwrap_or_default()
    }

    fn tree(&mut self) -> TokenTree {
        let index = self.byte();
        let new = || Punct::new('+', Spacing::Joint).into();
        self.trees.get(index % self.trees.len().max(1)).cloned().unwrap_or_else(new)
    }

    fn span(&mut self) -> Span {
        let index = self.byte();
        self.spans.get(index % self.spans.len().max(1)).copied().unwrap_or_else(Span::call_site)
    }

    fn keep_stream(&mut self, stream: TokenStream) {
        if self.streams.len() < MOST {
            self.streams.push(stream);
        }
    }

    fn keep_tree(&mut self, tree: TokenTree) {
        if self.trees.len() < MOST {
            self.trees.push(tree);
        }
    }

    fn keep_span(&mut self, span: Option<Span>) {
        if let (Some(span), true) = (span, self.spans.len() < MOST) {
            self.spans.push(span);
        }
    }

    fn ask_of_span(&mut self) {
        let (span, other) = (self.span(), self.span());
        match self.byte() % 13 {
            0 => drop(span.source_text()),
            1 => drop((span.line(), span.column())),
            2 => drop((span.file(), span.local_file())),
            3 => self.keep_span(Some(span.start())),
            4 => self.keep_span(Some(span.end())),
            5 => self.keep_span(span.join(other)),
            6 => self.keep_span(span.parent()),
            7 => self.keep_span(Some(span.source())),
            8 => self.keep_span(Some(span.resolved_at(other))),
            9 => self.keep_span(Some(span.located_at(other))),
            10 => drop(span.byte_range()),
            11 => drop(span.eq(&other)),
            _ => drop(format!("{span:?}")),
        }
    }

    fn look_at(&mut self, mut tree: TokenTree) {
        drop((tree.to_string(), format!("{tree:?}")));
        self.keep_span(Some(tree.span()));
        match &tree {
            TokenTree::Group(group) => {
                self.keep_span(Some(group.span_open()));
                self.keep_span(Some(group.span_close()));
                let stream = group.stream();
                self.keep_stream(stream);
            }
            TokenTree::Literal(literal) => {
                drop((literal.str_value(), literal.byte_str_value(), literal.cstr_value()));
                drop((literal.character_value(), literal.byte_character_value()));
                let (low, high) = (self.byte(), self.byte());
                self.keep_span(if low % 2 == 0 {
                    literal.subspan(low..high)
                } else {
                    literal.subspan(..=high)
                });
            }
            TokenTree::Ident(ident) => drop(ident.to_string() == "a"),
            TokenTree::Punct(punct) => drop((punct.as_char(), punct.spacing())),
        }
        if self.byte() % 2 == 1 {
            let span = self.span();
            tree.set_span(span);
            self.keep_tree(tree);
        }
    }

    fn diagnose(&mut self) {
        let (level, spans) = (
            [Level::Error, Level::Warning, Level::Note, Level::Help][self.byte() % 4],
            self.span(),
        );
        let text = self.text();
        Diagnostic::spanned(vec![spans, self.span()], level, text)
            .span_note(spans, text)
            .help(text)
            .emit();
    }

    fn build(&mut self) {
        let delimiter =
            [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
        let mut group = Group::new(delimiter[self.byte() % 4], self.stream());
        if self.byte() % 2 == 1 {
            group.set_span(self.span());
        }
        self.keep_tree(group.into());
    }

    fn name(&mut self) {
        let (text, span) = (self.text(), self.span());
        let ident =
            if self.byte() % 2 == 0 { Ident::new(text, span) } else { Ident::new_raw(text, span) };
        self.keep_tree(ident.into());
    }

    fn write(&mut self) {
        let text = self.text();
        let literal = match self.byte() % 5 {
            0 => text.parse::<Literal>().ok(),
            1 => Some(Literal::string(text)),
            2 => Some(Literal::byte_string(text.as_bytes())),
            3 => Some(Literal::f64_unsuffixed(0.5)),
            _ => text.chars().next().map(Literal::character),
        };
        if let Some(literal) = literal {
            self.keep_tree(literal.into());
        }
    }

    fn extend(&mut self) {
        let mut stream = self.stream();
        match self.byte() % 3 {
            0 => stream.extend([self.tree(), self.tree()]),
            1 => stream.extend([self.stream(), self.stream()]),
            _ => stream = stream.into_iter().skip(1).collect(),
        }
        self.keep_stream(stream);
    }

    fn step(&mut self) {
        match self.byte() % 14 {
            0 | 1 => self.stream().into_iter().take(MOST).for_each(|tree| self.keep_tree(tree)),
            2 => {
                let tree = self.tree();
                self.look_at(tree);
            }
            3 => drop(self.stream().to_string()),
            4 => {
                let parsed = self.text().parse();
                self.keep_stream(parsed.unwrap_or_default());
            }
            5 => self.ask_of_span(),
            6 => self.name(),
            7 => self.write(),
            8 => {
                let expanded = self.stream().expand_expr();
                self.keep_stream(expanded.unwrap_or_default());
            }
            9 => self.diagnose(),
            10 => self.build(),
            11 => self.extend(),
            12 => drop(tracked::env_var(self.text())),
            _ => tracked::path(self.text()),
        }
    }
}

fn run(streams: impl IntoIterator<Item = TokenStream>) -> TokenStream {
    let mut state = STATE.with(RefCell::take);
    state.streams.extend(streams);
    while state.at < state.script.len() {
        state.step();
    }
    let mut output = state.stream();
    output.extend(std::mem::take(&mut state.trees));
    output
}

fn one(item: TokenStream) -> TokenStream {
    run([item])
}

fn two(arguments: TokenStream, item: TokenStream) -> TokenStream {
    run([arguments, item])
}

/// One expansion by a message of the host's, of a macro that does as `script` says.
///
/// # Safety
/// Both point to as many bytes.
#[no_mangle]
pub unsafe extern "C" fn gb_fuzz_guest(
    message: *const u8,
    length: usize,
    script: *const u8,
    steps: usize,
) {
    // SAFETY: as said; the room is as long as the message.
    unsafe {
        let script = std::slice::from_raw_parts(script, steps).to_vec();
        STATE.with(|state| state.replace(State { script, ..State::default() }));
        let room = __gbx_alloc(length);
        std::ptr::copy_nonoverlapping(message, room, length);
        let attribute = length >= 24 && *message.add(20) == 2;
        if attribute {
            proc_macro::__gbx_rt::expand2(room, length, two);
        } else {
            proc_macro::__gbx_rt::expand1(room, length, one);
        }
    }
    STATE.with(RefCell::take);
}
