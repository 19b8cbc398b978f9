//! `ambassador`: macros that make `macro_rules!` that make impls.
use ambassador::{
    delegatable_trait, delegatable_trait_remote, delegate_to_methods, delegate_to_remote_methods,
    Delegate,
};
use std::fmt::Display;

#[delegatable_trait]
pub trait Shout<'a, T: Display> {
    type Loud;
    const LEVEL: u8;
    fn shout(&self, input: T) -> String;
    fn borrow(&'a self, by: &mut usize) -> &'a str;
    fn own(self) -> Self
    where
        Self: Sized;
}

pub struct Cat(String);
impl<'a, T: Display> Shout<'a, T> for Cat {
    type Loud = u8;
    const LEVEL: u8 = 1;
    fn shout(&self, input: T) -> String {
        format!("{input} meow {}", self.0)
    }
    fn borrow(&'a self, by: &mut usize) -> &'a str {
        *by += 1;
        &self.0
    }
    fn own(self) -> Self {
        self
    }
}

#[delegatable_trait]
pub trait Simple {
    fn len(&self) -> usize;
    fn grow(&mut self, n: usize);
}
impl Simple for Vec<u8> {
    fn len(&self) -> usize {
        Vec::len(self)
    }
    fn grow(&mut self, n: usize) {
        self.resize(self.len() + n, 0);
    }
}
impl Simple for String {
    fn len(&self) -> usize {
        String::len(self)
    }
    fn grow(&mut self, n: usize) {
        self.push_str(&"x".repeat(n));
    }
}

#[derive(Delegate)]
#[delegate(Simple)]
pub enum Either {
    Bytes(Vec<u8>),
    Text(String),
}

#[derive(Delegate)]
#[delegate(Simple, target = "inner", where = "T: Simple")]
pub struct Wrap<T> {
    pub inner: T,
    pub other: u8,
}

#[delegatable_trait_remote]
trait Display2 {
    fn get(&self) -> u8;
}
mod other {
    pub trait Display2 {
        fn get(&self) -> u8;
    }
    impl Display2 for u8 {
        fn get(&self) -> u8 {
            *self
        }
    }
}
use other::Display2;
#[derive(Delegate)]
#[delegate(Display2)]
pub struct Remote(pub u8);

pub struct ByMethod(Box<Vec<u8>>);
#[delegate_to_methods]
#[delegate(Simple, target_ref = "inner", target_mut = "inner_mut")]
impl ByMethod {
    fn inner(&self) -> &Vec<u8> {
        &self.0
    }
    fn inner_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

#[delegate_to_remote_methods]
#[delegate(Simple, target_ref = "as_ref", target_mut = "as_mut")]
impl<T: ?Sized + Simple> Box<T> {
    fn as_ref(&self) -> &T;
    fn as_mut(&mut self) -> &mut T;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delegates() {
        let mut e = Either::Text("ab".into());
        e.grow(2);
        assert_eq!(Simple::len(&e), 4);
        assert_eq!(Simple::len(&Wrap { inner: vec![1u8], other: 0 }), 1);
        assert_eq!(Remote(7).get(), 7);
        let mut m = ByMethod(Box::default());
        m.grow(5);
        assert_eq!(m.len(), 5);
        assert_eq!(Cat("c".into()).shout(1), "1 meow c");
    }
}
