use pin_project::{pin_project, pinned_drop};
use std::pin::Pin;
#[pin_project(PinnedDrop)]
struct A {
    #[pin]
    a: u8,
}
#[pin_project]
struct B {
    #[pin]
    b: u8,
}
impl Drop for B {
    fn drop(&mut self) {}
}
#[pin_project]
struct C {
    #[pin]
    c: std::marker::PhantomPinned,
}
impl Unpin for C {}
#[pinned_drop]
impl PinnedDrop for C {
    fn drop(self: Pin<&mut Self>, x: u8) {}
}
fn main() {}
