//! `paste` 0.1: works through proc-macro-hack.
macro_rules! define {
    ($($name:ident),*) => {
        $(paste::item! { pub fn [<make_ $name:snake>]() -> &'static str { stringify!($name) } })*
        pub fn all() -> Vec<&'static str> { vec![$(paste::expr! { [<make_ $name:snake>]() }),*] }
    };
}
define!(FirstOne, SecondOne);

#[cfg(test)]
mod tests {
    #[test]
    fn all() {
        assert_eq!(super::all(), ["FirstOne", "SecondOne"]);
    }
}
