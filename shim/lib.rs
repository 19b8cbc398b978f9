//! What every macro shim calls: hands an expansion to the macro's worker process, answers the worker's
//! questions, and makes the compiler's tokens of the reply. Runs inside the compiler, trusts nothing that
//! comes from the worker, and has no state but the workers that it keeps.
//!
//! docs/protocol.md, section 5, has the source of a shim and the flags that this is compiled with.
//!
//! ```text
//! lib.rs         Library: what a shim's source names
//! expansion.rs   one expansion: request, questions, reply
//!   encode.rs      the compiler's tokens into a message      held.rs    what numbers stand for
//!   build.rs       a message into the compiler's tokens      literal.rs literals, exactly
//!   answer.rs      the macro's questions                     spans.rs   what spans tell, by compiler
//! worker.rs      processes: started, shared, reaped
//!   channel.rs     mailboxes in shared memory                sys.rs     system calls
//! report.rs      errors and records                          problem.rs what can go wrong
//! ```

#![allow(unexpected_cfgs)]
#![deny(unsafe_op_in_unsafe_fn)]
#![cfg_attr(
    glovebox_unstable,
    feature(
        proc_macro_def_site,
        proc_macro_diagnostic,
        proc_macro_expand,
        proc_macro_span,
        proc_macro_tracked_env
    )
)]
#![cfg_attr(all(glovebox_unstable, rust_1_94), feature(proc_macro_tracked_path))]
#![cfg_attr(all(glovebox_unstable, not(rust_1_94)), feature(track_path))]

extern crate proc_macro;

mod answer;
mod build;
mod channel;
mod encode;
mod expansion;
#[cfg(glovebox_guest)]
mod guest;
mod held;
mod literal;
mod problem;
mod report;
mod spans;
mod sys;
#[path = "../wire/wire.rs"]
mod wire;
mod worker;

pub use proc_macro::TokenStream;

use expansion::{Ended, Outcome};

/// A macro crate, as its shim's source states it.
pub struct Info {
    /// Absolute path of `glovebox-worker`, and the build that it must be of.
    pub worker: &'static str,
    pub build: &'static str,
    /// Absolute path of the wasm or of the native library, and its digest in hexadecimal.
    pub artifact: &'static str,
    pub digest: &'static str,
    pub package: &'static str,
    pub version: &'static str,
    /// More words for the worker: limits, and what kind of artifact it is.
    pub arguments: &'static [&'static str],
    /// The macros by their numbers, for messages.
    pub macros: &'static [&'static str],
}

impl Info {
    /// Is the artifact a library of machine code (src/macros/native.h)?
    fn is_native(&self) -> bool {
        self.arguments.contains(&"--native")
    }
}

/// A macro crate and its workers. One `static` in each shim.
pub struct Library {
    info: Info,
    pool: worker::Pool,
}

/// One use of a macro.
struct Call<'a> {
    info: &'a Info,
    index: u32,
    kind: &'static str,
}

impl Call<'_> {
    fn name(&self) -> &'static str {
        self.info.macros.get(self.index as usize).copied().unwrap_or("?")
    }
}

impl Library {
    pub const fn new(info: Info) -> Library {
        Library { info, pool: worker::Pool::new() }
    }

    /// Called when the compiler has loaded the library.
    pub fn loaded(&self) {
        self.pool.expect(&self.info);
    }

    pub fn derive(&self, index: u32, item: TokenStream) -> TokenStream {
        let call = Call { info: &self.info, index, kind: "derive" };
        self.expand(&call, [item], TokenStream::new)
    }

    /// When it fails the item stays, so that what uses it is not reported as well.
    pub fn attribute(&self, index: u32, attribute: TokenStream, item: TokenStream) -> TokenStream {
        let call = Call { info: &self.info, index, kind: "attribute" };
        let kept = item.clone();
        self.expand(&call, [attribute, item], || kept)
    }

    pub fn function(&self, index: u32, input: TokenStream) -> TokenStream {
        let call = Call { info: &self.info, index, kind: "function" };
        self.expand(&call, [input], TokenStream::new)
    }

    /// `instead` goes with the error where there is no output.
    fn expand<const N: usize>(
        &self,
        call: &Call<'_>,
        streams: [TokenStream; N],
        instead: impl FnOnce() -> TokenStream,
    ) -> TokenStream {
        let recorded = report::records_are_wanted();
        let item = streams.last().filter(|_| recorded).and_then(report::item_name);
        let Ended { outcome, refusals } = self.run(call, streams);
        let output = match outcome {
            Ok(Outcome::Done(stream)) => stream,
            Ok(Outcome::Panicked(payload)) => panic_with(call, payload, &refusals),
            Err(problem) => {
                let text = report::problem(call, &problem, &refusals);
                let mut output = report::compile_error(&text, None);
                output.extend(instead());
                output
            }
        };
        if recorded {
            report::record(call, item.as_deref(), &output.to_string());
        }
        output
    }

    fn run<const N: usize>(&self, call: &Call<'_>, streams: [TokenStream; N]) -> Ended {
        let mut lease = match self.pool.lease(&self.info) {
            Ok(lease) => lease,
            Err(problem) => return Ended { outcome: Err(problem), refusals: String::new() },
        };
        let remark = |refusals: &str| report::refused(call, refusals);
        let ended = expansion::run(&mut lease, call.index, streams.into_iter(), remark);
        if let Err(problem) = &ended.outcome {
            // Machine code that was stopped in the middle cannot start over within its process.
            if !problem.spares_worker() || self.info.is_native() {
                lease.discard();
            }
        }
        ended
    }
}

/// As the macro panicked, so does its shim: rustc reports both alike.
fn panic_with(call: &Call<'_>, payload: Option<String>, refusals: &str) -> ! {
    struct NotText;
    match payload {
        Some(text) if refusals.is_empty() => std::panic::resume_unwind(Box::new(text)),
        Some(text) => {
            let text = format!("{text}\n\n{}", report::refused(call, refusals));
            std::panic::resume_unwind(Box::new(text))
        }
        None if refusals.is_empty() => std::panic::resume_unwind(Box::new(NotText)),
        None => std::panic::resume_unwind(Box::new(report::refused(call, refusals))),
    }
}
