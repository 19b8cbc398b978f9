//! Where things are.

use crate::Log;
use proc_macro::{Span, TokenStream, TokenTree};

pub(crate) fn describe(log: &mut Log, what: &str, span: Span) {
    log.line(what, format_args!("{span:?} {:?}", span.source_text()));
    log.line(
        "  at",
        format_args!("{}:{} {:?} {:?}", span.line(), span.column(), span.file(), span.local_file()),
    );
    let (start, end) = (span.start(), span.end());
    log.line("  start", format_args!("{start:?} {}:{}", start.line(), start.column()));
    log.line("  end", format_args!("{end:?} {}:{} {:?}", end.line(), end.column(), end.file()));
}

pub(crate) fn probe(log: &mut Log, input: TokenStream) {
    let (call, mixed) = (Span::call_site(), Span::mixed_site());
    describe(log, "call", call);
    describe(log, "mixed", mixed);
    let mut last = call;
    for tree in input {
        let span = tree.span();
        describe(log, &tree.to_string(), span);
        describe(log, "resolved", span.resolved_at(mixed));
        describe(log, "located", mixed.located_at(span));
        describe(log, "both", last.resolved_at(span).located_at(last).start());
        if let TokenTree::Group(group) = tree {
            describe(log, "open", group.span_open());
            describe(log, "close", group.span_close().end());
            probe(log, group.stream());
        }
        last = span;
    }
}
