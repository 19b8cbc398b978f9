//! `variant_count`.
use variant_count::VariantCount;

#[derive(VariantCount)]
pub enum Test {
    First(i32),
    Second(Option<String>),
    Third { x: u8 },
}
#[derive(VariantCount)]
pub enum Generic<'a, T: 'a> {
    A(&'a T),
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts() {
        assert_eq!((super::Test::VARIANT_COUNT, super::Generic::<u8>::VARIANT_COUNT), (3, 1));
    }
}
