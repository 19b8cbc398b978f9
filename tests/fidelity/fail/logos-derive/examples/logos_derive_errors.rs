use logos::Logos;
#[derive(Logos)]
enum A {
    #[regex("[a-z")]
    X,
    #[token("a", priority = "x")]
    Y,
    #[regex("a*")]
    Z,
}
#[derive(Logos)]
enum B {
    #[regex("[a-z]+")]
    X,
    #[regex("[a-c]+")]
    Y,
}
#[derive(Logos)]
struct C;
#[derive(Logos)]
#[logos(skip(), wrong = 1, error = )]
enum D {
    #[token(3)]
    X(u8, u8),
}
fn main() {}
