//! `getset`: proc-macro-error2.
use getset::{CloneGetters, CopyGetters, Getters, MutGetters, Setters, WithSetters};

#[derive(Getters, Setters, MutGetters, CopyGetters, CloneGetters, WithSetters, Default)]
#[getset(set_with = "pub")]
pub struct Foo<T>
where
    T: Copy + Clone + Default,
{
    /// Doc comment travels.
    #[getset(get, set, get_mut = "pub(crate)")]
    private: T,
    #[getset(get_copy = "pub", set = "pub")]
    public: T,
    #[getset(get_clone = "pub with_prefix")]
    cloned: String,
    #[getset(skip)]
    skipped: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gets_and_sets() {
        let mut f = Foo::<u8>::default();
        f.set_private(1).set_public(2);
        *f.private_mut() += 1;
        let f = f.with_cloned("x".into());
        assert_eq!(
            (*f.private(), f.public(), f.get_cloned(), f.skipped),
            (2, 2, "x".to_string(), 0)
        );
    }
}
