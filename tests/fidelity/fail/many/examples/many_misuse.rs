#[derive(many::Twn)]
struct A;
#[derive(many::register)]
struct B;
#[many::counter]
struct C;
many::Twin!();
#[panics(x)]
struct D;
#[many::register = "x"]
struct E;
const G: u8 = many::seven!();
const H: u32 = many::old_counter!();
#[derive(Debug, many::Twin, Clone)]
struct I<T> {
    x: u8,
}
use many::{counter, nothing};
fn main() {}
