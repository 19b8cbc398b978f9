//! Literals.

use std::ffi::CStr;
use std::fmt;
use std::ops::RangeBounds;
use std::str::FromStr;

use crate::escape::{EscapeError, Escaping, Kind};
use crate::symbol::Symbol;
use crate::wire::lit;
use crate::{rt, LexError, Span};

/// A literal string (`"hello"`), byte string (`b"hello"`), C string (`c"hello"`), character (`'a'`),
/// byte character (`b'a'`), an integer or floating point number with or without a suffix.
#[derive(Clone)]
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
pub struct Literal {
    /// As on the wire.
    pub(crate) kind: u8,
    /// Number signs around a raw string.
    pub(crate) hashes: u8,
    /// What stands between the quotes.
    pub(crate) symbol: Symbol,
    pub(crate) suffix: Option<Symbol>,
    pub(crate) span: Span,
}

/// Errors returned when trying to retrieve a literal unescaped value.
#[unstable(feature = "proc_macro_value", issue = "136652")]
#[derive(Debug, PartialEq, Eq)]
pub enum ConversionErrorKind {
    /// The literal failed to be escaped, take a look at [`EscapeError`] for more information.
    FailedToUnescape(EscapeError),
    /// Trying to convert a literal with the wrong type.
    InvalidLiteralKind,
}

macro_rules! suffixed_int_literals {
    ($($name:ident => $kind:ident,)*) => ($(
        /// Creates a new suffixed integer literal with the specified value.
        #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
        pub fn $name(n: $kind) -> Literal {
            Literal::new(lit::INTEGER, &n.to_string(), Some(stringify!($kind)))
        }
    )*)
}

macro_rules! unsuffixed_int_literals {
    ($($name:ident => $kind:ident,)*) => ($(
        /// Creates a new unsuffixed integer literal with the specified value.
        #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
        pub fn $name(n: $kind) -> Literal {
            Literal::new(lit::INTEGER, &n.to_string(), None)
        }
    )*)
}

macro_rules! float_literals {
    ($($unsuffixed:ident, $suffixed:ident => $kind:ident,)*) => ($(
        /// Creates a new unsuffixed floating-point literal; panics when it is not finite.
        #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
        pub fn $unsuffixed(n: $kind) -> Literal {
            if !n.is_finite() {
                panic!("Invalid float literal {n}");
            }
            let mut text = n.to_string();
            if !text.contains('.') {
                text.push_str(".0");
            }
            Literal::new(lit::FLOAT, &text, None)
        }

        /// Creates a new suffixed floating-point literal; panics when it is not finite.
        #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
        pub fn $suffixed(n: $kind) -> Literal {
            if !n.is_finite() {
                panic!("Invalid float literal {n}");
            }
            Literal::new(lit::FLOAT, &n.to_string(), Some(stringify!($kind)))
        }
    )*)
}

impl Literal {
    fn new(kind: u8, text: &str, suffix: Option<&str>) -> Literal {
        let (symbol, suffix) = (Symbol::new(text), suffix.map(Symbol::new));
        Literal { kind, hashes: 0, symbol, suffix, span: Span::call_site() }
    }

    suffixed_int_literals! {
        u8_suffixed => u8,
        u16_suffixed => u16,
        u32_suffixed => u32,
        u64_suffixed => u64,
        u128_suffixed => u128,
        usize_suffixed => usize,
        i8_suffixed => i8,
        i16_suffixed => i16,
        i32_suffixed => i32,
        i64_suffixed => i64,
        i128_suffixed => i128,
        isize_suffixed => isize,
    }

    unsuffixed_int_literals! {
        u8_unsuffixed => u8,
        u16_unsuffixed => u16,
        u32_unsuffixed => u32,
        u64_unsuffixed => u64,
        u128_unsuffixed => u128,
        usize_unsuffixed => usize,
        i8_unsuffixed => i8,
        i16_unsuffixed => i16,
        i32_unsuffixed => i32,
        i64_unsuffixed => i64,
        i128_unsuffixed => i128,
        isize_unsuffixed => isize,
    }

    float_literals! {
        f32_unsuffixed, f32_suffixed => f32,
        f64_unsuffixed, f64_suffixed => f64,
    }

