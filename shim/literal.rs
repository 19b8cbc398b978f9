//! Literals taken apart and made again, exactly.
//!
//! rustc's bridge has a literal as kind, text between the quotes, suffix; its stable face shows only
//! the whole. Taking apart: `Display` writes the parts one by one, which tells all but integers from
//! floats from errors, and the text of those tells the rest, nearly always; `Debug` tells it for sure but
//! costs a question. Making: a constructor is a local affair and a question is not, so wherever a
//! constructor provably yields this very text it is used; the rest is parsed by the compiler, and the result
//! compared with what was wanted.

use std::ffi::CString;
use std::fmt::{self, Write};

use proc_macro::Literal;

use crate::wire::lit;

/// A literal in parts; `text` and `suffix` as in the bridge.
#[derive(Debug, PartialEq, Clone, Copy)]
pub struct Parts<'a> {
    pub kind: u8,
    pub hashes: u8,
    pub text: &'a str,
    pub suffix: Option<&'a str>,
}

// ---- taking apart ----------------------------------------------------------------------------

/// Room for one literal's text, and where its parts end in it.
#[derive(Default)]
pub struct Scratch {
    text: String,
    ends: [usize; 8],
    count: usize,
}

impl Write for Scratch {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.text.push_str(part);
        if let Some(end) = self.ends.get_mut(self.count) {
            *end = self.text.len();
        }
        self.count += 1;
        Ok(())
    }
}

impl Scratch {
    pub fn take_apart(&mut self, literal: &Literal) -> Parts<'_> {
        self.text.clear();
        self.count = 0;
        let _ = write!(self, "{literal}"); // writing to a String cannot fail
        if let Some((text, suffix)) = self.numeric() {
            let kind = number_kind(text, suffix).unwrap_or_else(|| kind_by_debug(literal));
            return Parts { kind, hashes: 0, text, suffix };
        }
        // Not written in the parts that this was made for: another version of proc_macro's.
        self.quoted().unwrap_or_else(|| scan(&self.text, literal))
    }

    pub fn whole(&self) -> &str {
        &self.text
    }

    fn part(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    /// proc_macro: Literal::with_stringify_parts, the last arm.
    fn numeric(&self) -> Option<(&str, Option<&str>)> {
        (self.count == 2).then(|| (self.part(0), suffix_of(self.part(1))))
    }

    /// proc_macro: Literal::with_stringify_parts, the other arms.
    fn quoted(&self) -> Option<Parts<'_>> {
        let raw = self.count == 7;
        if !raw && self.count != 4 {
            return None;
        }
        let kind = match (self.part(0), raw) {
            ("b'", false) => lit::BYTE,
            ("'", false) => lit::CHAR,
            ("\"", false) => lit::STR,
            ("b\"", false) => lit::BYTE_STR,
            ("c\"", false) => lit::C_STR,
            ("r", true) => lit::STR_RAW,
            ("br", true) => lit::BYTE_STR_RAW,
            ("cr", true) => lit::C_STR_RAW,
            _ => return None,
        };
        let (hashes, text, suffix) = if raw { (self.part(1).len(), 3, 6) } else { (0, 1, 3) };
        let hashes = u8::try_from(hashes).ok()?;
        Some(Parts { kind, hashes, text: self.part(text), suffix: suffix_of(self.part(suffix)) })
    }
}

fn suffix_of(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The kind of a numeric literal whose text and suffix leave no doubt. Doubtful are floats that
/// were made of whole numbers (`1f32` by a constructor; the lexer would make it an integer), and whatever
/// is no number at all: an error that the lexer has reported.
fn number_kind(text: &str, suffix: Option<&str>) -> Option<u8> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_digit() {
        return None;
    }
    let digits = |digits: &[u8], is: fn(&u8) -> bool| {
        digits.iter().all(|digit| *digit == b'_' || is(digit)) && digits.iter().any(is)
    };
    if let [b'0', base @ (b'x' | b'o' | b'b'), rest @ ..] = bytes {
        let is: fn(&u8) -> bool = match base {
            b'x' => u8::is_ascii_hexdigit,
            b'o' => |digit| matches!(digit, b'0'..=b'7'),
            _ => |digit| matches!(digit, b'0' | b'1'),
        };
        return digits(rest, is).then_some(lit::INTEGER);
    }
    if digits(bytes, u8::is_ascii_digit) {
        return match suffix {
            Some("f16" | "f32" | "f64" | "f128") => None,
            _ => Some(lit::INTEGER),
        };
    }
    let (mantissa, exponent) = match bytes.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
        None => (bytes, None),
    };
    let exponent_is_good = match exponent {
        Some([b'+' | b'-', exponent @ ..] | exponent) => digits(exponent, u8::is_ascii_digit),
        None => true,
    };
    let mut halves = mantissa.splitn(2, |byte| *byte == b'.');
    let whole = halves.next().unwrap_or(&[]);
    let fraction = halves.next().unwrap_or(&[]);
    let good = digits(whole, u8::is_ascii_digit)
        && (fraction.is_empty() || (fraction[0] != b'_' && digits(fraction, u8::is_ascii_digit)));
    (good && exponent_is_good).then_some(lit::FLOAT)
}

