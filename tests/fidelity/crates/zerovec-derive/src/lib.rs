//! `zerovec-derive`, `zerofrom-derive`, `yoke-derive`: synstructure 0.13 at work.
use std::borrow::Cow;
use zerofrom::ZeroFrom;
use zerovec::{ule::AsULE, ZeroVec};

#[zerovec::make_ule(PairULE)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    pub a: u16,
    pub b: char,
}

#[zerovec::make_ule(KindULE)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    One = 0,
    Two = 1,
}

#[zerovec::make_varule(PersonULE)]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person<'a> {
    pub age: u8,
    pub name: Cow<'a, str>,
}

#[derive(yoke::Yokeable, ZeroFrom, Debug, Clone)]
pub struct Data<'data> {
    pub text: Cow<'data, str>,
    pub list: ZeroVec<'data, u32>,
}

#[derive(yoke::Yokeable, ZeroFrom, Debug, Clone)]
#[zerofrom(clone(T))]
#[yoke(prove_covariance_manually)]
pub enum Either<'data, T: Copy + 'static> {
    Left(Cow<'data, str>),
    Right(T),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ule_round_trip() {
        let p = Pair { a: 1, b: 'x' };
        assert_eq!(Pair::from_unaligned(p.to_unaligned()), p);
        let v: ZeroVec<Pair> = [p, p].iter().copied().collect();
        assert_eq!(v.get(1), Some(p));
        assert_eq!(Kind::from_unaligned(Kind::Two.to_unaligned()), Kind::Two);
    }

    #[test]
    fn borrows() {
        let d = Data { text: Cow::Owned("a".into()), list: ZeroVec::new() };
        let z = Data::zero_from(&d);
        assert!(matches!(z.text, Cow::Borrowed("a")));
    }
}
