//! What can be asked of a span, by what this compiler offers. Where it offers nothing, a macro that
//! ran natively could not have asked either.

use proc_macro::Span;

/// Lines, columns, files: since 1.88 for everybody, before that unstable.
pub struct Place {
    pub line: usize,
    pub column: usize,
    pub file: String,
    pub local_file: Option<String>,
}

#[cfg(rust_1_88)]
pub fn start(span: Span) -> Span {
    span.start()
}

#[cfg(rust_1_88)]
pub fn end(span: Span) -> Span {
    span.end()
}

#[cfg(rust_1_88)]
pub fn place(span: Span) -> Place {
    let local_file = span.local_file().and_then(|path| path.into_os_string().into_string().ok());
    Place { line: span.line(), column: span.column(), file: span.file(), local_file }
}

#[cfg(all(not(rust_1_88), glovebox_unstable))]
pub fn start(span: Span) -> Span {
    span.start()
}

#[cfg(all(not(rust_1_88), glovebox_unstable))]
pub fn end(span: Span) -> Span {
    span.end()
}

#[cfg(all(not(rust_1_88), glovebox_unstable))]
pub fn place(span: Span) -> Place {
    let file = span.source_file();
    let path = file.path().into_os_string().into_string().unwrap_or_default();
    let local_file = file.is_real().then(|| path.clone());
    Place { line: span.line(), column: span.column(), file: path, local_file }
}

#[cfg(all(not(rust_1_88), not(glovebox_unstable)))]
pub fn start(span: Span) -> Span {
    span
}

#[cfg(all(not(rust_1_88), not(glovebox_unstable)))]
pub fn end(span: Span) -> Span {
    span
}

#[cfg(all(not(rust_1_88), not(glovebox_unstable)))]
pub fn place(_span: Span) -> Place {
    Place { line: 0, column: 0, file: String::new(), local_file: None }
}

#[cfg(glovebox_unstable)]
mod unstable {
    use proc_macro::{Literal, Span};
    use std::ops::Bound;

    pub fn source(span: Span) -> Span {
        span.source()
    }

    pub fn parent(span: Span) -> Option<Span> {
        span.parent()
    }

    pub fn join(a: Span, b: Span) -> Option<Span> {
        a.join(b)
    }

    pub fn equal(a: Span, b: Span) -> bool {
        a.eq(&b)
    }

    pub fn byte_range(span: Span) -> (usize, usize) {
        let range = span.byte_range();
        (range.start, range.end)
    }

    pub fn subspan(literal: &Literal, lower: Bound<usize>, upper: Bound<usize>) -> Option<Span> {
        literal.subspan((lower, upper))
    }
}

#[cfg(not(glovebox_unstable))]
mod unstable {
    use proc_macro::{Literal, Span};
    use std::ops::Bound;

    pub fn source(span: Span) -> Span {
        span
    }

    pub fn parent(_span: Span) -> Option<Span> {
        None
    }

    pub fn join(_a: Span, _b: Span) -> Option<Span> {
        None
    }

    /// Text that tells the place and the context of each.
    pub fn equal(a: Span, b: Span) -> bool {
        format!("{a:?}") == format!("{b:?}")
    }

    pub fn byte_range(_span: Span) -> (usize, usize) {
        (0, 0)
    }

    pub fn subspan(_literal: &Literal, _lower: Bound<usize>, _upper: Bound<usize>) -> Option<Span> {
        None
    }
}

pub use unstable::*;
