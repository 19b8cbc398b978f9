//! The message format of `docs/protocol.md`, section 1: a writer, and a reader that checks.
//!
//! Used as a module (`#[path]`) by `guest/proc_macro`, inside the sandbox, and by `shim`, inside the
//! compiler. It depends on nothing, runs on hosts of either byte order, and never recurses: a message
//! may nest a million groups.
//!
//! ```text
//! +----------------------+---------+---------+---------+-----------+------------+-------------+
//! | operation | version  | W       | T       | B       | body      | text ends  | text pool   |
//! | low 16    | high 16  | words   | texts   | bytes   | W words   | T words    | B, padded   |
//! +----------------------+---------+---------+---------+-----------+------------+-------------+
//! ```
//!
//! The writer appends native words and turns them little-endian at the end; the reader takes bytes
//! from anywhere, at any alignment. Whatever the reader hands out has been checked: tags, delimiters,
//! literal kinds, punctuation, text indices, lengths, nesting. Spans and origins are plain numbers,
//! whose owner knows their range.

#![allow(dead_code)] // each user needs one direction

use std::fmt;

pub const VERSION: u32 = 1;
/// "No text", "no origin".
pub const NONE: u32 = u32::MAX;
/// The largest message, in bytes, and the deepest nesting of groups.
pub const MAX_BYTES: usize = 1 << 30;
pub const MAX_DEPTH: usize = 1_000_000;

/// Operations, and what their bodies hold: see docs/protocol.md.
pub mod op {
    pub const EXPAND: u32 = 1;
    pub const ANSWER: u32 = 2;
    pub const RAISED: u32 = 3;
    pub const DONE: u32 = 16;
    pub const PANIC: u32 = 17;
    pub const PARSE: u32 = 32;
    pub const DISPLAY: u32 = 33;
    pub const LITERAL: u32 = 34;
    pub const IDENT: u32 = 35;
    pub const SPAN_TEXT: u32 = 36;
    pub const SPAN_INFO: u32 = 37;
    pub const SPAN_JOIN: u32 = 38;
    pub const SPAN_PARENT: u32 = 39;
    pub const SPAN_DEBUG: u32 = 40;
    pub const SPAN_EQ: u32 = 41;
    pub const SPAN_SUBSPAN: u32 = 42;
    pub const DIAGNOSTIC: u32 = 43;
    pub const EXPAND_EXPR: u32 = 44;
    pub const TRACK_ENV: u32 = 45;
    pub const TRACK_PATH: u32 = 46;
}

/// Spans with a meaning of their own; the shim's numbers start at `FIRST`.
pub mod span {
    pub const CALL_SITE: u32 = 0;
    pub const MIXED_SITE: u32 = 1;
    pub const DEF_SITE: u32 = 2;
    pub const FIRST: u32 = 3;
    /// Set in a derived span: the other bits index the list of recipes.
    pub const DERIVED: u32 = 0x8000_0000;
}

/// How a derived span is made.
pub mod recipe {
    pub const RESOLVED_AT: u32 = 1;
    pub const LOCATED_AT: u32 = 2;
    pub const START: u32 = 3;
    pub const END: u32 = 4;
    pub const SOURCE: u32 = 5;
}

/// Kinds of a literal.
pub mod lit {
    pub const BYTE: u8 = 0;
    pub const CHAR: u8 = 1;
    pub const INTEGER: u8 = 2;
    pub const FLOAT: u8 = 3;
    pub const STR: u8 = 4;
    pub const STR_RAW: u8 = 5;
    pub const BYTE_STR: u8 = 6;
    pub const BYTE_STR_RAW: u8 = 7;
    pub const C_STR: u8 = 8;
    pub const C_STR_RAW: u8 = 9;
    pub const ERR_WITH_GUAR: u8 = 10;
}

/// Delimiters of a group.
pub mod delimiter {
    pub const PARENTHESIS: u8 = 0;
    pub const BRACE: u8 = 1;
    pub const BRACKET: u8 = 2;
    pub const NONE: u8 = 3;
}

const TAG_IDENT: u32 = 0;
const TAG_PUNCT: u32 = 1;
const TAG_LITERAL: u32 = 2;
const TAG_GROUP: u32 = 3;
const TAG_STREAM: u32 = 4;
const TAG_SAME: u32 = 5;

const HEADER_WORDS: usize = 4;

