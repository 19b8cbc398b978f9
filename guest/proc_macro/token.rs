//! Single tokens: groups, identifiers and punctuation (literals have a file of their own).

use std::fmt;

use crate::stream::Rope;
use crate::symbol::Symbol;
use crate::{wire, Literal, Span, TokenStream};

/// A single token or a delimited sequence of token trees (e.g., `[1, (), ..]`).
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
#[derive(Clone)]
pub enum TokenTree {
    /// A token stream surrounded by bracket delimiters.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Group(#[stable(feature = "proc_macro_lib2", since = "1.29.0")] Group),
    /// An identifier.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Ident(#[stable(feature = "proc_macro_lib2", since = "1.29.0")] Ident),
    /// A single punctuation character (`+`, `,`, `$`, etc.).
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Punct(#[stable(feature = "proc_macro_lib2", since = "1.29.0")] Punct),
    /// A literal character (`'a'`), string (`"hello"`), number (`2.3`), etc.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Literal(#[stable(feature = "proc_macro_lib2", since = "1.29.0")] Literal),
}

#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl !Send for TokenTree {}
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl !Sync for TokenTree {}

impl TokenTree {
    /// Returns the span of this tree, delegating to the `span` method of the contained token.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn span(&self) -> Span {
        match self {
            TokenTree::Group(t) => t.span(),
            TokenTree::Ident(t) => t.span(),
            TokenTree::Punct(t) => t.span(),
            TokenTree::Literal(t) => t.span(),
        }
    }

    /// Configures the span for *only this token*.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn set_span(&mut self, span: Span) {
        match self {
            TokenTree::Group(t) => t.set_span(span),
            TokenTree::Ident(t) => t.set_span(span),
            TokenTree::Punct(t) => t.set_span(span),
            TokenTree::Literal(t) => t.set_span(span),
        }
    }
}

/// Prints token tree in a form convenient for debugging.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Debug for TokenTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenTree::Group(t) => t.fmt(f),
            TokenTree::Ident(t) => t.fmt(f),
            TokenTree::Punct(t) => t.fmt(f),
            TokenTree::Literal(t) => t.fmt(f),
        }
    }
}

/// Prints the token tree as a string.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Display for TokenTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Through write!, as rustc does it: width and fill stop here.
        match self {
            TokenTree::Group(t) => write!(f, "{t}"),
            TokenTree::Ident(t) => write!(f, "{t}"),
            TokenTree::Punct(t) => write!(f, "{t}"),
            TokenTree::Literal(t) => write!(f, "{t}"),
        }
    }
}

macro_rules! tree_from {
    ($($token:ident)*) => {
        $(
            #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
            impl From<$token> for TokenTree {
                fn from(token: $token) -> TokenTree {
                    TokenTree::$token(token)
                }
            }
        )*
    };
}

tree_from!(Group Ident Punct Literal);

/// A delimited token stream: a `TokenStream` surrounded by `Delimiter`s.
#[derive(Clone)]
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub struct Group {
    pub(crate) delimiter: Delimiter,
    /// As the shim sent it; `stream` is then held, and its number is the group's as well.
    pub(crate) untouched: bool,
    pub(crate) stream: Rope,
    /// Of all of it. The message has the spans of an untouched group's delimiters; else they are this.
    pub(crate) span: Span,
}

#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl !Send for Group {}
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl !Sync for Group {}
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl std::panic::UnwindSafe for Group {}
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl std::panic::RefUnwindSafe for Group {}

/// Describes how a sequence of token trees is delimited.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
#[repr(u8)]
pub enum Delimiter {
    /// `( ... )`
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Parenthesis = wire::delimiter::PARENTHESIS,
    /// `{ ... }`
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Brace = wire::delimiter::BRACE,
    /// `[ ... ]`
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Bracket = wire::delimiter::BRACKET,
    /// `∅ ... ∅`: an invisible delimiter.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    None = wire::delimiter::NONE,
}

