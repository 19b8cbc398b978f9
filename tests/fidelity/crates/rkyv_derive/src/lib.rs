//! `rkyv_derive`: archives with bounds, niches, remote types.
use rkyv::{rancor::Error, Archive, Deserialize, Portable, Serialize};

#[derive(Archive, Serialize, Deserialize, Debug, PartialEq)]
#[rkyv(compare(PartialEq), attr(doc = "Stored."))]
pub struct Game<T: Archive> {
    pub int: u8,
    pub string: String,
    pub option: Option<Vec<T>>,
    #[rkyv(attr(doc = "A boxed one"))]
    pub boxed: Box<(u32, f64)>,
}

#[derive(Archive, Serialize, Deserialize, Debug, PartialEq)]
#[rkyv(archived = Stored, resolver = StoredResolver)]
pub enum Kind {
    Unit,
    Tuple(u16, String),
    Named { x: i64 },
}

#[derive(Archive, Serialize, Deserialize, Debug, PartialEq)]
#[rkyv(serialize_bounds(__S: rkyv::ser::Writer + rkyv::ser::Allocator, __S::Error: rkyv::rancor::Source))]
#[rkyv(deserialize_bounds(__D::Error: rkyv::rancor::Source))]
#[rkyv(bytecheck(bounds(__C: rkyv::validation::ArchiveContext, __C::Error: rkyv::rancor::Source)))]
pub enum Tree {
    Leaf(u8),
    Node(#[rkyv(omit_bounds)] Vec<Tree>),
}

#[derive(Archive, Serialize, Deserialize)]
#[rkyv(remote = std::time::Duration)]
pub struct DurationDef {
    #[rkyv(getter = std::time::Duration::as_secs)]
    pub secs: u64,
}
impl From<DurationDef> for std::time::Duration {
    fn from(d: DurationDef) -> Self {
        std::time::Duration::from_secs(d.secs)
    }
}

#[derive(Archive, Serialize, Deserialize)]
pub struct Holder {
    #[rkyv(with = DurationDef)]
    pub d: std::time::Duration,
}

#[derive(Portable, Clone, Copy)]
#[repr(C)]
pub struct Raw {
    pub a: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let g = Game {
            int: 1,
            string: "s".into(),
            option: Some(vec![1u16, 2]),
            boxed: Box::new((3, 4.5)),
        };
        let bytes = rkyv::to_bytes::<Error>(&g).unwrap();
        let a = rkyv::access::<ArchivedGame<u16>, Error>(&bytes).unwrap();
        assert!(*a == g);
        assert_eq!(rkyv::deserialize::<Game<u16>, Error>(a).unwrap(), g);
        let t = Tree::Node(vec![Tree::Leaf(1), Tree::Node(vec![])]);
        let bytes = rkyv::to_bytes::<Error>(&t).unwrap();
        assert_eq!(rkyv::from_bytes::<Tree, Error>(&bytes).unwrap(), t);
        let bytes = rkyv::to_bytes::<Error>(&Kind::Named { x: 1 }).unwrap();
        assert!(matches!(rkyv::access::<Stored, Error>(&bytes).unwrap(), Stored::Named { .. }));
    }
}
