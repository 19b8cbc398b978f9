//! Worker processes: started when first needed, kept between expansions, shared by the threads of the
//! compiler, ended and reaped when anything is wrong with one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::channel::{Channel, Incoming};
use crate::problem::Problem;
use crate::wire::Writer;
use crate::Info;

/// The worker's own limit on an expansion, when it is given none; and what is added to it before
/// a worker that does not answer is killed.
const TIME_LIMIT: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(10);

pub struct Worker {
    child: Child,
    channel: Channel,
    /// Ends the worker when it closes; nothing is sent over it after the greeting.
    _socket: UnixStream,
    patience: Duration,
    /// For messages to come: room that stays.
    pub writer: Writer,
    pub text: String,
}

/// A worker that has been started and greeted, but not heard of yet.
struct Started {
    child: Child,
    channel: Channel,
    socket: UnixStream,
}

impl Started {
    fn new(info: &Info) -> Result<Started, Problem> {
        let (ours, theirs) = UnixStream::pair().map_err(Problem::NoChannel)?;
        let mut command = Command::new(info.worker);
        command
            .arg(format!("--artifact={}", info.artifact))
            .arg(format!("--digest={}", info.digest))
            .arg(format!("--package={}", info.package))
            .arg(format!("--version={}", info.version))
            .args(info.arguments)
            .stdin(OwnedFd::from(theirs));
        if !is_one_shot() {
            command.stdout(Stdio::from(io::stderr())); // a server speaks on its standard output
        }
        let child = command.spawn().map_err(Problem::NoWorker)?;
        drop(command); // and with it our copy of the worker's end
        match Channel::open(&ours, info.build) {
            Ok(channel) => Ok(Started { child, channel, socket: ours }),
            Err(problem) => Err(end(child, ours, problem)),
        }
    }

    fn ready(self, info: &Info) -> Result<Worker, Problem> {
        let Started { child, channel, mut socket } = self;
        match Channel::meet(&mut socket, info.build) {
            Ok(()) => Ok(Worker {
                child,
                channel,
                _socket: socket,
                patience: patience(info.arguments),
                writer: Writer::new(),
                text: String::new(),
            }),
            Err(problem) => Err(end(child, socket, problem)),
        }
    }
}

/// Ends a worker that did not get ready. How it ended by itself is part of the problem.
fn end(mut child: Child, socket: UnixStream, problem: Problem) -> Problem {
    drop(socket);
    let ended = matches!(problem, Problem::Ended(_));
    if !ended {
        let _ = child.kill(); // one that has ended keeps its own status
    }
    let status = child.wait().ok();
    if ended {
        Problem::Ended(status)
    } else {
        problem
    }
}

impl Worker {
    /// Seals what `writer` holds and sends it.
    pub fn send_written(&mut self, operation: u32) -> Result<(), Problem> {
        let message = self.writer.finish(operation).ok_or(Problem::TooLarge)?;
        self.channel.send(&mut self.child, message, self.patience)
    }

    pub fn receive(&mut self) -> Result<Incoming, Problem> {
        self.channel.receive(&mut self.child, self.patience)
    }

    /// Takes the message last received out, so that it can be read while the worker is used.
    pub fn take_incoming(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.channel.incoming)
    }

    pub fn give_back(&mut self, room: Vec<u8>) {
        self.channel.incoming = room;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How long to wait for a worker: longer than it may take by its own limits.
fn patience(arguments: &[&str]) -> Duration {
    let limit = |option: &str, otherwise: Duration| {
        let given = arguments.iter().rev().find_map(|word| word.strip_prefix(option));
        match given.and_then(|limit| limit.parse().ok()) {
            Some(0) => Duration::MAX,
            Some(limit) => Duration::from_millis(limit),
            None => otherwise,
        }
    };
    let one = limit("--time-limit=", TIME_LIMIT);
    one.min(limit("--total-time-limit=", Duration::MAX)).saturating_add(GRACE)
}

// ---- whose worker ----------------------------------------------------------------------------

/// Does this process compile one thing and end? Then its environment stays what it is. Anything
/// else is taken for a server, which may set variables around each request. Wrongly taken for a server, a
/// compiler only hashes its environment once for each expansion.
fn is_one_shot() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        std::env::args_os().skip(1).any(|word| {
            let word = word.as_encoded_bytes();
            word == b"--crate-name" || word.ends_with(b".rs") || word.starts_with(b"@")
        })
    })
}

