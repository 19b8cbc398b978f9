//! `readonly`.
#[readonly::make]
#[derive(Clone)]
pub struct S<'a, T: Clone = u8>
where
    T: Copy,
{
    #[readonly]
    pub n: T,
    pub name: &'a str,
    pub(crate) inner: u8,
}
#[readonly::make]
pub struct Tuple(pub u8, u8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads() {
        let s = S { n: 1u8, name: "x", inner: 2 };
        assert_eq!((s.n, s.name, s.inner, Tuple(1, 2).1), (1, "x", 2, 2));
    }
}
