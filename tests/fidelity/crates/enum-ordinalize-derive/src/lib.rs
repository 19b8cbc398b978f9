//! `enum-ordinalize-derive` and `enumn`: numbers of variants.
use enum_ordinalize::Ordinalize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Ordinalize)]
#[ordinalize(impl_trait = false)]
#[ordinalize(variant_count(pub const COUNT, doc = "how many"))]
#[ordinalize(variants(pub const ALL))]
#[ordinalize(ordinal(pub const fn number))]
#[ordinalize(from_ordinal(pub const fn from_number))]
pub enum Level {
    Low = -2,
    Middle,
    High = 100,
    Higher,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Ordinalize)]
#[repr(u16)]
pub enum Plain {
    A,
    B = 1 << 9,
}

#[derive(Debug, PartialEq, enumn::N)]
#[repr(i8)]
pub enum Signed {
    Minus = -1,
    Zero,
    Five = 5,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(
            (Level::COUNT, Level::from_number(101), Level::Low.number()),
            (4, Some(Level::Higher), -2)
        );
        assert_eq!((Plain::VARIANTS.len(), Plain::B.ordinal()), (2, 512));
        assert_eq!((Signed::n(5), Signed::n(7)), (Some(Signed::Five), None));
    }
}
