//! `zeroize_derive`.
use zeroize::{Zeroize, ZeroizeOnDrop};

#[derive(Zeroize, ZeroizeOnDrop, Debug, PartialEq)]
pub struct Secret<T: Zeroize> {
    pub key: [u8; 4],
    #[zeroize(skip)]
    pub label: String,
    pub extra: T,
}

#[derive(Zeroize, Debug, PartialEq)]
#[zeroize(drop)]
pub enum Kind {
    Unit,
    Tuple(u8, Vec<u8>),
    Named { x: u32 },
}

#[derive(Zeroize)]
#[zeroize(bound = "T: Zeroize + Copy")]
pub struct Bounded<T>(T);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wipes() {
        let mut s = Secret { key: [1; 4], label: "l".into(), extra: 7u16 };
        s.zeroize();
        assert_eq!((s.key, s.label.as_str(), s.extra), ([0; 4], "l", 0));
        let mut k = Kind::Tuple(1, vec![2]);
        k.zeroize();
        assert_eq!(k, Kind::Tuple(0, vec![]));
        let mut b = Bounded(3);
        b.zeroize();
        assert_eq!(b.0, 0);
    }
}
