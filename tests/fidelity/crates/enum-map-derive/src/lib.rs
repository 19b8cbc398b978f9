//! `enum-map-derive`.
use enum_map::{enum_map, Enum, EnumMap};

#[derive(Enum, Debug, Clone, Copy, PartialEq)]
pub enum Inner {
    X,
    Y,
}
#[derive(Enum, Debug, Clone, Copy, PartialEq)]
pub enum E {
    A,
    B(Inner, bool),
    C { i: Inner },
}
#[derive(Enum)]
pub struct S {
    pub a: bool,
    pub b: Inner,
}

pub fn map() -> EnumMap<E, u8> {
    enum_map! { E::A => 1, E::B(_, true) => 2, _ => 3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps() {
        assert_eq!((E::LENGTH, S::LENGTH), (7, 4));
        assert_eq!(map()[E::B(Inner::Y, true)], 2);
        assert_eq!(E::from_usize(E::C { i: Inner::Y }.into_usize()), E::C { i: Inner::Y });
    }
}
