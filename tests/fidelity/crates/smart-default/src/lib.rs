//! `smart-default`.
use smart_default::SmartDefault;

#[derive(SmartDefault, Debug, PartialEq)]
pub enum Foo<T: Default> {
    Bar,
    #[default]
    Baz {
        #[default = 12]
        a: i32,
        b: i32,
        #[default(Some(Default::default()))]
        c: Option<T>,
        #[default(_code = "vec![1, 2u32, 3]")]
        d: Vec<u32>,
        #[default = "four"]
        e: String,
    },
    Qux(T),
}

#[derive(SmartDefault, Debug, PartialEq)]
pub struct Tuple(#[default(-1)] i8, #[default(_code = "std::f64::consts::PI")] f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults() {
        assert_eq!(
            Foo::<u8>::default(),
            Foo::Baz { a: 12, b: 0, c: Some(0), d: vec![1, 2, 3], e: "four".into() }
        );
        assert_eq!(Tuple::default().0, -1);
    }
}
