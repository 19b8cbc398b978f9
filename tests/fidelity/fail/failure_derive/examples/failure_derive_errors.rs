use failure::Fail;
#[derive(Debug, Fail)]
enum A {
    #[fail(display = 3)]
    A,
    #[fail(dsplay = "x")]
    B,
}
#[derive(Debug, Fail)]
#[fail(display = "two", display = "again")]
struct B;
#[derive(Debug, Fail)]
struct C(#[cause] std::fmt::Error, #[fail(cause)] std::fmt::Error);
fn main() {}
