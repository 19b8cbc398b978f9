//! `proc_macro` for macros that run inside Glovebox's sandbox.
//!
//! The same face as the crate that comes with rustc 1.96, unstable parts and their feature gates
//! included, so that a macro compiles against it as it is. Behind the face, tokens come in one message
//! and go in one message (docs/protocol.md); the compiler is asked only what only it knows.
//!
//! `staged_api` and the stability attributes make `#![feature(proc_macro_span)]` and its like known
//! features of this crate, refused and granted by the compiler exactly as the real ones.

#![stable(feature = "proc_macro_lib", since = "1.15.0")]
#![feature(staged_api)]
#![feature(allow_internal_unstable)]
#![cfg_attr(all(panic = "unwind", target_family = "wasm"), feature(asm_experimental_arch))]
#![feature(decl_macro)]
#![feature(negative_impls)]
#![feature(panic_can_unwind)]
#![feature(rustc_attrs)]
#![allow(internal_features)]
#![allow(stable_features)] // the guest compiler may be newer
#![deny(unsafe_op_in_unsafe_fn)]

mod diagnostic;
mod encode;
mod escape;
#[cfg(target_family = "wasm")]
// one thread, which native guests need not have; and tests/fuzz/guest.rs looks for mistakes with its own
mod heap;
mod literal;
mod quote;
mod rt;
mod span;
mod stream;
mod symbol;
mod to_tokens;
mod token;
// The macro 2.0 below `quote` counts as a way to all that is `pub` here, named or not.
#[unstable(feature = "proc_macro_internals", issue = "27812")]
#[path = "../../wire/wire.rs"]
mod wire;

#[unstable(feature = "proc_macro_diagnostic", issue = "54140")]
pub use diagnostic::{Diagnostic, Level, MultiSpan};
#[unstable(feature = "proc_macro_value", issue = "136652")]
pub use escape::EscapeError;
#[unstable(feature = "proc_macro_value", issue = "136652")]
pub use literal::ConversionErrorKind;
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub use literal::Literal;
#[unstable(feature = "proc_macro_quote", issue = "54722")]
pub use quote::{ext, quote, HasIterator, RepInterp, ThereIsNoIteratorInRepetition};
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub use span::Span;
#[unstable(feature = "proc_macro_expand", issue = "90765")]
pub use stream::ExpandError;
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub use stream::{token_stream, LexError, TokenStream};
#[unstable(feature = "proc_macro_totokens", issue = "130977")]
pub use to_tokens::ToTokens;
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub use token::{Delimiter, Group, Ident, Punct, Spacing, TokenTree};

/// Determines whether proc_macro has been made accessible to the currently running program.
#[stable(feature = "proc_macro_is_available", since = "1.57.0")]
#[inline]
pub fn is_available() -> bool {
    rt::is_available()
}

#[unstable(
    feature = "proc_macro_tracked_path",
    issue = "99515",
    implied_by = "proc_macro_tracked_env"
)]
pub mod tracked;

/// For the entries that `__gbx` emits.
#[doc(hidden)]
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
pub mod __gbx_rt {
    #[stable(feature = "proc_macro_lib", since = "1.15.0")]
    pub use crate::rt::{expand1, expand2};
}
