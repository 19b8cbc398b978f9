//! `derive-deftly`: templates that become macros that call the macro again with them.
use derive_deftly::{define_derive_deftly, derive_deftly_adhoc, Deftly};

define_derive_deftly! {
    Getters:
    impl<$tgens> $ttype where $twheres {
        $(
            ${when not(fmeta(skip))}
            ///  Gets it.
            pub fn ${paste get_ $fname}(&self) -> &$ftype { &self.$fname }
        )
    }
}
define_derive_deftly! {
    Count for enum:
    impl<$tgens> $ttype {
        pub fn names() -> &'static [&'static str] { &[ $( ${if vmeta(name) { ${vmeta(name) as str} } else { stringify!($vname) }}, ) ] }
    }
}

#[derive(Deftly)]
#[derive_deftly(Getters)]
#[derive_deftly_adhoc]
pub struct S<'a, T: Clone> {
    pub name: &'a str,
    pub t: T,
    #[deftly(skip)]
    pub hidden: u8,
}
#[derive(Deftly)]
#[derive_deftly(Count)]
pub enum E {
    A,
    #[deftly(name = "bee")]
    B(u8),
}

derive_deftly_adhoc! {
    S:
    pub const FIELDS: usize = ${for fields { 1 + }} 0;
    pub const TEXT: &str = stringify!($tname $( $fname, ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let s = S { name: "n", t: 1, hidden: 0 };
        assert_eq!((*s.get_name(), *s.get_t(), FIELDS, E::names()), ("n", 1, 3, &["A", "bee"][..]));
    }
}
