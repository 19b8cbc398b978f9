//! `phf_macros`: maps and sets in the order of a hash that the macro finds.
use phf::{phf_map, phf_ordered_map, phf_ordered_set, phf_set};

pub static KEYWORDS: phf::Map<&'static str, u8> = phf_map! {
    "loop" => 1, "continue" => 2, "break" => 3, "fn" => 4, "extern" => 5,
};
pub static BYTES: phf::Map<&'static [u8; 2], char> = phf_map! { b"ab" => 'a', b"cd" => 'c' };
pub static NUMBERS: phf::Map<i32, &'static str> =
    phf_map! { 1i32 => "one", 2 => "two", -3 => "minus three" };
pub static CHARS: phf::Set<char> = phf_set! { 'x', '\n', 'ß' };
pub static ORDERED: phf::OrderedMap<&'static str, &'static [u8]> =
    phf_ordered_map! { "z" => b"1", "a" => b"2" };
pub static ORDERED_SET: phf::OrderedSet<u8> = phf_ordered_set! { 3u8, 1, 2 };
pub static ALTERNATIVES: phf::Map<&'static str, u8> = phf_map! { "a" | "b" => 1, "c" => 2 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_up() {
        assert_eq!((KEYWORDS.get("fn"), KEYWORDS.get("no")), (Some(&4), None));
        assert_eq!(BYTES.get(b"cd"), Some(&'c'));
        assert_eq!(NUMBERS[&-3], "minus three");
        assert!(CHARS.contains(&'ß'));
        assert_eq!(ORDERED.keys().copied().collect::<String>(), "za");
        assert_eq!(ORDERED_SET.index(1), Some(&1));
        assert_eq!(ALTERNATIVES["b"], 1);
    }
}
