//! `serde_repr`.
use serde_repr::{Deserialize_repr, Serialize_repr};

#[derive(Serialize_repr, Deserialize_repr, PartialEq, Debug)]
#[repr(u8)]
pub enum Prime {
    Two = 2,
    Three = 3,
    #[serde(other)]
    Other = 4 + 1,
}

#[derive(Serialize_repr, Deserialize_repr, PartialEq, Debug)]
#[repr(i64)]
pub enum Implicit {
    Minus = -1,
    Zero,
    One,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(serde_json::to_string(&Prime::Three).unwrap(), "3");
        assert_eq!(serde_json::from_str::<Prime>("99").unwrap(), Prime::Other);
        assert_eq!(serde_json::from_str::<Implicit>("1").unwrap(), Implicit::One);
        assert!(serde_json::from_str::<Implicit>("5").is_err());
    }
}