/// The characters a `Punct` can hold.
#[inline]
pub fn is_punct(ch: u8) -> bool {
    const SET: [u64; 2] = {
        let (all, mut set, mut i) = (b"=<>!~+-*/%^&|@.,;:#$?'", [0; 2], 0);
        while i < all.len() {
            set[(all[i] / 64) as usize] |= 1 << (all[i] % 64);
            i += 1;
        }
        set
    };
    ch < 128 && SET[(ch / 64) as usize] >> (ch % 64) & 1 != 0
}

// ---- writing ---------------------------------------------------------------------------------

/// Builds one message. Reusable: `clear` keeps the room.
pub struct Writer {
    words: Vec<u32>,
    ends: Vec<u32>,
    pool: Vec<u8>,
}

/// Where a length is still to be filled in.
#[must_use]
#[derive(Clone, Copy)]
pub struct Mark(usize);

impl Default for Writer {
    fn default() -> Self {
        Writer::new()
    }
}

impl Writer {
    pub fn new() -> Writer {
        Writer { words: vec![0; HEADER_WORDS], ends: Vec::new(), pool: Vec::new() }
    }

    pub fn clear(&mut self) {
        self.words.clear();
        self.words.resize(HEADER_WORDS, 0);
        self.ends.clear();
        self.pool.clear();
    }

    /// Adds a text and returns its index. Whoever writes equal texts often keeps the index.
    pub fn text(&mut self, text: &str) -> u32 {
        self.pool.extend_from_slice(text.as_bytes());
        self.ends.push(self.pool.len() as u32);
        (self.ends.len() - 1) as u32
    }

    #[inline]
    pub fn word(&mut self, word: u32) {
        self.words.push(word);
    }

    #[inline]
    pub fn ident(&mut self, text: u32, raw: bool, span: u32) {
        self.words.extend_from_slice(&[TAG_IDENT | u32::from(raw) << 4, text, span]);
    }

    #[inline]
    pub fn punct(&mut self, ch: u8, joint: bool, span: u32) {
        self.words
            .extend_from_slice(&[TAG_PUNCT | u32::from(joint) << 4 | u32::from(ch) << 8, span]);
    }

    /// `suffix` is an index or `NONE`; `hashes` counts only for the raw kinds.
    #[inline]
    pub fn literal(&mut self, kind: u8, hashes: u8, text: u32, suffix: u32, span: u32) {
        let head = TAG_LITERAL | u32::from(kind) << 4 | u32::from(hashes) << 16;
        self.words.extend_from_slice(&[head, text, suffix, span]);
    }

    /// A group up to its content, which follows; `end` it. `spans` are entire, open, close.
    #[inline]
    pub fn group(&mut self, delimiter: u8, spans: [u32; 3], origin: u32) -> Mark {
        let head = TAG_GROUP | u32::from(delimiter) << 4;
        self.words.extend_from_slice(&[head, spans[0], spans[1], spans[2], origin, 0]);
        Mark(self.words.len())
    }

    /// A stream that stands by itself (after its origin, where there is one); `end` it.
    #[inline]
    pub fn stream(&mut self) -> Mark {
        self.words.push(0);
        Mark(self.words.len())
    }

    #[inline]
    pub fn end(&mut self, mark: Mark) {
        self.words[mark.0 - 1] = (self.words.len() - mark.0) as u32;
    }

    /// The content of a stream that the shim holds.
    #[inline]
    pub fn splice(&mut self, origin: u32) {
        self.words.extend_from_slice(&[TAG_STREAM, origin]);
    }

    /// An untouched group that the shim holds.
    #[inline]
    pub fn same(&mut self, origin: u32) {
        self.words.extend_from_slice(&[TAG_SAME, origin]);
    }

    /// Seals the message and returns its bytes; `None` when it is over `MAX_BYTES`. Then `clear`.
    pub fn finish(&mut self, operation: u32) -> Option<&[u8]> {
        let pool_words = self.pool.len().div_ceil(4);
        let total = self.words.len().checked_add(self.ends.len())?.checked_add(pool_words)?;
        if total > MAX_BYTES / 4 {
            return None;
        }
        self.words[0] = operation | VERSION << 16;
        self.words[1] = (self.words.len() - HEADER_WORDS) as u32;
        self.words[2] = self.ends.len() as u32;
        self.words[3] = self.pool.len() as u32;
        self.words.reserve_exact(self.ends.len() + pool_words);
        self.words.extend_from_slice(&self.ends);
        if cfg!(target_endian = "big") {
            self.words.iter_mut().for_each(|word| *word = word.to_le());
        }
        self.pool.resize(pool_words * 4, 0);
        let word = |at: usize| -> [u8; 4] { self.pool[at..at + 4].try_into().unwrap_or_default() };
        self.words.extend((0..pool_words).map(|at| u32::from_ne_bytes(word(at * 4))));
        // SAFETY: the bytes of the initialised words of a Vec<u32>; u8 has no invalid values and a
        // lower alignment, and the slice borrows self.
        Some(unsafe {
            std::slice::from_raw_parts(self.words.as_ptr().cast::<u8>(), self.words.len() * 4)
        })
    }
}

