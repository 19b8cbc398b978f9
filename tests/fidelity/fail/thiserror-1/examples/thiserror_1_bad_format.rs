use thiserror::Error;
#[derive(Error, Debug)]
enum E {
    #[error("{missing} {0}")]
    A { x: u8 },
    #[error("unclosed {")]
    B,
    #[error("{1}")]
    C(u8),
}
fn main() {}
