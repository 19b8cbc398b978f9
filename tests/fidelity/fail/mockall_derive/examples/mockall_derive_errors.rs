use mockall::{automock, mock};
#[automock]
struct S;
#[automock]
trait T {
    fn f<T>(&self, t: &T) -> impl Iterator<Item = &u8>;
    type A;
    fn g(&self) -> Self::A;
}
mock! {
    X {
        fn f(&self) -> ;
    }
}
#[automock(type Item)]
trait U {
    type Item;
}
fn main() {}
