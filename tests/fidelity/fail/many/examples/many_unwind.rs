many::panics!(overflow too);
many::panics!(unwrap);
const FIRST: &str = many::caught!();
many::panics!(unwrap);
const SECOND: &str = many::caught!();
const CHECK: u8 = FIRST;
fn main() {}
