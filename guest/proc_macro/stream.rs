//! Token streams: ropes.
//!
//! A stream is empty, or *held* by the shim, where it lies as the compiler made it, or *made* of tokens
//! and of other streams. A held stream stays so until somebody appends to it, and then it is one piece
//! of the new one: so it goes back by its number, and the spacing that only the compiler knows survives.
//! Taking a stream apart (`into_iter`) reads the message in place.

use std::cell::{Cell, RefCell};
use std::num::NonZeroU32;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::str::FromStr;
use std::{error, fmt, mem};

use crate::rt::{self, Incoming};
use crate::symbol::{self, Symbol};
use crate::wire::{lit, Piece as WirePiece, Pieces};
use crate::{Delimiter, Group, Ident, Literal, Punct, Span, TokenTree};

/// An abstract stream of tokens, or, more specifically, a sequence of token trees.
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
#[derive(Clone)]
pub struct TokenStream(pub(crate) Rope);

#[derive(Clone)]
pub(crate) enum Rope {
    /// May be empty: `()` is a group with an empty stream that the shim holds.
    Held(Held),
    /// `None` is the empty stream, and the only one.
    Made(Option<Rc<Made>>),
}

// Tokens are copied a lot: `Held::at` is never 0 and leaves room for the other variant's mark.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<Rope>() == 8 && size_of::<Piece>() <= 20);

/// The stream at a word (of its length) of a message; the word before is its origin.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) incoming: Rc<Incoming>,
    pub(crate) at: NonZeroU32,
}

impl Held {
    pub(crate) fn new(incoming: &Rc<Incoming>, at: usize) -> Held {
        let at = NonZeroU32::new(at as u32).expect("an origin stands before a stream");
        Held { incoming: incoming.clone(), at }
    }
    fn word(&self, at: u32) -> u32 {
        let word = self.incoming.message.reader(at as usize).word();
        word.unwrap_or_else(|error| rt::broken(&error))
    }
    pub(crate) fn origin(&self) -> u32 {
        self.word(self.at.get() - 1)
    }
    /// The span at the opening or at the closing delimiter of the group around.
    pub(crate) fn delimiter_span(&self, closing: bool) -> Span {
        self.incoming.span(self.word(self.at.get() - 3 + u32::from(closing)))
    }
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.word(self.at.get()) == 0
    }
    fn pieces(&self) -> Pieces<'static> {
        let pieces = self.incoming.message.reader(self.at.get() as usize).pieces();
        pieces.unwrap_or_else(|error| rt::broken(&error))
    }
}

pub(crate) struct Made {
    pub(crate) pieces: Vec<Piece>,
}

#[derive(Clone)]
pub(crate) enum Piece {
    Tree(TokenTree),
    Rope(Rope),
}

/// A made stream up to this long is copied into another rather than shared.
const SHORT: usize = 8;

// ---- dropping --------------------------------------------------------------------------------

thread_local! {
    /// How many streams are being dropped around this one, and those put off for being too deep.
    static DROPPING: Cell<u32> = const { Cell::new(0) };
    static PUT_OFF: RefCell<Vec<Vec<Piece>>> = const { RefCell::new(Vec::new()) };
}

/// Streams within streams that are dropped by recursion.
const SHALLOW: u32 = 64;

impl Drop for Made {
    fn drop(&mut self) {
        let depth = DROPPING.get();
        if depth == SHALLOW {
            let pieces = mem::take(&mut self.pieces);
            PUT_OFF.with_borrow_mut(|put_off| put_off.push(pieces));
            return;
        }
        DROPPING.set(depth + 1);
        self.pieces.clear();
        if depth == 0 {
            while let Some(pieces) = PUT_OFF.with_borrow_mut(Vec::pop) {
                drop(pieces);
            }
        }
        DROPPING.set(depth);
    }
}

// ---- building --------------------------------------------------------------------------------

impl Rope {
    /// The pieces, to append to.
    #[inline]
    fn open(&mut self) -> &mut Vec<Piece> {
        let shared = match self {
            Rope::Made(Some(made)) => Rc::get_mut(made).is_none(),
            _ => true,
        };
        if shared {
            self.make();
        }
        match self {
            Rope::Made(Some(made)) => &mut Rc::get_mut(made).expect("nobody shares it").pieces,
            _ => unreachable!("it was made just now"),
        }
    }

    /// Becomes a made one that nobody shares.
    fn make(&mut self) {
        let pieces = match mem::replace(self, Rope::Made(None)) {
            Rope::Made(Some(made)) if made.pieces.len() <= SHORT => made.pieces.clone(),
            Rope::Held(held) if !held.is_empty() => vec![Piece::Rope(Rope::Held(held))],
            Rope::Made(Some(made)) => vec![Piece::Rope(Rope::Made(Some(made)))],
            _ => Vec::new(),
        };
        *self = Rope::Made(Some(Rc::new(Made { pieces })));
    }

