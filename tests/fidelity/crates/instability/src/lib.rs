//! `instability`: darling and indoc inside a macro.
/// Documented
#[instability::unstable(feature = "unstable-one", issue = "#1")]
pub fn one() -> u8 {
    1
}
#[instability::unstable(feature = "two")]
#[derive(Debug)]
pub struct S {
    pub x: u8,
}
#[instability::stable(since = "0.1.0", issue = "#2")]
/// Fine
pub mod m {
    #[instability::unstable]
    impl super::T {
        pub fn f(&self) {}
    }
}
pub struct T;

#[cfg(test)]
mod tests {
    #[test]
    fn inside_it_is_visible() {
        assert_eq!(super::one(), 1);
    }
}
