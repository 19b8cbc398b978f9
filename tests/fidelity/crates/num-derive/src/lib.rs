//! `num-derive`: enums and newtypes.
use num_derive::{Float, FromPrimitive, Num, NumCast, NumOps, One, ToPrimitive, Zero};
use num_traits::{FromPrimitive as _, One as _, ToPrimitive as _, Zero as _};

#[derive(FromPrimitive, ToPrimitive, Debug, PartialEq, Clone, Copy)]
#[repr(i16)]
pub enum Signal {
    Negative = -7,
    Zero = 0,
    Big = 0x100,
}

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    PartialOrd,
    FromPrimitive,
    ToPrimitive,
    NumOps,
    NumCast,
    Zero,
    One,
    Num,
    Float,
)]
pub struct Real(f64);
impl std::ops::Neg for Real {
    type Output = Self;
    fn neg(self) -> Self {
        Real(-self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts() {
        assert_eq!(Signal::from_i64(-7), Some(Signal::Negative));
        assert_eq!(Signal::from_u8(9), None);
        assert_eq!(Signal::Big.to_u32(), Some(256));
        assert_eq!(Real::one() + Real::zero() * Real(2.0), Real(1.0));
        assert_eq!(num_traits::Float::sqrt(Real(4.0)), Real(2.0));
    }
}
