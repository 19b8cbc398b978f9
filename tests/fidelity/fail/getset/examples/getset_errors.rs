use getset::{CopyGetters, Getters, Setters};
#[derive(Getters)]
struct A {
    #[getset(get = "pub nonsense there")]
    a: u8,
    #[get = "private?"]
    b: u8,
}
#[derive(CopyGetters)]
struct B {
    #[getset(get_copy = "pub")]
    c: String,
}
#[derive(Setters)]
enum C {
    A,
}
#[derive(Getters)]
struct D {
    #[getset(gte)]
    d: u8,
    #[getset(skip, get)]
    e: u8,
}
fn main() {}