/// From `Literal { kind: Float, symbol: "1", …`
fn kind_by_debug(literal: &Literal) -> u8 {
    let text = format!("{literal:?}");
    let kind = text.split_once("kind: ").map_or("", |(_, rest)| rest);
    match kind.split([',', '(', ' ']).next() {
        Some("Integer") => lit::INTEGER,
        Some("Float") => lit::FLOAT,
        _ => lit::ERR_WITH_GUAR,
    }
}

/// Takes the whole text apart; where a number's suffix begins only `Debug` tells for sure.
fn scan<'a>(whole: &'a str, literal: &Literal) -> Parts<'a> {
    split(whole).unwrap_or_else(|| {
        let kind = kind_by_debug(literal);
        let debug = format!("{literal:?}");
        let symbol = debug.split_once("symbol: \"").and_then(|(_, rest)| rest.find('"'));
        let length = symbol.filter(|_| kind != lit::ERR_WITH_GUAR).unwrap_or(whole.len());
        let (text, suffix) = whole.split_at_checked(length).unwrap_or((whole, ""));
        Parts { kind, hashes: 0, text, suffix: suffix_of(suffix) }
    })
}

/// Quoted literals by their text alone.
fn split(whole: &str) -> Option<Parts<'_>> {
    let quote = whole.find(['"', '\''])?;
    let (prefix, rest) = whole.split_at(quote);
    let hashes = prefix.bytes().filter(|byte| *byte == b'#').count();
    let kind = match (prefix.trim_end_matches('#'), rest.as_bytes()[0]) {
        ("b", b'\'') => lit::BYTE,
        ("", b'\'') => lit::CHAR,
        ("", _) => lit::STR,
        ("b", _) => lit::BYTE_STR,
        ("c", _) => lit::C_STR,
        ("r", _) => lit::STR_RAW,
        ("br", _) => lit::BYTE_STR_RAW,
        ("cr", _) => lit::C_STR_RAW,
        _ => return None,
    };
    let end = rest.rfind(['"', '\'']).filter(|end| *end > 0)?;
    let suffix = rest.get(end + 1 + hashes..)?;
    Some(Parts {
        kind,
        hashes: u8::try_from(hashes).ok()?,
        text: &rest[1..end],
        suffix: suffix_of(suffix),
    })
}

// ---- making ----------------------------------------------------------------------------------

/// Writes the literal as `Display` would.
pub fn write_whole(parts: &Parts<'_>, out: &mut String) {
    let (open, close) = match parts.kind {
        lit::BYTE => ("b'", "'"),
        lit::CHAR => ("'", "'"),
        lit::STR => ("\"", "\""),
        lit::STR_RAW => ("r", "\""),
        lit::BYTE_STR => ("b\"", "\""),
        lit::BYTE_STR_RAW => ("br", "\""),
        lit::C_STR => ("c\"", "\""),
        lit::C_STR_RAW => ("cr", "\""),
        _ => ("", ""),
    };
    let raw = matches!(parts.kind, lit::STR_RAW | lit::BYTE_STR_RAW | lit::C_STR_RAW);
    let hashes = |out: &mut String| (0..parts.hashes).for_each(|_| out.push('#'));
    out.push_str(open);
    if raw {
        hashes(out);
        out.push('"');
    }
    out.push_str(parts.text);
    out.push_str(close);
    if raw {
        hashes(out);
    }
    out.push_str(parts.suffix.unwrap_or(""));
}

