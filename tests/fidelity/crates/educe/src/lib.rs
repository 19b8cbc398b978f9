//! `educe`: the std traits with options.
use educe::Educe;

#[derive(Educe)]
#[educe(Debug(name = "Shown"), Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default(new))]
pub struct S<T, K: ?Sized + 'static>
where
    T: Copy,
{
    #[educe(Debug(name = "bytes", method(hex)), Default = 7)]
    a: u8,
    #[educe(Debug = false, PartialEq(ignore), Ord = false, PartialOrd = false, Hash(ignore))]
    b: std::marker::PhantomData<K>,
    c: Option<T>,
}
fn hex(v: &u8, f: &mut std::fmt::Formatter) -> std::fmt::Result {
    write!(f, "{v:#x}")
}

#[derive(Educe)]
#[educe(Debug, Default, Deref, DerefMut, Into(u32))]
pub enum E {
    #[educe(Default)]
    A(#[educe(Deref, DerefMut, Into(u32))] u32, u8),
    B {
        #[educe(Deref, DerefMut, Into(u32))]
        x: u32,
    },
}

#[derive(Educe)]
#[educe(Debug(unsafe), Default)]
pub union U {
    #[educe(Default)]
    pub x: u32,
    pub y: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all() {
        let s = S::<u8, str>::new();
        assert_eq!(format!("{s:?}"), "Shown { bytes: 0x7, c: None }");
        assert!(s == s.clone());
        let mut e = E::default();
        *e += 2;
        assert_eq!(Into::<u32>::into(e), 2);
        assert_eq!(unsafe { U::default().x }, 0);
    }
}
