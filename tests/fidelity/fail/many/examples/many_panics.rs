many::panics!(text);
many::panics!(formatted);
many::panics!(number);
many::panics!(index);
many::panics!(unwrap);
many::panics!(expect);
many::panics!(lines);
#[derive(many::PanicsToo)]
#[panics(x)]
struct S;
#[many::panics_also(x)]
fn f() {}
#[many::panics_also]
mod inner {
    fn g() {}
}
// The state survives: eight panicked above, each after it had counted.
const N: [(); many::counter!() as usize] = [];
fn main() {
    let _: u8 = many::panics!(text);
}