    fn append(&mut self, other: Rope) {
        match other {
            Rope::Made(None) => {}
            Rope::Held(held) if held.is_empty() => {}
            other if self.is_empty() => *self = other,
            Rope::Made(Some(made)) => match Rc::try_unwrap(made) {
                Ok(mut made) => self.open().append(&mut made.pieces),
                Err(made) if made.pieces.len() <= SHORT => {
                    self.open().extend_from_slice(&made.pieces)
                }
                Err(made) => self.open().push(Piece::Rope(Rope::Made(Some(made)))),
            },
            held => self.open().push(Piece::Rope(held)),
        }
    }

    #[inline]
    fn is_empty(&self) -> bool {
        match self {
            Rope::Made(None) => true,
            Rope::Held(held) => held.is_empty(),
            Rope::Made(Some(_)) => false,
        }
    }

    #[inline]
    fn of_trees(trees: Vec<Piece>) -> Rope {
        if trees.is_empty() {
            Rope::Made(None)
        } else {
            Rope::Made(Some(Rc::new(Made { pieces: trees })))
        }
    }
}

impl TokenStream {
    /// Returns an empty `TokenStream` containing no token trees.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn new() -> TokenStream {
        TokenStream(Rope::Made(None))
    }

    /// Checks if this `TokenStream` is empty.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Parses this `TokenStream` as an expression and attempts to expand any macros within it.
    #[unstable(feature = "proc_macro_expand", issue = "90765")]
    pub fn expand_expr(&self) -> Result<TokenStream, ExpandError> {
        match &self.0 {
            Rope::Made(None) => Err(ExpandError),
            rope => rt::expand_expr(rope).ok_or(ExpandError),
        }
    }

    /// The token, when it is the only one and the stream is made of it.
    fn single(&self) -> Option<&TokenTree> {
        match &self.0 {
            Rope::Made(Some(made)) => match &made.pieces[..] {
                [Piece::Tree(tree)] => Some(tree),
                _ => None,
            },
            _ => None,
        }
    }
}

#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl !Send for TokenStream {}
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl !Sync for TokenStream {}
// The compiler's own is a number, which a panic cannot leave half changed; neither can it a rope.
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl UnwindSafe for TokenStream {}
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl RefUnwindSafe for TokenStream {}

#[stable(feature = "proc_macro_token_stream_default", since = "1.45.0")]
impl Default for TokenStream {
    fn default() -> Self {
        TokenStream::new()
    }
}

/// Creates a token stream containing a single token tree.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl From<TokenTree> for TokenStream {
    fn from(tree: TokenTree) -> TokenStream {
        TokenStream(Rope::of_trees(vec![Piece::Tree(tree)]))
    }
}

/// Collects a number of token trees into a single stream.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl FromIterator<TokenTree> for TokenStream {
    fn from_iter<I: IntoIterator<Item = TokenTree>>(trees: I) -> Self {
        TokenStream(Rope::of_trees(trees.into_iter().map(Piece::Tree).collect()))
    }
}

/// Collects token trees from multiple token streams into a single stream.
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl FromIterator<TokenStream> for TokenStream {
    fn from_iter<I: IntoIterator<Item = TokenStream>>(streams: I) -> Self {
        let mut whole = TokenStream::new();
        whole.extend(streams);
        whole
    }
}

#[stable(feature = "token_stream_extend", since = "1.30.0")]
impl Extend<TokenTree> for TokenStream {
    fn extend<I: IntoIterator<Item = TokenTree>>(&mut self, trees: I) {
        // All of them first: when the iterator panics, the stream is as it was.
        let mut trees = trees.into_iter();
        let Some(first) = trees.next() else { return };
        let Some(second) = trees.next() else {
            self.0.open().push(Piece::Tree(first));
            return;
        };
        let mut pieces = Vec::with_capacity(trees.size_hint().0 + 2);
        pieces.extend([Piece::Tree(first), Piece::Tree(second)]);
        pieces.extend(trees.map(Piece::Tree));
        if self.is_empty() {
            self.0 = Rope::of_trees(pieces);
        } else {
            self.0.open().append(&mut pieces);
        }
    }
}

#[stable(feature = "token_stream_extend", since = "1.30.0")]
impl Extend<TokenStream> for TokenStream {
    fn extend<I: IntoIterator<Item = TokenStream>>(&mut self, streams: I) {
        let mut streams = streams.into_iter();
        let Some(first) = streams.next() else { return };
        let rest: Vec<TokenStream> = streams.collect();
        self.0.append(first.0);
        rest.into_iter().for_each(|stream| self.0.append(stream.0));
    }
}

