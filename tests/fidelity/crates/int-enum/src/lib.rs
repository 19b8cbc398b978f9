//! `int-enum`: proc2-decl? plain proc-macro2, no syn.
use int_enum::IntEnum;

#[repr(u8)]
#[derive(Debug, PartialEq, IntEnum)]
pub enum Ascii {
    UpperA = b'A',
    UpperB = b'B',
}
#[repr(i16)]
#[derive(Clone, Copy, Debug, PartialEq, IntEnum)]
pub enum Signed {
    Low = -300,
    Next,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!((u8::from(Ascii::UpperA), Ascii::try_from(66)), (b'A', Ok(Ascii::UpperB)));
        assert_eq!((Signed::try_from(-299), Signed::try_from(0)), (Ok(Signed::Next), Err(0)));
    }
}