impl Group {
    /// Creates a new `Group` with the given delimiter and token stream, at `Span::call_site()`.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn new(delimiter: Delimiter, stream: TokenStream) -> Group {
        let span = Span::call_site();
        Group { delimiter, untouched: false, stream: stream.0, span }
    }

    /// Returns the delimiter of this `Group`.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// Returns the `TokenStream` of tokens that are delimited in this `Group`.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn stream(&self) -> TokenStream {
        TokenStream(self.stream.clone())
    }

    /// Returns the span for the delimiters of this token stream, spanning the entire `Group`.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Returns the span pointing to the opening delimiter of this group.
    #[stable(feature = "proc_macro_group_span", since = "1.55.0")]
    pub fn span_open(&self) -> Span {
        self.delimiter_span(false)
    }

    /// Returns the span pointing to the closing delimiter of this group.
    #[stable(feature = "proc_macro_group_span", since = "1.55.0")]
    pub fn span_close(&self) -> Span {
        self.delimiter_span(true)
    }

    /// Configures the span for this `Group`'s delimiters, but not its internal tokens.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn set_span(&mut self, span: Span) {
        self.untouched = false;
        self.span = span;
    }

    fn delimiter_span(&self, closing: bool) -> Span {
        match &self.stream {
            Rope::Held(held) if self.untouched => held.delimiter_span(closing),
            _ => self.span,
        }
    }
}

/// Prints the group as a string.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", TokenStream::from(TokenTree::from(self.clone())))
    }
}

#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("delimiter", &self.delimiter())
            .field("stream", &self.stream())
            .field("span", &self.span())
            .finish()
    }
}

/// A single punctuation character such as `+`, `-` or `#`.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
#[derive(Clone)]
pub struct Punct {
    pub(crate) ch: u8,
    pub(crate) joint: bool,
    pub(crate) span: Span,
}

#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl !Send for Punct {}
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl !Sync for Punct {}

/// Indicates whether a `Punct` token can join with the following token.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub enum Spacing {
    /// A `Punct` token can join with the following token to form a multi-character operator.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Joint,
    /// A `Punct` token cannot join with the following token to form a multi-character operator.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    Alone,
}

impl Punct {
    /// Creates a new `Punct` from the given character and spacing, at `Span::call_site()`.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn new(ch: char, spacing: Spacing) -> Punct {
        if !ch.is_ascii() || !wire::is_punct(ch as u8) {
            panic!("unsupported character `{ch:?}`");
        }
        Punct { ch: ch as u8, joint: spacing == Spacing::Joint, span: Span::call_site() }
    }

    /// Returns the value of this punctuation character as `char`.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn as_char(&self) -> char {
        self.ch as char
    }

    /// Returns the spacing of this punctuation character.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn spacing(&self) -> Spacing {
        if self.joint {
            Spacing::Joint
        } else {
            Spacing::Alone
        }
    }

    /// Returns the span for this punctuation character.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Configure the span for this punctuation character.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
    }
}

/// Prints the punctuation character as a string.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Display for Punct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Debug for Punct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Punct")
            .field("ch", &self.as_char())
            .field("spacing", &self.spacing())
            .field("span", &self.span())
            .finish()
    }
}

#[stable(feature = "proc_macro_punct_eq", since = "1.50.0")]
impl PartialEq<char> for Punct {
    fn eq(&self, rhs: &char) -> bool {
        self.as_char() == *rhs
    }
}

#[stable(feature = "proc_macro_punct_eq_flipped", since = "1.52.0")]
impl PartialEq<Punct> for char {
    fn eq(&self, rhs: &Punct) -> bool {
        *self == rhs.as_char()
    }
}

/// An identifier (`ident`).
#[derive(Clone)]
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub struct Ident {
    pub(crate) symbol: Symbol,
    pub(crate) span: Span,
    pub(crate) raw: bool,
}

impl Ident {
    /// Creates a new `Ident` with the given `string` and `span`; panics when it is no identifier.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn new(string: &str, span: Span) -> Ident {
        Ident { symbol: Symbol::new_ident(string, false), span, raw: false }
    }

    /// Same as `Ident::new`, but creates a raw identifier (`r#ident`).
    #[stable(feature = "proc_macro_raw_ident", since = "1.47.0")]
    #[inline]
    pub fn new_raw(string: &str, span: Span) -> Ident {
        Ident { symbol: Symbol::new_ident(string, true), span, raw: true }
    }

    /// Returns the span of this `Ident`, encompassing the entire string.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Configures the span of this `Ident`, possibly changing its hygiene context.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
    }
}

/// Prints the identifier as a string that should be losslessly convertible back.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.raw {
            f.write_str("r#")?;
        }
        fmt::Display::fmt(self.symbol.as_str(), f)
    }
}

#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ident")
            .field("ident", &self.to_string())
            .field("span", &self.span())
            .finish()
    }
}