fn environment() -> u64 {
    if is_one_shot() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    std::env::vars_os().for_each(|variable| variable.hash(&mut hasher));
    std::env::current_dir().ok().hash(&mut hasher);
    hasher.finish()
}

/// Artifacts that the compiler is expected to use, since it did the last time: the wrapper knows.
const EXPECTED: &str = "GLOVEBOX_EXPECTED";

fn is_expected(digest: &str) -> bool {
    let expected = || std::env::var(EXPECTED).ok();
    is_one_shot() && expected().is_some_and(|list| list.split(' ').any(|known| known == digest))
}

// ---- sharing ---------------------------------------------------------------------------------

/// Environments whose workers are kept.
const GROUPS: usize = 4;

/// The workers of one library.
///
/// A group is one environment's. Its first place serves everybody, one after the other. While the
/// expansion in a place waits for the compiler to expand something else (`expand_expr`), that may
/// come back here, on this thread or another: the next place serves it, since the first would wait for
/// ever.
pub struct Pool {
    groups: Mutex<Vec<Group>>,
    changed: Condvar,
    /// Threads that wait for that; it changes while the groups are locked.
    waiting: AtomicU32,
    /// Started before anybody asked for one.
    early: Mutex<Option<Started>>,
}

struct Group {
    environment: u64,
    places: Vec<Place>,
    used: u64,
}

struct Place {
    worker: Option<Worker>,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Free,
    Taken,
    /// Taken, and waiting for the compiler to expand something.
    Suspended,
}

impl Pool {
    pub const fn new() -> Pool {
        Pool {
            groups: Mutex::new(Vec::new()),
            changed: Condvar::new(),
            waiting: AtomicU32::new(0),
            early: Mutex::new(None),
        }
    }

    /// The compiler has loaded the library: a worker that will be wanted gets ready while the compiler
    /// goes on. One that cannot be started is left to whoever wants it, and can report it.
    pub fn expect(&self, info: &Info) {
        if is_expected(info.digest) {
            *self.early() = Started::new(info).ok();
        }
    }

    fn early(&self) -> MutexGuard<'_, Option<Started>> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place and starts a worker where it has none.
    pub fn lease(&self, info: &Info) -> Result<Lease<'_>, Problem> {
        let environment = environment();
        let (place, worker) = self.take(environment);
        let mut lease = Lease { pool: self, environment, place, worker };
        if lease.worker.is_none() {
            let early = self.early().take();
            let started = early.map_or_else(|| Started::new(info), Ok)?;
            lease.worker = Some(started.ready(info)?);
        }
        Ok(lease)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, environment: u64) -> (usize, Option<Worker>) {
        let mut groups = self.lock();
        loop {
            let group = group_of(&mut groups, environment);
            let place = group.places.iter().position(|place| place.state != State::Suspended);
            let place = place.unwrap_or_else(|| {
                group.places.push(Place { worker: None, state: State::Free });
                group.places.len() - 1
            });
            if group.places[place].state == State::Free {
                group.places[place].state = State::Taken;
                return (place, group.places[place].worker.take());
            }
            self.waiting.fetch_add(1, Ordering::Relaxed);
            groups = self.changed.wait(groups).unwrap_or_else(PoisonError::into_inner);
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn set(&self, environment: u64, place: usize, state: State, worker: Option<Worker>) {
        let mut groups = self.lock();
        let place = &mut group_of(&mut groups, environment).places[place];
        place.state = state;
        if state == State::Free {
            place.worker = worker;
        }
        let somebody_waits = self.waiting.load(Ordering::Relaxed) > 0;
        drop(groups);
        if somebody_waits {
            self.changed.notify_all(); // which is a system call
        }
    }
}

/// The environment's group, made when there is none; then the one longest unused may have to go.
/// One with an expansion in it never goes.
fn group_of(groups: &mut Vec<Group>, environment: u64) -> &mut Group {
    let now = groups.iter().map(|group| group.used).max().unwrap_or(0) + 1;
    let index = match groups.iter().position(|group| group.environment == environment) {
        Some(index) => index,
        None => {
            let idle = |group: &Group| group.places.iter().all(|place| place.state == State::Free);
            let oldest = groups.iter().filter(|group| idle(group)).map(|group| group.used).min();
            if groups.len() >= GROUPS {
                groups.retain(|group| Some(group.used) != oldest);
            }
            groups.push(Group { environment, places: Vec::new(), used: 0 });
            groups.len() - 1
        }
    };
    groups[index].used = now;
    &mut groups[index]
}

/// A worker for the length of one expansion. Goes back when dropped; `discard` it first if anything is
/// wrong with it.
pub struct Lease<'a> {
    pool: &'a Pool,
    environment: u64,
    place: usize,
    worker: Option<Worker>,
}

