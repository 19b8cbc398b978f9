//! The expansion in progress: the messages that came, the questions asked, the way out.
//!
//! One expansion runs at a time, except that a question may lead the compiler to expand another macro
//! of this crate before it answers (`expand_expr`): then the outer one waits, and its state with it.
//!
//! Span handles. The wire numbers spans within an expansion; a `Span` may outlive it in a macro's
//! static. So a handle is `base + 2 * number`, one more for a derived span, where `base` lies above all
//! handles given out before. Whatever is outside the current range is from another expansion, which the
//! compiler's own bridge answers with a panic, and so do we.

use std::alloc::{self, Layout};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ops::{Bound, Range};
use std::panic::{self, AssertUnwindSafe};
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Once;

use crate::diagnostic::{Diagnostic, Level};
use crate::encode::Encoder;
use crate::stream::{Held, Rope};
use crate::symbol::{FxMap, Symbol};
use crate::wire::{self, op, recipe, span, Message, Piece, Reader};
use crate::{Literal, Span, TokenStream};

// A native guest (src/macros/native.h) finds them in the worker that loads it.
#[cfg_attr(target_family = "wasm", link(wasm_import_module = "glovebox"))]
unsafe extern "C" {
    #[cfg_attr(not(target_family = "wasm"), link_name = "__gbx_ask")]
    fn ask(ptr: *const u8, len: usize) -> usize;
    #[cfg_attr(not(target_family = "wasm"), link_name = "__gbx_answer")]
    fn answer(ptr: *mut u8);
    #[cfg_attr(not(target_family = "wasm"), link_name = "__gbx_reply")]
    fn reply(ptr: *const u8, len: usize);
    #[cfg_attr(not(target_family = "wasm"), link_name = "__gbx_env_get")]
    fn env_get(name: *const u8, len: usize) -> isize;
}

// LLVM refers to the tag of Rust's exceptions and leaves its definition to whoever links.
#[cfg(all(panic = "unwind", target_family = "wasm"))]
std::arch::global_asm!(
    ".globl __cpp_exception",
    ".tagtype __cpp_exception i32",
    "__cpp_exception:"
);

// ---- room for messages -----------------------------------------------------------------------

/// Bytes that the host fills: of a message, from `__gbx_alloc` or for an answer.
struct Room {
    ptr: NonNull<u8>,
    len: usize,
}

fn layout(len: usize) -> Layout {
    Layout::from_size_align(len.max(1), 8).expect("a message is under 2 GiB")
}

impl Room {
    fn new(len: usize) -> Room {
        // SAFETY: the layout is not empty.
        let ptr = unsafe { alloc::alloc_zeroed(layout(len)) };
        let Some(ptr) = NonNull::new(ptr) else { alloc::handle_alloc_error(layout(len)) };
        Room { ptr, len }
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: len initialised bytes that this room owns.
        unsafe { std::slice::from_raw_parts(self.ptr.as_ptr(), self.len) }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, by `new` or `__gbx_alloc`.
        unsafe { alloc::dealloc(self.ptr.as_ptr(), layout(self.len)) }
    }
}

/// Room for the message of an expansion; null when there is none.
#[no_mangle]
#[doc(hidden)]
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
pub extern "C" fn __gbx_alloc(len: usize) -> *mut u8 {
    if len > wire::MAX_BYTES {
        return std::ptr::null_mut();
    }
    // SAFETY: the layout is not empty.
    unsafe { alloc::alloc_zeroed(layout(len)) }
}

/// A message that came, kept as long as a stream refers to it.
pub(crate) struct Incoming {
    pub(crate) message: Message<'static>,
    /// By text index; filled as the texts are met.
    symbols: Box<[Cell<Option<Symbol>>]>,
    /// Handle of the wire's span 0, and the number of the expansion.
    base: u32,
    pub(crate) serial: u32,
    _room: Room,
}

impl Incoming {
    fn new(room: Room) -> Rc<Incoming> {
        let message = Message::parse(room.bytes()).unwrap_or_else(|error| broken(&error));
        // SAFETY: the bytes stay where they are until `_room` is dropped, with this struct, and no
        // one outside gets more than a borrow of `message`.
        let message = unsafe { std::mem::transmute::<Message<'_>, Message<'static>>(message) };
        let symbols = vec![Cell::new(None); message.text_count() as usize].into_boxed_slice();
        let (base, serial) = SESSION.with(|session| {
            session.words.set(session.words.get() + (room.len / 4) as u32);
            (session.base.get(), session.serial.get())
        });
        Rc::new(Incoming { message, symbols, base, serial, _room: room })
    }

