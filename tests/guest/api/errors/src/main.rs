//! Each of these lines is an error, natively and in the sandbox the same one.

api_macros::from_bad_text!();
api_macros::identity!(nowhere);
api_macros::identity!();
api_macros::fail!(text a b);
api_macros::fail!(static);
api_macros::fail!(other);
api_macros::fail!(compile_error (x y) z);
api_macros::fail!(type x);
api_macros::fail!(hygiene);

#[api_macros::fail_attribute(no)]
fn attributed() {}

#[derive(api_macros::Fail)]
struct Derived {
    #[not_a_helper]
    field: u8,
}

fn main() {}
