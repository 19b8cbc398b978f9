//! `modular-bitfield-impl`.
use modular_bitfield::prelude::*;

#[bitfield(bits = 24)]
#[derive(Debug, Clone, Copy)]
pub struct Header {
    pub live: B1,
    received: B1,
    pub status: Status,
    rest: B4,
    #[bits = 16]
    pub wide: u16,
}

#[derive(Specifier, Debug, PartialEq, Clone, Copy)]
#[bits = 2]
pub enum Status {
    Green,
    Yellow,
    Red = 3,
}

#[bitfield(filled = false)]
#[derive(Specifier, PartialEq, Debug, Clone, Copy)]

pub struct Nested {
    pub a: B3,
    #[skip(setters)]
    pub b: B2,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs() {
        let h = Header::new().with_live(1).with_status(Status::Red).with_rest(5).with_wide(0x1234);
        assert_eq!(h.into_bytes(), [0b0101_1101, 0x34, 0x12]);
        assert_eq!((h.status(), h.rest(), h.wide_or_err()), (Status::Red, 5, Ok(0x1234)));
        assert_eq!(Nested::new().with_a(7).a(), 7);
    }
}