// ---- reading ---------------------------------------------------------------------------------

/// Why a message was turned down, and at which word of its body (or of the message, for the header).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    pub reason: &'static str,
    pub word: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bad message: {} (word {})", self.reason, self.word)
    }
}

impl std::error::Error for Error {}

#[cold]
fn bad<T>(reason: &'static str, word: usize) -> Result<T, Error> {
    Err(Error { reason, word })
}

#[inline]
fn load(bytes: &[u8], word: usize) -> Option<u32> {
    let at = word.checked_mul(4)?;
    let b = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// A message whose frame has been checked: sizes, and texts (UTF-8, in order). The body is checked
/// as it is read.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    operation: u32,
    body: &'a [u8],
    ends: &'a [u8],
    pool: &'a str,
}

impl<'a> Message<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Message<'a>, Error> {
        if bytes.len() > MAX_BYTES {
            return bad("it is over 1 GiB", 0);
        }
        let header =
            |word| load(bytes, word).ok_or(Error { reason: "it ends within its header", word });
        let (head, body, texts, pool) = (header(0)?, header(1)?, header(2)?, header(3)?);
        if head >> 16 != VERSION {
            return bad("its version is another", 0);
        }
        let padded = (pool as usize).div_ceil(4);
        // None of the four can wrap in u64; the comparison bounds each of them by the length.
        let total = HEADER_WORDS as u64 + u64::from(body) + u64::from(texts) + padded as u64;
        if total * 4 != bytes.len() as u64 {
            return bad("its length is not that of its header", 1);
        }
        let ends_at = (HEADER_WORDS + body as usize) * 4;
        let pool_at = ends_at + texts as usize * 4;
        let (pool, padding) = bytes[pool_at..].split_at(pool as usize);
        let Ok(pool) = std::str::from_utf8(pool) else {
            return bad("a text is not UTF-8", 3);
        };
        if padding.iter().any(|&byte| byte != 0) {
            return bad("its padding is not zero", 3);
        }
        let message = Message {
            operation: head & 0xffff,
            body: &bytes[HEADER_WORDS * 4..ends_at],
            ends: &bytes[ends_at..pool_at],
            pool,
        };
        let mut last = 0;
        for index in 0..texts as usize {
            let end = load(message.ends, index).unwrap_or(0) as usize;
            if end < last || !pool.is_char_boundary(end) {
                return bad("a text ends before it starts, or within a character", index);
            }
            last = end;
        }
        Ok(message)
    }

    pub fn operation(&self) -> u32 {
        self.operation
    }

    pub fn text_count(&self) -> u32 {
        (self.ends.len() / 4) as u32
    }

    /// Text by index. Indices inside pieces have been checked already; `None` past the end.
    #[inline]
    pub fn text(&self, index: u32) -> Option<&'a str> {
        let index = index as usize;
        let start = if index == 0 { 0 } else { load(self.ends, index - 1)? as usize };
        self.pool.get(start..load(self.ends, index)? as usize)
    }

    /// Reads the body from its first word.
    pub fn body(&self) -> Reader<'a> {
        self.reader(0)
    }

    /// Reads the body from a word on.
    #[inline]
    pub fn reader(&self, word: usize) -> Reader<'a> {
        Reader { message: *self, at: word }
    }
}

/// Reads a body word by word.
#[derive(Clone)]
pub struct Reader<'a> {
    message: Message<'a>,
    at: usize,
}

impl<'a> Reader<'a> {
    /// The word that is read next.
    pub fn at(&self) -> usize {
        self.at
    }

    #[inline]
    pub fn word(&mut self) -> Result<u32, Error> {
        let Some(word) = load(self.message.body, self.at) else {
            return bad("its body ends too early", self.at);
        };
        self.at += 1;
        Ok(word)
    }

