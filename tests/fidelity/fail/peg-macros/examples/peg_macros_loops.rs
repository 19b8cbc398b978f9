peg::parser! {
    grammar c() for str {
        rule e() = ("a"?)*
        rule f() = "x" "y"*<3>
        rule f() = "z"
        pub rule g(n: usize) -> usize = "a" { n + missing }
    }
}
fn main() {}
