use strum::*;
#[derive(EnumString)]
struct A;
#[derive(EnumIter)]
enum B<'a> {
    A(&'a u8),
}
#[derive(EnumString)]
enum C {
    #[strum(default)]
    A,
    #[strum(default)]
    B(String),
    #[strum(serialise = "x")]
    C,
}
#[derive(Display)]
#[strum(serialize_all = "Wobbly")]
enum D {
    A,
}
#[derive(FromRepr)]
#[repr(C, align(8))]
enum E {
    A = 1 + 2,
    B(u8),
}
#[derive(EnumIter)]
enum F {
    A(std::num::NonZeroU8),
}
fn main() {}
