//! `inherent`.
pub mod types {
    pub trait Trait<T> {
        fn f<const N: usize>(self, t: [T; N]) -> usize;
        fn g(&mut self) -> u8
        where
            Self: Sized,
        {
            5
        }
    }
    pub struct Struct<'a, T>(pub &'a str, pub T);

    #[inherent::inherent]
    impl<'a, T: Clone> Trait<T> for Struct<'a, T> {
        pub fn f<const N: usize>(self, t: [T; N]) -> usize {
            self.0.len() + t.len()
        }
    }
    #[inherent::inherent]
    impl Trait<()> for u8Holder {
        pub fn f<const N: usize>(self, _: [(); N]) -> usize {
            N
        }
        pub fn g(&mut self) -> u8;
    }
    #[allow(non_camel_case_types)]
    pub struct u8Holder;
}

#[cfg(test)]
mod tests {
    #[test]
    fn without_the_trait() {
        assert_eq!(super::types::Struct("ab", 0).f([1, 2, 3]), 5);
        assert_eq!(super::types::u8Holder.g(), 5);
    }
}
