use clap::Parser;
struct NotParseable;
#[derive(Parser)]
struct A {
    #[arg(long)]
    a: NotParseable,
    #[arg(long, default_value_t = "x")]
    b: u8,
    #[command(subcommand, flatten)]
    c: Option<u8>,
    #[arg(raw(true), parse(from_str))]
    d: String,
}
fn main() {}
