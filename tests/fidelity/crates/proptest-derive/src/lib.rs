//! `proptest-derive`.
use proptest_derive::Arbitrary;

#[derive(Arbitrary, Debug, Clone)]
pub struct Point<T: Clone> {
    #[proptest(strategy = "0u32..10")]
    pub x: u32,
    #[proptest(value = "7")]
    pub y: u8,
    #[proptest(filter = "|v| v % 2 == 0")]
    pub even: u16,
    pub t: T,
}
#[derive(Arbitrary, Debug, Clone)]
pub enum E {
    #[proptest(weight = 3)]
    A(#[proptest(regex = "[a-z]{3}")] String),
    B {
        #[proptest(no_params)]
        b: bool,
    },
    #[proptest(skip)]
    C,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn holds(p: Point<bool>, e: E) {
            prop_assert!(p.x < 10 && p.y == 7 && p.even % 2 == 0);
            if let E::A(s) = e { prop_assert_eq!(s.len(), 3); }
        }
    }
}
