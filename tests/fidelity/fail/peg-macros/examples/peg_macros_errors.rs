peg::parser! {
    grammar a() for str {
        rule x() = y() "a"
        rule z() = z() "b"
        rule w() -> u8 = "c" { "not u8" }
    }
}
peg::parser! {
    grammar b() for str {
        rule x( = "a"
    }
}
fn main() {}
