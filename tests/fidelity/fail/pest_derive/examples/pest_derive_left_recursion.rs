#[derive(pest_derive::Parser)]
#[grammar_inline = "a = { a ~ \"b\" } a = { \"x\"* } c = { (\"\")* }"]
struct D;
fn main() {}
