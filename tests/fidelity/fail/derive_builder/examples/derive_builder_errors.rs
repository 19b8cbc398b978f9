use derive_builder::Builder;
#[derive(Builder)]
#[builder(setter(sideways), pattern = "wrong", nope)]
struct A {
    #[builder(default = "3 +")]
    a: u8,
    #[builder(setter(into = "maybe"), default("x"))]
    b: String,
}
#[derive(Builder)]
enum B {
    A,
}
#[derive(Builder)]
struct C(u8);
#[derive(Builder)]
struct D {
    a: std::sync::Mutex<u8>,
    #[builder(deflt)]
    c: u8,
}
fn main() {}
