//! One expansion from end to end: the request, the questions on the way, the reply.

use std::any::Any;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::panic::AssertUnwindSafe;

use proc_macro::TokenStream;

use crate::answer;
use crate::build::{Builder, Remark};
use crate::channel::{Incoming, Kind};
use crate::encode::Encoder;
use crate::held::Held;
use crate::literal::Scratch;
use crate::problem::Problem;
use crate::report;
use crate::wire::{op, Message, NONE};
use crate::worker::Lease;

pub struct Expansion {
    pub held: Held,
    pub errors: Vec<answer::Error>,
}

pub enum Outcome {
    Done(TokenStream),
    /// The payload's text, when it was one.
    Panicked(Option<String>),
}

/// What happened, and what the macro was refused meanwhile ("" for nothing).
pub struct Ended {
    pub outcome: Result<Outcome, Problem>,
    pub refusals: String,
}

impl Ended {
    fn by(problem: Problem) -> Ended {
        Ended { outcome: Err(problem), refusals: String::new() }
    }
}

const FLAGS: u32 = if cfg!(glovebox_unstable) { 3 } else { 0 };

/// Expands macro `index`; `remark` makes the text that a refusal adds to the macro's error.
pub fn run(
    lease: &mut Lease<'_>,
    index: u32,
    streams: impl ExactSizeIterator<Item = TokenStream>,
    remark: impl Fn(&str) -> String,
) -> Ended {
    let mut expansion = Expansion { held: Held::new(), errors: Vec::new() };
    if let Err(problem) = expansion.request(lease, index, streams) {
        return Ended::by(problem);
    }
    loop {
        let incoming = match lease.worker().receive() {
            Ok(incoming) => incoming,
            Err(problem) => return Ended::by(problem),
        };
        let bytes = lease.worker().take_incoming();
        if incoming.kind != Kind::Question {
            let ended = expansion.end(lease, &incoming, &bytes, &remark);
            lease.worker().give_back(bytes);
            return ended;
        }
        if let Err(problem) = expansion.question(lease, &bytes[..incoming.second]) {
            return Ended::by(problem);
        }
        lease.worker().give_back(bytes);
    }
}

impl Expansion {
    fn request(
        &mut self,
        lease: &mut Lease<'_>,
        index: u32,
        streams: impl ExactSizeIterator<Item = TokenStream>,
    ) -> Result<(), Problem> {
        let worker = lease.worker();
        worker.writer.clear();
        worker.writer.word(index);
        worker.writer.word(streams.len() as u32);
        let mut encoder = Encoder {
            writer: &mut worker.writer,
            held: &mut self.held,
            text: &mut worker.text,
            scratch: Scratch::default(),
            other: Scratch::default(),
        };
        streams.for_each(|stream| encoder.held_stream(stream));
        worker.writer.word(FLAGS);
        worker.send_written(op::EXPAND)
    }

    /// Native macros may catch the compiler's panic over a question; so it is passed on to ours.
    fn question(&mut self, lease: &mut Lease<'_>, bytes: &[u8]) -> Result<(), Problem> {
        let message = Message::parse(bytes)?;
        lease.worker().writer.clear();
        let answer = AssertUnwindSafe(|| answer::answer(self, lease, message));
        let operation = match std::panic::catch_unwind(answer) {
            Ok(answered) => answered.map(|()| op::ANSWER)?,
            Err(payload) => {
                let writer = &mut lease.worker().writer;
                writer.clear();
                let text = payload_text(&*payload).map_or(NONE, |text| writer.text(text));
                writer.word(text);
                op::RAISED
            }
        };
        lease.worker().send_written(operation)
    }

    fn end(
        &mut self,
        lease: &mut Lease<'_>,
        incoming: &Incoming,
        bytes: &[u8],
        remark: &dyn Fn(&str) -> String,
    ) -> Ended {
        let (first, second) = bytes.split_at(incoming.second);
        let refusals = refusals(second);
        let outcome = if incoming.kind == Kind::Failure {
            Err(Problem::Failed(String::from_utf8_lossy(first).into_owned()))
        } else {
            let remark = (!refusals.is_empty()).then(|| remark(&refusals));
            self.reply(lease, first, remark.as_deref())
        };
        Ended { outcome, refusals }
    }

    fn reply(
        &mut self,
        lease: &mut Lease<'_>,
        bytes: &[u8],
        remark: Option<&str>,
    ) -> Result<Outcome, Problem> {
        let message = Message::parse(bytes)?;
        let mut reader = message.body();
        let mut builder = Builder {
            message,
            held: &mut self.held,
            text: &mut lease.worker().text,
            scratch: Scratch::default(),
            idents: Vec::new(),
            remark: remark.map(|text| Remark { text, made: false, due: false }),
        };
        builder.recipes(&mut reader)?;
        let outcome = match message.operation() {
            op::DONE => {
                let stream = builder.stream(&mut reader)?;
                let missing = builder.remark.filter(|remark| remark.due && !remark.made);
                Outcome::Done(complete(stream, &self.errors, missing))
            }
            op::PANIC => Outcome::Panicked(reader.text_or_none()?.map(str::to_string)),
            other => return Err(Problem::Garbage(format!("operation {other} is no reply"))),
        };
        reader.finish()?;
        Ok(outcome)
    }
}

/// The output, with the errors that could be reported no other way.
fn complete(
    mut stream: TokenStream,
    errors: &[answer::Error],
    missing: Option<Remark<'_>>,
) -> TokenStream {
    #[cfg(glovebox_guest)]
    {
        stream = crate::guest::outward(stream);
    }
    for error in errors {
        stream.extend(report::compile_error(&error.message, error.span));
    }
    if let Some(remark) = missing {
        stream.extend(report::compile_error(remark.text, None));
    }
    stream
}

pub fn payload_text(payload: &(dyn Any + Send)) -> Option<&str> {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

// linux: asm-generic/errno-base.h. `ErrorKind` has had both since 1.83.
const ENOENT: i32 = 2;
const ENOTDIR: i32 = 20;

/// What the worker tells of refusals, as text. Where it names the files that were all that was refused and
/// none of them exists, nothing was withheld.
fn refusals(told: &[u8]) -> String {
    let mut parts = told.split(|&byte| byte == 0);
    let text = parts.next().unwrap_or_default();
    let missing = |path: &[u8]| {
        std::fs::metadata(OsStr::from_bytes(path))
            .is_err_and(|error| matches!(error.raw_os_error(), Some(ENOENT | ENOTDIR)))
    };
    let mut paths = parts.peekable();
    if paths.peek().is_some() && paths.all(missing) {
        return String::new();
    }
    String::from_utf8_lossy(text).into_owned()
}
