use zerocopy::*;
#[derive(FromBytes)]
#[repr(u8)]
enum A {
    X,
}
#[derive(IntoBytes)]
#[repr(C)]
struct B {
    a: u8,
    b: u32,
}
#[derive(Unaligned)]
#[repr(C, align(2))]
struct C(u8);
#[derive(Immutable, FromZeros)]
struct D {
    a: std::cell::Cell<u8>,
    b: &'static u8,
}
fn main() {}
