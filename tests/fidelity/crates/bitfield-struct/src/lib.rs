//! `bitfield-struct`.
use bitfield_struct::{bitenum, bitfield};

#[bitfield(u64, defmt = false, order = Lsb)]
#[derive(PartialEq, Eq)]
pub struct My {
    /// defaults to 16 bits for u16
    #[bits(default = 3)]
    int: u16,
    #[bits(1)]
    tiny: u8,
    #[bits(13)]
    negative: i16,
    #[bits(16, from = Custom::from_bits, into = Custom::into_bits, default = Custom::B)]
    custom: Custom,
    public: bool,
    #[bits(5, access = RO)]
    read_only: usize,
    #[bits(12)]
    __: u16,
}

#[bitenum]
#[derive(Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Custom {
    A = 0,
    #[fallback]
    B = 1,
    C = 2,
}

#[bitfield(u8, new = false, debug = false, repr = u8, from = wrap, into = wrap)]
pub struct Small {
    #[bits(3)]
    pub low: u8,
    #[bits(5)]
    pub high: u8,
}
const fn wrap(x: u8) -> u8 {
    !x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs() {
        let m = My::new().with_int(3 << 15).with_tiny(1).with_negative(-3).with_custom(Custom::C);
        assert_eq!(
            (m.int(), m.negative(), m.custom(), m.public()),
            (1 << 15, -3, Custom::C, false)
        );
        assert_eq!(My::new().with_custom_checked(Custom::A).map(|m| m.custom()), Ok(Custom::A));
        assert_eq!(Small::from_bits(0xff).low(), 0);
    }
}
