//! `nanoserde-derive`: a hand-written parser; its output is a string that is parsed.
use nanoserde::{DeBin, DeJson, DeRon, SerBin, SerJson, SerRon};

#[derive(SerJson, DeJson, SerBin, DeBin, SerRon, DeRon, Debug, PartialEq, Clone, Default)]
pub struct S {
    pub a: u32,
    #[nserde(rename = "bee")]
    pub b: Option<String>,
    #[nserde(default = 3)]
    pub c: u8,
    pub list: Vec<(u8, f32)>,
}
#[derive(SerJson, DeJson, SerBin, DeBin, Debug, PartialEq)]
pub enum E {
    Unit,
    Tuple(u8, String),
    Fields { x: S, y: [u8; 2] },
}
#[derive(SerJson, DeJson, Debug, PartialEq)]
#[nserde(transparent)]
pub struct New(pub u8);
#[derive(SerJson, DeJson, Debug, PartialEq)]
pub struct Generic<T: SerJson + DeJson> {
    pub t: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let s = S { a: 1, b: Some("x".into()), c: 9, list: vec![(1, 2.5)] };
        assert_eq!(S::deserialize_json(&s.serialize_json()).unwrap(), s);
        assert_eq!(S::deserialize_ron(&s.serialize_ron()).unwrap(), s);
        let e = E::Fields { x: s, y: [1, 2] };
        assert_eq!(E::deserialize_bin(&e.serialize_bin()).unwrap(), e);
        assert_eq!(S::deserialize_json("{\"a\":1,\"list\":[]}").unwrap().c, 3);
    }
}
