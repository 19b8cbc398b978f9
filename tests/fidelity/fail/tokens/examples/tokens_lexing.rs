use macros_tokens::parse_text;
const A: &str = parse_text!("(");
const B: &str = parse_text!(")");
const C: &str = parse_text!("1e+");
const D: &str = parse_text!("0b12");
const E: &str = parse_text!("1__ `");
fn main() {}
