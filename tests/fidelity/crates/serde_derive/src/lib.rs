//! `serde_derive`: every container, variant and field attribute of its guide.
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Point<T = i32> {
    pub x_axis: T,
    #[serde(rename = "why", alias = "y")]
    pub y_axis: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip)]
    pub cache: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Borrowed<'a, 'b: 'a, K: Ord, V>
where
    V: Clone,
{
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    pub raw: &'b [u8],
    #[serde(flatten)]
    pub rest: BTreeMap<K, V>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Adjacent {
    UnitLike,
    NewType(u64),
    Pair(i8, i8),
    Fields { first: bool, r#type: char },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Untagged<T: ?Sized + 'static>
where
    Box<T>: Serialize + for<'x> Deserialize<'x>,
{
    Int(i64),
    Boxed(Box<T>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "kebab-case")]
pub enum Internal {
    A {
        long_name: u8,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wrapper(#[serde(with = "hex")] pub u32);

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};
    pub fn serialize<S: Serializer>(v: &u32, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("{v:x}"))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
        let text = String::deserialize(d)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "(u8, u8)", into = "(u8, u8)")]
#[derive(Clone)]
pub struct Convert {
    pub hi: u8,
    pub lo: u8,
}
impl From<(u8, u8)> for Convert {
    fn from((hi, lo): (u8, u8)) -> Self {
        Convert { hi, lo }
    }
}
impl From<Convert> for (u8, u8) {
    fn from(c: Convert) -> Self {
        (c.hi, c.lo)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "std::time::Duration")]
pub struct DurationDef {
    #[serde(getter = "std::time::Duration::as_secs")]
    secs: u64,
    #[serde(getter = "std::time::Duration::subsec_nanos")]
    nanos: u32,
}
impl From<DurationDef> for std::time::Duration {
    fn from(d: DurationDef) -> Self {
        std::time::Duration::new(d.secs, d.nanos)
    }
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub struct Bounded<T> {
    #[serde(bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
    pub inner: Vec<T>,
    #[serde(default = "seven")]
    pub seven: u8,
}
fn seven() -> u8 {
    7
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
pub struct Unit;

macro_rules! from_macro {
    ($name:ident { $($field:ident : $ty:ty),* }) => {
        #[derive(Serialize, Deserialize, Debug, PartialEq)]
        pub struct $name { $(pub $field: $ty),* }
    };
}
from_macro!(Generated { left: Vec<Option<u8>>, right: [u16; 3] });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        let p = Point { x_axis: 1, y_axis: 2, label: None, cache: vec![] };
        let text = serde_json::to_string(&p).unwrap();
        assert_eq!(text, r#"{"xAxis":1,"why":2}"#);
        assert_eq!(serde_json::from_str::<Point>(&text).unwrap(), p);
        assert!(serde_json::from_str::<Point>(r#"{"zAxis":1}"#).is_err());
        for a in [
            Adjacent::UnitLike,
            Adjacent::Pair(1, 2),
            Adjacent::Fields { first: true, r#type: 'x' },
        ] {
            let text = serde_json::to_string(&a).unwrap();
            assert_eq!(serde_json::from_str::<Adjacent>(&text).unwrap(), a);
        }
        assert_eq!(serde_json::from_str::<Internal>(r#"{"kind":"Q"}"#).unwrap(), Internal::Unknown);
        assert_eq!(serde_json::to_string(&Wrapper(255)).unwrap(), "\"ff\"");
        assert_eq!(serde_json::from_str::<Convert>("[1,2]").unwrap(), Convert { hi: 1, lo: 2 });
        let g = Generated { left: vec![None, Some(1)], right: [1, 2, 3] };
        assert_eq!(
            serde_json::from_str::<Generated>(&serde_json::to_string(&g).unwrap()).unwrap(),
            g
        );
    }

    #[test]
    fn defaults_and_bounds() {
        let b: Bounded<u8> = serde_json::from_str(r#"{"inner":[1]}"#).unwrap();
        assert_eq!(b, Bounded { inner: vec![1], seven: 7 });
    }
}
