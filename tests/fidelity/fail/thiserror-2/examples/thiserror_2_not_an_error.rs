#[derive(thiserror::Error, Debug)]
#[error("source")]
struct S {
    source: String,
}
#[derive(thiserror::Error, Debug)]
#[error("{0:x} {0:?}")]
struct NoHex(f32);
#[derive(Debug, thiserror::Error)]
#[error("{self}")]
struct Endless;
fn main() {}
