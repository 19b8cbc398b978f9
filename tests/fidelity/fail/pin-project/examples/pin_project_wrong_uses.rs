use pin_project::{pin_project, pinned_drop};
#[pin_project]
struct A {
    #[pin()]
    a: u8,
    #[pin]
    #[pin]
    b: u8,
}
#[pin_project(UnsafeUnpin, !Unpin)]
struct B(#[pin] u8);
#[pin_project(project = P, project = Q, unknown)]
enum C {
    A,
}
#[pin_project]
#[repr(packed)]
struct D {
    #[pin]
    a: u16,
}
#[pin_project(project_replace)]
enum E {
    A(#[pin] u8),
}
#[pinned_drop]
impl Drop for B {
    fn drop(&mut self) {}
}
#[pin_project]
union U {
    a: u8,
}
fn main() {}