    #[inline]
    pub(crate) fn symbol(&self, text: u32) -> Symbol {
        let cell = &self.symbols[text as usize];
        cell.get().unwrap_or_else(|| {
            let symbol = Symbol::new(self.message.text(text).unwrap_or_default());
            cell.set(Some(symbol));
            symbol
        })
    }

    #[inline]
    pub(crate) fn span(&self, number: u32) -> Span {
        Span(self.base.wrapping_add(number.wrapping_mul(2)))
    }

    pub(crate) fn literal(&self, piece: &Piece<'_>) -> Option<Literal> {
        let Piece::Literal { kind, hashes, text, suffix, span } = *piece else { return None };
        let suffix = if suffix == wire::NONE { None } else { Some(self.symbol(suffix)) };
        let span = self.span(span);
        Some(Literal { kind, hashes, symbol: self.symbol(text), suffix, span })
    }
}

/// A message of the shim that breaks the protocol: a defect of Glovebox, never of the macro.
#[cold]
pub(crate) fn broken(error: &wire::Error) -> ! {
    panic!("glovebox: {error}")
}

// ---- the session -----------------------------------------------------------------------------

struct Session {
    /// Number of the expansion in progress, from 1; 0: none.
    serial: Cell<u32>,
    last_serial: Cell<u32>,
    base: Cell<u32>,
    next_base: Cell<u32>,
    /// Words received: span numbers are lower than 3 more.
    words: Cell<u32>,
    /// Derived spans made.
    derived: Cell<u32>,
    tables: RefCell<Tables>,
    encoder: Cell<Option<Box<Encoder>>>,
}

#[derive(Default)]
struct Tables {
    recipes: Vec<[u32; 3]>,
    sent: usize,
    known: Option<FxMap<[u32; 3], u32>>,
    infos: Option<FxMap<u32, Rc<Info>>>,
}

/// What the compiler says of a span.
#[derive(Clone)]
pub(crate) struct Info {
    pub(crate) line: usize,
    pub(crate) column: usize,
    end: (usize, usize),
    pub(crate) bytes: Range<usize>,
    pub(crate) file: String,
    pub(crate) local_file: Option<String>,
}

thread_local! {
    static SESSION: Session = const {
        Session {
            serial: Cell::new(0),
            last_serial: Cell::new(0),
            base: Cell::new(2),
            next_base: Cell::new(2),
            words: Cell::new(0),
            derived: Cell::new(0),
            tables: RefCell::new(Tables { recipes: Vec::new(), sent: 0, known: None, infos: None }),
            encoder: Cell::new(None),
        }
    };
}

#[inline]
pub(crate) fn is_available() -> bool {
    SESSION.with(|session| session.serial.get() != 0)
}

#[inline]
fn with<R>(f: impl FnOnce(&Session) -> R) -> R {
    SESSION.with(|session| {
        if session.serial.get() == 0 {
            panic!("procedural macro API is used outside of a procedural macro");
        }
        f(session)
    })
}

/// The number of the expansion in progress, for streams to know theirs.
#[inline]
pub(crate) fn serial() -> u32 {
    with(|session| session.serial.get())
}

/// rustc: proc_macro/src/bridge/handle.rs says the same of a handle that its store does not know.
#[cold]
pub(crate) fn stale() -> ! {
    panic!("use-after-free in `proc_macro` handle")
}

impl Session {
    /// From here on an expansion is in progress; its end gives the state back.
    fn enter(&self) -> Outer<'_> {
        let outer = Outer {
            session: self,
            serial: self.serial.get(),
            base: self.base.get(),
            words: self.words.get(),
            derived: self.derived.get(),
            tables: self.tables.take(),
        };
        if outer.serial != 0 {
            self.seal();
        }
        let serial = self.last_serial.get().wrapping_add(1).max(1);
        self.last_serial.set(serial);
        self.serial.set(serial);
        self.base.set(self.next_base.get());
        self.words.set(0);
        self.derived.set(0);
        outer
    }

    /// No handle of this expansion will be given out again.
    fn seal(&self) {
        let used = (self.words.get() + span::FIRST).max(self.derived.get());
        self.next_base.set(self.base.get().wrapping_add(used * 2));
    }
}

struct Outer<'a> {
    session: &'a Session,
    serial: u32,
    base: u32,
    words: u32,
    derived: u32,
    tables: Tables,
}

impl Drop for Outer<'_> {
    fn drop(&mut self) {
        let session = self.session;
        session.seal();
        session.serial.set(self.serial);
        session.base.set(self.base);
        session.words.set(self.words);
        session.derived.set(self.derived);
        session.tables.replace(std::mem::take(&mut self.tables));
    }
}

