use bon::{bon, builder, Builder};
#[builder]
fn a(#[builder(wrong)] x: u8, #[builder(default = "x", skip)] y: u8) {}
#[builder(start_fn)]
fn b(self) {}
#[derive(Builder)]
struct C(u8);
#[derive(Builder)]
enum D {
    A,
}
struct S;
impl S {
    #[builder]
    fn method(&self, x: u8) {}
}
#[bon]
impl S {
    #[builder(nope(x))]
    fn other(&self, x: u8) {}
}
fn main() {}
