use const_format::*;
const A: &str = formatcp!("{}");
const B: &str = formatcp!("{missing}");
const C: &str = formatcp!("{:>5} {", 1);
const D: &str = concatcp!(1, std::cell::Cell::new(1));
#[derive(ConstDebug)]
#[cdeb(wrong)]
struct E {
    #[cdeb(is_a(nothing))]
    a: u8,
    b: Vec<u8>,
}
fn main() {}
