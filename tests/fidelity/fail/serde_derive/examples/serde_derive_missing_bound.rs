use serde::{Deserialize, Serialize};
trait Tr {
    type A;
}
#[derive(Serialize, Deserialize)]
struct S<T: Tr> {
    a: T::A,
    b: fn(u8),
}
fn needs<T: Serialize>(_: T) {}
#[deprecated]
#[derive(Serialize)]
struct Old {
    #[deprecated]
    x: u8,
}
fn main() {
    needs(std::rc::Rc::new(1));
}
