//! `macro_rules_attribute-proc_macro`: `macro_rules!` macros as attributes and derives.
use macro_rules_attribute::{
    apply, attribute_alias, derive, derive_alias, macro_rules_attribute, macro_rules_derive,
};

macro_rules! doubled {
    ($(#[$m:meta])* $v:vis fn $name:ident() -> $t:ty { $e:expr }) => {
        $(#[$m])* $v fn $name() -> $t { 2 * ($e) }
    };
    ([$by:expr] $(#[$m:meta])* $v:vis fn $name:ident() -> $t:ty { $e:expr }) => {
        $v fn $name() -> $t { $by * ($e) }
    };
}
#[macro_rules_attribute(doubled!)]
/// Twice.
pub fn four() -> u8 {
    2
}
#[apply(doubled)]
pub fn six() -> u8 {
    3
}

macro_rules! Names {
    ($(#[$m:meta])* $v:vis struct $name:ident $($rest:tt)*) => {
        impl $name {
            pub const NAME: &'static str = stringify!($name);
        }
    };
}
derive_alias! {
    #[derive(Plain!)] = #[derive(Debug, Clone, PartialEq)];
}
#[derive(Names!, Plain!, Default)]
pub struct S {
    pub a: u8,
}
#[macro_rules_derive(Names)]
pub struct T(u8);

attribute_alias! {
    #[apply(quiet!)] = #[allow(non_snake_case)] #[inline];
}
#[apply(quiet!)]
pub fn LOUD() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applied() {
        assert_eq!((four(), six(), S::NAME, T::NAME), (4, 6, "S", "T"));
        assert_eq!(S::default().clone(), S { a: 0 });
    }
}
