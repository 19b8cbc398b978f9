use num_derive::*;
#[derive(FromPrimitive)]
enum A {
    A(u8),
}
#[derive(FromPrimitive)]
struct B {
    a: u8,
}
#[derive(ToPrimitive)]
enum C<T> {
    A(T),
}
#[derive(NumOps)]
struct D(u8, u8);
#[derive(FromPrimitive)]
union U {
    a: u8,
}
fn main() {}
