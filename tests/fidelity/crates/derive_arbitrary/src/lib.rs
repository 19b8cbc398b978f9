//! `derive_arbitrary`.
use arbitrary::{Arbitrary, Unstructured};

#[derive(Arbitrary, Debug, PartialEq)]
pub struct Rgb<'a, T: Default> {
    pub r: u8,
    #[arbitrary(default)]
    pub t: T,
    #[arbitrary(value = 5)]
    pub five: u8,
    #[arbitrary(with = |u: &mut Unstructured| u.int_in_range(1..=3))]
    pub small: u8,
    pub text: &'a str,
}
#[derive(Arbitrary, Debug)]
pub enum Tree {
    Leaf,
    Node(Box<Tree>, u8),
    #[arbitrary(skip)]
    Never {
        x: u8,
    },
}
#[derive(Arbitrary, Debug)]
#[arbitrary(bound = "T: Clone + Arbitrary<'arbitrary>")]
pub struct Bounded<T: Clone>(pub T);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_bytes() {
        let r = Rgb::<u8>::arbitrary(&mut Unstructured::new(&[9, 1, b'a', 1])).unwrap();
        assert_eq!((r.r, r.t, r.five), (9, 0, 5));
        assert!((1..=3).contains(&r.small));
        assert_eq!(Bounded::<u8>::size_hint(0), (1, Some(1)));
    }
}
