//! `bitbybit`: bit fields and enums.
use arbitrary_int::{u2, u4};
use bitbybit::{bitenum, bitfield};

#[bitenum(u2, exhaustive = true)]
#[derive(Debug, PartialEq, Eq)]
pub enum Mode {
    Off = 0,
    Slow = 1,
    Fast = 2,
    Odd = 3,
}

#[bitenum(u4, exhaustive = false)]
#[derive(Debug, PartialEq, Eq)]
pub enum Some4 {
    One = 1,
    Nine = 9,
}

#[bitfield(u32, default = 0x12)]
#[derive(PartialEq, Eq, Debug)]
pub struct Control {
    /// Documented.
    #[bit(0, rw)]
    enable: bool,
    #[bits(1..=2, rw)]
    mode: Mode,
    #[bits(3..=6, r)]
    some: Option<Some4>,
    #[bits(8..=11, rw, stride = 4)]
    nibbles: [u4; 4],
    #[bits(24..=31, w)]
    top: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let c =
            Control::DEFAULT.with_enable(true).with_mode(Mode::Fast).with_nibbles(2, u4::new(5));
        assert!(c.enable());
        assert_eq!(
            (c.mode(), c.nibbles(2), c.with_top(1).raw_value() >> 24),
            (Mode::Fast, u4::new(5), 1)
        );
        let _ = u2::new(1);
    }
}
