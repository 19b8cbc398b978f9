//! Syntax errors inside what macros gave back in each way.
use macros_tokens::*;
untouched! { fn a() { x += = } }
one_by_one! { fn b( { } ) }
rebuilt! { struct C { a u8 } }
partly! { fn d() { let = 1; } }
reparsed! { enum E { A ==, } }
#[seen]
fn g() -> { }
odd! { trait }
fn main() {}
