//! `pin-project` (and `-internal`): structs, enums, pinned drop, replace.
use pin_project::{pin_project, pinned_drop};
use std::pin::Pin;

#[pin_project]
#[derive(Debug)]
pub struct Struct<'a, T: 'a, U>
where
    U: Clone,
{
    #[pin]
    pub pinned: T,
    pub unpinned: &'a mut U,
}

#[pin_project(project = EnumProj, project_ref = EnumProjRef, project_replace = EnumOwn)]
pub enum Enum<T, U> {
    Tuple(#[pin] T),
    Struct { field: U },
    Unit,
}

#[pin_project(PinnedDrop, !Unpin)]
pub struct Dropper<T> {
    #[pin]
    inner: T,
    pub seen: std::rc::Rc<std::cell::Cell<u8>>,
}
#[pinned_drop]
impl<T> PinnedDrop for Dropper<T> {
    fn drop(self: Pin<&mut Self>) {
        let this = self.project();
        this.seen.set(this.seen.get() + 1);
        let _ = &this.inner;
    }
}

#[pin_project(UnsafeUnpin)]
pub struct Custom<T>(#[pin] pub T, pub u8);
unsafe impl<T: Unpin> pin_project::UnsafeUnpin for Custom<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects() {
        let mut n = 1;
        let mut s = Struct { pinned: 2u8, unpinned: &mut n };
        let p = Pin::new(&mut s).project();
        **p.unpinned += 1;
        assert_eq!(*p.pinned, 2);
        let mut e: Enum<u8, u8> = Enum::Struct { field: 4 };
        match Pin::new(&mut e).project_replace(Enum::Unit) {
            EnumOwn::Struct { field } => assert_eq!(field, 4),
            _ => unreachable!(),
        }
        assert!(matches!(Pin::new(&mut e).project(), EnumProj::Unit));
        let seen = std::rc::Rc::new(std::cell::Cell::new(0));
        drop(Dropper { inner: 1, seen: seen.clone() });
        assert_eq!(seen.get(), 1);
    }
}
