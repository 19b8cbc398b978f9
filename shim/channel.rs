//! The shim's end of the channel to a worker: docs/protocol.md, section 3, and the drawing in
//! src/worker/channel.h. The worker is not trusted: sizes are read once and checked, bytes are
//! copied out before they are looked at.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::problem::Problem;
use crate::sys::{self, Map};
use crate::wire;

const VERSION: u32 = 1;
const HEADER: usize = 4096;
const CAPACITY: usize = 1 << 20;
const SIZE: usize = HEADER + 2 * CAPACITY;
const GREETING: usize = 96;
const MAGIC: &[u8; 8] = b"GLOVEBOX";

const EMPTY: u32 = 0;
const FULL: u32 = 1;
/// What the worker may say beside the macro's message.
const MOST_TEXT: usize = 1 << 16;
/// How long a worker may take to get ready.
const START: Duration = Duration::from_secs(60);
/// For how many messages a thread that was moved is kept where it is, before the system is given another chance.
const STAY: u32 = 100;
/// How often a worker that is silent is looked at: it may have died.
const LOOK: Duration = Duration::from_millis(50);

/// Control words of a mailbox, as byte offsets from its start.
const KIND: usize = 4;
const PART: usize = 8;
const FIRST: usize = 12;
const SECOND: usize = 16;
const OUTBOX: usize = 0;
const INBOX: usize = 64;

const KIND_MESSAGE: u32 = 1;
const KIND_QUESTION: u32 = 2;
const KIND_REPLY: u32 = 3;
const KIND_FAILURE: u32 = 4;

/// What the worker sent; the bytes are in `Channel::incoming`.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Question,
    Reply,
    Failure,
}

pub struct Incoming {
    pub kind: Kind,
    /// Where the second section (refusals, as text) begins in `incoming`.
    pub second: usize,
}

pub struct Channel {
    map: Map,
    processor: Option<usize>,
    /// Waits to come for which this thread is kept where it is: see `receive`.
    stay: u32,
    /// Kept between messages for its room.
    pub incoming: Vec<u8>,
}

impl Channel {
    /// Greets a worker that has just been started.
    pub fn open(socket: &UnixStream, build: &str) -> Result<Channel, Problem> {
        let (map, file) = Map::create(SIZE).map_err(Problem::NoChannel)?;
        let mut greeting = [0; GREETING];
        greeting[..8].copy_from_slice(MAGIC);
        greeting[8..12].copy_from_slice(&VERSION.to_le_bytes());
        greeting[12..16].copy_from_slice(&(SIZE as u32).to_le_bytes());
        greeting[16..16 + build.len().min(63)]
            .copy_from_slice(&build.as_bytes()[..build.len().min(63)]);
        sys::send_with_descriptor(socket, &greeting, &file).map_err(|error| {
            match error.kind() {
                io::ErrorKind::BrokenPipe => Problem::Ended(None), // before it looked
                _ => Problem::NoChannel(error),
            }
        })?;
        Ok(Channel { map, processor: None, stay: 0, incoming: Vec::new() })
    }

    /// Waits until the worker is ready.
    pub fn meet(socket: &mut UnixStream, build: &str) -> Result<(), Problem> {
        socket.set_read_timeout(Some(START)).map_err(Problem::NoChannel)?;
        read_greeting(socket, build)
    }

    /// Sends one message. `child` is the worker: looked at when it does not take what it is sent.
    pub fn send(
        &mut self,
        child: &mut Child,
        message: &[u8],
        patience: Duration,
    ) -> Result<(), Problem> {
        // What shares a processor is handed over fastest: see docs/protocol.md.
        let processor = sys::processor();
        if processor != self.processor {
            if let Some(processor) = processor {
                sys::keep_on_processor(child.id(), processor);
            }
            self.processor = processor;
        }
        let mut parts = message.chunks(CAPACITY);
        let mut next = Some(parts.next().unwrap_or(&[]));
        while let Some(part) = next {
            self.wait(OUTBOX, EMPTY, child, patience)?;
            self.map.write(HEADER, part);
            self.put(OUTBOX + KIND, KIND_MESSAGE);
            self.put(OUTBOX + PART, part.len() as u32);
            self.put(OUTBOX + FIRST, message.len() as u32);
            self.put(OUTBOX + SECOND, 0);
            sys::futex_set(self.map.word(OUTBOX), FULL);
            next = parts.next();
        }
        Ok(())
    }

    /// Waits for the worker's next message.
    pub fn receive(&mut self, child: &mut Child, patience: Duration) -> Result<Incoming, Problem> {
        let stay = (self.stay > 0).then(|| self.processor.and_then(sys::stay_on_processor));
        let received = self.receive_parts(child, patience);
        match stay {
            Some(_) => self.stay -= 1,
            // A system that has another processor idle wakes us there, and the worker would follow: ten times as
            // slow as to change places on one. Then it is worth two system calls more to stay here.
            None if sys::processor() != self.processor => self.stay = STAY,
            None => {}
        }
        received
    }

