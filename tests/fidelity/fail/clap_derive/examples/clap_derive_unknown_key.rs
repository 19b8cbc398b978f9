use clap::Parser;
#[derive(Parser)]
#[command(nme = "x")]
struct A {
    #[arg(shrt)]
    a: u8,
}
#[derive(Parser)]
struct B {
    #[arg(long = )]
    b: u8,
}
fn main() {}
