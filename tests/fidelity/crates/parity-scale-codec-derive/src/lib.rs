//! `parity-scale-codec-derive`, `scale-info-derive` and `impl-trait-for-tuples`; all ask `proc-macro-crate`.
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

#[derive(Debug, PartialEq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum E<T> {
    #[codec(index = 15)]
    A,
    B(u32, #[codec(compact)] u64),
    C {
        a: T,
        #[codec(skip)]
        b: u8,
    },
}
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Debug, PartialEq)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: MaxEncodedLen))]
pub struct S<T: 'static> {
    pub a: u16,
    #[codec(encoded_as = "parity_scale_codec::Compact<u32>")]
    pub c: u32,
    pub t: std::marker::PhantomData<T>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let e = E::C { a: 3u8, b: 0 };
        assert_eq!(E::decode(&mut &e.encode()[..]).unwrap(), e);
        assert_eq!(E::<u8>::A.encode(), [15]);
        assert_eq!(S::<u8> { a: 1, c: 2, t: Default::default() }.encode(), [1, 0, 8]);
        assert!(E::<u8>::type_info().path.ident() == Some("E"));
    }
}
