//! `typed-builder`: the builder as types.
use typed_builder::TypedBuilder;

#[derive(Debug, PartialEq, TypedBuilder)]
#[builder(doc, build_method(into = Result<Foo<'a, T>, String>), field_defaults(setter(into)))]
pub struct Foo<'a, T: Clone>
where
    T: 'a,
{
    /// Must be given.
    x: i32,
    #[builder(default, setter(strip_option(fallback = y_opt)))]
    y: Option<i32>,
    #[builder(default = 20 + x)]
    z: i32,
    #[builder(setter(transform = |s: &'a str| s.trim(), doc = "Set it"))]
    name: &'a str,
    #[builder(default_code = r#"vec![30, 40]"#, setter(skip))]
    codes: Vec<u32>,
    #[builder(via_mutators(init = vec![]), mutators(
        pub fn push(&mut self, item: T) { self.items.push(item); }
    ))]
    items: Vec<T>,
}
impl<'a, T: Clone> From<Foo<'a, T>> for Result<Foo<'a, T>, String> {
    fn from(f: Foo<'a, T>) -> Self {
        if f.x < 0 {
            Err("negative".into())
        } else {
            Ok(f)
        }
    }
}

#[derive(TypedBuilder)]
#[builder(builder_method(vis = "pub(crate)", name = make), builder_type(name = Maker))]
pub struct Bar {
    #[builder(setter(strip_bool))]
    pub bar: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds() {
        let f =
            Foo::builder().x(1i16).y_opt(Some(3)).name(" n ").push(7u8).push(8).build().unwrap();
        assert_eq!(
            (f.x, f.y, f.z, f.name, &f.codes[..], &f.items[..]),
            (1, Some(3), 21, "n", &[30, 40][..], &[7, 8][..])
        );
    }
}
