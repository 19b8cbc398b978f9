use enum_dispatch::enum_dispatch;
#[enum_dispatch]
trait T {
    fn f(&self) -> u8;
}
struct A;
struct B;
impl T for A {
    fn f(&self) -> u8 {
        "no"
    }
}
#[enum_dispatch(T)]
enum E {
    A(A),
    B(B),
    Again(A),
}
fn main() {}
