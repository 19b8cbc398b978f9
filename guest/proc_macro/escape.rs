//! From values to the text between a literal's quotes, and back.

/// Which quotes to escape, and whether everything beyond ASCII.
#[derive(Copy, Clone)]
pub(crate) struct Escaping {
    pub(crate) single_quote: bool,
    pub(crate) double_quote: bool,
    pub(crate) nonascii: bool,
}

impl Escaping {
    fn keeps(self, byte: u8) -> bool {
        (byte == b'\'' && !self.single_quote) || (byte == b'"' && !self.double_quote)
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        if self.nonascii {
            bytes.iter().for_each(|&byte| self.byte(byte, &mut text));
            return text;
        }
        for chunk in bytes.utf8_chunks() {
            chunk.valid().chars().for_each(|ch| self.char(ch, &mut text));
            chunk.invalid().iter().for_each(|&byte| self.byte(byte, &mut text));
        }
        text
    }

    fn byte(self, byte: u8, text: &mut String) {
        match byte {
            0 => text.push_str("\\0"),
            _ if self.keeps(byte) => text.push(byte as char),
            _ => text.extend(byte.escape_ascii().map(char::from)),
        }
    }

    fn char(self, ch: char, text: &mut String) {
        if ch.is_ascii() && self.keeps(ch as u8) {
            text.push(ch);
        } else {
            text.extend(ch.escape_debug());
        }
    }
}

/// Errors and warnings that can occur during string, char, and byte unescaping.
#[unstable(feature = "proc_macro_value", issue = "136652")]
#[derive(Debug, PartialEq, Eq)]
pub enum EscapeError {
    /// Expected 1 char, but 0 were found.
    ZeroChars,
    /// Expected 1 char, but more than 1 were found.
    MoreThanOneChar,
    /// Escaped '\' character without continuation.
    LoneSlash,
    /// Invalid escape character (e.g. '\z').
    InvalidEscape,
    /// Raw '\r' encountered.
    BareCarriageReturn,
    /// Raw '\r' encountered in raw string.
    BareCarriageReturnInRawString,
    /// Unescaped character that was expected to be escaped (e.g. raw '\t').
    EscapeOnlyChar,
    /// Numeric character escape is too short (e.g. '\x1').
    TooShortHexEscape,
    /// Invalid character in numeric escape (e.g. '\xz')
    InvalidCharInHexEscape,
    /// Character code in numeric escape is non-ascii (e.g. '\xFF').
    OutOfRangeHexEscape,
    /// '\u' not followed by '{'.
    NoBraceInUnicodeEscape,
    /// Non-hexadecimal value in '\u{..}'.
    InvalidCharInUnicodeEscape,
    /// '\u{}'
    EmptyUnicodeEscape,
    /// No closing brace in '\u{..}', e.g. '\u{12'.
    UnclosedUnicodeEscape,
    /// '\u{_12}'
    LeadingUnderscoreUnicodeEscape,
    /// More than 6 characters in '\u{..}', e.g. '\u{10FFFF_FF}'
    OverlongUnicodeEscape,
    /// Invalid in-bound unicode character code, e.g. '\u{DFFF}'.
    LoneSurrogateUnicodeEscape,
    /// Out of bounds unicode character code, e.g. '\u{FFFFFF}'.
    OutOfRangeUnicodeEscape,
    /// Unicode escape code in byte literal.
    UnicodeEscapeInByte,
    /// Non-ascii character in byte literal, byte string literal, or raw byte string literal.
    NonAsciiCharInByte,
    /// `\0` in a C string literal.
    NulInCStr,
    /// After a line ending with '\', the next line contains whitespace characters that are not skipped.
    UnskippedWhitespaceWarning,
    /// After a line ending with '\', multiple lines are skipped.
    MultipleSkippedLinesWarning,
}

impl EscapeError {
    /// Returns true for actual errors, as opposed to warnings.
    #[unstable(feature = "proc_macro_value", issue = "136652")]
    pub fn is_fatal(&self) -> bool {
        use EscapeError::{MultipleSkippedLinesWarning, UnskippedWhitespaceWarning};
        !matches!(self, UnskippedWhitespaceWarning | MultipleSkippedLinesWarning)
    }
}

/// What a literal is made of.
#[derive(Copy, Clone, PartialEq)]
pub(crate) enum Kind {
    Text,
    Bytes,
    C,
}

