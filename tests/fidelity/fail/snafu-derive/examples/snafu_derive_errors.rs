use snafu::prelude::*;
#[derive(Debug, Snafu)]
enum A {
    #[snafu(display("{missing}"), display("twice"), nope)]
    X { source: std::io::Error },
    Y(u8),
    Z { source: u8, backtrace: u8, #[snafu(source)] other: std::fmt::Error },
}
#[derive(Debug, Snafu)]
union U {
    a: u8,
}
fn f() -> Result<(), B> {
    std::fs::read("x").context(XSnafu)?;
    NoSnafu { id: 1 }.fail()
}
#[derive(Debug, Snafu)]
enum B {
    No { id: String },
}
fn main() {}
