use enum_dispatch::enum_dispatch;
#[enum_dispatch]
trait T {
    fn f(&self) -> u8;
    fn no_self() -> u8;
}
struct A;
#[enum_dispatch(T)]
enum E {
    A,
    Missing,
}
#[enum_dispatch(T, U<)]
enum F {
    A,
}
#[enum_dispatch]
struct S;
#[enum_dispatch(T)]
enum G {
    X(u8, u8),
    Y { y: u8 },
}
fn main() {}