    /// A text's index, within range.
    #[inline]
    pub fn text_index(&mut self) -> Result<u32, Error> {
        let index = self.word()?;
        if index >= self.message.text_count() {
            return bad("there is no such text", self.at - 1);
        }
        Ok(index)
    }

    /// A text's index, within range or `NONE`.
    #[inline]
    pub fn text_index_or_none(&mut self) -> Result<u32, Error> {
        let index = self.word()?;
        if index != NONE && index >= self.message.text_count() {
            return bad("there is no such text", self.at - 1);
        }
        Ok(index)
    }

    pub fn text(&mut self) -> Result<&'a str, Error> {
        let index = self.text_index()?;
        self.message.text(index).ok_or(Error { reason: "there is no such text", word: self.at - 1 })
    }

    pub fn text_or_none(&mut self) -> Result<Option<&'a str>, Error> {
        let index = self.text_index_or_none()?;
        Ok(if index == NONE { None } else { self.message.text(index) })
    }

    /// The pieces of the stream that starts here, groups closed; moves past it.
    #[inline]
    pub fn pieces(&mut self) -> Result<Pieces<'a>, Error> {
        let length = self.word()? as usize;
        let start = self.at;
        let end = start.checked_add(length).filter(|&end| end <= self.message.body.len() / 4);
        let Some(end) = end else {
            return bad("a stream is longer than the body", start - 1);
        };
        self.at = end;
        Ok(Pieces { reader: self.message.reader(start), end })
    }

    /// The stream that starts here as one flat run, groups opened; moves past it.
    pub fn events(&mut self) -> Result<Events<'a>, Error> {
        Ok(Events { pieces: self.pieces()?, open: Vec::new() })
    }

    /// A single piece that is no part of a stream (a LITERAL in a question or an answer).
    pub fn piece(&mut self) -> Result<Piece<'a>, Error> {
        let end = self.message.body.len() / 4;
        let mut pieces = Pieces { reader: self.clone(), end };
        let piece = pieces.read()?;
        self.at = pieces.reader.at;
        Ok(piece)
    }

    /// Nothing may follow.
    pub fn finish(&self) -> Result<(), Error> {
        if self.at * 4 == self.message.body.len() {
            Ok(())
        } else {
            bad("words are left over", self.at)
        }
    }
}

#[derive(Clone)]
pub enum Piece<'a> {
    Ident {
        text: u32,
        raw: bool,
        span: u32,
    },
    Punct {
        ch: u8,
        joint: bool,
        span: u32,
    },
    Literal {
        kind: u8,
        hashes: u8,
        text: u32,
        suffix: u32,
        span: u32,
    },
    /// `spans` are entire, open, close.
    Group {
        delimiter: u8,
        spans: [u32; 3],
        origin: u32,
        content: Pieces<'a>,
    },
    /// The content of a stream that the shim holds.
    Stream(u32),
    /// An untouched group that the shim holds.
    Same(u32),
}

/// The pieces of one stream. An `Err` is the last item.
#[derive(Clone)]
pub struct Pieces<'a> {
    reader: Reader<'a>,
    end: usize,
}

impl<'a> Pieces<'a> {
    /// Words of the body that are still to be read: [start, end).
    pub fn range(&self) -> (usize, usize) {
        (self.reader.at, self.end)
    }

    /// The pieces in words [start, end) of a body, as `range` gave them.
    #[inline]
    pub fn resume(message: &Message<'a>, range: (usize, usize)) -> Pieces<'a> {
        Pieces { reader: message.reader(range.0), end: range.1 }
    }

    #[inline]
    fn read(&mut self) -> Result<Piece<'a>, Error> {
        let start = self.reader.at;
        let head = self.reader.word()?;
        let piece = match head & 15 {
            TAG_IDENT if head >> 5 == 0 => Piece::Ident {
                raw: head >> 4 != 0,
                text: self.reader.text_index()?,
                span: self.reader.word()?,
            },
            TAG_PUNCT if head >> 16 == 0 && is_punct((head >> 8) as u8) && head & 0xe0 == 0 => {
                Piece::Punct {
                    ch: (head >> 8) as u8,
                    joint: head & 16 != 0,
                    span: self.reader.word()?,
                }
            }
            TAG_LITERAL
                if head >> 24 == 0 && (head >> 4) & 0xfff <= u32::from(lit::ERR_WITH_GUAR) =>
            {
                Piece::Literal {
                    kind: (head >> 4 & 15) as u8,
                    hashes: (head >> 16) as u8,
                    text: self.reader.text_index()?,
                    suffix: self.reader.text_index_or_none()?,
                    span: self.reader.word()?,
                }
            }
            TAG_GROUP if head >> 6 == 0 => {
                let spans = [self.reader.word()?, self.reader.word()?, self.reader.word()?];
                let origin = self.reader.word()?;
                let content = self.reader.pieces()?;
                Piece::Group { delimiter: (head >> 4) as u8, spans, origin, content }
            }
            TAG_STREAM if head >> 4 == 0 => Piece::Stream(self.reader.word()?),
            TAG_SAME if head >> 4 == 0 => Piece::Same(self.reader.word()?),
            _ => return bad("there is no such token", start),
        };
        if self.reader.at > self.end {
            return bad("a token is longer than its stream", start);
        }
        Ok(piece)
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.at >= self.end {
            return None;
        }
        let piece = self.read();
        if piece.is_err() {
            self.end = 0;
        }
        Some(piece)
    }
}

