//! What can go wrong between compiler and macro, as text for the compiler error.

use std::fmt;
use std::io;
use std::process::ExitStatus;

pub enum Problem {
    /// The program could not be started.
    NoWorker(io::Error),
    /// No socket, no shared memory, …
    NoChannel(io::Error),
    /// It is of another version or build.
    OtherBuild(String),
    /// It could not get ready, and said why.
    NotReady(String),
    /// It ended where it should have answered.
    Ended(Option<ExitStatus>),
    /// It neither answered nor ended in time.
    Stuck,
    /// What came from it makes no sense.
    Garbage(String),
    /// The macro failed otherwise than by a panic, and the worker said how.
    Failed(String),
    /// It nests groups more deeply than the compiler would survive.
    TooDeep(usize),
    /// The input or an answer is too large for a message.
    TooLarge,
}

impl Problem {
    /// May the worker be used again?
    pub fn spares_worker(&self) -> bool {
        matches!(self, Problem::Failed(_) | Problem::TooLarge)
    }
}

const AGAIN: &str = "run `cargo glovebox build` again";

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NoWorker(error) => write!(f, "its worker could not be started: {error}"),
            Problem::NoChannel(error) => {
                write!(f, "there is no channel to its worker: {error}")
            }
            Problem::OtherBuild(what) | Problem::NotReady(what) => f.write_str(what),
            Problem::Ended(status) => match status {
                Some(status) if status.code() == Some(75) => {
                    f.write_str("its worker did not come back within the time limit")
                }
                Some(status) => write!(f, "its worker ended unexpectedly ({status})"),
                None => f.write_str("its worker ended unexpectedly"),
            },
            Problem::Stuck => f.write_str("its worker did not answer in time and was killed"),
            Problem::Garbage(what) => write!(f, "its worker sent garbage: {what}"),
            Problem::Failed(what) => f.write_str(what.trim_end()),
            Problem::TooDeep(most) => {
                write!(f, "its output nests groups more than {most} deep, which the compiler would not survive")
            }
            Problem::TooLarge => f.write_str("its input is larger than 1 GiB"),
        }
    }
}

impl Problem {
    /// What the user can do next, where there is something.
    pub fn advice(&self, package: &str, worker: &str) -> Option<String> {
        Some(match self {
            Problem::NoWorker(_) => {
                format!("is Glovebox still installed? {worker} is needed; {AGAIN}")
            }
            Problem::OtherBuild(_) => {
                format!("run `cargo clean -p {package}`, then `cargo glovebox build` again")
            }
            Problem::NotReady(_) => {
                format!("run `cargo clean -p {package}`, then `cargo glovebox build` again")
            }
            Problem::Ended(_) => format!("nothing of it is left; {AGAIN}"),
            Problem::Stuck => format!("nothing of it is left; {AGAIN}"),
            _ => return None,
        })
    }
}
