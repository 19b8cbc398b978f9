use ref_cast::{ref_cast_custom, RefCast};
#[derive(RefCast)]
struct A(u8);
#[derive(RefCast)]
#[repr(transparent)]
struct B {
    a: u8,
    b: u8,
}
#[derive(RefCast)]
#[repr(transparent)]
enum C {
    A,
}
impl A {
    #[ref_cast_custom]
    fn new(x: &u8) -> &Self {
        x
    }
}
fn main() {}
