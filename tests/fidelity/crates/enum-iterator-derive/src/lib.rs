//! `enum-iterator-derive`.
use enum_iterator::{all, cardinality, Sequence};

#[derive(Sequence, Debug, PartialEq)]
pub enum E<T> {
    A,
    B(bool, T),
    C { x: Option<T> },
}
#[derive(Sequence, Debug, PartialEq)]
pub struct S {
    pub a: bool,
    pub b: (),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!((cardinality::<E<bool>>(), all::<S>().count()), (1 + 4 + 3, 2));
    }
}
