//! Files that are looked for and do not exist: a refusal that changes nothing is not told.
many::looks!("nowhere");
fn main() {}
