//! `metastruct`: generates `macro_rules!` macros that map over fields.
use metastruct::metastruct;

#[metastruct(mappings(map_foo_fields(exclude(b)), map_all()), num_fields(all()))]
#[derive(Default)]
pub struct Foo {
    pub a: u64,
    pub b: String,
    pub c: u64,
}

pub fn sum(foo: &Foo) -> u64 {
    let mut n = 0;
    map_foo_fields!(foo, |_, x| n += *x);
    n
}
pub fn count(foo: &Foo) -> usize {
    let mut n = 0;
    map_all!(foo, |_, _| n += 1);
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps() {
        let f = Foo { a: 1, b: "x".into(), c: 3 };
        assert_eq!((sum(&f), count(&f), <Foo as metastruct::NumFields<metastruct::selectors::AllFields>>::NUM_FIELDS), (4, 3, 3));
    }
}
