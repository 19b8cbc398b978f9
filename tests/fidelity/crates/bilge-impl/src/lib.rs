//! `bilge-impl`: proc-macro-error2's ancestor and chained attributes and derives.
use bilge::prelude::*;

#[bitsize(14)]
#[derive(FromBits, DebugBits, PartialEq, Clone, Copy)]
pub struct Register {
    pub header: u4,
    pub body: u7,
    pub footer: Footer,
}
#[bitsize(3)]
#[derive(FromBits, DebugBits, PartialEq, Clone, Copy)]
pub struct Footer {
    pub is_last: bool,
    pub code: Code,
}
#[bitsize(2)]
#[derive(FromBits, Debug, PartialEq, Clone, Copy)]
pub enum Code {
    Success,
    Error,
    #[fallback]
    Reserved = 3,
}
#[bitsize(2)]
#[derive(TryFromBits, Debug, PartialEq)]
pub enum Class {
    Mobile,
    Stationary = 2,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs() {
        let mut r = Register::from(u14::new(0b11_1_0111001_1011));
        assert_eq!((r.header(), r.footer().code()), (u4::new(0b1011), Code::Reserved));
        r.set_header(u4::new(1));
        assert_eq!(r.header().value(), 1);
        assert!(Class::try_from(u2::new(1)).is_err());
    }
}
