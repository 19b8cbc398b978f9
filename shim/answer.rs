//! Questions of the macro, answered by asking the compiler.

use std::ops::Bound;

use proc_macro::{Literal, TokenStream};

use crate::build::Builder;
use crate::encode::Encoder;
use crate::expansion::Expansion;
use crate::literal::Scratch;
use crate::problem::Problem;
use crate::spans;
use crate::wire::{self, op, Message, Reader};
use crate::worker::Lease;

/// Diagnostics that this compiler takes no other way, for the end of the expansion.
pub struct Error {
    pub message: String,
    pub span: Option<proc_macro::Span>,
}

/// Answers the question; the answer is in the worker's writer, for operation ANSWER. A compiler that
/// panics over it unwinds through here.
pub fn answer(
    expansion: &mut Expansion,
    lease: &mut Lease<'_>,
    message: Message<'_>,
) -> Result<(), Problem> {
    let mut reader = message.body();
    let mut asked = Asked { expansion, lease, message };
    asked.builder().recipes(&mut reader)?;
    match message.operation() {
        op::PARSE => asked.parse(&mut reader),
        op::DISPLAY => asked.display(&mut reader),
        op::LITERAL => asked.literal(&mut reader),
        op::IDENT => asked.ident(&mut reader),
        op::SPAN_TEXT => asked.span_text(&mut reader),
        op::SPAN_INFO => asked.span_info(&mut reader),
        op::SPAN_JOIN => {
            let (a, b) = (asked.span(&mut reader)?, asked.span(&mut reader)?);
            asked.some_span(spans::join(a, b))
        }
        op::SPAN_PARENT => {
            let span = asked.span(&mut reader)?;
            asked.some_span(spans::parent(span))
        }
        op::SPAN_DEBUG => {
            let span = asked.span(&mut reader)?;
            asked.text(&format!("{span:?}"))
        }
        op::SPAN_EQ => {
            let (a, b) = (asked.span(&mut reader)?, asked.span(&mut reader)?);
            asked.word(u32::from(spans::equal(a, b)))
        }
        op::SPAN_SUBSPAN => asked.span_subspan(&mut reader),
        op::DIAGNOSTIC => asked.diagnostic(&mut reader),
        op::EXPAND_EXPR => asked.expand_expr(&mut reader),
        op::TRACK_ENV => {
            let name = asked.string(&mut reader)?;
            let value = reader.text_or_none()?;
            track_env(&name, value);
            Ok(())
        }
        op::TRACK_PATH => {
            track_path(&asked.string(&mut reader)?);
            Ok(())
        }
        other => Err(Problem::Garbage(format!("there is no question {other}"))),
    }?;
    Ok(reader.finish()?)
}

struct Asked<'a, 'l, 'm> {
    expansion: &'a mut Expansion,
    lease: &'a mut Lease<'l>,
    message: Message<'m>,
}

impl<'m> Asked<'_, '_, 'm> {
    fn builder(&mut self) -> Builder<'_, 'm> {
        Builder {
            message: self.message,
            held: &mut self.expansion.held,
            text: &mut self.lease.worker().text,
            scratch: Scratch::default(),
            idents: Vec::new(),
            remark: None,
        }
    }

