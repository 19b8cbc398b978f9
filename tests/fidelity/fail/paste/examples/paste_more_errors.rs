paste::paste! { fn [<"1" a>]() {} }
paste::paste! { const [<A (b)>]: u8 = 1; }
paste::paste! { const A: u8 = [<env_ "NOT_SET_ANYWHERE">]; }
paste::paste! { #[doc = "a" 'b' [<c "d">] 5] fn ok() -> u8 { "x" } }
fn main() {}
