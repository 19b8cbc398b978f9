use derive_more::*;
#[derive(FromStr)]
struct A(u8, u8);
#[derive(Deref)]
struct B {
    a: u8,
    b: u8,
}
#[derive(Display)]
enum C {
    A(u8, u8),
}
#[derive(Display)]
#[display(fmt = "{}")]
struct D(u8);
#[derive(Add)]
union U {
    a: u8,
}
#[derive(Unwrap)]
enum E {
    A { x: u8 },
}
fn main() {}
