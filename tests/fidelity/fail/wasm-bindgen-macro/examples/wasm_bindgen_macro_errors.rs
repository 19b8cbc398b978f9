use wasm_bindgen::prelude::*;
#[wasm_bindgen]
pub fn a<T>(x: T) {}
#[wasm_bindgen]
pub struct B<'a>(&'a u8);
#[wasm_bindgen]
pub enum C {
    A(u8),
}
#[wasm_bindgen(wrong)]
pub fn d() {}
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(method)]
    fn e();
    fn f(x: NotAbi);
}
#[wasm_bindgen]
pub trait G {}
fn main() {}