    fn encoder(&mut self) -> Encoder<'_> {
        let worker = self.lease.worker();
        Encoder {
            writer: &mut worker.writer,
            held: &mut self.expansion.held,
            text: &mut worker.text,
            scratch: Scratch::default(),
            other: Scratch::default(),
        }
    }

    fn span(&mut self, reader: &mut Reader<'_>) -> Result<proc_macro::Span, Problem> {
        let number = reader.word()?;
        self.builder().span(number)
    }

    fn string(&mut self, reader: &mut Reader<'_>) -> Result<String, Problem> {
        Ok(reader.text()?.to_string())
    }

    // ---- answers of one kind or another

    fn word(&mut self, word: u32) -> Result<(), Problem> {
        self.lease.worker().writer.word(word);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Problem> {
        let writer = &mut self.lease.worker().writer;
        let index = writer.text(text);
        writer.word(index);
        Ok(())
    }

    fn some_text(&mut self, text: Option<&str>) -> Result<(), Problem> {
        self.word(u32::from(text.is_some()))?;
        text.map_or(Ok(()), |text| self.text(text))
    }

    fn some_span(&mut self, span: Option<proc_macro::Span>) -> Result<(), Problem> {
        self.word(u32::from(span.is_some()))?;
        match span {
            Some(span) => {
                let number = self.expansion.held.add_span(span);
                self.word(number)
            }
            None => Ok(()),
        }
    }

    fn some_stream(&mut self, stream: TokenStream) -> Result<(), Problem> {
        self.word(1)?;
        self.encoder().held_stream(stream);
        Ok(())
    }

    fn error(&mut self, message: &str) -> Result<(), Problem> {
        self.word(0)?;
        self.text(message)
    }

    // ---- questions that take more than a line

    fn parse(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let text = reader.text()?;
        match text.parse::<TokenStream>() {
            Ok(stream) => {
                #[cfg(glovebox_guest)]
                let stream = crate::guest::outward(stream);
                self.some_stream(stream)
            }
            Err(error) => self.error(&error.to_string()),
        }
    }

    fn display(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let stream = self.builder().stream(reader)?;
        let text = stream.to_string();
        #[cfg(glovebox_guest)]
        let text = crate::guest::inward_text(text);
        self.text(&text)
    }

    fn literal(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        match reader.text()?.parse::<Literal>() {
            Ok(literal) => {
                self.word(1)?;
                self.encoder().literal(&literal);
                Ok(())
            }
            Err(error) => self.error(&error.to_string()),
        }
    }

    /// The compiler's judge of identifiers is behind `Ident::new`, which panics where the answer is no.
    fn ident(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let text = reader.text()?;
        let span = proc_macro::Span::call_site();
        let ident = std::panic::catch_unwind(|| proc_macro::Ident::new(text, span).to_string());
        self.some_text(ident.ok().as_deref())
    }

    fn span_text(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let text = self.span(reader)?.source_text();
        self.some_text(text.as_deref())
    }

    fn span_info(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let span = self.span(reader)?;
        let (start, end) = (spans::place(span), spans::place(spans::end(span)));
        let bytes = spans::byte_range(span);
        for number in [start.line, start.column, end.line, end.column, bytes.0, bytes.1] {
            self.word(u32::try_from(number).unwrap_or(u32::MAX))?;
        }
        self.text(&start.file)?;
        match &start.local_file {
            Some(path) => self.text(path),
            None => self.word(wire::NONE),
        }
    }

    fn span_subspan(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let literal = self.builder().lone_literal(reader)?;
        let lower = bound(reader)?;
        let upper = bound(reader)?;
        self.some_span(spans::subspan(&literal, lower, upper))
    }

    fn expand_expr(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let stream = self.builder().stream(reader)?;
        match self.lease.suspended(|| expand_expr(&stream)) {
            Some(stream) => self.some_stream(stream),
            None => self.word(0),
        }
    }

    fn diagnostic(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        // Pre-order, and as deep as it likes: nodes wait with the number of their children to come.
        let (root, mut children) = self.node(reader)?;
        let mut open = vec![root];
        let mut left = vec![children];
        loop {
            if let Some(more) = left.last_mut().filter(|more| **more > 0) {
                *more -= 1;
                let node;
                (node, children) = self.node(reader)?;
                open.push(node);
                left.push(children);
                continue;
            }
            left.pop();
            let Some(node) = open.pop() else { return Ok(()) };
            match open.last_mut() {
                Some(parent) => parent.children.push(node),
                None => emit(node, &mut self.expansion.errors),
            }
        }
    }

    fn node(&mut self, reader: &mut Reader<'_>) -> Result<(Diagnostic, u32), Problem> {
        let level = reader.word()?;
        if level > 3 {
            return Err(Problem::Garbage("there is no such level of diagnostics".into()));
        }
        let message = self.string(reader)?;
        let mut spans = Vec::new();
        for _ in 0..reader.word()? {
            spans.push(self.span(reader)?);
        }
        Ok((Diagnostic { level, message, spans, children: Vec::new() }, reader.word()?))
    }
}

