use thiserror::Error;
#[derive(Error, Debug)]
enum E {
    #[error("a")]
    A,
    B,
}
#[derive(Error)]
#[error("not debug {0}")]
struct NotDebug(Vec<u8>);
#[derive(Error, Debug)]
#[error("two sources")]
struct Two(#[source] std::io::Error, #[from] std::fmt::Error);
fn main() {}
