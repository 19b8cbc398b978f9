use macros_tokens::parse_text;
const A: &str = parse_text!("'ab'");
const B: &str = parse_text!("b'é'");
const C: &str = parse_text!("'");
fn main() {}
