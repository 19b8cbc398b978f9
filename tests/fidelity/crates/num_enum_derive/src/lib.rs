//! `num_enum_derive`.
use num_enum::{Default, FromPrimitive, IntoPrimitive, TryFromPrimitive, UnsafeFromPrimitive};

#[derive(
    Debug, Eq, PartialEq, TryFromPrimitive, IntoPrimitive, UnsafeFromPrimitive, Clone, Copy,
)]
#[repr(u8)]
#[num_enum(error_type(name = CustomError, constructor = CustomError::new))]
pub enum Number {
    Zero,
    #[num_enum(alternatives = [2, 3, 10..=12])]
    Few = 1,
    Many = 0x20,
}
#[derive(Debug, PartialEq)]
pub struct CustomError(pub u8);
impl CustomError {
    fn new(n: u8) -> Self {
        CustomError(n)
    }
}

#[derive(Debug, Eq, PartialEq, FromPrimitive, IntoPrimitive)]
#[repr(i32)]
pub enum Total {
    Minus = -1,
    Nought = 0,
    #[num_enum(catch_all)]
    Other(i32),
}

#[derive(Debug, Eq, PartialEq, FromPrimitive, Default)]
#[repr(u16)]
pub enum WithDefault {
    #[num_enum(default)]
    Unknown = 7,
    Known = 1,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts() {
        assert_eq!(Number::try_from(11), Ok(Number::Few));
        assert_eq!(Number::try_from(99), Err(CustomError(99)));
        assert_eq!(u8::from(Number::Many), 32);
        assert_eq!(Total::from(5), Total::Other(5));
        assert_eq!(i32::from(Total::Other(6)), 6);
        assert_eq!(WithDefault::from(3), WithDefault::Unknown);
        assert_eq!(unsafe { Number::unchecked_transmute_from(0) }, Number::Zero);
    }
}
