//! `phf_macros` 0.8: proc-macro-hack, syn 1, and a seeded random number generator in the macro.
use phf::{phf_map, phf_set};

pub static MAP: phf::Map<&'static str, u32> = phf_map! { "one" => 1, "two" => 2, "three" => 3 };
pub static SET: phf::Set<u64> = phf_set! { 10u64, 20u64 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_up() {
        assert_eq!(MAP.get("two"), Some(&2));
        assert!(SET.contains(&20) && !SET.contains(&30));
    }
}
