//! `zvariant_derive`.
use serde::{Deserialize, Serialize};
use zvariant::{
    serialized::Context, to_bytes, DeserializeDict, OwnedValue, SerializeDict, Type, Value, LE,
};

#[derive(Deserialize, Serialize, Type, Value, OwnedValue, PartialEq, Debug, Clone)]
pub struct S {
    pub field1: u16,
    pub field2: String,
}
#[derive(Deserialize, Serialize, Type, PartialEq, Debug)]
#[zvariant(signature = "s")]
pub enum E {
    A,
    B,
}
#[derive(DeserializeDict, SerializeDict, Type, PartialEq, Debug, Default)]
#[zvariant(signature = "a{sv}", rename_all = "PascalCase")]
pub struct Dict {
    pub one_field: Option<u16>,
    #[zvariant(rename = "hyphen-ated")]
    pub other: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        assert_eq!(S::SIGNATURE.to_string(), "(qs)");
        let d = Dict { one_field: Some(3), other: None };
        let data = to_bytes(Context::new_dbus(LE, 0), &d).unwrap();
        assert_eq!(data.deserialize::<Dict>().unwrap().0, d);
    }
}
