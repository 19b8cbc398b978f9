use derive_more::{Deref, Display, From, FromStr, Index, Into, IsVariant, Not, TryFrom, TryInto};
#[derive(From, Into)]
struct A {
    #[from(nope)]
    a: u8,
}
#[derive(Display)]
#[display("{missing} {0}")]
struct B {
    b: u8,
}
#[derive(Deref)]
enum C {
    A(u8),
}
#[derive(IsVariant)]
struct D;
#[derive(TryFrom)]
enum E {
    A,
}
#[derive(Not)]
struct F(String);
#[derive(Index, TryInto, FromStr)]
struct G(u8, u8);
fn main() {}
