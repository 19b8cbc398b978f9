use delegate::delegate;
struct S(Vec<u8>);
impl S {
    delegate! {
        to self.0 {
            fn len(&self) -> u8;
            fn missing(&self);
            #[call(push)]
            fn add(&self, x: u8);
        }
    }
    delegate! { to self.0 { const X: u8; } }
    delegate! { at self.0 { fn is_empty(&self) -> bool; } }
    delegate! { to self.0 { #[call(a, b)] #[call(c)] fn first(&self); } }
}
fn main() {}
