use typed_builder::TypedBuilder;
#[derive(TypedBuilder)]
struct A {
    a: u8,
    #[builder(default, setter(skip, into), wrong)]
    b: u8,
    #[builder(setter(skip))]
    c: u8,
}
#[derive(TypedBuilder)]
struct B {
    a: u8,
    b: String,
}
#[derive(TypedBuilder)]
enum C {
    A,
}
fn main() {
    B::builder().a(1).build();
    B::builder().a(1).a(2).b(String::new()).build();
    B::builder().b("x").build();
}