macro_rules! extend_items {
    ($($item:ident)*) => {
        $(
            #[stable(feature = "token_stream_extend_ts_items", since = "1.92.0")]
            impl Extend<$item> for TokenStream {
                fn extend<T: IntoIterator<Item = $item>>(&mut self, iter: T) {
                    self.extend(iter.into_iter().map(TokenTree::$item));
                }
            }
        )*
    };
}

extend_items!(Group Literal Punct Ident);

// ---- text ------------------------------------------------------------------------------------

/// Error returned from `TokenStream::from_str`.
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
#[non_exhaustive]
#[derive(Debug)]
pub struct LexError(String);

impl LexError {
    pub(crate) fn new(text: String) -> LexError {
        LexError(text)
    }
}

#[stable(feature = "proc_macro_lexerror_impls", since = "1.44.0")]
impl fmt::Display for LexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[stable(feature = "proc_macro_lexerror_impls", since = "1.44.0")]
impl error::Error for LexError {}

#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl !Send for LexError {}
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl !Sync for LexError {}

/// Error returned from `TokenStream::expand_expr`.
#[unstable(feature = "proc_macro_expand", issue = "90765")]
#[non_exhaustive]
#[derive(Debug)]
pub struct ExpandError;

#[unstable(feature = "proc_macro_expand", issue = "90765")]
impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("macro expansion failed")
    }
}

#[unstable(feature = "proc_macro_expand", issue = "90765")]
impl error::Error for ExpandError {}

#[unstable(feature = "proc_macro_expand", issue = "90765")]
impl !Send for ExpandError {}
#[unstable(feature = "proc_macro_expand", issue = "90765")]
impl !Sync for ExpandError {}

/// Attempts to break the string into tokens and parse those tokens into a token stream.
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl FromStr for TokenStream {
    type Err = LexError;

    fn from_str(text: &str) -> Result<TokenStream, LexError> {
        // `quote!` makes every literal this way: what can be nothing else needs no question.
        if let Some(literal) = Literal::plain(text) {
            return Ok(TokenStream::from(TokenTree::Literal(literal)));
        }
        if symbol::is_ascii_ident(text.as_bytes()) {
            let (symbol, span) = (Symbol::new(text), Span::call_site());
            let ident = Ident { symbol, span, raw: false };
            return Ok(TokenStream::from(TokenTree::Ident(ident)));
        }
        rt::parse(text).map_err(LexError)
    }
}

/// Prints the token stream as a string that is supposed to be losslessly convertible back.
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl fmt::Display for TokenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            _ if matches!(self.0, Rope::Made(None)) => Ok(()),
            Some(TokenTree::Ident(ident)) if ident.symbol.as_str() != "$crate" => {
                write!(f, "{ident}")
            }
            Some(TokenTree::Literal(literal)) => write!(f, "{literal}"),
            _ => f.write_str(&rt::display(&self.0)),
        }
    }
}

/// Prints tokens in a form convenient for debugging.
#[stable(feature = "proc_macro_lib", since = "1.15.0")]
impl fmt::Debug for TokenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenStream ")?;
        f.debug_list().entries(self.clone()).finish()
    }
}

// ---- taking apart ----------------------------------------------------------------------------

/// Public implementation details for the `TokenStream` type, such as iterators.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub mod token_stream {
    use super::*;

    /// An iterator over `TokenStream`'s `TokenTree`s. It does not go into groups.
    #[derive(Clone)]
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    pub struct IntoIter {
        pub(super) current: Level,
        pub(super) outer: Vec<Level>,
        /// The second half of a negative literal.
        pub(super) pending: Option<Literal>,
    }

    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    impl !Send for IntoIter {}
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    impl !Sync for IntoIter {}
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    impl UnwindSafe for IntoIter {}
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    impl RefUnwindSafe for IntoIter {}

    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    impl Iterator for IntoIter {
        type Item = TokenTree;

        fn next(&mut self) -> Option<TokenTree> {
            self.next_tree()
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            let count = self.remaining();
            (count, Some(count))
        }

        fn count(self) -> usize {
            self.remaining()
        }
    }

    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    impl IntoIterator for TokenStream {
        type Item = TokenTree;
        type IntoIter = IntoIter;

        fn into_iter(self) -> IntoIter {
            IntoIter { current: Level::new(self.0), outer: Vec::new(), pending: None }
        }
    }
}

/// One stream that is being read.
#[derive(Clone)]
pub(crate) enum Level {
    /// Words [at, end) of a message.
    Held {
        incoming: Rc<Incoming>,
        at: usize,
        end: usize,
    },
    /// A stream that others still have.
    Shared {
        made: Rc<Made>,
        at: usize,
    },
    Owned(std::vec::IntoIter<Piece>),
}

