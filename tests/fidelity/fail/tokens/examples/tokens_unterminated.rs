use macros_tokens::parse_text;
const A: &str = parse_text!("/* open");
fn main() {}