fn bound(reader: &mut Reader<'_>) -> Result<Bound<usize>, Problem> {
    let (kind, value) = (reader.word()?, reader.word()? as usize);
    match kind {
        0 => Ok(Bound::Unbounded),
        1 => Ok(Bound::Included(value)),
        2 => Ok(Bound::Excluded(value)),
        _ => Err(Problem::Garbage("there is no such bound".into())),
    }
}

struct Diagnostic {
    level: u32,
    message: String,
    spans: Vec<proc_macro::Span>,
    children: Vec<Diagnostic>,
}

// ---- what only unstable code can ask of the compiler ------------------------------------------

/// rustc shows a diagnostic and its children, nothing below those.
#[cfg(glovebox_unstable)]
fn emit(diagnostic: Diagnostic, _errors: &mut Vec<Error>) {
    use proc_macro::{Diagnostic as Real, Level};
    let level = |level| match level {
        0 => Level::Error,
        1 => Level::Warning,
        2 => Level::Note,
        _ => Level::Help,
    };
    let mut real = Real::spanned(diagnostic.spans, level(diagnostic.level), diagnostic.message);
    for child in diagnostic.children {
        real = match child.level {
            0 => real.span_error(child.spans, child.message),
            1 => real.span_warning(child.spans, child.message),
            2 => real.span_note(child.spans, child.message),
            _ => real.span_help(child.spans, child.message),
        };
    }
    real.emit();
}

#[cfg(glovebox_unstable)]
fn expand_expr(stream: &TokenStream) -> Option<TokenStream> {
    stream.expand_expr().ok()
}

#[cfg(all(glovebox_unstable, rust_1_94))]
fn track_path(path: &str) {
    proc_macro::tracked::path(path);
}

#[cfg(all(glovebox_unstable, not(rust_1_94)))]
fn track_path(path: &str) {
    proc_macro::tracked_path::path(path);
}

/// The compiler's own reading of the variable is tracked; it is the one that the worker was given.
#[cfg(all(glovebox_unstable, rust_1_94))]
fn track_env(name: &str, _value: Option<&str>) {
    let _ = proc_macro::tracked::env_var(name);
}

#[cfg(all(glovebox_unstable, not(rust_1_94)))]
fn track_env(name: &str, _value: Option<&str>) {
    let _ = proc_macro::tracked_env::var(name);
}

/// Errors become `compile_error!` at the end; the rest is only shown, since a stable compiler takes no
/// warning from a macro.
#[cfg(not(glovebox_unstable))]
fn emit(diagnostic: Diagnostic, errors: &mut Vec<Error>) {
    const LEVELS: [&str; 4] = ["error", "warning", "note", "help"];
    let level = |level: u32| LEVELS[level.min(3) as usize];
    let mut message = diagnostic.message;
    for child in diagnostic.children {
        message += &format!("\n\n  = {}: {}", level(child.level), child.message);
    }
    if diagnostic.level == 0 {
        errors.push(Error { message, span: diagnostic.spans.first().copied() });
    } else {
        eprintln!("{}: {message}", level(diagnostic.level));
    }
}

#[cfg(not(glovebox_unstable))]
fn expand_expr(_stream: &TokenStream) -> Option<TokenStream> {
    None
}

#[cfg(not(glovebox_unstable))]
fn track_path(_path: &str) {}

#[cfg(not(glovebox_unstable))]
fn track_env(_name: &str, _value: Option<&str>) {}
