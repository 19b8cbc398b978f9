//! `num-derive` 0.2: syn 0.15.
use num_derive::{FromPrimitive, ToPrimitive};

#[derive(Debug, PartialEq, FromPrimitive, ToPrimitive)]
pub enum Rank {
    Two = 2,
    Three,
    Ace = 14,
}

#[derive(Debug, PartialEq, FromPrimitive, ToPrimitive)]
pub struct Wrapped(pub u16);

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::{FromPrimitive, ToPrimitive};

    #[test]
    fn both_ways() {
        assert_eq!(Rank::from_u64(3), Some(Rank::Three));
        assert_eq!(Rank::Ace.to_u8(), Some(14));
        assert_eq!(Wrapped::from_i8(3), Some(Wrapped(3)));
    }
}
