//! `alloy-rlp-derive`.
use alloy_rlp::{
    Decodable, Encodable, RlpDecodable, RlpDecodableWrapper, RlpEncodable, RlpEncodableWrapper,
    RlpMaxEncodedLen,
};

#[derive(RlpEncodable, RlpDecodable, Debug, PartialEq, Default)]
#[rlp(trailing)]
pub struct S {
    pub a: u64,
    pub name: String,
    #[rlp(skip)]
    pub cache: Option<u8>,
    pub last: Option<u16>,
}
#[derive(RlpEncodableWrapper, RlpDecodableWrapper, RlpMaxEncodedLen, Debug, PartialEq)]
pub struct W(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let s = S { a: 3, name: "n".into(), cache: None, last: None };
        let mut v = vec![];
        s.encode(&mut v);
        assert_eq!(S::decode(&mut &v[..]).unwrap(), s);
        assert_eq!(W(1).length(), 1);
    }
}
