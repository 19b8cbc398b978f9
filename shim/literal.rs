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
    let exponent_is_good = exponent.map_or(true, |exponent| {
        let unsigned = exponent.strip_prefix(b"+").or(exponent.strip_prefix(b"-"));
        digits(unsigned.unwrap_or(exponent), u8::is_ascii_digit)
    });
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

/// The literal by a constructor, where there is one that makes exactly this.
pub fn construct(parts: &Parts<'_>, scratch: &mut String) -> Option<Literal> {
    match parts.kind {
        lit::INTEGER => integer(parts.text, parts.suffix),
        lit::FLOAT => float(parts.text, parts.suffix, scratch),
        _ if parts.suffix.is_some() => None,
        lit::STR if is_plain(parts.text) => Some(Literal::string(parts.text)),
        lit::STR => {
            unescape(parts.text, scratch)?;
            let same = escaped(scratch.chars(), '\'').eq(parts.text.chars());
            same.then(|| Literal::string(scratch))
        }
        lit::CHAR => {
            unescape(parts.text, scratch)?;
            let mut chars = scratch.chars();
            let (one, None) = (chars.next()?, chars.next()) else { return None };
            let same = escaped([one].into_iter(), '"').eq(parts.text.chars());
            same.then(|| Literal::character(one))
        }
        lit::BYTE | lit::BYTE_STR => bytes(parts, scratch),
        lit::C_STR if is_plain(parts.text) => {
            CString::new(parts.text).ok().map(|text| Literal::c_string(&text))
        }
        _ => None,
    }
}

/// Nothing in it is ever escaped: printable ASCII without `"` and `\`.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

/// proc_macro: escape.rs; in each kind of literal the other kind's quote stands as it is.
fn escaped(chars: impl Iterator<Item = char>, bare: char) -> impl Iterator<Item = char> {
    chars.flat_map(move |c| {
        let plain = (c == bare).then_some(c);
        let escape = (c != bare).then(|| c.escape_debug()).into_iter().flatten();
        plain.into_iter().chain(escape)
    })
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

/// Bytes: plain ones stand for themselves; the rest by escapes of their own.
fn bytes(parts: &Parts<'_>, scratch: &mut String) -> Option<Literal> {
    let mut values = Vec::with_capacity(parts.text.len());
    let mut rest = parts.text.as_bytes();
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
    // proc_macro: escape.rs escape_single_byte
    let bare = if parts.kind == lit::BYTE { b'"' } else { b'\'' };
    scratch.clear();
    for value in &values {
        match *value {
            0 => scratch.push_str("\\0"),
            value if value == bare => scratch.push(value as char),
            value => scratch.extend(value.escape_ascii().map(char::from)),
        }
    }
    if scratch != parts.text {
        return None;
    }
    match (parts.kind, values.as_slice()) {
        (lit::BYTE, [value]) => Some(Literal::byte_character(*value)),
        (lit::BYTE_STR, values) => Some(Literal::byte_string(values)),
        _ => None,
    }
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