// ---- questions -------------------------------------------------------------------------------

/// Builds a message in the encoder that is kept between messages.
fn compose(operation: u32, body: impl FnOnce(&mut Encoder), send: impl FnOnce(&[u8])) {
    with(|session| {
        let mut encoder = session.encoder.take().unwrap_or_default();
        encoder.begin();
        {
            let tables = session.tables.borrow();
            let new = &tables.recipes[tables.sent..];
            encoder.writer.word(new.len() as u32);
            new.iter().flatten().for_each(|&word| encoder.writer.word(word));
        }
        body(&mut encoder);
        let Some(bytes) = encoder.writer.finish(operation) else {
            panic!("the output of the macro is over 1 GiB");
        };
        {
            let mut tables = session.tables.borrow_mut();
            tables.sent = tables.recipes.len();
        }
        send(bytes);
        session.encoder.set(Some(encoder));
    });
}

fn question(operation: u32, body: impl FnOnce(&mut Encoder)) -> Rc<Incoming> {
    let mut room = None;
    compose(operation, body, |bytes| {
        // SAFETY: the host reads these bytes, and then writes the answer, of the length it said, once.
        let answered = unsafe {
            let room = Room::new(ask(bytes.as_ptr(), bytes.len()));
            answer(room.ptr.as_ptr());
            room
        };
        room = Some(answered);
    });
    let incoming = Incoming::new(room.expect("compose sends"));
    match incoming.message.operation() {
        op::ANSWER => incoming,
        op::RAISED => raise(&incoming),
        _ => broken(&wire::Error { reason: "an answer was expected", word: 0 }),
    }
}

/// The compiler panicked over the question: the macro does, as natively, and without the panic hook.
#[cold]
fn raise(incoming: &Incoming) -> ! {
    struct NoText;
    match ok(incoming.message.body().text_or_none()) {
        Some(text) => panic::resume_unwind(Box::new(text.to_owned())),
        None => panic::resume_unwind(Box::new(NoText)),
    }
}

fn ok<T>(result: Result<T, wire::Error>) -> T {
    result.unwrap_or_else(|error| broken(&error))
}

/// A question with an answer of `1, …` or `0`.
fn question_or(
    operation: u32,
    body: impl FnOnce(&mut Encoder),
) -> (Rc<Incoming>, Option<Reader<'static>>) {
    let incoming = question(operation, body);
    let mut reader = incoming.message.body();
    let there = ok(reader.word()) != 0;
    (incoming, there.then_some(reader))
}

fn text_of(answer: Rc<Incoming>, after: usize) -> String {
    ok(answer.message.reader(after).text()).to_owned()
}

/// The held stream at the reader: its origin, then the stream itself.
fn held(incoming: &Rc<Incoming>, reader: &mut Reader<'_>) -> TokenStream {
    ok(reader.word());
    let at = reader.at();
    ok(reader.pieces());
    TokenStream(Rope::Held(Held::new(incoming, at)))
}

pub(crate) fn parse(text: &str) -> Result<TokenStream, String> {
    let body = |encoder: &mut Encoder| encoder.string(text);
    match question_or(op::PARSE, body) {
        (incoming, Some(mut reader)) => Ok(held(&incoming, &mut reader)),
        (incoming, None) => Err(text_of(incoming, 1)),
    }
}

pub(crate) fn display(rope: &Rope) -> String {
    text_of(question(op::DISPLAY, |encoder| encoder.stream(rope)), 0)
}

pub(crate) fn expand_expr(rope: &Rope) -> Option<TokenStream> {
    let (incoming, reader) = question_or(op::EXPAND_EXPR, |encoder| encoder.stream(rope));
    reader.map(|mut reader| held(&incoming, &mut reader))
}

pub(crate) fn parse_literal(text: &str) -> Result<Literal, String> {
    let body = |encoder: &mut Encoder| encoder.string(text);
    match question_or(op::LITERAL, body) {
        (incoming, Some(mut reader)) => Ok(incoming
            .literal(&ok(reader.piece()))
            .unwrap_or_else(|| broken(&wire::Error { reason: "a literal was expected", word: 1 }))),
        (incoming, None) => Err(text_of(incoming, 1)),
    }
}

pub(crate) fn normalize_ident(text: &str) -> Option<Symbol> {
    let (_incoming, reader) = question_or(op::IDENT, |encoder| encoder.string(text));
    reader.map(|mut reader| Symbol::new(ok(reader.text())))
}

pub(crate) fn emit(diagnostic: &Diagnostic) {
    question(op::DIAGNOSTIC, |encoder| encoder.diagnostic(diagnostic));
}