/// A stream as one flat run.
pub enum Event {
    Ident { text: u32, raw: bool, span: u32 },
    Punct { ch: u8, joint: bool, span: u32 },
    Literal { kind: u8, hashes: u8, text: u32, suffix: u32, span: u32 },
    Open { delimiter: u8, spans: [u32; 3], origin: u32 },
    Close,
    Stream(u32),
    Same(u32),
}

/// Every `Open` is followed by its `Close`, unless an `Err` comes first: that is the last item.
pub struct Events<'a> {
    pieces: Pieces<'a>,
    open: Vec<Pieces<'a>>,
}

impl Iterator for Events<'_> {
    type Item = Result<Event, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let piece = match self.pieces.next() {
            Some(Ok(piece)) => piece,
            Some(Err(error)) => {
                self.open.clear();
                return Some(Err(error));
            }
            None => {
                self.pieces = self.open.pop()?;
                return Some(Ok(Event::Close));
            }
        };
        Some(Ok(match piece {
            Piece::Ident { text, raw, span } => Event::Ident { text, raw, span },
            Piece::Punct { ch, joint, span } => Event::Punct { ch, joint, span },
            Piece::Literal { kind, hashes, text, suffix, span } => {
                Event::Literal { kind, hashes, text, suffix, span }
            }
            Piece::Group { delimiter, spans, origin, content } => {
                if self.open.len() == MAX_DEPTH {
                    let word = self.pieces.reader.at;
                    self.pieces.end = 0;
                    self.open.clear();
                    return Some(bad("groups are nested too deeply", word));
                }
                self.open.push(std::mem::replace(&mut self.pieces, content));
                Event::Open { delimiter, spans, origin }
            }
            Piece::Stream(origin) => Event::Stream(origin),
            Piece::Same(origin) => Event::Same(origin),
        }))
    }
}

