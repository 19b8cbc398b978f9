//! Interned text. A symbol lives as long as the instance: rustc's own interner never forgets either,
//! and a macro's vocabulary is small.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroU32;

#[derive(Copy, Clone, PartialEq, Eq)]
pub(crate) struct Symbol(NonZeroU32);

/// rustc's FxHash on words: names are short, and nobody gains by making them collide in a guest.
#[derive(Default, Clone, Copy)]
pub(crate) struct FxHasher(u32);

impl FxHasher {
    #[inline]
    fn add(&mut self, word: u32) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9);
    }
}

impl Hasher for FxHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for &word in words {
            self.add(u32::from_le_bytes(word));
        }
        for &byte in rest {
            self.add(u32::from(byte));
        }
    }
    #[inline]
    fn write_u8(&mut self, word: u8) {
        self.add(u32::from(word));
    }
    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.add(word);
    }
    #[inline]
    fn finish(&self) -> u64 {
        // hashbrown takes its tag from the top seven bits and the bucket from the bottom.
        u64::from(self.0) << 32 | u64::from(self.0 ^ self.0 >> 15)
    }
}

pub(crate) type FxMap<K, V> = HashMap<K, V, BuildHasherDefault<FxHasher>>;

struct Interner {
    names: FxMap<&'static str, Symbol>,
    texts: Vec<&'static str>,
    /// By `guess`: `quote!` asks for the same constants all the time.
    recent: [Option<Recent>; RECENT],
    /// What is left of the newest chunk of the arena that the texts lie in.
    room: &'static mut [u8],
}

const CHUNK: usize = 16 << 10;
const RECENT: usize = 512;

/// A symbol met lately, and whether it has passed for an identifier.
#[derive(Copy, Clone)]
struct Recent {
    symbol: Symbol,
    ident: bool,
}

/// By address and length. What is there is compared, so the address is only a guess.
#[inline]
fn guess(text: &str) -> usize {
    let at = text.as_ptr() as usize;
    (at ^ at >> 9).wrapping_add(text.len()) % RECENT
}

/// Names are short: comparing them here is less work than calling for it.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (a_words, a_rest) = a.as_chunks::<8>();
    let (b_words, b_rest) = b.as_chunks::<8>();
    let word = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
    a_words.iter().zip(b_words).all(|(a, b)| word(a) == word(b))
        && a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
}

thread_local! {
    static INTERNER: RefCell<Option<Interner>> = const { RefCell::new(None) };
}

impl Interner {
    fn new() -> Interner {
        let recent = [None; RECENT];
        Interner { names: FxMap::default(), texts: Vec::new(), recent, room: &mut [] }
    }

    fn keep(&mut self, text: &str) -> &'static str {
        if text.len() > CHUNK / 4 {
            return Box::leak(Box::from(text));
        }
        if text.len() > self.room.len() {
            self.room = Box::leak(vec![0; CHUNK].into_boxed_slice());
        }
        let (place, rest) = std::mem::take(&mut self.room).split_at_mut(text.len());
        self.room = rest;
        place.copy_from_slice(text.as_bytes());
        // SAFETY: a copy of a str.
        unsafe { std::str::from_utf8_unchecked(place) }
    }

    /// `ident`: the text is known to be an identifier.
    fn intern(&mut self, text: &str, ident: bool) -> Symbol {
        let symbol = self.find_or_add(text);
        self.recent[guess(text)] = Some(Recent { symbol, ident });
        symbol
    }

    #[inline]
    fn recent(&self, text: &str) -> Option<Recent> {
        let recent = self.recent[guess(text)]?;
        is_same(self.texts[recent.symbol.index()].as_bytes(), text.as_bytes()).then_some(recent)
    }

    fn find_or_add(&mut self, text: &str) -> Symbol {
        if let Some(&symbol) = self.names.get(text) {
            return symbol;
        }
        let text = self.keep(text);
        self.texts.push(text);
        let symbol = Symbol(NonZeroU32::new(self.texts.len() as u32).unwrap());
        self.names.insert(text, symbol);
        symbol
    }
}

impl Symbol {
    pub(crate) fn new(text: &str) -> Symbol {
        with(|interner| match interner.recent(text) {
            Some(recent) => recent.symbol,
            None => interner.intern(text, false),
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        INTERNER.with_borrow(|interner| match interner {
            Some(interner) => interner.texts[self.index()],
            None => unreachable!("a symbol exists, so does the interner"),
        })
    }

    /// Dense, from 0.
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// rustc: proc_macro/src/bridge/symbol.rs, `Symbol::new_ident`: the same checks, the same panics.
    pub(crate) fn new_ident(text: &str, raw: bool) -> Symbol {
        match with(|interner| interner.recent(text)) {
            Some(Recent { symbol, ident: true }) if !raw => symbol,
            _ => Symbol::checked_ident(text, raw),
        }
    }

    fn checked_ident(text: &str, raw: bool) -> Symbol {
        if is_ascii_ident(text.as_bytes()) || text == "$crate" {
            if raw && matches!(text, "_" | "super" | "self" | "Self" | "crate" | "$crate") {
                panic!("`{text}` cannot be a raw identifier");
            }
            return with(|interner| interner.intern(text, true));
        }
        let normal = if text.is_ascii() { None } else { crate::rt::normalize_ident(text) };
        match normal {
            Some(normal) => normal,
            None => panic!("`{text:?}` is not a valid identifier"),
        }
    }
}

#[inline]
fn with<R>(f: impl FnOnce(&mut Interner) -> R) -> R {
    INTERNER.with_borrow_mut(|interner| f(interner.get_or_insert_with(Interner::new)))
}

pub(crate) fn is_ascii_ident(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(b'_' | b'a'..=b'z' | b'A'..=b'Z'))
        && bytes.iter().all(|b| matches!(b, b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'))
}