pub(crate) fn level_number(level: Level) -> u32 {
    match level {
        Level::Error => 0,
        Level::Warning => 1,
        Level::Note => 2,
        Level::Help => 3,
    }
}

pub(crate) fn track_env(name: &str, value: Option<&str>) {
    question(op::TRACK_ENV, |encoder| {
        encoder.string(name);
        match value {
            Some(value) => encoder.string(value),
            None => encoder.writer.word(wire::NONE),
        }
    });
}

pub(crate) fn track_path(path: &str) {
    question(op::TRACK_PATH, |encoder| encoder.string(path));
}

/// One variable of the environment, if it is set and granted.
pub(crate) fn env(name: &str) -> Option<Vec<u8>> {
    // SAFETY: the host reads the name.
    let len = unsafe { env_get(name.as_ptr(), name.len()) };
    let mut value = vec![0; usize::try_from(len).ok()?];
    // SAFETY: the host writes the value, of the length it said.
    unsafe { answer(value.as_mut_ptr()) };
    Some(value)
}

// ---- spans -----------------------------------------------------------------------------------

/// A span that the wire has a number for.
#[inline]
pub(crate) fn span_from_wire(number: u32) -> Span {
    with(|session| Span(session.base.get().wrapping_add(number * 2)))
}

/// The wire's number of a span; a panic when it is from another expansion.
#[inline]
pub(crate) fn span_to_wire(handle: Span) -> u32 {
    with(|session| {
        let offset = handle.0.wrapping_sub(session.base.get());
        let number = offset >> 1;
        if offset & 1 == 0 && number < session.words.get() + span::FIRST {
            number
        } else if offset & 1 == 1 && number < session.derived.get() {
            span::DERIVED | number
        } else {
            stale()
        }
    })
}

pub(crate) fn derive_span(how: u32, a: Span, b: Span) -> Span {
    let (first, second) = (span_to_wire(a), span_to_wire(b));
    if how == recipe::RESOLVED_AT && first == second {
        return a;
    }
    let key = [how, first, if how == recipe::RESOLVED_AT { second } else { 0 }];
    with(|session| {
        let mut tables = session.tables.borrow_mut();
        let known = tables.known.get_or_insert_default();
        let next = known.len() as u32;
        let number = *known.entry(key).or_insert(next);
        if number == next {
            tables.recipes.push(key);
            session.derived.set(next + 1);
        }
        Span(session.base.get().wrapping_add(number * 2 + 1))
    })
}

pub(crate) fn span_info(of: Span) -> Rc<Info> {
    let number = span_to_wire(of);
    let (cached, made) = with(|session| {
        let tables = session.tables.borrow();
        let cached = tables.infos.as_ref().and_then(|infos| infos.get(&number).cloned());
        let derived = number & span::DERIVED != 0;
        (cached, derived.then(|| tables.recipes[(number & !span::DERIVED) as usize]))
    });
    if let Some(info) = cached {
        return info;
    }
    let info = match made {
        Some([recipe::START, from, _]) => {
            let info = span_info(span_of_number(from));
            let end = (info.line, info.column);
            Rc::new(Info { end, bytes: info.bytes.start..info.bytes.start, ..(*info).clone() })
        }
        Some([recipe::END, from, _]) => {
            let info = span_info(span_of_number(from));
            let (line, column) = info.end;
            let bytes = info.bytes.end..info.bytes.end;
            Rc::new(Info { line, column, bytes, ..(*info).clone() })
        }
        _ => Rc::new(ask_info(of)),
    };
    with(|session| {
        let mut tables = session.tables.borrow_mut();
        tables.infos.get_or_insert_default().insert(number, info.clone());
    });
    info
}

fn span_of_number(number: u32) -> Span {
    with(|session| {
        let derived = u32::from(number & span::DERIVED != 0);
        let offset = (number & !span::DERIVED) * 2 + derived;
        Span(session.base.get().wrapping_add(offset))
    })
}

fn ask_info(of: Span) -> Info {
    let incoming = question(op::SPAN_INFO, |encoder| encoder.span(of));
    let mut reader = incoming.message.body();
    let mut number = || ok(reader.word()) as usize;
    let (line, column) = (number(), number());
    let end = (number(), number());
    let bytes = number()..number();
    let file = ok(reader.text()).to_owned();
    let local_file = ok(reader.text_or_none()).map(str::to_owned);
    Info { line, column, end, bytes, file, local_file }
}

pub(crate) fn span_text(of: Span) -> Option<String> {
    let (_incoming, reader) = question_or(op::SPAN_TEXT, |encoder| encoder.span(of));
    reader.map(|mut reader| ok(reader.text()).to_owned())
}

