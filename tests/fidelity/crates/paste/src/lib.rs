//! `paste`: no syn, hand-written; case conversion, docs, nesting.
use paste::paste;

paste! {
    #[doc = "Says " "hello" "."]
    pub fn [<say_ hello>]() -> &'static str { stringify!([<A b _c>]) }
    pub const [<UPPER_ lower:upper>]: u8 = 1;
    pub struct [<snake_to_camel:camel>] { pub [<CamelToSnake:snake>]: u8 }
}

macro_rules! getters {
    ($struct:ident { $($field:ident: $ty:ty = $lit:literal),* $(,)? }) => {
        paste! {
            pub struct $struct { $($field: $ty),* }
            impl $struct {
                pub fn new() -> Self { Self { $($field: $lit),* } }
                $(
                    #[doc = "Returns `" $field "`."]
                    pub fn [<get_ $field:lower>](&self) -> &$ty { &self.$field }
                    pub fn [<set_ $field _ $lit>](&mut self, v: $ty) { self.$field = v; }
                )*
            }
        }
    };
}
getters!(Config { host: u8 = 1, port: u16 = 80 });

macro_rules! lifetimes {
    ($($n:ident $l:lifetime),*) => { paste! { pub struct Lives<$($l),*> { $(pub [<$n _field>]: &$l str),* } } };
}
lifetimes!(a 'a, b 'b);

paste! { pub mod [<env_ "CARGO_PKG_NAME">] { pub const X: &str = "env"; } }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(say_hello(), "Ab_c");
        assert_eq!(SnakeToCamel { camel_to_snake: UPPER_LOWER }.camel_to_snake, 1);
        let mut c = Config::new();
        c.set_port_80(81);
        assert_eq!((*c.get_host(), *c.get_port()), (1, 81));
        assert_eq!(Lives { a_field: "x", b_field: "y" }.b_field, "y");
    }
}
