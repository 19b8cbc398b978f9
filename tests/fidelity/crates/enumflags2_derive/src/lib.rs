//! `enumflags2_derive`.
use enumflags2::{bitflags, make_bitflags, BitFlags};

#[bitflags(default = A | C)]
#[repr(u8)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Test {
    A = 0b0001,
    B = 1 << 1,
    C,
    /// Documented
    D,
}

#[bitflags]
#[derive(Copy, Clone, Debug, PartialEq)]
#[repr(u64)]
pub enum Wide {
    Low = 1,
    High = 0x8000_0000_0000_0000,
}

pub const BOTH: BitFlags<Test> = make_bitflags!(Test::{A | D});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        assert_eq!(BitFlags::<Test>::default(), Test::A | Test::C);
        assert_eq!(BOTH.bits(), 9);
        assert!(BitFlags::<Test>::from_bits(16).is_err());
        assert_eq!(BitFlags::<Wide>::all().bits(), 0x8000_0000_0000_0001);
    }
}
