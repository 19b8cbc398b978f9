use typed_builder::TypedBuilder;
#[derive(TypedBuilder)]
struct B<'a, T> {
    a: &'a T,
    #[builder(default)]
    b: Vec<T>,
}
fn main() {
    let _ = B::builder().build();
    let _ = B::builder().a(&1).a(&2).build();
    let _: B<u8> = B::builder().a(&"x").build();
}
