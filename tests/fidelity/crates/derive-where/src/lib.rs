//! `derive-where`.
use derive_where::derive_where;
use std::marker::PhantomData;

#[derive_where(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Simple<T: ?Sized, U = ()>(PhantomData<T>, PhantomData<U>);

#[derive_where(Clone, Debug; T, U::Assoc)]
#[derive_where(PartialEq; T)]
#[derive_where(Default)]

pub enum E<T, U: Tr> {
    #[derive_where(default)]
    None,
    Some(T, U::Assoc),
    #[derive_where(skip_inner(EqHashOrd))]
    Skipped {
        #[derive_where(skip(Debug))]
        t: T,
        #[derive_where(skip)]
        n: u8,
    },
    #[derive_where(incomparable)]
    Odd,
}
pub trait Tr {
    type Assoc: PartialEq;
}
#[derive(Debug)]
pub struct X;
impl Tr for X {
    type Assoc = u8;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives() {
        assert_eq!(Simple::<str>::default(), Simple::default());
    }
}
