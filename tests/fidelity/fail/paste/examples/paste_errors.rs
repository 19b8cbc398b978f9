paste::paste! {
    fn [<a b>]() {}
    fn [<a:wrong>]() {}
    fn [<>]() {}
}
fn main() {}