// ---- tests -----------------------------------------------------------------------------------

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut w = Writer::new();
        let (a, five, u8_) = (w.text("größe"), w.text("5"), w.text("u8"));
        w.word(7);
        w.word(0);
        let s = w.stream();
        w.ident(a, true, 3);
        w.punct(b'=', true, 4);
        w.literal(lit::INTEGER, 0, five, u8_, 5);
        let g = w.group(delimiter::BRACE, [6, 7, 8], 1);
        w.literal(lit::STR_RAW, 255, a, NONE, 5);
        let e = w.group(delimiter::NONE, [6, 7, 8], NONE);
        w.end(e);
        w.end(g);
        w.splice(9);
        w.same(10);
        w.end(s);
        w.word(NONE);
        w.finish(op::EXPAND).unwrap().to_vec()
    }

    fn print(bytes: &[u8]) -> Result<String, Error> {
        let m = Message::parse(bytes)?;
        let mut r = m.body();
        let mut out = format!("{} {} {}:", m.operation(), r.word()?, r.word()?);
        for event in r.events()? {
            out += &match event? {
                Event::Ident { text, raw, span } => {
                    format!(" i{raw}{}@{span}", m.text(text).unwrap())
                }
                Event::Punct { ch, joint, span } => format!(" p{}{joint}@{span}", ch as char),
                Event::Literal { kind, hashes, text, suffix, span } => {
                    format!(
                        " l{kind}.{hashes}{}.{:?}@{span}",
                        m.text(text).unwrap(),
                        m.text(suffix)
                    )
                }
                Event::Open { delimiter, spans, origin } => {
                    format!(" ({delimiter}{spans:?}.{}", origin as i32)
                }
                Event::Close => " )".to_string(),
                Event::Stream(origin) => format!(" *{origin}"),
                Event::Same(origin) => format!(" ={origin}"),
            };
        }
        let tail = r.word()?;
        r.finish()?;
        Ok(format!("{out} {}", tail as i32))
    }

    const PRINTED: &str = "1 7 0: itruegröße@3 p=true@4 l2.05.Some(\"u8\")@5 (1[6, 7, 8].1 \
                           l5.255größe.None@5 (3[6, 7, 8].-1 ) ) *9 =10 -1";

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(print(&sample()).unwrap(), PRINTED);
    }

    #[test]
    fn words_and_texts_are_little_endian() {
        let mut w = Writer::new();
        let t = w.text("abcde");
        w.word(t);
        w.word(0x01020304);
        let expect = [
            &[33, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1, 5, 0, 0, 0]
                [..],
            b"abcde\0\0\0",
        ]
        .concat();
        assert_eq!(w.finish(op::DISPLAY).unwrap(), expect);
        w.clear();
        assert_eq!(w.finish(op::ANSWER).unwrap(), [2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn reading_is_independent_of_alignment() {
        let mut bytes = vec![0; 3];
        bytes.extend(sample());
        assert_eq!(print(&bytes[3..]).unwrap(), PRINTED);
    }

    #[test]
    fn every_truncation_is_refused() {
        let bytes = sample();
        for length in 0..bytes.len() {
            assert!(print(&bytes[..length]).is_err(), "{length}");
        }
        assert!(print(&[&bytes[..], &[0; 4]].concat()).is_err());
    }

    /// Any word replaced by any of these gives an error or another message, never a panic or a hang.
    #[test]
    fn no_word_can_make_the_reader_panic() {
        let bytes = sample();
        let evil = [
            0,
            1,
            2,
            3,
            4,
            5,
            6,
            15,
            16,
            0x73,
            0x4000_0000,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_fffe,
            0xffff_ffff,
        ];
        let (mut refused, mut read) = (0, 0);
        for word in 0..bytes.len() / 4 {
            for value in evil {
                let mut copy = bytes.clone();
                copy[word * 4..word * 4 + 4].copy_from_slice(&u32::to_le_bytes(value));
                match print(&copy) {
                    Ok(_) => read += 1,
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(refused > 300 && read > 100, "{refused} {read}");
    }

    #[test]
    fn texts_are_checked() {
        let mut w = Writer::new();
        w.text("ä");
        w.text("b");
        let good = w.finish(op::ANSWER).unwrap().to_vec();
        let m = Message::parse(&good).unwrap();
        assert_eq!(
            (m.text(0), m.text(1), m.text(2), m.text(NONE)),
            (Some("ä"), Some("b"), None, None)
        );
        for (at, value) in [(16, 1), (16, 4), (20, 1), (20, 9), (24, 0xff)] {
            let mut copy = good.clone();
            copy[at] = value;
            assert!(Message::parse(&copy).is_err(), "{at}");
        }
    }

    fn nested(depth: usize) -> Vec<u8> {
        let mut w = Writer::new();
        let s = w.stream();
        let marks: Vec<_> =
            (0..depth).map(|_| w.group(delimiter::PARENTHESIS, [0; 3], NONE)).collect();
        marks.into_iter().rev().for_each(|mark| w.end(mark));
        w.end(s);
        w.finish(op::DONE).unwrap().to_vec()
    }

    #[test]
    fn a_million_groups_may_nest_and_no_more() {
        let count = |bytes: &[u8]| {
            let mut events = Message::parse(bytes).unwrap().body().events().unwrap();
            let good = events.by_ref().take_while(|event| event.is_ok()).count();
            (good, events.next().is_none())
        };
        assert_eq!(count(&nested(MAX_DEPTH)), (2 * MAX_DEPTH, true));
        assert_eq!(count(&nested(MAX_DEPTH + 1)), (MAX_DEPTH, true));
    }

    #[test]
    fn pieces_can_be_resumed() {
        let bytes = sample();
        let m = Message::parse(&bytes).unwrap();
        let mut r = m.reader(2);
        let mut pieces = r.pieces().unwrap();
        assert!(matches!(pieces.next(), Some(Ok(Piece::Ident { raw: true, .. }))));
        let mut rest = Pieces::resume(&m, pieces.range());
        assert!(matches!(rest.next(), Some(Ok(Piece::Punct { ch: b'=', joint: true, span: 4 }))));
        assert_eq!(rest.count(), 4);
    }
}
