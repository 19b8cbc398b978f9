#[zerovec::make_ule(AULE)]
struct A {
    a: u8,
}
#[zerovec::make_ule(BULE)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum B {
    X = 1,
    Y = 300,
}
#[derive(yoke::Yokeable)]
struct C<'a, 'b> {
    a: &'a u8,
    b: &'b u8,
}
#[derive(zerofrom::ZeroFrom)]
union U {
    a: u8,
}
#[derive(zerofrom::ZeroFrom)]
struct D<'a> {
    a: std::borrow::Cow<'a, str>,
    b: std::cell::Cell<&'a u8>,
}
fn main() {}
