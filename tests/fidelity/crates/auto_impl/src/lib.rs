//! `auto_impl`.
use auto_impl::auto_impl;
use std::{rc::Rc, sync::Arc};

#[auto_impl(&, &mut, Box, Rc, Arc)]
pub trait Named<'a, T: Clone = u8> {
    const N: usize;
    type Out: AsRef<str>;
    /// Its name
    fn name(&'a self) -> Self::Out;
    #[auto_impl(keep_default_for(&, Rc))]
    fn twice(&self, t: T) -> (T, T)
    where
        T: Copy,
    {
        (t, t)
    }
}

#[auto_impl(Fn)]
pub trait Handler<A> {
    fn call(&self, a: A, more: &[u8]) -> u8;
}

pub struct Dog;
impl<'a> Named<'a> for Dog {
    const N: usize = 4;
    type Out = &'static str;
    fn name(&'a self) -> &'static str {
        "dog"
    }
}
pub fn shared() -> (Rc<Dog>, Arc<Dog>) {
    (Rc::new(Dog), Arc::new(Dog))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name<'a, N: Named<'a> + 'a>(n: &'a N) -> (String, usize) {
        (n.name().as_ref().to_string(), N::N)
    }

    #[test]
    fn forwards() {
        assert_eq!(name(&Box::new(Dog)), ("dog".into(), 4));
        assert_eq!(name(&&Dog).0 + &name(&shared().0).0, "dogdog");
        assert_eq!(Handler::call(&|a: u8, m: &[u8]| a + m[0], 1, &[2]), 3);
    }
}
