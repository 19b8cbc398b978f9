//! What goes wrong.

use crate::{Log, KEPT};
use proc_macro::{Ident, Span, TokenStream, TokenTree};
use std::panic::{self, AssertUnwindSafe};

pub(crate) fn panics(log: &mut Log, input: TokenStream) {
    struct Loud<'a>(&'a std::cell::Cell<u32>);
    impl Drop for Loud<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + if std::thread::panicking() { 10 } else { 1 });
        }
    }
    let drops = std::cell::Cell::new(0);
    for _ in 0..3 {
        log.caught("text", || {
            let _loud = Loud(&drops);
            panic!("{}", drops.get());
        } as ());
    }
    drop(Loud(&drops));
    log.line("drops", drops.get());
    log.caught("static", || panic!("static") as ());
    log.caught("other", || panic::panic_any(7) as ());
    log.caught("index", || [1, 2][log_len(&input)]);
    log.caught("unwrap", || Err::<(), _>(std::fmt::Error).unwrap());
    log.caught("resumed", || panic::resume_unwind(Box::new("resumed")) as ());
    log.caught("nested", || {
        panic::catch_unwind(|| panic!("inner")).unwrap_err();
        panic!("outer") as ()
    });
}

fn log_len(input: &TokenStream) -> usize {
    input.clone().into_iter().count() + 2
}

/// The hook is quiet inside an expansion, and may be replaced.
pub(crate) fn unwinding(log: &mut Log, _input: TokenStream) {
    let old = panic::take_hook();
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counter = seen.clone();
    panic::set_hook(Box::new(move |_| {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }));
    log.caught("hooked", || panic!("x") as ());
    panic::set_hook(old);
    log.line("seen", seen.load(std::sync::atomic::Ordering::Relaxed));
}

/// Streams and spans of the expansion before.
pub(crate) fn stale(log: &mut Log, input: TokenStream) {
    let kept = KEPT.with_borrow_mut(std::mem::take);
    log.line("kept", kept.len());
    for stream in kept {
        // Dropping one panics as well, natively: it must not be dropped.
        let stream = std::mem::ManuallyDrop::new(stream);
        let used = panic::catch_unwind(AssertUnwindSafe(|| stream.to_string()));
        log.line("stale", used.is_err());
    }
    KEPT.with_borrow_mut(|kept| kept.push(input));
    thread_local! { static SPAN: std::cell::Cell<Option<Span>> = const { std::cell::Cell::new(None) }; }
    let site = Span::call_site();
    if let Some(span) = SPAN.replace(Some(site)) {
        let used = panic::catch_unwind(|| {
            TokenStream::from(TokenTree::from(Ident::new("x", span))).to_string()
                + &format!("{span:?}")
        });
        log.line("stale span", used.is_err());
    }
}

/// Fails in the way that the first word says, at the last token.
pub(crate) fn fail(input: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = input.into_iter().collect();
    let way = trees.first().map(TokenTree::to_string);
    let at = trees.last().map_or(Span::call_site(), TokenTree::span);
    let code = match way.as_deref() {
        Some("text") => panic!("{} tokens", trees.len()),
        Some("other") => panic::panic_any(trees.len()),
        Some("compile_error") => "::std::compile_error! { \"no good\" }",
        Some("type") => "const WRONG: u8 = \"text\";",
        Some("hygiene") => "fn free() -> u8 { missing + self.x }",
        _ => panic!("static"),
    };
    let respan = |mut tree: TokenTree| {
        tree.set_span(at);
        tree
    };
    code.parse::<TokenStream>().unwrap().into_iter().map(respan).collect()
}
