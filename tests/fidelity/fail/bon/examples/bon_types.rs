use bon::builder;
#[builder]
fn greet(name: &str, #[builder(default = "no")] age: u8) -> String {
    format!("{name}{age}")
}
fn main() {
    greet().call();
    greet().name("a").name("b").call();
    greet().name(3).call();
    greet().nme("a").call();
    greet().name("x");
}
