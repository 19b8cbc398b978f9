use displaydoc::Display;
#[derive(Display)]
enum A {
    X,
    /// {0} {missing}
    Y(u8),
    /// {1}
    Z(u8),
}
#[derive(Display)]
union U {
    a: u8,
}
/// {self.x}
#[derive(Display)]
struct S {
    x: Vec<u8>,
}
fn main() {}
