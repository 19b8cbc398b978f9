//! `num-derive` 0.1: syn 0.11.
#[macro_use]
extern crate num_derive;
extern crate num;

mod inner {
    #[derive(Debug, PartialEq, FromPrimitive)]
    pub enum Rank {
        Two = 2,
        Three,
        Ace = 14,
    }
}
pub use inner::Rank;

#[cfg(test)]
mod tests {
    use super::*;
    use num::FromPrimitive;

    #[test]
    fn from_number() {
        assert_eq!(Rank::from_u64(3), Some(Rank::Three));
        assert_eq!(Rank::from_i64(13), None);
    }
}
