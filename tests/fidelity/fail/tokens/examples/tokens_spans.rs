//! Errors of the compiler in tokens that went through a macro in each way: where do they point?
use macros_tokens::*;
untouched! { fn a() -> u8 { "untouched" } }
one_by_one! { fn b() -> u8 { missing_b(1 + "x") } }
rebuilt! { fn c() -> u8 { let x: &str = 1 << 2; x . y } }
partly! { fn d(x: NoSuchType) -> u8 { let y: u8 = x; y.z } }
reparsed! { fn e() -> u8 { "reparsed" } }
fn f() -> u8 {
    hygiene!(x + 1)
}
#[seen(a b)]
fn g() -> u8 {
    "attribute"
}
#[derive(Shown)]
struct S {
    #[shwn]
    a: NoSuchType,
}
odd! { fn h() -> u8 { "odd" } }
fn unused_result() {
    untouched!({ let unused = 1; });
    let x = rebuilt!(2);
}
fn main() {}
