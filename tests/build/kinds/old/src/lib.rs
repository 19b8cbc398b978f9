//! Edition 2015.

#[macro_use]
extern crate outer;

#[derive(Greet)]
pub struct Old;

pub fn greet() -> &'static str {
    Old::greet()
}
