//! `derive-getters`.
use derive_getters::{Dissolve, Getters};

#[derive(Getters, Dissolve)]
#[dissolve(rename = "take_apart")]
pub struct S<'a, T> {
    /// Documented
    name: String,
    #[getter(skip)]
    #[allow(unused)]
    hidden: u8,
    #[getter(rename = "the_t")]
    t: &'a T,
    n: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gets() {
        let s = S { name: "n".into(), hidden: 0, t: &1u8, n: 2 };
        assert_eq!((s.name().as_str(), *s.the_t(), *s.n()), ("n", 1, 2));

        assert_eq!(s.take_apart().1, 0);
    }
}