impl Lease<'_> {
    pub fn worker(&mut self) -> &mut Worker {
        self.worker.as_mut().expect("a lease has a worker until it is discarded")
    }

    /// Ends the worker and waits for its end; the next expansion starts a fresh one.
    pub fn discard(&mut self) {
        self.worker = None;
    }

    /// Runs what may expand other macros, with room made for them.
    pub fn suspended<R>(&self, run: impl FnOnce() -> R) -> R {
        struct Resume<'a, 'b>(&'a Lease<'b>);
        impl Drop for Resume<'_, '_> {
            fn drop(&mut self) {
                self.0.pool.set(self.0.environment, self.0.place, State::Taken, None);
            }
        }
        self.pool.set(self.environment, self.place, State::Suspended, None);
        let _resume = Resume(self);
        run()
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let worker = self.worker.take();
        self.pool.set(self.environment, self.place, State::Free, worker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(pool: &Pool, environment: u64) -> Lease<'_> {
        let (place, worker) = pool.take(environment);
        Lease { pool, environment, place, worker }
    }

    #[test]
    fn one_thread_at_a_time_is_served() {
        let pool = Pool::new();
        let inside = Mutex::new(());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let lease = lease(&pool, 1);
                        assert_eq!(lease.place, 0);
                        let alone = inside.try_lock().expect("another is served as well");
                        std::thread::yield_now();
                        drop(alone);
                    }
                });
            }
        });
        assert_eq!(pool.lock()[0].places.len(), 1);
    }

    #[test]
    fn what_is_nested_in_a_question_has_a_place_of_its_own() {
        let pool = Pool::new();
        let outer = lease(&pool, 1);
        outer.suspended(|| {
            let inner = std::thread::scope(|scope| scope.spawn(|| lease(&pool, 1).place).join());
            assert_eq!(inner.unwrap(), 1, "by the compiler's own thread");
            let inner = lease(&pool, 1);
            inner.suspended(|| assert_eq!(lease(&pool, 1).place, 2));
            assert_eq!(inner.place, 1);
        });
        drop(outer);
        assert_eq!(lease(&pool, 1).place, 0);
        assert!(pool.lock()[0].places.iter().all(|place| place.state == State::Free));
    }

    #[test]
    fn environments_have_workers_of_their_own_and_the_oldest_idle_one_goes() {
        let pool = Pool::new();
        let busy = lease(&pool, 0);
        for environment in 1..10 {
            drop(lease(&pool, environment));
        }
        let kept: Vec<u64> = pool.lock().iter().map(|group| group.environment).collect();
        assert_eq!(kept, [0, 7, 8, 9]);
        drop(busy);
    }

    #[test]
    fn patience_is_longer_than_the_limit() {
        assert_eq!(patience(&[]), TIME_LIMIT + GRACE);
        assert_eq!(
            patience(&["--time-limit=1", "--time-limit=500"]),
            GRACE + Duration::from_millis(500)
        );
        assert_eq!(patience(&["--time-limit=0"]), Duration::MAX);
        assert_eq!(
            patience(&["--time-limit=0", "--total-time-limit=700"]),
            Duration::from_millis(700) + GRACE
        );
    }
}
