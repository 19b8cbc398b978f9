use tracing::instrument;
#[instrument(level = "loud", skip(nothing), fields(a.b = ), unknown)]
fn a(x: u8) {}
#[instrument(skip_all, skip(x))]
fn b(x: u8) {}
#[instrument(name = "a", name = "b")]
fn c() {}
#[instrument]
struct D;
#[instrument]
const fn e() -> u8 {
    0
}
fn main() {}
