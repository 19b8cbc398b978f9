use educe::Educe;
#[derive(Educe)]
#[educe(Debug, Debug, Nope)]
struct A(u8);
#[derive(Educe)]
#[educe(Debug(name(3), unknown = 1))]
struct B(u8);
#[derive(Educe)]
#[educe(Default)]
enum C {
    A,
    B,
}
#[derive(Educe)]
#[educe(Deref)]
struct D {
    a: u8,
    b: u8,
}
#[derive(Educe)]
#[educe(Debug, PartialEq)]
union U {
    a: u8,
}
#[derive(Educe)]
struct Nothing;
fn main() {}
