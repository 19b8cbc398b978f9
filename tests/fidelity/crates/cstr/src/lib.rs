//! Small ones: `cstr`, `visibility`, `sealed`, `trait-set`.
use cstr::cstr;
use sealed::sealed;
use std::ffi::CStr;
use trait_set::trait_set;

pub static GREETING: &CStr = cstr!("hello, \u{e9}");
pub static WORD: &CStr = cstr!(word);
pub static BYTES: &CStr = cstr!(b"\xff\x01");

#[visibility::make(pub(crate))]
fn hidden() -> u8 {
    3
}

#[visibility::make(pub)]
struct Shown {
    #[allow(dead_code)]
    a: u8,
}

#[sealed]
pub trait Closed {
    fn is(&self) -> bool {
        true
    }
}
#[sealed]
impl Closed for u8 {}
#[sealed]
impl<T> Closed for Vec<T> where T: Copy {}

pub mod inner {
    #[sealed::sealed(pub(crate), pub(crate), erase)]
    pub trait Partly<T: ?Sized> {}
}
#[sealed]
impl inner::Partly<str> for u8 {}

trait_set! {
    /// Both.
    pub trait Both = Send + Sync;
    pub trait Made<T> = Fn(T) -> T;
    trait Own<'a, A: Clone> = PartialEq<A> + 'a;
}

pub fn twice<F: Made<u8>>(f: F) -> u8 {
    f(f(hidden()))
}
pub fn same<'a, T: Own<'a, u8>>(t: T) -> bool {
    t == 3
}

#[cfg(test)]
mod tests {
    #[test]
    fn works() {
        assert_eq!(super::GREETING.to_bytes(), "hello, é".as_bytes());
        assert_eq!(
            (super::WORD.to_bytes(), super::BYTES.to_bytes()),
            (&b"word"[..], &b"\xff\x01"[..])
        );
        assert_eq!(super::twice(|n| n + 1), 5);
        assert!(super::same(3) && super::Closed::is(&1u8));
        let _ = super::Shown { a: 1 };
    }
}
