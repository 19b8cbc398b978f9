//! `derive-new`.
use derive_new::new;

#[derive(new, Debug, PartialEq)]
pub struct Foo<'a, T: Clone>
where
    T: 'a,
{
    x: &'a T,
    #[new(default)]
    y: Vec<T>,
    #[new(value = "vec![1, 2]")]
    z: Vec<u8>,
    #[new(into)]
    s: String,
    #[new(into_iter = "u8")]
    list: Vec<u8>,
}
#[derive(new, Debug, PartialEq)]
pub enum E {
    FirstVariant,
    Second(u8, #[new(default)] u8),
    Third { x: i8 },
}
#[derive(new)]
#[new(visibility = "pub(crate)", name_prefix = "make")]
pub struct Tuple(pub u8, pub u8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes() {
        assert_eq!(
            Foo::new(&1, "s", [3]),
            Foo { x: &1, y: vec![], z: vec![1, 2], s: "s".into(), list: vec![3] }
        );
        assert_eq!(E::new_second(4), E::Second(4, 0));
        assert_eq!(E::new_first_variant(), E::FirstVariant);
    }
}
