//! `mini-internal`: derives of miniserde.
use miniserde::{json, Deserialize, Serialize};

#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub struct S<T> {
    #[serde(rename = "aa")]
    pub a: u32,
    pub list: Vec<T>,
    pub next: Option<Box<S<T>>>,
}
#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub enum E {
    Unit,
    #[serde(rename = "two")]
    Second,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let s = S {
            a: 1,
            list: vec![true],
            next: Some(Box::new(S { a: 2, list: vec![], next: None })),
        };
        assert_eq!(json::from_str::<S<bool>>(&json::to_string(&s)).unwrap(), s);
        assert_eq!(json::to_string(&E::Second), "\"two\"");
    }
}