/// The literal by a constructor, where there is one that makes exactly this. How constructors escape
/// differs between versions of proc_macro, so where anything is escaped the result is compared.
pub fn construct(parts: &Parts<'_>, scratch: &mut Scratch) -> Option<Literal> {
    let plain = is_plain(parts.text);
    match parts.kind {
        lit::INTEGER => integer(parts.text, parts.suffix),
        lit::FLOAT => float(parts.text, parts.suffix, &mut scratch.text),
        _ if parts.suffix.is_some() => None,
        lit::STR if plain => Some(Literal::string(parts.text)),
        lit::BYTE_STR if plain => Some(Literal::byte_string(parts.text.as_bytes())),
        lit::C_STR if plain => CString::new(parts.text).ok().map(|text| Literal::c_string(&text)),
        lit::CHAR | lit::BYTE | lit::STR | lit::BYTE_STR => {
            let literal = escaped(parts, &mut scratch.text)?;
            (scratch.take_apart(&literal) == *parts).then_some(literal)
        }
        _ => None,
    }
}

/// The literal whose value these escapes stand for.
fn escaped(parts: &Parts<'_>, scratch: &mut String) -> Option<Literal> {
    match parts.kind {
        lit::STR => {
            unescape(parts.text, scratch)?;
            Some(Literal::string(scratch))
        }
        lit::CHAR => {
            unescape(parts.text, scratch)?;
            let mut chars = scratch.chars();
            let (Some(one), None) = (chars.next(), chars.next()) else { return None };
            Some(Literal::character(one))
        }
        _ => {
            let values = unescape_bytes(parts.text)?;
            match (parts.kind, values.as_slice()) {
                (lit::BYTE, [value]) => Some(Literal::byte_character(*value)),
                (lit::BYTE_STR, values) => Some(Literal::byte_string(values)),
                _ => None,
            }
        }
    }
}

/// Nothing in it is ever escaped: printable ASCII without `"` and `\`.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

/// Undoes those escapes that `escape_debug` makes.
pub fn unescape(text: &str, out: &mut String) -> Option<()> {
    out.clear();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next()? {
            '0' => '\0',
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            c @ ('\\' | '\'' | '"') => c,
            'u' => {
                let rest = chars.as_str().strip_prefix('{')?;
                let (digits, after) = rest.split_once('}')?;
                chars = after.chars();
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(())
}

/// The same for bytes.
fn unescape_bytes(text: &str) -> Option<Vec<u8>> {
    let mut values = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            values.push(*first);
            continue;
        }
        let [escape, after @ ..] = rest else { return None };
        rest = after;
        values.push(match escape {
            b'0' => 0,
            b't' => b'\t',
            b'n' => b'\n',
            b'r' => b'\r',
            b'\\' | b'\'' | b'"' => *escape,
            b'x' => {
                let [high, low, after @ ..] = rest else { return None };
                rest = after;
                let digit = |byte: &u8| (*byte as char).to_digit(16);
                (digit(high)? * 16 + digit(low)?) as u8
            }
            _ => return None,
        });
    }
    Some(values)
}

fn integer(text: &str, suffix: Option<&str>) -> Option<Literal> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let canonical = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
        && !(negative && digits == "0");
    if !canonical {
        return None;
    }
    macro_rules! suffixed {
        ($($name:literal => $type:ident $constructor:ident,)*) => {
            match suffix {
                $(Some($name) => text.parse::<$type>().ok().map(Literal::$constructor),)*
                Some(_) => None,
                None if negative => text.parse::<i128>().ok().map(Literal::i128_unsuffixed),
                None => match text.parse::<u64>() {
                    Ok(value) => Some(Literal::u64_unsuffixed(value)),
                    Err(_) => text.parse::<u128>().ok().map(Literal::u128_unsuffixed),
                },
            }
        };
    }
    suffixed! {
        "u8" => u8 u8_suffixed,
        "u16" => u16 u16_suffixed,
        "u32" => u32 u32_suffixed,
        "u64" => u64 u64_suffixed,
        "u128" => u128 u128_suffixed,
        "usize" => usize usize_suffixed,
        "i8" => i8 i8_suffixed,
        "i16" => i16 i16_suffixed,
        "i32" => i32 i32_suffixed,
        "i64" => i64 i64_suffixed,
        "i128" => i128 i128_suffixed,
        "isize" => isize isize_suffixed,
    }
}

