#[macro_use]
extern crate serde_derive;
#[derive(Deserialize)]
struct S<'a> {
    a: &'a str,
}
#[derive(Serialize)]
struct T {
    #[serde(unknown)]
    b: u8,
}
fn main() {}
