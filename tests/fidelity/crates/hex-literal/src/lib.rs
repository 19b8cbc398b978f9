//! `hex-literal` 0.3: reads literals by their text, no syn.
use hex_literal::hex;

pub const A: [u8; 4] = hex!("01020304");
pub const B: [u8; 4] = hex!(
    "a1 b2
    C3 d4"
);
pub const C: [u8; 3] = hex!("00" "01" "02");
pub const D: [u8; 2] = hex!("ff // comment" "00 /* x */");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes() {
        assert_eq!((A, B[3], C, D), ([1, 2, 3, 4], 0xd4, [0, 1, 2], [255, 0]));
    }
}