impl Level {
    fn new(rope: Rope) -> Level {
        match rope {
            Rope::Made(None) => Level::Owned(Vec::new().into_iter()),
            Rope::Held(held) => {
                let (at, end) = held.pieces().range();
                Level::Held { incoming: held.incoming, at, end }
            }
            Rope::Made(Some(mut made)) => match Rc::get_mut(&mut made) {
                Some(made) => Level::Owned(mem::take(&mut made.pieces).into_iter()),
                None => Level::Shared { made, at: 0 },
            },
        }
    }

    #[inline]
    fn next(&mut self) -> Option<Piece> {
        match self {
            Level::Held { incoming, at, end } => {
                let mut pieces = Pieces::resume(&incoming.message, (*at, *end));
                let piece = pieces.next()?.unwrap_or_else(|error| rt::broken(&error));
                *at = pieces.range().0;
                Some(Piece::Tree(read(incoming, piece)))
            }
            Level::Shared { made, at } => {
                let piece = made.pieces.get(*at)?.clone();
                *at += 1;
                Some(piece)
            }
            Level::Owned(pieces) => pieces.next(),
        }
    }

    fn count<'a>(&'a self, ropes: &mut Vec<&'a [Piece]>) -> usize {
        match self {
            Level::Held { incoming, at, end } => {
                Pieces::resume(&incoming.message, (*at, *end)).count()
            }
            Level::Shared { made, at } => {
                ropes.push(&made.pieces[*at..]);
                0
            }
            Level::Owned(pieces) => {
                ropes.push(pieces.as_slice());
                0
            }
        }
    }
}

/// A token of a message. The shim never sends a negative literal, nor the guest's own pieces.
#[inline]
fn read(incoming: &Rc<Incoming>, piece: WirePiece<'_>) -> TokenTree {
    match piece {
        WirePiece::Ident { text, raw, span } => {
            let (symbol, span) = (incoming.symbol(text), incoming.span(span));
            TokenTree::Ident(Ident { symbol, span, raw })
        }
        WirePiece::Punct { ch, joint, span } => {
            TokenTree::Punct(Punct { ch, joint, span: incoming.span(span) })
        }
        WirePiece::Group { delimiter, spans, content, .. } => {
            let span = incoming.span(spans[0]);
            let stream = Rope::Held(Held::new(incoming, content.range().0 - 1));
            let delimiter = match delimiter {
                0 => Delimiter::Parenthesis,
                1 => Delimiter::Brace,
                2 => Delimiter::Bracket,
                _ => Delimiter::None,
            };
            TokenTree::Group(Group { delimiter, untouched: true, stream, span })
        }
        piece => match incoming.literal(&piece) {
            Some(literal) => TokenTree::Literal(literal),
            None => panic!("glovebox: the compiler's side sent a piece that is no token"),
        },
    }
}

impl token_stream::IntoIter {
    #[inline]
    fn next_tree(&mut self) -> Option<TokenTree> {
        if let Some(literal) = self.pending.take() {
            return Some(TokenTree::Literal(literal));
        }
        loop {
            match self.current.next() {
                Some(Piece::Tree(TokenTree::Literal(literal))) if literal.is_negative() => {
                    let (minus, literal) = literal.split();
                    self.pending = Some(literal);
                    return Some(TokenTree::Punct(minus));
                }
                Some(Piece::Tree(tree)) => return Some(tree),
                Some(Piece::Rope(rope)) => {
                    let outer = mem::replace(&mut self.current, Level::new(rope));
                    self.outer.push(outer);
                }
                None => self.current = self.outer.pop()?,
            }
        }
    }

    fn remaining(&self) -> usize {
        let mut ropes = Vec::new();
        let levels = self.outer.iter().chain([&self.current]);
        let mut count = levels.map(|level| level.count(&mut ropes)).sum::<usize>();
        while let Some(pieces) = ropes.pop() {
            for piece in pieces {
                match piece {
                    Piece::Tree(TokenTree::Literal(literal)) if literal.is_negative() => count += 2,
                    Piece::Tree(_) => count += 1,
                    Piece::Rope(Rope::Made(Some(made))) => ropes.push(&made.pieces),
                    Piece::Rope(Rope::Held(held)) => count += held.pieces().count(),
                    Piece::Rope(Rope::Made(None)) => {}
                }
            }
        }
        count + usize::from(self.pending.is_some())
    }
}

impl Literal {
    /// rustc: proc_macro_server.rs, `to_internal`: a number that starts with a minus becomes two
    /// tokens as soon as it is in a stream.
    fn is_negative(&self) -> bool {
        matches!(self.kind, lit::INTEGER | lit::FLOAT) && self.symbol.as_str().starts_with('-')
    }

    fn split(self) -> (Punct, Literal) {
        let symbol = Symbol::new(&self.symbol.as_str()[1..]);
        (Punct { ch: b'-', joint: false, span: self.span }, Literal { symbol, ..self })
    }
}
