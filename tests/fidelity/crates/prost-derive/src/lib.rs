//! `prost-derive`: messages, oneofs, enumerations, maps.
use prost::{Enumeration, Message, Oneof};
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, PartialEq, Message)]
pub struct Person {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int32, optional, tag = "2", default = "7")]
    pub age: Option<i32>,
    #[prost(message, repeated, tag = "3")]
    pub friends: Vec<Person>,
    #[prost(enumeration = "Kind", tag = "4")]
    pub kind: i32,
    #[prost(map = "string, uint64", tag = "5")]
    pub counts: HashMap<String, u64>,
    #[prost(btree_map = "int32, message", tag = "6")]
    pub nested: BTreeMap<i32, Unit>,
    #[prost(oneof = "Choice", tags = "7, 8")]
    pub choice: Option<Choice>,
    #[prost(bytes = "vec", tag = "9")]
    pub raw: Vec<u8>,
    #[prost(double, repeated, packed = "false", tag = "10")]
    pub doubles: Vec<f64>,
    #[prost(message, optional, boxed, tag = "11")]
    pub boss: Option<Box<Person>>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub struct Unit {}

#[derive(Clone, PartialEq, Oneof)]
pub enum Choice {
    #[prost(string, tag = "7")]
    Text(String),
    #[prost(message, tag = "8")]
    Unit(Unit),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum Kind {
    Unknown = 0,
    Known = 3,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let p = Person {
            name: "n".into(),
            kind: Kind::Known as i32,
            choice: Some(Choice::Text("t".into())),
            nested: [(1, Unit {})].into(),
            doubles: vec![1.5],
            ..Default::default()
        };
        let bytes = p.encode_to_vec();
        assert_eq!(Person::decode(&bytes[..]).unwrap(), p);
        assert_eq!((p.age(), p.kind()), (7, Kind::Known));
    }
}