    /// String literal.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    pub fn string(string: &str) -> Literal {
        let escaping = Escaping { single_quote: false, double_quote: true, nonascii: false };
        Literal::new(lit::STR, &escaping.bytes(string.as_bytes()), None)
    }

    /// Character literal.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    pub fn character(ch: char) -> Literal {
        let escaping = Escaping { single_quote: true, double_quote: false, nonascii: false };
        let text = escaping.bytes(ch.encode_utf8(&mut [0; 4]).as_bytes());
        Literal::new(lit::CHAR, &text, None)
    }

    /// Byte character literal.
    #[stable(feature = "proc_macro_byte_character", since = "1.79.0")]
    pub fn byte_character(byte: u8) -> Literal {
        let escaping = Escaping { single_quote: true, double_quote: false, nonascii: true };
        Literal::new(lit::BYTE, &escaping.bytes(&[byte]), None)
    }

    /// Byte string literal.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    pub fn byte_string(bytes: &[u8]) -> Literal {
        let escaping = Escaping { single_quote: false, double_quote: true, nonascii: true };
        Literal::new(lit::BYTE_STR, &escaping.bytes(bytes), None)
    }

    /// C string literal.
    #[stable(feature = "proc_macro_c_str_literals", since = "1.79.0")]
    pub fn c_string(string: &CStr) -> Literal {
        let escaping = Escaping { single_quote: false, double_quote: true, nonascii: false };
        Literal::new(lit::C_STR, &escaping.bytes(string.to_bytes()), None)
    }

    /// Returns the span encompassing this literal.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Configures the span associated for this literal.
    #[stable(feature = "proc_macro_lib2", since = "1.29.0")]
    #[inline]
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
    }

    /// Returns a `Span` that is a subset of `self.span()` containing only the source bytes in `range`.
    #[unstable(feature = "proc_macro_span", issue = "54725")]
    pub fn subspan<R: RangeBounds<usize>>(&self, range: R) -> Option<Span> {
        rt::subspan(self, range.start_bound().cloned(), range.end_bound().cloned())
    }

    /// Returns the unescaped character value if the current literal is a byte character literal.
    ///
    /// rustc 1.96 looks at character literals instead, and we are as good.
    #[unstable(feature = "proc_macro_value", issue = "136652")]
    pub fn byte_character_value(&self) -> Result<u8, ConversionErrorKind> {
        match self.kind {
            lit::CHAR => Ok(unescaped(Kind::Bytes.unescape_single(self.symbol.as_str()))?[0]),
            _ => Err(ConversionErrorKind::InvalidLiteralKind),
        }
    }

    /// Returns the unescaped character value if the current literal is a character literal.
    #[unstable(feature = "proc_macro_value", issue = "136652")]
    pub fn character_value(&self) -> Result<char, ConversionErrorKind> {
        match self.kind {
            lit::CHAR => {
                let bytes = unescaped(Kind::Text.unescape_single(self.symbol.as_str()))?;
                Ok(String::from_utf8_lossy(&bytes).chars().next().expect("one character"))
            }
            _ => Err(ConversionErrorKind::InvalidLiteralKind),
        }
    }

    /// Returns the unescaped string value if the current literal is a string or a raw string.
    #[unstable(feature = "proc_macro_value", issue = "136652")]
    pub fn str_value(&self) -> Result<String, ConversionErrorKind> {
        let text = self.symbol.as_str();
        match self.kind {
            lit::STR if text.contains('\\') => {
                let bytes = unescaped(Kind::Text.unescape(text))?;
                Ok(String::from_utf8(bytes).expect("text is made of characters"))
            }
            lit::STR | lit::STR_RAW => Ok(text.to_owned()),
            _ => Err(ConversionErrorKind::InvalidLiteralKind),
        }
    }

    /// Returns the unescaped string value if the current literal is a C string or a raw C string.
    #[unstable(feature = "proc_macro_value", issue = "136652")]
    pub fn cstr_value(&self) -> Result<Vec<u8>, ConversionErrorKind> {
        let text = self.symbol.as_str();
        let mut bytes = match self.kind {
            lit::C_STR => unescaped(Kind::C.unescape(text))?,
            lit::C_STR_RAW => text.as_bytes().to_vec(),
            _ => return Err(ConversionErrorKind::InvalidLiteralKind),
        };
        bytes.push(0);
        Ok(bytes)
    }

    /// Returns the unescaped string value if the current literal is a byte string or a raw one.
    #[unstable(feature = "proc_macro_value", issue = "136652")]
    pub fn byte_str_value(&self) -> Result<Vec<u8>, ConversionErrorKind> {
        let text = self.symbol.as_str();
        match self.kind {
            lit::BYTE_STR => unescaped(Kind::Bytes.unescape(text)),
            lit::BYTE_STR_RAW => Ok(text.as_bytes().to_vec()),
            _ => Err(ConversionErrorKind::InvalidLiteralKind),
        }
    }

    /// A text that is one literal and nothing else, decided without the compiler: decimal numbers, and
    /// strings of printable ASCII without escapes. `None` is no verdict.
    pub(crate) fn plain(text: &str) -> Option<Literal> {
        let bytes = text.as_bytes();
        if let [b'"', inner @ .., b'"'] = bytes {
            let printable =
                |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
            let inner = inner.iter().all(printable).then(|| &text[1..text.len() - 1])?;
            return Some(Literal::new(lit::STR, inner, None));
        }
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let whole = digits(0);
        if whole == 0 {
            return None;
        }
        let (kind, number) = match bytes[whole..] {
            [b'.', b'0'..=b'9', ..] => (lit::FLOAT, whole + 1 + digits(whole + 1)),
            _ => (lit::INTEGER, whole),
        };
        let suffix = match (kind, &text[number..]) {
            (_, "") => None,
            (lit::INTEGER, "u8" | "u16" | "u32" | "u64" | "u128" | "usize")
            | (lit::INTEGER, "i8" | "i16" | "i32" | "i64" | "i128" | "isize")
            | (lit::FLOAT, "f32" | "f64") => Some(&text[number..]),
            _ => return None,
        };
        Some(Literal::new(kind, &text[..number], suffix))
    }
}

