#[remain::sorted]
enum E {
    B,
    A(u8),
    C,
}
#[remain::check]
fn f(x: u8) {
    #[sorted]
    match x {
        2 => {}
        1 => {}
        _ => {}
    }
    #[sorted]
    let y = 1;
}
#[remain::sorted]
struct S {
    b: u8,
    a: u8,
}
#[remain::sorted(x)]
fn g() {}
fn main() {}
