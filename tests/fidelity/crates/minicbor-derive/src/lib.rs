//! `minicbor-derive`.
use minicbor::{CborLen, Decode, Encode};

#[derive(Encode, Decode, CborLen, Debug, PartialEq)]
#[cbor(map)]
pub struct S<'a, T> {
    #[n(0)]
    pub a: u32,
    #[b(1)]
    pub text: &'a str,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    #[n(5)]
    pub opt: Option<T>,
    #[cbor(skip)]
    pub skipped: u8,
}
#[derive(Encode, Decode, Debug, PartialEq)]
#[cbor(flat)]
pub enum E {
    #[n(0)]
    A,
    #[n(1)]
    B(#[n(0)] u8, #[n(1)] bool),
    #[n(7)]
    C {
        #[n(0)]
        x: i8,
    },
}
#[derive(Encode, Decode, Debug, PartialEq)]
#[cbor(index_only)]
pub enum I {
    #[n(3)]
    X,
}
#[derive(Encode, Decode, Debug, PartialEq)]
#[cbor(transparent)]
pub struct New(#[n(0)] pub u16);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let s = S { a: 1, text: "t", bytes: vec![1], opt: Some(I::X), skipped: 0 };
        let v = minicbor::to_vec(&s).unwrap();
        assert_eq!(minicbor::decode::<S<I>>(&v).unwrap(), s);
        let v = minicbor::to_vec(&E::C { x: -1 }).unwrap();
        assert_eq!(minicbor::decode::<E>(&v).unwrap(), E::C { x: -1 });
    }
}