    fn receive_parts(
        &mut self,
        child: &mut Child,
        patience: Duration,
    ) -> Result<Incoming, Problem> {
        self.incoming.clear();
        let mut whole: Option<(u32, usize, usize)> = None;
        loop {
            self.wait(INBOX, FULL, child, patience)?;
            let (kind, part) = (self.get(INBOX + KIND), self.get(INBOX + PART) as usize);
            let first = self.get(INBOX + FIRST) as usize;
            let second = self.get(INBOX + SECOND) as usize;
            let (kind, first, second) = match whole {
                Some(begun) if begun != (kind, first, second) => return garbage("parts differ"),
                Some(begun) => begun,
                None => (kind, first, second),
            };
            if first > wire::MAX_BYTES || second > MOST_TEXT || part > CAPACITY {
                return garbage("a message is too large");
            }
            let total = first + second;
            if part > total - self.incoming.len() || (part == 0 && total != 0) {
                return garbage("a part has the wrong size");
            }
            if self.incoming.is_empty() {
                // The worker says how long it will be, so that much is not taken on trust.
                self.incoming.reserve(total.min(4 * CAPACITY));
            }
            self.map.read(HEADER + CAPACITY, part, &mut self.incoming);
            whole = Some((kind, first, second));
            if self.incoming.len() < total {
                sys::futex_set(self.map.word(INBOX), EMPTY);
                continue;
            }
            self.put(INBOX, EMPTY); // nobody waits for that
            let kind = match kind {
                KIND_QUESTION if second == 0 => Kind::Question,
                KIND_REPLY => Kind::Reply,
                KIND_FAILURE => Kind::Failure,
                _ => return garbage("a message is of no known kind"),
            };
            return Ok(Incoming { kind, second: first });
        }
    }

    /// Until the mailbox is in this state, or the worker is dead, or time is up.
    fn wait(
        &self,
        mailbox: usize,
        state: u32,
        child: &mut Child,
        patience: Duration,
    ) -> Result<(), Problem> {
        let word = self.map.word(mailbox);
        let is_there = || word.load(Ordering::Acquire) == state;
        if is_there() {
            return Ok(());
        }
        // Time in which this process stood still (stopped, the machine suspended) is not waited time.
        let (mut waited, mut looked) = (Duration::ZERO, Duration::ZERO);
        loop {
            let start = Instant::now();
            sys::futex_wait(word, 1 - state, LOOK);
            if is_there() {
                return Ok(());
            }
            let look = start.elapsed().min(10 * LOOK);
            (waited, looked) = (waited + look, looked + look);
            if looked < LOOK {
                continue; // woken early
            }
            looked = Duration::ZERO;
            match child.try_wait() {
                Ok(None) => {}
                // It may have sent its last word just before it ended.
                _ if is_there() => return Ok(()),
                Ok(status) => return Err(Problem::Ended(status)),
                Err(_) => return Err(Problem::Ended(None)),
            }
            if waited > patience {
                return Err(Problem::Stuck);
            }
        }
    }

    fn get(&self, offset: usize) -> u32 {
        self.map.word(offset).load(Ordering::Relaxed)
    }

    fn put(&self, offset: usize, value: u32) {
        self.map.word(offset).store(value, Ordering::Relaxed);
    }
}

fn garbage<T>(what: &str) -> Result<T, Problem> {
    Err(Problem::Garbage(what.to_string()))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn read_greeting(socket: &mut UnixStream, build: &str) -> Result<(), Problem> {
    let mut greeting = [0; GREETING];
    socket.read_exact(&mut greeting).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => Problem::Ended(None),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Problem::Stuck,
        _ => Problem::NoChannel(error),
    })?;
    if &greeting[..8] != MAGIC {
        return Err(Problem::OtherBuild("its worker is no worker of Glovebox's".to_string()));
    }
    let version = word(&greeting, 8);
    let theirs = &greeting[16..80];
    let theirs = &theirs[..theirs.iter().position(|&byte| byte == 0).unwrap_or(theirs.len())];
    if version != VERSION {
        return Err(Problem::OtherBuild(format!(
            "it speaks version {VERSION} of the channel, its worker version {version}"
        )));
    }
    if theirs != build.as_bytes() {
        return Err(Problem::OtherBuild(format!(
            "it was made by build {build} of Glovebox, its worker is of build {}",
            String::from_utf8_lossy(theirs)
        )));
    }
    if word(&greeting, 12) == 0 {
        return Ok(());
    }
    let mut why = vec![0; (word(&greeting, 80) as usize).min(MOST_TEXT)];
    socket.read_exact(&mut why).map_err(Problem::NoChannel)?;
    Err(Problem::NotReady(String::from_utf8_lossy(&why).into_owned()))
}
