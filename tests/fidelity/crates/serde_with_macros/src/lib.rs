//! `serde_with_macros`: an attribute that rewrites another derive's attributes.
use serde::{Deserialize, Serialize};
use serde_with::{
    apply, serde_as, skip_serializing_none, DeserializeFromStr, DisplayFromStr, OneOrMany,
    SerializeDisplay,
};
use std::collections::BTreeMap;

#[serde_as]
#[skip_serializing_none]
#[derive(Serialize, Deserialize, Debug, PartialEq, Default)]
pub struct Data<'a> {
    #[serde_as(as = "DisplayFromStr")]
    pub n: u32,
    #[serde_as(as = "Option<BTreeMap<DisplayFromStr, _>>")]
    pub map: Option<BTreeMap<u8, String>>,
    #[serde_as(deserialize_as = "OneOrMany<_>", serialize_as = "Vec<_>")]
    #[serde(default)]
    pub list: Vec<u8>,
    #[serialize_always]
    pub always: Option<&'a str>,
}

#[apply(
    crate = "serde_with",
    Option<_> => #[serde(default, skip_serializing_if = "Option::is_none")],
    Vec<u8> => #[serde(rename = "bytes")],
)]
#[derive(Serialize, Deserialize, Debug)]
pub struct Applied {
    pub a: Option<bool>,
    pub v: Vec<u8>,
    #[serde_with(skip_apply)]
    pub kept: Option<u8>,
}

#[derive(SerializeDisplay, DeserializeFromStr, Debug, PartialEq)]
pub struct Version(pub u8);
impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "v{}", self.0)
    }
}
impl std::str::FromStr for Version {
    type Err = std::num::ParseIntError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s[1..].parse().map(Version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_strings() {
        let d: Data = serde_json::from_str(r#"{"n":"3","list":4,"always":null}"#).unwrap();
        assert_eq!(d, Data { n: 3, list: vec![4], ..Default::default() });
        assert_eq!(serde_json::to_string(&d).unwrap(), r#"{"n":"3","list":[4],"always":null}"#);
        assert_eq!(serde_json::to_string(&Version(2)).unwrap(), "\"v2\"");
        assert_eq!(serde_json::from_str::<Version>("\"v2\"").unwrap(), Version(2));
    }
}