/// proc_macro: Literal::f64_unsuffixed adds ".0" to what has no point; Literal::f64_suffixed does not.
fn float(text: &str, suffix: Option<&str>, scratch: &mut String) -> Option<Literal> {
    scratch.clear();
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    match suffix {
        None => {
            let _ = write!(scratch, "{value}");
            if !scratch.contains('.') {
                scratch.push_str(".0");
            }
            (scratch == text).then(|| Literal::f64_unsuffixed(value))
        }
        Some("f64") => {
            let _ = write!(scratch, "{value}");
            (scratch == text).then(|| Literal::f64_suffixed(value))
        }
        Some("f32") => {
            let value: f32 = text.parse().ok().filter(|value: &f32| value.is_finite())?;
            let _ = write!(scratch, "{value}");
            (scratch == text).then(|| Literal::f32_suffixed(value))
        }
        Some(_) => None,
    }
}

/// The literal by the compiler's lexer. None when that makes something else of the text.
pub fn parse(parts: &Parts<'_>, text: &str, scratch: &mut Scratch) -> Option<Literal> {
    let literal: Literal = text.parse().ok()?;
    let found = scratch.take_apart(&literal);
    let same_but_kind = found.text == parts.text && found.suffix == parts.suffix;
    let same = same_but_kind && found.kind == parts.kind && found.hashes == parts.hashes;
    same.then_some(literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_tell_their_kind_or_nothing() {
        let integers = ["0", "1_000", "0x1f", "0xFF_", "0o17", "0b1_0", "-5", "007", "0x1e5"];
        let floats = ["1.0", "1.", "1e5", "1.5e-3", "1E+5", "1_0.0_1", "-0.5", "1e1_0"];
        let neither =
            ["", "-", "a", "0x", "0o8", "0b2", "1e", "1e+", "1._0", "'a", "1.e5x", "0b1.5"];
        for text in integers {
            assert_eq!(number_kind(text, None), Some(lit::INTEGER), "{text}");
        }
        for text in floats {
            assert_eq!(number_kind(text, None), Some(lit::FLOAT), "{text}");
        }
        for text in neither {
            assert_eq!(number_kind(text, None), None, "{text}");
        }
        assert_eq!(number_kind("1", Some("u8")), Some(lit::INTEGER));
        assert_eq!(number_kind("1", Some("f32")), None, "an integer or a float");
        assert_eq!(number_kind("1.5", Some("f32")), Some(lit::FLOAT));
    }

    #[test]
    fn quoted_literals_are_read_by_their_text_as_by_their_parts() {
        let cases = [
            (lit::STR, 0, "a\\\"b", None),
            (lit::STR, 0, "", Some("suffix")),
            (lit::CHAR, 0, "\\'", None),
            (lit::CHAR, 0, "\"", None),
            (lit::BYTE, 0, "x", None),
            (lit::BYTE_STR, 0, "x'", None),
            (lit::C_STR, 0, "x", None),
            (lit::STR_RAW, 0, "x", None),
            (lit::STR_RAW, 2, "a\"#b", None),
            (lit::BYTE_STR_RAW, 1, "x", None),
            (lit::C_STR_RAW, 255, "x", Some("u8")),
        ];
        for (kind, hashes, text, suffix) in cases {
            let parts = Parts { kind, hashes, text, suffix };
            let mut whole = String::new();
            write_whole(&parts, &mut whole);
            assert_eq!(split(&whole), Some(parts), "{whole}");
        }
    }

    #[test]
    fn escapes_are_undone() {
        let mut out = String::new();
        for (text, value) in [("a\\n\\t\\r\\0\\\\\\'\\\"", "a\n\t\r\0\\'\""), ("\\u{1f600}", "😀")]
        {
            assert!(unescape(text, &mut out).is_some());
            assert_eq!(out, value);
        }
        for text in ["\\", "\\x41", "\\u{}", "\\u{110000}", "\\u41", "\\q"] {
            assert!(unescape(text, &mut out).is_none(), "{text}");
        }
        assert_eq!(unescape_bytes("a\\xff\\0\\\""), Some(vec![b'a', 255, 0, b'"']));
        assert_eq!(unescape_bytes("\\x4"), None);
    }
}
