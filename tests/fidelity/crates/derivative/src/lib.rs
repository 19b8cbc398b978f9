//! `derivative`: syn 1.
use derivative::Derivative;

#[derive(Derivative)]
#[derivative(
    Debug(bound = ""),
    Clone(bound = "T: Clone"),
    PartialEq = "feature_allow_slow_enum",
    Hash,
    Default(bound = "", new = "true")
)]
pub enum E<T> {
    #[derivative(Default)]
    None,
    Some(#[derivative(Debug = "ignore")] T),
    Fields {
        #[derivative(PartialEq = "ignore", Hash = "ignore")]
        a: u8,
        #[derivative(Debug(format_with = "show"))]
        b: u16,
    },
}
fn show(v: &u16, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    write!(f, "<{}>", v)
}

#[derive(Derivative)]
#[derivative(Debug = "transparent", PartialOrd, PartialEq, Eq, Ord, Copy, Clone)]
pub struct Newtype(u32);

#[derive(Derivative)]
#[derivative(Default)]
pub struct Defaults<'a, T: 'a> {
    #[derivative(Default(value = "42"))]
    pub n: u8,
    #[derivative(Default(value = "None"))]
    pub t: Option<&'a T>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all() {
        assert_eq!(
            format!("{:?} {:?}", E::Some(1), E::<u8>::Fields { a: 1, b: 2 }),
            "Some Fields { a: 1, b: <2> }"
        );
        assert!(E::<u8>::Fields { a: 1, b: 2 } == E::Fields { a: 9, b: 2 });
        assert_eq!(format!("{:?}", Newtype(3)), "3");
        assert_eq!(Defaults::<u8>::default().n, 42);
    }
}
