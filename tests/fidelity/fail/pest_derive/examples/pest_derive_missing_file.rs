#[derive(pest_derive::Parser)]
#[grammar = "nowhere.pest"]
struct C;
fn main() {}
