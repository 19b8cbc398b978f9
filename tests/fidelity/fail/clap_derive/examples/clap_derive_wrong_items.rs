use clap::{Args, Parser, Subcommand, ValueEnum};
#[derive(Parser)]
struct Tuple(u8, u8);
#[derive(ValueEnum, Clone)]
enum V {
    A(u8),
}
#[derive(Subcommand)]
struct S {
    a: u8,
}
#[derive(Args)]
enum E {
    A,
}
fn main() {}
