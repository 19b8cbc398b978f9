use thiserror::Error;
#[derive(Error, Debug)]
#[error(transparent)]
enum E {
    A(u8),
    #[error(transparent)]
    B(u8, u8),
}
#[derive(Error, Debug)]
#[error(fmt = nowhere)]
struct F(u8);
#[derive(Error, Debug)]
#[error("{}", x =)]
struct G(u8);
#[derive(Error, Debug)]
union U {
    a: u8,
}
fn main() {}