pub(crate) fn span_debug(of: Span) -> String {
    text_of(question(op::SPAN_DEBUG, |encoder| encoder.span(of)), 0)
}

pub(crate) fn span_eq(a: Span, b: Span) -> bool {
    a.0 == b.0 || {
        let incoming = question(op::SPAN_EQ, |encoder| {
            encoder.span(a);
            encoder.span(b);
        });
        ok(incoming.message.body().word()) != 0
    }
}

/// A question about spans that may have a span for an answer.
pub(crate) fn ask_span(operation: u32, spans: &[Span]) -> Option<Span> {
    let body = |encoder: &mut Encoder| spans.iter().for_each(|&span| encoder.span(span));
    let (incoming, reader) = question_or(operation, body);
    reader.map(|mut reader| incoming.span(ok(reader.word())))
}

pub(crate) fn subspan(of: &Literal, start: Bound<usize>, end: Bound<usize>) -> Option<Span> {
    let (incoming, reader) = question_or(op::SPAN_SUBSPAN, |encoder| {
        encoder.literal(of);
        for bound in [start, end] {
            let (kind, value) = match bound {
                Bound::Unbounded => (0, 0),
                Bound::Included(value) => (1, value as u32),
                Bound::Excluded(value) => (2, value as u32),
            };
            encoder.writer.word(kind);
            encoder.writer.word(value);
        }
    });
    reader.map(|mut reader| incoming.span(ok(reader.word())))
}

// ---- entries ---------------------------------------------------------------------------------

/// rustc: proc_macro/src/bridge/client.rs, `maybe_install_panic_hook`: inside an expansion a panic
/// prints nothing, because the compiler reports it.
///
/// Where std cannot unwind, the hook is the last of the macro's code to run: it reports the panic, and the
/// trap that follows ends the instance.
fn hide_panics() {
    static HIDE: Once = Once::new();
    HIDE.call_once(|| {
        let outer = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !is_available() || !info.can_unwind() {
                outer(info);
            } else if cfg!(panic = "abort") {
                report(info.payload());
            }
        }));
    });
}

fn send_reply(bytes: &[u8]) {
    // SAFETY: the host reads these bytes.
    unsafe { reply(bytes.as_ptr(), bytes.len()) }
}

fn report(payload: &(dyn Any + Send)) {
    let text = match payload.downcast_ref::<&'static str>() {
        Some(text) => Some(*text),
        None => payload.downcast_ref::<String>().map(String::as_str),
    };
    compose(
        op::PANIC,
        |encoder| match text {
            Some(text) => encoder.string(text),
            None => encoder.writer.word(wire::NONE),
        },
        send_reply,
    );
}

fn expand(room: Room, expected: u32, call: impl FnOnce([TokenStream; 2]) -> TokenStream) {
    SESSION.with(|session| {
        let _outer = session.enter();
        let expansion = AssertUnwindSafe(|| {
            hide_panics();
            let incoming = Incoming::new(room);
            let mut reader = incoming.message.body();
            let (_index, count) = (ok(reader.word()), ok(reader.word()));
            if incoming.message.operation() != op::EXPAND || count != expected {
                broken(&wire::Error { reason: "another expansion was expected", word: 1 });
            }
            let first = held(&incoming, &mut reader);
            let second = if count == 2 { held(&incoming, &mut reader) } else { TokenStream::new() };
            drop(incoming);
            let output = call([first, second]);
            compose(op::DONE, |encoder| encoder.stream(&output.0), send_reply);
        });
        if let Err(payload) = panic::catch_unwind(expansion) {
            report(&*payload);
        }
    });
}

/// What the entries that `__gbx` emits call. `ptr` and `len` are a message in room of `__gbx_alloc`.
///
/// # Safety
/// `ptr` came from `__gbx_alloc(len)` and is handed over.
#[doc(hidden)]
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
pub unsafe fn expand1(ptr: *mut u8, len: usize, call: fn(TokenStream) -> TokenStream) {
    let ptr = NonNull::new(ptr).expect("the host fills room that it was given");
    expand(Room { ptr, len }, 1, |[item, _]| call(item));
}

/// The same for an attribute: its arguments, then the item.
///
/// # Safety
/// As for `expand1`.
#[doc(hidden)]
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
pub unsafe fn expand2(ptr: *mut u8, len: usize, call: fn(TokenStream, TokenStream) -> TokenStream) {
    let ptr = NonNull::new(ptr).expect("the host fills room that it was given");
    expand(Room { ptr, len }, 2, |[arguments, item]| call(arguments, item));
}
