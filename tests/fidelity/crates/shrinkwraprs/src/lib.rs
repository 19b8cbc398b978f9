//! `shrinkwraprs`: syn 1.
use shrinkwraprs::Shrinkwrap;

#[derive(Shrinkwrap)]
#[shrinkwrap(mutable)]
pub struct Email(pub String);

#[derive(Shrinkwrap)]
#[shrinkwrap(transformers, unsafe_ignore_visibility)]
pub struct Code<T> {
    pub extra: u8,
    #[shrinkwrap(main_field)]
    inner: Vec<T>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derefs() {
        let mut e = Email("a".into());
        e.push('b');
        assert_eq!(e.len(), 2);
        assert_eq!(Code { extra: 1, inner: vec![1] }.len(), 1);
    }
}