impl Kind {
    fn char(self, ch: char, out: &mut Vec<u8>) -> Result<(), EscapeError> {
        match self {
            Kind::Bytes if !ch.is_ascii() => return Err(EscapeError::NonAsciiCharInByte),
            Kind::C if ch == '\0' => return Err(EscapeError::NulInCStr),
            _ => out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        Ok(())
    }

    /// After a backslash.
    fn escape(self, chars: &mut std::str::Chars<'_>, out: &mut Vec<u8>) -> Result<(), EscapeError> {
        let byte = match chars.next().ok_or(EscapeError::LoneSlash)? {
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            '0' => 0,
            ch @ ('"' | '\\' | '\'') => ch as u8,
            'x' => {
                let mut digit = || {
                    let digit = chars.next().ok_or(EscapeError::TooShortHexEscape)?;
                    digit.to_digit(16).ok_or(EscapeError::InvalidCharInHexEscape)
                };
                let byte = (digit()? * 16 + digit()?) as u8;
                if self == Kind::Text && !byte.is_ascii() {
                    return Err(EscapeError::OutOfRangeHexEscape);
                }
                byte
            }
            'u' => {
                let value = unicode(chars)?;
                if self == Kind::Bytes {
                    return Err(EscapeError::UnicodeEscapeInByte);
                }
                if value > char::MAX as u32 {
                    return Err(EscapeError::OutOfRangeUnicodeEscape);
                }
                let ch = char::from_u32(value).ok_or(EscapeError::LoneSurrogateUnicodeEscape)?;
                return self.char(ch, out);
            }
            _ => return Err(EscapeError::InvalidEscape),
        };
        if self == Kind::C && byte == 0 {
            return Err(EscapeError::NulInCStr);
        }
        out.push(byte);
        Ok(())
    }

    /// The value of what stands between double quotes. The last error wins, as in rustc.
    pub(crate) fn unescape(self, text: &str) -> Result<Vec<u8>, EscapeError> {
        let mut out = Vec::with_capacity(text.len());
        let mut chars = text.chars();
        let mut error = None;
        while let Some(ch) = chars.next() {
            let done = match ch {
                '\\' if chars.as_str().starts_with('\n') => {
                    let rest = chars.as_str();
                    chars = rest.trim_start_matches([' ', '\t', '\n', '\r']).chars();
                    Ok(())
                }
                '\\' => self.escape(&mut chars, &mut out),
                '"' => Err(EscapeError::EscapeOnlyChar),
                '\r' => Err(EscapeError::BareCarriageReturn),
                ch => self.char(ch, &mut out),
            };
            error = done.err().or(error);
        }
        error.map_or(Ok(out), Err)
    }

    /// The value of what stands between single quotes, as UTF-8 or as one byte.
    pub(crate) fn unescape_single(self, text: &str) -> Result<Vec<u8>, EscapeError> {
        let mut out = Vec::new();
        let mut chars = text.chars();
        match chars.next().ok_or(EscapeError::ZeroChars)? {
            '\\' => self.escape(&mut chars, &mut out)?,
            '\n' | '\t' | '\'' => return Err(EscapeError::EscapeOnlyChar),
            '\r' => return Err(EscapeError::BareCarriageReturn),
            ch => self.char(ch, &mut out)?,
        }
        if chars.next().is_some() {
            return Err(EscapeError::MoreThanOneChar);
        }
        Ok(out)
    }
}

/// After `\u`: at most six digits count, and syntax goes before value.
fn unicode(chars: &mut std::str::Chars<'_>) -> Result<u32, EscapeError> {
    if chars.next() != Some('{') {
        return Err(EscapeError::NoBraceInUnicodeEscape);
    }
    let (mut value, mut digits) = (0, 0);
    loop {
        match chars.next().ok_or(EscapeError::UnclosedUnicodeEscape)? {
            '_' if digits == 0 => return Err(EscapeError::LeadingUnderscoreUnicodeEscape),
            '}' if digits == 0 => return Err(EscapeError::EmptyUnicodeEscape),
            '}' if digits > 6 => return Err(EscapeError::OverlongUnicodeEscape),
            '}' => return Ok(value),
            '_' => {}
            ch => {
                let digit = ch.to_digit(16).ok_or(EscapeError::InvalidCharInUnicodeEscape)?;
                digits += 1;
                if digits <= 6 {
                    value = value * 16 + digit;
                }
            }
        }
    }
}
