//! Macros that exercise `proc_macro` and expand to the text of what they found.
#![allow(clippy::all)] // odd on purpose
#![cfg_attr(
    feature = "unstable",
    feature(
        proc_macro_def_site,
        proc_macro_diagnostic,
        proc_macro_expand,
        proc_macro_quote,
        proc_macro_span,
        proc_macro_totokens,
        proc_macro_tracked_env,
        proc_macro_tracked_path,
        proc_macro_value,
        extend_one
    )
)]

extern crate proc_macro;

mod errors;
mod input;
mod made;
mod spans;
#[cfg(feature = "unstable")]
mod unstable;

use proc_macro::{Literal, TokenStream, TokenTree};
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};

/// Lines of findings.
#[derive(Default)]
pub(crate) struct Log(pub(crate) String);

impl Log {
    pub(crate) fn line(&mut self, what: &str, found: impl std::fmt::Display) {
        self.0 += &format!("{what}: {found}\n");
    }
    /// The text of a panic, or what the function gives.
    pub(crate) fn caught<T: std::fmt::Debug>(&mut self, what: &str, f: impl FnOnce() -> T) {
        let found = match panic::catch_unwind(AssertUnwindSafe(f)) {
            Ok(value) => format!("{value:?}"),
            Err(payload) => match payload.downcast_ref::<String>() {
                Some(text) => format!("panic {text:?}"),
                None => format!("panic {:?}", payload.downcast_ref::<&str>()),
            },
        };
        self.line(what, format!("{found}; panicking {}", std::thread::panicking()));
    }
    fn literal(self) -> TokenStream {
        TokenTree::from(Literal::string(&self.0)).into()
    }
}

/// A macro that expands to its findings on its input, as a string.
macro_rules! probes {
    ($($name:ident $probe:path;)*) => {$(
        #[proc_macro]
        pub fn $name(input: TokenStream) -> TokenStream {
            let mut log = Log::default();
            $probe(&mut log, input);
            log.literal()
        }
    )*};
}

probes! {
    input input::probe;
    constructors made::constructors;
    streams made::streams;
    deep made::deep;
    from_text made::from_text;
    from_bad_text made::from_bad_text;
    literals made::literals;
    spans spans::probe;
    panics errors::panics;
    unwinding errors::unwinding;
    stale errors::stale;
}

#[cfg(feature = "unstable")]
probes! {
    unstable_spans unstable::spans;
    unstable_values unstable::values;
    unstable_quote unstable::quoting;
    unstable_expand unstable::expand;
    unstable_tracked unstable::tracked;
}

/// Diagnostics of all levels, at the tokens of the input.
#[cfg(feature = "unstable")]
#[proc_macro]
pub fn unstable_diagnostics(input: TokenStream) -> TokenStream {
    unstable::diagnostics(input);
    TokenStream::new()
}

/// Counts its expansions: state lives as long as the compiler.
#[proc_macro]
pub fn count(_input: TokenStream) -> TokenStream {
    thread_local! { static COUNT: Cell<u32> = const { Cell::new(0) }; }
    static TOTAL: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let total = TOTAL.fetch_add(2, std::sync::atomic::Ordering::Relaxed);
    COUNT.set(COUNT.get() + 1);
    TokenTree::from(Literal::string(&format!("{} {total}", COUNT.get()))).into()
}

/// Has its input expanded, a macro of this crate in it, while it is being expanded itself.
#[cfg(feature = "unstable")]
#[proc_macro]
pub fn three(input: TokenStream) -> TokenStream {
    let before = proc_macro::Span::mixed_site();
    let inner = input.expand_expr().unwrap();
    // Spans from before and from within are both this expansion's.
    let mut output: TokenStream = "::std::concat!".parse().unwrap();
    let mut group = proc_macro::Group::new(proc_macro::Delimiter::Brace, inner);
    group.set_span(before.located_at(proc_macro::Span::call_site()));
    output.extend([TokenTree::from(group)]);
    output
}

/// The variables of the crate that is compiled.
#[proc_macro]
pub fn environment(_input: TokenStream) -> TokenStream {
    let mut log = Log::default();
    for name in
        ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_CRATE_NAME", "API_IS_NOT_SET", "", "A=B"]
    {
        log.line(name, format_args!("{:?} {:?}", std::env::var(name), std::env::var_os(name)));
    }
    std::env::set_var("CARGO_PKG_NAME", "other");
    log.line("set", format_args!("{:?}", std::env::var("CARGO_PKG_NAME")));
    std::env::remove_var("CARGO_PKG_NAME");
    log.line("removed", format_args!("{:?}", std::env::var("CARGO_PKG_NAME")));
    std::env::set_var("CARGO_PKG_NAME", "api");
    log.line("available", proc_macro::is_available());
    log.literal()
}

/// Its arguments and its item, untouched and rebuilt, as constants beside the item.
#[proc_macro_attribute]
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut log = Log::default();
    input::probe(&mut log, arguments);
    input::probe(&mut log, item.clone());
    let mut output = item;
    output.extend("pub const ATTRIBUTE: &str =".parse::<TokenStream>().unwrap());
    output.extend(log.literal());
    output.extend(";".parse::<TokenStream>());
    output
}

/// A derive with helpers.
#[proc_macro_derive(Probe, attributes(helper, r#other))]
pub fn derive(item: TokenStream) -> TokenStream {
    let mut log = Log::default();
    input::probe(&mut log, item);
    let mut output: TokenStream = "pub const DERIVE: &str =".parse().unwrap();
    output.extend(log.literal());
    output.extend([TokenTree::from(proc_macro::Punct::new(';', proc_macro::Spacing::Alone))]);
    output
}

/// Gives back what it was given, by different ways: rustc prints each of them.
#[proc_macro]
pub fn identity(input: TokenStream) -> TokenStream {
    let mut trees = input.into_iter();
    let Some(TokenTree::Ident(way)) = trees.next() else { panic!("which way?") };
    let rest: TokenStream = trees.collect();
    made::rebuild(&way.to_string(), rest)
}

/// Fails; see `errors`.
#[proc_macro]
pub fn fail(input: TokenStream) -> TokenStream {
    errors::fail(input)
}

/// Fails on its item.
#[proc_macro_attribute]
pub fn fail_attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    panic!("{arguments}: {item}");
}

/// Fails on its item.
#[proc_macro_derive(Fail)]
pub fn fail_derive(item: TokenStream) -> TokenStream {
    "compile_error!(\"derived\"); const X: () = ();"
        .parse::<TokenStream>()
        .into_iter()
        .chain([item])
        .collect()
}

thread_local! {
    static KEPT: RefCell<Vec<TokenStream>> = const { RefCell::new(Vec::new()) };
}
