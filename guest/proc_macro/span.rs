//! Regions of source, known to the compiler only: a span is a number.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Level};
use crate::rt;
use crate::wire::{op, recipe, span};

/// A region of source code, along with macro expansion information.
///
/// The number counts over the whole life of the instance, so that a span kept from an earlier
/// expansion is recognised: `rt` says how it maps to the wire's.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
#[derive(Copy, Clone)]
pub struct Span(pub(crate) u32);

#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl !Send for Span {}
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl !Sync for Span {}

macro_rules! diagnostic_method {
    ($name:ident, $level:expr) => {
        /// Creates a new `Diagnostic` with the given `message` at the span `self`.
        #[unstable(feature = "proc_macro_diagnostic", issue = "54140")]
        pub fn $name<T: Into<String>>(self, message: T) -> Diagnostic {
            Diagnostic::spanned(self, $level, message)
        }
    };
}

impl Span {
    /// A span that resolves at the macro definition site.
    #[unstable(feature = "proc_macro_def_site", issue = "54724")]
    #[inline]
    pub fn def_site() -> Span {
        rt::span_from_wire(span::DEF_SITE)
    }

    /// The span of the invocation of the current procedural macro: call-site hygiene.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn call_site() -> Span {
        rt::span_from_wire(span::CALL_SITE)
    }

    /// A span with `macro_rules` hygiene: local variables, labels and `$crate` at the definition
    /// site, everything else at the call site.
    #[stable(feature = "proc_macro_mixed_site", since = "1.45.0")]
    #[inline]
    pub fn mixed_site() -> Span {
        rt::span_from_wire(span::MIXED_SITE)
    }

    /// The span for the tokens in the previous macro expansion from which `self` was generated.
    #[unstable(feature = "proc_macro_span", issue = "54725")]
    pub fn parent(&self) -> Option<Span> {
        rt::ask_span(op::SPAN_PARENT, &[*self])
    }

    /// The span for the origin source code that `self` was generated from.
    #[unstable(feature = "proc_macro_span", issue = "54725")]
    pub fn source(&self) -> Span {
        rt::derive_span(recipe::SOURCE, *self, *self)
    }

    /// Returns the span's byte position range in the source file.
    #[unstable(feature = "proc_macro_span", issue = "54725")]
    pub fn byte_range(&self) -> Range<usize> {
        rt::span_info(*self).bytes.clone()
    }

    /// An empty span directly before this one.
    #[stable(feature = "proc_macro_span_location", since = "1.88.0")]
    pub fn start(&self) -> Span {
        rt::derive_span(recipe::START, *self, *self)
    }

    /// An empty span directly after this one.
    #[stable(feature = "proc_macro_span_location", since = "1.88.0")]
    pub fn end(&self) -> Span {
        rt::derive_span(recipe::END, *self, *self)
    }

    /// The one-indexed line of the source file where the span starts.
    #[stable(feature = "proc_macro_span_location", since = "1.88.0")]
    pub fn line(&self) -> usize {
        rt::span_info(*self).line
    }

    /// The one-indexed column of the source file where the span starts.
    #[stable(feature = "proc_macro_span_location", since = "1.88.0")]
    pub fn column(&self) -> usize {
        rt::span_info(*self).column
    }

    /// The path of the source file in which this span occurs, for display purposes.
    #[stable(feature = "proc_macro_span_file", since = "1.88.0")]
    pub fn file(&self) -> String {
        rt::span_info(*self).file.clone()
    }

    /// The path of the source file in which this span occurs on the local file system.
    #[stable(feature = "proc_macro_span_file", since = "1.88.0")]
    pub fn local_file(&self) -> Option<PathBuf> {
        rt::span_info(*self).local_file.clone().map(PathBuf::from)
    }

    /// A new span encompassing `self` and `other`, or `None` when they are from different files.
    #[unstable(feature = "proc_macro_span", issue = "54725")]
    pub fn join(&self, other: Span) -> Option<Span> {
        rt::ask_span(op::SPAN_JOIN, &[*self, other])
    }

    /// A new span with the position of `self` that resolves symbols as though it were at `other`.
    #[stable(feature = "proc_macro_span_resolved_at", since = "1.45.0")]
    pub fn resolved_at(&self, other: Span) -> Span {
        rt::derive_span(recipe::RESOLVED_AT, *self, other)
    }

    /// A new span with the name resolution of `self` and the position of `other`.
    #[stable(feature = "proc_macro_span_located_at", since = "1.45.0")]
    pub fn located_at(&self, other: Span) -> Span {
        other.resolved_at(*self)
    }

    /// Compares two spans to see if they're equal.
    #[allow(clippy::should_implement_trait)] // rustc's name
    #[unstable(feature = "proc_macro_span", issue = "54725")]
    pub fn eq(&self, other: &Span) -> bool {
        rt::span_eq(*self, *other)
    }

    /// The source text behind the span, spaces and comments included.
    #[stable(feature = "proc_macro_source_text", since = "1.66.0")]
    pub fn source_text(&self) -> Option<String> {
        rt::span_text(*self)
    }

    /// What `quote!` emits for a span of its own source text. The compiler finds it in the metadata of
    /// the macro's crate; ours is not that crate, so what is left is the place of the definition.
    #[doc(hidden)]
    #[unstable(feature = "proc_macro_internals", issue = "27812")]
    pub fn recover_proc_macro_span(_id: usize) -> Span {
        Span::def_site()
    }

    diagnostic_method!(error, Level::Error);
    diagnostic_method!(warning, Level::Warning);
    diagnostic_method!(note, Level::Note);
    diagnostic_method!(help, Level::Help);
}

/// Prints a span in a form convenient for debugging.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&rt::span_debug(*self))
    }
}