fn unescaped<T>(value: Result<T, EscapeError>) -> Result<T, ConversionErrorKind> {
    value.map_err(ConversionErrorKind::FailedToUnescape)
}

/// Parse a single literal from its stringified representation.
#[stable(feature = "proc_macro_literal_parse", since = "1.54.0")]
impl FromStr for Literal {
    type Err = LexError;

    fn from_str(text: &str) -> Result<Self, LexError> {
        if let Some(literal) = Literal::plain(text) {
            return Ok(literal);
        }
        rt::parse_literal(text).map_err(LexError::new)
    }
}

/// Prints the literal as a string that should be losslessly convertible back.
#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, suffix) = (self.symbol.as_str(), self.suffix.map_or("", Symbol::as_str));
        let hashes = "#".repeat(usize::from(self.hashes));
        // Each part by itself, as rustc does it: a width pads every one of them.
        let parts: &[&str] = match self.kind {
            lit::BYTE => &["b'", text, "'", suffix],
            lit::CHAR => &["'", text, "'", suffix],
            lit::STR => &["\"", text, "\"", suffix],
            lit::STR_RAW => &["r", &hashes, "\"", text, "\"", &hashes, suffix],
            lit::BYTE_STR => &["b\"", text, "\"", suffix],
            lit::BYTE_STR_RAW => &["br", &hashes, "\"", text, "\"", &hashes, suffix],
            lit::C_STR => &["c\"", text, "\"", suffix],
            lit::C_STR_RAW => &["cr", &hashes, "\"", text, "\"", &hashes, suffix],
            _ => &[text, suffix],
        };
        parts.iter().try_for_each(|part| fmt::Display::fmt(part, f))
    }
}

#[stable(feature = "proc_macro_lib2", since = "1.29.0")]
impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Literal")
            .field("kind", &format_args!("{}", KindName(self)))
            .field("symbol", &self.symbol.as_str())
            // on one line even in {:#?} mode
            .field("suffix", &format_args!("{:?}", self.suffix.map(Symbol::as_str)))
            .field("span", &self.span)
            .finish()
    }
}

/// The kind as rustc's derived `Debug` has it.
struct KindName<'a>(&'a Literal);

impl fmt::Display for KindName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hashes = self.0.hashes;
        match self.0.kind {
            lit::BYTE => f.write_str("Byte"),
            lit::CHAR => f.write_str("Char"),
            lit::INTEGER => f.write_str("Integer"),
            lit::FLOAT => f.write_str("Float"),
            lit::STR => f.write_str("Str"),
            lit::STR_RAW => write!(f, "StrRaw({hashes})"),
            lit::BYTE_STR => f.write_str("ByteStr"),
            lit::BYTE_STR_RAW => write!(f, "ByteStrRaw({hashes})"),
            lit::C_STR => f.write_str("CStr"),
            lit::C_STR_RAW => write!(f, "CStrRaw({hashes})"),
            _ => f.write_str("ErrWithGuar"),
        }
    }
}
