//! `derive_more` 2: the derives in their present form.
use derive_more::{
    with_trait::*, Add, AddAssign, AsRef, Constructor, Debug, Deref, DerefMut, Display, Eq, Error,
    From, FromStr, Index, Into, IntoIterator, IsVariant, Mul, Not, PartialEq, Sum, TryFrom,
    TryInto, TryUnwrap, Unwrap,
};

#[derive(
    Debug,
    Clone,
    Copy,
    Add,
    AddAssign,
    Mul,
    Not,
    Sum,
    From,
    Into,
    Constructor,
    Display,
    PartialEq,
    Eq,
)]
#[display("<{_0:>4}>")]
#[debug("M{_0}")]
pub struct Meters(i32);

#[derive(Debug, Deref, DerefMut, Index, IntoIterator, AsRef, Display)]
#[display("{} items of {name}", items.len())]
pub struct Named<'a, T: std::fmt::Debug> {
    name: &'a str,
    #[deref]
    #[deref_mut]
    #[index]
    #[into_iterator(owned, ref, ref_mut)]
    #[as_ref]
    items: Vec<T>,
    #[debug(skip)]
    hidden: u8,
}

#[derive(Debug, Display, From, TryInto, IsVariant, Unwrap, TryUnwrap, Error)]
#[unwrap(ref, ref_mut)]
#[try_unwrap(ref)]
#[display("choice: {_variant}")]
pub enum Choice {
    #[display("io {_0}")]
    #[from]
    Io(std::io::Error),
    #[from(u8, u16)]
    #[display("big {_0:#x}")]
    Big(#[error(not(source))] u32),
    #[from(skip)]
    #[unwrap(ignore)]
    #[try_unwrap(ignore)]
    Generic {
        field: u8,
    },
    Unit,
}

#[derive(Debug, PartialEq, Eq, TryFrom, Clone, Copy)]
#[try_from(repr)]
#[repr(u8)]
pub enum Repr {
    A = 3,
    B,
}

#[derive(Debug, PartialEq, FromStr, Display)]
#[display(rename_all = "kebab-case")]
#[from_str(rename_all = "kebab-case")]
pub enum Word {
    AlphaBeta,
    Gamma,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all() {
        assert_eq!((Meters::new(1) + Meters(2) * 3).to_string(), "<   7>");
        assert_eq!(format!("{:?}", Meters(1)), "M1");
        let n = Named { name: "n", items: vec![1, 2], hidden: 3 };
        assert_eq!((n.to_string(), n[1]), ("2 items of n".into(), 2));
        assert_eq!(format!("{n:?}"), "Named { name: \"n\", items: [1, 2], .. }");
        assert_eq!(Choice::from(255u8).to_string(), "choice: big 0xff");
        assert!(Choice::Generic { field: 1 }.is_generic());
        assert_eq!(Repr::try_from(4).unwrap(), Repr::B);
        assert_eq!("alpha-beta".parse::<Word>().unwrap(), Word::AlphaBeta);
    }
}
