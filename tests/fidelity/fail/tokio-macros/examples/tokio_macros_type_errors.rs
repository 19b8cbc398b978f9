#[tokio::main]
async fn main() -> Result<(), ()> {
    missing_function();
    let x: u8 = "a";
    None?;
    Ok(())
}
#[tokio::main]
async fn ends() -> u8 {
    let unused = 1;
    return Ok(());
}
async fn selects() {
    tokio::select! { x = async { 1 } if true => {} };
    tokio::select! {
        Some(x) = async { 1u8 } => x,
        else => "y",
    }
}
