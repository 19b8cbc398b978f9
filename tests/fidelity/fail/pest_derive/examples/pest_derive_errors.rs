#[derive(pest_derive::Parser)]
#[grammar_inline = "a = { b }"]
struct A;
#[derive(pest_derive::Parser)]
#[grammar_inline = "a = { \"x\" ~ }"]
struct B;
fn main() {}
