//! `metastruct`: generates `macro_rules!` macros that map over fields.
use metastruct::metastruct;

#[metastruct(mappings(map_foo_fields(exclude(b))), num_fields(all()))]
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
#[metastruct(mappings(map_all()))]
pub struct Bar {
    pub a: u64,
    pub b: Foo,
}
pub fn count(bar: &Bar) -> usize {
    let mut n = 0;
    map_all!(bar, |_, _| n += 1);
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps() {
        let f = Foo { a: 1, b: "x".into(), c: 3 };
        let s = sum(&f);
        assert_eq!(
            (
                s,
                count(&Bar { a: 1, b: f }),
                <Foo as metastruct::NumFields<metastruct::selectors::AllFields>>::NUM_FIELDS
            ),
            (4, 2, 3)
        );
    }
}
