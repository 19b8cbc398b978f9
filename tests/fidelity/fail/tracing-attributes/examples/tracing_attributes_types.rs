use tracing::instrument;
struct NotDebug;
#[instrument(ret)]
fn a(x: NotDebug) -> NotDebug {
    x
}
#[instrument(err)]
fn b() -> u8 {
    1
}
#[instrument]
async fn c(y: u8) -> String {
    let z = y;
    z
}
#[instrument(skip(self))]
fn d() {}
fn main() {}
