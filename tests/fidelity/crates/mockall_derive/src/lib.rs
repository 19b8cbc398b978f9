//! `mockall_derive`: automock, mock!, double; the largest expansions around.
use mockall::{automock, mock, predicate::*};

#[automock]
pub trait Store {
    fn get(&self, key: &str) -> Option<u32>;
    fn put<T: Into<u32> + 'static>(&mut self, key: &str, value: T) -> bool;
    fn make() -> Self
    where
        Self: Sized;
}

#[automock(type Item = u8; type Error = std::fmt::Error;)]
pub trait Assoc {
    type Item: Clone;
    type Error;
    fn next(&mut self) -> Result<Self::Item, Self::Error>;
}

mock! {
    pub Thing<T: Clone + 'static> {
        fn value(&self, t: T) -> &T;
        #[mockall::concretize]
        fn path<P: AsRef<std::path::Path>>(&self, p: P) -> usize;
    }
    impl<T: Clone + 'static> Clone for Thing<T> {
        fn clone(&self) -> Self;
    }
}

#[automock]
pub mod outer {
    pub fn free(x: i32) -> i32 {
        x
    }
}

pub fn total(s: &impl Store, keys: &[&str]) -> u32 {
    keys.iter().filter_map(|k| s.get(k)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mocks() {
        let mut m = MockStore::new();
        m.expect_get().with(eq("a")).times(2).returning(|_| Some(4));
        m.expect_put::<u8>().withf(|k, v| k == "b" && *v == 1).return_const(true);
        assert_eq!(total(&m, &["a", "a"]), 8);
        assert!(m.put("b", 1u8));
        let mut t = MockThing::<u8>::new();
        t.expect_value().return_const(3u8);
        assert_eq!(*t.value(1), 3);
        let ctx = mock_outer::free_context();
        ctx.expect().returning(|x| x + 1);
        assert_eq!(mock_outer::free(1), 2);
    }
}
