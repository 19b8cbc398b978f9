//! `serde_derive` 0.9: syn 0.11, which parses the text of `TokenStream::to_string`.
#[macro_use]
extern crate serde_derive;
extern crate serde;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point<T> {
    #[serde(rename = "ex")]
    pub x: T,
    #[serde(default)]
    pub y: Option<T>,
    #[serde(skip_serializing, default)]
    pub hidden: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Shape {
    Unit,
    New(u8),
    Tuple(i32, String),
    Struct { a: f64, b: Vec<String> },
}

#[derive(Serialize, Deserialize)]
pub struct Tuple(pub u8, pub u16);

#[derive(Serialize)]
pub struct Borrowed<'a, T: 'a>
where
    T: Clone,
{
    pub name: &'a str,
    #[serde(serialize_with = "nothing")]
    pub t: &'a T,
}
fn nothing<T, S: serde::Serializer>(_: &T, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_unit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::ValueDeserializer;
    use serde::Deserialize;

    #[test]
    fn unit_variant() {
        let d: serde::de::value::StrDeserializer<serde::de::value::Error> =
            "Unit".into_deserializer();
        assert_eq!(Shape::deserialize(d).unwrap(), Shape::Unit);
    }
}
