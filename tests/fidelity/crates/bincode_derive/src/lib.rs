//! `bincode_derive`: on `virtue`, a parser without syn, and writes its output to `target/` for debugging.
use bincode::{BorrowDecode, Decode, Encode};

#[derive(Encode, Decode, Debug, PartialEq)]
pub struct S<T: Clone>
where
    T: PartialEq,
{
    pub a: u32,
    pub list: Vec<Option<T>>,
    pub tuple: (u8, char),
}
#[derive(Encode, Decode, Debug, PartialEq)]
pub enum E {
    A,
    B(u8, String),
    C { x: [u8; 2], r#type: bool },
}
#[derive(Encode, BorrowDecode, Debug, PartialEq)]
pub struct Borrowed<'a>(pub &'a str, pub &'a [u8]);
#[derive(Encode, Decode)]
#[bincode(
    encode_bounds = "T: Encode",
    decode_bounds = "T: Decode<__Context>",
    borrow_decode_bounds = "T: BorrowDecode<'__de, __Context>"
)]
pub struct Bounded<T>(pub T);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let c = bincode::config::standard();
        let s = S { a: 1, list: vec![None, Some(2u8)], tuple: (3, 'é') };
        let bytes = bincode::encode_to_vec(&s, c).unwrap();
        assert_eq!(bincode::decode_from_slice::<S<u8>, _>(&bytes, c).unwrap().0, s);
        let e = E::C { x: [1, 2], r#type: true };
        let bytes = bincode::encode_to_vec(&e, c).unwrap();
        assert_eq!(bincode::decode_from_slice::<E, _>(&bytes, c).unwrap().0, e);
        let bytes = bincode::encode_to_vec(Borrowed("a", b"b"), c).unwrap();
        assert_eq!(
            bincode::borrow_decode_from_slice::<Borrowed, _>(&bytes, c).unwrap().0,
            Borrowed("a", b"b")
        );
    }
}
