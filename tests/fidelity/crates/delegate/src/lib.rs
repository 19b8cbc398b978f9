//! `delegate`: targets, renames, arguments by expression, await, into.
use delegate::delegate;

pub struct Stack<T> {
    inner: Vec<T>,
    other: std::rc::Rc<Inner>,
}
#[derive(Default)]
pub struct Inner(std::cell::Cell<u32>);
impl Inner {
    pub fn add(&self, n: u32, m: u32) -> u32 {
        self.0.set(self.0.get() + n * m);
        self.0.get()
    }
}

impl<T: Clone> Stack<T> {
    pub fn new() -> Self {
        Stack { inner: vec![], other: Default::default() }
    }
    delegate! {
        to self.inner {
            /// Number of items
            #[must_use]
            pub fn len(&self) -> usize;
            #[call(push)]
            pub fn add(&mut self, value: T);
            #[inline(never)]
            pub fn first(&self) -> Option<&T>;
            #[into]
            #[call(len)]
            pub fn len64(&self) -> Wrapped;
            #[try_into]
            #[call(len)]
            pub fn len8(&self) -> Result<u8, std::num::TryFromIntError>;
            #[expr($.pop().unwrap())]
            #[call(clone)]
            pub fn last_one(&self) -> T;
        }
        to self.other {
            #[call(add)]
            pub fn scaled(&self, n: u32, [2 + 1]) -> u32;
        }
        #[through(std::slice::SliceIndex)]
        to 0 {
        }
    }
}
#[derive(Debug, PartialEq)]
pub struct Wrapped(usize);
impl From<usize> for Wrapped {
    fn from(n: usize) -> Self {
        Wrapped(n)
    }
}

pub trait Speak {
    fn speak(&self, times: usize) -> String;
}
pub struct Dog;
impl Speak for Dog {
    fn speak(&self, times: usize) -> String {
        "woof".repeat(times)
    }
}
pub enum Animal {
    Dog(Dog),
    Other { dog: Dog },
}
impl Speak for Animal {
    delegate! {
        to match self { Animal::Dog(d) => d, Animal::Other { dog } => dog } {
            fn speak(&self, times: usize) -> String;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delegates() {
        let mut s = Stack::new();
        s.add(5);
        assert_eq!(
            (s.len(), s.first(), s.len64(), s.len8(), s.last_one()),
            (1, Some(&5), Wrapped(1), Ok(1), 5)
        );
        assert_eq!(s.scaled(2), 6);
        assert_eq!(
            Animal::Other { dog: Dog }.speak(2) + &Animal::Dog(Dog).speak(1),
            "woofwoofwoof"
        );
    }
}
