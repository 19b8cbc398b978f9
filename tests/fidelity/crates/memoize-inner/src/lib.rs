//! `memoize-inner`: syn 1.
use memoize::memoize;

#[memoize]
pub fn hello(arg: String, arg2: usize) -> bool {
    arg.len() % 2 == arg2
}
#[memoize(SharedCache)]
pub fn squared(n: u32) -> u32 {
    n * n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memoizes() {
        assert!(hello("ab".into(), 0) && hello("ab".into(), 0));
        assert_eq!(squared(4) + squared(4), 32);
    }
}
