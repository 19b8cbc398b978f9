use derivative::Derivative;
#[derive(Derivative)]
#[derivative(Debug = "wrong", Nope)]
struct A(u8);
#[derive(Derivative)]
#[derivative(Default)]
enum B {
    A,
}
#[derive(Derivative)]
#[derivative(PartialEq)]
struct C(#[derivative(PartialEq = "perhaps")] u8);
#[derive(Derivative)]
#[derivative(Debug(bound = "T: ???"))]
struct D<T>(T);
fn main() {}
