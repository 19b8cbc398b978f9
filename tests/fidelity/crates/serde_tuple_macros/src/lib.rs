//! `serde_tuple_macros`: structs as arrays.
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

#[derive(Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Point<'a> {
    pub x: f64,
    pub y: i8,
    #[serde(borrow)]
    pub name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub more: Option<u8>,
}

#[cfg(test)]
mod tests {
    #[test]
    fn round() {
        let point = super::Point { x: 1.5, y: -2, name: "n", more: Some(7) };
        let text = serde_json::to_string(&point).unwrap();
        assert_eq!(text, "[1.5,-2,\"n\",7]");
        assert_eq!(serde_json::from_str::<super::Point>(&text).unwrap(), point);
    }
}
