//! `wasm-bindgen-macro`: expands on every host; the generated code is inert there.
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    pub type Document;
    #[wasm_bindgen(js_namespace = console)]
    fn log(s: &str);
    #[wasm_bindgen(method, getter, js_name = "bodyText")]
    pub fn body(this: &Document) -> String;
    #[wasm_bindgen(constructor)]
    pub fn new() -> Document;
    #[wasm_bindgen(catch, variadic)]
    pub fn call(args: &[JsValue]) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
pub fn greet(name: &str, n: Option<u32>) -> Result<String, JsValue> {
    Ok(format!("{name}{n:?}"))
}

#[wasm_bindgen(js_name = Renamed, getter_with_clone, inspectable)]
#[derive(Clone, Default)]
pub struct State {
    pub count: u32,
    #[wasm_bindgen(readonly, js_name = "theName")]
    pub name: String,
    #[wasm_bindgen(skip)]
    pub hidden: Vec<u8>,
}

#[wasm_bindgen(js_class = Renamed)]
impl State {
    /// Makes one.
    #[wasm_bindgen(constructor)]
    pub fn make(count: u32) -> State {
        State { count, ..Default::default() }
    }
    #[wasm_bindgen(setter)]
    pub fn set_twice(&mut self, n: u32) {
        self.count = n * 2;
    }
    pub async fn later(self) -> u32 {
        self.count
    }
}

#[wasm_bindgen]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Colour {
    Red = 1,
    Green,
}

#[wasm_bindgen(inline_js = "export function add(a, b) { return a + b; }")]
extern "C" {
    fn add(a: u32, b: u32) -> u32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_side() {
        assert_eq!(greet("x", Some(1)).unwrap(), "xSome(1)");
        let mut s = State::make(1);
        s.set_twice(4);
        assert_eq!((s.count, Colour::Green as u32), (8, 2));
    }
}
